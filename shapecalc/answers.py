"""Answers to what a spec asks: the quantities of the network or of its layers, by the words of `ask`.

An exercise, which has a `question`, asks what it expects, unless it says with `ask` what is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from shapecalc.expectation import QUANTITIES, Expect
from shapecalc.notation import times
from shapecalc.receptive_field import ReceptiveField
from shapecalc.result import Step, Trace
from shapecalc.spec import Spec
from shapecalc.verdict import Subject, of_item, of_network, written


class Question(NamedTuple):
    """Quantities that are asked of a layer, a block or the network."""

    subject: Subject
    quantities: tuple[str, ...]


class Answer(NamedTuple):
    """One quantity: of what, which, and its number or shape; a shape channels first."""

    whose: str
    quantity: str
    value: str | tuple[int, ...]


def is_asking(trace: Trace) -> bool:
    """Whether the spec asks something."""
    return next(questions(trace), None) is not None


def questions(trace: Trace) -> Iterator[Question]:
    """What is asked of the items, in order, and then of the network."""
    spec = trace.spec
    says = bool(spec.ask) or any(span.item.keys.ask for span in trace.spans)
    for span in trace.spans:
        quantities = span.item.keys.ask if says else _expected(spec, span.item.keys.expect)
        if quantities and span.end > span.first:
            yield Question(of_item(trace.layers, span), quantities)
    quantities = spec.ask if says else _expected(spec, spec.expect)
    if quantities:
        yield Question(of_network(trace.layers, trace.totals), quantities)


def _expected(spec: Spec, expect: Expect | None) -> tuple[str, ...]:
    """What an exercise expects; nothing of a spec without a question."""
    if expect is None or spec.question is None:
        return ()
    return tuple(quantity for quantity in QUANTITIES if getattr(expect, quantity) is not None)


def answers(trace: Trace) -> list[Answer]:
    """Every answer, in the order of the questions."""
    found = []
    for subject, quantities in questions(trace):
        last = trace.layers[subject.end - 1]
        whose = subject.whose.strip("`")
        found += [Answer(whose, each, _value(subject, last, each)) for each in dict.fromkeys(quantities)]
    return found


def _value(subject: Subject, last: Step, quantity: str) -> str | tuple[int, ...]:
    if quantity == "output":
        return subject.out_shape
    if quantity in ("receptive_field", "stride", "start"):
        return _seen(last.receptive_field, quantity)
    number = subject.numbers[quantity]
    text = written(number if isinstance(number, tuple) else (number,))
    return f"{text} values" if quantity == "tensor_size" else text


def _seen(field: ReceptiveField | None, quantity: str) -> str:
    """What is asked of a receptive field, along every axis; the local paths' where some path is global."""
    if field is None:
        return "unknown, or the input has no spatial axes"
    if not field.axes:
        return f"the whole input, {times(field.input_size)}"
    if quantity == "receptive_field":
        least = times(field.size_min)
        said = times(field.size) if field.size_min == field.size else f"{least} to {times(field.size)}, by position"
        return f"{said}; some path sees the whole input" if field.is_global else said
    numbers: tuple[int | Fraction | None, ...] = field.start if quantity == "start" else field.stride or ()
    return written(numbers).replace("-", "−")
