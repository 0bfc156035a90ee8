"""Slips in the receptive field, each the recurrence along one axis that someone who makes it would follow.

Letters as in the literature: r size, j stride (the jump from one unit to the next), k kernel size, s the layer's own
stride, d dilation, p padding before the axis. The right ones are r + (k − 1)·d·j, j·s and start − p·j (Araujo, Norris
and Sim, Distill 2019).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple


class Seen(NamedTuple):
    """What a unit sees along one axis, as far as the recurrence has come."""

    r: Fraction
    j: Fraction
    start: Fraction


class Window(NamedTuple):
    """A layer's window along one axis. `s` is below 1 where a transposed convolution or upsampling enlarges."""

    k: int
    s: Fraction
    p: int
    d: int
    is_pool: bool


Step = Callable[[Seen, Window], Seen]


class Row(NamedTuple):
    """A slip in the recurrence.

    Attributes:
        tag: its name.
        quantity: in which it shows.
        begin: size and stride of the input.
        step: through one layer.
        why: what is wrong, in a clause.
        written: how the number is put together from layer to layer: ``+`` as a sum, ``·`` as a product, or not.
        least: so many windows it takes to make it.
    """

    tag: str
    quantity: str
    begin: tuple[int, int]
    step: Step
    why: str
    written: str = "+"
    least: int = 1


def rightly(seen: Seen, w: Window) -> Seen:
    """The recurrence itself."""
    return Seen(seen.r + (w.k - 1) * w.d * seen.j, seen.j * w.s, seen.start - w.p * seen.j)


def _size(size: Callable[[Seen, Window], Fraction | int]) -> Step:
    """Another size, the stride as it should be."""
    return lambda seen, w: rightly(seen, w)._replace(r=Fraction(size(seen, w)))


def _with(changed: Callable[[Window], Window]) -> Step:
    """The right recurrence of a window that someone reads wrongly."""
    return lambda seen, w: rightly(seen, changed(w))


def _stride(stride: Callable[[Seen, Window], Fraction | int]) -> Step:
    return lambda seen, w: rightly(seen, w)._replace(j=Fraction(stride(seen, w)))


def _start(start: Callable[[Seen, Window], Fraction | int]) -> Step:
    return lambda seen, w: rightly(seen, w)._replace(start=Fraction(start(seen, w)))


_NO_STRIDE = _with(lambda w: w._replace(s=Fraction(1)))
_NO_DILATION = _with(lambda w: w._replace(d=1))
_NO_POOL_WINDOW = _with(lambda w: w._replace(k=1, p=0) if w.is_pool else w)
_NO_POOL_STRIDE = _with(lambda w: w._replace(s=Fraction(1)) if w.is_pool else w)
_NO_POOL = _with(lambda w: w._replace(k=1, p=0, s=Fraction(1)) if w.is_pool else w)
_NO_CONV_STRIDE = _with(lambda w: w if w.is_pool else w._replace(s=Fraction(1)))

