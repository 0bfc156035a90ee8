"""`[tool.shapecalc]` in pyproject.toml: the options of `check`, and budgets for every spec of a folder."""

from __future__ import annotations

import re
import sys
from functools import cached_property
from os.path import relpath
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shapecalc.checking import Order
from shapecalc.checking.budgets import Budget
from shapecalc.checking.rules import Rules, unknown
from shapecalc.checking.toml import place_of
from shapecalc.expectation import Expect
from shapecalc.problems import Diagnostic, Position, Problem, SpecError
from shapecalc.spec import MAX_LAYERS
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


class FolderBudget(NamedTuple):
    """A budget, and the specs that it is about."""

    paths: PathSpec[Any]
    budget: Budget


class Configuration:
    """What one pyproject.toml says.

    Attributes:
        folder: of the file; patterns are relative to it.
        rules: which diagnostics count.
        format: of the output, where it says so.
        max_layers: of one spec, where it says so.
    """

    def __init__(self, folder: Path, table: _Table, budgets: list[FolderBudget]) -> None:
        self.folder = folder
        self.rules = Rules(table.strict, tuple(table.select), tuple(table.ignore))
        self.format = table.format
        self.max_layers = table.max_layers
        self._budgets = budgets
        self._exclude = table.exclude

    @cached_property
    def _excluded(self) -> PathSpec[Any]:
        return _patterns(self._exclude)

    def excludes(self, path: Path) -> bool:
        """Whether the file is not to be checked."""
        return bool(self._exclude) and self._excluded.match_file(self._relative(path))

    def budgets(self, path: Path) -> tuple[Budget, ...]:
        """The budgets that hold for the file."""
        name = self._relative(path) if self._budgets else ""
        return tuple(each.budget for each in self._budgets if each.paths.match_file(name))

    def order(self, path: Path) -> Order:
        """How the file is to be checked."""
        return Order(self.rules, self.max_layers or MAX_LAYERS, self.budgets(path))

    def _relative(self, path: Path) -> str:
        return Path(relpath(path, self.folder)).as_posix()


DEFAULT = Configuration(Path(), _Table.model_construct(), [])
"""Where no pyproject.toml says anything."""


class Configurations:
    """The configurations of a check, each file read once."""

    def __init__(self) -> None:
        self._by_folder: dict[Path, Configuration] = {}

    def near(self, folder: Path) -> Configuration:
        """That of the nearest pyproject.toml with a `[tool.shapecalc]`, in the folder or above it.

        SpecError with what is wrong in it; OSError where it cannot be read.
        """
        if folder not in self._by_folder:
            found = _read(folder / FILE)
            if found is None:
                found = DEFAULT if folder.parent == folder else self.near(folder.parent)
            self._by_folder[folder] = found
        return self._by_folder[folder]


def _read(path: Path) -> Configuration | None:
    if not path.is_file():
        return None
    raw = path.read_bytes()
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

    def configuration(self) -> Configuration | None:
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
        return Configuration(self._path.parent, table, [each for each in budgets if each is not None])

    def _table(self, data: object) -> _Table | None:
        try:
            table = _Table.model_validate(data)
        except ValidationError as error:
            self._report(translated(error, _Table, TABLE, "`[tool.shapecalc]`"))
            return None
        for key in ("select", "ignore"):
            for number, word in enumerate(getattr(table, key)):
                advice = unknown(word)
                if advice is not None:
                    message = f"`{word}` is no code of a diagnostic"
                    self._report([Problem("unknown-value", message, (*TABLE, key, number), advice)])
        return table

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
        return FolderBudget(_patterns([given.path]), Budget(given, f"{self._name}:{line}"))

    def _report(self, problems: list[Problem]) -> None:
        self._found += [self._diagnostic(problem, place_of(self._text, problem.path)) for problem in problems]

    def _toml_error(self, said: str) -> Diagnostic:
        found = re.search(r" \(at line (\d+), column (\d+)\)", said)
        place = Position(int(found[1]), int(found[2])) if found else Position(1, 1)
        what = said[: found.start()] if found else said
        return self._diagnostic(Problem("bad-configuration", f"this is not TOML: {what[:1].lower()}{what[1:]}"), place)

    def _diagnostic(self, problem: Problem, place: Position) -> Diagnostic:
        lines = [*self._text.splitlines(), ""]
        line = lines[min(place.line, len(lines)) - 1]
        word = re.match(r"[\w\-.]+|\[+[^\]]*\]+", line[place.column - 1 :])
        return Diagnostic(self._name, place.line, place.column, problem, line, len(word.group()) if word else 1)


def _near_name(path: Path) -> str:
    """The path as seen from here, where it is below."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _patterns(patterns: list[str]) -> PathSpec[Any]:
    """As in .gitignore: ``models/**``, ``*.old.yaml``, ``!models/kept.yaml``."""
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 (only where a configuration has patterns)

    return GitIgnoreSpec.from_lines(patterns)
