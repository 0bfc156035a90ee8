"""One network under many settings and inputs: the totals of every combination, on as many machines as there are."""

from __future__ import annotations

from shapecalc.sweeping.row import Refusal, Row
from shapecalc.sweeping.space import sweep

__all__ = ["Refusal", "Row", "sweep"]
