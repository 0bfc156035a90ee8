"""The reference's convolutions a chunk at a time: the numbers of the naive sum over taps, in little memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from shapecalc.reference_ops import OPS, convolution
from shapecalc.reference_ops.arrays import Array
from shapecalc.reference_ops.columns import Sliding, boxes, reads
from tests.test_reference_layout import with_channels_last
from tests.witness import some_numbers

Settings = Mapping[str, Any]
Shape = tuple[int, ...]


def tap_by_tap(x: Array, weight: Array, settings: Settings) -> Array:
    """The sum over taps of weights times what they read, of the whole padded input at once."""
    padded = np.pad(x, [(0, 0), *settings["padding"]])
    views = {}
    for tap in np.ndindex(weight.shape[2:]):
        starts = zip(tap, settings["dilation"], settings["stride"], strict=True)
        views[tap] = padded[(slice(None), *(slice(t * d, None, s) for t, d, s in starts))]
    sizes = np.min([view.shape for view in views.values()], axis=0)
    out = np.zeros((len(weight), *sizes[1:]))
    for tap, view in views.items():
        out += by_group(weight[(..., *tap)], view[tuple(map(slice, sizes))], settings["groups"])
    return out


def by_group(matrix: Array, x: Array, groups: int) -> Array:
    """A matrix `(out, in/groups)` times each place of `x` `(in, *spatial)`, group by group."""
    pairs = zip(np.split(matrix, groups), np.split(x, groups), strict=True)
    return np.concatenate([np.tensordot(own, read, axes=1) for own, read in pairs])


def spread_tap_by_tap(x: Array, weight: Array, settings: Settings) -> Array:
    """Every input times its weights, added where each tap sends it."""
    axes = list(zip(x.shape[1:], weight.shape[2:], settings["stride"], settings["dilation"], strict=True))
    groups, sizes = settings["groups"], [(n - 1) * s + (k - 1) * d + 1 for n, k, s, d in axes]
    out = np.zeros((weight.shape[1] * groups, *sizes))
    for tap in np.ndindex(weight.shape[2:]):
        places = (slice(t * d, t * d + (n - 1) * s + 1, s) for t, (n, _, s, d) in zip(tap, axes, strict=True))
        turned = np.concatenate([own.T for own in np.split(weight[(..., *tap)], groups)])
        out[(slice(None), *places)] += by_group(turned, x, groups)
    return out


def slid(stride: Shape, dilation: Shape, padding: list[tuple[int, int]]) -> Settings:
    return {"stride": stride, "dilation": dilation, "padding": padding}


# input, kernel, settings; each reads several chunks of 1 MiB, one long row or large plane already more than a chunk;
# where dilation is wide, every chunk reads most of the input
BIG = [
    pytest.param((8, 20_000), (5,), slid((3,), (2,), [(4, 1)]), id="1d"),
    pytest.param((8, 70, 90), (3, 2), slid((1, 1), (2, 1), [(2, 0), (1, 3)]), id="2d"),
    pytest.param((8, 110, 190), (3, 5), slid((2, 3), (1, 2), [(1, 1), (0, 7)]), id="2d-strided"),
    pytest.param((8, 6, 9000), (4, 3), slid((3, 1), (1, 4), [(1, 0), (0, 2)]), id="2d-long-rows"),
    pytest.param((8, 30, 1900), (3, 3), slid((1, 1), (11, 1), [(11, 11), (1, 0)]), id="2d-widely-dilated"),
    pytest.param((8, 9, 20, 30), (2, 3, 2), slid((1, 2, 1), (1, 1, 2), [(0, 1), (1, 1), (2, 0)]), id="3d"),
    pytest.param((8, 4, 60, 90), (2, 3, 2), slid((2, 1, 1), (2, 1, 1), [(0, 0), (1, 2), (0, 1)]), id="3d-large-planes"),
]

# out_channels, groups, of 8 channels
GROUPS = [
    pytest.param(6, 1, id="all"),
    pytest.param(12, 4, id="groups"),
    pytest.param(8, 8, id="depthwise"),
    pytest.param(16, 8, id="depthwise-twice"),
]


@pytest.mark.parametrize(("out_channels", "groups"), GROUPS)
@pytest.mark.parametrize(("shape", "kernel", "settings"), BIG)
def test_a_conv_of_many_chunks_is_the_sum_over_its_taps(
    shape: Shape, kernel: Shape, settings: Settings, out_channels: int, groups: int
) -> None:
    x, weight = some_numbers(*shape), some_numbers(out_channels, 8 // groups, *kernel)
    own = {**settings, "groups": groups}
    expected = tap_by_tap(x, weight, own)
    for each in (x, with_channels_last(x)):
        np.testing.assert_allclose(OPS["conv"](each, weight, **own), expected, rtol=0, atol=1e-11)


@pytest.mark.parametrize(("out_channels", "groups"), GROUPS)
@pytest.mark.parametrize(("shape", "kernel", "settings"), BIG)
def test_a_conv_transpose_of_many_chunks_is_the_sum_over_its_taps(
    shape: Shape, kernel: Shape, settings: Settings, out_channels: int, groups: int
) -> None:
    x, weight = some_numbers(*shape), some_numbers(8, out_channels // groups, *kernel)
    none = {"padding": [(0, 0) for _ in kernel], "output_padding": tuple(0 for _ in kernel)}
    own = {**settings, **none, "groups": groups}
    expected = spread_tap_by_tap(x, weight, own)
    for each in (x, with_channels_last(x)):
        np.testing.assert_allclose(OPS["conv_transpose"](each, weight, **own), expected, rtol=0, atol=1e-11)


SMALL = [((2, 9), (4, 1, 3)), ((4, 5, 6), (6, 2, 2, 3)), ((2, 3, 4, 3), (4, 2, 1, 2, 2))]


@pytest.mark.parametrize("most", [1, 2, 3, 5, 7, 64])
@pytest.mark.parametrize(("shape", "weight_shape"), SMALL)
def test_chunks_of_few_positions_make_the_same(
    monkeypatch: pytest.MonkeyPatch, most: int, shape: Shape, weight_shape: Shape
) -> None:
    """Borders fall inside rows, planes and padding; at last each position stands alone."""
    rank = len(shape) - 1
    settings = {"stride": (2, 1, 1)[:rank], "dilation": (1, 2, 1)[:rank], "groups": shape[0] // weight_shape[1]}
    x, weight = some_numbers(*shape), some_numbers(*weight_shape)
    padded = {**settings, "padding": [(2, 1)] * rank}
    monkeypatch.setattr(convolution, "CHUNK", 0)
    monkeypatch.setattr(convolution, "ROWS", most)
    np.testing.assert_allclose(OPS["conv"](x, weight, **padded), tap_by_tap(x, weight, padded), atol=1e-12)
    own = some_numbers(shape[0], *weight_shape[1:])
    plain = {**settings, "padding": [(0, 0)] * rank, "output_padding": (0,) * rank}
    ours = OPS["conv_transpose"](x, own, **plain)
    np.testing.assert_allclose(ours, spread_tap_by_tap(x, own, settings), atol=1e-12)


# sizes, most, ranges: whole rows where one fits, pieces of one row where none does
BOXES = [
    pytest.param((5,), 2, [[(0, 2)], [(2, 4)], [(4, 5)]], id="1d"),
    pytest.param((3, 4), 8, [[(0, 2), (0, 4)], [(2, 3), (0, 4)]], id="two-rows"),
    pytest.param(
        (2, 4), 3, [[(0, 1), (0, 3)], [(0, 1), (3, 4)], [(1, 2), (0, 3)], [(1, 2), (3, 4)]], id="part-of-a-row"
    ),
    pytest.param((2, 2, 3), 5, [[(a, a + 1), (b, b + 1), (0, 3)] for a in (0, 1) for b in (0, 1)], id="rows-of-planes"),
    pytest.param((2, 1), 0, [[(0, 1), (0, 1)], [(1, 2), (0, 1)]], id="at-least-one"),
]


@pytest.mark.parametrize(("sizes", "most", "ranges"), BOXES)
def test_boxes_by_hand(sizes: Shape, most: int, ranges: list[list[tuple[int, int]]]) -> None:
    assert [[(at.start, at.stop) for at in box] for box in boxes(sizes, most)] == ranges


def test_what_taps_read_by_hand() -> None:
    """Places -1 to 6: the second of two taps, two places on, runs out first."""
    (table,) = reads(np.empty((1, 5)), Sliding((2,), (2,), (2,), [(1, 2)]))
    np.testing.assert_array_equal(table, [[-1, 1], [1, 3], [3, 5]])


def peak(made: Callable[[], Array]) -> int:
    """Bytes in use at the worst moment, less those of the array that is made."""
    tracemalloc.start()
    try:
        size = made().nbytes
        return tracemalloc.get_traced_memory()[1] - size
    finally:
        tracemalloc.stop()


PLAIN: Settings = {"stride": (1, 1), "padding": [(1, 1)] * 2, "dilation": (1, 1)}

# input, weight, settings; all columns of the first would be 110 MiB, the weights of the second are 98 MiB
FRUGAL = [
    pytest.param((64, 224, 224), (64, 64, 3, 3), {**PLAIN, "groups": 1}, id="conv1_2-of-vgg"),
    pytest.param((512, 7, 7), (1024, 512, 7, 7), {**PLAIN, "padding": [(0, 0)] * 2, "groups": 1}, id="fc6-as-a-conv"),
    pytest.param((64, 224, 224), (64, 1, 3, 3), {**PLAIN, "groups": 64}, id="depthwise"),
    pytest.param((64, 224, 224), (64, 64, 1, 1), {**PLAIN, "padding": [(0, 0)] * 2, "groups": 1}, id="1x1"),
]


@pytest.mark.parametrize(("shape", "weight_shape", "settings"), FRUGAL)
def test_a_conv_needs_little_memory_beyond_its_output(shape: Shape, weight_shape: Shape, settings: Settings) -> None:
    x, weight = with_channels_last(np.ones(shape, np.float32)), np.ones(weight_shape, np.float32)
    bias = np.ones(len(weight), np.float32)
    assert peak(lambda: OPS["conv"](x, weight, bias, **settings)) < 4 * 2**20
