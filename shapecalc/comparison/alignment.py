"""Which layers of two networks are the same in order: the alignment in which they are most alike in all.

Small stretches are aligned exactly (Needleman and Wunsch 1970). Long ones are first cut at layers that surely are the
same, which RapidFuzz's longest common subsequence finds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from shapecalc.comparison.likeness import Likeness
from shapecalc.comparison.outline import Outline

Pairs: TypeAlias = "list[tuple[int, int]]"

MAX_CELLS = 1_000_000
"""Products of lengths up to which every pair is weighed; a second at most."""

MAX_BITS = 2_500_000_000
"""Products of lengths up to which a longest common subsequence is looked for, a bit of memory for each."""

_BY_LOOK, _BY_SETTINGS, _BY_TYPE = 4, 2, 1  # parts of a look: with name and place; type and settings; type


class Stretch(NamedTuple):
    """A part of both networks: first layer and one past the last, of each."""

    low: int
    high: int
    low_after: int
    high_after: int

    @property
    def cells(self) -> int:
        """Pairs of layers."""
        return (self.high - self.low) * (self.high_after - self.low_after)


def aligned(before: Sequence[Outline], after: Sequence[Outline]) -> Pairs:
    """Pairs of layers that are the same or stand for each other, in the order of both networks."""
    return _Alignment(before, after).pairs


class _Alignment:
    def __init__(self, before: Sequence[Outline], after: Sequence[Outline]) -> None:
        self._likeness = Likeness(before, after)
        self._names = {outline.step.name: number for number, outline in enumerate(after)}
        self._before = before
        self._tokens = {
            parts: (self._likeness.tokens(0, parts), self._likeness.tokens(1, parts))
            for parts in (_BY_LOOK, _BY_SETTINGS, _BY_TYPE)
        }
        found = self._within(Stretch(0, len(before), 0, len(after)), (_BY_LOOK, _BY_SETTINGS, _BY_TYPE))
        self.pairs = sorted(found)

    def _within(self, stretch: Stretch, levels: tuple[int, ...]) -> Iterator[tuple[int, int]]:
        """The pairs in a stretch: equal ends, then all pairs weighed, or cut at anchors where it is too long."""
        stretch, ends = self._trimmed(stretch)
        yield from ends
        if stretch.cells == 0:
            return
        if stretch.cells <= MAX_CELLS:
            yield from self._weighed(stretch)
        elif levels:
            anchors = self._anchors(stretch, levels[0])
            yield from anchors
            for inner in _between(anchors, stretch):
                yield from self._within(inner, levels[1:])

    def _trimmed(self, stretch: Stretch) -> tuple[Stretch, Pairs]:
        a, b = self._tokens[_BY_LOOK]
        low, high, low_after, high_after = stretch
        pairs: Pairs = []
        while low < high and low_after < high_after and a[low] == b[low_after]:
            pairs.append((low, low_after))
            low, low_after = low + 1, low_after + 1
        while low < high and low_after < high_after and a[high - 1] == b[high_after - 1]:
            high, high_after = high - 1, high_after - 1
            pairs.append((high, high_after))
        return Stretch(low, high, low_after, high_after), pairs

    def _anchors(self, stretch: Stretch, level: int) -> Pairs:
        tokens, tokens_after = self._tokens[level]
        a, b = tokens[stretch.low : stretch.high], tokens_after[stretch.low_after : stretch.high_after]
        found = _common(a, b) if stretch.cells <= MAX_BITS else _unique(a, b)
        return [(stretch.low + i, stretch.low_after + j) for i, j in found]

    def _weighed(self, stretch: Stretch) -> Iterator[tuple[int, int]]:
        """The pairs of the best alignment; of several that are as good, the one that pairs more and later."""
        width = stretch.high_after - stretch.low_after
        best = [0] * (width + 1)
        moves: list[bytearray] = []
        rows: dict[int, list[int]] = {}
        for i in range(stretch.low, stretch.high):
            best, move = _row(best, self._scores(i, stretch, rows))
            moves.append(move)
        i, j = len(moves), width
        while i and j:
            move_here = moves[i - 1][j]
            if move_here == _PAIR:
                yield stretch.low + i - 1, stretch.low_after + j - 1
            i, j = i - (move_here != _LEFT), j - (move_here != _UP)

    def _scores(self, i: int, stretch: Stretch, rows: dict[int, list[int]]) -> list[int]:
        """The likeness of layer i to every layer of the stretch; the one of the same full name is a little ahead."""
        kind = self._likeness.classes[0][i]
        if kind not in rows:
            score = self._likeness.score
            rows[kind] = [score(i, j) for j in range(stretch.low_after, stretch.high_after)]
        row, same = rows[kind], self._names.get(self._before[i].step.name, -1)
        if stretch.low_after <= same < stretch.high_after and row[same - stretch.low_after] > 0:
            row = row.copy()
            row[same - stretch.low_after] += 1
        return row


_PAIR, _UP, _LEFT = 0, 1, 2


def _row(above: list[int], scores: list[int]) -> tuple[list[int], bytearray]:
    """One row of the table of best sums, and how each was reached."""
    here, move = [0], bytearray(len(above))
    left = 0
    for j, score in enumerate(scores):
        up, pair = above[j + 1], above[j] + score
        if score > 0 and pair >= up and pair >= left:
            left = pair
        elif up >= left:
            left, move[j + 1] = up, _UP
        else:
            move[j + 1] = _LEFT
        here.append(left)
    return here, move


def _common(a: list[int], b: list[int]) -> Pairs:
    """A longest common subsequence."""
    from rapidfuzz.distance import LCSseq  # noqa: PLC0415 (only for long networks)

    found: Pairs = []
    for code in LCSseq.opcodes(a, b):
        if code.tag == "equal":
            found += zip(range(code.src_start, code.src_end), range(code.dest_start, code.dest_end), strict=True)
    return found


def _unique(a: list[int], b: list[int]) -> Pairs:
    """Pairs of what is there once in both, as many as keep their order."""
    counts, counts_after = Counter(a), Counter(b)
    places = {token: j for j, token in enumerate(b) if counts_after[token] == 1}
    both = [(i, places[token]) for i, token in enumerate(a) if counts[token] == 1 and token in places]
    ends: list[int] = []  # where an increasing run of each length ends, at its smallest
    last_of: list[int] = []  # the pair that ends it
    before: list[int] = []
    for number, (_, j) in enumerate(both):
        length = bisect_left(ends, j)
        before.append(last_of[length - 1] if length else -1)
        ends[length : length + 1] = [j]
        last_of[length : length + 1] = [number]
    found, number = [], last_of[-1] if last_of else -1
    while number >= 0:
        found.append(both[number])
        number = before[number]
    return found[::-1]


def _between(anchors: Pairs, stretch: Stretch) -> Iterator[Stretch]:
    """What lies before, between and behind the anchors."""
    low, low_after = stretch.low, stretch.low_after
    for i, j in [*anchors, (stretch.high, stretch.high_after)]:
        yield Stretch(low, i, low_after, j)
        low, low_after = i + 1, j + 1
