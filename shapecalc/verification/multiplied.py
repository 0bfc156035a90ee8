"""Multiply-adds measured: operations run on ones, in full where that is cheap, else on copies of few channels.

A copy keeps every position and has as few channels as the type allows. In the real layer each product of the copy
happens once for every weight that takes the place of one of the copy's, so what the copy counts is scaled by the
sizes of the weights that the operations accept: the layer's over the copy's, array by array.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any, NamedTuple

from shapecalc.forward import ones_counts, parameters, runs
from shapecalc.forward.call import Shapes
from shapecalc.layers import Layer
from shapecalc.layers.attention import Attention, WindowAttention
from shapecalc.layers.convolution import Conv, ConvTranspose, SeparableConv
from shapecalc.layers.linear import Fc
from shapecalc.layers.merge import Merge
from shapecalc.layers.recurrent import Gru, Lstm, Rnn
from shapecalc.notation import Shape
from shapecalc.result import Step
from shapecalc.verification.certificate import Finding, Verdict
from shapecalc.verification.execution import declared

CHEAP = 2**21
"""Weights times positions up to which a layer is run in full."""


class _Measured(NamedTuple):
    macs: int
    in_full: bool


class Multiplied:
    """Multiply-adds of layers; equal layers at equal shapes are measured once."""

    def __init__(self) -> None:
        self._known: dict[tuple[Layer, Shape], _Measured] = {}

    def finding(self, step: Step) -> Finding:
        """The layer's multiply-adds beside those of its run on ones."""
        if isinstance(step.layer, Merge):
            return _compared(step, _Measured(0, in_full=True))
        if not runs(step.layer):
            return declared(step.macs)
        key = step.layer, step.in_shapes[0]
        if key not in self._known:
            self._known[key] = _measured(*key, positions=max(prod(step.in_shapes[0][1:]), prod(step.out_shape[1:])))
        return _compared(step, self._known[key])


def _compared(step: Step, measured: _Measured) -> Finding:
    shown = f"{measured.macs:,}"
    if step.macs == measured.macs:
        verdict: Verdict = "equal" if type(step.layer) in _THIN else "convention"
        return Finding(verdict, shown, measured.macs, in_full=measured.in_full)
    why = f"the table says {step.macs:,}, the run on ones counts {shown}"
    return Finding("differs", shown, measured.macs, why, measured.in_full)


def _measured(layer: Layer, arriving: Shape, positions: int) -> _Measured:
    held = parameters(layer, arriving)
    if type(layer) not in _THIN or sum(map(prod, held.values())) * positions <= CHEAP:
        return _Measured(sum(ones_counts(layer, arriving).values()), in_full=True)
    channels, fields = _THIN[type(layer)](layer)
    copy, thinned = layer.model_copy(update=fields), (channels or arriving[0], *arriving[1:])
    small = parameters(copy, thinned)
    counts = ones_counts(copy, thinned)
    return _Measured(sum(_scaled(counts[name], name, held, small) for name in counts), in_full=False)


def _scaled(count: int, name: str, held: Shapes, small: Shapes) -> int:
    """The count by as much as the layer's array is larger than the copy's.

    An attention's products have no array: `match` grows with the rows that make queries, `mix` with those that
    make values.
    """
    if name in held:
        return count * prod(held[name]) // prod(small[name])
    rows = "in_weight" if "in_weight" in held else {"match": "q_weight", "mix": "v_weight"}[name]
    return count * held[rows][0] // small[rows][0]


def _one_filter(layer: Layer) -> tuple[int | None, dict[str, Any]]:
    return 1, {"out_channels": 1, "groups": 1, "in_channels": None}


def _one_output(layer: Fc) -> tuple[int | None, dict[str, Any]]:
    """All inputs of one output; per position one input as well."""
    return 1 if layer.per_position else None, {"out_features": 1, "in_features": None}


def _one_unit(layer: Rnn | Gru | Lstm) -> tuple[int | None, dict[str, Any]]:
    projected = isinstance(layer, Lstm) and layer.proj_size is not None
    return 1, {"hidden_size": 2, "proj_size": 1} if projected else {"hidden_size": 1}


_THIN: dict[type[Layer], Callable[[Any], tuple[int | None, dict[str, Any]]]] = {
    Conv: _one_filter,
    ConvTranspose: _one_filter,
    SeparableConv: lambda layer: (1, {"out_channels": 1, "depth_multiplier": 1}),
    Fc: _one_output,
    Attention: lambda layer: (1, {"num_heads": 1, "key_dim": 1, "value_dim": 1, "out_features": 1}),
    WindowAttention: lambda layer: (1, {"num_heads": 1}),
    Rnn: _one_unit,
    Gru: _one_unit,
    Lstm: _one_unit,
}
"""The types that multiply by weights: channels that arrive at a copy (None: as many), and its other fields."""
