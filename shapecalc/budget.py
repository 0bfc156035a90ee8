"""How many layers a walk may make: told at once where that is sure, else as they are made."""

from __future__ import annotations

from shapecalc.items import PARALLEL
from shapecalc.notation import Shape, shown
from shapecalc.problems import Problem, SpecError
from shapecalc.scope import Place, value_of
from shapecalc.spec import Item, Spec

MAX_IDLE = 20_000
"""Items that may be gone through without a layer coming of it."""


class Budget:
    """The layers and turns that are left to one walk."""

    def __init__(self, spec: Spec, max_layers: int) -> None:
        self._spec = spec
        self._max_layers = max_layers
        self._visits = 0

    def foresee(self) -> None:
        """Refuses at once what is sure to make too many layers, however its expressions turn out."""
        total = 0
        sizes: dict[str, int] = {}
        for item in self._spec.items:
            total += _least(item, self._spec, sizes)
            if total > self._max_layers:
                raise self._too_many(item)

    def turns(self, item: Item, place: Place, arriving: Shape, made: int) -> int:
        """How often an item is walked, where so many layers are made already."""
        repeat = item.keys.repeat
        turns = 1 if repeat is None else value_of(repeat, item, "repeat", place.vars, arriving)
        if isinstance(turns, bool) or not isinstance(turns, int) or turns < 0:
            message = f"`repeat` is a whole number of at least 0, not {shown(turns)}"
            raise item.home.refused([Problem("out-of-range", message, (*item.path, "repeat"))])
        if made + turns > self._max_layers:
            raise self._too_many(item)
        return turns

    def visit(self, item: Item, made: int) -> None:
        """Counts a turn: blocks without layers must not run for ever either."""
        self._visits += 1
        if self._visits > MAX_IDLE + 4 * made or made >= self._max_layers:
            raise self._too_many(item)

    def _too_many(self, item: Item) -> SpecError:
        message = f"the spec makes more than {self._max_layers:,} layers"
        advice = "repeat less often, or allow more with --max-layers"
        path = (*item.path, "repeat" if item.keys.repeat is not None else item.word)
        return item.home.refused([Problem("too-many-layers", message, path, advice)])


def _least(item: Item, spec: Spec, sizes: dict[str, int]) -> int:
    """How many layers come of an item at least; `sizes` keeps those of blocks."""
    repeat = 1 if item.keys.repeat is None else item.keys.repeat
    if item.keys.when is not True or not isinstance(repeat, int):
        return 0
    inside = 0 if item.kind == "block" or item.type == PARALLEL else 1
    if item.kind == "block":
        if item.type not in sizes:
            sizes[item.type] = sum(_least(each, spec, sizes) for each in spec.blocks[item.type].items)
        inside = sizes[item.type]
    elif item.kind == "parallel":
        inside += sum(_least(each, spec, sizes) for branch in item.branches for each in branch.items)
    return repeat * inside
