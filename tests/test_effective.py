"""Effective receptive fields: paths counted by hand, and by the reference's operations on ones."""

from __future__ import annotations

import os
import re
from functools import reduce
from itertools import product
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from shapecalc import SpecError, Trace, load, trace
from shapecalc.cli import main
from shapecalc.effective import LOST, effective_sizes, measured
from shapecalc.layers.merge import Merge
from shapecalc.paths import Paths, central, merged, of_pixels
from shapecalc.reference_ops.arrays import Array
from shapecalc.reference_ops.convolution import conv, conv_transpose
from shapecalc.windows import Window, strided, transposed

SETTINGS = settings(deadline=None, derandomize="CI" in os.environ, database=None, max_examples=60)


def network(layers: str, size: str = "64x64x1") -> Trace:
    return trace(load(f"input: {size}\nlayers: {layers}"))


def sizes(layers: str, size: str = "64x64x1") -> list[tuple[int, ...] | None]:
    return list(effective_sizes(network(layers, size)).values())


def known(window: Window | None) -> Window:
    assert window is not None
    return window


# ---- what holds 95 % ----


@pytest.mark.parametrize(
    ("weights", "size"),
    [
        ([], 0),
        ([7], 1),
        ([1, 1, 1], 3),
        ([1, 2, 3, 2, 1], 5),  # 1/9 is more than 1/40
        ([1, 4, 10, 16, 19, 16, 10, 4, 1], 7),  # 1/81 is less, 5/81 more
        ([1] * 39, 39),
        ([1] * 40, 38),  # 1/40 may be left out
        ([1] * 100, 96),
        ([1, 0, 0, 100, 0, 2], 1),  # 1/103 and 2/103 and the holes beside them
    ],
)
def test_the_smallest_interval_with_a_fortieth_below_and_above(weights: list[int], size: int) -> None:
    assert central(weights) == size


# ---- lines of paths, by hand ----


def line(paths: Paths, unit: int, axis: int = 0) -> tuple[int, list[int]]:
    first, weights = paths.at((unit,) * len(paths.periods))[axis]
    return first, list(weights)


def chain(*windows: Window, rank: int = 1) -> Paths:
    paths = of_pixels(rank)
    for window in windows:
        paths = paths.through([window] * rank)
    return paths


def test_paths_through_two_windows() -> None:
    three = strided(3, before=1)
    assert line(chain(three), 5) == (4, [1, 1, 1])
    assert line(chain(three, three), 5) == (3, [1, 2, 3, 2, 1])
    assert line(chain(strided(3, 2, 1), three), 5) == (7, [1, 1, 2, 1, 2, 1, 1])  # rows 8, 10, 12 of the first
    assert line(chain(three, strided(3, dilation=3)), 0) == (-1, [1] * 9)
    assert line(chain(strided(2, 2, dilation=3)), 1) == (2, [1, 0, 0, 1])


def test_the_taps_of_the_other_axis_multiply() -> None:
    paths = of_pixels(2).through([strided(3), strided(5)])
    assert paths.at((0, 0)) == ((0, [5, 5, 5]), (0, [3, 3, 3, 3, 3]))


def test_branches_weigh_as_many_paths_as_they_hold() -> None:
    """A pixel and its 3×3: 1 path and 9, of which 3 in each row."""
    pixel = of_pixels(2)
    together = merged([pixel, pixel.through([strided(3, before=1)] * 2)])
    assert together is not None
    assert together.at((4, 4)) == ((3, [3, 4, 3]), (3, [3, 4, 3]))


def test_a_transposed_convolution_by_phase() -> None:
    """Output 2j reads {j}, 2j+1 reads {j, j+1}; three neighbours of these see 1 3 1 or 2 2."""
    up = known(transposed(3, 2, 1, 1))
    assert [line(chain(up), unit) for unit in range(3)] == [(0, [1]), (0, [1, 1]), (1, [1])]
    then = strided(3, before=1)
    assert [line(chain(up, then), unit) for unit in (2, 3)] == [(0, [1, 3, 1]), (1, [2, 2])]
    both = of_pixels(2).through([up, up]).through([then, then])
    assert both.at((2, 3)) == ((0, [4, 12, 4]), (1, [10, 10]))  # 5 paths along the rows, 4 along the columns


def test_units_that_see_nothing_have_no_paths() -> None:
    paths = chain(known(transposed(1, 2, 0, 1)), rank=2)
    assert line(paths, 2) == (1, [1])
    assert [seen.weights for seen in paths.at((0, 1))] == [(), ()]
    assert paths.sizes() == (1, 1)


def test_branches_at_different_speeds_have_no_common_paths() -> None:
    assert merged([of_pixels(1), chain(strided(2, 2))]) is None


