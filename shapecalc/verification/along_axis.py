"""Copies of layers that act along one spatial axis as the layer does, and on the others at a single place.

Probes lie side by side: as channels where an operation keeps channels apart, else on a spatial axis of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from shapecalc.layers import Layer
from shapecalc.layers.activation import Hardtanh, Prelu
from shapecalc.layers.attention import Attention, WindowAttention
from shapecalc.layers.convolution import Conv, ConvTranspose, SeparableConv
from shapecalc.layers.fields import pads, per_axis, per_axis_factor
from shapecalc.layers.linear import Fc
from shapecalc.layers.normalization import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, RmsNorm
from shapecalc.layers.pooling import (
    AdaptiveAvgPool,
    AdaptiveMaxPool,
    AvgPool,
    GlobalAvgPool,
    GlobalMaxPool,
    LpPool,
    MaxPool,
)
from shapecalc.layers.rearrange import ChannelShuffle, Crop, Pad, PixelShuffle, PixelUnshuffle, Slice
from shapecalc.layers.resize import Upsample
from shapecalc.layers.token import ClassToken, PositionEmbedding

MIXED_CHANNELS = 4
"""Channels of a probe where a layer mixes channels: with fewer, a normalisation may hide a change."""


class Copy(NamedTuple):
    """What runs in a layer's place along one axis.

    Attributes:
        layer: acts on the other axes on one place.
        channels: of one probe.
        others: the size of every other axis.
        is_beside: the probes lie on an axis of their own, since the layer mixes channels but no positions.
        low: where values lie that are not lit.
        span: how far above it they are lit.

    """

    layer: Layer
    channels: int = 1
    others: int = 1
    is_beside: bool = False
    low: float = 0.5
    span: float = 64.0


def spans_positions(layer: Layer) -> bool:
    """Whether it is a normalisation whose statistics span positions, which by convention counts as pointwise."""
    if isinstance(layer, LayerNorm | RmsNorm):
        return layer.over != "channels"
    if isinstance(layer, BatchNorm | InstanceNorm):
        return not layer.track_running_stats
    return isinstance(layer, GroupNorm)


def copied(layer: Layer, axis: int, rank: int, probes: int) -> Copy | None:
    """The copy for so many probes. None where a layer is, by convention, not run."""
    make = _COPIES.get(type(layer))
    if make is not None:
        return make(layer, _Along(axis, rank), probes)
    return None if spans_positions(layer) else _pointwise(layer)


class _Along(NamedTuple):
    """One axis among `rank`."""

    axis: int
    rank: int

    def only(self, values: Any, elsewhere: Any) -> tuple[Any, ...]:
        """The axis's own value, and `elsewhere` on the others."""
        return tuple(values[at] if at == self.axis else elsewhere for at in range(self.rank))

    def sizes(self, layer: Any, field: str, elsewhere: int = 1) -> tuple[int, ...]:
        return self.only(per_axis(getattr(layer, field), self.rank, field), elsewhere)

    def window(self, layer: Any) -> dict[str, Any]:
        """Kernel, stride, padding and, where there is one, dilation; a single place on the other axes."""
        stride = layer.kernel_size if layer.stride is None else layer.stride
        same = layer.padding == "same"
        dilation = {"dilation": self.sizes(layer, "dilation")} if "dilation" in type(layer).model_fields else {}
        return {
            "kernel_size": self.sizes(layer, "kernel_size"),
            "stride": self.only(per_axis(stride, self.rank, "stride"), 1),
            "padding": "same" if same else self.only(pads(layer.padding, self.rank), (0, 0)),
            **dilation,
        }


def _with(layer: Layer, **fields: Any) -> Layer:
    return layer.model_copy(update=fields)


def _conv(layer: Conv, along: _Along, probes: int) -> Copy:
    own = {"out_channels": probes, "groups": "depthwise", "in_channels": None, "bias": False}
    return Copy(_with(layer, **own, **along.window(layer)))


