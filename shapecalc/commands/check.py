"""`shapecalc check`: specs and their expectations."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from os.path import abspath
from pathlib import Path
from time import perf_counter

from shapecalc.checking.configuration import Configuration, Configurations
from shapecalc.checking.outcome import FileReport, Outcome
from shapecalc.checking.parallel import Job, checked_in_order
from shapecalc.checking.rules import Rules, unknown
from shapecalc.cli import COULD_NOT, GOOD, WRONG, could_not
from shapecalc.commands import report
from shapecalc.files import Unreadable, split_variant
from shapecalc.problems import SpecError
from shapecalc.reporters.summary import summary

SUFFIXES = (".yaml", ".yml")
MANY = 50
"""Files from which on a terminal shows how far the check is."""


def run(arguments: argparse.Namespace) -> int:
    """Checks every spec: results on standard output, diagnostics for people on standard error."""
    configurations = Configurations()
    try:
        jobs = list(_jobs(arguments, configurations))
        form = _format(arguments, configurations)
    except SpecError as error:  # of a pyproject.toml
        report(error.diagnostics)
        return COULD_NOT
    reports = checked_in_order(jobs, arguments.jobs)
    outcome = Outcome(tuple(_watched(reports, len(jobs))))
    _print(outcome, form, is_everything_shown=bool(arguments.select))
    if outcome.unread:
        return COULD_NOT
    return WRONG if outcome.failed else GOOD


# ---- what is to be checked ----


def _jobs(arguments: argparse.Namespace, configurations: Configurations) -> Iterator[Job]:
    select, ignore = _codes(arguments.select, "--select"), _codes(arguments.ignore, "--ignore")
    for name, is_named in _files(arguments.specs):
        path = Path(abspath(split_variant(name)[0]))  # noqa: PTH100 (`resolve` follows links)
        found = configurations.near(path.parent)
        if found.excludes(path) and not (is_named and not arguments.force_exclude):
            continue
        order = found.order(path)
        strict = found.rules.strict if arguments.strict is None else arguments.strict
        rules = Rules(strict, select or found.rules.select, ignore or found.rules.ignore)
        yield name, order._replace(rules=rules, max_layers=arguments.max_layers or order.max_layers)


def _codes(written: str | None, option: str) -> tuple[str, ...]:
    """The codes that an option names. `Unreadable` where there is none of that name."""
    words = tuple(word.strip() for word in (written or "").split(",") if word.strip())
    for word in words:
        advice = unknown(word)
        if advice is not None:
            raise Unreadable(f"{option}: {word!r} is no code of a diagnostic", advice)
    return words


def _files(names: list[str]) -> Iterator[tuple[str, bool]]:
    """The names, folders replaced by the YAML files in them, in order; and whether each was named itself."""
    for name in names:
        if name and Path(name).is_dir():
            found = sorted(path for path in Path(name).rglob("*") if _is_spec(path, Path(name)))
            yield from ((str(path), False) for path in found)
        else:
            yield name, True


def _is_spec(path: Path, folder: Path) -> bool:
    """Whether it is a YAML file that no dot hides."""
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return path.suffix in SUFFIXES and not hidden and path.is_file()


def _format(arguments: argparse.Namespace, configurations: Configurations) -> str:
    """As asked for, as configured for the first of the paths, as GitHub Actions reads it, or for people."""
    if arguments.format is not None:
        return str(arguments.format)
    first = Path(abspath(arguments.specs[0]))  # noqa: PTH100
    found: Configuration = configurations.near(first if first.is_dir() else first.parent)
    return found.format or ("github" if os.environ.get("GITHUB_ACTIONS") == "true" else "text")


# ---- what is said ----


def _print(outcome: Outcome, form: str, *, is_everything_shown: bool) -> None:
    for file in outcome.unread:
        assert file.unread is not None
        could_not(Unreadable(*file.unread))
    if form == "text":
        shown = outcome.diagnostics
        report(each for each in shown if is_everything_shown or each.severity != "note")
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

    found, shown = [], perf_counter()
    # it refreshes itself in a thread otherwise, and a process with threads should not be forked
    with Progress(console=Console(stderr=True), transient=True, auto_refresh=False) as progress:
        task = progress.add_task("checking", total=total)
        for each in reports:
            found.append(each)
            if perf_counter() - shown > 0.1:
                shown = perf_counter()
                progress.update(task, completed=len(found), refresh=True)
    return found
