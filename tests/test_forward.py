"""Layers as the NumPy reference runs them: shapes, accepted arrays, multiply-adds, pixels traced."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from itertools import product
from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from shapecalc import ReceptiveField, SpecError, Step, load, trace
from shapecalc.forward import CALLS, buffers, ones_macs, parameters, run, runs
from shapecalc.layers import LAYERS, Layer
from shapecalc.layers.convolution import Conv
from shapecalc.layers.pooling import AvgPool, LpPool
from shapecalc.receptive_field import INPUT, AxisField
from shapecalc.reference_ops import OPS
from shapecalc.reference_ops.arrays import Array
from shapecalc.windows import Window
from tests.cases import CASES, Case
from tests.test_cases import layer
from tests.witness import some_numbers

Shape = tuple[int, ...]
Item = dict[str, dict[str, Any]]
Draw = Callable[[st.SearchStrategy[Any]], Any]

SETTINGS = settings(
    deadline=None,
    derandomize="CI" in os.environ,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

KNOWN = [case for case in CASES if case.type != "custom"]


def ones_of(the_layer: Layer, arriving: Shape) -> dict[str, Array]:
    shapes = {**parameters(the_layer, arriving), **buffers(the_layer, arriving)}
    first_row = {"relative_position_index"}  # which row of a table, not a value
    return {name: np.zeros(shape) if name in first_row else np.ones(shape) for name, shape in shapes.items()}


def some_input(case: Case) -> Array:
    """Numbers without a pattern; ids where those are looked up."""
    if case.type == "embedding":
        return np.array([n % int(case.fields["num_embeddings"]) for n in range(*case.in_shape)])
    return some_numbers(*case.in_shape)


def is_bias(name: str) -> bool:
    """Whether an array is an offset: `bias`, `q_bias`, `bias_ih_l0`; a table of biases is none."""
    return name == "bias" or name.startswith("bias_") or name.endswith("_bias")


def executed(the_layer: Layer, x: Array) -> Array:
    return run(the_layer, x, ones_of(the_layer, x.shape))


# ---- the table of cases, executed ----


def test_every_type_but_custom_is_called() -> None:
    assert set(CALLS) == set(LAYERS) - {"custom"}


@pytest.mark.parametrize("case", KNOWN, ids=str)
def test_the_operation_gives_the_shape_worked_by_hand(case: Case) -> None:
    out = executed(layer(case), some_input(case))
    assert out.shape == case.out_shape


@pytest.mark.parametrize("case", KNOWN, ids=str)
def test_the_accepted_arrays_hold_the_parameters(case: Case) -> None:
    held = parameters(layer(case), case.in_shape)
    assert sum(map(prod, held.values())) == (case.weights or 0) + (case.biases or 0)
    assert sum(prod(shape) for name, shape in held.items() if is_bias(name)) == case.biases
    assert sum(map(prod, buffers(layer(case), case.in_shape).values())) == case.buffers


@pytest.mark.parametrize("case", KNOWN, ids=str)
def test_multiply_adds_measured_on_ones(case: Case) -> None:
    assert ones_macs(layer(case), case.in_shape) == case.macs


HELD = [
    (case, name, axis)
    for case in KNOWN
    for name, shape in parameters(layer(case), case.in_shape).items()
    for axis in range(len(shape))
]


@pytest.mark.parametrize(("case", "name", "axis"), HELD, ids=str)
def test_an_array_of_another_shape_is_refused(case: Case, name: str, axis: int) -> None:
    arrays = ones_of(layer(case), case.in_shape)
    shape = list(arrays[name].shape)
    shape[axis] += 1
    with pytest.raises(ValueError, match="must have shape"):
        run(layer(case), np.ones(case.in_shape), {**arrays, name: np.ones(shape)})


@pytest.mark.parametrize("case", [case for case in KNOWN if case.weights], ids=str)
def test_the_operation_itself_tells_other_channels(case: Case) -> None:
    """What `run` compares is what the operation accepts: with one channel more it refuses or gives more."""
    the_layer = layer(case)
    for name, array in ones_of(the_layer, case.in_shape).items():
        for axis in range(min(array.ndim, 2)):
            shape = list(array.shape)
            shape[axis] += 1
            called = CALLS[case.type].settings(the_layer, case.in_shape)
            arrays = {**ones_of(the_layer, case.in_shape), name: np.ones(shape)}
            try:
                out = OPS[case.type](np.ones(case.in_shape), **arrays, **called)
            except ValueError:
                continue
            assert out.shape[0] != case.out_shape[0], (name, axis)


def test_exactly_the_arrays_of_the_layer_are_taken() -> None:
    conv = made({"conv": {"out_channels": 2, "kernel_size": 1}}, (3, 4))
    weight, bias = np.ones((2, 3, 1)), np.ones(2)
    assert run(conv, np.ones((3, 4)), {"weight": weight, "bias": bias}).shape == (2, 4)
    with pytest.raises(ValueError, match=r"must be \['bias', 'weight'\], not \['weight'\]"):
        run(conv, np.ones((3, 4)), {"weight": weight})
    with pytest.raises(ValueError, match="must be"):
        run(conv, np.ones((3, 4)), {"weight": weight, "bias": bias, "scale": bias})


def test_nobody_knows_what_a_custom_layer_does() -> None:
    custom = made({"custom": {"out_shape": 3}}, (3,))
    assert not runs(custom)
    assert runs(made({"relu": {}}, (3,)))
    for question in (parameters, buffers, ones_macs):
        with pytest.raises(ValueError, match="no operation for `custom`"):
            question(custom, (3,))
    with pytest.raises(ValueError, match="no operation for `custom`"):
        run(custom, np.ones(3), {})


def test_settings_reach_the_operation() -> None:
    """By hand, on values: a shape would not show them."""
    for item, x, expected in (
        ({"leaky_relu": {"negative_slope": 0.5}}, [-2.0, 2.0], [-1.0, 2.0]),
        ({"hardtanh": {"min_val": -3.0, "max_val": 1.0}}, [-5.0, 5.0], [-3.0, 1.0]),
        ({"slice": {"channels": [1, 2]}}, [1.0, 2.0, 3.0], [2.0]),
        ({"channel_shuffle": {"groups": 2}}, [[1.0], [2.0], [3.0], [4.0]], [[1.0], [3.0], [2.0], [4.0]]),
        ({"crop": {"size": 2}}, [[1.0, 2.0, 3.0, 4.0, 5.0]], [[2.0, 3.0]]),
        ({"pad": {"padding": [[1, 2]], "mode": "circular"}}, [[1.0, 2.0]], [[2.0, 1.0, 2.0, 1.0, 2.0]]),
        ({"maxpool": {"kernel_size": 2, "stride": 1, "padding": "same"}}, [[-3.0, -1.0]], [[-1.0, -1.0]]),
        ({"avgpool": {"kernel_size": 2, "stride": 2, "padding": 1}}, [[4.0, 8.0]], [[2.0, 4.0]]),
        (
            {"avgpool": {"kernel_size": 2, "stride": 2, "padding": 1, "count_include_pad": False}},
            [[4.0, 8.0]],
            [[4.0, 8.0]],
        ),
    ):
        array = np.array(x)
        np.testing.assert_allclose(executed(made(item, array.shape), array), expected)


# ---- random settings ----


def text(shape: Shape, items: Sequence[Item]) -> str:
    return json.dumps({"input": list(shape), "layers": list(items)})


def made(item: Item, shape: Shape) -> Layer:
    found = load(text(shape, [item])).items[0].layer
    assert isinstance(found, Layer)
    return found


SIZES = {1: st.integers(1, 12), 2: st.integers(1, 7), 3: st.integers(1, 5)}
RANKS = st.integers(1, 3)


def shapes(rank: int, channels: int | None = None) -> st.SearchStrategy[Shape]:
    some = st.integers(1, 4) if channels is None else st.just(channels)
    return st.tuples(some, *[SIZES[rank]] * rank)


def each(rank: int, low: int, high: int) -> st.SearchStrategy[Any]:
    """One for all axes, or one for each."""
    one = st.integers(low, high)
    return one | st.lists(one, min_size=rank, max_size=rank)


def pairs(rank: int, high: int) -> st.SearchStrategy[Any]:
    pair = st.lists(st.integers(0, high), min_size=2, max_size=2)
    return st.integers(0, high) | st.lists(pair, min_size=rank, max_size=rank)


def grouped(draw: Draw, channels: int) -> dict[str, Any]:
    """Channels and groups that mostly go together."""
    out = draw(st.sampled_from([channels, 2 * channels, 3]))
    groups = draw(st.sampled_from([1, 1, channels, "depthwise", 2]))
    return {"out_channels": out, "groups": groups, "bias": draw(st.booleans())}


@st.composite
def convs(draw: Draw) -> tuple[Shape, Item]:
    rank = draw(RANKS)
    shape = draw(shapes(rank))
    fields = {
        "out_channels": draw(st.integers(1, 4)),
        "kernel_size": draw(each(rank, 1, 3)),
        "stride": draw(each(rank, 1, 3)),
        "padding": draw(st.just("same") | pairs(rank, 3)),
        "dilation": draw(each(rank, 1, 3)),
    }
    if draw(st.booleans()):
        return shape, {"separable_conv": {**fields, "depth_multiplier": draw(st.integers(1, 2)), "bias": False}}
    modes = st.sampled_from(["zeros", "zeros", "reflect", "replicate", "circular"])
    return shape, {"conv": {**fields, **grouped(draw, shape[0]), "padding_mode": draw(modes)}}


@st.composite
def conv_transposes(draw: Draw) -> tuple[Shape, Item]:
    rank = draw(RANKS)
    shape = draw(shapes(rank))
    fields = {
        "kernel_size": draw(each(rank, 1, 3)),
        "stride": draw(each(rank, 1, 3)),
        "padding": draw(st.just(0) | pairs(rank, 2)),
        "output_padding": draw(st.just(0) | st.just(0) | each(rank, 0, 2)),
        "dilation": draw(each(rank, 1, 3)),
    }
    return shape, {"conv_transpose": {**fields, **grouped(draw, shape[0])}}


@st.composite
def pools(draw: Draw) -> tuple[Shape, Item]:
    rank = draw(RANKS)
    kind = draw(st.sampled_from(["maxpool", "avgpool", "lppool"]))
    fields = {
        "kernel_size": draw(each(rank, 1, 4)),
        "padding": draw(st.sampled_from(["same", 0, 1]) | pairs(rank, 2)),
        "ceil_mode": draw(st.booleans()),
    }
    if draw(st.booleans()):
        fields["stride"] = draw(each(rank, 1, 4))
    if kind == "maxpool":
        fields["dilation"] = draw(each(rank, 1, 3))
    return draw(shapes(rank)), {kind: fields}


@st.composite
def resizings(draw: Draw) -> tuple[Shape, Item]:
    rank = draw(RANKS)
    shape = draw(shapes(rank))
    kind = draw(st.sampled_from(["upsample", "pad", "crop", "adaptive_avgpool", "adaptive_maxpool"]))
    if kind == "pad":
        modes = st.sampled_from(["zeros", "reflect", "replicate", "circular"])
        return shape, {"pad": {"padding": draw(pairs(rank, 4)), "mode": draw(modes)}}
    if kind == "crop":
        by = draw(st.sampled_from(["amount", "size"]))
        return shape, {"crop": {by: draw(pairs(rank, 3) if by == "amount" else each(rank, 1, 7))}}
    if kind != "upsample":
        return shape, {kind: {"output_size": draw(each(rank, 1, 8))}}
    factor = st.sampled_from([0.3, 0.5, 1, 1.1, 1.3, 1.5, 2, 2.7, 3])
    sizes = {
        "size": each(rank, 1, 9),
        "scale_factor": factor | st.lists(factor, min_size=rank, max_size=rank),
    }
    by = draw(st.sampled_from(sorted(sizes)))
    mode = draw(st.sampled_from(["nearest", "linear", "bilinear", "trilinear", "bicubic"]))
    aligned = mode != "nearest" and draw(st.booleans())
    return shape, {"upsample": {by: draw(sizes[by]), "mode": mode, "align_corners": aligned}}


@st.composite
def attentions(draw: Draw) -> tuple[Shape, Item]:
    rank = draw(RANKS)
    shape = (draw(st.integers(1, 6)), *draw(shapes(rank))[1:])
    fields = {"num_heads": draw(st.integers(1, 3)), "bias": draw(st.booleans())}
    if draw(st.booleans()):
        own = {"window_size": draw(each(rank, 1, 4)), "shift": draw(st.just(0) | each(rank, 0, 3))}
        return shape, {"window_attention": {**fields, **own, "relative_position_bias": draw(st.booleans())}}
    widths = {"key_dim": st.integers(1, 4), "value_dim": st.integers(1, 4), "out_features": st.integers(1, 4)}
    given = {name: draw(width) for name, width in widths.items() if draw(st.booleans())}
    return shape, {"attention": {**fields, **given}}


@st.composite
def sequences(draw: Draw) -> tuple[Shape, Item]:
    shape = draw(shapes(draw(st.sampled_from([1, 1, 1, 2]))))
    kind = draw(st.sampled_from(["rnn", "lstm", "gru", "class_token", "position_embedding", "select_token"]))
    if kind == "select_token":
        return shape, {kind: {"index": draw(st.integers(-12, 12))}}
    if kind in ("class_token", "position_embedding"):
        return shape, {kind: {}}
    hidden = draw(st.integers(2, 4))
    fields = {
        "hidden_size": hidden,
        "num_layers": draw(st.integers(1, 3)),
        "bidirectional": draw(st.booleans()),
        "bias": draw(st.sampled_from([True, "one", False])),
        "return_sequence": draw(st.booleans()),
    }
    projected = {"proj_size": draw(st.integers(1, hidden - 1))} if kind == "lstm" and draw(st.booleans()) else {}
    return shape, {kind: {**fields, **projected}}


def ours(shape: Shape, item: Item) -> tuple[Shape, int | None, int | None] | None:
    """Output shape, parameters and multiply-adds; None where we refuse."""
    try:
        step = trace(load(text(shape, [item]))).layers[0]
    except SpecError:
        return None
    return step.out_shape, step.params, step.macs


def theirs(shape: Shape, item: Item) -> tuple[Shape, int | None, int | None] | None:
    """The same, as executed; None where the operation refuses."""
    the_layer = made(item, shape)
    try:
        out = executed(the_layer, np.ones(shape))
        macs = ones_macs(the_layer, shape)
    except ValueError:
        return None
    return out.shape, sum(map(prod, parameters(the_layer, shape).values())), macs


def pytorch_wants_more(shape: Shape, the_layer: Layer) -> bool:
    """PyTorch's 3-D averages refuse a kernel larger than the input even where padding makes room for it."""
    if len(shape) < 4 or not isinstance(the_layer, AvgPool | LpPool):
        return False
    return any(axis.kernel > axis.size for axis in the_layer.spans(shape))


