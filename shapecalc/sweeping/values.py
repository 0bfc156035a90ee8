"""What a sweep varies, as it is written: ``width=16,32,64``, ``depth=1..4``, ``128x128x3,224x224x3``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

from shapecalc.files import Unreadable
from shapecalc.inputs import written_shape
from shapecalc.notation import counted
from shapecalc.session import setting_value
from shapecalc.sweeping.work import Shapes

MAX_COMBINATIONS = 1_000_000
"""More than these are not computed."""

_NUMBER = r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?"
_RANGE = re.compile(rf"({_NUMBER})\.\.({_NUMBER})(?:\.\.({_NUMBER}))?")
_PIECE = re.compile(r"""'[^']*'|"[^"]*"|[\[({]|[\])}]|,|[^'"\[\](){},]+|['"]""")


def settings_of(texts: Iterable[str]) -> dict[str, list[Any]]:
    """The values of each variable; `Unreadable` where a text is no setting."""
    found: dict[str, list[Any]] = {}
    for text in texts:
        name, equals, written = text.partition("=")
        if not equals or not name.strip():
            raise Unreadable(f"--set {text!r} is no setting", "as in --set width=16,32,64 or --set depth=1..4")
        values = [value for part in pieces(written) for value in _values(part.strip())]
        known = found.setdefault(name.strip(), [])
        known += [value for number, value in enumerate(values) if value not in known + values[:number]]
    return found


def pieces(text: str) -> list[str]:
    """The parts between commas that stand in no brackets or quotes.

    >>> pieces("16,=max(a, b),[1, 2]")
    ['16', '=max(a, b)', '[1, 2]']
    """
    parts, depth = [""], 0
    for found in _PIECE.findall(text):
        depth += (found in "[({") - (found in "])}")
        if found == "," and depth <= 0:
            parts.append("")
        else:
            parts[-1] += found
    return parts


def _values(part: str) -> Iterator[Any]:
    """The numbers of a range, or the one value that a part writes."""
    found = _RANGE.fullmatch(part)
    if found is not None:
        yield from _range(part, *found.groups())
    else:
        yield setting_value(part)


def _range(text: str, first: str, last: str, step: str | None) -> Iterator[int | float]:
    """From the first to the last number, which belongs to it where the steps lead there."""
    low, high = Fraction(first), Fraction(last)
    by = Fraction(step) if step else Fraction(1 if high >= low else -1)
    if by == 0 or (high - low) / by < 0:
        raise Unreadable(f"--set: {text!r} is no range", "first..last, or first..last..step, as in 16..64..16")
    count = (high - low) // by + 1
    if count > MAX_COMBINATIONS:
        raise _too_many(count)
    for number in range(count):
        value = low + number * by
        yield int(value) if value.denominator == 1 and "." not in text.replace("..", "") else float(value)


def shapes_of(texts: Mapping[str, str]) -> list[Shapes]:
    """Every combination of the inputs' shapes, each as in ``128x128x3,224x224x3``; the spec's own without any."""
    if not texts:
        return [None]
    listed = [
        dict.fromkeys(written_shape(part, "224x224x3, several with commas") for part in text.split(","))
        for text in texts.values()
    ]
    return [dict(zip(texts, shapes, strict=True)) for shapes in product(*listed)]


def bounded(count: int) -> None:
    """`Unreadable` where there are more combinations than are computed."""
    if count > MAX_COMBINATIONS:
        raise _too_many(count)


def _too_many(count: int) -> Unreadable:
    message = f"that makes {counted(count, 'combination')}, more than {MAX_COMBINATIONS:,}"
    return Unreadable(message, "vary less at once")
