"""The working of a network's totals: sums over its layers, or over their types where they are many."""

from __future__ import annotations

from collections.abc import Callable

from shapecalc.derivation.working import Derivation, Line
from shapecalc.result import Step, Trace

FEW = 12
"""As many summands are written out layer by layer."""

Count = Callable[[Step], "int | None"]

_COUNTS: dict[str, tuple[str, str, Count]] = {
    "parameters": ("params", "", lambda step: step.params),
    "weights": ("weights", "", lambda step: step.weights),
    "biases": ("biases", "", lambda step: step.biases),
    "trainable": ("trainable", "", lambda step: step.trainable),
    "buffers": ("buffers", "", lambda step: step.buffers),
    "macs": ("macs", "", lambda step: step.macs),
    "tensor size": ("tensor_size", "values", lambda step: step.tensor_size),
}
"""Quantities with their symbol (the field of `Totals`), what is counted, and the layer's number."""


def totals(trace: Trace) -> Derivation:
    """The sums over all layers."""
    lines = []
    for quantity, (symbol, unit, count) in _COUNTS.items():
        total = getattr(trace.totals, symbol)
        if quantity == "trainable" and total == trace.totals.params:
            continue
        lines.append(_summed(Line(quantity, "", symbol, result=total, unit=unit), trace.layers, count))
    statement = f"the whole network, {len(trace.layers):,} layers" if len(trace.layers) > 1 else "one layer"
    return Derivation("totals", statement, tuple(lines))


def _summed(line: Line, steps: tuple[Step, ...], count: Count) -> Line:
    if line.result is None:
        unknown = next(step.name for step in steps if count(step) is None)
        return line._replace(remark=f"that of `{unknown}` is unknown")
    terms = {step.name: number for step in steps if (number := count(step))}
    if len(terms) > FEW:
        terms = _by_kind(steps, count)
    if len(terms) < 2 and len(steps) == 1:
        return line
    return line._replace(
        formula=" + ".join(f"'{name}'" for name in terms),
        substituted=" + ".join(map(str, terms.values())),
    )


def _by_kind(steps: tuple[Step, ...], count: Count) -> dict[str, int]:
    """The sums over the layers of each type, with how many of them have any."""
    sums: dict[str, list[int]] = {}
    for step in steps:
        if number := count(step):
            sums.setdefault(step.type, []).append(number)
    return {f"{len(numbers):,} {kind}": sum(numbers) for kind, numbers in sums.items()}
