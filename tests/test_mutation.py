"""The list of planted bugs still fits the code; the run itself is `python -m tests.mutation`."""

from __future__ import annotations

from pathlib import Path

import pytest

import shapecalc
from tests.mutation.bugs import BUGS, Bug

PACKAGE = Path(shapecalc.__file__).parent


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.file)
def test_a_planted_bug_finds_its_place(bug: Bug) -> None:
    assert bug.before in (PACKAGE / bug.file).read_text(encoding="utf-8")
    assert bug.before != bug.after


def test_there_are_enough() -> None:
    assert len(BUGS) >= 40
    assert len(set(BUGS)) == len(BUGS)
