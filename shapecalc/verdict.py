"""Whether a network's numbers are those that its spec expects."""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias

from shapecalc.expectation import Expect, Expected, all_hold
from shapecalc.notation import Shape, hwc
from shapecalc.problems import Path, Problem
from shapecalc.result import Step, Totals
from shapecalc.spec import Spec

Actual: TypeAlias = "int | tuple[int | Fraction | str, ...] | None"


def verdicts(spec: Spec, steps: list[Step], totals: Totals) -> list[Problem]:
    """A problem for each expectation that does not hold, of the layers and then of the network."""
    found = []
    last = {step.path: step for step in steps}  # of a repeated item, the last
    for item in spec.items:
        if item.keys.expect is not None:
            step, path = last[item.path], (*item.path, "expect")
            found += _compared(item.keys.expect, step.out_shape, _of_step(step), f"`{step.name}`", path)
    if spec.expect is not None:
        actual = {
            **_of_step(steps[-1]),
            "params": totals.params,
            "buffers": totals.buffers,
            "macs": totals.macs,
        }
        found += _compared(spec.expect, steps[-1].out_shape, actual, "the network", ("expect",))
    return found


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
