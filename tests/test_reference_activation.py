"""The reference's activations: values as PyTorch's, also far out, where a naive formula overflows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from shapecalc.reference_ops import OPS
from shapecalc.reference_ops.arrays import Array
from tests.witness import seen_by_torch, some_numbers, torch_or_skip

# op, its settings; the same name and settings in torch.nn.functional.
ELEMENTWISE: list[tuple[str, Mapping[str, Any]]] = [
    ("relu", {}),
    ("relu6", {}),
    ("leaky_relu", {}),
    ("leaky_relu", {"negative_slope": 0.2}),
    ("elu", {}),
    ("elu", {"alpha": 0.7}),
    ("selu", {}),
    ("celu", {}),
    ("celu", {"alpha": 0.7}),
    ("gelu", {}),
    ("gelu", {"approximate": "tanh"}),
    ("silu", {}),
    ("mish", {}),
    ("hardswish", {}),
    ("hardsigmoid", {}),
    ("hardtanh", {}),
    ("hardtanh", {"min_val": -2.0, "max_val": 0.5}),
    ("sigmoid", {}),
    ("tanh", {}),
    ("softplus", {}),
    ("softplus", {"beta": 2.0}),
    ("softsign", {}),
]


def far_and_near(*shape: int) -> Array:
    """Values around 0 with the ends, the kinks and the overflows among them."""
    x = 4.0 * some_numbers(*shape)
    x.flat[:10] = [0.0, -1000.0, 1000.0, -3.0, 3.0, 6.0, -1.0, 1.0, 1e-9, -1e-9]
    return x


@pytest.mark.parametrize(("name", "settings"), ELEMENTWISE)
def test_activation_equals_torch(name: str, settings: Mapping[str, Any]) -> None:
    torch = torch_or_skip()
    x = far_and_near(6, 7, 8)
    theirs = getattr(torch.nn.functional, name)(torch.from_numpy(x), **settings)
    np.testing.assert_allclose(OPS[name](x, **settings), theirs.numpy(), rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("shape", [(12,), (6, 7), (4, 3, 5), (4, 3, 2, 5)])
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "glu"])
def test_activation_over_channels_equals_torch(name: str, shape: tuple[int, ...]) -> None:
    torch = torch_or_skip()
    x = far_and_near(*shape)
    theirs = getattr(torch.nn.functional, name)(seen_by_torch(torch, x), dim=1)
    np.testing.assert_allclose(OPS[name](x), theirs[0].numpy(), atol=1e-9)


@pytest.mark.parametrize("slopes", [1, 4])
@pytest.mark.parametrize("shape", [(4,), (4, 3), (4, 3, 5), (4, 3, 2, 5)])
def test_prelu_equals_torch(shape: tuple[int, ...], slopes: int) -> None:
    torch = torch_or_skip()
    x, weight = some_numbers(*shape), some_numbers(slopes)
    theirs = torch.nn.functional.prelu(seen_by_torch(torch, x), torch.from_numpy(weight))
    np.testing.assert_allclose(OPS["prelu"](x, weight), theirs[0].numpy(), atol=1e-12)


BY_HAND = [
    pytest.param("hardswish", {}, [-4, -3, 0, 3, 4], [0, 0, 0, 3, 4], id="hardswish"),
    pytest.param("softsign", {}, [-3, 0, 1], [-0.75, 0, 0.5], id="softsign"),
    pytest.param("sigmoid", {}, [-1e6, 0, 1e6], [0, 0.5, 1], id="sigmoid"),
    pytest.param("softmax", {}, [5, 5, 5, 5], [0.25] * 4, id="softmax"),
    pytest.param("glu", {}, [3, 8, 0, 1e6], [1.5, 8], id="glu"),
    # the normal distribution function at 1.96 is 0.9750021, at -1.96 it is 0.0249979
    pytest.param("gelu", {}, [1.96, -1.96], [1.9110041, -0.0489959], id="gelu"),
]


@pytest.mark.parametrize(("name", "settings", "x", "expected"), BY_HAND)
def test_activation_by_hand(name: str, settings: Mapping[str, Any], x: list[float], expected: list[float]) -> None:
    np.testing.assert_allclose(OPS[name](np.array(x, dtype=float), **settings), expected, atol=1e-6)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(4,\), not \(2,\)"):
        OPS["prelu"](np.ones((4, 3)), np.ones(2))
    with pytest.raises(ValueError, match="channels 3 must be divisible by 2"):
        OPS["glu"](np.ones((3, 4)))
    with pytest.raises(ValueError, match="no such approximation: erf"):
        OPS["gelu"](np.ones(3), approximate="erf")
