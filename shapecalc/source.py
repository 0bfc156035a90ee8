"""YAML text to plain data, with the place of every key and value kept beside it.

The parser is libyaml, through PyYAML's event stream; what a plain scalar *means* is decided here,
strictly: a word that YAML 1.1 and 1.2 read differently (``yes``, ``010``, ``1:30``) is a problem,
never a guess. Positions stand beside the data, in a table that is only consulted when something is
wrong or a line number is printed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from shapecalc.problems import Diagnostic, Path, Position, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 64 * 2**20
MAX_DEPTH = 64
MAX_ALIASED_NODES = 1_000_000

_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where PyYAML was built with it

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*(_[0-9]+)*|0x[0-9a-fA-F]+)")
_FLOAT = re.compile(r"[-+]?(([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+)")
_OTHER_BASE = re.compile(r"[-+]?(0[0-9_]+|0o[0-7_]+|0b[01_]+)")
_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?")
_YES_NO = {
    w: v
    for v in (True, False)
    for b in (("yes", "on") if v else ("no", "off"))
    for w in (b, b.title(), b.upper())
}
_WORDS: dict[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf"), float("inf")),
    "-.inf": float("-inf"),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TOKEN = re.compile(r"""'[^']*'|"[^"]*"|[^\s,\[\]{}#:]+(?:[ :][^\s,\[\]{}#:]+)*|\S""")


class _Marks(NamedTuple):
    """Where the entries of one mapping or list stand; `keys` is empty for a list."""

    keys: dict[str | int, Any]
    values: dict[str | int, Any]


@dataclass(slots=True)
class Document:
    """One YAML document: its data, where everything stands, and what was wrong with its text."""

    data: Any = None
    line: int = 1
    column: int = 1
    problems: list[Problem] = field(default_factory=list)
    _marks: dict[int, _Marks] = field(default_factory=dict, repr=False)
    _kept: list[object] = field(default_factory=list, repr=False)  # keeps the ids in _marks alive

    def locate(self, path: Path, *, on_key: bool = False) -> Position:
        """The place of the value at `path` (or of its key), or of the nearest thing above it that was written."""
        node, mark = self.data, None
        for step in path:
            marks = self._marks.get(id(node)) if isinstance(node, dict | list) else None
            if marks is None or step not in marks.values:
                break
            wanted = marks.keys if on_key and step in marks.keys else marks.values
            mark = wanted[step]
            node = node[step]
        return Position(self.line, self.column) if mark is None else _position(mark)


@dataclass(frozen=True, slots=True)
class Source:
    """A text under the name that the user gave it, and the documents in it."""

    name: str
    text: str
    documents: tuple[Document, ...]

    def diagnostic(self, problem: Problem, document: Document) -> Diagnostic:
        """The problem with its line, column and the text that the marker underlines."""
        place = problem.position or document.locate(problem.path, on_key=problem.on_key)
        lines = self.text.splitlines()
        line = lines[place.line - 1] if place.line <= len(lines) else ""
        token = _TOKEN.match(line, place.column - 1)
        width = len(token.group().rstrip()) if token else 1
        return Diagnostic(self.name, place.line, place.column, problem, line, width)


def parse(raw: bytes | str, name: str) -> Source:
    """The documents of a YAML text; whatever is wrong with the text stands in their `problems`."""
    text, problem = _decode(raw)
    if problem is None:
        problem = _unprintable(text)
    if problem is not None:
        return Source(name, text, (Document(problems=[problem]),))
    documents = tuple(_documents(text))
    if not documents:
        empty = Problem(
            "empty", "there is no spec here: the text is empty", help="begin with `input:` and `layers:`"
        )
        documents = (Document(problems=[empty]),)
    return Source(name, text, documents)


