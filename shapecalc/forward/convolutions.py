"""Convolutions and fully connected layers joined to their operations."""

from __future__ import annotations

from shapecalc.forward.call import Call, Counts, Settings, Shapes, named, rank_of
from shapecalc.layers.convolution import Conv, ConvTranspose, SeparableConv
from shapecalc.layers.fields import Pair, pads, per_axis
from shapecalc.layers.linear import Fc
from shapecalc.notation import Shape
from shapecalc.reference_ops import OPS
from shapecalc.reference_ops.arrays import ones, require


def _share(number: int, groups: int) -> int:
    """Channels of one group."""
    require(number % groups == 0, f"{number} channels do not make {groups} groups")
    return number // groups


def _bias(layer: Conv | ConvTranspose | SeparableConv) -> Shapes:
    return {"bias": (layer.out_channels,)} if layer.bias else {}


def _conv_padding(layer: Conv | SeparableConv, rank: int) -> tuple[Pair, ...] | str:
    return "same" if layer.padding == "same" else pads(layer.padding, rank)


def _sliding(layer: Conv | SeparableConv, arriving: Shape) -> Settings:
    rank = rank_of(arriving)
    return {
        "stride": per_axis(layer.stride, rank, "stride"),
        "padding": _conv_padding(layer, rank),
        "dilation": per_axis(layer.dilation, rank, "dilation"),
    }


def _conv(layer: Conv, arriving: Shape) -> Settings:
    own = {"groups": layer.grouped(arriving), "padding_mode": layer.padding_mode}
    return {**_sliding(layer, arriving), **own}


def _conv_parameters(layer: Conv, arriving: Shape) -> Shapes:
    kernel = per_axis(layer.kernel_size, rank_of(arriving), "kernel_size")
    weight = (layer.out_channels, _share(arriving[0], layer.grouped(arriving)), *kernel)
    return {"weight": weight, **_bias(layer)}


def _conv_macs(layer: Conv, arriving: Shape) -> Counts:
    settings = {**_conv(layer, arriving), "padding_mode": "zeros", "padding_value": 1.0}
    weight = ones(_conv_parameters(layer, arriving)["weight"])
    return {"weight": int(OPS["conv"](ones(arriving), weight, **settings).sum())}


def _separable_parameters(layer: SeparableConv, arriving: Shape) -> Shapes:
    rank = rank_of(arriving)
    between = arriving[0] * layer.depth_multiplier
    return {
        "depthwise_weight": (between, 1, *per_axis(layer.kernel_size, rank, "kernel_size")),
        "pointwise_weight": (layer.out_channels, between, *(1,) * rank),
        **_bias(layer),
    }


def _separable_macs(layer: SeparableConv, arriving: Shape) -> Counts:
    shapes, rank = _separable_parameters(layer, arriving), rank_of(arriving)
    depthwise, pointwise = ones(shapes["depthwise_weight"]), ones(shapes["pointwise_weight"])
    each = {**_sliding(layer, arriving), "groups": arriving[0], "padding_value": 1.0}
    alone = OPS["conv"](ones(arriving), depthwise, **each)
    still = {"stride": (1,) * rank, "padding": ((0, 0),) * rank, "dilation": (1,) * rank, "groups": 1}
    mixed = OPS["conv"](ones(alone.shape), pointwise, **still)
    return {"depthwise_weight": int(alone.sum()), "pointwise_weight": int(mixed.sum())}


def _conv_transpose(layer: ConvTranspose, arriving: Shape) -> Settings:
    rank = rank_of(arriving)
    return {
        "stride": per_axis(layer.stride, rank, "stride"),
        "padding": pads(layer.padding, rank),
        "output_padding": per_axis(layer.output_padding, rank, "output_padding"),
        "dilation": per_axis(layer.dilation, rank, "dilation"),
        "groups": layer.grouped(arriving),
    }


def _conv_transpose_parameters(layer: ConvTranspose, arriving: Shape) -> Shapes:
    kernel = per_axis(layer.kernel_size, rank_of(arriving), "kernel_size")
    weight = (arriving[0], _share(layer.out_channels, layer.grouped(arriving)), *kernel)
    return {"weight": weight, **_bias(layer)}


def _conv_transpose_macs(layer: ConvTranspose, arriving: Shape) -> Counts:
    """Without padding, which crops outputs that were multiplied."""
    settings = {**_conv_transpose(layer, arriving), "padding": ((0, 0),) * rank_of(arriving)}
    weight = ones(_conv_transpose_parameters(layer, arriving)["weight"])
    return {"weight": int(OPS["conv_transpose"](ones(arriving), weight, **settings).sum())}


def _fc_parameters(layer: Fc, arriving: Shape) -> Shapes:
    bias = {"bias": (layer.out_features,)} if layer.bias else {}
    return {"weight": (layer.out_features, arriving[0]), **bias}


def _fc_macs(layer: Fc, arriving: Shape) -> Counts:
    weight = ones(_fc_parameters(layer, arriving)["weight"])
    return {"weight": int(OPS["fc"](ones(arriving), weight, per_position=layer.per_position).sum())}


CONVOLUTIONS_CALLS: dict[str, Call] = {
    "conv": Call(_conv, _conv_parameters, macs=_conv_macs),
    "conv_transpose": Call(_conv_transpose, _conv_transpose_parameters, macs=_conv_transpose_macs),
    "separable_conv": Call(_sliding, _separable_parameters, macs=_separable_macs),
    "fc": Call(named("per_position"), _fc_parameters, macs=_fc_macs),
}
