"""Numbers with commas between them that stand in braces, where a comma ends the entry: ``{params: 1,216}``."""

from __future__ import annotations

import re

from shapecalc.problems import Position

_REACH = 100
"""Characters before and after a place that are looked at."""

# texts, compiled (and kept by `re`) only where something is wrong
_ENTRY = r"(?P<key>\w+):\s+(?P<numbers>[-−]?[0-9]{1,20}(?:\s*,\s*[-−]?[0-9]{1,20})+)(?=\s*[,}])"
_GROUPS = "[0-9]{1,3}(,[0-9]{3})+"
_SHAPES = ("input", "output", "shape", "out_shape")


def comma_advice(line: str, place: Position) -> str | None:
    """How numbers around a place of the line are written; None where no comma cuts a number or a list apart."""
    first = max(place.column - 1 - _REACH, 0)
    for found in re.finditer(_ENTRY, line[first : place.column + _REACH]):
        begin, end = (first + at for at in found.span("numbers"))
        if begin < place.column - 1 < end:
            return f"a comma separates entries here: write {_joined(found['key'], found['numbers'])}"
    return None


def _joined(key: str, text: str) -> str:
    """The numbers as one number, as a shape, or as a list.

    >>> _joined("params", "1,216"), _joined("output", "16,16,16"), _joined("start", "-1, −2")
    ('1216', '16x16x16', '[-1, -2]')
    """
    numbers = re.findall("-?[0-9]+", text.replace("−", "-"))
    if key in _SHAPES:
        return "x".join(numbers)
    return "".join(numbers) if re.fullmatch(_GROUPS, text) else f"[{', '.join(numbers)}]"
