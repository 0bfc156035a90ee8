"""The outcome as SARIF 2.1.0, which code scanning reads.

Plain dictionaries: `sarif-om` has not been kept since 2019, and the published schema, against which the
tests hold this, says more than the models of `sarif-pydantic`.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from shapecalc import __version__
from shapecalc.checking.outcome import Outcome
from shapecalc.codes import CODES, Code
from shapecalc.problems import Call, Diagnostic, Suggestion
from shapecalc.reporters.place import in_repository
from shapecalc.reporters.summary import summary

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_NUMBERS = {code: number for number, code in enumerate(CODES)}


def report(outcome: Outcome) -> str:
    """One run, with every code as a rule."""
    said = [("error", file.unread.message) for file in outcome.files if file.unread is not None]
    said += [(each.severity, each.message) for each in outcome.remarks]
    if outcome.unjudged or outcome.refused:
        said.append(("warning", summary(outcome)))
    invocation: dict[str, Any] = {"executionSuccessful": outcome.is_whole}
    if said:
        invocation["toolExecutionNotifications"] = [
            {"level": level, "message": {"text": message}} for level, message in dict.fromkeys(said)
        ]
    driver = {"name": "shapecalc", "version": __version__, "rules": [_rule(code) for code in CODES.values()]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation],
        "results": [_result(each) for each in outcome.diagnostics],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _rule(code: Code) -> dict[str, Any]:
    examples = f"\n\nBad:\n\n{_shown(code.bad)}\n\nGood:\n\n{_shown(code.good)}" if code.bad and code.good else ""
    return {
        "id": code.name,
        "name": "".join(word.capitalize() for word in code.name.split("-")),
        "shortDescription": {"text": code.means},
        "fullDescription": {"text": f"{code.means}. To mend it: {code.mend}."},
        "help": {"text": f"{code.mend}{examples}", "markdown": f"{code.mend}{_fenced(examples)}"},
        "defaultConfiguration": {"level": code.severity},
    }


def _shown(example: str) -> str:
    lines = example.rstrip().splitlines()
    return "\n".join(line if len(line) <= 120 else f"{line[:117]}…" for line in lines)


def _fenced(examples: str) -> str:
    """The examples as Markdown: indented by four, they are code."""
    return re.sub(r"^(?!Bad:|Good:|$)", "    ", examples, flags=re.MULTILINE)


def _result(diagnostic: Diagnostic) -> dict[str, Any]:
    inside = f" ({diagnostic.inside})" if diagnostic.inside else ""
    text = diagnostic.message + inside + (f"; {diagnostic.help}" if diagnostic.help else "")
    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": _file(diagnostic.file), "region": _region(diagnostic)}
    }
    if diagnostic.problem.path:
        path = ".".join(map(str, diagnostic.problem.path))
        location["logicalLocations"] = [{"fullyQualifiedName": path, "kind": "member"}]
    result = {
        "ruleId": diagnostic.code,
        "ruleIndex": _NUMBERS.get(diagnostic.code, -1),
        "level": diagnostic.severity,
        "message": {"text": text},
        "locations": [location],
    }
    calls = diagnostic.inside.calls if diagnostic.inside else ()
    result |= {"relatedLocations": list(map(_call, calls))} if calls else {}
    fix = _fix(diagnostic)
    return result | ({"fixes": [fix]} if fix else {})


def _call(call: Call) -> dict[str, Any]:
    """Where a block is called, as a viewer lists it beside the result."""
    place = {"artifactLocation": _file(call.file), "region": {"startLine": call.line}}
    return {"physicalLocation": place, "message": {"text": f"`{call.name}` is called here"}}


def _file(file: str) -> dict[str, str]:
    """The file as a URI, of the bytes of its name: a name need not be UTF-8."""
    name = in_repository(file)
    if Path(name).is_absolute():
        return {"uri": Path(name).as_uri()}
    return {"uri": quote(os.fsencode(name)), "uriBaseId": "%SRCROOT%"}


def _region(diagnostic: Diagnostic) -> dict[str, Any]:
    line, column = diagnostic.line, diagnostic.column
    region: dict[str, Any] = {"startLine": line, "startColumn": column, "endColumn": column + diagnostic.width}
    marked = diagnostic.source_line[column - 1 :][: diagnostic.width]
    return region | ({"snippet": {"text": marked}} if marked else {})


def _fix(diagnostic: Diagnostic) -> dict[str, Any] | None:
    """The other word in the place of the wrong one, where that stands once in what is marked."""
    advice = diagnostic.help
    if not isinstance(advice, Suggestion):
        return None
    marked = diagnostic.source_line[diagnostic.column - 1 :][: diagnostic.width]
    found = list(re.finditer(rf"(?<![\w.-]){re.escape(advice.wrong)}(?![\w.-])", marked))
    if len(found) != 1:
        return None
    first = diagnostic.column + found[0].start()
    region = {"startLine": diagnostic.line, "startColumn": first, "endColumn": first + len(advice.wrong)}
    replacement = {"deletedRegion": region, "insertedContent": {"text": advice.right}}
    change = {"artifactLocation": _file(diagnostic.file), "replacements": [replacement]}
    return {"description": {"text": f"write {advice.right}"}, "artifactChanges": [change]}
