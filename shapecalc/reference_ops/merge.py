"""Ops of several inputs."""

from __future__ import annotations

from functools import reduce

import numpy as np

from shapecalc.reference_ops.arrays import Array, require


def add(*inputs: Array) -> Array:
    """The sum of like arrays; a spatial axis of size 1 is repeated to fit."""
    _refuse_unlike(inputs)
    return reduce(np.add, inputs)


def multiply(*inputs: Array) -> Array:
    """The product of like arrays; a spatial axis of size 1 is repeated to fit."""
    _refuse_unlike(inputs)
    return reduce(np.multiply, inputs)


def concat(*inputs: Array, axis: int = 0) -> Array:
    """The inputs one after another on an axis (0: channels); every other axis must agree."""
    return np.concatenate(inputs, axis)


def _refuse_unlike(inputs: tuple[Array, ...]) -> None:
    """Stricter than broadcasting: the same rank, and channels are never repeated."""
    shapes = [x.shape for x in inputs]
    require(len({len(shape) for shape in shapes}) == 1, f"inputs must have one rank: {shapes}")
    require(len({shape[0] for shape in shapes}) == 1, f"inputs must have the same channels: {shapes}")
