"""The comment ``# shapecalc: ignore[code]``, which silences the diagnostics of its line.

A reason may stand behind the brackets, or as a comment of its own: ``# shapecalc: ignore[note] # on purpose``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from shapecalc.checking.rules import is_among, unknown
from shapecalc.codes import ends_reading
from shapecalc.problems import Diagnostic, Position, Problem
from shapecalc.source import Source

_SAID = re.compile(r"(?<![^\s#])shapecalc:\s*ignore(?P<rest>[^#]*)")
_CODES = re.compile(r"\[(?P<codes>[^\[\]]*)\]")
_MARK = "shapecalc:"
_WIDEST = 100  # characters between the number sign and the words
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Ignore:
    """One comment.

    Attributes:
        line: counted from 1.
        column: of the first word after the number sign.
        codes: what it silences, as written; empty for everything.
        is_clear: whether it is written as such a comment is; it silences nothing otherwise.
        used: the codes that have silenced something; an empty text where no code is written.
    """

    line: int
    column: int
    codes: tuple[str, ...]
    is_clear: bool = True
    used: set[str] = field(default_factory=set)

    def silences(self, diagnostic: Diagnostic) -> bool:
        """Whether that, which stands on its line, has one of its codes and can be ignored; counts as used then."""
        if not self.is_clear or ends_reading(diagnostic.code):
            return False
        words = [word for word in self.codes if is_among(diagnostic.code, (word,))] if self.codes else [""]
        self.used.update(words)
        return bool(words)


def ignores(source: Source) -> list[Ignore]:
    """The comments of a text; what stands in a scalar, a quotation say, is none."""
    if _MARK not in source.text:
        return []
    found = [_read(match, number) for number, line in enumerate(source.lines, 1) for match in _said(line)]
    scalars = list(_scalars(source.text)) if found else []
    begins = [begin for begin, _ in scalars]
    return [each for each in found if not _is_text(each, begins, scalars)]


def _said(line: str) -> Iterable[re.Match[str]]:
    return _SAID.finditer(line) if _MARK in line and "#" in line else ()


def _read(match: re.Match[str], line: int) -> Ignore:
    """The comment; a clear one begins with the words, and has codes in brackets behind them or nothing."""
    rest, brackets = match["rest"], _CODES.match(match["rest"])
    begins = match.string[max(0, match.start() - _WIDEST) : match.start()].rstrip().endswith("#")
    words = tuple(word.strip() for word in brackets["codes"].split(",")) if brackets else ()
    codes = tuple(word for word in words if word)
    has_codes = bool(codes) and not any(re.search(r"\s", word) for word in codes)
    return Ignore(line, match.start() + 1, codes, begins and (has_codes if brackets else not rest.strip()))


_Place = tuple[int, int]


def _scalars(text: str) -> Iterator[tuple[_Place, _Place]]:
    """Where the text of every scalar begins and ends, as far as it is YAML; line and column counted from 0."""
    loader = _Loader(text)
    try:
        while loader.check_token():
            token = loader.get_token()
            if isinstance(token, yaml.ScalarToken):
                begin, end = token.start_mark, token.end_mark
                is_below = token.style in ("|", ">")  # whose first line may have a comment
                yield (begin.line + 1, 0) if is_below else (begin.line, begin.column), (end.line, end.column)
    except yaml.YAMLError:  # which is reported where the text is read
        return


def _is_text(comment: Ignore, begins: list[_Place], scalars: list[tuple[_Place, _Place]]) -> bool:
    place = (comment.line - 1, comment.column - 1)
    before = bisect_right(begins, place) - 1
    return before >= 0 and place < scalars[before][1]


_UNCLEAR = "this silences nothing: a comment begins with `shapecalc: ignore`, and codes in brackets or nothing follow"
_CLEAR = "write `# shapecalc: ignore[code]`; a reason may follow the brackets"


def complaints(found: Iterable[Ignore], *, are_all_known: bool) -> Iterator[Problem]:
    """A warning for each that is not clear and each word that is no code; a note for each that silenced nothing.

    Args:
        found: the comments, after they have silenced what they do.
        are_all_known: whether all diagnostics of the text are known. Where a spec was refused, more may come.
    """
    for each in found:
        place = Position(each.line, each.column)
        if not each.is_clear:
            yield Problem("bad-ignore", _UNCLEAR, help=_CLEAR, severity="warning", position=place)
            continue
        for word in each.codes:
            advice = unknown(word)
            if advice is not None:
                message = f"`{word}` is no code of a diagnostic"
                yield Problem("bad-ignore", message, help=advice, severity="warning", position=place)
        idle = [word for word in each.codes or ("",) if word not in each.used and (not word or unknown(word) is None)]
        if idle and are_all_known:
            what = ", ".join(f"`{word}`" for word in idle) if each.codes else "anything"
            message = f"nothing on this line is {what}" if each.codes else "nothing on this line is reported"
            yield Problem("unused-ignore", message, help="leave it out", severity="note", position=place)
