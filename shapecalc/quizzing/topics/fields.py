"""Chains of windows whose receptive field is asked; the size of the image does not matter, so none is told."""

from __future__ import annotations

from shapecalc.quizzing.draw import Draw
from shapecalc.quizzing.items import Item, Size, Window, conv, pool, said
from shapecalc.quizzing.scene import Scene

_KERNELS = (3, 3, 5, 7)
_STRIDED = (Window(3, 2), Window(5, 2), Window(7, 2), Window(2, 2), Window(4, 2), Window(11, 4), Window(4, 4))
_POOLS = (Window(2, 2), Window(2, 2), Window(3, 2), Window(3, 3))

_BARE_MAP, _PADDED_MAP = 3, 20
"""Height and width of the last map; padding makes an image smaller than what is seen of it, unless the map is large."""


class _Chain:
    """Layers of one channel, and an image that is larger than what a unit of the last sees."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.items: list[Item] = []
        self.windows: list[tuple[Window, int]] = []

    def conv(self, window: Window, dilation: int = 1) -> None:
        more = {"dilation": dilation} if dilation > 1 else {}
        self.items.append(conv(1, window, **more))
        self.windows.append((window, dilation))

    def pool(self, window: Window) -> None:
        self.items.append(pool(window))
        self.windows.append((window, 1))

    def scene(self, *, is_padded: bool = False) -> Scene:
        words = [said(item, filters=False, unpadded=is_padded) for item in self.items]
        text = f"An image passes {'; then '.join(words)}."
        return Scene(text, (1, *self._size(_PADDED_MAP if is_padded else _BARE_MAP)), tuple(self.items))

    def _size(self, last: int) -> tuple[int, int]:
        """Height and width that divide without rest everywhere, gone through from the last layer to the first."""
        sizes = [last, last]
        for window, dilation in reversed(self.windows):
            for axis in (0, 1):
                kernel, padding = _along(window.kernel, axis), _along(window.padding, axis)
                sizes[axis] = (sizes[axis] - 1) * window.stride + dilation * (kernel - 1) + 1 - 2 * padding
        return sizes[0], sizes[1]


def _along(size: Size, axis: int) -> int:
    return size[axis] if isinstance(size, tuple) else size


def plain(draw: Draw, level: int) -> Scene:
    """Convolutions of stride 1."""
    chain = _Chain(draw)
    for _ in range(2 + draw.below(level + 2)):
        chain.conv(Window(draw.one((*_KERNELS, 11))))
    return chain.scene()


def pooled(draw: Draw, level: int) -> Scene:
    """Convolutions and poolings in turn, as in VGG."""
    chain = _Chain(draw)
    turns = 1 if level == 1 else 2 if level == 2 else draw.one((2, 3))
    for _ in range(turns):
        for _ in range(draw.one((1, 1, 2)) if turns < 3 else 1):
            chain.conv(Window(draw.one(_KERNELS)))
        chain.pool(draw.one(_POOLS))
    chain.conv(Window(draw.one(_KERNELS)))
    return chain.scene()


def strided(draw: Draw, level: int) -> Scene:
    """Convolutions that move on by several pixels."""
    chain = _Chain(draw)
    for _ in range(1 if level == 1 else draw.one((1, 2, 2))):
        chain.conv(draw.one(_STRIDED))
    if level == 3:
        chain.pool(draw.one(_POOLS))
    for _ in range(draw.one((1, 2))):
        chain.conv(Window(draw.one(_KERNELS)))
    return chain.scene()


def stem(draw: Draw, level: int) -> Scene:
    """Padded windows, as at the beginning of a ResNet."""
    chain = _Chain(draw)
    for _ in range(level + draw.below(2)):
        window = draw.one((Window(3, 1, 1), Window(3, 2, 1), Window(5, 1, 2), Window(5, 2, 2), Window(7, 2, 3)))
        chain.conv(window) if draw.below(3) else chain.pool(draw.one((Window(3, 2, 1), Window(2, 2), Window(3, 1, 1))))
    return chain.scene(is_padded=True)


def dilated(draw: Draw, level: int) -> Scene:
    """Growing dilations in place of strides (Yu and Koltun 2015)."""
    chain = _Chain(draw)
    growing = draw.one(
        ((1, 2), (2, 4), (1, 2, 4), (2, 2), (1, 2, 3), (1, 3)) + (((1, 2, 4, 8), (1, 1, 2, 4)) * (level - 2))
    )
    for each in growing:
        chain.conv(Window(draw.one((3, 3, 5))), each)
    if level == 3 and draw.below(2):
        chain.pool(draw.one(_POOLS))
        chain.conv(Window(3))
    return chain.scene()
