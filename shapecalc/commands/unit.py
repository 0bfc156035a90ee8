"""`shapecalc unit`: what one unit sees of the input, and which units see one input pixel."""

from __future__ import annotations

import argparse
import json
import sys

from shapecalc.cli import GOOD, WRONG
from shapecalc.commands import known_layers, report, wanted
from shapecalc.files import Unreadable
from shapecalc.notation import AXIS_NAMES, counted, hwc
from shapecalc.reach import Unfollowable, seen_by, units_seeing
from shapecalc.render.unit import pixel_entry, pixel_text, unit_entry, unit_text
from shapecalc.result import Trace
from shapecalc.session import opened


def run(arguments: argparse.Namespace) -> int:
    """Prints the view of one unit of a layer, or the units that see one pixel, for every spec under the name."""
    if arguments.pixel is not None and arguments.index is not None:
        raise Unreadable("INDEX and --pixel ask opposite questions", "give one of them")
    code, entries, texts = GOOD, [], []
    for spec in opened(arguments.specs[0], wanted(arguments)):
        report(spec.diagnostics)
        code = max(code, WRONG if spec.failed else GOOD)
        if spec.trace is not None:
            *_, layer = known_layers(arguments.layer, spec.trace)  # of a block, what leaves it
            entry, text = _answer(spec.trace, layer, arguments)
            entries.append(entry)
            texts.append(text)
    if arguments.format == "json":
        if entries:
            print(json.dumps(entries if len(entries) > 1 else entries[0]))
    else:
        sys.stdout.write("\n".join(texts))
    return code


def _answer(trace: Trace, layer: str, arguments: argparse.Namespace) -> tuple[dict[str, object], str]:
    try:
        if trace.rf_input is None:
            raise Unfollowable(f"the input of {trace.name} has no spatial axes, so that nothing of it has a place")
        if arguments.pixel is not None:
            sizes = dict(trace.inputs)[trace.rf_input][1:]
            pixel = units_seeing(trace, layer, _index(arguments.pixel, sizes, "--pixel", "the input"))
            return pixel_entry(pixel), pixel_text(pixel, trace)
        unit = seen_by(trace, layer, _unit(arguments.index, trace, layer))
        return unit_entry(unit, trace), unit_text(unit, trace)
    except Unfollowable as error:
        raise Unreadable(str(error)) from None


def _unit(text: str | None, trace: Trace, layer: str) -> tuple[int, ...]:
    """The place that the index names; the middle of the map unless given."""
    shape = trace[layer].out_shape
    if len(shape) == 1:
        if text is not None:
            advice = "leave INDEX out: every value of it sees the same"
            raise Unreadable(f"`{layer}` is flat ({counted(shape[0], 'value')}) and has no places", advice)
        return ()
    if text is None:
        return tuple(size // 2 for size in shape[1:])
    return _index(text, shape[1:], "INDEX", f"`{layer}` ({hwc(shape)})")


def _index(text: str, sizes: tuple[int, ...], option: str, whose: str) -> tuple[int, ...]:
    """The place in ``3,4``: a number for each axis, from 0."""
    ranges = ", ".join(f"{name} 0 to {size - 1:,}" for name, size in zip(AXIS_NAMES[len(sizes)], sizes, strict=True))
    try:
        index = tuple(int(part) for part in text.split(","))
    except ValueError:
        index = ()
    if len(index) != len(sizes):
        axes = ",".join(str(size // 2) for size in sizes)
        raise Unreadable(
            f"{option} {text!r} is no place in {whose}", f"a number for each axis, as in {axes} ({ranges})"
        )
    if not all(0 <= place < size for place, size in zip(index, sizes, strict=True)):
        raise Unreadable(f"{option} {text!r} is outside of {whose}", ranges)
    return index
