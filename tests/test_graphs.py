# ruff: noqa: E501 (a spec stands on one line)
"""Graphs worked by hand: wiring, joins, branches, blocks, variables, repeats, shared weights, variants, bombs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from shapecalc import SpecError, Trace, load, trace
from tests.effort import effort

HEAD = "input: 8x6x4\n"  # 4 channels, height 8, width 6


def of(text: str, **options: Any) -> Trace:
    return trace(load(text if text.startswith("input") else HEAD + text), **options)


def shapes(text: str) -> dict[str, tuple[int, ...]]:
    return {step.name: step.out_shape for step in of(text).layers}


def names(text: str) -> list[str]:
    return [step.name for step in of(text).layers]


def reads(text: str) -> dict[str, tuple[str, ...]]:
    return {step.name: step.inputs for step in of(text).layers}


def refusal(text: str, **options: Any) -> tuple[str, int, str]:
    with pytest.raises(SpecError) as refused:
        of(text, **options)
    first = refused.value.diagnostics[0]
    return first.code, first.line, first.message


def warnings(text: str) -> list[tuple[str, int]]:
    return [(found.code, found.line) for found in of(text).diagnostics]


# ---- from, and joins


def test_from_reads_another_layer_or_the_input() -> None:
    text = "layers: [relu, {tanh: , from: input}, {add: [relu1, tanh1]}, {sigmoid: , from: relu1}, {add: , from: [add1, sigmoid1]}]"
    assert reads(text) == {
        "relu1": ("input",),
        "tanh1": ("input",),
        "add1": ("relu1", "tanh1"),
        "sigmoid1": ("relu1",),
        "add2": ("add1", "sigmoid1"),
    }


@pytest.mark.parametrize("join", ["add", "multiply"])
def test_add_and_multiply_keep_the_shape_and_cost_nothing(join: str) -> None:
    (_, step) = of(f"layers: [relu, {{{join}: [relu1, input]}}]").layers
    assert (step.name, step.type, step.out_shape, step.params, step.macs) == (f"{join}1", join, (4, 8, 6), 0, 0)
    assert step.in_shapes == ((4, 8, 6), (4, 8, 6))


def test_axes_of_one_are_repeated_with_a_note() -> None:
    ours = of("layers: [global_avgpool: {keepdims: true}, multiply: [input, global_avgpool1]]")
    gate = ours.layers[-1]
    assert gate.out_shape == (4, 8, 6)
    assert gate.notes == ("1×1×4 is repeated to 8×6×4",)


def test_two_axes_of_one_make_a_map() -> None:
    text = "layers: [{adaptive_avgpool: [1, null], name: w}, {adaptive_avgpool: [null, 1], name: h, from: input}, {add: [w, h]}]"
    assert shapes(text) == {"w": (4, 1, 6), "h": (4, 8, 1), "add1": (4, 8, 6)}


def test_one_channel_is_not_repeated() -> None:
    text = "layers:\n  - conv: {out_channels: 1, kernel_size: 1}\n  - add: [input, conv1]\n"
    code, line, message = refusal(text)
    assert (code, line) == ("unlike-shapes", 4)
    assert "`input` gives 8×6×4 and `conv1` (line 3) gives 8×6×1" in message


def test_concat_joins_the_channels_of_as_many_as_are_named() -> None:
    text = "layers: [{conv: {out_channels: 5, kernel_size: 1}}, {concat: [input, conv1, input]}]"
    assert shapes(text)["concat1"] == (13, 8, 6)


def test_concat_joins_flat_vectors() -> None:
    assert shapes("input: {a: 5, b: 7}\nlayers: [concat: [a, b]]\n") == {"concat1": (12,)}


def test_the_same_tensor_twice() -> None:
    assert shapes("layers: [add: [input, input], concat: [add1, add1]]") == {"add1": (4, 8, 6), "concat1": (8, 8, 6)}


def test_the_receptive_field_of_a_join_is_the_hull() -> None:
    text = "layers: [{conv: {out_channels: 4, kernel_size: [3, 1], padding: [1, 0]}}, {conv: {out_channels: 4, kernel_size: [1, 5], padding: [0, 2]}, from: input}, {add: [conv1, conv2]}]"
    field = of(text).layers[-1].receptive_field
    assert field is not None
    assert (field.size, field.start) == ((3, 5), (-1, -2))


# ---- parallel

BRANCHES = "[[conv: {out_channels: 4, kernel_size: 1}], [relu, tanh], []]"


@pytest.mark.parametrize(("join", "channels"), [("add", 4), ("multiply", 4), ("concat", 12)])
def test_branches_meet_in_a_join(join: str, channels: int) -> None:
    text = f"layers: [dropout, {{parallel: {BRANCHES}, join: {join}}}, sigmoid]"
    assert shapes(text)[f"{join}1"] == (channels, 8, 6)
    assert reads(text) == {
        "dropout1": ("input",),
        f"{join}1.0.conv1": ("dropout1",),
        f"{join}1.1.relu1": ("dropout1",),
        f"{join}1.1.tanh1": (f"{join}1.1.relu1",),
        f"{join}1": (f"{join}1.0.conv1", f"{join}1.1.tanh1", "dropout1"),
        "sigmoid1": (f"{join}1",),
    }


def test_a_join_of_branches_is_a_layer_of_its_own() -> None:
    ours = of(f"layers: [{{parallel: {BRANCHES}, join: add}}]")
    assert [step.type for step in ours.layers] == ["conv", "relu", "tanh", "add"]
    assert ours.totals.params == 4 * 4 + 4


def test_a_named_parallel_gives_its_name_to_its_branches() -> None:
    assert names("layers: [{parallel: {a: [relu], b: []}, join: add, name: gate}]") == ["gate.a.relu1", "gate"]
    assert names("layers: [{parallel: [[relu], []], join: add, name: gate}]") == ["gate.0.relu1", "gate"]


def test_branches_of_a_nameless_parallel_go_by_their_own_names() -> None:
    text = "layers: [{parallel: {class: [flatten, fc: 10], box: [flatten, fc: 4]}}]"
    ours = of(text)
    assert names(text) == ["class.flatten1", "class.fc1", "box.flatten1", "box.fc1"]
    assert [(output.name, output.shape) for output in ours.outputs] == [("class.fc1", (10,)), ("box.fc1", (4,))]
    assert ours.diagnostics == ()


def test_one_goes_on_from_a_branch_by_its_name() -> None:
    text = "layers: [{parallel: {class: [relu], box: [tanh]}}, {flatten: , from: class}, {fc: 3}]"
    ours = of(text)
    assert reads(text)["flatten1"] == ("class.relu1",)
    assert [output.name for output in ours.outputs] == ["box.tanh1", "fc1"]


def test_one_goes_on_from_numbered_branches() -> None:
    assert reads("layers: [{parallel: [[relu], [tanh]]}, {add: [parallel1.0, parallel1.1]}]")["add1"] == (
        "parallel1.0.relu1",
        "parallel1.1.tanh1",
    )


def test_branches_in_branches() -> None:
    text = "layers: [{parallel: [[{parallel: [[relu], []], join: concat}, tanh], [{conv: {out_channels: 8, kernel_size: 1}}]], join: add}]"
    assert names(text) == ["add1.0.concat1.0.relu1", "add1.0.concat1", "add1.0.tanh1", "add1.1.conv1", "add1"]
    assert shapes(text)["add1"] == (8, 8, 6)


def test_a_branch_reads_what_stands_above_the_parallel() -> None:
    text = "layers: [{relu: , name: x}, tanh, {parallel: [[{add: [x, tanh1]}], []], join: add}]"
    assert reads(text)["add1.0.add1"] == ("x", "tanh1")


def test_several_outputs_cannot_be_read_without_a_name() -> None:
    assert refusal("layers:\n  - parallel: {a: [relu], b: [tanh]}\n  - relu\n")[:2] == ("several-outputs", 4)


# ---- blocks

CB = "blocks:\n  cb: {vars: {out: , k: 1}, layers: [conv: {out_channels: =out, kernel_size: =k, padding: =k//2, bias: false}, batchnorm]}\n"


def test_a_block_is_its_layers_under_its_name() -> None:
    text = CB + "layers: [cb: {out: 8}, cb: {out: 16, k: 3}]\n"
    assert shapes(text) == {
        "cb1.conv1": (8, 8, 6),
        "cb1.batchnorm1": (8, 8, 6),
        "cb2.conv1": (16, 8, 6),
        "cb2.batchnorm1": (16, 8, 6),
    }
    assert [step.params for step in of(text).layers] == [32, 16, 8 * 16 * 9, 32]


def test_a_repeated_block_is_numbered_and_its_name_is_its_last_turn() -> None:
    text = (
        CB
        + "layers: [{cb: {out: 8}, name: stage1, repeat: 2}, {relu: , from: stage1}, {tanh: , from: stage1.0.conv1}, {add: [relu1, tanh1]}]\n"
    )
    assert names(text)[:4] == ["stage1.0.conv1", "stage1.0.batchnorm1", "stage1.1.conv1", "stage1.1.batchnorm1"]
    assert reads(text)["relu1"] == ("stage1.1.batchnorm1",)
    assert reads(text)["tanh1"] == ("stage1.0.conv1",)


def test_a_nameless_repeat_counts_on() -> None:
    assert names(CB + "layers: [{cb: {out: 8}, repeat: 2}, {relu: , repeat: 2}, relu]\n") == [
        "cb1.conv1", "cb1.batchnorm1", "cb2.conv1", "cb2.batchnorm1", "relu1", "relu2", "relu3",
    ]  # fmt: skip


def test_input_in_a_block_is_what_arrives_at_it() -> None:
    text = "blocks: {skip: {layers: [relu, {add: [relu1, input]}]}}\nlayers: [tanh, skip, skip]\n"
    assert reads(text)["skip1.add1"] == ("skip1.relu1", "tanh1")
    assert reads(text)["skip2.add1"] == ("skip2.relu1", "skip1.add1")


def test_blocks_in_blocks_pass_their_variables_on() -> None:
    text = CB + (
        "  stage: {vars: {width: , depth: 2}, layers: [cb: {out: =width}, {cb: {out: =width*2, k: 3}, repeat: =depth-1}]}\n"
        "layers: [stage: {width: 8}, {stage: {width: 16, depth: 1}, name: last}]\n"
    )
    assert [(name, shape[0]) for name, shape in shapes(text).items() if "conv" in name] == [
        ("stage1.cb1.conv1", 8),
        ("stage1.cb2.conv1", 16),
        ("last.cb1.conv1", 16),
    ]


def test_a_block_may_be_called_above_where_it_stands() -> None:
    assert names("blocks: {a: {layers: [b]}, b: {layers: [relu]}}\nlayers: [a]\n") == ["a1.b1.relu1"]


def test_a_default_may_be_an_expression_of_the_variables_above_it() -> None:
    text = "vars: {base: 4}\nblocks: {b: {vars: {out: =base*2, half: =out//2}, layers: [conv: {out_channels: =out, kernel_size: 1}, conv: {out_channels: =half, kernel_size: 1}]}}\nlayers: [b, b: {out: 6}]\n"
    assert [shape[0] for shape in shapes(text).values()] == [8, 4, 6, 3]


def test_a_variable_of_a_block_hides_the_specs() -> None:
    text = "vars: {n: 3}\nblocks: {b: {vars: {n: 5}, layers: [conv: {out_channels: =n, kernel_size: 1}]}}\nlayers: [b, b: {n: =n+1}]\n"
    assert [shape[0] for shape in shapes(text).values()] == [5, 4]


def test_an_empty_block_hands_on_what_arrives() -> None:
    assert reads("blocks: {e: {layers: []}}\nlayers: [relu, {e: , name: x}, {tanh: , from: x}]\n") == {
        "relu1": ("input",),
        "tanh1": ("relu1",),
    }


def test_a_block_with_several_outputs() -> None:
    text = "blocks: {heads: {layers: [{parallel: {a: [relu], b: [tanh]}}]}}\nlayers: [heads, {sigmoid: , from: heads1.a}]\n"
    assert reads(text)["sigmoid1"] == ("heads1.a.relu1",)
    assert [output.name for output in of(text).outputs] == ["heads1.b.tanh1", "sigmoid1"]


# ---- expressions


def test_expressions_anywhere_in_fields() -> None:
    text = (
        "vars: {width: 8, kernel: [3, 1], groups: depthwise, dims: =width*2, flag: false}\n"
        "layers:\n"
        "  - conv: {filters: =width, kernel: =kernel, padding: ['=kernel[0]//2', '=kernel[1]//2'], bias: =flag}\n"
        "  - conv: {out_channels: =in_channels, kernel_size: 1, groups: =groups}\n"
        "  - reshape: [=dims, '=in_shape[1]//2', '=in_shape[2]']\n"
        "  - dropout: =1/4\n"
        "  - flatten\n"
        "  - fc: =in_channels//width\n"
    )
    assert shapes(text) == {
        "conv1": (8, 8, 6),
        "conv2": (8, 8, 6),
        "reshape1": (16, 4, 6),
        "dropout1": (16, 4, 6),
        "flatten1": (384,),
        "fc1": (48,),
    }
    assert [step.params for step in of(text).layers][:2] == [4 * 8 * 3, 8 + 8]


def test_i_counts_the_turns_from_zero() -> None:
    text = "layers: [{conv: {out_channels: =4*(i+1), kernel_size: 1, stride: =2 if i == 1 else 1}, repeat: 3, name: c}]"
    assert shapes(text) == {"c.0": (4, 8, 6), "c.1": (8, 4, 3), "c.2": (12, 4, 3)}


def test_i_in_a_call_but_not_in_the_block() -> None:
    text = CB + "layers: [{cb: {out: =8+i}, repeat: 2}]\n"
    assert [shapes(text)[f"cb{n}.conv1"][0] for n in (1, 2)] == [8, 9]
    inside = "blocks: {b: {layers: [conv: {out_channels: =i, kernel_size: 1}]}}\nlayers: [{b: , repeat: 2}]\n"
    assert refusal(inside)[0] == "unknown-variable"


def test_repeat_by_expression_may_be_none_at_all() -> None:
    text = "vars: {n: 0}\nlayers: [relu, {tanh: , repeat: =n, name: x}, {sigmoid: , from: x}]\n"
    assert reads(text) == {"relu1": ("input",), "sigmoid1": ("relu1",)}


@pytest.mark.parametrize(("width", "expected"), [(3, ["relu1"]), (4, ["relu1", "tanh1"])])
def test_when_keeps_or_drops(width: int, expected: list[str]) -> None:
    assert names(f"vars: {{w: {width}}}\nlayers: [relu, {{tanh: , when: =w > 3}}]\n") == expected


def test_when_may_ask_what_arrives() -> None:
    text = "layers: [{conv: {out_channels: 8, kernel_size: 1}, when: =in_channels != 8, repeat: 2}, {tanh: , when: =in_channels == 8}, {relu: , when: '=in_shape[1] > in_shape[2]'}]"
    assert names(text) == ["conv1", "conv2", "tanh1", "relu1"]
    assert names("layers: [relu, {tanh: , from: input, when: =in_channels == 4}, {add: [relu1, tanh1]}]")[1] == "tanh1"


def test_a_projection_only_where_the_shape_changes() -> None:
    text = (
        "blocks:\n  residual:\n    vars: {out: , stride: 1}\n    layers:\n"
        "      - parallel:\n"
        "          - - conv: {out_channels: =out, kernel_size: 3, stride: =stride, padding: 1, bias: false}\n"
        "          - - {conv: {out_channels: =out, kernel_size: 1, stride: =stride, bias: false}, when: =stride > 1 or in_channels != out}\n"
        "        join: add\n"
        "layers: [residual: {out: 4}, residual: {out: 8, stride: 2}]\n"
    )
    assert names(text) == [
        "residual1.add1.0.conv1",
        "residual1.add1",
        "residual2.add1.0.conv1",
        "residual2.add1.1.conv1",
        "residual2.add1",
    ]
    assert of(text).totals.params == 4 * 4 * 9 + 4 * 8 * 9 + 4 * 8


def test_items_that_when_drops_may_share_a_name() -> None:
    text = "vars: {deep: true}\nlayers: [{relu: , name: act, when: =deep}, {tanh: , name: act, when: =not deep}]\n"
    assert [step.type for step in of(text).layers] == ["relu"]


# ---- share, frozen


def test_shared_weights_count_once() -> None:
    ours = of("input: 10\nlayers: [{fc: 10, name: a}, {fc: 10, share: a}, {fc: 10, share: a}]\n")
    assert [step.params for step in ours.layers] == [110, 0, 0]
    assert [step.macs for step in ours.layers] == [100, 100, 100]
    assert (ours.totals.params, ours.totals.weights, ours.totals.biases) == (110, 100, 10)
    assert ours.layers[1].notes == ("uses the weights of `a`",)


def test_a_block_shares_layer_by_layer() -> None:
    text = "blocks: {b: {layers: [conv: {out_channels: 4, kernel_size: 3, padding: 1}, batchnorm, {parallel: [[conv: {out_channels: 4, kernel_size: 1}], []], join: add}]}}\n"
    ours = of(text + "layers: [b, {b: , share: b1}]\n")
    half = len(ours.layers) // 2
    assert [step.params for step in ours.layers[half:]] == [0] * half
    assert ours.totals.params == 148 + 8 + 20
    assert ours.totals.buffers == sum(step.buffers or 0 for step in ours.layers[:half])
    assert "uses the weights of `b1.add1.0.conv1`" in ours.layers[half + 2].notes


@pytest.mark.parametrize(
    "second", ["fc: 9", "fc: {out_features: 10, bias: false}", "relu: ", "batchnorm: "]
)  # fmt: skip
def test_what_does_not_agree_is_not_shared(second: str) -> None:
    assert refusal(f"input: 10\nlayers:\n  - fc: 10\n  - {{{second}, share: fc1}}\n")[:2] == ("share-mismatch", 4)


def test_a_frozen_block_is_there_but_not_trained() -> None:
    ours = of(CB + "layers: [{cb: {out: 8}, frozen: true}, {cb: {out: 8}}]\n")
    assert [(step.params, step.trainable) for step in ours.layers] == [(32, 0), (16, 0), (64, 64), (16, 16)]
    assert (ours.totals.params, ours.totals.trainable) == (128, 80)


def test_frozen_reaches_into_branches_and_blocks_in_them() -> None:
    ours = of(CB + "layers: [{parallel: [[cb: {out: 4}], []], join: add, frozen: true}]\n")
    assert (ours.totals.params, ours.totals.trainable) == (24, 0)


# ---- several inputs, outputs, what is left over

TWO = "input: {rgb: 8x6x3, depth: 4x3x1}\nlayers: [{conv: {out_channels: 1, kernel_size: 2, stride: 2}}, {conv: {out_channels: 1, kernel_size: 3, padding: 1}, from: depth}, {add: [conv1, conv2]}]\n"


def test_several_inputs_by_name() -> None:
    assert reads(TWO) == {"conv1": ("rgb",), "conv2": ("depth",), "add1": ("conv1", "conv2")}
    assert of(TWO).inputs == (("rgb", (3, 8, 6)), ("depth", (1, 4, 3)))


@pytest.mark.parametrize(("chosen", "sizes"), [(None, [2, None, 2]), ("rgb", [2, None, 2]), ("depth", [None, 3, 3])])
def test_receptive_fields_are_about_one_input(chosen: str | None, sizes: list[int | None]) -> None:
    fields = [step.receptive_field for step in of(TWO, rf_input=chosen).layers]
    assert [None if field is None else field.size[0] for field in fields] == sizes


def test_an_input_that_is_not_there() -> None:
    assert refusal(TWO, rf_input="lidar")[0] == "unknown-name"


def test_what_nobody_reads_is_told() -> None:
    text = "layers:\n  - relu\n  - tanh\n  - sigmoid:\n    from: relu1\n"
    assert warnings(text) == [("dangling", 4)]
    assert [output.name for output in of(text).outputs] == ["sigmoid1"]


def test_ends_of_branches_are_outputs_and_nothing_dangles() -> None:
    text = "layers: [{parallel: {a: [relu], b: [tanh], c: [sigmoid]}}, {add: [a, b]}]"
    assert warnings(text) == []
    assert [output.name for output in of(text).outputs] == ["c.sigmoid1", "add1"]


# ---- expectations of blocks


def test_a_block_expects_the_sum_of_its_layers() -> None:
    call = "layers:\n  - cb: {out: 8, k: 3}\n    expect: {params: 304, macs: 13_824, buffers: 16, output: 8x6x8, receptive_field: 3}\n"
    assert of(CB + call).diagnostics == ()
    wrong = of(CB + call.replace("304", "305")).diagnostics
    assert [(found.code, found.line, found.message) for found in wrong] == [
        ("expectation-failed", 6, "the params of `cb` are 304, not 305")
    ]


def test_a_repeated_block_expects_of_its_last_turn() -> None:
    assert of(CB + "layers:\n  - {cb: {out: 8}, repeat: 2, expect: {params: 80}}\n").diagnostics == ()


def test_branches_expect_the_sum_of_all() -> None:
    assert (
        of(f"layers:\n  - {{parallel: {BRANCHES}, join: add, expect: {{params: 20, output: 8x6x4}}}}\n").diagnostics
        == ()
    )


# ---- include, variants, --set


def folder(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        path = tmp_path / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".yaml").write_text(text, encoding="utf-8")
    return tmp_path


def refused_file(path: Path) -> list[tuple[str, str, int]]:
    with pytest.raises(SpecError) as refused:
        trace(load(path))
    return [(found.code, Path(found.file).name, found.line) for found in refused.value.diagnostics]


SPEC = (
    "include: [parts/common.yaml]\n" + HEAD + "layers: [cb: {out: 8}, own]\nblocks: {own: {layers: [cb: {out: 4}]}}\n"
)


def test_blocks_of_a_file_in_the_folder(tmp_path: Path) -> None:
    folder(tmp_path, spec=SPEC, parts__common=CB)
    ours = trace(load(tmp_path / "spec.yaml"))
    assert [step.name for step in ours.layers] == [
        "cb1.conv1", "cb1.batchnorm1", "own1.cb1.conv1", "own1.cb1.batchnorm1",
    ]  # fmt: skip


def test_blocks_of_one_file_call_those_of_another_above_it(tmp_path: Path) -> None:
    folder(tmp_path, spec="include: [a.yaml, b.yaml]\n" + HEAD + "layers: [y]\n", a="blocks: {x: {layers: [relu]}}\n")
    folder(tmp_path, b="blocks: {y: {layers: [x]}}\n")
    assert [step.name for step in trace(load(tmp_path / "spec.yaml")).layers] == ["y1.x1.relu1"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    folder(tmp_path, spec=SPEC)
    assert ("bad-include", "spec.yaml", 1) in refused_file(tmp_path / "spec.yaml")


@pytest.mark.parametrize("name", ["../secret.yaml", "/etc/hostname", "parts/../../secret.yaml", "link.yaml"])
def test_a_file_outside_the_folder(tmp_path: Path, name: str) -> None:
    folder(tmp_path, secret=CB, in__spec=f"include: [{name}]\n{HEAD}layers: [relu]\n", in__parts__x=CB)
    (tmp_path / "in" / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    with pytest.raises(SpecError) as refused:
        load(tmp_path / "in" / "spec.yaml")
    (found,) = refused.value.diagnostics
    assert found.code == "bad-include"
    assert "is outside the folder of the spec" in found.message


@pytest.mark.parametrize("other", [SPEC, CB + "vars: {a: 3}\n", "- relu\n", "", "blocks\n"])
def test_a_file_of_anything_but_blocks(tmp_path: Path, other: str) -> None:
    folder(tmp_path, spec=SPEC, parts__common=other)
    assert refused_file(tmp_path / "spec.yaml")[0][0] in ("bad-include", "empty")


def test_an_expectation_of_an_included_block_fails_there(tmp_path: Path) -> None:
    block = "blocks:\n  x:\n    layers:\n      - relu\n      - {conv: {filters: 2, kernel: 1}, name: c, expect: {params: 7}}\n"
    folder(tmp_path, spec="include: [a.yaml]\n" + HEAD + "layers: [x]\n", a=block)
    (found,) = trace(load(tmp_path / "spec.yaml")).diagnostics
    assert (Path(found.file).name, found.line, found.code) == ("a.yaml", 5, "expectation-failed")


@pytest.mark.parametrize(
    ("other", "code", "line"),
    [
        ("blocks:\n  cb: {layers: [rleu]}\n", "unknown-layer", 2),
        ("blocks:\n  cb: {layers: [cb]}\n", "block-cycle", 2),
        ("blocks: {\n", "yaml-syntax", 2),
        ("blocks:\n  cb:\n    vars: {out: }\n    layers: [fc: =out]\n", "not-flat", 4),
        (
            "blocks:\n  cb:\n    vars: {out: }\n    layers: [conv: {out_channels: =ouch, kernel_size: 1}]\n",
            "unknown-variable",
            4,
        ),
    ],
)
def test_what_is_wrong_in_an_included_file_is_told_there(tmp_path: Path, other: str, code: str, line: int) -> None:
    folder(tmp_path, spec=SPEC, parts__common=other)
    assert (code, "common.yaml", line) in refused_file(tmp_path / "spec.yaml")


VARIANTS = """\
name: Net
input: 8x6x4
vars: {width: , depth: 1}
variants:
  small: {width: 4, expect: {params: 20}}
  large: {width: 8, depth: 2, input: 4x4x4, expect: {params: 112, output: 4x4x8}}
