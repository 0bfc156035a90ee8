"""The start-up bars, as ratios to processes measured beside it: see README.md in this folder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from importlib.util import find_spec

from processes import Cost, compared, cost, cost_on_terminal, shapecalc, verdict, warn_if_busy

SPEC = "specs/vgg16.yaml"
SHOW_BAR = 1.25
HELP_BAR = 5.0
DEEP_BAR = 2.0
TORCH_BAR = 1 / 15

FLOOR = """
from typing import Annotated, Literal, Union

import yaml
from pydantic import BaseModel, Field, TypeAdapter
from rich.console import Console
from rich.table import Table

class Conv(BaseModel):
    type: Literal["conv"]
    out_channels: int
    kernel_size: int

class Pool(BaseModel):
    type: Literal["pool"]
    kernel_size: int

class Linear(BaseModel):
    type: Literal["linear"]
    out_features: int

class Dropout(BaseModel):
    type: Literal["dropout"]
    p: float

class Relu(BaseModel):
    type: Literal["relu"]

union = TypeAdapter(Annotated[Union[Conv, Pool, Linear, Dropout, Relu], Field(discriminator="type")])
layer = union.validate_python({"type": "conv", "out_channels": 64, "kernel_size": 3})
table = Table("layer", "type", "output", "params")
for row in range(20):
    table.add_row(f"conv{row}", layer.type, "224x224x64", str(layer.out_channels))
Console().print(table)
"""

TORCHINFO = """
from torch import nn
from torchinfo import summary

def convolutions():
    channels = 3
    for width in (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0):
        if width == 0:
            yield nn.MaxPool2d(2)
        else:
            yield nn.Conv2d(channels, width, 3, padding=1)
            yield nn.ReLU()
            channels = width

head = (nn.Flatten(), nn.Linear(25088, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(),
        nn.Dropout(), nn.Linear(4096, 1000), nn.Softmax(1))
print(summary(nn.Sequential(*convolutions(), *head), input_size=(1, 3, 224, 224)))
"""


def main() -> None:
    """Prints one line for each bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=15, help="pairs of processes (default: 15)")
    pairs = parser.parse_args().pairs
    warn_if_busy()
    python = sys.executable
    show = shapecalc("show", SPEC)
    floor = [python, "-c", FLOOR]
    _line("show, to a pipe / floor", SHOW_BAR, pairs, lambda: cost(show), lambda: cost(floor))
    _line(
        "show, on a terminal / floor, on a terminal",
        SHOW_BAR,
        pairs,
        lambda: cost_on_terminal(show),
        lambda: cost_on_terminal(floor),
    )
    _line(
        "--help / python -c pass",
        HELP_BAR,
        pairs,
        lambda: cost(shapecalc("--help")),
        lambda: cost([python, "-c", "pass"]),
    )
    _line(
        "resnet152 / vgg16, as JSON",
        DEEP_BAR,
        pairs,
        lambda: cost(shapecalc("show", "specs/resnet.yaml:resnet152", "--format", "json")),
        lambda: cost(shapecalc("show", SPEC, "--format", "json")),
    )
    _torchinfo(show, min(pairs, 11))


def _line(what: str, bar: float, pairs: int, ours: Callable[[], Cost], other: Callable[[], Cost]) -> None:
    ratios = compared(ours, other, pairs)
    both = f"{ratios.first.cpu * 1000:.0f} / {ratios.second.cpu * 1000:.0f} ms of processor time"
    judged = verdict(ratios.wall, ratios.cpu, bar=bar)
    print(f"{what}: wall {ratios.wall:.2f}, processor {ratios.cpu:.2f}; bar {bar}: {judged} ({both})")


def _torchinfo(show: list[str], pairs: int) -> None:
    what = "show / torchinfo, VGG16"
    for package in ("torch", "torchinfo"):
        if find_spec(package) is None:
            print(f"{what}: skipped: {package} is not installed")
            return
    ratios = compared(lambda: cost(show), lambda: cost([sys.executable, "-c", TORCHINFO]), pairs)
    judged = verdict(ratios.cpu, ratios.peak, bar=TORCH_BAR)
    costs = f"{ratios.first.cpu:.2f} / {ratios.second.cpu:.2f} s"
    peaks = f"{ratios.first.peak / 2**20:.0f} / {ratios.second.peak / 2**20:.0f} MB"
    parts = f"processor 1/{1 / ratios.cpu:.0f} ({costs}), memory 1/{1 / ratios.peak:.0f} ({peaks})"
    print(f"{what}: {parts}; bar 1/15: {judged}")


if __name__ == "__main__":
    main()
