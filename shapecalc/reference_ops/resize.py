"""Upsampling, one axis after another: each output sample is a weighted sum of a few input samples."""

from __future__ import annotations

import math
from functools import reduce
from typing import NamedTuple

import numpy as np

from shapecalc.reference_ops.arrays import Array, Ints, channels_first, channels_last, require, spatial_rank

_RANKS = {"linear": 1, "bilinear": 2, "trilinear": 3, "bicubic": 2}

_CUBIC_A = -0.75  # Keys' kernel with PyTorch's constant


class _Axis(NamedTuple):
    """One axis: `size` input samples become `samples`, reads/per input samples apart.

    Two numbers, because a rounded quotient would put a nearest sample on the wrong side of a whole place.
    """

    size: int
    samples: int
    reads: float
    per: float


def upsample(
    x: Array,
    *,
    size: Ints | None = None,
    scale_factor: tuple[float, ...] | None = None,
    mode: str = "nearest",
    align_corners: bool = False,
) -> Array:
    """`x` `(C, *spatial)` with `size` samples per axis, or floor(n * scale_factor): `(C, *samples)`."""
    rank = spatial_rank(x)
    require(mode == "nearest" or mode in _RANKS, f"no such mode: {mode}")
    require(_RANKS.get(mode, rank) == rank, f"mode {mode} is not for {rank} spatial axes")
    require(not (mode == "nearest" and align_corners), "align_corners is not for nearest")
    for at, axis in enumerate(_grid(x.shape[1:], size, scale_factor), start=1):
        require(axis.samples >= 1, f"size {axis.size} must keep at least one sample")
        x = _resample(x, at, axis, mode, align_corners)
    return x


def _grid(sizes: Ints, size: Ints | None, scale_factor: tuple[float, ...] | None) -> list[_Axis]:
    """The axes; with scale_factor it alone sets their distance, even where floor made the size smaller."""
    if size is not None and scale_factor is None:
        return [_Axis(n, wanted, n, wanted) for n, wanted in zip(sizes, size, strict=True)]
    if scale_factor is not None and size is None:
        return [_Axis(n, math.floor(n * f), 1.0, f) for n, f in zip(sizes, scale_factor, strict=True)]
    raise ValueError("upsample needs exactly one of size and scale_factor")


def _resample(x: Array, at: int, axis: _Axis, mode: str, align_corners: bool) -> Array:
    """`x` with one axis resampled."""
    out = np.arange(axis.samples)
    if mode == "nearest":
        return _gather(x, at, np.floor(out * axis.reads / axis.per))
    if align_corners:
        source = out * ((axis.size - 1) / max(axis.samples - 1, 1))
    else:
        source = (out + 0.5) * axis.reads / axis.per - 0.5
    if mode == "bicubic":
        return _cubic(x, at, source)
    # PyTorch copies where the size stays, though scale_factor 1.3 would move the samples of size 3.
    return _linear(x, at, out if axis.samples == axis.size else source)


def _linear(x: Array, at: int, source: Array) -> Array:
    """`x` read at `source` on the straight line between neighbours; beyond the border, the last sample."""
    low = np.floor(source)
    share = _along(source - low, x, at)
    out, following = _gather(x, at, low), _gather(x, at, low + 1)
    out *= 1.0 - share
    following *= share
    out += following
    return out


def _cubic(x: Array, at: int, source: Array) -> Array:
    """`x` read at `source` on the cubic through four neighbours; beyond the border, the border's sample."""
    low = np.floor(source)
    near = (_gather(x, at, low + place) * _along(_keys(source - low - place), x, at) for place in range(-1, 3))
    return np.asarray(reduce(np.add, near))


def _keys(distance: Array) -> Array:
    """The weight of a sample at this distance (Keys 1981, eq. 15 with a free)."""
    d, a = np.abs(distance), _CUBIC_A
    inner = (a + 2.0) * d**3 - (a + 3.0) * d**2 + 1.0
    outer = a * (d**3 - 5.0 * d**2 + 8.0 * d - 4.0)
    return np.where(d <= 1.0, inner, np.where(d < 2.0, outer, 0.0))


def _gather(x: Array, at: int, places: Array) -> Array:
    """The samples of one axis at these places, the border's where a place lies outside."""
    inside = np.clip(places, 0, x.shape[at] - 1).astype(int)
    return channels_first(channels_last(x).take(inside, axis=at - 1))


def _along(values: Array, x: Array, at: int) -> Array:
    """`values` laid along one axis of `x`, as numbers of its type."""
    shape = [-1 if axis == at else 1 for axis in range(x.ndim)]
    return values.astype(np.result_type(x, np.float16)).reshape(shape)
