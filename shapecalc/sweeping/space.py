"""The combinations of a sweep, and the rows that come of them, in order, whoever computes them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from math import prod
from os import PathLike
from typing import TYPE_CHECKING, Any, NamedTuple

from shapecalc.bundle import bundled
from shapecalc.inputs import FIRST, by_name
from shapecalc.loading import source_of
from shapecalc.notation import Shape, parse_shape
from shapecalc.sweeping.row import Row
from shapecalc.sweeping.work import Combination, Plan, Shapes, checked, chunks, rows

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

CHUNK = 32
"""Combinations that an executor gets at a time: half a second of work for a network of 300 layers."""

IN_FLIGHT = 256
"""Chunks that an executor holds at once."""


class Space(NamedTuple):
    """A sweep before it is run.

    Attributes:
        plan: what all combinations have in common.
        variants: names of the spec's variants; None for the spec as it is.
        settings: values by variable.
        inputs: shapes of inputs by name; None for the spec's own.
    """

    plan: Plan
    variants: Sequence[str | None] = (None,)
    settings: Mapping[str, Sequence[Any]] = {}
    inputs: Sequence[Shapes] = (None,)

    def __len__(self) -> int:
        return prod(map(len, (self.variants, self.inputs, *self.settings.values())))

    def combinations(self) -> Iterator[Combination]:
        """Every variant with every value and input; the last varies fastest."""
        for variant, values, shapes in product(self.variants, product(*self.settings.values()), self.inputs):
            yield variant, dict(zip(self.settings, values, strict=True)), shapes


def sweep(
    spec: str | PathLike[str],
    settings: Mapping[str, Iterable[Any]] = {},
    inputs: Iterable[str | Shape | Mapping[str, str | Shape]] = (),
    *,
    variants: Iterable[str] = (),
    executor: Executor | None = None,
) -> list[Row]:
    """The totals of a network for every combination of settings, inputs and variants.

    SpecError where the spec is wrong, OSError where there is none; a combination that is refused is a row too.

    Args:
        spec: a file, a shipped spec, or a YAML text, as for `load`.
        settings: values by variable; an expression is text that begins with ``=``.
        inputs: shapes of the first input, ``224x224x3`` or channels first, or mappings of names of inputs to shapes;
            the spec's own unless given.
        variants: of the spec, by name.
        executor: any that has `submit`, of processes or of Dask, say; this process does it unless given.
    """
    source, variant = source_of(spec)
    if len(source.documents) != 1:
        raise ValueError(f"{source.name} holds {len(source.documents)} specs, and one is swept")
    shapes = [_shapes(each) if isinstance(each, Mapping) else _shapes({FIRST: each}) for each in inputs]
    named: list[str | None] = [*variants] or [variant]
    values = {name: list(each) for name, each in settings.items()}
    space = prepared(Space(Plan(bundled(source)), named, values, shapes or [None]))
    return list(run(space, executor))


def _shapes(written: Mapping[str, str | Shape]) -> dict[str, Shape]:
    return {name: parse_shape(each) if isinstance(each, str) else tuple(each) for name, each in written.items()}


def prepared(space: Space) -> Space:
    """The space, its text, variables and names of inputs checked, for what is wrong with every combination.

    SpecError where the spec or a variable is wrong, Unreadable where no input has a name.
    """
    first = {name: values[0] for name, values in space.settings.items() if values}
    for variant in space.variants:
        names = [*checked(space.plan, first, variant).inputs]
        for shapes in space.inputs:
            by_name(shapes or {}, names)
    return space


def run(space: Space, executor: Executor | None = None) -> Iterator[Row]:
    """A row for each combination, in their order, whichever is there first; this process does it without executor."""
    if executor is not None:
        return spread(executor, space.plan, space.combinations())
    return (row for each in space.combinations() for row in rows(space.plan, [each]))


def spread(executor: Executor, plan: Plan, combinations: Iterator[Combination]) -> Iterator[Row]:
    """The rows of combinations that an executor computes."""
    waiting: deque[Future[list[Row]]] = deque()
    try:
        for chunk in chunks(combinations, CHUNK):
            waiting.append(executor.submit(rows, plan, chunk))
            if len(waiting) >= IN_FLIGHT:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
