"""A comparison as text that fits a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from operator import itemgetter
from textwrap import wrap
from typing import TypeAlias

from tabulate import tabulate

from shapecalc.comparison import Comparison
from shapecalc.comparison.grouping import Group, grouped
from shapecalc.render import diff_words as words

WIDTH = 80
MOST_AFFECTED = 20
"""Affected layers or blocks that are listed unless all are asked for."""

_COLOURS = {"inserted": "32", "removed": "31", "affected": "2"}
_OTHER_COLOUR = "33"
_BOLD = "1"
_KIND_WIDTH = 9

Paint: TypeAlias = "Callable[[str, str], str]"


def as_text(comparison: Comparison, *, colour: bool = False, is_all: bool = False) -> str:
    """The totals, what was done, and what followed from it."""
    paint = _painted if colour else _plain
    lines = [paint(line, _BOLD) for line in wrap(words.title(comparison), WIDTH)]
    lines += ["", *_totals(comparison).splitlines()]
    if not comparison.differs:
        return "\n".join([*lines, "", "no difference"]) + "\n"
    lines += ["", *wrap(words.counts(comparison), WIDTH)]
    if comparison.inputs is not None:
        lines += ["", *_entry("input", words.inputs(comparison), paint)]
    groups = grouped(comparison)
    edits = [line for group in groups for line in _edit(group, paint)]
    lines += ["", *edits] if edits else []
    if comparison.affected:
        lines += ["", *_affected(comparison, groups, paint, is_all=is_all)]
    return "\n".join(lines) + "\n"


def _totals(comparison: Comparison) -> str:
    rows = list(words.totals(comparison))
    sides = ("left", "right", "right", "right", "right")
    return tabulate(rows, ("", "before", "after", "", ""), tablefmt="plain", colalign=sides, disable_numparse=True)


def _edit(group: Group, paint: Paint) -> list[str]:
    kinds = group.changes[0].kinds
    also = f" (also {', '.join(kinds[1:])})" if len(kinds) > 1 else ""
    text = words.deed(group)
    return _entry(kinds[0], f"{group.name}{also}{': ' + text if text else ''}", paint)


def _entry(kind: str, text: str, paint: Paint) -> list[str]:
    """The kind of a change, then what it is about, indented where it takes several lines."""
    indent = " " * (_KIND_WIDTH + 1)
    lines = wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False)
    lines[0] = f"{paint(f'{kind:<{_KIND_WIDTH}}', _COLOURS.get(kind, _OTHER_COLOUR))} {lines[0].lstrip()}"
    return lines


def _affected(comparison: Comparison, groups: list[Group], paint: Paint, *, is_all: bool) -> Iterator[str]:
    """What followed, by quantity; then, under the edits that it is because of, the layers or their blocks."""
    yield from _entry("affected", f"by these: {words.affected_counts(comparison)}", paint)
    told = list(words.followed(comparison, groups, is_all=is_all))
    shown = told if is_all else told[:MOST_AFFECTED]
    for reasons, effects in groupby(shown, key=itemgetter(0)):
        yield from wrap(f"because of {reasons}", WIDTH, initial_indent="  ", subsequent_indent="    ")
        for _, name, text in effects:
            yield from wrap(f"{name}: {text}", WIDTH, initial_indent="    ", subsequent_indent="      ")
    more = f"… {len(told) - len(shown):,} more; " if len(shown) < len(told) else ""
    if more or not words.is_by_layer(comparison, is_all=is_all):
        yield f"  {more}--all lists every layer"


def _painted(text: str, colour: str) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m"


def _plain(text: str, colour: str) -> str:
    return text
