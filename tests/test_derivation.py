"""The working that `explain` prints, read back from its print, evaluated, and held against the trace."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shapecalc import SpecError, load, trace
from shapecalc.derivation import Derivation, Line, as_latex, as_markdown, as_text, derive, derive_all
from shapecalc.layers import LAYERS, Layer
from shapecalc.notation import AXIS_NAMES, hwc
from shapecalc.result import Step, Trace

ACTIVATIONS = "relu relu6 leaky_relu elu selu celu gelu silu mish hardswish hardsigmoid hardtanh sigmoid tanh"
OTHERS = "softplus softsign softmax log_softmax identity dropout"
QUIET = f"{ACTIVATIONS} {OTHERS}".split()

CASES = {
    "lecture": ("32x32x3", "conv: {filters: 16, kernel: 5, padding: 2}"),
    "conv 1-D": (
        "50x6",
        "conv: {filters: 9, kernel: 4, stride: 3, padding: [[2, 1]], dilation: 2, groups: 3}",
    ),
    "conv 2-D": (
        "20x31x8",
        "conv: {filters: 12, kernel: [3, 5], stride: [2, 3], padding: [[1, 0], [4, 2]], dilation: [2, 1], groups: 4}",
    ),
    "conv 3-D": (
        "9x20x31x2",
        "conv: {filters: 6, kernel: [1, 3, 3], padding: [[0, 0], [1, 2], [1, 2]], stride: 2}",
    ),
    "conv per axis": ("20x31x2", "conv: {filters: 6, kernel: 3, padding: [1, 2], bias: false}"),
    "conv circular": ("20x31x2", "conv: {filters: 6, kernel: 3, padding: 1, padding_mode: circular}"),
    "conv same": ("20x31x2", "conv: {filters: 6, kernel: [3, 4], padding: same, stride: 2}"),
    "conv same, stride over kernel": ("5x7x2", "conv: {filters: 6, kernel: 1, padding: same, stride: 3}"),
    "conv same, dilated": ("20x31x2", "conv: {filters: 6, kernel: 4, padding: same, dilation: [1, 3]}"),
    "conv depthwise": ("20x31x8", "conv: {filters: 24, kernel: 3, groups: depthwise, padding: 1}"),
    "separable": (
        "20x31x8",
        "separable_conv: {filters: 10, kernel: [2, 3], depth_multiplier: 3, padding: [[0, 1], [2, 0]], dilation: 2}",
    ),
    "separable 1-D": (
        "31x8",
        "separable_conv: {filters: 10, kernel: 3, bias: false, padding: same, stride: 2}",
    ),
    "transposed": (
        "7x11x4",
        "conv_transpose: {filters: 6, kernel: [3, 4], stride: [2, 3], padding: [[1, 0], [2, 1]],"
        " output_padding: [1, 2], groups: 2}",
    ),
    "transposed, gaps": ("7x11x4", "conv_transpose: {filters: 6, kernel: 1, stride: [2, 6], bias: false}"),
    "transposed, stride 1": (
        "7x11x4",
        "conv_transpose: {filters: 6, kernel: [3, 2], padding: [1, 0], dilation: [2, 1]}",
    ),
    "transposed 1-D": (
        "7x4",
        "conv_transpose: {filters: 4, kernel: 5, stride: 3, dilation: 2, groups: depthwise}",
    ),
    "transposed 3-D": ("3x7x11x4", "conv_transpose: {filters: 4, kernel: [1, 2, 3], stride: [1, 2, 2]}"),
    "maxpool": ("20x31x8", "maxpool: {kernel_size: [2, 4], stride: [2, 3], padding: [[0, 1], [2, 1]]}"),
    "maxpool dilated": ("20x31x8", "maxpool: {kernel_size: 3, stride: 2, dilation: [2, 1]}"),
    "maxpool ceil": ("20x31x8", "maxpool: {kernel_size: 3, stride: 2, ceil_mode: true}"),
    "maxpool ceil, last window dropped": (
        "5x8x8",
        "maxpool: {kernel_size: 2, stride: 3, padding: 1, ceil_mode: true}",
    ),
    "avgpool same": ("21x31x8", "avgpool: {kernel_size: 2, padding: same, ceil_mode: true}"),
    "lppool 1-D": ("31x8", "lppool: {kernel_size: 3, stride: 2}"),
    "adaptive": ("20x31x8", "adaptive_avgpool: [3, 7]"),
    "adaptive, even": ("20x32x8", "adaptive_maxpool: [5, 8]"),
    "adaptive, kept": ("20x31x8", "adaptive_maxpool: [null, 2]"),
    "adaptive, more bins than inputs": ("3x8", "adaptive_avgpool: 5"),
    "adaptive to one": ("20x31x8", "adaptive_avgpool: 1"),
    "global": ("20x31x8", "global_avgpool"),
    "global 3-D": ("3x20x31x8", "global_maxpool: {keepdims: true}"),
    "fc": ("784", "fc: 10"),
    "fc, no bias": ("784", "fc: {units: 10, bias: false, per_position: true}"),
    "fc per position": ("20x31x8", "fc: {units: 5, per_position: true}"),
    "flatten": ("20x31x8", "flatten"),
    "flatten flat": ("20", "flatten"),
    "flatten from spatial": ("20x31x8", "flatten: spatial"),
    "reshape": ("784", "reshape: 28x28x1"),
    "reshape to flat": ("4x5x2", "reshape: 40"),
    "batchnorm": ("20x31x8", "batchnorm"),
    "batchnorm, scale only": ("20", "batchnorm: {bias: false, track_running_stats: false}"),
    "batchnorm, statistics only": ("20x4", "batchnorm: {affine: false}"),
    "layernorm": ("20x31x8", "layernorm"),
    "layernorm all": ("20x31x8", "layernorm: {over: all, bias: false}"),
    "layernorm flat": ("784", "layernorm: all"),
    "rmsnorm spatial": ("20x31x8", "rmsnorm: spatial"),
    "groupnorm": ("20x31x8", "groupnorm: 2"),
    "instancenorm": ("20x31x8", "instancenorm: {affine: true, track_running_stats: true}"),
    "instancenorm plain": ("20x31x8", "instancenorm"),
    "lrn": ("20x31x8", "lrn: 5"),
    "stochastic depth": ("20x31x8", "stochastic_depth: 0.2"),
    "prelu": ("20x31x8", "prelu"),
    "prelu per channel": ("20x31x8", "prelu: channels"),
    "prelu counted": ("20", "prelu: 20"),
    "scale": ("20x31x8", "scale: 0.1"),
    "glu": ("20x31x8", "glu"),
    "glu flat": ("20", "glu"),
    "upsample": ("20x31x8", "upsample: 2"),
    "upsample by fractions": ("19x30x8", "upsample: [1.5, 0.3]"),
    "upsample down": ("20x32x8", "upsample: {scale_factor: [0.5, 0.25], mode: bilinear}"),
    "upsample in double precision": ("100x8", "upsample: 0.29"),
    "upsample bilinear": ("20x31x8", "upsample: {scale_factor: [2, 3], mode: bilinear}"),
    "upsample bicubic to size": ("20x31x8", "upsample: {size: [33, 62], mode: bicubic}"),
    "upsample on corners": ("4x7x8", "upsample: {size: [10, 9], mode: bilinear, align_corners: true}"),
    "upsample on one corner": ("7x8", "upsample: {size: 1, mode: linear, align_corners: true}"),
    "upsample 3-D": ("4x5x6x2", "upsample: {scale_factor: 2, mode: trilinear, align_corners: true}"),
    "pixel shuffle": ("5x7x18", "pixel_shuffle: 3"),
    "pixel shuffle 1-D": ("5x6", "pixel_shuffle: 2"),
    "pixel unshuffle": ("6x9x2", "pixel_unshuffle: 3"),
    "channel shuffle": ("6x9x4", "channel_shuffle: 2"),
    "pad": ("6x9x4", "pad: [[1, 2], [0, 3]]"),
    "pad alike": ("6x4", "pad: {padding: 2, mode: reflect}"),
    "crop": ("6x9x4", "crop: [[1, 2], [0, 3]]"),
    "crop to size": ("6x9x4", "crop: {size: [3, 7]}"),
    "slice": ("6x9x4", "slice: [1, 4]"),
    "attention": ("20x31x8", "attention: 2"),
    "attention in full": (
        "31x8",
        "attention: {num_heads: 3, key_dim: 5, value_dim: 4, out_features: 6, bias: false}",
    ),
    "attention in 3-D": ("2x3x4x8", "attention: {heads: 4, value_dim: 3}"),
    "windows": ("20x31x8", "window_attention: {window_size: [3, 5], num_heads: 4, shift: [0, 2]}"),
    "windows, alike": ("21x35x8", "window_attention: {window_size: 7, num_heads: 2, shift: 3, bias: false}"),
    "windows without a table": (
        "31x8",
        "window_attention: {window_size: 4, num_heads: 2, relative_position_bias: false}",
    ),
    "windows of one": ("20x31x8", "window_attention: {window_size: 1, num_heads: 2}"),
    "windows in 3-D": ("4x20x31x8", "window_attention: {window_size: [2, 3, 3], num_heads: 1, shift: 1}"),
    "one window": ("6x7x8", "window_attention: {window_size: 7, num_heads: 1, shift: 3}"),
    "embedding": ("20", "embedding: {num_embeddings: 100, embedding_dim: 8}"),
    "class token": ("20x8", "class_token"),
    "position embedding": ("20x31x8", "position_embedding"),
    "select token": ("20x8", "select_token: -1"),
    "rnn": ("20x8", "rnn: {hidden_size: 5, bidirectional: true, return_sequence: false}"),
    "rnn, one": ("20x8", "rnn: {hidden_size: 5, bias: one}"),
    "lstm": ("20x8", "lstm: {hidden_size: 5, num_layers: 3, bidirectional: true, proj_size: 4}"),
    "lstm, one way": ("20x8", "lstm: {hidden_size: 5, proj_size: 2}"),
    "lstm, stacked": ("20x8", "lstm: {units: 5, num_layers: 2, bias: one}"),
    "gru": ("20x8", "gru: {hidden_size: 5, num_layers: 2, bidirectional: true, bias: false}"),
    "custom": ("20x31x8", "custom: {out_shape: 10x15x4, params: 100}"),
    "custom with a window": (
        "20x31x8",
        "custom: {out_shape: 10x15x4, params: 0, buffers: 3, macs: 7,"
        " window: {kernel_size: [3, 2], stride: 2, padding: 1}}",
    ),
} | {word: ("20x31x8", word) for word in QUIET}
"""Every layer type in the ranks it has a meaning in, asymmetric in its settings, height unlike width."""

BEFORE = {
    "": "",
    "after windows": "conv: {filters: %d, kernel: [3, 2], stride: [2, 1], padding: 1}, ",
    "after phases": "conv_transpose: {filters: %d, kernel: [3, 4], stride: [2, 3]}, ",
}
"""What a two-dimensional layer may stand behind: the input itself, one window for all units, several."""


def traced(shape: str, items: str) -> Trace:
    return trace(load(f"{{input: {shape}, layers: [{items}]}}"))


def chains() -> Iterator[Any]:
    for name, (shape, item) in CASES.items():
        yield pytest.param(traced(shape, item), id=name)
        if shape.count("x") == 2 and "circular" not in item:
            for behind, items in BEFORE.items():
                if items:
                    whole = items % int(shape.split("x")[-1]) + item
                    try:
                        yield pytest.param(traced(shape, whole), id=f"{name} {behind}")
                    except SpecError:  # a case that wants just that size
                        continue


SHARED = """
input: 8x8x6
blocks:
  tower:
    layers:
      - {conv: {filters: 4, kernel: 3}}
      - batchnorm
      - {separable_conv: {filters: 4, kernel: 3}}
      - {conv_transpose: {filters: 4, kernel: 2, stride: 2}}
      - {attention: 2}
      - flatten
      - {fc: 3}
