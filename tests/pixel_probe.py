"""Which outputs change when one input pixel changes, seen by running the reference on a whole small network.

The one thing this takes from the trace is the list of layers and what each reads: no window, interval or size.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shapecalc import Step, Trace
from shapecalc.forward import buffers, parameters, run
from shapecalc.layers import Layer
from shapecalc.reference_ops import OPS

Values = NDArray[np.float64]

BUMP = 1e30
"""Added to a pixel. Weights and values are positive and every operation rises with each input, so that what the pixel
reaches is far above everything that it does not, in every maximum as well."""


def changed(trace: Trace, seed: int) -> dict[str, Any]:
    """For each layer whether a unit changes with a pixel: ``(*input sizes, *layer sizes)``, any channel."""
    rng = np.random.default_rng(seed)
    weights = {step.name: _weights(step, rng) for step in trace.layers}
    (name, shape), *_ = trace.inputs
    image = rng.uniform(0.5, 1.0, shape)
    before = _outputs(trace, {name: image}, weights)
    found: dict[str, Any] = {step.name: np.zeros((*shape[1:], *step.out_shape[1:]), bool) for step in trace.layers}
    for pixel in product(*(range(size) for size in shape[1:])):
        bumped = image.copy()
        np.moveaxis(bumped, 0, -1)[pixel] += BUMP
        after = _outputs(trace, {name: bumped}, weights)
        for step in trace.layers:
            found[step.name][pixel] = (before[step.name] != after[step.name]).any(axis=0)
    return found


def _weights(step: Step, rng: np.random.Generator) -> Mapping[str, Values]:
    if not isinstance(step.layer, Layer):
        return {}
    shapes = {**parameters(step.layer, step.in_shapes[0]), **buffers(step.layer, step.in_shapes[0])}
    return {name: rng.uniform(0.5, 1.5, shape) for name, shape in shapes.items()}


def _outputs(trace: Trace, known: dict[str, Values], weights: Mapping[str, Mapping[str, Values]]) -> dict[str, Values]:
    for step in trace.layers:
        arriving = [known[name] for name in step.inputs]
        if isinstance(step.layer, Layer):
            known[step.name] = run(step.layer, arriving[0], weights[step.name])
        else:
            known[step.name] = OPS[step.type](*arriving)
    return known
