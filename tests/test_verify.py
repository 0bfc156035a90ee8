"""`shapecalc verify`: certificates of networks, and that each quantity can fail at the right layer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from math import prod
from pathlib import Path
from typing import Any

import pytest

from shapecalc import Trace, formulas, load, trace
from shapecalc.cli import COULD_NOT, GOOD, WRONG
from shapecalc.layers import convolution
from shapecalc.layers.attention import Attention
from shapecalc.layers.convolution import ConvTranspose
from shapecalc.layers.layer import learned
from shapecalc.layers.linear import Fc
from shapecalc.layers.normalization import BatchNorm
from shapecalc.layers.pooling import AdaptiveAvgPool, GlobalAvgPool
from shapecalc.receptive_field import AxisField
from shapecalc.steps import Steps
from shapecalc.verification import QUANTITIES, Certificate, Options, verified
from shapecalc.windows import Window, strided
from tests.cases import CASES, Case
from tests.random_graphs import graph
from tests.test_cases import text
from tests.test_cli import Said
from tests.witness import torch_or_skip

Shape = tuple[int, ...]


def traced(spec: str) -> Trace:
    return trace(load(spec))


def certified(spec: str, **options: Any) -> Certificate:
    return verified(traced(spec), Options(**options))


def differing(certificate: Certificate) -> dict[str, set[str]]:
    """The layers at which something differs, and what."""
    found = {
        layer.step.name: {quantity for quantity, each in layer.findings.items() if each.verdict == "differs"}
        for layer in certificate.layers
    }
    return {name: quantities for name, quantities in found.items() if quantities}


# ---- what holds ----


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_case_is_run_to_the_numbers_of_the_table(case: Case) -> None:
    (layer,) = certified(text(case)).layers
    verdicts = {quantity: finding.verdict for quantity, finding in layer.findings.items()}
    if case.type == "custom":
        assert set(verdicts.values()) <= {"declared", "unknown", "none"}
        return
    assert (verdicts["shapes"], verdicts["params"]) == ("equal", "equal")
    assert verdicts["macs"] == ("equal" if case.macs else "convention")
    assert verdicts["rf"] in (("none",) if len(case.in_shape) == 1 else ("equal", "convention"))


@pytest.mark.parametrize("seed", range(60))
def test_random_graphs_are_run_to_the_numbers_of_the_table(seed: int) -> None:
    assert differing(certified(json.dumps(graph(seed)))) == {}


WHOLE = [
    ("lenet5", {}),
    ("lenet5-1998", {}),
    ("nin-cifar10", {}),
    ("lstm", {}),
    ("siamese", {}),  # shared weights, two inputs
    ("two-heads", {}),
    ("stacked-3x3", {}),  # several documents
    ("resnet:resnet18", {"input": "96x64x3"}),
    ("mobilenet_v3:small", {"input": "64x96x3"}),  # gates: some paths are global
    ("swin:t", {"input": "64x96x3"}),  # windows that wrap, on a padded map
    ("vit:b_32", {"input": "96x64x3"}),
    ("unet:bilinear", {"input": "64x48x3"}),
    ("yolov8:n", {"input": "64x96x3"}),
]


@pytest.mark.parametrize(("name", "options"), WHOLE, ids=str)
def test_shipped_networks_are_run_to_the_numbers_of_the_table(
    name: str, options: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = [word for option, value in options.items() for word in (f"--{option}", value)]
    said = Said(capsys, "verify", name, *words)
    assert (said.code, said.err) == (GOOD, "")
    assert "receptive fields equal" in said.out.splitlines()[-1]


def test_what_a_custom_layer_hands_on_is_taken_as_declared() -> None:
    spec = "{input: 9x9x2, layers: [custom: {out_shape: 9x9x4, window: {kernel_size: 3, padding: 1}}, conv: [3, 3]]}"
    spec = spec.replace("[3, 3]", "{out_channels: 3, kernel_size: 3}")
    custom, conv = certified(spec).layers
    assert {quantity: finding.verdict for quantity, finding in custom.findings.items()} == {
        "shapes": "declared",
        "params": "unknown",
        "macs": "unknown",
        "rf": "declared",
    }
    assert {finding.verdict for finding in conv.findings.values()} == {"equal"}


# ---- what does not: a bug planted in each formula is seen at its layer ----

CONV = """
input: 8x7x4
layers: [relu, {conv: {out_channels: 4, kernel_size: 3, stride: 2, groups: 2}, name: c}, relu]
"""
TWO = """
input: 20x3
layers: [conv: {out_channels: 2, kernel_size: 3, stride: 2}, conv: {out_channels: 2, kernel_size: 3}]
"""
UP = "{input: 5x4x3, layers: [{conv_transpose: {out_channels: 2, kernel_size: 2, stride: 2}, name: up}, relu]}"
HEAD = "{input: 5x4x3, layers: [batchnorm, {adaptive_avgpool: 2, name: bins}, flatten, {fc: 6, name: head}]}"
GLOBAL = "{input: 5x4x3, layers: [relu, global_avgpool]}"
TOKENS = "{input: 7x6, layers: [{attention: {num_heads: 2}, name: mix}, layernorm]}"
TWINS = """
input: 8x2
layers: [{fc: {units: 2, per_position: true}, name: a}, {fc: {units: 2, per_position: true}, name: b, share: a}]
"""
MIRROR = "{input: 6x2, layers: [{conv: {out_channels: 2, kernel_size: 3, padding: 2, padding_mode: reflect}, name: c}]}"


def rounded_up(size: int, kernel: int, stride: int, padding: int, dilation: int) -> int:
    return -(-(size + padding - dilation * (kernel - 1) - 1) // stride) + 1


def by_own_stride(self: AxisField, window: Window, low: int, high: int) -> AxisField:
    """The recurrence with a layer's taps as far apart as if nothing above had a stride."""
    taps = window.taps[0]
    return AxisField(window.advance * self.advance, ((low + taps[0], high + taps[-1]),))