layers:
  - {tower: , name: one}
  - {tower: , from: input, share: one, name: two}
"""

NETWORKS = [*chains(), pytest.param(trace(load(SHARED)), id="shared")]


class Row(NamedTuple):
    """One line of the print: where it stands, its letters, and the steps of its working."""

    heading: str
    label: str
    steps: list[str]
    remark: str


def rows(printed: str) -> list[Row]:
    """The lines of one derivation as printed."""
    found: list[Row] = []
    heading = label = ""
    for line in printed.splitlines()[1:]:
        if line.startswith("  note: "):
            continue
        indent = len(line) - len(line.lstrip())
        first, _, rest = line.strip().partition("  ")
        if indent == 2:
            heading, label = first, ""
        elif indent == 4:
            label = first
        else:
            rest = line.strip()
        if rest:
            working, _, remark = rest.strip().partition("  (")
            found.append(Row(heading, label, working.strip().removesuffix(" values").split(" = "), remark))
    return found


def layer_rows(network: Trace) -> Iterator[tuple[Step, list[Row]]]:
    for step, derivation in zip(network.layers, derive_all(network), strict=False):
        assert derivation.name == step.name
        body = as_text([derivation]).split(f"{step.name}: ", 1)[1]
        yield step, rows(f"{step.name}: {body}")


SIGNS = str.maketrans({"⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")", "·": "*", "−": "-"})


def value(expression: str) -> Fraction:
    """The value of a printed expression without letters, exactly."""
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", expression).translate(SIGNS)
    plain = re.sub(r"[²³]", lambda power: f"**{'²³'.index(power[0]) + 2}", plain)
    exact = re.sub(r"\d+(\.\d+)?", lambda digits: f"exact('{digits[0]}')", plain)
    known = {"exact": Fraction, "floor": math.floor, "ceil": math.ceil, "max": max, "min": min}
    return Fraction(eval(exact, {"__builtins__": {}}, known))


def in_numbers(step: str) -> bool:
    return not re.search(r"[A-Za-z_₁₂…→×]", re.sub(r"\b(max|min)\(", "(", step))


def worked(row: Row) -> bool:
    """Whether the numbers put in and the result are checked here; a result alone is its own working."""
    numbers = [value(step) for step in row.steps if in_numbers(step)]
    assert len(set(numbers)) <= 1, row
    return len(numbers) > 1 or (len(numbers) == 1 and len(row.steps) > 1)


@pytest.mark.parametrize("network", NETWORKS)
def test_every_printed_working_comes_to_its_printed_result(network: Trace) -> None:
    for step, printed in layer_rows(network):
        for row in printed:
            worked(row)
            assert row.steps[-1] == "unknown" or in_numbers(row.steps[-1]) or not in_numbers(row.steps[0]), row
        if step.type != "custom":
            assert all(
                worked(row)
                for row in printed
                if row.heading in {"parameters", "buffers", "macs"} and row.steps not in (["0"], ["1"])
            )


def of_trace(step: Step, row: Row) -> list[Fraction | int | str | None]:
    """The trace's numbers that the row is about: one, or one for each axis that it names."""
    heading, _, named = row.heading.partition(", ")
    own = step.layer.params(step.in_shapes[0]) if step.shares and isinstance(step.layer, Layer) else step
    counts = {
        "weights": own.weights,
        "biases": own.biases,
        "in all": step.params,
        "of its own": step.params,
        "trainable": step.trainable,
    }
    if heading == "parameters" and row.label:
        return [counts[row.label]] if row.label in counts else [own.weights, own.biases]
    if row.heading == "parameters, buffers, macs":
        return [step.params, step.buffers, step.macs]
    single = {"buffers": step.buffers, "macs": step.macs, "tensor size": step.tensor_size}
    if heading in single:
        return [single[heading]]
    if heading == "output size" and row.label:
        axes = AXIS_NAMES.get(len(step.out_shape) - 1, ())
        if row.label in ("channels", "values"):
            return [step.out_shape[0]]
        return [step.out_shape[1 + axes.index(axis)] for axis in re.split(", | and ", row.label)]
    return field_of_trace(step, row.label, named) if heading == "receptive field" and row.label else []


