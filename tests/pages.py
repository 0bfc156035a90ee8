"""Pages of documentation: the blocks of their text, and their commands, run as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
OF_THE_MACHINE = ("GIT_", "GITHUB_", "PYTEST_", "CI", "COLUMNS", "LINES")
"""How the variables begin that change what commands print, or which repository they write to."""

IS_PLUGIN_INSTALLED = any(each.name == "shapecalc" for each in entry_points(group="pytest11"))


class Block(NamedTuple):
    """A fenced block: its language, its text, and what the comment above it says."""

    language: str
    text: str
    output_of: str


class Command(NamedTuple):
    """A block of commands, and the output that stands right below it: empty where nothing does."""

    text: str
    output: str


def blocks(page: str) -> list[Block]:
    pattern = r"(?:<!-- output(?: of|:) (?P<of>.*?) -->\n)?```(?P<language>\w*)\n(?P<text>.*?)```"
    found = re.finditer(pattern, page, re.DOTALL)
    return [Block(m["language"], m["text"], m["of"] or "") for m in found]


def commands(page: str) -> list[Command]:
    pattern = r"^```sh\n(?P<text>.*?)^```\n(?:\n```(?:text|markdown)\n(?P<output>.*?)^```)?"
    found = re.finditer(pattern, page, re.DOTALL | re.MULTILINE)
    return [Command(m["text"], m["output"] or "") for m in found]


def shell(command: str, folder: Path = ROOT) -> str:
    """What the command prints in the folder, both streams, with this interpreter's `shapecalc`."""
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment(folder), capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def environment(folder: Path) -> dict[str, str]:
    """The variables of a command there: the usual ones, without a word of the machine and its git repositories."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OF_THE_MACHINE)}
    who = {f"GIT_{role}_{what}": "a@b.c" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return {
        **kept,
        **who,
        "GIT_CEILING_DIRECTORIES": str(folder.parent),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTEST_ADDOPTS": "-p no:cacheprovider" + ("" if IS_PLUGIN_INSTALLED else " -p shapecalc.pytest_plugin"),
    }
