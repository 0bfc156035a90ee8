"""Which layer of the second network is which of the first: those in order, then those that stand elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from shapecalc.comparison.alignment import Pairs, aligned
from shapecalc.comparison.outline import Outline, outermost, prefixes
from shapecalc.comparison.sliding import slid


class Pairing(NamedTuple):
    """What became of every layer.

    Attributes:
        pairs: layer of the first network to layer of the second, by number.
        elsewhere: those of the first whose counterpart stands out of order.
    """

    pairs: dict[int, int]
    elsewhere: frozenset[int]


def paired(before: Sequence[Outline], after: Sequence[Outline]) -> Pairing:
    """The counterpart of each layer that has one."""
    in_order = slid(dict(_plausible(aligned(before, after), before, after)), before, after)
    crossing = _whole(_crossing(in_order, before, after), in_order, before, after)
    taken = set(crossing.values())
    kept = {i: j for i, j in in_order.items() if i not in crossing and j not in taken}
    return Pairing({**kept, **crossing}, frozenset(crossing))


def _plausible(pairs: Pairs, before: Sequence[Outline], after: Sequence[Outline]) -> Iterator[tuple[int, int]]:
    """The pairs, but not those of unlike types in a stretch that is longer in one network than in the other."""
    low, low_after, doubtful = 0, 0, []
    for i, j in [*pairs, (len(before), len(after))]:
        is_end = i == len(before) and j == len(after)
        if not is_end and before[i].step.type != after[j].step.type:
            doubtful.append((i, j))
            continue
        is_even = i - low == j - low_after
        yield from (each for each in doubtful if is_even or _same_name(before[each[0]], after[each[1]]))
        if not is_end:
            yield i, j
        low, low_after, doubtful = i + 1, j + 1, []


def _same_name(a: Outline, b: Outline) -> bool:
    return a.own is not None and (a.own, a.given) == (b.own, b.given)


def _crossing(in_order: dict[int, int], before: Sequence[Outline], after: Sequence[Outline]) -> dict[int, int]:
    """Layers whose counterpart stands elsewhere: by their name and type, then by their settings.

    One of the two, at least, has no counterpart in order, or only a doubtful one.
    """
    doubtful = {i: j for i, j in in_order.items() if not _is_firm(before[i], after[j])}
    free = [i for i in range(len(before)) if i not in in_order or i in doubtful]
    taken = set(in_order.values()) - set(doubtful.values())
    free_after = [j for j in range(len(after)) if j not in taken]
    found: dict[int, int] = {}
    for key in (_by_name, _by_settings):
        left, gone = defaultdict(list), set(found.values())
        for j in free_after:
            if j not in gone:
                left[key(after[j])].append(j)
        for i in free:
            same = left.get(key(before[i]), []) if i not in found and key(before[i]) is not None else []
            chosen = next((j for j in same if i not in doubtful or j not in doubtful.values()), None)
            if chosen is not None:
                found[i] = chosen
                same.remove(chosen)
    return found


def _whole(
    crossing: dict[int, int], in_order: dict[int, int], before: Sequence[Outline], after: Sequence[Outline]
) -> dict[int, int]:
    """The layers that stand elsewhere, without unnamed ones of blocks that are gone or new and did not move as a whole.

    A batch norm is like any other: that one was taken out with its block, and one put in with another, is no move.
    """
    found, left = dict(crossing), -1
    while left != len(found):
        left = len(found)
        taken = set(found.values())
        kept = {i: j for i, j in in_order.items() if i not in found and j not in taken}
        torn = _torn(before, kept, found), _torn(after, set(kept.values()), taken)
        found = {i: j for i, j in found.items() if before[i].own is not None or not (i in torn[0] or j in torn[1])}
    return found


def _torn(side: Sequence[Outline], kept: Collection[int], moved: Collection[int]) -> set[int]:
    """The layers of the outermost blocks from which none is kept, and not all were moved."""
    still = {prefix for number in kept for prefix in prefixes(side[number].step.name)}
    blocks: dict[str, list[int]] = {}
    for number, outline in enumerate(side):
        if number not in kept:
            blocks.setdefault(outermost(outline.step.name, still), []).append(number)
    return {number for each in blocks.values() if any(n not in moved for n in each) for number in each}


def _is_firm(a: Outline, b: Outline) -> bool:
    """Whether a pair in order stays, even where a layer elsewhere looks more like one of the two."""
    if a.step.type != b.step.type:
        return _same_name(a, b) or not (a.step.params or b.step.params or a.own or b.own)
    return a.settings == b.settings or a.own == b.own


def _by_name(outline: Outline) -> object:
    return None if outline.own is None else (outline.step.type, outline.own, outline.given)


def _by_settings(outline: Outline) -> object:
    """Alike in everything but the place; layers that have other names are not."""
    return outline.step.type, repr(outline.settings), outline.own


def is_renamed(a: Outline, b: Outline, *, is_moved: bool) -> bool:
    """Whether somebody gave it another name, or a block around it, unless it was moved out of that."""
    return a.own != b.own if is_moved else a.given != b.given


def is_replaced(a: Outline, b: Outline) -> bool:
    """Whether the one is of another type than the other."""
    return a.step.type != b.step.type
