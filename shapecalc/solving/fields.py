"""What an unknown may be, from the fields that it reaches."""

from __future__ import annotations

from shapecalc.layers import LAYERS
from shapecalc.problems import Problem
from shapecalc.solving.marking import Marking
from shapecalc.solving.ranges import Range, numbers, of_family, of_field
from shapecalc.solving.uses import Use, names_in, scoped, uses
from shapecalc.spec import Spec


def range_of(variable: str, marks: Marking, spec: Spec) -> Range:
    """The values that an unknown may have. SpecError where it stands where nothing can be sought.

    Where it is a field's value, they are that field's; of several fields, what all of them take. A variable that
    only has a part in values, as in ``=width*2``, has those of the field that takes the fewest.
    """
    if any(variable in sizes for sizes in marks.sizes.values()):
        path = marks.places[variable][0]
        return of_family("channels" if path[-1] == "channels" else "input")
    whole, part = _fields("", variable, spec)
    found = [each for use in whole if (each := _range(use)) is not None]
    if not whole and not part:
        message, advice = "no layer reads this unknown value", "use it, or write a value"
        raise spec.home.refused([Problem("no-value", message, marks.places[variable][0], advice)])
    if len(found) < len(whole):
        raise spec.home.refused([_nothing_to_seek(use, marks, variable) for use in whole if _range(use) is None])
    if not found:
        partial = [each for use in part if (each := _range(use)) is not None and each.is_number]
        return min(partial, key=lambda each: len(each.values), default=of_family("width"))
    first, *others = found
    common = set(first.values).intersection(*(each.values for each in others))
    if not first.is_number or not all(each.is_number for each in others):
        return first._replace(values=tuple(value for value in first.values if value in common))
    kind = next(use.kind for use in whole)
    return numbers(first.family, sorted(value for value in common if isinstance(value, int)), kind)


def _fields(scope: str, name: str, spec: Spec) -> tuple[list[Use], list[Use]]:
    """The fields whose value a variable is, through other variables too, and those in whose value it has a part."""
    every = [(use, {scoped(each, use.scope, spec) for each in names_in(use.text)}) for use in uses(spec)]
    whole: list[Use] = []
    part: list[Use] = []
    waiting, seen = [((scope, name), True)], set()
    while waiting:
        known, is_whole = waiting.pop()
        if (known, is_whole) in seen:
            continue
        seen.add((known, is_whole))
        for use, names in every:
            if known in names:
                is_value = is_whole and use.text[1:].strip() == known[1]
                if use.variable is not None:
                    waiting.append((use.variable, is_value))
                else:
                    (whole if is_value else part).append(use)
    return whole, part


def _range(use: Use) -> Range | None:
    if use.field in ("repeat", "when"):
        return of_family(use.field)
    return of_field(use.kind, use.field, use.item.written if use.item else None) if use.kind in LAYERS else None


def _nothing_to_seek(use: Use, marks: Marking, variable: str) -> Problem:
    message = f"`{use.field}` of `{use.kind}` cannot be solved for"
    advice = "write a value; numbers of a layer, variables, `repeat` and sizes of an input can be sought"
    return Problem("no-value", message, marks.places[variable][0], advice)
