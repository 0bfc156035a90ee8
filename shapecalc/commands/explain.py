"""`shapecalc explain`: the working behind the numbers."""

from __future__ import annotations

import argparse
import sys

from shapecalc.answers import is_asking
from shapecalc.cli import GOOD, WRONG
from shapecalc.commands import known_layers, layers_of, report, wanted
from shapecalc.derivation import FORMATS, Derivation, derive_all, derive_asked, prose
from shapecalc.result import Trace
from shapecalc.session import opened


def run(arguments: argparse.Namespace) -> int:
    """Prints the working of every spec under the name; where a layer or block is named, of it in all that have it."""
    code, texts = GOOD, []
    without: Trace | None = None
    for spec in opened(arguments.specs[0], wanted(arguments)):
        report(spec.advised)
        code = max(code, WRONG if spec.failed else GOOD)
        if spec.trace is None:
            continue
        if arguments.layer is not None and not layers_of(arguments.layer, spec.trace):
            without = without or spec.trace
            continue
        working = FORMATS[arguments.format](_working(spec.trace, arguments.layer))
        texts.append(_question(spec.trace, arguments.format) + working)
    if without is not None and not texts:
        known_layers(arguments.layer, without)
    sys.stdout.write("\n".join(texts))
    return code


def _working(trace: Trace, layer: str | None) -> tuple[Derivation, ...]:
    """The working of a layer, or of all of a block; else of what the spec asks, or of everything."""
    if layer is None:
        return derive_asked(trace) if is_asking(trace) else derive_all(trace)
    names = layers_of(layer, trace)
    if len(names) == 1:
        return derive_all(trace, names[0])
    *workings, _ = derive_all(trace)  # the totals are the network's
    return tuple(each for each in workings if each.name in names)


def _question(trace: Trace, form: str) -> str:
    """The exercise's text, as the format has paragraphs."""
    if not trace.spec.question:
        return ""
    text = prose(trace.spec.question) if form == "latex" else trace.spec.question.strip()
    return f"{text}\n\n"
