"""`shapecalc unit`, by hand: borders, copies, holes, gates, and the pixel's side of it."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

import shapecalc
from shapecalc.reach import Unfollowable, endless_interval, lines_seen, seen_by, units_seeing
from shapecalc.result import Trace
from tests.test_cli import Said


def net(layers: str, shape: str = "7x1") -> Trace:
    return shapecalc.trace(shapecalc.load(f"{{input: {shape}, layers: [{layers}]}}"))


def seen(trace: Trace, *index: int) -> list[int]:
    """The places of a 1-D input that the unit of the last layer depends on."""
    masks = lines_seen(trace)[trace.layers[-1].name]
    assert masks is not None
    mask = masks[0][index[0] if len(masks[0]) > 1 else 0]
    return [place for place in range(trace.inputs[0][1][1]) if mask >> place & 1]


@pytest.mark.parametrize(
    ("layers", "unit", "places"),
    [
        ("conv: {filters: 1, kernel: 3, padding: 1}", 0, [0, 1]),  # −1 is padding
        ("conv: {filters: 1, kernel: 3, padding: 1, padding_mode: reflect}", 0, [0, 1]),  # −1 is a copy of 1
        ("conv: {filters: 1, kernel: 3, padding: 2, padding_mode: reflect}", 0, [0, 1, 2]),  # −2 of 2
        ("conv: {filters: 1, kernel: 3, padding: 2, padding_mode: replicate}", 0, [0]),
        ("conv: {filters: 1, kernel: 3, padding: 2, padding_mode: circular}", 0, [0, 5, 6]),
        ("conv: {filters: 1, kernel: 3, dilation: 2}", 1, [1, 3, 5]),
        ("conv: {filters: 1, kernel: 1, stride: 3}", 2, [6]),
        ("conv_transpose: {filters: 1, kernel: 3, stride: 2}", 2, [0, 1]),  # o = 2j + t: (1, 0) and (0, 2)
        ("conv_transpose: {filters: 1, kernel: 1, stride: 2}", 1, []),  # no input reaches an odd output
        ("maxpool: {kernel_size: 3, stride: 3, ceil_mode: true}", 2, [6]),
        ("adaptive_avgpool: 3", 1, [2, 3, 4]),  # ⌊7/3⌋ to ⌈14/3⌉ − 1
        ("upsample: 2", 5, [2]),
        ("upsample: {size: 14, mode: linear}", 0, [0]),  # −1/4: the edge again
        ("upsample: {size: 14, mode: linear}", 1, [0, 1]),  # 1/4
        ("pad: 2", 1, []),
        ("crop: 2", 0, [2]),
        ("global_avgpool: {keepdims: true}", 0, [0, 1, 2, 3, 4, 5, 6]),
        ("flatten", 0, [0, 1, 2, 3, 4, 5, 6]),
    ],
)  # fmt: skip
def test_what_a_unit_sees(layers: str, unit: int, places: list[int]) -> None:
    trace = net(layers)
    assert seen(trace, unit) == places
    name, is_flat = trace.layers[-1].name, len(trace.layers[-1].out_shape) == 1
    query = seen_by(trace, name, () if is_flat else (unit,))
    assert query.pixels == len(places)
    assert query.box == (((min(places), max(places)),) if places else None)
    for pixel in range(7):
        units = units_seeing(trace, name, (pixel,))
        if pixel in places:
            assert units.units == () or (units.units is not None and units.units[0][0] <= unit <= units.units[0][1])


def test_inner_padding_carries_nothing() -> None:
    """The crop's unit −1 would see pixel 1, but the convolution reads a zero there."""
    trace = net("{crop: 2}, {conv: {filters: 1, kernel: 3, padding: 1}, name: c}")
    assert seen_by(trace, "c", (0,)).box == ((2, 3),)
    assert endless_interval(trace, "c", 0, 0) == (1, 3)


