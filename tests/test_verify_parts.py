"""The parts of a verification: arrays in parts, counts on copies, probes, the estimate of memory."""

from __future__ import annotations

import json
import sys
import tracemalloc
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from shapecalc import Trace, load, trace
from shapecalc.forward import ones_counts, parameters, run
from shapecalc.layers import LAYERS, Layer
from shapecalc.verification import Options, execution, memory, multiplied, side_by_side
from shapecalc.verification.execution import executed, split
from shapecalc.verification.memory import needed, refusal
from shapecalc.verification.multiplied import Multiplied
from shapecalc.verification.probe import Probe
from shapecalc.verification.sight import MOST_PROBES, Sight, probed_lines
from shapecalc.verification.supply import Supply
from tests.cases import CASES, Case
from tests.test_cases import text
from tests.witness import torch_or_skip

Shape = tuple[int, ...]


def traced(shape: Shape, *items: Any) -> Trace:
    return trace(load(json.dumps({"input": list(shape), "layers": list(items)})))


def made(shape: Shape, item: dict[str, Any]) -> Layer:
    found = traced(shape, item).layers[0].layer
    assert isinstance(found, Layer)
    return found


# ---- the run in full ----

IN_PARTS = [
    ((6, 5, 4), {"conv": {"out_channels": 7, "kernel_size": [3, 2], "padding": 1}}),
    ((6, 5, 4), {"conv_transpose": {"out_channels": 7, "kernel_size": [3, 2], "stride": 2}}),
    ((6,), {"fc": 7}),
    ((6, 5), {"fc": {"out_features": 7, "per_position": True, "bias": False}}),
    ((5,), {"embedding": {"num_embeddings": 9, "embedding_dim": 7}}),
]


