"""Networks that answer per pixel, per box, per pair or per word: each against numbers that we did not compute."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from shapecalc import Step, Trace, load, trace

TESTS = Path(__file__).parent
SPECS = TESTS.parent / "specs"
TRUTH = TESTS / "truth"


def unpacked(name: str) -> Any:
    with gzip.open(TRUTH / f"{name}.json.gz", "rt", encoding="utf-8") as file:
        return json.load(file)


@lru_cache(maxsize=4)
def traced(name: str) -> Trace:
    """The network of a spec, its variant behind a colon."""
    spec, _, variant = name.partition(":")
    return trace(load(SPECS / f"{spec}.yaml", variant or None))


def shapes_out(network: Trace) -> list[list[int]]:
    return [list(output.shape) for output in network.outputs]


# torchvision

MODELS: Mapping[str, Mapping[str, Any]] = json.loads((TRUTH / "models_dense.json").read_text(encoding="utf-8"))[
    "models"
]
PLAIN = {"fcn": "fcn:plain", "deeplabv3": "deeplabv3:plain", "vit": "vit:b_16", "swin": "swin:t"}
LAYERWISE = {
    "fcn:plain": "fcn_resnet50",
    "deeplabv3:plain": "deeplabv3_resnet50",
    "vit:b_16": "vit_b_16",
    "swin:t": "swin_t",
}
TYPES = {
    "AdaptiveAvgPool2d": ("adaptive_avgpool", "global_avgpool"),
    "BatchNorm2d": ("batchnorm",),
    "Conv2d": ("conv",),
    "GELU": ("gelu",),
    "LayerNorm": ("layernorm",),
    "Linear": ("fc",),
    "MaxPool2d": ("maxpool",),
    "MultiheadAttention": ("attention",),
    "ReLU": ("relu",),
    "ShiftedWindowAttention": ("window_attention",),
}
CHANNELS_LAST = ("swin_t", "vit_b_16")


def as_lists(output: Any) -> list[list[int]]:
    """torchvision's output or outputs, without the batch axis."""
    return [shape[1:] for shape in (output.values() if isinstance(output, dict) else [output])]


@pytest.mark.parametrize("name", MODELS)
def test_totals_are_torchvision_s(name: str) -> None:
    network, truth = traced(name), MODELS[name]
    totals = network.totals
    assert (totals.params, totals.macs) == (truth["total_params"], truth["macs_all_matmul"])
    assert totals.trainable == totals.params
    assert totals.buffers == truth["buffer_elements"] - truth["batch_norms"]
    assert [list(shape) for _, shape in network.inputs] == [truth["input"][1:]]
    assert shapes_out(network) == as_lists(truth["output"])


@pytest.mark.parametrize("name", PLAIN)
def test_without_a_variant_it_is_the_usual_network(name: str) -> None:
    assert traced(name).totals == traced(PLAIN[name]).totals


def channels_first(model: str, layer: Mapping[str, Any]) -> tuple[int, ...]:
    *rest, last = layer["output"][1:]
    moved = model in CHANNELS_LAST and layer["type"] not in ("Conv2d", "AdaptiveAvgPool2d")
    return (last, *rest) if moved else (*rest, last)


def ours(step: Step) -> tuple[Any, ...]:
    keepdims = (1, 1) if step.type == "global_avgpool" else ()
    return (step.type, (*step.out_shape, *keepdims), step.params, step.macs)


@pytest.mark.parametrize("name", LAYERWISE)
def test_every_layer_is_torchvision_s_in_its_order(name: str) -> None:
    model = LAYERWISE[name]
    truth = [layer for layer in unpacked(f"layers/{model}")["layers"] if layer["type"] in TYPES]
    wanted = {word for words in TYPES.values() for word in words}
    steps = [step for step in traced(name).layers if step.type in wanted]
    assert [ours(step)[1:] for step in steps] == [
        (channels_first(model, layer), layer["params"], layer["macs"]) for layer in truth
    ]
    assert all(step.type in TYPES[layer["type"]] for step, layer in zip(steps, truth, strict=True))


