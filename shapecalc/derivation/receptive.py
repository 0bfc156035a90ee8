"""The working of a layer's receptive field, from that of what it reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shapecalc.derivation.expression import letters
from shapecalc.derivation.phases import units
from shapecalc.derivation.recurrences import Recurrence, recurrences
from shapecalc.derivation.working import Line, Sheet, alike, named, number
from shapecalc.layers.custom import Custom
from shapecalc.layers.merge import Merge
from shapecalc.notation import AXIS_NAMES, times
from shapecalc.receptive_field import AxisField, ReceptiveField
from shapecalc.sight import NOTHING_SEEN
from shapecalc.windows import Window

GROUP = "receptive field"

Arriving = tuple[ReceptiveField | None, ...] | None
"""What each input of a layer sees, None where unknown; empty where the network's is flat; None: not told."""


def receptive_field(sheet: Sheet, arriving: Arriving) -> None:
    """Size, stride and start along every axis, or in a sentence why there is nothing to work out."""
    seen = sheet.step.receptive_field
    if seen is None and is_blind(arriving):
        return
    if seen is None:
        sheet.say((GROUP, ""), None, _unknown(sheet, arriving))
    elif not seen.axes:
        sheet.say((GROUP, ""), f"the whole input, {times(seen.input_size)}")
    else:
        _local(sheet, arriving, seen)
        if seen.is_global:
            sheet.say((GROUP, ""), "some path sees the whole input; the numbers are those of the others")


def is_blind(arriving: Arriving) -> bool:
    """Whether a layer depends on no input, or not on that which receptive fields are about."""
    return arriving == () or (arriving is not None and all(field is NOTHING_SEEN for field in arriving))


def _unknown(sheet: Sheet, arriving: Arriving) -> str:
    if arriving is None:
        return "the network's input has no spatial axes, or it could not be followed"
    if None in arriving:
        return f"that of `{sheet.step.inputs[arriving.index(None)]}` is unknown"
    if isinstance(sheet.step.layer, Custom):
        return "`window` is not declared"
    if isinstance(sheet.step.layer, Merge):
        return "the branches have no one receptive field: they move at different strides, or their pattern is too long"
    return "its pattern takes too long to repeat, or reaches too far, to be tabulated"


def _local(sheet: Sheet, arriving: Arriving, seen: ReceptiveField) -> None:
    layer = sheet.step.layer
    reading = "pointwise" if isinstance(layer, Merge) else layer.reading(sheet.arriving, sheet.leaving)
    before = arriving[0] if arriving is not None and len(arriving) == 1 else None
    rules = [] if isinstance(reading, str) or before is None else recurrences(sheet)
    if isinstance(layer, Merge):
        sheet.say((GROUP, ""), f"{described(seen)}", "the hull of what its inputs see")
    elif reading == "pointwise":
        sheet.say((GROUP, ""), f"unchanged: {described(seen)}")
    elif isinstance(reading, str) or before is None or not rules:
        sheet.say((GROUP, ""), described(seen))
    else:
        for along in _alongs(rules, reading, before, seen):
            _along(sheet, along)


class Along(NamedTuple):
    """What is read and seen along one axis, or several alike."""

    heading: str
    rule: Recurrence
    window: Window
    before: AxisField
    after: AxisField
    units: int


def _alongs(
    rules: list[Recurrence], reading: Sequence[Window | None], before: ReceptiveField, seen: ReceptiveField
) -> list[Along]:
    axes, found = AXIS_NAMES[len(seen.axes)], []
    there = [min(units, len(axis.intervals) + 1) for units, axis in zip(seen.units, seen.axes, strict=True)]
    along = list(zip(rules, reading, before.axes, seen.axes, there, strict=True))
    for group in alike([(rule.start, *rest) for rule, *rest in along]):
        rule, window, arriving, leaving, units_there = along[group[-1]]
        assert isinstance(window, Window)
        heading = GROUP if len(axes) == 1 else f"{GROUP}, {named(axes, group)}"
        found.append(Along(heading, rule, window, arriving, leaving, units_there))
    return found


def _along(sheet: Sheet, along: Along) -> None:
    """The recurrence of the literature where every unit sees alike, else unit by unit."""
    heading, rule, window, before, after, units_there = along
    if len(window.taps) > 1 or len(before.intervals) > 1 or before.start is None:
        units(sheet, heading, rule, (window, after, units_there))
        sheet.work(Line(heading, "stride", "j", rule.stride, result=after.stride), j_in=before.stride)
        sheet.say((heading, "start"), _first(after), "the first pixel of unit 0", "start")
        return
    taps = window.taps[0]
    if "u" in letters(rule.size):
        if rule.place:
            sheet.lines.append(Line(heading, "reads", rule.symbol, rule.place, result="", remark=rule.reads))
        sheet.say((heading, "inputs"), len(taps), "that one output reads", "u")
        sheet.say((heading, "first input"), taps[0], "that output 0 reads", "a")
    known = {"r_in": before.size, "start_in": before.start, "u": len(taps), "a": taps[0]}
    for line in (
        Line(heading, "size", "r", rule.size, result=after.size),
        Line(heading, "stride", "j", rule.stride, result=after.stride),
        Line(heading, "start", "start", rule.start, result=after.start),
    ):
        sheet.work(line, j_in=before.stride, **known)


def _first(after: AxisField) -> int | str:
    return "unit 0 sees nothing" if after.start is None else after.start


def described(seen: ReceptiveField) -> str:
    """Size, stride and start in a phrase.

    >>> from shapecalc.receptive_field import INPUT
    >>> from shapecalc.windows import strided
    >>> axis = INPUT.through(strided(3, stride=2, before=1))
    >>> described(ReceptiveField((axis, axis), False, (32, 32), (16, 16)))
    '3×3, stride 2, start −1'
    """
    assert seen.stride is not None
    size = times(seen.size) if seen.size == seen.size_min else f"{times(seen.size_min)} to {times(seen.size)}"
    starts = ["nothing" if start is None else number(start) for start in seen.start]
    return f"{size}, stride {_each(list(map(number, seen.stride)))}, start {_each(starts)}"


def _each(values: list[str]) -> str:
    return values[0] if len(set(values)) == 1 else f"({', '.join(values)})"
