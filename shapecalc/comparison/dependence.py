"""Which of a layer's numbers depend on which axis of what arrives: found by asking it about other shapes."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import Any, TypeAlias

from shapecalc.layers import Layer
from shapecalc.layers.merge import Merge
from shapecalc.notation import Shape
from shapecalc.problems import LayerError

Part: TypeAlias = "str | int"
"""An axis of the output, by number, or ``params``, ``buffers``, ``macs``, ``reading``."""

Shapes: TypeAlias = "tuple[Shape, ...]"
Answers: TypeAlias = "dict[Part, Any]"

AT_ALL: Set[Part] = frozenset({*range(4), "params", "buffers", "macs", "reading"})
"""Every part: an output has four axes at most."""


class Dependence:
    """Asks the layers of two networks, each question once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, Shapes], Answers | None] = {}

    def by_axis(self, layer: Layer | Merge, before: Shapes, after: Shapes) -> Iterator[tuple[int, Set[Part]]]:
        """Each axis that arrives with another size, and the parts of the answers that are others because of it.

        Where axes or inputs were added, all of them depend on all.
        """
        if isinstance(layer, Merge):  # position by position, channel by channel
            yield from ((axis, {axis}) for axis in range(min(map(len, (*before, *after)))))
            return
        old, new = before[0], after[0]
        if len(old) != len(new):
            yield from ((axis, AT_ALL) for axis in range(max(len(old), len(new))))
            return
        for axis in range(len(old)):
            if old[axis] != new[axis]:
                mixed = [_with(shape, axis, other[axis]) for shape, other in ((old, new), (new, old))]
                yield axis, self._differing(layer, old, mixed[0]) | self._differing(layer, new, mixed[1])

    def of_settings(self, first: Layer | Merge, second: Layer | Merge, *arriving: Shapes) -> Set[Part]:
        """The parts in which two layers answer differently about any of these."""
        if first == second:
            return frozenset()
        return frozenset().union(
            *(_unlike(self._answers(first, shapes), self._answers(second, shapes)) for shapes in arriving)
        )

    def _differing(self, layer: Layer | Merge, one: Shape, other: Shape) -> Set[Part]:
        return _unlike(self._answers(layer, (one,)), self._answers(layer, (other,)))

    def _answers(self, layer: Layer | Merge, shapes: Shapes) -> Answers | None:
        """What the layer says about what arrives; None where that does not fit."""
        key = (id(layer), shapes)
        if key not in self._known:
            try:
                self._known[key] = _asked(layer, shapes)
            except LayerError:
                self._known[key] = None
        return self._known[key]


def _asked(layer: Layer | Merge, shapes: Shapes) -> Answers:
    if isinstance(layer, Merge):
        return {**dict(enumerate(layer.out_shape(shapes))), "reading": "pointwise"}
    out, params = layer.out_shape(shapes[0]), layer.params(shapes[0])
    return {
        **dict(enumerate(out)),
        "params": params.total,
        "buffers": params.buffers,
        "macs": layer.macs(shapes[0], out),
        "reading": _plain(layer.reading(shapes[0], out)),
    }


def _plain(reading: Any) -> Any:
    """A reading, a window of one place as what it is."""
    is_point = isinstance(reading, tuple) and all(
        window is not None and window.advance == 1 and window.taps == (range(1),) for window in reading
    )
    return "pointwise" if is_point else reading


def _unlike(one: Answers | None, other: Answers | None) -> Set[Part]:
    if one is None or other is None:
        return AT_ALL
    return {part for part in AT_ALL if one.get(part) != other.get(part)}


def _with(shape: Shape, axis: int, size: int) -> Shape:
    return (*shape[:axis], size, *shape[axis + 1 :])