def _decode(raw: bytes | str) -> tuple[str, Problem | None]:
    if len(raw) > MAX_BYTES:
        message = f"the text has {len(raw):,} bytes, at most {MAX_BYTES:,} are read"
        return "", Problem("too-large", message, help="a `repeat` or a block says the same in fewer lines")
    if isinstance(raw, str):
        return raw.removeprefix("\ufeff"), None
    try:
        return raw.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "replace")
        place = Position(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        message = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        return raw.decode("utf-8", "replace"), Problem(
            "not-utf8", message, help="save the file as UTF-8", position=place
        )


def _unprintable(text: str) -> Problem | None:
    found = _UNPRINTABLE.search(text)
    if found is None:
        return None
    before = text[: found.start()]
    place = Position(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
    message = f"the character U+{ord(found.group()):04X} is not allowed in YAML"
    return Problem("yaml-syntax", message, position=place)


def _documents(text: str) -> Iterator[Document]:
    builder = None
    try:
        for event in yaml.parse(text, Loader=_Parser):
            kind = type(event)
            if kind is yaml.DocumentStartEvent:
                builder = _Builder()
            elif builder is not None and kind is yaml.DocumentEndEvent:
                yield builder.document
                builder = None
            elif builder is not None:
                builder.take(event)
    except yaml.MarkedYAMLError as error:
        document = builder.document if builder else Document()
        document.problems.append(_syntax_problem(error, text))
        yield document
    except _Refused as refused:
        document = builder.document if builder else Document()
        document.problems.append(refused.problem)
        yield document


class _Refused(Exception):  # noqa: N818 (it is caught ten lines above, and nowhere else)
    """The rest of the text is not read: it is made to use up the machine, or has no meaning."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def _position(mark: Any) -> Position:
    return Position(mark.line + 1, mark.column + 1)


def _syntax_problem(error: yaml.MarkedYAMLError, text: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    place = Position(1, 1) if mark is None else _position(mark)
    said = " ".join(part for part in (error.problem, error.context) if part)
    lines = text.split("\n")
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    rest = line[place.column - 1 :]
    advice = None
    if "\t" in line[: place.column]:
        advice = "indent with spaces: YAML does not take tabs"
    elif rest.startswith((">", "@", "`", "%")) or "block scalar" in said:
        advice = 'put the value in quotes, as in ">= 200"'
    elif ": " in rest or "mapping values" in said:
        advice = "a second `: ` on a line wants braces or quotes"
    return Problem("yaml-syntax", f"this is not YAML: {said}", help=advice, position=place)


class _Frame:
    """A mapping or list that is being read."""

    __slots__ = ("anchor", "key", "key_mark", "marks", "merges", "node", "started")

    def __init__(self, node: dict[str, Any] | list[Any], anchor: str | None, started: int) -> None:
        self.node = node
        self.anchor = anchor
        self.started = started
        self.marks = _Marks({}, {})
        self.key: str | None = None
        self.key_mark: Any = None
        self.merges: list[Any] = []


class _Builder:
    """Puts one document together from its events, without recursion."""

    def __init__(self) -> None:
        self.document = Document()
        self._stack: list[_Frame] = []
        self._anchors: dict[str, tuple[Any, int] | None] = {}
        self._nodes = 0
        self._aliased = 0
        self._scalars: dict[str, object] = {}

    def take(self, event: Any) -> None:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._scalar(event)
        elif kind is yaml.MappingStartEvent:
            self._open({}, event)
        elif kind is yaml.SequenceStartEvent:
            self._open([], event)
        elif kind is yaml.AliasEvent:
            self._alias(event)
        else:
            self._close(event)

    def _report(self, code: str, message: str, mark: Any, advice: str | None = None) -> None:
        self.document.problems.append(Problem(code, message, help=advice, position=_position(mark)))

    def _refuse(self, code: str, message: str, mark: Any) -> _Refused:
        return _Refused(Problem(code, message, position=_position(mark)))

    def _scalar(self, event: Any) -> None:
        self._nodes += 1
        if event.tag is not None:
            self._tag(event)
        text, mark = event.value, event.start_mark
        frame = self._stack[-1] if self._stack else None
        if frame is not None and type(frame.node) is dict and frame.key is None:
            self._key(frame, text, mark, plain=not event.style)
            return
        value = self._plain(text, mark) if not event.style else text
        if event.anchor:
            self._anchors[event.anchor] = (value, 1)
        self._add(value, mark)

    def _key(self, frame: _Frame, text: str, mark: Any, *, plain: bool) -> None:
        if plain and text in _YES_NO:
            self._ambiguous(text, str(_YES_NO[text]).lower(), mark)
        if text in frame.marks.keys:
            first = frame.marks.keys[text].line + 1
            advice = f"it is first given in line {first}: keep one of them"
            self._report("duplicate-key", f"`{text}` is given twice", mark, advice)
        frame.key, frame.key_mark = text, mark

    def _plain(self, text: str, mark: Any) -> object:
        try:
            return self._scalars[text]
        except KeyError:
            pass
        value = _WORDS[text] if text in _WORDS else _number(text)
        if text in _YES_NO:
            self._ambiguous(text, str(_YES_NO[text]).lower(), mark)
        elif _OTHER_BASE.fullmatch(text):
            self._ambiguous(text, _decimal(text), mark)
        elif _BASE_60.fullmatch(text):
            self._ambiguous(text, "a number in base 60", mark)
        elif value is _TOO_LONG:
            self._report("number-too-large", f"a number of {len(text):,} digits is not read", mark)
        else:
            self._scalars[text] = value
        return value

    def _ambiguous(self, text: str, reading: str, mark: Any) -> None:
        message = f"`{text}` means {reading} to some YAML readers and text or another number to others"
        better = "true" if reading == "true" else "false" if reading == "false" else text.lstrip("0") or "0"
        self._report("ambiguous-value", message, mark, f'write {better}, or "{text}" in quotes for the text')

    def _tag(self, event: Any) -> None:
        message = f"the tag `{event.tag}` is not part of the spec language"
        self._report("yaml-tag", message, event.start_mark, "leave the tag out")

    def _open(self, node: dict[str, Any] | list[Any], event: Any) -> None:
        self._nodes += 1
        if event.tag is not None:
            self._tag(event)
        if len(self._stack) >= MAX_DEPTH:
            raise self._refuse(
                "too-deep", f"lists and mappings nest deeper than {MAX_DEPTH}", event.start_mark
            )
        self._add(node, event.start_mark)
        frame = _Frame(node, event.anchor, self._nodes)
        if event.anchor:
            self._anchors[event.anchor] = None
        self._stack.append(frame)
        self.document._kept.append(node)
        self.document._marks[id(node)] = frame.marks

    def _close(self, event: Any) -> None:
        if type(event) not in (yaml.MappingEndEvent, yaml.SequenceEndEvent):
            return
        frame = self._stack.pop()
        for merged in frame.merges:
            self._merge(frame, merged)
        if frame.anchor:
            self._anchors[frame.anchor] = (frame.node, self._nodes - frame.started + 1)

    def _alias(self, event: Any) -> None:
        found = self._anchors.get(event.anchor, 0)
        if found is None:
            raise self._refuse(
                "yaml-alias", f"`*{event.anchor}` stands inside what it names", event.start_mark
            )
        if found == 0:
            raise self._refuse("yaml-alias", f"nothing above is marked `&{event.anchor}`", event.start_mark)
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
            raise self._refuse("yaml-key", "a key must be a word, not a list or a mapping", mark)
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
                self._report("yaml-alias", "`<<` takes over a mapping", frame.marks.values["<<"])
                continue
            marks = self.document._marks[id(other)]
            for key, value in other.items():
                if key not in frame.node:
                    frame.node[key] = value
                    frame.marks.keys[key] = marks.keys[key]
                    frame.marks.values[key] = marks.values[key]


_TOO_LONG = object()


def _number(text: str) -> object:
    """The integer or float that a plain scalar spells in every YAML, or the text itself."""
    if _INTEGER.fullmatch(text):
        if len(text) > 100:
            return _TOO_LONG
        return int(text, 16) if "x" in text else int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _decimal(text: str) -> str:
    """What a YAML 1.1 reader takes a number with a leading zero for."""
    sign, digits = ("-" if text[0] == "-" else ""), text.lstrip("+-").replace("_", "")
    digits = f"0o{digits[1:]}" if digits[1].isdigit() else digits
    try:
        return f"{sign}{int(digits, 0)}"
    except ValueError:  # 089: nine is no octal digit, so some readers keep the text
        return "text"
