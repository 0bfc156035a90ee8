"""Receptive fields as probed, beside those of the table: layer by layer, axis by axis, unit by unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from shapecalc.field_size import field_size
from shapecalc.forward import runs
from shapecalc.layers import Layer
from shapecalc.layers.merge import Merge
from shapecalc.layers.rearrange import Flatten, Reshape
from shapecalc.layers.recurrent import Gru, Lstm, Rnn
from shapecalc.layers.token import SelectToken
from shapecalc.layers.window import LINES
from shapecalc.notation import Shape
from shapecalc.reach import Unfollowable, endless_interval, lines_seen
from shapecalc.receptive_field import AxisField, ReceptiveField
from shapecalc.reference_ops.arrays import Array
from shapecalc.result import Step, Trace
from shapecalc.table import NONE, UNKNOWN
from shapecalc.verification.certificate import Finding, Verdict
from shapecalc.verification.probe import Lit, Probe

MOST_PROBES = 256
"""Lines of one axis that are probed: all of them where there are no more, else borders, evenly spaced and random."""

MOST_UNITS = 32
"""Units whose endless interval is compared with the table's: the first ones, and the last."""

MOST_FOLLOWED = 5_000_000
"""Layers that are walked back through for these in all, some ten seconds; units beyond are only probed."""

MOST_RUNS = 4
"""Runs of lines that a message names."""

WHOLE_BY_CONVENTION = (Flatten, Reshape, SelectToken, Rnn, Lstm, Gru)
"""Types after which, by convention, everything sees what any position saw; an operation may tell them apart."""

Lits: TypeAlias = "tuple[Lit, ...]"
"""One for each spatial axis of the input that receptive fields are about."""


def probed_lines(trace: Trace, seed: int) -> list[list[int]]:
    """The input lines to probe, for each axis; none where the network's input has no spatial axes."""
    if trace.rf_input is None:
        return []
    sizes = dict(trace.inputs)[trace.rf_input][1:]
    return [_chosen(size, np.random.default_rng([seed, axis])) for axis, size in enumerate(sizes)]


