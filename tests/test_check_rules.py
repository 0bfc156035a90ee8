"""Which diagnostics count: --strict, --select, --ignore, and the comment on a line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shapecalc.checking.ignores import ignores
from shapecalc.cli import COULD_NOT, GOOD, WRONG
from shapecalc.source import parse
from tests.test_cli import Said

FLOOR = "input: 8x8x1\nlayers:\n  - relu\n  - maxpool: 3{}\n"  # (8 − 3) / 3 is not whole: a note


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "net.yaml"


def codes(capsys: pytest.CaptureFixture[str], *options: str) -> list[str]:
    """Of the diagnostics of net.yaml; a star where one is an error."""
    problems = json.loads(Said(capsys, "check", "net.yaml", "--format", "json", *options).out)["problems"]
    return [each["code"] + "*" * (each["severity"] == "error") for each in problems]


SEVERAL = """\
input: [224, 224, 3]
layers:
  - maxpool: 3
  - relu:
    expect: {params: 1}
expect: {macs: 1}
"""
DOUBTFUL, NOTE, FAILED = "doubtful-input", "note", "expectation-failed*"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", [DOUBTFUL, FAILED, FAILED, NOTE]),
        ("--strict", [DOUBTFUL + "*", FAILED, FAILED, NOTE + "*"]),
        ("--ignore note", [DOUBTFUL, FAILED, FAILED]),
        ("--ignore note,expectation", [DOUBTFUL]),
        ("--ignore expectation-failed --strict", [DOUBTFUL + "*", NOTE + "*"]),
        ("--select expectation-failed", [FAILED, FAILED]),
        ("--select doubtful,note --ignore note", [DOUBTFUL]),
        ("--select yaml", []),
    ],
)
def test_codes_are_chosen(write: Path, options: str, expected: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    write.write_text(SEVERAL, encoding="utf-8")
    assert codes(capsys, *options.split()) == expected
    failed = any(code.endswith("*") for code in expected)
    assert Said(capsys, "check", "net.yaml", *options.split()).code == (WRONG if failed else GOOD)


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_an_unknown_code_is_refused(write: Path, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    write.write_text(SEVERAL, encoding="utf-8")
    said = Said(capsys, "check", "net.yaml", option, "note,expectation-faild")
    assert (said.code, said.out) == (COULD_NOT, "")
    assert "did you mean `expectation-failed`?" in said.err
    assert Said(capsys, "check", "net.yaml", option, "expect").code == COULD_NOT, "half a word is no family"


def test_selected_notes_are_shown(write: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write.write_text(FLOOR.format(""), encoding="utf-8")
    assert "note[note]" in Said(capsys, "check", "net.yaml", "--select", "note").err
    assert Said(capsys, "check", "net.yaml").err == ""


def test_what_ends_the_reading_is_never_left_out(write: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write.write_text("input: 3\nlayers: [relu  # shapecalc: ignore\n", encoding="utf-8")
    for options in ("", "--ignore yaml-syntax", "--select note"):
        assert codes(capsys, *options.split()) == ["yaml-syntax*"]


COMMENTS = [
    ("  # shapecalc: ignore[note]", []),
    ("  # shapecalc: ignore", []),
    ("  #shapecalc:ignore[ note , dangling ]", ["unused-ignore*"]),
    ("  # on purpose # shapecalc: ignore[note]", []),
    ("  # shapecalc: ignore # on purpose", []),
    ("  # shapecalc: ignore[note]: on purpose", []),
    ("  # shapecalc: ignore[dangling]", ["note*", "unused-ignore*"]),
    ("  # shapecalc: ignore[nots]", ["note*", "bad-ignore*"]),
    ("\n  # shapecalc: ignore[note]", ["note*", "unused-ignore*"]),
    ("\n    name: pool  # shapecalc: ignore", []),
    ("\n    name: pool\n    ask:\n      - output  # shapecalc: ignore[note]", []),
    ("\n    name: pool\n  - tanh  # shapecalc: ignore[note]", ["note*", "unused-ignore*"]),
    *(
        (f"  # {loose}", ["note*", "bad-ignore*"])
        for loose in (
            "shapecalc: ignore [note]",
            "shapecalc: ignore-next-line",
            "shapecalc: ignore: expectation-failed",
            "shapecalc: ignore=note",
            "shapecalc: ignore[]",
            "shapecalc: ignore[ , ]",
            "shapecalc: ignore[note",
            "shapecalc: ignore[a note]",
            "shapecalc: ignored",
            "do not write shapecalc: ignore here",
            "on purpose. shapecalc: ignore[note]",
        )
    ),
]


@pytest.mark.parametrize(("comment", "expected"), COMMENTS)
def test_a_comment_silences_its_line(
    write: Path, comment: str, expected: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    write.write_text(FLOOR.format(comment), encoding="utf-8")
    assert codes(capsys, "--strict") == expected


TEXTS = [
    ('name: "# shapecalc: ignore"\n', 0),
    ("name: '# shapecalc: ignore'  # shapecalc: ignore\n", 1),
    ("name: |\n  # shapecalc: ignore\nsource: x\n", 0),
    ("name: | # shapecalc: ignore\n  text\n# shapecalc: ignore\nsource: x\n", 2),
    ("name: >-  # shapecalc: ignore\n  # shapecalc: ignore\n\n", 1),
    ("name: a\n  # shapecalc: ignore\n", 1),
    ("name: a#shapecalc: ignore\n", 0),
    ('name: "a\n  # shapecalc: ignore\n  b"\n', 0),
    ("[a, # shapecalc: ignore\n  b] # shapecalc: ignore[x]\n---\n# shapecalc: ignore\n", 3),
    ("name: ünïcödé # shapecalc: ignore\n", 1),
    ("# shapecalc: ignore\n{ # and then it is no YAML\n", 1),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_only_a_comment_is_a_comment(text: str, expected: int) -> None:
    assert len(ignores(parse(text, "a"))) == expected


def test_a_spec_whose_fault_is_ignored_is_not_called_good(write: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write.write_text("input: 8\nlayers:\n  - fc: {units: 0}  # shapecalc: ignore\n", encoding="utf-8")
    said = Said(capsys, "check", "net.yaml")
    assert (said.code, said.err) == (GOOD, "")
    assert said.out == "1 spec checked, 1 of them not to the end: what is wrong there is ignored\n"


def test_an_ignore_is_unused_only_where_all_is_known(write: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "input: 8x8x1\nlayers:\n  - conv: {filters: 1, kernel: 9}\n  - maxpool: 3  # shapecalc: ignore[note]\n"
    write.write_text(text, encoding="utf-8")
    assert codes(capsys) == ["kernel-too-large*"], "the pooling is not reached: nobody knows"


def test_a_comment_in_an_included_file(write: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write.write_text("input: 8x8x1\ninclude: [b.yaml]\nlayers: [b]\n", encoding="utf-8")
    block = "blocks:\n  b:\n    layers:\n      - maxpool: 3"
    write.with_name("b.yaml").write_text(block, encoding="utf-8")
    assert codes(capsys) == ["note"]
    write.with_name("b.yaml").write_text(f"{block}  # shapecalc: ignore[note]\n", encoding="utf-8")
    assert codes(capsys) == []


BRANCHES = """\
input: 8x8x1
layers:
  - parallel:                                # 3
      - - maxpool: 3                         # 4
          name: inner                        # 5
        - adaptive_avgpool: 1
      - []
    join: multiply                           # 8
