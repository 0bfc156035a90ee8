"""A set of positions of a map, exact in all its axes together, carried through layers in both directions.

Rows of bits: for each place on all axes but the last, one integer whose bit x stands for place x of the last;
rows without a bit are left out.
A cross or a comb is such a set; a box around it would not be exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from itertools import product
from operator import or_
from typing import TypeAlias

from shapecalc.reach.links import Link

Region: TypeAlias = "dict[tuple[int, ...], int]"

FEW = 64
"""Bits are set one by one for as many units, and all at once for more."""

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
                turned[key] = turned[key] | bits if key in turned else bits
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
    advance, every = link.window.advance, [taps for taps in link.window.taps if taps]
    wanted = _run(first, last)
    if not every:
        return 0
    if not advance:  # all units of a phase read the same
        return _run(0, link.units - 1) if _those(link, range(len(link.window.taps)), wanted) else 0
    period = len(link.window.taps)
    low, high = min(taps[0] for taps in every), max(taps[-1] for taps in every)
    begin = max(-((high - first) // advance) * period, 0)
    end = min(((last - low) // advance + 1) * period, link.units)
    found = _run(begin, end - 1) if link.is_dense else _those(link, range(begin, end), wanted)
    return found | _those(link, _bordering(link), wanted)


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
    return _marked((place for unit in units for place in link.reads(unit)), len(units))


def _those(link: Link, units: Sequence[int], wanted: int) -> int:
    """Of these units, those that read a wanted place."""
    flags = wanted.to_bytes(link.size // 8 + 1, "little")  # a shift would copy all of them each time
    readers = (unit for unit in units if any(flags[place // 8] >> place % 8 & 1 for place in link.reads(unit)))
    return _marked(readers, len(units))


def _marked(places: Iterable[int], units: int) -> int:
    """The bits of these places, which so many units read."""
    if units <= FEW:
        bits = 0
        for place in places:
            bits |= 1 << place
        return bits
    marks = set(places)
    digits = bytearray(b"0") * (max(marks, default=0) + 1)  # a bit at a time would copy all of them each time
    for place in marks:
        digits[-1 - place] = ord("1")
    return int(digits, 2)


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
