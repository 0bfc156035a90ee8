"""What a network's counts come to where a row's slip is made in its layers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from shapecalc.misconceptions.answer import Asked, Guess, Scope, own, scopes
from shapecalc.misconceptions.counts import Row
from shapecalc.misconceptions.counts_by_type import ROWS
from shapecalc.misconceptions.facts import put_in, tidy, value
from shapecalc.misconceptions.sums import over_layers
from shapecalc.result import Step
from shapecalc.verdict import SUMS


def counted(asked: Asked) -> Iterator[Guess]:
    """The answers to which the rows lead."""
    if asked.quantity not in (*SUMS, "tensor_size"):
        return
    numbers = asked.numbers if asked.quantity in SUMS else asked.numbers[-1:]
    for row in ROWS:
        doubled = asked.quantity == "flops" and "flops" not in row.counts
        template = row.counts.get("macs" if doubled else asked.quantity)
        if template is not None:
            yield from _of_row(asked, row, list(_altered(asked, row, template, numbers)), 2 if doubled else 1)


def _altered(asked: Asked, row: Row, template: str, numbers: range) -> Iterator[tuple[int, Step, str]]:
    """The layers to which the row applies, each with the arithmetic that the slip makes of it."""
    for number in numbers:
        step = asked.trace.layers[number]
        if row.types and step.type not in row.types:
            continue
        working = put_in(template, asked.study.facts(number))
        if working is not None:
            yield number, step, working


def _of_row(asked: Asked, row: Row, altered: list[tuple[int, Step, str]], factor: int) -> Iterator[Guess]:
    changes = {}
    for number, step, text in altered:
        wrong, right = value(text), own(step, asked.quantity)
        if wrong is not None and right is not None and factor * wrong != right:
            changes[number] = factor * wrong - right
    total = own(altered[0][1], "tensor_size") if asked.quantity == "tensor_size" and altered else _right(asked)
    touched = [(number, step) for number, step, _ in altered if number in changes]
    if total is None or not touched:
        return
    for scope in scopes(touched):
        wrong = total + sum(changes[number] for number in scope.layers)
        chosen = [(number, text) for number, _, text in altered if number in scope.layers]
        working = partial(_working, asked, chosen, factor, wrong)
        units = dict.fromkeys(_UNITS.get(step.type, "output") for number, step in touched if number in scope.layers)
        why = row.why.replace("{unit}", " or ".join(units))
        yield Guess(row.tag, wrong, f"{why}{_where(asked, scope)}", working, max(row.extent, scope.extent))


_UNITS = {"conv": "filter", "conv_transpose": "filter", "separable_conv": "filter"}
"""What has a bias, by layer type; in the others each output."""


def _working(asked: Asked, altered: list[tuple[int, str]], factor: int, total: int) -> str:
    said = {number: _said(text, factor) for number, text in altered}
    return next(iter(said.values())) if asked.quantity == "tensor_size" else over_layers(asked, said, total)


def _said(working: str, factor: int) -> str:
    text = tidy(working)
    return text if factor == 1 else f"2·({text})"


def _where(asked: Asked, scope: Scope) -> str:
    return "" if asked.is_one or asked.quantity == "tensor_size" else scope.where


def _right(asked: Asked) -> int | None:
    number = asked.subject.numbers[asked.quantity]
    return number if isinstance(number, int) else None
