"""Values that are sought: which of them give what a spec expects."""

from __future__ import annotations

from shapecalc.solving.question import Asked, Question, Unknown, question
from shapecalc.solving.search import Solution, solve

__all__ = ["Asked", "Question", "Solution", "Unknown", "question", "solve"]
