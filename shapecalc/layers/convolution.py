"""Convolutions: plain, transposed and depthwise separable, in one to three dimensions."""

from abc import ABC, abstractmethod
from math import prod
from typing import ClassVar, Literal, final

from shapecalc import formulas
from shapecalc.layers.fields import Amounts, Count, Offsets, Padding, Pair, Sizes, pads, per_axis
from shapecalc.layers.layer import Layer, Params, Reading, agree, divides, learned, spatial
from shapecalc.layers.window import (
    Span,
    kernel_must_fit,
    mode_allows,
    partial_window_notes,
    spans,
)
from shapecalc.notation import AXIS_NAMES, Shape, hwc
from shapecalc.problems import LayerError
from shapecalc.windows import PaddingMode, strided, transposed


class _Strided(Layer, ABC):
    """Convolutions that lay a kernel on every stride-th position of the padded input."""

    out_channels: Count
    kernel_size: Sizes
    stride: Sizes = 1
    padding: Padding = 0
    dilation: Sizes = 1

    bare: ClassVar[str | None] = "out_channels"
    aliases: ClassVar[dict[str, str]] = {"filters": "out_channels", "kernel": "kernel_size"}

    def spans(self, arriving: Shape) -> tuple[Span, ...]:
        """Kernel, stride, padding and dilation of every spatial axis, `same` padding worked out."""
        return spans(spatial(arriving, "a convolution"), self.kernel_size, self.stride, self.padding, self.dilation)

    def reading(self, arriving: Shape, out: Shape) -> Reading:
        """The kernel's taps."""
        beyond = self.beyond()
        return tuple(strided(a.kernel, a.stride, a.before, a.dilation, beyond) for a in self.spans(arriving))

    @abstractmethod
    def beyond(self) -> PaddingMode:
        """What the padding holds."""

    def notes(self, arriving: Shape, out: Shape) -> tuple[str, ...]:
        """Rows that no window reads."""
        return partial_window_notes(self.spans(arriving), out)


@final
class Conv(_Strided):
    """Convolution (cross-correlation). Source: PyTorch, Conv1d, Conv2d, Conv3d."""

    groups: Count | Literal["depthwise"] = 1
    bias: bool = True
    padding_mode: PaddingMode = "zeros"
    in_channels: Count | None = None

    def grouped(self, arriving: Shape) -> int:
        """The number of groups; `depthwise` is one per input channel."""
        return arriving[0] if self.groups == "depthwise" else self.groups

    def out_shape(self, arriving: Shape) -> Shape:
        """``(out_channels, ⌊(n + p − d(k−1) − 1)/s⌋ + 1, …)``."""
        axes = self.spans(arriving)
        agree(self.in_channels, arriving[0], "in_channels", "channels")
        divides(self.grouped(arriving), arriving[0], "the channels that arrive", "groups")
        divides(self.grouped(arriving), self.out_channels, "`out_channels`", "groups")
        for axis in axes:
            mode_allows(self.padding_mode, max(axis.before, axis.after), axis.size)
        kernel_must_fit(axes, arriving)
        return (self.out_channels, *(a.positions for a in axes))

    def params(self, arriving: Shape) -> Params:
        """Kernel volume × in_channels/groups × out_channels, and a bias per filter."""
        kernel = per_axis(self.kernel_size, len(arriving) - 1, "kernel_size")
        weights = formulas.conv_weights(arriving[0], self.out_channels, kernel, self.grouped(arriving))
        return learned(weights, self.out_channels if self.bias else 0)

    def beyond(self) -> PaddingMode:
        """The field."""
        return self.padding_mode

    def macs(self, arriving: Shape, out: Shape) -> int | None:
        """Output positions × weights."""
        kernel = per_axis(self.kernel_size, len(arriving) - 1, "kernel_size")
        return formulas.conv_macs(prod(out[1:]), arriving[0], out[0], kernel, self.grouped(arriving))


@final
class SeparableConv(_Strided):
    """Depthwise convolution, then a 1×1 convolution, with one bias. Source: Keras, SeparableConv2D."""

    depth_multiplier: Count = 1
    bias: bool = True

    def out_shape(self, arriving: Shape) -> Shape:
        """As of a convolution."""
        axes = self.spans(arriving)
        kernel_must_fit(axes, arriving)
        return (self.out_channels, *(a.positions for a in axes))

    def params(self, arriving: Shape) -> Params:
        """Depthwise kernels, the 1×1 kernels, and a bias per filter of the latter."""
        depthwise, pointwise = self._weights(arriving)
        return learned(depthwise + pointwise, self.out_channels if self.bias else 0)

    def beyond(self) -> PaddingMode:
        """Zeros."""
        return "zeros"

    def macs(self, arriving: Shape, out: Shape) -> int | None:
        """Output positions × the weights of both convolutions."""
        return prod(out[1:]) * sum(self._weights(arriving))

    def _weights(self, arriving: Shape) -> tuple[int, int]:
        kernel = per_axis(self.kernel_size, len(arriving) - 1, "kernel_size")
        between = arriving[0] * self.depth_multiplier
        depthwise = formulas.conv_weights(arriving[0], between, kernel, groups=arriving[0])
        return depthwise, formulas.conv_weights(between, self.out_channels, ())


