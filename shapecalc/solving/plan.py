"""In which order the unknowns are tried, and which items a part of them decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from shapecalc.solving.question import Question
from shapecalc.solving.uses import is_growing, reached
from shapecalc.spec import Item, Spec


class Plan(NamedTuple):
    """How the choices are gone through.

    Attributes:
        growing: the unknowns that the network grows with.
        bisected: the one of them with the most values, if there is one; it comes last.
        order: of all unknowns, by their number.
        decided: for each number of unknowns that are chosen, how many of the first items nothing else has a part in;
            0 where it is no more than with one fewer.
    """

    growing: frozenset[int]
    bisected: int | None
    order: list[int]
    decided: list[int]


def plan(question: Question) -> Plan:
    """The unknowns in the order in which layers read them, sizes of inputs and what is bisected last.

    Of one layer's, those come last with which the network grows, so that the search ends at too large values of them.
    """
    unknowns, spec = question.unknowns, question.spec
    growing = frozenset(
        index
        for index, unknown in enumerate(unknowns)
        if unknown.range.is_number and not question.is_about_fit and is_growing(unknown.variable, spec)
    )
    last = max(sorted(growing), key=lambda index: len(unknowns[index].range.values), default=None)
    first = [_first_item(question, index) for index in range(len(unknowns))]
    order = sorted(
        range(len(unknowns)),
        key=lambda i: (i == last, question.of_input(unknowns[i]), first[i], i in growing, i),
    )
    prefixes = [0] * (len(unknowns) + 1)
    if not _has_names_like_numbers(spec):
        for count in range(1, len(unknowns)):
            prefixes[count] = min(first[index] for index in order[count:])
    decided = [0, *(n if n > before else 0 for before, n in pairwise(prefixes))]
    return Plan(growing, last, order, decided)


def _first_item(question: Question, index: int) -> int:
    """The first item of the network that a value has a part in; 0 of the sizes of an input."""
    unknown, spec = question.unknowns[index], question.spec
    if question.of_input(unknown):
        return 0
    items = {id(use.item) for use in reached(unknown.variable, spec)}
    for number, item in enumerate(spec.items):
        if any(id(each) in items for each in _inside(spec, [item], set())):
            return number
    return len(spec.items)


def _inside(spec: Spec, items: Sequence[Item], seen: set[str]) -> Iterator[Item]:
    """The items, with those in their branches and in the blocks that they call."""
    for item in items:
        yield item
        for branch in item.branches:
            yield from _inside(spec, branch.items, seen)
        if item.kind == "block" and item.type not in seen:
            seen.add(item.type)
            yield from _inside(spec, spec.blocks[item.type].items, seen)


def _has_names_like_numbers(spec: Spec) -> bool:
    """Whether an item is called as layers without a name are, `conv2`, so that those above are called otherwise."""
    types = {item.type for item in spec.items}
    return any((item.keys.name or "").rstrip("0123456789") in types for item in spec.items)
