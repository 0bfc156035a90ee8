"""Where in a network the walk is, and what the variables are worth there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from shapecalc.building import has_expression
from shapecalc.expressions import ExpressionError, evaluated, is_expression
from shapecalc.notation import Shape
from shapecalc.problems import Path, Problem
from shapecalc.spec import Block, Home, Item, Spec


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
    """

    prefix: str
    around: tuple[str, ...]
    vars: Mapping[str, Any]
    counts: dict[str, int]
    taken: frozenset[str | None]
    shared: str | None
    is_frozen: bool


def variables(spec: Spec) -> dict[str, Any]:
    """The values of the spec's variables, each of which may be an expression of those above it.

    SpecError where one has no value.
    """
    return _evaluated(spec.vars, {}, spec.home, ("vars",), spec)


def block_variables(spec: Spec, values: Mapping[str, Any], block: Block, given: Mapping[str, Any]) -> dict[str, Any]:
    """The spec's variables and a block's, where it is called with the values `given`; defaults may be expressions."""
    defaults = {name: default for name, default in block.defaults.items() if name not in given}
    return _evaluated(defaults, {**values, **given}, block.home, (*block.path, "vars"), spec)


def _evaluated(written: Mapping[str, Any], known: dict[str, Any], home: Home, path: Path, spec: Spec) -> dict[str, Any]:
    values = dict(known)
    for name, each in written.items():
        if each is None:
            message = f"the variable `{name}` has no value"
            variants = ", ".join(spec.variants)
            advice = f"choose a variant: {variants}" if variants else f"give it one, or --set {name}=…"
            raise home.refused([Problem("no-value", message, (*path, name), advice, on_key=True)])
        values[name] = _filled(each, values, home, (*path, name))
    return values


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
    scope = vars if arriving is None else {**vars, "in_channels": arriving[0], "in_shape": arriving}
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
        raise home.refused([Problem(error.code, error.message, path, error.help)]) from None
