"""How much memory a verification needs at its worst layer, told before anything is allocated."""

from __future__ import annotations

import sys
from math import prod
from pathlib import Path
from typing import NamedTuple

from shapecalc.forward import parameters, runs
from shapecalc.layers.attention import Attention, WindowAttention
from shapecalc.layers.fields import per_axis
from shapecalc.layers.merge import Merge
from shapecalc.result import Step, Trace
from shapecalc.verification import Options
from shapecalc.verification.certificate import QUANTITIES
from shapecalc.verification.execution import last_readers, split
from shapecalc.verification.sight import probed_lines

BYTES = 4
"""Of a float32 value; counting and probing run in float64."""

ALWAYS = 256 * 2**20
"""Bytes: what is there on any machine on which a Python with these libraries has started; less is not asked for."""

_WORK = 2
"""Arrays as large as its output that an operation may hold beside its output: a padded input, shares, squares."""

_COPIED = 6
"""Arrays of one channel, at 8 bytes a value, that a count on a thinned copy holds at once."""


_MASK = 48
"""Bytes of an integer and of a place in a tuple."""


class Need(NamedTuple):
    """The most memory that is needed, in bytes, and the layer at which it is."""

    bytes: int
    layer: str


def needed(trace: Trace, quantities: tuple[str, ...], *, in_parts: bool = True) -> Need:
    """An estimate for the quantities that are asked for; `in_parts`: whether large weights are."""
    weights = [_weights(step, in_parts=in_parts) for step in trace.layers]
    each = [
        *(_in_full(trace, weights) if "shapes" in quantities else []),
        *(Need(own, step.name) for own, step in zip(weights, trace.layers, strict=True) if "params" in quantities),
        *(Need(_counted(step), step.name) for step in trace.layers if "macs" in quantities),
        *(_probed(trace) if "rf" in quantities else []),
    ]
    return max(each, default=Need(0, ""))


def available() -> int:
    """Bytes that can be had without swapping, in a container no more than is left of its own."""
    import psutil  # noqa: PLC0415 (15 ms, and only where a lot is needed)

    return min(int(psutil.virtual_memory().available), *(_left(Path(folder), *rest) for folder, *rest in _GROUPS))


_GROUPS = (
    ("/sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"),
    ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)
"""Where Linux says what a control group may use and does use, and what of that is a cache that it gives back.

Source: Linux kernel documentation, control group v2, "Memory Interface Files"; and the same of version 1.
"""


def _left(folder: Path, limit: str, usage: str, cache: str) -> int:
    """What a control group may still take; no bound where there is no such group, or no limit."""
    try:
        most, used = (int((folder / name).read_text("ascii")) for name in (limit, usage))
        statistics = dict(line.split() for line in (folder / "memory.stat").read_text("ascii").splitlines())
    except (OSError, ValueError):  # no Linux, no group, or "max"
        return sys.maxsize
    return max(0, most - used + int(statistics.get(cache, 0)))


def refusal(trace: Trace, options: Options, limit: int | None) -> tuple[str, str] | None:
    """Why the verification would not fit, and what would; None where it does. `limit` replaces what is available."""
    quantities, in_parts = options.quantities, options.engine == "numpy"
    need = needed(trace, quantities, in_parts=in_parts)
    if limit is None and need.bytes <= ALWAYS:
        return None
    there = available() if limit is None else limit
    if need.bytes <= there:
        return None
    kind = "available" if limit is None else "allowed by --memory"
    message = f"{trace.name}: `{need.layer}` needs about {_size(need.bytes)}, but {_size(there)} are {kind}"
    lighter = tuple(each for each in QUANTITIES if each in quantities and each != "shapes")
    advice = "a smaller --input"
    if "shapes" in quantities and lighter and in_parts and needed(trace, lighter).bytes <= there:
        advice = f"--only {','.join(lighter)} runs thinned copies only; or a smaller --input"
    return message, advice


def _in_full(trace: Trace, weights: list[int]) -> list[Need]:
    """For each layer: tensors that are still to be read, its output, its weights, and what it works in."""
    last = last_readers(trace)
    live = {name: prod(shape) for name, shape in trace.inputs}
    found, largest = [], 0
    for number, step in enumerate(trace.layers):
        values = sum(live.values()) + step.tensor_size + _WORK * max(step.tensor_size, *map(prod, step.in_shapes))
        if isinstance(step.layer, Attention | WindowAttention):
            values += 3 * step.layer.num_heads * _matches(step)
        largest = max(largest, weights[number])  # what has been taken for the largest is used for all
        found.append(Need(BYTES * values + largest, step.name))
        live[step.name] = step.tensor_size
        live = {name: size for name, size in live.items() if last.get(name, -1) > number}
    return found


def _weights(step: Step, *, in_parts: bool) -> int:
    """Bytes of the layer's arrays, or of its largest part's."""
    if isinstance(step.layer, Merge) or not runs(step.layer):
        return 0
    part = split(step.layer, step.in_shapes[0])[0] if in_parts else step.layer
    return BYTES * sum(map(prod, parameters(part, step.in_shapes[0]).values()))


def _counted(step: Step) -> int:
    """Bytes that the run on ones takes where it is no matter of channels."""
    if not step.macs:
        return 0
    positions = max(prod(step.in_shapes[0][1:]), prod(step.out_shape[1:]))
    return 2 * BYTES * _COPIED * (positions + _matches(step))


def _matches(step: Step) -> int:
    """Pairs of positions that an attention compares in one head, or in one window of it."""
    if isinstance(step.layer, Attention):
        return prod(step.in_shapes[0][1:]) ** 2
    if isinstance(step.layer, WindowAttention):
        return prod(per_axis(step.layer.window_size, len(step.in_shapes[0]) - 1, "window_size")) ** 2
    return 0


def _probed(trace: Trace) -> list[Need]:
    """For each layer what is lit of it and of what it reads, and the masks of all layers so far."""
    lines = [len(each) for each in probed_lines(trace, seed=1)]
    found, masks = [], 0
    for step in trace.layers:
        largest = max(map(sum, (shape[1:] for shape in (*step.in_shapes, step.out_shape))))
        masks += sum(step.out_shape[1:]) * (_MASK + max(lines, default=0) // 8)
        found.append(Need(masks + largest * (3 * max(lines, default=0) + 2 * BYTES * _COPIED), step.name))
    return found


def _size(number: int) -> str:
    unit, each = next((unit for unit in _UNITS if number >= unit[1]), _UNITS[-1])
    return f"{number / each:.1f} {unit}"


_UNITS = (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10))
