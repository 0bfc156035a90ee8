"""The formula of the output size along every axis, by layer type."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import NamedTuple

from shapecalc.derivation.expression import literal
from shapecalc.derivation.frames import Frame, frames, spans_of
from shapecalc.derivation.letters import AXIS_LETTERS, setting, sides
from shapecalc.derivation.working import Sheet
from shapecalc.layers.convolution import Conv, ConvTranspose, SeparableConv
from shapecalc.layers.custom import Custom
from shapecalc.layers.fields import pads, per_axis, per_axis_factor
from shapecalc.layers.pooling import (
    AdaptiveAvgPool,
    AdaptiveMaxPool,
    AvgPool,
    GlobalAvgPool,
    GlobalMaxPool,
    LpPool,
    MaxPool,
)
from shapecalc.layers.rearrange import Crop, Flatten, Pad, PixelShuffle, PixelUnshuffle, Reshape
from shapecalc.layers.resize import Upsample
from shapecalc.layers.token import ClassToken, Embedding
from shapecalc.layers.window import Span
from shapecalc.notation import AXIS_NAMES


class Size(NamedTuple):
    """How the size along one axis comes about.

    Attributes:
        formula: nothing where the size is given.
        remark: where it is given, or a convention.
        substituted: the formula with the numbers, where it is not simply that.

    """

    formula: str = ""
    remark: str = ""
    substituted: str = ""


def axis_sizes(sheet: Sheet) -> list[Size]:  # noqa: PLR0911 (a return for each layer type)
    """How the size along each axis of what leaves comes about; the letters' numbers go to the sheet."""
    layer, letters = sheet.step.layer, [f"{AXIS_LETTERS[name]}1" for name in sheet.axes]
    match layer:
        case Conv() | SeparableConv() | MaxPool() | AvgPool() | LpPool():
            return _windowed(sheet, layer)
        case ConvTranspose():
            return _transposed(sheet, layer)
        case Upsample():
            return _upsampled(sheet, layer)
        case Pad() | Crop():
            return _moved(sheet, layer)
        case PixelShuffle() | PixelUnshuffle():
            return [Size(f"{letter}{'*' if isinstance(layer, PixelShuffle) else '/'}f") for letter in letters]
        case AdaptiveAvgPool() | AdaptiveMaxPool():
            return _binned(letters, layer.output_size)
        case ClassToken():
            return [Size("L1 + 1", "the token is in front")]
        case Embedding():
            return [Size("N1")]
        case Flatten() | Reshape() | Custom() | GlobalAvgPool() | GlobalMaxPool():
            return _remade(sheet)
    kept = sheet.arriving[1:] == sheet.leaving[1:]
    return [Size(letter if kept else "") for letter in letters]


def _windowed(sheet: Sheet, layer: Conv | SeparableConv | MaxPool | AvgPool | LpPool) -> list[Size]:
    windows = spans_of(layer, sheet.arriving)
    own = frames(sheet, windows)
    if layer.padding == "same":
        return [Size(f"ceil({frame.axis}1/{frame.stride})", "`same` padding") for frame in own]
    if isinstance(layer, Conv | SeparableConv) or not layer.ceil_mode:
        return [Size(f"floor({_places(frame)}) + 1") for frame in own]
    ends = zip(own, windows, sheet.leaving[1:], strict=True)
    return [_rounded_up(frame, window, out) for frame, window, out in ends]


def _places(frame: Frame) -> str:
    """CS231n's (W − F + 2P)/S."""
    return f"({frame.axis}1 - {frame.extent} + {frame.both}) / {frame.stride}"


def _rounded_up(frame: Frame, window: Span, out: int) -> Size:
    """With `ceil_mode` one window more, unless it would start in the padding after the input."""
    formula = f"ceil({_places(frame)}) + 1"
    windows = -(-(window.size + window.before + window.after - window.extent) // window.stride) + 1
    if windows == out:
        return Size(formula, "`ceil_mode` rounds up")
    return Size(f"{formula} - 1", "the last window would start in the padding after the input and is left out")


def _transposed(sheet: Sheet, layer: ConvTranspose) -> list[Size]:
    own = frames(sheet, spans_of(layer, sheet.arriving))
    extra = setting("o", per_axis(layer.output_padding, len(own), "output_padding"))
    added = [""] * len(own)
    if any(extra.values.values()):
        sheet.values |= extra.values
        added = [f" + {letter}" for letter in extra.letters]
    return [
        Size(f"({frame.axis}1 - 1)*{frame.stride} - {_bracketed(frame.both)} + {frame.extent}{o}")
        for frame, o in zip(own, added, strict=True)
    ]


def _bracketed(both: str) -> str:
    return f"({both})" if "+" in both else both


def _upsampled(sheet: Sheet, layer: Upsample) -> list[Size]:
    if layer.scale_factor is None:
        return [Size("", "as `size` says")] * len(sheet.axes)
    factors = per_axis_factor(layer.scale_factor, len(sheet.axes), "scale_factor")
    own = setting("f", factors)
    sheet.values |= own.values
    return [
        _in_doubles(Size(f"floor({AXIS_LETTERS[name]}1*{letter})"), size, factor)
        for name, letter, size, factor in zip(sheet.axes, own.letters, sheet.arriving[1:], factors, strict=True)
    ]


def _in_doubles(plain: Size, size: int, factor: float) -> Size:
    """The product in double precision, as PyTorch takes it, where that matters."""
    if floor(size * Fraction(repr(factor))) == floor(size * factor):
        return plain
    product = literal(size * factor)
    remark = f"{size} times {factor} is {product} in double precision, as PyTorch takes it"
    return Size(plain.formula, remark, f"floor({product})")


def _moved(sheet: Sheet, layer: Pad | Crop) -> list[Size]:
    if isinstance(layer, Crop) and layer.amount is None:
        return [Size("", "as `size` says")] * len(sheet.axes)
    if isinstance(layer, Crop):
        sign, own = "-", sides("C", layer.amounts(sheet.arriving))
    else:
        sign, own = "+", sides("P", pads(layer.padding, len(sheet.axes)))
    sheet.values |= own.values
    both = [each.replace("+", sign) for each in own.both]
    return [Size(f"{AXIS_LETTERS[name]}1 {sign} {each}") for name, each in zip(sheet.axes, both, strict=True)]


def _binned(letters: list[str], bins: int | tuple[int | None, ...]) -> list[Size]:
    given = (bins,) * len(letters) if isinstance(bins, int) else bins
    return [
        Size("", "as `output_size` says") if wanted else Size(letter)
        for letter, wanted in zip(letters, given, strict=True)
    ]


def _remade(sheet: Sheet) -> list[Size]:
    """Sizes that the layer gives, whatever arrives."""
    match sheet.step.layer:
        case Flatten() if len(sheet.arriving) > 1 and sheet.axes:
            arriving = AXIS_NAMES[len(sheet.arriving) - 1]
            return [Size("*".join(f"{AXIS_LETTERS[name]}1" for name in arriving))]
        case Reshape():
            return [Size("", "as `shape` says")] * len(sheet.axes)
        case GlobalAvgPool() | GlobalMaxPool():
            return [Size("", "all positions in one")] * len(sheet.axes)
    return [Size("", "declared, not computed")] * len(sheet.axes)
