"""Normalisation as it runs after training, and the layers that then do nothing."""

# ruff: noqa: PLR0913  (a layer's own arrays)

from __future__ import annotations

from functools import reduce
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from shapecalc.reference_ops.arrays import (
    Array,
    channels_first,
    channels_last,
    per_channel,
    require,
    require_shape,
    spatial_rank,
)

Over = Literal["channels", "all", "spatial"]


def batchnorm(
    x: Array,
    mean: Array | None = None,
    var: Array | None = None,
    weight: Array | None = None,
    bias: Array | None = None,
    *,
    eps: float = 1e-5,
) -> Array:
    """`x` less its channel's running mean, over the root of its variance; without them, by its own.

    Mean, var, weight and bias are `(C,)`.
    """
    require((mean is None) == (var is None), "mean and var go together")
    if mean is None or var is None:
        return _affine_per_channel(_standardised(x, tuple(range(1, x.ndim)), eps), weight, bias)
    spread = np.sqrt(per_channel(var, x) + eps)
    factor = 1.0 / spread if weight is None else per_channel(weight, x) / spread
    return _affine_per_channel((x - per_channel(mean, x)) * factor, None, bias)


def instancenorm(
    x: Array,
    mean: Array | None = None,
    var: Array | None = None,
    weight: Array | None = None,
    bias: Array | None = None,
    *,
    eps: float = 1e-5,
) -> Array:
    """Each channel with mean 0 and variance 1 over its places; mean and var only where they were tracked."""
    places = x.shape[-spatial_rank(x) :]
    require(mean is not None or max(places) > 1, f"instancenorm needs more than one place, not {places}")
    return batchnorm(x, mean, var, weight, bias, eps=eps)


def layernorm(
    x: Array,
    weight: Array | None = None,
    bias: Array | None = None,
    *,
    over: Over = "channels",
    eps: float = 1e-5,
) -> Array:
    """`x` with mean 0 and variance 1 over the axes `over`; weight and bias have the shape of those axes."""
    return _affine(_standardised(x, _axes(x, over), eps), weight, bias, over)


def rmsnorm(
    x: Array,
    weight: Array | None = None,
    bias: Array | None = None,
    *,
    over: Over = "channels",
    eps: float | None = None,
) -> Array:
    """`x` over its root mean square over the axes `over`; eps is the float type's own, as in PyTorch."""
    tiny = np.finfo(x.dtype).eps if eps is None else eps
    squares = np.mean(np.square(x), axis=_axes(x, over), keepdims=True)
    return _affine(x / np.sqrt(squares + tiny), weight, bias, over)


def groupnorm(
    x: Array,
    weight: Array | None = None,
    bias: Array | None = None,
    *,
    num_groups: int,
    eps: float = 1e-5,
) -> Array:
    """Each group of channels with mean 0 and variance 1 over its channels and places; weight, bias `(C,)`."""
    channels = x.shape[0]
    require(channels % num_groups == 0, f"channels {channels} must be divisible by num_groups {num_groups}")
    grouped = x.reshape(num_groups, -1, *x.shape[1:])
    standard = _standardised(grouped, tuple(range(1, grouped.ndim)), eps)
    return _affine_per_channel(standard.reshape(x.shape), weight, bias)


def lrn(x: Array, *, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Array:
    """`x / (k + alpha m)^beta`, with m the mean square of `size` channels around, missing ones being 0."""
    require(spatial_rank(x) >= 1 and size >= 1, f"size {size} must be at least 1")
    # A window of even size has its odd channel before, unlike `same` padding.
    sides = [*[(0, 0)] * (x.ndim - 1), (size // 2, (size - 1) // 2)]
    around = np.pad(np.square(channels_last(x)), sides)
    windows = sliding_window_view(around, size, -1)
    mean = reduce(np.add, (windows[..., tap] for tap in range(size))) / size
    return np.asarray(x / np.power(k + alpha * channels_first(mean), beta))


def dropout(x: Array, *, p: float = 0.5) -> Array:
    """`x` itself: values are only dropped in training."""
    require(0 <= p <= 1, f"p {p} must lie between 0 and 1")
    return x


def stochastic_depth(x: Array, *, p: float) -> Array:
    """`x` itself: a branch is only dropped in training."""
    return dropout(x, p=p)


def _axes(x: Array, over: Over) -> tuple[int, ...]:
    """The axes that statistics are taken over."""
    chosen = {"channels": range(1), "all": range(x.ndim), "spatial": range(1, x.ndim)}
    require(over in chosen, f"no such axes: {over}")
    require(len(chosen[over]) > 0, f"the input must have spatial axes, not shape {x.shape}")
    return tuple(chosen[over])


def _standardised(x: Array, axes: tuple[int, ...], eps: float) -> Array:
    """`x` with mean 0 and variance 1 over these axes; the variance divides by the count, not one less."""
    centred = x - np.mean(x, axis=axes, keepdims=True)
    return np.asarray(centred * (1.0 / np.sqrt(np.mean(np.square(centred), axis=axes, keepdims=True) + eps)))


def _affine(x: Array, weight: Array | None, bias: Array | None, over: Over) -> Array:
    if over == "channels":
        return _affine_per_channel(x, weight, bias)
    shape = [x.shape[axis] for axis in _axes(x, over)]
    for name, value in (("a norm weight", weight), ("a norm bias", bias)):
        if value is not None:
            require_shape(name, value, shape)
    return x * (1.0 if weight is None else weight) + (0.0 if bias is None else bias)


def _affine_per_channel(x: Array, weight: Array | None, bias: Array | None) -> Array:
    scaled = x if weight is None else x * per_channel(weight, x)
    return scaled if bias is None else scaled + per_channel(bias, x)