@pytest.mark.parametrize(("shape", "item"), IN_PARTS, ids=str)
def test_a_layer_in_parts_gives_what_it_gives_in_one_piece(
    shape: Shape, item: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = made(shape, item)
    held = parameters(whole, shape)
    monkeypatch.setattr(execution, "BLOCK", 4 * prod(held["weight"]) * 3 // 7)  # three of seven outputs
    parts = split(whole, shape)
    assert [prod(parameters(part, shape)["weight"]) * 7 // prod(held["weight"]) for part in parts] == [3, 3, 1]
    outputs_at = {"conv_transpose": 1, "embedding": 1}.get(next(iter(item)), 0)
    arrays = {name: np.random.default_rng(0).normal(size=size) for name, size in held.items()}
    cut = {name: np.split(array, [3, 6], outputs_at if name == "weight" else 0) for name, array in arrays.items()}
    x = np.arange(5) if "embedding" in item else np.random.default_rng(1).normal(size=shape)
    out = [run(part, x, {name: pieces[at] for name, pieces in cut.items()}) for at, part in enumerate(parts)]
    np.testing.assert_allclose(np.concatenate(out), run(whole, x, arrays))


def test_what_is_small_or_has_groups_is_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    conv = made((4, 5), {"conv": {"out_channels": 4, "kernel_size": 3, "groups": 2}})
    assert split(made((6,), {"fc": 7}), (6,)) == [made((6,), {"fc": 7})]
    monkeypatch.setattr(execution, "BLOCK", 1)
    assert split(conv, (4, 5)) == [conv]


def test_parts_are_counted_like_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "BLOCK", 100)
    (found,) = executed(traced((6,), {"fc": 7}), Supply(0), in_full=True)
    assert {quantity: finding.verdict for quantity, finding in found.items()} == {"shapes": "equal", "params": "equal"}


def test_arrays_are_the_same_by_name_and_seed_and_different_otherwise() -> None:
    shapes = {"weight": (30, 40), "bias": (30,)}
    ours = {name: array.copy() for name, array in Supply(3).arrays("conv1", shapes).items()}
    for same, seed, owner in ((True, 3, "conv1"), (False, 3, "conv2"), (False, 4, "conv1")):
        again = Supply(seed).arrays(owner, shapes)
        assert [again[name].shape for name in shapes] == list(shapes.values())
        assert np.array_equal(ours["weight"], again["weight"]) == same
    assert {array.dtype.name for array in ours.values()} == {"float32"}
    variances = Supply(0).arrays("norm", {"var": (1000,)})["var"]
    assert 0 < variances.min() < variances.max()


def test_values_neither_vanish_nor_overflow_in_a_deep_network() -> None:
    conv = {"conv": {"out_channels": 16, "kernel_size": 3, "padding": 1}}
    deep = traced((16, 8, 8), *[conv, "relu"] * 60)
    supply = Supply(0)
    x = supply.tensor("input", (16, 8, 8))
    for step in deep.layers:
        assert isinstance(step.layer, Layer)
        x = run(step.layer, x, supply.arrays(step.name, parameters(step.layer, x.shape)))
    assert x.dtype == np.float32
    assert 1e-3 < np.abs(x).max() < 1e3


# ---- counts ----


@pytest.mark.parametrize("case", [case for case in CASES if case.macs and case.type != "custom"], ids=str)
def test_a_copy_of_few_channels_counts_what_the_layer_does(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiplied, "CHEAP", 0)
    (step,) = trace(load(text(case))).layers
    found = Multiplied().finding(step)
    assert (found.value, found.in_full) == (case.macs, False)


def test_equal_layers_at_equal_shapes_are_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    conv = {"conv": {"out_channels": 3, "kernel_size": 3, "padding": 1}}
    asked: list[Layer] = []

    def measured(layer: Layer, arriving: Shape) -> dict[str, int]:
        asked.append(layer)
        return ones_counts(layer, arriving)

    monkeypatch.setattr(multiplied, "ones_counts", measured)
    counts = Multiplied()
    assert [counts.finding(step).value for step in traced((3, 8, 8), conv, conv, conv).layers] == [5184] * 3
    assert len(asked) == 1  # 3·3·3·3 weights at 8·8 places


# ---- probes ----


def lit(shape: Shape, item: dict[str, Any], axis: int = 0) -> list[str]:
    """For each unit along the axis the lines that change it, as digits."""
    the_layer = made(shape, item)
    found = Probe(0).through(the_layer, shape, axis, np.eye(shape[1 + axis], dtype=bool))
    assert found is not None
    return ["".join(map(str, np.flatnonzero(unit))) for unit in found.T]


LIT = [
    ((2, 5), {"conv": {"out_channels": 3, "kernel_size": 3, "padding": 1}}, ["01", "012", "123", "234", "34"]),
    ((2, 5), {"conv": {"out_channels": 3, "kernel_size": 2, "dilation": 3, "stride": 1}}, ["03", "14"]),
    ((1, 4), {"conv": {"out_channels": 1, "kernel_size": 3, "padding": [[2, 0]], "padding_mode": "reflect"}}, None),
    ((1, 3), {"conv_transpose": {"out_channels": 1, "kernel_size": 1, "stride": 2}}, ["0", "", "1", "", "2"]),
    ((1, 5), {"maxpool": {"kernel_size": 2, "ceil_mode": True}}, ["01", "23", "4"]),
    ((1, 4), {"upsample": {"scale_factor": 2, "mode": "linear"}}, ["0", "01", "01", "12", "12", "23", "23", "3"]),
    ((2, 3), {"pixel_shuffle": 2}, ["0", "0", "1", "1", "2", "2"]),
    ((1, 4), {"crop": {"amount": [[1, 2]]}}, ["1"]),
    ((4, 5), {"window_attention": {"window_size": 2, "num_heads": 2, "shift": 1}}, ["0", "12", "12", "34", "34"]),
    ((4, 3), {"attention": 2}, ["012"] * 3),
    ((4, 3), {"softmax": {}}, ["0", "1", "2"]),
    ((4, 3), {"layernorm": {}}, ["0", "1", "2"]),
    ((4, 3), {"hardtanh": {"min_val": 100.0, "max_val": 100.5}}, ["0", "1", "2"]),
    ((2, 3), {"global_avgpool": {}}, ["012"]),
]


@pytest.mark.parametrize(("shape", "item", "expected"), LIT, ids=str)
def test_lines_that_change_a_unit_by_hand(shape: Shape, item: dict[str, Any], expected: list[str] | None) -> None:
    # reflected: −2 is 2 and −1 is 1, so units 0 and 1 read 2 1 0 and 1 0 1
    assert lit(shape, item) == (["012", "01", "012", "123"] if expected is None else expected)


def test_the_axes_are_probed_apart() -> None:
    item = {"conv": {"out_channels": 1, "kernel_size": [1, 3], "stride": [2, 1]}}
    assert lit((1, 5, 4), item, axis=0) == ["0", "2", "4"]
    assert lit((1, 5, 4), item, axis=1) == ["012", "123"]


def test_a_layer_runs_the_same_whether_line_by_line_or_on_few_probes() -> None:
    shape, item = (1, 40), {"conv": {"out_channels": 1, "kernel_size": 5, "stride": 3, "padding": 2}}
    the_layer, probe = made(shape, item), Probe(0)
    lines = np.random.default_rng(0).random((60, 40)) < 0.1
    many, few = (probe.through(the_layer, shape, 0, each) for each in (lines, lines[:7]))
    assert many is not None
    assert few is not None
    np.testing.assert_array_equal(many[:7], few)
    assert not many.all()


def test_a_normalization_over_positions_is_not_run_by_convention() -> None:
    for item in ({"groupnorm": 2}, {"layernorm": "all"}, {"batchnorm": {"track_running_stats": False}}):
        assert Probe(0).through(made((4, 3), item), (4, 3), 0, np.eye(3, dtype=bool)) is None


def test_of_a_long_axis_borders_and_lines_throughout_are_probed() -> None:
    (lines,) = probed_lines(traced((1, 16000), "relu"), seed=0)
    assert len(lines) == MOST_PROBES == len(set(lines))
    assert (lines[0], lines[-1]) == (0, 15999)
    assert max(np.diff(lines)) < 100
    assert len(set(np.diff(lines))) > 3  # not only evenly spaced: a stride could pass between
    assert lines == probed_lines(traced((1, 16000), "relu"), seed=0)[0]
    assert lines != probed_lines(traced((1, 16000), "relu"), seed=1)[0]
    assert probed_lines(traced((1, 5, 3), "relu"), seed=0) == [[0, 1, 2, 3, 4], [0, 1, 2]]
    assert probed_lines(traced((8,), "relu"), seed=0) == []


def test_a_long_input_is_probed_in_little_memory() -> None:
    conv = {"conv": {"out_channels": 8, "kernel_size": 80, "stride": 4}}
    net = traced((1, 16000), conv, "relu", {"maxpool": 4}, {"conv": {"out_channels": 8, "kernel_size": 3}})
    tracemalloc.start()
    sight = Sight(net, 0)
    found = [sight.finding(step).verdict for step in net.layers]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == ["equal"] * 4
    assert peak < 150 * 2**20


# ---- memory ----


@pytest.mark.parametrize("name", ["resnet:resnet18", "vit:b_32", "lstm", "unet:bilinear"])
def test_the_estimate_is_not_below_what_the_run_takes(name: str) -> None:
    net = trace(load(name).with_input((3, 128, 160))) if name != "lstm" else trace(load(name))
    need = needed(net, ("shapes", "params"))
    supply = Supply(0)
    tracemalloc.start()
    for _ in executed(net, supply, in_full=True):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak <= 1.1 * need.bytes + 4 * 2**20  # an operation's row chunks


def test_memory_is_asked_for_only_where_much_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    small = traced((3, 8, 8), {"conv": {"out_channels": 4, "kernel_size": 3}})
    monkeypatch.setattr(memory, "available", lambda: 0)
    assert refusal(small, Options(("shapes",)), None) is None
    monkeypatch.setattr(memory, "ALWAYS", 1000)
    refused = refusal(small, Options(("shapes",)), None)
    assert refused is not None
    assert "`conv1` needs about" in refused[0]
    assert "0.0 KiB are available" in refused[0]
    # the output, 4·6·6 values, and twice the input, 3·8·8, are there together, and 3·3·3·4 + 4 arrays
    assert needed(small, ("shapes",)).bytes == 4 * (192 + 144 + 2 * 192 + 112)
    assert needed(small, ("params",)).bytes == 4 * 112


@pytest.mark.parametrize(
    ("files", "left"),
    [
        ({"memory.max": "1000", "memory.current": "700", "memory.stat": "anon 500\ninactive_file 150\n"}, 450),
        ({"memory.max": "1000", "memory.current": "1700", "memory.stat": "anon 1500\n"}, 0),
        ({"memory.max": "max", "memory.current": "700", "memory.stat": "anon 500\n"}, sys.maxsize),
        ({}, sys.maxsize),
    ],
)
def test_a_container_has_what_its_limit_leaves(
    files: dict[str, str], left: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files of a control group, version 2; a cache of files is given back."""
    monkeypatch.setattr(memory, "_GROUPS", ((str(tmp_path), "memory.max", "memory.current", "inactive_file"),))
    for name, content in files.items():
        (tmp_path / name).write_text(content, "ascii")
    found = memory.available()
    assert found == left if left < sys.maxsize else 0 < found <= psutil.virtual_memory().total


def test_what_probing_would_take_is_refused_as_well() -> None:
    long = traced((1, 2**30), "relu")
    refused = refusal(long, Options(("rf",)), 2**34)
    assert refused is not None
    assert refused[0].endswith("but 16.0 GiB are allowed by --memory")
    assert refusal(traced((1, 16000), "relu"), Options(("rf",)), 2**28) is None


def test_an_engine_that_runs_layers_in_one_piece_needs_more() -> None:
    head = traced((25088,), {"fc": 4096})
    assert needed(head, ("params",)).bytes < 13 * 2**20
    assert needed(head, ("params",), in_parts=False).bytes == 4 * (25088 * 4096 + 4096)
    assert refusal(head, Options(("params",), "torch"), 2**28) is not None


def test_every_type_has_its_module_in_torch() -> None:
    torch_or_skip()
    from shapecalc.verification.torch_table import BUILD

    assert set(BUILD) == set(LAYERS) - {"custom"}


BESIDE = [
    ((6, 5, 4), {"conv": {"out_channels": 7, "kernel_size": [3, 2], "padding": 1}}),
    ((6, 5), {"fc": {"out_features": 7, "per_position": True, "bias": False}}),
    ((6, 5, 4), {"conv": {"out_channels": 1, "kernel_size": 3}}),
]


@pytest.mark.parametrize(("shape", "item"), BESIDE, ids=str)
def test_outputs_run_side_by_side_are_those_of_one_run(
    shape: Shape, item: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    the_layer, random = made(shape, item), np.random.default_rng(0)
    arrays = {name: random.normal(size=size) for name, size in parameters(the_layer, shape).items()}
    x = random.normal(size=shape)
    monkeypatch.setattr(side_by_side, "WORTHWHILE", 0)
    monkeypatch.setattr(side_by_side, "cores", lambda: 3)
    np.testing.assert_allclose(side_by_side.ran(the_layer, x, arrays), run(the_layer, x, arrays))


def test_what_one_of_several_threads_refuses_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "WORTHWHILE", 0)
    monkeypatch.setattr(side_by_side, "cores", lambda: 2)
    conv = made((2, 5), {"conv": {"out_channels": 4, "kernel_size": 3}})
    with pytest.raises(ValueError, match="must have shape"):
        side_by_side.ran(conv, np.ones((2, 5)), {"weight": np.ones((4, 2, 2)), "bias": np.ones(4)})
