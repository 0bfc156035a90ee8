"""The shipped families of small and efficient networks, against torchvision, Keras and the published tables."""

from __future__ import annotations

import gzip
import json
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from shapecalc import Trace, load, trace
from shapecalc.result import Step
from shapecalc.spec import Spec

TRUTH = Path(__file__).parent / "truth"
SPECS = Path(__file__).parent.parent / "specs"

FAMILIES = (
    "convnext",
    "efficientnet_v2",
    "efficientnet",
    "mnasnet",
    "mobilenet_v1",
    "mobilenet_v2",
    "mobilenet_v3",
    "regnet",
    "shufflenet_v2",
)


def read(name: str) -> Any:
    with gzip.open(TRUTH / f"{name}.json.gz", "rt", encoding="utf-8") as file:
        return json.load(file)


MODELS = json.loads((TRUTH / "models_mobile.json").read_text(encoding="utf-8"))["models"]
FIELDS = read("receptive_field")


def spec_of(name: str) -> Spec:
    """The spec of a network by its name in the truth: `regnet_y_400mf` is the variant y_400mf of regnet."""
    family = next(family for family in FAMILIES if name.startswith(family))
    path = SPECS / f"{family}.yaml"
    variant = next((v for v in load(path).variants if name in (v, f"{family}_{v}")), None)
    return load(path, variant)


@cache
def traced(name: str) -> Trace:
    return trace(spec_of(name))


# ---- the whole network ----


