"""The unit query against boxes, pixels and holes measured by gradients, nets clipped by inner borders included."""

from __future__ import annotations

from typing import Any

import pytest

from shapecalc import Trace, load, trace
from shapecalc.reach import seen_by
from tests import test_truth_dags as dags
from tests import test_truth_sequential as chains
from tests.test_truth_sequential import AXES
from tests.torch_names import spec_text

Net = dict[str, Any]

DAGS = [net for net in dags.DAGS if "boxes" in net["rf"]]
CHAINS = [net for net in chains.SEQUENTIAL if "boxes" in net["rf"]]


def compare(network: Trace, layer: str, rf: Net) -> None:
    unit = seen_by(network, layer, tuple(rf["unit"]))
    boxes = [rf["boxes"][axis][0] for axis in AXES[len(rf["input"])]]
    if None in boxes:  # of a unit that sees nothing on one axis, the measurement has the boxes of its neighbours
        assert (unit.box, unit.pixels) == (None, 0)
        return
    assert unit.box == tuple(map(tuple, boxes))
    assert unit.pixels == rf["nonzero"]
    assert unit.has_holes == rf.get("holes", unit.has_holes)


def test_enough_were_measured() -> None:
    assert (len(DAGS), len(CHAINS)) == (102, 330)
    assert sum("holes" in net["rf"] for net in [*DAGS, *CHAINS]) == 333


@pytest.mark.parametrize("net", DAGS, ids=chains.shown)
def test_graphs(net: Net) -> None:
    rf = net["rf"]
    compare(dags.traced(net, {}, [net["input"][0], *rf["input"]]), net["output"], rf)


@pytest.mark.parametrize("net", CHAINS, ids=chains.shown)
def test_chains(net: Net) -> None:
    rf = net["rf"]
    network = trace(load(spec_text([net["input"][0], *rf["input"]], chains.items(net))))
    compare(network, network.layers[-1].name, rf)


@pytest.mark.parametrize(
    ("name", "point"), dags.CHECKPOINTS, ids=lambda v: v if isinstance(v, str) else v["checkpoint"]
)
def test_branched_nets(name: str, point: Net) -> None:
    unit = seen_by(dags.traced(dags.BRANCHED[name], {}), point["checkpoint"], tuple(point["unit"]))
    assert unit.box == (tuple(point["boxes_y"][0]), tuple(point["boxes_x"][0]))
    assert (unit.pixels, unit.has_holes) == (point["nonzero_pixels"], point["holes"])
