"""Every chain of layers that PyTorch ran, layer by layer: shapes, counts, refusals, receptive fields."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from shapecalc import SpecError, load, trace
from tests.torch_names import FIRST_ITEM, Item, Shape, has_counterpart, item, spec_text

Net = Mapping[str, Any]
TRUTH = Path(__file__).parent / "truth"
AXES = {1: "x", 2: "yx"}  # how the truth names the spatial axes of each rank, in our order


def read(name: str) -> Any:
    with gzip.open(TRUTH / f"{name}.json.gz", "rt", encoding="utf-8") as file:
        return json.load(file)


RANDOM = read("random_nets")
FIELDS = read("receptive_field")
MODELS = {name: read(f"layers/{name}") for name in ("alexnet", "vgg11", "vgg16")}


def arriving(net: Net) -> list[Shape]:
    """What reaches each layer, as PyTorch measured it; one more than the layers that it accepted."""
    measured = net["expect"] if "expect" in net else net["expect_prefix"]
    return [net["input"], *(step["out"] for step in measured)]


def said(net: Net) -> bool:
    """Whether the spec language can say every layer that PyTorch accepted."""
    accepted = zip(net["layers"], arriving(net)[:-1], strict=False)  # an invalid net has layers beyond
    return all(has_counterpart(layer, shape) for layer, shape in accepted)


def items(net: Net) -> list[Item]:
    return [item(layer, shape) for layer, shape in zip(net["layers"], arriving(net), strict=False)]


def shown(net: Net) -> str:
    return str(net.get("id") or net["tag"])


SEQUENTIAL = [net for net in RANDOM["sequential"] if said(net)]
SURPRISING = [net for net in RANDOM["surprising"] if said(net)]


def first_not_said(net: Net) -> str:
    reached = zip(net["layers"], arriving(net), strict=False)
    return str(next(layer["type"] for layer, shape in reached if not has_counterpart(layer, shape)))


NOT_SAID = {"Linear": 22, "LayerNorm": 11}  # networks of 667, by the first layer that cannot be said
NOT_SAID_SURPRISING = {"linear_on_last_axis", "linear_3d", "flatten_end", "unbatched_rank"}


def test_what_the_language_cannot_say_is_known_and_small() -> None:
    first = [first_not_said(net) for net in RANDOM["sequential"] if not said(net)]
    assert {name: first.count(name) for name in first} == NOT_SAID
    assert {net["tag"] for net in RANDOM["surprising"] if not said(net)} == NOT_SAID_SURPRISING


def steps(text: str) -> list[dict[str, Any]]:
    """Our answer in the truth's words."""
    return [
        {"out": list(s.out_shape), "params": s.params, "macs": s.macs, "buffers": s.buffers}
        for s in trace(load(text)).layers
    ]


def measured(expect: Sequence[Mapping[str, int]]) -> list[dict[str, Any]]:
    """The truth in our convention: PyTorch's step counter is not a buffer."""
    return [{**step, "buffers": max(step.get("buffers", 0) - 1, 0)} for step in expect]


@pytest.mark.parametrize("net", [*SEQUENTIAL, *SURPRISING], ids=shown)
def test_every_layer_is_what_pytorch_measured(net: Net) -> None:
    assert steps(spec_text(net["input"], items(net))) == measured(net["expect"])


@pytest.mark.parametrize("net", SEQUENTIAL, ids=shown)
def test_the_totals_are_what_pytorch_measured(net: Net) -> None:
    ours = trace(load(spec_text(net["input"], items(net))))
    totals = ours.totals
    assert (totals.params, totals.macs) == (net["total_params"], net["total_macs"])
    assert (totals.weights or 0) + (totals.biases or 0) == totals.params == totals.trainable
    assert totals.tensor_size == sum(step.tensor_size for step in ours.layers)


