"""A set of positions of a map, exact in all its axes together, carried through layers in both directions.

Rows of bits: for each place on all axes but the last, one integer whose bit x stands for place x of the last;
rows without a bit are left out.
A cross or a comb is such a set; a box around it would not be exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from itertools import product
from operator import or_
from typing import TypeAlias

from shapecalc.reach.links import Link

Region: TypeAlias = "dict[tuple[int, ...], int]"

Move: TypeAlias = Callable[[Link, int, int], int]
"""What becomes of a run of places, from first to last, of one axis: bits of the other side's places."""


def whole(sizes: Sequence[int]) -> Region:
    """All positions of a map of these sizes."""
    *leading, last = sizes
    return dict.fromkeys(product(*map(range, leading)), (1 << last) - 1)


def single(index: Sequence[int]) -> Region:
    """One position."""
    return {tuple(index[:-1]): 1 << index[-1]}


def union(one: Region, other: Region) -> Region:
    """The positions of both."""
    return {lead: one.get(lead, 0) | other.get(lead, 0) for lead in one.keys() | other.keys()}


def pulled(region: Region, links: Sequence[Link]) -> Region:
    """The input positions that these outputs read."""
    return _moved(region, links, _read_by)


def pushed(region: Region, links: Sequence[Link]) -> Region:
    """The outputs that read one of these input positions."""
    return _moved(region, links, _readers_of)


def count(region: Region) -> int:
    """How many positions there are."""
    return sum(bits.bit_count() for bits in region.values())


def box(region: Region) -> tuple[tuple[int, int], ...] | None:
    """The smallest closed interval on each axis around all positions; None where there are none."""
    if not region:
        return None
    last = reduce(or_, region.values())
    return (*((min(axis), max(axis)) for axis in zip(*region, strict=True)), (_lowest(last), last.bit_length() - 1))


def _moved(region: Region, links: Sequence[Link], move: Move) -> Region:
    """The region on the other side of the links, one axis after the other, the last one first."""
    known: dict[int, int] = {}
    rows: Region = {}
    for lead, bits in region.items():
        if bits not in known:
            known[bits] = _bits(bits, links[-1], move)
        if known[bits]:
            rows[lead] = known[bits]
    for axis, link in enumerate(links[:-1]):
        places = {place: tuple(_places(move(link, place, place))) for place in {lead[axis] for lead in rows}}
        turned: Region = {}
        for lead, bits in rows.items():
            for place in places[lead[axis]]:
                key = (*lead[:axis], place, *lead[axis + 1 :])
                turned[key] = turned.get(key, 0) | bits
        rows = turned
    return rows


def _bits(bits: int, link: Link, move: Move) -> int:
    moved = 0
    for first, last in _runs(bits):
        moved |= move(link, first, last)
    return moved


def _read_by(link: Link, first: int, last: int) -> int:
    """The places that the units of a run read."""
    if not link.is_dense:
        return _union_of(link, range(first, last + 1))
    low, high = link.window.places(first)[0], link.window.places(last)[-1]
    bits = _run(max(low, 0), min(high, link.size - 1))
    return bits | _union_of(link, [unit for unit in _bordering(link) if first <= unit <= last])


def _readers_of(link: Link, first: int, last: int) -> int:
    """The units that read a place of a run."""
    advance, taps = link.window.advance, link.window.taps[0]
    wanted = _run(first, last)
    if not link.is_dense or not advance:
        return _those(link, range(link.units), wanted)
    low, high = -((taps[-1] - first) // advance), (last - taps[0]) // advance
    return _run(max(low, 0), min(high, link.units - 1)) | _those(link, _bordering(link), wanted)


def _bordering(link: Link) -> list[int]:
    """The units that read copies of places beyond the axis; none where padding holds zeros."""
    if link.window.beyond == "zeros":
        return []
    found = []
    for units, sign in ((range(link.units), 1), (range(link.units - 1, -1, -1), -1)):
        for unit in units:
            places = link.window.places(unit)
            if not (places[0] < 0 if sign > 0 else places[-1] >= link.size):
                break
            found.append(unit)
    return found


def _union_of(link: Link, units: Sequence[int]) -> int:
    bits = 0
    for unit in units:
        for place in link.reads(unit):
            bits |= 1 << place
    return bits


def _those(link: Link, units: Sequence[int], wanted: int) -> int:
    """Of these units, those that read a wanted place."""
    bits = 0
    for unit in units:
        if any(wanted >> place & 1 for place in link.reads(unit)):
            bits |= 1 << unit
    return bits


def _run(first: int, last: int) -> int:
    return ((1 << (last - first + 1)) - 1) << first if last >= first else 0


def _runs(bits: int) -> Iterator[tuple[int, int]]:
    """The maximal runs of set bits, first and last place of each."""
    at = 0
    while bits:
        gap = _lowest(bits)
        bits >>= gap
        length = _lowest(~bits)
        yield at + gap, at + gap + length - 1
        bits >>= length
        at += gap + length


def _places(bits: int) -> Iterator[int]:
    for first, last in _runs(bits):
        yield from range(first, last + 1)


def _lowest(bits: int) -> int:
    """The place of the lowest set bit."""
    return (bits & -bits).bit_length() - 1
