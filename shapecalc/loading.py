"""Specs by name or from text, for use from Python."""

from __future__ import annotations

from os import PathLike, fspath
from typing import Any

from shapecalc import files
from shapecalc.reading import Choice, read_spec
from shapecalc.source import Source, parse
from shapecalc.spec import Spec


def load(path_or_text: str | PathLike[str], variant: str | None = None, **settings: Any) -> Spec:
    """The one spec in a file, in a shipped spec (``vgg16``) or in a YAML text.

    A string with a line break or a brace is a text, any other the name of a file or a shipped spec,
    with the variant behind a colon (``resnet:resnet50``) unless `variant` names it. Keywords are
    values of the spec's variables. SpecError where the spec is wrong; OSError where there is no such
    file; ValueError where the text holds several specs (`load_all` reads those).
    """
    source, named = source_of(path_or_text)
    if len(source.documents) != 1:
        raise ValueError(f"{source.name} holds {len(source.documents)} specs: load_all reads them all")
    spec = read_spec(source, source.documents[0], Choice(variant or named, settings))
    return spec._replace(is_expecting=not settings)


def load_all(path_or_text: str | PathLike[str]) -> list[Spec]:
    """All specs in a file or text, as in an exercise sheet whose documents are separated by ``---``.

    SpecError at the first that is wrong; OSError where there is no such file.
    """
    source, variant = source_of(path_or_text)
    return [read_spec(source, document, Choice(variant)) for document in source.documents]


def source_of(path_or_text: str | PathLike[str]) -> tuple[Source, str | None]:
    """The text behind a name, or the text itself, and the variant that the name chooses."""
    text = fspath(path_or_text)
    if isinstance(path_or_text, str) and ("\n" in text or "{" in text):
        return parse(text, "<text>"), None
    name, variant = files.split_variant(text)
    return files.read(name), variant
