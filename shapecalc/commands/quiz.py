"""`shapecalc quiz`: exercises from a seed, at the terminal, from a pipe, or as a sheet with its key."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from shapecalc.cli import GOOD, WRONG
from shapecalc.commands import has_colour
from shapecalc.files import Unreadable
from shapecalc.notation import counted
from shapecalc.quizzing import TOPICS, Exercise, Plan, exercises
from shapecalc.quizzing.dialogue import Dialogue, Turn, choices_of
from shapecalc.quizzing.making import LEVELS, MOST_EXERCISES
from shapecalc.quizzing.page import Page
from shapecalc.quizzing.sheet import SHEETS, as_key
from shapecalc.quizzing.state import Saved, begun, default_path, fingerprint, load, save, set_aside
from shapecalc.quizzing.teaching import CONVENTIONS
from shapecalc.translate import did_you_mean

_MOST_COLUMNS = 100
_LONGEST_LINE = 10_000


def run(arguments: argparse.Namespace) -> int:
    """Asks and judges, or writes a sheet. 1 where an answer was wrong and --exit-code asks for that."""
    if arguments.list:
        width = max(len(topic.word) for topic in TOPICS)
        print("\n".join(f"{topic.word:<{width}}  {topic.title}" for topic in TOPICS))
        return GOOD
    if arguments.sheet or arguments.key:
        return _written(arguments)
    return _asked(arguments)


def _plan(arguments: argparse.Namespace) -> Plan:
    """What the options say. `Unreadable` where they name no topic or level, or too many exercises."""
    words = [topic.word for topic in TOPICS]
    topics = tuple(word.strip() for text in arguments.topic or () for word in text.split(","))
    for word in topics:
        if word not in words:
            advice = did_you_mean(word, words) or f"topics: {', '.join(words)}"
            raise Unreadable(f"there is no topic {word!r}", advice)
    levels = tuple(sorted(set(arguments.level or LEVELS)))
    if arguments.count > MOST_EXERCISES:
        raise Unreadable(f"--count {arguments.count} is too many", f"at most {MOST_EXERCISES:,}")
    seed = arguments.seed if arguments.seed is not None else 1 + int.from_bytes(os.urandom(2), "big")
    return Plan(seed, arguments.count, tuple(dict.fromkeys(topics)), levels)


# ---- a sheet ----


def _written(arguments: argparse.Namespace) -> int:
    """Writes the sheet, the key or both; nothing where one of them cannot be."""
    if arguments.resume or arguments.state:
        raise Unreadable("--sheet and --key write files; --resume and --state are for a quiz that is answered")
    plan = _plan(arguments)
    paths = _paths(arguments)
    sheet = list(exercises(plan))
    saved = begun(plan, sheet, choices=arguments.choices)
    turns = [Turn(exercise, choices_of(saved, number, exercise)) for number, exercise in enumerate(sheet)]
    for path, make in paths.items():
        path.write_text(make(plan, turns), encoding="utf-8", newline="\n")
        print(path)
    return GOOD


def _paths(arguments: argparse.Namespace) -> dict[Path, Callable[[Plan, Sequence[Turn]], str]]:
    found: dict[Path, Callable[[Plan, Sequence[Turn]], str]] = {}
    if arguments.sheet:
        path = Path(arguments.sheet)
        if path.suffix not in SHEETS:
            raise Unreadable(f"--sheet {arguments.sheet!r} is neither Markdown nor LaTeX", "a name with .md or .tex")
        found[path] = SHEETS[path.suffix]
    if arguments.key:
        path = Path(arguments.key)
        if path.suffix not in (".yaml", ".yml"):
            raise Unreadable(f"--key {arguments.key!r} is no name of a YAML file", "a name with .yaml")
        found[path] = as_key
    for path in found:
        if path.exists() and not arguments.force:
            raise Unreadable(f"{path} is there already", "another name, or --force to write over it")
    return found


# ---- a quiz ----


def _asked(arguments: argparse.Namespace) -> int:
    is_live = sys.stdin.isatty()
    path = Path(arguments.state) if arguments.state else default_path() if is_live or arguments.resume else None
    page = Page(sys.stdout.write, _width(), colour=has_colour(sys.stdout))
    sheet, saved = _resumed(path) if arguments.resume and path else _begun(arguments)
    keeper = _Keeper(path, saved, page, is_kept=arguments.resume)
    quiz = Dialogue(sheet, saved, page, _reader(is_live=is_live))
    if not saved.is_finished:
        _opening(page, saved, is_live=is_live)
    if quiz.run(keeper):
        quiz.score()
    else:
        quiz.score()
        _farewell(page, path, arguments, saved)
    is_wrong = any(outcome.result == "wrong" for outcome in saved.outcomes)
    return WRONG if arguments.exit_code and is_wrong else GOOD


def _begun(arguments: argparse.Namespace) -> tuple[list[Exercise], Saved]:
    plan = _plan(arguments)
    sheet = list(exercises(plan))
    return sheet, begun(plan, sheet, choices=arguments.choices)


def _resumed(path: Path) -> tuple[list[Exercise], Saved]:
    """The quiz that was left. `Unreadable` where this version asks other questions for its seed."""
    saved = load(path)
    known = {topic.word for topic in TOPICS}
    try:
        sheet = list(exercises(saved.plan)) if known.issuperset(saved.topics) else []
    except Unreadable:
        sheet = []
    if fingerprint(sheet) != saved.sheet or len(saved.outcomes) > len(sheet):
        message = f"{path} is a quiz of another version of shapecalc, which asks other questions for seed {saved.seed}"
        raise Unreadable(message, "the file is left as it is; begin a new quiz without --resume")
    return sheet, saved


class _Keeper:
    """Keeps the quiz after each answer; an older one that is not finished is set aside first."""

    def __init__(self, path: Path | None, saved: Saved, page: Page, *, is_kept: bool) -> None:
        self._path, self._saved, self._page = path, saved, page
        self._is_first = not is_kept

    def __call__(self) -> None:
        if self._path is None:
            return
        try:
            old = set_aside(self._path) if self._is_first else None
            if old:
                self._page.paragraph(f"(What {self._path.name} held is kept as {old}.)")
            self._is_first = False
            save(self._saved, self._path)
        except OSError as error:
            print(f"shapecalc: the quiz cannot be kept: {error}", file=sys.stderr)
            self._path = None


def _opening(page: Page, saved: Saved, *, is_live: bool) -> None:
    done = f", {len(saved.outcomes)} of them done" if saved.outcomes else ""
    page.line(f"{counted(saved.count, 'exercise')}, seed {saved.seed}{done}", "bold")
    page.paragraph(CONVENTIONS)
    if is_live:
        page.paragraph("? shows the formula, s skips, q leaves.")
    page.line()


def _farewell(page: Page, path: Path | None, arguments: argparse.Namespace, saved: Saved) -> None:
    if path is not None and saved.outcomes and path.exists():
        state = f" --state {path}" if arguments.state else ""
        page.paragraph(f"`shapecalc quiz --resume{state}` goes on with it.")


def _reader(*, is_live: bool) -> Callable[[], str | None]:
    """What gives the next line of standard input: behind a prompt, or, from a pipe, shown as if it were typed."""
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(errors="replace")

    def typed() -> str | None:
        try:
            return input("> ")
        except EOFError:
            return None

    def piped() -> str | None:
        line = sys.stdin.readline(_LONGEST_LINE)
        if not line:
            return None
        print(f"> {line.strip()[:_MOST_COLUMNS]}")
        return line

    return typed if is_live else piped


def _width() -> int:
    """Columns of text: the terminal's, but no more than are read with ease."""
    return min(shutil.get_terminal_size((_MOST_COLUMNS, 24)).columns, _MOST_COLUMNS) - 1
