"""How a layer's outputs read its input, as the recurrence of size, stride and start along one axis."""

from __future__ import annotations

from typing import NamedTuple

from shapecalc.derivation.frames import Frame, frames, spans_of
from shapecalc.derivation.letters import AXIS_LETTERS, setting, sides
from shapecalc.derivation.working import Sheet
from shapecalc.layers.attention import WindowAttention
from shapecalc.layers.convolution import ConvTranspose
from shapecalc.layers.fields import pads, per_axis_factor
from shapecalc.layers.pooling import AdaptiveAvgPool, AdaptiveMaxPool
from shapecalc.layers.rearrange import Crop, Pad, PixelShuffle, PixelUnshuffle
from shapecalc.layers.resize import Upsample
from shapecalc.layers.token import ClassToken


class Recurrence(NamedTuple):
    """The receptive field in letters: r, j and start from r_in, j_in and start_in.

    Attributes:
        size: the formula of the size, where one window serves all units.
        stride: of the stride, always.
        start: of the first pixel, where one window serves all units.
        symbol: the place in the input that output i reads.
        place: its formula.
        reads: what is read there, in words.

    """

    size: str
    stride: str
    start: str
    symbol: str = ""
    place: str = ""
    reads: str = ""


_UNSHUFFLED = Recurrence("r_in + (f - 1)*j_in", "j_in*f", "start_in", "input", "i*f + k", "with k from 0 to f − 1")


def recurrences(sheet: Sheet) -> list[Recurrence]:  # noqa: PLR0911 (a return for each layer type)
    """One for each spatial axis, none for an unfamiliar layer; the letters' numbers go to the sheet."""
    layer, axes = sheet.step.layer, [AXIS_LETTERS[name] for name in sheet.axes]
    windows = spans_of(layer, sheet.arriving)
    if windows:
        own = frames(sheet, windows)
        return [_transposed(f) if isinstance(layer, ConvTranspose) else _windowed(f) for f in own]
    match layer:
        case Pad() | Crop():
            return _moved(sheet, layer)
        case PixelUnshuffle():
            sheet.values["f"] = layer.downscale_factor
            return [_UNSHUFFLED] * len(axes)
        case PixelShuffle():
            sheet.values["f"] = layer.upscale_factor
            return [_read(Recurrence("", "j_in/f", "", "input", "floor(i/f)"))] * len(axes)
        case Upsample():
            return _upsampled(sheet, layer, axes)
        case ClassToken():
            return [Recurrence("r_in", "j_in", "start_in - j_in", "input", "i - 1")]
        case WindowAttention():
            return _in_windows(sheet, layer)
        case AdaptiveAvgPool() | AdaptiveMaxPool():
            return [_read(Recurrence("", f"j_in*{axis}1/{axis}2", "")) for axis in axes]
    return []


def _windowed(frame: Frame) -> Recurrence:
    taps = f" + {frame.dilation}*k" if frame.dilation else " + k"
    return Recurrence(
        f"r_in + {frame.reach}*j_in",
        f"j_in*{frame.stride}",
        f"start_in - {frame.before}*j_in",
        "input",
        f"i*{frame.stride} - {frame.before}{taps}",
        f"with k from 0 to {frame.kernel} − 1",
    )


def _transposed(frame: Frame) -> Recurrence:
    """With stride 1 it is a convolution of the mirrored kernel, padded by d(F − 1) − P."""
    taps = f" - {frame.dilation}*k" if frame.dilation else " - k"
    return Recurrence(
        f"r_in + {frame.reach}*j_in",
        f"j_in/{frame.stride}",
        f"start_in - ({frame.reach} - {frame.before})*j_in",
        "input",
        f"(i + {frame.before}{taps})/{frame.stride}",
        f"with k from 0 to {frame.kernel} − 1, wherever the division is whole",
    )


def _in_windows(sheet: Sheet, layer: WindowAttention) -> list[Recurrence]:
    """Every position of the window that holds the output's own."""
    grid = layer.grid(sheet.arriving)
    windows, shifts = setting("w", [axis.window for axis in grid]), setting("s", [axis.shift for axis in grid])
    sheet.values |= windows.values | shifts.values
    return [
        _read(
            Recurrence(
                "", "j_in", "", "input", _in_window(w, s if shifts.values[s] else ""), f"with k from 0 to {w} − 1"
            )
        )
        for w, s in zip(windows.letters, shifts.letters, strict=True)
    ]


def _in_window(window: str, shift: str) -> str:
    if not shift:
        return f"floor(i/{window})*{window} + k"
    return f"floor((i - {shift})/{window})*{window} + {shift} + k"


def _moved(sheet: Sheet, layer: Pad | Crop) -> list[Recurrence]:
    if isinstance(layer, Crop):
        sign, own = "+", sides("C", layer.amounts(sheet.arriving))
    else:
        sign, own = "-", sides("P", pads(layer.padding, len(sheet.axes)))
    sheet.values |= own.values
    return [
        Recurrence("r_in", "j_in", f"start_in {sign} {before}*j_in", "input", f"i {sign} {before}")
        for before in own.before
    ]


def _upsampled(sheet: Sheet, layer: Upsample, axes: list[str]) -> list[Recurrence]:
    """Source places as PyTorch has them: i·scale, (i + ½)·scale − ½, or corner on corner."""
    steps = [f"*{axis}1/{axis}2" for axis in axes]
    if layer.align_corners:
        sizes = zip(axes, sheet.leaving[1:], strict=True)
        steps = [f"*({axis}1 - 1)/({axis}2 - 1)" if out > 1 else "*0" for axis, out in sizes]
    elif layer.scale_factor is not None:
        own = setting("f", per_axis_factor(layer.scale_factor, len(axes), "scale_factor"))
        sheet.values |= own.values
        steps = [f"/{letter}" for letter in own.letters]
    return [_interpolated(layer, step) for step in steps]


def _interpolated(layer: Upsample, step: str) -> Recurrence:
    stride = f"j_in{step}"
    if layer.mode == "nearest":
        return _read(Recurrence("", stride, "", "input", f"floor(i{step})"))
    place = f"i{step}" if layer.align_corners else f"(i + 1/2){step} - 1/2"
    near = "⌊x⌋ − 1 to ⌊x⌋ + 2" if layer.mode == "bicubic" else "⌊x⌋ and ⌈x⌉"
    return _read(Recurrence("", stride, "", "x", place, f"the inputs {near}; only x itself where it is whole"))


def _read(partial: Recurrence) -> Recurrence:
    """With size and start from the inputs that one output reads."""
    return partial._replace(size="r_in + (u - 1)*j_in", start="start_in + a*j_in")
