"""Attention in torch, with its products written out, since fused kernels hide them from torch's counter."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from shapecalc.layers.attention import Attention, WindowAttention
from shapecalc.notation import Shape


def attention(layer: Attention, arriving: Shape) -> tuple[Any, Any]:
    """What runs, and the module that holds what it learns: four projections."""
    key, value = layer.widths(arriving)
    outputs = {"q": key * layer.num_heads, "k": key * layer.num_heads, "v": value * layer.num_heads}
    module = nn.ModuleDict({name: nn.Linear(arriving[0], out, bias=layer.bias) for name, out in outputs.items()})
    module["out"] = nn.Linear(value * layer.num_heads, layer.out_features or arriving[0], bias=layer.bias)

    def run(x: Any) -> Any:
        places = x.flatten(2).movedim(1, -1)
        q, k, v = (_heads(module[name](places), layer.num_heads) for name in "qkv")
        mixed = torch.softmax(q @ k.mT / q.shape[-1] ** 0.5, dim=-1) @ v
        out = module["out"](mixed.movedim(1, 2).flatten(2))
        return out.movedim(-1, 1).reshape(1, -1, *arriving[1:])

    return run, module


def _heads(x: Any, heads: int) -> Any:
    """``(batch, places, heads·size)`` as ``(batch, heads, places, size)``."""
    return x.unflatten(-1, (heads, -1)).movedim(1, 2)


def window_attention(layer: WindowAttention, arriving: Shape) -> tuple[Any, Any]:
    """What runs, and the module that holds what it learns and stores.

    The map is padded after each axis, rolled by the shift, cut into windows; each window is a batch of its own.
    """
    channels, grid = arriving[0], layer.grid(arriving)
    window = [axis.window for axis in grid]
    places = _size(window)
    missing = [axis.window * axis.windows - n for axis, n in zip(grid, arriving[1:], strict=True)]
    sides = [amount for after in reversed(missing) for amount in (0, after)]
    module = nn.ModuleDict(
        {"into": nn.Linear(channels, 3 * channels, bias=layer.bias), "out": nn.Linear(channels, channels, layer.bias)}
    )
    if layer.relative_position_bias:
        distances = _size([2 * each - 1 for each in window])
        module.register_parameter("relative_position_bias_table", nn.Parameter(torch.rand(distances, layer.num_heads)))
        module.register_buffer("relative_position_index", torch.randint(distances, (places * places,)))

    def run(x: Any) -> Any:
        padded = functional.pad(x, sides).roll([-axis.shift for axis in grid], tuple(range(2, x.ndim)))
        q, k, v = (_heads(each, layer.num_heads) for each in module["into"](_cut(padded, window)).chunk(3, dim=-1))
        scores = q @ k.mT / q.shape[-1] ** 0.5
        if layer.relative_position_bias:
            bias = module.relative_position_bias_table[module.relative_position_index]
            scores = scores + bias.reshape(places, places, -1).movedim(-1, 0)
        out = module["out"]((torch.softmax(scores, dim=-1) @ v).movedim(1, 2).flatten(2))
        whole = _joined(out, padded.shape[2:], window).roll([axis.shift for axis in grid], tuple(range(2, x.ndim)))
        return whole[(slice(None), slice(None), *map(slice, arriving[1:]))]

    return run, module


def _cut(x: Any, window: list[int]) -> Any:
    """``(1, C, *sizes)`` as ``(windows, places, C)``."""
    rank = len(window)
    parts = x[0].unflatten(1, (-1, window[0]))
    for axis in range(1, rank):
        parts = parts.unflatten(1 + 2 * axis, (-1, window[axis]))
    order = [*range(1, 2 * rank, 2), *range(2, 2 * rank + 1, 2), 0]
    return parts.permute(order).flatten(0, rank - 1).flatten(1, rank)


def _joined(x: Any, sizes: Any, window: list[int]) -> Any:
    """``(windows, places, C)`` as ``(1, C, *sizes)``: `_cut` undone."""
    rank = len(window)
    grid = [size // each for size, each in zip(sizes, window, strict=True)]
    parts = x.reshape(*grid, *window, -1)
    order = [2 * rank, *(at for axis in range(rank) for at in (axis, rank + axis))]
    return parts.permute(order).reshape(1, -1, *sizes)


def _size(each: list[int]) -> int:
    return int(torch.tensor(each).prod())
