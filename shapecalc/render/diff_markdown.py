"""A comparison as Markdown, for a comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from shapecalc.comparison import Comparison
from shapecalc.comparison.bounds import Verdict
from shapecalc.comparison.grouping import Group, grouped
from shapecalc.render import diff_words as words

MOST_EDITS = 20
"""Edits that are shown unfolded."""

_NAME = re.compile(r"[^\s,;→…]+")

MOST_LINES = 500
"""Lines of one list; a comment on GitHub holds 65,536 characters."""


def as_markdown(comparison: Comparison, verdicts: Sequence[Verdict] = (), *, is_all: bool = False) -> str:
    """The totals with what they gain, the bounds, what was done; what followed from it is folded."""
    parts = [f"### {_text(words.title(comparison))}", "", *_totals(comparison)]
    parts += _bounds(verdicts)
    if not comparison.differs:
        return "\n".join([*parts, "", "No difference."]) + "\n"
    parts += ["", f"{words.counts(comparison)}."]
    groups = grouped(comparison)
    edits = list(_edits(comparison, groups))
    parts += ["", *edits] if len(edits) <= MOST_EDITS else _folded(f"{len(edits):,} edits", edits)
    if comparison.affected:
        summary = f"{len(comparison.affected):,} layers affected: {words.affected_counts(comparison)}"
        parts += _folded(summary, list(_affected(comparison, groups, is_all=is_all)))
    return "\n".join(parts) + "\n"


def _totals(comparison: Comparison) -> Iterator[str]:
    yield "| | before | after | change | |"
    yield "|---|--:|--:|--:|--:|"
    for row in words.totals(comparison):
        yield f"| {' | '.join(map(_text, row))} |"


def _bounds(verdicts: Sequence[Verdict]) -> list[str]:
    if not verdicts:
        return []
    told = [f"- {'kept' if each.holds else '**broken**'}: {_text(each.message)}" for each in verdicts]
    return ["", "Bounds:", "", *told]


def _edits(comparison: Comparison, groups: Sequence[Group]) -> Iterator[str]:
    if comparison.inputs is not None:
        yield f"- **input**: {words.inputs(comparison)}"
    for group in groups:
        text = words.deed(group)
        yield f"- **{', '.join(group.changes[0].kinds)}** {_names(group.name)}{': ' + _text(text) if text else ''}"


def _affected(comparison: Comparison, groups: Sequence[Group], *, is_all: bool) -> Iterator[str]:
    """Under the edits that it is because of, what followed."""
    for reasons, effects in groupby(words.followed(comparison, groups, is_all=is_all), key=itemgetter(0)):
        yield f"- because of {_names(reasons)}"
        yield from (f"  - {_names(name)}: {_text(text)}" for _, name, text in effects)


def _names(name: str) -> str:
    """The names of layers as code, and the words between them."""
    parts = re.split("( and [0-9,]+ more)", name)  # names and words by turns
    return "".join(part if number % 2 else _NAME.sub(r"`\g<0>`", part) for number, part in enumerate(parts))


def _folded(summary: str, lines: Sequence[str]) -> list[str]:
    """Lines that are seen when somebody asks for them."""
    rest = [f"- … {len(lines) - MOST_LINES:,} more"] if len(lines) > MOST_LINES else []
    inside = [*lines[:MOST_LINES], *rest]
    return ["", "<details>", f"<summary>{summary}</summary>", "", *inside, "", "</details>"]


def _text(words_: str) -> str:
    """Words without what Markdown reads as its own."""
    return "".join(f"\\{sign}" if sign in "\\|*_<>`" else sign for sign in " ".join(words_.split()))