@pytest.mark.parametrize("name", LAYERWISE)
def test_what_torchvision_has_beyond_those_learns_nothing_and_multiplies_nothing(name: str) -> None:
    others = [layer for layer in unpacked(f"layers/{LAYERWISE[name]}")["layers"] if layer["type"] not in TYPES]
    assert {layer["type"] for layer in others} <= {"Dropout", "Flatten", "Permute", "StochasticDepth"}
    assert not any(layer["params"] or layer["macs"] for layer in others)


def test_vit_s_own_parameters_are_a_class_token_and_positions() -> None:
    own = unpacked("layers/vit_b_16")["params_not_in_called_leaves"]["own_parameters_of_containers"]
    network = traced("vit:b_16")
    names = {"class_token": "class_token", "encoder.pos_embedding": "positions"}
    assert {names[each["name"]]: each["params"] for each in own} == {
        name: network[name].params for name in names.values()
    }


STAGES = {"conv1": "conv_norm1.conv1", "maxpool": "maxpool1"}
DILATED = unpacked("receptive_field")["torchvision"]["resnet50_os8"]["checkpoints"]


@pytest.mark.parametrize("name", ["fcn:plain", "deeplabv3:plain"])
@pytest.mark.parametrize("point", DILATED, ids=lambda point: point["checkpoint"])
def test_the_dilated_backbone_sees_what_the_gradient_showed(name: str, point: Mapping[str, Any]) -> None:
    checkpoint = point["checkpoint"]
    field = traced(name)["backbone." + STAGES.get(checkpoint, f"{checkpoint}.add1")].receptive_field
    assert field is not None
    assert field.size == field.size_min == tuple(point["rf"])
    assert field.stride == (point["stride_y"], point["stride_x"])
    assert field.start == (point["start0_y"], point["start0_x"])


def test_the_pyramid_of_deeplab_sees_everything_and_locally_36_positions_to_each_side() -> None:
    before = traced("deeplabv3:plain")["backbone.layer4.2.relu1"].receptive_field
    pyramid = traced("deeplabv3:plain")["pyramid.concat1"].receptive_field
    assert before is not None
    assert pyramid is not None
    assert pyramid.is_global
    assert pyramid.size == tuple(size + 2 * 36 * 8 for size in before.size)


# YOLOv8

YOLO: Mapping[str, Mapping[str, Any]] = unpacked("yolov8")["models"]
SIZES = "nsmlx"


def rows(network: Trace) -> list[list[Step]]:
    """The steps of each item of the spec's `layers`; the heads, the last item, are the rest."""
    groups = [list(steps) for _, steps in groupby(network.layers, lambda step: step.name.split(".")[0])]
    return [*groups[:22], [step for steps in groups[22:] for step in steps]]


@pytest.mark.parametrize("size", SIZES)
def test_yolov8_is_as_large_as_the_built_model(size: str) -> None:
    totals, truth = traced(f"yolov8:{size}").totals, YOLO[f"yolov8{size}"]
    assert (totals.params, totals.macs) == (truth["parameters"], truth["macs_conv_matmul"]["macs"])
    assert totals.trainable == truth["parameters"] - 16  # the convolution that decodes is fixed


@pytest.mark.parametrize("size", SIZES)
def test_yolov8_row_by_row(size: str) -> None:
    measured, found = YOLO[f"yolov8{size}"]["rows"], rows(traced(f"yolov8:{size}"))
    assert [(sum_of("params", steps), sum_of("macs", steps)) for steps in found] == [
        (row["params"], row["macs"]) for row in measured
    ]
    assert [list(steps[-1].out_shape) for steps in found[:-1]] == [row["out"][1:] for row in measured[:-1]]


def sum_of(quantity: str, steps: Sequence[Step]) -> int:
    return sum(getattr(step, quantity) for step in steps)


