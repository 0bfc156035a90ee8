"""What a plain scalar means, where every YAML agrees on it, and what is doubtful about it, where they do not."""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_DIGITS = 100

INTEGER = re.compile(r"[-+]?(0[0-7]?|[1-9][0-9]*(_[0-9]+)*|0x[0-9a-fA-F]+)")
_FLOAT = re.compile(r"[-+]?(([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+)")
_OTHER_BASE = re.compile(r"[-+]?(0o[0-7_]+|0b[01_]+|0[0-9_]+)")
_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?")
YES_NO = {
    w: v for v in (True, False) for b in (("yes", "on") if v else ("no", "off")) for w in (b, b.title(), b.upper())
}
_WORDS: dict[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf"), float("inf")),
    "-.inf": float("-inf"),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}


def value_of(text: str) -> object:
    """Null, a boolean, a number or the text itself: what a plain scalar without a doubt spells."""
    return _WORDS[text] if text in _WORDS else _number(text)


def _number(text: str) -> object:
    """The integer or float that a plain scalar spells in every YAML, or the text itself."""
    if INTEGER.fullmatch(text):
        return int(text, 16) if "x" in text else int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


class Doubt(NamedTuple):
    """What YAML 1.1 and 1.2 make of a word that they disagree on: our guess, both readings, a way out."""

    value: object
    one: str
    other: str
    advice: str


def doubt_about(text: str) -> Doubt | None:
    """What is doubtful about a plain scalar; None where all of YAML reads it alike."""
    if text in YES_NO:
        word = str(YES_NO[text]).lower()
        return Doubt(YES_NO[text], word, "text", f'write {word}, or "{text}" in quotes')
    if INTEGER.fullmatch(text) or len(text) > MAX_DIGITS:
        return None
    if _BASE_60.fullmatch(text):
        return Doubt(text, "a number in base 60", "text", f'"{text}" in quotes is text')
    return _other_base(text) if _OTHER_BASE.fullmatch(text) else None


def _other_base(text: str) -> Doubt:
    """What is doubtful about a number with a leading zero, 0o or 0b."""
    sign, digits = (-1 if text[0] == "-" else 1), text.lstrip("+-").replace("_", "")
    if digits[1:2] in ("b", "o"):
        value = sign * int(digits[2:] or "0", 2 if digits[1] == "b" else 8)
        return Doubt(value, str(value), "text", f"write {value}")
    value = sign * int(digits)
    if not set(digits) <= set("01234567"):
        return Doubt(value, str(value), "text", f"write {value}")
    octal = sign * int(digits, 8)
    return Doubt(value, str(octal), str(value), f"write {value}, or {octal} if octal is meant")
