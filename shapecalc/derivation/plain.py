"""Derivations as plain text, like lecture notes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, zip_longest
from textwrap import wrap

from shapecalc.derivation.letters import legend
from shapecalc.derivation.notations import text
from shapecalc.derivation.working import Derivation, Line, Result, number

_WIDEST = 24
"""The legend's column of letters; more of them stand below each other."""

_WIDEST_MEANING = 72
_WIDEST_SUM = 78
"""Of a sum over layers; a longer one is told a step a line."""


def as_text(derivations: Iterable[Derivation]) -> str:
    """The letters, then every derivation, one quantity a line."""
    found = list(derivations)
    parts = [_legend(found), *(_derivation(each) for each in found)]
    return "\n\n".join(part for part in parts if part) + "\n"


def used(derivations: Sequence[Derivation]) -> list[str]:
    """The letters of all formulas and symbols."""
    return [name for each in derivations for line in each.lines for name in line.letters]


def shown(result: Result) -> str:
    """A result in words; `unknown` where it is.

    >>> shown(1728), shown(None), shown("the whole input")
    ('1,728', 'unknown', 'the whole input')
    """
    if result is None:
        return "unknown"
    return result if isinstance(result, str) else number(result)


def _legend(derivations: list[Derivation]) -> str:
    entries = [(", ".join(map(text, names)), meaning) for names, meaning in legend(used(derivations))]
    cells = [(wrap(names, _WIDEST), wrap(meaning, _WIDEST_MEANING)) for names, meaning in entries]
    width = max((len(each) for names, _ in cells for each in names), default=0)
    rows = (row for names, meaning in cells for row in zip_longest(names, meaning, fillvalue=""))
    return "\n".join(f"{names:<{width}}  {meaning}".rstrip() for names, meaning in rows)


def _derivation(derivation: Derivation) -> str:
    lines = [f"{derivation.name}: {derivation.statement}"]
    rows = list(_rows(derivation))
    width = max((len(label) for label, working in rows if working), default=0)
    for label, working in rows:
        first, *others = working or [""]
        lines.append(f"  {label:<{width}}  {first}".rstrip())
        lines += [f"{'':<{width + 4}}{each}" for each in others]
    return "\n".join([*lines, *(f"  note: {note}" for note in derivation.notes)])


def _rows(derivation: Derivation) -> Iterator[tuple[str, list[str]]]:
    """Label and the working's lines; a heading has a row of its own where its quantities have labels."""
    for group, lines in groupby(derivation.lines, key=lambda line: line.group):
        own = list(lines)
        if any(line.quantity for line in own):
            yield group, []
        before = ""
        for line in own:
            label = f"  {line.quantity}" if line.quantity else group
            yield ("" if label == before else label), _in_lines(line)
            before = label


def _in_lines(line: Line) -> list[str]:
    """The working; of a long sum over layers each step in a line of its own, or in several."""
    whole = _working(line)
    if "'" not in line.formula or len(whole) <= _WIDEST_SUM:
        return [whole]
    names, *numbers = whole.split(" = ")
    return [row for step in (names, *(f"= {each}" for each in numbers)) for row in _packed(step.split(" + "))]


def _packed(summands: Sequence[str]) -> Iterator[str]:
    """The sum, as many summands a line as there is room for."""
    row, *others = summands
    for each in others:
        if len(f"{row} + {each}") <= _WIDEST_SUM:
            row += f" + {each}"
        else:
            yield row
            row = f"  + {each}"
    yield row


def _working(line: Line) -> str:
    """``W₂ = formula = numbers = result``, steps that say the same once."""
    parts = ["" if line.is_named else symbol(line, text), *map(text, filter(None, line.expressions))]
    parts.append(shown(line.result))
    steps = [part for index, part in enumerate(parts) if part and part not in parts[:index]]
    written = " = ".join(steps) + (f" {line.unit}" if line.unit else "")
    if not line.remark:
        return written
    return f"{written}  ({line.remark})" if written else line.remark


def in_a_line(line: Line) -> str:
    """A quantity and its working, in one sentence: ``weights = F²·D₁·K = 5²·3·16 = 1,200``."""
    name = "" if line.symbol and not line.is_named else line.quantity or line.group
    name = "params" if name == "in all" else name
    return f"{name} = {_working(line)}".removeprefix(" = ").replace("  (", " (")


def symbol(line: Line, notation: Callable[[str], str]) -> str:
    """The line's letter, or letters of equal quantities, in a notation."""
    return " = ".join(notation(each) for each in line.symbol.split(" = ")) if line.symbol else ""


def capitalised(sentence: str) -> str:
    """The sentence with a capital at its beginning, the rest as it is."""
    return sentence[:1].upper() + sentence[1:]
