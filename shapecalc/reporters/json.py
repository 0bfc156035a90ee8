"""The outcome as JSON, for programs."""

from __future__ import annotations

import json

from shapecalc.checking.outcome import Outcome
from shapecalc.report import as_entry


def report(outcome: Outcome) -> str:
    """One object: the problems in order, and how many specs there are and failed."""
    problems = [as_entry(each) for each in outcome.diagnostics]
    found = {"problems": problems, "specs": len(outcome.specs), "failed": outcome.failed}
    return json.dumps(found, indent=1) + "\n"
