"""The words every op shares: the array type, per-axis settings, and two refusals.

An array has no batch axis: `(C, *spatial)`, or flat `(N,)`. In memory the channels may stand last: an op that
works place by place returns a view of such memory, and the next one reads it without a copy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]

Ints: TypeAlias = tuple[int, ...]
"""One number per spatial axis."""

Pairs: TypeAlias = Sequence[tuple[int, int]]
"""`(before, after)` per spatial axis."""


def ones(shape: Sequence[int]) -> Array:
    """An array of ones: on it, every product adds 1 to the sum of the outputs."""
    return np.ones(shape)


def require(truth: bool, message: str) -> None:
    """Nothing where `truth` holds; else a ValueError that states the rule."""
    if not truth:
        raise ValueError(message)


def require_shape(name: str, value: Array, shape: Sequence[int]) -> None:
    """Nothing where `value` has exactly this shape: no weight is ever broadcast."""
    require(value.shape == tuple(shape), f"{name} must have shape {tuple(shape)}, not {value.shape}")


def spatial_rank(x: Array) -> int:
    """The number of spatial axes of `(C, *spatial)`, at least one."""
    require(x.ndim > 1, f"the input must have spatial axes, not shape {x.shape}")
    return x.ndim - 1


def per_channel(value: Array, x: Array) -> Array:
    """`value` of shape `(C,)` as `(C, 1, ...)`, so that it meets every position of `x`."""
    require_shape("a value per channel", value, x.shape[:1])
    return value.reshape(-1, *[1] * (x.ndim - 1))


def channels_last(x: Array) -> Array:
    """`x` `(C, *spatial)` seen as `(*spatial, C)`."""
    return np.moveaxis(x, 0, -1)


def channels_first(x: Array) -> Array:
    """`x` `(*spatial, C)` seen as `(C, *spatial)`."""
    return np.moveaxis(x, -1, 0)


def in_pieces(op: Callable[[Array], Array], x: Array, piece: int = 2**15) -> Array:
    """What an elementwise op of many steps makes of `x`, a piece at a time, so that the steps stay in the cache."""
    out = np.empty_like(x, dtype=np.result_type(x, np.float16))
    read, written = x.ravel(order="K"), out.ravel(order="K")
    for start in range(0, x.size, piece):
        written[start : start + piece] = op(read[start : start + piece])
    return out


def by_group(x: Array, groups: int) -> Array:
    """`x` `(..., C)` seen as `(groups, ..., C/groups)`."""
    return np.moveaxis(x.reshape(*x.shape[:-1], groups, -1), -2, 0)


def join_axes(x: Array, axis: int) -> Array:
    """`x` with an axis and its successor made one, the successor running faster."""
    return x.reshape(*x.shape[:axis], -1, *x.shape[axis + 2 :])
