"""The network walked again with the output size of some layers as a slip would have it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import NamedTuple

from shapecalc.layers import Layer
from shapecalc.layers.layer import NOTHING_LEARNED, Params
from shapecalc.layers.merge import Merge
from shapecalc.misconceptions.answer import Asked, Study, Value, own
from shapecalc.notation import MAX_SIZE, Shape
from shapecalc.problems import LayerError
from shapecalc.result import Step

Alter = Callable[[Step, tuple[Shape, ...]], "Shape | None"]
"""The output's shape under a slip, given what arrives; None where the slip cannot be made in the layer."""


class Altered(NamedTuple):
    """One layer of the walk.

    Attributes:
        out_shape: what leaves it.
        params: what it learns.
        macs: its multiply-adds.
    """

    out_shape: Shape
    params: Params
    macs: int | None


def walked(study: Study, alter: Alter, layers: frozenset[int], inputs: Mapping[str, Shape] = {}) -> list[Altered]:
    """The layers up to the first that does not fit any more.

    Args:
        study: of the network.
        alter: the slip.
        layers: in which it is made.
        inputs: other shapes of the inputs.
    """
    key = (alter, layers, tuple(inputs.items()))
    found: list[Altered] | None = study.walks.get(key)
    if found is None:
        found = study.walks[key] = _walk(study, alter, layers, inputs)
    return found


def _walk(study: Study, alter: Alter, layers: frozenset[int], inputs: Mapping[str, Shape]) -> list[Altered]:
    shapes = {**dict(study.trace.inputs), **inputs}
    found: list[Altered] = []
    for number, step in enumerate(study.trace.layers):
        arriving = tuple(shapes[name] for name in step.inputs)
        try:
            altered = _layer(study, step, arriving, alter if number in layers else None)
        except LayerError:
            break
        if not altered.out_shape or max(altered.out_shape) > MAX_SIZE:
            break
        found.append(altered)
        shapes[step.name] = altered.out_shape
        if min(altered.out_shape) < 1:
            break
    return found


def _layer(study: Study, step: Step, arriving: tuple[Shape, ...], alter: Alter | None) -> Altered:
    if alter is None and arriving == step.in_shapes:
        return Altered(step.out_shape, Params(step.params, step.weights, step.biases, step.buffers), step.macs)
    key = (id(step.layer), arriving, alter)
    found: Altered | None = study.walks.get(key)
    if found is None:
        found = study.walks[key] = _asked(step, arriving, alter)
    return found if not _is_shared(step) else found._replace(params=NOTHING_LEARNED)


def _asked(step: Step, arriving: tuple[Shape, ...], alter: Alter | None) -> Altered:
    layer = unchecked(step.layer)
    out = alter(step, arriving) if alter else None
    if out is None:
        out = layer.out_shape(arriving) if isinstance(layer, Merge) else layer.out_shape(arriving[0])
    if isinstance(layer, Merge) or min(out) < 1:
        return Altered(out, NOTHING_LEARNED, 0)
    if "out_channels" in type(layer).model_fields and out[0] != getattr(layer, "out_channels"):  # noqa: B009
        layer = layer.model_copy(update={"out_channels": out[0]})
    return Altered(out, layer.params(arriving[0]), layer.macs(arriving[0], out))


def unchecked(layer: Layer | Merge) -> Layer | Merge:
    """The layer without the numbers that someone wrote to be compared with what arrives."""
    given = [name for name in ("in_channels", "in_features", "num_features", "num_channels") if getattr(layer, name, 0)]
    return layer.model_copy(update=dict.fromkeys(given)) if given else layer


def _is_shared(step: Step) -> bool:
    return any(note.startswith("uses the weights of") for note in step.notes)


def value_of(asked: Asked, layers: list[Altered], rightly: tuple[str, ...] = ()) -> Value | None:
    """What the walk says of the quantity that is asked; None where it did not come so far, or says nothing.

    Args:
        asked: what is asked.
        layers: of the walk.
        rightly: layer types that are counted as they should be.
    """
    if len(layers) < asked.subject.end:
        return None
    last = layers[asked.subject.end - 1]
    if asked.quantity == "output":
        return last.out_shape
    if asked.quantity == "tensor_size":
        return prod(last.out_shape) if min(last.out_shape) > 0 else None
    numbers = numbers_of(asked, layers, rightly).values()
    return None if None in numbers else sum(number for number in numbers if number is not None)


def numbers_of(asked: Asked, layers: list[Altered], rightly: tuple[str, ...] = ()) -> dict[int, int | None]:
    """What the walk says of a count in each of the layers that are asked about, as `value_of`."""
    steps = asked.trace.layers
    return {
        number: own(steps[number], asked.quantity)
        if steps[number].type in rightly
        else count_of(layers[number], asked.quantity)
        for number in asked.numbers
    }


def arriving(asked: Asked, layers: list[Altered]) -> list[tuple[Shape, ...]]:
    """What arrives at each layer of the walk."""
    shapes = dict(asked.trace.inputs)
    found = []
    for step, altered in zip(asked.trace.layers, layers, strict=False):
        found.append(tuple(shapes[name] for name in step.inputs))
        shapes[step.name] = altered.out_shape
    return found


def count_of(layer: Altered, quantity: str) -> int | None:
    """A layer's own count."""
    if quantity in ("macs", "flops"):
        return None if layer.macs is None else layer.macs * (2 if quantity == "flops" else 1)
    return {
        "params": layer.params.total,
        "weights": layer.params.weights,
        "biases": layer.params.biases,
        "buffers": layer.params.buffers,
    }.get(quantity)
