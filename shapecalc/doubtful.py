"""Inputs that fit, and are probably not what is meant."""

from __future__ import annotations

from shapecalc.notation import Shape, hwc
from shapecalc.problems import Problem

MOST_CHANNELS = 4
"""Of an image: grey, coloured, or coloured and transparent."""

LONGEST = 4
"""Few images are more than four times as wide as high, or as high as wide."""


def doubtful_input(written: object, shape: Shape | dict[str, Shape]) -> list[Problem]:
    """A warning where the channels seem to stand at the wrong end, or to be missing."""
    fixed = None
    if isinstance(shape, dict):
        return []
    if isinstance(written, list) and len(shape) >= 3 and _is_an_image(shape[:-1], shape[-1]):
        message = f"the list {list(shape)} is read channels first, {shape[0]} channels; it looks channels last"
        fixed = f"write {_typed((shape[-1], *shape[:-1]))}, or {[shape[-1], *shape[:-1]]}"
    elif isinstance(written, str) and len(shape) == 3 and _is_an_image((shape[2], shape[0]), shape[1]):
        message = f"{_typed(shape)} is read as height {shape[1]} and {shape[0]} channels; it looks channels first"
        fixed = f"write {_typed((shape[1], shape[2], shape[0]))}, or {[shape[1], shape[2], shape[0]]}"
    elif isinstance(written, str) and len(shape) == 2 and shape[0] == shape[1] > 4:
        message = (
            f"{_typed(shape)} is read as length {shape[1]} and {shape[0]} channels; the channels seem to be missing"
        )
        fixed = f"write {_typed((1, *shape))} for a grey image, {_typed((3, *shape))} for a coloured one"
    return [Problem("doubtful-input", message, ("input",), help=fixed, severity="warning")] if fixed else []


def _is_an_image(sizes: tuple[int, ...], channels: int) -> bool:
    """Whether these are rather the sizes and channels of an image than part of a deep map, as 4×512 of 4×4×512 are."""
    height, width = sizes[-2:]
    return channels <= MOST_CHANNELS < min(sizes) and max(height, width) <= LONGEST * min(height, width)


def _typed(shape: Shape) -> str:
    """The shape as it is typed in a spec."""
    return hwc(shape).replace("×", "x")
