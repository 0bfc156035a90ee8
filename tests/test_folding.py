"""`show --depth`: blocks as one row with their sums."""

from __future__ import annotations

import pytest

import shapecalc
from shapecalc.folding import folded, folds
from shapecalc.render import renderer
from shapecalc.result import Trace
from shapecalc.table import View

TEXT = """
input: 16x16x4
blocks:
  two:
    layers:
      - conv: {filters: 4, kernel: 3, padding: 1}
      - relu
  outer:
    layers:
      - two
      - {two: , name: last}
layers:
  - {two: , repeat: 3, name: stage}
  - maxpool: 2
  - outer
  - {fc: {units: 5, per_position: true}, name: head}
"""


@pytest.fixture(scope="module")
def network() -> Trace:
    return shapecalc.trace(shapecalc.load(TEXT))


def test_blocks_become_one_row_and_equal_neighbours_too(network: Trace) -> None:
    rows = folded(network.layers, 1)
    assert [row.name for row in rows] == ["stage.0 … 2", "maxpool1", "outer1", "head"]
    assert [row.type for row in rows] == ["2 layers ×3", "maxpool", "4 layers", "fc"]
    # a 3×3 convolution of 4 by 4 channels: 144 weights, 4 biases, 256 or 64 positions
    assert [row.params for row in rows] == [3 * 148, 0, 2 * 148, 25]
    assert [row.macs for row in rows] == [3 * 144 * 256, 0, 2 * 144 * 64, 64 * 20]
    assert [row.inputs for row in rows] == [("input",), ("stage.2.relu1",), ("maxpool1",), ("outer1.last.relu1",)]


def test_a_row_knows_the_layers_that_it_stands_for(network: Trace) -> None:
    inside = [[step.name for step in layers] for _, layers in folds(network.layers, 1)]
    assert inside[0] == [f"stage.{turn}.{name}" for turn in range(3) for name in ("conv1", "relu1")]
    assert inside[1:2] == [["maxpool1"]]
    assert [name for names in inside for name in names] == [step.name for step in network.layers]


def test_a_greater_depth_shows_more(network: Trace) -> None:
    rows = folded(network.layers, 2)
    assert [row.name for row in rows][:3] == ["stage.0.conv1", "stage.0.relu1", "stage.1.conv1"]
    assert [row.name for row in rows][-3:] == ["outer1.two1", "outer1.last", "head"]
    assert folded(network.layers, 9) == list(network.layers)


def test_the_last_row_sees_what_its_last_layer_sees(network: Trace) -> None:
    rows = folded(network.layers, 1)
    assert rows[0].receptive_field == network["stage.2.relu1"].receptive_field
    assert rows[0].out_shape == (4, 16, 16)


def test_sums_of_unknown_numbers_are_unknown() -> None:
    text = "{input: 4x4x4, blocks: {b: {layers: [relu, custom: 4x4x4]}}, layers: [b: ]}\n"
    rows = folded(shapecalc.trace(shapecalc.load(text)).layers, 1)
    assert [(row.name, row.params, row.macs) for row in rows] == [("b1", None, None)]


def test_the_totals_stay_those_of_the_network(network: Trace) -> None:
    shown = renderer("text")([network], View(depth=1))
    assert "stage.0 … 2" in shown
    assert f"params  {6 * 148 - 148 + 25:,}" in shown  # five convolutions and the head


def test_what_a_layer_reads_is_shown_where_the_network_is_no_chain(network: Trace) -> None:
    chain = renderer("text")([network], View())
    graph = shapecalc.trace(shapecalc.load("{input: 4x4x4, layers: [relu, tanh: , add: [relu1, tanh1]]}\n"))
    assert "connected to" not in chain
    assert "relu1, tanh1" in renderer("text")([graph], View())