def field_of_trace(step: Step, label: str, named: str) -> list[Fraction | int | str | None]:
    seen = step.receptive_field
    assert seen is not None
    axes = AXIS_NAMES[len(seen.axes)]
    places = [axes.index(axis) for axis in (re.split(", | and ", named) if named else axes)]
    own = [seen.axes[place] for place in places]
    if label.startswith("unit "):
        ends = [axis.interval(int(label[5:])) for axis in own]
        return [f"{end[0]} {end[1]}" if end else "no pixel" for end in ends]
    numbers: dict[str, list[Fraction | int | None]] = {
        "size": [seen.size[place] for place in places],
        "most": [seen.size[place] for place in places],
        "fewest": [seen.size_min[place] for place in places],
        "stride": [axis.stride for axis in own],
        "start": [axis.start for axis in own],
    }
    return [*numbers.get(label, [])]


@pytest.mark.parametrize("network", NETWORKS)
def test_every_printed_result_is_the_number_of_the_trace(network: Trace) -> None:
    for step, printed in layer_rows(network):
        for row in printed:
            said = row.steps[-1]
            for number in of_trace(step, row):
                if isinstance(number, str):
                    seen = said.rsplit("→ ", 1)[1].replace("−", "-")
                    ends = re.findall(r"-?\d+", seen)
                    assert number == (f"{ends[0]} {ends[-1]}" if ends else seen)
                elif number is None:
                    assert said in ("unknown", "unit 0 sees nothing")
                else:
                    assert value(said) == number, row


