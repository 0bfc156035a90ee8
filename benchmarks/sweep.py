"""The bar of `sweep`: all 15,625 cells of NAS-Bench-201. See README.md in this folder."""

from __future__ import annotations

import argparse
import csv
import tempfile

from processes import cost, shapecalc, verdict, warn_if_busy

CELLS = 15_625
SECONDS = 300.0
OPERATIONS = "none,skip_connect,nor_conv_1x1,nor_conv_3x3,avg_pool_3x3"
EDGES = ("e10", "e20", "e21", "e30", "e31", "e32")
LEAST, MOST = 73_306, 1_531_546
"""Parameters of the smallest and the largest cell: EvoXBench, arXiv:2208.04321."""


def main() -> None:
    """Prints the seconds of the whole sweep and the parent process's memory; checks the bounds of the space."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", default="2", help="processes (default: 2)")
    jobs = parser.parse_args().jobs
    warn_if_busy()
    settings = [f"--set={edge}={OPERATIONS}" for edge in EDGES]
    with tempfile.TemporaryFile() as out:
        took = cost(shapecalc("sweep", "nas-bench-201", *settings, "--format", "csv", "--jobs", jobs), out)
        out.seek(0)
        params = [int(row["params"]) for row in csv.DictReader(out.read().decode().splitlines())]
    assert (len(params), min(params), max(params)) == (CELLS, LEAST, MOST)
    print(f"{CELLS:,} cells, {jobs} processes: {took.wall:.0f} s, {CELLS / took.wall:,.0f} cells/s")
    print(f"peak of one process: {took.peak / 2**20:.0f} MiB")
    print(f"bar {SECONDS:.0f} s: {verdict(took.wall, bar=SECONDS)}")


if __name__ == "__main__":
    main()
