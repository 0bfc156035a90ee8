"""A tensor of one network, and the edits because of which it is not what it was."""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import NamedTuple

from shapecalc.comparison.fields import Field
from shapecalc.notation import Shape
from shapecalc.result import Step


class Tensor(NamedTuple):
    """What is there, and what would be without the edits above.

    Attributes:
        shape: channels first.
        field: what its units see.
        old_shape: the shape it would have.
        old_field: what its units would see.
        axes: by axis, a bit for each edit because of which it has another size.
        seen: the same for the field.
    """

    shape: Shape
    field: Field
    old_shape: Shape
    old_field: Field
    axes: tuple[int, ...]
    seen: int

    @property
    def differs(self) -> bool:
        """Whether anything about it is different."""
        return bool(self.seen) or any(self.axes)

    @property
    def all(self) -> int:
        """Every edit because of which it is different."""
        return united((self.seen, *self.axes))

    def on(self, axis: int) -> int:
        """The edits that an axis has; all of them where it has other axes than it had."""
        if len(self.shape) != len(self.old_shape):
            return united(self.axes)
        return self.axes[axis] if axis < len(self.axes) else 0


def still(step: Step) -> Tensor:
    """What leaves a layer that has the shape and the field that it had."""
    shape, field = step.out_shape, step.receptive_field
    return Tensor(shape, field, shape, field, (0,) * len(shape), 0)


def united(edits: Iterable[int]) -> int:
    """All that are in one of several."""
    found = 0
    for each in edits:
        found |= each
    return found


def differing_axes(old: Shape, new: Shape) -> Set[int]:
    """The axes of `new` that have another size than in `old`; all of them where there were more or less."""
    if len(old) != len(new):
        return set(range(len(new)))
    return {axis for axis, size in enumerate(new) if old[axis] != size}
