"""Expressions in a spec (``=width*2``): a small, exact and bounded part of Python's own grammar.

A spec is untrusted input, so nothing is reached but what stands in the tables below: numbers, text
and booleans, arithmetic, comparisons, ``a if c else b``, an index into a list, and a few functions.
Integers stay integers; a quotient that is whole is one too.
"""

from __future__ import annotations

import ast
import math
import operator
import warnings
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from shapecalc.notation import shown
from shapecalc.translate import did_you_mean

MAX_LENGTH = 500
MAX_DEPTH = 60
MAX_ENTRIES = 100
MAX_NUMBER = 10**18
MAX_POWER = 64

Scope = Mapping[str, Any]


class ExpressionError(ValueError):
    """An expression has no value. The message is the rule and the evidence; `help` a fix."""

    def __init__(self, code: str, message: str, help: str | None = None) -> None:  # noqa: A002 (the diagnostics' word)
        super().__init__(message)
        self.code = code
        self.message = message
        self.help = help


def is_expression(written: object) -> bool:
    """Whether a value of a spec is an expression: text that begins with ``=``, as in a spreadsheet."""
    return isinstance(written, str) and written.startswith("=")


def evaluated(written: str, scope: Scope) -> Any:
    """The value of an expression (with its ``=``) where the names have the values in `scope`.

    ExpressionError where it is not allowed, names nothing, or has no value.

    >>> evaluated("=width*2 if stride > 1 else width", {"width": 64, "stride": 2})
    128
    """
    try:
        return _small(_value(_parsed(written), scope), written)
    except ExpressionError:
        raise
    except ZeroDivisionError:
        raise ExpressionError("bad-expression", f"{shown(written)} divides by zero") from None
    except (TypeError, ValueError, OverflowError, IndexError):
        given = ", ".join(
            f"{name} = {shown(scope[name])}" for name in sorted(_names(_parsed(written))) if name in scope
        )
        raise ExpressionError(
            "bad-expression", f"{shown(written)} has no value{f' where {given}' if given else ''}"
        ) from None


@lru_cache(maxsize=4096)
def _parsed(written: str) -> ast.expr:
    """The expression's tree, with nothing in it but what is allowed."""
    text = written[1:].strip()
    if len(text) > MAX_LENGTH:
        raise ExpressionError("bad-expression", f"an expression has at most {MAX_LENGTH} characters")
    try:
        with warnings.catch_warnings():  # Python's own, of a doubtful escape
            warnings.simplefilter("ignore")
            tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        advice = "as in =width*2, or in quotes where braces stand around it"
        raise ExpressionError("bad-expression", f"{shown(written)} is not an expression", advice) from None
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED):
            raise ExpressionError("bad-expression", f"{shown(written)}: {_named(node)} is not allowed", _MAY)
    level: list[ast.AST] = [tree]
    for _ in range(MAX_DEPTH):
        level = [inner for node in level for inner in ast.iter_child_nodes(node)]
    if level:
        raise ExpressionError("bad-expression", f"an expression is nested at most {MAX_DEPTH} deep")
    return tree


