"""One unit's view of the input, and one pixel's audience."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from shapecalc.reach import region
from shapecalc.reach.endless import endless_box
from shapecalc.reach.links import Links, Unfollowable, links, paths, positions
from shapecalc.reach.region import Region
from shapecalc.receptive_field import Interval
from shapecalc.result import Trace

MAX_WORK = 3_000_000
"""Rows of positions that are gone through for one question, a long one counting for more: some seconds."""

LONG = 64
"""Positions of a row that cost about as much as the row itself."""


@dataclass(frozen=True)
class Unit:
    """What one unit sees of the input.

    Attributes:
        layer: its name.
        index: its place, one number per spatial axis; empty where the layer is flat.
        box: the smallest box around the pixels that it depends on, a closed interval per axis; None for nothing.
        unclipped: what it sees of the endless input by local paths, per axis None where that is nothing; the whole
            input where there are only global paths.
        is_global: some path sees the whole input.
        pixels: how many pixels it depends on.

    """

    layer: str
    index: tuple[int, ...]
    box: tuple[Interval, ...] | None
    unclipped: tuple[Interval | None, ...]
    is_global: bool
    pixels: int

    @property
    def has_holes(self) -> bool:
        """Whether there are pixels inside the box that cannot matter."""
        return self.box is not None and self.pixels < prod(high - low + 1 for low, high in self.box)

    def padding(self, sizes: Sequence[int]) -> float | None:
        """The share of the unclipped box that lies outside an image of these sizes; None where it sees nothing."""
        inside = area = 1
        for interval, size in zip(self.unclipped, sizes, strict=True):
            if interval is None:
                return None
            low, high = interval
            inside *= max(0, min(high, size - 1) - max(low, 0) + 1)
            area *= high - low + 1
        return 1 - inside / area


@dataclass(frozen=True)
class Pixel:
    """Which units of a layer depend on one input pixel.

    Attributes:
        layer: its name.
        pixel: the place in the input, one number per spatial axis.
        units: the smallest box around the units that depend on it, a closed interval per axis; None for none.
        count: how many units do, positions counted and not channels.

    """

    layer: str
    pixel: tuple[int, ...]
    units: tuple[Interval, ...] | None
    count: int

    @property
    def has_holes(self) -> bool:
        """Whether there are units inside the box that do not depend on the pixel."""
        return self.units is not None and self.count < prod(high - low + 1 for low, high in self.units)


def seen_by(trace: Trace, layer: str, index: tuple[int, ...]) -> Unit:
    """What the unit at `index` (empty for a flat layer) of a layer sees. Unfollowable where that is not known."""
    sizes = _sizes(trace)
    is_global, is_local = paths(trace, layer)
    image = _back(trace, layer, index or (0,))
    if is_local:
        unclipped = endless_box(trace, layer, index)
    else:
        unclipped = tuple((0, size - 1) for size in sizes) if is_global else (None,) * len(sizes)
    return Unit(layer, index, region.box(image), unclipped, is_global, region.count(image))


def units_seeing(trace: Trace, layer: str, pixel: tuple[int, ...]) -> Pixel:
    """The units of a layer that depend on the input pixel. Unfollowable where that is not known."""
    sizes = _sizes(trace)
    assert trace.rf_input is not None
    budget = _Budget(layer)
    budget.spend(sizes, 1)
    flows: dict[str, Region] = {trace.rf_input: region.single(pixel)}
    for step in trace.layers:
        lit: Region = {}
        for number, name in enumerate(step.inputs):
            if flows.get(name):
                each = links(step, number)
                out = positions(step.out_shape)
                budget.spend(out, prod(out[:-1]) if each is None else len(flows[name]), each)
                lit = region.union(lit, region.whole(out) if each is None else region.pushed(flows[name], each))
        flows[step.name] = lit
        if step.name == layer:
            break
    units = region.box(flows[layer])
    is_flat = len(trace[layer].out_shape) == 1
    return Pixel(layer, pixel, () if is_flat and units else units, region.count(flows[layer]))


def _sizes(trace: Trace) -> tuple[int, ...]:
    if trace.rf_input is None:
        raise Unfollowable("the network's input has no spatial axes")
    return dict(trace.inputs)[trace.rf_input][1:]


def _back(trace: Trace, layer: str, index: tuple[int, ...]) -> Region:
    """The pixels that the unit depends on."""
    assert trace.rf_input is not None
    budget = _Budget(layer)
    budget.spend(positions(trace[layer].out_shape), 1)
    waiting: dict[str, Region] = {layer: region.single(index)}
    for step in reversed(trace.layers):
        outputs = waiting.pop(step.name, None)
        if not outputs:
            continue
        for number, name in enumerate(step.inputs):
            if name not in trace.dependent:
                continue
            each, sizes = links(step, number), positions(step.in_shapes[number])
            budget.spend(sizes, prod(sizes[:-1]) if each is None else len(outputs), each)
            read = region.whole(sizes) if each is None else region.pulled(outputs, each)
            waiting[name] = region.union(waiting.get(name, {}), read)
    return waiting.get(trace.rf_input, {})


class _Budget:
    """Bounds the work of one question."""

    def __init__(self, layer: str) -> None:
        self._layer = layer
        self._left = MAX_WORK

    def spend(self, sizes: Sequence[int], rows: int, links: Links = ()) -> None:
        """Accounts for so many rows of a map of these sizes, and for links that are followed place by place.

        Unfollowable where too much is spent.
        """
        self._left -= rows * (1 + sizes[-1] // LONG)
        self._left -= sum(link.size for link in links or () if not link.is_dense)
        if self._left < 0:
            raise Unfollowable(f"what `{self._layer}` sees takes too long to follow; a smaller --input may do")
