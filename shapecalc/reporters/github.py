"""The outcome as workflow commands, which GitHub Actions shows beside the lines of a change.

The syntax and its escapes are those of
https://docs.github.com/actions/reference/workflow-commands-for-github-actions.
"""

from __future__ import annotations

from shapecalc.checking.outcome import Outcome
from shapecalc.problems import Diagnostic, Severity
from shapecalc.reporters.place import in_repository
from shapecalc.reporters.summary import summary

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def report(outcome: Outcome) -> str:
    """A command for each error and warning, then the sum.

    Notes stay out unless they were asked for: GitHub shows ten of a kind for a step.
    """
    lines = [_command(each) for each in outcome.for_people]
    unread = dict.fromkeys(file.unread.message for file in outcome.files if file.unread is not None)
    lines += [_without_place("error", message) for message in unread]
    lines += [_without_place(each.severity, each.message) for each in outcome.remarks]
    return "\n".join([*lines, summary(outcome)]) + "\n"


def _command(diagnostic: Diagnostic) -> str:
    line, column = str(diagnostic.line), diagnostic.column
    properties = {
        "file": in_repository(diagnostic.file),
        "line": line,
        "endLine": line,
        "col": str(column),
        "endColumn": str(column + diagnostic.width),
        "title": f"shapecalc {diagnostic.code}",
    }
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    more = [f"\n{diagnostic.inside}"] if diagnostic.inside else []
    more += [f"\nhelp: {diagnostic.help}"] if diagnostic.help else []
    message = diagnostic.message + "".join(more)
    return f"::{_COMMANDS[diagnostic.severity]} {written}::{_data(message)}"


def _without_place(severity: Severity, message: str) -> str:
    return f"::{_COMMANDS[severity]} title=shapecalc::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
