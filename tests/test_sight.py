"""Which layers see what: joined branches of which one is global, and inputs that others are about."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shapecalc import load, trace
from shapecalc.derivation.derive import derive_all
from shapecalc.table import UNKNOWN
from tests.test_cli import Said

UNLIKE = """
input: 8x8x3
layers:
  - {conv: {filters: 4, kernel: 3, stride: 2, padding: 1}, name: half}
  - {upsample: {scale_factor: 3}, name: large}
  - {crop: {size: 8}, name: back}
  - {concat: [input, back], name: unlike}
  - {global_avgpool: {keepdims: true}, from: half, name: mean}
  - {upsample: {size: 8}, name: spread}
  - {concat: [%s], name: joined}
  - {conv: {filters: 4, kernel: 3}, name: after}
"""
"""`input` moves by 1 pixel a unit and `back` by 2/3; `mean` sees everything."""

TWO = """
input: {left: 8x8x3, right: 6x6x3}
layers:
  - {conv: {filters: 4, kernel: 3, padding: 1}, from: left, name: a}
  - {conv: {filters: 4, kernel: 3}, from: right, name: b}
  - {relu: , name: c}
  - {pad: 2, name: d}
  - {add: [a, d], name: sum}
"""


@pytest.mark.parametrize("branches", ["unlike, spread", "spread, unlike", "input, back, spread"])
def test_who_has_a_path_from_everywhere_sees_everything(branches: str) -> None:
    """Whatever the other paths see: as in a pyramid of poolings (PSPNet)."""
    found = trace(load(UNLIKE % branches))
    assert found["unlike"].receptive_field is None
    for name in ("joined", "after"):
        field = found[name].receptive_field
        assert field is not None
        assert (field.is_global, field.size, field.stride) == (True, (8, 8), None)


def test_a_join_without_one_field_is_explained_as_such() -> None:
    network = trace(load(UNLIKE % "unlike, spread"))
    (working,) = derive_all(network, "unlike")
    said = " ".join(str(line) for line in working.lines)
    assert "move at different strides" in said
    assert "too long to repeat" not in said


@pytest.mark.parametrize(
    ("kernel", "words"),
    [
        ("[9, 3]", "(9×3) is larger than the input (8×9) in height"),
        ("[9, 10]", "(9×10) is larger than the input (8×9)"),
    ],
)
def test_a_field_larger_than_the_input_says_along_which_axis(kernel: str, words: str) -> None:
    found = trace(load(f"{{input: 8x9x1, layers: [{{conv: {{filters: 1, kernel: {kernel}, padding: 5}}}}]}}"))
    assert any(note.endswith(words) for note in found.layers[0].notes)


def test_what_does_not_depend_on_the_input_in_question_is_not_called_unknown(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (path := tmp_path / "two.yaml").write_text(TWO)
    shown = Said(capsys, "show", str(path), "--format", "csv", "--columns", "layer,rf").out.split()
    assert shown[1:] == ["a,3x3", "b,-", "c,-", "d,-", "sum,3x3"]
    for name in "bcd":
        assert "receptive field" not in Said(capsys, "explain", str(path), name).out
    proof = Said(capsys, "verify", str(path))
    assert proof.out.splitlines()[-1].endswith("shapes, params, macs and receptive fields equal")
    assert UNKNOWN not in proof.out
    other = Said(capsys, "show", str(path), "--rf-input", "right", "--format", "csv", "--columns", "layer,rf").out
    assert other.split()[1:] == ["a,-", "b,3x3", "c,3x3", "d,3x3", "sum,3x3"]


def test_a_certificate_says_what_it_did_not_check(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (path := tmp_path / "unlike.yaml").write_text(UNLIKE % "unlike, spread")
    last = Said(capsys, "verify", str(path)).out.splitlines()[-1]
    assert last.endswith("receptive fields equal where known (receptive fields of 1 unknown)")
    counts = json.loads(Said(capsys, "verify", str(path), "--format", "json").out)
    assert counts["unknown"] == {"shapes": 0, "params": 0, "macs": 0, "rf": 1}
