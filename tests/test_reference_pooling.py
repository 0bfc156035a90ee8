"""The reference's pools: values by hand and as PyTorch's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pytest

from shapecalc.reference_ops import OPS
from tests.witness import seen_by_torch, some_numbers, torch_or_skip

Settings = Mapping[str, Any]
Shape = tuple[int, ...]


def both_sides(padding: Shape) -> list[tuple[int, int]]:
    return [(amount, amount) for amount in padding]


class Windows(NamedTuple):
    """Settings per axis as torch takes them: the same padding on both sides."""

    kernel: Shape
    stride: Shape
    padding: Shape
    dilation: Shape


# Unlike on every axis, with windows that ceil_mode adds and windows that it drops.
WINDOWS = [
    pytest.param((2, 11), Windows((4,), (3,), (2,), (2,)), id="1d"),
    pytest.param((2, 8, 13), Windows((3, 4), (2, 5), (1, 2), (2, 1)), id="2d"),
    pytest.param((2, 9, 6, 11), Windows((2, 3, 4), (3, 2, 4), (1, 0, 2), (3, 1, 2)), id="3d"),
    pytest.param((2, 5, 4), Windows((3, 2), (3, 4), (1, 1), (1, 1)), id="last-window-in-right-padding"),
    pytest.param((2, 6), Windows((1,), (4,), (0,), (1,)), id="stride-over-kernel"),
]


@pytest.mark.parametrize("ceil_mode", [False, True])
@pytest.mark.parametrize(("shape", "windows"), WINDOWS)
def test_maxpool_equals_torch(shape: Shape, windows: Windows, ceil_mode: bool) -> None:
    torch = torch_or_skip()
    x = some_numbers(*shape) - 9.0  # all negative: padding with zeros would show
    pool = getattr(torch.nn.functional, f"max_pool{len(shape) - 1}d")
    theirs = pool(seen_by_torch(torch, x), *windows, ceil_mode)
    ours = OPS["maxpool"](
        x,
        kernel_size=windows.kernel,
        stride=windows.stride,
        padding=both_sides(windows.padding),
        dilation=windows.dilation,
        ceil_mode=ceil_mode,
    )
    np.testing.assert_array_equal(ours, theirs[0].numpy())


@pytest.mark.parametrize("ceil_mode", [False, True])
@pytest.mark.parametrize("count_include_pad", [False, True])
@pytest.mark.parametrize(("shape", "windows"), WINDOWS)
def test_avgpool_equals_torch(shape: Shape, windows: Windows, count_include_pad: bool, ceil_mode: bool) -> None:
    torch = torch_or_skip()
    x = some_numbers(*shape)
    pool = getattr(torch.nn.functional, f"avg_pool{len(shape) - 1}d")
    theirs = pool(seen_by_torch(torch, x), *windows[:3], ceil_mode, count_include_pad)
    ours = OPS["avgpool"](
        x,
        kernel_size=windows.kernel,
        stride=windows.stride,
        padding=both_sides(windows.padding),
        ceil_mode=ceil_mode,
        count_include_pad=count_include_pad,
    )
    np.testing.assert_allclose(ours, theirs[0].numpy(), atol=1e-9)


@pytest.mark.parametrize("ceil_mode", [False, True])
@pytest.mark.parametrize("norm_type", [1.0, 2.0, 3.0, 1.5])
@pytest.mark.parametrize(("shape", "windows"), WINDOWS)
def test_lppool_equals_torch(shape: Shape, windows: Windows, norm_type: float, ceil_mode: bool) -> None:
    torch = torch_or_skip()
    x = some_numbers(*shape)  # negatives give nan where the power is odd or broken
    rank = len(shape) - 1
    pool = getattr(torch.nn.functional, f"lp_pool{rank}d")
    size, step = (each if rank > 1 else each[0] for each in (windows.kernel, windows.stride))
    theirs = pool(seen_by_torch(torch, x), norm_type, size, step, ceil_mode)
    ours = OPS["lppool"](
        x,
        kernel_size=windows.kernel,
        stride=windows.stride,
        padding=[(0, 0)] * rank,
        ceil_mode=ceil_mode,
        norm_type=norm_type,
    )
    np.testing.assert_allclose(ours, theirs[0].numpy(), atol=1e-9)


def pool(kernel: int, stride: int, padding: tuple[int, int], **more: Any) -> Settings:
    return {"kernel_size": (kernel,), "stride": (stride,), "padding": [padding], **more}


BY_HAND = [
    pytest.param("maxpool", [1, 2, 3, 4, 5], pool(2, 2, (0, 0), dilation=(1,)), [2, 4], id="max-floor"),
    pytest.param(
        "maxpool",
        [1, 2, 3, 4, 5],
        pool(2, 2, (0, 0), dilation=(1,), ceil_mode=True),
        [2, 4, 5],
        id="max-ceil",
    ),
    # a window over the whole input and more: less than a stride is missing, so PyTorch takes it
    pytest.param("maxpool", [1, 2], pool(5, 4, (0, 0), dilation=(1,), ceil_mode=True), [2], id="max-ceil-wide"),
    pytest.param("maxpool", [-5, -1, -3], pool(2, 1, (1, 0), dilation=(1,)), [-5, -1, -1], id="max-before"),
    pytest.param("maxpool", [-5, -1, -3], pool(2, 1, (0, 1), dilation=(1,)), [-1, -1, -3], id="max-after"),
    pytest.param("maxpool", [1, 5, 2, 3], pool(2, 1, (0, 0), dilation=(2,)), [2, 5], id="max-dilated"),
    pytest.param("avgpool", [1, 2, 3, 4, 5], pool(2, 2, (0, 0), ceil_mode=True), [1.5, 3.5, 5], id="avg-ceil"),
    pytest.param("avgpool", [3, 6, 9, 12], pool(3, 2, (1, 0)), [3, 9], id="avg-before"),
    pytest.param("avgpool", [3, 6, 9, 12], pool(3, 2, (0, 1)), [6, 7], id="avg-after"),
    pytest.param("avgpool", [3, 6, 9, 12], pool(3, 2, (1, 0), count_include_pad=False), [4.5, 9], id="avg-real-only"),
    # the third window would start in the right padding
    pytest.param("avgpool", [3, 6, 9, 12, 15], pool(3, 3, (1, 1), ceil_mode=True), [3, 12], id="avg-dropped"),
    # the third window holds 18, one place of padding, and one beyond it, which is never counted
    pytest.param("avgpool", [3, 6, 9, 12, 15, 18], pool(3, 3, (1, 1), ceil_mode=True), [3, 12, 9], id="avg-hangs-over"),
    pytest.param(
        "avgpool",
        [3, 6, 9, 12, 15, 18],
        pool(3, 3, (1, 1), ceil_mode=True, count_include_pad=False),
        [4.5, 12, 18],
        id="avg-hangs-over-real-only",
    ),
    pytest.param("lppool", [3, 4, 0, 6, 8], pool(2, 3, (0, 0)), [5, 10], id="lp-2"),
    pytest.param("lppool", [3, 4, 6], pool(2, 1, (1, 0)), [3, 5, 52**0.5], id="lp-padding"),
    # 5 stands alone in a window of 2, and counts twice
    pytest.param(
        "lppool", [1, 2, 3, 4, 5], pool(2, 2, (0, 0), ceil_mode=True, norm_type=1.0), [3, 7, 10], id="lp-ceil"
    ),
    # bins of places 0-1, 1-3, 3-4
    pytest.param("adaptive_avgpool", [1, 2, 3, 4, 5], {"output_size": (3,)}, [1.5, 3, 4.5], id="adaptive-avg"),
    pytest.param("adaptive_maxpool", [1, 2, 3, 4, 5], {"output_size": (3,)}, [2, 4, 5], id="adaptive-max"),
    pytest.param("adaptive_maxpool", [7, 8], {"output_size": (3,)}, [7, 8, 8], id="adaptive-upwards"),
]


@pytest.mark.parametrize(("name", "x", "settings", "expected"), BY_HAND)
def test_pool_by_hand(name: str, x: list[float], settings: Settings, expected: list[float]) -> None:
    np.testing.assert_allclose(OPS[name](np.array([x], dtype=float), **settings), [expected], rtol=1e-12)


def test_maxpool_by_hand_unlike_on_every_axis() -> None:
    x = np.array([[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]])
    settings = {"kernel_size": (2, 3), "stride": (1, 2), "padding": [(0, 1), (1, 0)], "dilation": (1, 1)}
    np.testing.assert_array_equal(OPS["maxpool"](x, **settings), [[[6, 8], [6, 8]]])


ADAPTIVE = [
    pytest.param((2, 11), (4,), id="1d"),
    pytest.param((2, 7, 10), (3, 4), id="2d"),
    pytest.param((2, 7, 10), (None, 3), id="2d-keeps-height"),
    pytest.param((2, 5, 6, 7), (2, 4, 9), id="3d"),
    pytest.param((2, 5, 6, 7), (2, None, None), id="3d-keeps-two"),
]


@pytest.mark.parametrize("kind", ["avg", "max"])
@pytest.mark.parametrize(("shape", "output_size"), ADAPTIVE)
def test_adaptive_pool_equals_torch(kind: str, shape: Shape, output_size: tuple[int | None, ...]) -> None:
    torch = torch_or_skip()
    x = some_numbers(*shape)
    theirs = getattr(torch.nn.functional, f"adaptive_{kind}_pool{len(output_size)}d")(
        seen_by_torch(torch, x), output_size if len(output_size) > 1 else output_size[0]
    )
    ours = OPS[f"adaptive_{kind}pool"](x, output_size=output_size)
    np.testing.assert_allclose(ours, theirs[0].numpy(), atol=1e-12)


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("shape", [(2, 5), (2, 4, 5), (2, 3, 4, 5)])
def test_global_pool_equals_torch(shape: Shape, keepdims: bool) -> None:
    torch = torch_or_skip()
    x = some_numbers(*shape)
    axes = tuple(range(1, len(shape)))
    for name, theirs in (("global_avgpool", torch.mean), ("global_maxpool", torch.amax)):
        expected = theirs(torch.from_numpy(x), axes, keepdim=keepdims).numpy()
        np.testing.assert_allclose(OPS[name](x, keepdims=keepdims), expected, atol=1e-12)


REFUSED = [
    pytest.param("maxpool", (2, 9), pool(3, 1, (2, 0), dilation=(3,)), "half the kernel 3", id="max-wide-before"),
    pytest.param("maxpool", (2, 9), pool(3, 1, (0, 2), dilation=(1,)), "half the kernel 3", id="max-wide-after"),
    pytest.param("avgpool", (2, 9), pool(3, 1, (2, 2)), "half the kernel 3", id="avg-wide"),
    pytest.param("lppool", (2, 9), pool(1, 1, (1, 0)), "half the kernel 1", id="lp-wide"),
    pytest.param("maxpool", (2, 3), pool(4, 1, (0, 0), dilation=(1,)), "larger than its input", id="window"),
    pytest.param("maxpool", (2, 3), pool(2, 1, (0, 0), dilation=(3,)), "larger than its input", id="window-dilated"),
    pytest.param(
        "maxpool",
        (2, 2),
        pool(5, 3, (0, 0), dilation=(1,), ceil_mode=True),
        "larger than its input",
        id="ceil",
    ),
    pytest.param("avgpool", (2, 9, 9), pool(3, 1, (0, 0)), "one pair", id="axes"),
    pytest.param("avgpool", (2,), pool(3, 1, (0, 0)), "spatial", id="flat"),
    pytest.param("global_avgpool", (2,), {}, "spatial", id="global-flat"),
    pytest.param("global_maxpool", (2,), {}, "spatial", id="global-max-flat"),
    pytest.param("adaptive_avgpool", (2, 9), {"output_size": (3, 3)}, "one entry per axis", id="adaptive-axes"),
    pytest.param("adaptive_maxpool", (2, 9), {"output_size": (0,)}, "at least 1", id="adaptive-0"),
]


@pytest.mark.parametrize(("name", "shape", "settings", "message"), REFUSED)
def test_what_does_not_fit_is_refused(name: str, shape: Shape, settings: Settings, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        OPS[name](np.ones(shape), **settings)
