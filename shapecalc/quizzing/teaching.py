"""What a student is told: the formulas as a hint, and the working of just what is asked."""

from __future__ import annotations

from shapecalc.derivation.counts import NOTHING
from shapecalc.derivation.letters import legend
from shapecalc.derivation.notations import text
from shapecalc.derivation.plain import in_a_line, symbol, used
from shapecalc.derivation.working import Line
from shapecalc.quizzing.exercise import Exercise

CONVENTIONS = (
    "Shapes are height × width × channels. Strides are 1 and dilations too unless something else is said; a filter and "
    "a unit have a bias unless they are without; ReLU, pooling and flatten learn nothing. Multiply-adds are those of "
    "the weights: bias additions, batch norm, ReLU and pooling count 0."
)
"""What a question does not say."""

Row = tuple[str, str]
"""A label, which may be empty, and a line of text."""


def working(exercise: Exercise) -> list[Row]:
    """How the right answer comes about: each layer's name and its lines, without those that say what is plain."""
    rows: list[Row] = []
    several = len(exercise.workings) > 1
    for derivation in exercise.workings:
        label = derivation.name if several else ""
        for line in derivation.lines:
            told = "" if several and _is_plain(line) else in_a_line(line)
            if told:
                rows.append((label, told))
                label = ""
    return rows


def _is_plain(line: Line) -> bool:
    """Whether nothing is worked out: nothing is counted, a number is repeated, or a sum has one summand."""
    return (
        line.group == NOTHING
        or not (line.symbol or line.formula)
        or (line.formula.startswith("'") and "+" not in line.formula)
    )


def formulas(exercise: Exercise) -> list[Row]:
    """What is to be worked out, in letters."""
    lines = [line for line in _lines(exercise) if line.formula and "'" not in line.formula]
    names = [symbol(line, text) or line.quantity or line.group for line in lines]
    found = dict.fromkeys(f"{name} = {text(line.formula)}" for name, line in zip(names, lines, strict=True))
    return [("", each) for each in found] or [("", "Go through the layers: what leaves each, and what of it is asked?")]


def letters(exercise: Exercise) -> list[Row]:
    """What the letters of the formulas mean."""
    return [(", ".join(map(text, names)), meaning) for names, meaning in legend(used(exercise.workings))]


def _lines(exercise: Exercise) -> list[Line]:
    return [line for each in exercise.workings for line in each.lines]
