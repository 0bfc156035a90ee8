"""What the windows of a convolution read, a chunk at a time: all of it at once would be kernel times the input.

Inside, channels stand last: what a window reads then lies in long runs, and each position is one row of a matrix.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from shapecalc.reference_ops.arrays import Array, Ints, Pairs, channels_last, require, spatial_rank
from shapecalc.reference_ops.windows import require_padding, require_settings

CHUNK = 2**20
"""Bytes of a chunk, so that it stays in the processor's cache between its writing and its reading."""

ROWS = 256
"""Positions of a chunk at the least: every product reads all weights, so it should use them often."""

OVERLAP = 4
"""How often on average a place may be read into chunks: neighbours share it, the more so where dilation is wide."""

Box: TypeAlias = tuple[slice, ...]
"""Neighbouring positions, a range on each axis."""

Ends: TypeAlias = "tuple[list[int], list[int]]"
"""The first of the places that are read on each axis, and the one behind the last."""


class Sliding(NamedTuple):
    """How windows slide: one entry per spatial axis in each field."""

    kernel_size: Ints
    stride: Ints
    dilation: Ints
    padding: Pairs


def boxes(sizes: Sequence[int], most: int) -> Iterator[Box]:
    """All positions in row-major order, in boxes of at most so many (and at least 1), none with a gap in memory."""
    steps: list[int] = []
    for size in reversed(sizes):
        steps.insert(0, max(1, min(size, most)))
        most //= size
    starts = product(*(range(0, size, step) for size, step in zip(sizes, steps, strict=True)))
    for start in starts:
        ends = (min(at + step, size) for at, step, size in zip(start, steps, sizes, strict=True))
        yield tuple(map(slice, start, ends))


def reads(x: Array, sliding: Sliding) -> list[Array]:
    """For each axis the place that each tap reads at each position, `(positions, taps)`.

    Places below 0 and from the axis' size on are padding. The last tap to run out of places decides the positions.
    """
    require_settings(spatial_rank(x), *sliding[:3])
    require_padding(sliding.padding, spatial_rank(x))
    axes = zip(x.shape[1:], *sliding, strict=True)
    tables = [_axis_reads(np.arange(-pair[0], size + pair[1]), k, s, d) for size, k, s, d, pair in axes]
    require(all(map(len, tables)), f"a window {sliding.kernel_size} is larger than its input {x.shape[1:]}")
    return tables


def _axis_reads(places: Array, kernel: int, stride: int, dilation: int) -> Array:
    each = [places[tap::stride] for tap in range(0, kernel * dilation, dilation)]
    positions = min(map(len, each))
    return np.stack([tap[:positions] for tap in each], axis=1)


def chunks(x: Array, tables: Sequence[Array], value: float, most: int) -> Iterator[tuple[Box, Array]]:
    """Boxes of at most so many positions with what their windows read, `(*box, *kernel, C)`; padding is `value`.

    Each is a view of the same memory: it holds until the next is asked for.
    """
    places, sizes = channels_last(x), [len(table) for table in tables]
    (whole,), every = boxes(sizes, prod(sizes)), list(boxes(sizes, most))
    all_ends, ends = _ends(tables, whole), _ends(tables, every[0])
    # The first box is the largest. Where boxes overlap widely, what all of them read is kept instead.
    is_kept = len(every) * _volume(ends) > OVERLAP * _volume(all_ends)
    region = _region(all_ends if is_kept else ends, places)
    windows = _windows(region, tables)
    if is_kept:
        _fill(region, places, all_ends, value)
    for box in every:
        if not is_kept:
            _fill(region, places, _ends(tables, box), value)
        yield box, windows[box if is_kept else tuple(slice(at.stop - at.start) for at in box)]


def as_slice(places: Array) -> slice:
    """The slice of these places, which lie evenly."""
    first, last = int(places[0]), int(places[-1])
    return slice(first, last + 1, (last - first) // max(len(places) - 1, 1) or 1)


def _ends(tables: Sequence[Array], box: Box) -> Ends:
    """What lies between these is what a box reads."""
    low = [int(table[at.start, 0]) for table, at in zip(tables, box, strict=True)]
    high = [int(table[at.stop - 1, -1]) + 1 for table, at in zip(tables, box, strict=True)]
    return low, high


def _region(ends: Ends, places: Array) -> Array:
    """Memory for what lies between these ends."""
    low, high = ends
    return np.empty([*np.subtract(high, low), places.shape[-1]], places.dtype)


def _volume(ends: Ends) -> int:
    low, high = ends
    return int(np.prod(np.subtract(high, low)))


def _windows(region: Array, tables: Sequence[Array]) -> Array:
    """The windows in a region that begins where the first of them does, `(*positions, *kernel, C)`."""
    taps = [as_slice(table[0] - table[0, 0]) for table in tables]
    starts = [slice(None, None, as_slice(table[:, 0]).step) for table in tables]
    spatial = tuple(range(len(tables)))
    every = sliding_window_view(region, [tap.stop for tap in taps], spatial)
    return np.moveaxis(every, len(tables), -1)[(*starts, *taps)]


def _fill(region: Array, places: Array, ends: Ends, value: float) -> None:
    """Makes the region what lies between these ends: `value` where that is outside of the places."""
    low, high = ends
    first = [max(at, 0) for at in low]
    last = [max(begin, min(at, size)) for begin, at, size in zip(first, high, places.shape, strict=False)]
    if (first, last) != (low, high):
        region[...] = value
    inside = map(slice, np.subtract(first, low), np.subtract(last, low))
    region[tuple(inside)] = places[tuple(map(slice, first, last))]
