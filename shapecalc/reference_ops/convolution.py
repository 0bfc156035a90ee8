"""Convolution, its transpose and its separable form.

Run on all ones (input, weight, padding; no bias) `conv` sums to its multiply-accumulate count, and
`conv_transpose` does without padding, which crops.
"""

# ruff: noqa: PLR0913  (a layer's own fields)

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Literal

import numpy as np

from shapecalc.reference_ops.arrays import (
    Array,
    Ints,
    Pairs,
    by_group,
    channels_first,
    channels_last,
    per_channel,
    require,
    require_shape,
    spatial_rank,
)
from shapecalc.reference_ops.columns import CHUNK, ROWS, Sliding, as_slice, boxes, chunks, reads
from shapecalc.reference_ops.linear import at_each_place
from shapecalc.reference_ops.rearrange import crop
from shapecalc.reference_ops.windows import pad_spatial, require_settings, same_padding, taps


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
    require(weight.shape[0] % groups == 0, f"out_channels {weight.shape[0]} must be divisible by groups {groups}")
    if padding == "same":
        padding = same_padding(x.shape[1:], kernel, stride, dilation)
    if padding_mode != "zeros" or prod(kernel) == 1:
        x, padding = pad_spatial(x, padding, padding_mode, padding_value), [(0, 0) for _ in kernel]
    if prod(kernel) == 1:
        (alone,) = taps(x, kernel, stride, dilation)
        return _plus_bias(at_each_place(alone, weight.reshape(weight.shape[:2]), groups), bias)
    tables = reads(x, Sliding(kernel, stride, dilation, padding))
    correlate = _correlate_alone if groups == x.shape[0] > 1 else _correlate
    return _plus_bias(channels_first(correlate(x, weight, tables, padding_value)), bias)


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
    require_settings(spatial_rank(x), kernel, stride, dilation)
    for extra, s, d in zip(output_padding, stride, dilation, strict=True):
        require(0 <= extra < max(s, d), f"output_padding {extra} must be below stride {s} or dilation {d}")
    axes = zip(x.shape[1:], kernel, stride, dilation, strict=True)
    tables = [s * np.arange(size)[:, None] + d * np.arange(k) for size, k, s, d in axes]  # where (input, tap) lands
    ends = [int(table.max()) + 1 + extra for table, extra in zip(tables, output_padding, strict=True)]
    full = np.zeros((*ends, groups * weight.shape[1]), np.result_type(x, weight))
    _spread(x, _matrices(weight, x.shape[0] // _share(x, groups)), tables, full)
    return _plus_bias(crop(channels_first(full), amount=padding), bias)


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


def _correlate(x: Array, weight: Array, tables: Sequence[Array], padding_value: float) -> Array:
    """What a window reads as one row, times the weights as a matrix, group by group: `(*positions, out)`."""
    out = np.empty((*map(len, tables), len(weight)), np.result_type(x, weight))
    groups, positions = x.shape[0] // weight.shape[1], out[..., 0].size
    is_turned = positions < len(weight)  # then not the weights but the few rows have their channels moved
    matrices = weight.reshape(groups, -1, weight[0].size) if is_turned else _matrices(weight, groups)
    most = max(CHUNK // (groups * weight[0].nbytes), ROWS)
    columns = np.empty((groups, min(most, positions), weight[0].size), x.dtype)
    for box, read in chunks(x, tables, padding_value, most):
        entries = by_group(read, groups)
        entries = np.moveaxis(entries, -1, 1 + len(box)) if is_turned else entries
        products = out[box].reshape(-1, len(weight))
        rows = columns[:, : len(products)]
        rows.reshape(entries.shape)[...] = entries
        np.matmul(rows, matrices.swapaxes(1, 2), out=by_group(products, groups))
    return out


def _correlate_alone(x: Array, weight: Array, tables: Sequence[Array], padding_value: float) -> Array:
    """Each channel times weights of its own `(out, 1, *kernel)`: `(*positions, out)`."""
    out = np.empty((*map(len, tables), len(weight)), np.result_type(x, weight))
    per_tap = np.ascontiguousarray(channels_last(weight[:, 0]))
    axes = [*range(per_tap.ndim + len(tables))]  # of positions, of the kernel, of channels
    most = CHUNK // (len(weight) * x.itemsize) or 1
    alone = x if len(x) == len(weight) else x.repeat(len(weight) // len(x), axis=0)
    for box, read in chunks(alone, tables, padding_value, most):
        np.einsum(read, axes, per_tap, axes[len(box) :], [*axes[: len(box)], axes[-1]], out=out[box])
    return out


def _spread(x: Array, matrices: Array, tables: Sequence[Array], full: Array) -> None:
    """Adds to `full` what every input sends through every tap, to the place that the tables tell."""
    places, groups = channels_last(x), len(matrices)
    kernel = [table.shape[1] for table in tables]
    for box in boxes(x.shape[1:], CHUNK // matrices[:, 0].nbytes):
        here = places[box]
        sent = by_group(here.reshape(-1, x.shape[0]), groups) @ matrices
        by_tap = np.moveaxis(sent.reshape(groups, *here.shape[:-1], *kernel, -1), 0, -2)
        for tap in np.ndindex(*kernel):
            target = full[tuple(as_slice(table[at, t]) for table, at, t in zip(tables, box, tap, strict=True))]
            target += by_tap[(*map(slice, here.shape[:-1]), *tap)].reshape(target.shape)


def _matrices(weight: Array, groups: int) -> Array:
    """A weight `(a, b, *kernel)` as a matrix for each group of a: `(groups, a/groups, taps*b)`."""
    return np.moveaxis(weight, 1, -1).reshape(groups, len(weight) // groups, -1)


def _plus_bias(out: Array, bias: Array | None) -> Array:
    """`out` with its bias, in place where the types allow."""
    if bias is None:
        return out
    same = np.result_type(out, bias) == out.dtype
    return np.add(out, per_channel(bias, out), out=out if same else None)
