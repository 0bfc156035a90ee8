"""A formula, written once as a Python-like expression, in letters or in numbers.

``floor((W1 - F + 2*P) / S) + 1`` is the single source of ``⌊(W₁ − F + 2·P) / S⌋ + 1``, of its LaTeX
and, through `put_in`, of both with the numbers, so that no two of them can disagree. Nothing is
evaluated here: the result beside a formula is the trace's. A string stands for a name as it is,
``'conv1' + 'fc1'``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TypeAlias

Number: TypeAlias = "int | float | Fraction"

_LETTER = re.compile(r"'[^']*'|\b([A-Za-z_]\w*)\b(?!\()")


def put_in(source: str, values: Mapping[str, Number]) -> str:
    """The expression with numbers for its letters; KeyError for a letter without one.

    >>> put_in("start_in - P*j_in", {"start_in": -1, "P": 2, "j_in": 4})
    '(-1) - 2*4'
    """
    return _LETTER.sub(lambda found: literal(values[found[1]]) if found[1] else found[0], source)


def literal(number: Number) -> str:
    """The number as it stands in an expression.

    >>> literal(7), literal(-7), literal(Fraction(1, 2)), literal(2.0), literal(1.5)
    ('7', '(-7)', '(1/2)', '2', '1.5')
    """
    if number == int(number):
        return str(int(number)) if number >= 0 else f"({int(number)})"
    if isinstance(number, Fraction):
        return f"({number.numerator}/{number.denominator})"
    return f"{Decimal(repr(number)):f}"


def letters(source: str) -> tuple[str, ...]:
    """The letters of the expression, in order, each once.

    >>> letters("floor((W1 - F + 2*P) / S) + 1")
    ('W1', 'F', 'P', 'S')
    """
    return tuple(dict.fromkeys(found[1] for found in _LETTER.finditer(source) if found[1]))


def is_word(name: str) -> bool:
    """Whether a name says what it is (`weights`), so that it needs no legend.

    >>> is_word("weights"), is_word("W1"), is_word("r_max")
    (True, False, False)
    """
    letter = name.split("_", maxsplit=1)[0].rstrip("0123456789")
    return len(letter) > 1


def terms(source: str) -> tuple[str, ...]:
    """The summands of a sum.

    >>> terms("'conv1' + 'fc1' + 3*2")
    ("'conv1'", "'fc1'", '3 * 2')
    """
    found, node = [], parsed(source)
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        found.append(ast.unparse(node.right))
        node = node.left
    return (ast.unparse(node), *reversed(found))


@lru_cache(maxsize=4096)
def parsed(source: str) -> ast.expr:
    """The expression's tree."""
    return ast.parse(source, mode="eval").body