@pytest.mark.parametrize("size", SIZES)
def test_yolov8_answers_with_four_sides_and_eighty_scores_at_8400_positions(size: str) -> None:
    network, ((_, values, positions), *_) = traced(f"yolov8:{size}"), YOLO[f"yolov8{size}"]["rows"][-1]["out"]
    assert [shape[0] for shape in shapes_out(network)] == [values] * 3
    assert sum(height * width for _, height, width in shapes_out(network)) == positions
    assert [step.out_shape[0] for step in network.layers if step.name.endswith(".sides.concat1")] == [4] * 3


# U-Net: the pixels that reach each unit, followed one by one. Each unit of a line is a number whose bits are pixels.


def convolved(line: list[int], *, valid: bool) -> list[int]:
    padded = line if valid else [0, *line, 0]
    return [a | b | c for a, b, c in zip(padded, padded[1:], padded[2:], strict=False)]


def doubled(line: list[int], *, bilinear: bool) -> list[int]:
    """Each unit twice; interpolation reads the neighbour on that side as well."""
    if not bilinear:
        return [unit for unit in line for _ in range(2)]
    around = [line[0], *line, line[-1]]
    return [here | near for a, here, b in zip(around, line, around[2:], strict=False) for near in (a, b)]


def joined(copied: list[int], line: list[int]) -> list[int]:
    cut = (len(copied) - len(line)) // 2
    return [a | b for a, b in zip(copied[cut : cut + len(line)], line, strict=True)]


def seen(length: int, *, valid: bool = False, bilinear: bool = False) -> list[int]:
    """The pixels of each unit of a four-level U-Net, along one axis."""
    line, copies = [1 << pixel for pixel in range(length)], []
    for _ in range(4):
        line = convolved(convolved(line, valid=valid), valid=valid)
        copies.append(line)
        line = [a | b for a, b in zip(line[::2], line[1::2], strict=True)]
    line = convolved(convolved(line, valid=valid), valid=valid)
    for copied in reversed(copies):
        line = joined(copied, doubled(line, bilinear=bilinear))
        line = convolved(convolved(line, valid=valid), valid=valid)
    return line


def ends(pixels: int) -> tuple[int, int]:
    return (pixels & -pixels).bit_length() - 1, pixels.bit_length() - 1


U_NETS = {
    "unet": (512, {}),
    "unet:bilinear": (512, {"bilinear": True}),
    "unet-2015": (572, {"valid": True}),
}


