"""Which input lines (rows, columns, ...) every unit of every layer depends on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import TypeAlias

from shapecalc.reach.links import Link, Unfollowable, links
from shapecalc.result import Step, Trace

Masks: TypeAlias = tuple[int, ...]
"""One for each unit along an axis: bit j is set where the unit depends on line j."""


def lines_seen(trace: Trace, lines: Sequence[Sequence[int]] | None = None) -> dict[str, tuple[Masks, ...] | None]:
    """For each layer and each spatial axis of the input, what every unit along that axis depends on.

    A single mask stands for all units where each sees the same: something flat, or mixed over all positions.
    None where it is not known, or where the layer does not depend on the input at all. Borders are exact:
    padding with zeros carries nothing, other padding carries the places that it copies.

    Args:
        trace: of a network with a spatial input.
        lines: for each axis the input lines that are asked about, bit j for the j-th; all of them unless given.
    """
    if trace.rf_input is None:
        return dict.fromkeys(step.name for step in trace.layers)
    sizes = dict(trace.inputs)[trace.rf_input][1:]
    asked = [range(size) for size in sizes] if lines is None else lines
    known: dict[str, tuple[Masks, ...] | None] = {
        trace.rf_input: tuple(_of_input(size, each) for size, each in zip(sizes, asked, strict=True))
    }
    for step in trace.layers:
        if step.name in trace.dependent:
            known[step.name] = _of_step(step, known)
    return {step.name: known.get(step.name) for step in trace.layers}


def _of_input(size: int, asked: Sequence[int]) -> Masks:
    masks = [0] * size
    for bit, line in enumerate(asked):
        masks[line] |= 1 << bit
    return tuple(masks)


def _of_step(step: Step, known: dict[str, tuple[Masks, ...] | None]) -> tuple[Masks, ...] | None:
    seen: list[tuple[Masks, ...]] = []
    for number, name in enumerate(step.inputs):
        if name not in known:  # it does not depend on the input that is asked about
            continue
        masks = known[name]
        try:
            each = None if masks is None else links(step, number)
        except Unfollowable:
            return None
        if masks is None:
            return None
        seen.append(tuple((reduce(or_, axis, 0),) for axis in masks) if each is None else _through(masks, each))
    return tuple(_union(axes) for axes in zip(*seen, strict=True))


def _through(masks: tuple[Masks, ...], each: tuple[Link, ...]) -> tuple[Masks, ...]:
    """What the outputs see. A single mask stays one: whatever reads of it sees the same."""
    if all(len(axis) == 1 for axis in masks) and len(masks) != len(each):
        return masks
    axes = tuple(_axis(axis, link) for axis, link in zip(masks, each, strict=True))
    return axes if all(map(any, axes)) else tuple((0,) * len(axis) for axis in axes)  # none on one axis: none at all


def _axis(masks: Masks, link: Link) -> Masks:
    if len(masks) == 1 and link.size > 1:
        return masks if all(link.reads(unit) for unit in range(link.units)) else _axis(masks * link.size, link)
    return tuple(reduce(or_, [masks[place] for place in link.reads(unit)], 0) for unit in range(link.units))


def _union(axes: Sequence[Masks]) -> Masks:
    """Unit by unit; a single mask goes for every unit."""
    units = max(map(len, axes))
    spread = [axis * units if len(axis) == 1 else axis for axis in axes]
    return tuple(reduce(or_, masks) for masks in zip(*spread, strict=True))
