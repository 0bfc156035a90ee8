"""What a trace holds: a step for each layer, totals, and what is to be said about them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from shapecalc.layers import Layer
from shapecalc.layers.merge import Merge
from shapecalc.notation import Shape
from shapecalc.problems import Diagnostic
from shapecalc.receptive_field import ReceptiveField
from shapecalc.spec import Item, Spec


class Step(NamedTuple):
    """One layer of a network, with all its numbers.

    Attributes:
        name: unique in the network.
        type: the layer type's word.
        layer: its fields.
        inputs: names of what it reads.
        line: where it stands in the spec.
        item: the item of the spec that it comes from.
        in_shapes: what arrives, channels first without batch axis, one for each input.
        out_shape: what leaves.
        tensor_size: values in the output, per example.
        params: learnable values; None where unknown.
        weights: of these, factors.
        biases: of these, offsets.
        trainable: params, or 0 where frozen.
        buffers: stored but not learned.
        macs: multiply-adds, per example.
        shares: the layer whose weights it uses; None where they are its own.
        receptive_field: None where the network's input has no spatial axes, or where unknown.
        notes: what a reader should know.
        effective: pixels per axis in which most paths to a unit begin, none where every path is global; None where
            unknown, and unless it has been asked for.

    """

    name: str
    type: str
    layer: Layer | Merge
    inputs: tuple[str, ...]
    line: int
    item: Item
    in_shapes: tuple[Shape, ...]
    out_shape: Shape
    tensor_size: int
    params: int | None
    weights: int | None
    biases: int | None
    trainable: int | None
    buffers: int | None
    macs: int | None
    shares: str | None
    receptive_field: ReceptiveField | None
    notes: tuple[str, ...]
    effective: tuple[int, ...] | None = None


class Totals(NamedTuple):
    """Sums over the layers; None where a layer's number is unknown."""

    params: int | None
    weights: int | None
    biases: int | None
    trainable: int | None
    buffers: int | None
    macs: int | None
    tensor_size: int


class Span(NamedTuple):
    """The steps of an item of which something is expected or asked: the last turn's first, and one past its last."""

    item: Item
    first: int
    end: int


class Output(NamedTuple):
    """What leaves the network: the layer's name and its shape."""

    name: str
    shape: Shape


@dataclass(frozen=True)
class Trace:
    """Every number of a network.

    Attributes:
        spec: what was traced.
        inputs: name and channels-first shape of each input.
        layers: one step for each layer, in execution order.
        outputs: what leaves.
        totals: sums over the layers.
        diagnostics: warnings, and expectations that do not hold.
        rf_input: the input that receptive fields are about; None where no input has spatial axes.
        spans: the steps of the items of which something is expected or asked.

    """

    spec: Spec
    inputs: tuple[tuple[str, Shape], ...]
    layers: tuple[Step, ...]
    outputs: tuple[Output, ...]
    totals: Totals
    diagnostics: tuple[Diagnostic, ...]
    rf_input: str | None
    spans: tuple[Span, ...] = ()

    @property
    def name(self) -> str:
        """The network's name."""
        return self.spec.name

    @cached_property
    def dependent(self) -> frozenset[str]:
        """The input that receptive fields are about, and every layer that depends on it."""
        names = set() if self.rf_input is None else {self.rf_input}
        for step in self.layers:
            if not names.isdisjoint(step.inputs):
                names.add(step.name)
        return frozenset(names)

    @property
    def failed(self) -> bool:
        """Whether an expectation does not hold."""
        return any(diagnostic.severity == "error" for diagnostic in self.diagnostics)

    def __getitem__(self, name: str) -> Step:
        """The layer of that name. KeyError where there is none."""
        for step in self.layers:
            if step.name == name:
                return step
        raise KeyError(name)

    def __str__(self) -> str:
        from shapecalc.render import as_text  # noqa: PLC0415 (printing is above, and loaded when asked for)

        return as_text(self)

    def _repr_html_(self) -> str:
        """The table, for a notebook."""
        from shapecalc.render import as_html  # noqa: PLC0415

        return as_html(self)
