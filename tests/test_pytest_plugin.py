"""The pytest plugin: specs are collected as tests, and fail with our diagnostics."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

pytest_plugins = ["pytester"]

IS_INSTALLED = any(each.name == "shapecalc" for each in entry_points(group="pytest11"))
LOADED = [] if IS_INSTALLED else ["-p", "shapecalc.pytest_plugin"]
OPTIONS = ["-p", "no:cacheprovider", "-W", "error", *LOADED]

NET = """\
name: Net
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: 5, padding: 2}
    expect: {params: 1200}
  - {relu: , name: act, expect: {params: 0}}
expect: {params: 1216, output: 32x32x16}
---
name: Typo
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: 3, pading: 1}
expect: {params: 448}
"""
NAMES = [
    "net.shapecalc.yaml::Net::fits",
    "net.shapecalc.yaml::Net::conv@4.params",
    "net.shapecalc.yaml::Net::act.params",
    "net.shapecalc.yaml::Net::params",
    "net.shapecalc.yaml::Net::output",
    "net.shapecalc.yaml::Typo::fits",
    "net.shapecalc.yaml::Typo::params",
]


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    write(pytester, "net.shapecalc.yaml", NET)
    write(pytester, "other.yaml", "input: 3\nlayers: [rulu]\n")
    return pytester


def write(project: pytest.Pytester, name: str, text: str) -> None:
    (project.path / name).write_text(text, encoding="utf-8")


def ran(project: pytest.Pytester, *words: str) -> pytest.RunResult:
    return project.runpytest_subprocess(*OPTIONS, *words)


def test_each_spec_and_each_number_is_a_test(project: pytest.Pytester) -> None:
    result = ran(project, "-v")
    result.assert_outcomes(passed=4, failed=2, skipped=1)
    out = result.stdout.str()
    assert "net.shapecalc.yaml:5:22: error[expectation-failed]: the params of `conv1` are 1,216, not 1,200" in out
    assert "net.shapecalc.yaml:12:46: error[unknown-field]: `pading` is not a field of `conv`" in out
    assert "help: did you mean `padding`?" in out
    assert "the spec does not fit" in ran(project, "-rs").stdout.str()
    assert "Traceback" not in out
    assert "pytest_plugin.py" not in out


def test_names_can_be_listed_and_chosen(project: pytest.Pytester) -> None:
    listed = ran(project, "--collect-only", "-q").stdout.str()
    assert [line for line in listed.splitlines() if "::" in line] == NAMES
    ran(project, "-k", "act").assert_outcomes(passed=1, deselected=6)
    ran(project, NAMES[1]).assert_outcomes(failed=1)


def test_on_several_processes_and_as_junit(project: pytest.Pytester) -> None:
    ran(project, "-n", "2", "--junit-xml=out.xml").assert_outcomes(passed=4, failed=2, skipped=1)
    cases = list(ET.parse(project.path / "out.xml").iter("testcase"))
    assert sorted(case.get("name", "") for case in cases) == sorted(
        name.split("::", 1)[1].split("::")[1] for name in NAMES
    )


def test_folders_of_specs_are_named_in_a_setting(project: pytest.Pytester) -> None:
    ran(project, "other.yaml").assert_outcomes()
    project.mkdir("models").joinpath("deep.yml").write_text("input: 3\nlayers: [relu]\n", encoding="utf-8")
    project.makeini("[pytest]\nshapecalc_paths = models\n")
    ran(project, "models").assert_outcomes(passed=1)
    assert "models/deep.yml::deep::fits" in ran(project, "models", "--collect-only", "-q").stdout.str()


def test_variants_sheets_and_like_names(pytester: pytest.Pytester) -> None:
    family = "input: 3\nvariants: {a: {}, b: {expect: {params: 1}}}\nlayers: [relu]\n---\ninput: 3\nlayers: [tanh]\n"
    blocks = "---\nblocks: {x: {layers: [relu]}}\n---\ninput: 3\nlayers: [tanh]\n"
    write(pytester, "family.shapecalc.yaml", family + blocks)
    result = ran(pytester, "-v")
    result.assert_outcomes(passed=4, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*::family a::fits PASSED*",
            "*::family b::fits PASSED*",
            "*::family b::params FAILED*",
            "*::family (2)::fits*",
        ]
    )


@pytest.mark.parametrize("text", ["", "{", "\0", "- 1", "name: [", "a: &a [*a]", "name: 'x::y'\ninput: 3\nlayers: 3\n"])
def test_what_is_no_spec_fails_without_a_traceback(pytester: pytest.Pytester, text: str) -> None:
    write(pytester, "bad.shapecalc.yaml", text)
    result = ran(pytester)
    result.assert_outcomes(failed=1)
    assert "error[" in result.stdout.str()
    assert "Traceback" not in result.stdout.str()


def test_the_configuration_counts(project: pytest.Pytester) -> None:
    budget = '[[tool.shapecalc.budgets]]\npath = "*.yaml"\nparams = "<= 1k"\n'
    write(project, "pyproject.toml", budget)
    out = ran(project, NAMES[0]).stdout.str()
    assert "error[over-budget]: the params of the network are 1,216, not <= 1k" in out
    write(project, "pyproject.toml", "[tool.shapecalc]\nstrct = true\n")
    result = ran(project, NAMES[0])
    result.assert_outcomes(failed=1)
    assert "did you mean `strict`?" in result.stdout.str()


def test_the_plugin_costs_nothing_where_there_are_no_specs(tmp_path: Path) -> None:
    code = (
        "import sys, pytest, shapecalc.pytest_plugin as plugin\n"
        f"pytest.main(['-p', 'no:cacheprovider', '-q', {str(tmp_path)!r}], plugins=[plugin])\n"
        "print('modules:', *[name for name in sys.modules if name.startswith('shapecalc')], 'pydantic' in sys.modules)"
    )
    environment = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PATH": ""}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.rsplit("modules:", 1)[1].split() == ["shapecalc", "shapecalc.pytest_plugin", "False"]


LIKE = """\
name: "a[b]::c\\nd"
input: 8x8x3
blocks:
  a: {layers: [{conv: {filters: 4, kernel: 3}, name: conv1, expect: {params: 111}}]}
  b: {layers: [{conv: {filters: 2, kernel: 3}, name: conv1, expect: {params: 55}}]}
  idle: {layers: [{relu: , name: r, expect: {params: 1}}]}
