"""Checks specs: what is wrong with each, which of its expectations hold, and what the rules make of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from shapecalc.checking.budgets import Budget, overruns
from shapecalc.checking.claims import idle, network_of
from shapecalc.checking.ignores import complaints
from shapecalc.checking.outcome import FileReport, SpecReport, Unread
from shapecalc.checking.rules import Rules
from shapecalc.checking.texts import Texts
from shapecalc.files import Unreadable, split_variant
from shapecalc.problems import Diagnostic, Problem
from shapecalc.result import Trace
from shapecalc.session import Opened, Wanted, opened
from shapecalc.source import MAX_PROBLEMS
from shapecalc.spec import MAX_LAYERS

__all__ = ["Order", "checked"]

MOST_EXPLAINED = 100_000
"""Work on the wrong numbers of one file: for each 2,000 and the square of the network's layers, a third of a second."""


class Order(NamedTuple):
    """How a file is to be checked.

    Attributes:
        rules: which diagnostics count.
        max_layers: of one spec.
        budgets: that its specs must keep to.
    """

    rules: Rules = Rules()
    max_layers: int = MAX_LAYERS
    budgets: tuple[Budget, ...] = ()


def checked(name: str, order: Order) -> FileReport:
    """Every spec under that name, in all of its variants unless the name chooses one."""
    specs: list[SpecReport] = []
    texts, explainer = Texts(), _Explainer()
    try:
        for each in opened(name, Wanted(max_layers=order.max_layers), all_variants=True):
            texts.add(each.source)
            specs.append(_report(each, order, texts, explainer))
    except Unreadable as error:
        return FileReport(name, (), Unread(str(error), error.help))
    except MemoryError:
        return FileReport(name, (), Unread(f"there is not enough memory for {name!r}", None))
    are_all_known = all(spec.is_traced for spec in specs) and split_variant(name)[1] is None
    for problem in islice(complaints(texts.own, are_all_known=are_all_known), MAX_PROBLEMS):
        _add(specs, texts.diagnostic(problem), order.rules)
    return FileReport(name, tuple(specs))


class _Explainer:
    """Explains numbers that do not hold, as long as the file leaves time for it."""

    def __init__(self) -> None:
        self._left = MOST_EXPLAINED

    def explained(self, spec: Opened, trace: Trace) -> tuple[Diagnostic, ...]:
        """The diagnostics of a network that fits; a number that does not hold with the slip that gives it."""
        failed = sum(each.severity == "error" for each in trace.diagnostics)
        self._left -= failed * (2_000 + len(trace.layers) ** 2)  # slips of each layer, each walked through all
        return trace.diagnostics if self._left < 0 else spec.advised


def _report(spec: Opened, order: Order, texts: Texts, explainer: _Explainer) -> SpecReport:
    found = [each for each in _diagnostics(spec, order.budgets, explainer) if not texts.silences(each)]
    counting = tuple(order.rules.weighed(each) for each in found if order.rules.counts(each))
    network = network_of(spec.source, spec.document, spec.variant)
    if spec.trace is None:
        return SpecReport(network, is_traced=False, diagnostics=counting)
    return SpecReport(network, is_traced=True, diagnostics=counting, idle=idle(network, spec.trace))


def _diagnostics(spec: Opened, budgets: tuple[Budget, ...], explainer: _Explainer) -> Iterator[Diagnostic]:
    """The spec's own, its layers' notes, and the budgets that it breaks."""
    if spec.trace is None:
        yield from spec.diagnostics
        return
    yield from explainer.explained(spec, spec.trace)
    for problem in overruns(spec.trace, budgets):
        yield spec.source.diagnostic(problem, spec.document)
    for step in spec.trace.layers:
        for note in step.notes:
            problem = Problem("note", f"`{step.name}`: {note}", step.item.path, severity="note")
            yield step.item.home.diagnostic(problem)


def _add(specs: list[SpecReport], diagnostic: Diagnostic, rules: Rules) -> None:
    """Adds it to the spec that it stands in or behind, in all of its variants."""
    if specs and rules.counts(diagnostic):
        begins = [spec.network.line for spec in specs]
        begin = max((line for line in begins if line <= diagnostic.line), default=begins[0])
        for at, spec in enumerate(specs):
            if spec.network.line == begin:
                specs[at] = spec._replace(diagnostics=(*spec.diagnostics, rules.weighed(diagnostic)))
