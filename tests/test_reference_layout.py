"""The reference's memory: inputs in any layout, channels that stay last, types kept."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from shapecalc.forward import buffers, parameters, run
from shapecalc.layers import LAYERS
from shapecalc.reference_ops import OPS
from shapecalc.reference_ops.activation import erf
from shapecalc.reference_ops.arrays import Array, channels_first, channels_last
from tests.cases import CASES, Case
from tests.test_cases import layer
from tests.witness import some_numbers

Settings = Mapping[str, Any]
Shape = tuple[int, ...]

MERGES = ("add", "multiply", "concat")
KNOWN = [case for case in CASES if case.type != "custom"]


def with_channels_last(x: Array) -> Array:
    """The same array, its channels last in memory."""
    return channels_first(np.ascontiguousarray(channels_last(x)))


def stands_channels_last(x: Array) -> bool:
    return bool(channels_last(x).flags.c_contiguous)


# ---- every op ----


def executed(case: Case, x: Array) -> Array:
    shapes = {**parameters(layer(case), case.in_shape), **buffers(layer(case), case.in_shape)}
    arrays = {name: np.abs(some_numbers(*shape)).astype(np.float32) for name, shape in shapes.items()}
    if "relative_position_index" in arrays:
        arrays["relative_position_index"] *= 0
    return run(layer(case), x, arrays)


def some_input(case: Case) -> Array:
    """Numbers without a pattern; ids where those are looked up."""
    x = some_numbers(*case.in_shape).astype(np.float32)
    return np.arange(x.size) % int(case.fields["num_embeddings"]) if case.type == "embedding" else x


def test_every_op_is_among_the_cases_and_the_merges() -> None:
    assert {case.type for case in KNOWN} | {*MERGES} == set(OPS) == {*LAYERS, *MERGES} - {"custom"}


@pytest.mark.parametrize("case", KNOWN, ids=str)
@pytest.mark.filterwarnings("ignore:invalid value encountered in power")
def test_an_op_takes_any_layout_keeps_the_type_and_leaves_its_input(case: Case) -> None:
    x = some_input(case)
    kept, expected = x.copy(), executed(case, x)
    out = executed(case, with_channels_last(x))
    assert expected.dtype == out.dtype == np.float32
    np.testing.assert_allclose(out, expected, rtol=2e-5, atol=2e-5)
    np.testing.assert_array_equal(x, kept)


@pytest.mark.parametrize("name", MERGES)
def test_a_merge_takes_any_layout_and_keeps_the_type(name: str) -> None:
    x = some_numbers(3, 4, 5).astype(np.float32)
    out = OPS[name](with_channels_last(x), with_channels_last(2 * x))
    assert out.dtype == np.float32
    assert stands_channels_last(out)
    np.testing.assert_array_equal(out, OPS[name](x, 2 * x))


PLAIN: Settings = {"stride": (1, 1), "padding": [(1, 1)] * 2, "dilation": (1, 1)}
KERNEL: Settings = {"kernel_size": (3, 3), "stride": (2, 2), "padding": [(1, 1)] * 2}

# op, shapes of its arrays, settings
LAYOUT_KEPT: list[tuple[str, list[Shape], Settings]] = [
    ("conv", [(4, 6, 3, 3)], {**PLAIN, "groups": 1}),
    ("conv", [(6, 1, 3, 3)], {**PLAIN, "groups": 6}),
    ("conv", [(4, 3, 1, 1)], {**PLAIN, "groups": 2}),
    ("conv_transpose", [(6, 4, 3, 3)], {**PLAIN, "padding": [(0, 0)] * 2, "output_padding": (0, 0), "groups": 1}),
    ("fc", [(4, 6), (4,)], {"per_position": True}),
    ("maxpool", [], {**KERNEL, "dilation": (1, 1)}),
    ("avgpool", [], KERNEL),
    ("adaptive_avgpool", [], {"output_size": (2, 3)}),
    ("batchnorm", [(6,)] * 4, {}),
    ("layernorm", [(6,)] * 2, {}),
    ("groupnorm", [(6,)] * 2, {"num_groups": 2}),
    ("lrn", [], {"size": 3}),
    ("scale", [(6,)], {}),
    ("relu", [], {}),
    ("silu", [], {}),
    ("gelu", [], {}),
    ("softmax", [], {}),
    ("channel_shuffle", [], {"groups": 2}),
    ("pixel_unshuffle", [], {"downscale_factor": 2}),
    ("pad", [], {"padding": [(1, 2)] * 2}),
    ("upsample", [], {"size": (9, 9), "mode": "bilinear"}),
]


@pytest.mark.parametrize(("name", "shapes", "settings"), LAYOUT_KEPT)
def test_channels_that_stand_last_stay_there(name: str, shapes: list[Shape], settings: Settings) -> None:
    x = with_channels_last(some_numbers(6, 8, 10))
    assert stands_channels_last(OPS[name](x, *(np.abs(some_numbers(*shape)) for shape in shapes), **settings))


def test_many_pieces_are_one_array() -> None:
    x = some_numbers(3, 300, 200)
    for each in (x, with_channels_last(x), x[:, ::-2, 3:]):
        rows = np.stack([OPS["gelu"](row) for row in each[1]])
        np.testing.assert_allclose(OPS["gelu"](each)[1], rows, rtol=1e-14)


def test_the_error_function_is_the_librarys() -> None:
    x = np.concatenate([np.linspace(-6.5, 6.5, 20_001), [1e-300, -1e9, math.inf]])
    np.testing.assert_allclose(erf(x), [math.erf(each) for each in x], rtol=0, atol=1e-13)
    assert np.isnan(erf(np.array([math.nan])))
