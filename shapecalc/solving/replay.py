"""A network that has been traced once, asked again on other sizes of its inputs: the layers alone, no walk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import NamedTuple

from shapecalc.layers import Layer, Params
from shapecalc.layers.merge import Merge
from shapecalc.notation import MAX_SIZE, Shape
from shapecalc.problems import LayerError
from shapecalc.result import Span, Step, Trace
from shapecalc.solving.question import Question, every_item
from shapecalc.solving.uses import ARRIVING, Use, names_in, uses, uses_in

_SEEING = ("receptive_field", "stride", "start")


class CannotReplayError(Exception):
    """What the layers are depends on what arrives, and something else arrives."""


class _Answers(NamedTuple):
    out: Shape
    params: Params | None
    macs: int | None


def can_replay(question: Question) -> bool:
    """Whether the layers are the same on every size of the inputs, and no receptive field is asked for.

    Where what a layer is depends on the channels that arrive, or its fields on the shape, `Replay` compares these.
    """
    spec = question.spec
    items = list(every_item(spec))
    expected = [spec.expect, *(item.keys.expect for item in items if question.is_expecting)]
    if any(getattr(expect, quantity, None) is not None for expect in expected for quantity in _SEEING):
        return False
    if any(item.keys.share is not None for item in items):
        return False
    return not any("in_shape" in names_in(use.text) and _decides(use) for use in uses(spec))


def _decides(use: Use) -> bool:
    """Whether an expression says more than one field of one layer."""
    return use.variable is not None or use.field in ("repeat", "when")


class Replay:
    """The layers of a trace.

    Attributes:
        spans: those of the trace.
    """

    def __init__(self, trace: Trace) -> None:
        self.spans: Sequence[Span] = trace.spans
        self._inputs = dict(trace.inputs)
        deciding = [use for use in uses(trace.spec) if _decides(use)]
        self._channels_decide = any("in_channels" in names_in(use.text) for use in deciding)
        self._steps = trace.layers
        self._bound = [_arriving_names(step) for step in trace.layers]
        self._known: dict[tuple[int, tuple[Shape, ...]], _Answers | LayerError] = {}

    def steps(self, inputs: Mapping[str, Shape]) -> list[Step]:
        """The steps on other inputs. LayerError where a layer refuses what arrives; CannotReplayError."""
        return [_step(step, *each) for step, each in zip(self._steps, self._through(inputs), strict=True)]

    def output(self, inputs: Mapping[str, Shape]) -> Shape:
        """What leaves the last layer; the errors are those of `steps`."""
        return self._through(inputs)[-1][1].out

    def _through(self, inputs: Mapping[str, Shape]) -> list[tuple[tuple[Shape, ...], _Answers]]:
        """What arrives at each layer, and what it answers."""
        shapes, answers = dict(inputs), []
        if any(shape[0] != self._inputs[name][0] for name, shape in shapes.items()):
            raise CannotReplayError("the channels of an input")
        for step, bound in zip(self._steps, self._bound, strict=True):
            arriving = tuple([shapes[name] for name in step.inputs])
            if bound and not _is_alike(bound, arriving[0], step.in_shapes[0]):
                raise CannotReplayError(step.name)
            found = self._asked(step.layer, arriving)
            if self._channels_decide and found.out[0] != step.out_shape[0]:
                raise CannotReplayError(step.name)
            shapes[step.name] = found.out
            answers.append((arriving, found))
        return answers

    def _asked(self, layer: Layer | Merge, arriving: tuple[Shape, ...]) -> _Answers:
        key = (id(layer), arriving)
        found = self._known.get(key)
        if found is None:
            try:
                found = _answers(layer, arriving)
            except LayerError as error:
                found = error
            self._known[key] = found
        if isinstance(found, LayerError):
            raise found
        return found


def _answers(layer: Layer | Merge, arriving: tuple[Shape, ...]) -> _Answers:
    if isinstance(layer, Merge):
        return _Answers(_within_size(layer.out_shape(arriving)), None, 0)
    out = _within_size(layer.out_shape(arriving[0]))
    return _Answers(out, layer.params(arriving[0]), layer.macs(arriving[0], out))


def _within_size(out: Shape) -> Shape:
    if max(out) > MAX_SIZE:
        raise LayerError("too-large", f"an axis has more than {MAX_SIZE:,}")
    return out


def _step(step: Step, arriving: tuple[Shape, ...], answers: _Answers) -> Step:
    """The step with the numbers of other sizes; its receptive field and its notes are those of the trace."""
    changed = step._replace(in_shapes=arriving, out_shape=answers.out, tensor_size=prod(answers.out), macs=answers.macs)
    if answers.params is None or answers.params == (step.params, step.weights, step.biases, step.buffers):
        return changed
    total, weights, biases, buffers = answers.params
    trainable = total if step.trainable == step.params else 0
    return changed._replace(params=total, weights=weights, biases=biases, buffers=buffers, trainable=trainable)


def _arriving_names(step: Step) -> set[str]:
    """What the fields of a layer ask about the shape that arrives."""
    return {name for use in uses_in([step.item], "") for name in names_in(use.text)} & ARRIVING


def _is_alike(bound: set[str], arriving: Shape, before: Shape) -> bool:
    """Whether what the fields ask for is as it was."""
    return arriving == before if "in_shape" in bound else arriving[0] == before[0]
