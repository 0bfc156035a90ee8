"""Layers that only move values: flatten, reshape, shuffles, pad, crop, slice."""

from math import prod
from typing import Annotated, ClassVar, Literal, final

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from shapecalc.layers.fields import Amounts, Count, Pair, ShapeField, Sizes, pads, per_axis
from shapecalc.layers.layer import (
    Parameterless,
    PositionByPosition,
    Quiet,
    Reading,
    ShapeKeeping,
    divides,
    spatial,
)
from shapecalc.layers.window import mode_allows
from shapecalc.notation import AXIS_NAMES, MAX_SIZE, Shape, hwc
from shapecalc.problems import LayerError
from shapecalc.windows import PaddingMode, enlarged, strided


@final
class Identity(Parameterless, ShapeKeeping, Quiet):
    """What arrives."""


@final
class Flatten(Parameterless, Quiet):
    """All values in a row; from `spatial` on, the channels stay: C×(H·W). Source: PyTorch, Flatten."""

    start: Literal["channels", "spatial"] = "channels"

    bare: ClassVar[str | None] = "start"

    def out_shape(self, arriving: Shape) -> Shape:
        """``(C·H·W,)``, or ``(C, H·W)``."""
        if self.start == "channels":
            return (prod(arriving),)
        return (arriving[0], prod(spatial(arriving, "flatten from `spatial` on")))

    def reading(self, arriving: Shape, out: Shape) -> Reading:
        """By convention the whole input; what is flat already stays as it is."""
        return "pointwise" if arriving == out else "whole"


@final
class Reshape(Parameterless, Quiet):
    """The same values in another shape, channels first. Source: PyTorch, Unflatten and reshape."""

    shape: ShapeField

    bare: ClassVar[str | None] = "shape"

    def out_shape(self, arriving: Shape) -> Shape:
        """`shape`."""
        if prod(self.shape) != prod(arriving):
            message = (
                f"{hwc(self.shape)} has {prod(self.shape):,} values, "
                f"but {hwc(arriving)} with {prod(arriving):,} arrives"
            )
            raise LayerError("size-mismatch", message, field="shape", help=self._mend(prod(arriving)))
        return self.shape

    def _mend(self, values: int) -> str | None:
        per_channel = prod(self.shape[1:])
        if values % per_channel:
            return None
        return f"{hwc((values // per_channel, *self.shape[1:]))} would fit"

    def reading(self, arriving: Shape, out: Shape) -> Reading:
        """By convention the whole input, unless nothing moves."""
        return "pointwise" if arriving == out else "whole"


