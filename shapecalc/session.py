"""Specs as the commands name them, each traced or refused, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from shapecalc import files
from shapecalc.notation import Shape
from shapecalc.problems import Diagnostic, SpecError
from shapecalc.reading import Choice, read_spec
from shapecalc.result import Trace
from shapecalc.source import Document, Source, parse
from shapecalc.source.scalars import value_of
from shapecalc.spec import MAX_LAYERS
from shapecalc.walk import trace


class Wanted(NamedTuple):
    """What the command line says about every spec.

    Attributes:
        input: other shapes of inputs by name, `inputs.FIRST` for the first one.
        max_layers: of one spec.
        settings: values of variables.
        rf_input: the input that receptive fields are about.
    """

    input: Mapping[str, Shape] | None = None
    max_layers: int = MAX_LAYERS
    settings: Mapping[str, Any] = {}
    rf_input: str | None = None


def setting_value(text: str) -> Any:
    """The value of a variable as an option writes it: a plain scalar; in brackets or quotes, what YAML reads there.

    `Unreadable` where that is no list and no text.

    >>> setting_value("16"), setting_value("[1, 2]"), setting_value('"16"')
    (16, [1, 2], '16')
    """
    if text[:1] not in ("[", '"', "'"):
        return value_of(text)
    document = parse(text, "the command line").documents[0]
    if document.problems or not isinstance(document.data, list | str):
        raise files.Unreadable(f"{text!r} is no value", "as in 16, word, [1, 2] or 'two words'")
    return document.data


class Opened(NamedTuple):
    """One spec, traced, or refused with the reasons; the text, the document and the variant that it is."""

    file: str
    trace: Trace | None
    diagnostics: tuple[Diagnostic, ...]
    source: Source
    document: Document
    variant: str | None

    @property
    def failed(self) -> bool:
        """Whether something in the spec is wrong, or an expectation does not hold."""
        return any(diagnostic.severity == "error" for diagnostic in self.diagnostics)

    @property
    def advised(self) -> tuple[Diagnostic, ...]:
        """The diagnostics; those of expectations that fail with the likely slip and the right working."""
        if self.trace is None or not self.failed:
            return self.diagnostics
        from shapecalc.misconceptions import advised  # noqa: PLC0415 (only where something failed)

        return advised(self.trace)


def opened(name: str, wanted: Wanted, *, all_variants: bool = False) -> Iterator[Opened]:
    """Every spec under that name, which may choose a variant. `files.Unreadable` where there is no such text.

    With `all_variants`, a spec that has variants stands for all of them, unless the name chooses one.
    """
    base, variant = files.split_variant(name)
    source = files.read(base)
    chosen = networks(source, variant) if all_variants else ((document, variant) for document in source.documents)
    for document, each in chosen:
        yield _opened(source, document, wanted, each)


def networks(source: Source, variant: str | None = None) -> Iterator[tuple[Document, str | None]]:
    """Every document of a text that is a network, in the variant that is named, else in all that it has."""
    for document in source.documents:
        if not _is_for_others(document):
            for each in [variant] if variant else _variants(document) or [None]:
                yield document, each


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
            spec = spec._replace(is_expecting=False)
        traced = trace(spec, max_layers=wanted.max_layers, rf_input=wanted.rf_input)
    except SpecError as error:
        return Opened(source.name, None, error.diagnostics, source, document, variant)
    return Opened(source.name, traced, traced.diagnostics, source, document, variant)