@pytest.mark.parametrize("net", SEQUENTIAL, ids=shown)
def test_each_step_reads_the_one_before_and_knows_its_line(net: Net) -> None:
    layers = trace(load(spec_text(net["input"], items(net)))).layers
    assert [step.in_shapes for step in layers] == [(tuple(shape),) for shape in arriving(net)[:-1]]
    assert [step.line for step in layers] == list(range(FIRST_ITEM, FIRST_ITEM + len(layers)))


ALLOWED_HERE = {
    "same_padding_with_stride": "ours is TensorFlow's rule, which has an answer for every stride",
    "batchnorm_wrong_dim": "the rank is inferred, so it cannot be the wrong one",
    "conv_rank_mismatch": "the rank is inferred, so it cannot be the wrong one",
    "layernorm_shape_mismatch": "ours takes the sizes from what arrives",
    "layernorm_over_channel_first": "ours takes the sizes from what arrives",
    "flatten_bad_dims": "ours has no axis numbers",
    "softmax_bad_dim": "ours has no axis numbers",
}
INVALID = [net for net in RANDOM["invalid"] if net["kind"] == "sequential" and said(net)]
REFUSED = [net for net in INVALID if net["category"] not in ALLOWED_HERE]


def test_the_refusals_left_out_are_known() -> None:
    chains = [net for net in RANDOM["invalid"] if net["kind"] == "sequential"]
    assert (len(chains), len(INVALID), len(REFUSED)) == (86, 86, 77)
    assert {net["category"] for net in INVALID} >= set(ALLOWED_HERE)


@pytest.mark.parametrize("net", REFUSED, ids=lambda net: f"{net['id']}-{net['category']}")
def test_what_pytorch_refuses_is_refused_at_that_layer(net: Net) -> None:
    bad = net["error"]["layer"]
    with pytest.raises(SpecError) as refused:
        trace(load(spec_text(net["input"], items(net))))
    errors = [problem for problem in refused.value.diagnostics if problem.severity == "error"]
    assert {problem.line for problem in errors} == {FIRST_ITEM + bad}


@pytest.mark.parametrize("net", [n for n in INVALID if n["error"]["layer"]], ids=shown)
def test_the_layers_above_a_refused_one_are_what_pytorch_measured(net: Net) -> None:
    prefix = items(net)[: net["error"]["layer"]]
    assert steps(spec_text(net["input"], prefix)) == measured(net["expect_prefix"])


def model_items(model: Net) -> list[Item]:
    """A torchvision model's leaf modules, with the flatten that its `forward` has before the classifier."""
    said_so_far: list[Item] = []
    for layer in model["layers"]:
        if layer["name"] == "classifier.0":
            said_so_far.append("flatten")
        said_so_far.append(item({"type": layer["type"], **layer["hp"]}, layer["input"][0][1:]))
    return said_so_far


@pytest.mark.parametrize("name", MODELS)
def test_torchvision_models_layer_by_layer(name: str) -> None:
    model = MODELS[name]
    ours = trace(load(spec_text(model["input"][1:], model_items(model))))
    assert [
        (list(step.out_shape), step.params, step.trainable, step.macs) for step in ours.layers if step.type != "flatten"
    ] == [(la["output"][1:], la["params"], la["trainable"], la["macs"]) for la in model["layers"]]
    assert (ours.totals.params, ours.totals.macs) == (model["total_params"], model["macs_total"])


MEASURABLE = [net for net in SEQUENTIAL if "boxes" in net["rf"] and "clipped_inside" not in net["rf"]]


def test_enough_receptive_fields_were_measured() -> None:
    assert len(MEASURABLE) >= 320


def box(interval: tuple[int, int] | None) -> list[int] | None:
    return None if interval is None else list(interval)


