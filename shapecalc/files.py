"""From the name of a spec to its text: a path, standard input, or a spec that comes with the package."""

from __future__ import annotations

import sys
from pathlib import Path

from shapecalc.source import MAX_BYTES, Source, parse
from shapecalc.translate import did_you_mean

STDIN = "-"


class Unreadable(OSError):
    """There is no text under that name. `help` says what may be meant."""

    def __init__(self, message: str, help: str | None = None) -> None:  # noqa: A002 (the diagnostics' word)
        super().__init__(message)
        self.help = help


def shipped_folder() -> Path:
    """The folder of the specs that come with the package."""
    inside = Path(__file__).parent / "specs"  # in a wheel
    return inside if inside.is_dir() else Path(__file__).parent.parent / "specs"  # in a checkout


def shipped() -> dict[str, Path]:
    """The specs that come with the package, by name."""
    return {path.stem: path for path in sorted(shipped_folder().glob("*.yaml"))}


def read(name: str) -> Source:
    """The text of a path, of standard input (``-``), or of a shipped spec (``vgg16``); else Unreadable."""
    if name == STDIN:
        return parse(sys.stdin.buffer.read(MAX_BYTES + 1), "<stdin>")
    try:
        path = Path(name)
        if not name:
            raise Unreadable("the name of the spec is empty")
        if path.is_dir():
            raise Unreadable(f"{name} is a folder", "name the files in it")
        if not path.exists():
            path = _shipped(name)
        with path.open("rb") as file:
            return parse(file.read(MAX_BYTES + 1), name)
    except Unreadable:
        raise
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL character
        raise Unreadable(f"{name!r} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _shipped(name: str) -> Path:
    known = shipped()
    if name in known:
        return known[name]
    advice = did_you_mean(Path(name).stem, list(known)) or f"shipped specs: {', '.join(known)}"
    raise Unreadable(f"there is no file {name}, and no shipped spec of that name", advice)