KINDS = {
    "conv": convs(),
    "conv_transpose": conv_transposes(),
    "pool": pools(),
    "resize": resizings(),
    "attention": attentions(),
    "sequence": sequences(),
}


@pytest.mark.parametrize("kind", KINDS)
@settings(SETTINGS, max_examples=300)
@given(data=st.data())
def test_random_settings_are_run_to_our_numbers_or_refused_by_both(kind: str, data: st.DataObject) -> None:
    shape, item = data.draw(KINDS[kind])
    we_say, it_says = ours(shape, item), theirs(shape, item)
    if we_say is None and it_says is not None:
        assert pytorch_wants_more(shape, made(item, shape))
    else:
        assert we_say == it_says


# ---- a pixel at a time ----


@st.composite
def strided_1(draw: Draw, rank: int) -> Item:
    """A convolution or pooling that leaves something of a small map."""
    kind = draw(st.sampled_from(["conv", "maxpool", "avgpool", "lppool", "separable_conv"]))
    kernel = draw(each(rank, 1, 3))
    fields: dict[str, Any] = {"kernel_size": kernel, "stride": draw(each(rank, 1, 2))}
    fields["padding"] = draw(st.just("same") | pairs(rank, 1))
    if kind in ("conv", "separable_conv"):
        return {kind: {**fields, "out_channels": 1, "bias": False, "dilation": draw(each(rank, 1, 2))}}
    own = {"dilation": draw(each(rank, 1, 2))} if kind == "maxpool" else {}
    return {kind: {**fields, **own, "ceil_mode": draw(st.booleans())}}


