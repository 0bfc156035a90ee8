"""Sizes, channels and windows that real networks have, by level: from what is multiplied in the head to ImageNet."""

from __future__ import annotations

from shapecalc.notation import Shape
from shapecalc.quizzing.draw import Draw
from shapecalc.quizzing.items import Window

SIZES = {
    1: (6, 7, 8, 9, 10, 12, 14, 15, 16, 20, 24, 28, 32),
    2: (14, 20, 24, 27, 28, 32, 33, 40, 48, 55, 56, 57, 64, 65, 80, 84, 96, 112, 128),
    3: (28, 32, 33, 40, 48, 55, 56, 57, 64, 65, 84, 96, 112, 113, 128, 129, 160, 192, 224, 225, 227, 256, 257, 299),
}
CHANNELS = {
    1: (1, 2, 3, 4, 6, 8, 10, 16, 20, 32),
    2: (3, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96, 128),
    3: (8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512),
}
FILTERS = {
    1: (1, 2, 4, 6, 8, 10, 12, 16, 20, 32),
    2: (6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96, 128),
    3: (8, 16, 20, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512),
}
UNITS = {
    1: (10, 16, 20, 32, 50, 64, 84, 100, 120),
    2: (10, 32, 64, 84, 100, 120, 128, 200, 256, 500, 512),
    3: (10, 64, 100, 128, 256, 300, 500, 512, 1000, 1024),
}
MAPS = {1: (2, 3, 4, 5, 6), 2: (4, 5, 6, 7, 8), 3: (5, 6, 7, 8, 10, 12, 14)}
"""Heights and widths of the last map before the classes."""

STILL = (
    Window(1), Window(3), Window(3, 1, 1), Window(5), Window(5, 1, 1), Window(5, 1, 2), Window(7), Window(7, 1, 3),
    Window(3, 1, 2), Window(2), Window(4),
)  # fmt: skip
"""Windows of stride 1."""

KEEPING = (Window(3, 1, 1), Window(5, 1, 2), Window(7, 1, 3))
"""Of these, those that keep the size."""

STRIDED = (
    Window(2, 2), Window(3, 2), Window(3, 2, 1), Window(4, 2, 1), Window(5, 2), Window(5, 2, 2), Window(6, 2, 2),
    Window(7, 2), Window(7, 2, 3), Window(4, 4), Window(8, 4), Window(8, 4, 2), Window(11, 4), Window(11, 4, 2),
)  # fmt: skip
"""Windows that move on by more than a position: of All-CNN, ResNet, DCGAN, ConvNeXt, DQN, AlexNet."""

POOLS = {
    1: (Window(2, 2), Window(3, 3), Window(4, 4)),
    2: (Window(2, 2), Window(3, 2), Window(3, 2, 1), Window(2, 1), Window(3, 1, 1), Window(3, 3)),
    3: (Window(3, 2), Window(3, 2, 1), Window(2, 2), Window(3, 1, 1), Window(5, 3), Window(5, 1, 2)),
}
MOST = {1: 50_000, 2: 2_000_000, 3: 50_000_000}
"""The largest number that is asked for, by level."""


def image(draw: Draw, level: int) -> Shape:
    """A map or an image, now and then with unlike height and width from level 2 on."""
    height = draw.one(SIZES[level])
    width = draw.one(SIZES[level]) if level > 1 and draw.below(3) == 0 else height
    return (_channels(draw, level, max(height, width)), height, width)


def square(draw: Draw, level: int) -> Shape:
    """A map as high as wide."""
    size = draw.one(SIZES[level])
    return (_channels(draw, level, size), size, size)


def _channels(draw: Draw, level: int, size: int) -> int:
    """Large maps are near the image and have few channels."""
    if size >= 192:
        return draw.one((1, 3, 3, 16, 32))
    if size >= 64:
        return draw.one((3, 16, 32, 64, 96))
    return draw.one([channels for channels in CHANNELS[level] if channels * size < 16_384])


def last_map(draw: Draw, level: int) -> Shape:
    """A small map as it arrives at the classes."""
    size = draw.one(MAPS[level])
    return (draw.one(CHANNELS[level]), size, size)
