"""The effective receptive field: where in its receptive field most of the paths to a unit begin.

A deep unit hardly sees the rim of its receptive field, because few paths begin there; what holds 95 % of them
grows with the root of the depth (Luo, Li, Urtasun, Zemel, NeurIPS 2016). Counted as `paths` says, in the endless
(unclipped) input, and only when asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shapecalc.layers.merge import Merge
from shapecalc.paths import Paths, merged, merging_work, of_pixels
from shapecalc.result import Step, Trace
from shapecalc.windows import Window

MAX_WORK = 50_000_000
"""Weights that are added up for one network, some seconds' work; Inception-ResNet v2 takes two millions."""

MAX_PIXELS = 100_000
"""A unit that sees more pixels along an axis is not followed."""

LOST = "paths are too many, or lead too far, to be counted: the effective receptive field is unknown from here on"

_NOT_LOCAL = Paths((), (), {})
"""Of what sees the input as a whole, or not at all."""


class _Seen(NamedTuple):
    """The paths to a tensor and the size where most begin; layers that move nothing hand on the same."""

    paths: Paths
    sizes: tuple[int, ...]


def effective_sizes(trace: Trace) -> dict[str, tuple[int, ...] | None]:
    """For each layer, the pixels per axis of the smallest interval that holds 95 % of the paths to a unit.

    At most 2.5 % of them begin below it and at most 2.5 % above it. Where units differ, of the one where it is
    largest. No axes where every path is global; where some are, of the local ones. None where the receptive
    field is unknown, or where counting takes too much work.
    """
    return {step.name: step.effective for step in measured(trace)}


def measured(trace: Trace) -> tuple[Step, ...]:
    """The layers, each with the effective size of its receptive field, and a note where it is lost."""
    count = _Count(trace)
    return tuple(count.step(step, place) for place, step in enumerate(trace.layers))


class _Count:
    """Counts the paths through one network, layer by layer; what no layer reads any more is forgotten."""

    def __init__(self, trace: Trace) -> None:
        self._known: dict[str, _Seen | None] = {name: _Seen(_NOT_LOCAL, ()) for name, _ in trace.inputs}
        if trace.rf_input is not None:
            rank = len(dict(trace.inputs)[trace.rf_input]) - 1
            self._known[trace.rf_input] = _Seen(of_pixels(rank), (1,) * rank)
        self._last = {name: place for place, step in enumerate(trace.layers) for name in step.inputs}
        self._work = 0
        self._is_lost = False

    def step(self, step: Step, place: int) -> Step:
        """The step with what is known of the paths to it."""
        was_lost = self._is_lost
        seen = self._known[step.name] = self._through(step, [self._known[name] for name in step.inputs])
        for name in {*step.inputs, step.name}:
            if self._last.get(name, place) <= place:
                self._known[name] = None
        notes = (*step.notes, LOST) if self._is_lost and not was_lost else step.notes
        sizes = None if seen is None or step.receptive_field is None else seen.sizes
        return step._replace(effective=sizes, notes=notes)

    def _through(self, step: Step, arriving: Sequence[_Seen | None]) -> _Seen | None:
        known = [seen for seen in arriving if seen is not None]
        if len(known) < len(arriving):
            return None
        if isinstance(step.layer, Merge):
            return self._merged([seen for seen in known if seen.paths.periods])
        reading = step.layer.reading(step.in_shapes[0], step.out_shape)
        (seen,) = known
        if reading == "pointwise" or not seen.paths.periods:
            return seen
        if isinstance(reading, str):
            return _Seen(_NOT_LOCAL, ()) if reading == "whole" else None
        windows = [window for window in reading if window is not None]
        if len(windows) < len(reading):
            return None
        return self._through_windows(seen.paths, windows)

    def _through_windows(self, paths: Paths, windows: Sequence[Window]) -> _Seen | None:
        far = max(paths.lengths(windows)) > MAX_PIXELS
        if self._is_too_much(len(paths.lines)) or far or self._is_too_much(paths.work(windows)):
            self._is_lost = True
            return None
        return _seen(paths.through(windows))

    def _merged(self, local: list[_Seen]) -> _Seen | None:
        if len(local) < 2:  # the others are global
            return local[0] if local else _Seen(_NOT_LOCAL, ())
        branches = [seen.paths for seen in local]
        if self._is_too_much(merging_work(branches)):
            self._is_lost = True
            return None
        paths = merged(branches)
        return None if paths is None else _seen(paths)

    def _is_too_much(self, work: int) -> bool:
        self._work += work
        return self._work > MAX_WORK


def _seen(paths: Paths) -> _Seen:
    return _Seen(paths, paths.sizes())
