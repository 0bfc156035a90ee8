"""Many damaged specs through every command: no traceback, exit code 0, 1 or 2, soon, in little memory.

    python tests/fuzz_many.py --inputs 200000 --seed 1

Each input is a shipped or a bad spec with a few bytes, tokens or lines changed, and one call of a command,
both made from the seed and the input's number; `--show NUMBER` prints them and runs them again. An input
fails by an exception, another exit code, output that is not of its format, more than a second of processor
time, or more than 200 MiB beyond the start-up. `--max-layers` is 2,000, of each of the up to ten variants of
a spec: whoever asks for a million layers waits for them.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import os
import random
import re
import shlex
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stderr, redirect_stdout, suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

SECONDS = 1.0
MEGABYTES = 200
HANGS_AFTER = 20.0
MAX_LAYERS = "2000"
AT_A_TIME = 250

SHIPPED = sorted((ROOT / "specs").rglob("*.yaml"))
BAD = sorted((ROOT / "tests" / "bad").glob("*.yaml"))
TOKEN = re.compile(r"\s+|[\w.]+|.", re.DOTALL)
NUMBERS = (f"0 1 2 3 4 5 7 8 16 -1 1.5 2147483647 2147483648 1{'0' * 30} 1e400 1e-300 .nan -.inf").split(" ")
WORDS = (  # noqa: SIM905
    "same valid null true false no yes ~ x [] {} [1,2] [[1,2],3] '' \"\" 3x3x3 010 1:30 ~1M '>= 3' *a &a << - : , # ? |"
    " conv fc relu add concat multiply parallel join from name when share frozen repeat expect vars blocks variants "
    "include input layers custom window whole reshape flatten upsample pad crop slice attention lstm embedding "
    "batchnorm maxpool =i =width =1/0 =2**64 =10**9 =in_shape =in_channels '=a b' shapecalc: ignore[note] ask macs"
).split(" ")
BYTES = bytes.fromhex("00ffc309 0d0a1b22 27585d7b 7d808590 a0a8e2ed efbbbf")


EXPECTED = re.compile(r"^expect:\n(?:  .*\n?)+|^expect: .*\n?|, expect: \{[^{}]*\}", re.MULTILINE)
TABLE = """\
[tool.shapecalc]
strict = true
select = ["yaml", "expectation-failed"]
ignore = ["note"]
exclude = ["drafts/", "*.old.yaml"]
max-layers = 500
format = "json"

