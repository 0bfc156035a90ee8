"""`shapecalc explain`: the working behind the numbers."""

from __future__ import annotations

import argparse
import sys

from shapecalc.cli import GOOD, WRONG
from shapecalc.commands import report, wanted
from shapecalc.derivation import FORMATS, derive_all
from shapecalc.files import Unreadable
from shapecalc.result import Trace
from shapecalc.session import opened
from shapecalc.translate import did_you_mean


def run(arguments: argparse.Namespace) -> int:
    """Prints the working of every spec under the name; of one layer where it is named."""
    code, texts = GOOD, []
    for spec in opened(arguments.specs[0], wanted(arguments)):
        report(spec.diagnostics)
        code = max(code, WRONG if spec.failed else GOOD)
        if spec.trace is not None:
            _known(arguments.layer, spec.trace)
            texts.append(FORMATS[arguments.format](derive_all(spec.trace, arguments.layer)))
    sys.stdout.write("\n".join(texts))
    return code


def _known(layer: str | None, trace: Trace) -> None:
    """`Unreadable` where no layer has that name."""
    names = [step.name for step in trace.layers]
    if layer is not None and layer not in names:
        advice = did_you_mean(layer, names) or f"layers: {', '.join(names[:20])}{', …' if len(names) > 20 else ''}"
        raise Unreadable(f"{trace.name} has no layer {layer!r}", advice)
