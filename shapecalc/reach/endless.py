"""What one unit sees of the endless input, where no border clips anything: the table's receptive field by the unit."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeAlias

from shapecalc.reach.links import Link, Unfollowable, links, seeing
from shapecalc.receptive_field import Interval
from shapecalc.result import Trace

MAX_PLACES = 5_000_000
"""Positions that are gone through for one unit."""

Places: TypeAlias = "range | frozenset[int]"
"""Positions along one axis; a run of neighbours is a range."""


def endless_interval(trace: Trace, layer: str, axis: int, unit: int) -> Interval | None:
    """The interval of input lines that the unit sees along one spatial axis, unclipped.

    By local paths only: what it sees through a layer that reads everything is left out. None where it sees
    nothing so. Unfollowable where a layer's reading is not known.
    """
    if trace.rf_input is None:
        raise Unfollowable("the network's input has no spatial axes")
    dependent = seeing(trace)
    waiting: dict[str, Places] = {layer: range(unit, unit + 1)}
    work = 0
    for step in reversed(trace.layers):
        places = waiting.pop(step.name, None)
        if not places:
            continue
        for number, name in enumerate(step.inputs):
            each = links(step, number) if name in dependent else None
            if each is None:
                continue
            read = _read(places, each[axis])
            work += 1 if isinstance(read, range) else len(read)
            if work > MAX_PLACES:
                raise Unfollowable(f"what `{layer}` sees takes too long to follow")
            waiting[name] = _union(waiting.get(name, range(0)), read)
    seen = waiting.get(trace.rf_input)
    return (min(seen), max(seen)) if seen else None


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
