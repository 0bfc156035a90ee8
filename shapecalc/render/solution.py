"""The answers of `solve` as text, a small table and what lies around them, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shapecalc.notation import counted, hwc
from shapecalc.render.asked import as_written, asked, expectations, is_run, values_of
from shapecalc.solving import Question, Solution, Unknown
from shapecalc.solving.evaluation import Figure, Outcome
from shapecalc.solving.patterns import Pattern, patterns
from shapecalc.solving.remarks import Remark
from shapecalc.verdict import NETWORK, written

USUAL_LIMIT = 20
"""Answers that a table has unless another number is asked for."""

FIRST_OF_A_PATTERN = 3


def as_text(solution: Solution, limit: int | None = None) -> str:
    """The question, how many answers there are and in which pattern, a table, and what is next to them."""
    shown = solution.answers[: limit or USUAL_LIMIT]
    lines = [asked(solution), ""]
    if solution.answers:
        lines += [*_count(solution, len(shown)), "", *_table(solution.question, shown)]
    else:
        lines.append("no answer" if solution.is_complete else "no answer so far")
    around = [*_ends(solution, shown), *(_told(solution.question, remark) for remark in solution.remarks)]
    lines += ["", *around] if around else []
    lines += [*_range_ends(solution), *_one_size(solution)]
    if not solution.is_complete:
        lines += ["", *_unfinished(solution)]
    return "\n".join(lines) + "\n"


def _count(solution: Solution, shown: int) -> list[str]:
    """How many answers there are, and the pattern of their numbers."""
    number = counted(len(solution.answers), "answer") + ("" if solution.is_complete else " so far")
    found = number_patterns(solution)
    if found:
        return [f"{number}: {'; '.join(map(_pattern, found))}"]
    return [f"{number}, the simplest {shown}:" if shown < len(solution.answers) else f"{number}:"]


def number_patterns(solution: Solution) -> tuple[Pattern, ...]:
    """The patterns of the answers, where one number is sought."""
    unknown, *others = solution.question.unknowns
    if others or not unknown.range.is_number:
        return ()
    return patterns(sorted(int(outcome.values[0]) for outcome in solution.answers))


def _pattern(pattern: Pattern) -> str:
    """``188, 204, 220, …, 700 (every 16th; n = 12 mod 16)``, or ``1 to 178, all of them``."""
    if pattern.number == 1:
        return str(pattern.first)
    if pattern.modulus == 1:
        return f"{pattern.first} to {pattern.last}, all of them"
    first = ", ".join(map(str, pattern.numbers[:FIRST_OF_A_PATTERN]))
    remainders = " or ".join(map(str, pattern.remainders))
    every = f"every {_ordinal(pattern.modulus)}; " if len(pattern.remainders) == 1 else ""
    return f"{first}, …, {pattern.last} ({every}n = {remainders} mod {pattern.modulus})"


def _ordinal(number: int) -> str:
    """`2nd`, `3rd`, `16th`."""
    endings = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if number % 100 in (11, 12, 13) else endings.get(number % 10, 'th')}"


def _table(question: Question, answers: Sequence[Outcome]) -> list[str]:
    labels = list(dict.fromkeys(label(figure) for outcome in answers for figure in outcome.figures))
    rows = [[*(unknown.name for unknown in question.unknowns), *labels]]
    for outcome in answers:
        figures = {label(figure): _shown(figure) for figure in outcome.figures}
        rows.append([*map(as_written, outcome.values), *(figures.get(each, "") for each in labels)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, ["-" * width for width in widths])
    return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]


def _ends(solution: Solution, shown: Sequence[Outcome]) -> list[str]:
    """The smallest and the largest answer where one number is sought and the table does not show them."""
    unknown, *others = solution.question.unknowns
    if others or not solution.answers or not unknown.range.is_number:
        return []
    by_size = sorted(solution.answers, key=lambda outcome: int(outcome.values[0]))
    found = []
    so_far = "" if solution.is_complete else " so far"
    for word, outcome in (("smallest", by_size[0]), ("largest", by_size[-1])):
        if outcome not in shown:
            figures = ", ".join(f"{label(figure)} {_shown(figure)}" for figure in outcome.figures)
            found.append(f"{unknown.name} {outcome.values[0]}: the {word}{so_far}, {figures}")
    return found


def label(figure: Figure) -> str:
    """The quantity; of a layer with its name, as in ``conv1.output``."""
    return figure.quantity if figure.whose == NETWORK else f"{figure.whose.strip('`')}.{figure.quantity}"


def _shown(figure: Figure) -> str:
    value = figure.value
    if figure.quantity == "output" and isinstance(value, tuple):
        return hwc(value)  # type: ignore[arg-type]
    return written(value if isinstance(value, tuple) else (value,))


def _told(question: Question, remark: Remark) -> str:
    named = zip(question.unknowns, remark.values, strict=True)
    values = ", ".join(f"{unknown.name} {as_written(value)}" for unknown, value in named)
    if remark.side != "refused":
        return f"{values}: {remark.why}"
    return f"{values}{f' and {remark.number - 1:,} more' if remark.number > 1 else ''}: refused, {remark.why}"


def _range_ends(solution: Solution) -> list[str]:
    """Where the answers, or the nearest misses, go on up to the end of the usual range, how to look further."""
    unknown, *others = solution.question.unknowns
    if others or not unknown.range.is_number or unknown.range.is_widened or not solution.is_complete:
        return []
    last = max(int(value) for value in unknown.range.values)
    missing = [remark.values for remark in solution.remarks if remark.side != "refused"]
    fitting = [outcome.values for outcome in solution.answers] or missing
    if all(int(values[0]) < last for values in fitting):
        return []
    return ["", f"{last} is the end of the range: --range {unknown.name}={last}..{2 * last} looks further"]


def _one_size(solution: Solution) -> list[str]:
    """Without an answer, how the sizes of an input may differ that are one unknown."""
    question, found = solution.question, []
    is_one = question.is_about_fit and len(question.spec.inputs) == 1
    for sizes in question.sizes.values() if not solution.answers and not is_one else ():
        axes = sizes[1:]
        if any(isinstance(size, str) and axes.count(size) > 1 for size in axes):
            apart = " x ".join([f"?{name}" for name in "dhw"[-len(axes) :]])
            text = f"{apart} x {'?' if isinstance(sizes[0], str) else sizes[0]}"
            found.append(f'  help: the unnamed sizes of the input are one value; they may differ in "{text}"')
    return ["", *found] if found else []


def _unfinished(solution: Solution) -> list[str]:
    tried = f"{solution.tried:,} networks tried, of {solution.space:,} choices"
    question = solution.question
    through = [
        _reached(unknown, number)
        for unknown, number in zip(question.unknowns, solution.reached, strict=True)
        if number and len(question.unknowns) > 1
    ]
    known = f", which are all with {', '.join(through)}" if through else ""
    return [
        f"the search stopped before its end: {tried}{known}",
        f"  help: fewer values, as in --range {question.unknowns[0].name}=1..8, or fewer unknowns",
    ]


def entry(solution: Solution, limit: int | None = None) -> dict[str, Any]:
    """What ``solve --format json`` prints for one spec."""
    question = solution.question
    names = [unknown.name for unknown in question.unknowns]
    return {
        "schema_version": 1,
        "name": question.spec.name,
        "unknowns": [_unknown(question, unknown) for unknown in question.unknowns],
        "expected": [] if question.is_about_fit else expectations(solution),
        "exact": question.exact,
        "count": len(solution.answers),
        "answers": [
            {
                "values": dict(zip(names, outcome.values, strict=True)),
                "numbers": {label(figure): _plain(figure.value) for figure in outcome.figures},
            }
            for outcome in solution.answers[:limit]
        ],
        "patterns": [pattern._asdict() for pattern in number_patterns(solution)],
        "nearest": [
            {**remark._asdict(), "values": dict(zip(names, remark.values, strict=True))} for remark in solution.remarks
        ],
        "tried": solution.tried,
        "choices": solution.space,
        "complete": solution.is_complete,
    }


def _reached(unknown: Unknown, number: int) -> str:
    """``padding 0 to 3``; where they do not rise one by one, how many of the simplest values."""
    seen = unknown.range.values[:number]
    if len(seen) == len(unknown.range.values) or (unknown.range.is_number and is_run(seen)):
        return f"{unknown.name} {values_of(unknown.range._replace(values=seen))}"
    return f"the {number} simplest of {unknown.name}"


def _unknown(question: Question, unknown: Unknown) -> dict[str, Any]:
    values = unknown.range.values
    found: dict[str, Any] = {"name": unknown.name, "field": unknown.range.family}
    found["line"] = question.spec.home.document.locate(unknown.path).line
    whole = unknown.range.is_number and is_run(values)
    return {**found, "low": min(values), "high": max(values)} if whole else {**found, "values": list(values)}


def _plain(value: Any) -> Any:
    """The number as JSON has it; a fraction as text."""
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, int | str) else str(value)
