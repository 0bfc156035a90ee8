"""The pages for students, teachers and reviewers: their commands, run in turn as they stand, and what they print."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.pages import ROOT, blocks, commands, shell

PAGES = {
    name: (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in ("students", "teachers", "reviewers")
}
YAML = [yaml.safe_load(block.text) for page in PAGES.values() for block in blocks(page) if block.language == "yaml"]
STEPS = [step for each in YAML for job in each.get("jobs", {}).values() for step in job["steps"]]
FIVE_MINUTES = 1_000
"""Words of prose; the outputs beside them are looked at, not read."""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the specs of the repository, to write in."""
    folder = tmp_path / "clone"
    folder.mkdir()
    (folder / "specs").symlink_to(ROOT / "specs")
    return folder


def as_said(page: str, folder: Path) -> list[tuple[str, str]]:
    """Each block of commands with what it prints, those before it having been run."""
    return [(command.text, shell(command.text, folder).strip("\n")) for command in commands(page)]


@pytest.mark.parametrize("name", PAGES)
def test_shown_output_is_the_output(name: str, clone: Path) -> None:
    page = PAGES[name]
    assert as_said(page, clone) == [(command.text, command.output.strip("\n")) for command in commands(page)]
    for step in STEPS if name == "reviewers" else []:
        assert shell(f"export GITHUB_STEP_SUMMARY=summary.md\n{step.get('run', '')}", clone) == ""
    assert (name == "reviewers") == (clone / "summary.md").is_file()


@pytest.mark.parametrize("name", PAGES)
def test_no_output_stands_alone(name: str) -> None:
    languages = [block.language for block in blocks(PAGES[name])]
    shown = [command for command in commands(PAGES[name]) if command.output]
    assert len(shown) == languages.count("text") + languages.count("markdown") >= 10
    assert set(languages) <= {"sh", "text", "markdown", "yaml"}


def test_a_page_that_says_something_else_is_found_out(clone: Path) -> None:
    page = "```sh\necho 3 > a\n```\n\n```sh\ncat a\n```\n\n```text\n4\n```\n"
    assert commands(page) == [("echo 3 > a\n", ""), ("cat a\n", "4\n")]
    assert as_said(page, clone) == [("echo 3 > a\n", ""), ("cat a\n", "3")]


def test_the_jobs_use_what_there_is() -> None:
    action, hooks = (
        yaml.safe_load((ROOT / name).read_text("utf-8")) for name in ("action.yml", ".pre-commit-hooks.yaml")
    )
    ours = [step for step in STEPS if "shapecalc" in step.get("uses", "")]
    wanted: list[Any] = [hook["id"] for each in YAML for repo in each.get("repos", []) for hook in repo["hooks"]]
    assert len(ours) == 2
    assert all(set(step["with"]) <= set(action["inputs"]) for step in ours)
    assert wanted == [hook["id"] for hook in hooks]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_read_in_five_minutes_and_its_links_lead_somewhere(name: str) -> None:
    prose = re.sub(r"^```.*?^```$", "", PAGES[name], flags=re.DOTALL | re.MULTILINE)
    assert len(prose.split()) <= FIVE_MINUTES
    for path, anchor in re.findall(r"\]\(([^)#]*)#?([^)]*)\)", prose):
        target = ROOT / "docs" / path
        assert target.exists()
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8"))
    assert f"docs/{name}.md" in (ROOT / "README.md").read_text(encoding="utf-8")


def anchors(page: str) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def test_the_slips_of_the_page_for_teachers_are_known() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "shapecalc" / "misconceptions").glob("*.py"))
    tags = re.findall(r"`([a-z]+_[a-z_]+)`", "".join(re.findall(r"^\| `.*?\|", PAGES["teachers"], re.MULTILINE)))
    assert len(tags) >= 8
    assert [tag for tag in tags if f'"{tag}"' not in source] == []
