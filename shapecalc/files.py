"""From the name of a spec to its text: a path, standard input, or a spec that comes with the package."""

from __future__ import annotations

import os
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
    """The specs that come with the package, by name; those of exercises as ``exercises/pooling``."""
    folder = shipped_folder()
    paths = [*sorted(folder.glob("*.yaml")), *sorted((folder / "exercises").glob("*.yaml"))]
    return {path.relative_to(folder).with_suffix("").as_posix(): path for path in paths}


def split_variant(name: str) -> tuple[str, str | None]:
    """The name of a text, and the variant that stands behind its colon, as in ``resnet.yaml:resnet50``."""
    base, colon, variant = name.rpartition(":")
    is_whole = os.path.exists(name)  # noqa: PTH110 (Path's raises where a folder on the way is locked)
    return (base, variant) if colon and base and not is_whole else (name, None)


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
        return _parsed(path if path.exists() else _shipped(name), name)
    except Unreadable:
        raise
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL character
        raise Unreadable(f"{name!r} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def read_included(name: str, source: Source) -> Source:
    """The text of a file that a spec includes. Unreadable where it is not in the folder of the spec or below."""
    if source.folder is None:
        raise Unreadable("only a spec in a file can include others")
    folder = Path(source.folder).resolve()
    path = (folder / name).resolve()
    if not path.is_relative_to(folder):
        raise Unreadable(f"{name} is outside the folder of the spec", "copy it into the folder")
    try:
        return _parsed(path, str(Path(source.folder) / name))
    except (OSError, ValueError) as error:
        raise Unreadable(f"{name} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _parsed(path: Path, name: str) -> Source:
    with path.open("rb") as file:
        return parse(file.read(MAX_BYTES + 1), name, str(path.parent))


def _shipped(name: str) -> Path:
    known = shipped()
    if name in known:
        return known[name]
    advice = did_you_mean(Path(name).stem, list(known))
    if advice is None and not (Path(name).suffix or len(Path(name).parts) > 1):  # a path names no shipped spec
        advice = f"shipped specs: {', '.join(known)}"
    raise Unreadable(f"there is no file {name}, and no shipped spec of that name", advice)
