"""What a sweep keeps of one combination: its settings and the totals, or why it was refused; never the trace."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from shapecalc.notation import Shape
from shapecalc.problems import Diagnostic
from shapecalc.receptive_field import ReceptiveField
from shapecalc.result import Trace

SUMS = ("params", "weights", "biases", "trainable", "buffers", "macs", "tensor_size")
"""Sums over all layers, as in the totals of `show`."""

QUANTITIES = (*SUMS, "flops", "layers", "receptive_field", "stride")
"""What rows are filtered, sorted and compared by; of a receptive field the largest side."""


class Refusal(NamedTuple):
    """Why a combination is no network: the first error's code, message, place and fix."""

    code: str
    message: str
    line: int
    help: str | None = None


class Row(NamedTuple):
    """One combination.

    Attributes:
        variant: of the spec, by name.
        settings: the varied variables and their values.
        input: the first input's shape, channels first; None where it was refused and none was given.
        totals: `SUMS` by name, and the number of layers; None where unknown, empty where it was refused.
        outputs: the shapes that leave the network.
        receptive_field: of the last layer.
        refusal: None where it is a network.
        inputs: the shapes of other inputs that were varied, by name.
    """

    variant: str | None
    settings: Mapping[str, Any]
    input: Shape | None
    totals: Mapping[str, int | None]
    outputs: tuple[Shape, ...] = ()
    receptive_field: ReceptiveField | None = None
    refusal: Refusal | None = None
    inputs: Mapping[str, Shape] = {}

    def number(self, quantity: str) -> int | Fraction | None:
        """One of `QUANTITIES`; None where it is unknown, the whole input, or there is no network."""
        if quantity == "flops":
            macs = self.totals.get("macs")
            return None if macs is None else 2 * macs
        field = self.receptive_field
        if quantity in ("receptive_field", "stride"):
            sizes = None if field is None else field.size if quantity == "receptive_field" else field.stride
            return max(sizes, default=None) if sizes else None
        return self.totals.get(quantity)

    def value(self, name: str) -> Any:
        """One of `QUANTITIES`, or of what was varied; None where it is unknown, or nothing of that name was varied."""
        return self.number(name) if name in QUANTITIES else self.settings.get(name)


def row_of(trace: Trace, variant: str | None, settings: Mapping[str, Any]) -> Row:
    """What is kept of a network."""
    sums = trace.totals._asdict()
    return Row(
        variant=variant,
        settings=settings,
        input=trace.inputs[0][1],
        totals={**{name: sums[name] for name in SUMS}, "layers": len(trace.layers)},
        outputs=tuple(output.shape for output in trace.outputs),
        receptive_field=trace.layers[-1].receptive_field,
    )


def refused(
    diagnostics: tuple[Diagnostic, ...], variant: str | None, settings: Mapping[str, Any], shape: Shape | None
) -> Row:
    """What is kept of a combination that is no network."""
    first = next((each for each in diagnostics if each.severity == "error"), diagnostics[0])
    return Row(variant, settings, shape, {}, refusal=Refusal(first.code, first.message, first.line, first.help))