def _small(value: Any, written: str) -> Any:
    """The value, unless it is a list that lists of lists have made large."""
    waiting, size = [value], 0
    while waiting and size <= MAX_ENTRIES:
        each = waiting.pop()
        inner = list(each.values()) if isinstance(each, dict) else each if isinstance(each, list | tuple) else ()
        size += len(inner) + (len(each) // MAX_LENGTH if isinstance(each, str) else 0)
        waiting += inner[: MAX_ENTRIES + 1]
    if size > MAX_ENTRIES:
        raise ExpressionError("bad-expression", f"{shown(written)} has more than {MAX_ENTRIES} entries")
    return value


def _names(tree: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _value(node: ast.expr, scope: Scope) -> Any:
    return _KINDS[type(node)](node, scope)


def _constant(node: Any, scope: Scope) -> Any:
    if not isinstance(node.value, int | float | str):
        raise ExpressionError("bad-expression", f"{shown(str(node.value))} is no number, text or boolean")
    return _bounded(node.value)


def _name(node: Any, scope: Scope) -> Any:
    try:
        return scope[node.id]
    except KeyError:
        is_function = node.id in FUNCTIONS
        near = f"write {node.id}(…)" if is_function else did_you_mean(node.id, [*scope, *FUNCTIONS])
        advice = near or f"names: {', '.join(scope) or 'none'}"
        raise ExpressionError("unknown-variable", f"there is no variable `{node.id}` here", advice) from None


def _binary(node: Any, scope: Scope) -> Any:
    left, right = _value(node.left, scope), _value(node.right, scope)
    if not (isinstance(left, int | float) and isinstance(right, int | float)):
        raise TypeError
    return _bounded(_OPERATORS[type(node.op)](left, right))


def _unary(node: Any, scope: Scope) -> Any:
    return _bounded(_OPERATORS[type(node.op)](_value(node.operand, scope)))


def _both_or_either(node: Any, scope: Scope) -> Any:
    wanted = isinstance(node.op, ast.Or)
    value: Any = None
    for each in node.values:
        value = _value(each, scope)
        if bool(value) is wanted:
            break
    return value


def _comparison(node: Any, scope: Scope) -> bool:
    left = _value(node.left, scope)
    for kind, each in zip(node.ops, node.comparators, strict=True):
        right = _value(each, scope)
        if not _OPERATORS[type(kind)](left, right):
            return False
        left = right
    return True


def _choice(node: Any, scope: Scope) -> Any:
    return _value(node.body if _value(node.test, scope) else node.orelse, scope)


def _call(node: Any, scope: Scope) -> Any:
    function = FUNCTIONS.get(node.func.id) if isinstance(node.func, ast.Name) else None
    if function is None or node.keywords:
        raise ExpressionError("bad-expression", f"{shown(ast.unparse(node))} is not allowed", _MAY)
    return _bounded(function(*(_value(each, scope) for each in node.args)))


def _element(node: Any, scope: Scope) -> Any:
    sequence, index = _value(node.value, scope), _value(node.slice, scope)
    if not isinstance(sequence, tuple | list) or not isinstance(index, int):
        raise TypeError
    return sequence[index]


def _bounded(value: Any) -> Any:
    if isinstance(value, int | float) and abs(value) > MAX_NUMBER:
        raise ExpressionError("bad-expression", f"a number beyond {MAX_NUMBER:,} is not computed")
    return value


def _divided(a: Any, b: Any) -> Any:
    """The quotient, as an integer where it is whole and both numbers are."""
    return a // b if isinstance(a, int) and isinstance(b, int) and a % b == 0 else a / b


def _power(base: Any, exponent: Any) -> Any:
    if abs(exponent) > MAX_POWER:
        raise ExpressionError("bad-expression", f"a power beyond {MAX_POWER} is not computed")
    result = base**exponent
    if isinstance(result, complex):
        raise TypeError
    return result


_KINDS: dict[type[ast.expr], Callable[[Any, Scope], Any]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _both_or_either,
    ast.Compare: _comparison,
    ast.IfExp: _choice,
    ast.Call: _call,
    ast.Subscript: _element,
}

_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: _divided,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def _rounded(number: Any, digits: Any = None) -> Any:
    if digits is not None and abs(digits) > MAX_POWER:
        raise ExpressionError("bad-expression", f"a power beyond {MAX_POWER} is not computed")
    return round(number, digits)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "ceil": math.ceil,
    "floor": math.floor,
    "int": int,
    "max": max,
    "min": min,
    "round": _rounded,
}
"""What an expression may call."""

_ALLOWED = (*_KINDS, *_OPERATORS, ast.And, ast.Or, ast.Load)
_MAY = f"numbers, text, variables, arithmetic, comparisons, `a if c else b`, and {', '.join(FUNCTIONS)}"


_NAMES: dict[type[ast.AST], str] = {
    ast.Attribute: "an attribute",
    ast.BitAnd: "`&`",
    ast.BitOr: "`|`",
    ast.BitXor: "`^`",
    ast.Dict: "a mapping",
    ast.DictComp: "a comprehension",
    ast.GeneratorExp: "a comprehension",
    ast.Invert: "`~`",
    ast.IsNot: "`is not`",
    ast.JoinedStr: "an f-string",
    ast.LShift: "`<<`",
    ast.Lambda: "a lambda",
    ast.List: "a list",
    ast.ListComp: "a comprehension",
    ast.MatMult: "`@`",
    ast.NamedExpr: "`:=`",
    ast.NotIn: "`not in`",
    ast.RShift: "`>>`",
    ast.Set: "a set",
    ast.SetComp: "a comprehension",
    ast.Slice: "a slice",
    ast.Starred: "`*`",
    ast.Tuple: "a list",
    ast.keyword: "`=`",
}


def _named(node: ast.AST) -> str:
    return _NAMES.get(type(node), f"`{type(node).__name__.lower()}`")
