"""`shapecalc solve`: the values that give what a spec expects."""

from __future__ import annotations

import argparse
import json
import re
import sys
from typing import Any

from pydantic import ValidationError

from shapecalc import files
from shapecalc.cli import GOOD, WRONG, could_not
from shapecalc.commands import inputs_of, report
from shapecalc.expectation import Expect
from shapecalc.files import Unreadable
from shapecalc.notation import MAX_SIZE
from shapecalc.problems import SpecError
from shapecalc.render.solution import as_text, entry
from shapecalc.session import networks, setting_value
from shapecalc.solving import Asked, Solution, question, solve
from shapecalc.source.scalars import value_of
from shapecalc.translate import translated
from shapecalc.unknowns import TIMES, UNKNOWN

LARGEST_RANGE = 50_000
"""Values that one --range may name."""


def run(arguments: argparse.Namespace) -> int:
    """Prints the answers of every spec under the name that has unknown values."""
    asked = _asked(arguments)
    code, solutions, refused = GOOD, [], []
    name, variant = files.split_variant(arguments.specs[0])
    source = files.read(name)
    for document, each in [*networks(source, variant)] if variant else [(d, None) for d, _ in _once(networks(source))]:
        try:
            solutions.append(solve(question(source, document, each, asked)))
        except SpecError as error:
            report(error.diagnostics)
            code = max(code, WRONG)
        except Unreadable as error:
            refused.append(error)
    for solution in solutions:
        code = max(code, GOOD if solution.answers else WRONG)
    _print(solutions, arguments)
    return code if solutions or not refused else max(code, could_not(refused[0]))


def _once(found: Any) -> list[Any]:
    """Each document once, whatever variants it has."""
    return list({id(document): (document, variant) for document, variant in found}.values())


def _print(solutions: list[Solution], arguments: argparse.Namespace) -> None:
    if arguments.format == "json":
        entries = [entry(solution, arguments.limit) for solution in solutions]
        if entries:
            print(json.dumps(entries if len(entries) > 1 else entries[0], ensure_ascii=False))
    else:
        sys.stdout.write("\n".join(as_text(solution, arguments.limit) for solution in solutions))


def _asked(arguments: argparse.Namespace) -> Asked:
    settings = dict(_pair(text, "--set", "width=?") for text in arguments.set or ())
    return Asked(
        input={name: _shape(text) for name, text in inputs_of(arguments.input or ()).items()} or None,
        settings={name: setting_value(text) for name, text in settings.items()},
        expect=_expectations(arguments.expect or ()),
        ranges=dict(_range(text) for text in arguments.range or ()),
        exact=arguments.exact,
    )


def _shape(text: str) -> str:
    parts = TIMES.split(text.strip())
    if not all(UNKNOWN.fullmatch(part) or re.fullmatch("[1-9][0-9]{0,8}", part) for part in parts) or len(parts) > 4:
        raise Unreadable(f"--input {text!r} is not a shape", "H×W×C, as in ?x?x3")
    return text.strip()


def _pair(text: str, option: str, example: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise Unreadable(f"{option} {text!r} has no name and value", f"as in {option} {example}")
    return name.strip(), value.strip()


def _expectations(texts: Any) -> Expect | None:
    """What the options expect. Unreadable where it is no quantity, or no number."""
    given = {name: value_of(value) for name, value in (_pair(text, "--expect", "params=1216") for text in texts)}
    try:
        return Expect.model_validate(given) if given else None
    except ValidationError as error:
        problem = translated(error, Expect, (), "--expect")[0]
        raise Unreadable(f"--expect: {problem.message}", problem.help) from None


def _range(text: str) -> tuple[str, tuple[int, ...]]:
    """The values in ``width=16..512``, or ``width=16,32,64``."""
    name, value = _pair(text, "--range", "width=16..512")
    ends = re.fullmatch(r"([0-9]{1,10})\s*\.\.\s*([0-9]{1,10})", value)
    listed = re.fullmatch(r"[0-9]{1,10}(\s*,\s*[0-9]{1,10})*", value)
    if ends is None and listed is None:
        raise Unreadable(f"--range {text!r} names no whole numbers", "as in --range width=16..512, or width=16,32,64")
    values: Any = range(int(ends[1]), int(ends[2]) + 1) if ends else [*map(int, value.split(","))]
    if not values or max(values) > MAX_SIZE or len(values) > LARGEST_RANGE:
        wrong = "is empty" if not values else f"has a number beyond {MAX_SIZE:,}, or more than {LARGEST_RANGE:,} values"
        raise Unreadable(f"--range {text!r} {wrong}")
    return name, tuple(sorted(set(values)))
