"""What convolutions and poolings share: a kernel that slides along every spatial axis."""

from functools import lru_cache
from typing import Literal, NamedTuple

from shapecalc import formulas
from shapecalc.layers.fields import Pair, pads, per_axis
from shapecalc.notation import AXIS_NAMES, Shape, hwc
from shapecalc.problems import LayerError
from shapecalc.windows import PaddingMode


class Span(NamedTuple):
    """The kernel and the input along one axis."""

    size: int
    kernel: int
    stride: int
    before: int
    after: int
    dilation: int

    @property
    def extent(self) -> int:
        """Input positions from the kernel's first tap to its last."""
        return formulas.effective_kernel(self.kernel, self.dilation)

    @property
    def positions(self) -> int:
        """Places where the kernel fits into the padded input; below 1 where it is too large."""
        padding = self.before + self.after
        return formulas.conv_output_size(self.size, self.kernel, self.stride, padding, self.dilation)


@lru_cache(maxsize=256)
def spans(
    sizes: tuple[int, ...],
    kernel_size: int | tuple[int, ...],
    stride: int | tuple[int, ...],
    padding: int | tuple[Pair, ...] | Literal["same"],
    dilation: int | tuple[int, ...],
) -> tuple[Span, ...]:
    """One `Span` for each spatial axis, with `same` padding worked out; LayerError where the entries do not fit.

    Kept for a while, because a layer's answers ask for the same spans one after the other.
    """
    rank = len(sizes)
    kernels = per_axis(kernel_size, rank, "kernel_size")
    strides = per_axis(stride, rank, "stride")
    dilations = per_axis(dilation, rank, "dilation")
    if padding == "same":
        settings = zip(sizes, kernels, strides, dilations, strict=True)
        padded = tuple(formulas.same_padding(n, k, s, d) for n, k, s, d in settings)
    else:
        padded = pads(padding, rank)
    return tuple(
        Span(n, k, s, before, after, d)
        for n, k, s, (before, after), d in zip(sizes, kernels, strides, padded, dilations, strict=True)
    )


def kernel_must_fit(axes: tuple[Span, ...], arriving: Shape) -> None:
    """LayerError where the kernel is larger than the padded input along an axis."""
    for name, axis in zip(AXIS_NAMES[len(axes)], axes, strict=True):
        if axis.positions >= 1:
            continue
        padded = axis.size + axis.before + axis.after
        what = f"{axis.kernel}" if axis.dilation == 1 else f"{axis.kernel}, {axis.extent} with dilation {axis.dilation}"
        message = f"the kernel ({what}) is larger than the padded {name} ({padded}); {hwc(arriving)} arrives"
        lacking = -(-(axis.extent - padded) // 2)
        advice = f"padding {max(axis.before, axis.after) + lacking} would make it fit"
        raise LayerError("kernel-too-large", message, field="kernel_size", help=advice)


def mode_allows(mode: PaddingMode, padding: int, size: int) -> None:
    """LayerError where there is less input than the padding mode copies. Source: PyTorch, functional.pad."""
    advice = "`zeros` and `replicate` have no such limit"
    if mode == "reflect" and padding >= size:
        message = f"reflect padding ({padding}) must be smaller than the input ({size})"
        raise LayerError("padding-too-large", message, field="padding", help=advice)
    if mode == "circular" and padding > size:
        message = f"circular padding ({padding}) must be at most the input ({size})"
        raise LayerError("padding-too-large", message, field="padding", help=advice)


def partial_window_notes(axes: tuple[Span, ...], out: Shape) -> tuple[str, ...]:
    """A sentence for each axis along which the division is not whole, so that the last rows are never read.

    Where `out` has a position more (`ceil_mode`), a last, partial window reads them.
    """
    lost: dict[tuple[str, int, str], list[str]] = {}
    for line, axis, positions in zip(LINES[len(axes)], axes, out[1:], strict=True):
        padding = axis.before + axis.after
        left = formulas.unread(axis.size, axis.kernel, axis.stride, padding, axis.dilation)
        if left and positions == axis.positions:
            padded = f"{axis.size:,} + {padding:,}" if padding else f"{axis.size:,}"
            reason = f"({padded} − {axis.extent:,}) / {axis.stride:,} is not whole"
            number, of_what = (left - axis.after, "input") if left > axis.after else (left, "padding")
            lost.setdefault((reason, number, of_what), []).append(line)
    return tuple(_never_read(*what, lines) for what, lines in lost.items())


LINES = {1: ("position",), 2: ("row", "column"), 3: ("slice", "row", "column")}
"""What one position along each axis is called."""


def _never_read(reason: str, number: int, of_what: str, lines: list[str]) -> str:
    last = " and ".join(lines) if number == 1 else f"{number:,} " + " and ".join(f"{line}s" for line in lines)
    verb = "is" if number == len(lines) == 1 else "are"
    return f"{reason}: the last {last} of the {of_what} {verb} never read"
