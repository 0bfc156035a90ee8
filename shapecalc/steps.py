"""One layer's numbers: asked of the layer once for each shape that arrives, and put into a step."""

from __future__ import annotations

from math import prod
from typing import NamedTuple

from shapecalc.layers import Layer, Params, Reading
from shapecalc.layers.layer import NOTHING_LEARNED
from shapecalc.layers.merge import Merge
from shapecalc.notation import MAX_SIZE, Shape, hwc, shown
from shapecalc.problems import LayerError, Path, Problem
from shapecalc.receptive_field import ReceptiveField
from shapecalc.result import Step
from shapecalc.sight import NOTHING_SEEN, Sight, repeated
from shapecalc.spec import Item

BIASED = ("conv", "conv_transpose", "separable_conv", "fc")
"""Types whose bias a batch norm right behind them cancels."""


class Flow(NamedTuple):
    """A tensor on its way: who made it, its shape, and what it sees of the input (None: unknown)."""

    name: str
    shape: Shape
    field: ReceptiveField | None


class Weights(NamedTuple):
    """Whose weights a layer uses, and whether they are trained.

    Attributes:
        of: the name of another layer, or None for its own.
        is_frozen: whether they are not trained.
    """

    of: str | None
    is_frozen: bool


OWN = Weights(None, is_frozen=False)
FROZEN = Weights(None, is_frozen=True)


class _Answers(NamedTuple):
    """What a layer says about the shapes that arrive."""

    out_shape: Shape
    tensor_size: int
    params: Params
    macs: int | None
    reading: Reading
    notes: tuple[str, ...]


class Steps:
    """The steps of one network, as they are made.

    Attributes:
        all: in order.
        by_name: the same.
        calls: the items that call blocks, by the names of what they make.
    """

    def __init__(self) -> None:
        self.all: list[Step] = []
        self.by_name: dict[str, Step] = {}
        self.calls: dict[str, Item] = {}
        self._answers: dict[tuple[int, tuple[Shape, ...]], _Answers] = {}
        self._lines: dict[int, int] = {}
        self._sight = Sight()

    def make(self, item: Item, layer: Layer | Merge, name: str, arriving: tuple[Flow, ...], weights: Weights) -> Flow:
        """Writes the step of a layer; what leaves it. SpecError where it does not fit what arrives."""
        shapes = tuple([flow.shape for flow in arriving])
        answers = self._asked(item, layer, arriving, shapes)
        seen, field_notes = self._see(layer, answers, arriving)
        params, shared_notes = self._own(item, layer, shapes, name, weights)
        self.all.append(
            Step(
                name=name,
                type=item.type,
                layer=layer,
                inputs=tuple([flow.name for flow in arriving]),
                line=self._line(item),
                item=item,
                in_shapes=shapes,
                out_shape=answers.out_shape,
                tensor_size=answers.tensor_size,
                params=params.total,
                weights=params.weights,
                biases=params.biases,
                trainable=0 if weights.is_frozen and params.total is not None else params.total,
                buffers=params.buffers,
                macs=answers.macs,
                shares=weights.of,
                receptive_field=None if seen is NOTHING_SEEN else seen,
                notes=(*answers.notes, *shared_notes, *self._bias_notes(item, arriving[0]), *field_notes),
            )
        )
        self.by_name[name] = self.all[-1]
        return Flow(name, answers.out_shape, seen)

    def _line(self, item: Item) -> int:
        line = self._lines.get(id(item))
        if line is None:
            line = self._lines[id(item)] = item.home.document.line_of(item.path)
        return line

    def _asked(
        self, item: Item, layer: Layer | Merge, arriving: tuple[Flow, ...], shapes: tuple[Shape, ...]
    ) -> _Answers:
        """The layer's answers; equal layers at equal shapes are one object and asked once."""
        key = (id(layer), shapes)
        found = self._answers.get(key)
        if found is None:
            try:
                found = self._answers[key] = _answers(layer, shapes)
            except LayerError as error:
                raise item.home.refused([self._placed(error, item, layer, arriving)]) from None
        return found

    def _see(
        self, layer: Layer | Merge, answers: _Answers, arriving: tuple[Flow, ...]
    ) -> tuple[ReceptiveField | None, tuple[str, ...]]:
        if answers.reading == "pointwise" and len(arriving) == 1:
            return arriving[0].field, ()
        if isinstance(layer, Merge):
            fields = [repeated(flow.field, flow.shape, answers.out_shape) for flow in arriving]
            return self._sight.joined(fields, [flow.name for flow in arriving], answers.out_shape)
        return self._sight.through(arriving[0].field, answers.reading, answers.out_shape)

    def _own(
        self, item: Item, layer: Layer | Merge, shapes: tuple[Shape, ...], name: str, weights: Weights
    ) -> tuple[Params, tuple[str, ...]]:
        """What the layer learns itself: nothing where it uses another's weights. SpecError where the two are unlike."""
        params, of = self._answers[id(layer), shapes].params, weights.of
        if of is None:
            return params, ()
        step = self.by_name.get(of)
        if step is None or step.layer != layer or self._answers[id(step.layer), step.in_shapes].params != params:
            why = _unlike_layers(item, layer, shapes[0], step) if step else "there is no such layer"
            message = f"`{name}` cannot share the weights of `{of}`: {why}"
            advice = "the two must be alike, and as many channels must arrive"
            raise item.home.refused([Problem("share-mismatch", message, (*item.path, "share"), advice)])
        return NOTHING_LEARNED, (f"uses the weights of `{of}`",) if params.total else ()

    def _bias_notes(self, item: Item, arriving: Flow) -> tuple[str, ...]:
        if item.type != "batchnorm":
            return ()
        before = self.by_name.get(arriving.name)
        if before is None or before.type not in BIASED or not before.biases:
            return ()
        return (f"the bias of `{before.name}` ({before.biases:,} parameters) has no effect before a batch norm",)

    def _placed(self, error: LayerError, item: Item, layer: Layer | Merge, arriving: tuple[Flow, ...]) -> Problem:
        """The problem at the field as the user wrote it, or at the layer's word where it is not written."""
        if isinstance(layer, Merge) and error.code == "unlike-shapes":
            return self._unlike(error, item, arriving)
        fields, path = item.data.get(item.word), (*item.path, item.word)
        if error.field is not None and isinstance(fields, dict):
            words = [error.field, *(alias for alias, name in layer.aliases.items() if name == error.field)]
            for word in words:
                if word in fields:
                    return Problem(error.code, error.message, (*path, word), error.help)
        is_bare = error.field is not None and error.field == layer.bare
        on_value = is_bare and fields is not None and not isinstance(fields, dict)
        return Problem(error.code, error.message, path, error.help, on_key=not on_value)

    def _unlike(self, error: LayerError, item: Item, arriving: tuple[Flow, ...]) -> Problem:
        """Shapes that do not go together, with both producers and their lines."""
        told = " and ".join(
            f"`{flow.name}`{self._made_in(flow.name, item)} gives {hwc(flow.shape)}" for flow in arriving
        )
        message = f"`{item.keys.join or item.word}` wants like shapes, but {told}"
        key = item.word if item.keys.join is None else "join"
        return Problem(error.code, message, (*item.path, key), error.help, on_key=True)

    def _made_in(self, name: str, join: Item) -> str:
        """The line that makes a tensor, and where it stands in a block, that of the call beside the join."""
        step = self.by_name.get(name)
        if step is None:
            return ""
        home = step.item.home
        line = f"line {step.line}" if home.source is join.home.source else f"{home.source.name}:{step.line}"
        parts = name.split(".")
        around = (self.calls.get(".".join(parts[:count])) for count in range(1, len(parts)))
        call = next((each for each in around if each and _list_of(each) == _list_of(join)), None)
        return f" ({line}, called at line {self._line(call)})" if call else f" ({line})"


