"""Wrong answers: the slip that gives exactly the number, computed, and the right working.

A slip is data and a small function: a row of a layer's counts (`counts`), of sizes (`sizes`) or of the receptive
field's recurrence (`fields`), or a change of what leaves a layer (`reshaping`). Its answer is worked out for the
network that is asked about, in all layers alike, in those of one type and in each, and compared with the number that
was given. Nothing is told of a number that no slip gives exactly.
"""

from __future__ import annotations

from shapecalc.misconceptions.advice import Misconception, advised, misconceptions

__all__ = ["Misconception", "advised", "misconceptions"]