def _conv_transpose(layer: ConvTranspose, along: _Along, probes: int) -> Copy:
    own = {"out_channels": probes, "groups": "depthwise", "in_channels": None, "bias": False}
    extra = along.sizes(layer, "output_padding", 0)
    return Copy(_with(layer, **own, **along.window(layer), output_padding=extra))


def _separable(layer: SeparableConv, along: _Along, probes: int) -> Copy:
    return Copy(_with(layer, out_channels=probes, depth_multiplier=1, bias=False, **along.window(layer)))


def _pool(layer: MaxPool | AvgPool | LpPool, along: _Along, probes: int) -> Copy:
    return Copy(_with(layer, **along.window(layer)))


def _adaptive(layer: AdaptiveAvgPool | AdaptiveMaxPool, along: _Along, probes: int) -> Copy:
    size = layer.output_size
    return Copy(_with(layer, output_size=along.only((size,) * along.rank if isinstance(size, int) else size, 1)))


def _upsample(layer: Upsample, along: _Along, probes: int) -> Copy:
    if layer.scale_factor is None:
        return Copy(_with(layer, size=along.sizes(layer, "size")))
    factors = per_axis_factor(layer.scale_factor, along.rank, "scale_factor")
    return Copy(_with(layer, scale_factor=along.only(factors, 1.0)))


def _pad(layer: Pad, along: _Along, probes: int) -> Copy:
    return Copy(_with(layer, padding=along.only(pads(layer.padding, along.rank), (0, 0))))


def _crop(layer: Crop, along: _Along, probes: int) -> Copy:
    if layer.amount is None:
        return Copy(_with(layer, size=along.sizes(layer, "size")))
    return Copy(_with(layer, amount=along.only(pads(layer.amount, along.rank), (0, 0))))


def _window_attention(layer: WindowAttention, along: _Along, probes: int) -> Copy:
    windows, shift = along.sizes(layer, "window_size"), along.sizes(layer, "shift", 0)
    return Copy(_with(layer, window_size=windows, shift=shift, num_heads=probes))


def _attention(layer: Attention, along: _Along, probes: int) -> Copy:
    return Copy(_with(layer, num_heads=probes, key_dim=1, value_dim=1, out_features=probes))


def _as_it_is(layer: Layer, along: _Along, probes: int) -> Copy:
    return Copy(layer)


_COPIES: dict[type[Layer], Callable[[Any, _Along, int], Copy]] = {
    Conv: _conv,
    ConvTranspose: _conv_transpose,
    SeparableConv: _separable,
    MaxPool: _pool,
    AvgPool: _pool,
    LpPool: _pool,
    AdaptiveAvgPool: _adaptive,
    AdaptiveMaxPool: _adaptive,
    GlobalAvgPool: _as_it_is,
    GlobalMaxPool: _as_it_is,
    Upsample: _upsample,
    PixelShuffle: lambda layer, along, probes: Copy(layer, channels=layer.upscale_factor**along.rank),
    PixelUnshuffle: lambda layer, along, probes: Copy(layer, others=layer.downscale_factor),
    Pad: _pad,
    Crop: _crop,
    Attention: _attention,
    WindowAttention: _window_attention,
    ClassToken: _as_it_is,
    PositionEmbedding: _as_it_is,
}
"""Types that read other positions, or know their own; all others are pointwise."""


def _pointwise(layer: Layer) -> Copy:
    """A few channels, which the layer may mix."""
    fields: dict[str, Any] = {}
    if isinstance(layer, Fc):
        fields = {"out_features": 2, "in_features": None}
    elif isinstance(layer, Slice):
        fields = {"channels": (1, 3)}
    elif isinstance(layer, ChannelShuffle):
        fields = {"groups": 2}
    elif isinstance(layer, Prelu):
        fields = {"num_parameters": 1 if layer.num_parameters == 1 else "channels"}
    if isinstance(layer, Hardtanh) and layer.min_val < layer.max_val:  # flat outside of its limits
        return Copy(layer, is_beside=True, low=layer.min_val, span=(layer.max_val - layer.min_val) / 2)
    return Copy(_with(layer, **fields), channels=MIXED_CHANNELS, is_beside=True)
