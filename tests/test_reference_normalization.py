"""The reference's normalisations: values as PyTorch's, and the weight shapes that it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from shapecalc.reference_ops import OPS
from shapecalc.reference_ops.arrays import Array
from tests.witness import seen_by_torch, some_numbers, torch_or_skip

Shape = tuple[int, ...]

SPATIAL: list[Shape] = [(6, 5), (6, 4, 5), (6, 2, 4, 5)]
SHAPES: list[Shape] = [(6,), *SPATIAL]


def tensors(torch: Any, *values: Array | None) -> list[Any]:
    return [None if value is None else torch.from_numpy(value) for value in values]


def affine(shape: Shape, kind: str) -> tuple[Array | None, Array | None]:
    """A weight and a bias, or as many of them as `kind` says."""
    weight, bias = some_numbers(*shape), some_numbers(*shape) + 1.0
    return {"both": (weight, bias), "weight": (weight, None), "neither": (None, None)}[kind]


@pytest.mark.parametrize("kind", ["both", "weight", "neither"])
@pytest.mark.parametrize("shape", SHAPES)
def test_batchnorm_with_running_statistics_equals_torch(shape: Shape, kind: str) -> None:
    torch = torch_or_skip()
    x, mean, var = some_numbers(*shape), some_numbers(6), np.linspace(0.5, 3.0, 6)
    weight, bias = affine((6,), kind)
    theirs = torch.nn.functional.batch_norm(seen_by_torch(torch, x), *tensors(torch, mean, var, weight, bias), eps=0.1)
    ours = OPS["batchnorm"](x, mean, var, weight, bias, eps=0.1)
    np.testing.assert_allclose(ours, theirs[0].numpy(), atol=1e-9)


@pytest.mark.parametrize("kind", ["both", "weight", "neither"])
@pytest.mark.parametrize("op", ["batchnorm", "instancenorm"])
@pytest.mark.parametrize("shape", SPATIAL)
def test_norm_without_running_statistics_takes_its_own(op: str, shape: Shape, kind: str) -> None:
    torch = torch_or_skip()
    x = some_numbers(*shape)
    weight, bias = affine((6,), kind)
    w, b = tensors(torch, weight, bias)
    theirs = torch.nn.functional.instance_norm(seen_by_torch(torch, x), weight=w, bias=b)
    np.testing.assert_allclose(OPS[op](x, weight=weight, bias=bias), theirs[0].numpy(), atol=1e-9)


def test_instancenorm_with_running_statistics_equals_torch() -> None:
    torch = torch_or_skip()
    x, mean, var = some_numbers(6, 4, 5), some_numbers(6), np.linspace(0.5, 3.0, 6)
    theirs = torch.nn.functional.instance_norm(
        seen_by_torch(torch, x), *tensors(torch, mean, var), use_input_stats=False
    )
    np.testing.assert_allclose(OPS["instancenorm"](x, mean, var), theirs[0].numpy(), atol=1e-9)


@pytest.mark.parametrize("kind", ["both", "weight", "neither"])
@pytest.mark.parametrize("over", ["channels", "all", "spatial"])
@pytest.mark.parametrize("shape", SPATIAL)
def test_layernorm_equals_torch(shape: Shape, over: str, kind: str) -> None:
    torch = torch_or_skip()
    x = some_numbers(*shape)
    normalised = {"channels": shape[:1], "all": shape, "spatial": shape[1:]}[over]
    weight, bias = affine(normalised, kind)
    seen = seen_by_torch(torch, x)
    placed = seen.movedim(1, -1) if over == "channels" else seen
    theirs = torch.nn.functional.layer_norm(placed, normalised, *tensors(torch, weight, bias), 0.1)
    back = theirs.movedim(-1, 1) if over == "channels" else theirs
    ours = OPS["layernorm"](x, weight, bias, over=over, eps=0.1)
    np.testing.assert_allclose(ours, back[0].numpy(), atol=1e-9)


@pytest.mark.parametrize("eps", [None, 0.1])
@pytest.mark.parametrize("over", ["channels", "all", "spatial"])
@pytest.mark.parametrize("shape", SPATIAL)
def test_rmsnorm_equals_torch(shape: Shape, over: str, eps: float | None) -> None:
    torch = torch_or_skip()
    x = some_numbers(*shape)
    normalised = {"channels": shape[:1], "all": shape, "spatial": shape[1:]}[over]
    weight, _ = affine(normalised, "both")
    seen = seen_by_torch(torch, x)
    placed = seen.movedim(1, -1) if over == "channels" else seen
    theirs = torch.nn.functional.rms_norm(placed, normalised, *tensors(torch, weight), eps)
    back = theirs.movedim(-1, 1) if over == "channels" else theirs
    np.testing.assert_allclose(OPS["rmsnorm"](x, weight, over=over, eps=eps), back[0].numpy(), atol=1e-9)


@pytest.mark.parametrize("kind", ["both", "weight", "neither"])
@pytest.mark.parametrize("num_groups", [1, 2, 3, 6])
@pytest.mark.parametrize("shape", SPATIAL)
def test_groupnorm_equals_torch(shape: Shape, num_groups: int, kind: str) -> None:
    torch = torch_or_skip()
    x = some_numbers(*shape)
    weight, bias = affine((6,), kind)
    theirs = torch.nn.functional.group_norm(seen_by_torch(torch, x), num_groups, *tensors(torch, weight, bias), 0.1)
    ours = OPS["groupnorm"](x, weight, bias, num_groups=num_groups, eps=0.1)
    np.testing.assert_allclose(ours, theirs[0].numpy(), atol=1e-9)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("shape", SPATIAL)
def test_lrn_equals_torch(shape: Shape, size: int) -> None:
    torch = torch_or_skip()
    x = some_numbers(*shape)
    theirs = torch.nn.functional.local_response_norm(seen_by_torch(torch, x), size, 0.3, 0.6, 1.5)
    ours = OPS["lrn"](x, size=size, alpha=0.3, beta=0.6, k=1.5)
    np.testing.assert_allclose(ours, theirs[0].numpy(), atol=1e-9)


BY_HAND = [
    # mean 2, variance 1
    pytest.param("layernorm", [[1, 5], [3, 9]], {"eps": 0.0}, [[-1, -1], [1, 1]], id="layernorm-channels"),
    pytest.param(
        "layernorm",
        [[1, 3], [5, 9]],
        {"eps": 0.0, "over": "spatial"},
        [[-1, 1], [-1, 1]],
        id="layernorm-spatial",
    ),
    # root mean square of 1 and 7 is 5
    pytest.param("rmsnorm", [1, 7], {"eps": 0.0}, [0.2, 1.4], id="rmsnorm-flat"),
    # even size: the channel itself and the one before; 3 / (1 + (9 + 9)/2), 3 / (1 + 9/2)
    pytest.param(
        "lrn", [[3], [3]], {"size": 2, "alpha": 1.0, "beta": 1.0, "k": 1.0}, [[3 / 5.5], [0.3]], id="lrn-even"
    ),
    pytest.param("dropout", [1, 2], {"p": 0.9}, [1, 2], id="dropout"),
    pytest.param("stochastic_depth", [[1], [2]], {"p": 0.9}, [[1], [2]], id="stochastic-depth"),
]


@pytest.mark.parametrize(("name", "x", "settings", "expected"), BY_HAND)
def test_norm_by_hand(name: str, x: list[Any], settings: Mapping[str, Any], expected: list[Any]) -> None:
    np.testing.assert_allclose(OPS[name](np.array(x, dtype=float), **settings), expected, atol=1e-12)


PER_CHANNEL = r"shape \(6,\), not"

REFUSED = [
    pytest.param("batchnorm", {"mean": (6,)}, {}, "go together", id="mean-without-var"),
    pytest.param("batchnorm", {"mean": (5,), "var": (6,)}, {}, PER_CHANNEL, id="mean"),
    pytest.param("batchnorm", {"mean": (6,), "var": (1,)}, {}, PER_CHANNEL, id="var-never-broadcast"),
    pytest.param("batchnorm", {"weight": (6, 1)}, {}, PER_CHANNEL, id="batchnorm-weight"),
    pytest.param("batchnorm", {"bias": ()}, {}, PER_CHANNEL, id="batchnorm-bias"),
    pytest.param("groupnorm", {}, {"num_groups": 4}, "channels 6 .* num_groups 4", id="groups"),
    pytest.param("groupnorm", {"weight": (2,)}, {"num_groups": 2}, PER_CHANNEL, id="groupnorm-weight"),
    pytest.param("layernorm", {"weight": (4, 5)}, {}, PER_CHANNEL, id="layernorm-weight"),
    pytest.param("layernorm", {"bias": (6,)}, {"over": "all"}, r"shape \(6, 4, 5\), not", id="layernorm-bias"),
    pytest.param("rmsnorm", {"weight": (5,)}, {"over": "spatial"}, r"shape \(4, 5\), not", id="rms-last-axis"),
    pytest.param("layernorm", {}, {"over": "batch"}, "no such axes", id="over"),
    pytest.param("lrn", {}, {"size": 0}, "at least 1", id="lrn-size"),
    pytest.param("dropout", {}, {"p": 1.1}, "between 0 and 1", id="dropout-p"),
]


@pytest.mark.parametrize(("name", "arrays", "settings", "message"), REFUSED)
def test_what_does_not_fit_is_refused(
    name: str, arrays: Mapping[str, Shape], settings: Mapping[str, Any], message: str
) -> None:
    given = {key: np.ones(shape) for key, shape in arrays.items()}
    with pytest.raises(ValueError, match=message):
        OPS[name](np.ones((6, 4, 5)), **given, **settings)


FLAT_OR_SINGLE = [
    pytest.param("instancenorm", (6, 1, 1), {}, "more than one place", id="one-place"),
    pytest.param("instancenorm", (6,), {}, "spatial axes", id="instancenorm-flat"),
    pytest.param("layernorm", (6,), {"over": "spatial"}, "spatial axes", id="layernorm-flat"),
    pytest.param("lrn", (6,), {"size": 3}, "spatial axes", id="lrn-flat"),
]


@pytest.mark.parametrize(("name", "shape", "settings", "message"), FLAT_OR_SINGLE)
def test_too_few_places_are_refused(name: str, shape: Shape, settings: Mapping[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        OPS[name](np.ones(shape), **settings)
