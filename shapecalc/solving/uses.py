"""Where a spec's expressions stand and what they ask for: which fields a variable reaches, and in which direction."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from shapecalc.expressions import is_expression
from shapecalc.layers import LAYERS
from shapecalc.spec import Item, Spec

ARRIVING = {"in_channels", "in_shape"}
"""What expressions call the shape that arrives."""

GROWING = {
    "out_channels",
    "out_features",
    "depth_multiplier",
    "hidden_size",
    "embedding_dim",
    "num_embeddings",
    "in_channels",
    "in_features",
    "num_features",
    "num_channels",
    "num_groups",
}
"""Fields of any layer by which sizes, parameters and macs only grow, or which only refuse what does not fit."""

GROWING_OF: dict[str, set[str]] = {
    **{kind: {"padding"} for kind in ("conv", "separable_conv", "maxpool", "avgpool", "lppool", "pad")},
    "conv_transpose": {"kernel_size", "stride", "dilation", "output_padding"},
    "upsample": {"scale_factor", "size"},
    "adaptive_avgpool": {"output_size"},
    "adaptive_maxpool": {"output_size"},
}
"""Fields of one type, the same."""

_RISING_CALLS = {"max", "min", "round", "ceil", "floor", "int"}


class Use(NamedTuple):
    """An expression, and the value it gives.

    Attributes:
        scope: the block that it stands in; empty outside of blocks.
        item: the item, or None of a variable's own value.
        kind: the layer's type, the block that is called, or `vars`.
        field: the field, `repeat` or `when`; the variable that gets the value, of `vars` and of blocks.
        text: the expression.
    """

    scope: str
    item: Item | None
    kind: str
    field: str
    text: str

    @property
    def variable(self) -> tuple[str, str] | None:
        """The variable that gets the value, with the scope it is known in; None of a layer's field."""
        if self.kind == "vars":
            return self.scope, self.field
        is_call = self.item is not None and self.item.kind == "block" and self.field not in ("repeat", "when")
        return (self.kind, self.field) if is_call else None


def uses(spec: Spec) -> Iterator[Use]:
    """Every expression of a spec: in its variables, its blocks and its layers."""
    for name, written in spec.vars.items():
        yield from _in(written, Use("", None, "vars", name, ""))
    for block in spec.blocks.values():
        for name, written in block.defaults.items():
            yield from _in(written, Use(block.name, None, "vars", name, ""))
        yield from uses_in(block.items, block.name)
    yield from uses_in(spec.items, "")


def uses_in(items: Iterable[Item], scope: str) -> Iterator[Use]:
    """Every expression in items and in their branches."""
    for item in items:
        for field, written in (("repeat", item.keys.repeat), ("when", item.keys.when)):
            yield from _in(written, Use(scope, item, item.type, field, ""))
        own = LAYERS.get(item.type)
        fields = item.written if isinstance(item.written, dict) else {(own and own.bare) or item.word: item.written}
        for word, written in fields.items():
            field = own.aliases.get(word, word) if own else word
            yield from _in(written, Use(scope, item, item.type, field, ""))
        for branch in item.branches:
            yield from uses_in(branch.items, scope)


def _in(written: Any, use: Use) -> Iterator[Use]:
    if is_expression(written):
        yield use._replace(text=str(written))
    elif isinstance(written, dict | list):
        for each in written.values() if isinstance(written, dict) else written:
            yield from _in(each, use)


def names_in(text: str) -> set[str]:
    """The names in an expression; all that there are, where it is none."""
    tree = _tree(text)
    return set() if tree is None else {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _tree(text: str) -> ast.expr | None:
    try:
        return ast.parse(text[1:].strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def scoped(name: str, scope: str, spec: Spec) -> tuple[str, str]:
    """The variable that a name means: the block's own, else the spec's."""
    own = scope and name in spec.blocks[scope].defaults
    return (scope if own else "", name)


def reached(variable: str, spec: Spec) -> list[Use]:
    """Every expression that a variable of the spec has a part in, through other variables too."""
    every = [(use, {scoped(name, use.scope, spec) for name in names_in(use.text)}) for use in uses(spec)]
    known = {("", variable)}
    found: list[Any] = []
    while True:
        new = [(use, names) for use, names in every if names & known]
        if len(new) == len(found):
            return [use for use, _ in new]
        found = new
        known |= {use.variable for use, _ in new if use.variable is not None}


def is_growing(variable: str, spec: Spec) -> bool:
    """Whether the sizes, parameters and macs of what fits can only grow with a variable, or with the sizes of an input.

    Every layer's answers grow with the channels and the sizes that arrive and with the fields of `GROWING`, and sums
    do. So it is enough that the variable reaches such fields alone, by expressions that only rise. Where a number is
    negative or subtracted anywhere, or a field of another kind asks for the shape that arrives, nothing is promised.
    """
    every = list(uses(spec))
    if any(_falls(use.text) for use in every) or _has_negative(spec):
        return False
    rising = {use.variable for use in reached(variable, spec)} - {None} | {("", variable)}
    return all(_only_raises(use, rising, spec) for use in every)


def _only_raises(use: Use, rising: set[Any], spec: Spec) -> bool:
    tree = _tree(use.text)
    if tree is None:
        return False
    direction = _direction(tree, {name for name in names_in(use.text) if scoped(name, use.scope, spec) in rising})
    if direction == "constant" or (use.field == "groups" and use.text[1:].strip() == "in_channels"):
        return True
    return direction == "up" and (use.variable is not None or use.field in GROWING | GROWING_OF.get(use.kind, set()))


def _falls(text: str) -> bool:
    tree = _tree(text)
    return tree is None or any(isinstance(node, ast.Sub | ast.USub) for node in ast.walk(tree))


def _has_negative(spec: Spec) -> bool:
    """Whether a negative number stands among the variables, or in the call of a block."""

    def is_negative(written: object) -> bool:
        if isinstance(written, Mapping | list):
            return any(map(is_negative, written.values() if isinstance(written, Mapping) else written))
        return isinstance(written, int | float) and written < 0

    def in_call(items: Iterable[Item]) -> bool:
        return any(
            (each.kind == "block" and is_negative(each.written)) or any(in_call(b.items) for b in each.branches)
            for each in items
        )

    blocks = spec.blocks.values()
    return (
        is_negative(spec.vars)
        or in_call(spec.items)
        or any(is_negative(dict(b.defaults)) or in_call(b.items) for b in blocks)
    )


def _direction(node: ast.expr, rising: set[str]) -> str:
    """`constant`, `up`, or `unknown`: how a value moves as the names in `rising` and the arriving shape grow."""
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    if not names & (rising | ARRIVING):
        return "constant"
    if isinstance(node, ast.Name | ast.Subscript):
        return "up" if isinstance(node, ast.Name) or _direction(node.slice, rising) == "constant" else "unknown"
    parts: list[ast.expr] = []
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mult):
        parts = [node.left, node.right]
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.FloorDiv | ast.Pow):
        parts = [node.left] if _direction(node.right, rising) == "constant" else []
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _RISING_CALLS:
        parts = node.args
    elif isinstance(node, ast.IfExp) and _direction(node.test, rising) == "constant":
        parts = [node.body, node.orelse]
    return "up" if parts and all(_direction(part, rising) != "unknown" for part in parts) else "unknown"
