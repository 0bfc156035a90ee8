"""What comes of one choice of values: refused with a reason, other numbers than expected, or an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, NamedTuple

from shapecalc.expectation import Expect, Expected
from shapecalc.layers.convolution import Conv, SeparableConv
from shapecalc.layers.pooling import AvgPool, LpPool, MaxPool
from shapecalc.layers.window import partial_window_notes
from shapecalc.notation import Shape
from shapecalc.problems import Diagnostic, LayerError, Problem, SpecError
from shapecalc.result import Span, Step, Totals
from shapecalc.solving.question import Question, Values
from shapecalc.solving.replay import CannotReplayError, Replay, can_replay
from shapecalc.verdict import NETWORK, Actual, Failure, Subject, failures, of_item, of_network
from shapecalc.walk import trace

MOST_LAYERS = 20_000
"""Of a network that is tried: more would take longer than a search may."""

GROWS = ("output", "params", "weights", "biases", "trainable", "buffers", "macs", "flops", "tensor_size")
"""Quantities that grow with channels and sizes; receptive fields do not."""

Numbers = tuple[int | Fraction, ...]


class Figure(NamedTuple):
    """One number of an answer: of what, which, and how much; an output channels first."""

    whose: str
    quantity: str
    value: Actual | Shape


class Miss(NamedTuple):
    """An expectation that does not hold: what came instead, and what is said about it."""

    quantity: str
    actual: Numbers
    wanted: Numbers
    message: str

    @property
    def side(self) -> int:
        """-1 where it is too little, 1 where it is too much, 0 where it is neither on every axis."""
        above = any(a > w for a, w in zip(self.actual, self.wanted, strict=True))
        below = any(a < w for a, w in zip(self.actual, self.wanted, strict=True))
        return above - below

    @property
    def distance(self) -> Fraction:
        """By how much it misses, the axes added up."""
        return sum((abs(Fraction(a - w)) for a, w in zip(self.actual, self.wanted, strict=True)), Fraction(0))


class Outcome(NamedTuple):
    """What comes of the values: an answer where nothing refuses and nothing misses.

    Attributes:
        values: one for each unknown.
        refusal: the code of what refuses them; None where the network fits.
        misses: expectations that do not hold.
        figures: the numbers, of an answer.
    """

    values: Values
    refusal: str | None
    misses: tuple[Miss, ...]
    figures: tuple[Figure, ...]

    @property
    def holds(self) -> bool:
        """Whether it is an answer."""
        return self.refusal is None and not self.misses


class Network(NamedTuple):
    """The steps of a network, the spans of the items that expect something, and the sums."""

    steps: Sequence[Step]
    spans: Sequence[Span]
    totals: Totals


@dataclass
class Evaluator:
    """Tries values. Where only sizes of inputs change, the layers of the last network that fitted are asked again.

    Attributes:
        question: what is asked.
        tried: how many choices of values so far.
        tick: called before each.
    """

    question: Question
    tick: Callable[[], None] = lambda: None
    tried: int = 0

    def __post_init__(self) -> None:
        self._is_size = [self.question.is_only_size(unknown) for unknown in self.question.unknowns]
        self._may_replay = any(self._is_size) and can_replay(self.question)
        self._only_fits = self.question.is_about_fit and not self.question.exact
        self._replay: tuple[Values, Replay] | None = None

    def __call__(self, values: Values) -> Outcome:
        """What comes of the values."""
        self.tick()
        self.tried += 1
        try:
            return self._outcome(values)
        except SpecError as error:
            return Outcome(values, error.diagnostics[0].code, (), ())
        except LayerError as error:
            return Outcome(values, error.code, (), ())

    def beginning(self, values: Values, length: int) -> Outcome:
        """What comes of the first items alone, of which nothing but the layers' own expectations is wanted."""
        self.tick()
        whole = self.question.network(values)
        spec = whole._replace(items=whole.items[:length], expect=None)
        try:
            traced = trace(spec, max_layers=MOST_LAYERS)
        except SpecError as error:
            code = error.diagnostics[0].code
            return Outcome(values, None if code == "empty" else code, (), ())
        network = Network(traced.layers, traced.spans, traced.totals)
        return Outcome(values, None, tuple(misses(replace(self.question, spec=spec), network)), ())

    def explained(self, values: Values) -> Diagnostic | None:
        """The reason why the values are refused, with its place."""
        try:
            trace(self.question.network(values), max_layers=MOST_LAYERS)
        except SpecError as error:
            return error.diagnostics[0]
        return None

    def named(self, values: Values) -> dict[int, str]:
        """What the items that expect something are called with values that fit, by identity: "`conv1`"."""
        found: dict[int, list[str]] = {}
        try:
            traced = trace(self.question.network(values), max_layers=MOST_LAYERS)
        except SpecError:  # a miss may be that of the first items alone
            return {}
        for span in traced.spans:
            if span.end > span.first:
                found.setdefault(id(span.item), []).append(of_item(traced.layers, span).whose)
        return {item: " and ".join(dict.fromkeys(names)) for item, names in found.items()}

    def _outcome(self, values: Values) -> Outcome:
        spec = self.question.network(values)
        others = tuple(value for value, is_size in zip(values, self._is_size, strict=True) if not is_size)
        if self._replay is not None and self._replay[0] == others:
            with suppress(CannotReplayError):
                return self._again(values, spec.inputs, self._replay[1])
        traced = trace(spec, max_layers=MOST_LAYERS)
        if self._may_replay and (self._replay is None or self._replay[0] != others):
            self._replay = (others, Replay(traced))
        return self._judged(values, Network(traced.layers, traced.spans, traced.totals))

    def _again(self, values: Values, inputs: Mapping[str, Shape], replay: Replay) -> Outcome:
        """What comes of other sizes of the inputs."""
        if self._only_fits:
            return Outcome(values, None, (), (Figure(NETWORK, "output", replay.output(inputs)),))
        steps = replay.steps(inputs)
        return self._judged(values, Network(steps, replay.spans, totals(steps)))

    def _judged(self, values: Values, network: Network) -> Outcome:
        missed = tuple(misses(self.question, network))
        return Outcome(values, None, missed, () if missed else figures(self.question, network))


