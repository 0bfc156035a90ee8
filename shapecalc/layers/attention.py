"""Attention: over all positions, or within windows; self-attention, so queries, keys and values are of one tensor."""

from abc import ABC
from math import prod
from typing import ClassVar, NamedTuple, final

from shapecalc.layers.fields import Count, Offsets, Sizes, per_axis
from shapecalc.layers.layer import Layer, Params, Quiet, Reading, divides, learned, spatial
from shapecalc.notation import Shape, hwc
from shapecalc.problems import LayerError
from shapecalc.windows import MAX_PERIOD, Window


class _MultiHead(Layer, ABC):
    """Attention in several heads, each over a share of the channels."""

    num_heads: Count
    bias: bool = True

    aliases: ClassVar[dict[str, str]] = {"heads": "num_heads"}


@final
class Attention(_MultiHead, Quiet):
    """Multi-head self-attention over all positions. Source: PyTorch, MultiheadAttention; Vaswani et al. 2017.

    The positions are all spatial places; a sequence of tokens is the 1-D map ``(C, L)``.
    """

    key_dim: Count | None = None
    value_dim: Count | None = None
    out_features: Count | None = None

    bare: ClassVar[str | None] = "num_heads"

    def out_shape(self, arriving: Shape) -> Shape:
        """``(out_features, *spatial)``; as many channels as arrive unless given."""
        spatial(arriving, "an attention")
        if self.key_dim is None:
            divides(self.num_heads, arriving[0], "the channels that arrive", "num_heads")
        return (self.out_features or arriving[0], *arriving[1:])

    def widths(self, arriving: Shape) -> tuple[int, int]:
        """Values of a query or key, and of a value, in one head; C/num_heads unless given, as in PyTorch."""
        key = self.key_dim or arriving[0] // self.num_heads
        return key, self.value_dim or key

    def params(self, arriving: Shape) -> Params:
        """Projections to queries, keys and values and from all heads to the output, each with a bias."""
        channels, (key, value), out = arriving[0], self.widths(arriving), self.out_features or arriving[0]
        inner = self.num_heads * (2 * key + value)
        weights = channels * inner + self.num_heads * value * out
        return learned(weights, inner + out if self.bias else 0)

    def macs(self, arriving: Shape, out: Shape) -> int | None:
        """The projections at every position, and both products QKᵀ and AV of positions with positions."""
        weights, positions = self.params(arriving).weights, prod(arriving[1:])
        assert weights is not None
        return weights * positions + positions**2 * self.num_heads * sum(self.widths(arriving))

    def reading(self, arriving: Shape, out: Shape) -> Reading:
        """Every position reads all of them."""
        return "whole"


class Grid(NamedTuple):
    """The windows along one axis.

    Attributes:
        window: positions in one window.
        shift: positions by which the windows begin later; the first window is cut to as many.
        windows: how many there are.

    """

    window: int
    shift: int
    windows: int

    def reading(self) -> Window | None:
        """Output ``i`` reads the window that holds it; None where that is too long to tabulate.

        A shifted window that wraps around is masked, so that its two parts do not see each other.
        """
        if self.window > MAX_PERIOD:
            return None
        first, then = range(self.shift - self.window, self.shift), range(self.shift, self.shift + self.window)
        return Window(self.window, (first,) * self.shift + (then,) * (self.window - self.shift))


@final
class WindowAttention(_MultiHead):
    """Multi-head self-attention within windows (Swin). Source: torchvision, ShiftedWindowAttention; Liu et al. 2021.

    The map is padded, after each axis, to whole windows. An axis of a single window is not shifted. So in any rank;
    torchvision's ShiftedWindowAttention3d shrinks a window that is larger than the map instead.
    """

    window_size: Sizes
    shift: Offsets = 0
    relative_position_bias: bool = True

    bare: ClassVar[str | None] = "window_size"

    def out_shape(self, arriving: Shape) -> Shape:
        """The shape that arrives."""
        sizes = spatial(arriving, "an attention")
        divides(self.num_heads, arriving[0], "the channels that arrive", "num_heads")
        windows, shifts = self._window(arriving), per_axis(self.shift, len(sizes), "shift")
        for window, shift in zip(windows, shifts, strict=True):
            if shift >= window:
                message = f"`shift` ({shift:,}) must be smaller than `window_size` ({window:,})"
                raise LayerError("does-not-fit", message, field="shift", help=f"half a window is {window // 2:,}")
        return arriving

    def grid(self, arriving: Shape) -> tuple[Grid, ...]:
        """The windows along every axis."""
        shifts = per_axis(self.shift, len(arriving) - 1, "shift")
        sizes = zip(arriving[1:], self._window(arriving), shifts, strict=True)
        return tuple(Grid(w, shift if n > w else 0, -(-n // w)) for n, w, shift in sizes)

    def _window(self, arriving: Shape) -> tuple[int, ...]:
        return per_axis(self.window_size, len(arriving) - 1, "window_size")

    def params(self, arriving: Shape) -> Params:
        """Four projections C → C with biases, and for each head a number per distance of two places in a window.

        That table has (2w − 1) entries per axis; which pair of places takes which is stored as a buffer.
        """
        channels, window = arriving[0], self._window(arriving)
        table = prod(2 * w - 1 for w in window) * self.num_heads if self.relative_position_bias else 0
        buffers = prod(window) ** 2 if self.relative_position_bias else 0
        return learned(4 * channels**2 + table, 4 * channels if self.bias else 0, buffers)

    def macs(self, arriving: Shape, out: Shape) -> int | None:
        """The projections at every position, padded ones too, and in each window both products QKᵀ and AV."""
        positions = prod(axis.window * axis.windows for axis in self.grid(arriving))
        return positions * (4 * arriving[0] ** 2 + 2 * prod(self._window(arriving)) * arriving[0])

    def reading(self, arriving: Shape, out: Shape) -> Reading:
        """The window around each position; a single window is the whole map."""
        grid = self.grid(arriving)
        return "whole" if all(axis.windows == 1 for axis in grid) else tuple(axis.reading() for axis in grid)

    def notes(self, arriving: Shape, out: Shape) -> tuple[str, ...]:
        """Where the map is padded."""
        padded = (arriving[0], *(axis.window * axis.windows for axis in self.grid(arriving)))
        if padded == arriving:
            return ()
        return (f"{hwc(arriving)} is padded to {hwc(padded)} for whole windows; macs count the padded positions",)
