"""The two notations of an expression: Unicode text and LaTeX."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from typing import final

from shapecalc.derivation.expression import is_word, literal, parsed

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUM, _PRODUCT, _POWER, _ATOM = range(1, 5)
_ROUNDED = {"floor": ("⌊", "⌋"), "ceil": ("⌈", "⌉")}
_SPECIAL = str.maketrans(
    {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    | {sign: f"\\{sign}" for sign in "_#%&${}"}
)


def text(source: str) -> str:
    """The expression in Unicode.

    >>> text("floor((W1 - F + 2*P) / S) + 1")
    '⌊(W₁ − F + 2·P) / S⌋ + 1'
    >>> text("5**2*(64/2)*1000")
    '5²·(64/2)·1,000'
    """
    return _TEXT.written(source)


def latex(source: str) -> str:
    r"""The expression for LaTeX's math mode.

    >>> latex("floor((W1 - F + 2*P) / S) + 1")
    '\\left\\lfloor \\frac{W_{1} - F + 2 \\cdot P}{S} \\right\\rfloor + 1'
    """
    return _LATEX.written(source)


def escaped(words: str) -> str:
    r"""The words with LaTeX's special characters made harmless.

    >>> escaped("conv1_1")
    'conv1\\_1'
    """
    return words.translate(_SPECIAL)


class _Notation(ABC):
    """A way to write an expression: the walk is here, the signs are the notation's own."""

    def written(self, source: str) -> str:
        """The whole expression."""
        return self._node(parsed(source))[0]

    def _node(self, node: ast.expr) -> tuple[str, int]:
        """The node and how tightly it binds."""
        if isinstance(node, ast.BinOp):
            return self._operation(node)
        if isinstance(node, ast.UnaryOp):
            return f"{self.minus()}{self._within(node.operand, _POWER)}", _SUM
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)
            return self.call(node.func.id, [self._node(each)[0] for each in node.args]), _ATOM
        if isinstance(node, ast.Name):
            return self.name(node.id), _ATOM
        assert isinstance(node, ast.Constant)
        if isinstance(node.value, str):
            return self.verbatim(node.value), _ATOM
        assert isinstance(node.value, int | float)
        return self.number(literal(node.value)), _ATOM

    def _operation(self, node: ast.BinOp) -> tuple[str, int]:
        if isinstance(node.op, ast.Pow):
            return self.power(self._within(node.left, _ATOM), ast.unparse(node.right)), _POWER
        if isinstance(node.op, ast.Div):
            return self.quotient(node)
        if isinstance(node.op, ast.Mult):
            left, right = self._within(node.left, _PRODUCT), self._within(node.right, _POWER)
            return f"{left}{self.times()}{right}", _PRODUCT
        sign = "+" if isinstance(node.op, ast.Add) else self.minus()
        return f"{self._node(node.left)[0]} {sign} {self._within(node.right, _PRODUCT)}", _SUM

    def _within(self, node: ast.expr, least: int) -> str:
        """The node, in brackets where it binds less tightly than its place asks."""
        written, binding = self._node(node)
        return written if binding >= least else self.bracketed(written)

    @abstractmethod
    def number(self, digits: str) -> str:
        """A number that is not negative, with thousands separators."""

    @abstractmethod
    def name(self, name: str) -> str:
        """A letter with its index, or a word."""

    @abstractmethod
    def verbatim(self, words: str) -> str:
        """A name of something in the spec."""

    @abstractmethod
    def minus(self) -> str:
        """The sign."""

    @abstractmethod
    def times(self) -> str:
        """The sign."""

    @abstractmethod
    def power(self, base: str, exponent: str) -> str:
        """`base` to the whole number `exponent`."""

    @abstractmethod
    def quotient(self, node: ast.BinOp) -> tuple[str, int]:
        """A division, and how tightly it binds."""

    @abstractmethod
    def call(self, function: str, arguments: list[str]) -> str:
        """Rounding, the largest or the smallest."""

    @abstractmethod
    def bracketed(self, written: str) -> str:
        """In round brackets."""


def _separated(digits: str) -> str:
    whole, point, rest = digits.partition(".")
    return f"{int(whole):,}{point}{rest}"


@final
class _Text(_Notation):
    """Unicode, on one line."""

    def number(self, digits: str) -> str:
        return _separated(digits)

    def name(self, name: str) -> str:
        if is_word(name):
            return name.replace("_", " ") if not name.endswith("_in") else name
        return name if "_" in name else name.translate(_SUBSCRIPTS)

    def verbatim(self, words: str) -> str:
        return words

    def minus(self) -> str:
        return "−"

    def times(self) -> str:
        return "·"

    def power(self, base: str, exponent: str) -> str:
        return base + exponent.translate(_SUPERSCRIPTS)

    def quotient(self, node: ast.BinOp) -> tuple[str, int]:
        left, right = self._within(node.left, _PRODUCT), self._within(node.right, _POWER)
        simple = isinstance(node.left, ast.Name | ast.Constant) and self._node(node.right)[1] == _ATOM
        return (f"{left}/{right}" if simple else f"{left} / {right}"), _PRODUCT

    def call(self, function: str, arguments: list[str]) -> str:
        if function in _ROUNDED:
            opening, closing = _ROUNDED[function]
            return f"{opening}{arguments[0]}{closing}"
        return f"{function}({', '.join(arguments)})"

    def bracketed(self, written: str) -> str:
        return f"({written})"


@final
class _Latex(_Notation):
    """LaTeX's math mode, with amsmath."""

    def number(self, digits: str) -> str:
        return _separated(digits).replace(",", "{,}")

    def name(self, name: str) -> str:
        letter, _, index = name.partition("_")
        if is_word(name):
            return rf"\text{{{name.replace('_', ' ')}}}" if index != "in" else rf"\text{{{letter}}}_{{\text{{in}}}}"
        if index:
            return rf"{letter}_{{\text{{{index}}}}}"
        digits = name.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        if digits:
            return rf"{name[: -len(digits)]}_{{{digits}}}"
        return name if len(name) == 1 else rf"\text{{{name}}}"

    def verbatim(self, words: str) -> str:
        return rf"\text{{{escaped(words)}}}"

    def minus(self) -> str:
        return "-"

    def times(self) -> str:
        return r" \cdot "

    def power(self, base: str, exponent: str) -> str:
        return f"{base}^{{{exponent}}}"

    def quotient(self, node: ast.BinOp) -> tuple[str, int]:
        return rf"\frac{{{self._node(node.left)[0]}}}{{{self._node(node.right)[0]}}}", _ATOM

    def call(self, function: str, arguments: list[str]) -> str:
        if function in _ROUNDED:
            side = function
            return rf"\left\l{side} {arguments[0]} \right\r{side}"
        return rf"\{function}\left({', '.join(arguments)}\right)"

    def bracketed(self, written: str) -> str:
        return rf"\left({written}\right)"


_TEXT = _Text()
_LATEX = _Latex()
