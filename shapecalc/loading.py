"""Specs by name or from text, for use from Python."""

from __future__ import annotations

from os import PathLike, fspath

from shapecalc import files
from shapecalc.reading import read_spec
from shapecalc.source import Source, parse
from shapecalc.spec import Spec


def load(path_or_text: str | PathLike[str]) -> Spec:
    """The one spec in a file, in a shipped spec (``vgg16``) or in a YAML text.

    A string with a line break or a brace is a text, any other the name of a file or a shipped spec.
    SpecError where the spec is wrong; OSError where there is no such file; ValueError where the text
    holds several specs (`load_all` reads those).
    """
    source = _source(path_or_text)
    if len(source.documents) != 1:
        raise ValueError(f"{source.name} holds {len(source.documents)} specs: load_all reads them all")
    return read_spec(source, source.documents[0])


def load_all(path_or_text: str | PathLike[str]) -> list[Spec]:
    """All specs in a file or text, as in an exercise sheet whose documents are separated by ``---``.

    SpecError at the first that is wrong; OSError where there is no such file.
    """
    source = _source(path_or_text)
    return [read_spec(source, document) for document in source.documents]


def _source(path_or_text: str | PathLike[str]) -> Source:
    text = fspath(path_or_text)
    if isinstance(path_or_text, str) and ("\n" in text or "{" in text):
        return parse(text, "<text>")
    return files.read(text)
