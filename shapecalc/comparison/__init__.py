"""Two networks side by side: which layers were put in, taken out, renamed, moved or changed, and what followed."""

from __future__ import annotations

from shapecalc.comparison.change import COMPARED, KINDS, Both, Change, Comparison
from shapecalc.comparison.compare import compare

__all__ = ["COMPARED", "KINDS", "Both", "Change", "Comparison", "compare"]
