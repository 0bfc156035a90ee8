"""Numbers in a few words: a run, an arithmetic progression, remainders, or several runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

MOST_RUNS = 8
MOST_REMAINDERS = 3
LARGEST_MODULUS = 128


class Pattern(NamedTuple):
    """All the numbers from `first` to `last` that leave one of the remainders.

    Attributes:
        first: the smallest.
        last: the largest.
        modulus: 1 where there is no gap.
        remainders: of a division by the modulus.
        number: how many there are.
    """

    first: int
    last: int
    modulus: int
    remainders: tuple[int, ...]
    number: int

    @property
    def numbers(self) -> list[int]:
        """All of them."""
        return [n for n in range(self.first, self.last + 1) if n % self.modulus in self.remainders]


def patterns(numbers: Sequence[int]) -> tuple[Pattern, ...]:
    """The fewest words for numbers that rise: one pattern for all, or runs without gaps; none where that says nothing.

    >>> patterns([188, 204, 220, 236])
    (Pattern(first=188, last=236, modulus=16, remainders=(12,), number=4),)
    >>> [(p.first, p.last) for p in patterns([1, 2, 3, 4, 8, 9, 10])]
    [(1, 4), (8, 10)]
    >>> patterns([4, 5, 7])
    ()
    """
    if len(numbers) < 3:
        return ()
    one = _run(numbers) if numbers[-1] - numbers[0] == len(numbers) - 1 else _periodic(numbers)
    if one is not None:
        return (one,)
    runs = _runs(numbers)
    return tuple(map(_run, runs)) if len(runs) <= MOST_RUNS and len(runs) * 2 <= len(numbers) else ()


def _run(numbers: Sequence[int]) -> Pattern:
    return Pattern(numbers[0], numbers[-1], 1, (0,), len(numbers))


def _periodic(numbers: Sequence[int]) -> Pattern | None:
    """The smallest modulus by which a few remainders say all of them, each often enough to be a rule."""
    for modulus in range(2, LARGEST_MODULUS + 1):
        remainders = {n % modulus for n in numbers}
        if len(remainders) > min(MOST_REMAINDERS, modulus - 1) or len(numbers) < 3 * len(remainders):
            continue
        found = Pattern(numbers[0], numbers[-1], modulus, tuple(sorted(remainders)), len(numbers))
        if found.numbers == list(numbers):
            return found
    return None


def _runs(numbers: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs
