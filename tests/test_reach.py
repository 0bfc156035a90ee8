"""Table, unit query and lines against a pixel probe that runs the network, on random graphs, borders included."""

from __future__ import annotations

import json
import os
from itertools import product
from typing import Any

import numpy as np
import pytest

import shapecalc
from shapecalc.reach import endless_interval, lines_seen, seen_by, units_seeing
from shapecalc.result import Step, Trace
from tests.pixel_probe import changed
from tests.random_graphs import graph

GRAPHS = int(os.environ.get("SHAPECALC_GRAPHS", "100"))

Truth = Any  # NDArray[np.bool_], whose stubs know no index of mixed kinds


def box(lit: Truth) -> tuple[tuple[int, int], ...] | None:
    if not lit.any():
        return None
    return tuple((int(axis.min()), int(axis.max())) for axis in lit.nonzero())


def traced(seed: int) -> Trace:
    return shapecalc.trace(shapecalc.load(json.dumps(graph(seed))))


@pytest.mark.parametrize("seed", range(GRAPHS))
def test_what_the_probe_sees(seed: int) -> None:
    trace = traced(seed)
    rank = len(trace.inputs[0][1]) - 1
    lines = lines_seen(trace)
    for name, truth in changed(trace, seed).items():
        step = trace[name]
        for index in product(*map(range, step.out_shape[1:])):
            _compare_unit(trace, step, index, truth[(..., *index)])
        for pixel in product(*map(range, trace.inputs[0][1][1:])):
            seen = units_seeing(trace, name, pixel)
            assert (seen.units, seen.count) == (box(truth[pixel]), truth[pixel].sum()), (name, pixel)
        for axis in range(rank):
            _compare_lines(lines[name], truth, axis, rank)


def _compare_unit(trace: Trace, step: Step, index: tuple[int, ...], lit: Truth) -> None:
    unit = seen_by(trace, step.name, index)
    assert (unit.box, unit.pixels) == (box(lit), lit.sum()), (step.name, index)
    field = step.receptive_field
    assert unit.is_global == (field.is_global if field is not None else unit.is_global), step.name
    if field is None or not field.axes:
        return
    for axis, place in enumerate(index):
        interval = field.axes[axis].interval(place)
        assert interval == endless_interval(trace, step.name, axis, place), (step.name, index)
        if not field.is_global and unit.box is not None and not _copies(trace):
            assert interval is not None
            assert interval[0] <= unit.box[axis][0] <= unit.box[axis][1] <= interval[1], (step.name, index)


def _copies(trace: Trace) -> bool:
    """Whether some padding copies places, which then lie outside of the box that the endless input has."""
    modes = [getattr(step.layer, field, None) for step in trace.layers for field in ("padding_mode", "mode")]
    return not {"reflect", "replicate", "circular"}.isdisjoint(modes)


def _compare_lines(masks: tuple[tuple[int, ...], ...] | None, truth: Truth, axis: int, rank: int) -> None:
    assert masks is not None
    others = tuple(each for each in range(2 * rank) if each % rank != axis)
    lit = truth.any(axis=others)  # (lines, units)
    expected = tuple(sum(1 << line for line in np.flatnonzero(column).tolist()) for column in lit.T)
    units = masks[axis] * (len(expected) if len(masks[axis]) == 1 else 1)
    assert units == expected
