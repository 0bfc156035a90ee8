"""For each layer type what `torch.nn` has for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from shapecalc.layers import LAYERS, Layer
from shapecalc.layers.fields import per_axis
from shapecalc.notation import Shape
from shapecalc.verification.torch_attention import attention, window_attention
from shapecalc.verification.torch_modules import (
    Build,
    Built,
    avgpool,
    batchnorm,
    conv,
    conv_transpose,
    crop,
    embedding,
    fc,
    held,
    instancenorm,
    lppool,
    maxpool,
    only,
    over,
    pad,
    pixel_shuffle,
    pixel_unshuffle,
    ranked,
    recurrent,
    separable,
    upsample,
)


def built(layer: Layer, arriving: Shape) -> Built:
    """The layer for what arrives; a module alone runs as it is."""
    made = BUILD[_WORDS[type(layer)]](layer, arriving)
    return made if isinstance(made, Built) else Built(made, made)


def _over_channels(name: str) -> Build:
    return lambda layer, arriving: getattr(nn, name)(dim=1)


def _activation(name: str, *fields: str) -> Build:
    """`torch.nn`'s class of that name, these fields as its arguments."""
    return lambda layer, arriving: getattr(nn, name)(**{field: getattr(layer, field) for field in fields})


def _prelu(layer: Any, arriving: Shape) -> Any:
    return nn.PReLU(arriving[0] if layer.num_parameters == "channels" else layer.num_parameters)


def _adaptive(name: str) -> Build:
    def build(layer: Any, arriving: Shape) -> Built:
        sizes = per_axis(layer.output_size, len(arriving) - 1, "output_size")  # of 1-D ones, PyTorch refuses None
        made: Built = ranked(name, arriving)([size or kept for size, kept in zip(sizes, arriving[1:], strict=True)])
        return made

    return build


def _global(over: Callable[..., Any]) -> Build:
    def build(layer: Any, arriving: Shape) -> Built:
        axes = tuple(range(2, len(arriving) + 1))
        return only(lambda x: over(x, axes, keepdim=layer.keepdims))

    return build


BUILD: dict[str, Build] = {
    "conv": conv,
    "conv_transpose": conv_transpose,
    "separable_conv": separable,
    "maxpool": maxpool,
    "avgpool": avgpool,
    "lppool": lppool,
    "adaptive_avgpool": _adaptive("AdaptiveAvgPool"),
    "adaptive_maxpool": _adaptive("AdaptiveMaxPool"),
    "global_avgpool": _global(torch.mean),
    "global_maxpool": _global(torch.amax),
    "fc": fc,
    "flatten": lambda layer, arriving: only(lambda x: x.flatten(1 if layer.start == "channels" else 2)),
    "reshape": lambda layer, arriving: only(lambda x: x.reshape(1, *layer.shape)),
    "batchnorm": batchnorm,
    "layernorm": over,
    "rmsnorm": over,
    "groupnorm": lambda layer, arriving: nn.GroupNorm(layer.num_groups, arriving[0], affine=layer.affine),
    "instancenorm": instancenorm,
    "lrn": _activation("LocalResponseNorm", "size", "alpha", "beta", "k"),
    "dropout": _activation("Dropout", "p"),
    "stochastic_depth": _activation("Identity"),
    "identity": _activation("Identity"),
    "scale": lambda layer, arriving: held(torch.mul, arriving[0], *(1,) * (len(arriving) - 1)),
    "prelu": _prelu,
    "relu": _activation("ReLU"),
    "relu6": _activation("ReLU6"),
    "leaky_relu": _activation("LeakyReLU", "negative_slope"),
    "elu": _activation("ELU", "alpha"),
    "selu": _activation("SELU"),
    "celu": _activation("CELU", "alpha"),
    "gelu": _activation("GELU", "approximate"),
    "silu": _activation("SiLU"),
    "mish": _activation("Mish"),
    "hardswish": _activation("Hardswish"),
    "hardsigmoid": _activation("Hardsigmoid"),
    "hardtanh": _activation("Hardtanh", "min_val", "max_val"),
    "sigmoid": _activation("Sigmoid"),
    "tanh": _activation("Tanh"),
    "softplus": _activation("Softplus", "beta", "threshold"),
    "softsign": _activation("Softsign"),
    "softmax": _over_channels("Softmax"),
    "log_softmax": _over_channels("LogSoftmax"),
    "glu": _over_channels("GLU"),
    "upsample": upsample,
    "pixel_shuffle": pixel_shuffle,
    "pixel_unshuffle": pixel_unshuffle,
    "channel_shuffle": _activation("ChannelShuffle", "groups"),
    "pad": pad,
    "crop": crop,
    "slice": lambda layer, arriving: only(lambda x: x[:, slice(*layer.channels)]),
    "attention": lambda layer, arriving: Built(*attention(layer, arriving)),
    "window_attention": lambda layer, arriving: Built(*window_attention(layer, arriving)),
    "embedding": embedding,
    "class_token": lambda layer, arriving: held(
        lambda x, token: torch.cat([token.expand(1, -1, 1), x], dim=2), arriving[0], 1
    ),
    "position_embedding": lambda layer, arriving: held(torch.add, *arriving),
    "select_token": lambda layer, arriving: only(lambda x: x[:, :, layer.index]),
    "rnn": recurrent,
    "lstm": recurrent,
    "gru": recurrent,
}
"""Every layer type but `custom`, of which nobody knows what it does."""

_WORDS = {kind: word for word, kind in LAYERS.items()}
