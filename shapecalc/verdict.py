"""Whether a network's numbers are those that its spec expects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from shapecalc.expectation import Expect, Expected, Listed, all_hold
from shapecalc.notation import Shape, hwc
from shapecalc.problems import Diagnostic, Path, Problem
from shapecalc.result import Span, Step, Totals
from shapecalc.spec import Home, Spec

Actual: TypeAlias = "int | tuple[int | Fraction | str | None, ...] | None"

SUMS = ("params", "weights", "biases", "trainable", "buffers", "macs", "flops")
"""What adds up over the layers of a block or a network; every other quantity is the last layer's."""


NETWORK = "the network"
"""What the whole is called in a sentence."""


class Subject(NamedTuple):
    """What something is expected or asked of.

    Attributes:
        whose: in a sentence, "`conv1`" or "the network".
        first: the first of its steps.
        end: one past the last of them.
        out_shape: what leaves.
        numbers: its other quantities.
    """

    whose: str
    first: int
    end: int
    out_shape: Shape
    numbers: dict[str, Actual]


class Failure(NamedTuple):
    """An expectation that does not hold.

    Attributes:
        subject: of what.
        quantity: what was expected.
        expected: the numbers, one for all axes or one for each; the shape, of `output`.
        home: the text in which it is expected.
        problem: as it is reported.
    """

    subject: Subject
    quantity: str
    expected: tuple[Expected, ...] | Shape
    home: Home
    problem: Problem


class Baseless(NamedTuple):
    """An expectation of an item that makes no layer: the text that it stands in, and the problem."""

    home: Home
    problem: Problem


class Place(NamedTuple):
    """Where expectations stand: in which text, and where in it."""

    home: Home
    path: Path


def failures(spec: Spec, steps: Sequence[Step], spans: Sequence[Span], totals: Totals) -> Iterator[Failure | Baseless]:
    """Each expectation that does not hold, of the items and then of the network.

    Args:
        spec: what expects.
        steps: of the whole network.
        spans: the steps of the items that expect something.
        totals: of the whole network.
    """
    for span in spans:
        item = span.item
        if item.keys.expect is None:
            continue
        if span.end == span.first:
            message = f"`{item.keys.name or item.word}` makes no layer that could be as expected"
            yield Baseless(item.home, Problem("expectation-failed", message, (*item.path, "expect"), on_key=True))
        else:
            place = Place(item.home, (*item.path, "expect"))
            yield from _compared(item.keys.expect, of_item(steps, span), place)
    if spec.expect is not None:
        yield from _compared(spec.expect, of_network(steps, totals), Place(spec.home, spec.expect_path))


def verdicts(spec: Spec, steps: Sequence[Step], spans: Sequence[Span], totals: Totals) -> list[Diagnostic]:
    """Each expectation that does not hold, where it stands; the arguments are those of `failures`."""
    return [each.home.diagnostic(each.problem) for each in failures(spec, steps, spans, totals)]


def of_item(steps: Sequence[Step], span: Span) -> Subject:
    """The quantities of a layer, or of a block: sums, and what its last layer gives."""
    own, last = steps[span.first : span.end], steps[span.end - 1]
    name = last.name if len(own) == 1 else span.item.keys.name or span.item.type
    sums = {quantity: _sum([getattr(step, quantity) for step in own]) for quantity in SUMS if quantity != "flops"}
    return Subject(f"`{name}`", span.first, span.end, last.out_shape, _numbers(last, sums))


def of_network(steps: Sequence[Step], totals: Totals) -> Subject:
    """The quantities of the whole network: its totals, and what its last layer gives."""
    return Subject(NETWORK, 0, len(steps), steps[-1].out_shape, _numbers(steps[-1], totals._asdict()))


def _numbers(last: Step, sums: dict[str, int | None]) -> dict[str, Actual]:
    field, macs = last.receptive_field, sums["macs"]
    return {
        **{quantity: sums[quantity] for quantity in SUMS if quantity != "flops"},
        "flops": None if macs is None else 2 * macs,
        "tensor_size": last.tensor_size,
        "receptive_field": None if field is None else field.size,
        "stride": None if field is None else field.stride or ("global",),
        "start": None if field is None else field.start if field.axes else ("global",),
    }


def _sum(numbers: list[int | None]) -> int | None:
    return None if None in numbers else sum(number for number in numbers if number is not None)


def _compared(expect: Expect, subject: Subject, place: Place) -> Iterator[Failure]:
    whose = subject.whose
    if expect.output is not None and expect.output != subject.out_shape:
        yield _other_output(expect.output, subject, place)
    for quantity, value in subject.numbers.items():
        expected: Expected | tuple[Expected, ...] | None = getattr(expect, quantity)
        if expected is None:
            continue
        wanted = expected if isinstance(expected, tuple) else (expected,)
        given = value if isinstance(value, tuple) else (value,)
        numbers = tuple(each for each in given if isinstance(each, int | Fraction))
        if len(numbers) < len(given) or not all_hold(wanted, numbers):
            texts = [each.text for each in wanted]
            text = ", ".join(dict.fromkeys(texts) if len(texts) == len(given) else texts)
            words = "trainable params" if quantity == "trainable" else quantity.replace("_", " ")
            verb = "are" if words.endswith("s") else "is"
            message = f"the {words} of {whose} {verb} {_minus(written(given))}, not {_minus(text)}"
            problem = Problem("expectation-failed", message, (*place.path, quantity))
            yield Failure(subject, quantity, wanted, place.home, problem)


def _other_output(shape: Shape, subject: Subject, place: Place) -> Failure:
    """An output that is not as expected; a list is told as a list, and whether it is right in another order."""
    right, is_listed = subject.out_shape, isinstance(shape, Listed)
    given, wanted = (str([*right]), str([*shape])) if is_listed else (hwc(right), _minus(hwc(shape)))
    message = f"the output of {subject.whose} is {given}, not {wanted}"
    numbers = shape if is_listed else (*shape[1:], shape[0])
    problem = Problem("expectation-failed", message, (*place.path, "output"), _in_order(numbers, right, is_listed))
    return Failure(subject, "output", _meant(shape, right), place.home, problem)


def _in_order(numbers: Shape, right: Shape, is_listed: bool) -> str | None:
    """How a right shape that was written with a batch axis, or as a list with the channels last, is written."""
    has_batch = len(numbers) == len(right) + 1 and numbers[0] == 1
    shape = numbers[1:] if has_batch else numbers
    if right not in (shape, (*shape[-1:], *shape[:-1])) or not (has_batch or is_listed):
        return None
    fault = "a shape has no batch axis" if has_batch else "a list is channels first"
    both = f"{[*right]}, or {hwc(right).replace('×', 'x')}" if len(right) > 1 else f"{right[0]}"
    return f"{fault}: write {both}"


def _meant(shape: Shape, right: Shape) -> Shape:
    """The shape that is looked at for slips: of a list that has the right depth at its end, that reading."""
    turned = (shape[-1], *shape[:-1])
    is_last = isinstance(shape, Listed) and len(shape) == len(right) and turned[0] == right[0] != shape[0]
    return turned if is_last and turned != right and shape[1:] != right[1:] else shape


def _minus(text: str) -> str:
    """Numbers with the sign of print, as the working has them."""
    return text.replace("-", "−")


def written(values: tuple[int | Fraction | str | None, ...]) -> str:
    """The numbers of all axes for people, one where they are equal."""
    shown = dict.fromkeys("unknown" if v is None else f"{v:,}" if isinstance(v, int) else str(v) for v in values)
    return ", ".join(shown)
