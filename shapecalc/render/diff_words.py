"""What is different between two networks, in words: what the text and the Markdown of `diff` have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from shapecalc.comparison import Both, Change, Comparison
from shapecalc.comparison.effects import TOLD, Effect, Reasons, block_by_block, layer_by_layer
from shapecalc.comparison.grouping import Group, listed, whose
from shapecalc.field_size import field_size
from shapecalc.notation import counted, hwc, times
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


MOST_BY_LAYER = 10
"""Affected layers that are told one by one; of more, their blocks."""

MOST_REASONS = 4
"""Edits above others that are named, the nearest; the rest is counted."""


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
    return f"{after - before:+,}", f"{share:+,.1%}" if abs(share) >= 0.0005 else "<0.1%" if before else ""


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
    parts += [_setting(first, name, is_alone=len(group.changes) == 1) for name in first.settings]
    if first.reads is not None:
        parts.append(f"reads {', '.join(first.reads.after)}, once {', '.join(first.reads.before)}")
    parts += _effects(group.changes)
    return "; ".join(parts)


def _setting(change: Change, name: str, *, is_alone: bool) -> str:
    """A setting before and after; of layers that used the weights of a block's, the block."""
    both = change.settings[name]
    if name == "share" and not is_alone:
        both = Both(*(whose(change.step, each) for each in both))
    return f"{name} {setting(both.before)} {ARROW} {setting(both.after)}"


def _whole(group: Group) -> str:
    """A layer with its settings, or a block with its sums."""
    steps = [change.step for change in group.changes]
    params = [step.params for step in steps]
    total = None if None in params else sum(number for number in params if number is not None)
    weight = [] if total == 0 else [f"{value(total)} params"]
    if not group.is_block:
        form = f"{steps[0].type} {short_form(steps[0].layer, len(steps[0].in_shapes[0]) - 1)}".rstrip()
        return "; ".join([*([counted(len(steps), "layer")] if len(steps) > 1 else []), form, *weight])
    layers = counted(len(steps) // group.times, "layer")
    return "; ".join([f"{group.times:,} × {layers}" if group.times > 1 else layers, *weight])


def _effects(changes: Sequence[Change]) -> list[str]:
    """The numbers of one changed layer, with what else is the cause of them; the sums of several."""
    if len(changes) == 1:
        change = changes[0]
        return [f"{told(name, both)}{_not_own(change, name)}" for name, both in change.numbers.items() if name in TOLD]
    found = []
    for name in ("params", "macs"):
        pairs = [change.numbers[name] for change in changes if name in change.numbers]
        if pairs and not any(None in both for both in pairs):
            found.append(told(name, _sum(pairs)))
    return found


def _not_own(change: Change, name: str) -> str:
    """The edits because of which a number of an edited layer differs, where its own is none of them."""
    names = change.causes[name].nearest() if name in change.causes else ()
    return f" ({listed(names)})" if names and change.step.name not in names else ""


def told(name: str, both: Both) -> str:
    """One number, before and after."""
    before, after = both
    if isinstance(before, ReceptiveField) and isinstance(after, ReceptiveField) and value(before) == value(after):
        return f"{QUANTITIES[name]} {value(after)}, {_otherwise(before, after)}"
    return f"{QUANTITIES[name]} {value(before)} {ARROW} {value(after)}"


def _otherwise(before: ReceptiveField, after: ReceptiveField) -> str:
    """In what two receptive fields of equal size differ."""
    if not after.axes:
        return f"{times(before.input_size)} {ARROW} {times(after.input_size)}"
    if before.stride != after.stride:
        strides = (setting(_one_for_all(field.stride)) for field in (before, after))
        return f"its stride {f' {ARROW} '.join(strides)}"
    if before.start != after.start:
        return f"its start {f' {ARROW} '.join(setting(_one_for_all(field.start)) for field in (before, after))}"
    return "at other places"


def _one_for_all(values: Sequence[Any] | None) -> Any:
    """Equal values of all axes as one."""
    return values[0] if values and len(set(values)) == 1 else values


def _sum(pairs: Sequence[Both]) -> Both:
    return Both(sum(both.before for both in pairs), sum(both.after for both in pairs))


def _effect(each: Effect) -> str:
    """What differs in some layers: sums of numbers; of shapes and receptive fields, the first and the last."""
    layers = [counted(each.layers, "layer")] if each.layers > 1 and ", " not in each.name else []
    return "; ".join([*layers, *(_span(name, pairs) for name, pairs in each.numbers.items())])


def _span(name: str, pairs: Sequence[Both]) -> str:
    if len(pairs) == 1:
        return told(name, pairs[0])
    if name in ("output", "receptive_field"):
        texts = dict.fromkeys(told(name, both) for both in pairs)
        if len(texts) == 1:
            return next(iter(texts))
        before, after = ([value(side) for side in sides] for sides in zip(*pairs, strict=True))
        if any(one == other for one, other in zip(before, after, strict=True)):
            return f"{QUANTITIES[name]} of {len(pairs):,}"
        return f"{QUANTITIES[name]} {_from_to(before)} {ARROW} {_from_to(after)}"
    return f"{QUANTITIES[name]} of {len(pairs):,}" if any(None in both for both in pairs) else told(name, _sum(pairs))


def _from_to(texts: Sequence[str]) -> str:
    return texts[0] if len(set(texts)) == 1 else f"{texts[0]} … {texts[-1]}"


def is_by_layer(comparison: Comparison, *, is_all: bool) -> bool:
    """Whether every affected layer is told by itself, rather than with its block."""
    return is_all or len(comparison.affected) <= MOST_BY_LAYER


def followed(comparison: Comparison, groups: Sequence[Group], *, is_all: bool) -> Iterator[tuple[str, str, str]]:
    """The edits, the layers in which numbers differ because of them, and these numbers."""
    each = layer_by_layer if is_by_layer(comparison, is_all=is_all) else block_by_block
    for reasons, effects in each(comparison, groups):
        for effect in effects:
            yield _reasons(reasons), effect.name, _effect(effect)


def _reasons(names: Reasons) -> str:
    """The edits, the nearest first, and how many more there are."""
    separator = "; " if any(" and " in name for name in names) else ", "
    more = f" and {len(names) - MOST_REASONS:,} more" if len(names) > MOST_REASONS else ""
    return separator.join(names[:MOST_REASONS]) + more


def affected_counts(comparison: Comparison) -> str:
    """How many layers have other numbers because of the edits, by quantity."""
    names = [name for change in comparison.affected for name in change.numbers if name in TOLD]
    return ", ".join(f"{QUANTITIES[name]} of {names.count(name):,}" for name in TOLD if name in names)
