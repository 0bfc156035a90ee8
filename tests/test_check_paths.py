"""Which files a path of `check` stands for; what is not there, or must not be read, is never left out in silence."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from shapecalc.cli import COULD_NOT, GOOD, WRONG
from tests.test_cli import Said

SPEC = "input: 8x8x3\nlayers: [relu]\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("a.yaml", "models/b.yaml", "models/deep/c.yml", "models/.hidden/d.yaml", "models/.e.yaml"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(SPEC, encoding="utf-8")
    return tmp_path


@pytest.fixture
def locked(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that may not be read, and one whose pyproject.toml may not; for the superuser, too."""
    scandir, read_bytes = os.scandir, Path.read_bytes

    def refusing(path: Any) -> Any:
        if str(path).endswith("deep"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    def unreadable(path: Path) -> bytes:
        if path.name == "pyproject.toml":
            raise PermissionError(13, "Permission denied", str(path))
        return read_bytes(path)

    monkeypatch.setattr(os, "scandir", refusing)
    monkeypatch.setattr(Path, "read_bytes", unreadable)
    (project / "other").mkdir()
    for name in ("pyproject.toml", "x.yaml", "y.yaml"):
        (project / "other" / name).write_text(SPEC, encoding="utf-8")
    return project


@pytest.mark.usefixtures("project")
def test_a_folder_stands_for_its_yaml_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert Said(capsys, "check", ".").out == "3 specs checked, all good\n"
    assert Said(capsys, "check", "models", "a.yaml").out == "3 specs checked, all good\n"


@pytest.mark.usefixtures("locked")
def test_what_must_not_be_read_is_said_and_the_rest_is_checked(capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "check", ".")
    assert (said.code, said.out) == (COULD_NOT, "2 specs checked, some could not be read\n")
    assert said.err.splitlines() == [
        "shapecalc: 'models/deep' cannot be read: Permission denied",
        "shapecalc: 'other/pyproject.toml' cannot be read: Permission denied",
    ]
    assert Said(capsys, "check", "models/deep", "a.yaml").out == "1 spec checked, some could not be read\n"
    assert Said(capsys, "check", "other/x.yaml", "a.yaml").out == "1 spec checked, some could not be read\n"


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="wants links")
def test_links_to_nothing_are_said(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "models/nowhere.yaml").symlink_to("nowhere")
    (project / "models/self.yaml").symlink_to("self.yaml")
    (project / "models/good.yaml").symlink_to("../a.yaml")
    said = Said(capsys, "check", "models")
    assert (said.code, said.out) == (COULD_NOT, "3 specs checked, some could not be read\n")
    assert said.err == "".join(
        f"shapecalc: 'models/{name}.yaml' is a link to a file that is not there\n" for name in ("nowhere", "self")
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="wants pipes")
def test_a_pipe_in_a_folder_is_no_spec(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(project / "models/pipe.yaml")
    assert Said(capsys, "check", "models").out == "2 specs checked, all good\n"


@pytest.mark.parametrize("name", ["mnist", "resnet:resnet50", "exercises/pooling", "nope", "a.yaml/x.yaml"])
@pytest.mark.usefixtures("project")
def test_a_name_that_is_no_path_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`mnist` is a spec of the package; in CI it is a folder that has been moved."""
    said = Said(capsys, "check", name, "models")
    assert (said.code, said.out) == (COULD_NOT, "2 specs checked, some could not be read\n")
    assert said.err.splitlines()[0] == f"shapecalc: there is no file or folder {name}"
    assert ("`shapecalc show" in said.err) == (name[0] in "mre")
    assert len(said.err.splitlines()) <= 2


def test_nothing_to_check_is_not_called_good(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "empty").mkdir()
    said = Said(capsys, "check", "empty")
    assert (said.code, said.out) == (GOOD, "0 specs checked\n")
    assert said.err == "shapecalc: warning: there is no spec under empty\n"
    assert Said(capsys, "check", "empty", "--strict").code == WRONG
    assert "::warning title=shapecalc::there is no spec under empty" in in_format("github", capsys)
    (run,) = json.loads(in_format("sarif", capsys))["runs"]
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert (notification["level"], notification["message"]["text"]) == ("warning", "there is no spec under empty")
    (project / "pyproject.toml").write_text("[tool.shapecalc]\nexclude = ['models/']\nstrict = true\n", "utf-8")
    said = Said(capsys, "check", "models")
    assert (said.code, said.out) == (WRONG, "0 specs checked\n")
    assert said.err == "shapecalc: error: there is no spec under models but for 2 that pyproject.toml excludes\n"
    assert Said(capsys, "check", "models/b.yaml", "--force-exclude").code == GOOD, "as pre-commit asks: nothing changed"


def in_format(form: str, capsys: pytest.CaptureFixture[str]) -> str:
    return Said(capsys, "check", "empty", "--format", form).out


def test_what_is_not_there_is_a_problem_in_json_and_an_error_in_junit(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (problem,) = json.loads(Said(capsys, "check", "gone.yaml", "a.yaml", "--format", "json").out)["problems"]
    assert (problem["file"], problem["code"], problem["severity"]) == ("gone.yaml", "unreadable", "error")
    assert problem["message"] == "there is no file or folder gone.yaml"
    root = ET.fromstring(Said(capsys, "check", "gone.yaml", "a.yaml", "--format", "junit").out)
    assert [root.get(name) for name in ("tests", "errors")] == ["2", "1"]
