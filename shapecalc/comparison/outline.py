"""A layer by what it is recognised by: its name as far as somebody gave it, its type and settings, its place."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from shapecalc.items import PARALLEL
from shapecalc.layers import LAYERS
from shapecalc.layers.merge import MERGES
from shapecalc.result import Step, Trace
from shapecalc.spec import Item

CHECKED = {"in_channels", "in_features", "num_features", "num_channels"}
"""Fields that are only compared with what arrives."""

PER_AXIS = {
    "amount",
    "dilation",
    "kernel_size",
    "output_padding",
    "output_size",
    "padding",
    "scale_factor",
    "shift",
    "size",
    "stride",
    "window_size",
}
"""Fields of which one number stands for all axes."""

_NUMBERED = re.compile(r"(.+?)[0-9]+")
_SHARES = re.compile(r"uses the weights of `(.+)`")


class Outline(NamedTuple):
    """One layer of a network.

    Attributes:
        step: the layer.
        place: the blocks and branches around it, numbers of automatic names left out.
        given: the parts of its name that somebody wrote; numbers of a repetition count as written.
        own: its own name, where somebody gave it.
        settings: its fields, one form for each meaning.
        shares: the layer whose weights it uses.
    """

    step: Step
    place: tuple[str, ...]
    given: tuple[str, ...]
    own: str | None
    settings: dict[str, Any]
    shares: str | None


def prefixes(name: str) -> Iterator[str]:
    """The beginnings of a name: the blocks around a layer, from the outermost one, and the layer."""
    parts = name.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts) + 1))


def outermost(name: str, kept: Collection[str]) -> str:
    """The shortest beginning of the name that is not among these."""
    return next(prefix for prefix in (*prefixes(name), name) if prefix not in kept or prefix == name)


def outlines(trace: Trace) -> list[Outline]:
    """The layers of a network, in their order."""
    words = {*LAYERS, *MERGES, PARALLEL, *trace.spec.blocks}
    written, branching = _written(trace)
    parts: dict[str, str] = {}
    settings: dict[tuple[int, int], dict[str, Any]] = {}
    found = []
    for step in trace.layers:
        key = (id(step.layer), len(step.in_shapes[0]))
        if key not in settings:
            settings[key] = _settings(step)
        named = [_part(each, words, written, parts) for each in step.name.split(".")]
        has_name = step.item.keys.name is not None
        own = step.name.rpartition(".")[2] if has_name else None
        if not has_name:
            named[-1] = step.type + "#"
        elif own is not None and own.isdecimal() and len(named) > 1:  # a turn of a repeated layer
            own = f"{step.name.split('.')[-2]}.{own}"
        place, given = tuple(named[:-1]), tuple(_given(named, branching))
        found.append(Outline(step, place, given, own, _with_flags(settings[key], step), _shares(step)))
    return found


def _written(trace: Trace) -> tuple[set[str], set[str]]:
    """Every part of a name that stands in the spec; and those of them that have numbered branches behind them."""
    written: set[str] = set()
    branching: set[str] = set()
    waiting: list[Sequence[Item]] = [trace.spec.items, *(block.items for block in trace.spec.blocks.values())]
    while waiting:
        for item in waiting.pop():
            own = (item.keys.name or "").split(".")
            written.update(own)
            if item.branches:
                branching.add(own[-1])
            for branch in item.branches:
                written.update((branch.name or "").split("."))
                waiting.append(branch.items)
    return written, branching


def _part(part: str, words: set[str], written: set[str], known: dict[str, str]) -> str:
    """A part of a name; ``conv#`` for ``conv3`` where the number is automatic."""
    if part not in known:
        numbered = _NUMBERED.fullmatch(part)
        automatic = numbered is not None and numbered[1] in words and part not in written
        known[part] = f"{numbered[1]}#" if numbered is not None and automatic else part
    return known[part]


def _given(parts: list[str], branching: set[str]) -> Iterator[str]:
    """The parts that somebody wrote: neither automatic names, nor the numbers of branches."""
    is_number_automatic = True
    for part in parts:
        if not part.isdecimal():
            is_number_automatic = part.endswith("#") or part in branching
        if not part.endswith("#") and not (part.isdecimal() and is_number_automatic):
            yield part


def _settings(step: Step) -> dict[str, Any]:
    fields = type(step.layer).model_fields
    found = {(info.alias or name): getattr(step.layer, name) for name, info in fields.items() if name not in CHECKED}
    if found.get("stride", 0) is None:  # a pooling's stride is its kernel unless given
        found["stride"] = found["kernel_size"]
    return {name: _one_for_all(value) if name in PER_AXIS else value for name, value in found.items()}


def _one_for_all(value: Any) -> Any:
    """Equal values of all axes as one, equal values before and after as one."""
    if not isinstance(value, tuple):
        return value
    each = [_one_for_all(inner) for inner in value]
    return each[0] if each and all(inner == each[0] for inner in each) else tuple(each)


def _with_flags(settings: dict[str, Any], step: Step) -> dict[str, Any]:
    is_frozen = bool(step.params) and step.trainable != step.params
    return {**settings, "frozen": True} if is_frozen else settings


def _shares(step: Step) -> str | None:
    """The layer whose weights are used, which the step's notes name."""
    return next((found[1] for note in step.notes if (found := _SHARES.fullmatch(note))), None)
