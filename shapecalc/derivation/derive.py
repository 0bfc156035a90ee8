"""From a trace to derivations."""

from __future__ import annotations

from shapecalc.derivation.counts import counts
from shapecalc.derivation.receptive import Arriving, described, is_blind, receptive_field
from shapecalc.derivation.sizes import output_size
from shapecalc.derivation.statement import statement
from shapecalc.derivation.totals import totals
from shapecalc.derivation.working import Derivation, Sheet
from shapecalc.layers.merge import Merge
from shapecalc.notation import counted, times
from shapecalc.result import Step, Trace
from shapecalc.sight import NOTHING_SEEN, of_input


def derive(step: Step, arriving: Arriving = None) -> Derivation:
    """The working of one layer.

    Args:
        step: the layer in a trace.
        arriving: the receptive field of each of its inputs, None for one that is unknown, an empty
            tuple where the network's input has no spatial axes. Without, the receptive field is
            stated and not worked out.

    """
    sheet = Sheet(step)
    if _is_quiet(step):
        said = f"{statement(sheet)}, {_left_as_it_is(step, arriving)}"
        return Derivation(step.name, said, (), step.notes)
    output_size(sheet)
    counts(sheet)
    receptive_field(sheet, arriving)
    return Derivation(step.name, statement(sheet), tuple(sheet.lines), step.notes)


def derive_all(trace: Trace, layer: str | None = None) -> tuple[Derivation, ...]:
    """The working of every layer and of the totals, or of one layer alone (KeyError without it)."""
    flat = trace.rf_input is None
    fields = {name: of_input(shape) if name == trace.rf_input else NOTHING_SEEN for name, shape in trace.inputs}
    for step in trace.layers:
        fields[step.name] = step.receptive_field if step.name in trace.dependent else NOTHING_SEEN
    steps = trace.layers if layer is None else (trace[layer],)
    found = [derive(step, () if flat else tuple(fields[name] for name in step.inputs)) for step in steps]
    return (*found, totals(trace)) if layer is None else tuple(found)


def _is_quiet(step: Step) -> bool:
    """Whether there is nothing to work out: the shape is kept, nothing counted, no position moved."""
    kept = step.in_shapes == (step.out_shape,)
    if not kept or step.params != 0 or step.buffers != 0 or step.macs != 0:
        return False
    return isinstance(step.layer, Merge) or step.layer.reading(step.in_shapes[0], step.out_shape) == "pointwise"


def _left_as_it_is(step: Step, arriving: Arriving) -> str:
    """What a quiet layer leaves as it is, in a phrase."""
    said = f"{counted(step.tensor_size, 'value')}; no parameters, macs 0 by convention"
    seen = step.receptive_field
    if seen is None:
        return said if is_blind(arriving) else f"{said}, receptive field unknown as before"
    whole = f"the whole input, {times(seen.input_size)}"
    return f"{said}, receptive field unchanged: {described(seen) if seen.axes else whole}"
