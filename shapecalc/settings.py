"""A layer's settings in one short form, as people write them beside a diagram: ``3×3, 64, /2, p1``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shapecalc.layers import Layer
from shapecalc.layers.merge import Merge
from shapecalc.notation import counted, hwc

_CHECKED = {"in_channels", "in_features", "num_features", "num_channels"}
"""Fields that are only compared with what arrives."""


def _sizes(value: Any, rank: int) -> str:
    each = (value,) * rank if isinstance(value, int) else value
    return "×".join("·" if size is None else str(size) for size in each)


def _same_or_each(prefix: str) -> Callable[[Any, int], str]:
    def text(value: Any, rank: int) -> str:
        if not isinstance(value, tuple):
            return f"{prefix}{value:g}" if isinstance(value, float) else f"{prefix}{value}"
        each = [f"{v:g}" if isinstance(v, float) else str(v) for v in value]
        return prefix + (each[0] if len(set(each)) == 1 else "×".join(each))

    return text


def _padding(value: Any, rank: int) -> str:
    if not isinstance(value, tuple):
        return f"p {value}" if isinstance(value, str) else f"p{value}"
    pairs = [str(before) if before == after else f"{before}+{after}" for before, after in value]
    return "p" + (pairs[0] if len(set(pairs)) == 1 else "×".join(pairs))


def _groups(value: Any, rank: int) -> str:
    return value if isinstance(value, str) else f"g{value}"


_TEXTS: dict[str, Callable[[Any, int], str]] = {
    "kernel_size": _sizes,
    "hidden_size": lambda value, rank: str(value),
    "num_embeddings": lambda value, rank: str(value),
    "embedding_dim": lambda value, rank: f"to {value}",
    "window_size": _sizes,
    "num_layers": lambda value, rank: counted(value, "layer"),
    "return_sequence": lambda value, rank: "last step",
    "out_channels": lambda value, rank: str(value),
    "out_features": lambda value, rank: str(value),
    "num_heads": lambda value, rank: counted(value, "head"),
    "shift": _same_or_each("shift "),
    "output_size": _sizes,
    "scale_factor": _same_or_each("×"),
    "size": _sizes,
    "stride": _same_or_each("/"),
    "padding": _padding,
    "amount": _padding,
    "output_padding": _same_or_each("op"),
    "dilation": _same_or_each("d"),
    "groups": _groups,
    "num_groups": _groups,
    "upscale_factor": _same_or_each("×"),
    "downscale_factor": _same_or_each("/"),
    "shape": lambda value, rank: hwc(value),
    "out_shape_": lambda value, rank: hwc(value),
    "channels": lambda value, rank: f"{value[0]}:{value[1]}",
    "p": lambda value, rank: f"{value:g}",
    "mode": lambda value, rank: value,
    "padding_mode": lambda value, rank: value,
    "over": lambda value, rank: f"over {value}",
}
"""How a field is written, in the order of the short form; `rank` is the number of spatial axes."""


def short_form(layer: Layer | Merge, rank: int) -> str:
    """The settings that differ from their defaults, in the words of a diagram; empty where there are none."""
    fields = type(layer).model_fields
    given = {
        name: value
        for name, info in fields.items()
        if name not in _CHECKED and (value := getattr(layer, name)) != info.default and value is not None
    }
    if "stride" in fields and fields["stride"].default is None:  # a pooling's stride is its kernel unless given
        given["stride"] = getattr(layer, "stride", None) or given["kernel_size"]
    if given.get("stride") == 1 or set(_tuple(given.get("stride"))) == {1}:
        del given["stride"]
    parts = [text(given[name], rank) for name, text in _TEXTS.items() if name in given]
    return ", ".join(parts + [_other(name, value) for name, value in given.items() if name not in _TEXTS])


def _tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else ()


def _other(name: str, value: Any) -> str:
    words = name.rstrip("_").replace("_", " ")
    if isinstance(value, bool):
        return words.removesuffix(" mode") if value else f"no {words}"
    if isinstance(value, int):
        return f"{words} {value:,}"
    return f"{words} {value:g}" if isinstance(value, float) else f"{words} {value}"
