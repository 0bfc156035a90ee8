"""Pydantic's errors in this project's words, by their type code, with a fix where one can be computed."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from shapecalc.notation import shown
from shapecalc.problems import Path, Problem

_WANTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "string_type": "text",
    "float_type": "a number",
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


def did_you_mean(word: str, known: list[str]) -> str | None:
    """The nearest of the known words as a question, or None where none is near."""
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else None


def translated(error: ValidationError, model: type[BaseModel], path: Path, subject: str) -> list[Problem]:
    """One problem for each field that pydantic refused; `subject` names what the fields belong to."""
    by_field: dict[Path, list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        by_field.setdefault(_field_path(detail, model), []).append(detail)
    return [_problem(details, field, model, path, subject) for field, details in by_field.items()]


def _field_path(detail: ErrorDetails, model: type[BaseModel]) -> Path:
    """The location without the names that pydantic gives to the members of a union."""
    first, *rest = detail["loc"] or (None,)
    if first is None:
        return ()
    steps = [step for step in rest if isinstance(step, int) or (step.islower() and step.isidentifier())]
    names = {"int", "str", "bool", "float", "none"}
    return (first, *(step for step in steps if step not in names))


def _problem(
    details: list[ErrorDetails], field: Path, model: type[BaseModel], path: Path, subject: str
) -> Problem:
    detail, name = details[0], str(field[0]) if field else ""
    kind = detail["type"]
    if kind == "extra_forbidden":
        known = [info.alias or each for each, info in model.model_fields.items()]
        known += getattr(model, "aliases", {})
        advice = did_you_mean(name, known) or f"{subject} has {', '.join(f'`{each}`' for each in known)}"
        if not known:
            advice = f"{subject} has no fields"
        return Problem(
            "unknown-field", f"`{name}` is not a field of {subject}", (*path, *field), advice, on_key=True
        )
    if kind == "missing":
        return Problem("missing-field", f"{subject} needs `{field[-1]}`", path, on_key=True)
    if not field:
        return Problem(_custom_code(kind), _message(details), path, _advice(detail))
    return Problem(_code(details), f"`{name}`: {_message(details)}", (*path, *field), _advice(detail))


def _code(details: list[ErrorDetails]) -> str:
    kinds = {detail["type"] for detail in details}
    if kinds & set(_BOUNDS) or "number_too_large" in kinds or "int_parsing_size" in kinds:
        return "out-of-range"
    if kinds == {"literal_error"}:
        return "unknown-value"
    return "wrong-type" if kinds & ({*_WANTED, "literal_error"}) else _custom_code(details[0]["type"])


def _custom_code(kind: str) -> str:
    return kind if "_" not in kind else "wrong-value"


def _message(details: list[ErrorDetails]) -> str:
    """What is wanted, by all the members of a union, and what was given."""
    bound = next((d for d in details if d["type"] in _BOUNDS), None)
    if bound is not None:
        limit, words = _BOUNDS[bound["type"]]
        return f"{shown(bound['input'])} is not {words} {bound['ctx'][limit]:,}"
    wanted = [text for d in details if (text := _wanted(d))]
    if not wanted:
        return details[0]["msg"]
    return f"{' or '.join(dict.fromkeys(wanted))} is wanted, not {shown(details[0]['input'])}"


def _wanted(detail: ErrorDetails) -> str | None:
    if detail["type"] == "literal_error":
        return str(detail["ctx"]["expected"]).replace("'", "`")
    return _WANTED.get(detail["type"])


def _advice(detail: ErrorDetails) -> str | None:
    context: dict[str, Any] = detail.get("ctx", {})
    given = detail["input"]
    if "mend" in context:
        return str(context["mend"])
    if detail["type"] in ("int_from_float", "int_type") and isinstance(given, float) and given.is_integer():
        return f"write {int(given)}"
    choices = context.get("choices") or str(context.get("expected", "")).replace("'", "").replace(
        " or ", ", "
    ).split(", ")
    return did_you_mean(given, list(choices)) if isinstance(given, str) and choices else None
