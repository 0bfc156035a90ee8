"""Activations, elementwise unless they say otherwise, with PyTorch's default constants."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from shapecalc.reference_ops.arrays import Array, per_channel, require

_erf = np.vectorize(math.erf, otypes=[float])

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
        return 0.5 * x * (1.0 + np.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * x**3)))
    return np.asarray(0.5 * x * (1.0 + _erf(x / math.sqrt(2.0))))


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
    """`log(1 + exp(beta x)) / beta`."""
    return np.asarray(np.logaddexp(0.0, beta * x)) / beta


def softsign(x: Array) -> Array:
    """`x / (1 + |x|)`."""
    return x / (1.0 + np.abs(x))


def softmax(x: Array) -> Array:
    """Shares that sum to 1 over the channels, at each place."""
    return np.exp(log_softmax(x))


def log_softmax(x: Array) -> Array:
    """The logarithm of softmax over the channels, at each place."""
    shifted = x - np.max(x, axis=0, keepdims=True)
    return np.asarray(shifted - np.log(np.sum(np.exp(shifted), axis=0, keepdims=True)))


def glu(x: Array) -> Array:
    """The first half of the channels times the sigmoid of the second: `(C/2, *spatial)`."""
    require(x.shape[0] % 2 == 0, f"channels {x.shape[0]} must be divisible by 2")
    values, gates = np.split(x, 2)
    return values * sigmoid(gates)
