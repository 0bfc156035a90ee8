"""The right working of one quantity, in a line."""

from __future__ import annotations

from math import prod

from shapecalc.derivation import derive_all
from shapecalc.derivation.plain import in_a_line
from shapecalc.derivation.quantities import about
from shapecalc.derivation.totals import totals
from shapecalc.misconceptions.answer import Asked
from shapecalc.notation import hwc, times
from shapecalc.result import Step
from shapecalc.verdict import SUMS

MOST_LAYERS = 8
"""Layers whose sizes are told one after the other; of more, those around the first and the last."""


def working(asked: Asked) -> str | None:
    """How the right number comes about: the formula of a layer, the sum or the sequence of several."""
    if asked.is_one:
        (derivation,) = derive_all(asked.trace, asked.last.name)
        lines = about(derivation, (asked.quantity,)).lines
        return "; ".join(filter(None, map(in_a_line, lines))) or None
    if asked.quantity in SUMS:
        return _sum(asked)
    return _sequence(asked)


def _sum(asked: Asked) -> str | None:
    whole = asked.subject.first == 0 and asked.subject.end == len(asked.trace.layers)
    if whole:
        lines = about(totals(asked.trace), (asked.quantity,)).lines
        return "; ".join(filter(None, map(in_a_line, lines))) or None
    quantity = "macs" if asked.quantity == "flops" else asked.quantity
    parts = [f"{step.name} {number:,}" for step in asked.steps if (number := getattr(step, quantity))]
    return " + ".join(_shortened(parts)) or None


def _sequence(asked: Asked) -> str | None:
    """The shape, or what is seen, from layer to layer, where it changes."""
    told: list[str] = []
    before: object = asked.trace.inputs[0][1] if asked.quantity in ("output", "tensor_size") else None
    if before is not None:
        told.append(f"input {hwc(asked.trace.inputs[0][1])}")
    for step in _path(asked):
        value, text = _told(step.out_shape, step.receptive_field, asked.quantity)
        if value != before:
            told.append(f"{step.name} {text}")
        before = value
    return ", ".join(_shortened(told)) or None


def _path(asked: Asked) -> list[Step]:
    """The layers from the input to the one that is asked; through a join, along the input that sees the most."""
    by_name = {step.name: step for step in asked.trace.layers[: asked.subject.end]}
    path = [asked.last]
    while above := [by_name[name] for name in path[-1].inputs if name in by_name]:
        path.append(max(above, key=_seen))
    return path[::-1]


def _seen(step: Step) -> int:
    field = step.receptive_field
    return 0 if field is None else prod(field.size)


def _told(shape: tuple[int, ...], field: object, quantity: str) -> tuple[object, str]:
    if quantity in ("output", "tensor_size"):
        return shape, hwc(shape)
    name = {"receptive_field": "size"}.get(quantity, quantity)
    value = getattr(field, name, None)
    if value is None:
        return None, "global" if field is not None else "unknown"
    return value, times(value) if len(set(value)) > 1 else str(value[0])


def _shortened(parts: list[str]) -> list[str]:
    if len(parts) <= MOST_LAYERS:
        return parts
    half = MOST_LAYERS // 2
    return [*parts[:half], "…", *parts[-half:]]
