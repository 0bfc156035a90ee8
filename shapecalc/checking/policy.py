"""What holds for the specs of a folder: which diagnostics count, what is left out, and the budgets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from os.path import relpath
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from shapecalc.checking import Order
from shapecalc.checking.budgets import Budget
from shapecalc.checking.rules import Rules
from shapecalc.spec import MAX_LAYERS

if TYPE_CHECKING:
    from pathspec import PathSpec


class FolderBudget(NamedTuple):
    """A budget, and the specs that it is about.

    Attributes:
        paths: their pattern.
        budget: the numbers.
        path: the pattern as written.
    """

    paths: PathSpec[Any]
    budget: Budget
    path: str

    @property
    def folder(self) -> str:
        """The folder in which all of them must be: of ``models/mobile/**``, ``models/mobile``."""
        parts = self.path.strip().lstrip("/").split("/")
        if not any(parts[1:]) and not self.path.startswith("/"):
            return ""  # a name without a folder is looked for in all of them
        return "/".join(takewhile(lambda part: part and not re.search(r"[*?\[\\!#]", part), parts[:-1]))


@dataclass(eq=False)
class Policy:
    """What one pyproject.toml says.

    Attributes:
        folder: of the file; patterns are relative to it.
        rules: which diagnostics count.
        format: of the output, where it says so.
        max_layers: of one spec, where it says so.
        folder_budgets: with the specs that they are about.
        exclude: files that are not to be checked.
    """

    folder: Path
    rules: Rules = field(default_factory=Rules)
    format: str | None = None
    max_layers: int | None = None
    folder_budgets: tuple[FolderBudget, ...] = ()
    exclude: PathSpec[Any] | None = None
    _used: set[str] = field(default_factory=set)

    def excludes(self, path: Path) -> bool:
        """Whether the file is not to be checked."""
        return self.exclude is not None and self.exclude.match_file(self._relative(path))

    def budgets(self, path: Path) -> tuple[Budget, ...]:
        """The budgets that hold for the file; they count as used."""
        name = self._relative(path) if self.folder_budgets else ""
        found = tuple(each.budget for each in self.folder_budgets if each.paths.match_file(name))
        self._used.update(each.place for each in found)
        return found

    def order(self, path: Path) -> Order:
        """How the file is to be checked."""
        return Order(self.rules, self.max_layers or MAX_LAYERS, self.budgets(path))

    def idle(self, folders: Iterable[Path]) -> Iterator[FolderBudget]:
        """The budgets that hold for no spec: not used, and about a folder that is not there or is in one of these.

        Args:
            folders: those that have been gone through; about others nothing is known.
        """
        for each in self.folder_budgets:
            about = self.folder / each.folder
            is_known = not about.is_dir() or any(about.is_relative_to(folder) for folder in folders)
            if each.budget.place not in self._used and is_known:
                yield each

    def _relative(self, path: Path) -> str:
        return Path(relpath(path, self.folder)).as_posix()


def patterns(lines: list[str]) -> PathSpec[Any]:
    """As in .gitignore: ``models/**``, ``*.old.yaml``, ``!models/kept.yaml``.

    ValueError or re.error where one is no pattern.
    """
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 (only where a configuration has patterns)

    return GitIgnoreSpec.from_lines(lines)
