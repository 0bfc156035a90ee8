"""Changes for a reader: whole blocks, and layers to which the same was done, told as one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from shapecalc.comparison.change import Change, Comparison
from shapecalc.comparison.outline import outermost, prefixes
from shapecalc.result import Step

_TURN = re.compile(r"(.*?)([0-9]+)")


class Group(NamedTuple):
    """Changes that are told as one.

    Attributes:
        name: the layer's, the block's, ``layer3.6 … 22``, or ``old → new``.
        changes: one or more, of equal kinds.
        times: how many equal blocks they are.
        is_block: whether the name is that of a block.
        parts: the names of what was grouped, where it does not stand in a row; with each, its changes.
    """

    name: str
    changes: tuple[Change, ...]
    times: int = 1
    is_block: bool = False
    parts: tuple[tuple[str, tuple[Change, ...]], ...] = ()

    @property
    def label(self) -> str:
        """The name in short, where something is because of it: of several parts, the first, and how many more."""
        return listed([name for name, _ in self.parts], most=1) if self.parts else self.name

    @property
    def by_layer(self) -> dict[str, str]:
        """By layer, the name of the block with which it came or went; nothing of layers that did so by themselves."""
        told = (self.parts or ((self.name, self.changes),)) if self.is_block else ()
        return {change.step.name: name for name, changes in told for change in changes}


def grouped(comparison: Comparison) -> list[Group]:
    """The edits in their order, whole blocks and equal changes together."""
    edits = comparison.edits
    found: dict[int, Group] = {}
    for kind in ("inserted", "removed"):
        numbered = [(number, each) for number, each in enumerate(edits) if each.kinds == (kind,)]
        found |= _scattered(_blocks(numbered, _kept(comparison, kind)))
    alike: dict[object, list[int]] = {}
    for number, change in enumerate(edits):
        if change.before is not None and change.after is not None:
            alike.setdefault(_deed(number, change), []).append(number)
    for numbers in alike.values():
        changes = tuple(edits[number] for number in numbers)
        parts = () if "renamed" in changes[0].kinds else tuple((each.step.name, (each,)) for each in changes)
        found[numbers[0]] = Group(_name(changes), changes, parts=parts)
    return [found[number] for number in sorted(found)]


# ---- whole blocks ----


def _kept(comparison: Comparison, kind: str) -> set[str]:
    """The beginnings of the names of the layers to which that was not done."""
    trace = comparison.after if kind == "inserted" else comparison.before
    gone = {change.step.name for change in comparison.edits if change.kinds == (kind,)}
    return {prefix for step in trace.layers if step.name not in gone for prefix in prefixes(step.name)}


def _blocks(numbered: Sequence[tuple[int, Change]], kept: set[str]) -> dict[int, Group]:
    """A group for each outermost block of which nothing else is left; equal blocks in a row as one."""
    blocks: list[tuple[int, Group]] = []
    for run in _runs(numbered):
        for name, each in groupby(run, lambda pair: outermost(pair[1].step.name, kept)):
            members = list(each)
            changes = tuple(change for _, change in members)
            is_block = name != changes[0].step.name
            blocks.append((members[0][0], Group(name, changes, is_block=is_block)))
    found: dict[int, Group] = {}
    for _, alike in groupby(blocks, lambda pair: _look(pair[1])):
        same = list(alike)
        found[same[0][0]] = same[0][1] if len(same) == 1 else _row([group for _, group in same])
    return found


def _runs(numbered: Sequence[tuple[int, Change]]) -> Iterator[list[tuple[int, Change]]]:
    """Edits that follow one another without another one between them."""
    for _, run in groupby(enumerate(numbered), lambda pair: pair[1][0] - pair[0]):
        yield [each for _, each in run]


def _look(group: Group) -> tuple[object, ...]:
    """What equal blocks in a row have in common; a layer is only like itself."""
    turn = _TURN.fullmatch(group.name)
    if turn is None or not group.is_block:
        return (group.name,)
    return (turn[1], *((c.step.type, c.step.in_shapes, c.step.params, c.step.macs) for c in group.changes))


def _row(groups: list[Group]) -> Group:
    turn = _TURN.fullmatch(groups[-1].name)
    assert turn is not None
    name = f"{groups[0].name} … {turn[2]}"
    return Group(name, tuple(change for group in groups for change in group.changes), len(groups), is_block=True)


def _scattered(groups: dict[int, Group]) -> dict[int, Group]:
    """Equal layers, or blocks of equal structure and name, that came or went in several places, as one."""
    alike: dict[object, list[int]] = {}
    for number, group in groups.items():
        alike.setdefault(_structure(number, group), []).append(number)
    found = {}
    for numbers in alike.values():
        same = [groups[number] for number in numbers]
        parts = tuple((group.name, group.changes) for group in same)
        changes = tuple(change for group in same for change in group.changes)
        name = listed([group.name for group in same])
        found[numbers[0]] = same[0] if len(same) == 1 else Group(name, changes, len(same), same[0].is_block, parts)
    return found


def _structure(number: int, group: Group) -> object:
    """The same for what is called the same in other blocks, and is alike; turns of a repetition are called nothing."""
    place, _, own = group.name.rpartition(".")
    if not place or own.isdecimal() or group.times > 1:
        return number
    if group.is_block:
        return own, tuple((change.step.name.removeprefix(group.name), change.step.type) for change in group.changes)
    return own, repr(group.changes[0].step.layer)


# ---- the same deed ----


def _deed(number: int, change: Change) -> object:
    """What was done, the same where it was done to several layers."""
    assert change.before is not None
    assert change.after is not None
    settings = tuple(
        (name, repr(both) if name != "share" else repr([whose(change.step, each) for each in both]))
        for name, both in change.settings.items()
    )
    is_flag = change.kinds == ("changed",) and set(change.settings) <= {"frozen", "share"}
    types = () if is_flag else (change.before.type, change.after.type)
    if "renamed" in change.kinds:
        return change.kinds, settings, types if settings else (), renaming(change.before, change.after)
    if change.reads is not None:
        return (number,)
    return change.kinds, settings, types


def whose(step: Step, shared: str | None) -> str | None:
    """Whose weights a layer uses: of a layer of the same name in another block, the block."""
    own = step.name.split(".")
    other = (shared or "").split(".")
    while len(own) > 1 and len(other) > 1 and own[-1] == other[-1]:
        own, other = own[:-1], other[:-1]
    return ".".join(other) or None


def renaming(before: Step, after: Step) -> tuple[str, str]:
    """The names, without what stands behind the part that differs."""
    first, second = before.name.split("."), after.name.split(".")
    while len(first) > 1 and len(second) > 1 and first[-1] == second[-1]:
        first, second = first[:-1], second[:-1]
    return ".".join(first), ".".join(second)


def _name(changes: Sequence[Change]) -> str:
    first = changes[0]
    assert first.before is not None
    assert first.after is not None
    if "renamed" in first.kinds:
        return " → ".join(renaming(first.before, first.after))
    if len(changes) == 1:
        return first.after.name
    return listed([change.step.name for change in changes])


def listed(names: Iterable[str], most: int = 3) -> str:
    """The first names, and how many there are."""
    every = list(names)
    return ", ".join(every[:most]) + (f" and {len(every) - most:,} more" if len(every) > most else "")
