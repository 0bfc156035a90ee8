"""Networks that branch: residual blocks, inception, dense blocks, squeeze and excite."""

from __future__ import annotations

from shapecalc.notation import Shape, hwc
from shapecalc.quizzing.draw import Draw
from shapecalc.quizzing.items import Item, Window, conv, listed, number, pool, said
from shapecalc.quizzing.scene import Scene
from shapecalc.quizzing.settings import FILTERS, KEEPING, SIZES

_HAND = {1: (2, 4, 6, 8, 10, 12, 16, 20, 24, 32), 2: FILTERS[2], 3: FILTERS[3]}

_FRAME: Shape = (3, 64, 64)
"""An image larger than what two branches see; its size is not told, as it does not matter."""


def _map(draw: Draw, level: int) -> Shape:
    channels = draw.one(_HAND[level])
    size = draw.one((7, 13, 14, 27, 28) if channels > 128 else SIZES[min(level, 2)][:12])
    return (channels, size, size)


def _branches(join: str, *branches: list[Item]) -> Item:
    return {"parallel": list(branches), "join": join}


def concatenated(draw: Draw, level: int) -> Scene:
    """Branches side by side (Szegedy et al. 2014, GoogLeNet)."""
    shape = _map(draw, level)
    branches: list[list[Item]] = [[conv(draw.one(_HAND[level]), Window(1))]]
    for window in KEEPING[: 1 if level == 1 else 2]:
        branches.append([conv(draw.one(_HAND[level]), window)])
        if level == 3:
            branches[-1].insert(0, conv(draw.one(_HAND[2]), Window(1)))
    if level > 1:
        branches.append([pool(Window(3, 1, 1))] + ([conv(draw.one(_HAND[2]), Window(1))] if level == 3 else []))
    words = [" and then ".join(map(said, branch)) for branch in branches]
    text = f"{hwc(shape)} goes into {len(branches)} branches: {'; '.join(words)}. Their outputs are concatenated."
    return Scene(text, shape, (_branches("concat", *branches),))


def residual(draw: Draw, level: int) -> Scene:
    """Convolutions that keep the shape, and the input added (He et al. 2015)."""
    shape = _map(draw, level)
    with_norm = level > 1 and draw.below(2)
    more = {"bias": False} if with_norm else {}
    middle = shape[0] if level < 3 else draw.one(_HAND[3])
    window = draw.one(KEEPING[:2])
    main: list[Item] = []
    for filters in (shape[0],) if level == 1 and draw.below(2) else (middle, shape[0]):
        main += [conv(filters, window, **more), *(["batchnorm"] if with_norm else [])]
    words = "; then ".join(map(said, main))
    text = f"A residual block on {hwc(shape)}: {words}. The block's input is added to what comes out."
    return Scene(text, shape, (_branches("add", main, []),))


def projected(draw: Draw, level: int) -> Scene:
    """A residual block with a 1×1 convolution on its shortcut."""
    shape, filters, stride = _map(draw, level), draw.one(_HAND[level]), draw.one((1, 2))
    main: list[Item] = [conv(filters, Window(3, stride, 1), bias=False), conv(filters, Window(3, 1, 1), bias=False)]
    main = main[: 1 if level == 1 else 2]
    short = conv(filters, Window(1, stride), bias=False)
    text = f"A residual block on {hwc(shape)}: {'; then '.join(map(said, main))}. On the shortcut: {said(short)}."
    return Scene(f"{text} The two are added.", shape, (_branches("add", main, [short]),))


def excited(draw: Draw, level: int) -> Scene:
    """Squeeze and excite (Hu et al. 2017)."""
    shape, less = _map(draw, level), draw.one((2, 4, 8, 16))
    narrow = max(1, shape[0] // less)
    gate: list[Item] = [{"global_avgpool": {"keepdims": True}}]
    gate += [conv(narrow, Window(1)), "relu", conv(shape[0], Window(1)), "sigmoid"]
    text = (
        f"The mean of each channel of {hwc(shape)} passes a 1×1 convolution to {narrow}, ReLU, one back to {shape[0]}"
    )
    return Scene(f"{text} and a sigmoid, and multiplies the map.", shape, (_branches("multiply", gate, []),))


def dense(draw: Draw, level: int) -> Scene:
    """Layers that each read everything before them (Huang et al. 2016, DenseNet)."""
    shape, grown = _map(draw, level), draw.one((4, 8, 12, 16, 24, 32))
    turns = draw.one((2, 3) if level < 3 else (3, 4))
    item = _branches("concat", [], [conv(grown, Window(3, 1, 1), bias=False)])
    text = f"A dense block on {hwc(shape)}: {number(turns)} convolutions of {grown} filters 3×3 with padding 1 and no"
    text += " bias. Each reads the concatenation of the input and of all outputs before it."
    return Scene(text, shape, (item,) * turns)


def unlike(draw: Draw, level: int) -> Scene:
    """Branches of which one sees more than the other."""
    kernels = draw.order((1, 3, 5, 7))[:2]
    counts = [draw.one((1, 2) if level < 3 else (1, 2, 3)) for _ in kernels]
    channels = draw.one((8, 16, 32))
    branches: list[list[Item]] = [
        [conv(channels, Window(kernel, 1, kernel // 2))] * count for kernel, count in zip(kernels, counts, strict=True)
    ]
    before: list[Item] = [conv(channels, draw.one(KEEPING))]
    before += [pool(Window(2, 2))] if level > 1 else []
    text = "; ".join(_in_a_row(kernel, count) for kernel, count in zip(kernels, counts, strict=True))
    begin = listed([said(item, filters=False) for item in before])
    return Scene(
        f"Behind {begin} there are two branches: {text}; all padded so that the size stays. The two are added.",
        _FRAME,
        (*before, _branches("add", *branches)),
    )


def _in_a_row(kernel: int, count: int) -> str:
    size = f"{kernel}×{kernel}"
    return f"one {size} convolution" if count == 1 else f"{number(count)} {size} convolutions in a row"
