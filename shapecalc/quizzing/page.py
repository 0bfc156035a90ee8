"""Text of a quiz as a terminal or a pipe takes it: wrapped, and in colour where that is wanted."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable

_STYLES = {"bold": "\x1b[1m", "green": "\x1b[1;32m", "red": "\x1b[1;31m", "yellow": "\x1b[33m"}
_PLAIN = "\x1b[0m"

_WIDEST_LABEL = 20

_SHORTEST = 10
"""Characters of a last line, where the lines above it can spare a word."""


class Page:
    """Where a quiz is written.

    Attributes:
        width: columns.
        colour: whether styles are shown.
    """

    def __init__(self, write: Callable[[str], object], width: int, *, colour: bool) -> None:
        self._write = write
        self.width = width
        self.colour = colour

    def line(self, text: str = "", style: str = "") -> None:
        """A line as it is."""
        styled = f"{_STYLES[style]}{text}{_PLAIN}" if style and self.colour else text
        self._write(f"{styled}\n")

    def paragraph(self, text: str, indent: int = 0, style: str = "") -> None:
        """Text in as many lines as it needs; the style is its first word's."""
        for number, line in enumerate(self._wrapped(text, " " * indent, " " * indent)):
            word, _, rest = line.strip().partition(" ")
            shown = f"{' ' * indent}{_STYLES[style]}{word}{_PLAIN} {rest}".rstrip() if self.colour and style else line
            self._write(f"{shown if number == 0 else line}\n")

    def rows(self, rows: Iterable[tuple[str, str]]) -> None:
        """Labels in a column, their lines beside them."""
        found = list(rows)
        widest = max((len(label) for label, _ in found if len(label) <= _WIDEST_LABEL), default=0)
        for label, text in found:
            first = f"  {label:<{widest}}  " if widest else "  "
            for line in self._wrapped(text, first, " " * (widest + 6 if widest else 4)):
                self._write(f"{line}\n")

    def _wrapped(self, text: str, first: str, others: str) -> list[str]:
        """The lines; of a text that would end with a short word alone, narrower ones, but no more of them."""
        widest = _wrapped(text, self.width, first, others)
        narrower = (_wrapped(text, width, first, others) for width in range(self.width - 1, self.width // 2, -1))
        better = (lines for lines in narrower if len(lines) == len(widest) and not _ends_alone(lines))
        return next(better, widest) if _ends_alone(widest) else widest


def _wrapped(text: str, width: int, first: str, others: str) -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=others, break_long_words=False, break_on_hyphens=False
    )


def _ends_alone(lines: list[str]) -> bool:
    return len(lines) > 1 and len(lines[-1].strip()) < _SHORTEST