def output_positions(self: ConvTranspose, arriving: Shape, out: Shape) -> int:
    return prod(out) * arriving[0] * 4


def without_values(self: Attention, arriving: Shape, out: Shape) -> int:
    return 4 * 6 * 6 * 7 + 7 * 7 * 6


def shared_counted_twice(self: Steps, _item: Any, layer: Any, shapes: Any, *_: Any) -> Any:
    return self._answers[id(layer), shapes].params, ()


PLANTED = {
    "rounded up": (formulas, "conv_output_size", rounded_up, CONV, {"c": {"shapes", "macs", "rf"}}),
    "groups forgotten": (
        formulas,
        "conv_weights",
        lambda i, o, kernel, groups=1: i * o * 9,
        CONV,
        {"c": {"params", "macs"}},
    ),
    "groups in macs": (formulas, "conv_macs", lambda n, i, o, kernel, groups: n * i * o * 9, CONV, {"c": {"macs"}}),
    "stride in window": (convolution, "strided", lambda k, s, *rest: strided(k, 1, *rest), CONV, {"c": {"rf"}}),
    "padding mode": (convolution, "strided", lambda k, s, b, d, beyond: strided(k, s, b, d), MIRROR, {"c": {"rf"}}),
    "own stride": (AxisField, "_through_plain", by_own_stride, TWO, {"conv2": {"rf"}}),
    "transposed": (ConvTranspose, "macs", output_positions, UP, {"up": {"macs"}}),
    "bias": (Fc, "params", lambda self, arriving: learned(arriving[0] * 6), HEAD, {"head": {"params"}}),
    "one statistic": (BatchNorm, "params", lambda self, arriving: learned(3, 3, 3), HEAD, {"batchnorm1": {"params"}}),
    "bins": (AdaptiveAvgPool, "reading", lambda self, arriving, out: "whole", HEAD, {"bins": {"rf"}}),
    "not global": (GlobalAvgPool, "reading", lambda *_: "pointwise", GLOBAL, {"global_avgpool1": {"rf"}}),
    "products": (Attention, "macs", without_values, TOKENS, {"mix": {"macs"}}),
    "counted twice": (Steps, "_own", shared_counted_twice, TWINS, {"b": {"params"}}),
}


@pytest.mark.parametrize("bug", PLANTED)
def test_a_planted_bug_is_seen_at_its_layer(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, name, wrong, spec, expected = PLANTED[bug]
    assert differing(certified(spec)) == {}
    monkeypatch.setattr(owner, name, wrong)
    assert differing(certified(spec)) == expected


def test_an_operation_that_refuses_what_the_table_lets_pass_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Fc, "out_shape", lambda self, arriving: (self.out_features,))
    (layer,) = certified("{input: 5x4x3, layers: [fc: 6]}", quantities=("shapes",)).layers
    assert layer.findings["shapes"].verdict == "differs"
    assert "refuses what the table says arrives: fc reads a flat vector" in layer.findings["shapes"].why


def test_a_bug_in_a_shipped_spec_ends_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Fc, "macs", lambda self, arriving, out: prod(out))
    said = Said(capsys, "verify", "lenet5")
    assert said.code == WRONG
    lines = said.out.splitlines()
    assert "F6 (line 16): macs: the table says 84, the run on ones counts 10,080" in lines
    assert lines[-1] == "LeNet-5: 13 layers, 2 differ"
    assert any(line.startswith("F6 ") and "10,080 ≠" in line for line in lines)


# ---- the command ----


def test_a_certificate_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "verify", "lenet5", "--format", "json")
    found = json.loads(said.out)
    assert (said.code, found["name"], found["equal"]) == (GOOD, "LeNet-5", True)
    assert set(found["ran"]) == set(QUANTITIES)
    first, flatten = found["layers"][0], found["layers"][8]
    # 5·5·1·6 weights, 6 biases; 150 multiply-adds at 28·28 places
    assert first["out_shape"] == [6, 28, 28]
    assert (first["params"], first["weights"], first["biases"], first["buffers"]) == (156, 150, 6, 0)
    assert (first["macs"], first["macs_in_full"]) == (117_600, True)
    assert [first[f"{each}_equal"] for each in ("shape", "params", "macs", "receptive_field")] == [True] * 4
    assert first["receptive_field"] == {"size": [5, 5], "stride": [1, 1], "start": [0, 0], "global": False}
    assert flatten["verdicts"] == {"shapes": "equal", "params": "equal", "macs": "convention", "rf": "convention"}


