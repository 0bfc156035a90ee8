"""Shapes, parameters, multiply-adds and receptive fields of neural networks, from YAML.

>>> import shapecalc
>>> network = shapecalc.trace(shapecalc.load("{input: 32x32x3, layers: [conv: {filters: 16, kernel: 5, padding: 2}]}"))
>>> network["conv1"].out_shape, network["conv1"].params
((16, 32, 32), 1216)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shapecalc.loading import load, load_all
    from shapecalc.problems import Diagnostic, SpecError
    from shapecalc.receptive_field import ReceptiveField
    from shapecalc.result import Step, Totals, Trace
    from shapecalc.spec import Spec
    from shapecalc.sweeping import sweep
    from shapecalc.walk import trace

__version__ = "0.1.0"

_HOME = {
    "Diagnostic": "problems",
    "ReceptiveField": "receptive_field",
    "Spec": "spec",
    "SpecError": "problems",
    "Step": "result",
    "Totals": "result",
    "Trace": "result",
    "load": "loading",
    "load_all": "loading",
    "sweep": "sweeping",
    "trace": "walk",
}

__all__ = [
    "Diagnostic",
    "ReceptiveField",
    "Spec",
    "SpecError",
    "Step",
    "Totals",
    "Trace",
    "load",
    "load_all",
    "sweep",
    "trace",
]


def __getattr__(name: str) -> Any:
    """The public names, loaded when first asked for, so that `shapecalc --help` starts at once."""
    if name not in _HOME:
        raise AttributeError(f"module 'shapecalc' has no attribute {name!r}")
    return getattr(import_module(f"shapecalc.{_HOME[name]}"), name)
