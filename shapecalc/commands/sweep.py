"""`shapecalc sweep`: the totals of a network for every combination of settings and inputs."""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Iterable, Sequence
from time import perf_counter

from shapecalc import files
from shapecalc.bundle import bundled
from shapecalc.cli import GOOD, WRONG
from shapecalc.commands import inputs_of, report
from shapecalc.files import Unreadable
from shapecalc.notation import counted
from shapecalc.problems import SpecError
from shapecalc.session import networks
from shapecalc.spec import MAX_LAYERS
from shapecalc.sweeping.columns import COLUMNS, USUAL, Memory, sheet, without_effect
from shapecalc.sweeping.local import run_here
from shapecalc.sweeping.row import Row
from shapecalc.sweeping.selection import condition, front, in_order, keys
from shapecalc.sweeping.space import Space, prepared
from shapecalc.sweeping.values import bounded, pieces, settings_of, shapes_of
from shapecalc.sweeping.work import Plan
from shapecalc.translate import did_you_mean

BAR_AFTER = 1.0
"""Seconds after which a terminal shows how far the sweep is."""


def run(arguments: argparse.Namespace) -> int:
    """Prints a row for each combination; 1 where the spec is wrong, or every combination is refused."""
    space = _space(arguments)
    conditions = [condition(text, space.settings) for text in arguments.where or ()]
    pareto = keys(arguments.pareto, "--pareto", space.settings) if arguments.pareto else []
    order = keys(arguments.sort, "--sort", space.settings) if arguments.sort else []
    columns = _columns(arguments.columns)
    try:
        prepared(space)
    except SpecError as error:
        report(error.diagnostics)
        return WRONG
    gc.enable()  # what is taken apart after each combination is to be given back
    rows = _watched(run_here(space, arguments.jobs), len(space))
    shown = in_order([row for row in rows if all(each.holds(row) for each in conditions)], order)
    marked = front(shown, pareto) if pareto else None
    memory = Memory(arguments.batch, arguments.dtype)
    _print(arguments, shown, columns, marked, memory)
    _notes(rows, shown, is_text=arguments.format == "table")
    return WRONG if all(row.refusal for row in rows) else GOOD


# ---- what is swept ----


def _space(arguments: argparse.Namespace) -> Space:
    base, variant = files.split_variant(arguments.spec)
    source = files.read(base)
    found = list(networks(source, variant))
    numbers = [n for n, each in enumerate(source.documents) if any(each is document for document, _ in found)]
    if len(numbers) > 1:
        raise Unreadable(f"{base} holds {len(numbers)} specs, and one is swept")
    plan = Plan(bundled(source), numbers[0] if numbers else 0, arguments.max_layers or MAX_LAYERS, arguments.rf_input)
    variants = _variants(arguments.variants, variant, [each for _, each in found if each is not None])
    space = Space(plan, variants, settings_of(arguments.set or ()), shapes_of(inputs_of(arguments.input or ())))
    bounded(len(space))
    return space


def _variants(written: str | None, chosen: str | None, known: list[str]) -> list[str | None]:
    if written is None:
        return [chosen]
    if chosen is not None:
        raise Unreadable(f"the spec's name chooses the variant {chosen!r}, and so does --variants", "leave one out")
    if written != "all":
        return [name.strip() for name in written.split(",")]
    if not known:
        raise Unreadable("--variants all: the spec has no variants")
    return [*known]


def _columns(written: str | None) -> tuple[str, ...]:
    if written is None:
        return USUAL
    asked = tuple(word.strip() for word in pieces(written.lstrip("+")))
    for word in asked:
        if word not in COLUMNS:
            advice = did_you_mean(word, list(COLUMNS)) or f"columns: {' '.join(COLUMNS)}"
            raise Unreadable(f"there is no column {word!r}", advice)
    return (*USUAL, *(word for word in asked if word not in USUAL)) if written.startswith("+") else asked


# ---- what is said ----


def _print(
    arguments: argparse.Namespace, rows: Sequence[Row], columns: Sequence[str], marked: set[int] | None, memory: Memory
) -> None:
    from shapecalc.render import sweep as render  # noqa: PLC0415 (tabulate only where something is drawn)

    if arguments.format == "json":
        pareto = arguments.pareto.split(",") if arguments.pareto else []
        sys.stdout.write(render.as_json(arguments.spec, rows, pareto, marked))
    else:
        drawn = {"table": render.as_table, "csv": render.as_csv, "markdown": render.as_markdown}
        sys.stdout.write(drawn[arguments.format](sheet(rows, columns, marked, memory)))


def _notes(rows: Sequence[Row], shown: Sequence[Row], *, is_text: bool) -> None:
    """What is not in the table: how many rows there were, and variables that change nothing."""
    refused = sum(row.refusal is not None for row in rows)
    advice = {row.refusal.help if row.refusal else None for row in rows}
    if len(advice) == 1 and None not in advice:
        print(f"shapecalc: every combination is refused\n  help: {advice.pop()}", file=sys.stderr)
    if is_text:
        parts = [counted(len(rows), "combination")]
        parts += [f"{refused:,} refused"] if refused else []
        parts += [f"{len(shown):,} shown"] if len(shown) < len(rows) else []
        print(f"\n{', '.join(parts)}")
    for name in without_effect(rows):
        print(f"shapecalc: `{name}` changes nothing: all its values give the same numbers", file=sys.stderr)


def _watched(rows: Iterable[Row], total: int) -> list[Row]:
    """The rows; a bar on standard error shows how many are there, where that is a terminal and it takes a while."""
    if not sys.stderr.isatty():
        return list(rows)
    found: list[Row] = []
    begun = perf_counter()
    iterator = iter(rows)
    for row in iterator:
        found.append(row)
        if perf_counter() - begun > BAR_AFTER:
            break
    return found + _with_bar(iterator, len(found), total) if len(found) < total else found


def _with_bar(rows: Iterable[Row], done: int, total: int) -> list[Row]:
    from rich.console import Console  # noqa: PLC0415 (70 ms, and only where a terminal shows it)
    from rich.progress import Progress  # noqa: PLC0415

    found, shown = [], perf_counter()
    # it refreshes itself in a thread otherwise, and a process with threads should not be forked
    with Progress(console=Console(stderr=True), transient=True, auto_refresh=False) as progress:
        task = progress.add_task("sweeping", total=total, completed=done)
        for row in rows:
            found.append(row)
            if perf_counter() - shown > 0.1:
                shown = perf_counter()
                progress.update(task, completed=done + len(found), refresh=True)
    return found