[[tool.shapecalc.budgets]]
path = "**/fuzz.yaml"
params = "<= 5M"
receptive_field = [">= 3", 7]
output = "7x7x3"
"""


class Case(NamedTuple):
    """What is run: the bytes of the file, the words of the command, and a pyproject.toml, if there is one."""

    raw: bytes
    words: list[str]
    table: bytes = b""


class Result(NamedTuple):
    """What came of it: `fault` is empty where all is well."""

    number: int
    command: str
    code: int
    fault: str
    seconds: float
    megabytes: float


# ---- what is made up ----


def case(seed: int, number: int, path: str, commands: Sequence[str]) -> Case:
    """The input of that number."""
    made = random.Random(f"{seed} {number}")
    command = made.choice(commands)
    text = _text(made, is_small=command == "verify")
    spec = path + _variant(made, text)
    raw = text.encode("utf-8", "surrogatepass")
    if made.random() < 0.1:
        raw = _with_bytes(made, raw)
    words = [command, *_arguments(made, command, spec)]
    if "--max-layers" in _parsers()[command]._option_string_actions:
        words += ["--max-layers", MAX_LAYERS]
    return Case(raw, words, _table(made) if command == "check" and made.random() < 0.1 else b"")


def _table(made: random.Random) -> bytes:
    """A pyproject.toml with a few changes."""
    text = TABLE
    for _ in range(made.choice([0, 1, 1, 2, 4])):
        text = made.choice([_number, _tokens, _tokens, _lines])(made, text)
    raw = text.encode("utf-8", "surrogatepass")
    return _with_bytes(made, raw) if made.random() < 0.2 else raw


def _text(made: random.Random, *, is_small: bool) -> str:
    text = made.choice(BAD if is_small or made.random() < 0.3 else SHIPPED).read_text(encoding="utf-8")
    if made.random() < 0.7:  # or nearly every change would break an expectation
        text = EXPECTED.sub("", text)
    if made.random() < 0.5:
        return _number(made, text)
    for _ in range(made.choice([1, 1, 1, 2, 4])):
        text = made.choice(_CHANGES)(made, text)
    return text


def _variant(made: random.Random, text: str) -> str:
    """The name of a variant behind a colon, where there are some."""
    written = re.search(r"^variants:\n((?:  .*\n)+)", text, re.MULTILINE)
    named = re.findall(r"^  ([\w-]+):", written[1], re.MULTILINE) if written else []
    if made.random() < 0.03:
        named = ["small", "x", "", "::"]
    return f":{made.choice(named)}" if named and made.random() < 0.8 else ""


def _number(made: random.Random, text: str) -> str:
    """The text with one of its numbers, or two, replaced: what is often a network still."""
    for _ in range(made.choice([1, 1, 2])):
        found = list(re.finditer(r"(?<![\w.])\d+(?![\w.])", text))
        if found:
            chosen = made.choice(found)
            text = text[: chosen.start()] + made.choice(NUMBERS) + text[chosen.end() :]
    return text


def _tokens(made: random.Random, text: str) -> str:
    tokens = TOKEN.findall(text) or [""]
    at, other = made.randrange(len(tokens)), made.randrange(len(tokens))
    match made.randrange(4):
        case 0:
            tokens[at] = ""
        case 1:
            tokens[at] *= 2
        case 2:
            tokens[at], tokens[other] = tokens[other], tokens[at]
        case _:
            tokens[at] = made.choice(WORDS)
    return "".join(tokens)


def _lines(made: random.Random, text: str) -> str:
    lines = text.split("\n")
    at, other = made.randrange(len(lines)), made.randrange(len(lines))
    match made.randrange(6):
        case 0:
            del lines[at]
        case 1:
            lines[at:at] = [lines[at]] * made.choice([1, 1, 2, 300])
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
        case 3:
            lines[at] = made.choice(["  ", "    ", "- ", "---\n"]) + lines[at]
        case 4:
            lines[at] += made.choice(["  # shapecalc: ignore", "  # shapecalc: ignore[note, yaml]", ":", " -", "\\"])
        case _:
            lines = lines[: at + 1]
    return "\n".join(lines)


def _spliced(made: random.Random, text: str) -> str:
    other = made.choice(SHIPPED + BAD).read_text(encoding="utf-8")
    if made.random() < 0.5:
        return f"{text}\n---\n{other}"
    return text[: made.randrange(len(text) + 1)] + other[made.randrange(len(other) + 1) :]


_CHANGES = [_number, _tokens, _tokens, _tokens, _lines, _lines, _spliced]


def _with_bytes(made: random.Random, raw: bytes) -> bytes:
    for _ in range(made.randint(1, 3)):
        at = made.randrange(len(raw) + 1)
        piece = made.choice([bytes(made.choices(BYTES, k=made.randint(1, 3))), made.randbytes(made.randint(1, 6))])
        raw = raw[:at] + piece + raw[at + made.choice([0, 1, 1, 9]) :]
    return raw


def _show(made: random.Random, spec: str) -> Iterator[str]:
    yield from (spec, "--format", made.choice(["table", "json", "csv", "markdown", "html", "latex"]))
    yield from _sometimes(made, ["--columns", made.choice(["+macs,memory,rf_start,notes", "layer,from,line", "x", ""])])
    yield from _sometimes(made, ["--depth", made.choice(["1", "2", "0"])])
    yield from _sometimes(made, ["--layout", "chw"])
    yield from _options(made)


def _options(made: random.Random) -> Iterator[str]:
    yield from _sometimes(made, ["--input", made.choice(["64x64x3", "1x1x1", "7", "x", "2147483647x2147483647x3"])])
    yield from _sometimes(made, ["--set", made.choice(["width=8", "width", "=", "depth=1e400", "classes=[1"])])
    yield from _sometimes(made, ["--rf-input", made.choice(["input", "image", ""])])


def _explain(made: random.Random, spec: str) -> Iterator[str]:
    yield spec
    yield from _sometimes(made, [made.choice(["conv1", "relu1", "stem", "nothing"])])
    yield from ("--format", made.choice(["text", "markdown", "latex"]))
    yield from _options(made)


def _check(made: random.Random, spec: str) -> Iterator[str]:
    yield from (spec, "--format", made.choice(["text", "json", "github", "sarif", "junit"]))
    yield from _sometimes(made, ["--strict"])
    yield from _sometimes(made, ["--select", made.choice(["yaml,note", "expectation-failed", "nothing", ","])])
    yield from _sometimes(made, ["--ignore", made.choice(["unknown,wrong", "note", ""])])


def _unit(made: random.Random, spec: str) -> Iterator[str]:
    yield from (spec, made.choice(["conv1", "pool1", "relu1", "maxpool1", "add1", "stem", "flatten1", "nothing"]))
    yield from _sometimes(made, [made.choice(["0,0", "3,4", "1", "-1,0", "9999999999,1", "x"])])
    yield from _sometimes(made, ["--pixel", made.choice(["0,0", "5,5", "3", "x"])])
    yield from ("--format", made.choice(["text", "json"]))
    yield from _options(made)


def _verify(made: random.Random, spec: str) -> Iterator[str]:
    yield from (spec, "--memory", "100M", "--format", made.choice(["text", "json"]))
    yield from _sometimes(made, ["--only", made.choice(["shapes,params", "macs", "rf", "x", ""])])


def _codes(made: random.Random, spec: str) -> Iterator[str]:
    yield from _sometimes(made, [made.choice(["note", "yaml-syntax", "x", ""])])
    yield from ("--format", made.choice(["text", "markdown", "json"]))


def _schema(made: random.Random, spec: str) -> Iterator[str]:
    yield from ()


def _sometimes(made: random.Random, words: list[str]) -> list[str]:
    return words if made.random() < 0.1 else []


_ARGUMENTS = {
    "show": _show,
    "explain": _explain,
    "check": _check,
    "unit": _unit,
    "verify": _verify,
    "codes": _codes,
    "schema": _schema,
}
_OFTEN = {"show": 16, "explain": 10, "check": 20, "unit": 8, "codes": 1, "schema": 1}


def commands_there() -> list[str]:
    """The commands of this checkout, those that read specs more often; of the others each twice."""
    return [command for command in _parsers() for _ in range(_OFTEN.get(command, 2))]


@cache
def _parsers() -> dict[str, argparse.ArgumentParser]:
    from shapecalc.cli import _parser

    return next(each.choices for each in _parser()._actions if isinstance(each, argparse._SubParsersAction))


def _arguments(made: random.Random, command: str, spec: str) -> list[str]:
    """The words behind a command: written above for it, or as its parser asks for them."""
    if command in _ARGUMENTS:
        return list(_ARGUMENTS[command](made, spec))
    words = []
    for action in _parsers()[command]._actions:
        names = ["conv1", "relu1", "3,4", "width", "macs", spec]
        if not action.option_strings:
            words += [
                spec if action.dest.startswith("spec") else made.choice(names) for _ in range(made.choice([1, 1, 2]))
            ]
        elif action.choices and (action.dest == "format" or made.random() < 0.1):
            words += [action.option_strings[-1], str(made.choice(list(action.choices)))]
        elif made.random() < 0.05 and action.dest not in ("help", "jobs", "output", "max_layers"):
            words += [action.option_strings[-1], *([] if action.nargs == 0 else [made.choice([*names, "3", "x", ""])])]
    return words


# ---- what is run ----


class HangError(BaseException):
    """It takes too long; of no kind that the code could catch."""


def _hang(*_: object) -> None:
    raise HangError


def run(seed: int, number: int, path: Path, commands: Sequence[str]) -> Result:
    """Runs one input in this process."""
    from shapecalc.cli import main

    made = case(seed, number, str(path), commands)
    _written(made, path)
    out, err, code, fault = io.StringIO(), io.StringIO(), -1, ""
    _forget_peak()
    before, begun = _peak(), time.process_time()
    signal.setitimer(signal.ITIMER_PROF, HANGS_AFTER)
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = main(made.words)
    except SystemExit as stop:
        code = int(stop.code or 0)
    except HangError:
        fault = "hang"
    except BaseException as error:
        fault = f"{type(error).__name__}: {str(error)[:100]}"
    signal.setitimer(signal.ITIMER_PROF, 0)
    seconds, megabytes = time.process_time() - begun, (_peak() - before) / 2**20
    fault = fault or _fault(made.words, code, out.getvalue(), err.getvalue())
    if not fault and seconds > SECONDS and made.words[0] != "verify":  # which runs what may be a large network
        fault = "slow"
    if not fault and megabytes > MEGABYTES:
        fault = "large"
    return Result(number, made.words[0], code, fault, seconds, megabytes)


def _fault(words: list[str], code: int, out: str, err: str) -> str:
    """What is wrong with the exit code or the output."""
    if code not in (0, 1, 2):
        return f"exit code {code}"
    if "Traceback (most" in err:
        return "traceback"
    form = words[words.index("--format") + 1] if "--format" in words else ""
    if code and not (err or out):
        return "nothing is said"
    try:
        if out and form in ("json", "sarif"):
            json.loads(out)
        if out and form == "junit":
            ET.fromstring(out)
    except (ValueError, ET.ParseError) as error:
        return f"output: {error}"
    return ""


def _forget_peak() -> None:
    """Begins to measure the peak of memory anew, which Linux can do."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak() -> int:
    """The peak of this process's memory, in bytes."""
    try:
        found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
        return int(found[1]) * 1024 if found else 0
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _written(made: Case, path: Path) -> None:
    path.write_bytes(made.raw)
    path.with_name("pyproject.toml").write_bytes(made.table)


