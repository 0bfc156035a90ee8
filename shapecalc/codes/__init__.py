"""The catalogue of diagnostics: what each code means, how it is mended, a bad and a good example.

The examples are run by a test, and a test fails where the package uses a code that does not stand here.
"""

from __future__ import annotations

from shapecalc.codes.checks import CHECKS
from shapecalc.codes.code import Code
from shapecalc.codes.fields import FIELDS
from shapecalc.codes.graphs import GRAPHS
from shapecalc.codes.shapes import SHAPES
from shapecalc.codes.text import TEXT

__all__ = ["CODES", "Code", "ends_reading"]

CODES: dict[str, Code] = {code.name: code for family in (TEXT, FIELDS, GRAPHS, SHAPES, CHECKS) for code in family}
"""Every code, from the reading of a text to what is expected of a network."""


def ends_reading(code: str) -> bool:
    """Whether the rest of a text is not read where this is wrong with it."""
    return code in CODES and CODES[code].ends_reading
