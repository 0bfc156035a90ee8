"""Why what lies next to the answers is none of them; without an answer, what comes closest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

from shapecalc.solving.evaluation import Evaluator, Outcome
from shapecalc.solving.misses import Nearest
from shapecalc.solving.patterns import patterns
from shapecalc.solving.question import Values

Side: TypeAlias = "Literal['below', 'above', 'beside', 'refused']"

_SIDES: dict[int, Side] = {-1: "below", 1: "above", 0: "beside"}

MOST_REASONS = 4


class Remark(NamedTuple):
    """A choice that is no answer.

    Attributes:
        values: one for each unknown.
        side: whether it gives too little, too much, something else, or is refused.
        why: the number that comes out, or the rule that refuses.
        number: how many are refused for the same kind of reason.
    """

    values: Values
    side: Side
    why: str
    number: int = 1


def remarks(evaluate: Evaluator, answers: Sequence[Outcome], nearest: Nearest) -> list[Remark]:
    """What comes next to the answers where one number is sought; without an answer, what comes closest.

    Next to answers of which every 16th number is one comes the number 16 below the first and 16 above the last. Where
    that one is refused, what fits beyond it and misses by the least teaches more.
    """
    if not answers:
        found = [_remark(evaluate, outcome) for outcome in nearest.in_order]
        refused = sorted(nearest.refused.values(), key=lambda each: -each.number)[:MOST_REASONS]
        return found + [_remark(evaluate, each.first)._replace(number=each.number) for each in refused]
    unknown, *others = evaluate.question.unknowns
    if others or not unknown.range.is_number:
        return []
    values = {value for value in unknown.range.values if isinstance(value, int)}
    own = sorted(int(outcome.values[0]) for outcome in answers)
    step = next((pattern.modulus for pattern in patterns(own)), 1)
    around = [evaluate((value,)) for value in (own[0] - step, own[-1] + step) if value in values]
    misses = [outcome for outcome in around if outcome.refusal or outcome.misses]  # the rest there was no time for
    return [_remark(evaluate, _fitting(outcome, own, nearest)) for outcome in misses]


def _fitting(neighbour: Outcome, own: Sequence[int], nearest: Nearest) -> Outcome:
    """The neighbour of the answers; where it is refused, the nearest miss on its side of them, if there is one."""
    if neighbour.refusal is None:
        return neighbour
    is_below = _number(neighbour) < own[0]
    beyond = [each for each in nearest.in_order if (_number(each) < own[0] if is_below else _number(each) > own[-1])]
    return min(beyond, key=lambda each: abs(_number(each) - _number(neighbour)), default=neighbour)


def _number(outcome: Outcome) -> int:
    return int(outcome.values[0])


def _remark(evaluate: Evaluator, outcome: Outcome) -> Remark:
    if outcome.refusal is None and outcome.misses:
        return Remark(outcome.values, _SIDES[outcome.misses[0].side], outcome.misses[0].message)
    diagnostic = evaluate.explained(outcome.values)
    why = outcome.refusal or "" if diagnostic is None else f"{diagnostic.message} (line {diagnostic.line})"
    return Remark(outcome.values, "refused", why)