@pytest.mark.parametrize("network", NETWORKS)
def test_every_quantity_of_a_layer_is_printed(network: Trace) -> None:
    for step, printed in layer_rows(network):
        if not printed:
            continue
        headings = [row.heading.split(", ")[0] for row in printed]
        assert {"output size", "tensor size", "parameters"} <= set(headings)
        whole = [row.steps for row in printed if row.heading == "output size" and not row.label]
        assert whole in ([], [[hwc(step.out_shape)]])
        assert "macs" in headings or "parameters, buffers, macs" in {row.heading for row in printed}
        assert ("receptive field" in headings) == (len(network.inputs[0][1]) > 1)
        starts = [row.heading.partition(", ")[2] for row in printed if row.label == "start"]
        named = [axis for start in starts for axis in re.split(", | and ", start)]
        seen = step.receptive_field
        assert sorted(named) in ([], [""], sorted(AXIS_NAMES[len(seen.axes)] if seen and seen.axes else []))


def test_every_layer_type_has_a_case() -> None:
    assert {network.values[0].layers[-1].type for network in NETWORKS} == set(LAYERS)


def test_a_layer_without_a_formula_is_one_line() -> None:
    network = traced("20x31x8", ", ".join(["conv: {filters: 4, kernel: 3}", *QUIET]))
    for derivation in derive_all(network)[1:-1]:
        assert derivation.lines == ()
        assert "2,088 values" in derivation.statement
        assert "unchanged: 3×3, stride 1, start 0" in derivation.statement


