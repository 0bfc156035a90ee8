"""Every layer type as a NumPy op, from its definition: the witness that knows nothing of our formulas.

An island: it imports numpy and the standard library only. `custom` has no op, for nobody knows what it does.
"""

from __future__ import annotations

from collections.abc import Callable

from shapecalc.reference_ops import (
    activation,
    convolution,
    linear,
    merge,
    normalization,
    pooling,
    rearrange,
    resize,
)
from shapecalc.reference_ops.arrays import Array

OPS: dict[str, Callable[..., Array]] = {
    "conv": convolution.conv,
    "conv_transpose": convolution.conv_transpose,
    "separable_conv": convolution.separable_conv,
    "maxpool": pooling.maxpool,
    "avgpool": pooling.avgpool,
    "lppool": pooling.lppool,
    "adaptive_avgpool": pooling.adaptive_avgpool,
    "adaptive_maxpool": pooling.adaptive_maxpool,
    "global_avgpool": pooling.global_avgpool,
    "global_maxpool": pooling.global_maxpool,
    "fc": linear.fc,
    "scale": linear.scale,
    "flatten": rearrange.flatten,
    "reshape": rearrange.reshape,
    "pixel_shuffle": rearrange.pixel_shuffle,
    "pixel_unshuffle": rearrange.pixel_unshuffle,
    "channel_shuffle": rearrange.channel_shuffle,
    "pad": rearrange.pad,
    "crop": rearrange.crop,
    "slice": rearrange.slice_channels,
    "identity": rearrange.identity,
    "upsample": resize.upsample,
    "batchnorm": normalization.batchnorm,
    "layernorm": normalization.layernorm,
    "rmsnorm": normalization.rmsnorm,
    "groupnorm": normalization.groupnorm,
    "instancenorm": normalization.instancenorm,
    "lrn": normalization.lrn,
    "dropout": normalization.dropout,
    "stochastic_depth": normalization.stochastic_depth,
    "relu": activation.relu,
    "relu6": activation.relu6,
    "leaky_relu": activation.leaky_relu,
    "prelu": activation.prelu,
    "elu": activation.elu,
    "selu": activation.selu,
    "celu": activation.celu,
    "gelu": activation.gelu,
    "silu": activation.silu,
    "mish": activation.mish,
    "hardswish": activation.hardswish,
    "hardsigmoid": activation.hardsigmoid,
    "hardtanh": activation.hardtanh,
    "sigmoid": activation.sigmoid,
    "tanh": activation.tanh,
    "softplus": activation.softplus,
    "softsign": activation.softsign,
    "softmax": activation.softmax,
    "log_softmax": activation.log_softmax,
    "glu": activation.glu,
    "add": merge.add,
    "multiply": merge.multiply,
    "concat": merge.concat,
}
