"""A sheet of exercises from a seed: no two alike, every division whole unless that is the question."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import NamedTuple

from shapecalc.derivation.frames import spans_of
from shapecalc.files import Unreadable
from shapecalc.layers.convolution import ConvTranspose
from shapecalc.layers.pooling import AdaptiveAvgPool
from shapecalc.problems import SpecError
from shapecalc.quizzing.draw import Draw
from shapecalc.quizzing.exercise import Exercise
from shapecalc.quizzing.scene import Form, Topic
from shapecalc.quizzing.settings import MOST
from shapecalc.quizzing.topics import TOPICS
from shapecalc.result import Step

LEVELS = (1, 2, 3)

MOST_EXERCISES = 10_000
"""On one sheet."""

_TRIES = 60
"""Draws of one form before another is taken."""


class Plan(NamedTuple):
    """What decides a sheet.

    Attributes:
        seed: of all choices.
        number: of exercises.
        topics: their words; none: all.
        levels: at which, rising over the sheet.
    """

    seed: int
    number: int
    topics: tuple[str, ...] = ()
    levels: tuple[int, ...] = LEVELS


def exercises(plan: Plan) -> Iterator[Exercise]:
    """The exercises of a sheet, one after the other. `Unreadable` where there are not so many.

    The topics come in turn, the levels rise; where a topic has nothing new at a level, the next one takes its turn.
    """
    bag = _Bag(Draw(plan.seed))
    order = bag.draw.order([topic for topic in TOPICS if topic.word in plan.topics or not plan.topics])
    for number in range(plan.number):
        level, turn = plan.levels[number * len(plan.levels) // plan.number], number % len(order)
        found = (made for topic in order[turn:] + order[:turn] if (made := bag.next(topic, level)))
        made = next(found, None)
        if made is None:
            message = f"after {number} exercises there are no more at level {level} that are not alike"
            raise Unreadable(message, "a smaller --count, or more topics and levels")
        yield made


class _Bag:
    """What is drawn from, and what was drawn.

    Attributes:
        draw: chooses.
    """

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self._seen: set[object] = set()
        self._waiting: dict[tuple[str, int], list[Form]] = {}
        self._spent: set[tuple[str, int]] = set()

    def next(self, topic: Topic, level: int) -> Exercise | None:
        """An exercise that was not there before, None where none is found; each form comes before one comes again."""
        own = [form for form in topic.forms if str(level) in form.levels]
        key = (topic.word, level)
        waiting = self._waiting.setdefault(key, [])
        for _ in range(0 if key in self._spent else 2 * len(own)):
            waiting += [] if waiting else self.draw.order(own)
            made = self._made(topic, level, waiting.pop())
            if made is not None:
                return made
        self._spent.add(key)
        return None

    def _made(self, topic: Topic, level: int, form: Form) -> Exercise | None:
        for _ in range(_TRIES):
            made = Exercise(topic, level, form, form.make(self.draw, level))
            if _is_good(made) and (essence := _essence(made)) not in self._seen:
                self._seen.add(essence)
                return made
        return None


def _is_good(exercise: Exercise) -> bool:
    """Whether the network fits, its divisions are as they should be, and the answer can be worked out by hand."""
    try:
        layers = exercise.trace.layers
    except SpecError:
        return False
    if any(_is_uneven(step) for step in layers) != exercise.scene.is_uneven or any(map(_is_beyond, layers)):
        return False
    right = exercise.right
    if isinstance(right, tuple):
        return exercise.quantity != "output" or prod(right) <= 10 * MOST[exercise.level]
    return (1000 if exercise.form.is_rounded else 0) <= right <= MOST[exercise.level]


def _is_uneven(step: Step) -> bool:
    """Whether a window does not come out even, or bins are unlike."""
    if isinstance(step.layer, AdaptiveAvgPool):
        return any(n % m or n < m for n, m in zip(step.in_shapes[0][1:], step.out_shape[1:], strict=True))
    if isinstance(step.layer, ConvTranspose):
        return False
    spans = spans_of(step.layer, step.in_shapes[0])
    return any((each.size + each.before + each.after - each.extent) % each.stride for each in spans)


def _is_beyond(step: Step) -> bool:
    """Whether a window is larger than the map, or what a unit sees than the image: padding alone would make it fit."""
    field, spans = step.receptive_field, spans_of(step.layer, step.in_shapes[0])
    if not isinstance(step.layer, ConvTranspose) and any(each.extent > each.size for each in spans):
        return True
    return field is not None and any(n > m for n, m in zip(field.size, field.input_size, strict=True))


def _essence(exercise: Exercise) -> object:
    """What two exercises share that are alike: the quantity, and every number in its working."""
    lines = [line.substituted or line.result for each in exercise.workings for line in each.lines]
    return exercise.quantity, exercise.scene.at is None, tuple(lines)
