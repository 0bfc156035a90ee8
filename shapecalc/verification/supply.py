"""Random arrays, made when they are needed: cut from one small pool of random numbers, written into reused memory."""

from __future__ import annotations

from math import prod, sqrt
from zlib import crc32

import numpy as np

from shapecalc.notation import Shape
from shapecalc.reference_ops.arrays import Array
from shapecalc.reference_ops.attention import relative_position_index

POOL = 1_000_003
"""Random numbers drawn for a network, 4 MB; a prime, so that no power of two repeats with them."""

INDEX = "relative_position_index"


class Supply:
    """Arrays for one network: what has the same name always has the same values."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._pool = np.random.default_rng(seed).random(POOL, dtype=np.float32) * 2.0 - 1.0
        self._memory = np.empty(0, dtype=np.float32)
        self._used = 0

    def tensor(self, name: str, shape: Shape) -> Array:
        """What arrives from outside: float32 values from -1 to 1."""
        return self._filled(np.empty(shape, dtype=np.float32), name, 1.0)

    def ids(self, name: str, shape: Shape, below: int) -> Array:
        """Token ids from 0 up to `below`."""
        places = (self.tensor(name, shape).astype(np.float64) + 1.0) / 2.0
        return np.minimum((places * below).astype(np.int64), below - 1)

    def arrays(self, owner: str, shapes: dict[str, Shape], window: Shape | None = None) -> dict[str, Array]:
        """A layer's arrays, really allocated; they hold until arrays are asked for again.

        Weights are as large as keeps the values of an activation's size (He et al. 2015), what is near 1 in a
        trained network is near 1, and `window` tells apart the places of a window attention's bias.
        """
        self._reserve(sum(map(prod, shapes.values())))
        return {name: self._made(owner, name, shape, window) for name, shape in shapes.items()}

    def _made(self, owner: str, name: str, shape: Shape, window: Shape | None) -> Array:
        if name == INDEX and window is not None:
            return relative_position_index(window)
        size = prod(shape)
        out = self._memory[self._used : self._used + size]
        self._used += size
        if len(shape) == 1 and name in ("weight", "var"):  # a norm's factors, slopes; variances are positive
            return self._filled(out, owner + name, 0.5).__iadd__(1.0).reshape(shape)
        fan_in = prod(shape[1:]) if len(shape) > 1 else shape[0]
        return self._filled(out, owner + name, sqrt(6.0 / max(fan_in, 1))).reshape(shape)

    def _reserve(self, values: int) -> None:
        self._used = 0
        if self._memory.size < values:
            self._memory = np.empty(0, dtype=np.float32)  # freed before more is taken
            self._memory = np.empty(values, dtype=np.float32)

    def _filled(self, out: Array, name: str, scale: float) -> Array:
        """`out` with the pool's numbers times `scale`, from a place that name and seed choose, over and over."""
        flat = out.reshape(-1)
        at = crc32(f"{self._seed} {name}".encode()) % POOL
        done = 0
        while done < flat.size:
            piece = self._pool[at : at + flat.size - done]
            np.multiply(piece, np.float32(scale), out=flat[done : done + piece.size])
            done, at = done + piece.size, 0
        return out
