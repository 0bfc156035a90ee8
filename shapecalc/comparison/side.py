"""One side of a comparison: a spec by name, as it stands or at a revision in git, traced or refused."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from shapecalc import files
from shapecalc.bundle import unpacked
from shapecalc.comparison.revision import PREFIX, at_revision
from shapecalc.files import Unreadable
from shapecalc.problems import Diagnostic, SpecError
from shapecalc.reading import Choice, read_spec
from shapecalc.result import Trace
from shapecalc.session import Wanted, networks
from shapecalc.source import Source
from shapecalc.walk import trace


class Side(NamedTuple):
    """A network, or why it was refused."""

    name: str
    trace: Trace | None
    diagnostics: tuple[Diagnostic, ...]


def side(name: str, wanted: Wanted) -> Side:
    """The network under that name. `Unreadable` where there is no such text, or more than one network in it."""
    try:
        if name.startswith(PREFIX) and not Path(name).exists():
            bundle, variant = at_revision(name)
            with unpacked(bundle) as source:
                return Side(name, _traced(source, variant, wanted), ())
        base, variant = files.split_variant(name)
        return Side(name, _traced(files.read(base), variant, wanted), ())
    except SpecError as error:
        return Side(name, None, error.diagnostics)


def _traced(source: Source, variant: str | None, wanted: Wanted) -> Trace:
    """The one network of a text; what it expects of itself is for `check`."""
    documents = list(dict.fromkeys(id(document) for document, _ in networks(source, variant)))
    if len(documents) > 1:
        raise Unreadable(f"{source.name} holds {len(documents)} specs, and one is compared with one")
    document = next((each for each in source.documents if [id(each)] == documents), source.documents[0])
    spec = read_spec(source, document, Choice(variant, wanted.settings))
    if wanted.input is not None:
        spec = spec.with_input(wanted.input)
    return trace(spec._replace(is_expecting=False), max_layers=wanted.max_layers, rf_input=wanted.rf_input)
