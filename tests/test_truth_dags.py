"""Every network with branches that PyTorch ran: shapes, counts, refusals, receptive fields unit by unit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from shapecalc import SpecError, Trace, load, trace
from tests.test_truth_sequential import AXES, FIELDS, RANDOM, box, is_chain, shown
from tests.torch_names import FIRST_ITEM, has_counterpart, item, spec_text

Net = Mapping[str, Any]
JOINS = {"Add": "add", "Mul": "multiply", "Concat": "concat"}


def items(net: Net, measured: Mapping[str, Any]) -> list[dict[str, Any]]:
    """An item for each node, every one named and wired by `from`."""
    shapes = {"input": net["input"], **{name: step["out"] for name, step in measured.items()}}
    return [wired(node, shapes) for node in net["nodes"]]


def wired(node: Net, shapes: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    if node["type"] in JOINS:
        return {JOINS[node["type"]]: None, "name": node["name"], "from": node["inputs"]}
    (origin,) = node["inputs"]
    said = item(node, shapes.get(origin, shapes["input"]))
    keys = {"name": node["name"], "from": origin}
    return {said: None, **keys} if isinstance(said, str) else {**said, **keys}


def traced(net: Net, measured: Mapping[str, Any], shape: Sequence[int] | None = None) -> Trace:
    return trace(load(spec_text(shape or net["input"], items(net, measured))))


def said(net: Net) -> bool:
    shapes = {"input": net["input"], **{name: step["out"] for name, step in net["expect"].items()}}
    joins = [node for node in net["nodes"] if node["type"] in JOINS]
    layers = [node for node in net["nodes"] if node["type"] not in JOINS]
    return all(node.get("dim", 1) == 1 for node in joins) and all(
        has_counterpart(node, shapes[node["inputs"][0]]) for node in layers
    )


DAGS = [net for net in RANDOM["dags"] if said(net)]
SURPRISING = {net["tag"]: net for net in RANDOM["surprising_dags"]}
REFUSED_HERE = {
    "add_broadcast_channel1": "only spatial axes are repeated: one channel beside six is more often a mistake",
    "concat_height": "ours joins channels only",
}


def test_every_dag_but_one_can_be_said() -> None:
    not_said = {net["id"] for net in RANDOM["dags"] if not said(net)}
    assert not_said == {"d0285"}, "a LayerNorm over an axis that is not the channels"
    assert (len(DAGS), len(SURPRISING)) == (166, 6)
    joins = [node["type"] for net in DAGS for node in net["nodes"] if node["type"] in JOINS]
    assert {kind: joins.count(kind) for kind in JOINS} == {"Add": 124, "Mul": 19, "Concat": 306}


def agrees(net: Net) -> bool:
    ours = traced(net, net["expect"])
    assert [step.name for step in ours.layers] == [node["name"] for node in net["nodes"]]
    for step, node in zip(ours.layers, net["nodes"], strict=True):
        truth = net["expect"][step.name]
        buffers = max(truth.get("buffers", 0) - 1, 0)  # PyTorch's step counter is not one here
        assert list(step.inputs) == node["inputs"]
        assert (list(step.out_shape), step.params, step.macs, step.buffers) == (
            truth["out"],
            truth["params"],
            truth["macs"],
            buffers,
        )
    return True


@pytest.mark.parametrize("net", DAGS, ids=shown)
def test_every_layer_is_what_pytorch_measured(net: Net) -> None:
    assert agrees(net)


@pytest.mark.parametrize("tag", sorted({*SURPRISING} - {*REFUSED_HERE}))
def test_surprising_joins_are_what_pytorch_measured(tag: str) -> None:
    assert agrees(SURPRISING[tag])


@pytest.mark.parametrize("tag", REFUSED_HERE)
def test_what_we_refuse_although_pytorch_takes_it(tag: str) -> None:
    with pytest.raises(SpecError) as refused:
        traced(SURPRISING[tag], SURPRISING[tag]["expect"])
    assert [problem.code for problem in refused.value.diagnostics] == ["unlike-shapes"]


@pytest.mark.parametrize("net", DAGS, ids=shown)
def test_the_totals_are_what_pytorch_measured(net: Net) -> None:
    ours = traced(net, net["expect"])
    assert (ours.totals.params, ours.totals.macs) == (net["total_params"], net["total_macs"])
    assert ours.totals.tensor_size == sum(step.tensor_size for step in ours.layers)


@pytest.mark.parametrize("net", DAGS, ids=shown)
def test_the_output_is_the_last_layer_and_what_is_left_over_is_told(net: Net) -> None:
    ours = traced(net, net["expect"])
    assert [output.name for output in ours.outputs] == [net["output"]]
    read = {name for node in net["nodes"] for name in node["inputs"]} | {net["output"]}
    unread = [n for n, node in enumerate(net["nodes"]) if node["name"] not in read]
    told = [problem for problem in ours.diagnostics if problem.code == "dangling"]
    assert [problem.line - FIRST_ITEM for problem in told] == unread


INVALID = [net for net in RANDOM["invalid"] if net["kind"] == "dag"]
FIELD_ERRORS = {"concat_then_wrong_channels"}


def test_enough_is_refused() -> None:
    assert len(INVALID) == 18
    assert len({net["category"] for net in INVALID}) == 5


@pytest.mark.parametrize("net", INVALID, ids=lambda net: f"{net['id']}-{net['category']}")
def test_what_pytorch_refuses_is_refused_at_that_layer(net: Net) -> None:
    with pytest.raises(SpecError) as refused:
        traced(net, net["expect_prefix"])
    (problem,) = refused.value.diagnostics
    bad = [node["name"] for node in net["nodes"]].index(net["error"]["node"])
    assert problem.line == FIRST_ITEM + bad
    assert problem.code == ("channel-mismatch" if net["category"] in FIELD_ERRORS else "unlike-shapes")


@pytest.mark.parametrize("net", [n for n in INVALID if n["category"] not in FIELD_ERRORS], ids=shown)
def test_a_refused_join_names_both_producers_and_their_lines(net: Net) -> None:
    with pytest.raises(SpecError) as refused:
        traced(net, net["expect_prefix"])
    message = refused.value.diagnostics[0].message
    names = [node["name"] for node in net["nodes"]]
    for origin in net["nodes"][names.index(net["error"]["node"])]["inputs"]:
        assert f"`{origin}` (line {FIRST_ITEM + names.index(origin)})" in message


@pytest.mark.parametrize("net", INVALID, ids=shown)
def test_the_layers_above_a_refused_one_are_what_pytorch_measured(net: Net) -> None:
    accepted = [node for node in net["nodes"] if node["name"] in net["expect_prefix"]]
    if accepted:
        assert agrees({**net, "nodes": accepted, "expect": net["expect_prefix"]})


MEASURABLE = [net for net in DAGS if "boxes" in net["rf"] and "clipped_inside" not in net["rf"]]


def test_enough_receptive_fields_were_measured() -> None:
    assert len(MEASURABLE) == 101


@pytest.mark.parametrize("net", MEASURABLE, ids=shown)
def test_the_receptive_field_is_what_the_gradient_showed(net: Net) -> None:
    rf = net["rf"]
    (last,) = [s for s in traced(net, {}, [net["input"][0], *rf["input"]]).layers if s.name == net["output"]]
    field = last.receptive_field
    assert field is not None
    assert not field.is_global
    for a, axis in enumerate(AXES[len(rf["input"])]):
        boxes = rf["boxes"][axis]
        assert [box(field.axes[a].interval(rf["unit"][a] + k)) for k in range(len(boxes))] == boxes


GLOBAL = [net for net in DAGS if any(node["type"] == "Flatten" for node in net["nodes"])]


@pytest.mark.parametrize("net", GLOBAL, ids=shown)
def test_what_comes_after_flatten_sees_the_whole_input(net: Net) -> None:
    ours = {step.name: step for step in traced(net, net["expect"]).layers}
    for node in net["nodes"]:
        if node["type"] == "Flatten":
            field = ours[node["name"]].receptive_field
            assert field is not None
            assert field.is_global


BRANCHED = {name: net for name, net in FIELDS["custom"].items() if not is_chain(net)}
CHECKPOINTS = [(name, point) for name, net in BRANCHED.items() for point in net["checkpoints"]]


@pytest.mark.parametrize(("name", "point"), CHECKPOINTS, ids=lambda v: v if isinstance(v, str) else v["checkpoint"])
def test_branched_nets_unit_by_unit(name: str, point: Net) -> None:
    ours = {step.name: step for step in traced(BRANCHED[name], {}).layers}
    field = ours[point["checkpoint"]].receptive_field
    assert field is not None
    for a, axis in enumerate("yx"):
        boxes = point[f"boxes_{axis}"]
        assert [box(field.axes[a].interval(point["unit"][a] + k)) for k in range(len(boxes))] == boxes
        assert (field.size_min[a], field.size[a]) == (min(point[f"rf_{axis}"]), max(point[f"rf_{axis}"]))
        if f"stride_{axis}" in point:
            assert field.stride is not None
            assert (str(field.stride[a]), field.start[a]) == (str(point[f"stride_{axis}"]), point[f"start0_{axis}"])


def test_every_branched_net_is_there() -> None:
    assert {*BRANCHED} == {
        "cross_branches", "deeplab_like", "inception_like", "misaligned_causal", "residual_down",
        "unet2_convT", "unet2_nearest",
    }  # fmt: skip
    assert not any(point["clipped"] for _, point in CHECKPOINTS)


def field_at(name: str, checkpoint: str) -> Any:
    return {step.name: step.receptive_field for step in traced(BRANCHED[name], {}).layers}[checkpoint]


def test_misaligned_branches_see_their_hull() -> None:
    assert field_at("misaligned_causal", "a_conv").size[1] == 7
    assert field_at("misaligned_causal", "b_conv").size[1] == 7
    assert field_at("misaligned_causal", "add").size == (11, 11)


def test_branches_across_see_a_cross_whose_hull_is_a_square() -> None:
    assert field_at("cross_branches", "w_1x9").size == field_at("cross_branches", "h_9x1").size[::-1]
    assert len(set(field_at("cross_branches", "concat").size)) == 1


@pytest.mark.parametrize("name", ["unet2_nearest", "unet2_convT"])
def test_a_unet_sees_less_or_more_by_the_phase_of_the_unit(name: str) -> None:
    field = field_at(name, "dec0_a")
    assert (field.size_min, field.size) == ((40, 40), (44, 44))
    sizes = [1 + high - low for low, high in (field.axes[0].interval(n) for n in range(8))]
    assert sizes[:4] == sizes[4:]
    assert {*sizes} == {40, 44}


def test_a_spec_line_is_one_node() -> None:
    text = spec_text([1, 8, 8], [wired({"name": "s", "type": "Add", "inputs": ["a", "b"]}, {"input": [1, 8, 8]})])
    assert json.loads(text.splitlines()[FIRST_ITEM - 1][4:]) == {"add": None, "name": "s", "from": ["a", "b"]}
