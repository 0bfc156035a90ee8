"""The lines of a derivation that are about certain quantities, by the names that `expect` and `ask` have for them."""

from __future__ import annotations

from collections.abc import Collection

from shapecalc.answers import questions
from shapecalc.derivation.counts import NOTHING, PARAMETERS
from shapecalc.derivation.derive import derive_all
from shapecalc.derivation.frames import spans_of
from shapecalc.derivation.working import Derivation, Line
from shapecalc.layers.convolution import ConvTranspose
from shapecalc.layers.custom import Custom
from shapecalc.layers.window import partial_window_notes
from shapecalc.result import Step, Trace
from shapecalc.verdict import NETWORK, SUMS

_FOLLOWED = ("output", "receptive_field", "stride", "start")
"""Quantities that are worked out from layer to layer."""

_SHAPE = ("output size", "padding", "cropped", "bins")
_SIZED = (*_SHAPE, "tensor size", "macs", "flops")
"""Headings of the lines that depend on how many positions there are."""


def derive_asked(trace: Trace) -> tuple[Derivation, ...]:
    """The working of what the spec asks: the lines about these quantities, of the layers that they depend on."""
    wanted: dict[str, set[str]] = {}
    of_totals: tuple[str, ...] = ()
    for subject, quantities in questions(trace):
        whole = subject.whose == NETWORK
        for number in range(subject.first, subject.end):
            last = number == subject.end - 1
            own = {each for each in quantities if last or each in (SUMS if not whole else (*SUMS, *_FOLLOWED))}
            if not last and own & {"receptive_field", "start"}:
                own.add("stride")  # the recurrence goes on with it
            wanted.setdefault(trace.layers[number].name, set()).update(own)
        if whole and len(trace.layers) > 1:
            of_totals = tuple(each for each in quantities if each != "tensor_size")  # which is the last layer's
    *layers, totals = derive_all(trace)
    pairs = zip(layers, trace.layers, strict=True)
    found = [_noted(about(each, wanted.get(each.name, ())), step) for each, step in pairs]
    return tuple(each for each in (*found, about(totals, of_totals)) if each.lines)


def _noted(derivation: Derivation, step: Step) -> Derivation:
    """The derivation; without the note of what is never read where it works out nothing that depends on the size."""
    spans = () if isinstance(step.layer, ConvTranspose | Custom) else spans_of(step.layer, step.in_shapes[0])
    if not spans or any(line.group in _SIZED for line in derivation.lines):
        return derivation
    unread = partial_window_notes(spans, step.out_shape)
    return derivation._replace(notes=tuple(note for note in derivation.notes if note not in unread))


def about(derivation: Derivation, quantities: Collection[str]) -> Derivation:
    """The derivation with the lines about these quantities alone."""
    lines = tuple(line for line in derivation.lines if any(is_about(line, each) for each in quantities))
    return derivation._replace(lines=(*lines, *_flops(lines, quantities)))


def is_about(line: Line, quantity: str) -> bool:  # noqa: PLR0911 (a return for each quantity)
    """Whether a line works out the quantity, or what its formula needs."""
    group, words = line.group, line.quantity
    if group == NOTHING:
        return quantity in SUMS
    if line.symbol in SUMS and not words:  # of the totals
        return line.symbol == ("macs" if quantity == "flops" else quantity)
    match quantity:
        case "output":
            return group in _SHAPE
        case "tensor_size":
            return group == "tensor size"
        case "params":
            return group == PARAMETERS and words != "trainable"
        case "weights" | "biases":
            return group == PARAMETERS and words in (quantity, "weights and biases")
        case "trainable":
            return group == PARAMETERS
        case "macs" | "flops":
            return group == "macs" or (group == PARAMETERS and words == "weights" and bool(line.formula))
        case "receptive_field":
            return group.startswith("receptive field") and words not in ("stride", "start", "first input")
        case "stride" | "start":
            return group.startswith("receptive field") and words in (quantity, "")
    return group == quantity


def _flops(lines: tuple[Line, ...], quantities: Collection[str]) -> tuple[Line, ...]:
    """FLOPs from the multiply-adds, where they are asked."""
    counted = next((line for line in lines if line.group == "macs" or line.symbol == "macs"), None)
    if "flops" not in quantities or counted is None or not isinstance(counted.result, int):
        return ()
    return (Line("flops", "", "", "2*macs", f"2*{counted.result}", 2 * counted.result),)
