"""Convolution, its transpose and its separable form.

Run on all ones (input, weight, padding; no bias) `conv` sums to its multiply-accumulate count, and
`conv_transpose` does without padding, which crops.
"""

# ruff: noqa: PLR0913  (a layer's own fields)

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from shapecalc.reference_ops.arrays import (
    Array,
    Ints,
    Pairs,
    join_axes,
    per_channel,
    require,
    require_shape,
    spatial_rank,
)
from shapecalc.reference_ops.rearrange import crop
from shapecalc.reference_ops.windows import pad_spatial, same_padding, taps


def conv(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    *,
    stride: Ints,
    padding: Pairs | Literal["same"],
    dilation: Ints,
    groups: int,
    padding_mode: str = "zeros",
    padding_value: float = 0.0,
) -> Array:
    """`x` `(in, *spatial)` correlated with weight `(out, in/groups, *kernel)`: `(out, *positions)`."""
    kernel = weight.shape[2:]
    _require_weight(weight, x, (*weight.shape[:1], _share(x, groups)))
    if padding == "same":
        padding = same_padding(x.shape[1:], kernel, stride, dilation)
    padded = pad_spatial(x, padding, padding_mode, padding_value)
    return _plus_bias(_correlate(taps(padded, kernel, stride, dilation), weight, groups), bias)


def conv_transpose(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    *,
    stride: Ints,
    padding: Pairs,
    output_padding: Ints,
    dilation: Ints,
    groups: int,
) -> Array:
    """The transpose of `conv`, `(out, *positions)`: each input spreads `(in, out/groups, *kernel)`."""
    kernel = weight.shape[2:]
    _require_weight(weight, x, (*x.shape[:1], *weight.shape[1:2]))
    for extra, s, d in zip(output_padding, stride, dilation, strict=True):
        require(0 <= extra < max(s, d), f"output_padding {extra} must be below stride {s} or dilation {d}")
    reach = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    sides = [(r, r + extra) for r, extra in zip(reach, output_padding, strict=True)]
    padded = pad_spatial(_stuff_zeros(x, stride), sides)
    ones = tuple(1 for _ in kernel)
    turned = _turned(weight, _share(x, groups), groups)
    full = _correlate(taps(padded, kernel, ones, dilation), turned, groups)
    return _plus_bias(crop(full, amount=padding), bias)


def separable_conv(
    x: Array,
    depthwise_weight: Array,
    pointwise_weight: Array,
    bias: Array | None = None,
    *,
    stride: Ints,
    padding: Pairs | Literal["same"],
    dilation: Ints,
) -> Array:
    """Each channel alone by `(in*multiplier, 1, *kernel)`, then all by `(out, in*multiplier, 1, ...)`.

    Returns `(out, *positions)`. Its multiply-accumulates are those of the two `conv` that it is made of.
    """
    channels = x.shape[0]
    alone = conv(x, depthwise_weight, stride=stride, padding=padding, dilation=dilation, groups=channels)
    ones, none = tuple(1 for _ in stride), [(0, 0) for _ in stride]
    require_shape("a pointwise weight", pointwise_weight, (*pointwise_weight.shape[:1], *alone.shape[:1], *ones))
    return conv(alone, pointwise_weight, bias, stride=ones, padding=none, dilation=ones, groups=1)


def _require_weight(weight: Array, x: Array, channels: Sequence[int]) -> None:
    """Nothing where weight has these two channel counts, then one kernel size per spatial axis."""
    require(weight.ndim == 2 + spatial_rank(x), f"weight {weight.shape} does not fit the rank of {x.shape}")
    require_shape("a weight", weight, (*channels, *weight.shape[2:]))


def _share(x: Array, groups: int) -> int:
    """The number of input channels that one group reads."""
    channels = x.shape[0]
    require(groups >= 1, f"groups {groups} must be at least 1")
    require(channels % groups == 0, f"in_channels {channels} must be divisible by groups {groups}")
    return int(channels // groups)


def _correlate(views: Sequence[Array], weight: Array, groups: int) -> Array:
    """The sum over taps of weight times view, group by group: `(out, *positions)`."""
    out_channels = weight.shape[0]
    require(out_channels % groups == 0, f"out_channels {out_channels} must be divisible by groups {groups}")
    total: Array | float = 0.0
    for tap, view in zip(np.ndindex(weight.shape[2:]), views, strict=True):
        per_group = weight[(slice(None), slice(None), *tap)].reshape(groups, -1, weight.shape[1])
        total = total + per_group @ view.reshape(groups, weight.shape[1], -1)
    return np.asarray(total).reshape(out_channels, *views[0].shape[1:])


def _stuff_zeros(x: Array, stride: Ints) -> Array:
    """`x` with stride - 1 zeros between neighbours on each spatial axis, none after the last."""
    for axis, step in enumerate(stride, start=1):
        alone = np.expand_dims(x, axis + 1)
        beside = [(0, step - 1 if at == axis + 1 else 0) for at in range(alone.ndim)]
        x = np.delete(join_axes(np.pad(alone, beside), axis), range(-1, -step, -1), axis)
    return x


def _turned(weight: Array, per_group: int, groups: int) -> Array:
    """A weight `(in, out/groups, *kernel)` as the flipped conv weight `(out, in/groups, *kernel)`."""
    grouped = weight.reshape(groups, per_group, *weight.shape[1:]).swapaxes(1, 2)
    return np.flip(grouped.reshape(-1, per_group, *weight.shape[2:]), tuple(range(2, weight.ndim)))


def _plus_bias(out: Array, bias: Array | None) -> Array:
    return out if bias is None else out + per_channel(bias, out)
