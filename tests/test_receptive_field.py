"""Receptive fields along one axis, worked by hand and against explicit sets of inputs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shapecalc.receptive_field import INPUT, MAX_REACH, AxisField, Interval, ReceptiveField, merged
from shapecalc.windows import MAX_PERIOD, Window, adaptive, enlarged, interpolated, nearest, strided, transposed

SETTINGS = settings(deadline=None, derandomize="CI" in os.environ, database=None, max_examples=200)


def through(*windows: Window | None, field: AxisField = INPUT) -> AxisField:
    for window in windows:
        assert window is not None
        seen = field.through(window)
        assert seen is not None
        field = seen
    return field


def told(field: AxisField) -> tuple[object, ...]:
    """Size, smallest size, stride, start."""
    return field.size, field.size_min, field.stride, field.start


def half(numerator: int) -> Fraction:
    return Fraction(numerator, 2)


# ---- windows of one period: the recurrence ----

CONV = strided(3, before=1)
POOL = strided(2, 2)
VGG16 = [CONV, CONV, POOL, CONV, CONV, POOL, *([CONV, CONV, CONV, POOL] * 3)]


def test_vgg16_by_the_recurrence() -> None:
    """A conv adds 2 strides, a pool one; a pool doubles the stride."""
    sizes = [3, 5, 6, 10, 14, 16, 24, 32, 40, 44, 60, 76, 92, 100, 132, 164, 196, 212]
    fields = [through(*VGG16[: depth + 1]) for depth in range(len(VGG16))]
    assert [field.size for field in fields] == [field.size_min for field in fields] == sizes
    pool5 = fields[-1]
    assert told(pool5) == (212, 212, 32, -(2 * 1 + 2 * 2 + 3 * 4 + 3 * 8 + 3 * 16))
    assert [pool5.interval(unit) for unit in (0, 1, 3)] == [(-90, 121), (-58, 153), (6, 217)]


def test_dilation_and_padding_before() -> None:
    field = through(strided(3, stride=2, before=4, dilation=3))
    assert told(field) == (7, 7, 2, -4)
    assert field.interval(5) == (6, 12)


# ---- fractional strides ----


def test_transposed_convolution_3_by_2() -> None:
    """2j = o + 1 − t: output 0 reads {0}, 1 reads {0, 1}, 2 reads {1}, …"""
    field = through(transposed(3, 2, 1, 1))
    assert [field.interval(unit) for unit in range(4)] == [(0, 0), (0, 1), (1, 1), (1, 2)]
    assert told(field) == (2, 1, half(1), 0)


def test_transposed_convolution_without_padding_begins_before_the_input() -> None:
    """2j = o − t: output 0 reads {−1, 0}, 1 reads {0}."""
    field = through(transposed(3, 2, 0, 1))
    assert [field.interval(unit) for unit in range(3)] == [(-1, 0), (0, 0), (0, 1)]


def test_a_kernel_smaller_than_the_stride_leaves_units_that_see_nothing() -> None:
    field = through(transposed(2, 3, 0, 1))
    assert [field.interval(unit) for unit in range(-1, 5)] == [None, (0, 0), (0, 0), None, (1, 1), (1, 1)]
    assert told(field) == (1, 0, Fraction(1, 3), 0)
    assert through(transposed(1, 2, 1, 1)).start is None  # output 0 lies where 2j = 1
    after = through(strided(2), field=field)  # {0, 1}, {1, nothing}, {nothing, 3}
    assert [after.interval(unit) for unit in range(3)] == [(0, 0), (0, 0), (1, 1)]


def test_where_all_taps_see_nothing_nothing_is_seen() -> None:
    field = through(transposed(1, 4, 0, 1), strided(2, 2))
    assert [field.interval(unit) for unit in range(4)] == [(0, 0), None, (1, 1), None]
    nothing = AxisField(1, (None,))
    assert (nothing.size, nothing.size_min, nothing.start) == (0, 0, None)
    assert through(CONV, field=nothing).interval(5) is None


def test_nearest_upsampling_and_the_conv_after_it() -> None:
    up = through(enlarged(2))
    assert [up.interval(unit) for unit in range(3)] == [(0, 0), (0, 0), (1, 1)]
    conv = through(CONV, field=up)  # {−1, 0, 1} and {0, 1, 2} of the doubled pixels
    assert [conv.interval(unit) for unit in range(3)] == [(-1, 0), (0, 1), (0, 1)]
    assert told(conv) == (2, 2, half(1), -1)


def test_nearest_by_one_and_a_half() -> None:
    field = through(nearest(Fraction(2, 3)))  # ⌊0⌋, ⌊2/3⌋, ⌊4/3⌋, ⌊2⌋
    assert [field.interval(unit) for unit in range(4)] == [(0, 0), (0, 0), (1, 1), (2, 2)]


def test_bilinear_upsampling() -> None:
    """At −1/4, 1/4, 3/4, …; with corners aligned 3 to 5 at 0, 1/2, 1, …"""
    field = through(interpolated(half(1), Fraction(-1, 4)))
    assert [field.interval(unit) for unit in range(4)] == [(-1, 0), (0, 1), (0, 1), (1, 2)]
    aligned = through(interpolated(half(1), Fraction(0)))
    assert [aligned.interval(unit) for unit in range(4)] == [(0, 0), (0, 1), (1, 1), (1, 2)]
    assert (aligned.size, aligned.size_min) == (2, 1)


def test_bicubic_upsampling_reads_one_more_on_each_side() -> None:
    field = through(interpolated(half(1), Fraction(-1, 4), reach=1))
    assert [field.interval(unit) for unit in range(2)] == [(-2, 1), (-1, 2)]


def test_adaptive_pooling_5_into_3() -> None:
    field = through(adaptive(5, 3))
    assert [field.interval(unit) for unit in range(3)] == [(0, 1), (1, 3), (3, 4)]
    assert told(field) == (3, 2, Fraction(5, 3), 0)


def test_adaptive_pooling_of_a_strided_map() -> None:
    field = through(strided(3, 2, 1), adaptive(4, 2))  # pairs of units 2 apart, 3 wide, from −1
    assert told(field) == (5, 5, 4, -1)
    assert field.interval(1) == (3, 7)


# ---- the shortest period ----


def test_upsampling_and_pooling_give_back_stride_1() -> None:
    assert through(enlarged(2), POOL) == INPUT
    assert through(enlarged(6), strided(2, 2)) == through(enlarged(3))
    assert len(through(transposed(4, 2, 1, 1)).intervals) == 2
    assert len(through(transposed(2, 2, 0, 1), CONV, strided(1, 2)).intervals) == 1


def test_a_block_of_units_that_moves_as_one_is_not_shortened() -> None:
    field = through(enlarged(2), CONV)
    assert (field.advance, len(field.intervals)) == (1, 2)


# ---- branches ----

STEM = through(CONV)
CAUSAL = through(strided(1, before=4), strided(5), field=STEM)
ANTI_CAUSAL = through(strided(1), strided(5), field=STEM)


def test_branches_to_both_sides_see_the_hull() -> None:
    """Each is 7 wide, causal [−5, 1] and anti-causal [−1, 5]; together 11, not the larger of the two."""
    assert (CAUSAL.interval(0), ANTI_CAUSAL.interval(0)) == ((-5, 1), (-1, 5))
    both = merged([CAUSAL, ANTI_CAUSAL])
    assert both is not None
    assert told(both) == (11, 11, 1, -5)
    assert both.interval(31) == (26, 36)  # measured: truth/receptive_field.json.gz, misaligned_causal


def test_a_merge_of_one_field_with_itself() -> None:
    assert merged([STEM, STEM]) == STEM
    assert merged([CAUSAL]) == CAUSAL


def test_branches_of_other_periods_meet_on_the_common_one() -> None:
    """Up by 2 and pooled (period 1) beside up by 2, conv, pool by 1 (period 2)."""
    fine, coarse = through(enlarged(2), CONV), through(enlarged(2))
    both = merged([fine, coarse])
    assert both is not None
    assert [both.interval(unit) for unit in range(3)] == [(-1, 0), (0, 1), (0, 1)]
    thirds, halves = AxisField(6, ((0, 0), (2, 3), (4, 4))), AxisField(4, ((0, 0), (1, 2)))
    common = merged([thirds, halves])  # at units 0 … 5: 0, 2–3, 4, 6, 8–9, 10 and 0, 1–2, 4, 5–6, 8, 9–10
    assert common is not None
    assert [common.interval(u) for u in range(6)] == [(0, 0), (1, 3), (4, 4), (5, 6), (8, 9), (9, 10)]
    assert (common.advance, len(common.intervals)) == (12, 6)


def test_a_branch_that_sees_nothing_adds_nothing() -> None:
    holes = through(transposed(1, 2, 0, 1))
    both = merged([holes, through(enlarged(2))])
    assert both == through(enlarged(2))
    assert merged([holes, through(transposed(1, 2, 0, 1))]) == holes


def test_branches_at_different_speeds_have_no_common_period() -> None:
    assert merged([INPUT, through(POOL)]) is None
    assert merged([through(enlarged(2)), INPUT]) is None


def test_a_common_period_too_long_is_unknown() -> None:
    """64 and 81 have no common factor: 5,184."""
    first = AxisField(64, tuple((i, i + (i == 3)) for i in range(64)))
    second = AxisField(81, tuple((i, i + (i == 3)) for i in range(81)))
    assert merged([first, second]) is None


# ---- limits ----


def test_periods_too_long_to_tabulate_are_unknown() -> None:
    assert transposed(1, MAX_PERIOD, 0, 1) is not None
    assert transposed(1, MAX_PERIOD + 1, 0, 1) is None
    assert enlarged(MAX_PERIOD + 1) is None
    assert nearest(Fraction(1, MAX_PERIOD)) is not None
    assert interpolated(Fraction(1, MAX_PERIOD), Fraction(0)) is not None
    assert interpolated(Fraction(1, MAX_PERIOD + 1), Fraction(0)) is None
    assert adaptive(1, MAX_PERIOD + 1) is None
    assert adaptive(2 * MAX_PERIOD + 2, MAX_PERIOD + 1) is not None  # two to one, period 1


def test_periods_that_multiply_beyond_the_limit_are_unknown() -> None:
    up64, up65 = transposed(65, 64, 0, 1), transposed(66, 65, 0, 1)
    assert len(through(up64, up64).intervals) == 64 * 64 == MAX_PERIOD
    assert up65 is not None
    assert through(up64).through(up65) is None


def test_aligned_corners_of_a_street_scene() -> None:
    """256 columns enlarged to 2,048, corners aligned: output i lies at 255i/2047, and 255 and 2,047 have no factor."""
    street = through(interpolated(Fraction(255, 2047), Fraction(0)), field=AxisField(8, ((-3, 12),)))
    assert len(street.intervals) == 2047
    assert street.interval(1000) == (8 * 124 - 3, 8 * 125 + 12)  # 124.57 lies between 124 and 125
    assert street.interval(2047) == (8 * 255 - 3, 8 * 255 + 12)  # on the last column itself


def test_a_reach_beyond_the_limit_is_unknown() -> None:
    far = AxisField(MAX_REACH // 2, ((0, 0),))
    assert through(strided(1, 2), field=far).advance == MAX_REACH
    assert far.through(strided(1, 3)) is None


# ---- against explicit sets ----

FAR = 40


def inputs(windows: Sequence[Window], unit: int) -> set[int]:
    """The pixels that a unit sees, by following every tap of every layer."""
    units = {unit}
    for window in reversed(windows):
        period = len(window.taps)
        units = {t + (u // period) * window.advance for u in units for t in window.taps[u % period]}
    return units


def hull(pixels: set[int]) -> Interval | None:
    return (min(pixels), max(pixels)) if pixels else None


TAPS = st.builds(
    lambda start, count, step: range(start, start + count * step, step),
    st.integers(-5, 5),
    st.integers(0, 4),
    st.integers(1, 4),
)
# A lone empty range would be a layer whose outputs see nothing at all; no layer has one.
WINDOWS = st.builds(
    lambda advance, taps: Window(advance, tuple(taps)),
    st.integers(0, 5),
    st.lists(TAPS, min_size=1, max_size=4),
).filter(lambda window: len(window.taps) > 1 or len(window.taps[0]) > 0)


@SETTINGS
@given(st.lists(WINDOWS, min_size=1, max_size=3))
def test_through_any_windows(windows: list[Window]) -> None:
    field = through(*windows)
    for unit in range(-FAR, FAR):
        assert field.interval(unit) == hull(inputs(windows, unit))
    own = [hull(inputs(windows, unit)) for unit in range(len(field.intervals))]
    sizes = [0 if seen is None else seen[1] - seen[0] + 1 for seen in own]
    assert (field.size, field.size_min) == (max(sizes), min(sizes))


@SETTINGS
@given(st.lists(WINDOWS, min_size=1, max_size=2), st.lists(WINDOWS, min_size=1, max_size=2))
def test_merging_any_branches(left: list[Window], right: list[Window]) -> None:
    fields = [through(*left), through(*right)]
    both = merged(fields)
    if both is None:
        assert fields[0].stride != fields[1].stride
        return
    for unit in range(-FAR, FAR):
        assert both.interval(unit) == hull(inputs(left, unit) | inputs(right, unit))


@SETTINGS
@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 6), st.integers(1, 5))
def test_transposed_windows_by_their_definition(kernel: int, stride: int, before: int, dilation: int) -> None:
    window = transposed(kernel, stride, before, dilation)
    assert window is not None
    for unit in range(-FAR // 2, FAR // 2):  # 20 + 6 + 5·5 inputs away at most
        writers = {
            j for j in range(-2 * FAR, 2 * FAR) for t in range(kernel) if unit == j * stride - before + dilation * t
        }
        assert inputs([window], unit) == writers


@SETTINGS
@given(st.integers(1, 30), st.integers(1, 30))
def test_adaptive_bins_by_their_definition(size: int, bins: int) -> None:
    window = adaptive(size, bins)
    assert window is not None
    read = [inputs([window], unit) for unit in range(bins)]
    for unit, seen in enumerate(read):
        assert seen == set(range(floor(Fraction(unit * size, bins)), ceil(Fraction((unit + 1) * size, bins))))
    assert set().union(*read) == set(range(size))


@SETTINGS
@given(st.integers(1, 12), st.integers(1, 12))
def test_nearest_and_linear_by_their_definition(size: int, positions: int) -> None:
    scale = Fraction(size, positions)
    copied, drawn = nearest(scale), interpolated(scale, scale / 2 - half(1))
    assert copied is not None
    assert drawn is not None
    for unit in range(-positions, 2 * positions):
        place = (unit + half(1)) * scale - half(1)
        assert inputs([copied], unit) == {floor(unit * scale)}
        assert inputs([drawn], unit) == {floor(place), ceil(place)}


@SETTINGS
@given(st.lists(WINDOWS, min_size=1, max_size=2))
def test_the_period_is_the_shortest(windows: list[Window]) -> None:
    field = through(*windows)
    assume(field.size)  # where nothing is seen, any period describes it
    period = len(field.intervals)
    for shorter in [d for d in range(1, period) if period % d == 0]:
        step, uneven = divmod(field.advance * shorter, period)
        moved = [seen and (seen[0] + step, seen[1] + step) for seen in map(field.interval, range(period))]
        assert uneven or moved != [field.interval(unit + shorter) for unit in range(period)]


# ---- the value for people ----


def test_a_field_of_two_axes() -> None:
    field = ReceptiveField((STEM, through(transposed(3, 2, 1, 1))), is_global=False, input_size=(9, 7), units=(9, 14))
    assert (field.size, field.size_min) == ((3, 2), (3, 1))
    assert field.stride == (Fraction(1), half(1))
    assert field.start == (-1, 0)
    first = field._replace(units=(9, 1))  # of the outputs of the transposed convolution, 0, 2, 4, … see one input
    assert (first.size, first.size_min) == ((3, 1), (3, 1))


def test_where_every_path_is_global_the_whole_input_is_seen() -> None:
    field = ReceptiveField((), is_global=True, input_size=(9, 7), units=())
    assert field.size == field.size_min == (9, 7)
    assert (field.stride, field.start) == (None, (0, 0))


def test_fields_grow_with_depth() -> None:
    sizes = [through(*VGG16[:depth]).size for depth in range(len(VGG16) + 1)]
    assert all(below < above for below, above in pairwise(sizes))
