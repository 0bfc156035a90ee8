"""A text together with those that it includes, to be read where its files are not: from git, in another process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from shapecalc.files import Unreadable, read_included
from shapecalc.problems import Diagnostic, SpecError
from shapecalc.source import Source, parse


class Bundle(NamedTuple):
    """A spec's text and what it includes.

    Attributes:
        name: what diagnostics call the text.
        text: the YAML, as text or as bytes of a file.
        folder: what diagnostics call its folder; None where it has none, as standard input.
        included: texts by the names that the spec has for them.
    """

    name: str
    text: str | bytes
    folder: str | None = None
    included: tuple[tuple[str, str | bytes], ...] = ()


def bundled(source: Source) -> Bundle:
    """The text and all that it includes; what cannot be read is left out, and reported when the spec is."""
    found = []
    for name in included_names(source):
        try:
            found.append((name, read_included(name, source).text))
        except Unreadable:
            continue
    return Bundle(source.name, source.text, source.folder, tuple(found))


def included_names(source: Source) -> list[str]:
    """The files that the text's documents include, each once."""
    names: dict[str, None] = {}
    for document in source.documents:
        written = document.data.get("include") if isinstance(document.data, dict) else None
        names |= dict.fromkeys(name for name in written or () if isinstance(name, str)) if _listed(written) else {}
    return list(names)


def _listed(written: object) -> bool:
    return isinstance(written, list)


@contextmanager
def unpacked(bundle: Bundle) -> Iterator[Source]:
    """The bundle as a source whose included files can be read. SpecError inside speaks of the bundle's own names."""
    if bundle.folder is None or not included_names(parse(bundle.text, bundle.name)):
        yield parse(bundle.text, bundle.name, None if bundle.folder is None else "")
        return
    with TemporaryDirectory() as folder:
        for name, text in bundle.included:
            _write(Path(folder), name, text)
        try:
            yield parse(bundle.text, bundle.name, folder)
        except SpecError as error:
            named = tuple(_named(each, folder, bundle.folder) for each in error.diagnostics)
            raise SpecError(named) from None


def _write(folder: Path, name: str, text: str | bytes) -> None:
    """Writes an included text, if its name stays within the folder; reading it is refused where it does not."""
    path = (folder / name).resolve()
    if path.is_relative_to(folder.resolve()):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)


def _named(diagnostic: Diagnostic, unpacked_in: str, folder: str) -> Diagnostic:
    """The diagnostic with the files' own names instead of where they were unpacked."""

    def own(file: str) -> str:
        if not file.startswith(unpacked_in):
            return file
        name = Path(file).relative_to(unpacked_in).as_posix()
        return name if folder in ("", ".") else f"{folder.rstrip('/')}/{name}"

    inside = diagnostic.inside
    if inside is not None:
        inside = inside._replace(calls=tuple(call._replace(file=own(call.file)) for call in inside.calls))
    return diagnostic._replace(file=own(diagnostic.file), inside=inside)
