"""What `check` writes for CI servers: workflow commands, SARIF against the published schema, JUnit."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from shapecalc.cli import COULD_NOT, GOOD, WRONG
from shapecalc.codes import CODES
from tests.test_bad_specs import BAD
from tests.test_cli import Said

ROOT = Path(__file__).parent.parent
SARIF = json.loads(gzip.decompress((ROOT / "tests/schemas/sarif-2.1.0-rtm.5.json.gz").read_bytes()))
"""The schema of SARIF 2.1.0 as SchemaStore publishes it, unchanged but for its spaces."""

NET = """\
name: Net
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: 5, padding: 2}
    expect: {output: 32x32x16, params: 1200}
  - {relu: , name: act, expect: {params: 0}}
expect: {params: 1216, macs: 5}
---
name: Typo
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: 3, pading: 1}
expect: {params: 448}
"""


@pytest.fixture
def net(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.yaml").write_text(NET, encoding="utf-8")
    return "net.yaml"


# ---- GitHub Actions ----

COMMANDS = [
    "::error file=net.yaml,line=5,endLine=5,col=40,endColumn=44,title=shapecalc expectation-failed"
    "::the params of `conv1` are 1,216, not 1,200",
    "::error file=net.yaml,line=7,endLine=7,col=30,endColumn=31,title=shapecalc expectation-failed"
    "::the macs of the network are 1,228,800, not 5",  # 5·5·3·16 weights at 32·32 positions
    "::error file=net.yaml,line=12,endLine=12,col=46,endColumn=52,title=shapecalc unknown-field"
    "::`pading` is not a field of `conv`%0Ahelp: did you mean `padding`?",
    "2 specs checked, 2 failed",
]


def test_workflow_commands(net: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "check", net, "--format", "github")
    assert (said.code, said.err) == (WRONG, "")
    for line, beginning in zip(said.out.splitlines(), COMMANDS, strict=True):  # what follows is the slip, the working
        assert line.startswith(beginning)


def test_workflow_commands_escape_what_would_end_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    name = "a,b:c%.yaml"
    Path(name).write_text("input: 3\nlayers:\n  - fc: {units: 2, 50%: 1}\n", encoding="utf-8")
    out = Said(capsys, "check", name, "--format", "github").out
    assert out.startswith("::error file=a%2Cb%3Ac%25.yaml,line=3,")
    assert "::`50%25` is not a field of `fc`%0Ahelp: " in out


def test_github_is_chosen_by_itself_and_paths_are_those_of_the_repository(
    net: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path.parent))
    out = Said(capsys, "check", net).out
    assert out.startswith(f"::error file={tmp_path.name}/net.yaml,line=5,")
    assert "::error" not in Said(capsys, "check", net, "--format", "text").out
    monkeypatch.setenv("GITHUB_ACTIONS", "false")
    assert "::error" not in Said(capsys, "check", net).out


def test_what_cannot_be_read_is_an_error_in_every_format(net: str, capsys: pytest.CaptureFixture[str]) -> None:
    for form in ("text", "json", "github", "sarif", "junit"):
        said = Said(capsys, "check", "nothing.yaml", net, "--format", form)
        assert said.code == COULD_NOT
        assert "nothing.yaml" in said.err
    assert "::error title=shapecalc::there is no file or folder nothing.yaml" in said_in("github", capsys)
    (notification,) = json.loads(said_in("sarif", capsys))["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert "nothing.yaml" in notification["message"]["text"]
    assert ET.fromstring(said_in("junit", capsys)).get("errors") == "1"


def said_in(form: str, capsys: pytest.CaptureFixture[str]) -> str:
    return Said(capsys, "check", "nothing.yaml", "--format", form).out


# ---- SARIF ----


def sarif(capsys: pytest.CaptureFixture[str], *paths: str) -> dict[str, Any]:
    """The run of a log that is valid by the published schema."""
    log = json.loads(Said(capsys, "check", *paths, "--format", "sarif").out)
    jsonschema.Draft4Validator(SARIF, format_checker=jsonschema.FormatChecker()).validate(log)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    return dict(run)


def test_the_schema_refuses_what_is_no_sarif() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(SARIF).validate({"version": "2.1.0", "runs": [{"results": []}]})


def test_sarif_says_what_and_where(net: str, capsys: pytest.CaptureFixture[str]) -> None:
    run = sarif(capsys, net)
    first, _, typo = run["results"]
    (place,) = first["locations"]
    assert (first["ruleId"], first["level"]) == ("expectation-failed", "error")
    assert place["physicalLocation"]["artifactLocation"] == {"uri": "net.yaml", "uriBaseId": "%SRCROOT%"}
    assert place["physicalLocation"]["region"] == {
        "startLine": 5,
        "startColumn": 40,
        "endColumn": 44,
        "snippet": {"text": "1200"},
    }
    assert place["logicalLocations"][0]["fullyQualifiedName"] == "layers.0.expect.params"
    (change,) = typo["fixes"][0]["artifactChanges"]
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 12, "startColumn": 46, "endColumn": 52},
            "insertedContent": {"text": "padding"},
        }
    ]


def test_every_code_is_a_rule(net: str, capsys: pytest.CaptureFixture[str]) -> None:
    run = sarif(capsys, net)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(CODES)
    for rule in rules:
        assert rule["name"].isalnum()
        assert rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] == CODES[rule["id"]].severity
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_sarif_of_everything_bad_is_valid_and_its_fixes_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = sarif(capsys, str(ROOT / "tests" / "bad"))
    assert {result["ruleId"] for result in run["results"]} >= set(CODES) - {"not-utf8", "note", "wrong-value"} - OTHERS
    fixed = [result for result in run["results"] if "fixes" in result]
    assert len(fixed) >= 30
    monkeypatch.chdir(tmp_path)
    for result in fixed:
        place = result["locations"][0]["physicalLocation"]
        path = ROOT / place["artifactLocation"]["uri"]
        Path("mended.yaml").write_text(mended(path, result), encoding="utf-8")
        after = json.loads(Said(capsys, "check", "mended.yaml", "--format", "json").out)
        begin = (place["region"]["startLine"], place["region"]["startColumn"], result["ruleId"])
        assert begin not in {(each["line"], each["column"], each["code"]) for each in after["problems"]}, path.name


def test_a_fix_inside_an_expression_replaces_the_word_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = "input: 8x8x3\nvars: {width: 2}\nlayers:\n  - conv: {filters: '=2*widht', kernel: 3}\n"
    Path("net.yaml").write_text(text, encoding="utf-8")
    (result,) = sarif(capsys, "net.yaml")["results"]
    assert mended(Path("net.yaml"), result) == text.replace("widht", "width")
    Path("net.yaml").write_text(text.replace("2*widht", "widht*widht"), encoding="utf-8")
    (result,) = sarif(capsys, "net.yaml")["results"]
    assert "fixes" not in result, "which of the two is meant is not known"


OTHERS = {
    "unknown-variant",
    "over-budget",
    "bad-ignore",
    "unused-ignore",
    "bad-configuration",
    "dangling",
    "doubtful-input",
}


def mended(path: Path, result: dict[str, Any]) -> str:
    """The file with the first fix in place."""
    (replacement,) = result["fixes"][0]["artifactChanges"][0]["replacements"]
    region = replacement["deletedRegion"]
    lines = path.read_text(encoding="utf-8").split("\n")
    line = lines[region["startLine"] - 1]
    before, behind = line[: region["startColumn"] - 1], line[region["endColumn"] - 1 :]
    lines[region["startLine"] - 1] = before + replacement["insertedContent"]["text"] + behind
    return "\n".join(lines)


# ---- JUnit ----


def test_junit_has_a_case_for_each_spec_and_each_number(net: str, capsys: pytest.CaptureFixture[str]) -> None:
    root = ET.fromstring(Said(capsys, "check", net, "--format", "junit").out)
    (suite,) = root
    rows = [(case.get("name"), case.get("line"), *[child.tag for child in case]) for case in suite]
    assert rows == [
        ("Net", "1"),
        ("Net: conv@4.output", "5"),
        ("Net: conv@4.params", "5", "failure"),
        ("Net: act.params", "6"),
        ("Net: params", "7"),
        ("Net: macs", "7", "failure"),
        ("Typo", "9", "failure"),
        ("Typo: params", "13", "skipped"),
    ]
    for element in (root, suite):
        assert [element.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["8", "3", "0", "1"]
    assert {(case.get("classname"), case.get("file")) for case in suite} == {("net_yaml", "net.yaml")}
    failure = suite[6][0]
    assert (failure.get("type"), failure.get("message")) == ("unknown-field", "`pading` is not a field of `conv`")
    assert "^^^^^^" in (failure.text or "")


def test_junit_of_everything_bad_is_xml(capsys: pytest.CaptureFixture[str]) -> None:
    out = Said(capsys, "check", str(ROOT / "tests" / "bad"), "--format", "junit").out
    assert out.isascii()
    root = ET.fromstring(out)
    failed = {case.get("file") for case in root.iter("testcase") if case.find("failure") is not None}
    good = "vars_without_value_but_variants.yaml"  # `check` goes through the variants, and each has the value
    assert failed == {str(path.relative_to(ROOT)) for path in BAD if path.name != good}


def test_signs_that_xml_cannot_have_are_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "signs.yaml"
    path.write_text('name: "a\\0\\eb"\ninput: 3\nlayers: [relu]\n', encoding="utf-8")
    root = ET.fromstring(Said(capsys, "check", str(path), "--format", "junit").out)
    assert [case.get("name") for case in root.iter("testcase")] == ["a��b"]


SHIPPED = [str(ROOT / "specs" / name) for name in ("resnet.yaml", "vgg16.yaml")]


@pytest.mark.parametrize("form", ["github", "sarif", "junit", "json"])
def test_the_shipped_specs_are_good_in_every_format(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "check", *SHIPPED, "--format", form)
    assert (said.code, said.err) == (GOOD, "")
    assert "::error" not in said.out
    assert "<failure" not in said.out


def test_names_of_cases_are_unique(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """GitLab keeps one of the cases with a name; Jenkins cuts a class at its last dot."""
    monkeypatch.chdir(tmp_path)
    document = "input: 3\nlayers: [relu]\nexpect: {params: 0}\n"
    for name in ("v1.2/sheet.yaml", "v1.2/sheet.yml"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text("---\n".join([document, document, f"name: sheet (2)\n{document}"]), encoding="utf-8")
    root = ET.fromstring(Said(capsys, "check", ".", "--format", "junit").out)
    cases = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    names = ["sheet", "sheet: params", "sheet (2)", "sheet (2): params", "sheet (2) (2)", "sheet (2) (2): params"]
    assert cases == [(f"v1_2/sheet_{end}", name) for end in ("yaml", "yml") for name in names]


# ---- variants, included files, and what is not known ----

FAMILY = """\
input: 8x8x3
vars: {k: 3}
variants: {a: {k: 3}, b: {k: 4{}}, c: {k: 41}}
layers:
  - conv: {filters: 4, kernel: =k}
