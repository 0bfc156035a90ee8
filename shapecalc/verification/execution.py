"""The network run in full: every operation on arrays that are really there, each freed after its last reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod

import numpy as np

from shapecalc.forward import buffers, parameters, runs
from shapecalc.layers import Layer
from shapecalc.layers.attention import WindowAttention
from shapecalc.layers.convolution import Conv, ConvTranspose
from shapecalc.layers.fields import per_axis
from shapecalc.layers.linear import Fc
from shapecalc.layers.merge import Merge
from shapecalc.layers.token import Embedding
from shapecalc.notation import Shape, hwc
from shapecalc.reference_ops import OPS
from shapecalc.reference_ops.arrays import Array
from shapecalc.result import Step, Trace
from shapecalc.verification.certificate import Finding
from shapecalc.verification.side_by_side import ran
from shapecalc.verification.supply import Supply

BLOCK = 12 * 2**20
"""Bytes: a larger weight is made and used in parts along its outputs; VGG16's fc6 is 411 MB in one piece."""

_OUTPUTS = {Conv: "out_channels", ConvTranspose: "out_channels", Fc: "out_features", Embedding: "embedding_dim"}
"""Of the types that can be run in parts, the field that says how many outputs there are."""


def executed(trace: Trace, supply: Supply, *, in_full: bool) -> Iterator[dict[str, Finding]]:
    """What is found about params and, where it is run in full, about shapes, for each layer in order."""
    live = {name: supply.tensor(name, shape) for name, shape in trace.inputs if in_full}
    last = last_readers(trace)
    steps = {step.name: step for step in trace.layers}
    for number, step in enumerate(trace.layers):
        weights = _Weights(supply, owner_of(step, steps))
        found = {}
        if in_full:
            out, found["shapes"] = _ran(step, [live[name] for name in step.inputs], weights, supply)
            live[step.name] = out
            live = {name: array for name, array in live.items() if last.get(name, -1) > number}
            del out
        for _ in weights:
            pass  # what was not run is made and counted all the same
        yield {**found, "params": weights.finding(step)}


def last_readers(trace: Trace) -> dict[str, int]:
    """The number of the last layer that reads each tensor; what nobody reads is left out."""
    return {name: number for number, step in enumerate(trace.layers) for name in step.inputs}


def owner_of(step: Step, steps: Mapping[str, Step]) -> Step:
    """The layer whose weights this one uses: itself, unless it shares them, maybe with one that shares as well."""
    while step.shares is not None:
        step = steps[step.shares]
    return step


def split(layer: Layer, arriving: Shape) -> list[Layer]:
    """The layer, or layers of some of its outputs each where its weight is larger than `BLOCK`."""
    largest = 4 * max(map(prod, parameters(layer, arriving).values()), default=0)
    field = _OUTPUTS.get(type(layer))
    if largest <= BLOCK or field is None or (isinstance(layer, Conv | ConvTranspose) and layer.grouped(arriving) > 1):
        return [layer]
    outputs: int = getattr(layer, field)
    most = max(1, BLOCK * outputs // largest)
    return [layer.model_copy(update={field: min(most, outputs - at)}) for at in range(0, outputs, most)]


def is_bias(name: str) -> bool:
    """Whether an array is an offset: `bias`, `q_bias`, `bias_ih_l0`; a table of biases is none."""
    return name == "bias" or name.startswith("bias_") or name.endswith("_bias")


class _Weights(Iterator[tuple[Layer, dict[str, Array]]]):
    """A layer part by part with its arrays, counted as they are made; nothing for what is not run."""

    def __init__(self, supply: Supply, owner: Step) -> None:
        self._counts = {"weights": 0, "biases": 0, "buffers": 0}
        self._supply = supply
        self._owner = owner
        layer = owner.layer
        self._parts = enumerate([] if isinstance(layer, Merge) or not runs(layer) else split(layer, owner.in_shapes[0]))

    def __next__(self) -> tuple[Layer, dict[str, Array]]:
        number, part = next(self._parts)
        arriving = self._owner.in_shapes[0]
        learned, stored = parameters(part, arriving), buffers(part, arriving)
        window = per_axis(part.window_size, len(arriving) - 1, "window") if isinstance(part, WindowAttention) else None
        arrays = self._supply.arrays(f"{self._owner.name} {number}", {**learned, **stored}, window)
        for name, array in arrays.items():
            kind = "buffers" if name in stored else "biases" if is_bias(name) else "weights"
            self._counts[kind] += array.size
        return part, arrays

    def finding(self, step: Step) -> Finding:
        """The counts of the layer, none where the arrays are another's, beside the table's."""
        if not isinstance(step.layer, Merge) and not runs(step.layer):
            return declared(step.params)
        return compared(step, {kind: 0 if step.shares else values for kind, values in self._counts.items()})


def _ran(step: Step, arriving: Sequence[Array], weights: _Weights, supply: Supply) -> tuple[Array, Finding]:
    """What leaves the layer, and how its shape compares; where it differs, what the table says leaves it."""
    try:
        out = _output(step, arriving, weights, supply)
    except ValueError as error:
        finding = Finding("differs", "refused", None, f"the operation refuses what the table says arrives: {error}")
        return supply.tensor(step.name, step.out_shape), finding
    if out is None:
        return supply.tensor(step.name, step.out_shape), Finding("declared", hwc(step.out_shape), step.out_shape)
    finding = shaped(step, out.shape)
    return (out if finding.verdict == "equal" else supply.tensor(step.name, step.out_shape)), finding


def shaped(step: Step, shape: Shape) -> Finding:
    """The shape that the table says beside that of the run."""
    if shape == step.out_shape:
        return Finding("equal", hwc(shape), shape)
    why = f"the table says {hwc(step.out_shape)}, the run gives {hwc(shape)}"
    return Finding("differs", hwc(shape), shape, why)


def _output(step: Step, arriving: Sequence[Array], weights: _Weights, supply: Supply) -> Array | None:
    """What the operation gives; None of a layer that nobody knows how to run."""
    with np.errstate(all="ignore"):
        if isinstance(step.layer, Merge):
            return OPS[step.type](*arriving)
        x = arriving[0]
        if isinstance(step.layer, Embedding):
            x = supply.ids(step.name, x.shape, step.layer.num_embeddings)
        parts = [ran(part, x, arrays) for part, arrays in weights]
    return None if not parts else parts[0] if len(parts) == 1 else np.concatenate(parts)


def compared(step: Step, counts: dict[str, int]) -> Finding:
    """The table's counts beside those of the arrays: weights, biases and buffers."""
    total = counts["weights"] + counts["biases"]
    said = {"weights": step.weights, "biases": step.biases, "buffers": step.buffers}
    if said == counts and step.params == total:
        return Finding("equal", f"{total:,}", {"params": total, **counts})
    why = f"the table says {_listed(step.params, said)}; the arrays hold {_listed(total, counts)}"
    return Finding("differs", f"{total:,}", {"params": total, **counts}, why)


def declared(number: int | None) -> Finding:
    """A number of a custom layer, taken as it stands in the spec."""
    return Finding("unknown", "unknown") if number is None else Finding("declared", f"{number:,}", number)


def _listed(params: int | None, split: Mapping[str, int | None]) -> str:
    numbers = {"params": params, **split}
    return ", ".join(f"{name} {number:,}" for name, number in numbers.items() if number is not None)
