"""Layers as `torch.nn` builds them, for the second witness. Values are torch's own initial ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn import functional

from shapecalc.layers.fields import pads, per_axis
from shapecalc.layers.normalization import LayerNorm
from shapecalc.layers.recurrent import Gru, Lstm, Rnn
from shapecalc.notation import Shape
from shapecalc.reference_ops.windows import same_padding

Run = Callable[[Any], Any]


class UnlikeError(ValueError):
    """Torch has no such layer."""


class Built(NamedTuple):
    """What runs on a tensor with a batch axis of one, and what of it torch has in modules of its own."""

    run: Run
    module: Any


Build = Callable[[Any, Shape], "Built | Any"]


def ranked(name: str, arriving: Shape) -> Any:
    """`torch.nn`'s class of that name for as many spatial axes as arrive."""
    return getattr(nn, f"{name}{max(1, len(arriving) - 1)}d")


def flat(pairs: Any) -> list[int]:
    """Pairs as `functional.pad` wants them, the last axis first."""
    return [amount for pair in reversed(list(pairs)) for amount in pair]


def padding(layer: Any, arriving: Shape) -> Any:
    """(before, after) for each axis; `same` is found by trying, as the reference does."""
    rank = len(arriving) - 1
    if layer.padding != "same":
        return pads(layer.padding, rank)
    stride = layer.kernel_size if layer.stride is None else layer.stride
    settings = (layer.kernel_size, stride, getattr(layer, "dilation", 1))
    return same_padding(arriving[1:], *(per_axis(each, rank, "padding") for each in settings))


def padded(layer: Any, arriving: Shape, module: Any, value: float = 0.0) -> Built:
    """The module behind a padding of its own, since torch's are the same on both sides."""
    amounts = flat(padding(layer, arriving))
    mode = getattr(layer, "padding_mode", "zeros")
    kind: dict[str, Any] = {"mode": "constant", "value": value} if mode == "zeros" else {"mode": mode}
    return Built(lambda x: module(functional.pad(x, amounts, **kind)), module)


def conv(layer: Any, arriving: Shape) -> Built:
    """A convolution behind its padding."""
    module = ranked("Conv", arriving)(
        arriving[0],
        layer.out_channels,
        layer.kernel_size,
        layer.stride,
        dilation=layer.dilation,
        groups=layer.grouped(arriving),
        bias=layer.bias,
    )
    return padded(layer, arriving, module)


def separable(layer: Any, arriving: Shape) -> Built:
    """A depthwise convolution, then a 1×1 one."""
    between, kind = arriving[0] * layer.depth_multiplier, ranked("Conv", arriving)
    settings = {"dilation": layer.dilation, "groups": arriving[0], "bias": False}
    depthwise = kind(arriving[0], between, layer.kernel_size, layer.stride, **settings)
    return padded(layer, arriving, nn.Sequential(depthwise, kind(between, layer.out_channels, 1, bias=layer.bias)))


def conv_transpose(layer: Any, arriving: Shape) -> Built:
    """Padding crops the output, each side by itself."""
    module = ranked("ConvTranspose", arriving)(
        arriving[0],
        layer.out_channels,
        layer.kernel_size,
        layer.stride,
        output_padding=layer.output_padding,
        dilation=layer.dilation,
        groups=layer.grouped(arriving),
        bias=layer.bias,
    )
    taken = [-amount for amount in flat(pads(layer.padding, len(arriving) - 1))]
    return Built(lambda x: functional.pad(module(x), taken), module)


def maxpool(layer: Any, arriving: Shape) -> Any:
    """Padding is minus infinity."""
    settings = {"dilation": layer.dilation, "ceil_mode": layer.ceil_mode}
    return pool(layer, arriving, "MaxPool", settings, -torch.inf)


def avgpool(layer: Any, arriving: Shape) -> Any:
    """The mean of each window."""
    settings = {"count_include_pad": layer.count_include_pad, "ceil_mode": layer.ceil_mode}
    return pool(layer, arriving, "AvgPool", settings, 0.0)


def pool(layer: Any, arriving: Shape, name: str, settings: dict[str, Any], value: float) -> Any:
    """With torch's own padding where it is the same on both sides: `ceil_mode` asks where a window starts."""
    pairs = padding(layer, arriving)
    kind = ranked(name, arriving)
    if layer.padding == "same":
        return padded(layer, arriving, kind(layer.kernel_size, layer.stride, **{**settings, "ceil_mode": False}), value)
    if all(before == after for before, after in pairs):
        return kind(layer.kernel_size, layer.stride, tuple(before for before, _ in pairs), **settings)
    if layer.ceil_mode:
        raise UnlikeError("torch pads a pooling with ceil_mode on both sides alike")
    return padded(layer, arriving, kind(layer.kernel_size, layer.stride, **settings), value)


def lppool(layer: Any, arriving: Shape) -> Built:
    """The p-norm of each window; torch has no padding for it."""
    ceil_mode = layer.ceil_mode and layer.padding != "same"
    if ceil_mode and any(after for _, after in padding(layer, arriving)):
        raise UnlikeError("torch does not pad this pooling")
    kind, rank = ranked("LPPool", arriving), len(arriving) - 1
    kernel = per_axis(layer.kernel_size, rank, "kernel_size")
    stride = kernel if layer.stride is None else per_axis(layer.stride, rank, "stride")
    sizes = (kernel[0], stride[0]) if rank == 1 else (kernel, stride)
    return padded(layer, arriving, kind(layer.norm_type, *sizes, ceil_mode))


