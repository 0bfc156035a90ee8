# ruff: noqa: E501 (a spec stands on one line)
"""What is wrong inside a block, a branch or a repeat: of which layer, and where the block is called."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from shapecalc import Diagnostic, SpecError, load, trace
from shapecalc.bundle import Bundle, unpacked
from shapecalc.cli import main
from shapecalc.problems import Call, Inside
from shapecalc.reading import read_spec
from shapecalc.report import as_lines

HEAD = "input: 8x6x4\n"  # 4 channels, height 8, width 6
HALF = "conv: {out_channels: 4, kernel_size: 2, stride: 2}"  # 8×6, 4×3, 2×1: the third does not fit


def refused(text: str) -> Diagnostic:
    with pytest.raises(SpecError) as error:
        trace(load(text if text.startswith("input") else HEAD + text))
    return error.value.diagnostics[0]


def test_a_layer_of_a_block_is_named_with_the_call() -> None:
    found = refused(f"blocks: {{down: {{layers: [relu, {HALF}]}}}}\nlayers:\n  - down\n  - down\n  - down\n  - down\n")
    assert (found.code, found.line) == ("kernel-too-large", 2)
    assert found.inside == Inside("down3.conv1", None, (Call("down3", "<text>", 6, None),))
    assert as_lines(found).splitlines()[-2] == "  in `down3.conv1`: `down3` called at <text>:6"


def test_of_a_repeated_call_the_turn_is_told() -> None:
    found = refused(f"blocks: {{down: {{layers: [{HALF}]}}}}\nlayers:\n  - relu\n  - {{down: , repeat: 6, name: d}}\n")
    assert str(found.inside) == "in `d.2.conv1`: `d.2` (i = 2) called at <text>:5"


def test_calls_in_calls_are_told_from_the_inside() -> None:
    text = f"blocks:\n  a: {{layers: [{HALF}]}}\n  b:\n    layers:\n      - a\nlayers:\n  - {{b: , repeat: 9}}\n"
    assert str(refused(text).inside) == "in `b3.a1.conv1`: `b3.a1` called at <text>:6, `b3` (i = 2) called at <text>:8"


def test_of_many_calls_the_inner_two_and_the_outermost_are_told() -> None:
    blocks = "".join(f"  b{n}: {{layers: [{f'b{n + 1}' if n < 5 else 'fc: 3'}]}}\n" for n in range(1, 6))
    inside = refused(f"blocks:\n{blocks}layers: [b1]\n").inside
    assert inside is not None
    assert [(call.name, call.line) for call in inside.calls] == [("b11.b21.b31.b41.b51", 6), ("b11.b21.b31.b41", 5), ("b11", 8)]  # fmt: skip


@pytest.mark.parametrize(
    ("layers", "told"),
    [
        ("{parallel: [[relu, fc: 3], []], join: add}", "in `add1.0.fc1`"),
        ("{parallel: {gate: [fc: 3], o: []}, join: add}", "in `gate.fc1`"),
        ("{parallel: [[slice: [0, =2**i]], [slice: [0, =2**i]]], join: add, repeat: 3}", "in `add2.0.slice1` (i = 1)"),
        ("{parallel: [[b: {n: =4+9*i}], []], join: concat, repeat: 2}", "in `concat2.0.b1.slice1`: `concat2.0.b1` (i = 1) called at <text>:7"),
        ("{slice: [0, =4-i], repeat: 5, name: s}", "in `s.4` (i = 4)"),
        ("{b: {n: =4//(1-i)}, repeat: 2, name: s}", "in `s.1` (i = 1)"),
        ("{b: {n: 4}, name: s}, slice: [0, 5]", "None"),
        ("{b: {n: 5}, name: s}", "in `s.slice1`: `s` called at <text>:7"),
        ("c", "in `c1` called at <text>:7"),
        ("{cond: {k: 0}, name: w}", "in `w.relu1`: `w` called at <text>:7"),
        ("{cond: {k: =0/0}}", "None"),
        ("origin", "in `origin1.tanh1`: `origin1` called at <text>:7"),
        ("often", "in `often1.r`: `often1` called at <text>:7"),
        ("twice", "in `twice1.r`: `twice1` called at <text>:7"),
        ("joined", "in `joined1.add1`: `joined1` called at <text>:7"),
        ("forked", "in `forked1.add1.1.fc1`: `forked1` called at <text>:7"),
        ("misbuilt", "in `misbuilt1.conv1`: `misbuilt1` called at <text>:7"),
    ],
)  # fmt: skip
def test_whatever_is_refused_says_where(layers: str, told: str) -> None:
    blocks = """{b: {vars: {n: }, layers: [slice: [0, =n]]}, c: {vars: {n: =1/0}, layers: [relu]},
    cond: {vars: {k: }, layers: [{relu: , when: =1/k}]}, origin: {layers: [{tanh: , from: nobody}]}, often: {layers: [{relu: , repeat: =-1, name: r}]},
    forked: {layers: [{parallel: [[], [fc: 3]], join: add}]},
    twice: {layers: [{relu: , name: r}, {relu: , name: r, when: =1 > 0}]}, joined: {layers: [maxpool: 2, add: [input, maxpool1]]}, misbuilt: {layers: [conv: {out_channels: =-1, kernel_size: 3}]}}"""
    assert str(refused(f"{HEAD}blocks:\n  {blocks}\nlayers: [{layers}]\n").inside) == told


def files(folder: Path) -> Path:
    (folder / "parts").mkdir()
    (folder / "parts" / "down.yaml").write_text(f"blocks:\n  down:\n    layers:\n      - {HALF}\n", encoding="utf-8")
    net = folder / "net.yaml"
    net.write_text(
        f"{HEAD}include: [parts/down.yaml]\nlayers:\n  - relu\n  - {{down: , repeat: 4}}\n", encoding="utf-8"
    )
    return net


def test_of_an_included_block_the_spec_that_calls_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files(tmp_path)
    monkeypatch.chdir(tmp_path)
    found = []
    for name in ("net.yaml", "parts/down.yaml"):
        with pytest.raises(SpecError) as error:
            trace(load("net.yaml"))
        found.append(error.value.diagnostics[0])
        assert name in str(found[-1])
    assert (found[0].file, found[0].line) == (str(Path("parts/down.yaml")), 4)
    assert str(found[0].inside) == "in `down3.conv1`: `down3` (i = 2) called at net.yaml:5"
    assert pickle.loads(pickle.dumps(found[0])) == found[0]  # as `check --jobs` sends it


def test_a_bundle_speaks_of_its_own_names(tmp_path: Path) -> None:
    files(tmp_path)
    texts = (("parts/down.yaml", (tmp_path / "parts" / "down.yaml").read_bytes()),)
    bundle = Bundle("old:net.yaml", (tmp_path / "net.yaml").read_bytes(), "nets", texts)
    with pytest.raises(SpecError) as error, unpacked(bundle) as source:
        trace(read_spec(source, source.documents[0]))
    found = error.value.diagnostics[0]
    assert found.file == "nets/parts/down.yaml"
    assert str(found.inside) == "in `down3.conv1`: `down3` (i = 2) called at old:net.yaml:5"


def test_programs_get_the_calls_too(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    net = files(tmp_path)
    net.write_text(net.read_text(encoding="utf-8") + "---\ninput: 4\nlayers: [slice: [0, 5]]\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def said(form: str) -> str:
        assert main(["check", "net.yaml", "--format", form]) == 1
        return capsys.readouterr().out

    call = {"name": "down3", "file": "net.yaml", "line": 5, "turn": 2}
    inside, plain = json.loads(said("json"))["problems"]
    assert {key: inside[key] for key in ("layer", "turn", "called_at")} == {"layer": "down3.conv1", "turn": None, "called_at": [call]}  # fmt: skip
    assert not {"layer", "turn", "called_at"} & set(plain)
    first, second = json.loads(said("sarif"))["runs"][0]["results"]
    (related,) = first["relatedLocations"]
    assert related["physicalLocation"] == {"artifactLocation": {"uri": "net.yaml", "uriBaseId": "%SRCROOT%"}, "region": {"startLine": 5}}  # fmt: skip
    assert "relatedLocations" not in second
    told = "in `down3.conv1`: `down3` (i = 2) called at net.yaml:5"
    assert f"({told})" in first["message"]["text"]
    assert f"%0A{told}%0Ahelp" in said("github").splitlines()[0]
    assert told in said("junit")


# ---- what a block is called with


def test_a_default_may_ask_for_the_shape_that_arrives_at_the_call() -> None:
    block = "b: {vars: {mid: =in_channels*2, n: '=mid+in_shape[1]'}, layers: [relu, conv: {out_channels: =mid, kernel_size: 1}, conv: {out_channels: =n, kernel_size: 1}]}"
    ours = trace(load(f"{HEAD}blocks: {{{block}}}\nlayers: [b, b, b: {{mid: 1}}]\n"))
    assert [step.out_shape[0] for step in ours.layers if step.type == "conv"] == [8, 16, 32, 40, 1, 9]


def test_what_arrives_at_the_call_is_no_variable_inside() -> None:
    block = "b: {vars: {mid: =in_channels*2}, layers: [conv: {out_channels: =mid, kernel_size: 1}, conv: {out_channels: =in_channels, kernel_size: 1}]}"
    assert trace(load(f"{HEAD}blocks: {{{block}}}\nlayers: [b]\n")).layers[-1].out_shape == (8, 8, 6)


@pytest.mark.parametrize("layer", ["reshape: =in_shape", "custom: {out_shape: =in_shape}", "custom: =in_shape"])
def test_a_shape_may_be_the_one_that_arrives(layer: str) -> None:
    assert trace(load(f"{HEAD}layers: [{layer}]\n")).layers[0].out_shape == (4, 8, 6)
