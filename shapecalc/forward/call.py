"""What it takes to call a layer type's operation; the calls themselves stand beside, by families."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from shapecalc.layers import Layer
from shapecalc.layers.layer import spatial
from shapecalc.notation import Shape

Shapes: TypeAlias = "dict[str, Shape]"
"""Arrays by the name under which the operation takes them."""

Settings: TypeAlias = "dict[str, Any]"

Counts: TypeAlias = "dict[str, int]"
"""Multiply-adds by the array that is multiplied; an attention's products without weights are `match` and `mix`."""


def _as_written(layer: Layer, arriving: Shape) -> Settings:
    return {name: getattr(layer, name) for name in type(layer).model_fields}


def named(*names: str) -> Callable[[Layer, Shape], Settings]:
    """Settings that are the fields of these names, as written."""

    def settings(layer: Layer, arriving: Shape) -> Settings:
        return {name: getattr(layer, name) for name in names}

    return settings


def _nothing(layer: Any, arriving: Shape) -> Shapes:
    return {}


def _no_macs(layer: Any, arriving: Shape) -> Counts:
    return {}


class Call(NamedTuple):
    """How a layer type's operation is called, given the layer and the shape that arrives.

    Attributes:
        settings: everything but arrays, in the operation's words; unless given, the fields as written.
        parameters: arrays that are learned.
        buffers: arrays that are stored.
        macs: multiply-adds, measured on ones; none where convention counts none.

    """

    settings: Callable[[Any, Shape], Settings] = _as_written
    parameters: Callable[[Any, Shape], Shapes] = _nothing
    buffers: Callable[[Any, Shape], Shapes] = _nothing
    macs: Callable[[Any, Shape], Counts] = _no_macs


def rank_of(arriving: Shape) -> int:
    """How many spatial axes arrive."""
    return len(spatial(arriving, "a window"))


def per_channel(arriving: Shape, **wanted: bool) -> Shapes:
    """Of these arrays of one value for each channel, those that are wanted."""
    return {name: arriving[:1] for name, there in wanted.items() if there}
