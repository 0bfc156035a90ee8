"""Networks whose parameters and multiply-adds are counted: convolutions in groups, 1×1, batch norm, stacks."""

from __future__ import annotations

from shapecalc.notation import counted, hwc
from shapecalc.quizzing.draw import Draw
from shapecalc.quizzing.items import Item, Window, conv, depthwise, fc, filters_in_words, number, passes, said
from shapecalc.quizzing.scene import Scene
from shapecalc.quizzing.settings import FILTERS, KEEPING, SIZES, UNITS, square


def connected(draw: Draw, level: int) -> Scene:
    """A fully connected layer."""
    inputs, units = draw.one((*UNITS[level], 25, 36, 256, 400, 784)), draw.one(UNITS[level])
    return Scene(f"A fully connected layer joins {inputs:,} inputs to {units:,} units.", (inputs,), (fc(units),))


def kept(draw: Draw, level: int) -> Scene:
    """A convolution that keeps the size, with or without bias."""
    more = {} if draw.below(3) else {"bias": False}
    shape, item = square(draw, level), conv(draw.one(FILTERS[level]), draw.one(KEEPING), **more)
    return Scene(f"A convolution takes {hwc(shape)} and has {said(item)}.", shape, (item,))


def with_norm(draw: Draw, level: int) -> Scene:
    """Convolutions without bias, each with batch norm (Ioffe and Szegedy 2015)."""
    shape = square(draw, level)
    items: list[Item] = []
    for _ in range(1 if level < 3 else 2):
        items += [conv(draw.one(FILTERS[level]), draw.one(KEEPING), bias=False), "batchnorm", "relu"]
    text = f"{passes(shape, items)} Batch norm learns a factor and an offset for each channel."
    return Scene(text, shape, tuple(items))


def grouped(draw: Draw, level: int) -> Scene:
    """A convolution in groups (Xie et al. 2016, ResNeXt; Krizhevsky et al. 2012)."""
    groups = draw.one((2, 2, 4, 8))
    channels, filters = groups * draw.one((2, 3, 4, 8, 16, 32)), groups * draw.one((2, 4, 6, 8, 16, 32))
    size = draw.one(SIZES[level])
    item = conv(filters, draw.one(KEEPING[:2]), groups=groups, **({} if draw.below(2) else {"bias": False}))
    shape = (channels, size, size)
    return Scene(f"A convolution takes {hwc(shape)} and has {said(item)}.", shape, (item,))


def separated(draw: Draw, level: int) -> Scene:
    """A depthwise convolution, then 1×1 (Howard et al. 2017, MobileNet)."""
    shape = square(draw, level)
    items = (depthwise(shape[0], draw.one(KEEPING)), conv(draw.one(FILTERS[level]), Window(1), bias=False))
    return Scene(passes(shape, items), shape, items)


def several(draw: Draw, level: int) -> Scene:
    """Two or three convolutions that keep the size."""
    shape = (draw.one((1, 3)), *(draw.one(SIZES[level]),) * 2)
    widths = sorted(draw.one(FILTERS[level]) for _ in range(level))
    items = [conv(width, draw.one(KEEPING[:2])) for width in widths]
    return Scene(passes(shape, items), shape, tuple(items))


# ---- 1×1 ----


def pointwise(draw: Draw, level: int) -> Scene:
    """A 1×1 convolution (Lin et al. 2013, Network in Network)."""
    more = {} if draw.below(3) else {"bias": False}
    shape, filters = square(draw, level), draw.one(FILTERS[level])
    item = conv(filters, Window(1), **more)
    bare = ", without bias" if more else ""
    long = f"A 1×1 convolution takes {hwc(shape)} to {counted(filters, 'channel')}{bare}."
    return Scene(draw.one((long, f"{hwc(shape)} goes through {said(item)}.")), shape, (item,))


def pointwise_strided(draw: Draw, level: int) -> Scene:
    """The 1×1 convolution of a shortcut (He et al. 2015)."""
    shape, item = square(draw, level), conv(draw.one(FILTERS[level]), Window(1, 2), bias=False)
    return Scene(f"On a shortcut {hwc(shape)} goes through {said(item)}.", shape, (item,))


def bottleneck(draw: Draw, level: int) -> Scene:
    """1×1, 3×3 and, from level 3 on, 1×1 back (He et al. 2015, figure 5)."""
    size, narrow, more = draw.one((7, 14, 28, 56)), draw.one((4, 8, 12, 16, 24, 32, 48, 64)), draw.one((2, 4))
    shape = (narrow * more, size, size)
    items: list[Item] = [conv(narrow, Window(1), bias=False), conv(narrow, Window(3, 1, 1), bias=False)]
    items += [conv(shape[0], Window(1), bias=False)] if level == 3 else []
    return Scene(passes(shape, items), shape, tuple(items))


def squeezed(draw: Draw, level: int) -> Scene:
    """Fewer channels by 1×1, then a large kernel (Szegedy et al. 2014, GoogLeNet)."""
    shape = square(draw, level)
    items = (conv(draw.one(FILTERS[level]), Window(1)), conv(draw.one(FILTERS[level]), draw.one(KEEPING)))
    return Scene(passes(shape, items), shape, items)


# ---- stacks of small kernels (Simonyan and Zisserman 2014, section 2.3) ----


def stack(draw: Draw, level: int) -> Scene:
    """Equal kernels in a row, no bias."""
    turns, window = draw.one((2, 3) if level < 3 else (2, 3, 4)), draw.one(KEEPING[:2])
    shape, width = square(draw, level), draw.one(FILTERS[level])
    items = (conv(width, window, bias=False),) * turns
    kernel = f"{window.kernel}×{window.kernel}"
    text = f"{number(turns).capitalize()} {kernel} convolutions of {filters_in_words(width)} each stand in a row behind"
    return Scene(f"{text} {hwc(shape)}, all with padding {window.padding} and without bias.", shape, items)


def single(draw: Draw, level: int) -> Scene:
    """The one kernel that sees as much as a stack."""
    turns, own = draw.one((2, 3, 4, 5)), draw.one((3, 3, 5))
    side = turns * (own - 1) + 1
    shape, width = square(draw, level), draw.one(FILTERS[level])
    item = conv(width, Window(side, 1, side // 2), bias=False)
    text = f"One convolution sees as much as {number(turns)} {own}×{own} convolutions of stride 1 in a row."
    text += f" It takes {hwc(shape)}, keeps height and width and has {filters_in_words(width)}, no bias."
    return Scene(text, shape, (item,))


def factorised(draw: Draw, level: int) -> Scene:
    """A tall and a wide kernel in place of a square one (Szegedy et al. 2015)."""
    shape, side, width = square(draw, level), draw.one((3, 5, 7)), draw.one(FILTERS[level])
    flat = conv(width, Window((1, side), 1, (0, side // 2)), bias=False)
    tall = conv(width, Window((side, 1), 1, (side // 2, 0)), bias=False)
    each = filters_in_words(width)
    text = f"{hwc(shape)} passes {each} 1×{side} and then {each} {side}×1, both without bias and"
    return Scene(f"{text} padded so that height and width stay.", shape, (flat, tall))


def mixed(draw: Draw, level: int) -> Scene:
    """Unlike kernels in a row, no bias."""
    shape, width = square(draw, level), draw.one(FILTERS[level])
    items = tuple(conv(width, draw.one(KEEPING), bias=False) for _ in range(2 if level == 1 else 3))
    return Scene(passes(shape, items), shape, items)
