"""What a layer is, in a line of words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shapecalc.derivation.working import Sheet
from shapecalc.layers import Layer
from shapecalc.layers.merge import Merge
from shapecalc.notation import Shape, counted, hwc, times

_TYPES = {
    "conv": "convolution",
    "conv_transpose": "transposed convolution",
    "separable_conv": "depthwise separable convolution",
    "maxpool": "max pooling",
    "avgpool": "average pooling",
    "lppool": "Lp pooling",
    "adaptive_avgpool": "adaptive average pooling",
    "adaptive_maxpool": "adaptive max pooling",
    "global_avgpool": "global average pooling",
    "global_maxpool": "global max pooling",
    "fc": "fully connected layer",
    "batchnorm": "batch normalisation",
    "layernorm": "layer normalisation",
    "rmsnorm": "root-mean-square normalisation",
    "groupnorm": "group normalisation",
    "instancenorm": "instance normalisation",
    "lrn": "local response normalisation",
    "upsample": "upsampling",
    "scale": "learned scale",
    "attention": "multi-head self-attention",
    "window_attention": "multi-head self-attention within windows",
    "select_token": "choice of a token",
    "rnn": "recurrent layer",
    "lstm": "long short-term memory",
    "gru": "gated recurrent units",
    "custom": "custom layer",
}
"""Layer types by their spelled-out names; the others are called by their word."""

_Words = Callable[[Any, int], str]


def _sides(amount: Any, rank: int) -> str:
    """A padding: one number, one per axis, or [before, after] as a spec writes them."""
    if isinstance(amount, int | str):
        return f"`{amount}`" if isinstance(amount, str) else str(amount)
    if all(before == after for before, after in amount):
        return times(tuple(before for before, _ in amount))
    return str([list(pair) for pair in amount])


def _each(values: Any, rank: int) -> str:
    """A number for every axis, 5×5."""
    return times(values if isinstance(values, tuple) else (values,) * rank)


def _one(values: Any, rank: int) -> str:
    """A number, or where the axes differ one for each."""
    numbers = values if isinstance(values, tuple) else (values,)
    return f"{numbers[0]:g}" if len(set(numbers)) == 1 else "×".join(f"{each:g}" for each in numbers)


_FIELDS: dict[str, _Words] = {
    "out_channels": lambda value, rank: counted(value, "filter"),
    "out_features": lambda value, rank: counted(value, "output"),
    "kernel_size": lambda value, rank: f"kernel {_each(value, rank)}",
    "stride": lambda value, rank: f"stride {_one(value, rank)}",
    "padding": lambda value, rank: f"padding {_sides(value, rank)}",
    "output_padding": lambda value, rank: f"output padding {_one(value, rank)}",
    "dilation": lambda value, rank: f"dilation {_one(value, rank)}",
    "groups": lambda value, rank: "depthwise" if value == "depthwise" else counted(value, "group"),
    "bias": lambda value, rank: {True: "with bias", False: "no bias", "one": "one bias for each gate"}[value],
    "scale_factor": lambda value, rank: f"by a factor of {_one(value, rank)}",
    "size": lambda value, rank: f"size {_one(value, rank)}",
    "amount": lambda value, rank: f"{_sides(value, rank)} on each side",
    "channels": lambda value, rank: f"channels {value[0]} up to, not including, {value[1]}",
    "num_parameters": lambda value, rank: "a slope per channel" if value == "channels" else f"{value} slopes",
    "num_groups": lambda value, rank: counted(value, "group"),
    "upscale_factor": lambda value, rank: f"by a factor of {value}",
    "downscale_factor": lambda value, rank: f"by a factor of {value}",
    "num_heads": lambda value, rank: counted(value, "head"),
    "window_size": lambda value, rank: f"window {_each(value, rank)}",
    "shift": lambda value, rank: f"shifted by {_one(value, rank)}",
    "hidden_size": lambda value, rank: counted(value, "unit"),
    "num_layers": lambda value, rank: counted(value, "layer"),
    "return_sequence": lambda value, rank: "last step only",
    "num_embeddings": lambda value, rank: counted(value, "token id"),
    "index": lambda value, rank: f"position {value}",
    "keepdims": lambda value, rank: "axes kept",
    "over": lambda value, rank: f"over {value}",
}
"""How settings are said; any other is said by its own name."""

_ALWAYS = ("stride", "padding")
_NEVER = ("in_channels", "in_features", "num_features", "num_channels", "output_size", "shape", "out_shape_")
"""Checks of what arrives, and what the shape that leaves says already."""


def statement(sheet: Sheet) -> str:
    """The layer's type and settings, and the shapes: ``convolution, 16 filters, …; 32×32×3 → 32×32×16``."""
    step = sheet.step
    words = [_TYPES.get(step.type, step.type.replace("_", " ")), *settings(step.layer, sheet.arriving)]
    return f"{', '.join(words)}; {' and '.join(map(hwc, step.in_shapes))} → {hwc(sheet.leaving)}"


def settings(layer: Layer | Merge, arriving: Shape) -> list[str]:
    """The layer's settings in words, those that are as usual left out."""
    found, rank = [], max(len(arriving) - 1, 1)
    for name, field in type(layer).model_fields.items():
        value = getattr(layer, name)
        if name == "stride" and value is None:
            value = getattr(layer, "kernel_size")  # noqa: B009 (a pooling's stride is its kernel's size)
        if value is None or name in _NEVER or (value == field.default and name not in _ALWAYS):
            continue
        found.append(_FIELDS.get(name, _by_name(name))(value, rank))
    return found


def _by_name(name: str) -> _Words:
    words = name.rstrip("_").replace("_", " ")

    def said(value: Any, rank: int) -> str:
        if isinstance(value, bool):
            return words if value else f"no {words}"
        return f"{words} {value}"

    return said