def test_every_variant_was_measured() -> None:
    ours = [
        variant if variant.startswith(family) else f"{family}_{variant}" if variant else family
        for family in FAMILIES
        for variant in load(SPECS / f"{family}.yaml").variants or ("",)
    ]
    assert sorted(ours) == sorted(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_totals_are_the_measured_ones(name: str) -> None:
    ours, measured = traced(name), MODELS[name]
    assert list(ours.inputs[0][1]) == measured["input"]
    found = {"params": ours.totals.params, "buffers": ours.totals.buffers, "macs": ours.totals.macs}
    assert found == {quantity: measured[quantity] for quantity in found}
    assert [output.shape for output in ours.outputs] == [(1000,)]


@pytest.mark.parametrize("name", MODELS)
def test_the_spec_expects_what_was_measured(name: str) -> None:
    expect, measured = spec_of(name).expect, MODELS[name]
    assert expect is not None
    assert traced(name).diagnostics == ()
    for quantity in ("params", "buffers", "macs"):
        expected = getattr(expect, quantity)
        assert (expected.sign, expected.value) == ("", measured[quantity])
    assert expect.output == (1000,)


def millions(name: str, width: float, size: int) -> tuple[float, float]:
    """Multiply-adds and parameters of a network with its channels times `width`, at a square input."""
    totals = trace(load(SPECS / f"{name}.yaml", width=width).with_input((3, size, size))).totals
    assert totals.macs is not None
    assert totals.params is not None
    return totals.macs / 1e6, totals.params / 1e6


@pytest.mark.parametrize(
    ("width", "size", "macs", "params"),
    [  # Howard et al. 2017, tables 6 and 7; some multiply-adds are cut off, not rounded
        (1, 224, 569, 4.2),
        (0.75, 224, 325, 2.6),
        (0.5, 224, 149, 1.3),
        (0.25, 224, 41, 0.5),
        (1, 192, 418, 4.2),
        (1, 160, 290, 4.2),
        (1, 128, 186, 4.2),
    ],
)
def test_mobilenet_by_width_and_resolution(width: float, size: int, macs: int, params: float) -> None:
    ours = millions("mobilenet_v1", width, size)
    assert abs(ours[0] - macs) < 1
    assert round(ours[1], 1) == params


@pytest.mark.parametrize(
    ("width", "size", "macs"),
    [  # the table beside TensorFlow's checkpoints, which Keras repeats; cut off
        (1.4, 224, 582),
        (1.3, 224, 509),
        (1, 224, 300),
        (1, 192, 221),
        (0.75, 224, 209),
        (0.5, 224, 97),
        (0.5, 96, 18),
        (0.35, 224, 59),  # the stem: 11.2 channels are nearer to 8, but 8 is below 90 % of 11.2, so 16
        (0.35, 96, 11),
    ],
)
def test_mobilenet_v2_rounds_its_channels(width: float, size: int, macs: int) -> None:
    assert int(millions("mobilenet_v2", width, size)[0]) == macs


# ---- layer by layer ----

WORDS = {  # torch's modules; dropout, stochastic depth, pools before the classifier and permutations left out
    "Conv2d": "conv",
    "Linear": "fc",
    "BatchNorm2d": "batchnorm",
    "LayerNorm": "layernorm",
    "LayerNorm2d": "layernorm",
    "MaxPool2d": "maxpool",
    "ReLU": "relu",
    "ReLU6": "relu6",
    "SiLU": "silu",
    "Hardswish": "hardswish",
    "Hardsigmoid": "hardsigmoid",
    "Sigmoid": "sigmoid",
    "GELU": "gelu",
}
CHANNELS_LAST = ("LayerNorm", "Linear", "GELU")  # of ConvNeXt's blocks, on permuted maps
LAYERS = (
    "mobilenet_v2",
    "mobilenet_v3_large",
    "mnasnet1_0",
    "efficientnet_b0",
    "regnet_y_400mf",
    "shufflenet_v2_x1_0",
    "convnext_tiny",
)

Row = tuple[str, list[int], int, int]


def measured_row(layer: dict[str, Any]) -> Row:
    _, *out = layer["output"]
    if layer["type"] in CHANNELS_LAST and len(out) == 3:
        out = [out[-1], *out[:-1]]
    return WORDS[layer["type"]], out, layer["params"], layer["macs"]


def our_row(step: Step) -> Row:
    assert step.params is not None
    assert step.macs is not None
    return step.type, list(step.out_shape), step.params, step.macs


@pytest.mark.parametrize("name", LAYERS)
def test_layers_are_torchvisions_in_execution_order(name: str) -> None:
    truth = read(f"layers/{name}")
    measured = [measured_row(layer) for layer in truth["layers"] if layer["type"] in WORDS]
    ours = [our_row(step) for step in traced(name).layers if step.type in WORDS.values()]
    assert ours == measured
    assert len(measured) >= 100


@pytest.mark.parametrize("name", LAYERS)
def test_only_what_learns_nothing_was_left_out(name: str) -> None:
    left = [layer for layer in read(f"layers/{name}")["layers"] if layer["type"] not in WORDS]
    assert not any(layer["params"] or layer["macs"] for layer in left)
    kinds = {layer["type"] for layer in left}
    assert kinds <= {"AdaptiveAvgPool2d", "Dropout", "Flatten", "Permute", "StochasticDepth"}


def test_what_was_not_measured_layer_by_layer_learns_nothing_but_layer_scale() -> None:
    for name in LAYERS:
        others = [step for step in traced(name).layers if step.type not in WORDS.values()]
        assert not any(step.macs for step in others)
        assert {step.type for step in others if step.params} == ({"scale"} if name == "convnext_tiny" else set())


KERAS = [layer for layer in read("keras_layers/MobileNet")["layers"] if layer["type"] != "InputLayer"]


def test_mobilenet_is_keras_layer_by_layer() -> None:
    measured = [
        ([layer["output_shape"][-1], *layer["output_shape"][1:-1]], layer["trainable"], layer["non_trainable"])
        for layer in KERAS
    ]
    assert [(list(s.out_shape), s.params, s.buffers) for s in traced("mobilenet_v1").layers] == measured


# ---- receptive fields ----


def agrees(step: Step, point: dict[str, Any]) -> None:
    """The step's size of output and receptive field are those of a measured point."""
    field = step.receptive_field
    assert field is not None
    assert list(step.out_shape[1:]) == point["out_hw"]
    assert field.is_global is point.get("global", False)
    if not field.is_global:
        assert list(field.size) == list(field.size_min) == point["rf"]
        assert field.stride == (point["stride_y"], point["stride_x"])
        assert field.start == (point["start0_y"], point["start0_x"])


def at_input(name: str, size: int) -> Trace:
    return trace(spec_of(name).with_input((3, size, size)))


@pytest.mark.parametrize("size", ["800", "801", "815"])
def test_receptive_fields_of_mobilenet_with_same_padding(size: str) -> None:
    names = [layer["name"] for layer in KERAS]
    ours = at_input("mobilenet_v1", int(size)).layers
    for point in FIELDS["keras"]["MobileNet"][size]:
        agrees(ours[names.index(point["checkpoint"])], point)


def block_ends(ours: Trace, depth: int) -> list[Step]:
    """The last step of each part of a network, by the first `depth` parts of the names of what has stages."""
    ends: dict[str, Step] = {}
    for step in ours.layers:
        first, *rest = step.name.split(".")
        is_stage = first.startswith("stage")
        ends[".".join([first, *rest][:depth]) if is_stage else first] = step
    return list(ends.values())


@pytest.mark.parametrize(("name", "depth"), [("mobilenet_v2", 3), ("efficientnet_v2_s", 2)])
def test_receptive_fields_at_the_end_of_each_part(name: str, depth: int) -> None:
    measured = FIELDS["torchvision"][name]
    ends = block_ends(at_input(name, measured["input"][1]), depth)
    for step, point in zip(ends, measured["checkpoints"], strict=False):
        agrees(step, point)


def test_every_part_has_its_checkpoint() -> None:
    counts = {"mobilenet_v2": (3, 19), "efficientnet_v2_s": (2, 8)}
    for name, (depth, count) in counts.items():
        assert len(FIELDS["torchvision"][name]["checkpoints"]) == count
        assert [step.type for step in block_ends(traced(name), depth)[count:]] == ["global_avgpool", "dropout", "fc"]


def test_beside_a_gate_the_local_paths_are_still_told() -> None:
    """By hand: the same convolutions without the gates. Stage 4 begins at 95 with a stride of 8."""
    stage4 = traced("efficientnet_v2_s")["stage.3.block.5.add1"].receptive_field
    assert stage4 is not None
    assert stage4.is_global
    assert stage4.size == (95 + 2 * 8 + 5 * 2 * 16,) * 2  # a 3×3 at stride 8, then five at stride 16
    assert stage4.stride == (Fraction(16),) * 2
    assert stage4.start == (-(stage4.size[0] // 2),) * 2
