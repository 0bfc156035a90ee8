"""From expectations that fail to the slips that explain them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from shapecalc.expectation import Expected, all_hold
from shapecalc.misconceptions.answer import Asked, Guess, Study, Value
from shapecalc.misconceptions.counting import counted
from shapecalc.misconceptions.likelihood import SAID_BY, assumed, order
from shapecalc.misconceptions.reshaping import reshaped
from shapecalc.misconceptions.seeing import seen
from shapecalc.misconceptions.structures import structured
from shapecalc.misconceptions.wholes import wholes
from shapecalc.misconceptions.working import working
from shapecalc.notation import times
from shapecalc.problems import Diagnostic, Problem
from shapecalc.result import Trace
from shapecalc.verdict import Failure, failures

MOST_LAYERS = 400
"""A network of more layers is no exercise: its failing expectations get their working, and no slip is looked for."""

MOST_ANSWERS = 100
"""Answers of one network that get their working."""

MOST_WORK = 100_000
"""For each answer for which slips are looked for, 2,000 and the square of the layers: half a second's work."""

MOST_TOLD = 2
"""Slips that are told of one answer."""


class Misconception(NamedTuple):
    """A slip that gives exactly the number that was expected.

    Attributes:
        tag: its name, ``forgot_bias``.
        sentence: what is wrong, in a clause.
    """

    tag: str
    sentence: str


def advised(trace: Trace) -> tuple[Diagnostic, ...]:
    """The trace's diagnostics; those of expectations that fail with the likely slip and the right working."""
    found = failures(trace.spec, trace.layers, trace.spans, trace.totals) if trace.failed else iter(())
    study, told, work = Study(trace), 0, 0
    diagnostics = []
    for diagnostic in trace.diagnostics:
        failure = next(found, None) if diagnostic.code == "expectation-failed" else None
        if isinstance(failure, Failure) and told < MOST_ANSWERS:
            told += 1
            work += 2_000 + len(trace.layers) ** 2  # slips of each layer, each walked through all
            is_searched = told == 1 or work <= MOST_WORK
            diagnostic = diagnostic._replace(problem=_completed(study, failure, is_searched))  # noqa: PLW2901
        diagnostics.append(diagnostic)
    return tuple(diagnostics)


def _completed(study: Study, failure: Failure, is_searched: bool) -> Problem:
    """The problem with the slips, if they are looked for, in its message, and the working as its help."""
    if failure.problem.help is not None:  # it is right, in another form
        return failure.problem
    asked = Asked(study, failure.subject, failure.quantity)
    message = failure.problem.message
    slips = _likely(asked, failure.expected) if is_searched else []
    if slips:
        message += ": " + ", or ".join(f"{slip.sentence} [{slip.tag}]" for slip in slips)
    return failure.problem._replace(message=message, help=working(asked))


def misconceptions(trace: Trace) -> list[tuple[Failure, list[Misconception]]]:
    """Each expectation that fails, with the slips that give its number exactly, the likeliest first."""
    study = Study(trace)
    found = failures(trace.spec, trace.layers, trace.spans, trace.totals)
    return [
        (each, _likely(Asked(study, each.subject, each.quantity), each.expected))
        for each in found
        if isinstance(each, Failure)
    ]


def _likely(asked: Asked, expected: tuple[Expected, ...] | tuple[int, ...]) -> list[Misconception]:
    """The one or two slips to which the fewest assumptions lead."""
    if len(asked.trace.layers) > MOST_LAYERS or not _is_an_answer(expected):
        return []
    found = [guess for guess in guesses(asked) if _gives(guess.value, expected)]
    best: dict[str, Guess] = {}
    for guess in sorted(found, key=order):
        if not best or assumed(guess) <= assumed(next(iter(best.values()))):
            best.setdefault(guess.tag, guess)
    told = [guess for tag, guess in best.items() if SAID_BY.get(tag) not in best]
    return [Misconception(guess.tag, _sentence(asked, guess)) for guess in told[:MOST_TOLD]]


def guesses(asked: Asked) -> Iterator[Guess]:
    """What every slip makes of what is asked."""
    return chain(counted(asked), seen(asked), reshaped(asked), structured(asked), wholes(asked))


def _is_an_answer(expected: tuple[Expected, ...] | tuple[int, ...]) -> bool:
    """Whether it is a number that somebody worked out, and not a bound."""
    return all(isinstance(each, int) or each.sign in ("", "~") for each in expected)


def _gives(value: Value, expected: tuple[Expected, ...] | tuple[int, ...]) -> bool:
    """Whether the slip's answer is exactly the one that was given, or rounds to it where that is rounded."""
    numbers = tuple(each for each in expected if isinstance(each, Expected))
    if not numbers:
        return value == expected
    given = value if isinstance(value, tuple) else (value,)
    return all_hold(numbers, given)


def _sentence(asked: Asked, guess: Guess) -> str:
    """The number, how it comes about, and what is wrong: ``1,200 = 5·5·3·16, the bias of each filter is …``."""
    working = guess.working if isinstance(guess.working, str) else guess.working()
    if asked.quantity == "output":
        return f"{working}, {guess.why}" if working else guess.why
    number = f"{guess.value:,}" if isinstance(guess.value, int) else _axes(guess.value)
    if not working or working == number:
        return guess.why
    return f"{number} = {working}, {guess.why}"


def _axes(value: tuple[int, ...]) -> str:
    return times(value) if len(set(value)) > 1 else f"{value[0]:,}".replace("-", "−")
