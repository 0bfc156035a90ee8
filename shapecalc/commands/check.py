"""`shapecalc check`: specs and their expectations."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from os.path import abspath, isdir
from pathlib import Path
from time import perf_counter

from shapecalc.checking.configuration import FILE, Configurations
from shapecalc.checking.outcome import FileReport, Outcome, Remark
from shapecalc.checking.parallel import Job, checked_in_order
from shapecalc.checking.paths import missing, specs_under, unread
from shapecalc.checking.policy import Policy
from shapecalc.checking.rules import Rules, unknown
from shapecalc.cli import COULD_NOT, GOOD, WRONG, could_not
from shapecalc.commands import report
from shapecalc.files import Unreadable, split_variant
from shapecalc.notation import shown
from shapecalc.problems import SpecError
from shapecalc.reporters.summary import summary

MANY = 50
"""Files from which on a terminal shows how far the check is."""


def run(arguments: argparse.Namespace) -> int:
    """Checks every spec: results on standard output, diagnostics for people on standard error."""
    plan = _Plan(arguments)
    try:
        entries = list(plan.entries())
    except SpecError as error:  # of a pyproject.toml
        found = error.diagnostics
        _print(Outcome((FileReport(found[0].file, (), refused=found),)), arguments.format or _usual_format())
        return COULD_NOT
    jobs = [each for each in entries if not isinstance(each, FileReport)]
    reports = iter(_watched(checked_in_order(jobs, arguments.jobs), len(jobs)))
    files = tuple(each if isinstance(each, FileReport) else next(reports) for each in entries)
    outcome = Outcome(files, any(order.rules.select for _, order in jobs), tuple(plan.remarks()))
    _print(outcome, arguments.format or plan.format())
    if not outcome.is_whole:
        return COULD_NOT
    return WRONG if outcome.failed or any(each.is_error for each in outcome.remarks) else GOOD


# ---- what is to be checked ----


class _Plan:
    """What the command line and the configurations ask for."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self._configurations = Configurations()
        self._select = _codes(arguments.select, "--select")
        self._ignore = _codes(arguments.ignore, "--ignore")
        self._folders: list[Path] = []
        self._bare: list[Remark] = []

    def entries(self) -> Iterator[Job | FileReport]:
        """A job for each file, in order; a report where there is none to read. SpecError of a pyproject.toml."""
        for name in self._arguments.specs:
            if name and isdir(name):  # noqa: PTH112 (that of `Path` raises where a folder must not be entered)
                yield from self._in_folder(name)
            else:
                entry = missing(name) or self._entry(name, is_named=True)
                yield from [entry] if entry else []

    def _in_folder(self, folder: str) -> Iterator[Job | FileReport]:
        self._folders.append(_absolute(folder))
        under = list(specs_under(folder))
        entries = [each if isinstance(each, FileReport) else self._entry(each, is_named=False) for each in under]
        yield from filter(None, entries)
        if not any(entries):
            but = f" but for {len(under):,} that {FILE} excludes" if under else ""
            policy = self._configurations.near(_absolute(folder))
            self._bare.append(Remark(f"there is no spec under {folder}{but}", self._is_strict(policy)))

    def _entry(self, name: str, *, is_named: bool) -> Job | FileReport | None:
        """None where it is left out."""
        try:
            path = _absolute(split_variant(name)[0])
            policy = self._configurations.near(path.parent)
        except Unreadable as error:  # a pyproject.toml
            return unread(name, str(error))
        except OSError as error:
            return unread(name, f"{name!r} cannot be read: {error.strerror}")
        if policy.excludes(path) and not (is_named and not self._arguments.force_exclude):
            return None
        order = policy.order(path)
        rules = Rules(self._is_strict(policy), self._select or policy.rules.select, self._ignore or policy.rules.ignore)
        return name, order._replace(rules=rules, max_layers=self._arguments.max_layers or order.max_layers)

    def _is_strict(self, policy: Policy) -> bool:
        strict: bool | None = self._arguments.strict
        return policy.rules.strict if strict is None else strict

    def remarks(self) -> Iterator[Remark]:
        """What is doubtful about the check itself: folders and budgets without a spec."""
        yield from self._bare
        for policy, budget in self._configurations.idle(self._folders):
            message = f"no spec matches {shown(budget.path)}, the path of the budget at {budget.budget.place}"
            yield Remark(message, self._is_strict(policy))

    def format(self) -> str:
        """As configured for the first of the paths, as GitHub Actions reads it, or for people."""
        first = _absolute(self._arguments.specs[0])
        try:
            policy = self._configurations.near(first if isdir(first) else first.parent)  # noqa: PTH112
        except Unreadable:  # which is among the reports
            return _usual_format()
        return policy.format or _usual_format()


def _absolute(path: str) -> Path:
    return Path(abspath(path))  # noqa: PTH100 (`resolve` follows links)


def _usual_format() -> str:
    return "github" if os.environ.get("GITHUB_ACTIONS") == "true" else "text"


def _codes(written: str | None, option: str) -> tuple[str, ...]:
    """The codes that an option names. `Unreadable` where there is none of that name."""
    words = tuple(word.strip() for word in (written or "").split(",") if word.strip())
    for word in words:
        advice = unknown(word)
        if advice is not None:
            raise Unreadable(f"{option}: {word!r} is no code of a diagnostic", advice)
    return words


# ---- what is said ----


def _print(outcome: Outcome, form: str) -> None:
    for unread_text in dict.fromkeys(file.unread for file in outcome.files if file.unread is not None):
        could_not(Unreadable(*unread_text))
    for remark in outcome.remarks:
        print(f"shapecalc: {remark.severity}: {remark.message}", file=sys.stderr)
    if form == "text":
        report(outcome.for_people)
        if not outcome.refused:
            print(summary(outcome))
    else:
        from shapecalc.reporters import reporter  # noqa: PLC0415 (XML and JSON only where asked for)

        sys.stdout.write(reporter(form)(outcome))


def _watched(reports: Iterable[FileReport], total: int) -> Sequence[FileReport]:
    """The reports; a bar on standard error shows how many are there, where that is a terminal and there are many."""
    if total < MANY or not sys.stderr.isatty():
        return list(reports)
    from rich.console import Console  # noqa: PLC0415 (70 ms, and only where a terminal shows it)
    from rich.progress import Progress  # noqa: PLC0415

    found, shown_at = [], perf_counter()
    # it refreshes itself in a thread otherwise, and a process with threads should not be forked
    with Progress(console=Console(stderr=True), transient=True, auto_refresh=False) as progress:
        task = progress.add_task("checking", total=total)
        for each in reports:
            found.append(each)
            if perf_counter() - shown_at > 0.1:
                shown_at = perf_counter()
                progress.update(task, completed=len(found), refresh=True)
    return found