def test_a_convolution_as_in_the_lecture() -> None:
    network = traced("32x32x3", "conv: {filters: 16, kernel: 5, padding: 2}")
    assert as_text(derive_all(network, "conv1")) == (
        "W₁, D₁                width and channels of what arrives\n"
        "H₂, W₂, D₂            height, width and channels of what leaves\n"
        "F                     kernel size\n"
        "S                     stride\n"
        "P                     padding on each side\n"
        "K                     number of filters\n"
        "r                     receptive field: pixels that one unit sees\n"
        "j                     its stride: pixels from one unit to the next\n"
        "start                 its first pixel, for unit 0 (negative: in the padding)\n"
        "r_in, j_in, start_in  the same of what arrives\n"
        "\n"
        "conv1: convolution, 16 filters, kernel 5×5, stride 1, padding 2; 32×32×3 → 32×32×16\n"
        "  output size\n"
        "    height and width  W₂ = H₂ = ⌊(W₁ − F + 2·P) / S⌋ + 1 = ⌊(32 − 5 + 2·2) / 1⌋ + 1 = 32\n"
        "    channels          D₂ = K = 16\n"
        "  tensor size         H₂·W₂·D₂ = 32·32·16 = 16,384 values\n"
        "  parameters\n"
        "    weights           F²·D₁·K = 5²·3·16 = 1,200\n"
        "    biases            K = 16\n"
        "    in all            weights + biases = 1,200 + 16 = 1,216\n"
        "  macs                weights·H₂·W₂ = 1,200·32·32 = 1,228,800  (bias additions are not counted)\n"
        "  receptive field, height and width\n"
        "    size              r = r_in + (F − 1)·j_in = 1 + (5 − 1)·1 = 5\n"
        "    stride            j = j_in·S = 1·1 = 1\n"
        "    start             start_in − P·j_in = 0 − 2·1 = −2\n"
    )


