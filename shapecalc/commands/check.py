"""`shapecalc check`: specs and their expectations."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from shapecalc.cli import COULD_NOT, GOOD, WRONG, could_not
from shapecalc.commands import report, wanted
from shapecalc.files import Unreadable
from shapecalc.notation import counted
from shapecalc.problems import Diagnostic, Problem
from shapecalc.report import as_entry
from shapecalc.session import Opened, opened

SUFFIXES = (".yaml", ".yml")


def run(arguments: argparse.Namespace) -> int:
    """Checks every spec; diagnostics go to standard error, the outcome to standard output."""
    options = wanted(arguments)
    found: dict[Diagnostic, None] = {}  # in order, and what is wrong in all variants once
    specs = failed = 0
    code = GOOD
    for name in _files(arguments.specs):
        try:
            for spec in opened(name, options, all_variants=True):
                diagnostics = _judged(spec, strict=arguments.strict)
                specs += 1
                failed += any(diagnostic.severity == "error" for diagnostic in diagnostics)
                found |= dict.fromkeys(diagnostics)
        except Unreadable as error:
            code = could_not(error)
    if arguments.format == "json":
        outcome = {"problems": [as_entry(each) for each in found], "specs": specs, "failed": failed}
        print(json.dumps(outcome, indent=1))
    else:
        report(each for each in found if each.severity != "note")
        print(_outcome(specs, failed, unread=code == COULD_NOT))
    return max(code, WRONG if failed else GOOD)


def _files(names: list[str]) -> Iterator[str]:
    """The names, folders replaced by the YAML files in them, in order."""
    for name in names:
        if name and Path(name).is_dir():
            yield from map(str, sorted(path for path in Path(name).rglob("*") if _is_spec(path, Path(name))))
        else:
            yield name


def _is_spec(path: Path, folder: Path) -> bool:
    """Whether it is a YAML file that no dot hides."""
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return path.suffix in SUFFIXES and not hidden and path.is_file()


def _judged(spec: Opened, *, strict: bool) -> list[Diagnostic]:
    """The spec's diagnostics and its layers' notes; all of them errors where `strict`."""
    found = [*spec.diagnostics, *_notes(spec)]
    if not strict:
        return found
    return [replace(each, problem=replace(each.problem, severity="error")) for each in found]


def _notes(spec: Opened) -> Iterator[Diagnostic]:
    if spec.trace is None:
        return
    for step in spec.trace.layers:
        for note in step.notes:
            problem = Problem("note", f"`{step.name}`: {note}", step.item.path, severity="note")
            source, document = step.item.home
            yield source.diagnostic(problem, document)


def _outcome(specs: int, failed: int, *, unread: bool) -> str:
    if failed:
        return f"{counted(specs, 'spec')} checked, {failed:,} failed"
    return f"{counted(specs, 'spec')} checked" + (", some could not be read" if unread else ", all good")
