"""The windows of convolutions and poolings in letters, one frame for each spatial axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shapecalc.derivation.letters import AXIS_LETTERS, setting, sides
from shapecalc.derivation.working import Sheet
from shapecalc.layers import Layer
from shapecalc.layers.convolution import Conv, ConvTranspose, SeparableConv
from shapecalc.layers.custom import Custom, DeclaredWindow
from shapecalc.layers.merge import Merge
from shapecalc.layers.pooling import AvgPool, LpPool, MaxPool
from shapecalc.layers.window import Span, spans
from shapecalc.notation import AXIS_NAMES, Shape


class Frame(NamedTuple):
    """The letters of a window along one axis.

    Attributes:
        axis: the axis' own letter.
        kernel: of the kernel's size.
        stride: of the stride.
        dilation: of the dilation; nothing where it is 1 on every axis.
        before: of the padding before the axis.
        after: of the padding after it.
        both: the expression of the two together.

    """

    axis: str
    kernel: str
    stride: str
    dilation: str
    before: str
    after: str
    both: str

    @property
    def extent(self) -> str:
        """The expression of the input positions from the kernel's first tap to its last."""
        return f"({self.dilation}*({self.kernel} - 1) + 1)" if self.dilation else self.kernel

    @property
    def reach(self) -> str:
        """The expression of the input positions from the kernel's first tap on to its last."""
        return f"({self.kernel} - 1)" + (f"*{self.dilation}" if self.dilation else "")


def spans_of(layer: Layer | Merge, arriving: Shape) -> tuple[Span, ...]:
    """Kernel, stride, padding and dilation of a layer per axis; none where it has no window."""
    match layer:
        case Conv() | SeparableConv() | MaxPool() | AvgPool() | LpPool():
            return layer.spans(arriving)
        case ConvTranspose():
            sizes = zip(arriving[1:], *layer.axes(arriving), strict=True)
            return tuple(Span(n, k, s, before, after, d) for n, k, s, (before, after), d in sizes)
        case Custom(window=DeclaredWindow() as declared):
            own = declared.kernel_size, declared.stride, declared.padding, declared.dilation
            return spans(arriving[1:], *own)
    return ()


def frames(sheet: Sheet, windows: Sequence[Span]) -> tuple[Frame, ...]:
    """The letters of the windows; their numbers go to the sheet."""
    kernels = setting("F", [each.kernel for each in windows])
    strides = setting("S", [each.stride for each in windows])
    dilations = setting("d", [each.dilation for each in windows])
    padding = sides("P", [(each.before, each.after) for each in windows])
    sheet.values |= kernels.values | strides.values | padding.values
    dilated = dilations.letters
    if dilations.values == {"d": 1}:
        dilated = ("",) * len(windows)
    else:
        sheet.values |= dilations.values
    axes = [AXIS_LETTERS[name] for name in AXIS_NAMES[len(windows)]]
    letters = (axes, kernels.letters, strides.letters, dilated, padding.before, padding.after, padding.both)
    return tuple(Frame(*each) for each in zip(*letters, strict=True))


def volume(own: Sequence[Frame]) -> str:
    """The expression of a kernel's volume.

    >>> frame = Frame("W", "F", "S", "", "P", "P", "2*P")
    >>> volume([frame, frame])
    'F**2'
    """
    kernels = [frame.kernel for frame in own]
    if len(set(kernels)) == 1:
        return kernels[0] if len(kernels) == 1 else f"{kernels[0]}**{len(kernels)}"
    return "*".join(kernels)
