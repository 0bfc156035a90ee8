"""The specs that come with the package: sound, and equal to what is published about their networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import prod
from pathlib import Path
from typing import Any

import pytest
import yaml

from shapecalc import Spec, Trace, load, load_all, trace
from tests.witness import torch_or_skip

Shape = tuple[int, ...]

SPECS = {path.stem: path for path in sorted((Path(__file__).parent.parent / "specs").glob("*.yaml"))}

VGG_TOTALS = {  # torchvision 0.28: documented num_params; multiply-adds by its FLOP counter, halved
    "vgg11": (132_863_336, 7_609_090_048),
    "vgg13": (133_047_848, 11_308_466_176),
    "vgg16": (138_357_544, 15_470_264_320),
    "vgg19": (143_667_240, 19_632_062_464),
}

TOTALS = {
    **VGG_TOTALS,
    "alexnet-torch": (61_100_840, 714_188_480),  # torchvision 0.28, as above
    "alexnet": (60_965_224, 724_406_816),  # Krizhevsky 2012's layer list through torch 2.13
}

PARAMS = {
    "all-cnn-c": 1_369_738,  # the paper: 1.4M
    "lenet5-1998": 60_000,  # the paper: 60,000 trainable free parameters
    "zfnet": 62_357_608,  # "Computational Analysis and Deep Learning for Medical Care", table 1.4
}

PUBLISHED_FIELDS = {  # Araujo, Norris & Sim 2019, Distill: size, stride, padding (which is −start)
    "alexnet": {  # alexnet_v2 in their table; VALID in conv1, as here
        "conv1": (11, 4, 0),
        "pool1": (19, 8, 0),
        "conv2": (51, 8, 16),
        "conv3": (99, 16, 32),
        "conv4": (131, 16, 48),
        "conv5": (163, 16, 64),
        "pool5": (195, 32, 64),
    },
    "vgg11": {  # vgg_a
        "conv1_1": (3, 1, 1),
        "pool1": (4, 2, 1),
        "conv2_1": (8, 2, 3),
        "pool2": (10, 4, 3),
        "conv3_1": (18, 4, 7),
        "conv3_2": (26, 4, 11),
        "pool3": (30, 8, 11),
        "conv4_1": (46, 8, 19),
        "conv4_2": (62, 8, 27),
        "pool4": (70, 16, 27),
        "conv5_1": (102, 16, 43),
        "conv5_2": (134, 16, 59),
        "pool5": (150, 32, 59),
    },
    "vgg16": {  # vgg_16
        "conv1_1": (3, 1, 1),
        "pool1": (6, 2, 2),
        "conv2_1": (10, 2, 4),
        "pool2": (16, 4, 6),
        "conv3_1": (24, 4, 10),
        "conv3_2": (32, 4, 14),
        "pool3": (44, 8, 18),
        "conv4_1": (60, 8, 26),
        "conv4_2": (76, 8, 34),
        "pool4": (100, 16, 42),
        "conv5_1": (132, 16, 58),
        "conv5_2": (164, 16, 74),
        "pool5": (212, 32, 90),
    },
}


def is_chain(spec: Spec) -> bool:
    return all(item.kind == "layer" and item.keys.origin is None for item in spec.items) and not spec.variants


NOTED = {  # what `check --strict` objects to: each is true of the published network
    "alexnet-torch": {"conv1"},  # (224 + 4 − 11) / 4
    "all-cnn-c": {"conv3", "conv6"},  # stride 2 on even sizes
    "c3d": {"conv4a"},  # sees 24 frames of 16
    "conv-pool-stack": {"pool3"},  # sees 36 rows of 32
    "dcgan-generator": {"up1", "up2", "up3", "up4"},  # kernel 5 at stride 2 overlaps unevenly
    "grey-recognition": {"subsample3"},  # 15 / 2
    "lenet5-1998": {"C3", "output"},  # declared
    "mnist": {"pool2"},  # 11 / 2
    "vgg19": {"conv5_4"},  # sees 252 rows of 224
    "zfnet": {"conv1"},  # (224 + 2 − 7) / 2
}


def specs(path: Path) -> list[Spec]:
    """Every network of a file: its documents, or its variants."""
    (first, *others) = load_all(path)
    return [load(path, variant) for variant in first.variants] if first.variants else [first, *others]


CHAINS = [name for name, path in SPECS.items() if all(is_chain(spec) for spec in load_all(path))]
"""The specs of layers one after the other; the notes of others are too many to list."""


def traced(name: str) -> Trace:
    return trace(load(SPECS[name]))


def test_the_specs_are_found() -> None:
    assert len(SPECS) >= 20


@pytest.mark.parametrize("path", SPECS.values(), ids=SPECS.keys())
def test_a_spec_traces_without_diagnostics_and_says_where_it_comes_from(path: Path) -> None:
    for spec in specs(path):
        assert trace(spec).diagnostics == ()
        assert spec.name != str(path), "a name of its own"
        assert spec.citation is not None
        assert spec.expect is not None
        assert None not in (spec.expect.params, spec.expect.macs, spec.expect.output)


@pytest.mark.parametrize("name", CHAINS)
def test_notes_are_the_known_ones(name: str) -> None:
    noted = {step.name for spec in load_all(SPECS[name]) for step in trace(spec).layers if step.notes}
    assert noted == NOTED.get(name, set())


@pytest.mark.parametrize("name", TOTALS)
def test_parameters_and_multiply_adds_are_the_measured_ones(name: str) -> None:
    totals = traced(name).totals
    assert (totals.params, totals.macs) == TOTALS[name]


@pytest.mark.parametrize("name", PARAMS)
def test_parameters_are_the_published_ones(name: str) -> None:
    assert traced(name).totals.params == PARAMS[name]


@pytest.mark.parametrize("name", VGG_TOTALS)
def test_the_fc_layers_of_a_vgg_hold_most_of_it(name: str) -> None:
    network = traced(name)
    held = {t: sum(s.params or 0 for s in network.layers if s.type == t) for t in ("conv", "fc")}
    assert held["fc"] == 123_642_856  # 25,088·4,096 + 4,096² + 4,096·1,000, and 9,192 biases
    assert held["conv"] == VGG_TOTALS[name][0] - 123_642_856


def test_vgg16_is_nine_tenths_fc() -> None:
    assert round(100 * 123_642_856 / (traced("vgg16").totals.params or 0), 1) == 89.4


@pytest.mark.parametrize(
    ("name", "layer"), [(name, layer) for name, rows in PUBLISHED_FIELDS.items() for layer in rows]
)
def test_receptive_fields_are_the_published_ones(name: str, layer: str) -> None:
    field = traced(name)[layer].receptive_field
    size, stride, padding = PUBLISHED_FIELDS[name][layer]
    assert field is not None
    assert field.stride is not None
    assert list(zip(field.size, field.stride, field.start, strict=True)) == [(size, Fraction(stride), -padding)] * 2


def test_torchvision_pads_alexnet_so_that_its_windows_begin_two_pixels_earlier() -> None:
    field = traced("alexnet-torch")["pool5"].receptive_field
    assert field is not None
    assert (field.size, field.start) == ((195, 195), (-66, -66))  # measured by gradients, torchvision 0.28


def test_vgg16_fits_on_a_page() -> None:
    lines = SPECS["vgg16"].read_text(encoding="utf-8").splitlines()
    assert sum(not line.startswith("#") for line in lines) < 30


def test_small_kernels_see_as_far_with_fewer_weights() -> None:
    five, two, seven, three = (trace(spec).totals for spec in load_all(SPECS["stacked-3x3"]))
    assert (five.params, two.params) == (25 * 64**2, 18 * 64**2)
    assert (seven.params, three.params) == (49 * 64**2, 27 * 64**2)  # the paper: 49C², 27C²


# The second witness: torch, from the spec file's own YAML.

Fields = Mapping[str, Any]
Build = Callable[[Any, Fields, Shape], Any]

BARE = {
    "adaptive_avgpool": "output_size",
    "avgpool": "kernel_size",
    "dropout": "p",
    "fc": "out_features",
    "lrn": "size",
    "maxpool": "kernel_size",
    "pixel_shuffle": "upscale_factor",
    "reshape": "shape",
}
BESIDE = {"name", "expect"}
NOT_IN_TORCH = {
    "lstm": "the translator below knows no recurrent layer",
    "dilated-causal": "padding on one side only",
    "lenet5-1998": "custom layers",
    "m5-audio": "`same` padding with a stride",
}


def of_rank(name: str) -> Build:
    """A module whose name ends in the number of spatial axes."""
    return lambda nn, fields, arriving: getattr(nn, f"{name}{len(arriving) - 1}d")(**fields)


def convolution(name: str) -> Build:
    return lambda nn, fields, arriving: of_rank(name)(nn, {"in_channels": arriving[0], **fields}, arriving)


MODULES: dict[str, Build] = {
    "adaptive_avgpool": of_rank("AdaptiveAvgPool"),
    "avgpool": of_rank("AvgPool"),
    "batchnorm": lambda nn, _, arriving: getattr(nn, f"BatchNorm{max(len(arriving) - 1, 1)}d")(arriving[0]),
    "conv": convolution("Conv"),
    "conv_transpose": convolution("ConvTranspose"),
    "dropout": lambda nn, fields, _: nn.Dropout(**fields),
    "fc": lambda nn, fields, arriving: nn.Linear(arriving[0], **fields),
    "flatten": lambda nn, *_: nn.Flatten(),
    "global_avgpool": lambda nn, *_: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
    "lrn": lambda nn, fields, _: nn.LocalResponseNorm(**fields),
    "maxpool": of_rank("MaxPool"),
    "pixel_shuffle": lambda nn, fields, _: nn.PixelShuffle(**fields),
    "relu": lambda nn, *_: nn.ReLU(),
    "reshape": lambda nn, fields, _: nn.Unflatten(1, channels_first(fields["shape"])),
    "softmax": lambda nn, *_: nn.Softmax(1),
    "tanh": lambda nn, *_: nn.Tanh(),
}


def channels_first(written: str | int) -> Shape:
    *spatial, channels = (int(size) for size in str(written).split("x"))
    return (channels, *spatial)


def module(nn: Any, item: str | dict[str, Any], arriving: Shape) -> Any:
    """The torch module that an item of `layers` describes."""
    if isinstance(item, str):
        return MODULES[item](nn, {}, arriving)
    ((word, value),) = ((key, value) for key, value in item.items() if key not in BESIDE)
    fields = value if isinstance(value, dict) else {BARE[word]: value}
    return MODULES[word](nn, fields, arriving)


@pytest.mark.parametrize("name", [name for name in CHAINS if name not in NOT_IN_TORCH])
def test_torch_agrees_layer_by_layer(name: str) -> None:
    torch = torch_or_skip()
    written = yaml.safe_load_all(SPECS[name].read_text(encoding="utf-8"))
    for document, spec in zip(written, load_all(SPECS[name]), strict=True):
        value = torch.empty((1, *channels_first(document["input"])), device="meta")
        for item, step in zip(document["layers"], trace(spec).layers, strict=True):
            with torch.device("meta"):
                layer = module(torch.nn, item, tuple(value.shape[1:]))
            value = layer.eval()(value)
            assert step.out_shape == tuple(value.shape[1:]), step.name
            assert step.tensor_size == prod(value.shape), step.name
            assert step.params == sum(each.numel() for each in layer.parameters()), step.name
            counted = (each for each in layer.buffers() if each.is_floating_point())  # not the step counter
            assert step.buffers == sum(each.numel() for each in counted), step.name