def test_several_specs_make_a_list(capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "verify", "stacked-3x3", "--format", "json")
    assert [found["equal"] for found in json.loads(said.out)] == [True] * 4


@pytest.mark.parametrize("only", ["shapes", "params", "macs", "rf", "rf,params"])
def test_only_what_is_asked_for_is_run(only: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "verify", "lenet5", "--only", only, "--format", "json")
    assert set(json.loads(said.out)["ran"]) == set(only.split(","))


def test_a_certificate_fits_80_columns_and_any_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "verify", "googlenet:aux", "--input", "64x64x3", "--only", "macs,rf,params")
    assert said.code == GOOD
    assert max(map(len, said.out.splitlines())) <= 80
    assert set(said.out) - set(map(chr, range(128))) <= {*"×✓…"}
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    words = [sys.executable, "-m", "shapecalc", "verify", "lenet5", "--only", "macs"]
    done = subprocess.run(words, capture_output=True, env=environment, check=True)
    assert b"117,600 =" in done.stdout


REFUSED = [
    (["lenet5", "--memory", "10k"], "LeNet-5: `C5` needs about", "a smaller --input"),
    (
        ["unet", "--memory", "200M"],
        "but 200.0 MiB are allowed by --memory",
        "--only params,macs,rf runs thinned copies",
    ),
    (["srcnn", "--input", "30000x30000x1"], "available", "a smaller --input"),
    (["lenet5", "--memory", "much"], "--memory 'much' is no amount of memory", "as in 500M or 4G"),
    (["lenet5", "--only", "shape"], "--only cannot be 'shape'", "did you mean `shapes`?"),
    (["lenet5", "--engine", "torch", "--only", "rf"], "--engine torch cannot verify rf", "it can shapes, params, macs"),
]


@pytest.mark.parametrize(("words", "reason", "advice"), REFUSED, ids=str)
def test_what_cannot_be_run_is_said_before_it_is_tried(
    words: list[str], reason: str, advice: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = Said(capsys, "verify", *words)
    assert (said.code, said.out) == (COULD_NOT, "")
    assert reason in said.err.splitlines()[0]
    assert advice in said.err


def test_a_refused_spec_and_a_failed_expectation_end_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "two.yaml"
    path.write_text("{input: 8, layers: [fc: 3], expect: {params: 1}}\n---\n{input: 8, layers: [conv: 3]}\n")
    said = Said(capsys, "verify", str(path))
    assert said.code == WRONG
    assert "error[expectation-failed]" in said.err
    assert "error[missing-field]" in said.err
    assert said.out.splitlines()[-1].endswith("receptive fields equal")


def test_progress_is_shown_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ticks: list[None] = []
    verified(traced(CONV), Options(tick=lambda: ticks.append(None)))
    assert len(ticks) == 3 * 3  # layers, and rounds: shapes with params, macs, rf
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm-256color")
    said = Said(capsys, "verify", "lenet5", "--only", "macs")
    assert "LeNet-5" in said.err


# ---- the second witness ----


@pytest.mark.parametrize("case", CASES, ids=str)
def test_torch_gives_every_case_the_numbers_of_the_table(case: Case) -> None:
    torch_or_skip()
    (layer,) = certified(text(case), engine="torch", quantities=("shapes", "params", "macs")).layers
    verdicts = {finding.verdict for finding in layer.findings.values()}
    if case.type == "custom":
        assert verdicts <= {"declared", "unknown"}
    else:
        assert verdicts == ({"unknown"} if is_beyond_torch(case) else {"equal"})


def is_beyond_torch(case: Case) -> bool:
    """PyTorch pads no p-norm pooling, so with `ceil_mode` it cannot say where the last window starts."""
    return case.type == "lppool" and bool(case.fields.get("padding")) and case.fields.get("ceil_mode", False)


@pytest.mark.parametrize("bug", ["rounded up", "groups in macs", "transposed", "bias", "one statistic", "products"])
def test_torch_sees_a_planted_bug(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    torch_or_skip()
    owner, name, wrong, spec, expected = PLANTED[bug]
    monkeypatch.setattr(owner, name, wrong)
    found = differing(certified(spec, engine="torch", quantities=("shapes", "params", "macs")))
    assert found == {layer: quantities - {"rf"} for layer, quantities in expected.items()}


def test_torch_runs_a_shipped_network(capsys: pytest.CaptureFixture[str]) -> None:
    torch_or_skip()
    said = Said(capsys, "verify", "siamese", "--engine", "torch")
    assert (said.code, said.err) == (GOOD, "")
    assert "run by PyTorch" in said.out


def test_without_torch_its_engine_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith("shapecalc.verification.torch")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    said = Said(capsys, "verify", "lenet5", "--engine", "torch")
    assert (said.code, said.out) == (COULD_NOT, "")
    assert "--engine torch wants torch, which is not installed" in said.err
    assert "pip install 'shapecalc-nn[torch]'" in said.err
