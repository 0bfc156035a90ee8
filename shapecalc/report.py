"""Diagnostics for people: the place, the line it stands in, a marker, and the fix."""

from __future__ import annotations

from typing import Any

from shapecalc.problems import Diagnostic

MOST_SHOWN = 100
"""Characters of a source line that are shown around the marker."""

_BELOW_HELP = "\n" + " " * len("  help: ")

_COLOURS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "note": "\x1b[1;36m"}
_BOLD, _BLUE, _PLAIN = "\x1b[1m", "\x1b[34m", "\x1b[0m"


def as_lines(diagnostic: Diagnostic, *, colour: bool = False) -> str:
    """The diagnostic as it is printed on a terminal, without a line break at the end."""
    place = f"{diagnostic.file}:{diagnostic.line}:{diagnostic.column}:"
    kind = f"{diagnostic.severity}[{diagnostic.code}]:"
    if colour:
        place, kind = f"{_BOLD}{place}{_PLAIN}", f"{_COLOURS[diagnostic.severity]}{kind}{_PLAIN}"
    lines = [f"{place} {kind} {diagnostic.message}", *_excerpt(diagnostic, colour=colour)]
    if diagnostic.inside:
        lines.append(f"  {diagnostic.inside}")
    if diagnostic.help:
        lines.append("  help: " + diagnostic.help.replace("\n", _BELOW_HELP))
    return "\n".join(lines)


def _excerpt(diagnostic: Diagnostic, *, colour: bool) -> list[str]:
    if not diagnostic.source_line.strip():
        return []
    column = diagnostic.column - 1
    first = max(0, column - MOST_SHOWN // 2) if len(diagnostic.source_line) > MOST_SHOWN else 0
    shown = diagnostic.source_line[first : first + MOST_SHOWN].replace("\t", " ")
    width = max(1, min(diagnostic.width, len(shown) - (column - first)))
    number = f"{diagnostic.line:>3}"
    before, marked = shown[: column - first], shown[column - first :][:width]
    marker = " " * _cells(before) + "^" * max(1, _cells(marked))
    if colour:
        marker = f"{_COLOURS[diagnostic.severity]}{marker}{_PLAIN}"
        return [f"{_BLUE}{number} |{_PLAIN} {shown}", f"{_BLUE}{' ' * len(number)} |{_PLAIN} {marker}"]
    return [f"{number} | {shown}", f"{' ' * len(number)} | {marker}"]


def _cells(text: str) -> int:
    """Columns of a terminal that the text takes: two for a wide character, none for one that is put on another."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width  # noqa: PLC0415 (only where a text is not ASCII)

    return sum(2 if east_asian_width(sign) in "WF" else not combining(sign) for sign in text)


def as_entry(diagnostic: Diagnostic) -> dict[str, Any]:
    """The diagnostic as `check --format json` has it; with the layer and the calls where it is inside of something."""
    entry = {
        "file": diagnostic.file,
        "line": diagnostic.line,
        "column": diagnostic.column,
        "severity": diagnostic.severity,
        "code": diagnostic.code,
        "path": ".".join(map(str, diagnostic.problem.path)),
        "message": diagnostic.message,
        "help": diagnostic.help,
    }
    inside = diagnostic.inside
    if inside is None:
        return entry
    return entry | {"layer": inside.layer, "turn": inside.turn, "called_at": [call._asdict() for call in inside.calls]}
