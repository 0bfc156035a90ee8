"""How a layer's outputs read its input along one axis: the inputs of every output, as a pattern that repeats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from math import floor, gcd
from typing import Literal, NamedTuple, TypeAlias

MAX_PERIOD = 4096
"""A pattern that takes more units than this to repeat is not tabulated; the receptive field is then unknown."""

PaddingMode: TypeAlias = Literal["zeros", "reflect", "replicate", "circular"]
"""What padding holds: zeros, the input mirrored, its edge repeated, or its other end."""


class Window(NamedTuple):
    """How the outputs of a layer read its input along one axis.

    Output ``i`` reads the inputs ``t + (i // period) * advance`` for every ``t`` in
    ``taps[i % period]``, where ``period = len(taps)``. Positions may lie in the padding, of which
    `beyond` says what it holds. An empty range reads nothing.
    """

    advance: int
    taps: tuple[range, ...]
    beyond: PaddingMode = "zeros"

    def places(self, unit: int) -> range:
        """The positions that output `unit` reads of an axis without ends, ascending."""
        turn, phase = divmod(unit, len(self.taps))
        taps, shift = self.taps[phase], turn * self.advance
        return range(taps.start + shift, taps.stop + shift, taps.step)

    def reads(self, unit: int, size: int) -> Sequence[int]:
        """The positions that output `unit` reads of an axis of `size` places; zeros beyond it are no positions.

        >>> strided(3, before=1).reads(0, 5), strided(3, before=1, beyond="circular").reads(0, 5)
        (range(0, 2), [4, 0, 1])
        """
        places = self.places(unit)
        if not places or (places[0] >= 0 and places[-1] < size):
            return places
        if self.beyond == "zeros":
            return places[max(0, -(places[0] // places.step)) : max(0, (size - 1 - places[0]) // places.step + 1)]
        return [_INWARD[self.beyond](place, size) for place in places]


_INWARD: dict[PaddingMode, Callable[[int, int], int]] = {
    "reflect": lambda place, size: (size - 1) - abs((size - 1) - abs(place)),
    "replicate": lambda place, size: min(max(place, 0), size - 1),
    "circular": lambda place, size: place % size,
}
"""The place inside that a place beyond the ends is a copy of. Source: PyTorch, torch.nn.functional.pad."""


def strided(kernel: int, stride: int = 1, before: int = 0, dilation: int = 1, beyond: PaddingMode = "zeros") -> Window:
    """The window of a convolution or pooling: output ``i`` reads ``i*stride - before + dilation*t``.

    >>> strided(3, stride=2, before=1).taps
    (range(-1, 2),)
    """
    return Window(stride, (range(-before, -before + dilation * (kernel - 1) + 1, dilation),), beyond)


@lru_cache(maxsize=64)
def transposed(kernel: int, stride: int, before: int, dilation: int) -> Window | None:
    """The window of a transposed convolution.

    Output ``o`` reads each input ``j`` with ``o = j*stride - before + dilation*t`` for some tap ``t``.

    None where the period, which is the stride, is too long to tabulate.

    >>> transposed(3, 2, 1, 1).taps  # outputs 0, 2, 4, … see one input, the others two
    (range(0, 1), range(0, 2))
    """
    if stride > MAX_PERIOD:
        return None
    return Window(1, tuple(_transposed_taps(kernel, stride, o + before, dilation) for o in range(stride)))


def _transposed_taps(kernel: int, stride: int, shifted: int, dilation: int) -> range:
    """The inputs ``(shifted - dilation*t) / stride`` that are whole, ascending."""
    step = stride // gcd(stride, dilation)
    first = next((t for t in range(min(step, kernel)) if (shifted - dilation * t) % stride == 0), None)
    if first is None:
        return range(0)
    last = first + (kernel - 1 - first) // step * step
    return range(
        (shifted - dilation * last) // stride,
        (shifted - dilation * first) // stride + 1,
        step * dilation // stride,
    )


def nearest(scale: Fraction) -> Window | None:
    """Output ``i`` reads input ``⌊i·scale⌋``, where `scale` is input size over output size.

    None where the period is too long to tabulate.

    >>> nearest(Fraction(1, 2)).taps
    (range(0, 1), range(0, 1))
    """
    if scale.denominator > MAX_PERIOD:
        return None
    sources = (i * scale.numerator // scale.denominator for i in range(scale.denominator))
    return Window(scale.numerator, tuple(range(source, source + 1) for source in sources))


def enlarged(factor: int) -> Window | None:
    """Output ``i`` reads input ``⌊i/factor⌋``: pixel shuffle, and nearest upsampling by a whole factor."""
    return nearest(Fraction(1, factor))


def interpolated(scale: Fraction, offset: Fraction, reach: int = 0) -> Window | None:
    """Output ``i`` interpolates between the neighbours of ``x = i·scale + offset``.

    Linear interpolation reads ``⌊x⌋`` and ``⌈x⌉``; cubic (`reach` 1) one more on each side. Where ``x``
    is whole, every other weight is zero and a single input is read. None where the period is too
    long to tabulate.

    >>> interpolated(Fraction(1, 2), Fraction(-1, 4)).taps  # twice as large, align_corners false
    (range(-1, 1), range(0, 2))
    """
    if scale.denominator > MAX_PERIOD:
        return None
    taps = []
    for i in range(scale.denominator):
        source = i * scale + offset
        low = floor(source)
        taps.append(range(low, low + 1) if source == low else range(low - reach, low + 2 + reach))
    return Window(scale.numerator, tuple(taps))


@lru_cache(maxsize=64)
def adaptive(size: int, bins: int) -> Window | None:
    """Adaptive pooling: bin ``i`` reads the inputs ``⌊i·size/bins⌋ … ⌈(i+1)·size/bins⌉ − 1``, as PyTorch's.

    >>> adaptive(5, 3).taps
    (range(0, 2), range(1, 4), range(3, 5))
    """
    common = gcd(size, bins)
    period, advance = bins // common, size // common
    if period > MAX_PERIOD:
        return None
    return Window(advance, tuple(range(i * size // bins, -(-(i + 1) * size // bins)) for i in range(period)))