def run_some(seed: int, first: int, end: int, commands: Sequence[str]) -> list[Result]:
    """Runs the inputs of these numbers, in a folder of their own."""
    signal.signal(signal.SIGPROF, _hang)
    with tempfile.TemporaryDirectory(prefix="fuzz") as folder:
        before = Path.cwd()
        shutil.copytree(ROOT / "specs" / "blocks", Path(folder) / "blocks")  # which some specs include
        os.chdir(folder)
        try:
            return [run(seed, number, Path("fuzz.yaml"), commands) for number in range(first, end)]
        finally:
            os.chdir(before)
            gc.collect()


# ---- what is said ----


def summary(results: Sequence[Result]) -> str:
    """A row for each command: how often each exit code, the slowest and the largest; then what failed."""
    lines = [
        f"{'command':10}{'inputs':>8}{'0':>8}{'1':>8}{'2':>8}{'faults':>8}{'mean ms':>10}{'max s':>8}{'max MiB':>9}"
    ]
    for command in sorted({each.command for each in results}):
        of = [each for each in results if each.command == command]
        codes = Counter(each.code for each in of)
        mean = 1000 * sum(each.seconds for each in of) / len(of)
        slowest, largest = max(each.seconds for each in of), max(each.megabytes for each in of)
        failed = sum(bool(each.fault) for each in of)
        counts = "".join(f"{n:>8,}" for n in (len(of), codes[0], codes[1], codes[2], failed))
        lines.append(f"{command:10}{counts}{mean:>10.1f}{slowest:>8.2f}{largest:>9.1f}")
    faults = [each for each in results if each.fault]
    lines.append(f"{len(results):,} inputs, {len(faults):,} faults")
    lines += [f"  {count:>6} {fault}" for fault, count in Counter(each.fault for each in faults).most_common(20)]
    return "\n".join(lines)


