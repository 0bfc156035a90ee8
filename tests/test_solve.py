"""`shapecalc solve`: questions whose answers are worked by hand, and what is said where there is none."""

from __future__ import annotations

import json
from itertools import product
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
from shapecalc.solving.bisection import PROBES, Bisection
from shapecalc.solving.evaluation import Outcome
from shapecalc.solving.patterns import patterns
from shapecalc.solving.plan import plan
from shapecalc.solving.uses import is_growing
from shapecalc.source import parse
from shapecalc.unknowns import unsolved

CONV = "conv: {out_channels: 8, kernel_size: 3}"


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
    found = solution("unet-2015", input={"": "?x?x1"}, ranges={"input": tuple(range(100, 701))})
    # 572 = 12 mod 16 is the paper's; with 172 nothing is left to join: 172 → 168, 80, 36, 14, 3 → 6 → 2 → 4 → 0
    assert [outcome.values[0] for outcome in found.answers] == list(range(188, 701, 16))
    assert "188, 204, 220, …, 700 (every 16th; n = 12 mod 16)" in as_text(found)
    assert [(remark.values, remark.side) for remark in found.remarks] == [((172,), "refused")]


def test_a_tile_that_no_u_net_takes_is_refused_where_its_copy_is_one_longer() -> None:
    # 573: 569, 284, …; joined are 569 − 2·88 = 393 and 2·196 = 392
    found = solution("unet-2015", input={"": "?x?x1"}, ranges={"input": (573,)})
    (refused,) = found.remarks
    assert "`copy1`" in refused.why
    assert "393×393×64" in refused.why
    assert "392×392×64" in refused.why


def test_the_smallest_square_that_survives_vgg16() -> None:
    found = solution("vgg16", input={"": "?x?x3"})
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


def test_unnamed_sizes_that_must_differ_are_told_how() -> None:
    # (31 − 3)/2 + 1 = 15, (41 − 3)/2 + 1 = 20
    conv = "layers: [conv: {filters: 8, kernel: 3, stride: 2}], expect: {output: 15x20x8}}"
    text = as_text(solution(f"{{input: [3, '?', '?'], {conv}"))
    assert "no answer" in text
    assert 'the unnamed sizes of the input are one value; they may differ in "?h x ?w x 3"' in text
    small = {"h": (*range(1, 50),), "w": (*range(1, 50),)}
    assert answers(f"{{input: '?h x ?w x 3', {conv}", ranges=small) == [(31, 41), (31, 42), (32, 41), (32, 42)]
    assert "help" not in as_text(solution(f"{{input: '?x9x3', {conv}"))


def test_where_the_neighbours_are_refused_what_fits_beside_them_is_told() -> None:
    # 9·(32/g)·32: 2,304 with 4 groups, 1,152 with 8, 576 with 16; 7 and 9 do not divide 32
    text = "{input: 9x9x32, layers: [conv: {filters: 32, kernel: 3, groups: '?', bias: false}], expect: {params: 1152}}"
    found = solution(text)
    assert [outcome.values for outcome in found.answers] == [(8,)]
    assert [(r.values, r.side) for r in found.remarks] == [((4,), "above"), ((16,), "below")]


def test_the_range_may_end_before_there_is_an_answer() -> None:
    text = "{input: 32x3, layers: [conv: {filters: '?', kernel: 3}], expect: {params: '>= 1M'}}"  # 10 each
    assert "4096 is the end of the range: --range filters=4096..8192 looks further" in as_text(solution(text))
    assert "looks further" not in as_text(solution(text, ranges={"filters": (1, 2)}))


