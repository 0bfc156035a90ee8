"""What a slip would answer, and where in the network it would have to be made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from typing import Any, NamedTuple, TypeAlias

from shapecalc.misconceptions.facts import Facts, facts
from shapecalc.result import Step, Trace
from shapecalc.verdict import Subject

Value: TypeAlias = "int | tuple[int, ...]"
"""A count; a shape, channels first; or a number for each axis."""


class Extent(IntEnum):
    """How much of the work a slip is made in; the less that has to be assumed, the likelier."""

    ALIKE = 0
    """In the one layer that is asked about, or in all layers alike."""
    ONE_TYPE = 1
    """In all layers of one type."""
    ONE_LAYER = 2
    """In one layer of several."""
    TWO_SLIPS = 3
    """A second slip is made in the same layer."""


class Study:
    """A network whose answers are judged, with what is worked out about it once for all of them."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.walks: dict[object, Any] = {}
        self._facts: dict[int, Facts] = {}

    def facts(self, number: int) -> Facts:
        """What rows can name about the layer of that number."""
        if number not in self._facts:
            self._facts[number] = facts(self.trace.layers[number])
        return self._facts[number]


class Guess(NamedTuple):
    """The answer to which a slip leads.

    Attributes:
        tag: the slip's name.
        value: the number, or numbers.
        why: what is wrong about it, in a clause.
        working: how the number comes about, or nothing; where that takes work, what does it when the slip is told.
        extent: how much has to be assumed.
    """

    tag: str
    value: Value
    why: str
    working: str | Callable[[], str] = ""
    extent: Extent = Extent.ALIKE


class Asked:
    """One answer that is judged: the network, what of it, and which quantity."""

    def __init__(self, study: Study, subject: Subject, quantity: str) -> None:
        self.study = study
        self.subject = subject
        self.quantity = quantity

    @property
    def trace(self) -> Trace:
        """The network."""
        return self.study.trace

    @property
    def numbers(self) -> range:
        """The numbers of the layers that the answer is about."""
        return range(self.subject.first, self.subject.end)

    @property
    def steps(self) -> tuple[Step, ...]:
        """These layers."""
        return self.trace.layers[self.subject.first : self.subject.end]

    @property
    def last(self) -> Step:
        """The layer that the output is of."""
        return self.trace.layers[self.subject.end - 1]

    @property
    def is_one(self) -> bool:
        """Whether it is about a single layer."""
        return len(self.numbers) == 1


class Scope(NamedTuple):
    """Layers in which a slip is made, with the words that say so (none where there is no choice)."""

    layers: frozenset[int]
    where: str
    extent: Extent


def scopes(touched: Sequence[tuple[int, Step]], *, singly: bool = True) -> Iterator[Scope]:
    """All layers that a slip touches; those of each type; each of them.

    Args:
        touched: their numbers and steps.
        singly: whether each by itself is of interest.
    """
    alone = len(touched) == 1
    yield Scope(
        frozenset(number for number, _ in touched), f" (in `{touched[0][1].name}`)" if alone else "", Extent.ALIKE
    )
    if alone:
        return
    types: dict[str, set[int]] = {}
    for number, step in touched:
        types.setdefault(step.type, set()).add(number)
    if len(types) > 1:
        for kind, numbers in types.items():
            if len(numbers) > 1:
                yield Scope(frozenset(numbers), f" (in the `{kind}` layers)", Extent.ONE_TYPE)
    if singly:
        for number, step in touched:
            yield Scope(frozenset({number}), f" (in `{step.name}`)", Extent.ONE_LAYER)


def own(step: Step, quantity: str) -> int | None:
    """The layer's own number."""
    if quantity == "flops":
        return None if step.macs is None else 2 * step.macs
    number: int | None = getattr(step, quantity)
    return number
