"""Fully connected layers and learned factors."""

from __future__ import annotations

import numpy as np

from shapecalc.reference_ops.arrays import (
    Array,
    by_group,
    channels_first,
    channels_last,
    per_channel,
    require,
    require_shape,
)


def fc(x: Array, weight: Array, bias: Array | None = None, *, per_position: bool = False) -> Array:
    """`weight` `(out, in)` times `(in,)`: `(out,)`; per_position, times every place of `(in, *spatial)`."""
    require(per_position or x.ndim == 1, f"fc reads a flat vector, not shape {x.shape}")
    require_shape("an fc weight", weight, (*weight.shape[:1], *x.shape[:1]))
    out = weight @ x if x.ndim == 1 else at_each_place(x, weight)
    return out if bias is None else out + per_channel(bias, out)


def at_each_place(x: Array, weight: Array, groups: int = 1) -> Array:
    """Weight `(out, in/groups)` times every place of `x` `(in, *spatial)`, group by group: `(out, *spatial)`."""
    rows = channels_last(x).reshape(-1, x.shape[0])
    out = np.empty((len(rows), len(weight)), np.result_type(x, weight))
    matrices = weight.reshape(groups, -1, weight.shape[1]).swapaxes(1, 2)
    np.matmul(by_group(rows, groups), matrices, out=by_group(out, groups))
    return channels_first(out.reshape(*x.shape[1:], -1))


def scale(x: Array, weight: Array) -> Array:
    """`x` `(C, *spatial)` with each channel times its own factor, weight `(C,)`."""
    return x * per_channel(weight, x)
