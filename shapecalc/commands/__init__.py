"""The commands: each module has a `run(arguments)` that prints and returns the exit code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable

from shapecalc.files import Unreadable
from shapecalc.inputs import FIRST, written_shape
from shapecalc.problems import Diagnostic
from shapecalc.report import as_lines
from shapecalc.result import Trace
from shapecalc.session import Wanted, setting_value
from shapecalc.spec import MAX_LAYERS
from shapecalc.translate import did_you_mean


def wanted(arguments: argparse.Namespace) -> Wanted:
    """What the options say about every spec. `Unreadable` where --input is no shape."""
    texts = inputs_of(getattr(arguments, "input", None) or ())
    inputs = {name: written_shape(text, "224x224x3") for name, text in texts.items()}
    settings = dict(_setting(text) for text in getattr(arguments, "set", None) or ())
    rf_input = getattr(arguments, "rf_input", None)
    return Wanted(inputs or None, arguments.max_layers or MAX_LAYERS, settings, rf_input)


def inputs_of(texts: Iterable[str]) -> dict[str, str]:
    """What stands behind the names of inputs in ``image=224x224x3``, under `FIRST` where there is no name.

    `Unreadable` where an input is given twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, equals, shape = text.partition("=")
        name, shape = (name.strip(), shape) if equals else (FIRST, text)
        if name in found:
            message = f"--input is given twice for the input {name!r}" if name else "--input is given twice"
            raise Unreadable(message, "for another input, its name and =, as in --input mask=224x224x1")
        found[name] = shape
    return found


def _setting(text: str) -> tuple[str, object]:
    """The variable and its value in ``width=32``. `Unreadable` where it is no such text."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise Unreadable(f"--set {text!r} is no setting", "as in --set width=32")
    return name.strip(), setting_value(value.strip())


def report(diagnostics: Iterable[Diagnostic]) -> None:
    """Prints diagnostics on standard error, in colour where that is a terminal."""
    colour = has_colour(sys.stderr)
    for diagnostic in diagnostics:
        print(as_lines(diagnostic, colour=colour), file=sys.stderr)


def layers_of(name: str, trace: Trace) -> tuple[str, ...]:
    """The layer of that name, else those of the block: names as in `show`, and as `from` has them. Empty for none."""
    names = [step.name for step in trace.layers]
    return (name,) if name in names else tuple(each for each in names if each.startswith(f"{name}."))


def known_layers(name: str, trace: Trace) -> tuple[str, ...]:
    """The layer of that name, else those of the block. `Unreadable` where there is neither."""
    found = layers_of(name, trace)
    if not found:
        names = [step.name for step in trace.layers]
        blocks = dict.fromkeys(each.rpartition(".")[0] for each in names if "." in each)
        listed = f"layers: {', '.join(names[:20])}{', …' if len(names) > 20 else ''}"
        raise Unreadable(f"{trace.name} has no layer {name!r}", did_you_mean(name, [*names, *blocks]) or listed)
    return found


def has_colour(stream: object) -> bool:
    """Whether colour is wanted there: a terminal, and no NO_COLOR (https://no-color.org)."""
    import os  # noqa: PLC0415

    isatty = getattr(stream, "isatty", None)
    return bool(isatty and isatty()) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