@pytest.mark.parametrize("name", U_NETS)
def test_every_unit_of_a_u_net_sees_the_pixels_that_reach_it(name: str) -> None:
    length, settings = U_NETS[name]
    field = traced(name)["classes"].receptive_field
    assert field is not None
    found = dict(enumerate(map(ends, seen(length, **settings))))
    inner = range(len(found) // 2 - 32, len(found) // 2 + 32)  # whose view does not end at the picture's border
    for axis in field.axes:
        assert {unit: axis.interval(unit) for unit in inner} == {unit: found[unit] for unit in inner}


BY_PHASE = {"unet": (188, 204, (14, 15, 0, 1)), "unet:bilinear": (220, 236, (13, 14, 15, 0, 1, 2))}


@pytest.mark.parametrize("name", BY_PHASE)
def test_some_of_sixteen_units_of_a_u_net_see_less(name: str) -> None:
    near, far, phases = BY_PHASE[name]
    field = traced(name)["classes"].receptive_field
    assert field is not None
    assert (field.size, field.size_min) == ((far, far), (near, near))
    for unit in range(64):
        low, high = field.axes[0].interval(unit) or (0, -1)
        assert high - low + 1 == (near if unit % 16 in phases else far)


def convolutions(pairs: Sequence[tuple[int, int]], kernel: int) -> int:
    """Weights and biases of a chain of convolutions, from (channels in, channels out)."""
    return sum(kernel**2 * into * out + out for into, out in pairs)


WIDTHS = [64, 128, 256, 512, 1024]
DOWN = [pair for into, out in zip([1, *WIDTHS], WIDTHS, strict=False) for pair in ((into, out), (out, out))]
UP = [(2 * width, width) for width in WIDTHS[-2::-1]]
JOINS = [pair for width in WIDTHS[-2::-1] for pair in ((2 * width, width), (width, width))]


@pytest.mark.parametrize(("name", "kernel"), [("unet", 2), ("unet-2015", 2), ("unet:bilinear", 1)])
def test_the_parameters_of_u_nets_by_hand(name: str, kernel: int) -> None:
    by_hand = convolutions([*DOWN, *JOINS], 3) + convolutions(UP, kernel) + convolutions([(64, 2)], 1)
    assert by_hand == {2: 31_030_658, 1: 28_941_698}[kernel]
    assert traced(name).totals.params == by_hand


def test_the_u_net_of_2015_has_the_sizes_of_its_figure() -> None:
    sizes = {step.out_shape[1] for step in traced("unet-2015").layers if step.type in ("conv", "maxpool")}
    down = {570, 568, 284, 282, 280, 140, 138, 136, 68, 66, 64, 32, 30, 28}
    assert sizes == down | {54, 52, 102, 100, 198, 196, 390, 388}


# heads, frozen and shared weights

RESNET50 = 25_557_032 - 2_049_000  # torchvision's, without the classifier


@pytest.mark.parametrize(("variant", "trained"), [("classify", 2048 * 102 + 102), ("segment", 2048 * 21 + 21)])
def test_transfer_trains_the_head_alone(variant: str, trained: int) -> None:
    totals = traced(f"transfer:{variant}").totals
    assert (totals.params, totals.trainable) == (RESNET50 + trained, trained)


def test_both_heads_are_under_the_same_backbone() -> None:
    first, second = (
        [ours(step) for step in traced(f"transfer:{variant}").layers if step.name.startswith("backbone.")]
        for variant in ("classify", "segment")
    )
    assert first == second


def test_two_heads_read_the_same_features() -> None:
    network = traced("two-heads")
    assert [step.name for step in network.layers if "features" in step.inputs] == ["class.fc1", "box.fc1"]
    assert shapes_out(network) == [[1000], [4]]
    assert network.totals.params == 61_100_840 + 4 * 4096 + 4  # torchvision's AlexNet, and the box


def test_faster_rcnn_is_the_published_one() -> None:
    network = traced("faster-rcnn")
    assert shapes_out(network) == [[18, 38, 63], [36, 38, 63], [21], [84]]
    vgg16 = 138_357_544 - 4_097_000
    proposals, heads = 512 * (9 * 512 + 1) + 54 * 513, 105 * 4097
    assert network.totals.params == vgg16 + proposals + heads
    assert network.totals.trainable == vgg16 + proposals + heads - (1_792 + 36_928 + 73_856 + 147_584)
    field = network["rpn"].receptive_field
    assert field is not None
    assert field.size == (228, 228)  # the paper, section 3.1
    after = network["region"].receptive_field
    assert after is not None
    assert after.is_global


def test_siamese_twins_share_their_weights_and_both_work() -> None:
    network = traced("siamese")
    left, right = (
        [step for step in network.layers if step.name.startswith(f"{side}_twin.")] for side in ("left", "right")
    )
    assert [step.out_shape for step in left] == [step.out_shape for step in right]
    assert [step.macs for step in left] == [step.macs for step in right]
    assert (sum_of("params", left), sum_of("params", right)) == (38_947_648, 0)
    assert all(step.receptive_field is None for step in right)  # fields are about the first input
    assert all(step.receptive_field is not None for step in left)


def test_the_lstm_classifier_is_keras_s() -> None:
    """Keras' summary of examples/imdb_lstm.py: 2,560,000 + 131,584 + 129 parameters."""
    assert [step.params for step in traced("lstm").layers if step.params] == [2_560_000, 131_584, 129]