def the_line(network: Trace, heading: str, label: str = "") -> Row:
    (row,) = [
        row for _, printed in layer_rows(network) for row in printed if (row.heading, row.label) == (heading, label)
    ]
    return row


def test_a_window_that_is_left_out_is_said() -> None:
    row = the_line(
        traced("5x5x1", "maxpool: {kernel_size: 2, stride: 3, padding: 1, ceil_mode: true}"),
        "output size",
        "height and width",
    )
    assert row.steps[-2:] == ["⌈(5 − 2 + 2·1) / 3⌉ + 1 − 1", "2"]
    assert "left out" in row.remark


def test_units_that_differ_are_shown_one_by_one() -> None:
    printed = [
        row
        for _, each in layer_rows(
            traced("8x1", "upsample: {scale_factor: 2, mode: linear}, conv: {filters: 1, kernel: 2}")
        )
        for row in each
    ]
    units = [row.steps[0] for row in printed if row.label.startswith("unit")]
    assert units == [
        "reads inputs −1…0 → pixels −1…0",
        "reads inputs 0…1 → pixels 0…1",
        "reads inputs 0…1 → pixels −1…1",
        "reads inputs 1…2 → pixels 0…1",
    ]


def test_what_a_shifted_window_reads_is_its_window() -> None:
    network = traced("13x2", "window_attention: {window_size: 5, num_heads: 1, shift: 2}")
    row = the_line(network, "receptive field", "reads")
    assert row.steps == ["input", "⌊(i − s) / w⌋·w + s + k"]
    for unit in range(13):
        seen = network.layers[0].receptive_field
        assert seen is not None
        assert seen.axes[0].interval(unit) == ((unit - 2) // 5 * 5 + 2, (unit - 2) // 5 * 5 + 2 + 4)


def test_unknown_has_a_reason_and_is_never_zero() -> None:
    network = traced("8x8x2", "custom: {out_shape: 4x4x2}, conv: {filters: 2, kernel: 3}, flatten")
    text = as_text(derive_all(network))
    assert re.search(r"\n  buffers +unknown  \(`buffers` is not declared\)\n", text)
    assert re.search(r"\n  receptive field +unknown  \(`window` is not declared\)\n", text)
    assert re.search(r"\n  receptive field +unknown  \(that of `custom1` is unknown\)\n", text)
    assert re.search(r"\ntotals: [^\n]*\n  parameters +unknown  \(that of `custom1` is unknown\)\n", text)


def test_the_letters_and_their_meanings_are_two_columns() -> None:
    paddings = ("same", "[1, 2]", "1", "[[1, 0], [2, 1]]", "[[0, 1], [0, 1]]")
    network = traced("40x60x4", ", ".join(f"conv: {{filters: 4, kernel: 4, padding: {p}}}" for p in paddings))
    letters, first, *_ = as_text(derive_all(network)).split("\n\n")
    assert first.startswith("conv1: ")
    lines = letters.splitlines()
    column = lines[0].index("height, width")
    assert all(len(line) <= 100 for line in lines)
    assert all(line[column - 2 : column] in ("  ", "") and line[column : column + 1] != " " for line in lines), letters
    told = " ".join(line[:column].strip() for line in lines)
    assert "P_total, P_before, P_after, P_H, P_W, P, P_top, P_bottom, P_left, P_right" in told


def test_a_long_sum_is_told_in_lines() -> None:
    layers = ", ".join(
        f"{{conv: {{filters: {n}, kernel: 3, padding: 1}}, name: a_layer_with_a_long_name_{n}}}" for n in range(1, 12)
    )
    *_, totals = derive_all(trace(load(f"{{input: 100x100x1, layers: [{layers}]}}")))
    printed = as_text([totals]).splitlines()
    assert max(map(len, printed)) <= 100
    at = next(number for number, line in enumerate(printed) if line.startswith("  tensor size"))
    column = printed[at].index("a_layer")
    assert all(line[:column].isspace() and line[column] in "=+ " for line in printed[at + 1 :])
    whole = " ".join([printed[at].removeprefix("  tensor size").strip(), *map(str.strip, printed[at + 1 :])])
    names, numbers, result = whole.split(" = ")
    assert names.split(" + ") == [f"a_layer_with_a_long_name_{n}" for n in range(1, 12)]
    assert numbers.split(" + ") == [f"{n * 10_000:,}" for n in range(1, 12)]
    assert result == "660,000 values"  # 10,000·(1 + 2 + … + 11)


def test_totals_are_sums_over_layers_or_over_types_where_these_are_many() -> None:
    few = traced("8x8x2", "conv: {filters: 2, kernel: 3}, relu, flatten, fc: 5")
    many = traced("8x8x2", "{conv: {filters: 2, kernel: 3, padding: 1}, repeat: 13}, flatten, fc: 5")
    for network, names in ((few, "conv1 + fc1"), (many, "13 conv + 1 fc")):
        body = as_text(derive_all(network)[-1:])
        printed = {row.heading: row for row in rows(body)}
        assert printed["parameters"].steps[0] == names
        for heading, row in printed.items():
            worked(row)
            total = getattr(
                network.totals, {"parameters": "params", "tensor size": "tensor_size"}.get(heading, heading)
            )
            assert value(row.steps[-1]) == total


def test_frozen_parameters_are_said() -> None:
    network = traced("8x8x2", "{conv: {filters: 2, kernel: 3}, frozen: true}")
    assert the_line(network, "parameters", "trainable").steps == ["0"]
    assert "trainable  0" in re.sub(" {2,}", "  ", as_text(derive_all(network)[-1:]))


def test_a_layer_alone_states_its_receptive_field() -> None:
    step = traced("32x32x3", "conv: {filters: 16, kernel: 5, padding: 2}").layers[0]
    assert derive(step).lines[-1].result == "5×5, stride 1, start −2"


def test_one_layer_by_name() -> None:
    network = traced("32x32x3", "conv: {filters: 16, kernel: 5}, relu")
    assert [each.name for each in derive_all(network, "relu1")] == ["relu1"]
    with pytest.raises(KeyError):
        derive_all(network, "relu2")


def test_a_flat_network_has_no_receptive_field() -> None:
    assert "receptive" not in as_text(derive_all(traced("20", "fc: 3, relu, custom: {out_shape: 4}")))


def from_latex(source: str) -> str:
    """A formula of LaTeX in the signs of the text."""
    plain = source.replace("{,}", "").replace(r"\cdot", "*").replace(r"\left(", "(").replace(r"\right)", ")")
    plain = re.sub(r"\\left\\l(floor|ceil)", r"\1(", plain)
    plain = re.sub(r"\\right\\r(floor|ceil)", ")", plain).replace(r"\max", "max").replace(r"\min", "min")
    plain = re.sub(r"\^\{(\d)\}", lambda power: "²³"[int(power[1]) - 2], plain)
    fraction = re.compile(r"\\frac\{([^{}]*)\}\{([^{}]*)\}")
    while fraction.search(plain):
        plain = fraction.sub(r"((\1)/(\2))", plain)
    return re.sub(r"\\text\{ values\}", "", plain)


def latex_numbers(steps: list[str]) -> list[Fraction]:
    """The values of the steps that hold no letter."""
    found = []
    for step in map(from_latex, steps):
        if not re.search(r"[A-Za-z\\]", re.sub(r"\b(max|min|floor|ceil)\(", "(", step)):
            found.append(value(step))
    return found


@pytest.mark.parametrize("network", NETWORKS)
def test_markdown_and_latex_say_the_numbers_of_the_text(network: Trace) -> None:
    for derivation in derive_all(network):
        expected = [
            value(str(line.result))
            for line in derivation.lines
            if line.formula and isinstance(line.result, int | Fraction)
        ]
        formulas = re.findall(r"\$([^$]* = [^$]*)\$", as_markdown([derivation]))
        named = [numbers[-1] for each in formulas if (numbers := latex_numbers(each.split(" = ")))]
        symbols = [
            value(str(line.result))
            for line in derivation.lines
            if (line.formula or line.symbol) and isinstance(line.result, int | Fraction)
        ]
        assert named == symbols
        aligned = [
            row
            for block in re.findall(r"\\begin\{align\*\}\n(.*?)\n\\end", as_latex([derivation]), re.DOTALL)
            for row in workings(block)
        ]
        results = []
        for steps in aligned:
            numbers = latex_numbers(steps)
            assert len(set(numbers)) <= 1, steps
            results += numbers[-1:]
        assert results == expected


def workings(block: str) -> Iterator[list[str]]:
    """The steps of each formula of an align*, the rows of one joined."""
    joined = re.sub(r" \\\\\n  &\\quad \+", " +", re.sub(r" && \\text\{(?:[^{}]|\{[^{}]*\})*\}", "", block))
    for row in re.sub(r" \\\\\n  &= ", " = ", joined).split(" \\\\\n"):
        yield row.replace(" &= ", " = ").strip().split(" = ")


@pytest.mark.parametrize("network", NETWORKS)
def test_latex_is_balanced_and_plain(network: Trace) -> None:
    source = as_latex(derive_all(network))
    assert source.isascii()
    bare = re.sub(r"\\[{}]", "", source)
    assert bare.count("{") == bare.count("}")
    assert source.count(r"\left") == source.count(r"\right")
    assert source.count("$") % 2 == 0
    assert source.count(r"\begin{align*}") == source.count(r"\end{align*}")


def test_latex_escapes_names() -> None:
    network = trace(
        load(
            "{input: 8x8x2, layers: [{conv: {filters: 2, kernel: 3}, name: a_b},"
            " {fc: {units: 2, per_position: true}, name: c_d}]}"
        )
    )
    source = as_latex(derive_all(network))
    assert r"\subsection*{a\_b}" in source
    assert r"\text{a\_b} + \text{c\_d}" in source
    assert r"a\_b + c\_d: $" in as_markdown(derive_all(network))


def test_a_wrong_formula_is_noticed() -> None:
    line = Line("macs", "", "", "weights*H2", "1200*32", 1_228_800)
    (row,) = rows(as_text([Derivation("conv1", "", (line,))]).split("\n\n", 1)[-1])
    with pytest.raises(AssertionError):
        worked(row)


def windows(rank: int) -> st.SearchStrategy[str]:
    """A random layer that reads through a window."""
    sizes = st.lists(st.integers(1, 4), min_size=rank, max_size=rank)
    pairs = st.lists(st.lists(st.integers(0, 3), min_size=2, max_size=2), min_size=rank, max_size=rank)
    own = {"kernel_size": sizes, "stride": sizes, "padding": pairs | st.integers(0, 2)}
    conv = st.fixed_dictionaries({**own, "dilation": sizes}).map(lambda fields: ("conv", {"filters": 2, **fields}))
    deconv = st.fixed_dictionaries({**own, "dilation": sizes}).map(
        lambda fields: ("conv_transpose", {"filters": 2, **fields})
    )
    pool = st.fixed_dictionaries({**own, "ceil_mode": st.booleans()}).map(lambda fields: ("maxpool", fields))
    factors = st.lists(st.sampled_from([0.3, 0.5, 1.0, 1.5, 2.0, 2.7]), min_size=rank, max_size=rank)
    resize = factors.map(lambda each: ("upsample", {"scale_factor": each}))
    bins = sizes.map(lambda each: ("adaptive_maxpool", {"output_size": each}))
    attention = st.tuples(sizes, st.lists(st.integers(0, 3), min_size=rank, max_size=rank)).map(
        lambda each: (
            "window_attention",
            {"num_heads": 2, "window_size": each[0], "shift": [min(s, w - 1) for w, s in zip(*each, strict=True)]},
        )
    )
    return st.one_of(conv, deconv, pool, resize, bins, attention).map(
        lambda pair: str({pair[0]: pair[1]}).replace("True", "true").replace("False", "false")
    )


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(
    st.integers(1, 3).flatmap(lambda rank: st.tuples(st.just(rank), st.lists(windows(rank), min_size=1, max_size=3)))
)
def test_random_chains_come_to_the_numbers_of_the_trace(chain: tuple[int, list[str]]) -> None:
    rank, items = chain
    try:
        network = traced("x".join(["13", "10", "11"][:rank]) + "x2", ", ".join(items))
    except SpecError:
        return
    test_every_printed_working_comes_to_its_printed_result(network)
    test_every_printed_result_is_the_number_of_the_trace(network)
    test_markdown_and_latex_say_the_numbers_of_the_text(network)
