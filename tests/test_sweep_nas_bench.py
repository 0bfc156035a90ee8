"""The NAS-Bench-201 space: cells against torch, written here from the paper's figure 1, and published numbers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

import shapecalc
from shapecalc.files import shipped_folder
from tests.witness import torch_or_skip

OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
EDGES = ("e10", "e20", "e21", "e30", "e31", "e32")
SPEC = shipped_folder() / "nas-bench-201.yaml"


def cells(count: int) -> Iterator[tuple[str, ...]]:
    """Cells that were drawn, each operation in each place; the first five are of one operation alone."""
    yield from ((operation,) * 6 for operation in OPERATIONS)
    draw = random.Random(201)
    for _ in range(count - 5):
        yield tuple(draw.choice(OPERATIONS) for _ in EDGES)


def test_the_spec_is_short() -> None:
    assert len(SPEC.read_text(encoding="utf-8").splitlines()) <= 60


def test_published_bounds_of_the_space() -> None:
    """EvoXBench, arXiv:2208.04321: 0.073306M to 1.531546M params, 7.78305M to 220.11969M FLOPs, fc biases with them.

    Whatever the edges are, each of the six is the same for cells of a stage; so both bounds are cells of one operation.
    """
    rows = {cell: shapecalc.load(SPEC, **dict(zip(EDGES, cell, strict=True))) for cell in cells(5)}
    found = [shapecalc.trace(spec).totals for spec in rows.values()]
    assert (min(t.params or 0 for t in found), max(t.params or 0 for t in found)) == (73_306, 1_531_546)
    assert (min(t.macs or 0 for t in found) + 10, max(t.macs or 0 for t in found) + 10) == (7_783_050, 220_119_690)


def test_a_sweep_counts_edge_by_edge() -> None:
    """Each 3×3 edge adds what it adds, wherever it is; three edges, five operations, 125 cells."""
    rows = shapecalc.sweep(SPEC, dict.fromkeys(EDGES[:3], OPERATIONS) | dict.fromkeys(EDGES[3:], ("none",)))
    assert len(rows) == 125
    weights = {"nor_conv_3x3": (1_531_546 - 73_306) // 6, "nor_conv_1x1": 5 * sum(w * w + 2 * w for w in (16, 32, 64))}
    for row, cell in zip(rows, product(OPERATIONS, repeat=3), strict=True):
        assert row.totals["params"] == 73_306 + sum(weights.get(operation, 0) for operation in cell)


def test_what_is_no_operation_is_refused() -> None:
    (row,) = shapecalc.sweep(SPEC, {"e10": ["conv_3x3"]})
    assert row.refusal is not None
    assert "no_such_operation" in row.refusal.message


@pytest.mark.parametrize("cell", [*cells(14)], ids=lambda cell: "-".join(each[:6] for each in cell))
def test_a_cell_is_what_torch_makes_of_it(cell: tuple[str, ...]) -> None:
    torch = torch_or_skip()
    from torch.utils.flop_counter import FlopCounterMode

    with torch.device("meta"):
        network = in_torch(torch, cell)
        image = torch.empty(1, 3, 32, 32)
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            out = network.eval()(image)
    trace = shapecalc.trace(shapecalc.load(SPEC, **dict(zip(EDGES, cell, strict=True))))
    assert trace.totals.params == sum(each.numel() for each in network.parameters())
    assert trace.totals.macs == counter.get_total_flops() // 2
    assert [tuple(out.shape[1:])] == [output.shape for output in trace.outputs]


def in_torch(torch: Any, cell: tuple[str, ...]) -> Any:
    """The network of Dong & Yang 2020, section 2.1, with one cell everywhere."""
    nn = torch.nn

    def relu_conv_bn(before: int, after: int, kernel: int, stride: int = 1) -> Any:
        conv = nn.Conv2d(before, after, kernel, stride, kernel // 2, bias=False)
        return nn.Sequential(nn.ReLU(), conv, nn.BatchNorm2d(after))

    class Zero(nn.Module):  # type: ignore[misc, name-defined]
        def forward(self, x: Any) -> Any:
            return x * 0

    def operation(word: str, width: int) -> Any:
        made = {
            "none": Zero,
            "skip_connect": nn.Identity,
            "nor_conv_1x1": lambda: relu_conv_bn(width, width, 1),
            "nor_conv_3x3": lambda: relu_conv_bn(width, width, 3),
            "avg_pool_3x3": lambda: nn.AvgPool2d(3, 1, 1, count_include_pad=False),
        }
        return made[word]()

    class Cell(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self, width: int) -> None:
            super().__init__()
            self.edges = nn.ModuleList(operation(word, width) for word in cell)

        def forward(self, x: Any) -> Any:
            nodes = [x]
            edges = iter(self.edges)
            for _ in range(3):
                nodes.append(sum(edge(node) for node, edge in zip(list(nodes), edges, strict=False)))
            return nodes[-1]

    class Halve(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self, width: int) -> None:
            super().__init__()
            self.body = nn.Sequential(relu_conv_bn(width, 2 * width, 3, 2), relu_conv_bn(2 * width, 2 * width, 3))
            self.short = nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(width, 2 * width, 1, bias=False))

        def forward(self, x: Any) -> Any:
            return self.body(x) + self.short(x)

    layers = [nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16)]
    for width in (16, 32, 64):
        layers += [*(Cell(width) for _ in range(5)), *([Halve(width)] if width < 64 else [])]
    layers += [nn.BatchNorm2d(64), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)]
    return nn.Sequential(*layers)
