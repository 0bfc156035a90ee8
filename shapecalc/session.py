"""Specs as the commands name them, each traced or refused, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from shapecalc import files
from shapecalc.notation import Shape
from shapecalc.problems import Diagnostic, SpecError
from shapecalc.reading import read_spec
from shapecalc.result import Trace
from shapecalc.source import Document, Source
from shapecalc.spec import MAX_LAYERS
from shapecalc.walk import trace


class Wanted(NamedTuple):
    """What the command line says about every spec."""

    input: Shape | None = None
    max_layers: int = MAX_LAYERS


class Opened(NamedTuple):
    """One spec, traced, or refused with the reasons."""

    file: str
    trace: Trace | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def failed(self) -> bool:
        """Whether something in the spec is wrong, or an expectation does not hold."""
        return any(diagnostic.severity == "error" for diagnostic in self.diagnostics)


def opened(name: str, wanted: Wanted) -> Iterator[Opened]:
    """Every spec under that name. `files.Unreadable` where there is no such text."""
    source = files.read(name)
    for document in source.documents:
        yield _opened(source, document, wanted)


def all_opened(names: Iterable[str], wanted: Wanted) -> Iterator[Opened]:
    """Every spec under those names, in order."""
    for name in names:
        yield from opened(name, wanted)


def _opened(source: Source, document: Document, wanted: Wanted) -> Opened:
    try:
        spec = read_spec(source, document)
        if wanted.input is not None:
            spec = spec.with_input(wanted.input)
        traced = trace(spec, max_layers=wanted.max_layers)
    except SpecError as error:
        return Opened(source.name, None, error.diagnostics)
    return Opened(source.name, traced, traced.diagnostics)
