"""A layer of the fields that a spec writes, or what is wrong with them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError

from shapecalc.expressions import is_expression
from shapecalc.notation import shown
from shapecalc.problems import Path, Problem
from shapecalc.translate import translated


def has_expression(written: object) -> bool:
    """Whether an expression stands anywhere in a value."""
    if isinstance(written, dict):
        return any(map(has_expression, written.values()))
    return any(map(has_expression, written)) if isinstance(written, list) else is_expression(written)


def built(word: str, model: type[BaseModel], written: Any, place: Path) -> tuple[Any, list[Problem]]:
    """The layer of these fields, or what is wrong with them."""
    fields = _fields(model, written)
    if fields is None:
        message = f"`{word}` has no field that {shown(written)} could stand for"
        return None, [Problem("wrong-type", message, place, _needs(model, word))]
    words, problems = _own_names(model, fields, place)
    try:
        layer = model.model_validate({name: fields[key] for name, key in words.items()})
    except ValidationError as error:
        found = translated(error, model, place, f"`{word}`")
        return None, problems + [_as_written(problem, words, written, place) for problem in found]
    return (None if problems else layer), problems


def static_problems(word: str, model: type[BaseModel], written: Any, place: Path) -> list[Problem]:
    """What can be seen to be wrong with the fields although some of them are expressions."""
    fields = _fields(model, written)
    if fields is None:
        return [Problem("wrong-type", f"`{word}` has no field for {shown(written)}", place, _needs(model, word))]
    words, problems = _own_names(model, fields, place)
    known = {info.alias or name for name, info in model.model_fields.items()}
    later = {name for name, key in words.items() if name in known and has_expression(fields[key])}
    try:
        model.model_validate({name: fields[key] for name, key in words.items() if name not in later})
    except ValidationError as error:
        for problem in translated(error, model, place, f"`{word}`"):
            if problem.code not in ("one-of", "missing-field") or not later:
                problems.append(_as_written(problem, words, written, place))
            elif problem.code == "missing-field" and not any(f"needs `{name}`" in problem.message for name in later):
                problems.append(problem)
    return problems


def _own_names(model: type[BaseModel], fields: dict[str, Any], place: Path) -> tuple[dict[str, str], list[Problem]]:
    """The keys as written, by the fields that they stand for."""
    aliases: dict[str, str] = getattr(model, "aliases", {})
    words: dict[str, str] = {}
    problems = []
    for key in fields:
        first = words.setdefault(aliases.get(key, key), key)
        if first != key:
            message = f"`{key}` is another word for `{first}`, which is given too"
            problems.append(Problem("duplicate-key", message, (*place, key), "keep one", on_key=True))
    return words, problems


def _fields(model: Any, written: Any) -> dict[str, Any] | None:
    """The fields by name; a bare value stands for the type's first field. None where there is none."""
    if written is None:
        return {}
    if isinstance(written, dict):
        return written
    return None if model.bare is None else {model.bare: written}


def _as_written(problem: Problem, words: dict[str, str], written: Any, place: Path) -> Problem:
    """The problem at the word that the user wrote: an alias of the field, or no word at all."""
    at = len(place)
    if len(problem.path) <= at:
        return problem
    field, *rest = problem.path[at:]
    if not isinstance(written, dict):
        return problem._replace(path=(*place, *rest))
    word = words.get(str(field), field)
    message = problem.message.replace(f"`{field}`:", f"`{word}`:", 1)
    advice = _causal({name: written[key] for name, key in words.items()}) if field == "padding" else None
    return problem._replace(path=(*place, word, *rest), message=message, help=advice or problem.help)


def _causal(fields: dict[str, Any]) -> str | None:
    """How Keras' causal padding of one axis is written: (k − 1)·d before, nothing after."""
    if fields["padding"] != "causal":
        return None
    kernel, dilation = (
        each[0] if isinstance(each, list) and len(each) == 1 else each
        for each in (fields.get("kernel_size"), fields.get("dilation", 1))
    )
    if type(kernel) is int and type(dilation) is int:
        return f"write [[{(kernel - 1) * dilation}, 0]], which is (kernel − 1) × dilation before and nothing after"
    return "write [[n, 0]] with n = (kernel − 1) × dilation"


def _needs(model: type[BaseModel], word: str) -> str:
    if not model.model_fields:
        return f"write - {word}"
    return f"give its fields by name, as in {word}: {{{next(iter(model.model_fields))}: …}}"