"""


def in_all_formats(
    capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[list[str], list[str], list[str], list[Any]]:
    """The messages of the errors: in the text, for GitHub, in SARIF; the problems in JSON."""
    text = [line.split(": ", 2)[2] for line in Said(capsys, "check", *words).err.splitlines() if ": error[" in line]
    commands = Said(capsys, "check", *words, "--format", "github").out.splitlines()[:-1]
    results = sarif(capsys, *words)["results"]
    problems = json.loads(Said(capsys, "check", *words, "--format", "json").out)["problems"]
    github = [line.split("::")[2].split("%0A")[0] for line in commands]
    return text, github, [result["message"]["text"] for result in results], problems


@pytest.mark.parametrize(("kernel", "said"), [("0", ["variant `b`", "variant `c`"]), ("1", ["variants `b` and `c`"])])
def test_the_variant_is_named(
    kernel: str, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(FAMILY.replace("{}", kernel), encoding="utf-8")
    text, github, results, problems = in_all_formats(capsys, "net.yaml")
    for messages in (text, github):
        assert [message.split(" arrives ")[1] for message in messages] == [f"(in {each})" for each in said]
    assert [f"(in {each})" in message for each, message in zip(said, results, strict=True)] == [True] * len(said)
    assert [(each["variant"], "variant" in each["message"]) for each in problems] == [("b", False), ("c", False)]
    one = json.loads(Said(capsys, "check", "net.yaml:c", "--format", "json").out)["problems"]
    assert [each["variant"] for each in one] == ["c"]


def test_what_is_wrong_in_all_variants_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(FAMILY.replace("{}", "0").replace("kernel", "kernl"), encoding="utf-8")
    *messages, problems = in_all_formats(capsys, "net.yaml")
    for (message,) in messages:
        assert "variant" not in message
    (problem,) = problems
    assert problem["variant"] is None
    Path("net.yaml").write_text("input: 3\nlayers: [relu]\n", encoding="utf-8")
    assert "(in variant" not in Said(capsys, "check", "net.yaml:none").err


def test_a_fault_in_an_included_file_counts_for_each_that_includes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("blk.yaml").write_text(
        "blocks:\n  b: {vars: {k: }, layers: [conv: {filters: 4, kernel: =k}]}\n", encoding="utf-8"
    )
    for name in ("i3.yaml", "i4.yaml"):
        Path(name).write_text("input: 8x8x3\ninclude: [blk.yaml]\nlayers:\n  - b: {k: 50}\n", encoding="utf-8")
    text, github, results, problems = in_all_formats(capsys, ".")
    assert [len(each) for each in (text, github, results, problems)] == [2, 2, 2, 2]
    assert {(each["file"], each["line"]) for each in problems} == {("blk.yaml", 2)}


UNFIT = "input: 8\nlayers:\n  - fc: {units: 0}  # shapecalc: ignore\nexpect: {params: 0}\n"


def test_what_is_not_judged_is_said_in_every_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(UNFIT, encoding="utf-8")
    forms = ("json", "github", "sarif", "junit")
    said = {form: Said(capsys, "check", "net.yaml", "--format", form).out for form in forms}
    assert json.loads(said["json"]) == {"problems": [], "specs": 1, "failed": 0, "unjudged": 1}
    assert "1 of them not to the end" in said["github"]
    (notification,) = json.loads(said["sarif"])["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert "1 of them not to the end" in notification["message"]["text"]
    assert ET.fromstring(said["junit"]).get("skipped") == "2"


def test_numbers_of_layers_that_are_not_there_are_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    idle, used = ("{relu: , name: r, expect: {params: 1}}", "{relu: , expect: {params: 0}}")
    block = f"blocks: {{idle: {{layers: [{idle}]}}, used: {{layers: [{used}]}}}}"
    layers = "layers: [used, {tanh: , when: =1 > 2, expect: {params: 1}}, {elu: , expect: {params: 0}}]"
    Path("net.yaml").write_text(f"input: 3\n{block}\n{layers}\nexpect: {{params: 0}}\n", encoding="utf-8")
    root = ET.fromstring(Said(capsys, "check", "net.yaml", "--format", "junit").out)
    assert [(case.get("name"), *[child.tag for child in case]) for case in root.iter("testcase")] == [
        ("net",),
        ("net: idle.r.params", "skipped"),
        ("net: used.relu@2.params",),
        ("net: tanh@3.params", "skipped"),
        ("net: elu@3.params",),
        ("net: params",),
    ]


def test_notes_that_are_asked_for_are_shown_on_github(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text("input: 8x8x1\nlayers:\n  - maxpool: 3\n", encoding="utf-8")
    assert Said(capsys, "check", "net.yaml", "--format", "github").out == "1 spec checked, all good\n"
    out = Said(capsys, "check", "net.yaml", "--format", "github", "--select", "note").out
    assert out.startswith("::notice file=net.yaml,line=3,")
    Path("pyproject.toml").write_text('[tool.shapecalc]\nselect = ["note"]\n', encoding="utf-8")
    assert Said(capsys, "check", "net.yaml", "--format", "github").out == out
