"""Windows by slicing: no output size is ever computed, the last tap to run out of input decides it."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from shapecalc.reference_ops.arrays import Array, Ints, Pairs, channels_first, channels_last, require, spatial_rank

_NUMPY_MODES: dict[str, Any] = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def pad_spatial(x: Array, padding: Pairs, mode: str = "zeros", value: float = 0.0) -> Array:
    """`x` `(C, *spatial)` with `(before, after)` places added on each spatial axis; `value` is for zeros.

    Without padding it is `x` itself; else the channels stand last in memory.
    """
    require_padding(padding, spatial_rank(x))
    for size, pair in zip(x.shape[1:], padding, strict=True):
        # PyTorch mirrors once and wraps once; the mirror itself is not repeated.
        require(mode != "reflect" or max(pair) < size, f"reflect {pair} must be below the size {size}")
        require(mode != "circular" or max(pair) <= size, f"circular {pair} must not pass the size {size}")
    require(mode == "zeros" or mode in _NUMPY_MODES, f"no such padding mode: {mode}")
    if not np.any(padding):
        return x
    sides, inside = [*padding, (0, 0)], channels_last(x)
    if mode == "zeros":
        return channels_first(np.pad(inside, sides, constant_values=value))
    return channels_first(np.pad(inside, sides, mode=_NUMPY_MODES[mode]))


def require_padding(padding: Pairs, rank: int) -> None:
    """Nothing where padding has one pair of counts for each spatial axis."""
    require(len(padding) == rank, f"padding {padding} must have one pair per spatial axis")
    require(all(min(pair) >= 0 for pair in padding), f"padding {padding} must not be negative")


def require_settings(rank: int, *settings: Ints) -> None:
    """Nothing where kernel size, stride, dilation have one number for each spatial axis, none below 1."""
    require(all(len(each) == rank for each in settings), f"settings {settings} must have {rank} axes")
    require(all(min(each) >= 1 for each in settings), f"settings {settings} must be at least 1")


def taps(padded: Array, kernel_size: Ints, stride: Ints, dilation: Ints) -> list[Array]:
    """What each kernel tap reads, for all windows at once: a `(C, *windows)` view per tap, row-major."""
    rank = spatial_rank(padded)
    require_settings(rank, kernel_size, stride, dilation)
    offsets = product(*(range(0, k * d, d) for k, d in zip(kernel_size, dilation, strict=True)))
    views = [padded[(slice(None), *map(slice, at, [None] * rank, stride))] for at in offsets]
    windows = np.min([view.shape[1:] for view in views], axis=0)
    require(bool(np.all(windows > 0)), f"a window {kernel_size} is larger than its input {padded.shape[1:]}")
    return [view[(slice(None), *map(slice, windows))] for view in views]


def same_padding(sizes: Ints, kernel_size: Ints, stride: Ints, dilation: Ints) -> list[tuple[int, int]]:
    """The least padding with a window for every stride-th input, the odd place after; found by trying."""
    return [_same_pair(*axis) for axis in zip(sizes, kernel_size, stride, dilation, strict=True)]


def _same_pair(size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    wanted = len(range(size)[::stride])
    last_tap = dilation * (kernel - 1)
    total = 0
    while len(range(size + total)[last_tap::stride]) < wanted:
        total += 1
    return total // 2, total - total // 2
