"""One unit's view of the input and one pixel's audience, as JSON and as text."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from shapecalc.notation import AXIS_NAMES, hwc, times
from shapecalc.reach import Pixel, Unit
from shapecalc.receptive_field import Interval
from shapecalc.result import Trace


def unit_entry(unit: Unit, trace: Trace) -> dict[str, Any]:
    """What ``unit --format json`` prints."""
    return {
        "layer": unit.layer,
        "index": list(unit.index),
        "box": None if unit.box is None else [list(interval) for interval in unit.box],
        "unclipped": [None if interval is None else list(interval) for interval in unit.unclipped],
        "global": unit.is_global,
        "holes": unit.has_holes,
        "pixels": unit.pixels,
        "padding": unit.padding(_sizes(trace)),
    }


def pixel_entry(pixel: Pixel) -> dict[str, Any]:
    """What ``unit --pixel --format json`` prints."""
    return {
        "layer": pixel.layer,
        "pixel": list(pixel.pixel),
        "units": None if pixel.units is None else [list(interval) for interval in pixel.units],
        "count": pixel.count,
        "holes": pixel.has_holes,
    }


def unit_text(unit: Unit, trace: Trace) -> str:
    """The view in words, a line for each fact."""
    sizes, shape = _sizes(trace), trace[unit.layer].out_shape
    place = f"unit ({_listed(unit.index)}) of `{unit.layer}`" if unit.index else f"every value of `{unit.layer}`"
    lines = [f"{trace.name}: {place}, {hwc(shape)}"]
    seen = [interval for interval in unit.unclipped if interval is not None]
    if len(seen) == len(sizes):
        kind = "by local paths" if unit.is_global and unit.unclipped != _whole(sizes) else ""
        lines.append(_fact("sees", _box(seen), times(_extents(seen)), kind))
    if unit.box is None:
        lines.append(_fact("sees", "nothing of the image" if seen else "nothing"))
        return _text(lines)
    lines.append(_fact("in the image", _box(unit.box), times(_extents(unit.box)), f"of {times(sizes)}"))
    if unit.is_global:
        lines.append(_fact("global", "some path leads from every part of the input"))
    padding = unit.padding(sizes)
    if padding:
        lines.append(_fact("padding", f"{padding:.1%} of what it sees lies outside of the image"))
    area = prod(_extents(unit.box))
    holes = f"{area - unit.pixels:,} of the {area:,} pixels in the box cannot matter" if unit.has_holes else "none"
    lines.append(_fact("holes", holes))
    return _text(lines)


def pixel_text(pixel: Pixel, trace: Trace) -> str:
    """The audience in words, a line for each fact."""
    shape = trace[pixel.layer].out_shape
    lines = [f"{trace.name}: pixel ({_listed(pixel.pixel)}) of the input, as `{pixel.layer}` ({hwc(shape)}) sees it"]
    if pixel.units is None:
        lines.append(_fact("seen by", "no unit"))
    elif not pixel.units:
        lines.append(_fact("seen by", "every value"))
    else:
        of = f"of {times(shape[1:])}"
        lines.append(_fact("seen by", _box(pixel.units), times(_extents(pixel.units)), of))
        area = prod(_extents(pixel.units))
        told = f"{area - pixel.count:,} of the {area:,} units in the box do not see it" if pixel.has_holes else "none"
        lines.append(_fact("holes", told))
    return _text(lines)


def _sizes(trace: Trace) -> tuple[int, ...]:
    assert trace.rf_input is not None
    return dict(trace.inputs)[trace.rf_input][1:]


def _whole(sizes: Sequence[int]) -> tuple[Interval, ...]:
    return tuple((0, size - 1) for size in sizes)


def _extents(box: Sequence[Interval]) -> tuple[int, ...]:
    return tuple(high - low + 1 for low, high in box)


def _box(box: Sequence[Interval]) -> str:
    """Every axis with its closed interval."""
    return ", ".join(f"{name} {low} to {high}" for name, (low, high) in zip(AXIS_NAMES[len(box)], box, strict=True))


def _fact(what: str, *words: str) -> str:
    """A line: what it is about, then the words that there are."""
    told = [word for word in words if word]
    return f"  {what:<13}{told[0]}" + (f"  ({' '.join(told[1:])})" if told[1:] else "")


def _listed(index: Sequence[int]) -> str:
    return ", ".join(map(str, index))


def _text(lines: Sequence[str]) -> str:
    return "\n".join(lines) + "\n"
