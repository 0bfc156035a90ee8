"""The standard streams of a run: signs that a terminal cannot show, streams that are closed, readers that leave."""

from __future__ import annotations

import codecs
import os
import sys
from typing import TextIO

_PLAIN_SIGNS = {
    "✓": "=",
    "≠": "!=",
    "×": "x",
    "−": "-",
    "–": "-",
    "·": "*",
    "…": "...",
    "⌊": "floor(",
    "⌋": ")",
    "⌈": "ceil(",
    "⌉": ")",
    **{chr(0x2080 + digit): str(digit) for digit in range(10)},  # D₁
    "²": "^2",
    "³": "^3",
}


def prepare() -> None:
    """Makes the streams fit to write: closed ones (``>&-``) lead nowhere, and signs have plain ones to stand for them.

    Without a stream of its own, what is meant for standard error would go to standard output.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = open(os.devnull, mode, encoding="utf-8")  # noqa: SIM115, PTH123 (open until the process ends)
            setattr(sys, name, stream)
    codecs.register_error("shapecalc", _in_plain_signs)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="shapecalc")


def settle() -> None:
    """Writes what is still to be written; what nobody reads any more, or a full disk does not take, goes nowhere."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            _lead_nowhere(stream)


def _lead_nowhere(stream: TextIO) -> None:
    target = os.open(os.devnull, os.O_WRONLY)
    os.dup2(target, stream.fileno())
    os.close(target)


def _in_plain_signs(error: UnicodeError) -> tuple[str, int]:
    """What a terminal without UTF-8 shows instead of the signs that the tables use."""
    assert isinstance(error, UnicodeEncodeError)
    given = error.object[error.start : error.end]
    return "".join(_PLAIN_SIGNS.get(sign, "?") for sign in given), error.end