def _chosen(size: int, random: np.random.Generator) -> list[int]:
    if size <= MOST_PROBES:
        return list(range(size))
    even = np.linspace(0, size - 1, MOST_PROBES * 3 // 4).astype(int)
    rest = np.setdiff1d(np.arange(size), even) if size < 2**16 else random.integers(0, size, MOST_PROBES)
    return sorted({*even.tolist(), *random.permutation(rest)[: MOST_PROBES - len(even)].tolist()})


class Sight:
    """Carries what is lit through the layers of one network."""

    def __init__(self, trace: Trace, seed: int) -> None:
        self._trace = trace
        self._lines = probed_lines(trace, seed)
        self._probe = Probe(seed)
        self._expected = lines_seen(trace, self._lines) if self._lines else {}
        self._lit: dict[str, Lits | None] = {name: self._of_input(name, shape) for name, shape in trace.inputs}
        self._last = {name: number for number, step in enumerate(trace.layers) for name in step.inputs}
        self._followed: set[tuple[int, Shape]] = set()
        self._copying: set[str] = set()
        self._global: set[str] = set()
        self._followable = MOST_FOLLOWED // len(trace.layers)
        self._done = 0

    def finding(self, step: Step) -> Finding:
        """What the next layer's units see as probed, beside what the table says."""
        if not self._lines:
            return Finding("none", NONE)
        expected = self._masks(step)
        lit, ran = self._through(step, expected)
        if self._global & {*step.inputs} or (lit is not None and all(map(_is_even, lit))):
            self._global.add(step.name)
        finding = self._compared(step, lit, expected, ran)
        self._lit[step.name] = expected if finding.verdict == "differs" and expected is not None else lit
        self._lit = {name: each for name, each in self._lit.items() if self._last.get(name, -1) > self._done}
        self._done += 1
        return finding

    def _of_input(self, name: str, shape: Shape) -> Lits:
        if name != self._trace.rf_input:
            return tuple(np.zeros((len(lines), 1), dtype=bool) for lines in self._lines)
        sizes = zip(shape[1:], self._lines, strict=True)
        return tuple(np.arange(size) == np.array(lines)[:, None] for size, lines in sizes)

    def _masks(self, step: Step) -> Lits | None:
        """What the units see by the layers' windows."""
        masks = self._expected[step.name]
        if masks is None:
            return None
        return tuple(_unpacked(axis, len(lines)) for axis, lines in zip(masks, self._lines, strict=True))

    def _through(self, step: Step, expected: Lits | None) -> tuple[Lits | None, Verdict]:
        """What is lit of the layer's output, and on what ground."""
        arriving = [self._lit[name] for name in step.inputs]
        known = [lits for lits in arriving if lits is not None]
        if not isinstance(step.layer, Merge) and not runs(step.layer):
            return expected, "unknown" if expected is None else "declared"
        if len(known) < len(arriving):
            return None, "unknown"
        if not any(axis.any() for lits in known for axis in lits):
            return tuple(axis[:, :1] for axis in known[0]), "none"
        if isinstance(step.layer, Merge):
            shapes = [shape if len(shape) == len(self._lines) + 1 else shape[:1] for shape in step.in_shapes]
            axes = enumerate(zip(*known, strict=True))
            return tuple(self._probe.joined(step.type, shapes, axis, lits) for axis, lits in axes), "equal"
        return self._along(step.layer, step, known[0])

    def _along(self, layer: Layer, step: Step, lits: Lits) -> tuple[Lits, Verdict]:
        arriving = step.in_shapes[0]
        if len(arriving) != len(self._lines) + 1:  # flat, or positions made anew, which all see the same
            return lits, "equal"
        if isinstance(layer, Flatten | Reshape) and arriving == step.out_shape:
            return lits, "equal"
        if isinstance(layer, WHOLE_BY_CONVENTION):
            return tuple(np.asarray(axis.any(axis=1, keepdims=True)) for axis in lits), "convention"
        through = [self._probe.through(layer, arriving, axis, lit) for axis, lit in enumerate(lits)]
        reached = tuple(lit for lit in through if lit is not None)
        if len(reached) < len(lits):
            return lits, "convention"
        if all(axis.any() for axis in reached):
            return reached, "equal"
        return tuple(np.zeros_like(axis) for axis in reached), "equal"  # who sees nothing along one axis sees nothing

    def _compared(self, step: Step, lit: Lits | None, expected: Lits | None, ran: Verdict) -> Finding:
        shown = UNKNOWN if step.receptive_field is None else field_size(step.receptive_field)
        if step.name not in self._trace.dependent or (ran == "none" and step.receptive_field is None):
            return Finding("none", NONE)
        if lit is None:
            return Finding("unknown", shown)
        why = self._unlike(lit, expected) or self._unlike_table(step, lit)
        if why is None and step.receptive_field is None and ran == "equal":
            return Finding("unknown", shown, None, "the units see what the windows say; the table has no one field")
        verdict: Verdict = "equal" if ran == "none" else ran
        return Finding("differs" if why else verdict, shown, None, why or "")

    def _unlike(self, lit: Lits, expected: Lits | None) -> str | None:
        """The first unit that sees other lines than the layers' windows say; None where there is none."""
        for axis, (found, said) in enumerate(zip(lit, expected or lit, strict=True)):
            if found.shape[1] != said.shape[1] and 1 not in (found.shape[1], said.shape[1]):
                return f"the probe has {found.shape[1]:,} units along axis {axis}, the windows make {said.shape[1]:,}"
            wrong = np.flatnonzero((found != said).any(axis=0))
            if wrong.size:
                says, sees = (self._named(axis, each[:, min(wrong[0], each.shape[1] - 1)]) for each in (said, found))
                return f"unit {wrong[0]:,} sees by its windows {says}, as probed {sees}"
        return None

    def _unlike_table(self, step: Step, lit: Lits) -> str | None:
        """How the table's receptive field contradicts what is lit; None where it does not."""
        field = step.receptive_field
        if field is None:
            return None
        if field.is_global and step.name not in self._global:
            return "the table says global, but as probed no layer on the way sees all of what arrives"
        reads_copies = field.is_global or self._reads_copies(step)
        for axis, (own, seen) in enumerate(zip(field.axes, lit, strict=False)):
            why = None if reads_copies else self._outside(axis, own, seen)
            if why is not None:
                return why
        return self._unlike_endless(step, field)

    def _reads_copies(self, step: Step) -> bool:
        """Whether padding that copies real lines lies on the way: what is read may lie outside of the interval."""
        layer = step.layer
        own = "pointwise" if isinstance(layer, Merge) else layer.reading(step.in_shapes[0], step.out_shape)
        windows = own if isinstance(own, tuple) else ()
        if any(window is not None and window.beyond != "zeros" for window in windows) or self._copying & {*step.inputs}:
            self._copying.add(step.name)
        return step.name in self._copying

    def _outside(self, axis: int, own: AxisField, seen: Lit) -> str | None:
        """The first unit that sees a line outside of its interval."""
        lines = np.array(self._lines[axis])
        for unit in np.flatnonzero(seen.any(axis=0)).tolist():
            first, last = lines[seen[:, unit]][[0, -1]]
            interval = own.interval(unit)
            if interval is None or first < interval[0] or last > interval[1]:
                said = "nothing" if interval is None else f"{interval[0]:,} to {interval[1]:,}"
                return f"unit {unit:,} sees {said} in the table, as probed {self._named(axis, seen[:, unit])}"
        return None

    def _unlike_endless(self, step: Step, field: ReceptiveField) -> str | None:
        """The first unit whose interval is not what its windows reach in an endless input."""
        key = id(field), step.out_shape[1:]
        if key in self._followed or len(step.out_shape) != len(field.axes) + 1:
            return None
        self._followed.add(key)
        for axis, (own, size) in enumerate(zip(field.axes, step.out_shape[1:], strict=True)):
            extents = []
            for unit in sorted({*range(min(size, MOST_UNITS, len(own.intervals))), size - 1}):
                if self._followable <= 0:
                    return None
                self._followable -= 1
                try:
                    reached = endless_interval(self._trace, step.name, axis, unit)
                except Unfollowable:
                    return None
                if reached != own.interval(unit):
                    return f"unit {unit:,} sees {own.interval(unit)} in the table, by its windows {reached}"
                extents.append(reached[1] - reached[0] + 1 if reached else 0)
            told = field.size_min[axis], field.size[axis]
            if len(extents) >= min(size, len(own.intervals)) and (min(extents), max(extents)) != told:
                return (
                    f"units see {min(extents)} to {max(extents)} by their windows, in the table {told[0]} to {told[1]}"
                )
        return None

    def _named(self, axis: int, seen: Array) -> str:
        """Lines as people name them, ``rows 0–2, 5``; of many runs the first few."""
        lines = np.array(self._lines[axis])[seen]
        if not lines.size:
            return "nothing"
        ends = np.flatnonzero(np.diff(np.flatnonzero(seen)) > 1)
        pairs = zip(lines[[0, *(ends + 1)]], lines[[*ends, -1]], strict=True)
        runs_of = [f"{first:,}" if first == last else f"{first:,}–{last:,}" for first, last in pairs]
        more = ", …" if len(runs_of) > MOST_RUNS else ""
        return f"{LINES[len(self._lines)][axis]}s {', '.join(runs_of[:MOST_RUNS])}{more}"


def _is_even(lit: Lit) -> bool:
    """Whether all units see the same lines."""
    return bool((lit == lit[:, :1]).all())


def _unpacked(masks: Sequence[int], bits: int) -> Lit:
    """``(bits, units)``: bit j of each unit's mask in row j."""
    wide = -(-bits // 8)
    packed = np.frombuffer(b"".join(mask.to_bytes(wide, "little") for mask in masks), dtype=np.uint8)
    return np.unpackbits(packed.reshape(-1, wide), axis=1, count=bits, bitorder="little").T.astype(bool)
