"""The right working of one quantity: a line for one layer, or one for each layer that has a part in it."""

from __future__ import annotations

from fractions import Fraction
from itertools import groupby
from math import prod
from typing import TypeVar

from shapecalc.derivation import derive_all
from shapecalc.derivation.frames import spans_of
from shapecalc.derivation.letters import AXIS_LETTERS
from shapecalc.derivation.plain import in_a_line
from shapecalc.derivation.quantities import about
from shapecalc.derivation.totals import totals
from shapecalc.derivation.working import Line
from shapecalc.misconceptions.answer import Asked
from shapecalc.notation import hwc
from shapecalc.result import Step
from shapecalc.verdict import SUMS

MOST_LAYERS = 8
"""Layers whose working is told one after the other; of more, the first and the last."""

_SEEN = {
    "receptive_field": ("r", "r_max", "j"),
    "stride": ("j",),
    "start": ("start", "j"),
}
"""Letters of the recurrence that a quantity needs."""

Part = TypeVar("Part")


def working(asked: Asked) -> str | None:
    """How the right number comes about: the formula of a layer, the sum of several, or their formulas in turn."""
    if asked.is_one:
        (derivation,) = derive_all(asked.trace, asked.last.name)
        lines = about(derivation, (asked.quantity,)).lines
        return "; ".join(filter(None, map(in_a_line, lines))) or None
    if asked.quantity in SUMS:
        return _sum(asked)
    return "\n".join(_in_turn(asked)) or None


def _sum(asked: Asked) -> str | None:
    whole = asked.subject.first == 0 and asked.subject.end == len(asked.trace.layers)
    if whole:
        lines = about(totals(asked.trace), (asked.quantity,)).lines
        return "; ".join(filter(None, map(in_a_line, lines))) or None
    quantity = "macs" if asked.quantity == "flops" else asked.quantity
    parts = [f"{step.name} {number:,}" for step in asked.steps if (number := getattr(step, quantity))]
    first, left_out, last = _shortened(parts)
    return " + ".join([*first, *(["…"] if left_out else []), *last]) or None


def _in_turn(asked: Asked) -> list[str]:
    """A line for each layer in which the size, or what is seen, changes."""
    told = _changing(asked) or [step for step in _path(asked) if spans_of(step.layer, step.in_shapes[0])]
    first, left_out, last = _shortened(told)
    lines = [*(_line(asked, step) for step in first), *(["…"] if left_out else [])]
    lines += [_line(asked, step) for step in last]
    if told and asked.quantity == "tensor_size":
        (derivation,) = derive_all(asked.trace, told[-1].name)  # whose shape is that of the last layer
        lines += map(in_a_line, about(derivation, ("tensor_size",)).lines)
    name, shape = asked.trace.inputs[0]
    return lines or [f"{name} {hwc(shape)}, which nothing changes"]


def _changing(asked: Asked) -> list[Step]:
    """The layers on the way to the one that is asked in which something about the quantity changes."""
    path = _path(asked)
    values = [_values(step, asked.quantity) for step in path]
    before = [_of_input(asked), *values]
    found = [place for place in range(len(path)) if values[place] != before[place]]
    while found and values[found[-1]][:1] == before[found[-1]][:1]:  # a stride that nothing reads any more
        found.pop()
    return [path[place] for place in found]


def _values(step: Step, quantity: str) -> tuple[object, ...]:
    """What the quantity is after a layer, and what the next one needs with it."""
    if quantity in ("output", "tensor_size"):
        return (step.out_shape,)
    field = step.receptive_field
    if field is None or not field.axes:
        return ("unknown" if field is None else "global",)
    own = {"receptive_field": field.size, "start": field.start, "stride": field.stride}[quantity]
    return own, field.stride


def _of_input(asked: Asked) -> tuple[object, ...]:
    shape = asked.trace.inputs[0][1]
    if asked.quantity in ("output", "tensor_size"):
        return (shape,)
    axes = len(shape) - 1
    return ({"start": 0}.get(asked.quantity, 1),) * axes, (1,) * axes


def _line(asked: Asked, step: Step) -> str:
    """The layer's own working: ``conv1: r = r_in + (F − 1)·j_in = 1 + (3 − 1)·1 = 3``."""
    (derivation,) = derive_all(asked.trace, step.name)
    if asked.quantity in _SEEN:
        told = [line for line in derivation.lines if line.group.startswith("receptive field")]
        worked = [line for line in told if line.symbol in _needed(asked, step)]
        lines = [_along(axis, list(own)) for axis, own in groupby(worked or told, key=lambda line: line.group)]
    else:
        told = [line for line in derivation.lines if line.group == "output size"]
        kept = step.out_shape[0] == step.in_shapes[0][0] and len(told) > 1
        lines = [in_a_line(line) for line in told if not (kept and line.quantity == "channels")]
    return f"{step.name}: {'; '.join(lines)}"


def _needed(asked: Asked, step: Step) -> tuple[str, ...]:
    """The letters of the recurrence that count here: the stride where it changes and another layer reads it."""
    letters, field = _SEEN[asked.quantity], step.receptive_field
    is_read = step is not asked.last and field is not None and field.stride != _stride_before(asked, step)
    return letters if is_read or letters == ("j",) else letters[:-1]


def _stride_before(asked: Asked, step: Step) -> tuple[Fraction, ...] | None:
    above = next((each for each in asked.trace.layers if each.name == step.inputs[0]), None)
    if above is None:
        return (Fraction(1),) * (len(step.in_shapes[0]) - 1)
    return above.receptive_field.stride if above.receptive_field else None


def _along(heading: str, lines: list[Line]) -> str:
    """The lines of one heading, with the axis where that is not all of them."""
    text = "; ".join(in_a_line(line).removeprefix(f"{heading} = ") for line in lines)
    axis = heading.removeprefix("receptive field, ")
    return f"{axis}: {text}" if axis in AXIS_LETTERS else text


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


def _shortened(parts: list[Part]) -> tuple[list[Part], bool, list[Part]]:
    """The first, whether some are left out after them, and the last."""
    if len(parts) <= MOST_LAYERS:
        return parts, False, []
    half = MOST_LAYERS // 2
    return parts[: half - 1], True, parts[-half:]