NAMED = [
    # the same field under two words, and under none
    ("[conv: {filters: 8, kernel: '?'}, maxpool: '?']", ["conv1.kernel", "maxpool1.kernel"]),
    ("[conv: {filters: 8, kernel: '?'}, conv: {filters: 8, kernel_size: '?'}]", ["conv1.kernel", "conv2.kernel_size"]),
    ("[maxpool: '?', maxpool: '?']", ["maxpool1.kernel_size", "maxpool2.kernel_size"]),
    ("[maxpool: '?', conv: {filters: 8, kernel: 3, stride: '?'}]", ["kernel_size", "stride"]),
    # one word, two fields
    (
        "[{groupnorm: {groups: '?'}}, {conv: {filters: 8, kernel: 1, groups: '?'}}]",
        ["groupnorm1.groups", "conv1.groups"],
    ),
    # one place in two branches, on one line
    (
        "[{parallel: [[conv: {filters: '?', kernel: 1}], [conv: {filters: '?', kernel: 1}]], join: concat}]",
        ["conv1.filters@1:54", "conv1.filters@1:89"],
    ),
]


@pytest.mark.parametrize(("layers", "wanted"), NAMED, ids=[layers[:70] for layers, _ in NAMED])
def test_what_unknowns_are_called(layers: str, wanted: list[str]) -> None:
    source = parse(f"{{input: 9x9x8, layers: {layers}, expect: {{params: 1}}}}", "a.yaml")
    assert [unknown.name for unknown in question(source, source.documents[0]).unknowns] == wanted


def test_entries_of_a_variable_go_by_its_name() -> None:
    text = "{input: 9, vars: {w: ['?', 4, '?']}, layers: [fc: '=w[0]', fc: '=w[2]'], expect: {params: '<= 99'}}"
    source = parse(text, "a.yaml")
    assert [unknown.name for unknown in question(source, source.documents[0]).unknowns] == ["w[0]", "w[2]"]


def test_the_question_calls_layers_as_the_table_does() -> None:
    body = "layers: [conv: {filters: =w, kernel: 3}, {conv: {filters: 8, kernel: 3}, repeat: 2, expect: {params: 584}}]"
    text = as_text(solution(f"{{input: 9x9x1, vars: {{w: '?'}}, {body}}}"))
    assert "which w (1 to 4096) gives `conv3` params 584?" in text  # 9·8·8 + 8, of the last turn
    assert "w  conv3.params" in text


def test_an_unfinished_search_claims_no_more_than_it_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    """1 + 2·n ≥ 31 from 15 on; the clock stops after 40 networks, and the 41st would be an answer too."""
    clock = iter(range(10_000))
    monkeypatch.setattr(search, "monotonic", lambda: next(clock))
    text = "{input: 500x1, layers: [{conv: {filters: 1, kernel: 3, padding: 1}, repeat: '?'}], "
    found = solution(text + "expect: {receptive_field: '>= 31'}}", seconds=40)
    assert not found.is_complete
    assert all(remark.why for remark in found.remarks)
    said = as_text(found)
    assert " answers so far: 15 to " in said
    assert "the largest so far" in said
    assert "refused" not in said


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
    assert (plan(asked).bisected == 0) is wanted


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


