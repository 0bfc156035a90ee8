"""Where in a network the walk is, and what the variables are worth there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from shapecalc.building import has_expression
from shapecalc.expressions import ExpressionError, evaluated, is_expression
from shapecalc.notation import Shape
from shapecalc.problems import Call, Inside, Path, Problem, SpecError
from shapecalc.spec import Block, Home, Item, Spec

_ARRIVES = "is known in the layers and in the variables of a block, where a tensor arrives"
_PLACES = {
    "in_channels": f"`in_channels` {_ARRIVES}",
    "in_shape": f"`in_shape` {_ARRIVES}",
    "i": "`i` is known beside a `repeat`; a block that repeats can hand it on, as in {turn: =i}",
}
"""Names that expressions have in some places only, and where."""

MOST_CALLS = 3
"""Calls that are told of, of blocks in blocks."""


class Caller(NamedTuple):
    """The call of a block: the item, the full name of what it makes, and where the item stands."""

    item: Item
    name: str
    place: Place


class Place(NamedTuple):
    """In which block or branch the walk is.

    Attributes:
        prefix: of the names of what stands there, as in ``stage2.0.``.
        around: prefixes under which a name is looked for, the nearest first.
        vars: values of the variables.
        counts: how many of each type have stood there.
        taken: names that are given there.
        shared: prefix of the names of the layers whose weights are used.
        is_frozen: whether everything there is.
        caller: the call of the block that it is in, if any.
        turn: of a `repeat` around, as `i` counts it.
    """

    prefix: str
    around: tuple[str, ...]
    vars: Mapping[str, Any]
    counts: dict[str, int]
    taken: frozenset[str | None]
    shared: str | None
    is_frozen: bool
    caller: Caller | None = None
    turn: int | None = None


def located(error: SpecError, layer: str, place: Place, caller: Caller | None) -> SpecError:
    """The error with the layer that is meant and the calls that lead to it, unless it has them or needs none."""
    if (not place.prefix and caller is None and place.turn is None) or error.diagnostics[0].inside is not None:
        return error
    inside = Inside(layer, place.turn if caller is place.caller else None, _calls(caller))
    return SpecError(tuple(each._replace(inside=inside) for each in error.diagnostics))


def _calls(caller: Caller | None) -> tuple[Call, ...]:
    found = []
    while caller is not None:
        home, place = caller.item.home, caller.place
        found.append(Call(caller.name, home.source.name, home.document.line_of(caller.item.path), place.turn))
        caller = place.caller
    return (*found[: MOST_CALLS - 1], found[-1]) if len(found) > MOST_CALLS else tuple(found)


def variables(spec: Spec) -> dict[str, Any]:
    """The values of the spec's variables, each of which may be an expression of those above it.

    SpecError where one has no value.
    """
    values: dict[str, Any] = {}
    for name, each in spec.vars.items():
        if each is None:
            message = f"the variable `{name}` has no value"
            variants = ", ".join(spec.variants)
            advice = f"choose a variant: {variants}" if variants else f"give it one, or --set {name}=…"
            raise spec.home.refused([Problem("no-value", message, ("vars", name), advice, on_key=True)])
        values[name] = _filled(each, values, spec.home, ("vars", name))
    return values


def block_variables(
    values: Mapping[str, Any], block: Block, given: Mapping[str, Any], arriving: Shape
) -> dict[str, Any]:
    """The spec's variables and a block's, where it is called with the values `given`.

    Defaults may be expressions, also of the shape that arrives at the call.
    """
    known = {**values, **given}
    for name, default in block.defaults.items():
        if name not in given:
            scope = {**known, **_of_arriving(arriving)} if has_expression(default) else known
            known[name] = _filled(default, scope, block.home, (*block.path, "vars", name))
    return known


def _of_arriving(arriving: Shape) -> dict[str, Any]:
    return {"in_channels": arriving[0], "in_shape": arriving}


def filled(written: Any, item: Item, vars: Mapping[str, Any], arriving: Shape) -> Any:  # noqa: A002 (the spec's word)
    """What stands behind an item's word, its expressions replaced by their values."""
    return value_of(written, item, item.word, vars, arriving) if has_expression(written) else written


def value_of(
    written: Any,
    item: Item,
    key: str,
    vars: Mapping[str, Any],  # noqa: A002 (the spec's word)
    arriving: Shape | None,
) -> Any:
    """What stands behind a key of an item, its expressions replaced by their values."""
    scope = vars if arriving is None else {**vars, **_of_arriving(arriving)}
    return _filled(written, scope, item.home, (*item.path, key))


def _filled(written: Any, scope: Mapping[str, Any], home: Home, path: Path) -> Any:
    if isinstance(written, dict):
        return {key: _filled(each, scope, home, (*path, key)) for key, each in written.items()}
    if isinstance(written, list):
        return [_filled(each, scope, home, (*path, number)) for number, each in enumerate(written)]
    if not is_expression(written):
        return written
    try:
        return evaluated(written, scope)
    except ExpressionError as error:
        advice = error.help if error.code != "unknown-variable" else _known_where(written, scope) or error.help
        raise home.refused([Problem(error.code, error.message, path, advice)]) from None


def _known_where(written: str, scope: Mapping[str, Any]) -> str | None:
    """Where a name is known that expressions have in some places only."""
    words = [word for word in re.findall(r"\w+", written) if word in _PLACES and word not in scope]
    return _PLACES[words[0]] if words else None
