"""What is different between two networks, layer by layer and in the totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeAlias

from shapecalc.result import Step, Trace

Kind: TypeAlias = Literal["inserted", "removed", "replaced", "changed", "renamed", "moved", "rewired", "affected"]

KINDS: tuple[Kind, ...] = ("removed", "inserted", "replaced", "changed", "renamed", "moved", "rewired", "affected")
"""In the order in which a reader wants them; all but the last are edits."""

COMPARED = ("output", "params", "trainable", "buffers", "macs", "tensor_size", "receptive_field")
"""The numbers of a layer that are compared."""


class Both(NamedTuple):
    """A value before and after; None where it is unknown, or where there is none."""

    before: Any
    after: Any


class Causes(NamedTuple):
    """The edits because of which a number differs.

    Attributes:
        edits: a bit for each, by its place in `names`.
        names: of the inputs and of all edited layers, from the first to the last.
    """

    edits: int
    names: Sequence[str]

    @property
    def total(self) -> int:
        """How many they are."""
        return self.edits.bit_count()

    def nearest(self, most: int | None = None) -> tuple[str, ...]:
        """Their names, from the last one back; so many at most."""
        found: list[str] = []
        left = self.edits
        while left and (most is None or len(found) < most):
            number = left.bit_length() - 1
            found.append(self.names[number])
            left ^= 1 << number
        return tuple(found)


class Change(NamedTuple):
    """One layer that is not what it was.

    Attributes:
        kinds: what was done to it; ``affected`` alone where only its numbers differ, because of layers above.
        before: None where it was inserted.
        after: None where it was removed.
        settings: the fields that differ, by name; those of another type are not compared.
        reads: what it reads, by name, where that was changed or where it was moved.
        numbers: those of `COMPARED` that differ.
        causes: by number that differs, the edits because of which it does, where it is not the layer's own alone.
    """

    kinds: tuple[Kind, ...]
    before: Step | None
    after: Step | None
    settings: dict[str, Both]
    reads: Both | None
    numbers: dict[str, Both]
    causes: Mapping[str, Causes] = MappingProxyType({})

    @property
    def step(self) -> Step:
        """The layer as it is now, or as it was."""
        step = self.after or self.before
        assert step is not None
        return step

    @property
    def because(self) -> tuple[str, ...]:
        """Of an affected layer, the edits because of which any of its numbers differs, the nearest first."""
        if self.is_edit or not self.causes:
            return ()
        every = list(self.causes.values())
        return every[0]._replace(edits=reduce(or_, (each.edits for each in every))).nearest()

    @property
    def is_edit(self) -> bool:
        """Whether somebody did something to this layer itself."""
        return self.kinds != ("affected",)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two networks side by side.

    Attributes:
        before: the first.
        after: the second.
        changes: every layer that differs, in the order of the second network, removed ones where they stood.
        inputs: the inputs' shapes by name, where they differ.
        totals: sums over the layers, and what the last layer gives.
        unchanged: the number of layers that are what they were.
    """

    before: Trace
    after: Trace
    changes: tuple[Change, ...]
    inputs: Both | None
    totals: dict[str, Both]
    unchanged: int

    @property
    def edits(self) -> tuple[Change, ...]:
        """What was done."""
        return tuple(change for change in self.changes if change.is_edit)

    @property
    def affected(self) -> tuple[Change, ...]:
        """What followed from it."""
        return tuple(change for change in self.changes if not change.is_edit)

    @property
    def differs(self) -> bool:
        """Whether anything is different at all."""
        return bool(self.changes or self.inputs) or any(both.before != both.after for both in self.totals.values())
