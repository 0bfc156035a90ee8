"""YAML text to plain data, with the place of every key and value kept beside it.

The parser is libyaml, through PyYAML's event stream; what a plain scalar *means* is decided here,
strictly: a word that YAML 1.1 and 1.2 read differently (``yes``, ``010``, ``1:30``) is a problem,
never a guess. Positions stand beside the data, in a table that is only consulted when something is
wrong or a line number is printed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from shapecalc.notation import shown
from shapecalc.problems import Diagnostic, Path, Position, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 64 * 2**20
MAX_DEPTH = 64
MAX_ALIASED_NODES = 1_000_000
MAX_DIGITS = 100
MAX_WIDTH = 1000
MAX_PROBLEMS = 100
"""How many problems of one document are reported; whoever has more has one cause, or a file of noise."""

_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where PyYAML was built with it

_INTEGER = re.compile(r"[-+]?(0[0-7]?|[1-9][0-9]*(_[0-9]+)*|0x[0-9a-fA-F]+)")
_FLOAT = re.compile(r"[-+]?(([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+)")
_OTHER_BASE = re.compile(r"[-+]?(0o[0-7_]+|0b[01_]+|0[0-9_]+)")
_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?")
_YES_NO = {
    w: v for v in (True, False) for b in (("yes", "on") if v else ("no", "off")) for w in (b, b.title(), b.upper())
}
_WORDS: dict[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf"), float("inf")),
    "-.inf": float("-inf"),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_UNPRINTABLE = yaml.reader.Reader.NON_PRINTABLE  # libyaml refuses the same, but does not say where
_QUOTED = re.compile(r"""'[^']*(?:''[^']*)*'|"[^"\\]*(?:\\.[^"\\]*)*["]""")
_MARKER = re.compile(r"[&*!][^\s,\[\]{}]*|:(?=\s|$)")
_WORD = re.compile(r"\S.*?(?=\s#|:\s|:$|$)")
_WORD_IN_BRACKETS = re.compile(r"\S.*?(?=\s#|:\s|:$|[,\[\]{}]|$)")
_BRACKETS = re.compile(rf"{_QUOTED.pattern}|(?P<open>[\[{{])|(?P<close>[\]}}])")


class _Marks(NamedTuple):
    """Where the entries of one mapping or list stand; `keys` is empty for a list."""

    keys: dict[str | int, Any]
    values: dict[str | int, Any]


@dataclass(slots=True)
class Document:
    """One YAML document: its data, where everything stands, and what was wrong with its text.

    Where it is not complete, the rest of it could not be read, and only that is worth reporting.
    """

    data: Any = None
    line: int = 1
    column: int = 1
    problems: list[Problem] = field(default_factory=list)
    is_complete: bool = True
    _marks: dict[int, _Marks] = field(default_factory=dict, repr=False)
    _kept: list[object] = field(default_factory=list, repr=False)  # keeps the ids in _marks alive

    def locate(self, path: Path, *, on_key: bool = False) -> Position:
        """The place of the value at `path` (or of its key), or of the nearest thing above it."""
        node, mark = self.data, None
        for step in path:
            marks = self._marks.get(id(node)) if isinstance(node, dict | list) else None
            if marks is None or step not in marks.values:
                break
            wanted = marks.keys if on_key and step in marks.keys else marks.values
            mark = wanted[step]
            node = node.get(step) if isinstance(node, dict) else node[step]  # `<<` has a place and no value
        return Position(self.line, self.column) if mark is None else _position(mark)


@dataclass(frozen=True)
class Source:
    """A text under the name that the user gave it, and the documents in it."""

    name: str
    text: str
    documents: tuple[Document, ...]

    @cached_property
    def lines(self) -> list[str]:
        """The text's lines, without their ends."""
        return self.text.splitlines()

    def diagnostic(self, problem: Problem, document: Document) -> Diagnostic:
        """The problem with its line, column and the text that the marker underlines."""
        place = problem.position or document.locate(problem.path, on_key=problem.on_key)
        line = self._line(place)
        depths = range(len(problem.path) + (problem.position is not None))  # with a place of its own: all are around it
        above = (document.locate(problem.path[:depth]) for depth in depths)
        in_brackets = any(self._line(each)[each.column - 1 :].startswith(("[", "{")) for each in above)
        width = _width(line[place.column - 1 :][:MAX_WIDTH].rstrip(), in_brackets=in_brackets)
        return Diagnostic(self.name, place.line, place.column, problem, _UNPRINTABLE.sub("�", line), width)

    def _line(self, place: Position) -> str:
        return self.lines[place.line - 1] if place.line <= len(self.lines) else ""


def _width(rest: str, *, in_brackets: bool) -> int:
    """How many characters the first token has: a word, a quotation, or brackets with what is in them."""
    if rest.startswith(("[", "{")):
        depth = 0
        for found in _BRACKETS.finditer(rest):
            depth += (found["open"] is not None) - (found["close"] is not None)
            if depth == 0:
                return found.end()
        return len(rest)
    word = _WORD_IN_BRACKETS if in_brackets else _WORD
    token = _QUOTED.match(rest) or _MARKER.match(rest) or word.match(rest)
    return len(token.group().rstrip()) if token else 1


def parse(raw: bytes | str, name: str) -> Source:
    """The documents of a YAML text; whatever is wrong with the text stands in their `problems`."""
    text, problem = _decode(raw)
    if problem is None:
        problem = _unprintable(text)
    if problem is not None:
        return Source(name, text, (Document(problems=[problem]),))
    documents = tuple(_documents(text))
    if not documents:
        empty = Problem("empty", "there is no spec here: the text is empty", help="begin with `input:` and `layers:`")
        documents = (Document(problems=[empty]),)
    return Source(name, text, documents)


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
    found = _UNPRINTABLE.search(text)
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
        yield _unread(builder, _syntax_problem(error, text))
    except _Refused as refused:
        yield _unread(builder, refused.problem)


def _unread(builder: _Builder | None, problem: Problem) -> Document:
    """The document as far as it was read, with what was wrong in it."""
    builder = builder or _Builder()
    builder.document.is_complete = False
    builder.document.problems.append(replace(problem, path=builder.path()))
    return builder.document


class _Refused(Exception):  # noqa: N818 (it is caught ten lines above, and nowhere else)
    """The rest of the text is not read: it is made to use up the machine, or has no meaning."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def _position(mark: Any) -> Position:
    return Position(mark.line + 1, mark.column + 1)


def _syntax_problem(error: yaml.MarkedYAMLError, text: str) -> Problem:
    """What the parser says, in plain words where it is one of the common mistakes."""
    mark = error.problem_mark or error.context_mark
    place = Position(1, 1) if mark is None else _position(mark)
    begun = place if error.context_mark is None else _position(error.context_mark)
    said = str(error.problem or error.context or "it cannot be parsed")
    lines = text.splitlines()
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    before, rest = line[: place.column - 1], line[place.column - 1 :]
    if "',' or '" in said and begun.line != place.line:
        message = f"`{lines[begun.line - 1][begun.column - 1]}` is not closed"
        advice: str | None = f"a comma or the closing bracket is missing before line {place.line}"
        place = begun
    elif "cannot start any token" in said:
        message, advice = _no_value(rest)
    elif "mapping values" in said:
        message, advice = _astray_colon(before)
    elif "expected key" in said or "expected '-' indicator" in said:
        message, advice = _astray(before)
    else:
        known = (row for row in _SYNTAX if row[0] in said)
        _, message, advice, at_start = next(known, ("", said, None, False))
        place = begun if at_start else place
    return Problem("yaml-syntax", f"this is not YAML: {message}", help=advice, position=place)


def _no_value(rest: str) -> tuple[str, str]:
    if rest.startswith("\t"):
        return "a tab stands where spaces indent", "indent with spaces"
    return f"no value begins with `{rest[:1]}`", 'put the value in quotes, as in ">= 200"'


def _astray_colon(before: str) -> tuple[str, str]:
    if re.search(r"\w [\[{]", before):
        return "there is no `: ` before the bracket", "as in - conv: {…}"
    if before.lstrip().startswith("- "):
        return "the item is indented further than the one above it", "begin all items at the same column"
    if ": " in before:
        return "a second `: ` stands on the line", "put the text in quotes, or the mapping in braces"
    return "there is no key for this `:`", "the key that the line belongs to ends in `:`, as in - conv:"


def _astray(before: str) -> tuple[str, str]:
    if before.strip(" "):
        return "nothing more is expected here", "quotes go around the whole text; a bracket closes once"
    return "the line does not fit those above it", "indent it as the lines that it belongs with"


_SYNTAX: tuple[tuple[str, str, str | None, bool], ...] = (
    ("',' or '", "a comma or a closing bracket is missing before this", None, False),
    (
        "expected comment or line break",
        "`>` and `|` begin a text of several lines",
        'put the value in quotes, as in ">= 200"',
        True,
    ),
    ("could not find expected ':'", "there is no `: ` after this key", "write it as `key: value`", True),
    ("unexpected end of stream", "the quotation mark is not closed", None, True),
    ("unknown escape", "there is no such escape", "in single quotes a backslash is only a backslash", False),
    ("Unicode character escape", "there is no such character", None, False),
    ("expected node content", "a value is expected here", None, False),
    ("alphabetic or numeric", "`&` and `*` begin a YAML alias", "put the value in quotes", True),
    ("undefined tag handle", "`!` begins a tag", "put the value in quotes", True),
)
"""Part of what libyaml says, what we say, advice, and whether the mistake lies where the thing was begun."""


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
        self.document.problems.append(self._problem(code, message, mark, advice))
        if len(self.document.problems) >= MAX_PROBLEMS:
            raise _Refused(too_many_problems(_position(mark)))

    def _refuse(self, code: str, message: str, mark: Any, advice: str | None = None) -> _Refused:
        return _Refused(self._problem(code, message, mark, advice))

    def _problem(self, code: str, message: str, mark: Any, advice: str | None) -> Problem:
        return Problem(code, message, self.path(), advice, position=_position(mark))

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
        if event.style == '"' and (found := _UNPRINTABLE.search(text)):
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
        if plain and text in _YES_NO:
            self._ambiguous(text, _doubt(text), mark)
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
        if len(text) > MAX_DIGITS and _INTEGER.fullmatch(text):
            message = f"a number of {len(text):,} digits is not read"
            raise self._refuse("number-too-large", message, mark, f"at most {MAX_DIGITS} digits")
        doubt = _doubt(text)
        if doubt is not None:
            self._ambiguous(text, doubt, mark)
            return doubt.value
        value = self._scalars[text] = _WORDS[text] if text in _WORDS else _number(text)
        return value

    def _ambiguous(self, text: str, doubt: _Doubt | None, mark: Any) -> None:
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
        self.document._kept.append(node)
        self.document._marks[id(node)] = frame.marks

    def _close(self, event: Any) -> None:
        if type(event) not in (yaml.MappingEndEvent, yaml.SequenceEndEvent):
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
            marks = self.document._marks[id(other)]
            for key, value in other.items():
                if key not in frame.node:
                    frame.node[key] = value
                    frame.marks.keys[key] = marks.keys[key]
                    frame.marks.values[key] = marks.values[key]


def too_many_problems(place: Position) -> Problem:
    """The last of the problems that are reported."""
    message = f"there are more than {MAX_PROBLEMS} problems"
    return Problem("too-many-problems", message, help="mend those above first", position=place)


def _number(text: str) -> object:
    """The integer or float that a plain scalar spells in every YAML, or the text itself."""
    if _INTEGER.fullmatch(text):
        return int(text, 16) if "x" in text else int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


class _Doubt(NamedTuple):
    """What YAML 1.1 and 1.2 make of a word that they disagree on: our guess, both readings, a way out."""

    value: object
    one: str
    other: str
    advice: str


def _doubt(text: str) -> _Doubt | None:
    """What is doubtful about a plain scalar; None where all of YAML reads it alike."""
    if text in _YES_NO:
        word = str(_YES_NO[text]).lower()
        return _Doubt(_YES_NO[text], word, "text", f'write {word}, or "{text}" in quotes')
    if _INTEGER.fullmatch(text) or len(text) > MAX_DIGITS:
        return None
    if _BASE_60.fullmatch(text):
        return _Doubt(text, "a number in base 60", "text", f'"{text}" in quotes is text')
    return _other_base(text) if _OTHER_BASE.fullmatch(text) else None


def _other_base(text: str) -> _Doubt:
    """What is doubtful about a number with a leading zero, 0o or 0b."""
    sign, digits = (-1 if text[0] == "-" else 1), text.lstrip("+-").replace("_", "")
    if digits[1:2] in ("b", "o"):
        value = sign * int(digits[2:] or "0", 2 if digits[1] == "b" else 8)
        return _Doubt(value, str(value), "text", f"write {value}")
    value = sign * int(digits)
    if not set(digits) <= set("01234567"):
        return _Doubt(value, str(value), "text", f"write {value}")
    octal = sign * int(digits, 8)
    return _Doubt(value, str(octal), str(value), f"write {value}, or {octal} if octal is meant")
