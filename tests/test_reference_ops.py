"""The reference as a whole, and its small families: fully connected, merges."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from shapecalc.reference_ops import OPS
from tests.witness import seen_by_torch, some_numbers, torch_or_skip

TYPES = """
conv conv_transpose separable_conv maxpool avgpool lppool adaptive_avgpool adaptive_maxpool
global_avgpool global_maxpool fc flatten reshape batchnorm layernorm rmsnorm groupnorm instancenorm
lrn dropout stochastic_depth relu relu6 leaky_relu prelu elu selu celu gelu silu mish hardswish
hardsigmoid hardtanh sigmoid tanh softplus softsign softmax log_softmax glu upsample pixel_shuffle
pixel_unshuffle channel_shuffle pad crop slice scale identity attention window_attention
embedding class_token position_embedding select_token rnn lstm gru add multiply concat
"""


def test_every_layer_type_of_the_design_has_an_op_except_custom() -> None:
    assert set(OPS) == set(TYPES.split())


def test_torch_is_skipped_where_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception):
        torch_or_skip()


def test_torch_must_be_there_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(ImportError):
        torch_or_skip()


@pytest.mark.parametrize("shape", [(5,), (5, 4), (5, 4, 3), (5, 4, 3, 2)])
def test_fc_equals_torch(shape: tuple[int, ...]) -> None:
    torch = torch_or_skip()
    x, weight, bias = some_numbers(*shape), some_numbers(7, 5), some_numbers(7)
    theirs = torch.nn.functional.linear(
        seen_by_torch(torch, x).movedim(1, -1), torch.from_numpy(weight), torch.from_numpy(bias)
    )
    ours = OPS["fc"](x, weight, bias, per_position=len(shape) > 1)
    np.testing.assert_allclose(ours, theirs.movedim(-1, 1)[0].numpy(), rtol=1e-9)


def test_fc_on_ones_sums_to_its_multiply_accumulates() -> None:
    assert OPS["fc"](np.ones(784), np.ones((10, 784))).sum() == 7840


MERGES = [
    pytest.param("add", [[[1, 2]], [[10, 20]], [[100, 200]]], [[111, 222]], id="add"),
    pytest.param("add", [[[1, 2]], [[10]]], [[11, 12]], id="add-repeats-size-1"),
    pytest.param("multiply", [[[1, 2], [3, 4]], [[10], [100]]], [[10, 20], [300, 400]], id="gate"),
    pytest.param("multiply", [[2, 3], [4, 5]], [8, 15], id="multiply-flat"),
    pytest.param("concat", [[[1, 2]], [[3, 4], [5, 6]]], [[1, 2], [3, 4], [5, 6]], id="concat"),
    pytest.param("concat", [[1], [2, 3]], [1, 2, 3], id="concat-flat"),
]


@pytest.mark.parametrize(("name", "inputs", "expected"), MERGES)
def test_merge_by_hand(name: str, inputs: list[object], expected: list[object]) -> None:
    np.testing.assert_array_equal(OPS[name](*map(np.array, inputs)), expected)


def test_concat_on_a_spatial_axis() -> None:
    assert OPS["concat"](np.ones((2, 3, 4)), np.ones((2, 5, 4)), axis=1).shape == (2, 8, 4)


def test_scale_by_hand() -> None:
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_array_equal(OPS["scale"](x, np.array([10.0, -1.0])), [[10, 20], [-3, -4]])


REFUSED = [
    pytest.param("fc", [(5, 4), (7, 5)], "flat vector", id="fc-not-flat"),
    pytest.param("fc", [(5,), (7, 4)], r"shape \(7, 5\)", id="fc-weight"),
    pytest.param("fc", [(5,), (7, 5), (1,)], r"shape \(7,\)", id="fc-bias-never-broadcast"),
    pytest.param("scale", [(5, 4), (1,)], r"shape \(5,\)", id="scale-weight"),
    pytest.param("add", [(2, 3), (1, 3)], "same channels", id="add-channels"),
    pytest.param("add", [(2, 3), (2, 2)], "broadcast", id="add-sizes"),
    pytest.param("multiply", [(2, 3), (2,)], "one rank", id="multiply-rank"),
    pytest.param("concat", [(2, 3), (2, 4)], "must match", id="concat-sizes"),
]


@pytest.mark.parametrize(("name", "shapes", "message"), REFUSED)
def test_what_does_not_fit_is_refused(name: str, shapes: list[tuple[int, ...]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        OPS[name](*map(np.ones, shapes))
