"""The working of a layer's parameters, buffers and multiply-adds."""

from __future__ import annotations

from shapecalc.derivation.frames import frames, spans_of, volume
from shapecalc.derivation.sequences import sequence_counts
from shapecalc.derivation.working import Counts, Line, Sheet, positions
from shapecalc.layers import Params
from shapecalc.layers.activation import Prelu
from shapecalc.layers.convolution import Conv, ConvTranspose, SeparableConv
from shapecalc.layers.custom import Custom
from shapecalc.layers.linear import Fc
from shapecalc.layers.merge import Merge
from shapecalc.layers.normalization import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, RmsNorm, Scale
from shapecalc.notation import AXIS_NAMES
from shapecalc.result import Step

PARAMETERS = "parameters"
NOTHING = "parameters, buffers, macs"
NO_BIAS_ADDED = "bias additions are not counted"


def counts(sheet: Sheet) -> None:
    """Weights, biases and their sum, buffers, and multiply-adds."""
    step = sheet.step
    if isinstance(step.layer, Custom):
        _declared(sheet)
    elif step.params == step.buffers == step.macs == 0 and not _used(step).total:
        sheet.say((NOTHING, ""), 0, "nothing is learned; macs 0 by convention")
    else:
        found = _formulas(sheet)
        _parameters(sheet, found)
        if step.buffers:
            sheet.work(Line("buffers", "", "", found.buffers, result=step.buffers, remark=found.of_buffers))
        _counted(sheet, Line("macs", "", "", found.macs, result=step.macs, remark=found.of_macs))


def _parameters(sheet: Sheet, found: Counts) -> None:
    step, used = sheet.step, _used(sheet.step)
    assert used.weights is not None
    assert used.biases is not None
    sheet.values |= {"weights": used.weights, "biases": used.biases}
    at = PARAMETERS, "weights", "weights"
    _counted(sheet, Line(*at, found.weights, result=used.weights, remark=found.of_weights))
    at = PARAMETERS, "biases", "biases"
    _counted(sheet, Line(*at, found.biases, result=used.biases, remark=found.of_biases))
    if used.total == step.params:
        sheet.work(Line(PARAMETERS, "in all", "params", "weights + biases", result=step.params))
    else:
        sheet.say(
            (PARAMETERS, "of its own"), step.params, f"they are those of `{step.shares}`, counted there", "params"
        )
    _trainable(sheet)


def _used(step: Step) -> Params:
    """The parameters that a layer works with, its own or another's."""
    if step.shares is None or isinstance(step.layer, Merge):
        return Params(step.params, step.weights, step.biases, step.buffers)
    return step.layer.params(step.in_shapes[0])


def _trainable(sheet: Sheet) -> None:
    if sheet.step.trainable != sheet.step.params:
        sheet.say((PARAMETERS, "trainable"), sheet.step.trainable, "frozen: not trained")


def _counted(sheet: Sheet, line: Line) -> None:
    if line.formula and line.result:
        sheet.work(line)
    else:
        sheet.lines.append(line._replace(formula=""))


def _formulas(sheet: Sheet) -> Counts:  # noqa: PLR0911 (a return for each layer type)
    layer, own = sheet.step.layer, sheet.channels
    match layer:
        case Conv() | ConvTranspose():
            return _convolution(sheet, layer)
        case SeparableConv():
            return _separable(sheet, layer)
        case Fc():
            return _connected(sheet, layer)
        case BatchNorm() | GroupNorm() | InstanceNorm():
            buffers = f"2*{own}" if sheet.step.buffers else ""
            return _normalised(sheet.step, own, buffers)
        case LayerNorm(over=over) | RmsNorm(over=over):
            places = positions("1", AXIS_NAMES.get(len(sheet.arriving) - 1, ()))
            everything = f"{places}*{own}" if places else own
            return _normalised(sheet.step, {"channels": own, "all": everything, "spatial": places}[over])
        case Prelu() | Scale():
            return _scaled(sheet, layer)
    return sequence_counts(sheet)


def _convolution(sheet: Sheet, layer: Conv | ConvTranspose) -> Counts:
    kernel = volume(frames(sheet, spans_of(layer, sheet.arriving)))
    groups = layer.grouped(sheet.arriving)
    sheet.values["g"] = groups
    transposed = isinstance(layer, ConvTranspose)
    grouped = "D1*(K/g)" if transposed else "(D1/g)*K"
    weights = f"{kernel}*{grouped if groups > 1 else 'D1*K'}"
    index, axes = ("1" if transposed else "2"), AXIS_NAMES[len(sheet.arriving) - 1]
    where = "each input position meets the whole kernel once; " if transposed else ""
    return Counts(
        weights,
        "K" if layer.bias else "",
        f"weights*{positions(index, axes)}",
        of_weights="depthwise: a group per channel" if 1 < groups == sheet.arriving[0] else "",
        of_biases=_bias(layer.bias),
        of_macs=where + NO_BIAS_ADDED if layer.bias else where.rstrip("; "),
    )


def _bias(has: bool) -> str:
    return "" if has else "none: `bias: false`"


def _separable(sheet: Sheet, layer: SeparableConv) -> Counts:
    kernel = volume(frames(sheet, spans_of(layer, sheet.arriving)))
    sheet.values["m"] = layer.depth_multiplier
    return Counts(
        f"{kernel}*D1*m + D1*m*K",
        "K" if layer.bias else "",
        f"weights*{positions('2', sheet.axes)}",
        of_weights="the depthwise kernels, then the 1×1 kernels",
        of_biases=_bias(layer.bias),
        of_macs=NO_BIAS_ADDED if layer.bias else "",
    )


def _connected(sheet: Sheet, layer: Fc) -> Counts:
    outputs = "K" if sheet.axes else "N2"
    places = f"*{positions('2', sheet.axes)}" if sheet.axes else ""
    return Counts(
        f"{sheet.channels}*{outputs}",
        outputs if layer.bias else "",
        f"weights{places}",
        of_weights="the same at every position" if places else "",
        of_biases=_bias(layer.bias),
        of_macs=NO_BIAS_ADDED if layer.bias else "",
    )


def _normalised(step: Step, values: str, buffers: str = "") -> Counts:
    return Counts(
        values if step.weights else "",
        values if step.biases else "",
        buffers=buffers,
        of_weights="the factors γ" if step.weights else "none",
        of_biases="the offsets β" if step.biases else "none",
        of_macs="by convention: normalisations are not counted",
    )


def _scaled(sheet: Sheet, layer: Prelu | Scale) -> Counts:
    if isinstance(layer, Scale):
        macs = "by convention: element-wise scaling is not counted"
        return Counts(sheet.channels, of_weights="a factor per channel", of_biases="none", of_macs=macs)
    slopes, what = sheet.channels, "a slope per channel"
    if sheet.step.weights == 1:
        slopes, what = "1", "one slope"
    macs = "by convention: activations are not counted"
    return Counts(slopes, of_weights=what, of_biases="none", of_macs=macs)


def _declared(sheet: Sheet) -> None:
    """What a custom layer declares; what it does not is unknown."""
    step = sheet.step
    for place, field, number in (
        ((PARAMETERS, "in all"), "params", step.params),
        (("buffers", ""), "buffers", step.buffers),
        (("macs", ""), "macs", step.macs),
    ):
        known = number is not None
        sheet.say(place, number, "declared, not computed" if known else f"`{field}` is not declared")
        if field == "params" and known and step.weights is None:
            sheet.say((PARAMETERS, "weights and biases"), None, "declared as one number")
        if field == "params":
            _trainable(sheet)
