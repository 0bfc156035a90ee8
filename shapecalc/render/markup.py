"""Tables as Markdown, HTML, LaTeX and aligned text, all drawn by tabulate."""

from __future__ import annotations

from html import escape

from tabulate import tabulate

from shapecalc.foot import KINDS_TITLE, kind_text
from shapecalc.render.cutting import cut_names
from shapecalc.result import Trace
from shapecalc.table import Table, View, table, text

MOST_SOURCES = 40
"""Characters of what a layer is connected to, in aligned text."""


def as_text(traces: list[Trace], view: View) -> str:
    """Aligned columns of plain characters, the sums and the notes below."""
    return "\n".join(_text(_capped(table(trace, view))) for trace in traces)


def _capped(shown: Table) -> Table:
    """The table, its sources cut to `MOST_SOURCES` characters: a layer that reads many is not to widen every line."""
    numbers = {number for number, column in enumerate(shown.columns) if column.heading == "connected to"}
    cut = [
        [cut_names(v, MOST_SOURCES) if n in numbers and isinstance(v, str) else v for n, v in enumerate(row)]
        for row in shown.rows
    ]
    return shown._replace(rows=cut) if numbers else shown


def _text(shown: Table) -> str:
    parts = [shown.title, *shown.captions, "", _drawn(shown, "simple")]
    if shown.totals:
        parts += ["", _lines(shown.totals)]
    if shown.kinds:
        parts += ["", KINDS_TITLE, _indented(_kinds(shown, "plain"))]
    if shown.notes:
        parts += ["", "notes", _indented(_lines(shown.notes))]
    return "\n".join(parts) + "\n"


def _drawn(shown: Table, style: str) -> str:
    headings = [column.heading for column in shown.columns]
    sides = ["right" if column.numeric else "left" for column in shown.columns]
    cells = [[text(value) for value in row] for row in shown.rows]
    return tabulate(cells, headings, tablefmt=style, colalign=sides, disable_numparse=True)


def _kinds(shown: Table, style: str) -> str:
    cells = [kind_text(kind) for kind in shown.kinds]
    headings = () if style == "plain" else ("type", "layers", "params", "share")
    return tabulate(
        cells, headings, tablefmt=style, colalign=("left", "right", "right", "right"), disable_numparse=True
    )


def _lines(pairs: list[tuple[str, str]]) -> str:
    return tabulate(pairs, tablefmt="plain", disable_numparse=True)


def _indented(lines: str) -> str:
    return "\n".join(f"  {line}" for line in lines.splitlines())


def as_markdown(traces: list[Trace], view: View) -> str:
    """A pipe table, as GitHub shows it."""
    return "\n".join(_markdown(table(trace, view)) for trace in traces)


def _markdown(shown: Table) -> str:
    parts = [f"## {_pipes(shown.title)}", ""]
    for words in shown.captions:
        parts += [_pipes(words), ""]
    escaped = shown._replace(rows=[[_pipes(v) if isinstance(v, str) else v for v in row] for row in shown.rows])
    parts += [_drawn(escaped, "pipe"), ""]
    parts += [f"- {name or '…'}: {value}" for name, value in shown.totals]
    if shown.kinds:
        parts += ["", f"### {KINDS_TITLE.capitalize()}", "", _kinds(shown, "pipe")]
    if shown.notes:
        parts += ["", "### Notes", "", *(f"- {name}: {note}" for name, note in shown.notes)]
    return "\n".join(parts) + "\n"


def _pipes(cell: str) -> str:
    return cell.replace("\\", "\\\\").replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;").replace("\n", " ")


def as_html(traces: list[Trace], view: View) -> str:
    """A fragment with one table for each network, to be put into a page or a notebook."""
    return "\n".join(_html(table(trace, view)) for trace in traces)


def _html(shown: Table) -> str:
    parts = ['<div class="shapecalc">', f"<h3>{escape(shown.title)}</h3>"]
    parts += [f"<p>{escape(words)}</p>" for words in shown.captions]
    parts.append(_drawn(shown, "html"))
    if shown.totals:
        parts.append("<ul>" + "".join(f"<li>{escape(f'{n} {v}'.strip())}</li>" for n, v in shown.totals) + "</ul>")
    if shown.kinds:
        parts += [f"<p>{KINDS_TITLE}</p>", _kinds(shown, "html")]
    if shown.notes:
        notes = "".join(f"<li>{escape(name)}: {escape(note)}</li>" for name, note in shown.notes)
        parts.append(f"<p>notes</p><ul>{notes}</ul>")
    return "\n".join([*parts, "</div>"]) + "\n"


def as_latex(traces: list[Trace], view: View) -> str:
    r"""Tables for the booktabs package; the document needs ``\usepackage{booktabs}``."""
    return "\n".join(_latex(table(trace, view)) for trace in traces)


def _latex(shown: Table) -> str:
    body = _math(_drawn(shown, "latex_booktabs"))
    totals = "; ".join(f"{name} {value}".strip() for name, value in shown.totals)
    caption = _math(_latex_escaped(f"{shown.title}: {totals}" if totals else shown.title))
    lines = ["% \\usepackage{booktabs}", "\\begin{table}", f"\\caption{{{caption}}}", body, "\\end{table}"]
    if shown.notes:
        lines += [f"% {name}: {note}" for name, note in shown.notes]
    return "\n".join(lines) + "\n"


def _latex_escaped(words: str) -> str:
    return "".join(_LATEX.get(character, character) for character in words)


_LATEX = {c: f"\\{c}" for c in "&%$#_{}"} | {
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
}


def _math(words: str) -> str:
    """Signs that need mathematics in LaTeX."""
    return words.replace("×", r"$\times$").replace("–", "--").replace("…", r"\dots{}")
