"""Pydantic's errors in this project's words, by their type code, with a fix where one can be computed."""

from __future__ import annotations

import re
from inspect import isclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from shapecalc.corrections import as_axes, as_shape
from shapecalc.notation import shown
from shapecalc.problems import Path, Problem, Suggestion
from shapecalc.source import MAX_PROBLEMS

_WANTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "string_type": "text",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "none_required": "null",
}
_BOUNDS = {
    "greater_than_equal": ("ge", "at least"),
    "less_than_equal": ("le", "at most"),
    "greater_than": ("gt", "above"),
    "less_than": ("lt", "below"),
}


_LENGTHS = {"too_long": ("max_length", "entries"), "string_too_long": ("max_length", "characters at most")}
_CODES = {"string_pattern_mismatch": "bad-name"}
_ADVICE = {
    "bad-shape": "as in 224x224x3 (height, width, channels), or [3, 224, 224]",
    "list_type": "begin each entry with `- `",
}
_OF_NUMBERS = {"int_type", "int_from_float", "float_type", "float_parsing", "wrong-type"}
_BOOLEANS = {
    **dict.fromkeys(("1", "true", "yes", "on"), "write true"),
    **dict.fromkeys(("0", "false", "no", "off"), "write false"),
}
_MEMBERS = {"int", "str", "bool", "float", "none"}
_LONGEST_WORD = 64
_LIKE = 0.7
_LIKE_PART, _SHORTEST_PART = 0.55, 3  # where one word holds the other, as `pad` and `padding`
_LIKE_MISSING, _MISSING = 0.4, 0.1  # of a field that must be given and is not: `channels` means `out_channels`
_QUOTED = re.compile("'([^']+)'")


def did_you_mean(word: str, known: list[str]) -> str | None:
    """The nearest of the known words as a question, or None where none is near."""
    from difflib import get_close_matches  # noqa: PLC0415 (only where something is wrong)

    near = get_close_matches(word[:_LONGEST_WORD].lower(), known, n=5, cutoff=0.6)
    letters = sorted(word.lower())
    same = [each for each in near if sorted(each) == letters]  # vgg61: vgg16 rather than vgg19, which is as near
    return Suggestion(word, (same or near)[0]) if near else None


def translated(error: ValidationError, model: type[BaseModel], path: Path, subject: str) -> list[Problem]:
    """One problem for each field that pydantic refused; `subject` names what the fields belong to."""
    by_field: dict[Path, list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False)[: MAX_PROBLEMS + 1]:
        by_field.setdefault(_field_path(detail), []).append(detail)
    outer = {field[:depth] for field in by_field for depth in range(1, len(field))}
    found = {
        field: _problem(details, field, model, path, subject)
        for field, details in by_field.items()
        if field not in outer  # of a union, the member whose fields are wrong is the one that is meant
    }
    missing = [field for field, problem in found.items() if _is_missing(problem)]
    for field, problem in found.items():
        if problem.code == "unknown-field":
            found[field] = problem._replace(help=_other_field(field, model, subject, missing))
    suggested = {problem.help for problem in found.values() if problem.code == "unknown-field"}
    return [each for field, each in found.items() if not (_is_missing(each) and _asks(field, model) & suggested)]


def _is_missing(problem: Problem) -> bool:
    return problem.code == "missing-field"


def _asks(field: Path, model: type[BaseModel]) -> set[str]:
    """The questions of `did_you_mean` that show that a missing field is only misspelt."""
    aliases: dict[str, str] = getattr(_owner(model, field), "aliases", {})
    words = [field[-1], *(alias for alias, name in aliases.items() if name == field[-1])]
    return {f"did you mean `{word}`?" for word in words}


def _field_path(detail: ErrorDetails) -> Path:
    """The location without the names that pydantic gives to the members of a union."""
    if not detail["loc"]:
        return ()
    first, *rest = detail["loc"]
    last = len(rest) - 1 if detail["type"] == "extra_forbidden" else None
    return (first, *(step for n, step in enumerate(rest) if n == last or not _is_member(step)))


def _is_member(step: str | int) -> bool:
    return isinstance(step, str) and (step in _MEMBERS or not (step.islower() and step.isidentifier()))


def _owner(model: type[BaseModel], field: Path) -> type[BaseModel]:
    """The model that has the last of the steps as its field."""
    for step in field[:-1]:
        info = model.model_fields.get(str(step))
        members = () if info is None else (info.annotation, *get_args(info.annotation))
        model = next((each for each in members if isclass(each) and issubclass(each, BaseModel)), model)
    return model


def _problem(details: list[ErrorDetails], field: Path, model: type[BaseModel], path: Path, subject: str) -> Problem:
    owner, kind = _owner(model, field), details[0]["type"]
    if owner is not model:
        subject = f"`{field[-2]}`"
    if kind == "extra_forbidden":
        message = f"{shown(field[-1])} is not a field of {subject}"
        return Problem("unknown-field", message, (*path, *field), on_key=True)
    if kind == "missing" and isinstance(field[-1], str):
        return Problem("missing-field", f"{subject} needs `{field[-1]}`", (*path, *field[:-1]), on_key=True)
    if not field:
        return Problem(_code(details), _message(details), path, _advice(details), on_key=True)
    name = next(step for step in reversed(field) if isinstance(step, str))
    return Problem(_code(details), f"`{name}`: {_message(details)}", (*path, *field), _advice(details))


