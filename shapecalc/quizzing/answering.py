"""A student's answer: read as it is written, and judged by the engine."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from shapecalc.misconceptions import Misconception, misconceptions
from shapecalc.notation import MAX_AXES, MAX_SIZE, hwc, times
from shapecalc.quizzing.exercise import AXES, Exercise, Value

_COUNT = re.compile(r"[0-9]{1,18}|[0-9]{1,3}([,_' \u00a0\u2009\u202f][0-9]{3}){1,6}")
_SIGNED = re.compile(r"[-−]?[0-9]{1,9}")
_ROUNDED = re.compile(r"~?\s*(?P<digits>[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>[kKMGBT])")
_NOUN = re.compile(
    r"\s*(params|parameters|weights|biases|values|macs|flops|multiply-adds|pixels|px)\.?$", re.IGNORECASE
)
_SEPARATOR = re.compile(r"\s*[x×*,;]\s*|\s+", re.IGNORECASE)
_TIMES = re.compile(r"\s*[x×*]\s*", re.IGNORECASE)

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
    trace = exercise.traced(given)
    if not trace.failed:
        return Verdict(True)
    return Verdict(False, tuple(slip for _, slips in misconceptions(trace) for slip in slips))


def read(text: str, exercise: Exercise) -> Any:
    """The answer as `expect` has it: a number, a shape or numbers, a rounded number. Raises NoAnswerError."""
    text = _NOUN.sub("", text.strip()) if len(text) <= MOST_CHARACTERS else ""
    if exercise.quantity == "output":
        return _shape(text)
    if exercise.quantity in AXES:
        return _axes(text, len(exercise.scene.input) - 1)
    return _rounded(text) if exercise.form.is_rounded else _count(text)


def _count(text: str) -> int:
    if _COUNT.fullmatch(text):
        return int(re.sub(r"\D", "", text))
    if text.startswith("~") or _ROUNDED.fullmatch(text):
        raise NoAnswerError("the exact number is wanted, as in 1216 or 1,216")
    raise NoAnswerError("a whole number is wanted, as in 1216 or 1,216")


def _rounded(text: str) -> int | str:
    exact = text.removeprefix("~").strip()
    if _COUNT.fullmatch(exact):
        number = re.sub(r"\D", "", exact)
        return f"~{_short(int(number))}" if _is_round(number) else int(number)
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
    bare = text.strip("()[] ")
    separator = _TIMES if _TIMES.search(bare) else _SEPARATOR
    return separator.split(bare)


def _shape(text: str) -> list[int]:
    """Channels first, from the H×W×C of lectures; one number is flat."""
    parts = [text] if _COUNT.fullmatch(text) and " " not in text else _parts(text)
    numbers = [int(re.sub(r"\D", "", part)) for part in parts if _COUNT.fullmatch(part)]
    if len(numbers) < len(parts) or not 1 <= len(numbers) <= MAX_AXES + 1 or max(numbers) > MAX_SIZE:
        raise NoAnswerError("a shape is wanted, height × width × channels, as in 32x32x16; or one number, if flat")
    return [numbers[-1], *numbers[:-1]]


def _axes(text: str, rank: int) -> int | list[int]:
    parts = _parts(text)
    numbers = [int(part.replace("−", "-")) for part in parts if _SIGNED.fullmatch(part)]
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
