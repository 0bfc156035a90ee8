"""How the positions of a layer's output read the positions of each of its inputs, axis by axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from shapecalc.layers.merge import Merge
from shapecalc.notation import Shape
from shapecalc.result import Step, Trace
from shapecalc.windows import Window, strided

_SAME = strided(1)
_REPEATED = Window(0, (range(1),))
"""Every output reads place 0: an axis of size 1 that a merge repeats."""


class Link(NamedTuple):
    """How one axis of the output reads one axis of an input: through a window, from `size` places to `units`."""

    window: Window
    size: int
    units: int

    def reads(self, unit: int) -> Sequence[int]:
        """The places that the unit reads, padding left out."""
        return self.window.reads(unit, self.size)

    @property
    def is_dense(self) -> bool:
        """Whether neighbouring units read neighbouring places, so that what a run of units reads is a run."""
        taps = self.window.taps[0]
        return len(self.window.taps) == 1 and taps.step == 1 and len(taps) >= max(1, self.window.advance)


Links: TypeAlias = "tuple[Link, ...] | None"
"""One link per axis; None where every output reads all positions."""


class Unfollowable(ValueError):
    """What a layer reads is not known, or takes too long to follow."""


def positions(shape: Shape) -> tuple[int, ...]:
    """The sizes of the axes that have positions; something flat counts as one position."""
    return shape[1:] or (1,)


def links(step: Step, number: int) -> Links:
    """How the outputs of a layer read its input of that number. Unfollowable where that is not known."""
    arriving, out = positions(step.in_shapes[number]), positions(step.out_shape)
    if isinstance(step.layer, Merge):
        return tuple(Link(_SAME if n == m else _REPEATED, n, m) for n, m in zip(arriving, out, strict=True))
    reading = step.layer.reading(step.in_shapes[number], step.out_shape)
    if reading == "whole" or (reading == "pointwise" and arriving != out):  # positions made of flat values
        return None
    if reading == "pointwise":
        return tuple(Link(_SAME, n, n) for n in arriving)
    if reading == "unknown":
        raise Unfollowable(f"what `{step.name}` reads is not declared")
    found = []
    for window, n, m in zip(reading, arriving, out, strict=True):
        if window is None:
            raise Unfollowable(f"what `{step.name}` reads repeats after too many units to be tabulated")
        found.append(Link(window, n, m))
    return tuple(found)


def paths(trace: Trace, layer: str) -> tuple[bool, bool]:
    """Whether a path from the input to the layer goes through one that reads everything, and whether one does not."""
    local, mixed = {layer}, set[str]()
    for step in reversed(trace.layers):
        for number, name in enumerate(step.inputs):
            if name in trace.dependent and (step.name in local or step.name in mixed):
                is_mixing = links(step, number) is None
                if step.name in local:
                    (mixed if is_mixing else local).add(name)
                if step.name in mixed:
                    mixed.add(name)
    return trace.rf_input in mixed, trace.rf_input in local