def test_dilation_leaves_holes_and_padding_has_its_share() -> None:
    trace = net("{conv: {filters: 1, kernel: 3, dilation: 2, padding: 2}, name: c}", "5x5x1")
    corner, middle = seen_by(trace, "c", (0, 0)), seen_by(trace, "c", (2, 2))
    assert (corner.box, corner.pixels, corner.unclipped) == (((0, 2), (0, 2)), 4, ((-2, 2), (-2, 2)))
    assert corner.has_holes
    assert corner.padding((5, 5)) == 1 - 9 / 25
    assert (middle.pixels, middle.padding((5, 5))) == (9, 0)


def test_a_cross_is_no_box() -> None:
    branches = (
        "[[conv: {filters: 1, kernel: [1, 3], padding: same}], [conv: {filters: 1, kernel: [3, 1], padding: same}]]"
    )
    trace = net(f"{{parallel: {branches}, join: add, name: cross}}", "5x5x1")
    unit = seen_by(trace, "cross", (2, 2))
    assert (unit.box, unit.pixels, unit.has_holes) == (((1, 3), (1, 3)), 5, True)
    pixel = units_seeing(trace, "cross", (0, 0))
    assert (pixel.units, pixel.count, pixel.has_holes) == (((0, 1), (0, 1)), 3, True)


def test_a_gate_is_global_and_its_local_path_is_told() -> None:
    gate = "{parallel: [[], [{global_avgpool: {keepdims: true}}]], join: multiply, name: gate}"
    trace = net("{conv: {filters: 1, kernel: 3, padding: 1}}, " + gate, "8x8x1")
    unit = seen_by(trace, "gate", (4, 4))
    assert (unit.is_global, unit.box, unit.unclipped) == (True, ((0, 7), (0, 7)), ((3, 5), (3, 5)))


def test_misaligned_branches_have_units_all_the_same() -> None:
    """The table has no one receptive field for them; each unit has."""
    whole = "{conv: {filters: 1, kernel: 8}, name: whole, from: near}"
    trace = net(f"{{conv: {{filters: 1, kernel: 1}}, name: near}}, {whole}, {{add: [near, whole], name: both}}", "8x1")
    assert trace["both"].receptive_field is None
    assert any("`near` (1) and `whole` (0)" in note for note in trace["both"].notes)
    assert seen_by(trace, "both", (3,)).box == ((0, 7),)
    assert endless_interval(trace, "both", 0, 9) == (0, 9)


def test_who_sees_nothing_along_one_axis_sees_nothing() -> None:
    """Of a transposed convolution of stride 2 and kernel 1, odd rows see nothing, and so no columns either."""
    wide = "{conv: {filters: 1, kernel: [1, 7], padding: [0, 3]}, name: wide}"
    rows = "{conv_transpose: {filters: 1, kernel: 1, stride: [2, 1]}, name: rows, from: %s}"
    cut = "{crop: {amount: [[0, 8], 0]}, name: cut}"
    trace = net(f"{wide}, {rows % 'wide'}, {cut}, {{add: [cut, input], name: sum}}", "9x9x1")
    odd, even = seen_by(trace, "sum", (5, 4)), seen_by(trace, "sum", (4, 4))
    assert (odd.box, odd.unclipped, odd.padding((9, 9))) == (((5, 5), (4, 4)), ((5, 5), (4, 4)), 0)
    assert even.unclipped == ((2, 4), (1, 7))  # row 2 of `wide`, and row 4 of the input
    columns = "{conv_transpose: {filters: 1, kernel: 1, stride: [1, 2]}, name: columns, from: input}"
    trim = "{crop: {amount: [0, [0, 8]]}, name: trim}"
    both = f"{rows % 'input'}, {cut}, {columns}, {trim}, {{add: [cut, trim], name: sum}}"
    nothing = seen_by(net(both, "9x9x1"), "sum", (1, 1))
    assert (nothing.box, nothing.unclipped) == (None, (None, None))


