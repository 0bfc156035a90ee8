"""The commands: each module has a `run(arguments)` that prints and returns the exit code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable

from shapecalc.files import Unreadable
from shapecalc.notation import MAX_AXES, MAX_SIZE, parse_shape
from shapecalc.problems import Diagnostic
from shapecalc.report import as_lines
from shapecalc.result import Trace
from shapecalc.session import Wanted
from shapecalc.source.scalars import value_of
from shapecalc.spec import MAX_LAYERS
from shapecalc.translate import did_you_mean


def wanted(arguments: argparse.Namespace) -> Wanted:
    """What the options say about every spec. `Unreadable` where --input is no shape."""
    shape = None
    if getattr(arguments, "input", None) is not None:
        try:
            shape = parse_shape(arguments.input)
        except ValueError:
            shape = ()
        if not 1 <= len(shape) <= MAX_AXES + 1 or not all(1 <= size <= MAX_SIZE for size in shape):
            raise Unreadable(f"--input {arguments.input!r} is not a shape", "H×W×C, as in 224x224x3")
    settings = dict(_setting(text) for text in getattr(arguments, "set", None) or ())
    rf_input = getattr(arguments, "rf_input", None)
    return Wanted(shape, arguments.max_layers or MAX_LAYERS, settings, rf_input)


def _setting(text: str) -> tuple[str, object]:
    """The variable and its value in ``width=32``. `Unreadable` where it is no such text."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise Unreadable(f"--set {text!r} is no setting", "as in --set width=32")
    return name.strip(), value_of(value.strip())


def report(diagnostics: Iterable[Diagnostic]) -> None:
    """Prints diagnostics on standard error, in colour where that is a terminal."""
    colour = has_colour(sys.stderr)
    for diagnostic in diagnostics:
        print(as_lines(diagnostic, colour=colour), file=sys.stderr)


def known_layer(layer: str, trace: Trace) -> None:
    """`Unreadable` where no layer has that name."""
    names = [step.name for step in trace.layers]
    if layer not in names:
        advice = did_you_mean(layer, names) or f"layers: {', '.join(names[:20])}{', …' if len(names) > 20 else ''}"
        raise Unreadable(f"{trace.name} has no layer {layer!r}", advice)


def has_colour(stream: object) -> bool:
    """Whether colour is wanted there: a terminal, and no NO_COLOR (https://no-color.org)."""
    import os  # noqa: PLC0415

    isatty = getattr(stream, "isatty", None)
    return bool(isatty and isatty()) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
