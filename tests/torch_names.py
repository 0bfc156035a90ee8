"""A layer as PyTorch names it, said in the spec language; the one place where a test translates.

A torch layer is a dict: ``type`` is the class in `torch.nn`, every other key an argument of its constructor.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Layer = Mapping[str, Any]
Item = str | dict[str, Any]
Shape = Sequence[int]  # channels first, no batch axis
Translate = Callable[[Layer, Shape], Item]

NOT_FIELDS = {"type", "name", "inputs", "return_indices"}
WORDS = {"elementwise_affine": "affine"}


def fields(layer: Layer, *, leave_out: Iterable[str] = ()) -> dict[str, Any]:
    """The constructor's arguments in the spec's words; an argument of None is PyTorch's default."""
    absent = NOT_FIELDS | set(leave_out)
    return {WORDS.get(k, k): v for k, v in layer.items() if k not in absent and v is not None}


def same(name: str, *, leave_out: Iterable[str] = ()) -> Translate:
    """A translation that keeps every argument's word."""

    def translate(layer: Layer, _arriving: Shape) -> Item:
        said = fields(layer, leave_out=leave_out)
        return {name: said} if said else name

    return translate


def over_normalized_shape(name: str) -> Translate:
    """PyTorch gives the sizes of the axes; the spec language says which axes they are."""

    def translate(layer: Layer, arriving: Shape) -> Item:
        over = "all" if list(layer["normalized_shape"]) == list(arriving) else "spatial"
        return {name: {"over": over, **fields(layer, leave_out=["normalized_shape"])}}

    return translate


def pad(mode: str) -> Translate:
    """PyTorch: (left, right, top, bottom, …), last axis first; ours: a pair for each axis in its order."""

    def translate(layer: Layer, arriving: Shape) -> Item:
        width = layer["padding"]
        flat = [width] * (2 * (len(arriving) - 1)) if isinstance(width, int) else list(width)
        pairs = [flat[i : i + 2] for i in range(0, len(flat), 2)][::-1]
        return {"pad": {"padding": pairs, "mode": mode} if mode != "zeros" else {"padding": pairs}}

    return translate


def prelu(layer: Layer, arriving: Shape) -> Item:
    """PyTorch gives the number of slopes; the spec language says one, or one for each channel."""
    slopes = layer.get("num_parameters", 1)
    return {"prelu": {"num_parameters": "channels" if slopes == arriving[0] != 1 else slopes}}


def flatten(layer: Layer, _arriving: Shape) -> Item:
    """start_dim counts the batch axis: 1 is the channels, 2 the first spatial axis."""
    return {"flatten": {"start": "spatial"}} if layer.get("start_dim", 1) == 2 else "flatten"


def unflatten(layer: Layer, _arriving: Shape) -> Item:
    """A flat vector's new shape, channels first."""
    return {"reshape": {"shape": list(layer["unflattened_size"])}}


ANY_RANK: dict[str, Translate] = {
    "Conv": same("conv"),
    "ConvTranspose": same("conv_transpose"),
    "MaxPool": same("maxpool"),
    "AvgPool": same("avgpool"),
    "LPPool": same("lppool"),
    "AdaptiveAvgPool": same("adaptive_avgpool"),
    "AdaptiveMaxPool": same("adaptive_maxpool"),
    "BatchNorm": same("batchnorm"),
    "InstanceNorm": same("instancenorm"),
    "ZeroPad": pad("zeros"),
    "ReflectionPad": pad("reflect"),
    "ReplicationPad": pad("replicate"),
    "CircularPad": pad("circular"),
}
"""Classes that PyTorch has once for each number of spatial axes; the spec language infers it."""

ACTIVATIONS: dict[str, str] = {
    "ReLU": "relu",
    "ReLU6": "relu6",
    "LeakyReLU": "leaky_relu",
    "ELU": "elu",
    "SELU": "selu",
    "CELU": "celu",
    "GELU": "gelu",
    "SiLU": "silu",
    "Mish": "mish",
    "Hardswish": "hardswish",
    "Hardsigmoid": "hardsigmoid",
    "Hardtanh": "hardtanh",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "Softplus": "softplus",
    "Softsign": "softsign",
}

TABLE: dict[str, Translate] = {
    **{f"{name}{rank}d": rule for name, rule in ANY_RANK.items() for rank in (1, 2, 3)},
    **{name: same(ours) for name, ours in ACTIVATIONS.items()},
    "Linear": same("fc"),
    "GroupNorm": same("groupnorm"),
    "LayerNorm": over_normalized_shape("layernorm"),
    "RMSNorm": over_normalized_shape("rmsnorm"),
    "LocalResponseNorm": same("lrn"),
    "Dropout": same("dropout"),
    "Identity": same("identity"),
    "PReLU": prelu,
    "Softmax": same("softmax", leave_out=["dim"]),
    "LogSoftmax": same("log_softmax", leave_out=["dim"]),
    "GLU": same("glu", leave_out=["dim"]),
    "Upsample": same("upsample"),
    "PixelShuffle": same("pixel_shuffle"),
    "PixelUnshuffle": same("pixel_unshuffle"),
    "ChannelShuffle": same("channel_shuffle"),
    "Flatten": flatten,
    "Unflatten": unflatten,
}


def item(layer: Layer, arriving: Shape) -> Item:
    """One item of `layers` for a torch layer that `arriving` reaches."""
    return TABLE[layer["type"]](layer, arriving)


def has_counterpart(layer: Layer, arriving: Shape) -> bool:
    """Whether the spec language can say this layer at all.

    PyTorch's Linear and LayerNorm act on trailing axes, Softmax and Flatten on any. Ours act on the channels,
    on the spatial axes or on everything, so that a layer means the same in every framework.
    """
    match layer["type"]:
        case "Linear":
            return len(arriving) == 1
        case "LayerNorm" | "RMSNorm":
            return list(layer["normalized_shape"]) in (list(arriving), list(arriving[1:]))
        case "Softmax" | "LogSoftmax" | "GLU":
            return bool(layer["dim"] == 1)
        case "Flatten":
            return layer.get("start_dim", 1) in (1, 2) and layer.get("end_dim", -1) == -1
    return fits_rank(layer["type"], len(arriving) - 1)


def fits_rank(torch_type: str, rank: int) -> bool:
    """Whether the number of axes in a class's name is what arrives; the spec language infers it."""
    named = re.fullmatch(r"\D+([123])d", torch_type)
    return named is None or rank in (0, int(named[1]))


def spec_text(arriving: Shape, items: Iterable[Item], *, name: str = "test") -> str:
    """A spec with one item on each line, the first on line `FIRST_ITEM`."""
    lines = [f"  - {json.dumps(one)}" for one in items]
    return "\n".join([f"name: {name}", f"input: {json.dumps(list(arriving))}", "layers:", *lines, ""])


FIRST_ITEM = 4
