"""Choices from a seed, the same on every machine and in every version of Python."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Draw:
    """Chooses by `Random.random` alone.

    Of the random module only this method, and seeding with a whole number, are promised to stay as they are (Python's
    documentation, "Notes on Reproducibility"); `choice` and `shuffle` are not.
    """

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def below(self, end: int) -> int:
        """A whole number from 0 up to, not including, `end`."""
        return int(self._random.random() * end)

    def one(self, options: Sequence[T]) -> T:
        """One of them."""
        return options[self.below(len(options))]

    def order(self, options: Sequence[T]) -> list[T]:
        """All of them in another order (Fisher and Yates)."""
        mixed = list(options)
        for last in range(len(mixed) - 1, 0, -1):
            other = self.below(last + 1)
            mixed[last], mixed[other] = mixed[other], mixed[last]
        return mixed
