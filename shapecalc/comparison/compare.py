"""Two networks side by side: every layer that differs, what was done to it, and what follows for the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shapecalc.comparison.change import Both, Change, Comparison, Kind
from shapecalc.comparison.consequences import Consequences, Edited, differing_numbers
from shapecalc.comparison.likeness import differing
from shapecalc.comparison.outline import Outline, outlines
from shapecalc.comparison.pairing import is_renamed, is_replaced, paired
from shapecalc.comparison.wiring import Wiring
from shapecalc.result import Step, Trace


def compare(before: Trace, after: Trace) -> Comparison:
    """What is different between two networks."""
    found = _Comparing(before, after)
    changes = tuple(found.changes())
    inputs = Both(dict(before.inputs), dict(after.inputs))
    return Comparison(
        before=before,
        after=after,
        changes=changes,
        inputs=inputs if list(inputs.before.values()) != list(inputs.after.values()) else None,
        totals={name: Both(value, totals(after)[name]) for name, value in totals(before).items()},
        unchanged=len(after.layers) - sum(change.after is not None for change in changes),
    )


def totals(trace: Trace) -> dict[str, Any]:
    """The sums over the layers; output and receptive field are those of what leaves the network."""
    sums = trace.totals
    return {
        "layers": len(trace.layers),
        "params": sums.params,
        "trainable": sums.trainable,
        "buffers": sums.buffers,
        "macs": sums.macs,
        "tensor_size": sums.tensor_size,
        "output": tuple(output.shape for output in trace.outputs),
        "receptive_field": trace.layers[-1].receptive_field,
    }


class _Comparing:
    """One comparison, on its way."""

    def __init__(self, before: Trace, after: Trace) -> None:
        self._before, self._after = outlines(before), outlines(after)
        self._pairing = paired(self._before, self._after)
        self._wiring = Wiring(before, after, self._pairing)
        self._moved = self._found_moved()
        self._wiring.look_through(self._moved)
        self._names = {self._before[i].step.name: self._after[j].step.name for i, j in self._pairing.pairs.items()}
        self._back = {j: i for i, j in self._pairing.pairs.items()}
        self._removed = self._removed_by_place()
        self._kinds = {i: tuple(self._found_kinds(i, self._before[i], self._after[j])) for j, i in self._back.items()}
        self._consequences = Consequences(before, after, self._edited(before, after))

    def changes(self) -> Iterator[Change]:
        """Every layer that differs, in the order of the second network, removed ones where they stood."""
        for j, outline in enumerate(self._after):
            yield from self._removed.get(j, ())
            if j in self._back:
                yield from self._pair(self._back[j], self._before[self._back[j]], outline)
            else:
                self._consequences.inserted(outline.step)
                yield Change(("inserted",), None, outline.step, {}, None, {})
        yield from self._removed.get(len(self._after), ())

    def _edited(self, before: Trace, after: Trace) -> Edited:
        """Every input and layer that others may differ because of, numbered in the order of the changes."""
        names: list[str] = []
        gone: dict[str, int] = {}
        new: dict[str, int] = {}
        for number, (name, shape) in enumerate(after.inputs):
            if shape != (before.inputs[number][1] if number < len(before.inputs) else None):
                new[name] = len(names)
                names.append(name)
        for j in range(len(self._after) + 1):
            for change in self._removed.get(j, ()):
                gone[change.step.name] = len(names)
                names.append(change.step.name)
            if j < len(self._after) and set(self._kinds[self._back[j]] if j in self._back else ["new"]) - {"renamed"}:
                new[self._after[j].step.name] = len(names)
                names.append(self._after[j].step.name)
        for i in self._moved:
            gone[self._before[i].step.name] = new[self._after[self._pairing.pairs[i]].step.name]
        pairs = self._pairing.pairs
        moved, rewired = (
            {self._after[pairs[i]].step.name for i, kinds in self._kinds.items() if kind in kinds}
            for kind in ("moved", "rewired")
        )
        return Edited(names, gone, new, moved, rewired)

    def _found_moved(self) -> frozenset[int]:
        """Layers in another place that read, or are read by, something else there; and those that went with them."""
        moved: set[int] = set()
        names: set[str] = set()
        for i, j in sorted(self._pairing.pairs.items()):
            a, b, is_elsewhere = self._before[i], self._after[j], i in self._pairing.elsewhere
            if not is_elsewhere and a.place == b.place:
                continue
            is_at_home = self._wiring.is_same(a, b) and self._wiring.is_read_alike(a, b)
            if not is_at_home or (is_elsewhere and names & set(a.step.inputs)):
                moved.add(i)
                names.add(a.step.name)
        return frozenset(moved)

    def _removed_by_place(self) -> dict[int, list[Change]]:
        """The removed layers by the layer of the second network before which they would stand."""
        found: dict[int, list[Change]] = {}
        place = 0
        for i, outline in enumerate(self._before):
            if i not in self._pairing.pairs:
                found.setdefault(place, []).append(Change(("removed",), outline.step, None, {}, None, {}))
            elif i not in self._pairing.elsewhere:
                place = self._pairing.pairs[i] + 1
        return found

    def _pair(self, i: int, a: Outline, b: Outline) -> Iterator[Change]:
        """The change of a layer that is in both networks, if there is one."""
        kinds = self._kinds[i]
        causes = self._consequences.paired(a.step, b.step, self._wiring.unmatched(a, b))
        numbers = {
            name: Both(_number(a.step, name), _number(b.step, name)) for name in differing_numbers(a.step, b.step)
        }
        if not kinds and not numbers:
            return
        settings = {} if is_replaced(a, b) else {name: _setting(name, a, b) for name in differing(a, b)}
        if self._shares_other(a, b):
            settings["share"] = Both(a.shares, b.shares)
        reads = Both(a.step.inputs, b.step.inputs) if {"rewired", "moved"} & set(kinds) else None
        yield Change(kinds or ("affected",), a.step, b.step, settings, reads, numbers, causes)

    def _found_kinds(self, i: int, a: Outline, b: Outline) -> Iterator[Kind]:
        if is_replaced(a, b):
            yield "replaced"
        elif differing(a, b) or self._shares_other(a, b):
            yield "changed"
        if is_renamed(a, b, is_moved=i in self._moved):
            yield "renamed"
        if i in self._moved:
            yield "moved"
        elif not self._wiring.is_same(a, b):
            yield "rewired"

    def _shares_other(self, a: Outline, b: Outline) -> bool:
        """Whether it uses the weights of another layer than it did."""
        return (None if a.shares is None else self._names.get(a.shares, a.shares)) != b.shares


def _setting(name: str, a: Outline, b: Outline) -> Both:
    """A setting of both; a flag that is not there is not set."""
    missing = False if name == "frozen" else None
    return Both(a.settings.get(name, missing), b.settings.get(name, missing))


def _number(step: Step, name: str) -> Any:
    return step.out_shape if name == "output" else getattr(step, name)
