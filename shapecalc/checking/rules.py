"""Which diagnostics count, and how heavily."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from shapecalc.codes import CODES, ends_reading
from shapecalc.problems import Diagnostic
from shapecalc.translate import did_you_mean


class Rules(NamedTuple):
    """What the command line, or a configuration, says about diagnostics.

    Attributes:
        strict: warnings and notes are errors.
        select: only these codes count; empty for all.
        ignore: these do not. A code, or its first words: ``yaml`` stands for all of ``yaml-…``.
    """

    strict: bool = False
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def counts(self, diagnostic: Diagnostic) -> bool:
        """Whether it is reported. What ends the reading of a text always is."""
        code = diagnostic.code
        if ends_reading(code):
            return True
        return (not self.select or is_among(code, self.select)) and not is_among(code, self.ignore)

    def weighed(self, diagnostic: Diagnostic) -> Diagnostic:
        """The diagnostic as an error where all are."""
        if not self.strict or diagnostic.severity == "error":
            return diagnostic
        return diagnostic._replace(problem=diagnostic.problem._replace(severity="error"))


def is_among(code: str, words: Iterable[str]) -> bool:
    """Whether one of the words is the code, or its first words."""
    return any(code == word or code.startswith(f"{word}-") for word in words)


def unknown(word: str) -> str | None:
    """What may be meant by a word that stands for no code; None where it stands for one."""
    if any(is_among(code, (word,)) for code in CODES):
        return None
    return did_you_mean(word, list(CODES)) or "`shapecalc codes` lists them"