def _other_field(field: Path, model: type[BaseModel], subject: str, missing: list[Path]) -> str:
    """The field that is probably meant, those that are missing first; else all that there are."""
    owner = _owner(model, field)
    subject = subject if owner is model else f"`{field[-2]}`"
    known = [info.alias or each for each, info in owner.model_fields.items()]
    aliases: dict[str, str] = getattr(owner, "aliases", {})
    known += aliases
    if not known:
        return f"{subject} has no fields"
    word = str(field[-1])
    wanted = {each[-1] for each in missing if each[:-1] == field[:-1]}
    near = {each: _likeness(word, each, is_missing=aliases.get(each, each) in wanted) for each in known}
    best = max(near, key=near.__getitem__)
    return Suggestion(word, best) if near[best] else f"{subject} has {', '.join(f'`{each}`' for each in known)}"


def _likeness(word: str, field: str, *, is_missing: bool) -> float:
    """How alike two words are, more where the field must be given and is not; 0 where it is hardly meant."""
    from difflib import SequenceMatcher  # noqa: PLC0415 (only where something is wrong)

    word = word[:_LONGEST_WORD].lower()
    ratio = SequenceMatcher(None, field, word).ratio()
    is_part = len(word) >= _SHORTEST_PART and (word in field or field in word)
    least = _LIKE if not is_part else _LIKE_MISSING if is_missing else _LIKE_PART
    return 0 if ratio < least else ratio + _MISSING if is_missing else ratio


def _code(details: list[ErrorDetails]) -> str:
    kinds = {detail["type"] for detail in details}
    if kinds & {*_BOUNDS, "string_too_long"}:
        return "out-of-range"
    if kinds & {"too_long", "too_short", "missing"}:
        return "wrong-rank"
    if kinds == {"literal_error"}:
        return "unknown-value"
    if kinds & {*_WANTED, "literal_error"}:
        return "wrong-type"
    kind = details[0]["type"]
    return _CODES.get(kind, kind if "_" not in kind else "wrong-value")


def _message(details: list[ErrorDetails]) -> str:
    """What is wanted, by all the members of a union, and what was given."""
    for detail in details:
        kind, context = detail["type"], detail.get("ctx", {})
        if kind in _BOUNDS:
            limit, words = _BOUNDS[kind]
            return f"{shown(detail['input'])} is not {words} {context[limit]:,.15g}"
        if kind in _LENGTHS:
            limit, words = _LENGTHS[kind]
            return f"{context[limit]} {words} are wanted, not {len(detail['input'])}"
    wanted = [text for detail in details if (text := _wanted(detail))]
    if details[0]["type"] == "missing":
        return "an entry is missing"
    if not wanted:
        return details[0]["msg"]
    return f"{' or '.join(dict.fromkeys(wanted))} is wanted, not {shown(details[0]['input'])}"


def _wanted(detail: ErrorDetails) -> str | None:
    if detail["type"] == "literal_error":
        return str(detail["ctx"]["expected"]).replace("'", "`")
    return _WANTED.get(detail["type"])


def _advice(details: list[ErrorDetails]) -> str | None:
    """A fix, where what was given shows what is meant."""
    given, kinds = details[0]["input"], {detail["type"] for detail in details}
    for detail in details:
        context: dict[str, Any] = detail.get("ctx", {})
        if "mend" in context:
            return str(context["mend"])
        choices = context.get("choices") or _QUOTED.findall(str(context.get("expected", "")))
        question = did_you_mean(given, choices) if isinstance(given, str) and choices else None
        if question is not None:
            return question
    if kinds & _OF_NUMBERS:
        return _as_number(given) or (_as_sizes(given) if "wrong-type" in kinds else None)
    if "bool_type" in kinds:
        return _BOOLEANS.get(str(given).lower())
    if "string_type" in kinds and isinstance(given, int | float):
        return f'in quotes, "{given}", it is text'
    shape = as_shape(given) if "bad-shape" in kinds else None
    return shape or next((_ADVICE[kind] for kind in kinds if kind in _ADVICE), None)


def _as_number(given: object) -> str | None:
    """How the number that was given as text, or with a fraction of zero, is written."""
    if isinstance(given, float) and given.is_integer():
        return f"write {int(given)}"
    if isinstance(given, str) and re.fullmatch(r"[0-9]{1,20}(\.[0-9]+)?", given):
        return f"write {given}, without quotes"
    return None


def _as_sizes(given: object) -> str | None:
    """How sizes of several axes that were given as text, as in ``5x5``, are written."""
    return as_axes(given) if isinstance(given, str) and re.search("[x×X*,]", given) else None
