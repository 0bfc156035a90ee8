"""One document put together from libyaml's events, without recursion, within bounds."""

from __future__ import annotations

from typing import Any

from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from shapecalc.notation import shown
from shapecalc.problems import Path, Position, Problem
from shapecalc.source.document import UNPRINTABLE, Document, Marks, position
from shapecalc.source.scalars import INTEGER, MAX_DIGITS, YES_NO, Doubt, doubt_about, value_of

MAX_DEPTH = 64
MAX_ALIASED_NODES = 1_000_000
MAX_PROBLEMS = 100
"""How many problems of one document are reported; whoever has more has one cause, or a file of noise."""


class RefusedError(Exception):
    """The rest of the text is not read: it is made to use up the machine, or has no meaning."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class _Frame:
    """A mapping or list that is being read."""

    __slots__ = ("anchor", "key", "key_mark", "marks", "merges", "node", "started")

    def __init__(self, node: dict[str, Any] | list[Any], anchor: str | None, started: int) -> None:
        self.node = node
        self.anchor = anchor
        self.started = started
        self.marks = Marks({}, {})
        self.key: str | None = None
        self.key_mark: Any = None
        self.merges: list[Any] = []


class Builder:
    """Puts one document together from its events, without recursion."""

    def __init__(self) -> None:
        self.document = Document()
        self._stack: list[_Frame] = []
        self._anchors: dict[str, tuple[Any, int] | None] = {}
        self._nodes = 0
        self._aliased = 0
        self._scalars: dict[str, object] = {}

    def take(self, event: Any) -> None:
        """Adds what the event says to the document."""
        kind = type(event)
        if kind is ScalarEvent:
            self._scalar(event)
        elif kind is MappingStartEvent:
            self._open({}, event)
        elif kind is SequenceStartEvent:
            self._open([], event)
        elif kind is AliasEvent:
            self._alias(event)
        else:
            self._close(event)

    def _report(self, code: str, message: str, mark: Any, advice: str | None = None) -> None:
        self.document.problems.append(self._problem(code, message, mark, advice))
        if len(self.document.problems) >= MAX_PROBLEMS:
            raise RefusedError(too_many_problems(position(mark)))

    def _refuse(self, code: str, message: str, mark: Any, advice: str | None = None) -> RefusedError:
        return RefusedError(self._problem(code, message, mark, advice))

    def _problem(self, code: str, message: str, mark: Any, advice: str | None) -> Problem:
        return Problem(code, message, self.path(), advice, position=position(mark))

    def path(self) -> Path:
        """The path of what is read now."""
        if not self._stack:
            return ()
        *above, last = self._stack
        steps = [len(f.node) - 1 if isinstance(f.node, list) else next(reversed(f.node), None) for f in above]
        steps.append(len(last.node) if isinstance(last.node, list) else last.key)
        return tuple(step for step in steps if step is not None)

    def _scalar(self, event: Any) -> None:
        text, mark = event.value, event.start_mark
        if event.style == '"' and (found := UNPRINTABLE.search(text)):
            message = f"the character U+{ord(found.group()):04X} is not allowed in a text"
            self._report("yaml-syntax", message, mark, "leave its escape out")
        weight = 1 + len(text) // 16
        self._nodes += weight
        if event.tag is not None:
            self._tag(event)
        frame = self._stack[-1] if self._stack else None
        if frame is not None and type(frame.node) is dict and frame.key is None:
            self._key(frame, text, mark, plain=not event.style)
            return
        value = self._plain(text, mark) if not event.style else text
        if event.anchor:
            self._anchors[event.anchor] = (value, weight)
        self._add(value, mark)

    def _key(self, frame: _Frame, text: str, mark: Any, *, plain: bool) -> None:
        if plain and text in YES_NO:
            self._ambiguous(text, doubt_about(text), mark)
        if text in frame.marks.keys:
            first = frame.marks.keys[text].line + 1
            advice = f"it is first given in line {first}: keep one of them"
            self._report("duplicate-key", f"{shown(text)} is given twice", mark, advice)
        frame.key, frame.key_mark = text, mark

    def _plain(self, text: str, mark: Any) -> object:
        try:
            return self._scalars[text]
        except KeyError:
            pass
        if len(text) > MAX_DIGITS and INTEGER.fullmatch(text):
            message = f"a number of {len(text):,} digits is not read"
            raise self._refuse("number-too-large", message, mark, f"at most {MAX_DIGITS} digits")
        doubt = doubt_about(text)
        if doubt is not None:
            self._ambiguous(text, doubt, mark)
            return doubt.value
        value = self._scalars[text] = value_of(text)
        return value

    def _ambiguous(self, text: str, doubt: Doubt | None, mark: Any) -> None:
        if doubt is not None:
            message = f"`{text}` is {doubt.one} to some YAML readers and {doubt.other} to others"
            self._report("ambiguous-value", message, mark, doubt.advice)

    def _tag(self, event: Any) -> None:
        tag = event.tag.replace("tag:yaml.org,2002:", "!!")
        message = f"the tag {shown(tag)} is not part of the spec language"
        self._report("yaml-tag", message, event.start_mark, "leave the tag out")

    def _open(self, node: dict[str, Any] | list[Any], event: Any) -> None:
        self._nodes += 1
        if event.tag is not None:
            self._tag(event)
        if len(self._stack) >= MAX_DEPTH:
            message = f"lists and mappings are nested more than {MAX_DEPTH} deep"
            raise self._refuse("too-deep", message, event.start_mark)
        self._add(node, event.start_mark)
        frame = _Frame(node, event.anchor, self._nodes)
        if event.anchor:
            self._anchors[event.anchor] = None
        self._stack.append(frame)
        self.document.kept.append(node)
        self.document.marks[id(node)] = frame.marks

    def _close(self, event: Any) -> None:
        if type(event) not in (MappingEndEvent, SequenceEndEvent):
            return
        frame = self._stack[-1]
        for merged in frame.merges:
            self._merge(frame, merged)
        self._stack.pop()
        if frame.anchor:
            self._anchors[frame.anchor] = (frame.node, self._nodes - frame.started + 1)

    def _alias(self, event: Any) -> None:
        found = self._anchors.get(event.anchor, 0)
        if found is None:
            message = f"{shown('*' + event.anchor)} stands inside what it names"
            raise self._refuse("yaml-alias", message, event.start_mark)
        if found == 0:
            message = f"nothing above is marked {shown('&' + event.anchor)}"
            advice = "a value that begins with `*` and is no alias wants quotes"
            raise self._refuse("yaml-alias", message, event.start_mark, advice)
        value, size = found  # type: ignore[misc]  # neither None nor 0 is left
        self._nodes += size
        self._aliased += size
        if self._aliased > MAX_ALIASED_NODES:
            message = f"the aliases stand for more than {MAX_ALIASED_NODES:,} values"
            raise self._refuse("too-large", message, event.start_mark)
        self._add(value, event.start_mark)

    def _add(self, value: Any, mark: Any) -> None:
        if not self._stack:
            self.document.data = value
            self.document.line, self.document.column = mark.line + 1, mark.column + 1
            return
        frame = self._stack[-1]
        if type(frame.node) is list:
            frame.marks.values[len(frame.node)] = mark
            frame.node.append(value)
            return
        assert type(frame.node) is dict
        if frame.key is None:
            raise self._refuse("yaml-key", f"a key is a word, not {shown(value)}", mark)
        if frame.key == "<<":
            frame.merges.append(value)
        else:
            frame.node[frame.key] = value
        frame.marks.keys[frame.key] = frame.key_mark
        frame.marks.values[frame.key] = mark
        frame.key = None

    def _merge(self, frame: _Frame, merged: Any) -> None:
        """Takes over the entries of a YAML merge key (``<<``) that the mapping does not have itself."""
        assert type(frame.node) is dict
        for other in merged if isinstance(merged, list) else [merged]:
            if not isinstance(other, dict):
                message = f"`<<` takes over the entries of a mapping, not {shown(other)}"
                raise self._refuse("yaml-alias", message, frame.marks.values["<<"])
            marks = self.document.marks[id(other)]
            for key, value in other.items():
                if key not in frame.node:
                    frame.node[key] = value
                    frame.marks.keys[key] = marks.keys[key]
                    frame.marks.values[key] = marks.values[key]


def too_many_problems(place: Position) -> Problem:
    """The last of the problems that are reported."""
    message = f"there are more than {MAX_PROBLEMS} problems"
    return Problem("too-many-problems", message, help="mend those above first", position=place)
