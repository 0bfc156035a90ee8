"""A sheet of exercises as Markdown or LaTeX, and its key, which `check` and `explain` read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from shapecalc.derivation import prose
from shapecalc.loading import load
from shapecalc.notation import counted
from shapecalc.quizzing.answering import expected, in_words
from shapecalc.quizzing.dialogue import Turn
from shapecalc.quizzing.exercise import Exercise
from shapecalc.quizzing.making import Plan
from shapecalc.quizzing.options import LETTERS
from shapecalc.quizzing.teaching import CONVENTIONS
from shapecalc.walk import trace


def _title(plan: Plan, turns: Sequence[Turn]) -> str:
    titles = list(dict.fromkeys(turn.exercise.topic.title for turn in turns))
    subject = f": {titles[0].lower()}" if len(titles) == 1 else ""
    return f"{counted(len(turns), 'exercise')}{subject} (seed {plan.seed})"


def as_markdown(plan: Plan, turns: Sequence[Turn]) -> str:
    """The sheet as a numbered list."""
    parts = [f"# {_title(plan, turns)}", CONVENTIONS]
    for number, (exercise, choices) in enumerate(turns, 1):
        indent = " " * (len(str(number)) + 2)
        parts.append(f"{number}. **{exercise.topic.title}.** {exercise.question}")
        if choices:
            parts.append("\n".join(f"{indent}- {letter}) {said}" for letter, said in _options(exercise, choices)))
        else:
            parts.append(f"{indent}Answer: ______________")
    return "\n\n".join(parts) + "\n"


def as_latex(plan: Plan, turns: Sequence[Turn]) -> str:
    """The sheet as a document of its own."""
    lines = [
        r"\documentclass[a4paper,11pt]{article}",
        r"\usepackage[utf8]{inputenc}",
        r"\usepackage[T1]{fontenc}",
        r"\usepackage[margin=25mm]{geometry}",
        r"\setlength{\parindent}{0pt}",
        r"\begin{document}",
        rf"\section*{{{prose(_title(plan, turns))}}}",
        prose(CONVENTIONS),
        r"\begin{enumerate}",
    ]
    for exercise, choices in turns:
        lines.append(rf"  \item \textbf{{{prose(exercise.topic.title)}.}} {prose(exercise.question)}")
        if choices:
            lines.append(r"    \begin{enumerate}")
            lines += [rf"      \item {prose(said)}" for _, said in _options(exercise, choices)]
            lines.append(r"    \end{enumerate}")
        else:
            lines.append(r"    \par\medskip Answer: \underline{\hspace{5cm}}")
    return "\n".join([*lines, r"\end{enumerate}", r"\end{document}"]) + "\n"


SHEETS: dict[str, Callable[[Plan, Sequence[Turn]], str]] = {".md": as_markdown, ".tex": as_latex}
"""What writes a sheet, by the suffix of its file."""


def _options(exercise: Exercise, choices: Sequence[Any]) -> Iterator[tuple[str, str]]:
    for letter, value in zip(LETTERS, choices, strict=False):
        yield letter, in_words(exercise, value)


def as_key(plan: Plan, turns: Sequence[Turn]) -> str:
    """The key: a spec for each exercise, with the question and what is expected."""
    head = f"# {_title(plan, turns)}\n# `shapecalc check` says that it holds, `shapecalc explain` shows the working.\n"
    return head + "---\n".join(_document(number, turn) for number, turn in enumerate(turns, 1))


def _document(number: int, turn: Turn) -> str:
    import yaml  # noqa: PLC0415 (only where a key is written)

    exercise, choices = turn
    name = f"{number}. {exercise.topic.title}"
    document = {"name": name, **exercise.spec(expected(exercise))}
    text = yaml.dump(
        document, Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=110, default_flow_style=None
    )
    letter = f"# {LETTERS[choices.index(exercise.right)]}) {in_words(exercise, exercise.right)}\n" if choices else ""
    return letter + _with_notes_silenced(text)


def _with_notes_silenced(text: str) -> str:
    """The document with a comment on each line that has a note, as the exercise is about what the note says."""
    lines = text.splitlines()
    for number in {step.line for step in trace(load(text)).layers if step.notes}:
        lines[number - 1] += "  # shapecalc: ignore[note]"
    return "\n".join(lines) + "\n"


def _dumper() -> type[Any]:
    """Writes every layer as it is written by hand, the same list twice in full."""
    import yaml  # noqa: PLC0415

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    return Dumper
