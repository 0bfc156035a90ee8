"""What a network gives where a slip in what leaves a layer is carried on through the layers below it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from shapecalc.derivation.frames import spans_of
from shapecalc.misconceptions.answer import Asked, Extent, Guess, Scope, scopes
from shapecalc.misconceptions.counts import NORMS
from shapecalc.misconceptions.facts import facts, put_in, tidy
from shapecalc.misconceptions.rewalk import Alter, Altered, arriving, numbers_of, value_of, walked
from shapecalc.misconceptions.sizes import Row, axes_of, formula
from shapecalc.misconceptions.sums import of_layer, over_layers, volume
from shapecalc.notation import Shape
from shapecalc.result import Step

SHAPES = ("output", "tensor_size")
WORK = ("macs", "flops")
COUNTS = ("params", "weights", "biases", *WORK)
NORMS_ASIDE = ("forgot_the_skip_channels", "forgot_the_growing_input")
"""Slips after which normalisations may be counted as they are."""

BIASES_TOO = ("forgot_spatial_extent_when_flattening", "flattened_instead_of_pooling")
"""Slips with which the biases are often forgotten in the layer behind."""

MOST_SINGLY = 20_000
"""Layers that are walked, at most, to try a slip in each layer by itself."""

MOST_FORMULAS = 3
"""Layers whose formulas under a slip are written out."""


class Slip(NamedTuple):
    """A slip in what leaves a layer.

    Attributes:
        tag: its name.
        alter: the shape that leaves under it.
        why: what is wrong, in a clause.
        quantities: in which it shows.
        row: its formula along an axis.
        extents: where it may be made.
        depth: the product that it takes for the output's depth, of the names in `facts`.
    """

    tag: str
    alter: Alter
    why: str
    quantities: tuple[str, ...] = (*SHAPES, *COUNTS)
    row: Row | None = None
    extents: tuple[Extent, ...] = (Extent.ALIKE, Extent.ONE_TYPE, Extent.ONE_LAYER, Extent.TWO_SLIPS)
    depth: str = ""


def guesses(asked: Asked, slip: Slip) -> Iterator[Guess]:
    """The answers to which one slip leads, made in all layers, in those of a type, and in each."""
    layers = asked.trace.layers[: asked.subject.end]
    touched = [(number, step) for number, step in enumerate(layers) if _touches(slip.alter, step)]
    if not touched:
        return
    own = [pair for pair in touched if pair[0] in asked.numbers]
    least = Extent.ALIKE
    if asked.is_one and own and len(touched) > 1:  # of one layer the slip in itself comes first
        yield from _made(asked, slip, Scope(frozenset({own[0][0]}), "", Extent.ALIKE))
        least = Extent.ONE_TYPE
    for scope in scopes(touched, singly=len(touched) * len(asked.trace.layers) <= MOST_SINGLY):
        yield from _made(asked, slip, scope._replace(extent=max(scope.extent, least)))


def _made(asked: Asked, slip: Slip, scope: Scope) -> Iterator[Guess]:
    if scope.extent not in slip.extents:
        return
    layers = walked(asked.study, slip.alter, scope.layers)
    value = value_of(asked, layers)
    if value is None:
        return
    if asked.quantity in COUNTS:
        yield from _beside(asked, slip, scope, layers)
    extent = max(scope.extent, slip.row.extent) if slip.row else scope.extent
    is_here = scope.layers == {asked.subject.end - 1}
    if asked.is_one and asked.quantity != "output":  # a slip in the size is then one in a number that is not asked
        extent = max(extent, Extent.ONE_TYPE)
    is_placed = asked.quantity in SHAPES and (slip.row is not None or slip.depth)  # the formulas name the layers
    where = "" if (is_here and asked.is_one) or is_placed else scope.where
    working = partial(_working, asked, slip, scope, layers)
    yield Guess(slip.tag, value, f"{slip.why}{where}", working, extent)


def _beside(asked: Asked, slip: Slip, scope: Scope, layers: list[Altered]) -> Iterator[Guess]:
    """The counts with normalisations as they are, and those without the biases."""
    if slip.tag in NORMS_ASIDE:
        others = value_of(asked, layers, NORMS)
        yield from [] if others is None else [Guess(slip.tag, others, slip.why, extent=scope.extent)]
    is_biased = any(step.biases for step in asked.steps) and not any(step.type in NORMS for step in asked.steps)
    if slip.tag in BIASES_TOO and asked.quantity == "params" and is_biased:
        bare = Asked(asked.study, asked.subject, "weights")
        weights = value_of(bare, layers)
        if weights is not None:
            why = f"{slip.why}{scope.where}, and the biases are forgotten"
            yield Guess(slip.tag, weights, why, partial(_sum, bare, layers), Extent.TWO_SLIPS)


def _touches(alter: Alter, step: Step) -> bool:
    out = alter(step, step.in_shapes)
    return out is not None and out != step.out_shape


def _working(asked: Asked, slip: Slip, scope: Scope, layers: list[Altered]) -> str:
    """The arithmetic that leads to the answer; nothing where there is none but the answer itself."""
    if asked.quantity in COUNTS:
        return _sum(asked, layers)
    shapes = arriving(asked, layers)
    numbers = [number for number in sorted(scope.layers) if number < asked.subject.end]
    told = [text for number in numbers if (text := _formula(asked, slip, number, (shapes[number], layers[number])))]
    if asked.quantity == "tensor_size":
        told = [volume(layers[asked.subject.end - 1].out_shape), *told]
    if len(told) > MOST_FORMULAS:
        told = [*told[: MOST_FORMULAS - 1], "…", told[-1]]
    return ", ".join(told)


def _sum(asked: Asked, layers: list[Altered]) -> str:
    shapes, changed, total = arriving(asked, layers), {}, 0
    for number, count in numbers_of(asked, layers).items():
        step, altered = asked.trace.layers[number], layers[number]
        is_kept = altered.out_shape == step.out_shape and shapes[number] == step.in_shapes
        if count is not None:
            total += count
            is_worked_out = asked.is_one or not is_kept
            text = of_layer(step, shapes[number], altered, asked.quantity) if is_worked_out else None
            changed[number] = text or f"{count:,}"
    return over_layers(asked, changed, total)


def _formula(asked: Asked, slip: Slip, number: int, walked: tuple[tuple[Shape, ...], Altered]) -> str:
    """The formula along the last axis whose size is wrong, with the size that it gives; or that of the depth."""
    step, (shapes, altered) = asked.trace.layers[number], walked
    place = "" if number == asked.subject.end - 1 and asked.is_one else f" in `{step.name}`"
    if slip.depth:
        text = put_in(slip.depth, facts(step._replace(in_shapes=shapes)))
        return f"{altered.out_shape[0]:,} = {tidy(text)}{place}" if text else ""
    if slip.row is None or step.type not in slip.row.types:
        return ""
    axes = axes_of(step, spans_of(step.layer, shapes[0]))
    for axis, right in reversed(list(zip(axes, step.out_shape[1:], strict=True))):
        size = slip.row.size(axis)
        if size is not None and size != right:
            return f"{size:,} = {formula(slip.row, axis)}{place}".replace("-", "−")
    return ""
