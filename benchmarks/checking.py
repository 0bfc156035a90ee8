"""The bar of `check` on a folder of specs, and what more than one process gains. See README.md in this folder."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from processes import Cost, cost, shapecalc, verdict, warn_if_busy

SPECS = 500
SECONDS = 20.0
STAGES = ((64, 3), (128, 4), (256, 6), (512, 3))
"""Width and number of bottlenecks, as in ResNet-50: He et al. 2015, table 1."""


def network(number: int) -> Iterator[str]:
    """The lines of a ResNet-50, every layer written out, 178 in all; each number gives another width."""
    width = 64 + number % 64
    yield from (f"name: ResNet-50 with {1000 + number} classes", "input: 224x224x3", "layers:")
    yield from _conv("conv1", width, 7, stride=2)
    yield "  - relu"
    yield from ("  - maxpool: {kernel_size: 3, stride: 2, padding: 1}", "    name: conv1.out")
    above = "conv1.out"
    for stage, (channels, blocks) in enumerate(STAGES, 2):
        for block in range(1, blocks + 1):
            stride = 2 if stage > 2 and block == 1 else 1
            yield from _bottleneck(f"conv{stage}_{block}", channels, stride, above if block > 1 else None)
            above = f"conv{stage}_{block}.out"
    yield from ("  - global_avgpool", f"  - fc: {1000 + number}", "expect:", f"  output: {1000 + number}")


def _bottleneck(name: str, channels: int, stride: int, short: str | None) -> Iterator[str]:
    """Three convolutions beside a short cut, which is one too where its name is not given."""
    if short is None:
        yield from ("  - identity:", f"    name: {name}.in")
        yield from _conv(f"{name}.p", 4 * channels, 1, stride=stride)
        yield from _conv(f"{name}.a", channels, 1, origin=f"{name}.in")
        short = f"{name}.p.bn"
    else:
        yield from _conv(f"{name}.a", channels, 1)
    yield "  - relu"
    yield from _conv(f"{name}.b", channels, 3, stride=stride)
    yield "  - relu"
    yield from _conv(f"{name}.c", 4 * channels, 1)
    yield from (f"  - add: [{name}.c.bn, {short}]", "  - relu:", f"    name: {name}.out")


def _conv(name: str, channels: int, kernel: int, *, stride: int = 1, origin: str | None = None) -> Iterator[str]:
    fields = f"out_channels: {channels}, kernel_size: {kernel}, padding: {kernel // 2}, stride: {stride}, bias: false"
    yield from (f"  - conv: {{{fields}}}", f"    name: {name}")
    if origin is not None:
        yield f"    from: {origin}"
    yield from ("  - batchnorm:", f"    name: {name}.bn")


def _written(folder: Path) -> None:
    for number in range(SPECS):
        text = "\n".join(network(number)) + "\n"
        (folder / f"net{number:03}.yaml").write_text(text, encoding="utf-8")


def _median(costs: list[Cost]) -> Cost:
    wall, cpu = (median(each[i] for each in costs) for i in range(2))
    return Cost(wall, cpu, max(each.peak for each in costs))


def main() -> None:
    """Prints specs a second on all cores, the ratio to one process, and the largest process's memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="of each; the median counts")
    runs = parser.parse_args().runs
    warn_if_busy()
    with tempfile.TemporaryDirectory() as name:
        _written(Path(name))
        check, alone = shapecalc("check", name), shapecalc("check", name, "--jobs", "1")
        cost(check)
        pairs = [(cost(check), cost(alone)) for _ in range(runs)]
    all_cores, one = _median([a for a, _ in pairs]), _median([b for _, b in pairs])
    ratio = median(b.wall / a.wall for a, b in pairs)
    print(f"{SPECS} specs of 178 layers, every core: {all_cores.wall:.2f} s, {SPECS / all_cores.wall:,.0f} specs/s")
    print(f"the same in one process: {one.wall:.2f} s, {SPECS / one.wall:,.0f} specs/s; {ratio:.2f} times as long")
    print(f"largest process: {all_cores.peak / 2**20:.0f} MiB, alone {one.peak / 2**20:.0f} MiB")
    print(f"bar {SECONDS:.0f} s: {verdict(all_cores.wall, bar=SECONDS)}")


if __name__ == "__main__":
    main()
