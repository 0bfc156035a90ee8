"""`shapecalc solve`: questions whose answers are worked by hand, and what is said where there is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from shapecalc import SpecError
from shapecalc.cli import COULD_NOT, GOOD, WRONG, main
from shapecalc.expectation import Expect
from shapecalc.files import Unreadable, read
from shapecalc.problems import Problem
from shapecalc.render.solution import as_text
from shapecalc.solving import Asked, Solution, question, search, solve
from shapecalc.solving.patterns import patterns
from shapecalc.solving.plan import plan
from shapecalc.solving.uses import is_growing
from shapecalc.source import parse
from shapecalc.unknowns import unsolved

CONV = "conv: {out_channels: 8, kernel_size: 3}"

UNET = """
input: "?x?x1"
blocks:
  double:
    vars: {out: }
    layers: [{conv: {filters: =out, kernel: 3}}, {conv: {filters: =out, kernel: 3}}]
  up:
    layers: [conv_transpose: {filters: =in_channels//2, kernel: 2, stride: 2}]
layers:
  - {double: {out: 8}, name: down1}
  - maxpool: 2
  - {double: {out: 16}, name: down2}
  - maxpool: 2
  - {double: {out: 32}, name: down3}
  - maxpool: 2
  - {double: {out: 64}, name: down4}
  - maxpool: 2
  - double: {out: 128}
  - {up: , name: up4}
  - {crop: {amount: 4}, from: down4, name: copy4}
  - concat: [copy4, up4]
  - double: {out: 64}
  - {up: , name: up3}
  - {crop: {amount: 16}, from: down3, name: copy3}
  - concat: [copy3, up3]
  - double: {out: 32}
  - {up: , name: up2}
  - {crop: {amount: 40}, from: down2, name: copy2}
  - concat: [copy2, up2]
  - double: {out: 16}
  - {up: , name: up1}
  - {crop: {amount: 88}, from: down1, name: copy1}
  - concat: [copy1, up1]
  - double: {out: 8}
"""
"""Ronneberger et al. 2015, figure 1, with narrower layers: 64 − 56 = 8 rows are cropped, 136 − 104 = 32, 80, 176."""


def solution(text: str, variant: str | None = None, seconds: float = 20, **said: Any) -> Solution:
    source = parse(text, "a.yaml") if "{" in text else read(text)
    return solve(question(source, source.documents[0], variant, Asked(**said)), seconds)


def answers(text: str, variant: str | None = None, **said: Any) -> list[tuple[Any, ...]]:
    found = solution(text, variant, **said)
    assert found.is_complete
    return [outcome.values for outcome in found.answers]


SOLVED: list[tuple[str, list[Any]]] = [
    # (56 + 2p − 3)/1 + 1 = 56
    ('{input: 56x56x8, layers: [conv: {filters: 8, kernel: 3, padding: "?"}], expect: {output: 56x56x8}}', [1]),
    # ⌊(224 + 6 − 7)/s⌋ + 1 = 112
    ('{input: 224x3, layers: [conv: {filters: 8, kernel: 7, stride: "?", padding: 3}], expect: {output: 112x8}}', [2]),
    # 1 + 2r = 31
    ('{input: 64x64x3, layers: [{conv: {filters: 8, kernel: 3}, repeat: "?"}], expect: {receptive_field: 31}}', [15]),
    # 20 − k + 1 = 14 and 20 − 3 + 1 = 18
    ('{input: 20x20x1, layers: [conv: {filters: 1, kernel: ["?", 3]}], expect: {output: 14x18x1}}', [7]),
    # a·b = 36: 6·6 first because it is symmetric; then by the places in 1, 3, … 31, 2, 4, …: 9 and 4 are the 5th and
    # the 18th, 3 and 12 the 2nd and the 22nd, 2 and 18 the 17th and the 25th
    (
        '{input: 40x40x1, layers: [conv: {filters: 1, kernel: ["?", "?"], bias: false}], expect: {params: 36}}',
        [(6, 6), (9, 4), (4, 9), (3, 12), (12, 3), (2, 18), (18, 2)],
    ),
    # 2·(k − 1) + 1 = 9, and k₁ + k₂ = 10 where they may differ
    ('{input: 9x9x1, layers: [conv: [1], conv: [1]], expect: {receptive_field: 9}}', [5]),
    # 12 − 2 = 10 and 8 − 2 = 6
    ('{input: "?h x ?w x 3", layers: [conv: {filters: 8, kernel: 3}], expect: {output: 10x6x8}}', [(12, 8)]),
    ('{input: [3, "?", "?"], layers: [conv: {filters: 8, kernel: 3}], expect: {output: 10x10x8}}', [12]),
    # 9·c·8 + 8 = 224
    ('{input: 9x9x?, layers: [conv: {filters: 8, kernel: 3}], expect: {params: 224}}', [3]),
    ('{input: {a: "?x?x3", b: 9x9x3}, layers: [concat: [a, b]], expect: {output: 9x9x6}}', [9]),
    ('{input: "?", layers: [fc: 10], expect: {params: 7850}}', [784]),
    ('{input: 784, layers: [fc: "?"], expect: {params: 7850}}', [10]),
    ('{input: 10, layers: [fc: {units: 10, bias: "?"}], expect: {params: 100}}', [False]),
    ('{input: 8x8x4, vars: {has: "?"}, layers: [relu, {batchnorm: , when: =has}], expect: {params: 8}}', [True]),
    # the block's width, through two variables: 27w + w
    (
        '{input: 9x9x3, vars: {w: "?"}, blocks: {b: {vars: {out: }, layers: [conv: {filters: =out, kernel: 3}]}},'
        " layers: [b: {out: =w}], expect: {params: 280}}",
        [10],
    ),
    # a layer's own expectation: 9 − 2p leaves 7 of 13
    ('{input: 9x9x1, layers: [{pad: "?", expect: {output: 13x13x1}}, relu]}', [2]),
    # ⌊(n − 3)/2⌋ + 1 = 4: two inputs
    ('{input: "?x1", layers: [maxpool: {kernel: 3, stride: 2}], expect: {output: 4x1}}', [9, 10]),
    # the numbers that divide 8 channels in and 12 out
    ('{input: 9x9x8, layers: [conv: {filters: 12, kernel: 1, groups: "?"}], expect: {output: 9x9x12}}', [1, 2, 4]),
    # what is there, or how wide it is, depends on the size: n² = 25 > 20 with 25·5 + 5 parameters; n filters
    ('{input: "?x?x1", layers: [flatten, {fc: 5, when: =in_channels > 20}, relu], expect: {params: 130}}', [5]),
    ('{input: "?x?x1", layers: ["relu", conv: {filters: "=in_shape[1]", kernel: 1}], expect: {output: 6x6x6}}', [6]),
    # 1·w weights, of widths that 4 divides
    (
        '{input: 9x9x4, layers: [conv: {filters: "?", kernel: 1, groups: 4, bias: false}], expect: {params: "<= 12"}}',
        [4, 8, 12],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), SOLVED, ids=[text[:70] for text, _ in SOLVED])
def test_every_answer_the_simplest_first(text: str, wanted: list[Any]) -> None:
    text = text.replace("conv: [1]", 'conv: {filters: 1, kernel: "?k"}')
    assert answers(text) == [each if isinstance(each, tuple) else (each,) for each in wanted]


def test_unnamed_unknowns_may_differ() -> None:
    text = '{input: 9x9x1, layers: [conv: {filters: 1, kernel: "?"}, conv: {filters: 1, kernel: "?"}], '
    assert sorted(answers(text + "expect: {receptive_field: 9}}")) == [(k, 10 - k) for k in range(1, 10)]


WIDE = """
input: 32x32x3
vars: {width: "?"}
layers:
  - conv: {filters: =width, kernel: 3, padding: 1}
  - conv: {filters: =width*2, kernel: 3, padding: 1}
  - global_avgpool
  - fc: 10
expect: {params: "<= 1M"}
"""


def test_a_bound_has_an_interval_and_an_end() -> None:
    found = solution(WIDE)
    assert sorted(outcome.values[0] for outcome in found.answers) == list(range(1, 235))
    # 27w + w, 18w² + 2w, 20w + 10: 18·234² + 50·234 + 10 = 997,318; with 235 it is 1,005,810
    assert [(r.values, r.side) for r in found.remarks] == [((235,), "above")]
    text = as_text(found)
    assert "234 answers: 1 to 234, all of them" in text
    assert "width 234: the largest, params 997,318" in text
    assert "1,005,810" in text
    assert [outcome.values[0] for outcome in found.answers[:10]] == [1, 2, 4, 8, 16, 32, 64, 128, 24, 40]


def test_which_inputs_fit_the_unet_without_padding() -> None:
    found = solution(UNET, ranges={"input": tuple(range(100, 701))})
    # 572 = 12 mod 16 is the paper's; with 172 nothing is left to join: 172 → 168, 80, 36, 14, 3 → 6 → 2 → 4 → 0
    assert [outcome.values[0] for outcome in found.answers] == list(range(188, 701, 16))
    assert "188, 204, 220, …, 700 (every 16th; n = 12 mod 16)" in as_text(found)
    assert [(remark.values, remark.side) for remark in found.remarks] == [((172,), "refused")]


def test_the_smallest_square_that_survives_vgg16() -> None:
    found = solution("vgg16", input="?x?x3")
    assert found.answers[0].values == (32,)  # ⌊n/2⌋ five times is at least 1
    assert len(found.answers) == 4096 - 31
    assert "--range input=4096..8192 looks further" in as_text(found)
    assert [(remark.values, remark.side) for remark in found.remarks] == [((31,), "refused")]


def test_every_row_read() -> None:
    text = '{input: "?x?x1", layers: [maxpool: 2]}'
    ranges = {"input": tuple(range(1, 9))}
    assert answers(text, ranges=ranges) == [(n,) for n in range(2, 9)]
    assert answers(text, ranges=ranges, exact=True) == [(2,), (4,), (6,), (8,)]


def test_no_answer_says_what_comes_closest_and_what_refuses() -> None:
    # ⌊223/2⌋ + 1 = 112, ⌊223/3⌋ + 1 = 75
    text = "{input: 224x3, layers: [conv: {filters: 8, kernel: 7, stride: '?', padding: 3}], expect: {output: 100x8}}"
    found = solution(text)
    assert [(r.values, r.side) for r in found.remarks] == [((3,), "below"), ((2,), "above")]
    assert "no answer" in as_text(found)
    text = "{input: 7x7x3, layers: [maxpool: {kernel: 3, padding: '?'}], expect: {output: 5x5x3}}"
    below, refused = solution(text).remarks
    assert (below.values, below.side) == ((1,), "below")  # ⌊(7 + 2 − 3)/3⌋ + 1 = 3
    assert (refused.values, refused.side, refused.number) == ((2,), "refused", 2)  # 2 and 3 are above 3/2
    assert "at most half the kernel" in refused.why


GROWING = [
    ("conv: {filters: =w, kernel: 3}", True),
    ("conv: {filters: '=max(8, w*2 + 4) // 8 * 8', kernel: 3}", True),
    ("conv: {filters: =w if fixed else 2*w, kernel: 3}", True),
    ("conv: {filters: 8, kernel: =w}", False),  # more weights, fewer positions
    ("conv: {filters: =9-w, kernel: 3}", False),
    ("conv: {filters: =w % 8 + 1, kernel: 3}", False),
    ("conv: {filters: =8 if w > 8 else 16, kernel: 3}", False),
    ("{conv: {filters: =w, kernel: 3}, when: =w > 2}", False),
    ("{conv: {filters: =w, kernel: 3}, repeat: =w}", False),
    ("conv: {filters: =w, kernel: 3, groups: =in_channels}", True),
    ("conv: {filters: =w, kernel: 3, groups: =in_channels//2}", False),
    ("conv: {filters: 8, kernel: 3, padding: =w}", True),
    ("conv_transpose: {filters: 8, kernel: 3, padding: =w}", False),
    ("conv_transpose: {filters: 8, kernel: =w}", True),
]


@pytest.mark.parametrize(("layer", "wanted"), GROWING)
def test_what_a_network_is_known_to_grow_with(layer: str, wanted: bool) -> None:
    text = f"{{input: 9x9x8, vars: {{w: '?', fixed: 1}}, layers: [{layer}], expect: {{params: 1}}}}"
    source = parse(text, "a.yaml")
    asked = question(source, source.documents[0])
    assert is_growing(asked.unknowns[0].variable, asked.spec) is wanted
    assert (plan(asked).growing == 0) is wanted


def test_bisection_tries_few_and_passes_what_does_not_fit() -> None:
    text = '{input: 9x9x7, layers: [conv: {filters: "?", kernel: 1, groups: 7, bias: false}], expect: {params: ~1.0k}}'
    found = solution(text)  # every 7th fits; 1·w in all, 950 to 1050
    assert sorted(outcome.values[0] for outcome in found.answers) == list(range(952, 1051, 7))
    assert found.tried < 400


def test_many_choices_are_tried_in_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    text = '{input: 30x1, layers: [conv: {filters: 1, kernel: "?", stride: "?", dilation: "?"}], expect: {output: 5x1}}'
    at_once = answers(text)
    monkeypatch.setattr(search, "MANY", 10)
    assert answers(text) == at_once
    assert len(at_once) > 20


def test_out_of_time_says_how_far_it_came() -> None:
    found = solution(WIDE, seconds=0)
    assert not found.is_complete
    assert "the search stopped before its end: 0 networks tried, of 4,096 choices" in as_text(found)
    assert "--range width=" in as_text(found)


VARIANTS = """
input: 9x9x3
vars: {w: "?"}
variants: {a: {w: 4}, b: {w: "?", expect: {params: 56}}}
layers: [{conv: {filters: =w, kernel: 3}}]
expect: {params: 280}
"""


def test_variants_settings_and_another_input() -> None:
    assert answers(VARIANTS) == [(10,)]  # 28w
    assert answers(VARIANTS, "b") == [(2,)]
    with pytest.raises(Unreadable, match="no unknown value"):
        solution(VARIANTS, "a")
    fixed = (
        f"{{input: 9x9x3, vars: {{w: 4}}, layers: [{CONV}, conv: {{filters: =w, kernel: 1}}], expect: {{params: 1}}}}"
    )
    assert answers(fixed, settings={"w": "?"}, expect=Expect.model_validate({"output": "7x7x5"})) == [(5,)]
    assert answers(fixed, input="?x9x3", ranges={"input": (1, 2, 3, 4)}) == [(3,), (4,)]
    with pytest.raises(Unreadable, match="expects nothing"):
        solution(fixed, settings={"w": "?"})


REFUSED = [
    ("{input: 9, layers: [dropout: '?'], expect: {output: 9}}", "`p` of `dropout` cannot be solved for"),
    ("{input: 9, vars: {a: '?'}, layers: [relu], expect: {output: 9}}", "no layer reads this unknown value"),
    ("{input: 9, layers: [fc: '??'], expect: {output: 9}}", "a whole number is wanted"),
    ("{input: '?xax3', layers: [relu]}", "is not a shape"),
    ("{layers: [fc: '?']}", "needs `input`"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_a_spec_that_is_wrong_is_refused_at_its_place(text: str, message: str) -> None:
    with pytest.raises(SpecError) as refused:
        solution(text)
    assert any(message in each.message for each in refused.value.diagnostics), str(refused.value)


def problems(text: str) -> list[Problem]:
    source = parse(text, "a.yaml")
    return unsolved(source, source.documents[0], None, {})


def test_where_numbers_are_wanted_an_unknown_is_a_problem() -> None:
    text = "name: why?\ninput: ?x?x3\nlayers:\n  - conv: {filters: '?', kernel: ['?k', 3]}\n    name: '?'\n  - relu\n"
    found = problems(text)
    assert [problem.path for problem in found] == [
        ("input",),
        ("layers", 0, "conv", "filters"),
        ("layers", 0, "conv", "kernel"),
    ]
    assert all("shapecalc solve" in (problem.help or "") for problem in found)
    assert problems("question: which?\ninput: 3\nlayers: [relu]\n") == []
    assert [problem.path for problem in problems(VARIANTS)] == [("vars", "w")]
    source = parse(VARIANTS, "a.yaml")
    assert unsolved(source, source.documents[0], "a", {}) == unsolved(source, source.documents[0], None, {"w": 3}) == []
    assert [problem.path for problem in unsolved(source, source.documents[0], "b", {})] == [("variants", "b", "w")]


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["solve", *words])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def wide(tmp_path: Path) -> str:
    path = tmp_path / "wide.yaml"
    path.write_text(WIDE, encoding="utf-8")
    return str(path)


def test_json_has_every_answer(wide: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, wide, "--range", "width=200..300", "--format", "json")
    data = json.loads(out)
    assert code == GOOD
    assert {each["values"]["width"] for each in data["answers"]} == set(range(200, 235))
    assert {each["numbers"]["params"] for each in data["answers"] if each["values"]["width"] == 234} == {997_318}
    assert data["unknowns"] == [{"name": "width", "field": "out_channels", "line": 3, "low": 200, "high": 300}]
    assert (data["count"], data["complete"], data["expected"]) == (35, True, ["params <= 1M"])
    assert len(json.loads(said(capsys, wide, "--limit", "3", "--format", "json")[1])["answers"]) == 3


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--range", "widht=1..3"], COULD_NOT, "did you mean `width`?"),
        (["--range", "width=3..1"], COULD_NOT, "is empty"),
        (["--range", "width=few"], COULD_NOT, "as in --range width=16..512"),
        (["--expect", "parms=3"], COULD_NOT, "did you mean `params`?"),
        (["--expect", "params"], COULD_NOT, "as in --expect params=1216"),
        (["--input", "?xyx3"], COULD_NOT, "as in ?x?x3"),
        (["--set", "width=8"], COULD_NOT, "no unknown value"),
        (["--set", "heigth=?"], WRONG, "there is no variable `heigth`"),
        (["--range", "width=300..400"], WRONG, ""),
    ],
)
def test_what_cannot_run_says_why(
    words: list[str], code: int, message: str, wide: str, capsys: pytest.CaptureFixture[str]
) -> None:
    got, _, err = said(capsys, wide, *words)
    assert got == code
    assert message in err


def test_specs_without_an_unknown_beside_others_are_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "sheet.yaml"
    path.write_text("input: 3\nlayers: [relu]\n---\n" + WIDE, encoding="utf-8")
    assert said(capsys, str(path), "--format", "json")[0] == GOOD
    path.write_text("input: 3\nlayers: [relu]\n", encoding="utf-8")
    code, out, err = said(capsys, str(path))
    assert (code, out) == (COULD_NOT, "")
    assert "has no unknown value" in err


@pytest.mark.parametrize(
    ("numbers", "wanted"),
    [
        ([*range(3, 10)], [(3, 9, 1, (0,))]),
        ([5, 8, 11, 14], [(5, 14, 3, (2,))]),
        ([4, 5, 8, 9, 12, 13], [(4, 13, 4, (0, 1))]),
        ([1, 2, 3, 10, 11, 12, 13], [(1, 3, 1, (0,)), (10, 13, 1, (0,))]),
        ([1, 2, 4, 8, 16], []),
        ([7], []),
    ],
)
def test_patterns(numbers: list[int], wanted: list[tuple[int, int, int, tuple[int, ...]]]) -> None:
    assert [pattern[:4] for pattern in patterns(numbers)] == wanted
    assert sum(pattern.number for pattern in patterns(numbers)) in (0, len(numbers))
