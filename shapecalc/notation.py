"""How shapes and sizes are written: ``224x224x3`` in a spec, ``224×224×3`` for people."""

from __future__ import annotations

import re

Shape = tuple[int, ...]

MAX_SIZE = 2**31 - 1
"""The largest size of one axis, number of channels or setting; PyTorch's kernels index with 32 bits too."""

MAX_AXES = 3
"""A tensor has at most depth, height and width beside its channels."""

AXIS_NAMES: dict[int, tuple[str, ...]] = {
    1: ("length",),
    2: ("height", "width"),
    3: ("depth", "height", "width"),
}
"""The spatial axes of a tensor, by their number, in the order of its shape."""

_TIMES = re.compile(r"\s*[x×]\s*")


def parse_shape(text: str) -> Shape:
    """The channels-first shape that `text` writes as spatial sizes, then channels; one number is a flat shape.

    Raises ValueError where it is no such text.

    >>> parse_shape("224x224x3")
    (3, 224, 224)
    >>> parse_shape("784")
    (784,)
    """
    parts = _TIMES.split(text.strip())
    if not all(re.fullmatch(r"[0-9]+(_[0-9]+)*", part) and len(part) <= 20 for part in parts):
        raise ValueError(text)
    *spatial, channels = (int(part) for part in parts)
    return (channels, *spatial)


def hwc(shape: Shape) -> str:
    """The shape as in lectures, spatial sizes then channels.

    >>> hwc((64, 112, 112))
    '112×112×64'
    """
    return times((*shape[1:], shape[0]))


def times(sizes: tuple[int, ...]) -> str:
    """The sizes in their order, with a multiplication sign between them.

    >>> times((3, 5))
    '3×5'
    """
    return "×".join(map(str, sizes))


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """The number with its noun.

    >>> counted(1, "row"), counted(1200, "row"), counted(2, "axis", "axes")
    ('1 row', '1,200 rows', '2 axes')
    """
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def shown(value: object) -> str:
    """A value as YAML would write it, shortened, for a message."""
    if value is None or isinstance(value, bool):
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    if isinstance(value, int) and abs(value) >= 10**20:
        return f"a number of {len(str(abs(value)))} digits" if abs(value) < 10**4000 else "a huge number"
    text = " ".join(str(value).split())
    return f"`{text if len(text) <= 40 else text[:37] + '…'}`"
