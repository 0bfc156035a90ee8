"""Normalisations and the learned scale: shape kept, a few parameters per channel."""

from abc import ABC
from math import prod
from typing import ClassVar, Literal, final

from shapecalc.layers.fields import Count, Real
from shapecalc.layers.layer import (
    NOTHING_LEARNED,
    Params,
    PositionByPosition,
    Quiet,
    ShapeKeeping,
    agree,
    divides,
    learned,
    spatial,
)
from shapecalc.notation import Shape, hwc
from shapecalc.problems import LayerError

SPANS_POSITIONS = "the statistics span positions; counted as pointwise in the receptive field"

Over = Literal["channels", "all", "spatial"]


class _Unmultiplied(PositionByPosition, ABC):
    """Layers whose multiplications are not counted, by convention."""

    def macs(self, arriving: Shape, out: Shape) -> int | None:
        """0 by convention: normalisation and element-wise scaling are not counted."""
        return 0


@final
class BatchNorm(_Unmultiplied, Quiet):
    """Batch normalisation. Source: PyTorch, BatchNorm1d, 2d, 3d; its step counter is not counted."""

    affine: bool = True
    scale: bool | None = None
    bias: bool | None = None
    track_running_stats: bool = True
    num_features: Count | None = None

    def out_shape(self, arriving: Shape) -> Shape:
        """The shape that arrives."""
        agree(self.num_features, arriving[0], "num_features", "channels")
        return arriving

    def params(self, arriving: Shape) -> Params:
        """A factor (gamma) and an offset (beta) per channel; running mean and variance as buffers."""
        gamma = self.affine if self.scale is None else self.scale
        beta = self.affine if self.bias is None else self.bias
        buffers = 2 * arriving[0] if self.track_running_stats else 0
        return learned(arriving[0] * gamma, arriving[0] * beta, buffers)


class _OverAxes(_Unmultiplied, ABC):
    """Normalisations over a choice of axes: the channels of each position, everything, or all positions."""

    over: Over = "channels"
    affine: bool = True

    bare: ClassVar[str | None] = "over"

    def out_shape(self, arriving: Shape) -> Shape:
        """The shape that arrives."""
        if self.over == "spatial":
            spatial(arriving, "a normalisation over positions")
        return arriving

    def normalized(self, arriving: Shape) -> int:
        """Values that share one mean, which is the number of factors learned."""
        return {"channels": arriving[0], "all": prod(arriving), "spatial": prod(arriving[1:])}[self.over]

    def notes(self, arriving: Shape, out: Shape) -> tuple[str, ...]:
        """Where the statistics span positions."""
        return (SPANS_POSITIONS,) if self.over != "channels" and len(arriving) > 1 else ()


@final
class LayerNorm(_OverAxes):
    """Layer normalisation. Source: PyTorch, LayerNorm; over `channels` as ConvNeXt's and a transformer's."""

    bias: bool = True

    def params(self, arriving: Shape) -> Params:
        """A factor and an offset per normalised value."""
        size = self.normalized(arriving)
        return learned(size, size if self.bias else 0) if self.affine else NOTHING_LEARNED


@final
class RmsNorm(_OverAxes):
    """Root-mean-square normalisation. Source: PyTorch, RMSNorm."""

    def params(self, arriving: Shape) -> Params:
        """A factor per normalised value."""
        return learned(self.normalized(arriving)) if self.affine else NOTHING_LEARNED


@final
class GroupNorm(_Unmultiplied):
    """Group normalisation. Source: PyTorch, GroupNorm."""

    num_groups: Count
    affine: bool = True
    num_channels: Count | None = None

    bare: ClassVar[str | None] = "num_groups"
    aliases: ClassVar[dict[str, str]] = {"groups": "num_groups"}

    def out_shape(self, arriving: Shape) -> Shape:
        """The shape that arrives."""
        agree(self.num_channels, arriving[0], "num_channels", "channels")
        divides(self.num_groups, arriving[0], "the channels that arrive", "num_groups")
        return arriving

    def params(self, arriving: Shape) -> Params:
        """A factor and an offset per channel."""
        return learned(arriving[0], arriving[0]) if self.affine else NOTHING_LEARNED

    def notes(self, arriving: Shape, out: Shape) -> tuple[str, ...]:
        """The statistics span positions."""
        return (SPANS_POSITIONS,) if len(arriving) > 1 else ()


@final
class InstanceNorm(_Unmultiplied):
    """Instance normalisation. Source: PyTorch, InstanceNorm1d, 2d, 3d."""

    affine: bool = False
    track_running_stats: bool = False
    num_features: Count | None = None

    def out_shape(self, arriving: Shape) -> Shape:
        """The shape that arrives."""
        sizes = spatial(arriving, "an instance normalisation")
        agree(self.num_features, arriving[0], "num_features", "channels")
        if prod(sizes) == 1 and not self.track_running_stats:
            message = f"an instance normalisation wants more than one position, but {hwc(arriving)} arrives"
            raise LayerError("does-not-fit", message, help="one position has no variance: leave the layer out")
        return arriving

    def params(self, arriving: Shape) -> Params:
        """With `affine` a factor and an offset per channel; tracked mean and variance as buffers."""
        learnable = arriving[0] if self.affine else 0
        return learned(learnable, learnable, 2 * arriving[0] if self.track_running_stats else 0)

    def notes(self, arriving: Shape, out: Shape) -> tuple[str, ...]:
        """The statistics span positions."""
        return (SPANS_POSITIONS,)


@final
class Lrn(_Unmultiplied, Quiet):
    """Local response normalisation over `size` neighbouring channels. Source: PyTorch, LocalResponseNorm."""

    size: Count
    alpha: Real = 1e-4
    beta: Real = 0.75
    k: Real = 1.0

    bare: ClassVar[str | None] = "size"

    def out_shape(self, arriving: Shape) -> Shape:
        """The shape that arrives."""
        spatial(arriving, "a local response normalisation")
        return arriving

    def params(self, arriving: Shape) -> Params:
        """None."""
        return NOTHING_LEARNED


@final
class Scale(_Unmultiplied, ShapeKeeping, Quiet):
    """A learned factor per channel (ConvNeXt's layer scale). Source: torchvision, CNBlock."""

    init: Real = 1.0

    bare: ClassVar[str | None] = "init"

    def params(self, arriving: Shape) -> Params:
        """One factor per channel."""
        return learned(arriving[0])
