"""`shapecalc verify`: the network run, and what comes out beside the numbers of the table."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from shapecalc.cli import GOOD, WRONG, could_not
from shapecalc.commands import report, wanted
from shapecalc.files import Unreadable
from shapecalc.render.certificate import as_text, entry
from shapecalc.result import Trace
from shapecalc.session import Opened, opened
from shapecalc.translate import did_you_mean
from shapecalc.verification import ENGINES, QUANTITIES, Certificate, MissingEngineError, Options, stages, verified

_THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""What the libraries that multiply matrices read when they are loaded."""

_MEMORY = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?", re.IGNORECASE)


def run(arguments: argparse.Namespace) -> int:
    """Prints a certificate for every spec that could be run; the diagnostics go to standard error."""
    if arguments.engine == "numpy":
        for name in _THREADS:  # before NumPy is loaded; it runs layers side by side, not each product
            os.environ.setdefault(name, "1")
    options, wants = _options(arguments), wanted(arguments)
    limit = None if arguments.memory is None else _bytes(arguments.memory)
    certificates: list[Certificate] = []
    codes = []
    for name in arguments.specs:
        try:
            for spec in opened(name, wants, all_variants=True):
                before = len(certificates)
                codes.append(_one(spec, options, limit, certificates))
                if arguments.format == "text" and len(certificates) > before:
                    _print(certificates)
        except Unreadable as error:
            codes.append(could_not(error))
    if arguments.format == "json" and (certificates or len(codes) != 1):
        entries = [entry(certificate) for certificate in certificates]
        print(json.dumps(entries[0] if len(codes) == 1 else entries, ensure_ascii=False))
    return max(codes, default=GOOD)


def _one(spec: Opened, options: Options, limit: int | None, certificates: list[Certificate]) -> int:
    """The exit code of one spec; its certificate is added to the others where it could be run."""
    report(spec.diagnostics)
    if spec.trace is None:
        return WRONG
    try:
        certificates.append(_verified(spec.trace, options, limit))
    except Unreadable as error:
        return could_not(error)
    return GOOD if certificates[-1].equal and not spec.failed else WRONG


def _print(certificates: list[Certificate]) -> None:
    """The last certificate, as soon as it is there."""
    sys.stdout.write(("\n" if len(certificates) > 1 else "") + as_text(certificates[-1]))
    sys.stdout.flush()


def _verified(trace: Trace, options: Options, limit: int | None) -> Certificate:
    """The certificate. `Unreadable` where the engine is missing or memory would not do."""
    from shapecalc.verification.memory import refusal  # noqa: PLC0415 (numpy, where something runs)

    refused = refusal(trace, options, limit)
    if refused is not None:
        raise Unreadable(*refused)
    try:
        with _progress(trace, options) as tick:
            return verified(trace, options._replace(tick=tick))
    except MissingEngineError as error:
        raise Unreadable(str(error), "pip install 'shapecalc-nn[torch]'") from None
    except MemoryError:
        raise Unreadable(f"{trace.name}: memory ran out", "a smaller --input, or --only params,macs,rf") from None


@contextmanager
def _progress(trace: Trace, options: Options) -> Iterator[Callable[[], object]]:
    """What to call after each layer; a bar on standard error where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console  # noqa: PLC0415 (where a terminal shows it)
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(trace.name, total=len(trace.layers) * stages(options.quantities))
        yield lambda: bar.advance(task)


def _options(arguments: argparse.Namespace) -> Options:
    """`Unreadable` where --only names what nobody, or not this engine, can verify."""
    able = ENGINES[arguments.engine]
    asked = set(able) if arguments.only is None else {word.strip() for word in arguments.only.split(",")}
    for word in sorted(asked - set(able)):
        if word in QUANTITIES:
            raise Unreadable(f"--engine {arguments.engine} cannot verify {word}", f"it can {', '.join(able)}")
        raise Unreadable(f"--only cannot be {word!r}", did_you_mean(word, list(able)) or f"some of {', '.join(able)}")
    return Options(tuple(each for each in able if each in asked), arguments.engine, arguments.seed)


def _bytes(text: str) -> int:
    """The number of bytes in ``4G``. `Unreadable` where it is no such text."""
    match = _MEMORY.fullmatch(text.strip())
    if match is None:
        raise Unreadable(f"--memory {text!r} is no amount of memory", "as in 500M or 4G")
    return int(float(match[1]) * 1024 ** " kmgt".index(match[2].lower() or " "))
