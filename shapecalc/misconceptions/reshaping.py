"""Slips in what leaves a layer: sizes, depths, what is joined."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from math import prod

from shapecalc.derivation.frames import spans_of
from shapecalc.layers.convolution import Conv, ConvTranspose
from shapecalc.layers.pooling import GlobalAvgPool, GlobalMaxPool
from shapecalc.layers.rearrange import PixelShuffle
from shapecalc.layers.window import Span
from shapecalc.misconceptions.answer import Asked, Extent, Guess
from shapecalc.misconceptions.carrying import COUNTS, SHAPES, WORK, Slip, guesses
from shapecalc.misconceptions.counts import CONV, POOLS, WINDOW_POOLS
from shapecalc.misconceptions.rewalk import Alter, unchecked
from shapecalc.misconceptions.sizes import ROWS, SAME, Axis, Row, axes_of
from shapecalc.notation import Shape
from shapecalc.result import Step

ADAPTIVE = ("adaptive_avgpool", "adaptive_maxpool")


def reshaped(asked: Asked) -> Iterator[Guess]:
    """The answers to which the slips lead."""
    for slip in slips():
        if asked.quantity in slip.quantities:
            yield from guesses(asked, slip)


def _sized(row: Row) -> Alter:
    """The output with sizes from a row."""

    def alter(step: Step, arriving: tuple[Shape, ...]) -> Shape | None:
        if step.type not in row.types:
            return None
        sizes = [row.size(axis) for axis in axes_of(step, spans_of(step.layer, arriving[0]))]
        known = tuple(size for size in sizes if size is not None)
        return (_channels(step, arriving), *known) if len(known) == len(sizes) else None

    return alter


def _swapped(changed: Callable[[Axis, Axis], Axis]) -> Alter:
    """The output where the last two axes have settings of each other."""

    def alter(step: Step, arriving: tuple[Shape, ...]) -> Shape | None:
        if step.type not in ("conv", *WINDOW_POOLS) or len(step.out_shape) < 3:
            return None
        *others, height, width = axes_of(step, spans_of(step.layer, arriving[0]))
        axes = [*others, changed(height, width), changed(width, height)]
        return (_channels(step, arriving), *(axis.over(axis.n + axis.p - axis.e) + 1 for axis in axes))

    return alter


def _channels(step: Step, arriving: tuple[Shape, ...]) -> int:
    given: int | None = getattr(step.layer, "out_channels", None)
    return given or arriving[0][0]


def _of(types: tuple[str, ...], shape: Callable[[Step, Shape], Shape | None]) -> Alter:
    """The output, from what arrives first, of layers of these types."""

    def alter(step: Step, arriving: tuple[Shape, ...]) -> Shape | None:
        return shape(step, arriving[0]) if step.type in types else None

    return alter


def _outcome(step: Step, arriving: Shape) -> Shape:
    layer = unchecked(step.layer)
    out: Shape = layer.out_shape(arriving)  # type: ignore[arg-type]
    return out


def _kept(step: Step, arriving: Shape) -> Shape:
    """What arrives, flat where what leaves is flat."""
    flat = isinstance(step.layer, GlobalAvgPool | GlobalMaxPool) and not step.layer.keepdims
    return (prod(arriving),) if flat else arriving


def _unshuffled(step: Step, arriving: Shape, divisor: int) -> Shape | None:
    return (arriving[0] // divisor, *_outcome(step, arriving)[1:]) if isinstance(step.layer, PixelShuffle) else None


def _joined(types: tuple[str, ...], channels: Callable[[list[int]], int]) -> Alter:
    def alter(step: Step, arriving: tuple[Shape, ...]) -> Shape | None:
        if step.type not in types or len({shape[1:] for shape in arriving}) > 1:
            return None
        return (channels([shape[0] for shape in arriving]), *arriving[0][1:])

    return alter


def _deepened(depth: Callable[[int, int, int], int], *, grouped: bool = False) -> Alter:
    """The output of a convolution with another depth, of its filters, the channels that arrive, and its groups."""

    def alter(step: Step, arriving: tuple[Shape, ...]) -> Shape | None:
        if not isinstance(step.layer, Conv | ConvTranspose):
            return None
        channels, groups = arriving[0][0], step.layer.grouped(arriving[0])
        filters, *sizes = _outcome(step, arriving[0])
        return (depth(filters, channels, groups), *sizes) if grouped == (groups > 1) else None

    return alter


_KERNELS = _swapped(lambda own, other: own._replace(k=other.k, d=other.d))
_PADDING = _swapped(lambda own, other: own._replace(b=other.b, a=other.a))
_STRIDES = _swapped(lambda own, other: own._replace(s=other.s))
_SETTINGS = _swapped(lambda own, other: other._replace(n=own.n))

_FIRST = _joined(("concat",), lambda channels: channels[0])
_SECOND = _joined(("concat",), lambda channels: channels[1])
_LAST = _joined(("concat",), lambda channels: channels[-1])
_SUM = _joined(("add", "multiply"), sum)

_IDENTITY = _of(WINDOW_POOLS, lambda step, arriving: arriving)
_UNPOOLED = _of(POOLS[3:], _kept)
_UNPOOLED_MAP = _of(POOLS[3:], lambda step, arriving: arriving)
_ENLARGED = ("upsample", "conv_transpose", "pixel_shuffle")
_UNENLARGED = _of(_ENLARGED, lambda step, arriving: (_outcome(step, arriving)[0], *arriving[1:]))
_ONLY_CHANNELS = _of(("flatten",), lambda step, arriving: arriving[:1])
_ONLY_PLACES = _of(("flatten",), lambda step, arriving: (prod(arriving[1:]),))


@cache
def slips() -> tuple[Slip, ...]:
    """All slips in what leaves a layer; where several give an answer, the first is the likeliest."""
    along = [Slip(row.tag, _sized(row), row.why, row=row) for row in ROWS]
    same, why = _sized(SAME), SAME.why
    one_layer = (Extent.ONE_LAYER,)
    joined = "the branches are added, but concatenated channels stand one after the other"
    skipped = "the channels of the skip connection are not counted in what arrives after the concatenation"
    growing = "each concatenation makes the next input deeper, which is forgotten"
    return (
        *along,
        Slip("forgot_that_unpadded_convs_shrink", same, why, COUNTS),
        Slip("assumed_same_padding", same, why, SHAPES, SAME),
        Slip("forgot_second_shrink", same, "the size is taken to be kept", SHAPES, extents=one_layer),
        Slip("output_depth_equals_input_depth",
            _of((*CONV, "separable_conv"), lambda step, arriving: (arriving[0], *_outcome(step, arriving)[1:])),
            "the input's depth is kept, but the output has a map for each filter"),
        Slip("multiplied_filters_by_the_input_depth", _deepened(lambda filters, depth, groups: filters * depth),
            "a filter adds up what it reads of all channels and makes one map", SHAPES, depth="{out}·{in}"),
        Slip("counted_groups_in_the_depth", _deepened(lambda filters, depth, groups: filters * groups, grouped=True),
            "the filters are those of all groups together", SHAPES, depth="{out}·{groups}"),
        Slip("counted_groups_in_the_depth", _deepened(lambda filters, depth, groups: filters // groups, grouped=True),
            "the filters are those of all groups together, which stand one after the other", SHAPES,
            depth="{out}/{groups}"),
        Slip("pooled_over_depth", _of(POOLS, lambda step, arriving: (1, *_outcome(step, arriving)[1:])),
            "a pooling takes each channel by itself, so the depth is kept"),
        Slip("halved_the_depth_too", _of(WINDOW_POOLS, _shallower),
            "a pooling shrinks height and width; the depth is kept"),
        Slip("took_it_for_global_pooling",
            _of(ADAPTIVE, lambda step, arriving: (arriving[0], *(1 for _ in arriving[1:]))),
            "there are as many bins as `output_size` says, not one"),
        Slip("took_it_for_global_pooling",
            _of(ADAPTIVE, lambda step, arriving: arriving[:1]),
            "there are as many bins as `output_size` says, not one"),
        Slip("forgot_the_pooling", _IDENTITY, "the pooling is left out"),
        Slip("forgot_the_pooling", _UNPOOLED_MAP, "the pooling is left out", SHAPES),
        Slip("flattened_instead_of_pooling", _UNPOOLED,
            "all positions are kept, but the pooling leaves one value for each channel",
            (*SHAPES, "params", "weights")),
        Slip("ran_the_gate_at_every_position", _UNPOOLED,
            "the layers after the pooling are run at every position, but the pooling leaves one", WORK),
        Slip("forgot_spatial_extent_when_flattening", _ONLY_CHANNELS,
            "only the channels are flattened, but every position counts"),
        Slip("forgot_the_depth_when_flattening", _ONLY_PLACES,
            "only the positions are flattened, but every channel counts"),
        Slip("kept_the_channels", _of(("pixel_shuffle",), lambda step, arriving: _unshuffled(step, arriving, 1)),
            "the values come out of the channels, so there are fewer of those"),
        Slip("divided_channels_by_2_not_4",
            _of(("pixel_shuffle",), lambda step, arriving: _unshuffled(step, arriving, step.layer.upscale_factor)),  # type: ignore[union-attr]
            "each axis takes its factor out of the channels"),
        Slip("convolved_before_upsampling", _UNENLARGED, "the convolution runs on the enlarged map", WORK),
        Slip("forgot_the_upsampling", _UNENLARGED, "the enlargement is forgotten"),
        *(Slip("added_instead_of_concatenated", alter, joined, SHAPES) for alter in (_FIRST, _SECOND, _LAST)),
        *(Slip("forgot_the_skip_channels", alter, skipped, COUNTS) for alter in (_FIRST, _LAST)),
        *(Slip("forgot_the_growing_input", alter, growing, COUNTS) for alter in (_FIRST, _LAST)),
        Slip("concatenated_instead_of_added", _SUM, "the branches are concatenated, but a sum keeps the depth"),
        Slip("swapped_height_and_width_padding", _PADDING, "the padding of height and width is swapped"),
        Slip("swapped_height_and_width_of_the_kernel", _KERNELS, "the kernel's height and width are swapped"),
        Slip("swapped_height_and_width_of_the_stride", _STRIDES, "the strides along height and width are swapped"),
        Slip("swapped_height_and_width", _SETTINGS, "the settings of height and width are swapped"),
    )  # fmt: skip


def _shallower(step: Step, arriving: Shape) -> Shape | None:
    windows: tuple[Span, ...] = spans_of(step.layer, arriving)
    stride = max(window.stride for window in windows)
    return (arriving[0] // stride, *_outcome(step, arriving)[1:]) if stride > 1 else None
