"""Specs as the commands name them, each traced or refused, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from shapecalc import files
from shapecalc.notation import Shape
from shapecalc.problems import Diagnostic, SpecError
from shapecalc.reading import Choice, read_spec
from shapecalc.result import Trace
from shapecalc.source import Document, Source
from shapecalc.spec import MAX_LAYERS
from shapecalc.walk import trace


class Wanted(NamedTuple):
    """What the command line says about every spec.

    Attributes:
        input: another shape of the first input.
        max_layers: of one spec.
        settings: values of variables.
        rf_input: the input that receptive fields are about.
    """

    input: Shape | None = None
    max_layers: int = MAX_LAYERS
    settings: Mapping[str, Any] = {}
    rf_input: str | None = None


class Opened(NamedTuple):
    """One spec, traced, or refused with the reasons."""

    file: str
    trace: Trace | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def failed(self) -> bool:
        """Whether something in the spec is wrong, or an expectation does not hold."""
        return any(diagnostic.severity == "error" for diagnostic in self.diagnostics)


def opened(name: str, wanted: Wanted, *, all_variants: bool = False) -> Iterator[Opened]:
    """Every spec under that name, which may choose a variant. `files.Unreadable` where there is no such text.

    With `all_variants`, a spec that has variants stands for all of them, unless the name chooses one.
    """
    base, variant = files.split_variant(name)
    source = files.read(base)
    for document in source.documents:
        if all_variants and _is_for_others(document):
            continue
        chosen = [variant] if variant or not all_variants else _variants(document) or [None]
        for each in chosen:
            yield _opened(source, document, wanted, each)


def _is_for_others(document: Document) -> bool:
    """Whether it holds only blocks, for specs that include it."""
    return isinstance(document.data, dict) and set(document.data) == {"blocks"}


def _variants(document: Document) -> list[str | None]:
    data = document.data
    written = data.get("variants") if isinstance(data, dict) else None
    return list(written) if isinstance(written, dict) else []


def _opened(source: Source, document: Document, wanted: Wanted, variant: str | None) -> Opened:
    try:
        spec = read_spec(source, document, Choice(variant, wanted.settings))
        if wanted.input is not None:
            spec = spec.with_input(wanted.input)
        if wanted.settings:
            spec = replace(spec, is_expecting=False)
        traced = trace(spec, max_layers=wanted.max_layers, rf_input=wanted.rf_input)
    except SpecError as error:
        return Opened(source.name, None, error.diagnostics)
    return Opened(source.name, traced, traced.diagnostics)
