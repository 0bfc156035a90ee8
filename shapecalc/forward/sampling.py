"""Pooling, resizing, padding and cropping joined to their operations."""

from __future__ import annotations

import math
from collections.abc import Sequence

from shapecalc.forward.call import Call, Settings, rank_of
from shapecalc.layers.fields import Pair, pads, per_axis, per_axis_factor
from shapecalc.layers.pooling import AdaptiveAvgPool, AdaptiveMaxPool, AvgPool, LpPool, MaxPool
from shapecalc.layers.rearrange import Crop, Pad
from shapecalc.layers.resize import Upsample
from shapecalc.notation import Shape
from shapecalc.reference_ops import OPS
from shapecalc.reference_ops.arrays import Array
from shapecalc.reference_ops.windows import same_padding


def _pool(layer: MaxPool | AvgPool | LpPool, arriving: Shape) -> Settings:
    rank = rank_of(arriving)
    kernel = per_axis(layer.kernel_size, rank, "kernel_size")
    stride = kernel if layer.stride is None else per_axis(layer.stride, rank, "stride")
    apart = per_axis(layer.apart(), rank, "dilation")
    if layer.padding == "same":
        padding: Sequence[Pair] = same_padding(arriving[1:], kernel, stride, apart)
    else:
        padding = pads(layer.padding, rank)
    return {"kernel_size": kernel, "stride": stride, "padding": padding, "ceil_mode": layer.ceil_mode}


def _maxpool(layer: MaxPool, arriving: Shape) -> Settings:
    return {**_pool(layer, arriving), "dilation": per_axis(layer.dilation, rank_of(arriving), "dilation")}


def _avgpool(layer: AvgPool, arriving: Shape) -> Settings:
    return {**_pool(layer, arriving), "count_include_pad": layer.count_include_pad}


def _lppool(layer: LpPool, arriving: Shape) -> Settings:
    return {**_pool(layer, arriving), "norm_type": layer.norm_type}


def padded_already(x: Array, settings: Settings) -> tuple[Array, Settings]:
    """`same` of a dilated pool may pad over half the kernel, which the operation refuses as PyTorch does."""
    padded = OPS["pad"](x, padding=settings["padding"], value=-math.inf)
    return padded, {**settings, "padding": ((0, 0),) * rank_of(x.shape)}


def _adaptive(layer: AdaptiveAvgPool | AdaptiveMaxPool, arriving: Shape) -> Settings:
    size = layer.output_size
    return {"output_size": (size,) * rank_of(arriving) if isinstance(size, int) else size}


def _upsample(layer: Upsample, arriving: Shape) -> Settings:
    rank = rank_of(arriving)
    size = None if layer.size is None else per_axis(layer.size, rank, "size")
    factor = layer.scale_factor
    each = None if factor is None else per_axis_factor(factor, rank, "scale_factor")
    return {"size": size, "scale_factor": each, "mode": layer.mode, "align_corners": layer.align_corners}


def _pad(layer: Pad, arriving: Shape) -> Settings:
    return {"padding": pads(layer.padding, rank_of(arriving)), "mode": layer.mode}


def _crop(layer: Crop, arriving: Shape) -> Settings:
    if layer.amount is not None:
        return {"amount": pads(layer.amount, rank_of(arriving), "amount")}
    assert layer.size is not None
    wanted = per_axis(layer.size, rank_of(arriving), "size")
    return {"amount": [_around(n, kept) for n, kept in zip(arriving[1:], wanted, strict=True)]}


def _around(size: int, kept: int) -> Pair:
    """What lies before and after the centre, nearer to the start where it cannot be in the middle."""
    before = (size - kept) // 2
    return before, size - kept - before


SAMPLING_CALLS: dict[str, Call] = {
    "maxpool": Call(_maxpool),
    "avgpool": Call(_avgpool),
    "lppool": Call(_lppool),
    "adaptive_avgpool": Call(_adaptive),
    "adaptive_maxpool": Call(_adaptive),
    "upsample": Call(_upsample),
    "pad": Call(_pad),
    "crop": Call(_crop),
}
