"""The proof of a network's numbers: the reference is run, and what comes out is compared with the table.

What is executed is NumPy from the definitions (`reference_ops`), which computes no size and no count; what it is
compared with is the trace, which runs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

from shapecalc.result import Trace
from shapecalc.verification.certificate import QUANTITIES, Certificate, Checked, Finding

__all__ = ["ENGINES", "QUANTITIES", "Certificate", "MissingEngineError", "Options", "stages", "verified"]

ENGINES = {"numpy": QUANTITIES, "torch": ("shapes", "params", "macs")}
"""What can run a network, each a module with an `Engine`, and which quantities it can verify."""


class MissingEngineError(ImportError):
    """The engine's library is not installed; the message says how to get it."""


class Options(NamedTuple):
    """What is verified, and how.

    Attributes:
        quantities: some of `QUANTITIES`.
        engine: one of `ENGINES`, which must be able to verify them.
        seed: of the random values.
        tick: called after each layer of each stage.

    """

    quantities: tuple[str, ...] = QUANTITIES
    engine: str = "numpy"
    seed: int = 1
    tick: Callable[[], object] = lambda: None


_STAGES = (("shapes", "params"), ("macs",), ("rf",))
"""Quantities that one pass through the layers answers."""


def stages(quantities: tuple[str, ...]) -> int:
    """How many times the layers are gone through."""
    return sum(not set(stage).isdisjoint(quantities) for stage in _STAGES)


def verified(trace: Trace, options: Options) -> Certificate:
    """The certificate of a network. MissingEngineError where the engine is not installed."""
    engine = _module(options.engine).Engine(trace, options)
    found: list[dict[str, Finding]] = [{} for _ in trace.layers]
    for stage in _STAGES:
        asked = tuple(quantity for quantity in stage if quantity in options.quantities)
        for own, new in zip(found, engine.findings(asked), strict=True) if asked else ():
            own.update((quantity, new[quantity]) for quantity in asked)
            options.tick()
    return Certificate(
        name=trace.name,
        inputs=trace.inputs,
        engine=engine.name,
        ran={quantity: engine.told(quantity, [own[quantity] for own in found]) for quantity in options.quantities},
        seed=options.seed,
        layers=tuple(map(Checked, trace.layers, found)),
    )


def _module(engine: str) -> Any:
    try:
        return import_module(f"shapecalc.verification.{engine}_engine")
    except ModuleNotFoundError as error:
        if error.name != engine:
            raise
        raise MissingEngineError(f"--engine {engine} wants {engine}, which is not installed") from error