@st.composite
def spreading(draw: Draw, rank: int) -> Item:
    """A transposed convolution or an upsampling."""
    if draw(st.booleans()):
        fields = {
            "out_channels": 1,
            "kernel_size": draw(each(rank, 1, 3)),
            "stride": draw(each(rank, 1, 3)),
            "padding": draw(pairs(rank, 2)),
            "dilation": draw(each(rank, 1, 2)),
            "bias": False,
        }
        return {"conv_transpose": fields}
    linear = {1: "linear", 2: "bilinear"}[rank]
    mode = draw(st.sampled_from(["nearest", linear]))
    aligned = mode == linear and draw(st.booleans())
    by = draw(st.sampled_from([{"scale_factor": 2}, {"scale_factor": 1.5}, {"size": [7, 9][:rank]}]))
    return {"upsample": {**by, "mode": mode, "align_corners": aligned}}


@st.composite
def moving(draw: Draw, rank: int) -> Item:
    """Padding, cropping, adaptive pooling."""
    kind = draw(st.sampled_from(["pad", "crop", "adaptive_avgpool", "adaptive_maxpool"]))
    if kind == "pad":
        return {"pad": {"padding": draw(pairs(rank, 2))}}
    if kind == "crop":
        return {"crop": {"amount": draw(pairs(rank, 1))}}
    return {kind: {"output_size": draw(each(rank, 2, 6))}}