layers:
  - a
  - parallel:
      - [{relu: , expect: {params: 0}}, {relu: , expect: {params: 0}}]
      - [identity]
    join: add
  - parallel: {left: [{relu: , name: r, expect: {params: 0}}], right: []}
    join: add
  - {tanh: , when: =1 > 2, expect: {params: 1}}
  - b
"""  # 4·(3·3·3 + 1) = 112 and 2·(3·3·4 + 1) = 74 params
LIKE_NAMES = [
    "like.shapecalc.yaml::a(b): c�d::fits",
    "like.shapecalc.yaml::a(b): c�d::a.conv1.params",
    "like.shapecalc.yaml::a(b): c�d::b.conv1.params",
    "like.shapecalc.yaml::a(b): c�d::idle.r.params",
    "like.shapecalc.yaml::a(b): c�d::parallel@9.0.relu@10:10.params",
    "like.shapecalc.yaml::a(b): c�d::parallel@9.0.relu@10:41.params",
    "like.shapecalc.yaml::a(b): c�d::left.r.params",
    "like.shapecalc.yaml::a(b): c�d::tanh@15.params",
]


def test_like_layers_are_told_apart_and_absent_ones_skipped(pytester: pytest.Pytester) -> None:
    """xdist runs only one of the tests with an id."""
    write(pytester, "like.shapecalc.yaml", LIKE)
    listed = ran(pytester, "--collect-only", "-q").stdout.str()
    assert [line for line in listed.splitlines() if "::" in line] == LIKE_NAMES
    result = ran(pytester, "-n", "2", "--dist", "loadfile", "-rs")
    result.assert_outcomes(passed=4, failed=2, skipped=2)
    result.stdout.fnmatch_lines(["*this network has no such layer*"])


def test_failed_tests_are_found_again(pytester: pytest.Pytester) -> None:
    write(pytester, "like.shapecalc.yaml", LIKE)
    pytester.runpytest_subprocess(*LOADED).assert_outcomes(passed=4, failed=2, skipped=2)
    pytester.runpytest_subprocess(*LOADED, "--lf").assert_outcomes(failed=2)


def test_excluded_files_are_no_tests_unless_they_are_named(project: pytest.Pytester) -> None:
    write(project, "old.shapecalc.yaml", "input: 3\nlayers: [relu]\n")
    write(project, "pyproject.toml", "[tool.shapecalc]\nexclude = ['net.*']\n")
    ran(project).assert_outcomes(passed=1)
    ran(project, "net.shapecalc.yaml").assert_outcomes(passed=4, failed=2, skipped=1)


def test_a_folder_of_the_setting_that_is_not_there_is_said(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\nshapecalc_paths = modles\n")
    out = project.runpytest_subprocess(*LOADED, "--collect-only").stdout.str()
    assert "PytestConfigWarning: shapecalc_paths: there is no file or folder" in out
    assert "modles" in out


def test_a_spec_whose_fault_is_ignored_is_skipped(pytester: pytest.Pytester) -> None:
    write(pytester, "net.shapecalc.yaml", "input: 8\nlayers:\n  - fc: {units: 0}  # shapecalc: ignore\n")
    ran(pytester).assert_outcomes(skipped=1)
