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
    """What is to be worked out, in letters; behind the names of its layers where others have another formula for it."""
    found: dict[str, dict[str, list[str]]] = {}
    for derivation in exercise.workings:
        for line in derivation.lines:
            if line.formula and "'" not in line.formula:
                name = symbol(line, text) or line.quantity or line.group
                layers = found.setdefault(name, {}).setdefault(text(line.formula), [])
                layers += [derivation.name] if derivation.name not in layers else []
    rows = [
        (", ".join(layers) if len(own) > 1 else "", f"{name} = {formula}")
        for name, own in found.items()
        for formula, layers in own.items()
    ]
    return rows or [("", "Go through the layers: what leaves each, and what of it is asked?")]


def letters(exercise: Exercise) -> list[Row]:
    """What the letters of the formulas mean."""
    return [(", ".join(map(text, names)), meaning) for names, meaning in legend(used(exercise.workings))]
