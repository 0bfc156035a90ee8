"""`shapecalc show`: the table."""

from __future__ import annotations

import argparse
import sys

from shapecalc.cli import GOOD, WRONG, could_not
from shapecalc.commands import report, wanted
from shapecalc.files import Unreadable
from shapecalc.render import renderer
from shapecalc.result import Trace
from shapecalc.session import opened
from shapecalc.table import COLUMNS, USUAL, View
from shapecalc.translate import did_you_mean


def run(arguments: argparse.Namespace) -> int:
    """Prints every spec that could be traced; the diagnostics go to standard error."""
    options, view = wanted(arguments), _view(arguments)
    traces: list[Trace] = []
    code, asked = GOOD, 0
    for name in arguments.specs:
        try:
            for spec in opened(name, options):
                asked += 1
                report(spec.advised)
                code = max(code, WRONG if spec.failed else GOOD)
                if spec.trace is not None:
                    traces.append(spec.trace)
        except Unreadable as error:
            asked += 1
            code = could_not(error)
    if arguments.format == "json":
        if traces or asked != 1:
            from shapecalc.render.data import as_json  # noqa: PLC0415 (json only where asked for)

            sys.stdout.write(as_json(traces, view, several=asked != 1))
    elif traces:
        _print(traces, view, arguments.format)
    return code


def _view(arguments: argparse.Namespace) -> View:
    columns = None
    if arguments.columns is not None:
        asked = tuple(word.strip() for word in arguments.columns.lstrip("+").split(","))
        for word in asked:
            if word not in COLUMNS:
                advice = did_you_mean(word, list(COLUMNS)) or f"columns: {' '.join(COLUMNS)}"
                raise Unreadable(f"there is no column {word!r}", advice)
        added = arguments.columns.startswith("+")
        columns = (*USUAL, *(word for word in asked if word not in USUAL)) if added else asked
    return View(columns, arguments.layout, arguments.batch, arguments.dtype, arguments.depth)


def _print(traces: list[Trace], view: View, form: str) -> None:
    if form == "table" and sys.stdout.isatty() and sum(len(trace.layers) for trace in traces) <= 500:
        from rich.console import Console  # noqa: PLC0415 (70 ms, and only where a terminal shows it)

        from shapecalc.render.terminal import print_traces  # noqa: PLC0415

        print_traces(traces, view, Console())
        return
    sys.stdout.write(renderer("text" if form == "table" else form)(traces, view))
