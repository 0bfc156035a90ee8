"""Every layer type, by the word that names it in a spec."""

from __future__ import annotations

from shapecalc.layers import (
    activation,
    convolution,
    custom,
    dropout,
    linear,
    normalization,
    pooling,
    rearrange,
    resize,
)
from shapecalc.layers.layer import Layer, Params, Reading

LAYERS: dict[str, type[Layer]] = {
    "conv": convolution.Conv,
    "conv_transpose": convolution.ConvTranspose,
    "separable_conv": convolution.SeparableConv,
    "maxpool": pooling.MaxPool,
    "avgpool": pooling.AvgPool,
    "lppool": pooling.LpPool,
    "adaptive_avgpool": pooling.AdaptiveAvgPool,
    "adaptive_maxpool": pooling.AdaptiveMaxPool,
    "global_avgpool": pooling.GlobalAvgPool,
    "global_maxpool": pooling.GlobalMaxPool,
    "fc": linear.Fc,
    "flatten": rearrange.Flatten,
    "reshape": rearrange.Reshape,
    "batchnorm": normalization.BatchNorm,
    "layernorm": normalization.LayerNorm,
    "rmsnorm": normalization.RmsNorm,
    "groupnorm": normalization.GroupNorm,
    "instancenorm": normalization.InstanceNorm,
    "lrn": normalization.Lrn,
    "dropout": dropout.Dropout,
    "stochastic_depth": dropout.StochasticDepth,
    "relu": activation.Relu,
    "relu6": activation.Relu6,
    "leaky_relu": activation.LeakyRelu,
    "prelu": activation.Prelu,
    "elu": activation.Elu,
    "selu": activation.Selu,
    "celu": activation.Celu,
    "gelu": activation.Gelu,
    "silu": activation.Silu,
    "mish": activation.Mish,
    "hardswish": activation.Hardswish,
    "hardsigmoid": activation.Hardsigmoid,
    "hardtanh": activation.Hardtanh,
    "sigmoid": activation.Sigmoid,
    "tanh": activation.Tanh,
    "softplus": activation.Softplus,
    "softsign": activation.Softsign,
    "softmax": activation.Softmax,
    "log_softmax": activation.LogSoftmax,
    "glu": activation.Glu,
    "upsample": resize.Upsample,
    "pixel_shuffle": rearrange.PixelShuffle,
    "pixel_unshuffle": rearrange.PixelUnshuffle,
    "channel_shuffle": rearrange.ChannelShuffle,
    "pad": rearrange.Pad,
    "crop": rearrange.Crop,
    "slice": rearrange.Slice,
    "scale": normalization.Scale,
    "identity": rearrange.Identity,
    "custom": custom.Custom,
}

OTHER_WORDS: dict[str, str] = {"linear": "fc", "dense": "fc", "unflatten": "reshape"}
"""Lecture and framework words for layer types."""

__all__ = ["LAYERS", "OTHER_WORDS", "Layer", "Params", "Reading"]
