"""The outcome as JSON, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from shapecalc.checking.outcome import FileReport, Outcome
from shapecalc.report import as_entry


def report(outcome: Outcome) -> str:
    """One object: the problems in order, and how many specs there are, failed, and are not known to be good.

    A problem of some variants of a spec stands there once for each, with its name under `variant`.
    """
    problems = [entry for file in outcome.files for entry in _entries(file)]
    counts = {"specs": len(outcome.specs), "failed": outcome.failed, "unjudged": outcome.unjudged}
    return json.dumps({"problems": problems, **counts}, indent=1) + "\n"


def _entries(file: FileReport) -> Iterator[dict[str, Any]]:
    if file.unread is not None:
        place = {"file": file.file, "line": 1, "column": 1, "severity": "error", "code": "unreadable", "path": ""}
        yield {**place, "message": file.unread.message, "help": file.unread.help, "variant": None}
    for finding in file.findings:
        for variant in finding.variants or (None,):
            yield {**as_entry(finding.diagnostic), "variant": variant}
