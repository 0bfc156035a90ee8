"""The working of every number: formula, numbers put in, result, in the letters of the lecture.

A derivation takes the trace's numbers and shows how they come about; it computes none of them. A
formula is written once, as an expression, and its text and LaTeX are made from that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from shapecalc.derivation.derive import derive, derive_all
from shapecalc.derivation.latex import as_latex, prose
from shapecalc.derivation.markdown import as_markdown
from shapecalc.derivation.plain import as_text
from shapecalc.derivation.quantities import derive_asked
from shapecalc.derivation.working import Derivation, Line

FORMATS: dict[str, Callable[[Iterable[Derivation]], str]] = {
    "text": as_text,
    "markdown": as_markdown,
    "latex": as_latex,
}
"""What writes derivations in the format of each name."""

__all__ = [
    "FORMATS",
    "Derivation",
    "Line",
    "as_latex",
    "as_markdown",
    "as_text",
    "derive",
    "derive_all",
    "derive_asked",
    "prose",
]
