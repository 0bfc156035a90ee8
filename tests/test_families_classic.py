"""ResNet, GoogLeNet, Inception, SqueezeNet, DenseNet, Xception: each variant against the framework's own numbers."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from shapecalc import Spec, Step, Trace, load, trace

TESTS = Path(__file__).parent
SPECS = TESTS.parent / "specs"
TRUTH = TESTS / "truth"

VARIANTS = {  # our variant: the framework's name
    "resnet:resnet18": "resnet18",
    "resnet:resnet34": "resnet34",
    "resnet:resnet50": "resnet50",
    "resnet:resnet101": "resnet101",
    "resnet:resnet152": "resnet152",
    "resnet:resnext50": "resnext50_32x4d",
    "resnet:wide_resnet50": "wide_resnet50_2",
    "googlenet:noaux": "googlenet_noaux",
    "googlenet:aux": "googlenet_aux",
    "inception_v3:noaux": "inception_v3_noaux",
    "inception_v3:aux": "inception_v3_aux",
    "squeezenet:squeezenet1_0": "squeezenet1_0",
    "squeezenet:squeezenet1_1": "squeezenet1_1",
    "densenet:densenet121": "densenet121",
    "densenet:densenet161": "densenet161",
    "densenet:densenet169": "densenet169",
    "densenet:densenet201": "densenet201",
    "xception": "Xception",
}

HEADS = {  # multiply-adds of the auxiliary heads, by hand; torchvision was measured in evaluation, which skips them
    "googlenet:aux": 4 * 4 * (512 + 528) * 128 + 2 * (2048 * 1024 + 1024 * 1000),
    "inception_v3:aux": 5 * 5 * 768 * 128 + 5 * 5 * 128 * 768 + 768 * 1000,
}

LAYERWISE = [
    "resnet:resnet18",
    "resnet:resnet34",
    "resnet:resnet50",
    "resnet:resnext50",
    "googlenet:noaux",
    "inception_v3:noaux",
    "squeezenet:squeezenet1_0",
    "squeezenet:squeezenet1_1",
    "densenet:densenet121",
]
TORCH_TYPES = {"Conv2d": "conv", "Linear": "fc", "BatchNorm2d": "batchnorm", "MaxPool2d": "maxpool"}
MERGES = {"add": "add", "cat": "concat"}
KERAS_TYPES = {
    "Add": "add",
    "BatchNormalization": "batchnorm",
    "Conv2D": "conv",
    "Dense": "fc",
    "MaxPooling2D": "maxpool",
    "SeparableConv2D": "separable_conv",
}

Row = tuple[Any, ...]


def read(name: str) -> Any:
    with gzip.open(TRUTH / f"{name}.json.gz", "rt", encoding="utf-8") as file:
        return json.load(file)


MODELS = json.loads((TRUTH / "models.json").read_text(encoding="utf-8"))
FIELDS = read("receptive_field")["torchvision"]


def loaded(name: str) -> Spec:
    stem, _, variant = name.partition(":")
    return load(SPECS / f"{stem}.yaml", variant or None)


@lru_cache
def traced(name: str) -> Trace:
    return trace(loaded(name))


# Totals.


@pytest.mark.parametrize("name", VARIANTS)
def test_totals_are_the_measured_ones(name: str) -> None:
    totals, measured = traced(name).totals, MODELS[VARIANTS[name]]
    step_counters = measured.get("buffer_tensors", 0) // 3  # torch's batch norm: mean, variance, and a counter
    assert totals.params == measured["params"]
    assert totals.macs == measured["macs"] + HEADS.get(name, 0)
    assert totals.buffers == measured["buffer_elements"] - step_counters


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_expects_its_numbers_and_has_them(name: str) -> None:
    expect = traced(name).spec.expect
    assert expect is not None
    assert None not in (expect.params, expect.macs, expect.output)
    assert traced(name).diagnostics == ()


@pytest.mark.parametrize("stem", sorted({name.partition(":")[0] for name in VARIANTS}))
def test_every_variant_is_measured(stem: str) -> None:
    variants = {name.partition(":")[2] for name in VARIANTS if name.partition(":")[0] == stem}
    assert set(traced(next(n for n in VARIANTS if n.startswith(stem))).spec.variants) == variants - {""}


def test_every_measured_model_has_a_spec() -> None:
    assert set(MODELS) == set(VARIANTS.values())


def test_a_network_has_an_output_for_each_head() -> None:
    shapes = {name: [output.shape for output in traced(name).outputs] for name in HEADS}
    assert shapes == {"googlenet:aux": [(1000,)] * 3, "inception_v3:aux": [(1000,)] * 2}


def test_the_whole_resnet_family_fits_on_two_pages() -> None:
    assert len((SPECS / "resnet.yaml").read_text(encoding="utf-8").splitlines()) < 100


# Layer by layer.


def on_both_axes(size: Any) -> tuple[int, ...] | None:
    return (size, size) if isinstance(size, int) else None if size is None else tuple(size)


def torch_rows(truth: Mapping[str, Any]) -> Iterator[Row]:
    """Type, what arrives, what leaves, params, multiply-adds, kernel of each leaf module."""
    for leaf in truth["layers"]:
        if leaf["type"] in TORCH_TYPES:
            shapes = tuple(leaf["input"][0][1:]), tuple(leaf["output"][1:])
            counts = leaf["params"], leaf["macs"]
            yield TORCH_TYPES[leaf["type"]], *shapes, *counts, on_both_axes(leaf["hp"].get("kernel_size"))


def rows(network: Trace) -> Iterator[Row]:
    """The same of our steps."""
    for step in network.layers:
        if step.type in TORCH_TYPES.values():
            kernel = on_both_axes(getattr(step.layer, "kernel_size", None))
            yield step.type, step.in_shapes[0], step.out_shape, step.params, step.macs, kernel


def functional_poolings(truth: Mapping[str, Any]) -> Counter[tuple[int, ...]]:
    """The shapes that torchvision makes with a call of `max_pool2d`, which is no module."""
    return Counter(tuple(node["out"][1:]) for node in truth["graph"] if node["target"] == "max_pool2d")


@pytest.mark.parametrize("name", LAYERWISE)
def test_layers_are_those_of_torchvision_in_its_order(name: str) -> None:
    truth = read(f"layers/{VARIANTS[name]}")
    measured, found = list(torch_rows(truth)), list(rows(traced(name)))
    functional = functional_poolings(truth)
    if functional:
        modules = [row for row in measured if row[0] == "maxpool"]
        pools = Counter(row[2] for row in found if row[0] == "maxpool")
        assert pools == Counter(row[2] for row in modules) + functional
        measured, found = ([row for row in each if row[0] != "maxpool"] for each in (measured, found))
    assert found == measured


@pytest.mark.parametrize("name", [name for name in LAYERWISE if name.partition(":")[0] in ("resnet", "squeezenet")])
def test_merges_are_those_of_torchvision_in_its_order(name: str) -> None:
    measured = merges_of_torch(VARIANTS[name])
    assert measured
    assert [(step.type, step.out_shape) for step in traced(name).layers if step.type in MERGES.values()] == measured


@pytest.mark.parametrize("name", ["googlenet:noaux", "inception_v3:noaux"])
def test_concatenations_are_those_of_torchvision(name: str) -> None:
    merges = Counter((step.type, step.out_shape) for step in traced(name).layers if step.type in MERGES.values())
    assert merges == Counter(merges_of_torch(VARIANTS[name]))


def merges_of_torch(name: str) -> list[Row]:
    graph = read(f"layers/{name}")["graph"]
    return [(MERGES[node["target"]], tuple(node["out"][1:])) for node in graph if node["target"] in MERGES]


def test_layers_are_those_of_keras() -> None:
    """As multisets: Keras lists the layers by their depth. It counts moving statistics as parameters."""
    measured = Counter(
        (KERAS_TYPES[layer["type"]], (*layer["output_shape"][:0:-1],), layer["params"])
        for layer in read("layers/Xception")["layers"]
        if layer["type"] in KERAS_TYPES
    )
    steps = [step for step in traced("xception").layers if step.type in KERAS_TYPES.values()]
    assert Counter((step.type, step.out_shape, counted(step.params) + counted(step.buffers)) for step in steps) == (
        measured
    )


def counted(number: int | None) -> int:
    assert number is not None
    return number


# Receptive fields, measured by gradients.

SQUEEZENET = {  # torchvision 1.1's numbers: the paper's names
    "0": "conv1",
    "1": "relu1",
    "2": "pool1",
    "3": "fire2",
    "4": "fire3",
    "5": "pool3",
    "6": "fire4",
    "7": "fire5",
    "8": "pool5",
    "9": "fire6",
    "10": "fire7",
    "11": "fire8",
    "12": "fire9",
}


def ours(checkpoint: str) -> str:
    """Our layer, or the block whose last layer it is: ``features.3:Fire`` is ``fire2``."""
    name = checkpoint.removeprefix("features.").partition(":")[0]
    return SQUEEZENET.get(name, name)


def last_of(name: str, network: Trace) -> Step:
    return [step for step in network.layers if step.name == name or step.name.startswith(f"{name}.")][-1]


@pytest.mark.parametrize(
    ("name", "last_size"),
    [
        ("resnet:resnet18", 435),
        ("resnet:resnet50", 427),
        ("resnet:resnet101", 971),
        ("densenet:densenet121", 2071),
        ("inception_v3:noaux", 1311),
        ("squeezenet:squeezenet1_1", 207),
    ],
)
def test_receptive_fields_are_the_measured_ones(name: str, last_size: int) -> None:
    measured = FIELDS[VARIANTS[name].removesuffix("_noaux")]
    network = trace(loaded(name).with_input((3, *measured["input"][1:])))
    for point in measured["checkpoints"]:
        step = last_of(ours(point["checkpoint"]), network)
        field = step.receptive_field
        assert field is not None
        assert list(step.out_shape[1:]) == point["out_hw"], step.name
        assert field.size == field.size_min == tuple(point["rf"]), step.name
        assert field.stride == (point["stride_y"], point["stride_x"]), step.name
        assert field.start == (point["start0_y"], point["start0_x"]), step.name
        seen = [field.axes[a].interval(point["unit"][a]) for a in (0, 1)]
        assert seen == [tuple(point["box"]["y"]), tuple(point["box"]["x"])], step.name
    assert measured["checkpoints"][-1]["rf"] == [last_size, last_size]


# The plain network beside the residual one.

CIFAR = ("plain56:plain", "plain56:residual")
CONV_WEIGHTS = {32: 432 + 18 * 2304, 16: 4608 + 17 * 9216, 8: 18432 + 17 * 36864}  # by the map's size


@pytest.mark.parametrize("name", CIFAR)
def test_the_cifar_networks_by_hand(name: str) -> None:
    network = traced(name)
    channels = 19 * 16 + 18 * 32 + 18 * 64  # of the batch norms
    assert network.totals.params == sum(CONV_WEIGHTS.values()) + 2 * channels + 64 * 10 + 10
    assert network.totals.macs == sum(side**2 * weights for side, weights in CONV_WEIGHTS.items()) + 64 * 10
    assert network.totals.buffers == 2 * channels
    assert sum(step.type in ("conv", "fc") for step in network.layers) == 56
    assert network.diagnostics == ()


@pytest.mark.parametrize("name", CIFAR)
def test_the_cifar_networks_are_those_in_print(name: str) -> None:
    totals = traced(name).totals
    assert round(counted(totals.params) / 1e6, 2) == 0.85  # He et al. 2015, table 6
    assert round(counted(totals.macs) / 1e8, 2) == 1.25  # Li et al. 2016, arXiv:1608.08710, table 1


def test_a_shortcut_costs_nothing_and_sees_nothing_more() -> None:
    plain, residual = (traced(name) for name in CIFAR)
    weighted = [[(s.out_shape, s.params, s.macs) for s in n.layers if s.type == "conv"] for n in (plain, residual)]
    assert weighted[0] == weighted[1]
    fields = [last_of("stage3", network).receptive_field for network in (plain, residual)]
    assert fields[0] == fields[1]
    assert [sum(step.type == "add" for step in network.layers) for network in (plain, residual)] == [0, 27]