@final
class PixelShuffle(Parameterless, Quiet):
    """Channels become positions, `upscale_factor` times as many per axis. Source: PyTorch, PixelShuffle."""

    upscale_factor: Count

    bare: ClassVar[str | None] = "upscale_factor"
    aliases: ClassVar[dict[str, str]] = {"block_size": "upscale_factor"}

    def out_shape(self, arriving: Shape) -> Shape:
        """``(C/r², H·r, W·r)`` with r = upscale_factor; r per axis in other ranks."""
        sizes = spatial(arriving, "a pixel shuffle")
        volume = self.upscale_factor ** len(sizes)
        if arriving[0] % volume:
            message = f"the channels that arrive ({arriving[0]:,}) must be divisible by {volume:,}"
            advice = f"{self.upscale_factor} in each of {len(sizes)} axes takes {volume:,} channels for one"
            raise LayerError("not-divisible", message, field="upscale_factor", help=advice)
        return (arriving[0] // volume, *(size * self.upscale_factor for size in sizes))

    def reading(self, arriving: Shape, out: Shape) -> Reading:
        """Output i holds a channel of position ⌊i/r⌋."""
        return tuple(enlarged(self.upscale_factor) for _ in arriving[1:])


@final
class PixelUnshuffle(Parameterless, Quiet):
    """Positions become channels (space to depth). Source: PyTorch, PixelUnshuffle."""

    downscale_factor: Count

    bare: ClassVar[str | None] = "downscale_factor"
    aliases: ClassVar[dict[str, str]] = {"block_size": "downscale_factor"}

    def out_shape(self, arriving: Shape) -> Shape:
        """``(C·r², H/r, W/r)`` with r = downscale_factor; r per axis in other ranks."""
        sizes = spatial(arriving, "a pixel unshuffle")
        for name, size in zip(AXIS_NAMES[len(sizes)], sizes, strict=True):
            divides(self.downscale_factor, size, f"the {name} that arrives", "downscale_factor")
        volume = self.downscale_factor ** len(sizes)
        return (arriving[0] * volume, *(size // self.downscale_factor for size in sizes))

    def reading(self, arriving: Shape, out: Shape) -> Reading:
        """Output i holds the r positions from i·r on."""
        return tuple(strided(self.downscale_factor, self.downscale_factor) for _ in arriving[1:])


@final
class ChannelShuffle(Parameterless, PositionByPosition, Quiet):
    """Channels dealt out anew over `groups`. Source: PyTorch, ChannelShuffle."""

    groups: Count

    bare: ClassVar[str | None] = "groups"

    def out_shape(self, arriving: Shape) -> Shape:
        """The shape that arrives."""
        spatial(arriving, "a channel shuffle")
        divides(self.groups, arriving[0], "the channels that arrive", "groups")
        return arriving


@final
class Pad(Parameterless, Quiet):
    """Positions added before and after each axis. Source: PyTorch, ZeroPad2d and its kin."""

    padding: Amounts
    mode: PaddingMode = "zeros"

    bare: ClassVar[str | None] = "padding"

    def out_shape(self, arriving: Shape) -> Shape:
        """``(C, before + n + after, …)``."""
        sizes = spatial(arriving, "a padding")
        amounts = pads(self.padding, len(sizes))
        for (before, after), size in zip(amounts, sizes, strict=True):
            mode_allows(self.mode, max(before, after), size)
        return (arriving[0], *(b + n + a for (b, a), n in zip(amounts, sizes, strict=True)))

    def reading(self, arriving: Shape, out: Shape) -> Reading:
        """The position, moved by the padding before it."""
        amounts = pads(self.padding, len(arriving) - 1)
        return tuple(strided(1, before=before, beyond=self.mode) for before, _ in amounts)


@final
class Crop(Parameterless, Quiet):
    """Positions taken away: an amount before and after each axis, or all but the centre of a given size.

    A centre that cannot lie in the middle lies one position nearer to the start.
    """

    amount: Amounts | None = None
    size: Sizes | None = None

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["amount"]}, {"required": ["size"]}]})

    bare: ClassVar[str | None] = "amount"

    @model_validator(mode="after")
    def _one_of_two(self) -> "Crop":
        if (self.amount is None) == (self.size is None):
            raise PydanticCustomError("one-of", "`crop` wants either `amount` or `size`")
        return self

    def amounts(self, arriving: Shape) -> tuple[Pair, ...]:
        """Positions taken before and after each axis."""
        sizes = spatial(arriving, "a crop")
        if self.amount is not None:
            return pads(self.amount, len(sizes), "amount")
        assert self.size is not None
        spare = [n - wanted for n, wanted in zip(sizes, per_axis(self.size, len(sizes), "size"), strict=True)]
        return tuple((total // 2, total - total // 2) for total in spare)

    def out_shape(self, arriving: Shape) -> Shape:
        """``(C, n − before − after, …)``."""
        amounts = self.amounts(arriving)
        out = tuple(n - before - after for (before, after), n in zip(amounts, arriving[1:], strict=True))
        field = "size" if self.amount is None else "amount"
        if min(out) < 1 or min(map(min, amounts)) < 0:
            wanted = f"{hwc((arriving[0], *out))} cannot be cut from {hwc(arriving)}"
            raise LayerError("does-not-fit", wanted, field=field, help="crop less")
        return (arriving[0], *out)

    def reading(self, arriving: Shape, out: Shape) -> Reading:
        """The position, moved by what is taken before it."""
        return tuple(strided(1, before=-before) for before, _ in self.amounts(arriving))


Bound = Annotated[int, Field(ge=0, le=MAX_SIZE)]


@final
class Slice(Parameterless, PositionByPosition, Quiet):
    """Channels `first` up to, not including, `last`."""

    channels: Annotated[tuple[Bound, Bound], Field(strict=False)]

    bare: ClassVar[str | None] = "channels"

    def out_shape(self, arriving: Shape) -> Shape:
        """``(last − first, *spatial)``."""
        first, last = self.channels
        if not first < last <= arriving[0]:
            message = f"channels {first} up to {last} are not among the {arriving[0]} that arrive"
            advice = f"the first from 0 to {arriving[0] - 1}, the last after it, at most {arriving[0]}"
            raise LayerError("does-not-fit", message, field="channels", help=advice)
        return (last - first, *arriving[1:])
