"""The reference's ops that move values, and upsampling: values by hand and as PyTorch's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from shapecalc.reference_ops import OPS
from tests.witness import seen_by_torch, some_numbers, torch_or_skip

Settings = Mapping[str, Any]
Shape = tuple[int, ...]

SQUARE = [[[1, 2, 3], [4, 5, 6]]]  # one channel, 2 high, 3 wide

BY_HAND = [
    pytest.param("identity", SQUARE, {}, SQUARE, id="identity"),
    pytest.param("flatten", [[[1, 2]], [[3, 4]]], {}, [1, 2, 3, 4], id="flatten"),
    pytest.param("flatten", [1, 2], {}, [1, 2], id="flatten-flat"),
    pytest.param("flatten", [[[1, 2]], [[3, 4]]], {"start": "spatial"}, [[1, 2], [3, 4]], id="flatten-spatial"),
    pytest.param("reshape", SQUARE, {"shape": (3, 2)}, [[1, 2], [3, 4], [5, 6]], id="reshape"),
    pytest.param("pixel_shuffle", [[1, 2], [3, 4]], {"upscale_factor": 2}, [[1, 3, 2, 4]], id="shuffle-1d"),
    pytest.param(
        "pixel_shuffle",
        [[[1]], [[2]], [[3]], [[4]]],
        {"upscale_factor": 2},
        [[[1, 2], [3, 4]]],
        id="shuffle-2d",
    ),
    pytest.param(
        "pixel_shuffle",
        [[[[n]]] for n in range(8)],
        {"upscale_factor": 2},
        [[[[0, 1], [2, 3]], [[4, 5], [6, 7]]]],
        id="shuffle-3d",
    ),
    pytest.param("pixel_unshuffle", [[1, 3, 2, 4]], {"downscale_factor": 2}, [[1, 2], [3, 4]], id="unshuffle-1d"),
    pytest.param(
        "channel_shuffle",
        [[1], [2], [3], [4], [5], [6]],
        {"groups": 2},
        [[1], [4], [2], [5], [3], [6]],
        id="deal",
    ),
    pytest.param(
        "pad",
        SQUARE,
        {"padding": [(1, 0), (0, 2)], "value": 9.0},
        [[[9, 9, 9, 9, 9], [1, 2, 3, 9, 9], [4, 5, 6, 9, 9]]],
        id="pad-value",
    ),
    pytest.param("pad", [[1, 2, 3]], {"padding": [(2, 1)], "mode": "reflect"}, [[3, 2, 1, 2, 3, 2]], id="reflect"),
    pytest.param("pad", [[1, 2, 3]], {"padding": [(2, 1)], "mode": "replicate"}, [[1, 1, 1, 2, 3, 3]], id="replicate"),
    pytest.param("pad", [[1, 2, 3]], {"padding": [(2, 1)], "mode": "circular"}, [[2, 3, 1, 2, 3, 1]], id="circular"),
    pytest.param("crop", SQUARE, {"amount": [(1, 0), (0, 2)]}, [[[4]]], id="crop"),
    pytest.param("crop", SQUARE, {"amount": [(0, 0), (1, 0)]}, [[[2, 3], [5, 6]]], id="crop-before"),
    pytest.param("slice", [[1], [2], [3], [4]], {"channels": (1, 3)}, [[2], [3]], id="slice"),
    pytest.param("upsample", [[1, 2]], {"scale_factor": (2.0,)}, [[1, 1, 2, 2]], id="nearest"),
    # floor(3 x 1.5) = 4 samples at 0, 2/3, 4/3, 2; by size alone they would lie at 0, 3/4, 3/2, 9/4
    pytest.param("upsample", [[1, 2, 3]], {"scale_factor": (1.5,)}, [[1, 1, 2, 3]], id="nearest-floor"),
    pytest.param("upsample", [[1, 2, 3]], {"size": (2,)}, [[1, 2]], id="nearest-down"),
    # a rounded 1/49 would put sample 49 in place 0
    pytest.param("upsample", [[0, 1]], {"size": (98,)}, [[0] * 49 + [1] * 49], id="nearest-exact"),
    pytest.param("upsample", [[0, 4]], {"size": (4,), "mode": "linear"}, [[0, 1, 3, 4]], id="linear-half-pixels"),
    pytest.param(
        "upsample",
        [[0, 6]],
        {"size": (4,), "mode": "linear", "align_corners": True},
        [[0, 2, 4, 6]],
        id="linear-corners",
    ),
]


@pytest.mark.parametrize(("name", "x", "settings", "expected"), BY_HAND)
def test_rearrange_by_hand(name: str, x: list[Any], settings: Settings, expected: list[Any]) -> None:
    np.testing.assert_allclose(OPS[name](np.array(x, dtype=float), **settings), expected, atol=1e-12)


def test_pixel_shuffle_equals_torch() -> None:
    torch = torch_or_skip()
    x = some_numbers(18, 4, 5)
    theirs = torch.nn.functional.pixel_shuffle(torch.from_numpy(x), 3).numpy()
    np.testing.assert_array_equal(OPS["pixel_shuffle"](x, upscale_factor=3), theirs)


def test_pixel_unshuffle_equals_torch() -> None:
    torch = torch_or_skip()
    x = some_numbers(2, 6, 9)
    theirs = torch.nn.functional.pixel_unshuffle(torch.from_numpy(x), 3).numpy()
    np.testing.assert_array_equal(OPS["pixel_unshuffle"](x, downscale_factor=3), theirs)


@pytest.mark.parametrize("shape", [(8, 5), (8, 3, 5), (16, 2, 3, 5)])
def test_pixel_unshuffle_undoes_pixel_shuffle(shape: Shape) -> None:
    x = some_numbers(*shape)
    shuffled = OPS["pixel_shuffle"](x, upscale_factor=2)
    np.testing.assert_array_equal(OPS["pixel_unshuffle"](shuffled, downscale_factor=2), x)


@pytest.mark.parametrize("shape", [(6, 5), (6, 4, 5), (6, 2, 4, 5)])
def test_channel_shuffle_equals_torch(shape: Shape) -> None:
    torch = torch_or_skip()
    x = some_numbers(*shape)
    theirs = torch.nn.ChannelShuffle(3)(seen_by_torch(torch, x))[0].numpy()
    np.testing.assert_array_equal(OPS["channel_shuffle"](x, groups=3), theirs)


PADS = [
    pytest.param((2, 9), [(2, 3)], id="1d"),
    pytest.param((2, 5, 7), [(2, 1), (0, 3)], id="2d"),
    pytest.param((2, 4, 5, 6), [(0, 3), (2, 1), (4, 2)], id="3d"),
]


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
@pytest.mark.parametrize(("shape", "padding"), PADS)
def test_pad_equals_torch(shape: Shape, padding: list[tuple[int, int]], mode: str) -> None:
    torch = torch_or_skip()
    x = some_numbers(*shape)
    last_axis_first = [amount for pair in reversed(padding) for amount in pair]
    theirs = torch.nn.functional.pad(seen_by_torch(torch, x), last_axis_first, mode=mode)
    ours = OPS["pad"](x, padding=padding, mode="zeros" if mode == "constant" else mode)
    np.testing.assert_array_equal(ours, theirs[0].numpy())


LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}

# One size or scale factor per axis, up on one and down on another.
UPSAMPLES = [
    pytest.param((2, 7), {"size": (12,)}, id="1d-size"),
    pytest.param((2, 7), {"scale_factor": (1.7,)}, id="1d-scale"),
    pytest.param((2, 5, 8), {"size": (11, 3)}, id="2d-size"),
    pytest.param((2, 5, 8), {"scale_factor": (2.5, 0.6)}, id="2d-scale"),
    pytest.param((2, 4, 5, 6), {"size": (7, 2, 6)}, id="3d-size"),
    pytest.param((2, 4, 5, 6), {"scale_factor": (1.5, 0.7, 3.0)}, id="3d-scale"),
    pytest.param((2, 1, 6), {"size": (4, 1)}, id="from-one-and-to-one"),
]


@pytest.mark.parametrize(("mode", "align_corners"), [("nearest", None), ("linear", False), ("linear", True)])
@pytest.mark.parametrize(("shape", "target"), UPSAMPLES)
def test_upsample_equals_torch(shape: Shape, target: Settings, mode: str, align_corners: bool | None) -> None:
    torch = torch_or_skip()
    x = some_numbers(*shape)
    named = LINEAR[len(shape) - 1] if mode == "linear" else mode
    theirs = torch.nn.functional.interpolate(seen_by_torch(torch, x), **target, mode=named, align_corners=align_corners)
    ours = OPS["upsample"](x, **target, mode=named, align_corners=bool(align_corners))
    np.testing.assert_allclose(ours, theirs[0].numpy(), atol=1e-9)


@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize("target", [{"size": (11, 3)}, {"scale_factor": (2.5, 0.6)}, {"scale_factor": (1.1, 1.9)}])
def test_bicubic_equals_torch(target: Settings, align_corners: bool) -> None:
    torch = torch_or_skip()
    x = some_numbers(2, 5, 8)
    theirs = torch.nn.functional.interpolate(
        seen_by_torch(torch, x), **target, mode="bicubic", align_corners=align_corners
    )
    ours = OPS["upsample"](x, **target, mode="bicubic", align_corners=align_corners)
    np.testing.assert_allclose(ours, theirs[0].numpy(), atol=1e-9)


def test_linear_upsampling_that_keeps_the_size_copies_as_torch_does() -> None:
    torch = torch_or_skip()
    x = some_numbers(2, 3)
    theirs = torch.nn.functional.interpolate(seen_by_torch(torch, x), scale_factor=1.3, mode="linear")
    np.testing.assert_array_equal(theirs[0].numpy(), x)
    np.testing.assert_array_equal(OPS["upsample"](x, scale_factor=(1.3,), mode="linear"), x)


REFUSED = [
    pytest.param("reshape", (6, 2), {"shape": (5, 2)}, "reshape", id="reshape-count"),
    pytest.param("reshape", (6, 2), {"shape": (-1, 2)}, "in full", id="reshape-open"),
    pytest.param("flatten", (6,), {"start": "spatial"}, "spatial axes", id="flatten-flat"),
    pytest.param("flatten", (6, 2), {"start": "batch"}, "no such start", id="flatten-start"),
    pytest.param("pixel_shuffle", (6, 2, 2), {"upscale_factor": 2}, r"channels 6 .* 2\^2", id="shuffle"),
    pytest.param("pixel_shuffle", (6,), {"upscale_factor": 2}, "spatial axes", id="shuffle-flat"),
    pytest.param("pixel_unshuffle", (2, 6, 5), {"downscale_factor": 2}, "size 5", id="unshuffle"),
    pytest.param("channel_shuffle", (6, 2), {"groups": 4}, "channels 6 .* groups 4", id="channel-shuffle"),
    pytest.param("pad", (2, 3), {"padding": [(3, 0)], "mode": "reflect"}, "below the size 3", id="reflect"),
    pytest.param("pad", (2, 3), {"padding": [(0, 4)], "mode": "circular"}, "not pass the size 3", id="circular"),
    pytest.param("pad", (2, 3), {"padding": [(1, 1)], "mode": "mirror"}, "no such padding mode", id="pad-mode"),
    pytest.param("pad", (2, 3), {"padding": [(1, -1)]}, "negative", id="pad-negative"),
    pytest.param("crop", (2, 3), {"amount": [(1, 2)]}, "leaves nothing of size 3", id="crop-all"),
    pytest.param("crop", (2, 3), {"amount": [(-1, 2)]}, "negative", id="crop-negative"),
    pytest.param("crop", (2, 3), {"amount": [(1, 0)] * 2}, "one pair", id="crop-axes"),
    pytest.param("slice", (4, 3), {"channels": (2, 5)}, "within 4", id="slice-beyond"),
    pytest.param("slice", (4, 3), {"channels": (2, 2)}, "in order", id="slice-empty"),
    pytest.param("slice", (4, 3), {"channels": (-2, 3)}, "in order", id="slice-negative"),
    pytest.param("upsample", (2, 3), {}, "exactly one", id="upsample-nothing"),
    pytest.param("upsample", (2, 3), {"size": (3,), "scale_factor": (1.0,)}, "exactly one", id="upsample-both"),
    pytest.param("upsample", (2, 3), {"scale_factor": (0.3,)}, "at least one sample", id="upsample-to-0"),
    pytest.param("upsample", (2, 3), {"size": (3, 3)}, "argument 2", id="upsample-axes"),
    pytest.param("upsample", (2, 3), {"size": (3,), "mode": "bilinear"}, "not for 1", id="upsample-rank"),
    pytest.param("upsample", (2, 3), {"size": (3,), "mode": "area"}, "no such mode", id="upsample-mode"),
    pytest.param("upsample", (2, 3), {"size": (3,), "align_corners": True}, "nearest", id="upsample-corners"),
]


@pytest.mark.parametrize(("name", "shape", "settings", "message"), REFUSED)
def test_what_does_not_fit_is_refused(name: str, shape: Shape, settings: Settings, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        OPS[name](np.ones(shape), **settings)
