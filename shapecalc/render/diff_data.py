"""A comparison as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from shapecalc.comparison import Both, Change, Comparison
from shapecalc.comparison.bounds import Verdict
from shapecalc.receptive_field import ReceptiveField
from shapecalc.render.data import SCHEMA_VERSION, receptive_field
from shapecalc.result import Step, Trace

MOST_CAUSES = 8
"""Edits that a number is because of which are named, the nearest; a count says how many there are."""


def as_json(comparison: Comparison, names: tuple[str, str], verdicts: Sequence[Verdict] = ()) -> str:
    """One object; `before` and `after` everywhere, shapes channels first, unknown is null."""
    entry = {
        "schema_version": SCHEMA_VERSION,
        "before": _network(comparison.before, names[0]),
        "after": _network(comparison.after, names[1]),
        "differs": comparison.differs,
        "totals": {name: _both(both) for name, both in comparison.totals.items()},
        "bounds": [_bound(each) for each in verdicts],
        "changes": [_change(each) for each in comparison.changes],
        "unchanged": comparison.unchanged,
    }
    return json.dumps(entry, indent=1, ensure_ascii=False) + "\n"


def _network(trace: Trace, name: str) -> dict[str, Any]:
    inputs = [{"name": each, "shape": shape} for each, shape in trace.inputs]
    return {"spec": name, "name": trace.name, "inputs": inputs}


def _change(change: Change) -> dict[str, Any]:
    return {
        "kinds": list(change.kinds),
        "before": _layer(change.before),
        "after": _layer(change.after),
        "settings": {name: _both(both) for name, both in change.settings.items()},
        "reads": None if change.reads is None else _both(change.reads),
        "numbers": {name: _both(both) for name, both in change.numbers.items()},
        "because": list(change.because[:MOST_CAUSES]),
        "causes": {name: _causes(change, name) for name in change.numbers},
    }


def _causes(change: Change, name: str) -> dict[str, Any]:
    """The edits because of which a number differs; of an edited layer, its own too."""
    if name not in change.causes:
        return {"nearest": [change.step.name], "count": 1}
    causes = change.causes[name]
    return {"nearest": list(causes.nearest(MOST_CAUSES)), "count": causes.total}


def _layer(step: Step | None) -> dict[str, Any] | None:
    if step is None:
        return None
    return {
        "name": step.name,
        "type": step.type,
        "from": step.inputs,
        "line": step.line,
        "output": step.out_shape,
        "params": step.params,
        "macs": step.macs,
    }


def _bound(verdict: Verdict) -> dict[str, Any]:
    return {
        "quantity": verdict.bound.quantity,
        "bound": verdict.bound.text,
        "before": verdict.before,
        "after": verdict.after,
        "holds": verdict.holds,
    }


def _both(both: Both) -> dict[str, Any]:
    return {"before": _value(both.before), "after": _value(both.after)}


def _value(value: Any) -> Any:
    if isinstance(value, ReceptiveField):
        return receptive_field(value)
    return value if isinstance(value, int | float | str | tuple | list) or value is None else str(value)
