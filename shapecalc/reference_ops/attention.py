"""Attention by its definition: shares of values, by how well each query matches each key."""

from __future__ import annotations

import math
from itertools import product

import numpy as np

from shapecalc.reference_ops.arrays import Array, Ints, require, require_shape, spatial_rank
from shapecalc.reference_ops.linear import fc


def attention(x: Array, *, num_heads: int, **arrays: Array) -> Array:
    """Every position of `x` `(C, *spatial)` attends to all: `(out, *spatial)`.

    Arrays: q_weight, k_weight `(heads*key, C)`, v_weight `(heads*value, C)`, out_weight `(out, heads*value)`,
    and their biases, or none.
    """
    places = x.reshape(x.shape[0], -1)
    q, k, v = (_projected(places, name, arrays) for name in "qkv")
    require_shape("k_weight's outputs", k, q.shape)
    mixed = attend(*(split_heads(each, num_heads) for each in (q, k, v)))
    out = _projected(join_heads(mixed), "out", arrays)
    return out.reshape(-1, *x.shape[1:])


def window_attention(x: Array, *, window_size: Ints, shift: Ints, num_heads: int, **arrays: Array) -> Array:
    """Each position of `x` `(C, *spatial)` attends to those of its own window, of the same shape.

    Zeros are added after each axis until windows fill it. With a shift, the windows begin that much later and
    the last one wraps around, but its two ends do not attend to each other. Arrays: in_weight `(3C, C)` (queries,
    keys, values), out_weight `(C, C)`, their biases; relative_position_bias_table, a row of a number per head for
    each distance within a window, and relative_position_index, the row of each pair of a window's places.
    """
    padded = pad_to_windows(x, window_size)
    places = padded.reshape(x.shape[0], -1)
    require_shape("in_weight", arrays["in_weight"], (3 * x.shape[0], x.shape[0]))
    queries, keys, values = np.split(_projected(places, "in", arrays), 3)
    bias = _relative_bias(window_size, num_heads, arrays)
    out = np.empty_like(places)
    for block, parts in windows(padded.shape[1:], window_size, shift):
        apart = np.where(parts[:, None] == parts, 0.0, -np.inf).astype(x.dtype)
        q, k, v = (split_heads(each[:, block], num_heads) for each in (queries, keys, values))
        out[:, block] = join_heads(attend(q, k, v, bias + apart))
    require_shape("out_weight", arrays["out_weight"], (x.shape[0], x.shape[0]))
    whole = _projected(out, "out", arrays).reshape(padded.shape)
    return whole[tuple(map(slice, x.shape))]


def _projected(x: Array, name: str, arrays: dict[str, Array]) -> Array:
    return fc(x, arrays[f"{name}_weight"], arrays.get(f"{name}_bias"), per_position=True)


def split_heads(x: Array, num_heads: int) -> Array:
    """`(heads*size, positions)` as `(heads, size, positions)`."""
    require(x.shape[0] % num_heads == 0, f"{x.shape[0]} values do not make {num_heads} heads")
    return x.reshape(num_heads, -1, x.shape[1])


def join_heads(x: Array) -> Array:
    """`(heads, size, positions)` as `(heads*size, positions)`."""
    return x.reshape(-1, x.shape[2])


def match(queries: Array, keys: Array) -> Array:
    """Every query times every key of its head, `(heads, positions, positions)`."""
    return queries.swapaxes(1, 2) @ keys


def mix(shares: Array, values: Array) -> Array:
    """For every position the sum of its shares of all values, `(heads, size, positions)`."""
    return values @ shares.swapaxes(1, 2)


def attend(queries: Array, keys: Array, values: Array, added: Array | float = 0.0) -> Array:
    """Values mixed in shares that sum to 1: the softmax of matches over the root of a key's size, plus `added`."""
    scores = match(queries, keys) / math.sqrt(keys.shape[1]) + added
    shares = np.exp(scores - scores.max(axis=2, keepdims=True))
    return mix(shares / shares.sum(axis=2, keepdims=True), values)


def pad_to_windows(x: Array, window_size: Ints) -> Array:
    """`x` with zeros after each spatial axis, as few as let windows fill it."""
    require(len(window_size) == spatial_rank(x), f"windows {window_size} must have one size per axis of {x.shape}")
    for axis, window in enumerate(window_size, start=1):
        while x.shape[axis] % window:
            x = np.concatenate([x, np.zeros_like(x.take([0], axis))], axis)
    return x


def windows(sizes: Ints, window_size: Ints, shift: Ints) -> list[tuple[Array, Array]]:
    """For each window the places that it holds, row-major, and of each place which part of the map's ends it is in."""
    places, parts = np.arange(np.prod(sizes)).reshape(sizes), np.zeros(sizes, dtype=int)
    for axis, (size, window, by) in enumerate(zip(sizes, window_size, shift, strict=True)):
        require(0 <= by < window, f"shift {by} must be smaller than the window {window}")
        if size == window:
            continue  # one window holds the axis as it is
        wraps = np.arange(size) < by
        parts = 2 * parts + np.expand_dims(wraps, [a for a in range(len(sizes)) if a != axis])
        places, parts = np.roll(places, -by, axis), np.roll(parts, -by, axis)
    corners = product(*(range(0, size, window) for size, window in zip(sizes, window_size, strict=True)))
    boxes = [tuple(slice(at, at + w) for at, w in zip(corner, window_size, strict=True)) for corner in corners]
    return [(places[box].ravel(), parts[box].ravel()) for box in boxes]


def relative_position_index(window_size: Ints) -> Array:
    """For each pair of a window's places the row of their distance, the rows in the order of distances."""
    rows = {distance: row for row, distance in enumerate(_distances(window_size))}
    places = list(np.ndindex(*window_size))
    return np.array([rows[_minus(one, other)] for one in places for other in places])


def _distances(window_size: Ints) -> list[Ints]:
    places = list(np.ndindex(*window_size))
    return sorted({_minus(one, other) for one in places for other in places})


def _minus(one: Ints, other: Ints) -> Ints:
    return tuple(a - b for a, b in zip(one, other, strict=True))


def _relative_bias(window_size: Ints, num_heads: int, arrays: dict[str, Array]) -> Array | float:
    """What is added to every match, `(heads, places, places)`; nothing without a table."""
    if "relative_position_bias_table" not in arrays:
        return 0.0
    table, index = arrays["relative_position_bias_table"], arrays["relative_position_index"].astype(int)
    places = len(list(np.ndindex(*window_size)))
    require_shape("relative_position_bias_table", table, (len(_distances(window_size)), num_heads))
    require_shape("relative_position_index", index, (places * places,))
    require(bool(np.all((index >= 0) & (index < len(table)))), "relative_position_index must name rows of the table")
    return table.take(index, axis=0).reshape(places, places, num_heads).transpose(2, 0, 1)
