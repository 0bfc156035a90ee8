"""The outcome as JUnit XML: a test case for each spec, that it fits, and for each number that it expects.

The form is that of Jenkins, GitLab and pytest: `testsuites` of one `testsuite` a file.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from shapecalc.checking.claims import numbered
from shapecalc.checking.outcome import FileReport, Outcome, SpecReport
from shapecalc.files import split_variant
from shapecalc.problems import Diagnostic
from shapecalc.report import as_lines
from shapecalc.reporters.place import in_repository

_NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def report(outcome: Outcome) -> str:
    """The XML. Its signs are those of ASCII, so that it is the same in every encoding."""
    root = ET.Element("testsuites", name="shapecalc")
    specs = ((file, spec) for file in outcome.files for spec in file.specs)
    names = numbered(f"{_class(file.file)}\n{_clean(spec.network.name)}" for file, spec in specs)
    for file in outcome.files:  # of cases with one name in one class, servers keep one
        suite = ET.SubElement(root, "testsuite", name=_clean(in_repository(file.file)))
        _file(suite, file)
        for spec, name in zip(file.specs, names, strict=False):
            _spec(suite, file.file, spec, name.partition("\n")[2])
        _count(suite)
    _count(root)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="us-ascii").decode()}\n'


def _file(suite: ET.Element, file: FileReport) -> None:
    """A case where the text as a whole is no good."""
    if file.unread is not None:
        case = _case(suite, file.file, "can be read", 1)
        ET.SubElement(case, "error", type="unreadable", message=_clean(file.unread.message))
    if file.refused:
        case = _case(suite, file.file, "is a configuration", file.refused[0].line)
        error = ET.SubElement(case, "error", type=file.refused[0].code, message=_clean(file.refused[0].message))
        error.text = _clean("\n".join(map(as_lines, file.refused)))


def _spec(suite: ET.Element, file: str, spec: SpecReport, name: str) -> None:
    case = _case(suite, file, name, spec.network.line)
    _fail(case, spec.unfit)
    if spec.unjudged:
        ET.SubElement(case, "skipped", message="it does not fit, and what is wrong is ignored")
    others = [each for each in spec.diagnostics if each.severity != "error"]
    if others:
        ET.SubElement(case, "system-out").text = _clean("\n".join(map(as_lines, others)))
    for claim in spec.network.claims:
        case = _case(suite, file, f"{name}: {claim.label}", claim.line)
        _fail(case, spec.about(claim))
        reason = spec.unknown(claim)
        if reason is not None:
            ET.SubElement(case, "skipped", message=reason)


def _case(suite: ET.Element, file: str, name: str, line: int) -> ET.Element:
    path = _clean(in_repository(split_variant(file)[0]))
    return ET.SubElement(
        suite, "testcase", name=_clean(name), classname=_class(file), file=path, line=str(line), time="0"
    )


def _class(file: str) -> str:
    """The path without dots: Jenkins takes what stands before the last of them for a package."""
    return _clean(in_repository(file)).replace(".", "_")


def _fail(case: ET.Element, found: list[Diagnostic]) -> None:
    if found:
        first, *more = found
        message = first.message + (f" (and {len(more)} more)" if more else "")
        failure = ET.SubElement(case, "failure", type=first.code, message=_clean(message))
        failure.text = _clean("\n".join(map(as_lines, found)))


def _count(element: ET.Element) -> None:
    """How many cases stand below, and how many of them ended in what way."""
    element.set("tests", str(len(element.findall(".//testcase"))))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(attribute, str(len(element.findall(f".//{tag}"))))


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("�", text)
