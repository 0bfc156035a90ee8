"""Derivations as Markdown, with formulas between dollars as GitHub shows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from shapecalc.derivation.latex import equated
from shapecalc.derivation.letters import legend
from shapecalc.derivation.notations import latex, text
from shapecalc.derivation.plain import capitalised, shown, symbol, used
from shapecalc.derivation.working import Derivation, Line


def as_markdown(derivations: Iterable[Derivation]) -> str:
    """The letters, then a section for each derivation, with a list of its quantities."""
    found = list(derivations)
    parts = ["\n".join(_letters(found))]
    for each in found:
        parts += [f"### `{each.name}`", f"{capitalised(each.statement)}.", "\n".join(_items(each))]
    return "\n\n".join(part for part in parts if part) + "\n"


def _letters(derivations: list[Derivation]) -> Iterator[str]:
    for names, meaning in legend(used(derivations)):
        yield f"- {', '.join(f'${latex(name)}$' for name in names)}: {meaning}"


def _items(derivation: Derivation) -> Iterator[str]:
    """A heading's quantities are a list within its item."""
    for group, lines in groupby(derivation.lines, key=lambda line: line.group):
        own = list(lines)
        if any(line.quantity for line in own):
            yield f"- **{group}**"
            yield from (f"  - {line.quantity}: {_working(line)}" for line in own)
        else:
            yield from (f"- **{group}**: {_working(line)}" for line in own)
    yield from (f"- note: {note}" for note in derivation.notes)


def _working(line: Line) -> str:
    working = _inline(line) + (f" {line.unit}" if line.unit else "")
    if not line.remark:
        return working
    return f"{working} ({line.remark})" if working else line.remark


def _inline(line: Line) -> str:
    """Formulas between dollars; names of layers, which may hold anything, outside."""
    if not line.symbol and not line.formula:
        return shown(line.result)
    named = text(line.formula).replace("_", r"\_") + ": " if "'" in line.formula else ""
    parts = [symbol(line, latex), *(latex(each) for each in line.expressions if each and "'" not in each)]
    return f"{named}${' = '.join(equated(parts, line.result))}$"