def chains(rank: int) -> st.SearchStrategy[list[Item]]:
    one = strided_1(rank) | strided_1(rank) | spreading(rank) | moving(rank)
    return st.integers(1, 4).flatmap(lambda length: st.lists(one, min_size=length, max_size=length))


def reached(layers: Sequence[Layer], shape: Shape) -> Array:
    """Which input positions change which outputs, in any channel: the input's axes, then the output's."""
    nothing = through(layers, np.zeros(shape))
    changes = []
    for position in np.ndindex(shape[1:]):
        pixel = np.zeros(shape)
        pixel[(slice(None), *position)] = 1.0
        changed = np.abs(through(layers, pixel) - nothing) > 1e-9
        changes.append(changed.any(axis=0))
    return np.array(changes).reshape(*shape[1:], *nothing.shape[1:])


def through(layers: Sequence[Layer], x: Array) -> Array:
    """The layers run with positive weights, so that nothing cancels; a maximum of padding is 0."""
    for the_layer in layers:
        out = executed(the_layer, x)
        x = np.where(np.isfinite(out), out, 0.0)
    return x


Maps = list[Shape]


def windows_of(layers: Sequence[Layer], maps: Maps) -> list[tuple[Any, ...]]:
    found = []
    for the_layer, arriving, leaving in zip(layers, maps, maps[1:], strict=False):
        reading = the_layer.reading((1, *arriving), (1, *leaving))
        assert isinstance(reading, tuple)
        found.append(reading)
    return found


