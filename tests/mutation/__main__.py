"""Plants each bug into a copy of the checkout and runs the suite there: ``python -m tests.mutation``.

Prints a table: the bug, the first test that fails, seconds. Exit code 1 where a bug survives. Not part of CI: it runs
the suite, up to its first failure, once for each bug.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from tests.mutation.bugs import BUGS, Bug

ROOT = Path(__file__).resolve().parents[2]
QUICK = (
    "tests/test_cases.py",
    "tests/test_receptive_field.py",
    "tests/test_walk.py",
    "tests/test_graphs.py",
    "tests/test_expressions.py",
    "tests/test_folding.py",
    "tests/test_unit.py",
    "tests/test_reach.py",
    "tests/test_truth_sequential.py",
    "tests/test_truth_dags.py",
    "tests/test_specs.py",
    "shapecalc",
)
"""Where most bugs are caught; the rest of the suite is run for those that are not."""


def main() -> int:
    """Runs all bugs, or those whose file or text contains a word."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("word", nargs="?", default="", help="only bugs in whose file or text it stands")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    bugs = [bug for bug in BUGS if any(arguments.word in part for part in bug)]
    with tempfile.TemporaryDirectory() as folder:
        places: SimpleQueue[Path] = SimpleQueue()
        for number in range(arguments.jobs):
            places.put(_copy(Path(folder) / str(number)))
        with ThreadPoolExecutor(arguments.jobs) as pool:
            survived = 0
            for bug, (caught, seconds) in zip(bugs, pool.map(lambda bug: _judged(bug, places), bugs), strict=True):
                survived += caught is None
                change = f"{bug.before.strip()[:60]} → {bug.after.strip()[:60]}"
                print(f"{bug.file:26} {change:124} {caught or 'SURVIVED':70} {seconds:5.0f} s", flush=True)
    print(f"{len(bugs)} bugs, {len(bugs) - survived} caught")
    return 1 if survived else 0


def _copy(place: Path) -> Path:
    ignored = shutil.ignore_patterns(".git", "__pycache__", ".*_cache", "*.egg-info")
    return Path(shutil.copytree(ROOT, place, ignore=ignored))


def _judged(bug: Bug, places: SimpleQueue[Path]) -> tuple[str | None, float]:
    """The first test that fails, and how long that took."""
    place = places.get()
    begun = time.perf_counter()
    try:
        with _planted(bug, place):
            caught = _first_failure(place, QUICK) or _first_failure(place, ("tests", "shapecalc"))
    finally:
        places.put(place)
    return caught, time.perf_counter() - begun


@contextmanager
def _planted(bug: Bug, place: Path) -> Iterator[None]:
    path = place / "shapecalc" / bug.file
    text = path.read_text(encoding="utf-8")
    if bug.before not in text:
        raise SystemExit(f"{bug.file} has no {bug.before!r}: the code has changed, mend the bug")
    path.write_text(text.replace(bug.before, bug.after, 1), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(text, encoding="utf-8")


def _first_failure(place: Path, tests: tuple[str, ...]) -> str | None:
    environment = os.environ | {"PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "--ignore=tests/test_mutation.py", *tests],
        cwd=place, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode == 0:
        return None
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    return found[1] if found else f"exit code {done.returncode}"


if __name__ == "__main__":
    sys.exit(main())
