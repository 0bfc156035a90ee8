"""The table on a terminal, drawn by Rich: colour, a bar for the share, and as wide as the window."""

from __future__ import annotations

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from shapecalc.foot import KINDS_TITLE, kind_text
from shapecalc.render.cutting import cut_name, cut_names
from shapecalc.result import Trace
from shapecalc.table import Table, Value, View, table, text

BAR_WIDTH = 5
EIGHTHS = " ▏▎▍▌▋▊▉█"
MOST_ROWS = 500
"""Rich takes 0.4 ms a row: longer tables are written as aligned text."""

GAP = 2

_EXPENDABLE = ("connected to", "share", "tensor size")
"""Headings of the columns that go first where the window is too narrow."""
_SQUEEZABLE = {"notes": 12, "connected to": 16, "type": 14, "layer": 20}
"""Columns that may be cut with an ellipsis, in that order, and the least they keep while others can be left out.

What a layer is connected to is left out before the name of any layer is cut.
"""
_LEAST_NAME = 8
"""Characters that a layer's name keeps in any window."""
_CUT = {"layer": cut_name, "connected to": cut_names}
"""How the columns with names of layers are cut."""
_STYLES = {"layer": "bold", "params": "cyan", "share": "cyan", "rf": "green"}


def print_traces(traces: list[Trace], view: View, console: Console) -> None:
    """Prints each trace as wide as the console."""
    for trace in traces:
        console.print(_whole(table(trace, view), console.width))


def _whole(shown: Table, width: int) -> RenderableType:
    parts: list[RenderableType] = [Text(shown.title, style="bold")]
    parts += [Text(words, style="dim") for words in shown.captions]
    parts += [Text(), _layers(*_fitted(shown, width)), Text()]
    if shown.totals:
        parts.append(_pairs(shown.totals, "bold"))
    if shown.kinds:
        parts += [Text(f"\n{KINDS_TITLE}", style="bold"), Padding(_kinds(shown), (0, 0, 0, 2))]
    if shown.notes:
        parts += [Text("\nnotes", style="bold"), Padding(_pairs(shown.notes, ""), (0, 0, 0, 2))]
    return Group(*parts)


def _fitted(shown: Table, width: int) -> tuple[Table, list[int]]:
    """The table and its columns' widths, made to fit: columns left out, then names cut."""
    widths = _widths(shown)
    for heading in _EXPENDABLE:
        if _total(_least(shown, widths, are_names_whole=heading == "connected to")) > width:
            kept = [i for i, column in enumerate(shown.columns) if column.heading != heading]
            rows = [[row[i] for i in kept] for row in shown.rows]
            shown = shown._replace(columns=tuple(shown.columns[i] for i in kept), rows=rows)
            widths = [widths[i] for i in kept]
    headings = [column.heading for column in shown.columns]
    for heading, least in [*_SQUEEZABLE.items(), ("layer", _LEAST_NAME)]:
        if heading in headings:
            index = headings.index(heading)
            widths[index] -= max(0, min(_total(widths) - width, widths[index] - least))
    return _cut(shown, widths), widths


def _cut(shown: Table, widths: list[int]) -> Table:
    cutters = [_CUT.get(column.heading) for column in shown.columns]
    rows = [
        [cut(v, w) if cut and isinstance(v, str) else v for cut, v, w in zip(cutters, row, widths, strict=True)]
        for row in shown.rows
    ]
    return shown._replace(rows=rows)


def _widths(shown: Table) -> list[int]:
    """What each column needs; a heading of two words may stand in two lines."""
    found = []
    for index, column in enumerate(shown.columns):
        cells = [BAR_WIDTH if column.heading == "share" else len(text(row[index])) for row in shown.rows]
        found.append(max(*map(len, column.heading.split()), *cells))
    return found


def _least(shown: Table, widths: list[int], *, are_names_whole: bool) -> list[int]:
    least = {**_SQUEEZABLE, "layer": max(widths)} if are_names_whole else _SQUEEZABLE
    return [min(w, least.get(column.heading, w)) for column, w in zip(shown.columns, widths, strict=True)]


def _total(widths: list[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)


def _layers(shown: Table, widths: list[int]) -> RichTable:
    drawn = RichTable(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    for column, width in zip(shown.columns, widths, strict=True):
        drawn.add_column(
            "\n".join(column.heading.split()) if len(column.heading) > width else column.heading,
            justify="right" if column.numeric and column.heading != "share" else "left",
            style=_STYLES.get(column.heading, ""),
            no_wrap=True,
            overflow="ellipsis",
            vertical="bottom",
            width=width,
        )
    for row in shown.rows:
        drawn.add_row(*(_cell(value) for value in row))
    return drawn


def _cell(value: Value) -> Text:
    if isinstance(value, float):
        return Text(bar(value))
    return Text(text(value), style="dim" if value == 0 else "")


def bar(share: float) -> str:
    """A share between 0 and 1 as a bar of eighths of a character; the smallest share still shows."""
    eighths = max(round(share * BAR_WIDTH * 8), 1 if share > 0 else 0)
    return "█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()


def _pairs(pairs: list[tuple[str, str]], style: str) -> RichTable:
    drawn = RichTable.grid(padding=(0, 2, 0, 0))
    drawn.add_column(style=style, no_wrap=True)
    drawn.add_column()
    for name, value in pairs:
        drawn.add_row(Text(name), Text(value))
    return drawn


def _kinds(shown: Table) -> RichTable:
    drawn = RichTable.grid(padding=(0, 2, 0, 0))
    for justify in ("left", "right", "right", "right", "left"):
        drawn.add_column(justify=justify, no_wrap=True)
    for kind in shown.kinds:
        drawn.add_row(*map(Text, kind_text(kind)), Text(bar(kind.share), style="cyan"))
    return drawn
