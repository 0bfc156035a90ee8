"""A student's answers in the quiz, in the forms in which people and programs write them."""

from __future__ import annotations

from typing import Any

import pytest

from shapecalc.quizzing.answering import NoAnswerError, judged, read
from shapecalc.quizzing.exercise import Exercise
from shapecalc.quizzing.items import Window, conv
from shapecalc.quizzing.scene import Form, Scene, Topic


def exercise(quantity: str, *, is_rounded: bool = False) -> Exercise:
    """Of 16 filters 3×5 on 32×30×3: 30×26×16, 736 parameters, 561,600 multiply-adds, a field of 3×5."""
    scene = Scene("32×30×3 passes 16 filters 3×5.", (3, 32, 30), (conv(16, Window((3, 5))),))
    form = Form(lambda draw, level: scene, quantity, "1", is_rounded=is_rounded)
    return Exercise(Topic("a", "A", (form,)), 1, form, scene)


RIGHT = [
    ("output", "30x26x16"),
    ("output", "30X26X16"),
    ("output", "30*26*16"),
    ("output", "30 26 16"),
    ("output", "30, 26, 16"),
    ("output", "(30, 26, 16)"),
    ("output", "[30, 26, 16]"),
    ("output", "[16, 30, 26]"),
    ("output", "(16, 30, 26)"),
    ("output", "torch.Size([16, 30, 26])"),
    ("output", "30.0x26x16"),
    ("params", "736"),
    ("params", "736.0"),
    ("params", "7_36"),
    ("params", "736 parameters"),
    ("macs", "561600"),
    ("macs", "561,600"),
    ("macs", "561 600"),
    ("macs", "561,600.0"),
    ("macs", "561_600"),
    ("receptive_field", "3x5"),
    ("receptive_field", "3×5"),
    ("receptive_field", "3, 5"),
    ("receptive_field", "[3, 5]"),
    ("receptive_field", "3.0x5.0"),
    ("start", "0"),
    ("start", "−0x0"),
]
WRONG = [
    ("output", "16x30x26"),
    ("output", "16, 30, 26"),
    ("output", "[26, 30, 16]"),
    ("output", "[30, 16, 26]"),
    ("output", "0x-1x16"),
    ("output", "12480"),
    ("params", "737.0"),
    ("macs", "561,601"),
    ("receptive_field", "5x3"),
    ("start", "−1"),
]
NO_ANSWER = [
    ("output", "[1, 16, 30, 26]", "without the batch axis"),
    ("output", "1x30x26x16", "without the batch axis"),
    ("output", "30--1x16", "a shape is wanted"),
    ("params", "736.5", "a whole number"),
    ("params", "0.7k", "the exact number"),
    ("params", "-736", "a whole number"),
    ("receptive_field", "3.5", "a number is wanted"),
]


@pytest.mark.parametrize(("quantity", "text"), RIGHT)
def test_a_right_answer_in_each_form(quantity: str, text: str) -> None:
    asked = exercise(quantity)
    assert judged(asked, read(text, asked)).is_right


@pytest.mark.parametrize(("quantity", "text"), WRONG)
def test_a_wrong_answer_in_each_form(quantity: str, text: str) -> None:
    asked = exercise(quantity)
    assert not judged(asked, read(text, asked)).is_right


@pytest.mark.parametrize(("quantity", "text", "message"), NO_ANSWER)
def test_what_is_no_answer(quantity: str, text: str, message: str) -> None:
    with pytest.raises(NoAnswerError, match=message):
        read(text, exercise(quantity))


def test_a_list_that_is_wrong_is_read_in_the_order_of_the_right_depth() -> None:
    asked = exercise("output")  # 30×26×16; 32 − 3 and 30 − 5 without the + 1
    for text in ("[16, 29, 25]", "[29, 25, 16]", "(29, 25, 16)", "29x25x16"):
        assert read(text, asked) == [16, 29, 25]
        assert [slip.tag for slip in judged(asked, read(text, asked)).slips] == ["forgot_plus_one"]
    assert read("(16, 29, 25)", asked) == [25, 16, 29], "without a right order, as in lectures"


@pytest.mark.parametrize("text", ["562k", "562000", "562,000.0", "561600.0", "~562k"])
def test_a_rounded_answer_in_each_form(text: str) -> None:
    asked = exercise("macs", is_rounded=True)
    assert judged(asked, read(text, asked)).is_right


@pytest.mark.parametrize("listed", [(3, 30, 26), (16, 32, 30), (30, 26, 16)])
def test_a_shape_that_is_chosen_is_channels_first(listed: tuple[int, ...]) -> None:
    """The options of `--choices` are shapes, channels first: even one that would be right in another order."""
    given: Any = list(listed)
    assert not judged(exercise("output"), given).is_right
