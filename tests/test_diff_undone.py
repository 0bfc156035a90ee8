"""`diff` against undoing: a cause is an edit whose undoing is seen, with some of the other edits made or not."""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from itertools import combinations
from typing import Any

import pytest

import shapecalc
from shapecalc.comparison import compare
from shapecalc.result import Step, Trace
from tests.edits import MARK, Data, Pencil, lists, network, plain

SEEDS = 150
FIELDS = ("kernel_size", "out_channels", "stride", "padding", "bias")
QUANTITIES = ("output", "params", "macs", "tensor_size", "receptive_field")

Edits = frozenset[str]


def drawn(seed: int) -> dict[Edits, Trace] | None:
    """A network under every choice of two or three edits of named convolutions; None where one choice does not fit."""
    pencil = Pencil(seed)
    data, draw = network(pencil), random.Random(seed)
    for items in lists(data):
        for item in items:
            item.setdefault("name", f"n{item[MARK]}")
    convs: list[str] = [item["name"] for item in data["layers"] if "conv" in item]
    chosen = draw.sample(convs, min(len(convs), draw.randint(2, 3)))
    edits = {name: (field, _other(field)) for name in chosen for field in [draw.choice(FIELDS)]}
    if draw.random() < 0.3:
        edits["input"] = ("input", "32x32x3")
    made = [frozenset(each) for size in range(len(edits) + 1) for each in combinations(edits, size)]
    try:
        return {each: _traced(data, {name: edits[name] for name in each}) for each in made}
    except shapecalc.SpecError:
        return None


def _other(field: str) -> Any:
    return {"kernel_size": 7, "out_channels": 32, "stride": 2, "padding": 4, "bias": False}[field]


def _traced(data: Data, edits: dict[str, tuple[str, Any]]) -> Trace:
    copied = copy.deepcopy(data)
    for item in copied["layers"]:
        if item["name"] in edits:
            field, value = edits[item["name"]]
            item["conv"][field] = value
    if "input" in edits:
        copied["input"] = edits["input"][1]
    return shapecalc.trace(shapecalc.load(json.dumps(plain(copied))))


def quantity(step: Step, name: str) -> object:
    """A number of a layer; of a receptive field, what is told of it."""
    field = step.receptive_field
    if name == "receptive_field":
        return field and (field.size, field.size_min, field.stride, field.start, field.is_global, field.axes)
    return step.out_shape if name == "output" else getattr(step, name)


@pytest.mark.parametrize("start", range(0, SEEDS, 15))
def test_causes_are_the_edits_whose_undoing_is_seen(start: int) -> None:
    seen: Counter[int] = Counter()
    for seed in range(start, start + 15):
        traces = drawn(seed)
        if traces is None:
            continue
        every = max(traces, key=len)
        comparison = compare(traces[frozenset()], traces[every])
        assert {edit.step.name for edit in comparison.edits} == every - {"input"}, seed
        numbers = {each: {step.name: step for step in trace.layers} for each, trace in traces.items()}
        for change in comparison.affected:
            for name in change.numbers.keys() & set(QUANTITIES):
                value = {each: quantity(steps[change.step.name], name) for each, steps in numbers.items()}
                told = set(change.causes[name].nearest())
                where = (seed, change.step.name, name)
                has_part = {cause for each in value for cause in each if value[each] != value[each - {cause}]}
                needed = {cause for cause in every if value[every] != value[every - {cause}]}
                assert needed - _cancelled(value) <= told <= has_part, where
                seen[len(told)] += 1
    assert seen[1], "nothing was affected"


def _cancelled(value: dict[Edits, object]) -> set[str]:
    """Edits that make up for one another: each is seen alone, and together they are not."""
    nothing = value[frozenset()]
    return {
        cause
        for each in value
        if len(each) > 1 and value[each] == nothing and all(value[frozenset({one})] != nothing for one in each)
        for cause in each
    }
