"""Pooling. Windows come from slicing; ceil_mode lets a last window hang over the end, as in PyTorch."""

# ruff: noqa: PLR0913  (a layer's own fields)

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from shapecalc.reference_ops.arrays import Array, Ints, Pairs, channels_first, channels_last, require, spatial_rank
from shapecalc.reference_ops.windows import pad_spatial, taps


def maxpool(
    x: Array,
    *,
    kernel_size: Ints,
    stride: Ints,
    padding: Pairs,
    dilation: Ints,
    ceil_mode: bool = False,
) -> Array:
    """The greatest value of each window, `(C, *windows)`; padding is -inf."""
    _refuse_wide(padding, kernel_size)
    padded = _hang_over(pad_spatial(x, padding, value=-np.inf), stride, ceil_mode, -np.inf)
    views = taps(padded, kernel_size, stride, dilation)
    return _over(np.maximum, _starting_inside(views, x, padding, stride))


def avgpool(
    x: Array,
    *,
    kernel_size: Ints,
    stride: Ints,
    padding: Pairs,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Array:
    """The mean of each window, `(C, *windows)`; what hangs over the padding's end is never counted."""
    _refuse_wide(padding, kernel_size)

    def sums(values: Array, padding_value: float) -> Array:
        padded = _hang_over(pad_spatial(values, padding, value=padding_value), stride, ceil_mode, 0.0)
        views = taps(padded, kernel_size, stride, tuple(1 for _ in stride))
        return _over(np.add, _starting_inside(views, x, padding, stride))

    counted = np.ones((1, *x.shape[1:]), dtype=x.dtype)
    return np.divide(sums(x, 0.0), sums(counted, float(count_include_pad)))


def lppool(
    x: Array,
    *,
    kernel_size: Ints,
    stride: Ints,
    padding: Pairs,
    ceil_mode: bool = False,
    norm_type: float = 2.0,
) -> Array:
    """The p-norm of each window, `(C, *windows)`, signs kept: torch's mean of powers times the full kernel.

    So a window cut short by ceil_mode counts as if its missing values were the mean of the others, and an
    odd power of negatives may have no real root (nan).
    """
    with np.errstate(invalid="ignore"):
        powers = np.power(x, norm_type)
        means = avgpool(powers, kernel_size=kernel_size, stride=stride, padding=padding, ceil_mode=ceil_mode)
        return np.asarray(np.power(means * prod(kernel_size), 1.0 / norm_type))


def adaptive_avgpool(x: Array, *, output_size: tuple[int | None, ...]) -> Array:
    """The mean of each of `output_size` bins per axis, which may overlap; None keeps an axis."""
    return _adaptive(x, output_size, np.mean)


def adaptive_maxpool(x: Array, *, output_size: tuple[int | None, ...]) -> Array:
    """The greatest value of each of `output_size` bins per axis; None keeps an axis."""
    return _adaptive(x, output_size, np.max)


def global_avgpool(x: Array, *, keepdims: bool = False) -> Array:
    """The mean of each channel: `(C,)`, or `(C, 1, ...)` with keepdims."""
    return np.asarray(np.mean(x, axis=tuple(range(1, spatial_rank(x) + 1)), keepdims=keepdims))


def global_maxpool(x: Array, *, keepdims: bool = False) -> Array:
    """The greatest value of each channel: `(C,)`, or `(C, 1, ...)` with keepdims."""
    return np.asarray(np.max(x, axis=tuple(range(1, spatial_rank(x) + 1)), keepdims=keepdims))


def _over(sum_or_max: Any, views: Sequence[Array]) -> Array:
    """The sum or the greatest over all views, place by place, in new memory laid out as theirs."""
    total = views[0].copy(order="K")
    for view in views[1:]:
        sum_or_max(total, view, out=total)
    return total


def _refuse_wide(padding: Pairs, kernel_size: Ints) -> None:
    for pair, kernel in zip(padding, kernel_size, strict=True):
        # Not the dilated kernel: PyTorch compares with the plain one.
        require(2 * max(pair) <= kernel, f"pool padding {pair} must be at most half the kernel {kernel}")


def _hang_over(padded: Array, stride: Ints, ceil_mode: bool, value: float) -> Array:
    """`padded` with room for one more window on each axis, less than a stride beyond the end."""
    return pad_spatial(padded, [(0, s - 1 if ceil_mode else 0) for s in stride], value=value)


def _starting_inside(views: list[Array], x: Array, padding: Pairs, stride: Ints) -> list[Array]:
    """The views without windows that start beyond the input and its left padding."""
    places = [range(before + size) for size, (before, _) in zip(x.shape[1:], padding, strict=True)]
    starts = [slice(len(place[::s])) for place, s in zip(places, stride, strict=True)]
    return [view[(slice(None), *starts)] for view in views]


def _adaptive(x: Array, output_size: tuple[int | None, ...], mean_or_max: Callable[..., Array]) -> Array:
    require(len(output_size) == spatial_rank(x), f"output_size {output_size} must have one entry per axis")
    x = channels_last(x)
    for axis, bins in enumerate(output_size):
        if bins is not None:
            require(bins >= 1, f"output_size {output_size} must be at least 1")
            x = np.stack([mean_or_max(part, axis=axis) for part in _bins(x, axis, bins)], axis)
    return channels_first(x)


def _bins(x: Array, axis: int, bins: int) -> list[Array]:
    """The parts of `x` from the i-th fraction of an axis, rounded down, to the next, rounded up."""
    size = x.shape[axis]
    ends = [(i * size // bins, -(-(i + 1) * size // bins)) for i in range(bins)]
    return [x[(slice(None),) * axis + (slice(*each),)] for each in ends]
