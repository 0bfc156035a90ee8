"""Every layer type, by the word that names it in a spec."""

from collections.abc import Iterator, Mapping
from importlib import import_module

from shapecalc.layers.layer import Layer, Params, Reading


class _Layers(Mapping[str, type[Layer]]):
    """The classes of the layer types; a family's module is loaded when one of its types is first asked for."""

    def __init__(self, homes: dict[str, str]) -> None:
        self._homes = homes
        self._loaded: dict[str, type[Layer]] = {}

    def __getitem__(self, word: str) -> type[Layer]:
        if word not in self._loaded:
            module, name = self._homes[word].split(".")
            self._loaded[word] = getattr(import_module(f"shapecalc.layers.{module}"), name)
        return self._loaded[word]

    def __contains__(self, word: object) -> bool:
        return word in self._homes

    def __iter__(self) -> Iterator[str]:
        return iter(self._homes)

    def __len__(self) -> int:
        return len(self._homes)


LAYERS = _Layers(
    {
        "conv": "convolution.Conv",
        "conv_transpose": "convolution.ConvTranspose",
        "separable_conv": "convolution.SeparableConv",
        "maxpool": "pooling.MaxPool",
        "avgpool": "pooling.AvgPool",
        "lppool": "pooling.LpPool",
        "adaptive_avgpool": "pooling.AdaptiveAvgPool",
        "adaptive_maxpool": "pooling.AdaptiveMaxPool",
        "global_avgpool": "pooling.GlobalAvgPool",
        "global_maxpool": "pooling.GlobalMaxPool",
        "fc": "linear.Fc",
        "flatten": "rearrange.Flatten",
        "reshape": "rearrange.Reshape",
        "batchnorm": "normalization.BatchNorm",
        "layernorm": "normalization.LayerNorm",
        "rmsnorm": "normalization.RmsNorm",
        "groupnorm": "normalization.GroupNorm",
        "instancenorm": "normalization.InstanceNorm",
        "lrn": "normalization.Lrn",
        "dropout": "dropout.Dropout",
        "stochastic_depth": "dropout.StochasticDepth",
        "relu": "activation.Relu",
        "relu6": "activation.Relu6",
        "leaky_relu": "activation.LeakyRelu",
        "prelu": "activation.Prelu",
        "elu": "activation.Elu",
        "selu": "activation.Selu",
        "celu": "activation.Celu",
        "gelu": "activation.Gelu",
        "silu": "activation.Silu",
        "mish": "activation.Mish",
        "hardswish": "activation.Hardswish",
        "hardsigmoid": "activation.Hardsigmoid",
        "hardtanh": "activation.Hardtanh",
        "sigmoid": "activation.Sigmoid",
        "tanh": "activation.Tanh",
        "softplus": "activation.Softplus",
        "softsign": "activation.Softsign",
        "softmax": "activation.Softmax",
        "log_softmax": "activation.LogSoftmax",
        "glu": "activation.Glu",
        "upsample": "resize.Upsample",
        "pixel_shuffle": "rearrange.PixelShuffle",
        "pixel_unshuffle": "rearrange.PixelUnshuffle",
        "channel_shuffle": "rearrange.ChannelShuffle",
        "pad": "rearrange.Pad",
        "crop": "rearrange.Crop",
        "slice": "rearrange.Slice",
        "scale": "normalization.Scale",
        "identity": "rearrange.Identity",
        "attention": "attention.Attention",
        "window_attention": "attention.WindowAttention",
        "embedding": "token.Embedding",
        "class_token": "token.ClassToken",
        "position_embedding": "token.PositionEmbedding",
        "select_token": "token.SelectToken",
        "rnn": "recurrent.Rnn",
        "lstm": "recurrent.Lstm",
        "gru": "recurrent.Gru",
        "custom": "custom.Custom",
    }
)
"""Layer types by their words. To add one, add its line here."""

OTHER_WORDS: dict[str, str] = {
    "linear": "fc",
    "dense": "fc",
    "unflatten": "reshape",
    "space_to_depth": "pixel_unshuffle",
    "depth_to_space": "pixel_shuffle",
}
"""Lecture and framework words for layer types."""

__all__ = ["LAYERS", "OTHER_WORDS", "Layer", "Params", "Reading"]
