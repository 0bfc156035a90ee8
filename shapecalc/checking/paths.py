"""The files that the paths of a check stand for; what cannot be gone through is reported, never left out in silence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from os.path import exists, isfile, islink
from pathlib import Path

from shapecalc.checking.outcome import FileReport, Unread
from shapecalc.files import STDIN, shipped, split_variant

SUFFIXES = (".yaml", ".yml")


def specs_under(folder: str) -> Iterator[str | FileReport]:
    """The YAML files in a folder and those below it, in order, but for hidden ones.

    A report stands for a folder that cannot be read, and for a link to a file that is not there.
    """
    refused: list[OSError] = []
    found: list[Path] = []
    for root, folders, files in os.walk(folder, onerror=refused.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(root, name) for name in files if name.endswith(SUFFIXES) and not name.startswith(".")]
    for error in refused:
        name = str(Path(error.filename))
        yield unread(name, f"{name!r} cannot be read: {error.strerror}")
    for path in sorted(found):
        # those of `Path` raise where a folder must not be entered
        is_there = exists(path)  # noqa: PTH110
        if islink(path) and not is_there:  # noqa: PTH114
            yield unread(str(path), f"{str(path)!r} is a link to a file that is not there")
        elif isfile(path) or not is_there:  # noqa: PTH113 (no pipe or device; what is not there will say so)
            yield str(path)


def missing(name: str) -> FileReport | None:
    """A report where there is nothing under that name, which may choose a variant."""
    if not name or name == STDIN:
        return None
    try:
        os.stat(split_variant(name)[0])  # noqa: PTH116 (a name may be no path)
    except (FileNotFoundError, NotADirectoryError):
        said = name if name.isprintable() else repr(name)
        return unread(name, f"there is no file or folder {said}", _advice(split_variant(name)[0]))
    except (OSError, ValueError):  # which reading it explains
        return None
    return None


def _advice(name: str) -> str | None:
    if name not in shipped():
        return None
    return f"a spec of that name comes with the package, for `shapecalc show {name}`; `check` is about your own files"


def unread(name: str, message: str, advice: str | None = None) -> FileReport:
    """The report of a text that is not there."""
    return FileReport(name, (), Unread(message, advice))
