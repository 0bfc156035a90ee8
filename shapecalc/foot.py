"""What stands below the table: the sums, where the parameters live, and the notes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from shapecalc.notation import counted
from shapecalc.result import Step, Trace

if TYPE_CHECKING:
    from shapecalc.table import View

KINDS_TITLE = "where the parameters live"
UNKNOWN = "unknown"

_QUOTED = re.compile("`[^`]*`")
_BINARY = ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"))


class Kind(NamedTuple):
    """The parameters of all layers of one type."""

    type: str
    layers: int
    params: int
    share: float


def percent(share: float) -> str:
    """A share as a percentage with one decimal; what rounds to nothing, but is not, says so."""
    if share == 0:
        return ""
    return f"{share:.1%}" if share >= 0.0005 else "<0.1%"


def memory(number: int) -> str:
    """So many bytes, and in the largest binary unit of which they are one or more.

    >>> memory(512), memory(13_476_831_232)
    ('512 bytes', '13,476,831,232 bytes (12.6 GiB)')
    """
    for unit, name in _BINARY:
        if number >= unit:
            return f"{number:,} bytes ({number / unit:,.1f} {name})"
    return f"{number:,} bytes"


def totals(trace: Trace, view: View) -> list[tuple[str, str]]:
    """The sums over all layers, and what leaves; the memory where the view is about it."""
    sums = trace.totals
    params = _number(sums.params)
    if sums.params and sums.weights is not None:
        params += f" ({_number(sums.weights)} weights, {_number(sums.biases)} biases)"
    found = [("params", params)]
    if sums.trainable != sums.params:
        found.append(("trainable", _number(sums.trainable)))
    if sums.buffers != 0:
        found.append(("buffers", _number(sums.buffers)))
    found.append(("macs", _number(sums.macs)))
    if "flops" in view.shown(trace):
        found.append(("flops", _number(None if sums.macs is None else 2 * sums.macs)))
    found.append(("output", ", ".join(view.shape(output.shape) for output in trace.outputs)))
    if "memory" in view.shown(trace) or view.batch != 1 or view.dtype != "float32":
        found += _memory(trace, view)
    return found


def _number(value: int | None) -> str:
    return UNKNOWN if value is None else f"{value:,}"


def _memory(trace: Trace, view: View) -> list[tuple[str, str]]:
    outputs = view.bytes(trace.totals.tensor_size) * view.batch
    params = UNKNOWN if trace.totals.params is None else memory(view.bytes(trace.totals.params))
    return [
        (f"memory ({view.dtype})", f"{params} of params"),
        ("", f"{memory(outputs)} of outputs for a batch of {view.batch}"),
    ]


def kinds(trace: Trace) -> list[Kind]:
    """Where the parameters live: by type, the most first. Empty where a number is unknown or nothing is learned."""
    if not trace.totals.params:
        return []
    sums: dict[str, tuple[int, int]] = {}
    for step in trace.layers:
        if step.params:
            layers, params = sums.get(step.type, (0, 0))
            sums[step.type] = (layers + 1, params + step.params)
    total = trace.totals.params
    found = [Kind(kind, layers, params, params / total) for kind, (layers, params) in sums.items()]
    return sorted(found, key=lambda kind: -kind.params)


def kind_text(kind: Kind) -> tuple[str, str, str, str]:
    """The cells of one row of *where the parameters live*."""
    return kind.type, counted(kind.layers, "layer"), f"{kind.params:,}", percent(kind.share)


def notes(rows: Iterable[tuple[Step, Sequence[Step]]]) -> list[tuple[str, str]]:
    """Each note once, in the order of the layers, and whose it is.

    Args:
        rows: of the table, each with the layers that it stands for.
    """
    found: dict[str, dict[str, None]] = {}
    for row, layers in rows:
        for note in _of_row(layers):
            found.setdefault(note, {})[row.name] = None
    return [(_names([*names]), note) for note, names in found.items()]


def _of_row(layers: Sequence[Step]) -> list[str]:
    """What is noted of the layers of one row; of notes that differ only in a name, the first and how many there are."""
    alike: dict[str, dict[str, None]] = {}
    for note in (note for step in layers for note in step.notes):
        alike.setdefault(_QUOTED.sub("``", note), {})[note] = None
    return [f"{first} (and {len(more):,} more alike)" if more else first for first, *more in alike.values()]


def _names(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 2 else f"{names[0]} and {len(names) - 1:,} more"
