"""The ignore comments of a file and of the files that it includes, and which diagnostics they silence."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from shapecalc.checking.ignores import Ignore, ignores
from shapecalc.files import Unreadable, read
from shapecalc.items import PARALLEL
from shapecalc.problems import Diagnostic, Path, Problem
from shapecalc.source import Document, Source


class Texts:
    """The comments of a check of one file; those of an included one are read where something is found in it."""

    def __init__(self) -> None:
        self._source: Source | None = None
        self._texts: dict[str, _Text] = {}
        self.own: list[Ignore] = []

    def add(self, source: Source) -> None:
        """The file itself, the same for each of its specs."""
        if self._source is None:
            self._source = source
            self.own = ignores(source)
            self._texts[source.name] = _Text(source, self.own)

    def silences(self, diagnostic: Diagnostic) -> bool:
        """Whether a comment says that it is not to be reported."""
        name = diagnostic.file
        if name not in self._texts:
            self._texts[name] = _Text(None, [])
            with suppress(Unreadable):
                source = read(name)
                self._texts[name] = _Text(source, ignores(source))
        return self._texts[name].silences(diagnostic)

    def diagnostic(self, problem: Problem) -> Diagnostic:
        """A problem of a comment of the file, with its place."""
        assert self._source is not None
        return self._source.diagnostic(problem, self._source.documents[0])


class _Text:
    """One file, and its comments by line."""

    def __init__(self, source: Source | None, comments: list[Ignore]) -> None:
        self._documents = () if source is None else source.documents
        self._begins = [document.line for document in self._documents]
        self._by_line: dict[int, list[Ignore]] = defaultdict(list)
        self._lines: dict[tuple[int, Path], frozenset[int]] = {}
        for comment in comments:
            self._by_line[comment.line].append(comment)

    def silences(self, diagnostic: Diagnostic) -> bool:
        if not self._by_line:
            return False
        return self._on(diagnostic.line, diagnostic) or any(
            self._on(line, diagnostic) for line in sorted(self._around(diagnostic)) if line in self._by_line
        )

    def _on(self, line: int, diagnostic: Diagnostic) -> bool:
        comments = self._by_line.get(line, ())
        return bool([each for each in comments if each.silences(diagnostic)])  # all are asked, to know which are used

    def _around(self, diagnostic: Diagnostic) -> frozenset[int]:
        """The other lines on which a comment counts: of the item that it is about, or of `expect` above the number."""
        path = diagnostic.problem.path
        if not (_is_item(path) or "expect" in path[-2:-1]):
            return frozenset()
        at = bisect_right(self._begins, diagnostic.line) - 1
        document = self._documents[max(at, 0)]
        key = (document.line, path)
        if key not in self._lines:
            is_item = _is_item(path)
            lines = _own_lines(document, path) if is_item else {document.locate(path[:-1], on_key=True).line}
            self._lines[key] = frozenset(lines)
        return self._lines[key]


def _is_item(path: Path) -> bool:
    """Whether an item as a whole stands there: in `layers`, or in a branch."""
    return bool(path) and isinstance(path[-1], int) and ("layers" in path[-2:-1] or PARALLEL in path[-3:-2])


def _own_lines(document: Document, path: Path) -> set[int]:
    """The lines on which something of the item begins; not those of the items in its branches."""
    node: Any = document.data
    for step in path:
        marks = document.marks.get(id(node)) if isinstance(node, dict | list) else None
        if marks is None or step not in marks.values or step == "<<":
            return set()  # the text ends before it
        node = node[step]
    first = document.locate(path).line  # what an alias stands for is above
    return {line for line in _lines(document, node) if line >= first}


def _lines(document: Document, node: Any) -> Iterator[int]:
    marks = document.marks.get(id(node)) if isinstance(node, dict | list) else None
    if marks is None:
        return
    yield from (mark.line + 1 for mark in marks.keys.values())
    for key, mark in marks.values.items():
        if key != PARALLEL:  # whose value is the items inside
            yield mark.line + 1
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        if key != PARALLEL:
            yield from _lines(document, value)
