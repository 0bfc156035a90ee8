"""Which of several like layers is the new one: of ``relu, conv, relu`` rather ``conv, relu`` than ``relu, conv``."""

from __future__ import annotations

from collections.abc import Sequence

from shapecalc.comparison.outline import Outline


def slid(pairs: dict[int, int], before: Sequence[Outline], after: Sequence[Outline]) -> dict[int, int]:
    """The pairs, in order, those at the ends of unpaired runs chosen so that a run begins with a layer that learns."""
    back = _slid_on({j: i for i, j in pairs.items()}, after)
    return _slid_on({i: j for j, i in back.items()}, before)


def _slid_on(partners: dict[int, int], side: Sequence[Outline]) -> dict[int, int]:
    """The partners of one side's layers after every run on that side has been slid."""
    found = dict(partners)
    start = 0
    while start < len(side):
        end = start
        while end < len(side) and end not in found:
            end += 1
        if end > start:
            _slide(start, end, found, side)
        start = end + 1
    return found


def _slide(start: int, end: int, partners: dict[int, int], side: Sequence[Outline]) -> None:
    """Moves one run of unpaired layers down until its first layer learns or has a name; else leaves it there."""
    steps = 0
    while not _leads(side[start + steps]):
        if end + steps not in partners or not _is_like(side[start + steps], side[end + steps]):
            return
        steps += 1
        if steps == end - start:
            return
    for step in range(steps):
        partners[start + step] = partners.pop(end + step)


def _leads(outline: Outline) -> bool:
    return bool(outline.step.params) or outline.own is not None


def _is_like(a: Outline, b: Outline) -> bool:
    return (a.step.type, a.settings, a.own, a.place) == (b.step.type, b.settings, b.own, b.place)
