"""Normalisations and learned factors joined to their operations."""

from __future__ import annotations

from shapecalc.forward.call import Call, Shapes, named, per_channel
from shapecalc.layers import Layer
from shapecalc.layers.activation import Prelu
from shapecalc.layers.normalization import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, RmsNorm
from shapecalc.notation import Shape


def _batchnorm_parameters(layer: BatchNorm, arriving: Shape) -> Shapes:
    scale = layer.affine if layer.scale is None else layer.scale
    bias = layer.affine if layer.bias is None else layer.bias
    return per_channel(arriving, weight=scale, bias=bias)


def _affine_per_channel(layer: GroupNorm | InstanceNorm, arriving: Shape) -> Shapes:
    return per_channel(arriving, weight=layer.affine, bias=layer.affine)


def _running(layer: BatchNorm | InstanceNorm, arriving: Shape) -> Shapes:
    tracked = layer.track_running_stats
    return per_channel(arriving, mean=tracked, var=tracked)


def _normalized(layer: LayerNorm | RmsNorm, arriving: Shape) -> Shape:
    return {"channels": arriving[:1], "all": arriving, "spatial": arriving[1:]}[layer.over]


def _layernorm_parameters(layer: LayerNorm, arriving: Shape) -> Shapes:
    shape = _normalized(layer, arriving)
    wanted = {"weight": layer.affine, "bias": layer.affine and layer.bias}
    return {name: shape for name, there in wanted.items() if there}


def _rmsnorm_parameters(layer: RmsNorm, arriving: Shape) -> Shapes:
    return {"weight": _normalized(layer, arriving)} if layer.affine else {}


def _one_per_channel(layer: Layer, arriving: Shape) -> Shapes:
    return per_channel(arriving, weight=True)


def _slopes(layer: Prelu, arriving: Shape) -> Shapes:
    return {"weight": arriving[:1] if layer.num_parameters == "channels" else (layer.num_parameters,)}


NORMALIZATIONS_CALLS: dict[str, Call] = {
    "batchnorm": Call(named(), _batchnorm_parameters, _running),
    "layernorm": Call(named("over"), _layernorm_parameters),
    "rmsnorm": Call(named("over"), _rmsnorm_parameters),
    "groupnorm": Call(named("num_groups"), _affine_per_channel),
    "instancenorm": Call(named(), _affine_per_channel, _running),
    "scale": Call(named(), _one_per_channel),
    "prelu": Call(named(), _slopes),
}
