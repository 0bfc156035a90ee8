"""The reference's forward pass against its bare matrix products: see README.md in this folder."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from math import prod
from statistics import median
from typing import Any

from processes import ROOT, verdict, warn_if_busy

os.environ |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
sys.path.insert(0, str(ROOT))  # this checkout

import numpy as np  # after the number of threads, which it reads

from shapecalc import Step, load, trace
from shapecalc.forward import parameters, run
from shapecalc.layers import Layer
from shapecalc.layers.merge import Merge
from shapecalc.reference_ops import OPS
from shapecalc.reference_ops.arrays import Array

SPEC = ROOT / "specs" / "vgg16.yaml"
BAR = 1.5
BLOCK = 512  # rows of fc weights that are there at once: all of VGG16's would be 470 MiB

_RANDOM = np.random.default_rng(0)


def numbers(*shape: int) -> Array:
    """Values around 0, float32, so small that none grows large from layer to layer."""
    return 0.1 * (_RANDOM.random(shape, dtype=np.float32) - 0.5)


def layer_of(step: Step) -> Layer:
    """The layer of a chain's step, which is no merge."""
    assert not isinstance(step.layer, Merge)
    return step.layer


def fc_rows(step: Step, weights: Array) -> Iterator[Array]:
    """An fc layer's weights in blocks of rows, each the same memory."""
    rows, columns = prod(step.out_shape), prod(step.in_shapes[0])
    block = weights[: BLOCK * columns].reshape(BLOCK, columns)
    for start in range(0, rows, BLOCK):
        yield block[: rows - start]


class Forward:
    """The reference's forward pass, layer after layer, its weights already there."""

    def __init__(self, steps: tuple[Step, ...], fc_weights: Array) -> None:
        self._steps, self._fc_weights = steps, fc_weights
        self._x = numbers(*steps[0].in_shapes[0])
        self._arrays: dict[str, Mapping[str, Any]] = {
            step.name: {name: numbers(*shape) for name, shape in parameters(layer_of(step), step.in_shapes[0]).items()}
            for step in steps
            if step.type != "fc"
        }

    def __call__(self) -> None:
        """Runs it once. RuntimeError where a shape is not the traced one."""
        x = self._x
        for step in self._steps:
            if step.type == "fc":
                x = np.concatenate([OPS["fc"](x, rows, numbers(len(rows))) for rows in fc_rows(step, self._fc_weights)])
            else:
                x = run(layer_of(step), x, self._arrays[step.name])
            if x.shape != step.out_shape:
                raise RuntimeError(f"{step.name}: {x.shape}, not {step.out_shape}")


class Products:
    """The matrix products alone, of columns that are already there."""

    def __init__(self, steps: tuple[Step, ...], fc_weights: Array) -> None:
        self._fc, self._fc_weights = [step for step in steps if step.type == "fc"], fc_weights
        self._convs = [self._conv(step) for step in steps if step.type == "conv"]

    @staticmethod
    def _conv(step: Step) -> tuple[Array, Array, Array]:
        """Columns, weights and room for the product: positions × (kernel × in) times (kernel × in) × out."""
        out, *positions = step.out_shape
        inner = prod(parameters(layer_of(step), step.in_shapes[0])["weight"][1:])
        rows = prod(positions)
        return numbers(rows, inner), numbers(inner, out), np.empty((rows, out), np.float32)

    def __call__(self) -> None:
        """Multiplies them all once."""
        for columns, weights, out in self._convs:
            np.matmul(columns, weights, out=out)
        for step in self._fc:
            x = numbers(*step.in_shapes[0])
            for rows in fc_rows(step, self._fc_weights):
                np.matmul(rows, x)


def timed(once: Callable[[], None]) -> tuple[float, float]:
    """Seconds on the wall and on the processor."""
    wall, cpu = time.perf_counter(), time.process_time()
    once()
    return time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    """Prints the ratios and what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="rounds of each (default: 9)")
    rounds = parser.parse_args().rounds
    warn_if_busy()
    steps = trace(load(SPEC)).layers
    fc_weights = numbers(BLOCK * max(prod(step.in_shapes[0]) for step in steps if step.type == "fc"))
    forward, products = Forward(steps, fc_weights), Products(steps, fc_weights)
    forward()
    products()
    pairs = [(timed(forward), timed(products)) for _ in range(rounds)]
    for at, clock in enumerate(("wall", "processor")):
        ours, bare = ([pair[who][at] for pair in pairs] for who in (0, 1))
        medians, least = median(ours) / median(bare), min(ours) / min(bare)
        costs = f"{median(ours) * 1000:.0f} / {median(bare) * 1000:.0f} ms"
        print(
            f"VGG16 forward / its matrix products, {clock}: {medians:.2f}, of the fastest rounds {least:.2f}; ", end=""
        )
        print(f"bar {BAR}: {verdict(medians, bar=BAR)} ({costs})")


if __name__ == "__main__":
    main()
