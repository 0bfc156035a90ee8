"""When two receptive fields are the same, in networks whose inputs may be of different sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from shapecalc.notation import Shape
from shapecalc.receptive_field import ReceptiveField
from shapecalc.result import Step
from shapecalc.sight import Sight, repeated

Field: TypeAlias = "ReceptiveField | None"


def is_same_pattern(a: Field, b: Field) -> bool:
    """Whether units see the same pixels around them, however many units and pixels there are."""
    if a is None or b is None:
        return a is b
    return a is b or (a.axes == b.axes and a.is_global == b.is_global)


def is_same(a: Field, b: Field) -> bool:
    """Whether all that is told of two fields is equal.

    The input's size belongs to a field that is global and nothing else; the number of units, to one whose units differ.
    """
    if a is None or b is None or a is b:
        return a is b
    return is_same_pattern(a, b) and a.size == b.size and a.size_min == b.size_min


def is_whole(field: Field) -> bool:
    """Whether it is the whole input, and nothing is known of local paths."""
    return field is not None and not field.axes


def hull(step: Step, fields: Sequence[Field], shapes: Sequence[Shape]) -> Field:
    """What a join would see, were these the fields and shapes that arrive."""
    parts = [repeated(field, shape, step.out_shape) for field, shape in zip(fields, shapes, strict=True)]
    return Sight().joined(parts, step.inputs, step.out_shape)[0]
