"""`diff`: of an affected layer's numbers, each is put down to the edits that reach it, and to no others."""

from __future__ import annotations

import pytest

from shapecalc.comparison import compare
from tests.test_diff import compared

Found = dict[str, dict[str, tuple[str, ...]]]


def causes(before: str, after: str, quantities: str = "output params macs receptive_field") -> Found:
    """By affected layer and quantity: the edits because of which it differs, the nearest first."""
    return {
        change.step.name: {name: change.causes[name].nearest() for name in quantities.split() if name in change.numbers}
        for change in compared(before, after).affected
    }


def conv(name: str, out: int = 8, kernel: int = 3, more: str = "") -> str:
    return f"  - {{conv: {{filters: {out}, kernel: {kernel}, padding: {kernel // 2}{more}}}, name: {name}}}\n"


C1, C2, C3, C4 = (conv(f"c{number}") for number in (1, 2, 3, 4))
TAIL = "  - {flatten: , name: flat}\n  - {fc: 10, name: fc}\n"


def test_what_does_not_reach_a_receptive_field_is_no_cause_of_it() -> None:
    """c3 sees 3 + 2 + 2 = 7 pixels, and 9 with a 5×5 at c2: neither c1's bias nor the slope has a part in it."""
    before = conv("c1", more=", bias: false") + "  - {leaky_relu: 0.1, name: act}\n" + C2 + C3
    after = C1 + "  - {leaky_relu: 0.2, name: act}\n" + conv("c2", kernel=5) + C3
    assert [edit.step.name for edit in compared(before, after).edits] == ["c1", "act", "c2"]
    assert causes(before, after) == {"c3": {"receptive_field": ("c2",)}}


def test_only_the_channels_that_arrive_count() -> None:
    """8·3·3·8 + 8 = 584 parameters of c3 become 8·3·3·16 + 8 = 1,160, whatever c1 has: it is c2 that c3 reads."""
    before, after = C1 + C2 + C3 + C4, conv("c1", 16) + conv("c2", 16) + C3 + C4
    assert [edit.step.name for edit in compared(before, after).edits] == ["c1", "c2"]
    assert causes(before, after) == {"c3": {"params": ("c2",), "macs": ("c2",)}}  # c4 is what it was
    (change,) = compared(before, after).affected
    assert change.numbers["params"] == (584, 1160)


def test_each_axis_has_its_own_causes() -> None:
    """A stride makes less rows, a width more channels: parameters know channels only, an output of c3 rows only."""
    before, after = C1 + C2 + C3 + TAIL, conv("c1", more=", stride: 2") + conv("c2", 16) + C3 + TAIL
    assert causes(before, after) == {
        "c3": {"output": ("c1",), "params": ("c2",), "macs": ("c2", "c1"), "receptive_field": ("c1",)},
        "flat": {"output": ("c1",)},
        "fc": {"params": ("c1",), "macs": ("c1",)},
    }


def test_what_two_edits_make_up_for_has_no_causes() -> None:
    """32 rows are 34 behind c1, which pads 2, and 32 again behind c2, which pads none; columns are c2's doing alone."""
    tall, wide = (C.replace("padding: 1", f"padding: {each}") for C, each in ((C1, "[2, 1]"), (C2, "[0, 2]")))
    pool = "  - {maxpool: 2, name: pool}\n"
    found = causes(C1 + C2 + pool, tall + wide + pool)
    assert found["pool"]["output"] == ("c2",)


def test_where_nothing_differs_nothing_is_handed_on() -> None:
    """The pool to 4×4 takes away the stride's rows; c4 gets what it got, but sees it through c2."""
    pool = "  - {adaptive_avgpool: 4, name: pool}\n"
    before, after = C1 + C2 + pool + C4 + TAIL, C1 + conv("c2", 8, 3, ", stride: 2") + pool + C4 + TAIL
    found = causes(before, after)
    assert found.pop("pool").keys() == {"receptive_field"}
    assert found == {"c4": {"receptive_field": ("c2",)}}
    assert causes(C1 + C2 + TAIL, conv("c1", 16) + C2 + TAIL) == {"c2": {"params": ("c1",), "macs": ("c1",)}}