def test_widths_that_are_too_large_end_the_search_of_several() -> None:
    conv = "conv: {filters: '?', kernel: 1, bias: false}"
    found = solution(f"{{input: 9x1, layers: [{conv}, {conv}], expect: {{params: '<= 12'}}}}")
    # a + a·b ≤ 12: b from 1 to ⌊12/a⌋ − 1
    assert {outcome.values for outcome in found.answers} == {(a, b) for a in range(1, 7) for b in range(1, 12 // a)}
    assert found.is_complete
    assert found.tried < 1000  # of 4096²


@pytest.mark.parametrize(
    ("wanted", "sums"),
    [("<= 9", range(10)), ("30", range(30, 31)), (">= 50", range(50, 1000))],
    ids=["small", "exact", "large"],
)
def test_three_widths(wanted: str, sums: range) -> None:
    conv = "conv: {filters: '?', kernel: 1, bias: false}"
    text = f"{{input: 9x1, layers: [{conv}, {conv}, {conv}], expect: {{params: '{wanted}'}}}}"
    few = {f"conv{n}.filters": (1, 2, 3, 4, 5) for n in (1, 2, 3)}
    by_hand = {(a, b, c) for a, b, c in product(range(1, 6), repeat=3) if a + a * b + b * c in sums}
    assert by_hand
    assert {outcome.values for outcome in solution(text, ranges=few).answers} == by_hand
    if wanted == "30":
        found = solution(text)  # of 4096³
        assert found.is_complete
        values = [tuple(map(int, outcome.values)) for outcome in found.answers]
        assert all(a + a * b + b * c == 30 for a, b, c in values)
        left = [(30 - a - a * b, b) for a in range(1, 30) for b in range(1, 30 // a)]
        assert len(found.answers) == sum(rest > 0 and rest % b == 0 for rest, b in left)


def test_two_sizes_of_one_input_begin_with_those_that_fit_in_squares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_ANSWERS", 1)
    found = solution("unet-2015", input={"": "?h x ?w x 1"}, expect=Expect.model_validate({"output": "516x500x2"}))
    assert [outcome.values for outcome in found.answers] == [(516 + 184, 500 + 184)]
    assert "1 answer" in as_text(found)


def test_where_bisection_sees_nothing_it_says_so_and_tries_all() -> None:
    def attempt(value: int) -> Outcome:
        return Outcome((value,), None if value == 1717 else "does-not-fit", (), ())

    bisection = Bisection(range(1, 4097), attempt)
    assert bisection.run() == 0
    assert bisection.is_blind
    first = bisection.fresh()
    assert len(first) <= 3 * PROBES
    bisection.everything()
    later = bisection.fresh()
    assert [outcome.values for outcome in later if outcome.holds] == [(1717,)]
    assert len(first) + len(later) == 4096


def test_a_search_that_is_not_done_says_no_more_than_it_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    three = ", ".join(["conv: {filters: '?', kernel: 1, stride: '?'}"] * 3)
    found = solution(f"{{input: 9x1, layers: [{three}], expect: {{params: 5, output: 9x7}}}}", seconds=0)
    assert "no answer so far" in as_text(found)
    # 2w + (d − 1)(w² + w) ≤ 30: 15, 4, 3, 2 widths with d from 1 to 4, which are the first round; then 2 with d = 5
    deep = "{input: 9x1, vars: {d: '?', w: '?'}, layers: [{conv: {filters: =w, kernel: 1}, repeat: =d}], "
    monkeypatch.setattr(search, "MOST_ANSWERS", 25)
    text = as_text(solution(deep + "expect: {params: '<= 30'}}"))
    assert "26 answers" in text
    assert "which are all with d 1 to 4, w 1 to 4096\n" in text
    found.reached = [4, 3, 4, 3, 4, 3]
    text = as_text(found)
    assert "the 4 simplest of conv1.filters, conv1.stride 1 to 3, the 4" in text  # 1, 2, 4, 8


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
    assert answers(fixed, input={"": "?x9x3"}, ranges={"input": (1, 2, 3, 4)}) == [(3,), (4,)]
    with pytest.raises(Unreadable, match="expects nothing"):
        solution(fixed, settings={"w": "?"})
    only_one = VARIANTS.replace('vars: {w: "?"}', "vars: {w: 3}")
    with pytest.raises(Unreadable) as refused:
        solution(only_one)
    assert refused.value.help == "a variant has one: a.yaml:b"


REFUSED = [
    ("{input: 9, layers: [dropout: '?'], expect: {output: 9}}", "`p` of `dropout` cannot be solved for"),
    ("{input: 9, vars: {a: '?'}, layers: [relu], expect: {output: 9}}", "no layer reads this unknown value"),
    ("{input: 9, layers: [fc: '??'], expect: {output: 9}}", "a whole number is wanted"),
    ("{input: '?xax3', layers: [relu]}", "is not a shape"),
    ("{layers: [fc: '?']}", "needs `input`"),
    # wrong whatever the value is
    ("{input: 9x1, vars: {w: }, layers: [conv: {filters: =w, kernel: '?'}], expect: {output: 9x1}}", "has no value"),
    ("{input: 9x1, layers: [conv: {filters: =w, kernel: '?'}], expect: {output: 9x1}}", "there is no variable `w`"),
    ("{input: 9x1, layers: [conv: {filters: 1, kernel: '?k', padding: =k//2}]}", "`?k` is no variable, and `=k//2`"),
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
