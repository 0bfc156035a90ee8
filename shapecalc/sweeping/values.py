"""What a sweep varies, as it is written: ``width=16,32,64``, ``depth=1..4``, ``128x128x3,224x224x3``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

from shapecalc.files import Unreadable
from shapecalc.notation import MAX_AXES, MAX_SIZE, Shape, counted, parse_shape
from shapecalc.source import parse
from shapecalc.source.scalars import value_of

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
    elif part[:1] in ("[", '"', "'"):
        document = parse(part, "--set").documents[0]
        if document.problems or not isinstance(document.data, list | str):
            raise Unreadable(f"--set: {part!r} is no value")
        yield document.data
    else:
        yield value_of(part)


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


def shapes_of(text: str | None) -> list[Shape | None]:
    """The shapes of ``128x128x3,224x224x3``; None, the spec's own, where nothing is written."""
    if text is None:
        return [None]
    found: list[Shape | None] = []
    for part in text.split(","):
        try:
            shape = parse_shape(part)
        except ValueError:
            shape = ()
        if not 1 <= len(shape) <= MAX_AXES + 1 or not all(1 <= size <= MAX_SIZE for size in shape):
            raise Unreadable(f"--input {part!r} is not a shape", "H×W×C, as in 224x224x3, several with commas")
        found.append(shape)
    return list(dict.fromkeys(found))


def bounded(count: int) -> None:
    """`Unreadable` where there are more combinations than are computed."""
    if count > MAX_COMBINATIONS:
        raise _too_many(count)


def _too_many(count: int) -> Unreadable:
    message = f"that makes {counted(count, 'combination')}, more than {MAX_COMBINATIONS:,}"
    return Unreadable(message, "vary less at once")
