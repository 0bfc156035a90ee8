"""The walk through a network, layer by layer: shapes, counts and receptive fields."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import NamedTuple

from shapecalc.layers import Layer, Params, Reading
from shapecalc.notation import MAX_SIZE, Shape, hwc, times
from shapecalc.problems import LayerError, Problem
from shapecalc.receptive_field import INPUT, ReceptiveField
from shapecalc.result import Output, Step, Totals, Trace
from shapecalc.spec import INPUT_NAME, MAX_LAYERS, Item, Spec
from shapecalc.verdict import verdicts

BIASED = ("conv", "conv_transpose", "separable_conv", "fc")


MAX_WORK = 2_000_000
"""Intervals that one walk looks up, a second's work; a U-Net of a hundred layers takes ten thousand."""


class _Flow(NamedTuple):
    """What arrives at a layer: who made it, its shape, and what it sees of the input."""

    name: str
    shape: Shape
    field: ReceptiveField | None


class _Answers(NamedTuple):
    """What a layer says about one arriving shape."""

    out_shape: Shape
    tensor_size: int
    params: Params
    macs: int | None
    reading: Reading
    notes: tuple[str, ...]


def trace(spec: Spec, *, max_layers: int = MAX_LAYERS) -> Trace:
    """Every number of the network. SpecError at the first layer that does not fit what arrives.

    Args:
        spec: from `load`.
        max_layers: how many layers `repeat` may make of it.

    """
    _bounded(spec, max_layers)
    steps = list(_Walk(spec).steps())
    totals = _totals(steps)
    problems = (*spec.warnings, *verdicts(spec, steps, totals))
    return Trace(
        spec=spec,
        inputs=((INPUT_NAME, spec.input),),
        layers=tuple(steps),
        outputs=(Output(steps[-1].name, steps[-1].out_shape),),
        totals=totals,
        diagnostics=tuple(spec.source.diagnostic(problem, spec.document) for problem in problems),
    )


def _bounded(spec: Spec, max_layers: int) -> None:
    total = 0
    for item in spec.items:
        total += item.keys.repeat or 1
        if total > max_layers:
            message = f"the spec makes more than {max_layers:,} layers"
            advice = "repeat less often, or allow more with --max-layers"
            raise spec.refused([Problem("too-many-layers", message, (*item.path, "repeat"), advice)])


class _Walk:
    """One walk down a spec: what arrives at the next layer, and what it sees of the input."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._answers: dict[tuple[int, Shape], _Answers] = {}
        self._counts: dict[str, int] = {}
        self._taken = {item.keys.name for item in spec.items}
        self._exceeds = False
        self._work = 0

    def steps(self) -> Iterator[Step]:
        """One step for each layer."""
        arriving = _Flow(INPUT_NAME, self._spec.input, _field_of_input(self._spec.input))
        before: Step | None = None
        for item in self._spec.items:
            line = self._spec.document.locate(item.path).line
            for name in self._names(item):
                before = self._step(item, name, line, arriving, before)
                arriving = _Flow(name, before.out_shape, before.receptive_field)
                yield before

    def _names(self, item: Item) -> Iterator[str]:
        """The item's own name, numbered where it repeats; else its type with a counter over all of that type."""
        for turn in range(item.keys.repeat or 1):
            count = self._counts.get(item.type, 0) + 1
            if item.keys.name is None:
                while f"{item.type}{count}" in self._taken:
                    count += 1
            self._counts[item.type] = count
            if item.keys.name is None:
                yield f"{item.type}{count}"
            else:
                yield item.keys.name if item.keys.repeat is None else f"{item.keys.name}.{turn}"

    def _asked(self, item: Item, arriving: Shape) -> _Answers:
        """The layer's answers; equal layers at equal shapes are one object and asked once."""
        key = (id(item.layer), arriving)
        found = self._answers.get(key)
        if found is None:
            try:
                found = self._answers[key] = _answers(item.layer, arriving)
            except LayerError as error:
                raise self._spec.refused([_placed(error, item, self._spec)]) from None
        return found

    def _step(self, item: Item, name: str, line: int, arriving: _Flow, before: Step | None) -> Step:
        answers = self._asked(item, arriving.shape)
        params = answers.params
        seen = self._seen(arriving.field, answers.reading)
        notes = answers.notes
        if item.type == "batchnorm" and before is not None and before.type in BIASED and before.biases:
            notes = (*notes, _useless_bias(before))
        if seen is not arriving.field:
            notes = (*notes, *self._notes_on_field(arriving.field, seen, answers.reading))
        return Step(
            name=name,
            type=item.type,
            layer=item.layer,
            inputs=(arriving.name,),
            line=line,
            path=item.path,
            in_shapes=(arriving.shape,),
            out_shape=answers.out_shape,
            tensor_size=answers.tensor_size,
            params=params.total,
            weights=params.weights,
            biases=params.biases,
            trainable=0 if item.keys.frozen and params.total is not None else params.total,
            buffers=params.buffers,
            macs=answers.macs,
            receptive_field=seen,
            notes=notes,
        )

    def _seen(self, field: ReceptiveField | None, reading: Reading) -> ReceptiveField | None:
        """What a layer's outputs see; None where that is unknown, or would take more work than a spec is worth."""
        if field is not None and isinstance(reading, tuple):
            pairs = zip(field.axes, reading, strict=False)  # no axes where all is global
            self._work += sum(axis.work(window) for axis, window in pairs if window is not None)
            if self._work > MAX_WORK:
                return None
        return _through(field, reading)

    def _notes_on_field(
        self, field: ReceptiveField | None, seen: ReceptiveField | None, reading: Reading
    ) -> Iterator[str]:
        """Where the receptive field is lost, and where it first exceeds the input."""
        if seen is None:
            if field is not None and reading != "unknown":
                yield "the receptive field has too long a period, or is too large, to be tabulated: unknown"
        elif not self._exceeds and any(a > b for a, b in zip(seen.size, seen.input_size, strict=True)):
            self._exceeds = True
            sizes = f"({times(seen.size)}) is larger than the input ({times(seen.input_size)})"
            yield f"from here on the receptive field {sizes}"