def totals(steps: Sequence[Step]) -> Totals:
    """Sums over the steps; None where a number is unknown."""
    sums: dict[str, Any] = {}
    for quantity in Totals._fields:
        each = [getattr(step, quantity) for step in steps]
        sums[quantity] = None if None in each else sum(each)
    return Totals(**sums)


def misses(question: Question, network: Network) -> list[Miss]:
    """The expectations that do not hold; and rows that are not read, where all must be."""
    spans = network.spans if question.is_expecting else ()
    found = []
    for failure in failures(question.spec, network.steps, spans, network.totals):
        found.append(_miss(failure) if isinstance(failure, Failure) else _no_layer(failure.problem))
    if question.exact:
        found += [Miss("unread", (), (), f"`{step.name}`: {note}") for step in network.steps for note in unread(step)]
    return found


def unread(step: Step) -> tuple[str, ...]:
    """A sentence for each axis of a layer along which the last rows are never read."""
    if isinstance(step.layer, Conv | SeparableConv | MaxPool | AvgPool | LpPool):
        return partial_window_notes(step.layer.spans(step.in_shapes[0]), step.out_shape)
    return ()


def _no_layer(problem: Problem) -> Miss:
    return Miss("layers", (0,), (1,), problem.message)


def _miss(failure: Failure) -> Miss:
    """The numbers of a failure side by side; none where one is unknown or the axes are not as many."""
    message, subject = failure.problem.message, failure.subject
    actual: Actual | Shape = subject.out_shape if failure.quantity == "output" else subject.numbers[failure.quantity]
    given = actual if isinstance(actual, tuple) else (actual,)
    wanted = tuple(each.value if isinstance(each, Expected) else each for each in failure.expected)
    wanted = wanted * len(given) if len(wanted) == 1 and failure.quantity != "output" else wanted
    known = tuple(each for each in given if isinstance(each, int | Fraction))
    if len(known) < len(given) or len(known) != len(wanted):
        return Miss(failure.quantity, (), (), message)
    return Miss(failure.quantity, known, wanted, message)


def figures(question: Question, network: Network) -> tuple[Figure, ...]:
    """The numbers that are expected, as they are; where nothing is, the output."""
    steps = network.steps
    spans = [span for span in network.spans if question.is_expecting and span.end > span.first]
    found = [
        figure
        for span in spans
        if span.item.keys.expect is not None
        for figure in _figures(span.item.keys.expect, of_item(steps, span))
    ]
    whole = of_network(steps, network.totals)
    if question.spec.expect is not None:
        found += _figures(question.spec.expect, whole)
    return tuple(found) or (Figure(whole.whose, "output", whole.out_shape),)


def _figures(expect: Expect, subject: Subject) -> list[Figure]:
    found = [Figure(subject.whose, "output", subject.out_shape)] if expect.output is not None else []
    wanted = [quantity for quantity in subject.numbers if getattr(expect, quantity) is not None]
    return found + [Figure(subject.whose, quantity, subject.numbers[quantity]) for quantity in wanted]
