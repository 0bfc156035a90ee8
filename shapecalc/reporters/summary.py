"""The outcome in one line, for people."""

from __future__ import annotations

from shapecalc.checking.outcome import Outcome
from shapecalc.notation import counted


def summary(outcome: Outcome) -> str:
    """How many specs were checked and what came of it, in one line."""
    if outcome.refused:
        return "nothing checked, the configuration is wrong"
    checked = f"{counted(len(outcome.specs), 'spec')} checked"
    if outcome.failed:
        return f"{checked}, {outcome.failed:,} failed"
    if outcome.unread:
        return f"{checked}, some could not be read"
    if outcome.unjudged:
        return f"{checked}, {outcome.unjudged:,} of them not to the end: what is wrong there is ignored"
    return f"{checked}, all good" if outcome.specs else checked