@pytest.mark.parametrize(
    ("layers", "shape", "words"),
    [
        ("{custom: {out_shape: 4x1}, name: c}", "8x1", "what `c` reads is not declared"),
        ("{fc: 3, name: c}", "8", "no spatial axes"),
        ("{upsample: {size: 5000}, name: c}", "4999x1", "too many units"),
    ],
)
def test_what_cannot_be_followed_is_said(layers: str, shape: str, words: str) -> None:
    trace = net(layers, shape)
    with pytest.raises(Unfollowable, match=words):
        seen_by(trace, "c", (0,) * (len(trace["c"].out_shape) - 1))


@pytest.mark.parametrize("shape", ["2147483647x1", "100000x100000x1", "2147483647x2147483647x1"])
@pytest.mark.parametrize("is_asked_of_a_pixel", [False, True])
def test_what_would_take_too_long_is_refused_at_once(
    shape: str, is_asked_of_a_pixel: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layers = "upsample: 1, maxpool: {kernel_size: 1, stride: 3}, global_avgpool: {keepdims: true}"
    spec = tmp_path / "large.yaml"
    spec.write_text(f"{{input: {shape}, layers: [{layers}]}}")
    words = ["--pixel", ",".join("0" * shape.count("x"))] if is_asked_of_a_pixel else []
    tracemalloc.start()
    said = Said(capsys, "unit", str(spec), "global_avgpool1", *words)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken < 50e6  # a row of 2³¹ bits alone is 268 MB
    if is_asked_of_a_pixel and shape == "100000x100000x1":  # one row, 12 kB long
        assert (said.code, "seen by" in said.out) == (0, True)
    else:
        assert (said.code, "takes too long" in said.err) == (2, True)


def test_json_is_as_designed(capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "unit", "vgg16", "pool5", "0,0", "--format", "json")
    assert said.code == 0
    out = json.loads(said.out)
    assert out["layer"] == "pool5"
    assert out["index"] == [0, 0]
    assert out["box"] == [[0, 121], [0, 121]]  # 212 pixels from −90 (Araujo et al.), of which 122 are in the image
    assert out["unclipped"] == [[-90, 121], [-90, 121]]
    assert (out["global"], out["holes"], out["pixels"]) == (False, False, 122 * 122)


def test_the_pixel_side_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "unit", "vgg16", "conv1_1", "--pixel", "0,5", "--format", "json")
    assert said.code == 0
    out = json.loads(said.out)
    assert out == {"layer": "conv1_1", "pixel": [0, 5], "units": [[0, 1], [4, 6]], "count": 6, "holes": False}


def test_text_says_what_is_padding_and_what_is_global(capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "unit", "vgg16", "pool5", "0,0")
    assert said.code == 0
    assert "66.9% of what it sees lies outside" in said.out
    said = Said(capsys, "unit", "vgg16", "fc8")
    assert said.code == 0
    assert "every value of `fc8`" in said.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["pol5", "0,0"], "did you mean `pool5`?"),
        (["pool5", "7,0"], "height 0 to 6, width 0 to 6"),
        (["pool5", "1"], "as in 3,3"),
        (["pool5", "a,b"], "is no place"),
        (["fc8", "3"], "is flat (1,000 values)"),
        (["pool5", "--pixel", "0,224"], "'0,224' is outside of the input"),
        (["pool5", "0,0", "--pixel", "0,0"], "opposite questions"),
    ],
)
def test_a_wrong_question_is_answered_with_the_right_one(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = Said(capsys, "unit", "vgg16", *arguments)
    assert said.code == 2
    assert words in said.err


def test_a_refused_spec_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("{input: 4x4x1, layers: [{conv: {filters: 1, kernel: 9}}]}")
    said = Said(capsys, "unit", str(bad), "conv1", "0,0", "--format", "json")
    assert said.code == 1
    assert said.out == ""
    assert "kernel-too-large" in said.err
