"""The scale bars: long YAML files through whole processes. See README.md in this folder."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from math import log
from pathlib import Path
from random import Random
from statistics import median

from processes import Cost, cost, shapecalc, verdict, warn_if_busy

SIZES = (1_000, 10_000, 100_000)
LAYERS_A_SECOND = 25_000
BYTES_A_LAYER = 6_000
TABLE_ROWS = 10_000
TABLE_SECONDS = 1.0
TABLE_FORMATS = ("table", "markdown", "html", "latex", "csv")
WIDTHS = (16, 24, 32, 48, 64, 96, 128, 192, 256, 320, 512)


def network(layers: int, *, distinct: bool) -> Iterator[str]:
    """The lines of a spec of so many layers; where `distinct`, no two convolutions are equal."""
    yield from ("name: a long network", "input: 32x32x3", "layers:")
    items = _items(Random(layers), distinct=distinct)
    for _ in range(layers):
        first, *rest = next(items)
        yield f"  - {first}"
        yield from (f"    {line}" for line in rest)


def _items(random: Random, *, distinct: bool) -> Iterator[list[str]]:
    """The lines of convolution, batch norm, activation, over and over; at times a pooling of stride 1."""
    block = 0
    while True:
        yield _conv(random, block, 8 + block if distinct else random.choice(WIDTHS))
        yield ["batchnorm"]
        yield ["relu: {}", f"name: block{block}.relu"] if random.random() < 0.2 else ["relu"]
        if random.random() < 0.05:
            yield ["maxpool: {kernel_size: 3, stride: 1, padding: 1}"]
        block += 1


def _conv(random: Random, block: int, channels: int) -> list[str]:
    """A convolution that keeps the spatial size; half of them in flow style, half with a name."""
    kernel = random.choice((1, 3, 3, 3, 5))
    fields = [f"out_channels: {channels}", f"kernel_size: {kernel}", f"padding: {kernel // 2}"]
    if random.random() < 0.5:
        fields.append("bias: false")
    name = [f"name: block{block}.conv"] if random.random() < 0.5 else []
    if random.random() < 0.5:
        return [f"conv: {{{', '.join(fields)}}}", *name]
    return ["conv:", *(f"  {field}" for field in fields), *name]


GRAPH = """
input: 64x64x16
blocks:
  basic:
    vars: {{out: }}
    layers:
      - parallel:
          - - conv: {{out_channels: =out, kernel_size: 3, padding: 1, bias: false}}
            - batchnorm
            - relu
            - conv: {{out_channels: =out, kernel_size: 3, padding: 1, bias: false}}
            - batchnorm
          - []
        join: add
      - relu
layers:
  - {{basic: {{out: 16}}, repeat: {turns}, name: stage}}
"""
LAYERS_OF_A_TURN = 7


def _graph(folder: Path, runs: int) -> None:
    """A residual network that a block and a `repeat` make: layers a second and memory a layer."""
    for size in SIZES:
        turns = -(-size // LAYERS_OF_A_TURN)
        path = folder / f"graph{size}.yaml"
        path.write_text(GRAPH.format(turns=turns), encoding="utf-8")
        print(f"  {_line(size, _cost(path, 'json', runs))}")


def main() -> None:
    """Prints a line for each file, the exponents, and a line for each format of the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="runs of each process (default: 3)")
    runs = parser.parse_args().runs
    warn_if_busy()
    with tempfile.TemporaryDirectory() as folder:
        for distinct in (False, True):
            print("every convolution another" if distinct else "equal layers among them")
            _sizes(Path(folder), distinct=distinct, runs=runs)
        print("a graph of residual blocks, from few lines")
        _graph(Path(folder), runs)
        print(f"the table of {TABLE_ROWS:,} rows")
        _tables(Path(folder), runs)


def _sizes(folder: Path, *, distinct: bool, runs: int) -> None:
    start = _cost(_file(folder, 1, distinct=distinct), "json", runs)
    costs = {}
    for size in SIZES:
        costs[size] = _cost(_file(folder, size, distinct=distinct), "json", runs)
        print(f"  {_line(size, costs[size])}")
    small, large = SIZES[-2:]
    whole = _exponent(small, costs[small].wall, large, costs[large].wall)
    rest = _exponent(small, costs[small].wall - start.wall, large, costs[large].wall - start.wall)
    print(
        f"  time grows as layers ** {whole:.2f} from {small:,} to {large:,};"
        f" ** {rest:.2f} without the {start.wall:.2f} s of a one-layer network"
    )


def _line(size: int, taken: Cost) -> str:
    rate, memory = size / taken.wall, taken.peak / size
    line = f"{size:>7,} layers: {_seconds(taken)}, {rate:,.0f} layers/s, {memory:,.0f} bytes/layer"
    if size != SIZES[-1]:
        return line
    fast = verdict(LAYERS_A_SECOND / rate, bar=1)
    lean = verdict(memory, bar=BYTES_A_LAYER)
    return f"{line}; bars {LAYERS_A_SECOND:,} {fast}, {BYTES_A_LAYER:,} {lean}"


def _seconds(taken: Cost) -> str:
    return f"{taken.wall:.2f} s ({taken.cpu:.2f} s of processor time)"


def _exponent(small: int, short: float, large: int, long: float) -> float:
    return log(long / short) / log(large / small)


def _tables(folder: Path, runs: int) -> None:
    path = _file(folder, TABLE_ROWS, distinct=False)
    for form in TABLE_FORMATS:
        taken = _cost(path, form, runs)
        judged = verdict(taken.wall, bar=TABLE_SECONDS)
        print(f"  {form}: {_seconds(taken)}; bar {TABLE_SECONDS:.0f} s: {judged}")


def _file(folder: Path, layers: int, *, distinct: bool) -> Path:
    path = folder / f"{layers}-{distinct}.yaml"
    with path.open("w", encoding="utf-8") as file:  # line by line: this process must stay small
        file.writelines(f"{line}\n" for line in network(layers, distinct=distinct))
    return path


def _cost(path: Path, form: str, runs: int) -> Cost:
    """Medians over the runs. RuntimeError where a process prints nothing."""
    costs = []
    for _ in range(runs):
        with tempfile.TemporaryFile() as out:
            costs.append(cost(shapecalc("show", str(path), "--format", form), out))
            if out.tell() == 0:
                raise RuntimeError(f"nothing was printed for {path.name} as {form}")
    wall, cpu, peak = (median(each[i] for each in costs) for i in range(3))
    return Cost(wall, cpu, round(peak))


if __name__ == "__main__":
    main()
