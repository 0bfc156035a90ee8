"""How a number or shape that is written in a form of another language is written here: exactly, or not at all."""

from __future__ import annotations

import re

_GROUP = "[,_' \u00a0\u2009\u202f]"
# texts, compiled (and kept by `re`) where one is wanted: only where something is wrong
_GROUPED = rf"[0-9]{{1,3}}({_GROUP}[0-9]{{3}}){{1,6}}"
_DIGITS = r"[0-9][0-9_]{0,23}"
_NO_FRACTION = r"\.0*$"
_NUMBERS = r"[-−]?[0-9]{1,10}(\s*[xX×*,;\s]\s*[-−]?[0-9]{1,10}){0,4}"
_BRACKETS = r"\s*(?P<tuple>torch\.Size\s*)?(?P<open>[(\[]*)(?P<inside>[^()\[\]]*?),?\s*[)\]]*\s*"
_LONGEST = 100


def whole(text: str) -> int | None:
    """The whole number that is written with groups of three digits or a fraction of zero; None where it is none.

    >>> whole("1216"), whole("1,216"), whole("1 216.0"), whole("1_216"), whole("1,21")
    (1216, 1216, 1216, 1216, None)
    """
    bare = re.sub(_NO_FRACTION, "", text.strip()) if len(text) <= _LONGEST else ""
    if not re.fullmatch(_GROUPED, bare) and not re.fullmatch(_DIGITS, bare):
        return None
    return int(re.sub(r"\D", "", bare))


def as_count(value: object) -> str | None:
    """How a count is written: `write 1216`."""
    if isinstance(value, float):
        return f"write {int(value)}" if value.is_integer() and 0 <= value < 2**53 else None
    number = whole(value) if isinstance(value, str) else None
    return None if number is None else f"write {number}"


def as_axes(value: object) -> str | None:
    """How a number for each axis is written: `write 5, or [5, 5] for each axis`."""
    if isinstance(value, float):
        return f"write {int(value)}" if value.is_integer() and abs(value) < 2**53 else None
    numbers = _numbers(value)
    if not 1 <= len(numbers) <= 3:
        return None
    if len(set(numbers)) > 1:
        return f"write {numbers}"
    return f"write {numbers[0]}" + (f", or {numbers} for each axis" if len(numbers) > 1 else "")


def as_shape(value: object) -> str | None:
    """How a shape is written; of one in brackets, in both orders, unless it is PyTorch's own.

    >>> as_shape("32*30*3")
    'write 32x30x3'
    >>> as_shape("(32, 30, 3)")
    'write 32x30x3 where the channels stand last, [32, 30, 3] where they stand first'
    >>> as_shape("torch.Size([3, 32, 30])"), as_shape("16,384")
    ('write [3, 32, 30]', 'write 16384, or 16x384')
    """
    numbers = _numbers(value)
    if not isinstance(value, str) or not numbers or min(numbers) < 0:
        return None
    found, number = re.fullmatch(_BRACKETS, value), whole(value)
    typed = "x".join(map(str, numbers))
    if len(numbers) == 1 or found is None or not found["open"]:
        return f"write {typed}" if number is None or len(numbers) == 1 else f"write {number}, or {typed}"
    if found["tuple"]:
        return f"write {numbers}"
    return f"write {typed} where the channels stand last, {numbers} where they stand first"


def _numbers(value: object) -> list[int]:
    """The numbers that stand in a text, between commas, spaces, × or *; none where anything else is in it."""
    found = re.fullmatch(_BRACKETS, value) if isinstance(value, str) and len(value) <= _LONGEST else None
    if found is None or not re.fullmatch(_NUMBERS, found["inside"].strip()):
        return []
    return [int(each.replace("−", "-")) for each in re.findall(r"[-−]?[0-9]+", found["inside"])]
