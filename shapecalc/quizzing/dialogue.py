"""The quiz as it is gone through: a question, an answer, what is wrong with it, the score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from shapecalc.quizzing.answering import NoAnswerError, expected, in_words, judged, read
from shapecalc.quizzing.draw import Draw
from shapecalc.quizzing.exercise import Exercise, Value
from shapecalc.quizzing.options import LETTERS, options
from shapecalc.quizzing.page import Page
from shapecalc.quizzing.state import Outcome, Saved
from shapecalc.quizzing.teaching import formulas, letters, working

Ask = Callable[[], "str | None"]
"""The next line that is answered; None where there are no more."""

_LEAVE = ("q", "quit", "exit")
_SKIP = ("s", "skip")
_HINT = ("?", "h", "hint", "help")


class _Left(Exception):  # noqa: N818 (nothing is wrong)
    """Whoever answers has left."""


class Turn(NamedTuple):
    """One exercise that is asked, with the answers to choose from, if any."""

    exercise: Exercise
    choices: tuple[Value, ...]


class Dialogue:
    """One quiz in the making.

    Attributes:
        sheet: all exercises.
        saved: what was answered so far.
    """

    def __init__(self, sheet: Sequence[Exercise], saved: Saved, page: Page, ask: Ask, *, is_live: bool) -> None:
        self.sheet = sheet
        self.saved = saved
        self._page = page
        self._ask = ask
        self._is_live = is_live

    def run(self, kept: Callable[[], object]) -> bool:
        """Goes through what is left; whether the end was reached. `kept` is called after each answer."""
        try:
            for number in range(len(self.saved.outcomes), len(self.sheet)):
                self.saved.outcomes.append(self._exercise(number))
                kept()
        except (_Left, KeyboardInterrupt):
            self._page.line()
            return False
        return True

    def _exercise(self, number: int) -> Outcome:
        exercise = self.sheet[number]
        turn = Turn(exercise, choices_of(self.saved, number, exercise))
        title = f"{number + 1}/{len(self.sheet)}  {exercise.topic.title}, level {exercise.level}"
        self._page.line(title, "bold")
        self._page.paragraph(exercise.question)
        for letter, value in zip(LETTERS, turn.choices, strict=False):
            self._page.line(f"  {letter})  {in_words(exercise, value)}")
        outcome = self._answered(turn)
        self._page.line()
        return outcome

    def _answered(self, turn: Turn) -> Outcome:
        while True:
            line = self._ask()
            if line is None or (word := line.strip().lower()) in _LEAVE:
                raise _Left
            if not word and self._is_live:
                self._page.paragraph("An answer; ? for the formula, s to skip, q to leave.", 2)
            elif word in _HINT:
                self._page.rows(formulas(turn.exercise))
                self._page.rows(letters(turn.exercise))
            elif word in _SKIP:
                self._page.paragraph(f"skipped: {_right(turn)}", 2, "yellow")
                self._page.rows(working(turn.exercise))
                return Outcome(given="", result="skipped")
            else:
                outcome = self._judged(turn, line)
                if outcome is not None:
                    return outcome

    def _judged(self, turn: Turn, line: str) -> Outcome | None:
        """The outcome; None where the line is no answer and another one can be asked for."""
        try:
            given = _given(turn, line)
        except NoAnswerError as error:
            if self._is_live:
                self._page.paragraph(str(error).capitalize() + ".", 2, "yellow")
                return None
            self._page.paragraph(f"wrong: {error}; {_right(turn)}", 2, "red")
            self._page.rows(working(turn.exercise))
            return Outcome(given=line[:100].strip(), result="wrong")
        verdict = judged(turn.exercise, given)
        if verdict.is_right:
            self._page.paragraph("right", 2, "green")
            return Outcome(given=line.strip(), result="right")
        self._page.paragraph(f"wrong: {_right(turn)}", 2, "red")
        for slip in verdict.slips:
            self._page.paragraph(f"{slip.sentence} [{slip.tag}]", 2)
        self._page.rows(working(turn.exercise))
        return Outcome(given=line.strip(), result="wrong")

    # ---- the score ----

    def score(self) -> None:
        """Prints how many were right, and the topics of those that were not."""
        results = Counter(outcome.result for outcome in self.saved.outcomes)
        asked = len(self.saved.outcomes)
        skipped = f", {results['skipped']} skipped" if results["skipped"] else ""
        of_all = f" (of {len(self.sheet)} exercises)" if asked < len(self.sheet) else ""
        self._page.line(f"{results['right']} of {asked} right{skipped}{of_all}", "bold")
        missed = [
            exercise.topic.title
            for exercise, outcome in zip(self.sheet, self.saved.outcomes, strict=False)
            if outcome.result != "right"
        ]
        if missed:
            again = ", ".join(f"{title} ({times})" for title, times in Counter(missed).most_common())
            self._page.paragraph(f"To go over again: {again}.")


def choices_of(saved: Saved, number: int, exercise: Exercise) -> tuple[Value, ...]:
    """The answers to choose from, the same whenever the quiz is taken up."""
    return options(exercise, Draw(saved.seed * 100_003 + number)) if saved.choices else ()


def _given(turn: Turn, line: str) -> object:
    """The answer as `expect` has it; of a letter, the answer that stands beside it."""
    letter = line.strip().lower().rstrip(").").lstrip("(")
    if turn.choices and len(letter) == 1 and letter in LETTERS[: len(turn.choices)]:
        value = turn.choices[LETTERS.index(letter)]
        if value == turn.exercise.right:
            return expected(turn.exercise)
        return list(value) if isinstance(value, tuple) else value
    try:
        return read(line, turn.exercise)
    except NoAnswerError as error:
        letters = f", or a letter from a to {LETTERS[len(turn.choices) - 1]}" if turn.choices else ""
        raise NoAnswerError(f"{error}{letters}") from None


def _right(turn: Turn) -> str:
    """The right answer, behind its letter where there are choices."""
    said = in_words(turn.exercise, turn.exercise.right)
    return f"{LETTERS[turn.choices.index(turn.exercise.right)]}) {said}" if turn.choices else f"it is {said}"