ROWS = (
    Row("summed_kernel_sizes", "receptive_field", (0, 1), _size(lambda x, w: x.r + w.k),
        "the kernel sizes are added; each adds (F − 1) times the stride before it", least=2),
    Row("multiplied_kernel_sizes", "receptive_field", (1, 1), _size(lambda x, w: x.r * w.k),
        "the kernel sizes are multiplied; each adds (F − 1) times the stride before it", "·", least=2),
    Row("forgot_the_first_pixel", "receptive_field", (0, 1), rightly,
        "the pixel to begin with is forgotten: before the first layer a unit sees 1"),
    Row("ignored_strides", "receptive_field", (1, 1), _NO_STRIDE,
        "the strides are ignored: after a stride a kernel reaches further in the input"),
    Row("ignored_dilation", "receptive_field", (1, 1), _NO_DILATION, "the dilation is ignored"),
    Row("last_kernel_only", "receptive_field", (1, 1), _size(lambda x, w: w.k),
        "that is the last kernel alone, without what its inputs see", "", least=2),
    Row("pool_window_ignored", "receptive_field", (1, 1), _NO_POOL_WINDOW,
        "the windows of the poolings are ignored; they see too"),
    Row("pool_stride_ignored", "receptive_field", (1, 1), _NO_POOL_STRIDE, "the strides of the poolings are ignored"),
    Row("own_stride_applied_to_own_kernel", "receptive_field", (1, 1),
        _size(lambda x, w: x.r + (w.k - 1) * w.d * x.j * w.s),
        "a layer's own stride is applied to its own kernel; it counts from the next layer on"),
    Row("own_stride_instead_of_the_product", "receptive_field", (1, 1), _size(lambda x, w: x.r + (w.k - 1) * w.d * w.s),
        "the layer's own stride is taken, not the product of those before it", least=2),
    Row("last_stride_instead_of_the_product", "receptive_field", (1, 1), lambda x, w: rightly(x, w)._replace(j=w.s),
        "the stride of the layer before is taken, not the product of all before it", least=2),
    Row("added_the_strides", "receptive_field", (1, 1), lambda x, w: rightly(x, w)._replace(j=x.j + w.s - 1),
        "the strides are added; they multiply", least=2),
    Row("added_the_strides", "receptive_field", (1, 1),
        lambda x, w: rightly(x, w)._replace(j=x.j + w.s if w.s != 1 else x.j), "the strides are added; they multiply",
        least=2),
    Row("added_the_jump", "receptive_field", (1, 1), _size(lambda x, w: x.r + (w.k - 1) * w.d + x.j),
        "the stride before is added to F − 1; it multiplies it", least=2),
    Row("added_the_jump", "receptive_field", (1, 1),
        _size(lambda x, w: x.r + (w.k - 1) * w.d + (x.j if x.j > 1 else 0)),
        "the stride before is added to F − 1; it multiplies it", least=2),
    Row("forgot_minus_one", "receptive_field", (1, 1), _size(lambda x, w: x.r + w.k * w.d * x.j),
        "a kernel adds F − 1 strides, not F"),
    Row("forgot_minus_one", "receptive_field", (0, 1), _size(lambda x, w: x.r + w.k * w.d * x.j),
        "a kernel adds F − 1 strides, not F"),
    Row("multiplied_by_the_strides", "receptive_field", (1, 1), _size(lambda x, w: (x.r + (w.k - 1) * w.d) * w.s),
        "a stride does not multiply what is seen so far; it spreads what the next kernels add", ""),
    Row("pooling_doubles_the_field", "receptive_field", (1, 1),
        _size(lambda x, w: x.r * w.s if w.is_pool else x.r + (w.k - 1) * w.d),
        "a pooling does not multiply the receptive field; it spreads what the next kernels add", ""),
    Row("forgot_the_pooling", "receptive_field", (1, 1), _NO_POOL, "the poolings are left out"),
    Row("multiplied_the_stride_of_a_transposed_conv", "receptive_field", (1, 1),
        lambda x, w: rightly(x, w._replace(s=1 / w.s) if w.s < 1 else w),
        "a transposed convolution or upsampling divides the stride"),
    Row("took_the_dilated_kernel_too_long", "receptive_field", (1, 1), _size(lambda x, w: x.r + (w.d * w.k - 1) * x.j),
        "a dilated kernel reaches over d·(F − 1) + 1 positions, not d·F"),
    Row("added_the_padding", "receptive_field", (1, 1), _size(lambda x, w: x.r + ((w.k - 1) * w.d + 2 * w.p) * x.j),
        "padding does not widen what a unit sees"),
    Row("ignored_strides", "stride", (1, 1), lambda x, w: x._replace(j=Fraction(1)), "the strides are ignored", ""),
    Row("last_stride_instead_of_the_product", "stride", (1, 1), lambda x, w: x._replace(j=w.s),
        "that is the last layer's own stride; those before it multiply it", "", least=2),
    Row("pool_stride_ignored", "stride", (1, 1), _NO_POOL_STRIDE, "the strides of the poolings are ignored", "·"),
    Row("conv_stride_ignored", "stride", (1, 1), _NO_CONV_STRIDE, "the strides of the convolutions are ignored", "·"),
    Row("added_the_strides", "stride", (1, 0), _stride(lambda x, w: x.j + w.s), "the strides are added; they multiply",
        least=2),
    Row("added_the_strides", "stride", (1, 1), _stride(lambda x, w: x.j + w.s - 1),
        "the strides are added; they multiply", least=2),
    Row("added_the_strides", "stride", (1, 0), _stride(lambda x, w: x.j + (w.s if w.s != 1 else 0)),
        "the strides are added; they multiply", least=2),
    Row("multiplied_kernel_sizes", "stride", (1, 1), _stride(lambda x, w: x.j * w.k),
        "the kernel sizes are multiplied; the strides are wanted", "·", least=2),
    Row("multiplied_the_stride_of_a_transposed_conv", "stride", (1, 1),
        lambda x, w: rightly(x, w._replace(s=1 / w.s) if w.s < 1 else w),
        "a transposed convolution or upsampling divides the stride", "·"),
    Row("forgot_padding", "start", (1, 1), _start(lambda x, w: 0), "the padding is forgotten: unit 0 begins in it"),
    Row("forgot_the_sign", "start", (1, 1), _start(lambda x, w: x.start + w.p * x.j),
        "the padding lies before the input, so the first pixel is negative"),
    Row("added_the_paddings", "start", (1, 1), _start(lambda x, w: x.start - w.p),
        "the paddings are added; each counts as many pixels as the stride before it", least=2),
    Row("last_padding_only", "start", (1, 1), _start(lambda x, w: -w.p * x.j),
        "that is the last layer's padding alone", "", least=2),
    Row("last_padding_only", "start", (1, 1), _start(lambda x, w: -w.p),
        "that is the last layer's padding alone", "", least=2),
    Row("own_stride_applied_to_own_padding", "start", (1, 1), _start(lambda x, w: x.start - w.p * x.j * w.s),
        "a layer's own stride is applied to its own padding; it counts from the next layer on"),
    Row("doubled_the_padding", "start", (1, 1), _start(lambda x, w: x.start - 2 * w.p * x.j),
        "only the padding before the input counts"),
)  # fmt: skip
"""In the order in which they are likely."""
