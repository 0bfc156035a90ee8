"""Layers joined to the reference: the arrays that a layer's operation takes, its call, and what it measures.

Nothing here computes an output size or a count: the operation is run, and its output tells. Shapes of
arrays are PyTorch's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from shapecalc.forward_call import Call, Counts, Settings, Shapes, named
from shapecalc.forward_sequences import SEQUENCE_CALLS
from shapecalc.layers import LAYERS, Layer
from shapecalc.layers.activation import Prelu
from shapecalc.layers.convolution import Conv, ConvTranspose, SeparableConv
from shapecalc.layers.fields import Pair, pads, per_axis, per_axis_factor
from shapecalc.layers.layer import spatial
from shapecalc.layers.linear import Fc
from shapecalc.layers.normalization import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, RmsNorm
from shapecalc.layers.pooling import AdaptiveAvgPool, AdaptiveMaxPool, AvgPool, LpPool, MaxPool
from shapecalc.layers.rearrange import Crop, Pad
from shapecalc.layers.resize import Upsample
from shapecalc.notation import Shape
from shapecalc.reference_ops import OPS
from shapecalc.reference_ops.arrays import Array, ones, require, require_shape
from shapecalc.reference_ops.windows import same_padding


def parameters(layer: Layer, arriving: Shape) -> Shapes:
    """The arrays that the layer learns, name to shape. ValueError where none fit what arrives."""
    return _call(layer).parameters(layer, arriving)


def buffers(layer: Layer, arriving: Shape) -> Shapes:
    """The arrays that the layer stores without learning them, name to shape."""
    return _call(layer).buffers(layer, arriving)


def run(layer: Layer, x: Array, arrays: Mapping[str, Array]) -> Array:
    """The layer's output for one example. ValueError where the input or the arrays do not fit the layer."""
    wanted = {**parameters(layer, x.shape), **buffers(layer, x.shape)}
    require(wanted.keys() == arrays.keys(), f"the arrays must be {sorted(wanted)}, not {sorted(arrays)}")
    for name, shape in wanted.items():
        require_shape(name, arrays[name], shape)
    settings = _call(layer).settings(layer, x.shape)
    if isinstance(layer, MaxPool) and layer.padding == "same":
        x, settings = _padded_already(x, settings)
    return OPS[_WORDS[type(layer)]](x, **arrays, **settings)


def ones_macs(layer: Layer, x_shape: Shape) -> int:
    """Multiply-adds for one example, measured: on all ones, every product adds 1 to the outputs' sum."""
    return sum(ones_counts(layer, x_shape).values())


def ones_counts(layer: Layer, x_shape: Shape) -> Counts:
    """The same by the array that is multiplied; empty where nothing is, by convention."""
    return _call(layer).macs(layer, x_shape)


def runs(layer: Layer) -> bool:
    """Whether anyone knows what the layer does; of a custom one only numbers are declared."""
    return _WORDS[type(layer)] in CALLS


def _call(layer: Layer) -> Call:
    require(runs(layer), f"there is no operation for `{_WORDS[type(layer)]}`: its numbers are declared")
    return CALLS[_WORDS[type(layer)]]


def _rank(arriving: Shape) -> int:
    return len(spatial(arriving, "a window"))


def _share(number: int, groups: int) -> int:
    """Channels of one group."""
    require(number % groups == 0, f"{number} channels do not make {groups} groups")
    return number // groups


# ---- convolutions ----


def _bias(layer: Conv | ConvTranspose | SeparableConv) -> Shapes:
    return {"bias": (layer.out_channels,)} if layer.bias else {}


def _conv_padding(layer: Conv | SeparableConv, rank: int) -> tuple[Pair, ...] | str:
    return "same" if layer.padding == "same" else pads(layer.padding, rank)


def _sliding(layer: Conv | SeparableConv, arriving: Shape) -> Settings:
    rank = _rank(arriving)
    return {
        "stride": per_axis(layer.stride, rank, "stride"),
        "padding": _conv_padding(layer, rank),
        "dilation": per_axis(layer.dilation, rank, "dilation"),
    }


def _conv(layer: Conv, arriving: Shape) -> Settings:
    own = {"groups": layer.grouped(arriving), "padding_mode": layer.padding_mode}
    return {**_sliding(layer, arriving), **own}


def _conv_parameters(layer: Conv, arriving: Shape) -> Shapes:
    kernel = per_axis(layer.kernel_size, _rank(arriving), "kernel_size")
    weight = (layer.out_channels, _share(arriving[0], layer.grouped(arriving)), *kernel)
    return {"weight": weight, **_bias(layer)}


def _conv_macs(layer: Conv, arriving: Shape) -> Counts:
    settings = {**_conv(layer, arriving), "padding_mode": "zeros", "padding_value": 1.0}
    weight = ones(_conv_parameters(layer, arriving)["weight"])
    return {"weight": int(OPS["conv"](ones(arriving), weight, **settings).sum())}