def test_the_nearest_are_named_and_the_rest_counted() -> None:
    names = [f"c{number}" for number in range(1, 7)]
    before, after = ("".join(conv(name, kernel=kernel) for name in names) + "  - relu\n" for kernel in (3, 5))
    (change,) = compared(before, after).affected
    found = change.causes["receptive_field"]
    assert (found.nearest(2), found.total) == (("c6", "c5"), 6)
    assert change.because == ("c6", "c5", "c4", "c3", "c2", "c1")


def test_another_input() -> None:
    """Twice the input: all sizes follow from it, no receptive field, but that the whole input is a larger one."""
    body = C1 + "  - {maxpool: 2, name: pool}\n" + C2 + TAIL
    before, after = f"input: 8x8x3\nlayers:\n{body}", f"input: 16x16x3\nlayers:\n{body}"
    size = ("input",)
    expected: Found = {
        "c1": {"output": size, "macs": size},
        "pool": {"output": size},
        "c2": {"output": size, "macs": size},
        "flat": {"output": size, "receptive_field": size},
        "fc": {"params": size, "macs": size, "receptive_field": size},
    }
    assert causes(before, after) == expected
    wider = after.replace(C1, conv("c1", kernel=5))
    found = causes(before, wider)
    assert found["c2"] == {"output": size, "macs": size, "receptive_field": ("c1",)}
    assert found["fc"] == expected["fc"]  # global: the whole input, whatever the kernels


def test_more_channels_arrive_from_the_input() -> None:
    before, after = (f"input: 8x8x{channels}\nlayers:\n{C1}{C2}" for channels in (3, 1))
    assert causes(before, after) == {"c1": {"params": ("input",), "macs": ("input",)}}


def test_a_padding_that_keeps_the_size_depends_on_it() -> None:
    """Stride 2 makes 4 rows of 8 and of 7, padding 0 before and 1 after, or 1 and 1: unit 0 begins at −1, not at 0."""
    same = "  - {conv: {filters: 4, kernel: 3, stride: 2, padding: same}, name: c}\n"
    before, after = (f"input: {size}x{size}x3\nlayers:\n{same}" for size in (8, 7))
    assert causes(before, after) == {"c": {"receptive_field": ("input",)}}


TWO = """\
  - {{conv: {{filters: 8, kernel: 1}}, name: stem}}
  - parallel:
      small: [{{conv: {{filters: {small}, kernel: {one}, padding: same}}, name: s}}]
      large: [{{conv: {{filters: {large}, kernel: {other}, padding: same}}, name: l}}]
{more}    join: concat
    name: join
  - {{conv: {{filters: 8, kernel: 1}}, name: end}}
"""


def two(one: int = 1, other: int = 5, small: int = 8, large: int = 8, more: str = "") -> str:
    return TWO.format(one=one, other=other, small=small, large=large, more=more and f"      {more}\n")


