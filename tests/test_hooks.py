"""The pre-commit hook and the GitHub action: that they say what they should; tried for real where asked for.

`SHAPECALC_PRECOMMIT=1 pytest tests/test_hooks.py` makes a repository with a bad spec and runs pre-commit
and the steps of the action in it, which builds two environments: a minute or two, with pip.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from shapecalc.cli import GOOD, WRONG, main

ROOT = Path(__file__).parent.parent
BAD = "input: 32x32x3\nlayers:\n  - conv: {out_channels: 16, kernel_size: 3, pading: 1}\n"
SAID = "specs/net.yaml:3:46: error[unknown-field]: `pading` is not a field of `conv`"
COMMAND = "::error file=specs/net.yaml,line=3,endLine=3,col=46,endColumn=52,title=shapecalc unknown-field::"

for_real = pytest.mark.skipif(os.environ.get("SHAPECALC_PRECOMMIT") != "1", reason="wants SHAPECALC_PRECOMMIT=1")


def loaded(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a bad spec, and a YAML file that is none."""
    folder = tmp_path / "project"
    (folder / "specs").mkdir(parents=True)
    (folder / "specs/net.yaml").write_text(BAD, encoding="utf-8")
    (folder / "other.yaml").write_text("key: value\n", encoding="utf-8")
    return folder


def mend(repository: Path) -> None:
    (repository / "specs/net.yaml").write_text(BAD.replace("pading", "padding"), encoding="utf-8")


# ---- as they are written ----


def test_the_hook_runs_a_command_that_there_is(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (hook,) = loaded(".pre-commit-hooks.yaml")
    program, *words = hook["entry"].split()
    assert (hook["id"], hook["language"], program) == ("shapecalc", "python", "shapecalc")
    monkeypatch.chdir(repository)
    assert main([*words, "specs/net.yaml"]) == WRONG
    assert SAID in capsys.readouterr().err
    mend(repository)
    assert main([*words, "specs/net.yaml"]) == GOOD


@pytest.mark.parametrize(
    ("path", "matches"),
    [("specs/a.yaml", True), ("x/networks/y/a.yml", True), ("a.shapecalc.yaml", True), ("ci.yaml", False)],
)
def test_the_hook_looks_at_specs_only(path: str, matches: bool) -> None:
    (hook,) = loaded(".pre-commit-hooks.yaml")
    assert bool(re.search(hook["files"], path)) == matches


@pytest.fixture
def github(repository: Path, tmp_path: Path) -> dict[str, str]:
    """An environment such as GitHub's, `shapecalc` on the path."""
    commands = tmp_path / "commands"
    commands.mkdir()
    (commands / "shapecalc").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m shapecalc "$@"\n', encoding="utf-8")
    (commands / "shapecalc").chmod(0o755)
    return {
        "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(repository),
        **{"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},  # as poor as a runner may be
    }


@pytest.mark.skipif(sys.platform == "win32", reason="wants a shell")
@pytest.mark.parametrize(
    ("path", "args", "code", "said"),
    [
        ("specs", "", 1, COMMAND),
        ("my models", "", 0, "1 spec checked, all good"),
        ("my models\n  specs\n", "--strict --format  text", 1, "2 specs checked, 2 failed"),
        ("my models", "--strict", 1, "(30 − 4) / 4 is not whole"),
        ("my models", "--strict --ignore note\n", 0, "1 spec checked, all good"),
        ("--help", "", 2, ""),
        ("", "--strict", 2, ""),
        ("$(touch ran) `touch ran` ;touch ran", "$(touch ran) ;touch ran", 2, ""),
        ("*", "", 2, ""),
    ],
)
def test_the_action_checks_what_its_inputs_name(
    path: str, args: str, code: int, said: str, github: dict[str, str]
) -> None:
    repository = Path(github["GITHUB_WORKSPACE"])
    (repository / "my models").mkdir()
    (repository / "my models/ü.yaml").write_text("{input: 30x30x3, layers: [maxpool: 4]}\n", encoding="utf-8")
    *_, check = loaded("action.yml")["runs"]["steps"]
    done = run_step(check, repository, github, {"path": path, "args": args})
    assert done.returncode == code, done.stdout + done.stderr
    assert said in done.stdout
    assert not (repository / "ran").exists()


def test_no_input_of_the_action_is_put_into_a_script() -> None:
    for step in loaded("action.yml")["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


# ---- for real ----


def called(*words: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words, cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )


def committed(folder: Path) -> str:
    """The commit of everything in the folder, which becomes a repository."""
    name = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main")
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "all", "--allow-empty", "--no-verify")):
        done = called("git", *name, *words, folder=folder)
        assert done.returncode == 0, done.stderr
    return called("git", "rev-parse", "HEAD", folder=folder).stdout.strip()


def copied(folder: Path) -> Path:
    """This checkout as it stands, uncommitted changes included, without what git ignores."""
    ignored = (".git", ".hypothesis", ".*_cache", "__pycache__", ".coverage*", ".venv", "venv", "dist", "build")
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*ignored))
    return folder


