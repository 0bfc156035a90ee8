"""The reference's convolutions: values by hand and as PyTorch's, and the sum on ones as their MACs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from shapecalc.reference_ops import OPS
from shapecalc.reference_ops.arrays import Array
from tests.witness import seen_by_torch, some_numbers, torch_or_skip

Settings = Mapping[str, Any]
Shape = tuple[int, ...]


def plain(rank: int, **changed: Any) -> Settings:
    """The settings of a convolution that has none."""
    ones = (1,) * rank
    return {"stride": ones, "padding": [(0, 0)] * rank, "dilation": ones, "groups": 1, **changed}


def upward(rank: int, **changed: Any) -> Settings:
    return {**plain(rank), "output_padding": (0,) * rank, **changed}


def row(x: list[float]) -> Array:
    return np.array([x])


# input, weight, settings; the 1-D, 2-D and 3-D rows with every field unlike on every axis come first.
CONVS = [
    pytest.param((4, 11), (6, 2, 3), plain(1, stride=(2,), padding=[(2, 1)], dilation=(3,), groups=2), id="1d"),
    pytest.param(
        (2, 9, 14),
        (4, 1, 3, 2),
        plain(2, stride=(2, 3), padding=[(1, 2), (0, 3)], dilation=(2, 1), groups=2),
        id="2d",
    ),
    pytest.param(
        (2, 5, 6, 7),
        (3, 2, 1, 2, 3),
        plain(3, stride=(1, 2, 3), padding=[(0, 1), (2, 0), (1, 3)], dilation=(3, 2, 1)),
        id="3d",
    ),
    pytest.param((3, 5, 8), (6, 1, 2, 3), plain(2, groups=3), id="depthwise"),
    pytest.param((3, 5, 8), (2, 3, 5, 8), plain(2), id="one-window"),
    pytest.param((3, 5, 8), (2, 3, 1, 1), plain(2, stride=(3, 4)), id="stride-over-kernel"),
]


@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular"])
@pytest.mark.parametrize(("shape", "weight_shape", "settings"), CONVS)
def test_conv_equals_torch(shape: Shape, weight_shape: Shape, settings: Settings, mode: str) -> None:
    torch = torch_or_skip()
    x, weight, bias = some_numbers(*shape), some_numbers(*weight_shape), some_numbers(weight_shape[0])
    last_axis_first = [amount for pair in reversed(settings["padding"]) for amount in pair]
    torch_mode = "constant" if mode == "zeros" else mode
    padded = torch.nn.functional.pad(seen_by_torch(torch, x), last_axis_first, mode=torch_mode)
    theirs = getattr(torch.nn.functional, f"conv{len(shape) - 1}d")(
        padded,
        torch.from_numpy(weight),
        torch.from_numpy(bias),
        settings["stride"],
        0,
        settings["dilation"],
        settings["groups"],
    )
    ours = OPS["conv"](x, weight, bias, **settings, padding_mode=mode)
    np.testing.assert_allclose(ours, theirs[0].numpy(), atol=1e-9)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")  # it is slow, says torch
@pytest.mark.parametrize("kernel", [(3, 2), (4, 5), (1, 6)])
def test_same_padding_equals_torch_at_stride_1(kernel: tuple[int, int]) -> None:
    torch = torch_or_skip()
    x, weight = some_numbers(2, 7, 10), some_numbers(3, 2, *kernel)
    theirs = torch.nn.functional.conv2d(
        seen_by_torch(torch, x), torch.from_numpy(weight), padding="same", dilation=(2, 1)
    )
    ours = OPS["conv"](x, weight, **plain(2, padding="same", dilation=(2, 1)))
    np.testing.assert_allclose(ours, theirs[0].numpy(), atol=1e-9)


# input, kernel of ones, stride, dilation, output: ⌈n/stride⌉ values, the odd padding after.
SAME = [
    pytest.param([1, 2, 3, 4, 5], 2, 2, 1, [3, 7, 5], id="one-after"),
    pytest.param([1, 2, 3, 4], 3, 2, 1, [6, 7], id="not-torch's-padding-1"),
    pytest.param([1, 2, 3], 4, 1, 1, [6, 6, 5], id="one-before-two-after"),
    pytest.param([1, 2, 3, 4, 5], 1, 2, 1, [1, 3, 5], id="none"),
    pytest.param([1, 2, 3, 4], 2, 1, 3, [3, 5, 2, 3], id="dilated"),
]


@pytest.mark.parametrize(("x", "kernel", "stride", "dilation", "expected"), SAME)
def test_same_padding_by_hand(x: list[float], kernel: int, stride: int, dilation: int, expected: list[float]) -> None:
    settings = plain(1, stride=(stride,), dilation=(dilation,), padding="same")
    np.testing.assert_array_equal(OPS["conv"](row(x), np.ones((1, 1, kernel)), **settings), [expected])


def test_conv_by_hand_padded_above_and_right() -> None:
    x = np.array([[[1, 2, 3], [4, 5, 6]]])
    weight = np.array([[[[1, 10]]]])
    out = OPS["conv"](x, weight, **plain(2, stride=(2, 1), padding=[(1, 0), (0, 2)]))
    np.testing.assert_array_equal(out, [[[0, 0, 0, 0], [54, 65, 6, 0]]])


TRANSPOSES = [
    pytest.param(
        (4, 5),
        (4, 3, 3),
        upward(1, stride=(3,), padding=[(2, 2)], output_padding=(1,), dilation=(2,), groups=2),
        id="1d",
    ),
    pytest.param(
        (2, 4, 7),
        (2, 3, 3, 2),
        upward(2, stride=(2, 3), padding=[(1, 1), (0, 0)], output_padding=(1, 2), dilation=(1, 2), groups=2),
        id="2d",
    ),
    pytest.param(
        (2, 3, 4, 5),
        (2, 3, 2, 3, 1),
        upward(
            3,
            stride=(1, 2, 3),
            padding=[(0, 0), (2, 2), (0, 0)],
            output_padding=(0, 1, 2),
            dilation=(3, 2, 1),
        ),
        id="3d",
    ),
    pytest.param((3, 4, 6), (3, 1, 2, 2), upward(2, stride=(2, 2), groups=3), id="depthwise"),
    pytest.param((3, 4), (3, 2, 1), upward(1, stride=(3,)), id="holes"),
    pytest.param((3, 4), (3, 2, 2), upward(1, output_padding=(2,), dilation=(3,)), id="output-padding-below-dilation"),
]


@pytest.mark.parametrize(("shape", "weight_shape", "settings"), TRANSPOSES)
def test_conv_transpose_equals_torch(shape: Shape, weight_shape: Shape, settings: Settings) -> None:
    torch = torch_or_skip()
    x, weight = some_numbers(*shape), some_numbers(*weight_shape)
    bias = some_numbers(weight_shape[1] * settings["groups"])
    theirs = getattr(torch.nn.functional, f"conv_transpose{len(shape) - 1}d")(
        seen_by_torch(torch, x),
        torch.from_numpy(weight),
        torch.from_numpy(bias),
        settings["stride"],
        [before for before, _ in settings["padding"]],
        settings["output_padding"],
        settings["groups"],
        settings["dilation"],
    )
    ours = OPS["conv_transpose"](x, weight, bias, **settings)
    np.testing.assert_allclose(ours, theirs[0].numpy(), atol=1e-9)


# What [1, 2] spreads by [1, 10, 100] at stride 2 is [1, 10, 102, 20, 200].
SPREAD = [
    pytest.param((0, 0), 0, [1, 10, 102, 20, 200], id="plain"),
    pytest.param((1, 0), 0, [10, 102, 20, 200], id="cropped-before"),
    pytest.param((0, 2), 0, [1, 10, 102], id="cropped-after"),
    pytest.param((0, 0), 1, [1, 10, 102, 20, 200, 0], id="output-padding"),
    pytest.param((1, 1), 1, [10, 102, 20, 200], id="output-padding-gives-back-what-padding-took"),
]


@pytest.mark.parametrize(("padding", "output_padding", "expected"), SPREAD)
def test_conv_transpose_by_hand(padding: tuple[int, int], output_padding: int, expected: list[float]) -> None:
    settings = upward(1, stride=(2,), padding=[padding], output_padding=(output_padding,))
    out = OPS["conv_transpose"](row([1, 2]), np.array([[[1, 10, 100]]]), **settings)
    np.testing.assert_array_equal(out, [expected])


def test_separable_conv_is_depthwise_then_pointwise_in_torch() -> None:
    torch = torch_or_skip()
    x, depthwise, pointwise = some_numbers(3, 6, 9), some_numbers(6, 1, 3, 2), some_numbers(4, 6, 1, 1)
    bias = some_numbers(4)
    alone = torch.nn.functional.conv2d(
        seen_by_torch(torch, x), torch.from_numpy(depthwise), None, (2, 1), (0, 1), (1, 3), 3
    )
    theirs = torch.nn.functional.conv2d(alone, torch.from_numpy(pointwise), torch.from_numpy(bias))
    ours = OPS["separable_conv"](
        x, depthwise, pointwise, bias, stride=(2, 1), padding=[(0, 0), (1, 1)], dilation=(1, 3)
    )
    np.testing.assert_allclose(ours, theirs[0].numpy(), atol=1e-9)


MACS = [
    # 55 x 55 positions x 96 filters x 11 x 11 x 3 (Krizhevsky et al. 2012, conv1 on 227 x 227)
    pytest.param((3, 227, 227), (96, 3, 11, 11), plain(2, stride=(4, 4)), 105_415_200, id="alexnet-conv1"),
    # padded 7 x 8, windows 3 tall and 3 wide (dilated): 3 x 6 positions x 4 filters x 3 x 2 x 3
    pytest.param(
        (3, 5, 7),
        (4, 3, 3, 2),
        plain(2, stride=(2, 1), padding=[(1, 1), (0, 1)], dilation=(1, 2)),
        1296,
        id="asymmetric",
    ),
    # 4 positions x 8 filters x 3, each on one channel
    pytest.param((4, 6), (8, 1, 3), plain(1, groups=4), 96, id="depthwise"),
    # 2 x 3 x 4 positions x 3 filters x 2 x 2 x 2 x 2
    pytest.param((2, 3, 4, 5), (3, 2, 2, 2, 2), plain(3), 1152, id="3d"),
    # ⌈5/2⌉ positions x 2 filters x 4 x 1, padding counted
    pytest.param((1, 5), (2, 1, 4), plain(1, stride=(2,), padding="same"), 24, id="same"),
]


@pytest.mark.parametrize(("shape", "weight_shape", "settings", "macs"), MACS)
def test_conv_on_ones_sums_to_its_macs(shape: Shape, weight_shape: Shape, settings: Settings, macs: int) -> None:
    assert OPS["conv"](np.ones(shape), np.ones(weight_shape), **settings, padding_value=1.0).sum() == macs


TRANSPOSED_MACS = [
    # 3 x 5 inputs x 2 x 3 taps x 4 channels x 3 filters each
    pytest.param((4, 3, 5), (4, 3, 2, 3), upward(2, stride=(2, 3), groups=2), 1080, id="2d"),
    # 7 inputs x 3 taps x 2 channels x 5 filters; output_padding adds places, not work
    pytest.param((2, 7), (2, 5, 3), upward(1, stride=(4,), output_padding=(3,)), 210, id="output-padding"),
]


@pytest.mark.parametrize(("shape", "weight_shape", "settings", "macs"), TRANSPOSED_MACS)
def test_conv_transpose_on_ones_sums_to_its_macs(
    shape: Shape, weight_shape: Shape, settings: Settings, macs: int
) -> None:
    assert OPS["conv_transpose"](np.ones(shape), np.ones(weight_shape), **settings).sum() == macs


REFUSED = [
    pytest.param("conv", [(4, 9), (6, 4, 3)], plain(1, groups=2), r"shape \(6, 2, 3\)", id="weight-share"),
    pytest.param("conv", [(4, 9), (6, 4)], plain(1), "rank", id="weight-rank"),
    pytest.param("conv", [(4, 9, 9), (6, 4, 3)], plain(2), "rank", id="weight-rank-2d"),
    pytest.param("conv", [(4,), (6, 4)], plain(0), "spatial", id="flat-input"),
    pytest.param("conv", [(4, 9), (6, 4, 3), (1,)], plain(1), r"shape \(6,\)", id="bias-never-broadcast"),
    pytest.param("conv", [(4, 9), (6, 1, 3)], plain(1, groups=3), "in_channels 4", id="groups-in"),
    pytest.param("conv", [(4, 9), (5, 2, 3)], plain(1, groups=2), "out_channels 5", id="groups-out"),
    pytest.param("conv", [(4, 9), (6, 4, 3)], plain(1, groups=0), "groups 0", id="no-groups"),
    pytest.param("conv", [(4, 2), (6, 4, 3)], plain(1), "larger than its input", id="window"),
    pytest.param("conv", [(4, 9), (6, 4, 3)], plain(1, stride=(0,)), "at least 1", id="stride-0"),
    pytest.param("conv", [(4, 9), (6, 4, 3)], plain(1, stride=(-1,)), "at least 1", id="stride-negative"),
    pytest.param("conv", [(4, 9), (6, 4, 3)], plain(1, stride=(1, 1)), "1 axes", id="stride-axes"),
    pytest.param("conv", [(4, 9), (6, 4, 3)], plain(1, padding=[(-1, 0)]), "negative", id="padding-negative"),
    pytest.param("conv", [(4, 9), (6, 4, 3)], plain(1, padding=[]), "one pair", id="padding-axes"),
    pytest.param("conv_transpose", [(4, 9), (6, 4, 3)], upward(1), r"shape \(4, 4, 3\)", id="conv-layout"),
    pytest.param("conv_transpose", [(4, 9), (4, 2, 3, 3)], upward(1), "rank", id="transpose-rank"),
    pytest.param("conv_transpose", [(4, 9), (4, 2, 3)], upward(1, groups=3), "groups 3", id="transpose-groups"),
    pytest.param(
        "conv_transpose",
        [(4, 9), (4, 2, 3)],
        upward(1, stride=(2,), output_padding=(2,)),
        "below stride 2",
        id="output-padding",
    ),
    pytest.param("conv_transpose", [(4, 1), (4, 2, 3)], upward(1, padding=[(2, 1)]), "leaves nothing", id="crop-all"),
]


@pytest.mark.parametrize(("name", "shapes", "settings", "message"), REFUSED)
def test_what_does_not_fit_is_refused(name: str, shapes: list[Shape], settings: Settings, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        OPS[name](*map(np.ones, shapes), **settings)


PADDING_LIMITS = [("reflect", 4, 5), ("circular", 5, 6)]


@pytest.mark.parametrize(("mode", "most", "too_much"), PADDING_LIMITS)
def test_padding_mode_limits(mode: str, most: int, too_much: int) -> None:
    x, weight = some_numbers(1, 5), np.ones((1, 1, 1))
    assert OPS["conv"](x, weight, **plain(1, padding=[(0, most)]), padding_mode=mode).shape == (1, 5 + most)
    with pytest.raises(ValueError, match=f"{too_much}.*the size 5"):
        OPS["conv"](x, weight, **plain(1, padding=[(0, too_much)]), padding_mode=mode)


SEPARABLE_REFUSED = [
    pytest.param((3, 3, 3), (4, 3, 1), r"shape \(3, 1, 3\)", id="depthwise-share"),
    pytest.param((4, 1, 3), (4, 4, 1), "out_channels 4", id="multiplier-not-whole"),
    pytest.param((6, 1, 3), (4, 3, 1), r"shape \(4, 6, 1\)", id="pointwise-channels"),
    pytest.param((6, 1, 3), (4, 6, 2), r"shape \(4, 6, 1\)", id="pointwise-kernel"),
]


@pytest.mark.parametrize(("depthwise", "pointwise", "message"), SEPARABLE_REFUSED)
def test_separable_conv_refuses(depthwise: Shape, pointwise: Shape, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        OPS["separable_conv"](
            np.ones((3, 8)),
            np.ones(depthwise),
            np.ones(pointwise),
            stride=(1,),
            padding=[(0, 0)],
            dilation=(1,),
        )
