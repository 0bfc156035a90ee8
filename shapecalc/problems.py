"""What can be wrong with a spec, as values: a stable code, a message, a place and a fix."""

from __future__ import annotations

from typing import Literal, NamedTuple

Path = tuple[str | int, ...]
"""Keys and indices from a document's root: ``("layers", 3, "conv", "padding")``."""

Severity = Literal["error", "warning", "note"]


class Position(NamedTuple):
    """A place in a text, both numbers counted from 1, as editors do."""

    line: int
    column: int


class Suggestion(str):
    """The question whether another word is meant, kept with both words, so that a tool can put it right.

    Attributes:
        wrong: the word as written.
        right: the one that is probably meant.

    """

    wrong: str
    right: str

    def __new__(cls, wrong: str, right: str) -> Suggestion:  # noqa: D102
        made = super().__new__(cls, f"did you mean `{right}`?")
        made.wrong, made.right = wrong, right
        return made

    def __reduce__(self) -> tuple[type[Suggestion], tuple[str, str]]:
        return type(self), (self.wrong, self.right)


class Problem(NamedTuple):
    """One thing that is wrong, before anyone knows where it will be printed.

    Attributes:
        code: stable identifier, for example ``unknown-field``.
        message: the rule, then the evidence; lower case, no final stop.
        path: where in the document; `Source.locate` turns it into line and column.
        help: a fix, where one can be computed.
        severity: ``error`` refuses the spec; a ``warning`` or a ``note`` does not.
        on_key: the key at `path` is wrong, rather than its value.
        position: the place itself, where the text could not be read far enough to have a path.

    """

    code: str
    message: str
    path: Path = ()
    help: str | None = None
    severity: Severity = "error"
    on_key: bool = False
    position: Position | None = None


class LayerError(ValueError):
    """A layer cannot take the shapes that arrive.

    Raised by a layer or a formula, which know the rule but not the place; `trace` adds the place.
    """

    def __init__(self, code: str, message: str, *, field: str | None = None, help: str | None = None) -> None:  # noqa: A002 (the word that the diagnostics use)
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.help = help


class SpecError(ValueError):
    """A spec was refused; `diagnostics` says why, each with its line and column."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__("\n".join(str(d) for d in diagnostics))
        self.diagnostics = diagnostics


class Call(NamedTuple):
    """Where a block is called.

    Attributes:
        name: of what the call makes, in full, as in ``stage.2``.
        file: that the call stands in.
        line: of the call, counted from 1.
        turn: the value of `i` there, where it repeats.

    """

    name: str
    file: str
    line: int
    turn: int | None


class Inside(NamedTuple):
    """Which of the layers that one line makes is meant: that of a block, a branch or a `repeat`.

    Attributes:
        layer: its full name.
        turn: the value of `i` there, where it repeats.
        calls: of the blocks around it, innermost first; of more than three the inner two and the outermost.

    """

    layer: str
    turn: int | None
    calls: tuple[Call, ...]

    def __str__(self) -> str:
        calls = ", ".join(f"{_in_turn(each.name, each.turn)} called at {each.file}:{each.line}" for each in self.calls)
        layer = _in_turn(self.layer, self.turn)
        if not self.calls:
            return f"in {layer}"
        return f"in {calls}" if self.layer == self.calls[0].name else f"in {layer}: {calls}"


def _in_turn(name: str, turn: int | None) -> str:
    return f"`{name}`" if turn is None else f"`{name}` (i = {turn})"


class Diagnostic(NamedTuple):
    """A problem with its place in the user's own file.

    Attributes:
        file: the name the user gave, ``<stdin>`` or ``<text>``.
        line: counted from 1.
        column: counted from 1.
        source_line: the text of that line.
        width: how many characters the marker underlines.
        inside: the layer that is meant, where the line makes several.

    """

    file: str
    line: int
    column: int
    problem: Problem
    source_line: str
    width: int
    inside: Inside | None = None

    @property
    def code(self) -> str:
        """The stable code of the problem."""
        return self.problem.code

    @property
    def message(self) -> str:
        """The rule and the evidence."""
        return self.problem.message

    @property
    def severity(self) -> Severity:
        """``error``, ``warning`` or ``note``."""
        return self.problem.severity

    @property
    def help(self) -> str | None:
        """The fix, where one could be computed."""
        return self.problem.help

    def __str__(self) -> str:
        where = f" ({self.inside})" if self.inside else ""
        return f"{self.file}:{self.line}:{self.column}: {self.severity}[{self.code}]: {self.message}{where}"
