"""Ops that move, add or drop values without computing with them."""

from __future__ import annotations

from typing import Literal

from shapecalc.reference_ops.arrays import (
    Array,
    Ints,
    Pairs,
    channels_first,
    channels_last,
    join_axes,
    require,
    spatial_rank,
)
from shapecalc.reference_ops.windows import pad_spatial


def identity(x: Array) -> Array:
    """`x` itself."""
    return x


def flatten(x: Array, *, start: Literal["channels", "spatial"] = "channels") -> Array:
    """All values in channels-first order, `(N,)`; from spatial: `(C, positions)`."""
    require(start in {"channels", "spatial"}, f"no such start: {start}")
    if start == "channels":
        return x.reshape(-1)
    require(x.ndim > 1, f"from spatial, the input must have spatial axes, not shape {x.shape}")
    return x.reshape(x.shape[0], -1)


def reshape(x: Array, *, shape: Ints) -> Array:
    """The same values in the same channels-first order, in another shape."""
    require(min(shape) >= 1, f"shape {shape} must be given in full")
    return x.reshape(shape)


def pixel_shuffle(x: Array, *, upscale_factor: int) -> Array:
    """`(C*r^d, *spatial)` as `(C, *(r*spatial))`: r^d channels become a block of r x r ... each."""
    rank, factor = spatial_rank(x), upscale_factor
    block = factor**rank
    require(x.shape[0] % block == 0, f"channels {x.shape[0]} must be divisible by {factor}^{rank}")
    x = channels_last(x).reshape(*x.shape[1:], -1, *[factor] * rank)
    x = x.transpose(*(at for axis in range(rank) for at in (axis, rank + 1 + axis)), rank)
    for axis in range(rank):
        x = join_axes(x, axis)
    return channels_first(x)


def pixel_unshuffle(x: Array, *, downscale_factor: int) -> Array:
    """`(C, *(r*spatial))` as `(C*r^d, *spatial)`: each block becomes r^d channels, undoing pixel_shuffle."""
    rank, factor = spatial_rank(x), downscale_factor
    x = channels_last(x)
    for axis in reversed(range(rank)):
        size = x.shape[axis]
        require(size % factor == 0, f"size {size} must be divisible by downscale_factor {factor}")
        x = x.reshape(*x.shape[:axis], -1, factor, *x.shape[axis + 1 :])
    x = x.transpose(*range(0, 2 * rank, 2), 2 * rank, *range(1, 2 * rank, 2))
    for _ in range(rank):
        x = join_axes(x, rank)
    return channels_first(x)


def channel_shuffle(x: Array, *, groups: int) -> Array:
    """`x` with its channels dealt out: the first of each group, then the second of each, and so on."""
    require(x.shape[0] % groups == 0, f"channels {x.shape[0]} must be divisible by groups {groups}")
    places = channels_last(x)
    dealt = places.reshape(*x.shape[1:], groups, -1).swapaxes(-1, -2)
    return channels_first(dealt.reshape(places.shape))


def pad(x: Array, *, padding: Pairs, mode: str = "zeros", value: float = 0.0) -> Array:
    """`x` with places added around each spatial axis: zeros (or `value`), reflect, replicate or circular."""
    return pad_spatial(x, padding, mode, value)


def crop(x: Array, *, amount: Pairs) -> Array:
    """`x` with `(before, after)` places taken off each spatial axis."""
    require(len(amount) == spatial_rank(x), f"amount {amount} must have one pair per spatial axis")
    for axis, (before, after) in enumerate(amount, start=1):
        size = x.shape[axis]
        require(min(before, after) >= 0, f"amount {(before, after)} must not be negative")
        require(before + after < size, f"amount {(before, after)} leaves nothing of size {size}")
        x = x[(slice(None),) * axis + (slice(before, size - after),)]
    return x


def slice_channels(x: Array, *, channels: tuple[int, int]) -> Array:
    """Channels first to last, without last: `(last - first, *spatial)`."""
    first, last = channels
    require(0 <= first < last <= x.shape[0], f"channels {channels} must lie in order within {x.shape[0]}")
    return x[first:last]
