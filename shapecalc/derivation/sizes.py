"""The working of a layer's output shape and tensor size."""

from __future__ import annotations

from shapecalc.derivation.axis_sizes import Size, axis_sizes
from shapecalc.derivation.expression import letters, put_in
from shapecalc.derivation.frames import frames, spans_of
from shapecalc.derivation.letters import AXIS_LETTERS, sides
from shapecalc.derivation.phases import SHOWN
from shapecalc.derivation.working import Line, Place, Sheet, alike, named, positions
from shapecalc.layers.activation import Glu
from shapecalc.layers.attention import Attention
from shapecalc.layers.convolution import Conv, ConvTranspose, SeparableConv
from shapecalc.layers.custom import Custom
from shapecalc.layers.fields import Pair
from shapecalc.layers.linear import Fc
from shapecalc.layers.merge import Concat
from shapecalc.layers.pooling import AdaptiveAvgPool, AdaptiveMaxPool, AvgPool, LpPool, MaxPool
from shapecalc.layers.rearrange import Crop, Flatten, PixelShuffle, PixelUnshuffle, Reshape, Slice
from shapecalc.layers.recurrent import Gru, Lstm, Rnn
from shapecalc.layers.token import Embedding
from shapecalc.layers.window import Span
from shapecalc.notation import AXIS_NAMES, hwc
from shapecalc.windows import adaptive

GROUP = "output size"
_SIDED = ("_front", "_back", "_top", "_bottom", "_left", "_right")


def output_size(sheet: Sheet) -> None:
    """Every axis, the channels, and the number of values."""
    sizes, (formula, remark) = axis_sizes(sheet), _channels(sheet)
    keeps = [size.formula for size in sizes] == [f"{AXIS_LETTERS[name]}1" for name in sheet.axes]
    if keeps and formula == sheet.channels and sheet.arriving == sheet.leaving:
        at_once = "element by element" if len(sheet.step.inputs) > 1 else "the shape that arrives"
        sheet.say((GROUP, ""), hwc(sheet.leaving), at_once)
    else:
        _axes(sheet, sizes)
        flat = len(sheet.leaving) == 1
        quantity, symbol = ("values", "N2") if flat else ("channels", "D2")
        _add(sheet, Line(GROUP, quantity, symbol, formula, result=sheet.leaving[0], remark=remark))
        _amounts(sheet)
    product = "N2" if len(sheet.leaving) == 1 else f"{positions('2', sheet.axes)}*D2"
    sheet.work(Line("tensor size", "", "", product, result=sheet.step.tensor_size, unit="values"))


def _named_inputs(sheet: Sheet) -> str:
    return " and ".join(f"`{name}`" for name in sheet.step.inputs)


def _axes(sheet: Sheet, sizes: list[Size]) -> None:
    """A line for each axis, axes with the same numbers in one."""
    keys: list[object] = []
    for size, leaving in zip(sizes, sheet.leaving[1:], strict=True):
        sided = any(name.endswith(_SIDED) for name in letters(size.formula))
        numbers = put_in(size.formula, sheet.values)
        keys.append((numbers, leaving, size.remark, size.formula if sided else ""))
    for group in alike(keys):
        formula, remark, substituted = sizes[group[-1]]
        symbol = " = ".join(f"{AXIS_LETTERS[sheet.axes[axis]]}2" for axis in reversed(group))
        result = sheet.leaving[1 + group[-1]]
        at = GROUP, named(sheet.axes, group), symbol
        _add(sheet, Line(*at, formula, substituted, result, remark=remark))


def _add(sheet: Sheet, line: Line) -> None:
    if line.formula and not line.substituted:
        sheet.work(line)
    else:
        sheet.lines.append(line)


def _channels(sheet: Sheet) -> tuple[str, str]:  # noqa: PLR0911 (a return for each layer type)
    """The formula of the channels that leave, and a remark."""
    match sheet.step.layer:
        case Conv() | ConvTranspose() | SeparableConv():
            sheet.values["K"] = sheet.leaving[0]
            return "K", ""
        case Fc(per_position=positioned):
            sheet.values["K"] = sheet.leaving[0]
            return ("K", "") if positioned and sheet.axes else ("", "as `out_features` says")
        case Embedding():
            return "", "as `embedding_dim` says"
        case Attention(out_features=given) if given is not None:
            return "", "as `out_features` says"
        case Rnn() | Lstm() | Gru() as layer:
            units = "p" if layer.projected() else "U"
            sheet.values |= {"U": layer.hidden_size, "p": layer.projected(), "directions": layer.directions}
            return f"directions*{units}" if layer.bidirectional else units, ""
        case Concat():
            parts = " + ".join(f"{shape[0]:,}" for shape in sheet.step.in_shapes)
            return "", f"{parts}, the channels of {_named_inputs(sheet)}"
        case Glu():
            return f"{sheet.channels}/2", "one half is the gate of the other"
        case Slice(channels=(first, last)):
            sheet.values |= {"first": first, "last": last}
            return "last - first", ""
        case Flatten(start="channels") if len(sheet.arriving) > 1:
            return f"{positions('1', AXIS_NAMES[len(sheet.arriving) - 1])}*D1", ""
        case Reshape():
            return "", "as `shape` says, for as many values as arrive"
        case Custom():
            return "", "declared, not computed"
    return _shuffled(sheet)