def worst(results: Sequence[Result]) -> str:
    """The slowest, the largest and the first that failed, by number."""
    rows = [
        *[each for each in results if each.fault][:20],
        *sorted(results, key=lambda each: -each.seconds)[:5],
        *sorted(results, key=lambda each: -each.megabytes)[:5],
    ]
    return "\n".join(
        f"  --show {each.number}: {each.command} {each.seconds:.2f} s, {each.megabytes:.1f} MiB {each.fault}"
        for each in dict.fromkeys(rows)
    )


def show(seed: int, number: int) -> None:
    """Prints one input and runs it again, its exceptions uncaught."""
    from shapecalc.cli import main

    made = case(seed, number, "fuzz.yaml", commands_there())
    with tempfile.TemporaryDirectory(prefix="fuzz") as folder:
        shutil.copytree(ROOT / "specs" / "blocks", Path(folder) / "blocks")
        os.chdir(folder)
        _written(made, Path("fuzz.yaml"))
        for raw in (made.raw, made.table):
            print(raw.decode("utf-8", "backslashreplace"))
        print("$", shlex.join(["shapecalc", *made.words]))
        begun = time.process_time()
        try:
            print("exit code", main(made.words))
        finally:
            print(f"{time.process_time() - begun:.2f} s")
            os.chdir(ROOT)


def run_all(arguments: Any) -> list[Result]:
    """All inputs, on several processes, with a word now and then."""
    commands, said = commands_there(), time.perf_counter()
    results: list[Result] = []
    ends = range(0, arguments.inputs, AT_A_TIME)
    with ProcessPoolExecutor(arguments.jobs) as executor:
        pieces = [(arguments.seed, n, min(n + AT_A_TIME, arguments.inputs), commands) for n in ends]
        for some in executor.map(run_some, *zip(*pieces, strict=True)):
            results += some
            for each in some:
                if each.fault:
                    print(f"--show {each.number}: {each.command} {each.seconds:.2f} s {each.fault}", file=sys.stderr)
            if time.perf_counter() - said > 30:
                said = time.perf_counter()
                print(f"{len(results):,} inputs, {sum(bool(r.fault) for r in results):,} faults", file=sys.stderr)
    return results


def main() -> int:
    """Runs what is asked for; 1 where anything failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--show", type=int, metavar="NUMBER", help="one of the inputs, printed and run again")
    arguments = parser.parse_args()
    if arguments.show is not None:
        show(arguments.seed, arguments.show)
        return 0
    results = run_all(arguments)
    print(f"seed {arguments.seed}\n{summary(results)}\n{worst(results)}")
    return int(any(each.fault for each in results))


if __name__ == "__main__":
    sys.exit(main())
