"""Networks of convolutions and poolings, one or a few, whose windows move over a map."""

from __future__ import annotations

from shapecalc.notation import hwc
from shapecalc.quizzing.draw import Draw
from shapecalc.quizzing.items import Item, Window, conv, passes, pool, said, transposed
from shapecalc.quizzing.scene import Scene
from shapecalc.quizzing.settings import FILTERS, KEEPING, POOLS, SIZES, STILL, STRIDED, image, square


def still(draw: Draw, level: int) -> Scene:
    """A convolution of stride 1."""
    shape, item = image(draw, level), conv(draw.one(FILTERS[level]), draw.one(STILL))
    text = draw.one(("A convolution takes {shape} and has {conv}.", "{shape} goes through {conv}."))
    return Scene(text.format(shape=hwc(shape), conv=said(item)), shape, (item,))


def strided(draw: Draw, level: int) -> Scene:
    """A convolution that moves on by several positions; a large one stands at the beginning of a network."""
    shape, window = image(draw, level), draw.one(STRIDED)
    if isinstance(window.kernel, int) and window.kernel > 5 and level > 1:
        shape = (draw.one((1, 3)), *shape[1:])
    item = conv(draw.one(FILTERS[level]), window)
    return Scene(f"A convolution takes {hwc(shape)} and has {said(item)}.", shape, (item,))


def wide(draw: Draw, level: int) -> Scene:
    """A kernel with unlike height and width (Szegedy et al. 2015, Inception v3)."""
    shape, long = image(draw, level), draw.one((3, 5, 7))
    is_tall, is_padded = draw.below(2), draw.below(2)
    kernel = (long, 1) if is_tall else (1, long)
    padding = ((long // 2, 0) if is_tall else (0, long // 2)) if is_padded else 0
    item = conv(draw.one(FILTERS[level]), Window(kernel, 1, padding))
    return Scene(f"{hwc(shape)} goes through {said(item)} (height × width).", shape, (item,))


def dilated(draw: Draw, level: int) -> Scene:
    """A dilated kernel (Yu and Koltun 2015)."""
    shape, kernel, dilation = square(draw, level), draw.one((3, 3, 5)), draw.one((2, 2, 3, 4, 6))
    padding = draw.one((0, dilation * (kernel // 2)))
    item = conv(draw.one(FILTERS[level]), Window(kernel, 1, padding), dilation=dilation)
    return Scene(passes(shape, [item]), shape, (item,))


def enlarging(draw: Draw, level: int) -> Scene:
    """A transposed convolution, with the windows of FCN, U-Net and DCGAN."""
    window = draw.one((Window(2, 2), Window(3, 2, 1), Window(4, 2, 1), Window(4, 4), Window(4), Window(3, 2)))
    shape = (draw.one(FILTERS[level]), *(draw.one((4, 7, 8, 14, 16, 28, 32, 56, 64)),) * 2)
    item = transposed(draw.one(FILTERS[level]), window)
    return Scene(f"{hwc(shape)} is enlarged by {said(item)}.", shape, (item,))


def uneven(draw: Draw, level: int) -> Scene:
    """A convolution whose stride does not divide the way that it has to go."""
    window = draw.one(
        (Window(3, 2, 1), Window(7, 2, 3), Window(5, 2, 2), Window(11, 4), Window(11, 4, 2), Window(3, 2))
    )
    shape, item = square(draw, level), conv(draw.one(FILTERS[level]), window)
    text = f"{passes(shape, [item])} The division is not whole and is rounded down."
    return Scene(text, shape, (item,), is_uneven=True)


def two(draw: Draw, level: int) -> Scene:
    """Two convolutions, or a convolution and a pooling."""
    shape = square(draw, level)
    first = conv(draw.one(FILTERS[level]), draw.one(STILL))
    second = draw.one((conv(draw.one(FILTERS[level]), draw.one(STILL)), pool(draw.one(POOLS[level]))))
    return Scene(passes(shape, [first, second]), shape, (first, second))


def chain(draw: Draw, level: int) -> Scene:
    """Three or four layers as at the beginning of a network, more and more channels."""
    shape = (draw.one((1, 3, 3)), *(draw.one(SIZES[level]),) * 2)
    begin = draw.below(3) + 1
    widths = FILTERS[level][begin : begin + 4]
    items: list[Item] = [
        conv(widths[0], draw.one(STILL if level < 3 else (*STRIDED, *KEEPING))),
        pool(draw.one(POOLS[level])),
        conv(widths[draw.below(2) + 1], draw.one(STILL)),
    ]
    items += [pool(draw.one(POOLS[level]))] if level == 3 or draw.below(2) else []
    return Scene(passes(shape, items), shape, tuple(items))


# ---- poolings ----


def pooling(draw: Draw, level: int) -> Scene:
    """One pooling."""
    shape = image(draw, level)
    item = pool(draw.one(POOLS[level]), draw.one(("maxpool", "maxpool", "avgpool")))
    return Scene(f"{hwc(shape)} passes {said(item)}.", shape, (item,))


def pooling_uneven(draw: Draw, level: int) -> Scene:
    """A pooling whose stride does not divide the way, rounded down or up."""
    shape, window = square(draw, level), draw.one((Window(2, 2), Window(3, 2), Window(3, 3), Window(3, 2, 1)))
    is_up = draw.below(2)
    item = pool(window, ceil_mode=True) if is_up else pool(window)
    rounded = "" if is_up else " The division is not whole and is rounded down."
    return Scene(f"{hwc(shape)} passes {said(item)}.{rounded}", shape, (item,), is_uneven=True)


def conv_pool(draw: Draw, level: int) -> Scene:
    """A convolution that keeps the size, and a pooling."""
    shape = square(draw, level)
    items = (conv(draw.one(FILTERS[level]), draw.one(KEEPING)), pool(draw.one(POOLS[level])))
    return Scene(passes(shape, items), shape, items)


def two_poolings(draw: Draw, level: int) -> Scene:
    """Two poolings in a row."""
    shape = image(draw, level)
    items = (pool(draw.one(POOLS[level])), pool(draw.one(POOLS[level]), "avgpool"))
    return Scene(passes(shape, items), shape, items)


def pooling_global(draw: Draw, level: int) -> Scene:
    """The mean of each channel, or pooling to a given size."""
    shape = image(draw, level)
    to = draw.one((0, 0, 1, 2, 4, 7))
    item: Item = {"adaptive_avgpool": to} if to else "global_avgpool"
    end = "" if to else ", which leaves a flat vector"
    return Scene(f"{hwc(shape)} passes {said(item)}{end}.", shape, (item,))
