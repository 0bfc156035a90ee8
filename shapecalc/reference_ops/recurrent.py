"""Recurrent layers, step by step. Source: the equations in PyTorch's RNN, LSTM and GRU, whose names the arrays have.

`weight_ih_l0` `(gates*hidden, C)`, `weight_hh_l0` `(gates*hidden, state)`, `bias_ih_l0`, `bias_hh_l0`
`(gates*hidden,)`, and an LSTM's `weight_hr_l0` `(state, hidden)`, for each layer; `..._reverse` backwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TypeAlias

import numpy as np

from shapecalc.reference_ops.activation import sigmoid
from shapecalc.reference_ops.arrays import Array, require, require_shape, spatial_rank

Own: TypeAlias = Mapping[str, Array]
"""The arrays of one layer in one direction, by their first two words."""

Steps: TypeAlias = Callable[[Array, Own], Iterator[Array]]
"""The states, `(state,)` after each step, on `(C, L)`."""


def _parts(own: Own, which: str, values: Array, gates: int) -> Array:
    """What each gate makes of inputs (`ih`) or states (`hh`) `(..., C)`, with its bias: `(..., gates, hidden)`."""
    weight, bias = own[f"weight_{which}"], own.get(f"bias_{which}")
    require_shape(f"weight_{which}", weight, (*weight.shape[:1], *values.shape[-1:]))
    require(weight.shape[0] % gates == 0, f"{weight.shape[0]} rows do not make {gates} gates")
    out = values @ weight.T
    if bias is not None:
        require_shape(f"bias_{which}", bias, weight.shape[:1])
        out = out + bias
    return out.reshape(*values.shape[:-1], gates, -1)


def _start(own: Own, gates: int) -> Array:
    """A state of zeros, as wide as one gate; where it is projected, as the projection's output."""
    rows = own["weight_ih"].shape[0]
    require(rows % gates == 0, f"{rows} rows do not make {gates} gates")
    require_shape("weight_hh", own["weight_hh"], (rows, *own["weight_hh"].shape[1:]))
    return np.zeros(rows // gates, own["weight_hh"].dtype)


def _rnn_steps(x: Array, own: Own) -> Iterator[Array]:
    state = _start(own, 1)
    for (incoming,) in _parts(own, "ih", x.T, 1):
        (kept,) = _parts(own, "hh", state, 1)
        state = np.tanh(incoming + kept)
        yield state


def _gru_steps(x: Array, own: Own) -> Iterator[Array]:
    state = _start(own, 3)
    for r, z, n in _parts(own, "ih", x.T, 3):
        hr, hz, hn = _parts(own, "hh", state, 3)
        new = np.tanh(n + sigmoid(r + hr) * hn)
        update = sigmoid(z + hz)
        state = (1.0 - update) * new + update * state
        yield state


def _lstm_steps(x: Array, own: Own) -> Iterator[Array]:
    cell = _start(own, 4)
    projection = own.get("weight_hr")
    if projection is not None:
        require_shape("weight_hr", projection, (*projection.shape[:1], *cell.shape))
    state = cell if projection is None else projection @ cell
    for incoming in _parts(own, "ih", x.T, 4):
        i, f, g, o = incoming + _parts(own, "hh", state, 4)
        cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(g)
        hidden = sigmoid(o) * np.tanh(cell)
        state = hidden if projection is None else projection @ hidden
        yield state


def _run(
    x: Array,
    *,
    steps: Steps,
    num_layers: int,
    bidirectional: bool,
    return_sequence: bool,
    **arrays: Array,
) -> Array:
    """The states of the last layer `(directions*state, L)`, or of each direction its last `(directions*state,)`."""
    require(spatial_rank(x) == 1, f"a recurrent layer reads a sequence, not shape {x.shape}")
    forwards, backwards = x, x[:, :0]
    for layer in range(num_layers):
        read = np.concatenate([forwards, backwards]) if backwards.size else forwards
        forwards = np.stack(list(steps(read, _of(arrays, f"_l{layer}"))), axis=1)
        if bidirectional:
            turned = list(steps(read[:, ::-1], _of(arrays, f"_l{layer}_reverse")))
            backwards = np.stack(turned[::-1], axis=1)
    if not bidirectional:
        return forwards if return_sequence else forwards[:, -1]
    both = [forwards, backwards] if return_sequence else [forwards[:, -1], backwards[:, 0]]
    return np.concatenate(both)


def _of(arrays: Own, ending: str) -> Own:
    return {name.removesuffix(ending): array for name, array in arrays.items() if name.endswith(ending)}


rnn = partial(_run, steps=_rnn_steps)
"""Elman's layer: h = tanh(W x + U h)."""

lstm = partial(_run, steps=_lstm_steps)
"""Long short-term memory: gates i, f, g, o."""

gru = partial(_run, steps=_gru_steps)
"""Gated recurrent units: gates r, z, n, the reset after the state's weights, as PyTorch's."""
