"""The parser of the command line: it says what an unknown option may mean, and reads negative numbers as values."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from typing import IO, Any, NoReturn


class Parser(argparse.ArgumentParser):
    """A parser of a command, which says itself what it does not know."""

    def __init__(self, **settings: Any) -> None:
        """`settings`: those of `argparse.ArgumentParser`."""
        super().__init__(formatter_class=_formatter, **settings)
        self._negative_number_matcher = re.compile(r"-\.?\d")  # -5% and -1,-1 too, as in Python 3.14

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """The arguments; leaves with the usage of this command where one is unknown, not with that of them all."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self._refuse(unknown)
        return found, unknown

    def _refuse(self, unknown: list[str]) -> NoReturn:
        from shapecalc.translate import did_you_mean  # noqa: PLC0415 (only where something is wrong)

        message = f"unrecognized arguments: {' '.join(unknown)}"
        options = [option for option in self._option_string_actions if option.startswith("--")]
        words = (word.partition("=")[0] for word in unknown if word.startswith("--"))
        advice = [question for word in words if (question := did_you_mean(word, options))]
        self.error("\n".join([message, *(f"  help: {each}" for each in advice)]))

    def _print_message(self, message: str, file: IO[str] | None = None) -> None:  # type: ignore[override]
        """Prints the help; unlike argparse's own, where it cannot be written that is an error."""
        (file or sys.stderr).write(message)


def _formatter(prog: str) -> argparse.HelpFormatter:
    """The formatter with a width, which argparse otherwise imports a library to find, for each option anew."""
    try:
        width = os.get_terminal_size().columns
    except OSError:  # no terminal
        columns = os.environ.get("COLUMNS", "")
        width = int(columns) if columns.isdigit() and columns != "0" else 100
    return argparse.HelpFormatter(prog, width=width - 2)


def positive(text: str) -> int:
    """The number that an option has: a whole one of at least 1."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if not 1 <= number < 2**31:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return number
