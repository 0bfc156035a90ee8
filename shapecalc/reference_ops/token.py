"""Tokens: looked up, put in front, told their position, taken."""

from __future__ import annotations

import numpy as np

from shapecalc.reference_ops.arrays import Array, require, require_shape, spatial_rank


def embedding(x: Array, weight: Array, *, num_embeddings: int, embedding_dim: int) -> Array:
    """The row of `weight` `(ids, size)` for each id of `x` `(L,)`, as `(size, L)`."""
    require(x.ndim == 1, f"ids must stand in a flat row, not in shape {x.shape}")
    require_shape("an embedding's weight", weight, (num_embeddings, embedding_dim))
    ids = x.astype(int)
    require(bool(np.all(ids == x)), "ids must be whole numbers")
    require(bool(np.all((ids >= 0) & (ids < num_embeddings))), f"ids must lie in 0 up to {num_embeddings}")
    return weight.take(ids, axis=0).T


def class_token(x: Array, weight: Array) -> Array:
    """`weight` `(C,)` in front of the sequence `x` `(C, L)`: `(C, L + 1)`."""
    require(spatial_rank(x) == 1, f"a class token goes in front of a sequence, not of shape {x.shape}")
    require_shape("a class token", weight, x.shape[:1])
    return np.concatenate([weight[:, None], x], axis=1)


def position_embedding(x: Array, weight: Array) -> Array:
    """The sum of `x` and a table of its shape."""
    require(spatial_rank(x) >= 1, "positions must be there")
    require_shape("a position embedding", weight, x.shape)
    return x + weight


def select_token(x: Array, *, index: int) -> Array:
    """The channels at one position of `x` `(C, L)`: `(C,)`."""
    require(spatial_rank(x) == 1, f"a token is taken of a sequence, not of shape {x.shape}")
    require(-x.shape[1] <= index < x.shape[1], f"position {index} must lie within {x.shape[1]}")
    return x[:, index]
