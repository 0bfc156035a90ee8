"""Fully connected layers and learned factors."""

from __future__ import annotations

import numpy as np

from shapecalc.reference_ops.arrays import Array, per_channel, require, require_shape


def fc(x: Array, weight: Array, bias: Array | None = None, *, per_position: bool = False) -> Array:
    """`weight` `(out, in)` times `(in,)`: `(out,)`; per_position, times every place of `(in, *spatial)`."""
    require(per_position or x.ndim == 1, f"fc reads a flat vector, not shape {x.shape}")
    require_shape("an fc weight", weight, (*weight.shape[:1], *x.shape[:1]))
    out = np.tensordot(weight, x, axes=1)
    return out if bias is None else out + per_channel(bias, out)


def scale(x: Array, weight: Array) -> Array:
    """`x` `(C, *spatial)` with each channel times its own factor, weight `(C,)`."""
    return x * per_channel(weight, x)