def _separable_parameters(layer: SeparableConv, arriving: Shape) -> Shapes:
    rank = _rank(arriving)
    between = arriving[0] * layer.depth_multiplier
    return {
        "depthwise_weight": (between, 1, *per_axis(layer.kernel_size, rank, "kernel_size")),
        "pointwise_weight": (layer.out_channels, between, *(1,) * rank),
        **_bias(layer),
    }


def _separable_macs(layer: SeparableConv, arriving: Shape) -> Counts:
    shapes, rank = _separable_parameters(layer, arriving), _rank(arriving)
    depthwise, pointwise = ones(shapes["depthwise_weight"]), ones(shapes["pointwise_weight"])
    each = {**_sliding(layer, arriving), "groups": arriving[0], "padding_value": 1.0}
    alone = OPS["conv"](ones(arriving), depthwise, **each)
    still = {"stride": (1,) * rank, "padding": ((0, 0),) * rank, "dilation": (1,) * rank, "groups": 1}
    mixed = OPS["conv"](ones(alone.shape), pointwise, **still)
    return {"depthwise_weight": int(alone.sum()), "pointwise_weight": int(mixed.sum())}


def _conv_transpose(layer: ConvTranspose, arriving: Shape) -> Settings:
    rank = _rank(arriving)
    return {
        "stride": per_axis(layer.stride, rank, "stride"),
        "padding": pads(layer.padding, rank),
        "output_padding": per_axis(layer.output_padding, rank, "output_padding"),
        "dilation": per_axis(layer.dilation, rank, "dilation"),
        "groups": layer.grouped(arriving),
    }


def _conv_transpose_parameters(layer: ConvTranspose, arriving: Shape) -> Shapes:
    kernel = per_axis(layer.kernel_size, _rank(arriving), "kernel_size")
    weight = (arriving[0], _share(layer.out_channels, layer.grouped(arriving)), *kernel)
    return {"weight": weight, **_bias(layer)}


def _conv_transpose_macs(layer: ConvTranspose, arriving: Shape) -> Counts:
    """Without padding, which crops outputs that were multiplied."""
    settings = {**_conv_transpose(layer, arriving), "padding": ((0, 0),) * _rank(arriving)}
    weight = ones(_conv_transpose_parameters(layer, arriving)["weight"])
    return {"weight": int(OPS["conv_transpose"](ones(arriving), weight, **settings).sum())}


# ---- fully connected ----


def _fc_parameters(layer: Fc, arriving: Shape) -> Shapes:
    bias = {"bias": (layer.out_features,)} if layer.bias else {}
    return {"weight": (layer.out_features, arriving[0]), **bias}


def _fc_macs(layer: Fc, arriving: Shape) -> Counts:
    weight = ones(_fc_parameters(layer, arriving)["weight"])
    return {"weight": int(OPS["fc"](ones(arriving), weight, per_position=layer.per_position).sum())}


# ---- pooling ----


def _pool(layer: MaxPool | AvgPool | LpPool, arriving: Shape) -> Settings:
    rank = _rank(arriving)
    kernel = per_axis(layer.kernel_size, rank, "kernel_size")
    stride = kernel if layer.stride is None else per_axis(layer.stride, rank, "stride")
    apart = per_axis(layer.apart(), rank, "dilation")
    if layer.padding == "same":
        padding: Sequence[Pair] = same_padding(arriving[1:], kernel, stride, apart)
    else:
        padding = pads(layer.padding, rank)
    return {"kernel_size": kernel, "stride": stride, "padding": padding, "ceil_mode": layer.ceil_mode}


def _maxpool(layer: MaxPool, arriving: Shape) -> Settings:
    return {**_pool(layer, arriving), "dilation": per_axis(layer.dilation, _rank(arriving), "dilation")}


def _avgpool(layer: AvgPool, arriving: Shape) -> Settings:
    return {**_pool(layer, arriving), "count_include_pad": layer.count_include_pad}


def _lppool(layer: LpPool, arriving: Shape) -> Settings:
    return {**_pool(layer, arriving), "norm_type": layer.norm_type}


def _padded_already(x: Array, settings: Settings) -> tuple[Array, Settings]:
    """`same` of a dilated pool may pad over half the kernel, which the operation refuses as PyTorch does."""
    padded = OPS["pad"](x, padding=settings["padding"], value=-math.inf)
    return padded, {**settings, "padding": ((0, 0),) * _rank(x.shape)}


def _adaptive(layer: AdaptiveAvgPool | AdaptiveMaxPool, arriving: Shape) -> Settings:
    size = layer.output_size
    return {"output_size": (size,) * _rank(arriving) if isinstance(size, int) else size}


# ---- normalisation and learned factors ----