def _shuffled(sheet: Sheet) -> tuple[str, str]:
    """The channels of a pixel shuffle; of any other layer those that arrive."""
    power = "f" if len(sheet.axes) == 1 else f"f**{len(sheet.axes)}"
    match sheet.step.layer:
        case PixelShuffle(upscale_factor=factor):
            sheet.values["f"] = factor
            return f"D1/{power}", ""
        case PixelUnshuffle(downscale_factor=factor):
            sheet.values["f"] = factor
            return f"D1*{power}", ""
    return sheet.channels if sheet.arriving[0] == sheet.leaving[0] else "", ""


def _amounts(sheet: Sheet) -> None:
    """The padding that `same` comes to, and what a crop to a size takes away."""
    match sheet.step.layer:
        case Conv(padding="same") | SeparableConv(padding="same") as layer:
            _same(sheet, spans_of(layer, sheet.arriving))
        case MaxPool(padding="same") | AvgPool(padding="same") | LpPool(padding="same") as layer:
            _same(sheet, spans_of(layer, sheet.arriving))
        case Crop(amount=None) as layer:
            _centred(sheet, layer.amounts(sheet.arriving))
        case AdaptiveAvgPool() | AdaptiveMaxPool():
            _bins(sheet)


def _same(sheet: Sheet, windows: tuple[Span, ...]) -> None:
    own = frames(sheet, windows)
    keys: list[object] = [(window, frame.before) for window, frame in zip(windows, own, strict=True)]
    for group in alike(keys):
        frame, window = own[group[-1]], windows[group[-1]]
        wanted = f"max(({frame.axis}2 - 1)*{frame.stride} + {frame.extent} - {frame.axis}1, 0)"
        at = "padding", named(sheet.axes, group)
        sheet.work(Line(*at, "P_total", wanted, result=window.before + window.after))
        _halved(sheet, at, (frame.before, frame.after), (window.before, window.after))


def _centred(sheet: Sheet, amounts: tuple[Pair, ...]) -> None:
    own = sides("C", amounts)
    sheet.values |= own.values
    keys: list[object] = list(zip(sheet.arriving[1:], amounts, own.before, strict=True))
    for group in alike(keys):
        pair, letter = amounts[group[-1]], AXIS_LETTERS[sheet.axes[group[-1]]]
        at = "cropped", named(sheet.axes, group)
        sheet.work(Line(*at, "C_total", f"{letter}1 - {letter}2", result=sum(pair)))
        _halved(sheet, at, (own.before[group[-1]], own.after[group[-1]]), pair)


def _bins(sheet: Sheet) -> None:
    """The first bins, or the one size that all have where the division is whole."""
    sizes = list(zip(sheet.arriving[1:], sheet.leaving[1:], strict=True))
    for group in alike(list(sizes)):
        letter, axes = AXIS_LETTERS[sheet.axes[group[-1]]], named(sheet.axes, group)
        size, bins = sizes[group[-1]]
        window = adaptive(size, bins)
        if window is None:
            continue
        if len(window.taps) == 1:
            line = Line("bins", axes, "u", f"{letter}1/{letter}2", result=size // bins)
            sheet.work(line._replace(remark="inputs in each"))
            continue
        for unit, taps in enumerate(window.taps[:SHOWN]):
            first = Line("bins", f"{axes}: bin {unit}", "first", f"floor(i*{letter}1/{letter}2)")
            sheet.work(first._replace(result=taps[0]), i=unit)
            last = first._replace(symbol="last", formula=f"ceil((i + 1)*{letter}1/{letter}2) - 1")
            sheet.work(last._replace(result=taps[-1]), i=unit)


def _halved(sheet: Sheet, at: Place, names: tuple[str, str], pair: Pair) -> None:
    """An even total on both sides alike, or the odd one after."""
    total = f"{names[0][0]}_total"
    remark = "the odd one after" if pair[0] != pair[1] else ""
    halves = zip(dict.fromkeys(names), (f"floor({total}/2)", f"ceil({total}/2)"), pair, strict=False)
    for letter, formula, result in halves:
        sheet.work(Line(*at, letter, formula, result=result, remark=remark), **{total: sum(pair)})
