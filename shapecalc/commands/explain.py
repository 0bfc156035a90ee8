"""`shapecalc explain`: the working behind the numbers."""

from __future__ import annotations

import argparse
import sys

from shapecalc.answers import is_asking
from shapecalc.cli import GOOD, WRONG
from shapecalc.commands import known_layer, report, wanted
from shapecalc.derivation import FORMATS, Derivation, derive_all, derive_asked, prose
from shapecalc.result import Trace
from shapecalc.session import opened


def run(arguments: argparse.Namespace) -> int:
    """Prints the working of every spec under the name; of one layer where it is named."""
    code, texts = GOOD, []
    for spec in opened(arguments.specs[0], wanted(arguments)):
        report(spec.advised)
        code = max(code, WRONG if spec.failed else GOOD)
        if spec.trace is not None:
            if arguments.layer is not None:
                known_layer(arguments.layer, spec.trace)
            texts.append(
                _question(spec.trace, arguments.format)
                + FORMATS[arguments.format](_working(spec.trace, arguments.layer))
            )
    sys.stdout.write("\n".join(texts))
    return code


def _working(trace: Trace, layer: str | None) -> tuple[Derivation, ...]:
    """The working of a layer; else of what the spec asks, or of everything."""
    return derive_asked(trace) if layer is None and is_asking(trace) else derive_all(trace, layer)


def _question(trace: Trace, form: str) -> str:
    """The exercise's text, as the format has paragraphs."""
    if not trace.spec.question:
        return ""
    text = prose(trace.spec.question) if form == "latex" else trace.spec.question.strip()
    return f"{text}\n\n"
