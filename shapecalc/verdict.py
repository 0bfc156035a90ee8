"""Whether a network's numbers are those that its spec expects."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TypeAlias

from shapecalc.expectation import Expect, Expected, all_hold
from shapecalc.notation import Shape, hwc
from shapecalc.problems import Path, Problem
from shapecalc.result import Step, Totals
from shapecalc.spec import Item, Spec

Actual: TypeAlias = "int | tuple[int | Fraction | str, ...] | None"


def verdicts(
    spec: Spec, steps: Sequence[Step], spans: Sequence[tuple[Item, int, int]], totals: Totals
) -> list[Problem]:
    """A problem for each expectation that does not hold, of the items and then of the network.

    Args:
        spec: what expects.
        steps: of the whole network.
        spans: for each item that expects something, the first and one past the last step of its last turn.
        totals: of the whole network.
    """
    found = []
    for item, first, end in spans:
        if item.keys.expect is None:
            continue
        if end == first:
            message = f"`{item.keys.name or item.word}` makes no layer that could be as expected"
            found.append(Problem("expectation-failed", message, (*item.path, "expect"), on_key=True))
        else:
            path, last = (*item.path, "expect"), steps[end - 1]
            actual = _of_steps(steps[first:end])
            name = last.name if end - first == 1 else item.keys.name or item.type
            found += _compared(item.keys.expect, last.out_shape, actual, f"`{name}`", path)
    if spec.expect is not None:
        actual = {**_of_step(steps[-1]), "params": totals.params, "buffers": totals.buffers, "macs": totals.macs}
        found += _compared(spec.expect, steps[-1].out_shape, actual, "the network", spec.expect_path)
    return found


def _of_steps(steps: Sequence[Step]) -> dict[str, Actual]:
    """The numbers of a layer, or of a block: sums, and what its last layer gives."""
    if len(steps) == 1:
        return _of_step(steps[0])
    sums = {quantity: [getattr(step, quantity) for step in steps] for quantity in ("params", "buffers", "macs")}
    return {**_of_step(steps[-1]), **{name: None if None in each else sum(each) for name, each in sums.items()}}


def _of_step(step: Step) -> dict[str, Actual]:
    field = step.receptive_field
    return {
        "params": step.params,
        "buffers": step.buffers,
        "macs": step.macs,
        "tensor_size": step.tensor_size,
        "receptive_field": None if field is None else field.size,
        "stride": None if field is None else field.stride or ("global",),
    }


def _compared(expect: Expect, out_shape: Shape, actual: dict[str, Actual], whose: str, path: Path) -> list[Problem]:
    found = []
    if expect.output is not None and expect.output != out_shape:
        message = f"the output of {whose} is {hwc(out_shape)}, not {hwc(expect.output)}"
        found.append(Problem("expectation-failed", message, (*path, "output")))
    for quantity, value in actual.items():
        expected: Expected | tuple[Expected, ...] | None = getattr(expect, quantity)
        if expected is None:
            continue
        wanted = expected if isinstance(expected, tuple) else (expected,)
        given = value if isinstance(value, tuple) else (value,)
        numbers = tuple(each for each in given if isinstance(each, int | Fraction))
        if len(numbers) < len(given) or not all_hold(wanted, numbers):
            text = ", ".join(each.text for each in wanted)
            words, verb = quantity.replace("_", " "), "are" if quantity.endswith("s") else "is"
            message = f"the {words} of {whose} {verb} {_written(given)}, not {text}"
            found.append(Problem("expectation-failed", message, (*path, quantity)))
    return found


def _written(values: tuple[int | Fraction | str | None, ...]) -> str:
    shown = dict.fromkeys("unknown" if v is None else f"{v:,}" if isinstance(v, int) else str(v) for v in values)
    return ", ".join(shown)
