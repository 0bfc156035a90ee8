"""Which edits a layer's numbers may differ because of: those of the layers that it depends on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from shapecalc.receptive_field import ReceptiveField
from shapecalc.result import Step, Trace

MOST_CAUSES = 4
"""Edited layers above another that are named, the first ones."""

Names: TypeAlias = "tuple[str, ...]"


class Causes:
    """The edited layers above each layer of the second network, collected on the way down it."""

    def __init__(self, before: Trace, after: Trace, gone: Sequence[tuple[Step, str]]) -> None:
        """Args: the networks; the layers that stand no longer where they stood, with the names they go by."""
        self._above = _of_inputs(before, after)
        self._fields: dict[str, ReceptiveField | None] = {step.name: step.receptive_field for step in after.layers}
        self._gone: dict[str, Names] = {}
        fields = {step.name: step.receptive_field for step in before.layers}
        for step, told in gone:
            above = _joined(self._gone.get(name, ()) for name in step.inputs)
            self._gone[step.name] = above if _is_neutral(step, fields) else _joined([above, (told,)])

    def inserted(self, step: Step) -> None:
        """Goes on to a layer that is new; where it only passes on what it gets, it is no cause."""
        above = _joined(self._above[name] for name in step.inputs)
        self._above[step.name] = above if _is_neutral(step, self._fields) else _joined([above, (step.name,)])

    def paired(self, a: Step, b: Step, *, is_cause: bool) -> Names:
        """Goes on to a layer that was there; the names of the edited layers above it."""
        above = _joined([*(self._above[name] for name in b.inputs), *(self._gone.get(name, ()) for name in a.inputs)])
        self._above[b.name] = _joined([above, (b.name,)]) if is_cause else above
        return above


def _of_inputs(before: Trace, after: Trace) -> dict[str, Names]:
    """The network's inputs are a cause where their shapes differ."""
    shapes = [shape for _, shape in before.inputs]
    found: dict[str, Names] = {}
    for number, (name, shape) in enumerate(after.inputs):
        found[name] = () if number < len(shapes) and shapes[number] == shape else (name,)
    return found


def _joined(names: Iterable[Names]) -> Names:
    return tuple(dict.fromkeys(name for each in names for name in each))[:MOST_CAUSES]


def _is_neutral(step: Step, fields: dict[str, ReceptiveField | None]) -> bool:
    """Whether what leaves has the shape and sees what arrives."""
    return step.in_shapes == (step.out_shape,) and fields.get(step.inputs[0]) == step.receptive_field