def _list_of(item: Item) -> tuple[str, Path]:
    """The layers or the block that an item stands in."""
    return item.home.source.name, item.path[:2] if item.path[0] == "blocks" else item.path[:1]


def _unlike_layers(item: Item, layer: Layer | Merge, arriving: Shape, other: Step) -> str:
    """In what a layer differs from the one whose weights it is to use, with the values of both."""
    if type(layer) is not type(other.layer):
        return f"it is a layer of type {item.type}, the other of type {other.type}"
    for name, info in type(layer).model_fields.items():
        own, others = getattr(layer, name), getattr(other.layer, name)
        if own != others:
            return f"its `{info.alias or name}` is {_typed(own)}, that of the other {_typed(others)}"
    return f"{hwc(arriving)} arrives at it, {hwc(other.in_shapes[0])} at the other"


def _typed(value: object) -> str:
    """A field's value as it is typed in a spec."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(_typed, value))}]"
    return f"{value}" if isinstance(value, int | float) and not isinstance(value, bool) else shown(value)


def _answers(layer: Layer | Merge, arriving: tuple[Shape, ...]) -> _Answers:
    if isinstance(layer, Merge):
        out = layer.out_shape(arriving)
        _within_size(out)
        return _Answers(out, prod(out), NOTHING_LEARNED, 0, "pointwise", layer.notes(arriving, out))
    shape = arriving[0]
    out = layer.out_shape(shape)
    _within_size(out)
    params, macs = layer.params(shape), layer.macs(shape, out)
    return _Answers(out, prod(out), params, macs, layer.reading(shape, out), layer.notes(shape, out))


def _within_size(out: Shape) -> None:
    if max(out) > MAX_SIZE:
        message = f"{hwc(out)} has an axis of more than {MAX_SIZE:,}"
        raise LayerError("too-large", message, help="a smaller input or factor")
