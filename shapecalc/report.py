"""Diagnostics for people: the place, the line it stands in, a marker, and the fix."""

from __future__ import annotations

from typing import Any

from shapecalc.problems import Diagnostic

MOST_SHOWN = 100
"""Characters of a source line that are shown around the marker."""

_COLOURS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "note": "\x1b[1;36m"}
_BOLD, _BLUE, _PLAIN = "\x1b[1m", "\x1b[34m", "\x1b[0m"


def as_lines(diagnostic: Diagnostic, *, colour: bool = False) -> str:
    """The diagnostic as it is printed on a terminal, without a line break at the end."""
    place = f"{diagnostic.file}:{diagnostic.line}:{diagnostic.column}:"
    kind = f"{diagnostic.severity}[{diagnostic.code}]:"
    if colour:
        place, kind = f"{_BOLD}{place}{_PLAIN}", f"{_COLOURS[diagnostic.severity]}{kind}{_PLAIN}"
    lines = [f"{place} {kind} {diagnostic.message}", *_excerpt(diagnostic, colour=colour)]
    if diagnostic.help:
        lines.append(f"  help: {diagnostic.help}")
    return "\n".join(lines)


def _excerpt(diagnostic: Diagnostic, *, colour: bool) -> list[str]:
    if not diagnostic.source_line.strip():
        return []
    column = diagnostic.column - 1
    first = max(0, column - MOST_SHOWN // 2) if len(diagnostic.source_line) > MOST_SHOWN else 0
    shown = diagnostic.source_line[first : first + MOST_SHOWN].replace("\t", " ")
    width = max(1, min(diagnostic.width, len(shown) - (column - first)))
    number = f"{diagnostic.line:>3}"
    marker = " " * (column - first) + "^" * width
    if colour:
        marker = f"{_COLOURS[diagnostic.severity]}{marker}{_PLAIN}"
        return [f"{_BLUE}{number} |{_PLAIN} {shown}", f"{_BLUE}{' ' * len(number)} |{_PLAIN} {marker}"]
    return [f"{number} | {shown}", f"{' ' * len(number)} | {marker}"]


def as_entry(diagnostic: Diagnostic) -> dict[str, Any]:
    """The diagnostic as `check --format json` has it."""
    return {
        "file": diagnostic.file,
        "line": diagnostic.line,
        "column": diagnostic.column,
        "severity": diagnostic.severity,
        "code": diagnostic.code,
        "path": ".".join(map(str, diagnostic.problem.path)),
        "message": diagnostic.message,
        "help": diagnostic.help,
    }