def _per_channel(arriving: Shape, **wanted: bool) -> Shapes:
    return {name: arriving[:1] for name, there in wanted.items() if there}


def _batchnorm_parameters(layer: BatchNorm, arriving: Shape) -> Shapes:
    scale = layer.affine if layer.scale is None else layer.scale
    bias = layer.affine if layer.bias is None else layer.bias
    return _per_channel(arriving, weight=scale, bias=bias)


def _affine_per_channel(layer: GroupNorm | InstanceNorm, arriving: Shape) -> Shapes:
    return _per_channel(arriving, weight=layer.affine, bias=layer.affine)


def _running(layer: BatchNorm | InstanceNorm, arriving: Shape) -> Shapes:
    tracked = layer.track_running_stats
    return _per_channel(arriving, mean=tracked, var=tracked)


def _normalized(layer: LayerNorm | RmsNorm, arriving: Shape) -> Shape:
    return {"channels": arriving[:1], "all": arriving, "spatial": arriving[1:]}[layer.over]


def _layernorm_parameters(layer: LayerNorm, arriving: Shape) -> Shapes:
    shape = _normalized(layer, arriving)
    wanted = {"weight": layer.affine, "bias": layer.affine and layer.bias}
    return {name: shape for name, there in wanted.items() if there}


def _rmsnorm_parameters(layer: RmsNorm, arriving: Shape) -> Shapes:
    return {"weight": _normalized(layer, arriving)} if layer.affine else {}


def _one_per_channel(layer: Layer, arriving: Shape) -> Shapes:
    return _per_channel(arriving, weight=True)


def _slopes(layer: Prelu, arriving: Shape) -> Shapes:
    return {"weight": arriving[:1] if layer.num_parameters == "channels" else (layer.num_parameters,)}


# ---- everything else ----


def _upsample(layer: Upsample, arriving: Shape) -> Settings:
    rank = _rank(arriving)
    size = None if layer.size is None else per_axis(layer.size, rank, "size")
    factor = layer.scale_factor
    each = None if factor is None else per_axis_factor(factor, rank, "scale_factor")
    return {"size": size, "scale_factor": each, "mode": layer.mode, "align_corners": layer.align_corners}


def _pad(layer: Pad, arriving: Shape) -> Settings:
    return {"padding": pads(layer.padding, _rank(arriving)), "mode": layer.mode}


def _crop(layer: Crop, arriving: Shape) -> Settings:
    if layer.amount is not None:
        return {"amount": pads(layer.amount, _rank(arriving), "amount")}
    assert layer.size is not None
    wanted = per_axis(layer.size, _rank(arriving), "size")
    return {"amount": [_around(n, kept) for n, kept in zip(arriving[1:], wanted, strict=True)]}


def _around(size: int, kept: int) -> Pair:
    """What lies before and after the centre, nearer to the start where it cannot be in the middle."""
    before = (size - kept) // 2
    return before, size - kept - before


_AS_WRITTEN = """
relu relu6 leaky_relu elu selu celu gelu silu mish hardswish hardsigmoid hardtanh sigmoid tanh softsign
softmax log_softmax glu global_avgpool global_maxpool flatten reshape pixel_shuffle pixel_unshuffle
channel_shuffle slice lrn dropout stochastic_depth identity
"""

CALLS: dict[str, Call] = {
    "conv": Call(_conv, _conv_parameters, macs=_conv_macs),
    "conv_transpose": Call(_conv_transpose, _conv_transpose_parameters, macs=_conv_transpose_macs),
    "separable_conv": Call(_sliding, _separable_parameters, macs=_separable_macs),
    "maxpool": Call(_maxpool),
    "avgpool": Call(_avgpool),
    "lppool": Call(_lppool),
    "adaptive_avgpool": Call(_adaptive),
    "adaptive_maxpool": Call(_adaptive),
    "fc": Call(named("per_position"), _fc_parameters, macs=_fc_macs),
    "batchnorm": Call(named(), _batchnorm_parameters, _running),
    "layernorm": Call(named("over"), _layernorm_parameters),
    "rmsnorm": Call(named("over"), _rmsnorm_parameters),
    "groupnorm": Call(named("num_groups"), _affine_per_channel),
    "instancenorm": Call(named(), _affine_per_channel, _running),
    "scale": Call(named(), _one_per_channel),
    "prelu": Call(named(), _slopes),
    "softplus": Call(named("beta")),  # the operation has no threshold: it is exact where PyTorch saves time
    "upsample": Call(_upsample),
    "pad": Call(_pad),
    "crop": Call(_crop),
    **dict.fromkeys(_AS_WRITTEN.split(), Call()),
    **SEQUENCE_CALLS,
}
"""Every layer type but `custom`, of which nobody knows what it does."""

_WORDS: dict[type[Layer], str] = {kind: word for word, kind in LAYERS.items()}
