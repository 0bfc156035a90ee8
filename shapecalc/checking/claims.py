"""The numbers that a spec expects of itself, found in its text alone, so that each can be a test of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any

from shapecalc.checking.outcome import Claim, Network
from shapecalc.items import PARALLEL
from shapecalc.problems import Path
from shapecalc.session import networks
from shapecalc.source import Document, Source
from shapecalc.spec import ItemKeys

_BESIDE = {info.alias or name for name, info in ItemKeys.model_fields.items()}


def networks_of(source: Source) -> Iterator[Network]:
    """The specs of a text, as they stand there; whether they fit is not asked."""
    for document, variant in networks(source):
        yield network_of(source, document, variant)


def network_of(source: Source, document: Document, variant: str | None) -> Network:
    """The spec in one document, in one variant."""
    return Network(_name(source, document, variant), document.line, _claims(document, variant))


def _name(source: Source, document: Document, variant: str | None) -> str:
    """The network's name, or the file's without its folder and suffix; the variant behind it."""
    data = document.data
    written = data.get("name") if isinstance(data, dict) else None
    name = written if isinstance(written, str) and written else PurePath(source.name).name.split(".")[0] or source.name
    return f"{name} {variant}" if variant else name


def _claims(document: Document, variant: str | None) -> tuple[Claim, ...]:
    """The expected numbers of a network and of its layers, in their order in the text."""
    found = [_placed(label, path, document) for label, path in _all(document.data, variant)]
    return tuple(sorted(found, key=lambda claim: claim.line))


def _placed(label: str, path: Path, document: Document) -> Claim:
    """The claim with its line; a layer without a name goes by its type and line, as in ``conv@6.params``."""
    line = document.locate(path).line
    return Claim(label.replace("{line}", str(document.locate(path[:-2]).line)), path, line)


def _all(data: object, variant: str | None) -> Iterator[tuple[str, Path]]:
    if not isinstance(data, dict):
        return
    yield from _of_items(data.get("layers"), ("layers",))
    blocks = data.get("blocks")
    for name, block in blocks.items() if isinstance(blocks, dict) else ():
        if isinstance(block, dict):
            yield from _of_items(block.get("layers"), ("blocks", name, "layers"))
    yield from _of_network(data, variant)


def _of_network(data: dict[str, Any], variant: str | None) -> Iterator[tuple[str, Path]]:
    variants = data.get("variants")
    own = variants.get(variant) if isinstance(variants, dict) and variant else None
    if isinstance(own, dict) and "expect" in own:
        yield from _numbers(own["expect"], "", ("variants", variant or "", "expect"))
    else:
        yield from _numbers(data.get("expect"), "", ("expect",))


def _of_items(items: object, path: Path) -> Iterator[tuple[str, Path]]:
    for number, item in enumerate(items) if isinstance(items, list) else ():
        if not isinstance(item, dict):
            continue
        here = (*path, number)
        for key, branch in _branches(item.get(PARALLEL)):
            yield from _of_items(branch, (*here, PARALLEL, key))
        if "expect" in item:
            word = next((key for key in item if key not in _BESIDE), "item")
            name = item.get("name")
            label = name if isinstance(name, str) else f"{word}@{{line}}"
            yield from _numbers(item["expect"], f"{label}.", (*here, "expect"))


def _branches(written: object) -> Iterable[tuple[str | int, object]]:
    if isinstance(written, dict):
        return written.items()
    return enumerate(written) if isinstance(written, list) else ()


def _numbers(expect: object, prefix: str, path: Path) -> Iterator[tuple[str, Path]]:
    for quantity in expect if isinstance(expect, dict) else ():
        yield f"{prefix}{quantity}", (*path, quantity)
