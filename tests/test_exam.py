"""The exam's exercises: right answers are accepted, wrong ones refused with the slip that they are tagged with."""

from __future__ import annotations

import json
from typing import Any

import pytest

import shapecalc
from shapecalc.misconceptions import advised, misconceptions
from tests.exam import EXERCISES, QUANTITIES, Data, answer, spec_of

BY_ID = {exercise["id"]: exercise for exercise in EXERCISES}

LACKING = {
    "padding": "an inverse question: which setting gives a size; expectations are of what a network gives",
    "output_padding": "inverse, as padding",
    "filters": "inverse, as padding",
    "input": "inverse, as padding",
    "blocks": "inverse, as padding",
    "output": "of a network told in words alone; there is nothing to read",
    "float32": "bytes: memory is a column of `show`, by --dtype, not a quantity of the network",
    "float16": "bytes, as float32",
    "ratio": "one quantity over another, or one network over another; each can be expected, the ratio cannot",
    "fc_share": "a ratio; `show` has it under where the parameters live",
    "conv_params": "the sum over a type; `show` has it under where the parameters live",
    "fc_params": "the sum over a type, as conv_params",
    "single_7x7_params": "of another network than the one given",
    "full_conv_params": "of another network than the one given",
    "full_conv_macs": "of another network than the one given",
    "per_layer": "expected layer by layer; see below",
    "per_node": "expected layer by layer; see below",
}
"""Quantities of the exam that no `expect` has, and why."""


def traced(exercise: Data, expect: dict[str, Any]) -> shapecalc.Trace:
    return shapecalc.trace(shapecalc.load(json.dumps({**(spec_of(exercise) or {}), "expect": expect})))


def asked(exercise: Data) -> dict[str, Any]:
    """The exercise's answers in the words of `expect`."""
    if spec_of(exercise) is None:
        return {}
    known = {name: value for name, value in exercise["answers"].items() if name in QUANTITIES}
    return {QUANTITIES[name]: answer(name, value, exercise) for name, value in known.items()}


RIGHT = [exercise["id"] for exercise in EXERCISES if asked(exercise)]
WRONG = [
    (exercise["id"], wrong["quantity"], wrong["value"], wrong["misconception"])
    for exercise in EXERCISES
    for wrong in exercise["wrong"]
    if spec_of(exercise) is not None and wrong["quantity"] in QUANTITIES
]


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_are_accepted(name: str) -> None:
    assert not traced(BY_ID[name], asked(BY_ID[name])).failed


@pytest.mark.parametrize(("name", "quantity", "value", "tag"), WRONG)
def test_a_wrong_answer_is_refused_with_its_misconception(name: str, quantity: str, value: Any, tag: str) -> None:
    exercise = BY_ID[name]
    trace = traced(exercise, {QUANTITIES[quantity]: answer(quantity, value, exercise)})
    ((_, found),) = misconceptions(trace)
    assert tag in [each.tag for each in found]
    assert len(found) <= 2
    (diagnostic,) = (each for each in advised(trace) if each.code == "expectation-failed")
    assert f"[{tag}]" in diagnostic.message
    assert diagnostic.help


@pytest.mark.parametrize("name", [each["id"] for each in EXERCISES if "per_layer" in each["answers"]])
def test_every_layer_is_as_the_exam_says(name: str) -> None:
    exercise = BY_ID[name]
    spec = spec_of(exercise)
    assert spec is not None
    rows = exercise["answers"]["per_layer"]
    layers = [
        {**({item: None} if isinstance(item, str) else item), "expect": {"output": row["out"], "params": row["params"]}}
        for item, row in zip(spec["layers"], rows, strict=True)
    ]
    trace = shapecalc.trace(shapecalc.load(json.dumps({**spec, "layers": layers})))
    assert not trace.failed
    assert [step.macs for step in trace.layers] == [row["macs"] for row in rows]


@pytest.mark.parametrize("name", [each["id"] for each in EXERCISES if "per_node" in each["answers"]])
def test_every_node_is_as_the_exam_says(name: str) -> None:
    trace = traced(BY_ID[name], {})
    for node, row in BY_ID[name]["answers"]["per_node"].items():
        assert (trace[node].out_shape, trace[node].params) == (tuple(row["out"]), row["params"])


def test_what_is_lacking_is_known() -> None:
    without = [exercise for exercise in EXERCISES if spec_of(exercise) is None]
    others = {name for exercise in without for name in exercise["ask"]}
    lacking = {name for exercise in EXERCISES for name in exercise["ask"] if name not in QUANTITIES} | others
    assert lacking - {"macs", "params"} == set(LACKING)  # macs, params: as factors, in e152
    assert len(without) == 11
    assert (len(RIGHT), len(WRONG)) == (109, 719)


def test_the_exam_is_whole() -> None:
    assert len(EXERCISES) == 120
    assert len({tag for *_, tag in WRONG}) == 87
