"""Which units change when a line (a row, a column, …) of the input changes, seen by running every layer on copies.

Each layer is run anew on values of its own: on lines that are lit, which means that they depend on the input line
that was changed, a large number is added, and an output that changes is lit in turn. So nothing fades from layer
to layer, and since weights are positive nothing cancels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import TypeAlias

import numpy as np

from shapecalc.forward import buffers, parameters, run
from shapecalc.layers import Layer
from shapecalc.layers.attention import Attention, WindowAttention
from shapecalc.layers.fields import per_axis
from shapecalc.layers.rearrange import Identity
from shapecalc.notation import Shape
from shapecalc.reference_ops import OPS
from shapecalc.reference_ops.arrays import Array
from shapecalc.reference_ops.attention import relative_position_index
from shapecalc.verification.along_axis import Copy, copied

Lit: TypeAlias = Array
"""Of one axis, ``(probes, units)``: whether the unit changes with the probe's input line.

One unit stands for all of them where all see the same, and for everything in a flat vector.
"""

MOST_VALUES = 2**19
"""Values of one array in a run; more probes are run in turns."""

FAINTEST = 1e-8
"""The least change of an output that counts, as a share of the change that was made to an input."""

_MIXING = ("pointwise_weight", "in_weight", "q_weight", "k_weight", "v_weight", "out_weight")
"""Matrices from channels to channels: here each probe's channel reaches only itself."""


