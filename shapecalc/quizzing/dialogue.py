"""The quiz as it is gone through: a question, an answer, what is wrong with it, the score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from shapecalc.derivation.plain import capitalised
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

    def __init__(self, sheet: Sequence[Exercise], saved: Saved, page: Page, ask: Ask) -> None:
        self.sheet = sheet
        self.saved = saved
        self._page = page
        self._ask = ask

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
            if not word:
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
        """The outcome; None where the line is no answer of the kind that is asked, and another one is asked for."""
        try:
            given = _given(turn, line)
        except NoAnswerError as error:
            self._page.paragraph(capitalised(str(error)) + ".", 2, "yellow")
            return None
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
    """The answer as `expect` has it; NoAnswerError where it is none of the choices, or of another kind."""
    if not turn.choices:
        return _of_its_kind(turn.exercise, read(line, turn.exercise))
    value = _chosen(turn, line)
    if value == turn.exercise.right:
        return expected(turn.exercise)
    return list(value) if isinstance(value, tuple) else value


def _of_its_kind(exercise: Exercise, given: Any) -> Any:
    """The answer; NoAnswerError where a map leaves and too few sizes are given."""
    if exercise.quantity == "output" and isinstance(exercise.right, tuple) and len(given) < len(exercise.right):
        raise NoAnswerError("a shape is wanted, height × width × channels, as in 32x32x16")
    return given


def _chosen(turn: Turn, line: str) -> Value:
    """The choice whose letter is given, or that is given itself. NoAnswerError where there is none."""
    letters = LETTERS[: len(turn.choices)]
    letter = line.strip().lower().rstrip(").").lstrip("(")
    if len(letter) == 1 and letter in letters:
        return turn.choices[letters.index(letter)]
    try:
        given = read(line, turn.exercise)
        return next(each for each in turn.choices if read(in_words(turn.exercise, each), turn.exercise) == given)
    except (NoAnswerError, StopIteration):
        raise NoAnswerError(f"a letter from a to {letters[-1]} is wanted, or the answer beside it") from None


def _right(turn: Turn) -> str:
    """The right answer, behind its letter where there are choices."""
    said = in_words(turn.exercise, turn.exercise.right)
    return f"{LETTERS[turn.choices.index(turn.exercise.right)]}) {said}" if turn.choices else f"it is {said}"