"""  # a note for each: rows are not read, and 1×1 is repeated


@pytest.mark.parametrize(("line", "left"), [(None, [3, 4]), (3, [4]), (4, [3]), (5, [3]), (8, [4])])
def test_a_line_of_an_item_inside_is_not_one_of_the_item_around(
    write: Path, line: int | None, left: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    write.write_text(BRANCHES.replace(f"# {line}", "# shapecalc: ignore[note]"), encoding="utf-8")
    problems = json.loads(Said(capsys, "check", "net.yaml", "--format", "json").out)["problems"]
    assert sorted((each["line"], each["code"]) for each in problems) == [(each, "note") for each in left]


@pytest.mark.parametrize("indent", ["", "    "], ids=["of the network", "of the layer"])
def test_a_comment_beside_expect_is_about_the_numbers_below_it(
    write: Path, indent: str, capsys: pytest.CaptureFixture[str]
) -> None:
    expect = f"{indent}expect:  # shapecalc: ignore[expectation-failed]\n      params: 1\n      macs: 1\n"
    write.write_text(f"input: 3\nlayers:\n  - relu:\n{expect}", encoding="utf-8")
    assert codes(capsys) == []
    write.write_text(write.read_text("utf-8").replace("params: 1", "params: 1\n      parms: 2"), encoding="utf-8")
    assert "unknown-field*" in codes(capsys)


def test_what_another_variant_uses_is_not_called_unused(write: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "input: 9x9x1\nvariants: {a: {}, b: {input: 8x8x1}}\nlayers:\n  - maxpool: 3  # shapecalc: ignore[note]\n"
    write.write_text(text, encoding="utf-8")
    assert Said(capsys, "check", "net.yaml:a", "--strict").code == GOOD
    write.write_text(text.replace("8x8x1", "9x9x1"), encoding="utf-8")
    assert codes(capsys, "--strict") == ["unused-ignore*"]


def test_a_comment_counts_as_used_where_one_variant_needs_it(write: Path, capsys: pytest.CaptureFixture[str]) -> None:
    family = (
        "input: {}x{}x1\nvariants: {{a: {{}}, b: {{input: 8x8x1}}}}\nlayers:\n  - maxpool: 3  # shapecalc: ignore\n"
    )
    write.write_text(family.format(9, 9), encoding="utf-8")
    assert codes(capsys) == []


def test_many_comments_take_no_time(write: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = "# shapecalc: ignore[note] shapecalc: ignore shapecalc: # shapecalc:\n" * 20_000
    write.write_text(f"input: 3\nlayers: [relu]\n{lines}{'# shapecalc: ' * 100_000}\n", encoding="utf-8")
    assert codes(capsys) == ["unused-ignore"] * 100, "and no more than a hundred complaints"


def test_an_unused_ignore_belongs_to_its_document(write: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = "input: 3\nlayers: [relu]\n"
    write.write_text(f"{good}---\n{good}# shapecalc: ignore\n---\n{good}", encoding="utf-8")
    said = Said(capsys, "check", "net.yaml", "--strict", "--format", "junit")
    assert [line.count("failure") for line in said.out.splitlines() if "<testcase" in line] == [0, 0, 0]
    assert said.out.index("unused-ignore") > said.out.index('line="4"')
    assert "3 specs checked, 1 failed" in Said(capsys, "check", "net.yaml", "--strict").out


SLIP = """\
input: 32x32x3
layers:
  - conv: {{filters: 16, kernel: 5, padding: 2}}
  - {{relu: , repeat: {}}}
expect: {{params: 1200}}
"""


@pytest.mark.parametrize(("layers", "sheets", "explained"), [(1, 1, 1), (1, 20, 20), (2000, 1, 0), (250, 4, 1)])
def test_a_wrong_number_is_explained_where_there_is_time_for_it(
    write: Path, layers: int, sheets: int, explained: int, capsys: pytest.CaptureFixture[str]
) -> None:
    write.write_text("---\n".join([SLIP.format(layers)] * sheets), encoding="utf-8")
    said = Said(capsys, "check", "net.yaml").err
    assert said.count("not 1,200") == sheets
    assert said.count("help: ") == explained, "the working is shown"