def fields_from(windows: Sequence[tuple[Any, ...]], axis: int) -> AxisField:
    """What the last map's units see of the first of these maps."""
    field = INPUT
    for window in windows:
        seen = field.through(window[axis])
        assert seen is not None
        field = seen
    return field


def interior(windows: Sequence[tuple[Any, ...]], maps: Maps, axis: int) -> list[int]:
    """Units that see nothing but what lies inside every map, from the input to their own."""
    fields = [(fields_from(windows[depth:], axis), maps[depth][axis]) for depth in range(len(windows))]
    return [unit for unit in range(maps[-1][axis]) if all(_inside(f.interval(unit), n) for f, n in fields)]


def _inside(seen: tuple[int, int] | None, size: int) -> bool:
    return seen is None or (seen[0] >= 0 and seen[1] < size)


def hull(changed: Array, axis: int) -> tuple[int, int] | None:
    """First and last position along an axis of the input at which anything is set."""
    along = changed.any(axis=tuple(a for a in range(changed.ndim) if a != axis))
    places = np.flatnonzero(along)
    return (int(places[0]), int(places[-1])) if len(places) else None


def compare_with_pixels(shape: Shape, items: list[Item]) -> int:
    """How many interior units were compared: the hull of what changes them must be the interval."""
    steps = trace(load(text(shape, items))).layers
    layers = [step.layer for step in steps if isinstance(step.layer, Layer)]
    maps = [shape[1:], *(step.out_shape[1:] for step in steps)]
    windows, axes = windows_of(layers, maps), range(len(shape) - 1)
    inside = [interior(windows, maps, axis) for axis in axes]
    changed = reached(layers, shape)
    for place in product(*inside):
        boxes = [field_of(steps[-1]).axes[axis].interval(place[axis]) for axis in axes]
        expected = [None] * len(boxes) if None in boxes else boxes
        at: Any = (..., *place)
        assert [hull(changed[at], axis) for axis in axes] == expected, place
    return prod(map(len, inside))


def field_of(step: Step) -> ReceptiveField:
    assert step.receptive_field is not None
    return step.receptive_field


def probed(shape: Shape, items: list[Item]) -> int:
    """How many units were compared; none where we refuse the chain, or it is no chain of small windows."""
    try:
        steps = trace(load(text(shape, items))).layers
    except SpecError:
        return 0
    fields = [step.receptive_field for step in steps]
    if any(field is None or field.is_global for field in fields):
        return 0  # too long a period; one bin, which by convention sees the whole map
    return compare_with_pixels(shape, items) if max(step.tensor_size for step in steps) < 400 else 0


