"""`shapecalc explain`: the working behind the numbers."""

from __future__ import annotations

import argparse
import sys

from shapecalc.cli import GOOD, WRONG
from shapecalc.commands import known_layer, report, wanted
from shapecalc.derivation import FORMATS, derive_all
from shapecalc.session import opened


def run(arguments: argparse.Namespace) -> int:
    """Prints the working of every spec under the name; of one layer where it is named."""
    code, texts = GOOD, []
    for spec in opened(arguments.specs[0], wanted(arguments)):
        report(spec.diagnostics)
        code = max(code, WRONG if spec.failed else GOOD)
        if spec.trace is not None:
            if arguments.layer is not None:
                known_layer(arguments.layer, spec.trace)
            texts.append(FORMATS[arguments.format](derive_all(spec.trace, arguments.layer)))
    sys.stdout.write("\n".join(texts))
    return code
