"""Every bad spec of the folder is refused for the reasons in its head, at the places and with the advice.

A head line reads `# expect: CODE LINE:COLUMN "part of the message" help "part of the help"`, one for each
error; the texts are JSON strings.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import shapecalc
from shapecalc import Diagnostic, SpecError, trace
from shapecalc.reading import read_spec
from shapecalc.source import Source, parse

BAD = sorted((Path(__file__).parent / "bad").glob("*.yaml"))
PACKAGE = Path(shapecalc.__file__).parent

_TEXT = r'"(?:[^"\\]|\\.)*"'
_EXPECTED = re.compile(rf"# expect: (\S+) (\d+):(\d+) ({_TEXT})(?: help ({_TEXT}))?")

NOT_IN_THE_FOLDER = {
    "not-utf8": "the folder's files are UTF-8; see test_fuzz",
    "note": "what a layer remarks, which only `check --strict` makes an error",
    "doubtful-input": "a warning; see below",
    "dangling": "a warning; see test_graphs",
    "unknown-variant": "of what the command line or `load` names; see test_graphs",
    **dict.fromkeys(("over-budget", "bad-ignore", "unused-ignore", "bad-configuration"), "of `check`; see test_codes"),
    "wrong-value": "for errors of a later pydantic that we have no words for",
}


class Expected(NamedTuple):
    code: str
    line: int
    column: int
    message: str
    help: str | None


def expected(path: Path) -> list[Expected]:
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("# expect:"):
            break
        match = _EXPECTED.fullmatch(line)
        assert match, f"{path.name}: {line}"
        code, row, column, message, advice = match.groups()
        found.append(Expected(code, int(row), int(column), json.loads(message), json.loads(advice) if advice else None))
    return found


def errors(source: Source) -> Iterator[Diagnostic]:
    for document in source.documents:
        try:
            found = trace(read_spec(source, document)).diagnostics
        except SpecError as error:
            found = error.diagnostics
        yield from (each for each in found if each.severity == "error")


def read_file(path: Path) -> Source:
    return parse(path.read_bytes(), str(path), str(path.parent))


def diagnosed(text: str) -> list[Diagnostic]:
    source = parse(text, "a.yaml")
    return [*errors(source)]


@pytest.mark.parametrize("path", BAD, ids=lambda p: p.stem)
def test_a_bad_spec_is_refused_as_its_head_says(path: Path) -> None:
    wanted, found = expected(path), list(errors(read_file(path)))
    assert [(d.code, d.line, d.column) for d in found] == [(w.code, w.line, w.column) for w in wanted]
    for diagnostic, want in zip(found, wanted, strict=True):
        assert want.message in diagnostic.message
        assert want.help in (diagnostic.help or "") if want.help else diagnostic.help is None


@pytest.mark.parametrize("path", BAD, ids=lambda p: p.stem)
def test_a_diagnostic_reads_like_the_others(path: Path) -> None:
    for diagnostic in errors(read_file(path)):
        first = re.sub(r"`[^`]*`", "`…`", diagnostic.message)
        assert first, "a message says something"
        assert not first[0].isupper() or first.startswith("U+")
        for text in (first, diagnostic.help or ""):
            assert not text.endswith("."), "no final stop"
            assert "\n" not in text
            assert text == text.strip()
        assert not re.search(r"Input should|validation|Tuple|String should|<object", diagnostic.message)


@pytest.mark.parametrize("path", BAD, ids=lambda p: p.stem)
def test_the_marker_underlines_text_of_the_line(path: Path) -> None:
    for diagnostic in errors(read_file(path)):
        rest = diagnostic.source_line[diagnostic.column - 1 :]
        assert diagnostic.width >= 1
        marked = rest[: diagnostic.width]
        assert len(marked) == diagnostic.width or not rest
        assert marked == marked.strip() or marked == "\t" or not rest.strip()


def test_there_are_many_bad_specs() -> None:
    assert len(BAD) >= 300


MARKED = [
    ("input: 3\nlayers: [conv: {out_channels: 16, kernel_size: 3.0}, relu]\n", "3.0"),
    ("input: 3\nlayers:\n  - conv: {out_channels: 16, kernel_size: [3, x], bias: true}\n", "[3, x]"),
    ("input: 3\nlayers:\n  - fc:\n      out_features: sixteen or so  # a comment\n", "sixteen or so"),
    ("input: 3\nlayers:\n  - conv: {out_channels: 'it''s, 3', kernel_size: 3}\n", "'it''s, 3'"),
    ('input: 3\nlayers:\n  - conv: {out_channels: "a \\" b", kernel_size: 3}\n', '"a \\" b"'),
    ("input: 3\nlayers:\n  - conv: {\n      out_channels: x, kernel_size: 3}\n", "x"),
    ("input: 3\nlayers:\n  - conv: {kernel_size: 3, out_channels: {a: '}', b: 3}}\n", "{a: '}', b: 3}"),
    ("input: 3\nlayers:\n  - relu, tanh: 3\n", "relu, tanh"),
    ("input: [{a: [1,\n  2]}]\nlayers: [relu]\n", "[{a: [1,"),
    ("input: 3\nlayers: [relu, tanh: {}]\nblocks: {b: [1,\n  2]}\n", "[1,"),
    ("input: 3\nlayers:\n  - fc: {out_features: 3, bias: no}\n", "no"),
    ("input: 3\nlayers:\n  - fc: {out_features: 3, out_features: 4}\n", "out_features"),
    ("input: 3\nlayers:\n  - fc: {<<: 7, out_features: 4}\n", "7"),
    ("input: 3\nlayers:\n  - fc: {<<: *nobody, out_features: 4}\n", "*nobody"),
    ("input: 3\nlayers:\n  - fc: {out_features: !!int 4, bias: true}\n", "!!int"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "marked"), MARKED, ids=[marked for _, marked in MARKED])
def test_the_marker_underlines_exactly_what_is_wrong(text: str, marked: str) -> None:
    first = diagnosed(text)[0]
    assert first.source_line[first.column - 1 :][: first.width] == marked


def test_what_is_wrong_as_text_is_not_said_again_as_data() -> None:
    found = diagnosed("input: 3\nlayers:\n  - fc: {out_features: 1:30, bias: no}\n  - fc: {out_features: yes}\n")
    assert [d.code for d in found] == ["ambiguous-value"] * 3


def test_a_mistake_in_one_document_leaves_the_others() -> None:
    source = parse("input: 3\nlayers: [relu]\n---\n{", "a.yaml")
    assert [read_spec(source, source.documents[0]).inputs] == [{"input": (3,)}]
    assert [d.code for d in errors(source)] == ["yaml-syntax"]


def test_a_list_that_looks_channels_last_is_a_warning() -> None:
    source = parse("input: [224, 220, 3]\nlayers:\n  - relu\n", "a.yaml")
    (warning,) = trace(read_spec(source, source.documents[0])).diagnostics
    assert (warning.code, warning.severity, warning.line, warning.column) == (
        "doubtful-input",
        "warning",
        1,
        8,
    )
    assert "224 channels" in warning.message
    assert warning.help == "write 224x220x3, or [3, 224, 220]"
    assert warning.source_line[7:][: warning.width] == "[224, 220, 3]"


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("3x32x30", "write 32x30x3, or [3, 32, 30]"),
        ("1x128x64", "write 128x64x1, or [1, 128, 64]"),
        ("28x28", "write 28x28x1 for a grey image, 28x28x3 for a coloured one"),
    ],
)
def test_a_text_whose_channels_are_elsewhere_is_a_warning(text: str, advice: str) -> None:
    source = parse(f"input: {text}\nlayers:\n  - relu\n", "a.yaml")
    (warning,) = trace(read_spec(source, source.documents[0])).diagnostics
    assert (warning.code, warning.severity, warning.help) == ("doubtful-input", "warning", advice)


DEEP_MAPS = ["4x4x512", "4x4x32", "3x3x64", "2x2x512", "1x1x512", "1x7x512", "3x4x512", "4x8x512", "2x3x4x64"]
DEEP_LISTS = ["[512, 4, 4]", "[64, 3, 3]", "[512, 1, 1]", "[512, 7, 1]", "[64, 2, 3, 4]"]
IMAGES = ["[3, 224, 224]", "224x224x3", "[3]", "[64, 56, 56]", "[28, 3]"]


@pytest.mark.parametrize("text", [*IMAGES, *DEEP_MAPS, *DEEP_LISTS])
def test_no_other_input_is_warned_about(text: str) -> None:
    source = parse(f"input: {text}\nlayers:\n  - relu\n", "a.yaml")
    assert trace(read_spec(source, source.documents[0])).diagnostics == ()


RAISING = {"Problem", "ExpressionError", "LayerError", "PydanticCustomError", "_report", "_refuse", "_refused"}


def codes_in_the_source() -> set[str]:
    """What stands as a literal where a problem is made, or in the two places that choose a code."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in RAISING:
                found |= {a.value for a in node.args[:1] if isinstance(a, ast.Constant)}
            if isinstance(node, ast.FunctionDef) and node.name == "_code":
                returns = (r for r in ast.walk(node) if isinstance(r, ast.Return))
                found |= {c.value for r in returns for c in ast.walk(r) if isinstance(c, ast.Constant)}
            if isinstance(node, ast.Assign) and any(getattr(t, "id", "") == "_CODES" for t in node.targets):
                found |= {c.value for c in ast.walk(node.value) if isinstance(c, ast.Constant)}
    return {c for c in found if isinstance(c, str) and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", c)}


def test_every_code_has_a_bad_spec() -> None:
    shown = {want.code for path in BAD for want in expected(path)}
    emitted = codes_in_the_source()
    assert len(emitted) >= 30
    assert emitted - shown - set(NOT_IN_THE_FOLDER) == set()
    assert shown - emitted == set()
