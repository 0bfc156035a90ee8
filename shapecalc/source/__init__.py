"""YAML text to plain data, with the place of every key and value kept beside it.

The parser is libyaml, through PyYAML's event stream; what a plain scalar *means* is decided here,
strictly: a word that YAML 1.1 and 1.2 read differently (``yes``, ``010``, ``1:30``) is a problem,
never a guess. Positions stand beside the data, in a table that is only consulted when something is
wrong or a line number is printed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from yaml.events import DocumentEndEvent, DocumentStartEvent

from shapecalc.problems import Position, Problem
from shapecalc.source.builder import MAX_PROBLEMS, Builder, RefusedError, too_many_problems
from shapecalc.source.document import UNPRINTABLE, Document, Source
from shapecalc.source.syntax import syntax_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MAX_BYTES", "MAX_PROBLEMS", "Document", "Source", "parse", "too_many_problems"]

MAX_BYTES = 16 * 2**20
"""More than this is not read: twice the size of a spec with 100,000 layers written out."""

_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where PyYAML was built with it


def parse(raw: bytes | str, name: str, folder: str | None = None) -> Source:
    """The documents of a YAML text; whatever is wrong with the text stands in their `problems`.

    Args:
        raw: the text.
        name: what diagnostics call it.
        folder: of its file, if it has one.
    """
    text, problem = _decode(raw)
    if problem is None:
        problem = _unprintable(text)
    if problem is not None:
        return Source(name, text, (Document(problems=[problem]),), folder)
    documents = tuple(_documents(text))
    if not documents:
        empty = Problem("empty", "there is no spec here: the text is empty", help="begin with `input:` and `layers:`")
        documents = (Document(problems=[empty]),)
    return Source(name, text, documents, folder)


def _decode(raw: bytes | str) -> tuple[str, Problem | None]:
    if len(raw) > MAX_BYTES:
        message = f"the text has more than {MAX_BYTES:,} bytes, which are not read"
        return "", Problem("too-large", message, help="a `repeat` or a block says the same in fewer lines")
    if isinstance(raw, str):
        return raw.removeprefix("\ufeff"), None
    try:
        return raw.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        place = _end(raw[: error.start].decode("utf-8-sig"))
        message = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        return raw.decode("utf-8-sig", "replace"), Problem(
            "not-utf8", message, help="save the file as UTF-8", position=place
        )


def _unprintable(text: str) -> Problem | None:
    found = UNPRINTABLE.search(text)
    if found is None:
        return None
    message = f"the character U+{ord(found.group()):04X} is not allowed in YAML"
    advice = "save the file as UTF-8" if found.group() == "\0" else "leave it out"
    return Problem("yaml-syntax", message, help=advice, position=_end(text[: found.start()]))


def _end(text: str) -> Position:
    """The place right after the text."""
    lines = (text + ".").splitlines()
    return Position(len(lines), len(lines[-1]))


def _documents(text: str) -> Iterator[Document]:
    builder = None
    try:
        for event in iter(_Parser(text).get_event, None):
            kind = type(event)
            if kind is DocumentStartEvent:
                builder = Builder()
            elif builder is not None and kind is DocumentEndEvent:
                yield builder.document
                builder = None
            elif builder is not None:
                builder.take(event)
    except yaml.MarkedYAMLError as error:
        yield _unread(builder, syntax_problem(error, text))
    except RefusedError as refused:
        yield _unread(builder, refused.problem)


def _unread(builder: Builder | None, problem: Problem) -> Document:
    """The document as far as it was read, with what was wrong in it."""
    builder = builder or Builder()
    builder.document.is_complete = False
    builder.document.problems.append(problem._replace(path=builder.path()))
    return builder.document
