"""Exercises from a seed: right by PyTorch, unlike each other, divided without rest; `SHAPECALC_QUIZ=10000` for many."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from math import prod
from typing import Any

import pytest

import shapecalc
from shapecalc.files import Unreadable
from shapecalc.quizzing import TOPICS, Exercise, Plan, exercises
from shapecalc.quizzing.answering import NoAnswerError, expected, in_words, judged, read
from shapecalc.quizzing.draw import Draw
from shapecalc.quizzing.options import options
from shapecalc.quizzing.scene import Form
from shapecalc.quizzing.settings import MOST
from shapecalc.quizzing.teaching import formulas
from shapecalc.quizzing.topics import counts, fields, joins
from tests.quiz_torch import Network, Ran, seen
from tests.witness import torch_or_skip

MANY = int(os.environ.get("SHAPECALC_QUIZ", "330"))
FIELDS = {"receptive_field": 0, "stride": 1, "start": 2}


@pytest.fixture(scope="module")
def sheet() -> list[Exercise]:
    return list(exercises(Plan(2026, MANY)))


def one(topic: str, quantity: str, level: int = 1) -> Exercise:
    found = exercises(Plan(5, 60, (topic,), (level,)))
    return next(each for each in found if each.quantity == quantity)


def ran(torch: Any, exercise: Exercise) -> Ran:
    network = Network(torch, exercise.spec())
    return network.total if exercise.scene.at is None else network.items[exercise.scene.at]


def test_every_answer_is_torchs_or_the_recurrences(sheet: list[Exercise]) -> None:
    torch = torch_or_skip()
    compared = 0
    for exercise in sheet:
        spec, quantity, right = exercise.spec(), exercise.quantity, exercise.right
        if quantity in FIELDS:
            assert right == (seen(spec["layers"])[FIELDS[quantity]],) * 2, spec
            continue
        got = ran(torch, exercise)
        wanted = {
            "output": got.output,
            "tensor_size": prod(got.output),
            "params": got.params,
            "weights": got.weights,
            "macs": got.macs,
            "flops": 2 * got.macs,
        }[quantity]
        assert right == wanted, spec
        compared += 1
    assert compared > 0.7 * len(sheet)


def windows(items: list[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for item in items:
        if isinstance(item, dict):
            word, fields = next(iter(item.items()))
            if word == "parallel":
                for branch in fields:
                    yield from windows(branch)
            elif word in ("conv", "maxpool", "avgpool"):
                yield word, fields


def test_no_two_are_alike(sheet: list[Exercise]) -> None:
    assert len(sheet) == MANY
    assert len({exercise.question for exercise in sheet}) == MANY
    assert len({json.dumps({**exercise.spec(), "question": ""}) for exercise in sheet}) == MANY


def test_divisions_are_whole_unless_the_question_says_so(sheet: list[Exercise]) -> None:
    asked = 0
    for exercise in sheet:
        says = "not whole" in exercise.question or "rounds up" in exercise.question
        asked += says
        rests = []
        for step in exercise.trace.layers:
            if step.type in ("conv", "maxpool", "avgpool"):
                own = step.layer.model_dump()
                for axis, size in enumerate(step.in_shapes[0][1:]):
                    k, s, p, d = (
                        v[axis] if isinstance(v := own.get(name, 1), (tuple, list)) else v
                        for name in ("kernel_size", "stride", "padding", "dilation")
                    )
                    both = sum(p) if isinstance(p, (tuple, list)) else 2 * p
                    rests.append((size + both - d * (k - 1) - 1) % (s or k))
        assert any(rests) == says, exercise.question
        assert not says or exercise.level == 3
    assert asked > 0


def test_windows_and_what_they_see_are_no_larger_than_what_they_move_over(sheet: list[Exercise]) -> None:
    for exercise in sheet:
        for step in exercise.trace.layers:
            sizes, field = step.in_shapes[0][1:], step.receptive_field
            if step.type in ("conv", "maxpool", "avgpool"):
                own = step.layer.model_dump()
                for axis, size in enumerate(sizes):
                    k, d = (
                        v[axis] if isinstance(v := own.get(name, 1), (tuple, list)) else v
                        for name in ("kernel_size", "dilation")
                    )
                    assert d * (k - 1) + 1 <= size, exercise.question
            assert field is None or all(n <= m for n, m in zip(field.size, field.input_size, strict=True)), (
                exercise.question
            )


@pytest.mark.parametrize("make", [fields.stem, fields.pooled, fields.dilated, joins.unlike])
def test_an_image_whose_size_is_not_told_is_larger_than_what_is_seen(make: Any) -> None:
    form = Form(make, "receptive_field", "123")
    for number in range(60):
        for level in (2, 3):
            *_, last = Exercise(TOPICS[3], level, form, make(Draw(number), level)).trace.layers
            field = last.receptive_field
            assert field is not None
            assert all(n <= m for n, m in zip(field.size, field.input_size, strict=True)), (number, level)


@pytest.mark.parametrize("topic", ["output-size", "parameters", "one-by-one", "stacked-kernels", "branches"])
def test_a_question_is_a_sentence(topic: str) -> None:
    for exercise in exercises(Plan(11, 150, (topic,), (1,))):
        assert not re.search(r"\b1 (filter|channel|unit|group|parameter)s\b", exercise.question), exercise.question
        assert not ("goes through" in exercise.question and "does it have" in exercise.question), exercise.question


def test_topics_and_levels_are_all_there(sheet: list[Exercise]) -> None:
    assert {(each.topic.word, each.level) for each in sheet} == {(t.word, n) for t in TOPICS for n in (1, 2, 3)}
    assert [each.level for each in sheet] == sorted(each.level for each in sheet)
    for topic in TOPICS:
        assert len(topic.forms) >= 4
        for level in "123":
            assert sum(level in form.levels for form in topic.forms) >= 3


def test_numbers_can_be_worked_out_by_hand(sheet: list[Exercise]) -> None:
    for exercise in sheet:
        if isinstance(exercise.right, int):
            assert exercise.right <= MOST[exercise.level]


def test_the_question_has_every_number_of_the_layers(sheet: list[Exercise]) -> None:
    words = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
    for exercise in sheet:
        if "padded so" in exercise.question or "sees as much" in exercise.question:
            continue
        told = {int(n) for n in re.findall(r"\d+", exercise.question.replace(",", ""))}
        told |= {number for word, number in words.items() if word in exercise.question} | {1}
        for _, own in windows(exercise.spec()["layers"]):
            for value in own.values():
                for number in value if isinstance(value, list) else [value]:
                    assert isinstance(number, (bool, str)) or number == 0 or number in told, exercise.question


def test_the_right_answer_is_right_and_the_options_are_wrong(sheet: list[Exercise]) -> None:
    places = [0] * 4
    for number, exercise in enumerate(sheet[:330]):
        assert judged(exercise, expected(exercise)).is_right
        assert judged(exercise, read(in_words(exercise, exercise.right), exercise)).is_right, exercise.question
        choices = options(exercise, Draw(number))
        said = [in_words(exercise, choice) for choice in choices]
        assert len(set(said)) == len(choices) >= 3
        places[choices.index(exercise.right)] += 1
        for choice in choices:
            if choice != exercise.right:
                verdict = judged(exercise, list(choice) if isinstance(choice, tuple) else choice)
                assert not verdict.is_right
                assert verdict.slips, (exercise.question, choice)
    assert min(places) > sum(places) / 8


def test_the_same_seed_gives_the_same_sheet_in_another_process() -> None:
    code = (
        "from shapecalc.quizzing import Plan, exercises\n"
        "print(*[each.question for each in exercises(Plan(7, 40))], sep='\\n')"
    )
    done = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
            capture_output=True,
            check=True,
        ).stdout.decode()
        for seed in ("1", "2")
    ]
    assert done[0] == done[1] == "".join(f"{each.question}\n" for each in exercises(Plan(7, 40)))


def test_draws_are_those_of_the_mersenne_twister() -> None:
    # random.Random(7).random() is 0.3238…, 0.1508…, 0.6509…: Python's documentation promises them
    draw = Draw(7)
    assert [draw.below(100) for _ in range(3)] == [32, 15, 65]


def test_a_sheet_that_is_too_long_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shapecalc.quizzing.making._TRIES", 3)
    with pytest.raises(Unreadable, match=r"after \d+ exercises there are no more at level 1"):
        list(exercises(Plan(1, 5000, ("fc-against-global-pooling",), (1,))))


@pytest.mark.parametrize(
    ("topic", "quantity", "text", "value"),
    [
        ("parameters", "params", "1216", 1216),
        ("parameters", "params", "1,216", 1216),
        ("parameters", "params", " 1_216 params", 1216),
        ("parameters", "params", "1 216", 1216),
        ("output-size", "output", "32x32x16", [16, 32, 32]),
        ("output-size", "output", "32×32×16", [16, 32, 32]),
        ("output-size", "output", "32 32 16", [16, 32, 32]),
        ("output-size", "output", "(42, 30, 16)", [16, 42, 30]),
        ("output-size", "output", "3,981x128", [128, 3981]),
        ("pooling", "output", "1,024", [1024]),
        ("receptive-field", "receptive_field", "7", 7),
        ("receptive-field", "receptive_field", "7x9", [7, 9]),
        ("receptive-field", "receptive_field", "−5", -5),
    ],
)
def test_answers_are_read_as_they_are_written(topic: str, quantity: str, text: str, value: Any) -> None:
    assert read(text, one(topic, quantity)) == value


@pytest.mark.parametrize(
    ("topic", "quantity", "text", "message"),
    [
        ("parameters", "params", "1.2k", "exact"),
        ("parameters", "params", "~1216", "exact"),
        ("parameters", "params", "12x3", "whole number"),
        ("parameters", "params", "1,21", "whole number"),
        ("parameters", "params", "9" * 200, "whole number"),
        ("output-size", "output", "a lot", "shape"),
        ("output-size", "output", "1x2x3x4x5", "shape"),
        ("receptive-field", "receptive_field", "1x2x3", "number"),
    ],
)
def test_what_is_no_answer_is_told(topic: str, quantity: str, text: str, message: str) -> None:
    with pytest.raises(NoAnswerError, match=message):
        read(text, one(topic, quantity))


def test_a_rounded_answer_has_three_digits() -> None:
    exercise = next(e for e in exercises(Plan(3, 30, ("macs",), (3,))) if e.form.is_rounded)
    assert isinstance(exercise.right, int)
    short = in_words(exercise, exercise.right)
    assert re.fullmatch(r"[\d.]{3,4}[kM]", short)
    for text in (short, f"~{short}", str(exercise.right)):
        assert judged(exercise, read(text, exercise)).is_right
    assert not judged(exercise, read(str(exercise.right + 1), exercise)).is_right
    with pytest.raises(NoAnswerError, match="three digits"):
        read("5M", exercise)


def test_a_wrong_answer_is_told_with_its_slip() -> None:
    found = (each for each in exercises(Plan(5, 60, ("parameters",), (1,))) if each.quantity == "params")
    exercise = next(each for each in found if len(each.scene.input) > 1)  # of a flat layer the macs are the weights
    weights = exercise.trace.totals.weights
    assert [slip.tag for slip in judged(exercise, weights).slips] == ["forgot_bias"]


def test_a_hint_tells_unlike_layers_apart() -> None:
    def made(make: Any) -> Any:
        form = next(form for topic in TOPICS for form in topic.forms if form.make is make)
        return formulas(Exercise(TOPICS[1], 2, form, make(Draw(3), 2)))

    # MobileNet's pair: F·F for each channel, then D₁ for each of K filters; a stack has one formula for all layers
    assert made(counts.separated) == [("conv1", "weights = F²·(D₁/g)·K"), ("conv2", "weights = F²·D₁·K")]
    assert made(counts.stack) == [("", "weights = F²·D₁·K")]


def test_the_spec_of_an_exercise_is_a_spec() -> None:
    for exercise in exercises(Plan(4, 33)):
        text = json.dumps(exercise.spec(expected(exercise)))
        assert not shapecalc.trace(shapecalc.load(text)).failed
