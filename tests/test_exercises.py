"""The exercise sheets that come with the package, and what a spec asks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import shapecalc
from shapecalc import Spec, load_all, trace
from shapecalc.answers import answers, is_asking
from shapecalc.cli import GOOD, WRONG, main
from shapecalc.derivation import derive_asked

SHEETS = sorted((Path(__file__).parent.parent / "specs" / "exercises").glob("*.yaml"))
EXERCISES = [(path, spec) for path in SHEETS for spec in load_all(path)]

STACK = """
question: What leaves, and what is seen?
input: 32x32x3
layers:
  - conv: {filters: 16, kernel: 5, padding: 2, bias: false}
    ask: [weights, start]
  - relu
  - maxpool: 2
    name: pool
  - conv: {filters: 8, kernel: 3}
ask: [output, receptive_field, macs, flops]
"""

LECTURE = {  # CS231n, and the VGG paper's sizes; output values, then parameters
    ("output-size", "Padding that keeps the size"): ("tensor_size", 16_384),
    ("parameters", "16 filters 5×5"): ("params", 1_216),
    ("parameters", "128 filters 3×3"): ("params", 73_856),
    ("parameters", "256 filters 3×3"): ("params", 295_168),
    ("one-by-one", "32 filters 1×1"): ("params", 2_080),
    ("fully-connected", "25,088 to 4,096"): ("params", 102_764_544),
    ("fully-connected", "4,096 to 4,096"): ("params", 16_781_312),
    ("stacked-kernels", "Two 3×3"): ("weights", 18 * 64**2),
    ("stacked-kernels", "One 5×5"): ("weights", 25 * 64**2),
    ("stacked-kernels", "Three 3×3"): ("weights", 27 * 64**2),
    ("stacked-kernels", "One 7×7"): ("weights", 49 * 64**2),
    ("where-parameters-live", "VGG16's convolutions"): ("params", 14_714_688),
    ("where-parameters-live", "VGG16's fully connected layers"): ("params", 123_642_856),
    ("fc-against-global-pooling", "Flatten and one layer"): ("params", 25_089_000),
    ("fc-against-global-pooling", "Mean of each channel and one layer"): ("params", 513_000),
}


def test_there_are_many_exercises_on_many_topics() -> None:
    assert len(SHEETS) >= 12
    assert len(EXERCISES) >= 60


@pytest.mark.parametrize(("path", "spec"), EXERCISES, ids=[f"{p.stem}-{s.name}" for p, s in EXERCISES])
def test_an_exercise_asks_and_its_answers_hold(path: Path, spec: Spec) -> None:
    network = trace(spec)
    assert network.diagnostics == ()
    assert spec.question
    assert spec.name != str(path), "a name of its own"
    assert is_asking(network)
    assert all(answer.value != "unknown" for answer in answers(network))
    assert derive_asked(network), "every answer has its working"


@pytest.mark.parametrize(("sheet", "name"), LECTURE)
def test_the_lecture_exercises_have_the_lecture_numbers(sheet: str, name: str) -> None:
    quantity, number = LECTURE[sheet, name]
    (spec,) = (spec for path, spec in EXERCISES if (path.stem, spec.name) == (sheet, name))
    assert spec.expect is not None
    assert getattr(spec.expect, quantity).value == number


ANSWERED_BY = {
    r"parameters?\b|learned": {"params", "weights"},
    r"\bweights": {"weights"},
    r"how many biases": {"biases"},
    r"multiply-adds": {"macs"},
    r"FLOPs": {"flops"},
    r"values": {"tensor_size"},
    r"what leaves|shape|depth|how many inputs": {"output"},
    r"\bsee\b|seen|patch|reach": {"receptive_field"},
    r"apart": {"stride"},
    r"first pixel|first of": {"start"},
    r"stored": {"buffers"},
}
"""Words of what is asked, and the quantities one of which is then among the answers."""

UNANSWERED = (
    "how many times|factor|why|which .*padding|does it learn|does the .* add|is the size|against|compare|never|chang"
)
"""Of questions that no number of `expect` answers."""


@pytest.mark.parametrize(("path", "spec"), EXERCISES, ids=[f"{p.stem}-{s.name}" for p, s in EXERCISES])
def test_what_is_asked_is_answered(path: Path, spec: Spec) -> None:
    assert spec.question is not None
    asked = " ".join(re.findall(r"[^.?:;]*\?", re.sub(r"\d\.\d", "", spec.question)))
    quantities = {answer.quantity for answer in answers(trace(spec))}
    assert asked, spec.question
    assert not re.search(UNANSWERED, asked, re.IGNORECASE), asked
    wanted = [ways for words, ways in ANSWERED_BY.items() if re.search(words, asked, re.IGNORECASE)]
    assert wanted, asked
    assert all(ways & quantities for ways in wanted), (asked, quantities)


def test_vgg16_by_layer_comes_to_vgg16() -> None:
    sheet = [spec for path, spec in EXERCISES if path.stem == "vgg16-by-layer"]
    parts = [trace(spec).totals.params or 0 for spec in sheet[:6]]
    assert sum(parts) == 138_357_544


def test_answers_are_those_that_are_asked() -> None:
    found = answers(trace(shapecalc.load(STACK)))
    assert [tuple(each) for each in found] == [
        ("conv1", "weights", "1,200"),
        ("conv1", "start", "−2"),
        ("the network", "output", (8, 14, 14)),
        ("the network", "receptive_field", "10×10"),
        ("the network", "macs", "1,454,592"),  # 1,200·1,024 + 1,152·196
        ("the network", "flops", "2,909,184"),
    ]


def test_the_working_is_of_what_is_asked() -> None:
    derived = {each.name: each for each in derive_asked(trace(shapecalc.load(STACK)))}
    assert list(derived) == ["conv1", "pool", "conv2", "totals"]
    assert {line.group for line in derived["pool"].lines} == {
        "output size",
        "parameters, buffers, macs",
        "receptive field, height and width",
    }
    assert [line.result for line in derived["totals"].lines] == [1_454_592, 2_909_184]
    assert all(line.quantity != "biases" for each in derived.values() for line in each.lines)


@pytest.mark.parametrize(
    ("quantity", "places"),
    [
        ("output", {("output size", "height and width"), ("output size", "channels")}),
        ("tensor_size", {("tensor size", "")}),
        ("params", {("parameters", "weights"), ("parameters", "biases"), ("parameters", "in all")}),
        ("weights", {("parameters", "weights")}),
        ("biases", {("parameters", "biases")}),
        ("macs", {("parameters", "weights"), ("macs", "")}),  # the weights stand in the formula
        ("flops", {("parameters", "weights"), ("macs", ""), ("flops", "")}),
        ("receptive_field", {("receptive field, height and width", "size")}),
        ("stride", {("receptive field, height and width", "stride")}),
        ("start", {("receptive field, height and width", "start")}),
    ],
)
def test_the_lines_about_a_quantity(quantity: str, places: set[tuple[str, str]]) -> None:
    spec = shapecalc.load(f"input: 8x8x2\nlayers: [conv: {{filters: 3, kernel: 3}}]\nask: {quantity}\n")
    (derivation,) = derive_asked(trace(spec))
    assert {(line.group, line.quantity) for line in derivation.lines} == places


def test_an_exercise_asks_what_it_expects() -> None:
    text = STACK.replace("ask: [weights, start]", "expect: {weights: 1200}").replace(
        "ask: [output, receptive_field, macs, flops]", "expect: {output: 14x14x8}"
    )
    asked = [(each.whose, each.quantity) for each in answers(trace(shapecalc.load(text)))]
    assert asked == [("conv1", "weights"), ("the network", "output")]
    assert not is_asking(trace(shapecalc.load(text.replace("question: What leaves, and what is seen?", "name: A"))))


@pytest.mark.parametrize(
    ("layers", "quantity", "value"),
    [
        ("[flatten, fc: 3]", "receptive_field", "the whole input, 8×6"),
        ("[flatten, fc: 3]", "stride", "the whole input, 8×6"),
        ("[upsample: 2]", "stride", "1/2"),
        ("[conv_transpose: {filters: 1, kernel: 3, stride: 2}]", "receptive_field", "1×1 to 2×2, by position"),
        ("[maxpool: [2, 3]]", "stride", "2, 3"),
        ("[custom: {out_shape: 4x4x1, params: 3}]", "macs", "unknown"),
        ("[conv: {filters: 2, kernel: 3, padding: [[0, 1], [2, 0]]}]", "start", "0, −2"),
    ],
)
def test_an_answer_in_words(layers: str, quantity: str, value: str) -> None:
    found = answers(trace(shapecalc.load(f"input: 8x6x1\nlayers: {layers}\nask: {quantity}\n")))
    assert [each.value for each in found] == [value]


@pytest.mark.parametrize(
    ("quantity", "is_noted"),
    [("output", True), ("tensor_size", True), ("macs", True), ("params", False), ("receptive_field", False)],
)
def test_what_is_never_read_is_noted_where_a_size_is_asked(quantity: str, is_noted: bool) -> None:
    # (9 − 2)/2 is not whole; the mean over positions, which `instancenorm` takes, is noted whatever is asked
    text = f"input: 9x9x2\nlayers: [conv: {{filters: 3, kernel: 2, stride: 2}}]\nask: {quantity}\n"
    (derivation,) = derive_asked(trace(shapecalc.load(text)))
    assert any("never read" in note for note in derivation.notes) == is_noted
    normed = text.replace("]\n", ", instancenorm: {affine: true}]\n").replace(quantity, f"[{quantity}, params]")
    assert derive_asked(trace(shapecalc.load(normed)))[1].notes


def test_asked_twice_is_answered_once() -> None:
    spec = shapecalc.load("{input: 8, layers: [fc: 2], ask: [params, macs, params]}")
    assert [each.quantity for each in answers(trace(spec))] == ["params", "macs"]


@pytest.fixture
def sheet(tmp_path: Path) -> str:
    path = tmp_path / "sheet.yaml"
    path.write_text(STACK, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("form", ["table", "markdown", "html", "latex"])
def test_show_answers_below_the_question(sheet: str, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", sheet, "--format", form]) == GOOD
    out = capsys.readouterr().out
    places = [out.index(words) for words in ("What leaves, and what is seen?", "receptive field", "2,909,184")]
    assert places == sorted(places)
    assert "maxpool" not in out
    assert "where the parameters live" not in out


def test_columns_bring_the_table_back(sheet: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["show", sheet, "--columns", "layer,params"])
    assert re.search(r"conv2 +1,160", capsys.readouterr().out)


@pytest.mark.parametrize("form", ["text", "markdown", "latex"])
def test_explain_begins_with_the_question(sheet: str, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", sheet, "--format", form]) == GOOD
    out = capsys.readouterr().out
    assert out.startswith("What leaves, and what is seen?\n\n")
    assert "biases" not in out


def test_a_wrong_answer_is_told_with_its_slip(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "answers.yaml"
    text = "input: 32x32x3\nlayers:\n  - conv: {filters: 16, kernel: 5, padding: 2}\nexpect: {params: 1200}\n"
    path.write_text(text, encoding="utf-8")
    for command in ("show", "explain", "check"):
        assert main([command, str(path)]) == WRONG
        err = capsys.readouterr().err
        assert "are 1,216, not 1,200: 1,200 = 5·5·3·16, the bias of each filter is forgotten [forgot_bias]" in err
        assert "help: weights = F²·D₁·K = 5²·3·16 = 1,200; biases = K = 16; params = weights + biases" in err