@final
class ConvTranspose(Layer):
    """Transposed convolution ("deconvolution"). Source: PyTorch, ConvTranspose1d, 2d, 3d."""

    out_channels: Count
    kernel_size: Sizes
    stride: Sizes = 1
    padding: Amounts = 0
    output_padding: Offsets = 0
    dilation: Sizes = 1
    groups: Count | Literal["depthwise"] = 1
    bias: bool = True
    in_channels: Count | None = None

    bare: ClassVar[str | None] = "out_channels"
    aliases: ClassVar[dict[str, str]] = {"filters": "out_channels", "kernel": "kernel_size"}

    def grouped(self, arriving: Shape) -> int:
        """The number of groups; `depthwise` is one per input channel."""
        return arriving[0] if self.groups == "depthwise" else self.groups

    def out_shape(self, arriving: Shape) -> Shape:
        """``(out_channels, (n−1)·s − p + d(k−1) + output_padding + 1, …)``."""
        sizes = spatial(arriving, "a transposed convolution")
        agree(self.in_channels, arriving[0], "in_channels", "channels")
        divides(self.grouped(arriving), arriving[0], "the channels that arrive", "groups")
        divides(self.grouped(arriving), self.out_channels, "`out_channels`", "groups")
        kernel, stride, padding, dilation = self.axes(arriving)
        extra = per_axis(self.output_padding, len(sizes), "output_padding")
        _output_padding_must_fit(extra, stride, dilation)
        out = tuple(
            formulas.conv_transpose_output_size(n, k, s, before + after, o, d)
            for n, k, s, (before, after), o, d in zip(sizes, kernel, stride, padding, extra, dilation, strict=True)
        )
        if min(out) < 1:
            message = f"the padding leaves no output: {hwc((self.out_channels, *out))} from {hwc(arriving)}"
            raise LayerError("does-not-fit", message, field="padding", help="less padding, or a larger kernel")
        return (self.out_channels, *out)

    def axes(self, arriving: Shape) -> tuple[tuple[int, ...], tuple[int, ...], tuple[Pair, ...], tuple[int, ...]]:
        """Kernel, stride, padding (before, after) and dilation, each with an entry per spatial axis."""
        rank = len(arriving) - 1
        return (
            per_axis(self.kernel_size, rank, "kernel_size"),
            per_axis(self.stride, rank, "stride"),
            pads(self.padding, rank),
            per_axis(self.dilation, rank, "dilation"),
        )

    def params(self, arriving: Shape) -> Params:
        """Kernel volume × in_channels × out_channels/groups, and a bias per filter."""
        kernel = self.axes(arriving)[0]
        weights = formulas.conv_weights(arriving[0], self.out_channels, kernel, self.grouped(arriving))
        return learned(weights, self.out_channels if self.bias else 0)

    def macs(self, arriving: Shape, out: Shape) -> int | None:
        """*Input* positions × weights: every input is multiplied by the whole kernel once."""
        kernel = self.axes(arriving)[0]
        return formulas.conv_macs(prod(arriving[1:]), arriving[0], out[0], kernel, self.grouped(arriving))

    def reading(self, arriving: Shape, out: Shape) -> Reading:
        """The inputs whose kernel covers an output."""
        return tuple(transposed(k, s, before, d) for k, s, (before, _), d in zip(*self.axes(arriving), strict=True))

    def notes(self, arriving: Shape, out: Shape) -> tuple[str, ...]:
        """Uneven overlap of neighbouring kernels (Odena, Dumoulin, Olah, Distill 2016), and outputs without input."""
        kernel, stride, _, dilation = self.axes(arriving)
        found: dict[str, list[str]] = {}
        for name, k, s, d in zip(AXIS_NAMES[len(kernel)], kernel, stride, dilation, strict=True):
            if d == 1 and k < s:
                text = f"kernel {k} is smaller than stride {s}, some outputs see no input"
                found.setdefault(text, []).append(name)
            elif d == 1 and k % s:
                text = f"kernel {k} is not divisible by stride {s}, outputs overlap unevenly"
                found.setdefault(text, []).append(name)
        return tuple(f"{' and '.join(names)}: {text}" for text, names in found.items())


def _output_padding_must_fit(extra: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]) -> None:
    for o, s, d in zip(extra, stride, dilation, strict=True):
        if o >= s and o >= d:
            message = f"`output_padding` ({o}) must be smaller than `stride` ({s}) or `dilation` ({d})"
            advice = f"at most {max(s, d) - 1}"
            raise LayerError("output-padding-too-large", message, field="output_padding", help=advice)
