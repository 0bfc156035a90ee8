"""One layer on all cores: some of its outputs on each, from the same input, with slices of the same arrays.

The matrix products of NumPy run on one thread each (the command sees to that): threads that wait for each other
within a product lose more than they gain as soon as anything else wants a core.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from math import prod
from threading import Thread

import numpy as np

from shapecalc.forward import run
from shapecalc.layers import Layer
from shapecalc.layers.convolution import Conv
from shapecalc.layers.linear import Fc
from shapecalc.reference_ops.arrays import Array

WORTHWHILE = 2**26
"""Weights times positions from which a second thread gains more than it costs."""

MOST = 4
"""Threads: every one lays out the whole input anew, a tenth of the work."""

_OUTPUTS: dict[type[Layer], str] = {Conv: "out_channels", Fc: "out_features"}


def ran(layer: Layer, x: Array, arrays: Mapping[str, Array]) -> Array:
    """What `forward.run` gives, on as many threads as there are cores where that is worthwhile."""
    threads = min(MOST, cores())
    field = _OUTPUTS.get(type(layer))
    is_grouped = isinstance(layer, Conv) and layer.grouped(x.shape) > 1
    if field is None or is_grouped or threads == 1 or arrays["weight"].size * prod(x.shape[1:]) < WORTHWHILE:
        return run(layer, x, arrays)
    rows = np.array_split(np.arange(getattr(layer, field)), threads)
    tasks = [_Task(layer.model_copy(update={field: len(own)}), x, arrays, own) for own in rows if len(own)]
    for task in tasks[1:]:
        task.start()
    tasks[0].run()
    for task in tasks[1:]:
        task.join()
    return np.concatenate([task.result() for task in tasks])


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Task(Thread):
    """Some outputs of a layer."""

    def __init__(self, layer: Layer, x: Array, arrays: Mapping[str, Array], rows: Array) -> None:
        super().__init__(daemon=True)
        self._layer = layer
        self._x = x
        self._arrays = {name: array[rows[0] : rows[-1] + 1] for name, array in arrays.items()}
        self._out: Array | None = None
        self._error: Exception | None = None

    def run(self) -> None:
        """Runs it; what is raised is kept for `result`."""
        try:
            with np.errstate(all="ignore"):  # of each thread its own
                self._out = run(self._layer, self._x, self._arrays)
        except Exception as error:
            self._error = error

    def result(self) -> Array:
        """What came out. Whatever was raised."""
        if self._error is not None:
            raise self._error
        assert self._out is not None
        return self._out
