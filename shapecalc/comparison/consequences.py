"""Because of which edits a layer's numbers differ: of those above, the ones that reach that number.

On the way down the network every tensor carries, for each of its axes and for its receptive field, the edits because of
which it is not what it was. A layer hands on what its own answers depend on: what made its input wider is no cause of
its output's size. Where an axis or a receptive field is what it was, it has no causes any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from shapecalc.comparison.change import COMPARED, Causes
from shapecalc.comparison.dependence import Dependence, Part
from shapecalc.comparison.fields import is_same, is_same_pattern, is_whole
from shapecalc.comparison.meeting import Meeting, by_part
from shapecalc.comparison.tensor import Tensor, differing_axes, still, united
from shapecalc.result import Step, Trace
from shapecalc.sight import of_input

_PART_OF: dict[str, Part] = {"params": "params", "trainable": "params", "buffers": "buffers", "macs": "macs"}
"""Numbers that a layer answers itself, by the part of the answer."""


class Edited(NamedTuple):
    """The layers that somebody did something to, by name.

    Attributes:
        names: of the inputs and layers, in order.
        before: the number of each that stands no longer where it stood.
        after: the number of each input, and of each layer that is new where it stands, or is another.
        moved: those of the second network that were moved.
        rewired: those of the second network that read something else.
    """

    names: Sequence[str]
    before: Mapping[str, int]
    after: Mapping[str, int]
    moved: Set[str]
    rewired: Set[str]


class Consequences:
    """The tensors of both networks, on the way down the second one."""

    def __init__(self, before: Trace, after: Trace, edited: Edited) -> None:
        self._edited = edited
        self._dependence = Dependence()
        self._steps = {step.name: step for step in before.layers}, {step.name: step for step in after.layers}
        self._before = dict(_inputs(before, before, {}))
        self._after = dict(_inputs(before, after, edited.after))
        self._input = united(tensor.all for tensor in self._after.values())
        for step in before.layers:
            is_gone = step.name in edited.before
            arriving = [self._before[name] for name in step.inputs]
            own = _bit(edited.before, step.name)
            self._before[step.name] = self._through(step, arriving, own) if is_gone else still(step)

    def inserted(self, step: Step) -> None:
        """Goes on to a layer that is new where it stands."""
        arriving = [self._after[name] for name in step.inputs]
        self._after[step.name] = self._through(step, arriving, _bit(self._edited.after, step.name))

    def paired(self, a: Step, b: Step, unmatched: tuple[Sequence[str], Sequence[str]]) -> dict[str, Causes]:
        """Goes on to a layer that was there; the causes of every number of it that differs.

        Args:
            a: the layer as it was.
            b: the layer as it is.
            unmatched: of a join, what it read that was taken out, and reads that was put in.
        """
        if b.name in self._edited.moved:
            self.inserted(b)
            return {}
        own = _bit(self._edited.after, b.name)
        first, second = [self._before[name] for name in a.inputs], [self._after[name] for name in b.inputs]
        is_touched = own or any(unmatched) or any(tensor.differs for tensor in (*first, *second))
        if not is_touched and not any(differing_numbers(a, b)):
            self._after[b.name] = still(b)
            return {}
        rewired = own if b.name in self._edited.rewired else 0
        meeting = Meeting(a, b, first, second, own, rewired, self._origins(unmatched))
        parts = meeting.parts(self._dependence)
        differing = differing_axes(a.out_shape, b.out_shape)
        axes = tuple(parts.get(axis, 0) if axis in differing else 0 for axis in range(len(b.out_shape)))
        is_seen_alike = is_same_pattern(a.receptive_field, b.receptive_field)
        seen = 0 if is_seen_alike else meeting.seen(parts)
        tensor = Tensor(b.out_shape, b.receptive_field, a.out_shape, a.receptive_field, axes, seen)
        self._after[b.name] = tensor
        return self._told(meeting, parts, tensor)

    def _told(self, meeting: Meeting, parts: Mapping[Part, int], tensor: Tensor) -> dict[str, Causes]:
        """The causes by number; where none can be singled out, every one that reaches the layer in some way."""
        a, b = meeting.a, meeting.b
        found = {name: parts.get(part, 0) for name, part in _PART_OF.items()}
        found["output"] = found["tensor_size"] = found["receptive_field"] = united(tensor.axes)
        if not is_same_pattern(a.receptive_field, b.receptive_field):
            found["receptive_field"] = tensor.seen
        elif is_whole(b.receptive_field):
            found["receptive_field"] = self._input
        names = self._edited.names
        return {name: Causes(found[name] or meeting.any, names) for name in differing_numbers(a, b)}

    def _through(self, step: Step, arriving: Sequence[Tensor], own: int) -> Tensor:
        """What leaves a layer that is in one of the networks only, beside what would be there without it."""
        first = arriving[0]
        old = tuple(tensor.old_shape for tensor in arriving)
        masks = {axis: united(tensor.on(axis) for tensor in arriving) for axis in range(4)}
        parts = by_part(self._dependence.by_axis(step.layer, old, step.in_shapes), masks)
        made, differing = differing_axes(first.shape, step.out_shape), differing_axes(first.old_shape, step.out_shape)
        axes = tuple(
            (parts.get(axis, 0) | (own if axis in made else 0) or own) if axis in differing else 0
            for axis in range(len(step.out_shape))
        )
        seen = 0
        if not is_same_pattern(step.receptive_field, first.old_field):
            is_made = not is_same_pattern(step.receptive_field, first.field)
            passed = united(tensor.seen for tensor in arriving) | parts.get("reading", 0)
            seen = passed | (own if is_made else 0) or own
        return Tensor(step.out_shape, step.receptive_field, first.old_shape, first.old_field, axes, seen)

    def _origins(self, unmatched: tuple[Sequence[str], Sequence[str]]) -> dict[str, int]:
        """What a join reads more or less, with the edit that made it what it is."""
        found: dict[str, int] = {}
        numbers = self._edited.before, self._edited.after
        for names, steps, tensors, edits in zip(
            unmatched, self._steps, (self._before, self._after), numbers, strict=True
        ):
            for name in names:
                step = steps.get(name)
                while step and _is_neutral(step, tensors) and step.inputs[0] in edits and step.inputs[0] in steps:
                    step = steps[step.inputs[0]]
                found[name] = _bit(edits, step.name if step else name)
        return found


def differing_numbers(a: Step, b: Step) -> Iterator[str]:
    """The names of the numbers in which two steps differ."""
    for name in COMPARED:
        field = "out_shape" if name == "output" else name
        one, other = getattr(a, field), getattr(b, field)
        if not (is_same(one, other) if name == "receptive_field" else one == other):
            yield name


def _inputs(before: Trace, trace: Trace, edits: Mapping[str, int]) -> Iterator[tuple[str, Tensor]]:
    """The inputs of a network beside those of the one before, in their order."""
    for number, (name, shape) in enumerate(trace.inputs):
        bit = _bit(edits, name)
        old_name, old = before.inputs[number] if number < len(before.inputs) else (name, ())
        field = of_input(shape) if name == trace.rf_input else None
        old_field = of_input(old) if old and old_name == before.rf_input else None
        differing = differing_axes(old, shape)
        axes = tuple(bit if axis in differing else 0 for axis in range(len(shape)))
        yield name, Tensor(shape, field, old, old_field, axes, 0 if is_same_pattern(field, old_field) else bit)


def _bit(edits: Mapping[str, int], name: str) -> int:
    return 1 << edits[name] if name in edits else 0


def _is_neutral(step: Step, tensors: Mapping[str, Tensor]) -> bool:
    """Whether what leaves has the shape and sees what arrives."""
    arriving = tensors[step.inputs[0]]
    return step.in_shapes == (step.out_shape,) and is_same_pattern(arriving.field, step.receptive_field)
