"""Recurrent layers by the reference: values as PyTorch's RNN, LSTM and GRU, step by step and at the end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from shapecalc.reference_ops import OPS
from shapecalc.reference_ops.arrays import Array
from tests.witness import some_numbers, torch_or_skip

CLASSES = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU"}
LENGTH = 5


def module(kind: str, **own: Any) -> Any:
    """PyTorch's, for sequences of 3 channels, with the weights that it draws."""
    torch = torch_or_skip()
    torch.manual_seed(len(str(own)))
    return getattr(torch.nn, CLASSES[kind])(3, 4, dtype=torch.float64, batch_first=True, **own)


def arrays(theirs: Any) -> dict[str, Array]:
    return {name: value.detach().numpy() for name, value in theirs.named_parameters()}


def outputs(theirs: Any, x: Array) -> tuple[Array, Array]:
    """The sequence `(C, L)`, and the last layer's last state, each direction after the other."""
    torch = torch_or_skip()
    with torch.no_grad():
        sequence, states = theirs(torch.from_numpy(x.T.copy())[None])
    last = states[0] if isinstance(states, tuple) else states
    return sequence[0].numpy().T, last[-2 if theirs.bidirectional else -1 :, 0].numpy().ravel()


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize(("kind", "own"), [("rnn", {}), ("gru", {}), ("lstm", {}), ("lstm", {"proj_size": 2})])
def test_values_equal_torch(kind: str, own: dict[str, int], layers: int, bidirectional: bool, bias: bool) -> None:
    theirs = module(kind, num_layers=layers, bidirectional=bidirectional, bias=bias, **own)
    x, settings = some_numbers(3, LENGTH), {"num_layers": layers, "bidirectional": bidirectional}
    for expected, return_sequence in zip(outputs(theirs, x), (True, False), strict=True):
        ours = OPS[kind](x, return_sequence=return_sequence, **settings, **arrays(theirs))
        np.testing.assert_allclose(ours, expected, atol=1e-9)


@pytest.mark.parametrize("kind", CLASSES)
def test_one_bias_is_the_other_left_at_zero(kind: str) -> None:
    theirs = module(kind)
    held = arrays(theirs)
    held["bias_hh_l0"][:] = 0.0  # shared with the module
    x, settings = some_numbers(3, LENGTH), {"num_layers": 1, "bidirectional": False, "return_sequence": True}
    one = {name: value for name, value in held.items() if name != "bias_hh_l0"}
    np.testing.assert_allclose(OPS[kind](x, **settings, **one), outputs(theirs, x)[0], atol=1e-9)
