"""Random settings of every layer type, and of small chains: what PyTorch does when it runs them is right."""

from __future__ import annotations

import json
import math
import os
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, find, given, settings
from hypothesis import strategies as st

from shapecalc import SpecError, load, trace
from tests.torch_names import ACTIVATIONS, FIRST_ITEM, Item, Layer, item, spec_text
from tests.witness import torch_or_skip

Shape = tuple[int, ...]
Draw = Callable[[st.SearchStrategy[Any]], Any]
BATCH = 2  # with one example PyTorch refuses some normalisations for the batch's sake, not the layer's

SETTINGS = settings(
    deadline=None,
    derandomize="CI" in os.environ,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    """Tensors this small are not worth sharing out, least of all between the processes of pytest-xdist."""
    torch_or_skip().set_num_threads(1)


@dataclass(frozen=True)
class Case:
    """One item of ours and the torch modules and functions that it stands for."""

    arriving: Shape
    item: Item
    chain: tuple[Layer, ...]


@dataclass(frozen=True)
class Answer:
    """Counts are None where we say that we do not know; PyTorch always does."""

    shape: Shape
    params: int | None
    buffers: int | None
    macs: int | None


def one(arriving: Shape, layer: Layer) -> Case:
    return Case(arriving, item(layer, arriving), (layer,))


def module(torch: Any, layer: Layer) -> Callable[[Any], Any]:
    """A class of `torch.nn` by its name, or else a function of torch with its other arguments."""
    arguments = {k: tuple(v) if isinstance(v, list) else v for k, v in layer.items() if k != "type"}
    if hasattr(torch.nn, layer["type"]):
        made: Callable[[Any], Any] = getattr(torch.nn, layer["type"])(**arguments).double().eval()
        return made
    function = getattr(torch, layer["type"], None) or getattr(torch.nn.functional, layer["type"])
    return lambda x: function(x, **arguments)


def without_rank(layer: Layer) -> str:
    return re.sub(r"[123]d$", "", layer["type"])


def stored(tensors: Iterable[tuple[str, Any]]) -> int:
    return sum(int(tensor.numel()) for name, tensor in tensors if name != "num_batches_tracked")


def macs_by_definition(layer: Layer, made: Any, x: Any, y: Any) -> int:
    """Multiply-adds counted from the tensors: each output of a conv or fc reads one filter, each input of a
    transposed conv writes through all of its own."""
    kind = without_rank(layer)
    if kind == "ConvTranspose":
        return int(x[0, 0].numel() * made.weight.numel())
    return int(y[0].numel() * made.weight[0].numel()) if kind in ("Conv", "Linear") else 0


def run(torch: Any, case: Case) -> Answer:
    x, counted = torch.zeros((BATCH, *case.arriving), dtype=torch.float64), [0, 0, 0]
    for layer in case.chain:
        made = module(torch, layer)
        y = made(x)
        if isinstance(made, torch.nn.Module):
            counted[0] += stored(made.named_parameters())
            counted[1] += stored(made.named_buffers())
            counted[2] += macs_by_definition(layer, made, x, y)
        x = y
    return Answer(tuple(x.shape[1:]), *counted)


REFUSALS = (RuntimeError, ValueError, IndexError, AssertionError)


def torch_says(case: Case) -> Answer | None:
    """What PyTorch gives, or None where it raises or is left with nothing."""
    torch = torch_or_skip()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        try:
            answer = run(torch, case)
        except REFUSALS:
            return None
    return answer if 0 not in answer.shape else None


def lines(refused: SpecError) -> set[int]:
    return {problem.line for problem in refused.diagnostics if problem.severity == "error"}


def we_say(case: Case) -> Answer | None:
    """What we give, or None where we refuse the item; any other complaint is a failure."""
    try:
        ours = trace(load(spec_text(case.arriving, [case.item])))
    except SpecError as refused:
        if lines(refused) != {FIRST_ITEM}:
            raise
        return None
    totals = ours.totals
    assert (totals.weights or 0) + (totals.biases or 0) == totals.params
    return Answer(ours.layers[-1].out_shape, totals.params, totals.buffers, totals.macs)


# ---- settings, drawn ----

LARGEST = {0: 12, 1: 24, 2: 11, 3: 6}  # sizes along an axis, by rank
RANKS = st.integers(1, 3)
SOME = st.integers(1, 3)


def per_axis(rank: int, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One for all axes, or one for each."""
    return values | st.lists(values, min_size=rank, max_size=rank)


CHANNELS = st.integers(1, 6)


def arriving(rank: int, channels: st.SearchStrategy[int] = CHANNELS) -> st.SearchStrategy[Shape]:
    """Shapes with so many spatial axes; flat vectors for rank 0."""
    sizes = st.lists(st.integers(1, LARGEST[rank]), min_size=rank, max_size=rank)
    return st.builds(lambda c, s: (c, *s), channels, sizes)


MAPS = RANKS.flatmap(arriving)
MAPS_AND_VECTORS = st.integers(0, 3).flatmap(arriving)


def maybe(draw: Draw, **fields: st.SearchStrategy[Any]) -> dict[str, Any]:
    """Most of the fields, since rules are about several at once; the others are left at their defaults."""
    return {name: draw(values) for name, values in fields.items() if draw(st.integers(0, 3))}


def divisors(number: int) -> st.SearchStrategy[int]:
    """Mostly numbers that divide, now and then one that may not."""
    return st.sampled_from([d for d in range(1, number + 1) if number % d == 0]) | st.integers(1, number + 1)


def pairs(rank: int, widths: st.SearchStrategy[int]) -> st.SearchStrategy[list[list[int]]]:
    return st.lists(st.lists(widths, min_size=2, max_size=2), min_size=rank, max_size=rank)


def last_axis_first(widths: list[list[int]]) -> list[int]:
    return [width for pair in reversed(widths) for width in pair]


PAD_CLASSES = {"zeros": "ZeroPad", "reflect": "ReflectionPad", "replicate": "ReplicationPad"}
PAD_CLASSES["circular"] = "CircularPad"
PAD_MODES = st.sampled_from(sorted(PAD_CLASSES))


def conv_fields(rank: int, channels: int, **more: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    """What every convolution may have; `dilation` and the rest of `more` may be left out."""
    return {
        "stride": per_axis(rank, SOME),
        "dilation": per_axis(rank, SOME),
        "groups": divisors(channels),
        "bias": st.booleans(),
        **more,
    }


def with_channels(draw: Draw, kind: str, shape: Shape, may: Mapping[str, st.SearchStrategy[Any]]) -> Layer:
    """A convolution for these channels, in a few cases for one more than arrive."""
    rank = len(shape) - 1
    must = {
        "type": f"{kind}{rank}d",
        "in_channels": shape[0] + draw(st.sampled_from([0] * 9 + [1])),
        "out_channels": draw(CHANNELS),
        "kernel_size": draw(per_axis(rank, st.integers(1, 4))),
    }
    return {**must, **maybe(draw, **may)}


@st.composite
def conv(draw: Draw) -> Case:
    shape = draw(MAPS)
    padding = per_axis(len(shape) - 1, st.integers(0, 4)) | st.just("valid")
    may = conv_fields(len(shape) - 1, shape[0], padding=padding, padding_mode=PAD_MODES)
    return one(shape, with_channels(draw, "Conv", shape, may))


@st.composite
def conv_same(draw: Draw) -> Case:
    """PyTorch has `same` for stride 1 only; ours has TensorFlow's rule, equal there."""
    shape = draw(MAPS)
    may = conv_fields(len(shape) - 1, shape[0], padding_mode=PAD_MODES, stride=st.just(1))
    return one(shape, {**with_channels(draw, "Conv", shape, may), "padding": "same"})


@st.composite
def conv_padded_unevenly(draw: Draw) -> Case:
    """A pair for each axis is PyTorch's padding layer followed by a convolution without padding."""
    shape = draw(MAPS)
    rank = len(shape) - 1
    widths, mode = draw(pairs(rank, st.integers(0, 4))), draw(PAD_MODES)
    layer = with_channels(draw, "Conv", shape, conv_fields(rank, shape[0]))
    padded = {"type": f"{PAD_CLASSES[mode]}{rank}d", "padding": last_axis_first(widths)}
    ours = item({**layer, "padding": widths, "padding_mode": mode}, shape)
    return Case(shape, ours, (padded, layer))


@st.composite
def conv_out_of_range(draw: Draw) -> Case:
    """Zeros and negative numbers; for pools and transposed convolutions too."""
    rank = draw(RANKS)
    shape = draw(arriving(rank, st.just(2)))
    kind = draw(st.sampled_from(["Conv", "ConvTranspose", "MaxPool", "AvgPool"]))
    layer = {"type": f"{kind}{rank}d", "kernel_size": 2, "stride": 2, "padding": 0, "dilation": 1}
    if kind.startswith("Conv"):
        layer |= {"in_channels": 2, "out_channels": 2, "groups": 1}
    layer = {k: v for k, v in layer.items() if (kind, k) != ("AvgPool", "dilation")}
    broken = draw(st.sampled_from([k for k in layer if k not in ("type", "in_channels", "out_channels")]))
    return one(shape, {**layer, broken: draw(st.sampled_from([layer[broken], 0, -1]))})


@st.composite
def conv_transpose(draw: Draw) -> Case:
    shape = draw(MAPS)
    rank = len(shape) - 1
    padding, output_padding = per_axis(rank, st.integers(0, 4)), per_axis(rank, st.integers(0, 2))
    may = conv_fields(rank, shape[0], padding=padding, output_padding=output_padding)
    return one(shape, with_channels(draw, "ConvTranspose", shape, may))


@st.composite
def separable_conv(draw: Draw) -> Case:
    """Two convolutions in PyTorch, one bias."""
    shape = draw(MAPS)
    channels, rank = shape[0], len(shape) - 1
    some = per_axis(rank, SOME)
    said = {"kernel_size": draw(some), **maybe(draw, stride=some, padding=some, dilation=some)}
    multiplier, out, bias = draw(SOME), draw(SOME), draw(st.booleans())
    ours = {**said, "out_channels": out, "depth_multiplier": multiplier, "bias": bias}
    between = channels * multiplier
    depthwise = {"in_channels": channels, "out_channels": between, "groups": channels, "bias": False}
    pointwise = {"in_channels": between, "out_channels": out, "kernel_size": 1, "bias": bias}
    chain = ({"type": f"Conv{rank}d", **said, **depthwise}, {"type": f"Conv{rank}d", **pointwise})
    return Case(shape, {"separable_conv": ours}, chain)


def pool(kind: str, **own: Callable[[int], st.SearchStrategy[Any]]) -> st.SearchStrategy[Case]:
    @st.composite
    def cases(draw: Draw) -> Case:
        rank = draw(RANKS)
        sized = per_axis if (kind, rank) != ("LPPool", 1) else lambda _rank, values: values  # no lists there
        must = {"type": f"{kind}{rank}d", "kernel_size": draw(sized(rank, st.integers(1, 5)))}
        if kind == "LPPool":
            must["norm_type"] = draw(SOME)
        may = {name: values(rank) for name, values in own.items()}
        may |= {"stride": sized(rank, SOME), "ceil_mode": st.booleans()}
        return one(draw(arriving(rank)), {**must, **maybe(draw, **may)})

    return cases()


def pool_padding(rank: int) -> st.SearchStrategy[Any]:
    return per_axis(rank, st.integers(0, 2))


@st.composite
def adaptive_pool(draw: Draw) -> Case:
    shape = draw(MAPS)
    rank = len(shape) - 1
    sizes = st.integers(1, 9)
    one_each = st.lists(sizes | st.none() if rank > 1 else sizes, min_size=rank, max_size=rank)
    kind = draw(st.sampled_from(["AdaptiveAvgPool", "AdaptiveMaxPool"]))
    return one(shape, {"type": f"{kind}{rank}d", "output_size": draw(sizes | one_each)})


@st.composite
def global_pool(draw: Draw) -> Case:
    shape = draw(MAPS)
    ours, theirs = draw(st.sampled_from([("avgpool", "AvgPool"), ("maxpool", "MaxPool")]))
    pooled = {"type": f"Adaptive{theirs}{len(shape) - 1}d", "output_size": 1}
    if draw(st.booleans()):
        return Case(shape, {f"global_{ours}": {"keepdims": True}}, (pooled,))
    return Case(shape, f"global_{ours}", (pooled, {"type": "Flatten"}))


@st.composite
def batchnorm(draw: Draw) -> Case:
    shape = draw(MAPS_AND_VECTORS)
    name = f"BatchNorm{max(len(shape) - 1, 1)}d"
    if draw(st.integers(0, 9)) == 0:
        return one(shape, {"type": name, "num_features": shape[0] + 1})
    flags = maybe(draw, affine=st.booleans(), track_running_stats=st.booleans())
    return one(shape, {"type": name, "num_features": shape[0], **flags})


@st.composite
def instancenorm(draw: Draw) -> Case:
    shape = draw(MAPS)
    flags = maybe(draw, affine=st.booleans(), track_running_stats=st.booleans())
    return one(shape, {"type": f"InstanceNorm{len(shape) - 1}d", "num_features": shape[0], **flags})


@st.composite
def groupnorm(draw: Draw) -> Case:
    shape = draw(MAPS_AND_VECTORS)
    layer = {"type": "GroupNorm", "num_groups": draw(divisors(shape[0])), "num_channels": shape[0]}
    return one(shape, {**layer, **maybe(draw, affine=st.booleans())})


NORM_FLAGS = {"LayerNorm": ["elementwise_affine", "bias"], "RMSNorm": ["elementwise_affine"]}


@st.composite
def norm_over_axes(draw: Draw) -> Case:
    kind, flags = draw(st.sampled_from(sorted(NORM_FLAGS.items())))
    shape = draw(MAPS_AND_VECTORS)
    over = shape if len(shape) == 1 or draw(st.booleans()) else shape[1:]
    said = maybe(draw, **{flag: st.booleans() for flag in flags})
    return one(shape, {"type": kind, "normalized_shape": list(over), **said})


LAST = {"type": "movedim", "source": 1, "destination": -1}
BACK = {"type": "movedim", "source": -1, "destination": 1}


@st.composite
def norm_over_channels(draw: Draw) -> Case:
    """The default in ours; in PyTorch the channels must be moved to the end first."""
    kind, ours = draw(st.sampled_from([("LayerNorm", "layernorm"), ("RMSNorm", "rmsnorm")]))
    shape = draw(MAPS_AND_VECTORS)
    affine = draw(st.booleans())
    layer = {"type": kind, "normalized_shape": [shape[0]], "elementwise_affine": affine}
    return Case(shape, {ours: {"affine": affine}}, (LAST, layer, BACK))


@st.composite
def fc(draw: Draw) -> Case:
    shape = draw(arriving(0))
    layer = {"type": "Linear", "in_features": shape[0] + draw(st.sampled_from([0, 0, 0, 1]))}
    return one(shape, {**layer, "out_features": draw(SOME), **maybe(draw, bias=st.booleans())})


@st.composite
def fc_per_position(draw: Draw) -> Case:
    shape, said = draw(MAPS), {"out_features": draw(SOME), "bias": draw(st.booleans())}
    layer = {"type": "Linear", "in_features": shape[0], **said}
    return Case(shape, {"fc": {**said, "per_position": True}}, (LAST, layer, BACK))


@st.composite
def lrn(draw: Draw) -> Case:
    shape = draw(MAPS_AND_VECTORS)
    return one(shape, {"type": "LocalResponseNorm", "size": draw(st.integers(1, 6))})


@st.composite
def pointwise(draw: Draw) -> Case:
    over_channels = ["Softmax", "LogSoftmax", "GLU"]
    name = draw(st.sampled_from([*sorted(ACTIVATIONS), "Identity", *over_channels]))
    axis = {"dim": 1} if name in over_channels else {}
    return one(draw(MAPS_AND_VECTORS), {"type": name, **axis})


@st.composite
def dropout(draw: Draw) -> Case:
    chance = draw(st.sampled_from([0.0, 0.5, 1.0, -0.1, 1.1]))
    return one(draw(MAPS_AND_VECTORS), {"type": "Dropout", "p": chance})


@st.composite
def prelu(draw: Draw) -> Case:
    shape = draw(MAPS_AND_VECTORS)
    return one(shape, {"type": "PReLU", "num_parameters": draw(st.sampled_from([1, shape[0], shape[0] + 1]))})


SCALES = st.integers(1, 4) | st.integers(1, 400).map(lambda hundredths: hundredths / 100)
MODES = ["nearest", "linear", "bilinear", "trilinear", "bicubic"]


@st.composite
def upsample(draw: Draw) -> Case:
    shape = draw(MAPS)
    rank = len(shape) - 1
    by = {"scale_factor": per_axis(rank, SCALES), "size": per_axis(rank, st.integers(0, 9))}
    word = draw(st.sampled_from(sorted(by)))
    fitting = {1: ["linear"], 2: ["bilinear", "bicubic"], 3: ["trilinear"]}[rank]
    said = maybe(draw, mode=st.sampled_from([*fitting, *fitting, *MODES]))
    if "mode" in said or draw(st.integers(0, 5)) == 0:
        said |= maybe(draw, align_corners=st.just(True))
    return one(shape, {"type": "Upsample", word: draw(by[word]), **said})


@st.composite
def shuffle(draw: Draw) -> Case:
    """In two dimensions, the only ones where PyTorch shuffles pixels."""
    shape = draw(arriving(2, st.sampled_from([1, 2, 4, 8, 9, 12, 18])))
    word = draw(st.sampled_from(["upscale_factor", "downscale_factor"]))
    name = "PixelShuffle" if word == "upscale_factor" else "PixelUnshuffle"
    return one(shape, {"type": name, word: draw(st.integers(0, 3))})


@st.composite
def channel_shuffle(draw: Draw) -> Case:
    shape = draw(MAPS)
    return one(shape, {"type": "ChannelShuffle", "groups": draw(divisors(shape[0]))})


@st.composite
def pad(draw: Draw) -> Case:
    shape = draw(MAPS)
    rank = len(shape) - 1
    widths = st.integers(0, 8) | pairs(rank, st.integers(0, 8)).map(last_axis_first)
    return one(shape, {"type": f"{PAD_CLASSES[draw(PAD_MODES)]}{rank}d", "padding": draw(widths)})


@st.composite
def crop(draw: Draw) -> Case:
    """PyTorch crops by padding with less than nothing."""
    shape = draw(MAPS)
    amount = draw(pairs(len(shape) - 1, st.integers(0, 3)))
    less = {"type": "pad", "pad": [-width for width in last_axis_first(amount)]}
    return Case(shape, {"crop": {"amount": amount}}, (less,))


@st.composite
def channel_slice(draw: Draw) -> Case:
    shape = draw(MAPS_AND_VECTORS)
    first, last = draw(st.integers(0, 6)), draw(st.integers(1, 7))
    narrow = {"type": "narrow", "dim": 1, "start": first, "length": last - first}
    return Case(shape, {"slice": {"channels": [first, last]}}, (narrow,))


@st.composite
def flatten(draw: Draw) -> Case:
    shape = draw(MAPS_AND_VECTORS)
    return one(shape, {"type": "Flatten", **draw(st.sampled_from([{}, {"start_dim": 2}]))})


@st.composite
def unflatten(draw: Draw) -> Case:
    to = draw(RANKS.flatmap(lambda rank: arriving(rank, SOME)))
    features = math.prod(to) + draw(st.sampled_from([0, 0, 1]))
    return one((features,), {"type": "Unflatten", "dim": 1, "unflattened_size": list(to)})


@st.composite
def reshape(draw: Draw) -> Case:
    """The same sizes in another order, or one of them changed."""
    shape = draw(MAPS)
    to = draw(st.permutations(shape))
    to[0] += draw(st.sampled_from([0, 0, 0, 1]))
    return Case(shape, {"reshape": {"shape": to}}, ({"type": "reshape", "shape": [BATCH, *to]},))


FAMILIES: dict[str, st.SearchStrategy[Case]] = {
    "conv": conv(),
    "conv same": conv_same(),
    "conv padded unevenly": conv_padded_unevenly(),
    "windows out of range": conv_out_of_range(),
    "conv_transpose": conv_transpose(),
    "separable_conv": separable_conv(),
    "maxpool": pool("MaxPool", padding=pool_padding, dilation=lambda rank: per_axis(rank, SOME)),
    "avgpool": pool("AvgPool", padding=pool_padding, count_include_pad=lambda _: st.booleans()),
    "lppool": pool("LPPool"),
    "adaptive pools": adaptive_pool(),
    "global pools": global_pool(),
    "batchnorm": batchnorm(),
    "instancenorm": instancenorm(),
    "groupnorm": groupnorm(),
    "layernorm, rmsnorm": norm_over_axes(),
    "layernorm, rmsnorm over channels": norm_over_channels(),
    "lrn": lrn(),
    "fc": fc(),
    "fc per position": fc_per_position(),
    "activations": pointwise(),
    "dropout": dropout(),
    "prelu": prelu(),
    "upsample": upsample(),
    "pixel_shuffle, pixel_unshuffle": shuffle(),
    "channel_shuffle": channel_shuffle(),
    "pad": pad(),
    "crop": crop(),
    "slice": channel_slice(),
    "flatten": flatten(),
    "reshape from flat": unflatten(),
    "reshape": reshape(),
}
NEVER_REFUSED = {"adaptive pools", "global pools", "layernorm, rmsnorm", "layernorm, rmsnorm over channels"}
NEVER_REFUSED |= {"fc per position"}


@pytest.mark.parametrize("family", FAMILIES)
@given(data=st.data())
@settings(SETTINGS, max_examples=300)
def test_a_layer_is_what_pytorch_makes_of_it(family: str, data: st.DataObject) -> None:
    case = data.draw(FAMILIES[family])
    assert we_say(case) == torch_says(case)


FOUND = [
    one((1, 24), {"type": "MaxPool1d", "kernel_size": 3, "padding": 2, "dilation": 2}),
    one((1, 9, 8), {"type": "MaxPool2d", "kernel_size": [3, 4], "padding": [2, 1], "dilation": 2}),
    one((2, 2, 3, 3), {"type": "AvgPool3d", "kernel_size": 3, "padding": 1}),
    one((2, 4, 1, 4), {"type": "LPPool3d", "norm_type": 2, "kernel_size": 2, "ceil_mode": True}),
    one((1, 100), {"type": "Upsample", "scale_factor": 0.29}),
]
"""Settings that a search once found wrong, or that PyTorch alone would teach."""


@pytest.mark.parametrize("case", FOUND, ids=lambda case: json.dumps(case.item))
def test_what_the_search_once_found(case: Case) -> None:
    assert we_say(case) == torch_says(case)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_accepted_and_refused_somewhere(family: str) -> None:
    quick = settings(SETTINGS, derandomize=True, max_examples=500, phases=[Phase.generate])
    assert find(FAMILIES[family], lambda case: torch_says(case) is not None, settings=quick)
    if family not in NEVER_REFUSED:
        assert find(FAMILIES[family], lambda case: torch_says(case) is None, settings=quick)


# ---- receptive fields: light one line of the input, see which units answer ----

Taps = set[int]


def along(value: Any, axis: int) -> Any:
    return value[axis] if isinstance(value, list) else value


@dataclass(frozen=True)
class Link:
    """One layer of a chain that ran: what it is in both languages, and the sizes it met."""

    item: Item
    layer: Layer
    before: Shape
    after: Shape

    def field(self, name: str, axis: int, default: Any) -> Any:
        return along(self.layer.get(name, default), axis)


def window_taps(link: Link, axis: int, unit: int) -> Taps:
    size = link.field("kernel_size", axis, None)
    stride = link.field("stride", axis, size if "Pool" in link.layer["type"] else 1)
    first = unit * stride - link.field("padding", axis, 0)
    return {first + link.field("dilation", axis, 1) * tap for tap in range(size)}


def transposed_taps(link: Link, axis: int, unit: int) -> Taps:
    stride, step = link.field("stride", axis, 1), link.field("dilation", axis, 1)
    shifted = unit + link.field("padding", axis, 0)
    reached = {shifted - step * tap for tap in range(link.field("kernel_size", axis, None))}
    return {place // stride for place in reached if place % stride == 0}


def upsample_taps(link: Link, axis: int, unit: int) -> Taps:
    before, after = link.before[axis + 1], link.after[axis + 1]
    scale = Fraction(str(link.field("scale_factor", axis, Fraction(after, before))))
    if link.layer.get("mode", "nearest") == "nearest":
        return {math.floor(unit / scale)}
    if link.layer.get("align_corners", False):
        place = Fraction(unit * (before - 1), max(after - 1, 1))
    elif before == after and link.layer["mode"] != "bicubic":
        return {unit}  # PyTorch copies, whatever the factor is
    else:
        place = (unit + Fraction(1, 2)) / scale - Fraction(1, 2)
    reach = 0 if link.layer["mode"] != "bicubic" or place.denominator == 1 else 1
    return set(range(math.floor(place) - reach, math.ceil(place) + reach + 1))


def adaptive_taps(link: Link, axis: int, unit: int) -> Taps:
    before, after = link.before[axis + 1], link.after[axis + 1]
    return set(range(unit * before // after, math.ceil(Fraction((unit + 1) * before, after))))


def shuffle_taps(link: Link, _axis: int, unit: int) -> Taps:
    if "upscale_factor" in link.layer:
        return {unit // link.layer["upscale_factor"]}
    block = link.layer["downscale_factor"]
    return set(range(unit * block, unit * block + block))


def shift_taps(link: Link, axis: int, unit: int) -> Taps:
    return {unit - link.layer["pad"][-2 * (axis + 1)]}


TAPS: dict[str, Callable[[Link, int, int], Taps]] = {
    "Conv": window_taps,
    "MaxPool": window_taps,
    "AvgPool": window_taps,
    "ConvTranspose": transposed_taps,
    "AdaptiveAvgPool": adaptive_taps,
    "Upsample": upsample_taps,
    "PixelShuffle": shuffle_taps,
    "PixelUnshuffle": shuffle_taps,
    "pad": shift_taps,
}
"""Which positions of its input one unit reads along an axis, from each layer's definition."""


@dataclass(frozen=True)
class Reach:
    """What one unit reads along one axis of the network's input, as if no map had an end."""

    taps: Taps
    stays_inside: bool

    @property
    def interval(self) -> tuple[int, int] | None:
        return (min(self.taps), max(self.taps)) if self.taps else None


def reach(links: list[Link], axis: int, unit: int) -> Reach:
    """Follow every tap from the last layer to the first."""
    taps, inside = {unit}, True
    for link in reversed(links):
        taps = set().union(*(TAPS[without_rank(link.layer)](link, axis, tap) for tap in taps))
        inside = inside and all(0 <= tap < link.before[axis + 1] for tap in taps)
    return Reach(taps, inside)


def windows(rank: int, kinds: list[str]) -> st.SearchStrategy[list[Layer]]:
    must = {"type": st.sampled_from([f"{kind}{rank}d" for kind in kinds])}
    must["kernel_size"] = per_axis(rank, SOME)
    may = {"stride": per_axis(rank, SOME), "padding": per_axis(rank, st.integers(0, 2))}
    if "AvgPool" not in kinds:
        may["dilation"] = per_axis(rank, st.integers(1, 2))
    return st.fixed_dictionaries(must, optional=may).map(lambda layer: [layer])


def upsamplings(rank: int, smooth_mode: str) -> st.SearchStrategy[list[Layer]]:
    by_factor = {"scale_factor": per_axis(rank, st.sampled_from([2, 3, 0.5, 1.5, 2.5, 1.25]))}
    to_size = {"size": per_axis(rank, st.integers(3, 20))}
    smooth = {"mode": st.just(smooth_mode)}
    corners = {"align_corners": st.just(True)}
    said = [st.fixed_dictionaries(by) for by in (by_factor, to_size)]
    said += [st.fixed_dictionaries(by | smooth, optional=corners) for by in (by_factor, to_size)]
    return st.one_of(said).map(lambda fields: [{"type": "Upsample", **fields}])


def bins(rank: int) -> st.SearchStrategy[list[Layer]]:
    """At least two along each axis: one in all is a global pooling."""
    sizes = per_axis(rank, st.integers(2, 7))
    return sizes.map(lambda output: [{"type": f"AdaptiveAvgPool{rank}d", "output_size": output}])


def shuffles(rank: int) -> st.SearchStrategy[list[Layer]]:
    """Shuffled pixels come from channels that all saw the same, so a convolution stands before them."""
    if rank == 1:
        return st.nothing()
    up = [
        {"type": "Conv2d", "kernel_size": 1, "out_channels": 4},
        {"type": "PixelShuffle", "upscale_factor": 2},
    ]
    return st.sampled_from([up, [{"type": "PixelUnshuffle", "downscale_factor": 2}]])


def shifts(rank: int) -> st.SearchStrategy[list[Layer]]:
    widths = st.lists(st.integers(0, 3), min_size=2 * rank, max_size=2 * rank)
    signed = widths | widths.map(lambda w: [-width for width in w])
    return signed.map(lambda w: [{"type": "pad", "pad": w}])


@st.composite
def chains(draw: Draw) -> tuple[Shape, list[Layer]]:
    rank = draw(st.integers(1, 2))
    kinds = windows(rank, ["Conv", "ConvTranspose", "MaxPool"]), windows(rank, ["ConvTranspose", "AvgPool"])
    resized = upsamplings(rank, "linear" if rank == 1 else "bilinear")
    links = st.one_of(*kinds, resized, bins(rank), shifts(rank), shuffles(rank))
    drawn = draw(st.lists(links, min_size=1, max_size=5))
    sizes = st.lists(st.integers(9, 30 if rank == 1 else 17), min_size=rank, max_size=rank)
    return tuple(draw(sizes)), [layer for link in drawn for layer in link]


def completed(layer: Layer, channels: int) -> Layer:
    """Convolutions take what arrives and have no bias, so that only the input lights a unit."""
    if not layer["type"].startswith("Conv"):
        return layer
    return {"out_channels": 2, **layer, "in_channels": channels, "bias": False}


def said(layer: Layer, shape: Shape) -> Item:
    if layer["type"] != "pad":
        return item(layer, shape)
    widths = [[abs(width) for width in pair] for pair in zip(*[iter(layer["pad"])] * 2, strict=True)][::-1]
    return {"pad": {"padding": widths}} if max(layer["pad"]) > 0 else {"crop": {"amount": widths}}


def lit(torch: Any, layer: Layer, images: Any) -> Any:
    """The layer with all weights 1, or None where PyTorch refuses it or nothing is left."""
    try:
        made = module(torch, layer)
        if isinstance(made, torch.nn.Module):
            for weight in made.parameters():
                torch.nn.init.ones_(weight)
        after = made(images)
    except REFUSALS:
        return None
    return after if 0 < after[0].numel() <= 20_000 else None


def read_in_two_ways(link: Link) -> bool:
    """Nearest upsampling by a fraction that leaves the size as it is, or doubles it.

    In two dimensions PyTorch then copies each position once or twice; in one and three it uses the factor.
    """
    if "scale_factor" not in link.layer or "mode" in link.layer:
        return False
    factors = [link.field("scale_factor", axis, None) for axis in range(len(link.before) - 1)]
    resized = zip(factors, link.before[1:], link.after[1:], strict=True)
    return any(after in (before, 2 * before) and after != before * factor for factor, before, after in resized)


def run_chain(torch: Any, images: Any, layers: list[Layer]) -> tuple[list[Link], Any]:
    """The layers that fit one another, and what the images became."""
    links: list[Link] = []
    for layer in layers:
        whole, before = completed(layer, images.shape[1]), tuple(images.shape[1:])
        after = lit(torch, whole, images)
        if after is None:
            continue
        link = Link(said(whole, before), whole, before, tuple(after.shape[1:]))
        if not read_in_two_ways(link):
            links.append(link)
            images = after
    return links, images


def lines_of_light(torch: Any, sizes: Shape, axis: int) -> Any:
    """One image for each position along the axis: that line is 1, all else 0."""
    images = torch.zeros((sizes[axis], 1, *sizes), dtype=torch.float64)
    for place in range(sizes[axis]):
        images[place].select(axis + 1, place).fill_(1)
    return images


def answering(images: Any, axis: int) -> list[tuple[int, int] | None]:
    """For each unit along the axis, the first and last line that lights it anywhere."""
    others = [a for a in range(1, images.dim()) if a != axis + 2]
    seen = (images.abs() > 1e-9).sum(dim=others).T.tolist()
    lines = [[line for line, light in enumerate(of_unit) if light] for of_unit in seen]
    return [(of_unit[0], of_unit[-1]) if of_unit else None for of_unit in lines]


def our_axes(sizes: Shape, links: list[Link]) -> Any:
    """Our field along each axis; none where we say that the pattern is too long to tabulate."""
    layers = trace(load(spec_text((1, *sizes), [link.item for link in links]))).layers
    field = layers[-1].receptive_field
    if field is None:
        assert any("too long a period" in note for step in layers for note in step.notes)
        return ()
    return field.axes


def sees_the_lines_that_light_it(sizes: Shape, layers: list[Layer]) -> None:
    torch = torch_or_skip()
    for axis in range(len(sizes)):
        with torch.no_grad():
            links, images = run_chain(torch, lines_of_light(torch, sizes, axis), layers)
        if not links or (len(sizes) > 1 and not images.any()):  # along the other axis no unit sees anything
            continue
        seen = answering(images, axis)
        inside = [unit for unit in range(len(seen)) if reach(links, axis, unit).stays_inside]
        for ours in our_axes(sizes, links)[axis : axis + 1]:
            assert {unit: ours.interval(unit) for unit in inside} == {unit: seen[unit] for unit in inside}


@given(chain=chains())
@example(chain=((3,), [{"type": "Upsample", "scale_factor": 1.25, "mode": "linear"}]))  # copies
@settings(SETTINGS, max_examples=400)
def test_a_unit_sees_the_lines_that_light_it(chain: tuple[Shape, list[Layer]]) -> None:
    sees_the_lines_that_light_it(*chain)


@given(sizes=st.tuples(st.integers(1, 12), st.integers(1, 12)), layers=upsamplings(2, "bicubic"))
@example(sizes=(7, 9), layers=[{"type": "Upsample", "scale_factor": 1.1, "mode": "bicubic"}])  # does not copy
@settings(SETTINGS, max_examples=100)
def test_a_cubic_upsampling_alone(sizes: Shape, layers: list[Layer]) -> None:
    """Its weights have both signs, so that light could go out further down a chain."""
    sees_the_lines_that_light_it(sizes, layers)


@given(chain=chains())
@settings(SETTINGS, max_examples=200)
def test_a_unit_at_the_edge_sees_as_far_as_any_other(chain: tuple[Shape, list[Layer]]) -> None:
    torch = torch_or_skip()
    sizes, layers = chain
    endless = [layer for layer in layers if layer["type"] != "Upsample"]  # whose edge is a rule of its own
    with torch.no_grad():
        links, images = run_chain(torch, torch.zeros((1, 1, *sizes), dtype=torch.float64), endless)
    axes = our_axes(sizes, links) if links else ()
    for axis, ours in enumerate(axes):
        units = range(images.shape[axis + 2])
        assert [ours.interval(u) for u in units] == [reach(links, axis, u).interval for u in units]
