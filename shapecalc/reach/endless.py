"""What one unit sees of the endless input, where no border clips anything: the table's receptive field by the unit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import reduce
from typing import TypeAlias

from shapecalc.reach.links import Link, Unfollowable, links
from shapecalc.receptive_field import Interval
from shapecalc.result import Trace

MAX_PLACES = 5_000_000
"""Positions that are gone through for one unit."""

MOST_BOXES = 32
"""Boxes that are told apart in one tensor; of more, what lies between them counts as seen too."""

Places: TypeAlias = "range | frozenset[int]"
"""Positions along one axis; a run of neighbours is a range."""

Box: TypeAlias = "tuple[Places, ...]"
"""Positions that are read together: every combination of those along each axis."""


def endless_box(trace: Trace, layer: str, index: tuple[int, ...]) -> tuple[Interval | None, ...]:
    """The interval of input lines that the unit sees along every spatial axis, unclipped.

    By local paths only: what it sees through a layer that reads everything is left out. None along every axis
    where it sees nothing so. Unfollowable where a layer's reading is not known.
    """
    return _seen(trace, layer, dict(enumerate(index)))


def endless_interval(trace: Trace, layer: str, axis: int, unit: int) -> Interval | None:
    """The same along one axis by itself, wherever the unit lies on the others."""
    (seen,) = _seen(trace, layer, {axis: unit})
    return seen


def _seen(trace: Trace, layer: str, units: Mapping[int, int]) -> tuple[Interval | None, ...]:
    """What is seen along the axes of which a unit's place is given."""
    if trace.rf_input is None:
        raise Unfollowable("the network's input has no spatial axes")
    waiting: dict[str, list[Box]] = {layer: [tuple(range(unit, unit + 1) for unit in units.values())]}
    work = 0
    for step in reversed(trace.layers):
        boxes = waiting.pop(step.name, ())
        for number, name in enumerate(step.inputs):
            each = links(step, number) if boxes and name in trace.dependent else None
            if each is None:
                continue
            for box in boxes:
                read = tuple(_read(places, each[axis]) for axis, places in zip(units, box, strict=True))
                work += sum(1 if isinstance(places, range) else len(places) for places in read)
                if work > MAX_PLACES:
                    raise Unfollowable(f"what `{layer}` sees takes too long to follow")
                if all(read):  # who sees nothing along one axis sees nothing
                    waiting[name] = _with(waiting.get(name, []), read)
    found = waiting.get(trace.rf_input)
    if not found:
        return (None,) * len(units)
    return tuple((min(map(min, along)), max(map(max, along))) for along in zip(*found, strict=True))


def _with(boxes: list[Box], new: Box) -> list[Box]:
    """The boxes and one more; those that lie within others, or side by side along one axis, as one."""
    apart = []
    for box in boxes:
        unlike = [axis for axis, (old, other) in enumerate(zip(box, new, strict=True)) if old != other]
        if len(unlike) <= 1 or _is_within(new, box) or _is_within(box, new):
            new = _joined(box, new)
        else:
            apart.append(box)
    if len(apart) < MOST_BOXES:
        return [*apart, new]
    return [reduce(_joined, apart, new)]


def _joined(one: Box, other: Box) -> Box:
    return tuple(map(_union, one, other))


def _is_within(inner: Box, outer: Box) -> bool:
    return all(map(_holds, outer, inner))


def _holds(places: Places, others: Places) -> bool:
    if isinstance(places, range):
        return places[0] <= min(others) and max(others) <= places[-1]
    return frozenset(others) <= places


def _read(places: Places, link: Link) -> Places:
    window = link.window
    if isinstance(places, range) and link.is_dense:
        return range(window.places(places[0])[0], window.places(places[-1])[-1] + 1)
    return _plain(frozenset(place for unit in places for place in window.places(unit)))


def _union(one: Places, other: Places) -> Places:
    if not one or one == other:
        return other
    if isinstance(one, range) and isinstance(other, range) and max(one[0], other[0]) <= min(one[-1], other[-1]) + 1:
        return range(min(one[0], other[0]), max(one[-1], other[-1]) + 1)
    return _plain(frozenset(one) | frozenset(other))


def _plain(places: Collection[int]) -> Places:
    """The same as a range where they are neighbours."""
    if places and max(places) - min(places) + 1 == len(places):
        return range(min(places), max(places) + 1)
    return frozenset(places)
