"""Pooling: sliding windows, adaptive bins, and over all positions."""

from abc import ABC, abstractmethod
from typing import ClassVar, final

from shapecalc import formulas
from shapecalc.layers.fields import KeptSizes, Padding, Real, Sizes, per_axis
from shapecalc.layers.layer import Parameterless, Quiet, Reading, spatial
from shapecalc.layers.window import Span, kernel_must_fit, partial_window_notes, spans
from shapecalc.notation import AXIS_NAMES, MAX_AXES, Shape, hwc
from shapecalc.problems import LayerError
from shapecalc.windows import adaptive, strided


class _WindowPool(Parameterless, ABC):
    """Pooling over windows; the stride is the kernel's size unless given."""

    kernel_size: Sizes
    stride: Sizes | None = None
    padding: Padding = 0
    ceil_mode: bool = False

    wants_whole_window: ClassVar[bool]
    """Whether in 3-D the kernel must fit into the input without its padding, as PyTorch's avg_pool3d wants it."""

    bare: ClassVar[str | None] = "kernel_size"
    aliases: ClassVar[dict[str, str]] = {"kernel": "kernel_size", "pool_size": "kernel_size"}

    def spans(self, arriving: Shape) -> tuple[Span, ...]:
        """Kernel, stride, padding and dilation of every spatial axis, `same` padding worked out."""
        sizes = spatial(arriving, "a pooling")
        stride = self.kernel_size if self.stride is None else self.stride
        return spans(sizes, self.kernel_size, stride, self.padding, self.apart())

    @abstractmethod
    def apart(self) -> int | tuple[int, ...]:
        """The dilation: how far apart the window's taps are."""

    def out_shape(self, arriving: Shape) -> Shape:
        """``(C, ⌊(n + p − d(k−1) − 1)/s⌋ + 1, …)``, rounded up with `ceil_mode`."""
        axes = self.spans(arriving)
        if self.padding != "same":
            _padding_must_be_half(axes)
        if self.wants_whole_window and len(axes) == MAX_AXES:
            _input_must_hold_the_kernel(axes, arriving)
        if not self.ceil_mode:
            kernel_must_fit(axes, arriving)
        out = tuple(self.positions(axis) for axis in axes)
        if min(out) < 1:
            message = f"the kernel is larger than the padded input; {hwc(arriving)} arrives"
            raise LayerError("kernel-too-large", message, field="kernel_size", help="a smaller kernel")
        return (arriving[0], *out)

    def positions(self, axis: Span) -> int:
        """Output positions along one axis."""
        if not self.ceil_mode or self.padding == "same":
            return axis.positions
        return formulas.ceil_pool_output_size(
            axis.size, axis.kernel, axis.stride, axis.before, axis.after, axis.dilation
        )

    def reading(self, arriving: Shape, out: Shape) -> Reading:
        """The window's taps."""
        return tuple(strided(a.kernel, a.stride, a.before, a.dilation) for a in self.spans(arriving))

    def notes(self, arriving: Shape, out: Shape) -> tuple[str, ...]:
        """Rows that no window reads."""
        return partial_window_notes(self.spans(arriving), out)


@final
class MaxPool(_WindowPool):
    """The largest value of each window. Source: PyTorch, MaxPool1d, 2d, 3d."""

    dilation: Sizes = 1

    wants_whole_window: ClassVar[bool] = False

    def apart(self) -> int | tuple[int, ...]:
        """The field."""
        return self.dilation


class _Undilated(_WindowPool, ABC):
    """Poolings whose windows have no holes."""

    wants_whole_window: ClassVar[bool] = True

    def apart(self) -> int | tuple[int, ...]:
        """1."""
        return 1


@final
class AvgPool(_Undilated):
    """The mean of each window. Source: PyTorch, AvgPool1d, 2d, 3d."""

    count_include_pad: bool = True


@final
class LpPool(_Undilated):
    """The p-norm of each window, p = `norm_type`. Source: PyTorch, LPPool1d, 2d, 3d."""

    norm_type: Real = 2.0


class _AdaptivePool(Parameterless, Quiet, ABC):
    """Pooling into a given number of bins per axis."""

    output_size: KeptSizes

    bare: ClassVar[str | None] = "output_size"

    def out_shape(self, arriving: Shape) -> Shape:
        """``(C, *output_size)``; null keeps the axis."""
        sizes = spatial(arriving, "a pooling")
        if isinstance(self.output_size, int):
            return (arriving[0], *(self.output_size,) * len(sizes))
        per_axis(tuple(size or 1 for size in self.output_size), len(sizes), "output_size")
        return (arriving[0], *(kept or size for kept, size in zip(self.output_size, sizes, strict=True)))

    def reading(self, arriving: Shape, out: Shape) -> Reading:
        """The bins' inputs; one bin in all reads the whole map."""
        if set(out[1:]) == {1}:
            return "whole"
        return tuple(adaptive(size, bins) for size, bins in zip(arriving[1:], out[1:], strict=True))


@final
class AdaptiveAvgPool(_AdaptivePool):
    """The mean of each bin. Source: PyTorch, AdaptiveAvgPool1d, 2d, 3d."""


@final
class AdaptiveMaxPool(_AdaptivePool):
    """The largest value of each bin. Source: PyTorch, AdaptiveMaxPool1d, 2d, 3d."""


class _GlobalPool(Parameterless, Quiet, ABC):
    """Pooling over all positions, one value per channel."""

    keepdims: bool = False

    def out_shape(self, arriving: Shape) -> Shape:
        """``(C,)``, or ``(C, 1, …)`` with `keepdims`."""
        sizes = spatial(arriving, "a pooling")
        return (arriving[0], *(1,) * len(sizes)) if self.keepdims else (arriving[0],)

    def reading(self, arriving: Shape, out: Shape) -> Reading:
        """The whole map."""
        return "whole"


@final
class GlobalAvgPool(_GlobalPool):
    """The mean over all positions. Source: Keras, GlobalAveragePooling2D."""


@final
class GlobalMaxPool(_GlobalPool):
    """The largest value over all positions. Source: Keras, GlobalMaxPooling2D."""


def _padding_must_be_half(axes: tuple[Span, ...]) -> None:
    """LayerError where the padding is more than half the kernel (undilated), as PyTorch refuses it."""
    for name, axis in zip(AXIS_NAMES[len(axes)], axes, strict=True):
        padding = max(axis.before, axis.after)
        if padding > axis.kernel // 2:
            message = f"the {name} padding of a pooling ({padding}) must be at most half the kernel ({axis.kernel})"
            advice = f"padding {axis.kernel // 2}, or a `pad` layer above"
            raise LayerError("padding-too-large", message, field="padding", help=advice)


def _input_must_hold_the_kernel(axes: tuple[Span, ...], arriving: Shape) -> None:
    for name, axis in zip(AXIS_NAMES[len(axes)], axes, strict=True):
        if axis.kernel > axis.size:
            message = f"the kernel ({axis.kernel}) is larger than the {name} ({axis.size}); {hwc(arriving)} arrives"
            advice = f"a kernel of at most {axis.size}: averages in 3-D do not count on padding"
            raise LayerError("kernel-too-large", message, field="kernel_size", help=advice)
