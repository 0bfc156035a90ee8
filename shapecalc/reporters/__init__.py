"""What a check found, for programs and CI servers; for people, `shapecalc.report` has the lines."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import cast

from shapecalc.checking.outcome import Outcome

REPORTERS = ("json", "github", "sarif", "junit")
"""Each a module here with a function `report`."""


def reporter(form: str) -> Callable[[Outcome], str]:
    """The function that writes an outcome in that format, loaded when asked for."""
    module = import_module(f"shapecalc.reporters.{form}")
    return cast("Callable[[Outcome], str]", module.report)
