"""One exercise: its question, its network as a spec, and the right answer, which the engine gives."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeAlias

from shapecalc.answers import questions
from shapecalc.derivation import Derivation, derive_asked
from shapecalc.loading import load
from shapecalc.notation import hwc
from shapecalc.quizzing.scene import ASKED, Form, Scene, Topic
from shapecalc.result import Trace
from shapecalc.verdict import Subject
from shapecalc.walk import trace

AXES = ("receptive_field", "stride", "start")
"""Quantities with a number for each axis."""

SIZED = ("tensor_size", "macs", "flops")
"""Quantities that depend on the sizes of what leaves each layer."""

Value: TypeAlias = "int | tuple[int, ...]"
"""A count; a shape, channels first; or a number for each axis."""


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Attributes:
        topic: what it is about.
        level: 1 to 3.
        form: the way in which it asks.
        scene: the network.
    """

    topic: Topic
    level: int
    form: Form
    scene: Scene

    @property
    def quantity(self) -> str:
        """What is asked, a word of `expect`."""
        return self.form.quantity

    @property
    def question(self) -> str:
        """Its text."""
        return f"{self.scene.text} {self.form.ask or ASKED[self.quantity]}"

    @cached_property
    def trace(self) -> Trace:
        """The network's numbers."""
        return trace(load(json.dumps(self.spec())))

    @cached_property
    def subject(self) -> Subject:
        """The layer, block or network that is asked about."""
        *_, last = (each for each in questions(self.trace) if each.quantities == (self.quantity,) or self._is_whole)
        return last.subject

    @property
    def _is_whole(self) -> bool:
        return self.scene.at is None

    @cached_property
    def right(self) -> Value:
        """The right answer."""
        number = self.subject.out_shape if self.quantity == "output" else self.subject.numbers[self.quantity]
        if isinstance(number, tuple):
            return tuple(_whole(each) for each in number)
        return _whole(number)

    @cached_property
    def workings(self) -> tuple[Derivation, ...]:
        """How the right answer comes about."""
        return derive_asked(self.trace)

    def spec(self, expect: Any = None) -> dict[str, Any]:
        """The exercise as a document of the spec language.

        Args:
            expect: the answer under `expect`, as `written` has it; without one it is left open.
        """
        own = {"ask": [self.quantity]} if expect is None else {"expect": {self.quantity: expect}}
        sizes = len(self.scene.input) > 1 and (self.quantity in SIZED or self._is_flattened)
        asked = {"ask": ["output", self.quantity] if self._is_whole else ["output"]} if sizes else {}
        items = list(self.scene.items)
        if self.scene.at is not None:
            item = items[self.scene.at]
            beside = own if expect is None or not sizes else {**own, "ask": [self.quantity]}
            items[self.scene.at] = {**({item: None} if isinstance(item, str) else item), **beside}
            own = {}
        blocks = {name: {"layers": list(inner)} for name, inner in self.scene.blocks.items()}
        return {
            "question": self.question,
            "input": hwc(self.scene.input).replace("×", "x") if len(self.scene.input) > 1 else self.scene.input[0],
            **({"blocks": blocks} if blocks else {}),
            "layers": items,
            **own,
            **asked,
        }

    @property
    def _is_flattened(self) -> bool:
        """Whether what is learned depends on the size of a map."""
        inner = [item for items in self.scene.blocks.values() for item in items]
        return "flatten" in (*self.scene.items, *inner)

    def traced(self, given: Any) -> Trace:
        """The network with an answer that is expected of it."""
        return trace(load(json.dumps(self.spec(given))))


def _whole(number: Any) -> int:
    assert isinstance(number, int | Fraction)
    assert number == int(number)
    return int(number)
