"""One layer in both networks: which of the edits above and of its own reach which of its numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from shapecalc.comparison.dependence import Dependence, Part
from shapecalc.comparison.fields import hull, is_same_pattern
from shapecalc.comparison.tensor import Tensor, united
from shapecalc.layers.merge import Concat, Merge
from shapecalc.result import Step

_CHANNELS = 0


class Meeting(NamedTuple):
    """A layer as it was and as it is, with what arrives at both.

    Attributes:
        a: the layer as it was.
        b: the layer as it is.
        first: what it read; different where that comes from layers that are gone.
        second: what it reads.
        own: the bit of its own edit, if it has one.
        rewired: the same, where it reads something else.
        extra: of a join, what it read or reads that has no counterpart, with the bit of what made it.
    """

    a: Step
    b: Step
    first: Sequence[Tensor]
    second: Sequence[Tensor]
    own: int
    rewired: int
    extra: Mapping[str, int]

    @property
    def any(self) -> int:
        """Every edit that reaches it in some way."""
        arriving = united(tensor.all for tensor in (*self.first, *self.second))
        return arriving | self.own | united(self.extra.values())

    def parts(self, dependence: Dependence) -> dict[Part, int]:
        """The edits because of which it would answer differently, by parts of the answer."""
        before, after = self.a.in_shapes, self.b.in_shapes
        masks = {axis: self._on(axis) for axis in range(4)}
        found = by_part(dependence.by_axis(self.b.layer, before, after), masks)
        if self.own:
            other = by_part(dependence.by_axis(self.a.layer, before, after), masks)
            settings = dependence.of_settings(self.a.layer, self.b.layer, before, after)
            for part, mask in (*other.items(), *((each, self.own) for each in settings)):
                found[part] = found.get(part, 0) | mask
        return found

    def _on(self, axis: int) -> int:
        """The edits because of which what arrives has another size along an axis."""
        found = united(tensor.on(axis) for tensor in (*self.first, *self.second))
        if self.rewired and _sizes(axis, (t.old_shape for t in self.second)) != _sizes(axis, self.a.in_shapes):
            found |= self.rewired
        if axis == _CHANNELS and isinstance(self.b.layer, Concat):
            found |= united(self.extra.values())
        return found

    def seen(self, parts: Mapping[Part, int]) -> int:
        """The edits because of which it sees something else."""
        arriving = united(tensor.seen for tensor in (*self.first, *self.second))
        if isinstance(self.b.layer, Merge):
            arriving = united(self._decisive()) or arriving
        return arriving | self._rewired_field() | parts.get("reading", 0) or self.any

    def _decisive(self) -> Iterator[int]:
        """Of what a join reads, that without which it would see something else."""
        for step, tensors in ((self.a, self.first), (self.b, self.second)):
            fields = [tensor.field for tensor in tensors]
            for number, (name, tensor) in enumerate(zip(step.inputs, tensors, strict=True)):
                rest = [*fields[:number], *fields[number + 1 :]]
                shapes = [*step.in_shapes[:number], *step.in_shapes[number + 1 :]]
                if name in self.extra and not is_same_pattern(hull(step, rest, shapes), step.receptive_field):
                    yield self.extra[name] | tensor.seen
                elif tensor.seen and name not in self.extra:
                    old = [*fields[:number], tensor.old_field, *fields[number + 1 :]]
                    if not is_same_pattern(hull(step, old, step.in_shapes), step.receptive_field):
                        yield tensor.seen

    def _rewired_field(self) -> int:
        if not self.rewired:
            return 0
        old = [tensor.old_field for tensor in self.second]
        is_same = all(any(is_same_pattern(one, tensor.field) for tensor in self.first) for one in old)
        return 0 if is_same else self.rewired


def by_part(axes: Iterable[tuple[int, Set[Part]]], masks: Mapping[int, int]) -> dict[Part, int]:
    """The edits by parts of a layer's answer, from those by axes of what arrives."""
    found: dict[Part, int] = {}
    for axis, parts in axes:
        for part in parts:
            found[part] = found.get(part, 0) | masks[axis]
    return found


def _sizes(axis: int, shapes: Iterable[tuple[int, ...]]) -> Counter[int]:
    """How often each size occurs along an axis."""
    return Counter(shape[axis] for shape in shapes if axis < len(shape))
