"""The README's commands and outputs, run as they stand there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from shapecalc.cli import main
from shapecalc.layers import LAYERS
from shapecalc.reading import read_spec
from shapecalc.source import parse
from shapecalc.table import COLUMNS
from shapecalc.walk import trace
from tests.pages import ROOT, Block, blocks, shell

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_first_two_blocks_are_one_command_line_each() -> None:
    first, second = (block for block in blocks(README)[:2])
    assert first.language == second.language == "sh"
    assert first.text.count("\n") == second.text.count("\n") == 1
    assert first.text.strip().endswith("shapecalc show vgg16")
    assert second.text.strip().endswith("pytest")


@pytest.mark.parametrize(
    "block",
    [b for b in blocks(README) if b.output_of.startswith(("shapecalc", "printf"))],
    ids=lambda b: b.output_of[:40],
)
def test_shown_output_is_the_output(block: Block) -> None:
    assert block.text.strip()
    assert shell(block.output_of).strip() == block.text.strip()


def test_the_python_block_prints_what_stands_below_it(tmp_path: Path) -> None:
    code = next(block.text for block in blocks(README) if block.language == "python")
    expected = next(block.text for block in blocks(README) if block.output_of == "the Python block above")
    script = tmp_path / "readme.py"
    script.write_text(code, encoding="utf-8")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == expected


def test_the_spec_in_the_readme_holds() -> None:
    text = next(block.text for block in blocks(README) if block.text.startswith("# tiny.yaml"))
    source = parse(text, "README.md")
    assert trace(read_spec(source, source.documents[0])).diagnostics == ()
    assert yaml.safe_load(text)["layers"][1] == "relu"


@pytest.mark.parametrize(
    "word",
    [
        *LAYERS,
        *COLUMNS,
        "--strict",
        "--layout",
        "--max-layers",
        "--input",
        "--columns",
        "--depth",
        "--set",
        "--rf-input",
    ],
)
def test_the_readme_names_everything(word: str) -> None:
    assert re.search(rf"(?<![\w-]){re.escape(word)}(?!\w)", README), f"{word} is not in the README"


@pytest.mark.parametrize(
    "command", ["show", "explain", "check", "codes", "unit", "verify", "solve", "quiz", "diff", "sweep", "schema"]
)
def test_the_readme_and_the_help_name_every_command(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"shapecalc {command}" in README
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    assert f"usage: shapecalc {command}" in capsys.readouterr().out


def test_the_changelog_begins_with_what_is_unreleased() -> None:
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0].startswith("Unreleased")
