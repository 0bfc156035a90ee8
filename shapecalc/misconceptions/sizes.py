"""Slips in the size of what leaves a window: of a convolution, a pooling, a transposed convolution.

Each is a row with the size along one axis and the formula that gives it. Letters: n input size, p padding of both
sides, b before, a after, e extent of the kernel (k where it is not dilated), k kernel size, s stride, d dilation,
o output padding.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from shapecalc.layers.convolution import ConvTranspose
from shapecalc.layers.fields import per_axis
from shapecalc.layers.window import Span
from shapecalc.misconceptions.answer import Extent
from shapecalc.result import Step

WINDOWS = ("conv", "separable_conv", "maxpool", "avgpool", "lppool")
CONVS = ("conv", "separable_conv")


class Axis(NamedTuple):
    """The kernel and the input along one axis, and how its output is rounded."""

    n: int
    k: int
    s: int
    b: int
    a: int
    d: int
    o: int
    up: bool
    is_same: bool

    @property
    def p(self) -> int:
        """Padding of both sides together."""
        return self.b + self.a

    @property
    def e(self) -> int:
        """Input positions from the kernel's first tap to its last."""
        return self.d * (self.k - 1) + 1

    def over(self, span: int, stride: int | None = None) -> int:
        """The quotient rounded as the layer rounds."""
        stride = stride or self.s
        return -(-span // stride) if self.up else span // stride


class Row(NamedTuple):
    """A slip along an axis.

    Attributes:
        tag: its name.
        types: the layer types in which it can be made.
        size: the size that it gives; None where it cannot be made.
        formula: how the size comes about, ``Q`` before a quotient that is rounded.
        why: what is wrong, in a clause.
        extent: `TWO_SLIPS` where two are made.
    """

    tag: str
    types: tuple[str, ...]
    size: Callable[[Axis], int | None]
    formula: str
    why: str
    extent: Extent = Extent.ALIKE


ROWS = (
    Row("forgot_padding", WINDOWS, lambda x: x.over(x.n - x.e) + 1, "[({n} − {e}) / {s}] + 1",
        "the padding is forgotten"),
    Row("added_padding_once_not_twice", WINDOWS, lambda x: x.over(x.n + x.b - x.e) + 1, "[({n} − {e} + {b}) / {s}] + 1",
        "the padding is added once, but it is on both sides"),
    Row("added_padding_once_not_twice", WINDOWS, lambda x: x.over(x.n + x.a - x.e) + 1, "[({n} − {e} + {a}) / {s}] + 1",
        "the padding is added once, but it is on both sides"),
    Row("ceil_instead_of_floor", WINDOWS, lambda x: None if x.up else -(-(x.n + x.p - x.e) // x.s) + 1,
        "⌈({n} − {e} + {p}) / {s}⌉ + 1", "the quotient is rounded up, but a window that does not fit is left out"),
    Row("floor_instead_of_ceil", WINDOWS, lambda x: (x.n + x.p - x.e) // x.s + 1 if x.up else None,
        "⌊({n} − {e} + {p}) / {s}⌋ + 1", "the quotient is rounded down, but `ceil_mode` rounds up"),
    Row("counted_a_window_in_the_padding", WINDOWS, lambda x: x.over(x.n + x.p - x.e) + 1 if x.up else None,
        "⌈({n} − {e} + {p}) / {s}⌉ + 1", "the last window would start in the padding after the input and is left out"),
    Row("forgot_plus_one", WINDOWS, lambda x: x.over(x.n + x.p - x.e), "[({n} − {e} + {p}) / {s}]",
        "the + 1 is forgotten: the first window counts too"),
    Row("subtracted_the_one", WINDOWS, lambda x: x.over(x.n + x.p - x.e) - 1, "[({n} − {e} + {p}) / {s}] − 1",
        "the 1 is subtracted, but it is added: the first window counts too"),
    Row("lost_the_kernel_on_each_side", WINDOWS, lambda x: x.n + x.p - 2 * (x.e - 1) if x.s == 1 else None,
        "{n} + {p} − 2·({e} − 1)", "the map is made smaller by F − 1 on each side, but both sides together lose that"),
    Row("forgot_stride", WINDOWS, lambda x: x.n + x.p - x.e + 1, "{n} − {e} + {p} + 1", "the stride is forgotten"),
    Row("forgot_dilation", WINDOWS, lambda x: x.over(x.n + x.p - x.k) + 1, "[({n} − {k} + {p}) / {s}] + 1",
        "the dilation is forgotten"),
    Row("took_the_dilated_kernel_too_long", WINDOWS, lambda x: x.over(x.n + x.p - x.d * x.k) + 1,
        "[({n} − {d}·{k} + {p}) / {s}] + 1", "a dilated kernel reaches over d·(F − 1) + 1 positions, not d·F"),
    Row("divided_by_the_kernel_size", WINDOWS, lambda x: x.n // x.k, "⌊{n} / {k}⌋",
        "the size is divided by the kernel's size, not by the stride"),
    Row("divided_by_the_kernel_size", WINDOWS, lambda x: x.over(x.n + x.p - x.e, x.k) + 1,
        "[({n} − {e} + {p}) / {k}] + 1", "the kernel's size is taken for the stride"),
    Row("forgot_to_subtract_the_kernel", WINDOWS, lambda x: x.over(x.n + x.p), "[({n} + {p}) / {s}]",
        "the kernel's size is not subtracted"),
    Row("forgot_to_subtract_the_kernel", WINDOWS, lambda x: x.over(x.n + x.p) + 1, "[({n} + {p}) / {s}] + 1",
        "the kernel's size is not subtracted"),
    Row("forgot_plus_one", WINDOWS, lambda x: x.over(x.n - x.e), "[({n} − {e}) / {s}]",
        "the + 1 is forgotten, and the padding", Extent.TWO_SLIPS),
    Row("forgot_plus_one", WINDOWS, lambda x: x.over(x.n + x.b - x.e), "[({n} − {e} + {b}) / {s}]",
        "the + 1 is forgotten, and the padding added once", Extent.TWO_SLIPS),
    Row("forgot_stride", WINDOWS, lambda x: x.n - x.e + 1, "{n} − {e} + 1", "the stride is forgotten, and the padding",
        Extent.TWO_SLIPS),
    Row("forgot_stride", CONVS, lambda x: x.n if x.p and x.s > 1 else None, "{n} / 1",
        "the stride is forgotten, and the padding is taken to keep the size", Extent.TWO_SLIPS),
    Row("forgot_dilation", WINDOWS, lambda x: x.over(x.n - x.k) + 1, "[({n} − {k}) / {s}] + 1",
        "the dilation is forgotten, and the padding", Extent.TWO_SLIPS),
    Row("used_the_ordinary_conv_formula", ("conv_transpose",), lambda x: (x.n + x.p - x.e) // x.s + 1,
        "⌊({n} − {e} + {p}) / {s}⌋ + 1", "that is an ordinary convolution; a transposed one enlarges"),
    Row("assumed_exact_multiple_of_stride", ("conv_transpose",), lambda x: x.n * x.s, "{n}·{s}",
        "the size is multiplied by the stride, but kernel and padding count too"),
    Row("padding_added_instead_of_cropped", ("conv_transpose",), lambda x: (x.n - 1) * x.s + x.e + x.p,
        "({n} − 1)·{s} + {e} + {p}", "the padding is added, but a transposed convolution takes it away"),
    Row("padding_added_instead_of_cropped", ("conv_transpose",), lambda x: (x.n - 1) * x.s + x.e + x.p + x.o,
        "({n} − 1)·{s} + {e} + {p} + {o}", "the padding is added, but a transposed convolution takes it away"),
    Row("forgot_output_padding", ("conv_transpose",), lambda x: (x.n - 1) * x.s - x.p + x.e,
        "({n} − 1)·{s} − {p} + {e}", "the output padding is forgotten"),
    Row("forgot_padding", ("conv_transpose",), lambda x: (x.n - 1) * x.s + x.e + x.o, "({n} − 1)·{s} + {e} + {o}",
        "the padding, which is taken away, is forgotten"),
    Row("forgot_padding", ("conv_transpose",), lambda x: (x.n - 1) * x.s + x.e, "({n} − 1)·{s} + {e}",
        "the padding is forgotten, and the output padding", Extent.TWO_SLIPS),
    Row("added_padding_once_not_twice", ("conv_transpose",), lambda x: (x.n - 1) * x.s - x.b + x.e + x.o,
        "({n} − 1)·{s} − {b} + {e} + {o}", "the padding is taken away once, but it is on both sides"),
    Row("forgot_minus_one", ("conv_transpose",), lambda x: x.n * x.s - x.p + x.e + x.o, "{n}·{s} − {p} + {e} + {o}",
        "there is a stride between inputs, so one less than there are inputs"),
    Row("forgot_stride", ("conv_transpose",), lambda x: x.n - 1 - x.p + x.e + x.o, "{n} − 1 − {p} + {e} + {o}",
        "the stride is forgotten"),
    Row("forgot_dilation", ("conv_transpose",), lambda x: (x.n - 1) * x.s - x.p + x.k + x.o,
        "({n} − 1)·{s} − {p} + {k} + {o}", "the dilation is forgotten"),
    Row("forgot_plus_one", ("conv_transpose",), lambda x: (x.n - 1) * x.s - x.p + x.e - 1 + x.o,
        "({n} − 1)·{s} − {p} + {e} − 1 + {o}", "the + 1 is forgotten: (n − 1)·s − 2p + (F − 1) + 1"),
    Row("forgot_the_kernel", ("conv_transpose",), lambda x: (x.n - 1) * x.s - x.p + x.o, "({n} − 1)·{s} − {p} + {o}",
        "the kernel's size is not added"),
)  # fmt: skip
"""In the order in which they are likely."""

SAME = Row(
    "assumed_same_padding", CONVS, lambda x: -(-x.n // x.s), "⌈{n} / {s}⌉", "the padding is taken to keep the size"
)


def axes_of(step: Step, windows: tuple[Span, ...]) -> list[Axis]:
    """The layer along each axis."""
    layer = step.layer
    extra = (
        per_axis(layer.output_padding, len(windows), "o") if isinstance(layer, ConvTranspose) else (0,) * len(windows)
    )
    is_same = getattr(layer, "padding", 0) == "same"
    up = bool(getattr(layer, "ceil_mode", False))
    return [
        Axis(w.size, w.kernel, w.stride, w.before, w.after, w.dilation, o, up, is_same)
        for w, o in zip(windows, extra, strict=True)
    ]


def formula(row: Row, axis: Axis) -> str:
    """The working along an axis: ``⌊(32 − 5 + 2) / 1⌋ + 1``."""
    numbers = {name: f"{getattr(axis, name):,}" for name in ("n", "k", "s", "b", "a", "d", "o", "p", "e")}
    signs = "⌈⌉" if axis.up else "⌊⌋"
    text = row.formula.format_map(numbers).replace("[", signs[0]).replace("]", signs[1])
    for nothing in (" + 0", " − 0"):
        text = text.replace(f"{nothing} ", " ").replace(f"{nothing})", ")").removesuffix(nothing)
    return re.sub(r"\(([0-9,]+)\)", r"\1", text)
