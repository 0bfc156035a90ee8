"""Layers that join several tensors: sum, product, and concatenation of channels."""

from abc import ABC, abstractmethod
from itertools import combinations
from typing import ClassVar, Literal, final

from pydantic import BaseModel, ConfigDict

from shapecalc.notation import Shape, hwc
from shapecalc.problems import LayerError


class Merge(BaseModel, ABC):
    """A layer that reads several tensors, position by position; it learns nothing and multiplies no weights."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", defer_build=True)

    bare: ClassVar[str | None] = None
    aliases: ClassVar[dict[str, str]] = {}

    @abstractmethod
    def out_shape(self, arriving: tuple[Shape, ...]) -> Shape:
        """The output's shape. LayerError where what arrives does not go together; `producers` mends the message."""

    @abstractmethod
    def notes(self, arriving: tuple[Shape, ...], out: Shape) -> tuple[str, ...]:
        """What a reader should know about this layer at these shapes."""


class _ElementWise(Merge, ABC):
    """Joins that keep the shape; axes of size 1 are repeated, as PyTorch broadcasts them."""

    def out_shape(self, arriving: tuple[Shape, ...]) -> Shape:
        """The common shape, channels equal, spatial axes equal or 1."""
        if len({len(shape) for shape in arriving}) > 1 or len({shape[0] for shape in arriving}) > 1:
            raise _unlike(arriving, channels=True)
        out = tuple(max(sizes) for sizes in zip(*arriving, strict=True))
        for shape in arriving:
            if any(size not in (1, whole) for size, whole in zip(shape[1:], out[1:], strict=True)):
                raise _unlike(arriving, channels=True)
        return out

    def notes(self, arriving: tuple[Shape, ...], out: Shape) -> tuple[str, ...]:
        """Which input is repeated."""
        repeated = dict.fromkeys(hwc(shape) for shape in arriving if shape != out)
        return tuple(f"{shape} is repeated to {hwc(out)}" for shape in repeated)


@final
class Add(_ElementWise):
    """The sum of its inputs, element by element."""


@final
class Multiply(_ElementWise):
    """The product of its inputs, element by element; not counted as multiply-adds, by convention."""


@final
class Concat(Merge):
    """The channels of its inputs, one after the other."""

    axis: Literal["channels"] = "channels"

    def out_shape(self, arriving: tuple[Shape, ...]) -> Shape:
        """``(C₁ + C₂ + …, *spatial)``; the spatial sizes must be equal."""
        if len({shape[1:] for shape in arriving}) > 1:
            raise _unlike(arriving, channels=False)
        return (sum(shape[0] for shape in arriving), *arriving[0][1:])

    def notes(self, arriving: tuple[Shape, ...], out: Shape) -> tuple[str, ...]:
        """Nothing."""
        return ()


def _unlike(arriving: tuple[Shape, ...], *, channels: bool) -> LayerError:
    """The shapes do not go together; who makes them is added by the walk, which knows."""
    return LayerError("unlike-shapes", " and ".join(map(hwc, arriving)), help=_mend(arriving, channels=channels))


def _mend(arriving: tuple[Shape, ...], *, channels: bool) -> str | None:
    """What would make the first two unlike shapes alike, in `channels` too, where it can be said."""
    first, second = next((a, b) for a, b in combinations(arriving, 2) if not _go_together(a, b, channels=channels))
    if len(first) != len(second):
        flat = min(first, second, key=len)
        return f"keepdims: true on a global pooling keeps {flat[0]} channels as a map" if len(flat) == 1 else None
    if first[1:] == second[1:]:
        return f"a 1×1 convolution with out_channels {first[0]} on the other branch gives {hwc(first)}"
    has_other_channels = channels and first[0] != second[0]
    larger, smaller = (first, second) if first[1] > second[1] else (second, first)
    factor = _factor(larger[1:], smaller[1:])
    if factor is None:
        narrow = f", and a 1×1 convolution with out_channels {first[0]} as deep" if has_other_channels else ""
        return f"`crop` or padding would make {hwc(second)} as large as {hwc(first)}{narrow}"
    if has_other_channels:
        return f"a convolution with stride {factor} and out_channels {smaller[0]} where {hwc(larger)} is made"
    return f"stride {factor} where {hwc(larger)} is made, or upsample: {factor} where {hwc(smaller)} is"


def _go_together(first: Shape, second: Shape, *, channels: bool) -> bool:
    """Whether two shapes can be joined: element by element, or one's `channels` behind the other's."""
    if not channels:
        return first[1:] == second[1:]
    pairs = zip(first[1:], second[1:], strict=False)
    return len(first) == len(second) and first[0] == second[0] and all(a == b or 1 in (a, b) for a, b in pairs)


def _factor(larger: tuple[int, ...], smaller: tuple[int, ...]) -> int | None:
    """How many times as large every axis is, where that is one whole number above 1."""
    factor = larger[0] // smaller[0]
    return factor if factor > 1 and larger == tuple(factor * size for size in smaller) else None


MERGES: dict[str, type[Merge]] = {"add": Add, "multiply": Multiply, "concat": Concat}
"""Joins by their words."""