@pytest.mark.parametrize(
    ("after", "join", "end"),
    [
        # the hull of 1×1 and 5×5 is 5×5, and it stays that with 3×3 for the 1×1
        (two(one=3), {}, {}),
        (two(one=3, other=7), {"receptive_field": ("join.large.l",)}, {"receptive_field": ("join.large.l",)}),
        (two(one=7, other=7), {"receptive_field": ("join.large.l", "join.small.s")}, None),
        (
            two(small=16, other=7),
            {"output": ("join.small.s",), "receptive_field": ("join.large.l",)},
            {"params": ("join.small.s",), "macs": ("join.small.s",), "receptive_field": ("join.large.l",)},
        ),
        (
            two(more="new: [{conv: {filters: 8, kernel: 1}, name: n}, relu]"),
            {"output": ("join.new.n",)},
            {"params": ("join.new.n",), "macs": ("join.new.n",)},
        ),
        (
            two(more="new: [{conv: {filters: 8, kernel: 7, padding: 3}, name: n}]"),
            {"output": ("join.new.n",), "receptive_field": ("join.new.n",)},
            None,
        ),
    ],
)
def test_branches(after: str, join: dict[str, tuple[str, ...]], end: dict[str, tuple[str, ...]] | None) -> None:
    found = causes(two(), after)
    assert found.get("join", {}) == join
    if end is not None:
        assert found.get("end", {}) == end
    backwards = causes(after, two())
    assert backwards.get("join", {}) == join


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # put in, taken out and moved: a pool halves what arrives, and doubles what later layers reach
        (C1 + C2, C1 + "  - {maxpool: 2, name: p}\n" + C2, {"c2": ("p", "p", None)}),
        (C1 + "  - {maxpool: 2, name: p}\n" + C2, C1 + C2, {"c2": ("p", "p", None)}),
        # a new 1×1 shields c3 from the width of c1
        (C1 + C3, conv("c1", 16) + conv("n", 4, 1) + C3, {"c3": (None, None, "n")}),
        # a new dropout is passed through
        (C1 + C3, conv("c1", 16) + "  - {dropout: 0.5, name: d}\n" + C3, {"c3": (None, None, "c1")}),
        # replaced by one without rows to lose
        (C1 + "  - {maxpool: {kernel_size: 2, stride: 1}, name: p}\n" + C3,
         C1 + "  - {avgpool: {kernel_size: 2, stride: 1}, name: p}\n" + C3, {}),
    ],
)  # fmt: skip
def test_put_in_and_taken_out(before: str, after: str, expected: dict[str, tuple[str | None, ...]]) -> None:
    quantities = ("output", "receptive_field", "params")
    found = causes(before, after, " ".join(quantities))
    told = {
        name: tuple(each[quantity][0] if quantity in each else None for quantity in quantities)
        for name, each in found.items()
    }
    assert told == expected
    assert all(len(names) == 1 for each in found.values() for names in each.values())


def test_weights_of_another_and_frozen_ones() -> None:
    """b uses a's weights, so that it has none of its own to lose; frozen ones are no cause of anything below."""
    shared = C1 + conv("a") + conv("b").replace("name: b", "name: b, from: c1, share: a") + C4
    wider = shared.replace(C1, conv("c1", 4))
    expected: Found = {"a": {"params": ("c1",), "macs": ("c1",)}, "b": {"macs": ("c1",)}}
    assert causes(shared, wider) == expected
    own = compared(shared, wider.replace(", share: a", ""))
    assert [edit.step.name for edit in own.edits] == ["c1", "b"]
    assert {change.step.name for change in own.affected} == {"a"}
    frozen = shared.replace("name: c1", "name: c1, frozen: true").replace(C4, conv("c4", kernel=5))
    assert causes(shared + "  - {relu: , name: r}\n", frozen + "  - {relu: , name: r}\n") == {
        "r": {"receptive_field": ("c4",)}
    }


def test_another_layer_is_read() -> None:
    """c4 reads c1's 8 channels instead of c3's 16; that c3 was made wider besides has no part in it."""
    chain = C1 + C2 + conv("c3", 16) + "  - {relu: , name: r}\n" + C4
    other = C1 + C2 + conv("c3", 24) + "  - {relu: , name: r, from: c1}\n" + C4
    assert causes(chain, other) == {"c4": {"params": ("r",), "macs": ("r",), "receptive_field": ("r",)}}


def test_what_an_edited_layer_owes_to_others() -> None:
    """c3 has another bias; that its receptive field grew is c2's doing."""
    before, after = C1 + C2 + C3, C1 + conv("c2", kernel=5) + conv("c3", more=", bias: false")
    change = compared(before, after).edits[1]
    assert change.because == ()
    assert change.causes["receptive_field"].nearest() == ("c2",)
    assert change.causes["params"].nearest() == ("c3",)


def test_the_comparison_of_a_network_with_itself() -> None:
    trace = compared(C1 + TAIL, C1 + TAIL).before
    assert compare(trace, trace).changes == ()
