"""`shapecalc diff`: two networks side by side."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from shapecalc.cli import GOOD, WRONG
from shapecalc.commands import has_colour, report, wanted
from shapecalc.comparison import Comparison, compare
from shapecalc.comparison.bounds import BOUNDED, Verdict, bound, verdicts
from shapecalc.comparison.side import side
from shapecalc.files import STDIN, Unreadable


def run(arguments: argparse.Namespace) -> int:
    """Prints what is different; 1 where a spec is refused, a bound is broken, or with --exit-code anything differs."""
    options = wanted(arguments)
    written = {name: getattr(arguments, f"max_{name}") for name in BOUNDED}
    bounds = {name: bound(name, text) for name, text in written.items() if text is not None}
    if arguments.before == arguments.after == STDIN:
        raise Unreadable("standard input is one spec, and two are compared")
    sides = [side(name, options) for name in (arguments.before, arguments.after)]
    before, after = (each.trace for each in sides)
    if before is None or after is None:
        report(diagnostic for each in sides for diagnostic in each.diagnostics)
        return WRONG
    comparison = compare(before, after)
    found = list(verdicts(comparison, bounds))
    sys.stdout.write(_text(comparison, found, arguments))
    broken = [each.message for each in found if not each.holds]
    for message in broken:
        print(f"shapecalc: {message}", file=sys.stderr)
    return WRONG if broken or (arguments.exit_code and comparison.differs) else GOOD


def _text(comparison: Comparison, found: Sequence[Verdict], arguments: argparse.Namespace) -> str:
    """The comparison in the format that is asked for; each is loaded when it is."""
    if arguments.format == "json":
        from shapecalc.render.diff_data import as_json  # noqa: PLC0415

        return as_json(comparison, (arguments.before, arguments.after), found)
    if arguments.format == "markdown":
        from shapecalc.render.diff_markdown import as_markdown  # noqa: PLC0415

        return as_markdown(comparison, found, is_all=arguments.all)
    from shapecalc.render.diff_text import as_text  # noqa: PLC0415

    return as_text(comparison, colour=has_colour(sys.stdout), is_all=arguments.all)