layers:
  - {conv: {out_channels: =width, kernel_size: 1}, repeat: =depth}
"""


def test_a_variant_is_its_variables_input_and_expectations(tmp_path: Path) -> None:
    path = folder(tmp_path, net=VARIANTS) / "net.yaml"
    small, large = trace(load(path, "small")), trace(load(f"{path}:large"))
    assert (small.totals.params, small.layers[-1].out_shape) == (20, (4, 8, 6))
    assert (large.totals.params, large.layers[-1].out_shape) == (40 + 72, (8, 4, 4))
    assert small.diagnostics == large.diagnostics == ()
    assert (small.spec.name, large.spec.name) == ("Net small", "Net large")


def test_settings_override_a_variant_and_its_expectations(tmp_path: Path) -> None:
    path = folder(tmp_path, net=VARIANTS) / "net.yaml"
    assert trace(load(path, "small", width=6)).totals.params == 30
    assert trace(load(path, width=6)).diagnostics == ()


def test_without_a_variant_a_variable_has_no_value(tmp_path: Path) -> None:
    path = folder(tmp_path, net=VARIANTS) / "net.yaml"
    assert refused_file(path) == [("no-value", "net.yaml", 3)]


@pytest.mark.parametrize(("variant", "settings"), [("smal", {}), (None, {"widht": 3})])
def test_what_is_not_in_the_spec_cannot_be_chosen(
    variant: str | None, settings: dict[str, int], tmp_path: Path
) -> None:
    path = folder(tmp_path, net=VARIANTS) / "net.yaml"
    with pytest.raises(SpecError) as refused:
        load(path, variant, **settings)
    (found,) = refused.value.diagnostics
    assert found.code == ("unknown-variant" if variant else "unknown-variable")
    assert found.help == ("did you mean `small`?" if variant else "did you mean `width`?")


def called(*words: str) -> tuple[int, str, str]:
    done = subprocess.run([sys.executable, "-m", "shapecalc", *words], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def test_the_command_line_sets_variables_and_checks_variants(tmp_path: Path) -> None:
    path = str(folder(tmp_path, net=VARIANTS) / "net.yaml")
    code, out, _ = called("show", "--format", "json", "--set", "width=6", "--set", "depth=0x2", path)
    assert (code, json.loads(out)["totals"]["params"]) == (0, 30 + 42)
    code, out, _ = called("show", "--format", "json", f"{path}:large")
    assert (code, json.loads(out)["layers"][-1]["out_shape"]) == (0, [8, 4, 4])
    assert called("check", path)[0] == 0
    Path(path).write_text(VARIANTS.replace("params: 112", "params: 113"), encoding="utf-8")
    code, _, err = called("check", path)
    assert code == 1
    assert "expectation-failed" in err
    assert called("check", f"{path}:small")[0] == 0
    assert called("show", path)[0] == 1
    assert called("show", f"{path}:smal")[0] == 1
    assert called("show", "--set", "widht=3", path)[0] == 1
    assert called("show", "--set", "width", path)[0] == 2


def test_the_command_line_chooses_the_input_of_receptive_fields(tmp_path: Path) -> None:
    path = str(folder(tmp_path, two=TWO) / "two.yaml")
    for words, size in [((), [2, 2]), (("--rf-input", "depth"), [3, 3])]:
        code, out, _ = called("show", "--format", "json", *words, path)
        assert (code, json.loads(out)["layers"][-1]["receptive_field"]["size"]) == (0, size)
    assert called("show", "--rf-input", "lidar", path)[0] == 1


# ---- bombs


def doubling(inner: str, *, levels: int = 40, call: str = "[b{0}, b{0}]") -> str:
    blocks = "".join(f"  b{n}: {{layers: {call.format(n - 1)}}}\n" for n in range(1, levels + 1))
    return f"blocks:\n  b0: {{layers: {inner}}}\n{blocks}layers: [b{levels}]\n"


EMPTY = "blocks: {e: {layers: []}}\nlayers: [{e: , repeat: 1000000000}]\n"
CYCLE = (
    "blocks:\n  b0: {layers: [b1999]}\n"
    + "".join(f"  b{n}: {{layers: [b{n - 1}]}}\n" for n in range(1, 2000))
    + "layers: [b7]\n"
)
DEEP = (
    "blocks:\n  b0: {layers: [relu]}\n"
    + "".join(f"  b{n}: {{layers: [b{n - 1}]}}\n" for n in range(1, 2000))
    + "layers: [b1999]\n"
)
LISTS = (
    "vars: {a0: [1], "
    + ", ".join(f'a{n}: ["=a{n - 1}", "=a{n - 1}"]' for n in range(1, 40))
    + "}\nlayers: [fc: =a39]\n"
)
BRANCHED = "[{{parallel: [[b{0}], [b{0}]], join: add}}]"
BOMBS = {
    "blocks of blocks": (doubling("[relu]"), "too-many-layers"),
    "blocks of blocks of nothing": (doubling("[]"), "too-many-layers"),
    "blocks of blocks of what is dropped": (doubling("[{relu: , when: false}]"), "too-many-layers"),
    "branches of blocks": (doubling("[relu]", call=BRANCHED), "too-many-layers"),
    "an empty block": (EMPTY, "too-many-layers"),
    "an empty block within another": (
        "blocks: {e: {layers: []}, f: {layers: [{e: , repeat: 900000}]}}\nlayers: [{f: , repeat: 900000}]\n",
        "too-many-layers",
    ),
    "a cycle": ("blocks: {b: {layers: [relu, b]}}\nlayers: [b]\n", "block-cycle"),
    "a long cycle": (CYCLE, "block-cycle"),
    "a long chain": (DEEP, "too-deep"),
    "lists of lists": (LISTS, "bad-expression"),
    "a power": ("layers: [{relu: , repeat: =9**64}]\n", "bad-expression"),
    "concat": (
        "blocks: {d: {layers: [concat: [input, input]]}}\nlayers: [{d: , repeat: 1000}]\n",
        "too-large",
    ),
}


@pytest.mark.parametrize("name", list(BOMBS))
def test_a_bomb_is_refused_at_once(name: str) -> None:
    text, code = BOMBS[name]
    with effort() as spent:
        assert refusal(text)[0] == code
    assert spent.networks < 500


def test_max_layers_counts_what_blocks_make() -> None:
    text = "blocks: {b: {layers: [relu, tanh]}}\nlayers:\n  - relu\n  - {b: , repeat: 3}\n"
    assert len(of(text, max_layers=7).layers) == 7
    code, _, message = refusal(text, max_layers=6)
    assert (code, message) == ("too-many-layers", "the spec makes more than 6 layers")


def test_a_thousand_variables_cost_nothing() -> None:
    variables = ", ".join(f"v{n}: =1" for n in range(1000))
    text = f"vars: {{{variables}}}\nblocks: {{b: {{layers: [relu]}}}}\nlayers: [{{b: , repeat: 1000}}]\n"
    with effort() as spent:
        assert len(of(text).layers) == 1000
    assert spent.networks < 300