@pytest.mark.parametrize("net", MEASURABLE, ids=shown)
def test_the_receptive_field_is_what_the_gradient_showed(net: Net) -> None:
    rf = net["rf"]
    field = trace(load(spec_text([net["input"][0], *rf["input"]], items(net)))).layers[-1].receptive_field
    assert field is not None
    assert not field.is_global
    sizes = AXES[len(rf["input"])]
    ours = {
        axis: [box(field.axes[a].interval(rf["unit"][a] + k)) for k in range(len(rf["boxes"][axis]))]
        for a, axis in enumerate(sizes)
    }
    if all(rf["boxes"][axis][0] for axis in sizes):
        assert ours == rf["boxes"]
    else:  # the unit's gradient is zero everywhere as soon as one axis sees nothing
        assert any(boxes[0] is None for boxes in ours.values())


FLATTENED = [net for net in SEQUENTIAL if {"type": "Flatten"} in net["layers"]]


@pytest.mark.parametrize("net", FLATTENED, ids=shown)
def test_after_flatten_a_unit_sees_the_whole_input(net: Net) -> None:
    fields = [step.receptive_field for step in trace(load(spec_text(net["input"], items(net)))).layers]
    after = fields[net["layers"].index({"type": "Flatten"}) :]
    assert all(field is not None and field.is_global for field in after)


def is_chain(net: Net) -> bool:
    nodes = net["nodes"]
    above = ["input", *(node["name"] for node in nodes)]
    return all(node["inputs"] == [name] for node, name in zip(nodes, above, strict=False))


CHAINS = {name: net for name, net in FIELDS["custom"].items() if is_chain(net)}
CHECKPOINTS = [(name, point) for name, net in CHAINS.items() for point in net["checkpoints"]]


def field_of(net: Net, checkpoint: str) -> Any:
    said_so_far = [item(node, net["input"]) for node in net["nodes"]]
    index = [node["name"] for node in net["nodes"]].index(checkpoint)
    return trace(load(spec_text(net["input"], said_so_far))).layers[index].receptive_field


@pytest.mark.parametrize(
    ("name", "point"), CHECKPOINTS, ids=[f"{name}-{point['checkpoint']}" for name, point in CHECKPOINTS]
)
def test_custom_chains_unit_by_unit(name: str, point: Net) -> None:
    field = field_of(CHAINS[name], point["checkpoint"])
    for a, axis in enumerate("yx"):
        boxes = point[f"boxes_{axis}"]
        assert [box(field.axes[a].interval(point["unit"][a] + k)) for k in range(len(boxes))] == boxes
        assert (field.size_min[a], field.size[a]) == (min(point[f"rf_{axis}"]), max(point[f"rf_{axis}"]))
        if f"stride_{axis}" in point:
            assert (field.stride[a], field.start[a]) == (point[f"stride_{axis}"], point[f"start0_{axis}"])


def test_every_custom_chain_is_there() -> None:
    assert len(CHAINS) == 11
    assert not any(point["clipped"] for _, point in CHECKPOINTS)


TORCHVISION = [(n, p) for n in ("alexnet", "vgg16") for p in FIELDS["torchvision"][n]["checkpoints"]]


@pytest.mark.parametrize(
    ("name", "point"), TORCHVISION, ids=[f"{name}-{point['checkpoint']}" for name, point in TORCHVISION]
)
def test_torchvision_checkpoints(name: str, point: Net) -> None:
    features = [la for la in MODELS[name]["layers"] if la["name"].startswith("features")]
    index = [la["name"] for la in features].index(point["checkpoint"].split(":")[0])
    sizes = FIELDS["torchvision"][name]["input"][1:]
    text = spec_text([3, *sizes], model_items(MODELS[name])[: len(features)])
    step = trace(load(text)).layers[index]
    field = step.receptive_field
    assert field is not None
    assert list(step.out_shape[1:]) == point["out_hw"]
    assert field.size == field.size_min == tuple(point["rf"])
    assert field.stride == (point["stride_y"], point["stride_x"])
    assert field.start == (point["start0_y"], point["start0_x"])
    assert [box(field.axes[a].interval(point["unit"][a])) for a in (0, 1)] == [point["box"][a] for a in "yx"]
