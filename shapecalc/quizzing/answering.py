"""A student's answer: read as it is written, and judged by the engine."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from shapecalc.corrections import whole
from shapecalc.misconceptions import Misconception, misconceptions
from shapecalc.notation import MAX_AXES, MAX_SIZE, hwc, times
from shapecalc.quizzing.exercise import AXES, Exercise, Value

_ROUNDED = re.compile(r"~?\s*(?P<digits>[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>[kKMGBT])")
_NOUN = re.compile(
    r"\s*(params|parameters|weights|biases|values|macs|flops|multiply-adds|pixels|px)\.?$", re.IGNORECASE
)
_SEPARATOR = re.compile(r"\s*[x×*,;]\s*|\s+", re.IGNORECASE)
_TIMES = re.compile(r"\s*[x×*]\s*", re.IGNORECASE)
_LISTED = re.compile(r"(torch\.Size)?\s*[(\[].*[)\]]")

MOST_CHARACTERS = 100
"""Of an answer; nothing longer is one."""


class NoAnswerError(ValueError):
    """The text is no answer of the kind that is wanted; the message says what is."""


class Verdict(NamedTuple):
    """What an answer is worth.

    Attributes:
        is_right: whether it is the right one.
        slips: those that give exactly this answer, the likeliest first.
    """

    is_right: bool
    slips: tuple[Misconception, ...] = ()


def judged(exercise: Exercise, given: Any) -> Verdict:
    """The verdict on an answer as `read` gives it."""
    is_shape = exercise.quantity == "output" and isinstance(given, list)
    trace = exercise.traced(as_expected(exercise, tuple(given)) if is_shape else given)  # a list says its order twice
    if not trace.failed:
        return Verdict(True)
    return Verdict(False, tuple(slip for _, slips in misconceptions(trace) for slip in slips))


def read(text: str, exercise: Exercise) -> Any:
    """The answer as `expect` has it: a number, a shape or numbers, a rounded number. Raises NoAnswerError."""
    text = _NOUN.sub("", text.strip()) if len(text) <= MOST_CHARACTERS else ""
    if exercise.quantity == "output":
        return _in_order(_shape(text), exercise.right, _LISTED.fullmatch(text))
    if exercise.quantity in AXES:
        return _axes(text, len(exercise.scene.input) - 1)
    return _rounded(text) if exercise.form.is_rounded else _count(text)


def _count(text: str) -> int:
    number = whole(text)
    if number is not None:
        return number
    if text.startswith("~") or _ROUNDED.fullmatch(text):
        raise NoAnswerError("the exact number is wanted, as in 1216 or 1,216")
    raise NoAnswerError("a whole number is wanted, as in 1216 or 1,216")


def _rounded(text: str) -> int | str:
    number = whole(text.removeprefix("~"))
    if number is not None:
        return f"~{_short(number)}" if _is_round(str(number)) else number
    found = _ROUNDED.fullmatch(text)
    if not found:
        raise NoAnswerError("a number is wanted, exact or to three digits, as in 1.23M")
    if len(found["digits"].replace(".", "").lstrip("0")) < 3:
        raise NoAnswerError("three digits are wanted, as in 1.23M")
    return f"~{found['digits']}{found['unit']}"


def _is_round(number: str) -> bool:
    """Whether all digits behind the third are zeros: 1230000 may be meant as 1.23M."""
    return len(number) > 3 and set(number[3:]) == {"0"}


def _short(number: int) -> str:
    """The number to three digits: ``1.23M``.

    >>> _short(1234567), _short(45678), _short(999999), _short(123456789)
    ('1.23M', '45.7k', '1.00M', '123M')
    """
    scale, units = 10 ** max(len(str(number)) - 3, 0), "kMGT"
    shortened = (number + scale // 2) // scale * scale
    power = (len(str(shortened)) - 1) // 3
    whole, rest = divmod(shortened, 1000**power)
    decimals = 3 - len(str(whole))
    tail = f".{rest:0{3 * power}d}"[: decimals + 1] if decimals else ""
    return f"{whole}{tail}{units[power - 1]}"


def _parts(text: str) -> list[str]:
    bare = text.removeprefix("torch.Size").strip("()[] ")
    separator = _TIMES if _TIMES.search(bare) else _SEPARATOR
    return separator.split(bare.rstrip(","))


def _numbers(parts: list[str]) -> list[int]:
    """The whole numbers among what is written, which may be below 0."""
    signed = [(-1, part[1:]) if part.startswith(("-", "−")) else (1, part) for part in parts]
    numbers = [(sign, whole(digits)) for sign, digits in signed]
    return [sign * number for sign, number in numbers if number is not None and number <= MAX_SIZE]


def _shape(text: str) -> list[int]:
    """Channels first, from the H×W×C of lectures; one number is flat."""
    parts = [text] if whole(text) is not None and " " not in text else _parts(text)
    numbers = _numbers(parts)
    if len(numbers) < len(parts) or len(numbers) > MAX_AXES + 1:
        raise NoAnswerError("a shape is wanted, height × width × channels, as in 32x32x16; or one number, if flat")
    return [numbers[-1], *numbers[:-1]]


def _in_order(shape: list[int], right: Value, listed: re.Match[str] | None) -> list[int]:
    """A shape, whose channels stand last as in lectures; in brackets also first, where that is right.

    In square ones, as in code, also where it gives the right depth, which the other order does not.
    """
    assert isinstance(right, tuple)
    first = [*shape[1:], shape[0]]
    if len(shape) == len(right) + 1 and first[0] == 1:
        raise NoAnswerError("the shape is wanted without the batch axis, as in 32x32x16")
    if listed is None:
        return shape
    has_depth = "[" in listed.group() and first[0] == right[0] != shape[0]
    return first if has_depth or tuple(first) == right else shape


def _axes(text: str, rank: int) -> int | list[int]:
    parts = _parts(text)
    numbers = _numbers(parts)
    if len(numbers) < len(parts) or len(numbers) not in (1, rank):
        raise NoAnswerError("a number is wanted, as in 7, or one for each axis, as in 7x9")
    return numbers[0] if len(numbers) == 1 else numbers


def expected(exercise: Exercise) -> Any:
    """The right answer as `expect` has it; to three digits where the exercise rounds."""
    return as_expected(exercise, exercise.right)


def as_expected(exercise: Exercise, value: Value) -> Any:
    """An answer as `expect` has it."""
    if isinstance(value, int):
        return f"~{_short(value)}" if exercise.form.is_rounded else value
    if exercise.quantity == "output":
        return "x".join(map(str, (*value[1:], value[0]))) if len(value) > 1 else value[0]
    return value[0] if len(set(value)) == 1 else list(value)


def in_words(exercise: Exercise, value: Value) -> str:
    """An answer for people, as exact as it is asked."""
    if isinstance(value, int):
        return _short(value) if exercise.form.is_rounded and value > 999 else f"{value:,}"
    if exercise.quantity == "output":
        return hwc(value) if len(value) > 1 else f"{value[0]:,}"
    return f"{value[0]:,}".replace("-", "−") if len(set(value)) == 1 else times(value)
