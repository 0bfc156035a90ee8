"""`shapecalc codes`: what the diagnostics mean."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from textwrap import indent
from typing import Any

from shapecalc.checking.rules import is_among
from shapecalc.cli import GOOD
from shapecalc.codes import CODES, Code
from shapecalc.files import Unreadable
from shapecalc.translate import did_you_mean

LONGEST = 110
"""Characters of a line of an example that are shown; some examples are long on purpose."""


def run(arguments: argparse.Namespace) -> int:
    """Prints one code with its examples, or the list of a family, as ``yaml`` for all of ``yaml-…``, or of all."""
    word = arguments.code
    if word in CODES:
        sys.stdout.write(_ONE[arguments.format](CODES[word]))
        return GOOD
    listed = [code for name, code in CODES.items() if word is None or is_among(name, (word,))]
    if not listed:
        advice = did_you_mean(word, list(CODES)) or "`shapecalc codes` lists them"
        raise Unreadable(f"there is no code {word!r}", advice)
    sys.stdout.write(_LISTS[arguments.format](listed))
    return GOOD


def _list_as_text(codes: Sequence[Code]) -> str:
    width = max(len(code.name) for code in codes)
    return "".join(f"{code.name:<{width}}  {code.means}\n" for code in codes)


def _list_as_markdown(codes: Sequence[Code]) -> str:
    rows = [f"| `{code.name}` | {_cell(code.means)} | {_cell(code.mend)} |\n" for code in codes]
    return "".join(["| code | what is wrong | what to do |\n", "|---|---|---|\n", *rows])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _list_as_json(codes: Sequence[Code]) -> str:
    return _json([_entry(code) for code in codes])


def _as_text(code: Code) -> str:
    shown = [indent(each, "    ") for each in _examples(code)]
    examples = "\n  bad\n{}\n  good\n{}".format(*shown) if shown else ""
    severity = code.severity + (", which `--ignore` and comments cannot silence" if code.ends_reading else "")
    return f"{code.name} ({severity})\n\n  {code.means}\n  mend: {code.mend}\n{examples}"


def _as_markdown(code: Code) -> str:
    shown = [f"```yaml\n{each}```\n" for each in _examples(code)]
    examples = "\nBad:\n\n{}\nGood:\n\n{}".format(*shown) if shown else ""
    return f"### `{code.name}`\n\n{code.means.capitalize()}. To mend it: {code.mend}.\n{examples}"


def _as_json(code: Code) -> str:
    return _json(_entry(code))


def _examples(code: Code) -> list[str]:
    """The bad and the good one; none where no text is known to be refused for that."""
    if code.bad is None or code.good is None:
        return []
    beside = dict(code.beside)
    return [_example(code, code.bad, beside), _example(code, code.good, beside | dict(code.beside_good))]


def _example(code: Code, text: str, beside: dict[str, str]) -> str:
    """The example with the files beside it, and the command where it is not the usual one."""
    files = [f"# {name}\n{each}\n" for name, each in beside.items()]
    call = [f"# {code.call}\n"] if code.call != Code.__dataclass_fields__["call"].default else []
    name = ["# net.yaml\n"] if files else []
    lines = "".join([*files, *call, *name, text]).splitlines()
    return "".join(f"{line if len(line) <= LONGEST else line[: LONGEST - 1] + '…'}\n" for line in lines)


def _entry(code: Code) -> dict[str, Any]:
    return {name: dict(value) if isinstance(value, dict) else value for name, value in asdict(code).items()}


def _json(value: object) -> str:
    return json.dumps(value, indent=1) + "\n"


_LISTS = {"text": _list_as_text, "markdown": _list_as_markdown, "json": _list_as_json}
_ONE = {"text": _as_text, "markdown": _as_markdown, "json": _as_json}
