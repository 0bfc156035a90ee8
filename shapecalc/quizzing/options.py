"""Answers to choose from: the right one among those that known slips give for this very exercise."""

from __future__ import annotations

from math import prod

from shapecalc.misconceptions.advice import guesses
from shapecalc.misconceptions.answer import Asked, Guess, Study
from shapecalc.misconceptions.likelihood import order
from shapecalc.quizzing.answering import in_words
from shapecalc.quizzing.draw import Draw
from shapecalc.quizzing.exercise import AXES, Exercise, Value

LETTERS = "abcd"
_WRONG = len(LETTERS) - 1

LEAST = 3
"""Options; of an exercise with fewer the answer is asked openly."""

_FACTOR = 1_000
"""A wrong count is at most so many times larger or smaller than the right one."""

_FARTHEST = 10
"""A wrong receptive field is at most so many times larger."""


def options(exercise: Exercise, draw: Draw) -> tuple[Value, ...]:
    """Three or four answers, the right one among them, in rising order; none where too few slips are known.

    The place of the right one is drawn before the others are chosen, likely slips first: as it mostly has the one
    below it that forgets something, it would else stand in the same place most of the time.
    """
    wrong = _wrong(exercise)
    right = _rank(exercise.right)
    below = [value for value in wrong if _rank(value) < right]
    above = [value for value in wrong if _rank(value) > right]
    fewest, most = max(0, _WRONG - len(above)), min(_WRONG, len(below))
    if len(wrong) < LEAST - 1:
        return ()
    place = fewest + draw.below(most - fewest + 1) if fewest <= most else len(below)
    return tuple(sorted([*below[:place], exercise.right, *above[: _WRONG - place]], key=_rank))


def _wrong(exercise: Exercise) -> list[Value]:
    """What slips give, the likeliest first; a second answer of one slip comes after the first of all."""
    wrong: dict[str, Value] = {}
    tags: set[str] = set()
    waiting: list[Guess] = []
    for guess in sorted(guesses(Asked(Study(exercise.trace), exercise.subject, exercise.quantity)), key=order):
        if guess.tag in tags:
            waiting.append(guess)
        elif _take(exercise, guess, wrong):
            tags.add(guess.tag)
    for guess in waiting:
        _take(exercise, guess, wrong)
    return list(wrong.values())


def _take(exercise: Exercise, guess: Guess, wrong: dict[str, Value]) -> bool:
    """Whether the slip's answer goes among the options: plausible, and written unlike the others."""
    if not _is_plausible(exercise, guess.value):
        return False
    text = in_words(exercise, guess.value)
    if text in wrong or text == in_words(exercise, exercise.right):
        return False
    wrong[text] = guess.value
    return True


def _is_plausible(exercise: Exercise, value: Value) -> bool:
    right = exercise.right
    if isinstance(value, int) or isinstance(right, int):
        if not isinstance(value, int) or not isinstance(right, int) or value < 1:
            return False
        return right == 0 or (right <= value * _FACTOR and value <= right * _FACTOR)
    if exercise.quantity != "start" and min(value) < 1:
        return False
    if exercise.quantity in AXES and max(map(abs, value)) > _FARTHEST * max(map(abs, right)) + _FARTHEST:
        return False
    return len(value) == len(right) or (exercise.quantity == "output" and 1 in (len(value), len(right)))


def _rank(value: Value) -> tuple[int, ...]:
    """Rising: counts and axes by their numbers, shapes by their values in all."""
    return (value,) if isinstance(value, int) else (prod(value), *value)
