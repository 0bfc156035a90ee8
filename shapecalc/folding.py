"""Layers of one block as one row: its sums, and what its last layer gives."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any, TypeAlias

from shapecalc.layers.merge import Add
from shapecalc.notation import counted
from shapecalc.result import Step

_NO_SETTINGS = Add.model_construct()
_SUMMED = ("params", "weights", "biases", "trainable", "buffers", "macs")


Fold: TypeAlias = "tuple[Step, Sequence[Step]]"
"""A row, and the layers that it stands for."""


def folds(steps: Sequence[Step], depth: int) -> list[Fold]:
    """The steps with every block that lies deeper than `depth` names as one, equal neighbours as ``×n``."""
    blocks = [(name, list(group)) for name, group in groupby(steps, lambda step: _prefix(step.name, depth))]
    rows = [(_one(inside, name), inside) for name, inside in blocks]
    return [_repeated(list(group)) for _, group in groupby(rows, lambda row: _alike(row[0]))]


def folded(steps: Sequence[Step], depth: int) -> list[Step]:
    """The rows alone."""
    return [row for row, _ in folds(steps, depth)]


def _prefix(name: str, depth: int) -> str:
    """The first names of a dotted one; a number belongs to the name before it, as in ``stage1.0``."""
    parts: list[str] = []
    for part in name.split("."):
        if part.isdecimal() and parts:
            parts[-1] += f".{part}"
        else:
            parts.append(part)
    return ".".join(parts[:depth])


def _one(steps: list[Step], name: str) -> Step:
    if len(steps) == 1 and steps[0].name == name:
        return steps[0]
    inside = {step.name for step in steps}
    outer = dict.fromkeys(each for step in steps for each in step.inputs if each not in inside)
    return steps[-1]._replace(
        name=name,
        type=counted(len(steps), "layer"),
        layer=_NO_SETTINGS,
        inputs=tuple(outer),
        in_shapes=steps[0].in_shapes,
        notes=(),
        **_sums(steps),
    )


def _alike(row: Step) -> tuple[object, ...]:
    """What neighbouring turns of a block have in common where they are told as one; a layer is only like itself."""
    if row.layer is not _NO_SETTINGS:
        return (row.name,)
    base = row.name.rstrip("0123456789").rstrip(".")
    return (base, row.type, row.in_shapes, row.out_shape, row.params, row.macs)


def _repeated(found: list[Fold]) -> Fold:
    if len(found) == 1:
        return found[0]
    rows = [row for row, _ in found]
    first, last = rows[0], rows[-1]
    base = last.name.rstrip("0123456789")
    name = f"{first.name} … {last.name.removeprefix(base)}"
    row = last._replace(name=name, type=f"{first.type} ×{len(rows)}", inputs=first.inputs, **_sums(rows))
    return row, [step for _, inside in found for step in inside]


def _sums(steps: Sequence[Step]) -> dict[str, Any]:
    """Sums of what is counted; None where a number is unknown."""
    columns = {quantity: [getattr(step, quantity) for step in steps] for quantity in _SUMMED}
    return {quantity: None if None in numbers else sum(numbers) for quantity, numbers in columns.items()}
