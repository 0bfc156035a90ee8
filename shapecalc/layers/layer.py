"""What every layer answers about the tensor that arrives.

A layer is a frozen model of its fields with five answers. A class is abstract and never in a spec,
or final and never subclassed, and each answer is given in exactly one class of a layer's ancestry:
the abstract classes below each fill in what their name says.

The modules of this package do without `from __future__ import annotations`: pydantic would compile and evaluate the
text of every annotation again, which start-up would feel.
"""

from abc import ABC, abstractmethod
from typing import ClassVar, Literal, NamedTuple, TypeAlias

from pydantic import BaseModel, ConfigDict

from shapecalc.notation import Shape, hwc
from shapecalc.problems import LayerError
from shapecalc.windows import Window

Reading: TypeAlias = "Literal['pointwise', 'whole', 'unknown'] | tuple[Window | None, ...]"
"""How outputs read the input: position by position, all of it, through a window per axis (None: not known)."""


class Params(NamedTuple):
    """Learnable values of a layer and its buffers; None where they are not known.

    Buffers are stored but not learned (batch norm's running mean and variance).
    """

    total: int | None
    weights: int | None
    biases: int | None
    buffers: int | None


def learned(weights: int, biases: int = 0, buffers: int = 0) -> Params:
    """The parameters of a layer whose every count is known."""
    return Params(weights + biases, weights, biases, buffers)


NOTHING_LEARNED = learned(0)


class Layer(BaseModel, ABC):
    """A layer type: its fields, and what it does to the shape that arrives.

    Shapes are channels first without a batch axis, ``(C, *spatial)``, or ``(N,)`` where flat.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", defer_build=True)

    bare: ClassVar[str | None] = None
    """The field that a bare value stands for, as in ``maxpool: 2``."""

    aliases: ClassVar[dict[str, str]] = {}
    """Lecture and Keras words for fields."""

    @abstractmethod
    def out_shape(self, arriving: Shape) -> Shape:
        """The output's shape. LayerError where the layer does not fit what arrives."""

    @abstractmethod
    def params(self, arriving: Shape) -> Params:
        """Learnable values and buffers."""

    @abstractmethod
    def macs(self, arriving: Shape, out: Shape) -> int | None:
        """Multiply-adds of the layer's definition for one example; bias additions are not counted."""

    @abstractmethod
    def reading(self, arriving: Shape, out: Shape) -> Reading:
        """How outputs read what arrives, for the receptive field."""

    @abstractmethod
    def notes(self, arriving: Shape, out: Shape) -> tuple[str, ...]:
        """What a reader should know about this layer at these shapes."""


class Quiet(Layer, ABC):
    """Layers about which there is nothing to note."""

    def notes(self, arriving: Shape, out: Shape) -> tuple[str, ...]:
        """Nothing."""
        return ()


class Parameterless(Layer, ABC):
    """Layers that learn and store nothing and multiply nothing: pooling, activations, rearrangements."""

    def params(self, arriving: Shape) -> Params:
        """None to learn, none stored."""
        return NOTHING_LEARNED

    def macs(self, arriving: Shape, out: Shape) -> int | None:
        """0 by convention: no weights are multiplied."""
        return 0


class PositionByPosition(Layer, ABC):
    """Layers whose output at a position depends on the input at that position only."""

    def reading(self, arriving: Shape, out: Shape) -> Reading:
        """The same position."""
        return "pointwise"


class ShapeKeeping(PositionByPosition, ABC):
    """Layers whose output has the shape of their input."""

    def out_shape(self, arriving: Shape) -> Shape:
        """The shape that arrives."""
        return arriving


def spatial(arriving: Shape, what: str) -> tuple[int, ...]:
    """The spatial sizes of what arrives; LayerError where it is flat."""
    if len(arriving) == 1:
        message = f"{what} wants channels and at least one spatial axis, but {arriving[0]:,} flat values arrive"
        raise LayerError("not-spatial", message, help="`reshape` makes a map of them, as in reshape: 28x28x1")
    return arriving[1:]


def sequence(arriving: Shape, what: str) -> int:
    """The length of a sequence ``(C, L)``; LayerError where something else arrives."""
    sizes = spatial(arriving, what)
    if len(sizes) > 1:
        message = f"{what} wants a sequence, channels and a length, but {hwc(arriving)} arrives"
        raise LayerError("wrong-rank", message, help="`flatten: spatial` makes a sequence of its positions")
    return sizes[0]


def agree(given: int | None, arriving: int, field: str, what: str) -> None:
    """LayerError where a number that someone wrote is not the one that arrives."""
    if given is not None and given != arriving:
        message = f"`{field}` is {given:,}, but {arriving:,} {what} arrive"
        advice = f"leave `{field}` out, or write {arriving}"
        raise LayerError("channel-mismatch", message, field=field, help=advice)


def divides(divisor: int, number: int, what: str, field: str) -> None:
    """LayerError where `number` cannot be split into `divisor` equal parts; `what` names the number."""
    if number % divisor:
        message = f"{what} ({number:,}) must be divisible by `{field}` ({divisor:,})"
        raise LayerError("not-divisible", message, field=field, help=_nearest_divisors(divisor, number, field))


def _nearest_divisors(divisor: int, number: int, field: str) -> str | None:
    if number > 10**6:
        return None
    whole = [d for d in range(1, number + 1) if number % d == 0]
    near = sorted(sorted(whole, key=lambda d: abs(d - divisor))[:2])
    return f"`{field}` may be {' or '.join(map(str, near))}"


def fits(
    sizes: tuple[int, ...], arriving: Shape, message: str, advice: str | None = None, field: str | None = None
) -> None:
    """LayerError where an output size would be below 1."""
    if min(sizes, default=1) < 1:
        raise LayerError("does-not-fit", f"{message}; {hwc(arriving)} arrives", field=field, help=advice)
