"""A quiz that can be left: the plan and the answers so far, in a file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shapecalc.files import Unreadable
from shapecalc.quizzing.exercise import Exercise
from shapecalc.quizzing.making import MOST_EXERCISES, Plan

Result = Literal["right", "wrong", "skipped"]

_STRICT = ConfigDict(strict=True, extra="forbid")


class Outcome(BaseModel):
    """One exercise that was gone through: what was answered, and what it was worth."""

    model_config = _STRICT

    given: str
    result: Result


class Saved(BaseModel):
    """A quiz as it is kept.

    `sheet` tells whether the same plan still gives the same questions.
    """

    model_config = _STRICT

    format: Literal[1] = 1
    seed: int
    count: int = Field(ge=1, le=MOST_EXERCISES)
    topics: list[str]
    levels: list[Literal[1, 2, 3]] = Field(min_length=1)
    choices: bool
    sheet: str
    outcomes: list[Outcome]

    @property
    def plan(self) -> Plan:
        """What the sheet is made from."""
        return Plan(self.seed, self.count, tuple(self.topics), tuple(self.levels))

    @property
    def is_finished(self) -> bool:
        """Whether every exercise was gone through."""
        return len(self.outcomes) >= self.count


def begun(plan: Plan, sheet: Sequence[Exercise], *, choices: bool) -> Saved:
    """A quiz of which nothing is answered."""
    return Saved(
        seed=plan.seed,
        count=plan.number,
        topics=list(plan.topics),
        levels=list(plan.levels),
        choices=choices,
        sheet=fingerprint(sheet),
        outcomes=[],
    )


def fingerprint(sheet: Sequence[Exercise]) -> str:
    """What two sheets share that have the same questions."""
    return sha256("\n".join(exercise.question for exercise in sheet).encode()).hexdigest()[:16]


def default_path() -> Path:
    """Where a quiz is kept unless --state says otherwise (XDG base directories, $XDG_STATE_HOME)."""
    folder = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")  # noqa: PTH111 (never raises)
    return Path(folder) / "shapecalc" / "quiz.json"


def load(path: Path) -> Saved:
    """The quiz that is kept there. `Unreadable` where there is none, or something else."""
    try:
        return Saved.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise Unreadable(f"no quiz is kept in {path}", "begin one without --resume") from None
    except OSError as error:
        raise Unreadable(f"{str(path)!r} cannot be read: {error.strerror or error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        message = f"{path} is no quiz that was kept: {place + ': ' if place else ''}{first['msg']}"
        advice = "the file is left as it is; begin a new quiz without --resume, or name another file with --state"
        raise Unreadable(message, advice) from None


def save(saved: Saved, path: Path) -> None:
    """Keeps the quiz; a file is replaced as a whole or not at all. OSError where that fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.write_text(saved.model_dump_json(indent=1) + "\n", encoding="utf-8")
    beside.replace(path)


def set_aside(path: Path) -> Path | None:
    """The new name of what stands in the way: a quiz that is not finished, or a file that is none."""
    if not path.exists():
        return None
    try:
        if load(path).is_finished:
            return None
    except Unreadable:
        pass
    number = 1
    while (free := path.with_name(f"{path.name}.{number}.old")).exists():
        number += 1
    path.rename(free)
    return free
