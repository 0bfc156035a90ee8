"""The NumPy reference as the engine of a verification."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from shapecalc.layers.window import LINES
from shapecalc.notation import counted
from shapecalc.result import Trace
from shapecalc.verification import Options
from shapecalc.verification.certificate import Finding
from shapecalc.verification.execution import executed
from shapecalc.verification.multiplied import Multiplied
from shapecalc.verification.sight import Sight, probed_lines
from shapecalc.verification.supply import Supply


class Engine:
    """Runs one network.

    Attributes:
        name: library, version and type of the values.

    """

    name = f"NumPy {np.__version__}, float32"

    def __init__(self, trace: Trace, options: Options) -> None:
        self._trace = trace
        self._options = options

    def findings(self, asked: tuple[str, ...]) -> Iterator[dict[str, Finding]]:
        """What is found about these quantities, for each layer in order."""
        if asked == ("macs",):
            multiplied = Multiplied()
            yield from ({"macs": multiplied.finding(step)} for step in self._trace.layers)
        elif asked == ("rf",):
            sight = Sight(self._trace, self._options.seed)
            yield from ({"rf": sight.finding(step)} for step in self._trace.layers)
        else:
            yield from executed(self._trace, Supply(self._options.seed), in_full="shapes" in asked)

    def told(self, quantity: str, found: Sequence[Finding]) -> str:
        """How it was run."""
        if quantity == "shapes":
            return "run in full, every array allocated, freed after its last reader"
        if quantity == "params":
            in_full = "shapes" in self._options.quantities
            return "counted in the arrays of that run" if in_full else "counted in arrays that were made, but not run"
        return self._macs_told(found) if quantity == "macs" else self._rf_told()

    def _macs_told(self, found: Sequence[Finding]) -> str:
        run = [finding.in_full for finding in found if finding.verdict in ("equal", "differs")]
        ways = (("in full", run.count(True)), ("as copies of few channels, scaled by the weights", run.count(False)))
        return "run on ones: " + (", ".join(f"{counted(n, 'layer')} {how}" for how, n in ways if n) or "no layer")

    def _rf_told(self) -> str:
        if self._trace.rf_input is None:
            return "the input has no spatial axes"
        sizes, lines = dict(self._trace.inputs)[self._trace.rf_input][1:], probed_lines(self._trace, self._options.seed)
        parts = [
            f"{len(each):,} of {counted(size, line)}"
            for line, size, each in zip(LINES[len(sizes)], sizes, lines, strict=True)
        ]
        return f"{' and '.join(parts)} probed, layer by layer"
