"""Activations, elementwise unless they say otherwise, with PyTorch's default constants."""

from __future__ import annotations

import math
from functools import cache
from typing import Any, Literal

import numpy as np

from shapecalc.reference_ops.arrays import Array, in_pieces, per_channel, require

_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772, 1.0507009873554805  # Klambauer et al. 2017


def relu(x: Array) -> Array:
    """The greater of x and 0."""
    return np.maximum(x, 0.0)


def relu6(x: Array) -> Array:
    """`x` kept between 0 and 6."""
    return np.clip(x, 0.0, 6.0)


def leaky_relu(x: Array, *, negative_slope: float = 0.01) -> Array:
    """`x` where positive, else negative_slope times x."""
    return np.where(x > 0, x, negative_slope * x)


def prelu(x: Array, weight: Array) -> Array:
    """`x` where positive, else a learned slope times x; weight `(1,)`, or `(C,)` for one per channel."""
    slope = weight if weight.shape == (1,) else per_channel(weight, x)
    return np.where(x > 0, x, slope * x)


def elu(x: Array, *, alpha: float = 1.0) -> Array:
    """`x` where positive, else alpha (exp(x) - 1)."""
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0.0)))


def selu(x: Array) -> Array:
    """The elu that keeps mean 0 and variance 1."""
    return _SELU_SCALE * elu(x, alpha=_SELU_ALPHA)


def celu(x: Array, *, alpha: float = 1.0) -> Array:
    """`x` where positive, else alpha (exp(x/alpha) - 1)."""
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0.0) / alpha))


def gelu(x: Array, *, approximate: Literal["none", "tanh"] = "none") -> Array:
    """`x` times the standard normal distribution function at x, or its tanh approximation."""
    require(approximate in {"none", "tanh"}, f"no such approximation: {approximate}")
    if approximate == "tanh":
        return 0.5 * x * (1.0 + np.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * (x * x * x))))
    return 0.5 * x * (1.0 + in_pieces(erf, x / math.sqrt(2.0)))


def erf(x: Array) -> Array:
    """The error function, to 1e-13: from the nearest place of a table three terms of its Taylor series on."""
    x = np.clip(x, -_ERF_END, _ERF_END)
    with np.errstate(invalid="ignore"):  # nan is at no place, and stays nan
        near = np.rint(x * _ERF_PLACES)
        places = near.astype(int) + _ERF_END * _ERF_PLACES
    at = near / _ERF_PLACES
    rest = x - at
    value, slope = (table.take(places, mode="clip") for table in _erf_table(x.dtype))
    return np.asarray(value + slope * rest * (1.0 - rest * (at - rest * (2.0 * at * at - 1.0) / 3.0)))


_ERF_END, _ERF_PLACES = 6, 1024  # beyond 6 it is 1 to the last digit; places in a unit


@cache
def _erf_table(dtype: np.dtype[Any]) -> tuple[Array, Array]:
    """The error function and its slope, 2/sqrt(pi) exp(-x^2), at every place from -6 to 6."""
    places = range(-_ERF_END * _ERF_PLACES, _ERF_END * _ERF_PLACES + 1)
    at = np.array(places) / _ERF_PLACES
    values, slopes = np.array([math.erf(x) for x in at]), 2.0 / math.sqrt(math.pi) * np.exp(-np.square(at))
    return values.astype(dtype), slopes.astype(dtype)


def silu(x: Array) -> Array:
    """`x` times its sigmoid."""
    return x * sigmoid(x)


def mish(x: Array) -> Array:
    """`x` times the tanh of its softplus."""
    return x * np.tanh(softplus(x))


def hardswish(x: Array) -> Array:
    """`x` times its hardsigmoid."""
    return x * hardsigmoid(x)


def hardsigmoid(x: Array) -> Array:
    """`x`/6 + 1/2, kept between 0 and 1."""
    return np.clip(x / 6.0 + 0.5, 0.0, 1.0)


def hardtanh(x: Array, *, min_val: float = -1.0, max_val: float = 1.0) -> Array:
    """`x` kept between min_val and max_val."""
    return np.clip(x, min_val, max_val)


def sigmoid(x: Array) -> Array:
    """`1 / (1 + exp(-x))`, written with tanh, which cannot overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * x))


def tanh(x: Array) -> Array:
    """The hyperbolic tangent."""
    return np.tanh(x)


def softplus(x: Array, *, beta: float = 1.0) -> Array:
    """`log(1 + exp(beta x)) / beta`, written so that exp cannot overflow."""
    steep = beta * x
    return (np.maximum(steep, 0.0) + np.log1p(np.exp(-np.abs(steep)))) / beta


def softsign(x: Array) -> Array:
    """`x / (1 + |x|)`."""
    return x / (1.0 + np.abs(x))


def softmax(x: Array) -> Array:
    """Shares that sum to 1 over the channels, at each place."""
    powers = np.exp(x - np.max(x, axis=0, keepdims=True))
    return np.asarray(powers / np.sum(powers, axis=0, keepdims=True))


def log_softmax(x: Array) -> Array:
    """The logarithm of softmax over the channels, at each place."""
    shifted = x - np.max(x, axis=0, keepdims=True)
    return np.asarray(shifted - np.log(np.sum(np.exp(shifted), axis=0, keepdims=True)))


def glu(x: Array) -> Array:
    """The first half of the channels times the sigmoid of the second: `(C/2, *spatial)`."""
    require(x.shape[0] % 2 == 0, f"channels {x.shape[0]} must be divisible by 2")
    values, gates = np.split(x, 2)
    return values * sigmoid(gates)