class Probe:
    """Runs layers on lines; equal layers at equal sizes run once."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._known: dict[tuple[Layer, int, int, int], Lit] = {}

    def through(self, layer: Layer, arriving: Shape, axis: int, lit: Lit) -> Lit | None:
        """What of the output is lit, given what arrives; None where the layer is, by convention, not run."""
        size = arriving[1 + axis]
        if copied(layer, axis, len(arriving) - 1, 1) is None:
            return None
        if lit.shape[1] == 1 < size:  # of a probe all lines are lit, or none
            reached = self._once(layer, arriving, axis, np.ones((1, size), dtype=bool))
            return lit if reached.all() else lit & reached
        if size > len(lit):
            return self._run(layer, arriving, axis, lit)
        line_by_line = self._once(layer, arriving, axis, np.eye(size, dtype=bool))
        return np.asarray(lit.astype(np.float32) @ line_by_line.astype(np.float32) > 0)

    def joined(self, kind: str, arriving: Sequence[Shape], axis: int, lits: Sequence[Lit]) -> Lit:
        """What is lit of the output of a merge."""
        lines = [shape[1 + axis] if len(shape) > 1 else 1 for shape in arriving]
        turns = _turns(lits, _at_a_time(sum(lines)))
        return np.vstack([self._merged(kind, arriving, axis, turn) for turn in turns])

    def _once(self, layer: Layer, arriving: Shape, axis: int, patterns: Lit) -> Lit:
        """As `_run`, once for equal copies."""
        rank = len(arriving) - 1
        copy = copied(layer, axis, rank, len(patterns))
        assert copy is not None
        key = (copy.layer, rank, axis, patterns.size)
        if key not in self._known:
            self._known[key] = self._run(layer, arriving, axis, patterns)
        return self._known[key]

    def _run(self, layer: Layer, arriving: Shape, axis: int, lit: Lit) -> Lit:
        """The layer run on a copy, as many probes at a time as memory should hold."""
        rank, size = len(arriving) - 1, arriving[1 + axis]
        copy = copied(layer, axis, rank, 1)
        assert copy is not None
        matches = size if isinstance(layer, Attention) else 1
        at_a_time = _at_a_time(copy.channels * size * matches * copy.others ** (rank - 1))
        return np.vstack([self._turn(layer, rank, axis, turn) for (turn,) in _turns([lit], at_a_time)])

    def _turn(self, layer: Layer, rank: int, axis: int, lit: Lit) -> Lit:
        probes = len(lit) + 1  # the last one is in the dark
        copy = copied(layer, axis, rank, probes)
        assert copy is not None
        random = np.random.default_rng(self._seed)
        x = _values(copy, lit, random)
        x = x.transpose(1, 2, 0) if copy.is_beside else _laid_out(x, copy, rank, axis)
        with np.errstate(all="ignore"):
            out = run(copy.layer, x, _arrays(copy, x.shape, probes, random))
            if copy.is_beside:
                return _changed(np.moveaxis(out, -1, 0), copy.span)
            if out.ndim == 1:
                return _changed(out.reshape(probes, -1, 1), copy.span)
            apart = out.reshape(probes, -1, *out.shape[1:])
            units = np.moveaxis(apart, axis + 2, -1)
            return _changed(units.reshape(probes, -1, units.shape[-1]), copy.span)

    def _merged(self, kind: str, arriving: Sequence[Shape], axis: int, lits: Sequence[Lit]) -> Lit:
        random = np.random.default_rng(self._seed)
        xs = []
        for shape, lit in zip(arriving, lits, strict=True):
            copy = Copy(_NO_LAYER)
            lines = lit if len(shape) == 1 else np.repeat(lit, shape[1 + axis] // lit.shape[1], axis=1)
            values = _values(copy, lines, random)
            xs.append(values[:, 0, 0] if len(shape) == 1 else _laid_out(values, copy, len(shape) - 1, axis))
        out = OPS[kind](*xs)
        probes = len(lits[0]) + 1
        return _changed(out.reshape(-1, probes, prod(out.shape[1:])).swapaxes(0, 1), 64.0)


_NO_LAYER = Identity()


def _at_a_time(values: int) -> int:
    """How many probes run together, if each takes so many values."""
    return max(1, MOST_VALUES // values)


def _turns(lits: Sequence[Lit], at_a_time: int) -> Iterator[list[Lit]]:
    """All of them cut along their probes."""
    for at in range(0, len(lits[0]), at_a_time):
        yield [lit[at : at + at_a_time] for lit in lits]


def _values(copy: Copy, lit: Lit, random: np.random.Generator) -> Array:
    """What arrives of each probe, ``(probes, channels, units)``, the last one in the dark."""
    dark = copy.low + random.random((copy.channels, lit.shape[1])) * copy.span / 128.0
    each_its_own = 1.0 + np.arange(copy.channels)[:, None] / 8.0  # equal channels would pass a softmax unseen
    bright = copy.span * each_its_own * np.vstack([lit, np.zeros_like(lit[:1])])[:, None, :]
    return np.asarray(dark + bright)


def _laid_out(x: Array, copy: Copy, rank: int, axis: int) -> Array:
    """Probes and their channels as channels, units on their axis, the other axes as the copy wants them."""
    sizes = [copy.others] * rank
    sizes[axis] = x.shape[2]
    thin = x.reshape(-1, *(size if at == axis else 1 for at, size in enumerate(sizes)))
    return np.ascontiguousarray(np.broadcast_to(thin, (len(thin), *sizes)))


def _arrays(copy: Copy, arriving: Shape, probes: int, random: np.random.Generator) -> dict[str, Array]:
    """The copy's arrays: positive, and alike for every probe."""
    layer = copy.layer
    made = {}
    for name, shape in {**parameters(layer, arriving), **buffers(layer, arriving)}.items():
        if name == "relative_position_index" and isinstance(layer, WindowAttention):
            made[name] = relative_position_index(per_axis(layer.window_size, len(arriving) - 1, "window_size"))
        elif name in _MIXING and not copy.is_beside:
            made[name] = 0.75 * np.tile(np.eye(probes), (shape[0] // probes, 1)).reshape(shape)
        else:
            alike = shape if copy.is_beside else [1 if size % probes == 0 else size for size in shape]
            made[name] = np.broadcast_to(random.random(alike) / 2.0 + 0.5, shape)
    return made


def _changed(out: Array, span: float) -> Lit:
    """Whether a unit of ``(probes, channels, units)`` differs, in any channel, from that of the probe in the dark."""
    lit, dark = out[:-1], out[-1:]
    return np.asarray(((lit != dark) & ~(np.abs(lit - dark) <= FAINTEST * span)).any(axis=1))