def per_position(module: Any) -> Built:
    """A module that acts on the last axis, put on the channels."""
    return Built(lambda x: module(x.movedim(1, -1)).movedim(-1, 1), module)


def fc(layer: Any, arriving: Shape) -> Any:
    """`Linear`, which acts on the last axis."""
    return per_position(nn.Linear(arriving[0], layer.out_features, bias=layer.bias))


def batchnorm(layer: Any, arriving: Shape) -> Built:
    """With running statistics, or on two equal examples, since one value alone has no variance."""
    scale = layer.affine if layer.scale is None else layer.scale
    bias = layer.affine if layer.bias is None else layer.bias
    kind = ranked("BatchNorm", arriving)
    module = kind(arriving[0], affine=scale or bias, track_running_stats=layer.track_running_stats)
    for name, wanted in (("weight", scale), ("bias", bias)):
        if not wanted:
            module.register_parameter(name, None)
    return Built(lambda x: module(x.expand(2, *x.shape[1:]))[:1], module)


def instancenorm(layer: Any, arriving: Shape) -> Any:
    """`InstanceNorm1d`, `2d` or `3d`."""
    kind = ranked("InstanceNorm", arriving)
    return kind(arriving[0], affine=layer.affine, track_running_stats=layer.track_running_stats)


def over(layer: Any, arriving: Shape) -> Any:
    """A normalisation over channels, all axes or positions."""
    shape = {"channels": arriving[:1], "all": arriving, "spatial": arriving[1:]}[layer.over]
    is_layernorm = isinstance(layer, LayerNorm)
    own = {"bias": layer.bias} if is_layernorm else {}
    module = (nn.LayerNorm if is_layernorm else nn.RMSNorm)(shape, elementwise_affine=layer.affine, **own)
    return per_position(module) if layer.over == "channels" else module


def upsample(layer: Any, arriving: Shape) -> Any:
    """`Upsample`; nearest has no corners to align."""
    aligned = None if layer.mode == "nearest" else layer.align_corners
    return nn.Upsample(layer.size, layer.scale_factor, layer.mode, align_corners=aligned)


def pixel_shuffle(layer: Any, arriving: Shape) -> Built:
    """For any number of axes: channels are taken apart into a block, whose axes are laid between the map's."""
    rank, factor = len(arriving) - 1, layer.upscale_factor

    def run(x: Any) -> Any:
        block = x.reshape(1, -1, *[factor] * rank, *arriving[1:])
        order = [at for axis in range(rank) for at in (2 + rank + axis, 2 + axis)]
        return block.permute(0, 1, *order).reshape(1, -1, *(size * factor for size in arriving[1:]))

    return Built(run, nn.Identity())


def pixel_unshuffle(layer: Any, arriving: Shape) -> Built:
    """`pixel_shuffle` undone."""
    rank, factor = len(arriving) - 1, layer.downscale_factor

    def run(x: Any) -> Any:
        parts = x.reshape(1, arriving[0], *(n for size in arriving[1:] for n in (size // factor, factor)))
        order = [*range(3, 3 + 2 * rank, 2), *range(2, 2 + 2 * rank, 2)]
        return parts.permute(0, 1, *order).reshape(1, -1, *(size // factor for size in arriving[1:]))

    return Built(run, nn.Identity())


def pad(layer: Any, arriving: Shape) -> Built:
    """Padding of its own, in any mode."""
    mode = "constant" if layer.mode == "zeros" else layer.mode
    return only(lambda x: functional.pad(x, flat(pads(layer.padding, len(arriving) - 1)), mode=mode))


def crop(layer: Any, arriving: Shape) -> Built:
    """A padding of less than nothing."""
    taken = [-amount for amount in flat(layer.amounts(arriving))]
    return only(lambda x: functional.pad(x, taken))


def only(run: Run) -> Built:
    """What learns nothing."""
    return Built(run, nn.Identity())


def held(run: Callable[[Any, Any], Any], *shape: int) -> Built:
    """What learns one array."""
    module = nn.ParameterDict({"weight": torch.rand(shape)})
    return Built(lambda x: run(x, module["weight"]), module)


def embedding(layer: Any, arriving: Shape) -> Built:
    """A row of the table for each of some random ids."""
    module = nn.Embedding(layer.num_embeddings, layer.embedding_dim)
    ids = torch.randint(layer.num_embeddings, (1, *arriving))
    return Built(lambda x: module(ids).movedim(-1, 1), module)


def recurrent(layer: Any, arriving: Shape) -> Built:
    """Without PyTorch's second bias where there is one only."""
    projected = {"proj_size": layer.proj_size or 0} if hasattr(layer, "proj_size") else {}
    kinds: dict[type, Any] = {Rnn: nn.RNN, Gru: nn.GRU, Lstm: nn.LSTM}
    settings = {"bias": bool(layer.bias), "bidirectional": layer.bidirectional, "batch_first": True, **projected}
    module = kinds[type(layer)](arriving[0], layer.hidden_size, layer.num_layers, **settings)

    def run(x: Any) -> Any:
        with torch.backends.mkldnn.flags(enabled=False):  # its kernels hide the products from torch's counter
            out, state = module(x.movedim(1, -1))
        if layer.return_sequence:
            return out.movedim(-1, 1)
        hidden = state[0] if isinstance(state, tuple) else state
        return torch.cat([*hidden[-(2 if layer.bidirectional else 1) :]], dim=1)

    own = {name: each for name, each in module.named_parameters() if layer.bias != "one" or "bias_hh" not in name}
    return Built(run, nn.ParameterDict(own))
