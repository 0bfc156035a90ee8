"""What followed from the edits, for a reader: affected layers by what they are affected by, and by block."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, takewhile
from typing import NamedTuple, TypeAlias

from shapecalc.comparison.change import COMPARED, Both, Change, Comparison
from shapecalc.comparison.grouping import Group

TOLD = ("output", "params", "macs", "receptive_field")
"""Numbers that are told; the others only where none of these differs."""

MOST_NAMES = 3
"""Layers of one effect that are named; of more, the first and the last."""

MOST_BLOCKS = 4
"""Blocks in a row, of names that differ in a number, that are told one by one."""

Reasons: TypeAlias = "tuple[str, ...]"
"""Edits by the names that they are told under, the nearest first."""

_NUMBERED = re.compile(r"(.*?)([0-9]+)")


class Effect(NamedTuple):
    """Layers in which some numbers differ because of the same edits.

    Attributes:
        name: the layers', the block's, or of blocks in a row ``unit2 … 9``.
        layers: how many there are.
        numbers: by name, of each layer in which it differs because of these edits.
    """

    name: str
    layers: int
    numbers: dict[str, list[Both]]


class Followed(NamedTuple):
    """What followed from the same edits."""

    reasons: Reasons
    effects: list[Effect]


class _Part(NamedTuple):
    """A layer, and its numbers that differ because of the same edits."""

    change: Change
    quantities: list[str]


def layer_by_layer(comparison: Comparison, groups: Iterable[Group]) -> list[Followed]:
    """Every affected layer by itself, under the edits because of which it differs."""
    names = {name: block for group in groups for name, block in group.by_layer.items()}
    return [
        Followed(reasons, [_effect(part.change.step.name, [part]) for part in parts])
        for reasons, parts in _by_reasons(comparison, names)
    ]


def block_by_block(comparison: Comparison, groups: Iterable[Group]) -> list[Followed]:
    """The affected layers of a block as one, under the edits as they are grouped."""
    names = {change.step.name: group.label for group in groups for change in group.changes}
    depth = _shared([change.step.name.split(".")[:-1] for change in comparison.affected])
    return [Followed(reasons, list(_effects(parts, depth))) for reasons, parts in _by_reasons(comparison, names)]


def _by_reasons(comparison: Comparison, names: Mapping[str, str]) -> list[tuple[Reasons, list[_Part]]]:
    """The affected layers and numbers by the edits; first those edits because of which there are other parameters."""
    found: dict[Reasons, list[_Part]] = {}
    known: dict[int, Reasons] = {}
    edits = _edits(comparison, names)
    for change in comparison.affected:
        here: dict[Reasons, list[str]] = {}
        for quantity in [name for name in TOLD if name in change.numbers] or list(change.numbers):
            causes = change.causes[quantity]
            if causes.edits not in known:
                known[causes.edits] = _named(causes.edits, edits)
            here.setdefault(known[causes.edits], []).append(quantity)
        for reasons, quantities in here.items():
            found.setdefault(reasons, []).append(_Part(change, quantities))
    return sorted(found.items(), key=lambda pair: min(_weight(part) for part in pair[1]))


def _edits(comparison: Comparison, names: Mapping[str, str]) -> dict[str, int]:
    """By the name that edits are told under, a bit for each of them."""
    found: dict[str, int] = {}
    some = next((causes for change in comparison.affected for causes in change.causes.values()), None)
    for number, name in enumerate(some.names if some else ()):
        told = names.get(name, name)
        found[told] = found.get(told, 0) | 1 << number
    return found


def _named(causes: int, edits: Mapping[str, int]) -> Reasons:
    """The names under which causes are told, the nearest first."""
    reached = {name: (bits & causes).bit_length() for name, bits in edits.items() if bits & causes}
    return tuple(sorted(reached, key=lambda name: -reached[name]))


def _weight(part: _Part) -> int:
    return 0 if "params" in part.quantities else 1 if "output" in part.quantities else 2


def _effects(parts: Iterable[_Part], depth: int) -> Iterator[Effect]:
    """An effect for each block, and for each row of layers between blocks; long rows of numbered blocks as one."""
    blocks = [(name, list(each)) for name, each in groupby(parts, lambda part: _block(part.change.step.name, depth))]
    for stem, row in groupby(blocks, lambda block: _stem(block[0])):
        each = list(row)
        if len(each) > MOST_BLOCKS:
            name = f"{each[0][0]} … {each[-1][0].removeprefix(stem)}"
            yield _effect(name, [part for _, inside in each for part in inside])
        else:
            for name, inside in each:
                is_block = name and len(inside) > 1
                yield _effect(name if is_block else _listed([part.change.step.name for part in inside]), inside)


def _shared(places: Sequence[Sequence[str]]) -> int:
    """In how many blocks, one within the other, all layers stand."""
    return sum(1 for _ in takewhile(lambda level: len(set(level)) == 1, zip(*places, strict=False)))


def _block(name: str, depth: int) -> str:
    """The block in which a layer stands, below the one in which all stand; empty where there is none."""
    parts = name.split(".")
    return ".".join(parts[: depth + 1]) if len(parts) > depth + 1 else ""


def _stem(block: str) -> str:
    """What the names of numbered blocks have in common."""
    numbered = _NUMBERED.fullmatch(block)
    return numbered[1] if numbered else block


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= MOST_NAMES else f"{names[0]} … {names[-1]}"


def _effect(name: str, parts: Sequence[_Part]) -> Effect:
    numbers: dict[str, list[Both]] = {}
    for quantity in COMPARED:
        found = [part.change.numbers[quantity] for part in parts if quantity in part.quantities]
        if found:
            numbers[quantity] = found
    return Effect(name, len(parts), numbers)
