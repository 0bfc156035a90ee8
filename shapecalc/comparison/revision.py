"""A spec as it was at a revision in git: ``git:REV:path``, read by git itself, what it includes with it."""

from __future__ import annotations

import os
import subprocess
from posixpath import dirname, join, normpath

from shapecalc.bundle import Bundle, included_names
from shapecalc.files import Unreadable
from shapecalc.source import MAX_BYTES, parse
from shapecalc.translate import did_you_mean

PREFIX = "git:"

PATIENCE = 60
"""Seconds that git may take."""


def at_revision(name: str) -> tuple[Bundle, str | None]:
    """The text under ``git:REV:path``, and the variant that may stand behind a further colon.

    The path is from the top of the repository, as git has it, or from the current folder where it begins with ``./``.
    `Unreadable` where there is no such repository, revision or file.
    """
    revision, colon, path = name.removeprefix(PREFIX).partition(":")
    if not colon or not path:
        raise Unreadable(f"{name!r} names no file of a revision", "as in git:HEAD~1:specs/net.yaml")
    _known(revision)
    variant = None
    if ":" in path and _kind(revision, path) is None:
        path, _, variant = path.rpartition(":")
    text = _read(revision, path)
    folder = dirname(path)
    shown = f"{PREFIX}{revision}:{path}"
    included = tuple(_included(revision, folder, included_names(parse(text, shown))))
    return Bundle(shown, text, f"{PREFIX}{revision}:{folder}", included), variant or None


def _included(revision: str, folder: str, names: list[str]) -> list[tuple[str, bytes]]:
    """The texts of the files beside it or below; one that is not there is reported when the spec is read."""
    found = []
    for name in names:
        inside = normpath(name)
        path = join(folder, inside)
        if not inside.startswith(("/", "..")) and _kind(revision, path) == "blob":
            found.append((name, _read(revision, path)))
    return found


def _known(revision: str) -> None:
    if _git("rev-parse", "--git-dir").returncode:
        raise Unreadable(f"{PREFIX}{revision}: the current folder is in no git repository")
    if revision and _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{tree}}").returncode:
        raise Unreadable(f"git knows no revision {revision!r}", "a commit, branch or tag, as in HEAD~1")


def _kind(revision: str, path: str) -> str | None:
    """``blob`` for a file, ``tree`` for a folder; None where there is nothing."""
    done = _git("cat-file", "-t", f"{revision}:{path}")
    return None if done.returncode else done.stdout.decode().strip()


def _read(revision: str, path: str) -> bytes:
    kind = _kind(revision, path)
    where = f"at {revision}" if revision else "in the index"
    if kind != "blob":
        what = f"{path} is a folder" if kind == "tree" else f"there is no file {path}"
        raise Unreadable(f"{what} {where}", None if kind == "tree" else _advice(revision, path))
    if int(_git("cat-file", "-s", f"{revision}:{path}").stdout) > MAX_BYTES:
        raise Unreadable(f"{path} {where} has more than {MAX_BYTES:,} bytes, which are not read")
    return _git("cat-file", "blob", f"{revision}:{path}").stdout


def _advice(revision: str, path: str) -> str | None:
    """A path that may be meant: the same from the current folder, or a like one."""
    if not path.startswith("./") and _kind(revision, f"./{path}") == "blob":
        return f"the path is from the top of the repository; from here it is ./{path}"
    listing = ("ls-tree", "-r", "--name-only", "--full-tree", revision) if revision else ("ls-files", "--full-name")
    return did_you_mean(path, _git(*listing).stdout.decode(errors="replace").splitlines())


def _git(*words: str) -> subprocess.CompletedProcess[bytes]:
    """One call of git. `Unreadable` where there is none, or where it does not end."""
    environment = {**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    try:
        return subprocess.run(["git", *words], capture_output=True, timeout=PATIENCE, env=environment, check=False)
    except FileNotFoundError:
        raise Unreadable("git is not installed, and git:REV:path is read by it") from None
    except (subprocess.TimeoutExpired, ValueError) as error:  # ValueError: a NUL character
        raise Unreadable(f"git could not be asked: {error}") from None
