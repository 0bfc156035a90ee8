"""`[tool.shapecalc]` in pyproject.toml: the options, budgets for folders, and what is wrong with it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from shapecalc.checking.toml import place_of
from shapecalc.cli import COULD_NOT, GOOD, WRONG
from tests.test_cli import Said

SMALL = "name: Small\ninput: 8x8x3\nlayers:\n  - conv: {filters: 4, kernel: 3}\n"  # 4·(27 + 1) = 112 params
LARGE = "input: 8x8x3\nlayers:\n  - conv: {filters: 40, kernel: 3}\n"  # 1,120
NOTED = "input: 8x8x1\nlayers:\n  - maxpool: 3\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for folder in ("models/mobile/deep", "drafts"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


def problems(capsys: pytest.CaptureFixture[str], *words: str) -> list[tuple[str, int, str]]:
    """File, line and code of what the check finds."""
    found = json.loads(Said(capsys, "check", "--format", "json", *words).out)["problems"]
    return [(each["file"], each["line"], each["code"]) for each in found]


BUDGETS = """\
[tool.shapecalc]

[[tool.shapecalc.budgets]]
path = "models/mobile/**"
params = "<= 1k"
receptive_field = ">= 3"

[[tool.shapecalc.budgets]]
path = "*.yaml"
tensor_size = "<= 200"      # 6·6·4 = 144, 6·6·40 = 1,440
"""


def test_budgets_hold_for_the_specs_of_a_folder(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text(BUDGETS, encoding="utf-8")
    (project / "models/mobile/deep/large.yaml").write_text(f"# a comment\n{LARGE}", encoding="utf-8")
    (project / "models/small.yaml").write_text(SMALL, encoding="utf-8")
    (project / "models/large.yaml").write_text(f"name: Large\n{LARGE}", encoding="utf-8")
    said = Said(capsys, "check", "models")
    assert (said.code, said.out) == (WRONG, "3 specs checked, 2 failed\n")
    first, second, third = (line for line in said.err.splitlines() if "error[" in line)
    assert first == ("models/large.yaml:1:7: error[over-budget]: the tensor size of the network is 1,440, not <= 200")
    deep = "models/mobile/deep/large.yaml:2:1: error[over-budget]: "
    assert second == f"{deep}the params of the network are 1,120, not <= 1k"
    assert third == f"{deep}the tensor size of the network is 1,440, not <= 200"
    assert "help: the budget is set at pyproject.toml:3" in said.err
    assert "help: the budget is set at pyproject.toml:8" in said.err


def test_a_budget_can_be_ignored_where_it_is_broken(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text(BUDGETS, encoding="utf-8")
    path = project / "large.yaml"
    path.write_text(f"name: Large  # shapecalc: ignore[over-budget]\n{LARGE}", encoding="utf-8")
    assert problems(capsys, str(path)) == []
    path.write_text(f"name: Large\n{LARGE}", encoding="utf-8")
    assert problems(capsys, str(path)) == [(str(path), 1, "over-budget")]


OPTIONS = [
    ("strict = true", "", [(NOTED, WRONG)]),
    ("strict = true", "--no-strict", [(NOTED, GOOD)]),
    ('strict = true\nignore = ["note"]', "", [(NOTED, GOOD)]),
    ('strict = true\nignore = ["note"]', "--ignore dangling", [(NOTED, WRONG)]),
    ('strict = true\nselect = ["expectation"]', "", [(NOTED, GOOD)]),
    ("max-layers = 2", "", [("input: 3\nlayers: [relu, relu, relu]\n", WRONG)]),
    ("max-layers = 2", "--max-layers 3", [("input: 3\nlayers: [relu, relu, relu]\n", GOOD)]),
]


@pytest.mark.parametrize(("table", "options", "expected"), OPTIONS)
def test_options_of_the_table(
    project: Path, table: str, options: str, expected: list[tuple[str, int]], capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "pyproject.toml").write_text(f"[tool.shapecalc]\n{table}\n", encoding="utf-8")
    for text, code in expected:
        (project / "models/net.yaml").write_text(text, encoding="utf-8")
        for path in ("models", "models/net.yaml", str(project / "models/net.yaml")):
            assert Said(capsys, "check", path, *options.split()).code == code


def test_the_format_of_the_table(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "pyproject.toml").write_text('[tool.shapecalc]\nformat = "json"\n', encoding="utf-8")
    (project / "net.yaml").write_text(SMALL, encoding="utf-8")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert json.loads(Said(capsys, "check", "net.yaml").out)["specs"] == 1
    assert Said(capsys, "check", "net.yaml", "--format", "text").out == "1 spec checked, all good\n"


def test_excluded_files(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text('[tool.shapecalc]\nexclude = ["drafts/", "*.old.yaml"]\n', encoding="utf-8")
    for name in ("drafts/a.yaml", "models/b.old.yaml", "models/c.yaml"):
        (project / name).write_text(SMALL, encoding="utf-8")
    assert Said(capsys, "check", ".").out == "1 spec checked, all good\n"
    assert Said(capsys, "check", "models", "drafts/a.yaml").out == "2 specs checked, all good\n", "named itself"
    assert Said(capsys, "check", "drafts/a.yaml", "models", "--force-exclude").out == "1 spec checked, all good\n"


def test_the_nearest_table_above_each_spec_counts(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text("[tool.shapecalc]\nstrict = true\n", encoding="utf-8")
    (project / "models/pyproject.toml").write_text("[tool.shapecalc]\nstrict = false\n", encoding="utf-8")
    (project / "models/mobile/pyproject.toml").write_text("[tool.other]\nshapecalc = 1\n", encoding="utf-8")
    for folder in ("drafts", "models/mobile/deep"):
        (project / folder / "net.yaml").write_text(NOTED, encoding="utf-8")
    assert Said(capsys, "check", "models").code == GOOD
    assert Said(capsys, "check", ".").out == "2 specs checked, 1 failed\n"
    assert Said(capsys, "check", "models/../drafts").code == WRONG


def test_budgets_in_one_list_are_told_apart(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    two = '[{path = "*.yaml", params = "<= 1"},\n  {path = "*.yaml", macs = "<= 1"}]'
    (project / "pyproject.toml").write_text(f"[tool.shapecalc]\nbudgets = {two}\n", encoding="utf-8")
    (project / "net.yaml").write_text(SMALL, encoding="utf-8")
    err = Said(capsys, "check", "net.yaml").err
    assert re.findall(r"the (\w+) of|set at (.*)", err) == [
        ("params", ""),
        ("", "pyproject.toml:2"),
        ("macs", ""),
        ("", "pyproject.toml:3"),
    ]


IDLE_BUDGETS = [
    ("modles/mobile/**", "models", True),  # there is no such folder
    ("modles/mobile/**", "models/mobile/net.yaml", True),
    ("models/mobul*", "models", True),  # all of models has been gone through
    ("models/mobul*", "models/mobile", False),  # not here: something else may match
    ("drafts/**", "models", False),
    ("drafts/**", ".", True),  # there is nothing in it
    ("*.old.yaml", ".", True),
    ("*.old.yaml", "models", False),
    ("net.yaml", "models", False),  # matches, at whatever depth
]


@pytest.mark.parametrize(("path", "checked", "said"), IDLE_BUDGETS)
def test_a_budget_that_holds_for_no_spec(
    project: Path, path: str, checked: str, said: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    budget = f"[tool.shapecalc]\n[[tool.shapecalc.budgets]]\npath = '{path}'\nparams = '<= 5M'\n"
    (project / "pyproject.toml").write_text(budget, encoding="utf-8")
    (project / "models/mobile/net.yaml").write_text(SMALL, encoding="utf-8")
    warning = f"shapecalc: warning: no spec matches `{path}`, the path of the budget at pyproject.toml:2\n"
    found = Said(capsys, "check", checked)
    assert (found.code, found.err) == (GOOD, warning if said else "")
    assert Said(capsys, "check", checked, "--strict").code == (WRONG if said else GOOD)


@pytest.mark.parametrize("form", ["json", "github", "sarif", "junit"])
def test_a_wrong_table_is_reported_in_every_format(
    project: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "pyproject.toml").write_text("[tool.shapecalc]\nstrct = true\n", encoding="utf-8")
    (project / "net.yaml").write_text(SMALL, encoding="utf-8")
    said = Said(capsys, "check", "net.yaml", "--format", form)
    assert (said.code, said.err) == (COULD_NOT, "")
    assert "`strct` is not a field of `[tool.shapecalc]`" in said.out
    assert "pyproject.toml" in said.out
    assert "all good" not in said.out
    if form == "github":
        assert said.out.startswith("::error file=pyproject.toml,line=2,endLine=2,col=1,endColumn=6,")


class Wrong(NamedTuple):
    table: str
    line: int
    column: int
    code: str
    message: str
    help: str | None


WRONG_TABLES = [
    ("strict = yes", 2, 10, "bad-configuration", "this is not TOML: invalid value", None),
    ("strct = true", 2, 1, "unknown-field", "`strct` is not a field of `[tool.shapecalc]`", "did you mean `strict`?"),
    ('strict = "true"', 2, 1, "wrong-type", "`strict`: true or false is wanted", "write true"),
    ('select = ["yaml", "nots"]', 2, 19, "unknown-value", "`nots` is no code", "did you mean `note`?"),
    ('format = "xml"', 2, 1, "unknown-value", "`format`: ", None),
    ("max-layers = 0", 2, 1, "out-of-range", "`max-layers`: `0` is not at least 1", None),
    ('[[tool.shapecalc.budgets]]\npath = "*"\nparms = 3', 4, 1, "unknown-field", "`parms`", "did you mean `params`?"),
    ('[[tool.shapecalc.budgets]]\nparams = 3', 2, 1, "missing-field", "a budget needs `path`", None),
    ('[[tool.shapecalc.budgets]]\npath = "*"', 2, 1, "missing-field", "a budget names a number", "params ="),
    ('[[tool.shapecalc.budgets]]\npath = "*"\nparams = "5M"', 4, 1, "bad-expectation", "rounded", '"~5M"'),
    ("budgets = 3", 2, 1, "wrong-type", "`budgets`: a list is wanted", "begin each with [[tool.shapecalc.budgets]]"),
    ('select = "note"', 2, 1, "wrong-type", "`select`: a list is wanted", 'as in select = ["note"]'),
    ('exclude = "old/"', 2, 1, "wrong-type", "`exclude`: a list is wanted", 'as in exclude = ["drafts/"]'),
    ('exclude = ["a/", "!"]', 2, 18, "bad-configuration", "`!` is no pattern of files", "as in .gitignore"),
    ('exclude = [\n  "a/",\n  "b[z-a]"]', 4, 3, "bad-configuration", "`b[z-a]` is no pattern", "as in .gitignore"),
    ('budgets = [{path = "!", params = 3}]', 2, 12, "bad-configuration", "`!` is no pattern of files", None),
    ('[[tool.shapecalc.budgets]]\npath = "\\\\"\nparams = 3', 3, 1, "bad-configuration", "no pattern", None),
]  # fmt: skip


@pytest.mark.parametrize("wrong", [Wrong(*row) for row in WRONG_TABLES], ids=lambda wrong: wrong.table)
def test_a_wrong_table_is_refused_at_its_place(project: Path, wrong: Wrong, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text(f"[tool.shapecalc]\n{wrong.table}\n", encoding="utf-8")
    (project / "net.yaml").write_text(SMALL, encoding="utf-8")
    said = Said(capsys, "check", "net.yaml")
    assert (said.code, said.out) == (COULD_NOT, "")
    first, *rest = said.err.splitlines()
    assert first.startswith(f"pyproject.toml:{wrong.line}:{wrong.column}: error[{wrong.code}]: ")
    assert wrong.message in first
    assert wrong.help is None or any("help: " in each and wrong.help in each for each in rest)


def test_the_example_of_the_readme(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```toml\n(.*?)```", readme, re.DOTALL)
    (project / "pyproject.toml").write_text(block, encoding="utf-8")
    (project / "drafts/wrong.yaml").write_text("{", encoding="utf-8")
    (project / "models/mobile/net.yaml").write_text(SMALL, encoding="utf-8")
    assert Said(capsys, "check", ".").out == "1 spec checked, all good\n"
    wide = "input: 8x8x3\nlayers:\n  - conv: {filters: 300_000, kernel: 3}\n"  # 28·300,000 params
    (project / "models/mobile/net.yaml").write_text(wide, encoding="utf-8")
    assert problems(capsys, ".") == [("models/mobile/net.yaml", 1, "over-budget")]


@pytest.mark.parametrize("raw", [b"\xff\xfe shapecalc", b"[tool.shapecalc]\na = " + b"[" * 5000, b"tool = 'shapecalc'"])
def test_any_bytes_in_it(project: Path, raw: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_bytes(raw)
    (project / "net.yaml").write_text(SMALL, encoding="utf-8")
    assert Said(capsys, "check", "net.yaml").code == (GOOD if raw.startswith(b"tool") else COULD_NOT)


@pytest.mark.parametrize(
    ("text", "path", "place"),
    [
        ("[tool.shapecalc]\nstrict = 1\n", ("tool", "shapecalc", "strict"), (2, 1)),
        ("[tool]\n  shapecalc.strict = 1\n", ("tool", "shapecalc", "strict"), (2, 3)),
        ("[ tool . shapecalc ] # here\n", ("tool", "shapecalc", "strict"), (1, 1)),
        ('[tool."shapecalc"]\n"max-layers" = 1\n', ("tool", "shapecalc", "max-layers"), (2, 1)),
        ("[tool.shapecalc]\nselect = [\n  'a',\n]\n", ("tool", "shapecalc", "select", 0), (3, 3)),
        ('[a]\nb = [  # [1,\n \'#\',[1, 2], "],\\",",\n {c = 1}]\n', ("a", "b", 1), (3, 6)),
        ('[a]\nb = [  # [1,\n \'#\',[1, 2], "],\\",",\n {c = 1}]\n', ("a", "b", 3, "c"), (4, 2)),
        ("[a]\nb = [1]\n", ("a", "b", 1), (2, 1)),
        ("[a]\nb = '[1, 2]'\n", ("a", "b", 1), (2, 1)),
        ("[[a.b]]\nc = 1\n[[a.b]]\nc = 1\n", ("a", "b", 1, "c"), (4, 1)),
        ("[x]\nc = 1\n", ("tool", "shapecalc", "c"), (1, 1)),
    ],
)
def test_places_in_toml(text: str, path: tuple[str | int, ...], place: tuple[int, int]) -> None:
    found = place_of(text, path)
    assert (found.line, found.column) == place
