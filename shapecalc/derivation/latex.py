"""Derivations as LaTeX, for a document that uses amsmath."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from shapecalc.derivation.expression import terms
from shapecalc.derivation.letters import legend
from shapecalc.derivation.notations import escaped, latex, text
from shapecalc.derivation.plain import capitalised, shown, symbol, used
from shapecalc.derivation.working import Derivation, Line, Result

_TERMS_A_ROW = 4
_MARGIN = 40

_SIGNS = str.maketrans(
    {
        "×": r"$\times$",
        "ᵀ": "$^{T}$",
        "·": r"$\cdot$",
        "−": "$-$",
        "→": r"$\to$",
        "…": r"\dots{}",
        "⌊": r"$\lfloor$",
        "⌋": r"$\rfloor$",
        "⌈": r"$\lceil$",
        "⌉": r"$\rceil$",
        "γ": r"$\gamma$",
        "β": r"$\beta$",
        "₁": "$_1$",
        "₂": "$_2$",
        "≤": r"$\le$",
        "`": "",
    }
)
"""Signs of our sentences that pdfLaTeX does not know; code is not marked."""


def as_latex(derivations: Iterable[Derivation]) -> str:
    """A fragment of LaTeX that wants amsmath: the letters, then a section for each derivation."""
    found = list(derivations)
    parts = ["\n".join(_letters(found)), *("\n".join(_section(each)) for each in found)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _letters(derivations: list[Derivation]) -> Iterator[str]:
    entries = legend(used(derivations))
    if entries:
        yield r"\begin{description}"
        for names, meaning in entries:
            yield rf"  \item[{', '.join(f'${latex(name)}$' for name in names)}] {prose(meaning)}"
        yield r"\end{description}"


def _section(derivation: Derivation) -> Iterator[str]:
    yield rf"\subsection*{{{prose(derivation.name)}}}"
    yield f"{prose(capitalised(derivation.statement))}."
    for (group, worked), lines in groupby(derivation.lines, key=_kind):
        own = list(lines)
        yield ""
        if worked:
            yield rf"\noindent {prose(capitalised(group))}:"
            yield r"\begin{align*}"
            yield " \\\\\n".join(_aligned(line) for line in own)
            yield r"\end{align*}"
            yield from (rf"\noindent {prose(capitalised(line.remark))}." for line in own if _is_long(line))
        else:
            yield rf"\noindent {prose(capitalised(group))}: {prose('; '.join(map(_sentence, own)))}."
    yield from (f"\n\\noindent Note: {prose(note)}." for note in derivation.notes)


def _kind(line: Line) -> tuple[str, bool]:
    """The heading, and whether there is a formula to align."""
    return line.group, bool(line.formula)


def _sentence(line: Line) -> str:
    """A line without a formula."""
    letter = f"{symbol(line, text)} =" if line.symbol and not line.is_named else ""
    said = " ".join(word for word in (line.quantity, letter, shown(line.result), line.unit) if word)
    return f"{said} ({line.remark})" if line.remark else said


def _is_long(line: Line) -> bool:
    """Whether the remark does not fit beside a formula."""
    return len(line.remark) > _MARGIN


def _aligned(line: Line) -> str:
    """The working as rows of an align*, the numbers below the letters."""
    left = symbol(line, latex) or rf"\text{{{prose(line.group)}}}"
    steps = equated([_row(each) for each in line.expressions if each], line.result)
    rows = [steps[0], " = ".join(steps[1:])] if len(steps) > 2 else [" = ".join(steps)]
    rows[-1] += rf"\text{{ {line.unit}}}" if line.unit else ""
    label = "" if line.symbol == line.quantity else line.quantity
    remark = "; ".join(part for part in (label, "" if _is_long(line) else line.remark) if part)
    margin = rf" && \text{{{prose(remark)}}}" if remark else ""
    return " \\\\\n".join([f"  {left} &= {rows[0]}{margin}", *(f"  &= {row}" for row in rows[1:])])


def _row(expression: str) -> str:
    """The expression, a long sum broken into rows."""
    summands = [latex(each) for each in terms(expression)]
    if len(summands) <= _TERMS_A_ROW:
        return latex(expression)
    rows = [summands[at : at + _TERMS_A_ROW] for at in range(0, len(summands), _TERMS_A_ROW)]
    return " \\\\\n  &\\quad + ".join(" + ".join(row) for row in rows)


def equated(parts: list[str], result: Result) -> list[str]:
    """The steps of a working in LaTeX with the result last, those that say the same once."""
    if result is None or isinstance(result, str):
        last = rf"\text{{{prose(shown(result))}}}" if result != "" else ""
    else:
        last = latex(str(result))
    return list(dict.fromkeys(part for part in (*parts, last) if part))


def prose(sentence: str) -> str:
    r"""The sentence for LaTeX, its special characters escaped and its signs translated.

    >>> prose("3×3 of `conv1_1`")
    '3$\\times$3 of conv1\\_1'
    """
    return escaped(sentence).translate(_SIGNS)
