"""A part of a sweep as a process elsewhere can do it: the spec's text and the combinations go there, rows come back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from shapecalc.bundle import Bundle, unpacked
from shapecalc.inputs import FIRST
from shapecalc.notation import Shape
from shapecalc.problems import SpecError
from shapecalc.reading import Choice, read_spec
from shapecalc.spec import MAX_LAYERS, Spec
from shapecalc.sweeping.row import Row, refused, row_of
from shapecalc.walk import trace

Shapes: TypeAlias = "Mapping[str, Shape] | None"
"""Shapes of inputs by name, `inputs.FIRST` for the first one; None for the spec's own."""

Combination: TypeAlias = "tuple[str | None, dict[str, Any], Shapes]"
"""The variant, the values of the variables, the inputs' shapes."""


class Plan(NamedTuple):
    """What all combinations of a sweep have in common.

    Attributes:
        bundle: the spec's text with what it includes.
        document: which of the text's documents it is.
        max_layers: of one network.
        rf_input: the input that receptive fields are about.
    """

    bundle: Bundle
    document: int = 0
    max_layers: int = MAX_LAYERS
    rf_input: str | None = None


def rows(plan: Plan, combinations: list[Combination]) -> list[Row]:
    """A row for each combination, in their order; a network is taken apart as soon as its totals are known."""
    return [_row(plan, *each) for each in combinations]


def _row(plan: Plan, variant: str | None, settings: dict[str, Any], shapes: Shapes) -> Row:
    first, others = None, {}
    try:
        spec = _spec(plan, variant)
        spec = spec._replace(vars={**spec.vars, **settings}, is_expecting=False)
        if shapes is not None:
            spec = spec.with_input(shapes)
        name, first = next(iter(spec.inputs.items()))
        others = {each: shape for each, shape in (shapes or {}).items() if each not in (FIRST, name)}
        row = row_of(trace(spec, max_layers=plan.max_layers, rf_input=plan.rf_input), variant, settings)
    except SpecError as error:
        row = refused(error.diagnostics, variant, settings, first)
    return row._replace(inputs=others)


def checked(plan: Plan, settings: Mapping[str, Any], variant: str | None) -> Spec:
    """The spec in that variant. SpecError where it is wrong, or has no variable of one of the names."""
    with unpacked(plan.bundle) as source:
        return read_spec(source, source.documents[plan.document], Choice(variant, settings))


@lru_cache(maxsize=64)
def _spec(plan: Plan, variant: str | None) -> Spec:
    """The spec, read once in each process."""
    return checked(plan, {}, variant)


def chunks(combinations: Iterator[Combination], size: int) -> Iterator[list[Combination]]:
    """The combinations in lists of that length; the last may be shorter."""
    chunk: list[Combination] = []
    for each in combinations:
        chunk.append(each)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