@settings(SETTINGS, max_examples=300)
@given(size=st.integers(6, 20), items=chains(1))
def test_the_pixels_that_change_a_unit_in_1_d(size: int, items: list[Item]) -> None:
    assume(probed((1, size), items))


@settings(SETTINGS, max_examples=100)
@given(sizes=st.tuples(st.integers(5, 9), st.integers(5, 9)), items=chains(2))
def test_the_pixels_that_change_a_unit_in_2_d(sizes: Shape, items: list[Item]) -> None:
    assume(probed((1, *sizes), items))


# Interior units counted by hand: those whose inputs all exist.
PROBED = [
    # of 18, all but the first and the last, which read −1 and 9
    pytest.param((1, 9), [{"upsample": {"scale_factor": 2, "mode": "linear"}}], 16, id="linear"),
    # 8·3+1; two of three see nothing
    pytest.param((1, 9), [{"conv_transpose": {"out_channels": 1, "kernel_size": 1, "stride": 3}}], 25, id="nothing"),
    # H 14 and W 10, less three on each side: units 0, 1, 2 reach −2 or −1
    pytest.param((1, 7, 5), [{"upsample": {"scale_factor": 2, "mode": "bicubic"}}], 8 * 4, id="bicubic"),
    pytest.param((4, 2, 3), [{"pixel_shuffle": {"upscale_factor": 2}}], 4 * 6, id="pixel-shuffle"),
    pytest.param((1, 4, 6), [{"pixel_unshuffle": {"downscale_factor": 2}}], 2 * 3, id="pixel-unshuffle"),
    # 7·2+1 = 15; odd units read two inputs; a window of three has its middle at 1 … 13
    pytest.param(
        (1, 8),
        [
            {"conv_transpose": {"out_channels": 1, "kernel_size": 3, "stride": 2, "padding": 1}},
            {"conv": {"out_channels": 1, "kernel_size": 3, "padding": 1}},
        ],
        13,
        id="transposed-then-conv",
    ),
    # rows 0, 1 2, 3 4, 5 and columns 0 1, 2 3 4, 5 6: those whose window is whole
    pytest.param(
        (1, 6, 7),
        [{"window_attention": {"window_size": [2, 3], "num_heads": 1, "shift": [1, 2]}}],
        4 * 3,
        id="shifted-windows",
    ),
    pytest.param((1, 6, 8), [{"window_attention": {"window_size": [2, 3], "num_heads": 1}}], 6 * 6, id="windows"),
    # rows 0, 1 2 3, 4 5; the columns are one window
    pytest.param(
        (1, 6, 3),
        [{"window_attention": {"window_size": 3, "num_heads": 1, "shift": 1}}],
        3 * 3,
        id="windows-one-way",
    ),
    # windows 0, 1 2 3, 4 5 6, 7 8 9, 10 11; three neighbours that lie in whole ones
    pytest.param(
        (1, 12),
        [
            {"window_attention": {"window_size": 3, "num_heads": 1, "shift": 1}},
            {"conv": {"out_channels": 1, "kernel_size": 3, "padding": 1}},
        ],
        7,
        id="windows-then-conv",
    ),
    pytest.param((1, 5), [{"class_token": {}}], 5, id="class-token"),
    # ⌊3·1.3⌋ is 3: PyTorch copies
    pytest.param((1, 3), [{"upsample": {"scale_factor": 1.3, "mode": "linear"}}], 3, id="linear-same-size"),
    # ⌊5·1.1⌋ is 5, yet cubic moves: units 2 and 3, at 1.77 and 2.68, read 0 … 3 and 1 … 4
    pytest.param(
        (1, 5, 5),
        [{"upsample": {"scale_factor": 1.1, "mode": "bicubic"}}],
        4,
        id="bicubic-same-size",
    ),
]


@pytest.mark.parametrize(("shape", "items", "units"), PROBED)
def test_the_pixels_that_change_a_unit(shape: Shape, items: list[Item], units: int) -> None:
    assert compare_with_pixels(shape, items) == units


def test_the_probe_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a window that is one input too far to the right, the comparison does not hold."""
    moved = Window(2, (range(1, 4),))
    monkeypatch.setattr(Conv, "reading", lambda self, arriving, out: (moved,) * len(out[1:]))
    with pytest.raises(AssertionError):
        compare_with_pixels((1, 9), [{"conv": {"out_channels": 1, "kernel_size": 3, "stride": 2}}])
