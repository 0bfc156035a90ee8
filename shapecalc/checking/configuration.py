"""`[tool.shapecalc]` in pyproject.toml: how it is read, and what is wrong with it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from os.path import isfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shapecalc.checking.budgets import Budget
from shapecalc.checking.policy import FolderBudget, Policy, patterns
from shapecalc.checking.rules import Rules, unknown
from shapecalc.checking.toml import place_of
from shapecalc.expectation import Expect
from shapecalc.files import Unreadable
from shapecalc.notation import shown
from shapecalc.problems import Diagnostic, Position, Problem, SpecError
from shapecalc.problems import Path as Keys
from shapecalc.translate import translated

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from pathspec import PathSpec

FILE = "pyproject.toml"
TABLE = ("tool", "shapecalc")
_STRICT = ConfigDict(frozen=True, strict=True, extra="forbid", defer_build=True)


class _Table(BaseModel):
    """The keys of `[tool.shapecalc]`, as the options of `check`."""

    model_config = _STRICT

    strict: bool = False
    select: list[str] = []
    ignore: list[str] = []
    exclude: list[str] = []
    format: Literal["text", "json", "github", "sarif", "junit"] | None = None
    max_layers: Annotated[int | None, Field(alias="max-layers", ge=1, lt=2**31)] = None
    budgets: list[dict[str, Any]] = []


class _Budget(Expect):
    """A table of `[[tool.shapecalc.budgets]]`: the specs that it is about, and their numbers."""

    path: str


DEFAULT = Policy(Path())
"""Where no pyproject.toml says anything."""


class Configurations:
    """The configurations of a check, each file read once."""

    def __init__(self) -> None:
        self._by_folder: dict[Path, Policy] = {}

    def idle(self, folders: Sequence[Path]) -> Iterator[tuple[Policy, FolderBudget]]:
        """The budgets of all of them that hold for no spec; see `Policy.idle`."""
        for policy in dict.fromkeys(self._by_folder.values()):
            yield from ((policy, budget) for budget in policy.idle(folders))

    def near(self, folder: Path) -> Policy:
        """That of the nearest pyproject.toml with a `[tool.shapecalc]`, in the folder or above it.

        SpecError with what is wrong in it; Unreadable where it cannot be read.
        """
        if folder not in self._by_folder:
            found = _read(folder / FILE)
            if found is None:
                found = DEFAULT if folder.parent == folder else self.near(folder.parent)
            self._by_folder[folder] = found
        return self._by_folder[folder]


def _read(path: Path) -> Policy | None:
    if not isfile(path):  # noqa: PTH113 (`is_file` raises in a folder that must not be entered)
        return None
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{_near_name(path)!r} cannot be read: {error.strerror}") from None
    if b"shapecalc" not in raw:
        return None
    return _Reader(path, raw.decode("utf-8", "replace")).configuration()


class _Reader:
    """One pyproject.toml, and what is wrong with what it says to us."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._text = text
        self._name = _near_name(path)
        self._found: list[Diagnostic] = []

    def configuration(self) -> Policy | None:
        try:
            data = tomllib.loads(self._text)
        except ValueError as error:  # RecursionError is none: it nests brackets thousands deep
            raise SpecError((self._toml_error(str(error)),)) from None
        except RecursionError:
            raise SpecError((self._toml_error("it is nested too deeply"),)) from None
        tool = data.get("tool")
        if not isinstance(tool, dict) or "shapecalc" not in tool:
            return None
        table = self._table(tool["shapecalc"])
        budgets = [self._budget(number, each) for number, each in enumerate(table.budgets if table else ())]
        if table is None or self._found:
            raise SpecError(tuple(self._found))
        return Policy(
            folder=self._path.parent,
            rules=Rules(table.strict, tuple(table.select), tuple(table.ignore)),
            format=table.format,
            max_layers=table.max_layers,
            folder_budgets=tuple(each for each in budgets if each is not None),
            exclude=patterns(table.exclude) if table.exclude else None,
        )

    def _table(self, data: object) -> _Table | None:
        try:
            table = _Table.model_validate(data)
        except ValidationError as error:
            self._report([_in_toml(each) for each in translated(error, _Table, TABLE, "`[tool.shapecalc]`")])
            return None
        for key in ("select", "ignore"):
            for number, word in enumerate(getattr(table, key)):
                advice = unknown(word)
                if advice is not None:
                    message = f"`{word}` is no code of a diagnostic"
                    self._report([Problem("unknown-value", message, (*TABLE, key, number), advice)])
        for number, pattern in enumerate(table.exclude):
            self._pattern(pattern, (*TABLE, "exclude", number))
        return table

    def _pattern(self, pattern: str, path: Keys) -> PathSpec[Any] | None:
        """The pattern; None where it is none, which is reported."""
        try:
            return patterns([pattern])
        except (ValueError, re.error):
            message = f"{shown(pattern)} is no pattern of files"
            self._report([Problem("bad-configuration", message, path, "as in .gitignore: models/**, *.old.yaml")])
            return None

    def _budget(self, number: int, data: dict[str, Any]) -> FolderBudget | None:
        path = (*TABLE, "budgets", number)
        try:
            given = _Budget.model_validate(data)
        except ValidationError as error:
            self._report(translated(error, _Budget, path, "a budget"))
            return None
        if len(data) == 1:
            self._report([Problem("missing-field", "a budget names a number", path, 'as in params = "<= 5M"')])
        line = place_of(self._text, path).line
        paths = self._pattern(given.path, (*path, "path"))
        return paths if paths is None else FolderBudget(paths, Budget(given, f"{self._name}:{line}"), given.path)

    def _report(self, problems: list[Problem]) -> None:
        self._found += [self._diagnostic(problem, place_of(self._text, problem.path)) for problem in problems]

    def _toml_error(self, said: str) -> Diagnostic:
        found = re.search(r" \(at line (\d+), column (\d+)\)", said)
        place = Position(int(found[1]), int(found[2])) if found else Position(1, 1)
        what = said[: found.start()] if found else said
        return self._diagnostic(Problem("bad-configuration", f"this is not TOML: {what[:1].lower()}{what[1:]}"), place)

    def _diagnostic(self, problem: Problem, place: Position) -> Diagnostic:
        lines = [*self._text.split("\n"), ""]
        line = lines[min(place.line, len(lines)) - 1].rstrip("\r")
        word = re.match(r"[\w\-.]+|\[+[^\]]*\]+|\{[^}]*\}|'[^']*'|\"[^\"]*\"", line[place.column - 1 :])
        return Diagnostic(self._name, place.line, place.column, problem, line, len(word.group()) if word else 1)


def _in_toml(problem: Problem) -> Problem:
    """The problem, with an example in TOML where a list is wanted."""
    if problem.code != "wrong-type" or len(problem.path) != len(TABLE) + 1:
        return problem
    examples = {"select": '["note"]', "ignore": '["note"]', "exclude": '["drafts/"]'}
    key = problem.path[-1]
    if key == "budgets":
        return problem._replace(help="begin each with [[tool.shapecalc.budgets]] on a line of its own")
    return problem._replace(help=f"as in {key} = {examples[key]}") if key in examples else problem


def _near_name(path: Path) -> str:
    """The path as seen from here, where it is below."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