# ---- sizes of networks ----


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ("[conv: {filters: 1, kernel: 3}]", (3, 3)),
        ("[{conv: {filters: 8, kernel: 3}, repeat: 2}, relu]", (5, 5)),
        ("[{conv: {filters: 1, kernel: 3}, repeat: 4}]", (7, 7)),  # 1 4 10 16 19 … of 81
        ("[{conv: {filters: 1, kernel: 3, dilation: 4}, repeat: 4}]", (25, 25)),  # the same, 4 apart
        # of 81, by Stern's diatomic series: 1 1 2 … 2 1 1
        ("[{conv: {filters: 1, kernel: 3, stride: 2}, repeat: 4}]", (27, 27)),
        ("[conv: {filters: 1, kernel: [1, 41]}]", (1, 39)),
        ("[conv: {filters: 1, kernel: [3, 5], stride: 2}, maxpool: 2]", (5, 7)),
        # per row 1 of 55, 50 times, and 5 more in the middle; per column 1 1 51 1 1 of 55
        (
            "[{parallel: [[conv: {filters: 1, kernel: [50, 1], padding: same}], "
            "[conv: {filters: 1, kernel: [1, 5], padding: same}]], join: add}]",
            (48, 3),
        ),
        ("[conv_transpose: {filters: 1, kernel: 3, stride: 2, padding: 1}]", (2, 2)),
        ("[conv: {filters: 1, kernel: 3}, upsample: 2, conv: {filters: 1, kernel: 2}]", (4, 4)),
        ("[conv: {filters: 1, kernel: 3}, global_avgpool, fc: 2]", ()),
    ],
)
def test_sizes_by_hand(layers: str, expected: tuple[int, ...]) -> None:
    assert sizes(layers)[-1] == expected


def test_n_layers_hold_their_paths_in_the_root_of_n() -> None:
    """Luo et al. 2016: a 3-tap box has the variance 2/3, and 95 % of a bell lies within ±1.96 deviations."""
    found = effective_sizes(network("[{conv: {filters: 1, kernel: 3, padding: 1}, repeat: 400}]", "64x1"))
    for n in (25, 100, 400):
        (size,) = found[f"conv{n}"] or (0,)
        assert abs(size - 2 * 1.96 * sqrt(2 * n / 3)) <= 2


# ---- where the receptive field is global or unknown ----


def test_of_a_partly_global_layer_the_local_paths_are_told() -> None:
    gate = "[{conv: {filters: 2, kernel: 3}}, {parallel: [[global_avgpool: {keepdims: true}], []], join: multiply}]"
    assert sizes(gate) == [(3, 3), (), (3, 3)]


def test_where_the_receptive_field_is_unknown_this_is_as_well() -> None:
    declared = "[conv: {filters: 1, kernel: 3}, custom: {out_shape: 62x62x1, params: 0, macs: 0}, relu]"
    assert sizes(declared) == [(3, 3), None, None]
    speeds = "[{parallel: [[maxpool: 2], [conv: {filters: 1, kernel: 33}]], join: add}, relu]"
    assert sizes(speeds) == [(2, 2), (33, 33), None, None]
    assert sizes("[fc: 3]", "784") == [None]


def test_what_depends_on_another_input_adds_no_paths() -> None:
    layers = (
        "[conv: {filters: 1, kernel: 3, padding: 1}, {conv: {filters: 1, kernel: 1}, from: b}, add: [conv1, conv2]]"
    )
    two = trace(load(f"input: {{a: 8x8x1, b: 8x8x1}}\nlayers: {layers}"))
    assert list(effective_sizes(two).values()) == [(3, 3), None, (3, 3)]


@pytest.mark.parametrize(
    ("layers", "size"),
    [
        ("[maxpool: 1000, maxpool: 1000]", "4000000x1"),  # a million pixels
        (
            "[{conv: {filters: 1, kernel: 33, padding: 16}, repeat: 600}]",
            "64x64x1",
        ),  # lines of up to 19,201, in 6,000 bits
        ("[{parallel: [[], []], join: add, repeat: 30000}]", "64x64x1"),  # 2³⁰⁰⁰⁰ paths
    ],
)
def test_what_takes_too_much_work_is_unknown_and_says_so_once(layers: str, size: str) -> None:
    found = measured(network(layers, size))
    (lost,) = (place for place, step in enumerate(found) if LOST in step.notes)
    known_before = [step.effective is not None for step in found]
    assert known_before == [True] * lost + [False] * (len(found) - lost)
    assert lost > 0


# ---- the witness: the operations of the reference, on ones ----

Op = dict[str, Any]

SPREAD = st.fixed_dictionaries(
    {"kernel": st.tuples(*[st.integers(1, 4)] * 2), "dilation": st.tuples(*[st.integers(1, 2)] * 2)}
)
STRIDED = st.builds(lambda op, s: {**op, "stride": s}, SPREAD, st.tuples(*[st.integers(1, 2)] * 2))
CONVS = STRIDED.map(lambda op: {"type": "conv", **op})
UPS = STRIDED.map(lambda op: {"type": "conv_transpose", **op})
RESIDUALS = SPREAD.map(lambda op: {"type": "residual", **op, "kernel": tuple(k | 1 for k in op["kernel"])})
CHAINS = st.tuples(st.lists(CONVS | RESIDUALS, max_size=3), st.lists(CONVS | RESIDUALS | UPS, min_size=1, max_size=2))