@for_real
def test_pre_commit_stops_a_bad_spec_and_lets_it_pass_once_mended(repository: Path, tmp_path: Path) -> None:
    checkout = copied(tmp_path / "shapecalc")
    entry = {"repo": str(checkout), "rev": committed(checkout), "hooks": [{"id": "shapecalc"}]}
    (repository / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [entry]}), encoding="utf-8")
    committed(repository)
    command = (sys.executable, "-m", "pre_commit", "run", "--all-files", "--verbose")
    home = str(tmp_path / "home")
    done = called(*command, folder=repository, PRE_COMMIT_HOME=home)
    assert done.returncode == 1, done.stdout + done.stderr
    assert SAID in done.stdout
    assert "other.yaml" not in done.stdout
    mend(repository)
    done = called(*command, folder=repository, PRE_COMMIT_HOME=home)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 spec checked, all good" in done.stdout


@for_real
def test_the_steps_of_the_action(repository: Path, tmp_path: Path) -> None:
    """The composite action's own scripts, with an environment such as GitHub's; setup-python is this Python."""
    (tmp_path / "paths").touch()
    github = {
        "GITHUB_ACTION_PATH": str(copied(tmp_path / "action")),
        "GITHUB_ACTIONS": "true",
        "GITHUB_PATH": str(tmp_path / "paths"),
        "GITHUB_WORKSPACE": str(repository),
        "RUNNER_TEMP": str(tmp_path / "a folder"),
    }
    install, check = (step for step in loaded("action.yml")["runs"]["steps"] if "run" in step)
    done = run_step(install, repository, github, {"python-path": sys.executable})
    assert done.returncode == 0, done.stderr
    (commands,) = (tmp_path / "paths").read_text(encoding="utf-8").splitlines()
    assert [each.name for each in Path(commands).iterdir()] == ["shapecalc"]  # no python, no pip
    github["PATH"] = f"{commands}{os.pathsep}{os.environ['PATH']}"
    for inputs, code in (({"path": "specs", "args": "--strict"}, 1), ({"path": "specs\nother.yaml", "args": ""}, 1)):
        done = run_step(check, repository, github, inputs)
        assert done.returncode == code, done.stderr
        assert COMMAND in done.stdout
    mend(repository)
    assert run_step(check, repository, github, {"path": "specs", "args": ""}).stdout == "1 spec checked, all good\n"


def run_step(
    step: dict[str, Any], folder: Path, github: dict[str, str], inputs: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """As the runner does it: bash -e, with pipefail, of a script in a file."""
    written: dict[str, str] = step.get("env", {})
    given = {name: re.sub(r"\$\{\{ [\w.]+\.([\w-]+) \}\}", lambda m: inputs[m[1]], v) for name, v in written.items()}
    shell = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"])
    return called(*shell, folder=folder, **{**github, **given})
