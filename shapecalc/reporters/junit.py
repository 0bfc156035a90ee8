"""The outcome as JUnit XML: a test case for each spec, that it fits, and for each number that it expects.

The form is that of Jenkins, GitLab and pytest: `testsuites` of one `testsuite` a file.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from shapecalc.checking.outcome import FileReport, Outcome, SpecReport
from shapecalc.problems import Diagnostic
from shapecalc.report import as_lines
from shapecalc.reporters.place import in_repository

_NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def report(outcome: Outcome) -> str:
    """The XML. Its signs are those of ASCII, so that it is the same in every encoding."""
    root = ET.Element("testsuites", name="shapecalc")
    for file in outcome.files:
        suite = ET.SubElement(root, "testsuite", name=_clean(in_repository(file.file)))
        _file(suite, file)
        _count(suite)
    _count(root)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="us-ascii").decode()}\n'


def _file(suite: ET.Element, file: FileReport) -> None:
    if file.unread is not None:
        case = _case(suite, file.file, "can be read", 1)
        ET.SubElement(case, "error", type="unreadable", message=_clean(file.unread.message))
    for spec in file.specs:
        _spec(suite, file.file, spec)


def _spec(suite: ET.Element, file: str, spec: SpecReport) -> None:
    network = spec.network
    case = _case(suite, file, network.name, network.line)
    _fail(case, spec.unfit)
    others = [each for each in spec.diagnostics if each.severity != "error"]
    if others:
        ET.SubElement(case, "system-out").text = _clean("\n".join(map(as_lines, others)))
    for claim in network.claims:
        case = _case(suite, file, f"{network.name}: {claim.label}", claim.line)
        _fail(case, spec.about(claim))
        if len(case) == 0 and not spec.is_traced:
            ET.SubElement(case, "skipped", message="the spec does not fit")


def _case(suite: ET.Element, file: str, name: str, line: int) -> ET.Element:
    path = _clean(in_repository(file))
    return ET.SubElement(suite, "testcase", name=_clean(name), classname=path, file=path, line=str(line), time="0")


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
