"""What is different between two networks, in words: what the text and the Markdown of `diff` have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from shapecalc.comparison import Both, Change, Comparison
from shapecalc.comparison.consequences import MOST_CAUSES
from shapecalc.comparison.grouping import Group, by_layer
from shapecalc.field_size import field_size
from shapecalc.notation import counted, hwc
from shapecalc.receptive_field import ReceptiveField
from shapecalc.settings import short_form
from shapecalc.table import UNKNOWN

ARROW = "→"

QUANTITIES = {
    "layers": "layers",
    "params": "params",
    "trainable": "trainable",
    "buffers": "buffers",
    "macs": "macs",
    "tensor_size": "tensor size",
    "output": "output",
    "receptive_field": "receptive field",
}
"""What the quantities are called."""

TOLD = ("output", "params", "macs", "receptive_field")
"""Numbers of a changed layer that are told."""


def value(each: Any) -> str:
    """A number, a shape or a receptive field as people read it."""
    if each is None:
        return UNKNOWN
    if isinstance(each, ReceptiveField):
        return field_size(each)
    if isinstance(each, tuple):
        return ", ".join(map(hwc, each)) if each and isinstance(each[0], tuple) else hwc(each)
    return f"{each:,}" if isinstance(each, int) else str(each)


def difference(both: Both) -> tuple[str, str]:
    """By how much a number is larger, and in per cent; empty where it is none, or the same."""
    before, after = both
    if not (isinstance(before, int) and isinstance(after, int)) or before == after:
        return "", ""
    share = (after - before) / before if before else 0.0
    return f"{after - before:+,}", f"{share:+.1%}" if abs(share) >= 0.0005 else "<0.1%" if before else ""


def setting(each: Any) -> str:
    """A setting's value."""
    if each is None:
        return "none"
    if isinstance(each, bool):
        return "true" if each else "false"
    if isinstance(each, tuple):
        return "×".join("+".join(map(str, axis)) if isinstance(axis, tuple) else str(axis) for axis in each)
    return f"{each:g}" if isinstance(each, float) else str(each)


def totals(comparison: Comparison) -> Iterator[tuple[str, str, str, str, str]]:
    """A row for each total: name, before, after, difference, per cent; those that say nothing left out."""
    params = comparison.totals["params"]
    for name, both in comparison.totals.items():
        if name == "trainable" and both == params:
            continue
        if both.before == both.after and (name in ("buffers", "receptive_field") and not both.after):
            continue
        yield QUANTITIES[name], value(both.before), value(both.after), *difference(both)


def title(comparison: Comparison) -> str:
    """The two networks."""
    return f"{comparison.before.name} {ARROW} {comparison.after.name}"


def counts(comparison: Comparison) -> str:
    """How many layers were changed in which way."""
    kinds = [kind for change in comparison.edits for kind in change.kinds]
    parts = [f"{kinds.count(kind):,} {kind}" for kind in dict.fromkeys(kinds)]
    parts += [f"{len(comparison.affected):,} affected"] if comparison.affected else []
    return ", ".join([*parts, f"{comparison.unchanged:,} unchanged"])


def inputs(comparison: Comparison) -> str:
    """What arrives, before and after."""
    assert comparison.inputs is not None
    return f" {ARROW} ".join(", ".join(map(hwc, side.values())) for side in comparison.inputs)


def deed(group: Group) -> str:
    """What was done to the layers of a group."""
    first, kinds = group.changes[0], group.changes[0].kinds
    if kinds in (("inserted",), ("removed",)):
        return _whole(group)
    parts = []
    if len(group.changes) > 1 and not group.name.endswith(first.step.name):
        parts.append(f"{len(group.changes):,} layers")
    if "replaced" in kinds and first.before is not None and first.after is not None:
        parts.append(f"{first.before.type} {ARROW} {first.after.type}")
    parts += [f"{name} {setting(both.before)} {ARROW} {setting(both.after)}" for name, both in first.settings.items()]
    if first.reads is not None:
        parts.append(f"reads {', '.join(first.reads.after)}, once {', '.join(first.reads.before)}")
    parts += _effects(group.changes)
    return "; ".join(parts)


def _whole(group: Group) -> str:
    """A layer with its settings, or a block with its sums."""
    steps = [change.step for change in group.changes]
    params = [step.params for step in steps]
    total = None if None in params else sum(number for number in params if number is not None)
    weight = [] if total == 0 else [f"{value(total)} params"]
    if not group.is_block:
        form = f"{steps[0].type} {short_form(steps[0].layer, len(steps[0].in_shapes[0]) - 1)}".rstrip()
        return "; ".join([form, *weight])
    layers = counted(len(steps) // group.times, "layer")
    return "; ".join([f"{group.times:,} × {layers}" if group.times > 1 else layers, *weight])


def _effects(changes: Sequence[Change]) -> list[str]:
    """The numbers of one changed layer, or the sums of several."""
    if len(changes) == 1:
        return [told(name, both) for name, both in changes[0].numbers.items() if name in TOLD]
    found = []
    for name in ("params", "macs"):
        pairs = [change.numbers[name] for change in changes if name in change.numbers]
        if pairs and not any(None in both for both in pairs):
            found.append(told(name, Both(sum(both.before for both in pairs), sum(both.after for both in pairs))))
    return found


def told(name: str, both: Both) -> str:
    """One number, before and after; of receptive fields of equal size, that they lie elsewhere."""
    before, after = value(both.before), value(both.after)
    if before == after:
        return f"{QUANTITIES[name]} {after}, at other places"
    return f"{QUANTITIES[name]} {before} {ARROW} {after}"


def consequences(comparison: Comparison, groups: Sequence[Group]) -> list[tuple[str, str]]:
    """Each affected layer with the numbers that differ and the edits above it, those with parameters first."""
    affected = sorted(comparison.affected, key=_weight)
    names = by_layer(groups)
    return [(change.step.name, f"{_followed(change)}{_because(change, names)}") for change in affected]


def _weight(change: Change) -> int:
    return 0 if "params" in change.numbers else 1 if "output" in change.numbers else 2


def _followed(change: Change) -> str:
    numbers = {name: both for name, both in change.numbers.items() if name in TOLD} or change.numbers
    return "; ".join(told(name, both) for name, both in numbers.items())


def _because(change: Change, names: dict[str, str]) -> str:
    """The edits above, by the blocks that they are; where there are more than are kept, that there are."""
    told = list(dict.fromkeys(names.get(name, name) for name in change.because))
    more = ["…"] if len(change.because) == MOST_CAUSES else []
    return f" ({', '.join(told + more)})" if told else ""


def affected_counts(comparison: Comparison) -> str:
    """How many layers have other numbers because of the edits, by quantity."""
    names = [name for change in comparison.affected for name in change.numbers if name in TOLD]
    return ", ".join(f"{QUANTITIES[name]} of {names.count(name):,}" for name in TOLD if name in names)
