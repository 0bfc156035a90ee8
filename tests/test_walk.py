"""The walk through a network: names, totals, notes and expectations, worked by hand."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest

from shapecalc import SpecError, Trace, load, trace
from shapecalc.render import renderer
from shapecalc.table import View

Item = str | dict[str, Any]


def traced(arriving: str, *items: Item, **header: Any) -> Trace:
    return trace(load(json.dumps({"input": arriving, "layers": list(items), **header})))


def names(*items: Item) -> list[str]:
    return [step.name for step in traced("8x8x4", *items).layers]


def notes(arriving: str, *items: Item) -> list[tuple[str, ...]]:
    return [step.notes for step in traced(arriving, *items).layers]


def conv(out: int = 4, kernel: int | list[int] = 3, **fields: Any) -> dict[str, Any]:
    return {"conv": {"out_channels": out, "kernel_size": kernel, **fields}}


# ---- names ----


def test_a_layer_is_called_by_its_type_and_number() -> None:
    assert names("relu", {"conv": {"filters": 2, "kernel": 1}}, "relu") == ["relu1", "conv1", "relu2"]


def test_a_named_layer_counts_too() -> None:
    assert names("relu", {"relu": None, "name": "middle"}, "relu") == ["relu1", "middle", "relu3"]


def test_a_name_that_is_taken_is_skipped() -> None:
    assert names("relu", "relu", {"tanh": None, "name": "relu1"}) == ["relu2", "relu3", "relu1"]
    assert names({"tanh": None, "name": "relu2"}, "relu", "relu", "relu") == ["relu2", "relu1", "relu3", "relu4"]


def test_another_word_for_a_type_is_called_by_the_type() -> None:
    assert names("flatten", {"dense": 5}, {"linear": 4}) == ["flatten1", "fc1", "fc2"]


def test_a_repeated_layer_without_a_name_is_counted() -> None:
    assert names({"relu": None, "repeat": 2}, "relu") == ["relu1", "relu2", "relu3"]


def test_a_repeated_layer_with_a_name_is_numbered_from_0() -> None:
    body = {"relu": None, "repeat": 3, "name": "body"}
    assert names(body, "relu") == ["body.0", "body.1", "body.2", "relu4"]
    assert names({**body, "repeat": 1}) == ["body.0"]


def test_a_name_that_a_repeated_layer_makes_is_not_given_twice() -> None:
    try:
        found = names({"relu": None, "repeat": 2, "name": "a"}, {"tanh": None, "name": "a.0"})
    except SpecError:
        return
    assert len(set(found)) == len(found)


# ---- steps ----


def test_each_step_reads_the_one_before() -> None:
    network = traced("8x8x3", conv(padding=1), "relu", "flatten", {"fc": 10})
    assert network.inputs == (("input", (3, 8, 8)),)
    assert [step.inputs for step in network.layers] == [("input",), ("conv1",), ("relu1",), ("flatten1",)]
    shapes = [(3, 8, 8), (4, 8, 8), (4, 8, 8), (256,), (10,)]
    assert [step.in_shapes for step in network.layers] == [(shape,) for shape in shapes[:-1]]
    assert [step.out_shape for step in network.layers] == shapes[1:]
    assert [step.tensor_size for step in network.layers] == [256, 256, 256, 10]
    assert network.outputs == (("fc1", (10,)),)


def test_lines_are_those_of_the_items() -> None:
    network = trace(load("input: 8\nlayers:\n  - relu\n  - fc: 3\n    repeat: 2\n\n  - tanh\n"))
    assert [step.line for step in network.layers] == [3, 4, 4, 7]


def test_a_layer_is_found_by_its_name() -> None:
    network = traced("8x8x3", conv(), "relu")
    assert network["relu1"] is network.layers[1]
    with pytest.raises(KeyError, match="relu2"):
        _ = network["relu2"]


def test_the_name_is_the_spec_s() -> None:
    assert traced("8", "relu", name="Tiny").name == "Tiny"


def test_too_many_layers_are_refused_before_any_is_made() -> None:
    spec = load("{input: 8, layers: [relu, {relu: , repeat: 5}]}")
    assert len(trace(spec, max_layers=6).layers) == 6
    with pytest.raises(SpecError) as refused:
        trace(spec, max_layers=5)
    assert [problem.code for problem in refused.value.diagnostics] == ["too-many-layers"]
    with pytest.raises(SpecError, match="more than 1,000,000 layers"):
        trace(load("{input: 8, layers: [{relu: , repeat: 1000000000}]}"))


# ---- totals ----


def test_totals_are_sums() -> None:
    """3·3·3·4=108 and 4; 4 and 4, 8 buffers; 256·10 and 10. On 8×8: 64·108 and 2,560."""
    network = traced("8x8x3", conv(padding=1), "batchnorm", "flatten", {"fc": 10})
    totals = network.totals
    assert (totals.weights, totals.biases, totals.params) == (108 + 4 + 2560, 4 + 4 + 10, 2690)
    assert (totals.trainable, totals.buffers, totals.macs) == (2690, 8, 6912 + 2560)
    assert totals.tensor_size == 256 + 256 + 256 + 10


def test_frozen_parameters_are_there_but_not_trained() -> None:
    network = traced("8", {"fc": 4, "frozen": True}, {"fc": 2})
    assert [(step.params, step.trainable) for step in network.layers] == [(36, 0), (10, 10)]
    assert (network.totals.params, network.totals.trainable) == (46, 10)


def test_what_is_not_declared_is_unknown_in_every_sum() -> None:
    network = traced("8", {"fc": 4}, {"custom": 5}, {"fc": 2})
    totals = network.totals
    assert (totals.params, totals.weights, totals.biases, totals.trainable) == (None, None, None, None)
    assert (totals.buffers, totals.macs) == (None, None)
    assert totals.tensor_size == 4 + 5 + 2
    assert [step.params for step in network.layers] == [36, None, 12]


def test_declared_numbers_are_summed() -> None:
    declared = {"out_shape": 5, "params": 7, "buffers": 1, "macs": 9}
    totals = traced("8", {"fc": 4}, {"custom": declared}).totals
    assert (totals.params, totals.trainable, totals.buffers, totals.macs) == (43, 43, 1, 41)
    assert (totals.weights, totals.biases) == (None, None)  # how the 7 are split is not declared


def test_a_frozen_layer_of_unknown_size_trains_nothing_that_is_known() -> None:
    step = traced("8", {"custom": 5, "frozen": True}).layers[0]
    assert (step.params, step.trainable) == (None, None)


def as_json(network: Trace) -> Any:
    return json.loads(renderer("json")([network], View()))


def test_unknown_is_null_in_json() -> None:
    shown = as_json(traced("4x4x3", {"custom": "4x4x5"}, "relu"))
    layer = shown["layers"][0]
    for key in ("params", "weights", "biases", "trainable", "buffers", "macs", "receptive_field"):
        assert layer[key] is None, key
    assert shown["layers"][1]["receptive_field"] is None
    assert shown["totals"] == {
        **dict.fromkeys(["params", "weights", "biases", "trainable", "buffers", "macs"]),
        "tensor_size": 80 + 80,
    }


def test_a_receptive_field_in_json() -> None:
    up = {"conv_transpose": {"out_channels": 1, "kernel_size": 3, "stride": 2}}
    shown = as_json(traced("4x4x3", up, "flatten"))
    field = {"size": [2, 2], "size_min": [1, 1], "stride": ["1/2", "1/2"], "start": [-1, -1], "global": False}
    whole = {"size": [4, 4], "stride": None, "start": [0, 0], "global": True}
    assert [layer["receptive_field"] for layer in shown["layers"]] == [field, whole]


# ---- receptive fields along the walk ----


def test_after_flatten_every_layer_sees_the_whole_input() -> None:
    network = traced("8x6x3", conv(), "flatten", {"fc": 5}, "relu")
    fields = [step.receptive_field for step in network.layers]
    assert [field is not None and field.is_global for field in fields] == [False, True, True, True]
    assert fields[-1] is not None
    assert fields[-1].size == (8, 6)


def test_what_was_global_stays_so_when_maps_are_made_of_it() -> None:
    network = traced("4x4x1", "flatten", {"reshape": "4x4x1"}, conv())
    field = network["conv1"].receptive_field
    assert field is not None
    assert (field.is_global, field.size) == (True, (4, 4))


def test_a_flat_input_has_no_receptive_field_even_as_a_map() -> None:
    network = traced("16", {"reshape": "4x4x1"}, conv())
    assert [step.receptive_field for step in network.layers] == [None, None]
    assert [step.notes for step in network.layers] == [(), ()]


def test_a_declared_window_on_a_flat_vector_is_refused_or_read() -> None:
    with pytest.raises(SpecError):
        traced("6", {"custom": {"out_shape": 10, "window": {"kernel_size": [3]}}})


# ---- notes ----

PARTIAL = [
    # rows: (6−3)/2, one over; columns: (7−3)/2 = 2
    ("6x7x1", conv(stride=2), "(6 − 3) / 2 is not whole: the last row of the input is never read"),
    ("7x6x1", conv(stride=2), "(6 − 3) / 2 is not whole: the last column of the input is never read"),
    ("6x6x1", conv(stride=2), "(6 − 3) / 2 is not whole: the last row and column of the input are never read"),
    # (8−3)/3, two over
    ("8x1", conv(stride=3), "(8 − 3) / 3 is not whole: the last 2 positions of the input are never read"),
    (
        "8x8x1",
        conv(stride=3),
        "(8 − 3) / 3 is not whole: the last 2 rows and columns of the input are never read",
    ),
    # the kernel reaches 2·2+1: (8−5)/2
    ("8x1", conv(stride=2, dilation=2), "(8 − 5) / 2 is not whole: the last position of the input is never read"),
    (
        "6x7x7x1",
        {"maxpool": {"kernel": 3, "stride": 2}},
        "(6 − 3) / 2 is not whole: the last slice of the input is never read",
    ),
    # one over, and it is the padding
    (
        "6x6x1",
        conv(stride=2, padding=1),
        "(6 + 2 − 3) / 2 is not whole: the last row and column of the padding are never read",
    ),
    # two over, of which one is padding
    (
        "8x1",
        conv(stride=4, padding=[[0, 1]]),
        "(8 + 1 − 3) / 4 is not whole: the last position of the input is never read",
    ),
    # two over, and both are padding
    (
        "8x1",
        conv(stride=3, padding=[[0, 3]], kernel=3),
        "(8 + 3 − 3) / 3 is not whole: the last 2 positions of the padding are never read",
    ),
    # windows from −1 and 2; a third, from 5, would begin in the padding
    (
        "5x1",
        {"maxpool": {"kernel": 2, "stride": 3, "padding": 1, "ceil_mode": True}},
        "(5 + 2 − 2) / 3 is not whole: the last position of the input is never read",
    ),
]


@pytest.mark.parametrize(("arriving", "item", "note"), PARTIAL)
def test_rows_that_are_never_read_are_noted(arriving: str, item: Item, note: str) -> None:
    assert notes(arriving, item) == [(note,)]


def test_axes_that_differ_are_noted_one_by_one() -> None:
    assert notes("6x8x1", conv(stride=[2, 3])) == [
        (
            "(6 − 3) / 2 is not whole: the last row of the input is never read",
            "(8 − 3) / 3 is not whole: the last 2 columns of the input are never read",
        )
    ]


@pytest.mark.parametrize(
    "item",
    [
        conv(stride=1),
        conv(stride=3),  # (6−3)/3
        conv(stride=2, padding=[[0, 1], [1, 0]]),  # (7−3)/2
        conv(stride=2, padding="same"),
        {"maxpool": {"kernel": 3, "stride": 2, "ceil_mode": True}},  # a partial window reads the rest
    ],
)
def test_where_everything_is_read_nothing_is_noted(item: Item) -> None:
    assert notes("6x6x1", item) == [()]


def up(kernel: int | list[int], stride: int, **fields: Any) -> Item:
    return {"conv_transpose": {"out_channels": 1, "kernel_size": kernel, "stride": stride, **fields}}


def test_a_transposed_kernel_that_overlaps_unevenly_is_noted() -> None:
    uneven = "kernel 3 is not divisible by stride 2, outputs overlap unevenly"
    assert notes("5x5x1", up(3, 2)) == [(f"height and width: {uneven}",)]
    assert notes("5x1", up(3, 2)) == [(f"length: {uneven}",)]
    assert notes("5x5x1", up([3, 4], 2)) == [(f"height: {uneven}",)]
    assert notes("5x1", up(4, 2)) == notes("5x1", up(3, 1)) == notes("5x1", up(2, 2)) == [()]


def test_a_transposed_kernel_smaller_than_the_stride_is_noted() -> None:
    assert notes("5x1", up(2, 3)) == [("length: kernel 2 is smaller than stride 3, some outputs see no input",)]


def test_a_bias_before_a_batch_norm_is_noted_at_the_batch_norm() -> None:
    wasted = "the bias of `conv1` (4 parameters) has no effect before a batch norm"
    assert notes("4x4x1", conv(kernel=1), "batchnorm") == [(), (wasted,)]
    assert notes("4x4x1", conv(kernel=1, bias=False), "batchnorm") == [(), ()]
    assert notes("4x4x1", conv(kernel=1), "relu", "batchnorm") == [(), (), ()]
    assert notes("9", {"fc": 1500}, "batchnorm")[1] == (
        "the bias of `fc1` (1,500 parameters) has no effect before a batch norm",
    )


def test_the_first_receptive_field_larger_than_the_input_is_noted() -> None:
    """3, 5, 7 on 4 rows."""
    three = [conv(1, padding=1)] * 3
    larger = "from here on the receptive field (5×5) is larger than the input (4×4)"
    assert notes("4x4x1", *three) == [(), (larger,), ()]
    assert notes("5x5x1", conv(1, padding=1), conv(1, padding=1)) == [(), ()]
    one_axis = "from here on the receptive field (5×3) is larger than the input (4×9) in height"
    assert notes("4x9x1", conv(1, padding="same", kernel=[5, 3])) == [(one_axis,)]


@pytest.mark.parametrize(
    ("item", "spans"),
    [
        ({"groupnorm": 2}, True),
        ("instancenorm", True),
        ({"layernorm": "all"}, True),
        ({"layernorm": "spatial"}, True),
        ({"rmsnorm": "all"}, True),
        ("layernorm", False),
        ("batchnorm", False),
        ({"lrn": 3}, False),
    ],
)
def test_statistics_that_span_positions_are_noted(item: Item, spans: bool) -> None:
    note = "the statistics span positions; counted as pointwise in the receptive field"
    assert notes("4x4x2", item) == [(note,) if spans else ()]


def test_a_flat_vector_has_no_positions_to_span() -> None:
    assert notes("4", {"groupnorm": 2}, {"layernorm": "all"}) == [(), ()]


def test_a_period_too_long_is_noted_where_it_begins() -> None:
    """4,097 outputs until the pattern repeats, one more than are tabulated."""
    network = traced("3x1", up(4097, 4097), "relu", conv(1))
    unknown = "the receptive field has too long a period, or is too large, to be tabulated: unknown"
    assert [step.notes for step in network.layers] == [(unknown,), (), ()]
    assert [step.receptive_field for step in network.layers] == [None, None, None]
    assert traced("3x1", up(1024, 1024)).layers[0].receptive_field is not None


def test_what_is_declared_is_noted_with_what_is_unknown() -> None:
    assert notes("4", {"custom": 5}) == [("declared, not computed; unknown: params, buffers, macs, window",)]
    assert notes("4", {"custom": {"out_shape": 5, "params": 0, "macs": 0}}) == [
        ("declared, not computed; unknown: buffers, window",)
    ]
    every = {"out_shape": 5, "params": 0, "buffers": 0, "macs": 0, "window": "whole"}
    assert notes("4", {"custom": every}) == [("declared, not computed",)]


# ---- expectations ----

QUESTION = {"conv": {"filters": 16, "kernel": 5, "padding": 2}}
"""On 32×32×3: 5·5·3·16+16 = 1,216 parameters, 32·32·1,200 = 1,228,800 multiply-adds, 16,384 values."""


def failures(expect: dict[str, Any], *items: Item, arriving: str = "32x32x3") -> list[str]:
    network = traced(arriving, *(items or (QUESTION,)), expect=expect)
    assert network.failed == bool(network.diagnostics)
    assert {problem.code for problem in network.diagnostics} <= {"expectation-failed"}
    return [problem.message for problem in network.diagnostics]


@pytest.mark.parametrize(
    "expect",
    [
        {"output": "32x32x16"},
        {"output": [16, 32, 32]},
        {"params": 1216},
        {"params": "1_216"},
        {"params": "~1.2k"},  # 1,150 to 1,250
        {"params": "<= 1216"},
        {"params": ">= 1216"},
        {"params": "<= 1.3k"},
        {"buffers": 0},
        {"macs": "~1.23M"},
        {"macs": "~1M"},  # 0.5 to 1.5 million
        {"tensor_size": 16384},
        {"receptive_field": 5},
        {"receptive_field": [5, 5]},
        {"receptive_field": [5, ">= 4"]},
        {"stride": 1},
        {"stride": [1, "2/2"]},
        {"params": 1216, "macs": 1_228_800, "receptive_field": "<= 5"},
    ],
)
def test_expectations_that_hold(expect: dict[str, Any]) -> None:
    assert failures(expect) == []


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ({"output": "16x32x32"}, "the output of the network is 32×32×16, not 16×32×32"),
        ({"params": 1217}, "the params of the network are 1,216, not 1,217"),
        ({"params": "~1.3k"}, "the params of the network are 1,216, not ~1.3k"),
        ({"params": "~1.22k"}, None),  # 1,215 to 1,225
        ({"params": "~1.21k"}, "the params of the network are 1,216, not ~1.21k"),
        ({"params": "<= 1215"}, "the params of the network are 1,216, not <= 1215"),
        ({"params": ">= 1217"}, "the params of the network are 1,216, not >= 1217"),
        ({"macs": 1}, "the macs of the network are 1,228,800, not 1"),
        ({"buffers": ">= 1"}, "the buffers of the network are 0, not >= 1"),
        ({"tensor_size": 1}, "the tensor size of the network is 16,384, not 1"),
        ({"receptive_field": 7}, "the receptive field of the network is 5, not 7"),
        ({"receptive_field": [5, 3]}, "the receptive field of the network is 5, not 5, 3"),
        ({"stride": "1/2"}, "the stride of the network is 1, not 1/2"),
    ],
)
def test_expectations_that_fail(expect: dict[str, Any], message: str | None) -> None:
    assert failures(expect) == ([] if message is None else [message])


def test_fractions_are_expected_as_fractions() -> None:
    upsampled = {"upsample": {"scale_factor": [2, 3]}}
    assert failures({"stride": ["1/2", "1/3"]}, upsampled) == []
    assert failures({"stride": "1/2"}, upsampled) == ["the stride of the network is 1/2, 1/3, not 1/2"]
    assert traced("4x4x1", upsampled).layers[0].receptive_field.stride == (  # type: ignore[union-attr]
        Fraction(1, 2),
        Fraction(1, 3),
    )


def test_a_list_of_another_length_does_not_hold() -> None:
    assert failures({"receptive_field": [5, 5, 5]}) == ["the receptive field of the network is 5, not 5, 5, 5"]


def test_unknown_is_not_what_was_expected() -> None:
    assert failures({"params": 0}, {"custom": 5}, arriving="4") == ["the params of the network are unknown, not 0"]
    assert failures({"receptive_field": 1}, "relu", arriving="4") == [
        "the receptive field of the network is unknown, not 1"
    ]


def test_every_failing_expectation_is_said_with_its_place() -> None:
    text = "input: 8\nlayers:\n  - fc: 4\n    expect: {params: 35}\n  - fc: 2\nexpect:\n  output: 3\n  params: 47\n"
    network = trace(load(text))
    assert network.failed
    assert [(d.line, d.column, d.message) for d in network.diagnostics] == [
        (4, 22, "the params of `fc1` are 36, not 35"),
        (7, 11, "the output of the network is 2, not 3"),
        (8, 11, "the params of the network are 46, not 47"),
    ]


def test_an_expectation_of_a_repeated_layer_is_about_the_last() -> None:
    body = {"conv": {"filters": 3, "kernel": 3}, "repeat": 2, "name": "body"}
    assert not traced("8x8x3", {**body, "expect": {"output": "4x4x3", "receptive_field": 5}}).failed
    failed = traced("8x8x3", {**body, "expect": {"output": "6x6x3"}})
    assert [d.message for d in failed.diagnostics] == ["the output of `body.1` is 4×4×3, not 6×6×3"]


def test_layers_on_one_line_have_their_own_expectations() -> None:
    text = "{input: 8, layers: [{fc: 4, expect: {params: 36}}, {fc: 2, expect: {params: 11}}]}"
    assert [d.message for d in trace(load(text)).diagnostics] == ["the params of `fc2` are 10, not 11"]


# ---- another input ----


def test_on_another_input_the_expectations_are_dropped() -> None:
    text = "{input: 8x8x3, layers: [{conv: {filters: 2, kernel: 3}, expect: {output: 9}}], expect: {output: 7}}"
    spec = load(text)
    assert len(trace(spec).diagnostics) == 2
    other = trace(spec.with_input((3, 5, 9)))
    assert other.diagnostics == ()
    assert (other.inputs, other.layers[0].out_shape) == ((("input", (3, 5, 9)),), (2, 3, 7))
    assert trace(spec).layers[0].out_shape == (2, 6, 6)


def test_on_another_input_a_layer_may_no_longer_fit() -> None:
    spec = load("{input: 8x8x3, layers: [{conv: {filters: 2, kernel: 3}}]}")
    with pytest.raises(SpecError, match="larger than the padded height"):
        trace(spec.with_input((3, 2, 9)))
    with pytest.raises(SpecError, match="flat values arrive"):
        trace(spec.with_input((3,)))


def test_a_list_that_looks_channels_last_is_warned_about() -> None:
    network = trace(load("{input: [32, 32, 3], layers: [relu]}"))
    assert [(d.severity, d.code) for d in network.diagnostics] == [("warning", "doubtful-input")]
    assert not network.failed


@pytest.mark.parametrize(
    ("shape", "items", "size", "least"),
    [
        # bins of 4 pixels into 7: 0, 0–1, 1, 1–2, 2, 2–3, 3; two windows of four of them, 0–2 and 1–3, where units
        # 2 to 6 of the pattern, which there are not, would see up to 4
        ("4x1", ({"adaptive_maxpool": 7}, {"avgpool": {"kernel_size": 4, "stride": 2}}), 3, 3),
        # (3 − 1)·2 − 2·2 + 1 = 1 output, at the input's middle; its neighbour, which there is not, would see nothing
        ("3x1", ({"conv_transpose": {"out_channels": 4, "kernel_size": 1, "stride": 2, "padding": 2}},), 1, 1),
    ],
)
def test_sizes_are_those_of_the_units_that_there_are(shape: str, items: tuple[Any, ...], size: int, least: int) -> None:
    field = traced(shape, *items).layers[-1].receptive_field
    assert field is not None
    assert (field.size, field.size_min) == ((size,), (least,))


def test_the_work_for_receptive_fields_is_bounded() -> None:
    """4,095 phases, most of them blind, each the hull of 400 inputs, layer after layer, would take minutes."""
    wide = {"conv": {"out_channels": 1, "kernel_size": 400, "padding": "same"}}
    spread = {"conv_transpose": {"out_channels": 1, "kernel_size": 1, "stride": 4095}}
    network = traced("1000x1", spread, *[wide] * 5)
    known = [step.receptive_field is not None for step in network.layers]
    assert known[:2] == [True, True]
    assert known[-1] is False
    lost = network.layers[known.index(False)]
    assert "unknown" in lost.notes[-1]