def item(op: Op) -> str:
    fields = {field: list(value) for field, value in op.items() if field != "type"}
    if op["type"] != "residual":
        return f"{op['type']}: {{filters: 1, {str(fields)[1:-1].replace(chr(39), '')}}}"
    inside = f"filters: 1, padding: same, {str(fields)[1:-1].replace(chr(39), '')}"
    return f"{{parallel: [[conv: {{{inside}}}], []], join: add}}"


def run(op: Op, x: Array) -> Array:
    """The operation with a kernel of ones, each channel by itself."""
    weight = np.ones((len(x), 1, *op["kernel"]))
    fields: Op = {"dilation": op["dilation"], "groups": len(x)}
    if op["type"] == "residual":
        return np.asarray(x + conv(x, weight, stride=(1, 1), padding="same", **fields))
    fields |= {"stride": op["stride"], "padding": [(0, 0), (0, 0)]}
    return (
        conv(x, weight, **fields)
        if op["type"] == "conv"
        else conv_transpose(x, weight, output_padding=(0, 0), **fields)
    )


def counted(net: Trace) -> Paths:
    """The paths to the network's output."""
    known: dict[str, Paths] = {"input": of_pixels(2)}
    for step in net.layers:
        arriving = [known[name] for name in step.inputs]
        if isinstance(step.layer, Merge):
            together = merged(arriving)
            assert together is not None
            known[step.name] = together
        else:
            reading: Any = step.layer.reading(step.in_shapes[0], step.out_shape)
            known[step.name] = arriving[0].through(reading)
    return known[net.outputs[0].name]


def held(weights: Array) -> int:
    """The smallest interval, from sums of both ends."""
    ends = (weights, weights[::-1])
    return len(weights) - sum(int(np.sum(40 * np.cumsum(end) <= weights.sum())) for end in ends)


@SETTINGS
@given(CHAINS)
def test_paths_are_what_ones_add_up_to(ops: tuple[list[Op], list[Op]]) -> None:
    """One row (or column) of ones goes through the network: a unit's value is the number of its paths from there."""
    size, chained = 96, [*ops[0], *ops[1]]
    try:
        net = network(f"[{', '.join(map(item, chained))}]", f"{size}x{size}x1")
    except SpecError:
        reject()  # strides have left less than a kernel
    rows = np.broadcast_to(np.eye(size)[:, :, None], (size,) * 3)
    values = [reduce(lambda x, op: run(op, x), chained, each) for each in (rows, rows.transpose(0, 2, 1))]
    assert values[0].shape[1:] == net.outputs[0].shape[1:]
    paths, middle = counted(net), [range(n // 2 - 2, n // 2 + 2) for n in net.outputs[0].shape[1:]]
    most = [0, 0]
    for row, column in product(*middle):
        for axis, value in enumerate(values):
            first, weights = paths.at((row, column))[axis]
            assume(first >= 0 and first + len(weights) <= size)  # no border in sight
            ones = value[:, row, column]
            assert [*[0] * first, *weights, *[0] * (size - first - len(weights))] == ones.tolist()
            most[axis] = max(most[axis], held(ones))
    assert effective_sizes(net)[net.outputs[0].name] == tuple(most)


# ---- the column ----


def test_the_column_of_a_folded_network(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Four 3×3 see 9 pixels, 95 % of their paths 7; each branch sees the same, one of them everything."""
    spec = tmp_path / "four.yaml"
    spec.write_text(
        "input: 64x16x1\n"
        "blocks: {pair: {layers: [{conv: {filters: 1, kernel: 3, padding: 1}, repeat: 2}]}}\n"
        "layers:\n"
        "  - {pair: , repeat: 2, name: pair}\n"
        "  - {parallel: [[global_avgpool: {keepdims: true}], []], join: add, name: gate}\n"
        "  - flatten\n"
    )
    assert main(["show", str(spec), "--format", "csv", "--columns", "layer,rf,erf", "--depth", "1"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "layer,rf,erf",
        "pair.0 … 1,9x9,7x7",
        "gate.0,global,global",
        'gate,"global, 9x9","global, 7x7"',
        "flatten1,global,global",
    ]


@pytest.mark.parametrize("form", ["table", "csv", "markdown", "html", "latex"])
def test_the_column_in_every_table(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Per axis 1 3 6 8 9 9 8 6 3 1 paths of 54 lead to conv2_1 of VGG16: 1/54 is below 1/40."""
    assert main(["show", "vgg16", "--format", form, "--columns", "layer,erf"]) == 0
    told = capsys.readouterr().out
    row = next(text for text in told.splitlines() if "conv2" in text and "conv2_2" not in text)
    assert re.search(r"\b8(×|x|\$\\times\$)8\b", row)


def test_what_is_lost_is_noted_below_the_table(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    spec = tmp_path / "far.yaml"
    spec.write_text("input: 4000000x1\nlayers: [maxpool: 1000, maxpool: 1000]\n")
    assert main(["show", str(spec), "--columns", "layer,rf,erf"]) == 0
    told = capsys.readouterr().out
    assert f"maxpool2  {LOST}" in told
    assert main(["show", str(spec)]) == 0
    assert LOST not in capsys.readouterr().out
