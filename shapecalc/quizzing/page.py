"""Text of a quiz as a terminal or a pipe takes it: wrapped, and in colour where that is wanted."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable

_STYLES = {"bold": "\x1b[1m", "green": "\x1b[1;32m", "red": "\x1b[1;31m", "yellow": "\x1b[33m"}
_PLAIN = "\x1b[0m"

_WIDEST_LABEL = 20


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
        return textwrap.wrap(
            text, self.width, initial_indent=first, subsequent_indent=others, break_long_words=False,
            break_on_hyphens=False,
        )  # fmt: skip