def _useless_bias(before: Step) -> str:
    return f"the bias of `{before.name}` ({before.biases:,} parameters) has no effect before a batch norm"


def _answers(layer: Layer, arriving: Shape) -> _Answers:
    out = layer.out_shape(arriving)
    if max(out) > MAX_SIZE:
        message = f"{hwc(out)} has an axis of more than {MAX_SIZE:,}"
        raise LayerError("too-large", message, help="a smaller input or factor")
    return _Answers(
        out,
        prod(out),
        layer.params(arriving),
        layer.macs(arriving, out),
        layer.reading(arriving, out),
        layer.notes(arriving, out),
    )


def _placed(error: LayerError, item: Item, spec: Spec) -> Problem:
    """The problem at the field as the user wrote it, or at the layer's word where it is not written."""
    assert isinstance(spec.document.data, dict)
    written = spec.document.data["layers"][item.index]
    fields = written[item.word] if isinstance(written, dict) else None
    path = (*item.path, item.word)
    if error.field is not None and isinstance(fields, dict):
        words = [error.field, *(alias for alias, name in item.layer.aliases.items() if name == error.field)]
        for word in words:
            if word in fields:
                return Problem(error.code, error.message, (*path, word), error.help)
    on_value = fields is not None and error.field is not None and error.field == item.layer.bare
    return Problem(error.code, error.message, path, error.help, on_key=not (on_value and not isinstance(fields, dict)))


def _field_of_input(shape: Shape) -> ReceptiveField | None:
    """Every input pixel sees itself; None where the input has no spatial axes."""
    sizes = shape[1:]
    return ReceptiveField((INPUT,) * len(sizes), is_global=False, input_size=sizes) if sizes else None


def _through(field: ReceptiveField | None, reading: Reading) -> ReceptiveField | None:
    """What a layer's outputs see, given what its input sees; None where that is unknown."""
    if field is None or reading == "pointwise":
        return field
    if reading == "whole":
        return ReceptiveField((), is_global=True, input_size=field.input_size)
    if isinstance(reading, str):
        return None
    if not field.axes:
        return field
    axes = []
    for axis, window in zip(field.axes, reading, strict=True):
        seen = None if window is None else axis.through(window)
        if seen is None:
            return None
        axes.append(seen)
    return ReceptiveField(tuple(axes), is_global=field.is_global, input_size=field.input_size)


def _totals(steps: list[Step]) -> Totals:
    return Totals(
        params=_sum([step.params for step in steps]),
        weights=_sum([step.weights for step in steps]),
        biases=_sum([step.biases for step in steps]),
        trainable=_sum([step.trainable for step in steps]),
        buffers=_sum([step.buffers for step in steps]),
        macs=_sum([step.macs for step in steps]),
        tensor_size=sum(step.tensor_size for step in steps),
    )


def _sum(numbers: list[int | None]) -> int | None:
    """The sum, or None where a number is unknown."""
    return None if None in numbers else sum(number for number in numbers if number is not None)
