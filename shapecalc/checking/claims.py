"""The numbers that a spec expects of itself, found in its text alone, so that each can be a test of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any

from shapecalc.checking.outcome import Claim, Network
from shapecalc.items import PARALLEL
from shapecalc.problems import Path
from shapecalc.result import Trace
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
    own = variant if variant in _variants(document.data) else None
    return Network(_name(source, document, variant), document.line, _claims(document, variant), own)


def idle(network: Network, trace: Trace) -> frozenset[Claim]:
    """The claims about items of which the trace has nothing: dropped by `when`, or in a block that nobody calls."""
    of_items = [claim for claim in network.claims if claim.path[0] in _ITEM]
    if not of_items:
        return frozenset()
    document = trace.spec.home.document
    walked = {span.item.path for span in trace.spans if span.item.home.document is document}
    return frozenset(claim for claim in of_items if claim.path[:-2] not in walked)


def numbered(names: Iterable[str]) -> Iterator[str]:
    """The names; what is there already with a number behind it.

    >>> list(numbered(["net", "net", "other"]))
    ['net', 'net (2)', 'other']
    """
    taken: set[str] = set()
    counts: Counter[str] = Counter()
    for name in names:
        unique = name
        while unique in taken:
            counts[name] = max(counts[name], 1) + 1
            unique = f"{name} ({counts[name]})"
        taken.add(unique)
        yield unique


def _name(source: Source, document: Document, variant: str | None) -> str:
    """The network's name, or the file's without its folder and suffix; the variant behind it."""
    data = document.data
    written = data.get("name") if isinstance(data, dict) else None
    name = written if isinstance(written, str) and written else PurePath(source.name).name.split(".")[0] or source.name
    return f"{name} {variant}" if variant else name


def _variants(data: object) -> dict[str, Any]:
    written = data.get("variants") if isinstance(data, dict) else None
    return written if isinstance(written, dict) else {}


def _claims(document: Document, variant: str | None) -> tuple[Claim, ...]:
    """The expected numbers of a network and of its layers, in their order in the text."""
    placed = [(document.locate(path).line, path) for path in _all(document.data, variant)]
    placed.sort(key=lambda pair: pair[0])
    labels = [_label(document, path) for _, path in placed]
    if len(set(labels)) < len(labels):  # several on one line
        counts = Counter(labels)
        labels = [_label(document, path, is_exact=counts[labels[n]] > 1) for n, (_, path) in enumerate(placed)]
    unique = zip(numbered(labels), placed, strict=True)
    return tuple(Claim(label, path, line) for label, (line, path) in unique)


def _label(document: Document, path: Path, *, is_exact: bool = False) -> str:
    """The number by its block, branch, layer and quantity, as in ``bottleneck.conv1.params``."""
    if path[0] not in _ITEM:
        return str(path[-1])
    end = _ITEM[path[0]]
    inside = f"{path[1]}." if path[0] == "blocks" else ""
    while path[end] == PARALLEL:
        key = path[end + 1]
        is_own_name = isinstance(key, str) and _given_name(document, path[:end]) is None  # as in the trace
        inside += f"{key}." if is_own_name else f"{_called(document, path[:end])}.{key}."
        end += 3
    return f"{inside}{_called(document, path[:end], is_exact=is_exact)}.{path[-1]}"


_ITEM = {"layers": 2, "blocks": 4}
"""How many steps lead to an item, by the first of them."""


def _called(document: Document, path: Path, *, is_exact: bool = False) -> str:
    """The item's name; its type and line where it has none, as in ``conv@6``; is_exact: and its column."""
    name = _given_name(document, path)
    if name is not None:
        return name
    word = next((key for key in _at(document, path) if key not in _BESIDE), "item")
    place = document.locate(path)
    return f"{word}@{place.line}:{place.column}" if is_exact else f"{word}@{place.line}"


def _given_name(document: Document, path: Path) -> str | None:
    name = _at(document, path).get("name")
    return name if isinstance(name, str) and name else None


def _at(document: Document, path: Path) -> dict[str, Any]:
    node: Any = document.data
    for step in path:
        node = node[step]
    return node  # type: ignore[no-any-return]  # an item with `expect`, or branches, is a mapping


def _all(data: object, variant: str | None) -> Iterator[Path]:
    if not isinstance(data, dict):
        return
    yield from _of_items(data.get("layers"), ("layers",))
    blocks = data.get("blocks")
    for name, block in blocks.items() if isinstance(blocks, dict) else ():
        if isinstance(block, dict):
            yield from _of_items(block.get("layers"), ("blocks", name, "layers"))
    own = _variants(data).get(variant) if variant else None
    if isinstance(own, dict) and "expect" in own:
        yield from _numbers(own["expect"], ("variants", variant or "", "expect"))
    else:
        yield from _numbers(data.get("expect"), ("expect",))


def _of_items(items: object, path: Path) -> Iterator[Path]:
    for number, item in enumerate(items) if isinstance(items, list) else ():
        if not isinstance(item, dict):
            continue
        here = (*path, number)
        for key, branch in _branches(item.get(PARALLEL)):
            yield from _of_items(branch, (*here, PARALLEL, key))
        if "expect" in item:
            yield from _numbers(item["expect"], (*here, "expect"))


def _branches(written: object) -> Iterable[tuple[str | int, object]]:
    if isinstance(written, dict):
        return written.items()
    return enumerate(written) if isinstance(written, list) else ()


def _numbers(expect: object, path: Path) -> Iterator[Path]:
    for quantity in expect if isinstance(expect, dict) else ():
        yield (*path, quantity)
