"""The answers of `solve` as text, a small table and what lies around them, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shapecalc.expectation import Expect, Expected
from shapecalc.notation import counted, hwc
from shapecalc.solving import Question, Solution, Unknown
from shapecalc.solving.evaluation import Figure, Outcome
from shapecalc.solving.patterns import Pattern, patterns
from shapecalc.solving.ranges import Value
from shapecalc.solving.remarks import Remark
from shapecalc.verdict import NETWORK, written

USUAL_LIMIT = 20
"""Answers that a table has unless another number is asked for."""

FIRST_OF_A_PATTERN = 3


def as_text(solution: Solution, limit: int | None = None) -> str:
    """The question, how many answers there are and in which pattern, a table, and what is next to them."""
    shown = solution.answers[: limit or USUAL_LIMIT]
    lines = [_asked(solution.question), ""]
    if solution.answers:
        lines += [*_count(solution, len(shown)), "", *_table(solution.question, shown)]
    else:
        lines.append("no answer")
    around = [*_ends(solution, shown), *(_told(solution.question, remark) for remark in solution.remarks)]
    lines += ["", *around] if around else []
    lines += _range_ends(solution)
    if not solution.is_complete:
        lines += ["", *_unfinished(solution)]
    return "\n".join(lines) + "\n"


def _asked(question: Question) -> str:
    sought = " and ".join(f"{unknown.name} ({_range(unknown)})" for unknown in question.unknowns)
    return f"{question.spec.name}: which {sought} {_conditions(question)}?"


def _range(unknown: Unknown) -> str:
    values = unknown.range.values
    if not unknown.range.is_number:
        return ", ".join(map(_value, values))
    low, high = min(values), max(values)
    whole = len(values) == int(high) - int(low) + 1
    return f"{low} to {high}" if whole else ", ".join(map(str, sorted(values))) if len(values) < 7 else _some(values)


def _some(values: Sequence[Value]) -> str:
    return f"{len(values)} values, {min(values)} to {max(values)}"


def _conditions(question: Question) -> str:
    exact = ", every row read" if question.exact else ""
    if question.is_about_fit:
        return ("fits" if len(question.unknowns) == 1 else "fit") + exact
    return ("gives " if len(question.unknowns) == 1 else "give ") + ", ".join(expectations(question)) + exact


def expectations(question: Question) -> list[str]:
    """What is expected, in the words of the spec; that of a layer with its name."""
    from shapecalc.solving.question import every_item, has_numbers  # noqa: PLC0415

    found = []
    for item in every_item(question.spec) if question.is_expecting else ():
        if item.keys.expect is not None and has_numbers(item.keys.expect):
            found += [f"`{item.keys.name or item.word}` {text}" for text in _texts(item.keys.expect)]
    return found + (_texts(question.spec.expect) if question.spec.expect is not None else [])


def _texts(expect: Expect) -> list[str]:
    found = []
    for quantity in type(expect).model_fields:
        value = getattr(expect, quantity)
        if value is not None:
            found.append(f"{quantity.replace('_', ' ')} {_expected(value)}")
    return found


def _expected(value: Any) -> str:
    if isinstance(value, Expected):
        return value.text
    if all(isinstance(each, Expected) for each in value):
        return ", ".join(dict.fromkeys(each.text for each in value))
    return hwc(value)


def _count(solution: Solution, shown: int) -> list[str]:
    """How many answers there are, and the pattern of their numbers."""
    number = counted(len(solution.answers), "answer")
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
        rows.append([*map(_value, outcome.values), *(figures.get(each, "") for each in labels)])
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
    for word, outcome in (("smallest", by_size[0]), ("largest", by_size[-1])):
        if outcome not in shown:
            figures = ", ".join(f"{label(figure)} {_shown(figure)}" for figure in outcome.figures)
            found.append(f"{unknown.name} {outcome.values[0]}: the {word}, {figures}")
    return found


def label(figure: Figure) -> str:
    """The quantity; of a layer with its name, as in ``conv1.output``."""
    return figure.quantity if figure.whose == NETWORK else f"{figure.whose.strip('`')}.{figure.quantity}"


def _shown(figure: Figure) -> str:
    value = figure.value
    if figure.quantity == "output" and isinstance(value, tuple):
        return hwc(value)  # type: ignore[arg-type]
    return written(value if isinstance(value, tuple) else (value,))


def _value(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _told(question: Question, remark: Remark) -> str:
    named = zip(question.unknowns, remark.values, strict=True)
    values = ", ".join(f"{unknown.name} {_value(value)}" for unknown, value in named)
    if remark.side != "refused":
        return f"{values}: {remark.why}"
    return f"{values}{f' and {remark.number - 1:,} more' if remark.number > 1 else ''}: refused, {remark.why}"


def _range_ends(solution: Solution) -> list[str]:
    """Where the answers go on up to the end of the usual range, how to look further."""
    unknown, *others = solution.question.unknowns
    if others or not solution.answers or not unknown.range.is_number or not solution.is_complete:
        return []
    last = max(int(value) for value in unknown.range.values)
    if unknown.range.is_widened or max(int(outcome.values[0]) for outcome in solution.answers) < last:
        return []
    return ["", f"{last} is the end of the range: --range {unknown.name}={last}..{2 * last} looks further"]


def _unfinished(solution: Solution) -> list[str]:
    tried = f"{solution.tried:,} networks tried, of {solution.space:,} choices"
    question = solution.question
    through = [
        f"{unknown.name} {_value(unknown.range.values[0])} to {_value(unknown.range.values[number - 1])}"
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
        "expected": [] if question.is_about_fit else expectations(question),
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


def _unknown(question: Question, unknown: Unknown) -> dict[str, Any]:
    values = unknown.range.values
    found: dict[str, Any] = {"name": unknown.name, "field": unknown.range.family}
    found["line"] = question.spec.home.document.locate(unknown.path).line
    whole = unknown.range.is_number and len(values) == int(max(values)) - int(min(values)) + 1
    return {**found, "low": min(values), "high": max(values)} if whole else {**found, "values": list(values)}


def _plain(value: Any) -> Any:
    """The number as JSON has it; a fraction as text."""
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, int | str) else str(value)
