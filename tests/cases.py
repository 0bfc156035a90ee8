"""The table of cases: every layer type in every rank that it has a meaning in, worked by hand.

Shapes are channels first. Beside a row stands the arithmetic where it is not obvious: padded size,
extent of the kernel ``d(k−1)+1``, positions. Nothing here is pasted from a run.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal, NamedTuple

Shape = tuple[int, ...]


class Sees(NamedTuple):
    """The receptive field per axis: the largest size, the stride, where unit 0 begins, the smallest size."""

    size: Shape
    stride: tuple[int | Fraction, ...]
    start: tuple[int | None, ...]
    size_min: Shape | None = None  # as `size`


class Case(NamedTuple):
    """One layer on one input."""

    type: str
    fields: dict[str, Any]
    in_shape: Shape
    out_shape: Shape
    weights: int | None = 0
    biases: int | None = 0
    buffers: int | None = 0
    macs: int | None = 0
    sees: Sees | Literal["pixel", "whole", "unknown"] = "pixel"
    params: int | None = None  # where declared without a split; else weights + biases

    def __str__(self) -> str:
        return f"{self.type}-{'x'.join(map(str, self.in_shape))}-{self.fields}".replace(" ", "")


def part(numerator: int, denominator: int) -> Fraction:
    return Fraction(numerator, denominator)


CONVOLUTIONS = [
    # 16+3=19, extent 2·2+1=5: ⌊14/2⌋+1=8; weights 3·3·4=36, macs 8·36
    Case(
        "conv",
        {"out_channels": 4, "kernel_size": [3], "stride": [2], "padding": [[1, 2]], "dilation": [2]},
        (3, 16),
        (4, 8),
        36,
        4,
        macs=288,
        sees=Sees((5,), (2,), (-1,)),
    ),
    # same at stride 1: extent 2·2+1=5, total 4, two on each side; weights 3·2·3, macs 5·18
    Case(
        "conv",
        {"out_channels": 3, "kernel_size": 3, "padding": "same", "dilation": 2},
        (2, 5),
        (3, 5),
        18,
        3,
        macs=90,
        sees=Sees((5,), (1,), (-2,)),
    ),
    Case(
        "conv",
        {"out_channels": 2, "kernel_size": 3, "padding": 2, "padding_mode": "replicate"},
        (1, 4),
        (2, 6),  # 4+4−3+1
        6,
        2,
        macs=36,
        sees=Sees((3,), (1,), (-2,)),
    ),
    # H: 9+1=10, extent 3: ⌊7/2⌋+1=4; W: 7+2=9, extent 3·1+1=4: 5+1=6; weights 3·2·(4/2)·6=72, macs 24·72
    Case(
        "conv",
        {
            "out_channels": 6,
            "kernel_size": [3, 2],
            "stride": [2, 1],
            "padding": [[1, 0], [0, 2]],
            "dilation": [1, 3],
            "groups": 2,
            "bias": False,
        },
        (4, 9, 7),
        (6, 4, 6),
        72,
        macs=1728,
        sees=Sees((3, 4), (2, 1), (-1, 0)),
    ),
    # H: ⌈7/2⌉=4, total 3·2+4−7=3, one before; W: ⌈11/4⌉=3, total 2·4+2−11<0; weights 4·2·3·8, macs 12·192
    Case(
        "conv",
        {"out_channels": 8, "kernel_size": [4, 2], "stride": [2, 4], "padding": "same"},
        (3, 7, 11),
        (8, 4, 3),
        192,
        8,
        macs=2304,
        sees=Sees((4, 2), (2, 4), (-1, 0)),
    ),
    # depthwise: 3 channels in 3 groups, two filters each: 3·3·1·6=54; macs 20·54
    Case(
        "conv",
        {"out_channels": 6, "kernel_size": 3, "padding": 1, "groups": "depthwise"},
        (3, 5, 4),
        (6, 5, 4),
        54,
        6,
        macs=1080,
        sees=Sees((3, 3), (1, 1), (-1, -1)),
    ),
    # a whole turn before H: 3+3+1=7, 7−3+1=5; W: 4+0+4=8, 8−3+1=6; weights 9·2, macs 30·18
    Case(
        "conv",
        {
            "out_channels": 1,
            "kernel_size": 3,
            "padding": [[3, 1], [0, 4]],
            "padding_mode": "circular",
            "in_channels": 2,
        },
        (2, 3, 4),
        (1, 5, 6),
        18,
        1,
        macs=540,
        sees=Sees((3, 3), (1, 1), (-3, 0)),
    ),
    # the lecture's question: (32 − 5 + 2·2)/1 + 1 = 32; 5·5·3·16=1200; 1024·1200
    Case(
        "conv",
        {"out_channels": 16, "kernel_size": 5, "padding": 2},
        (3, 32, 32),
        (16, 32, 32),
        1200,
        16,
        macs=1_228_800,
        sees=Sees((5, 5), (1, 1), (-2, -2)),
    ),
    Case(
        "conv",
        {"out_channels": 1, "kernel_size": [2, 3], "padding": "valid", "padding_mode": "reflect"},
        (1, 4, 6),
        (1, 3, 4),
        6,
        1,
        macs=72,
        sees=Sees((2, 3), (1, 1), (0, 0)),
    ),
    # D: 5+1=6, extent 1: ⌊5/3⌋+1=2; H: 6+1=7, extent 4: 3+1=4; W: 8+3=11, extent 3: 8/2+1=5
    # weights 1·2·3·2·2=24, macs 40·24
    Case(
        "conv",
        {
            "out_channels": 2,
            "kernel_size": [1, 2, 3],
            "stride": [3, 1, 2],
            "padding": [[0, 1], [1, 0], [2, 1]],
            "dilation": [2, 3, 1],
        },
        (2, 5, 6, 8),
        (2, 2, 4, 5),
        24,
        2,
        macs=960,
        sees=Sees((1, 4, 3), (3, 1, 2), (0, -1, -2)),
    ),
    # (5−1)·3 + 2·3+1 = 19, −3+1 = 17; weights 4·2·3, macs 5 inputs · 24
    # output o reads the j with 3j = o+1−2t, t 0…3: unit 0 {−1}, 1 {0}, 2 {−1, 1}
    Case(
        "conv_transpose",
        {
            "out_channels": 3,
            "kernel_size": [4],
            "stride": [3],
            "padding": [[1, 2]],
            "output_padding": [1],
            "dilation": [2],
        },
        (2, 5),
        (3, 17),
        24,
        3,
        macs=120,
        sees=Sees((3,), (part(1, 3),), (-1,), (1,)),
    ),
    # H: 3·2+3=9, −1+1 = 9; W: 2·3+3=9, −1+2 = 10; weights 2·(4/2)·6, macs 12 inputs · 24
    # H: 2j = o+1−t, t 0…2: unit 0 {0}, 1 {0, 1}; W: 3j = o−2t, t 0, 1: 0 {0}, 1 nothing, 2 {0}
    Case(
        "conv_transpose",
        {
            "out_channels": 4,
            "kernel_size": [3, 2],
            "stride": [2, 3],
            "padding": [[1, 0], [0, 1]],
            "output_padding": [1, 2],
            "dilation": [1, 2],
            "groups": 2,
            "bias": False,
        },
        (2, 4, 3),
        (4, 9, 10),
        24,
        macs=288,
        sees=Sees((2, 1), (part(1, 2), part(1, 3)), (0, 0), (1, 0)),
    ),
    # a U-Net's: each input becomes a block of 2×2; weights 4·2·4, macs 15 inputs · 32
    Case(
        "conv_transpose",
        {"out_channels": 2, "kernel_size": 2, "stride": 2},
        (4, 3, 5),
        (2, 6, 10),
        32,
        2,
        macs=480,
        sees=Sees((1, 1), (part(1, 2), part(1, 2)), (0, 0)),
    ),
    # depthwise, two filters for each of 2 channels: 2·(4/2)·9=36; 3+2, 4+2; j = o−t, t 0…2
    Case(
        "conv_transpose",
        {"out_channels": 4, "kernel_size": 3, "groups": "depthwise", "in_channels": 2},
        (2, 3, 4),
        (4, 5, 6),
        36,
        4,
        macs=432,
        sees=Sees((3, 3), (1, 1), (-2, -2)),
    ),
    # D: 3·1+4=7, −1 = 6; H: 2·2+3=7, −2+1 = 6; W: 1·3+7=10, −3+2 = 9; weights 24·2·3, macs 24 inputs · 144
    # D: j = o+1−3t, t 0, 1: {−2, 1}; H: 2j = o−t, t 0…2: 0 {−1, 0}, 1 {0};
    # W: 3j = o+2−2t, t 0…3: 0 {0}, 1 {−1, 1}, 2 {0}
    Case(
        "conv_transpose",
        {
            "out_channels": 3,
            "kernel_size": [2, 3, 4],
            "stride": [1, 2, 3],
            "padding": [[1, 0], [0, 2], [2, 1]],
            "output_padding": [0, 1, 2],
            "dilation": [3, 1, 2],
        },
        (2, 4, 3, 2),
        (3, 6, 6, 9),
        144,
        3,
        macs=3456,
        sees=Sees((4, 2, 3), (1, part(1, 2), part(1, 3)), (-2, -1, 0), (4, 1, 1)),
    ),
    # 10+3=13, extent 5: 8/2+1=5; depthwise 3·(3·2)=18, pointwise 6·5=30; macs 5·48
    Case(
        "separable_conv",
        {
            "out_channels": 5,
            "kernel_size": [3],
            "stride": [2],
            "padding": [[2, 1]],
            "dilation": [2],
            "depth_multiplier": 2,
        },
        (3, 10),
        (5, 5),
        48,
        5,
        macs=240,
        sees=Sees((5,), (2,), (-2,)),
    ),
    # H: 5+1=6, extent 4: 2+1=3; W: 8+2=10, extent 3: ⌊7/2⌋+1=4; 6·3=18 and 3·2=6; macs 12·24
    Case(
        "separable_conv",
        {
            "out_channels": 2,
            "kernel_size": [2, 3],
            "stride": [1, 2],
            "padding": [[1, 0], [0, 2]],
            "dilation": [3, 1],
            "bias": False,
        },
        (3, 5, 8),
        (2, 3, 4),
        24,
        macs=288,
        sees=Sees((4, 3), (1, 2), (-1, 0)),
    ),
    # H: ⌈5/2⌉=3, total 2·2+3−5=2; W: ⌈6/2⌉=3, total 4+3−6=1, after; 9·2=18 and 2·3=6; macs 9·24
    Case(
        "separable_conv",
        {"out_channels": 3, "kernel_size": 3, "stride": 2, "padding": "same"},
        (2, 5, 6),
        (3, 3, 3),
        24,
        3,
        macs=216,
        sees=Sees((3, 3), (2, 2), (-1, 0)),
    ),
    # D: 4+1=5, extent 1: 4/2+1=3; H: 5+1=6, extent 3: 3+1=4; W: 6+3=9, extent 3: 6/3+1=3
    # 6·2=12 and 2·4=8; macs 36·20
    Case(
        "separable_conv",
        {
            "out_channels": 4,
            "kernel_size": [1, 2, 3],
            "stride": [2, 1, 3],
            "padding": [[1, 0], [0, 1], [2, 1]],
            "dilation": [3, 2, 1],
        },
        (2, 4, 5, 6),
        (4, 3, 4, 3),
        20,
        4,
        macs=720,
        sees=Sees((1, 3, 3), (2, 1, 3), (-1, 0, -2)),
    ),
]

FC = [
    Case("fc", {"out_features": 10}, (784,), (10,), 7840, 10, macs=7840),
    Case("fc", {"out_features": 5, "bias": False, "in_features": 12}, (12,), (5,), 60, macs=60),
    # the same 3·4 weights at each of 7, 10, 24 positions
    Case("fc", {"out_features": 4, "per_position": True}, (3, 7), (4, 7), 12, 4, macs=84),
    Case("fc", {"out_features": 4, "per_position": True}, (3, 2, 5), (4, 2, 5), 12, 4, macs=120),
    Case("fc", {"out_features": 4, "per_position": True}, (3, 2, 3, 4), (4, 2, 3, 4), 12, 4, macs=288),
]

POOLS = [
    # 9+1=10, extent 5: ⌊5/2⌋+1=3
    Case(
        "maxpool",
        {"kernel_size": [3], "stride": [2], "padding": [[1, 0]], "dilation": [2]},
        (2, 9),
        (2, 3),
        sees=Sees((5,), (2,), (-1,)),
    ),
    # (5+2−2)/3 rounded up is 2, and 1; but the third window starts at 6, where 5+1 have gone: dropped
    Case(
        "maxpool",
        {"kernel_size": 2, "stride": 3, "padding": 1, "ceil_mode": True},
        (1, 5),
        (1, 2),
        sees=Sees((2,), (3,), (-1,)),
    ),
    # same, dilated: 6 outputs at stride 1, extent 5, two on each side, more than half of the kernel of 3
    Case(
        "maxpool",
        {"kernel_size": 3, "stride": 1, "padding": "same", "dilation": 2},
        (1, 6),
        (1, 6),
        sees=Sees((5,), (1,), (-2,)),
    ),
    # H: 8+1=9, extent 2: ⌊7/3⌋+1=3; W: 7+1=8, extent 5: 3+1=4
    Case(
        "maxpool",
        {"kernel_size": [2, 3], "stride": [3, 1], "padding": [[1, 0], [0, 1]], "dilation": [1, 2]},
        (3, 8, 7),
        (3, 3, 4),
        sees=Sees((2, 5), (3, 1), (-1, 0)),
    ),
    Case("maxpool", {"kernel_size": 2}, (1, 5, 4), (1, 2, 2), sees=Sees((2, 2), (2, 2), (0, 0))),
    # H: ⌈6/2⌉=3, total 4+3−6=1, after; W: ⌈7/2⌉=4, total 6+3−7=2
    Case(
        "maxpool",
        {"kernel_size": 3, "stride": 2, "padding": "same"},
        (1, 6, 7),
        (1, 3, 4),
        sees=Sees((3, 3), (2, 2), (0, -1)),
    ),
    # H: (6−3)/2 rounded up is 2, and 1, the third starts at 4 < 6: kept; W: (5+2−2)/3: as above, dropped
    Case(
        "maxpool",
        {"kernel_size": [3, 2], "stride": [2, 3], "padding": [0, 1], "ceil_mode": True},
        (2, 6, 5),
        (2, 3, 2),
        sees=Sees((3, 2), (2, 3), (0, -1)),
    ),
    # D: 5+1=6, extent 4: 2+1=3; H: 6+1=7, extent 3: 4/2+1=3; W: 9+3=12, extent 7: ⌊5/3⌋+1=2
    Case(
        "maxpool",
        {
            "kernel_size": [2, 3, 4],
            "stride": [1, 2, 3],
            "padding": [[1, 0], [0, 1], [2, 1]],
            "dilation": [3, 1, 2],
        },
        (1, 5, 6, 9),
        (1, 3, 3, 2),
        sees=Sees((4, 3, 7), (1, 2, 3), (-1, 0, -2)),
    ),
    *(
        case
        for kind, own in (("avgpool", {"count_include_pad": False}), ("lppool", {"norm_type": 3}))
        for case in (
            # 10+3=13: 9/3+1=4
            Case(
                kind,
                {"kernel_size": [4], "stride": [3], "padding": [[2, 1]], **own},
                (2, 10),
                (2, 4),
                sees=Sees((4,), (3,), (-2,)),
            ),
            # H: 7+1=8: ⌊5/2⌋+1=3; W: 5+1=6: 4/1+1=5
            Case(
                kind,
                {"kernel_size": [3, 2], "stride": [2, 1], "padding": [[0, 1], [1, 0]], **own},
                (1, 7, 5),
                (1, 3, 5),
                sees=Sees((3, 2), (2, 1), (0, -1)),
            ),
            # the last window dropped along W, as in maxpool
            Case(
                kind,
                {"kernel_size": [3, 2], "stride": [2, 3], "padding": [0, 1], "ceil_mode": True},
                (2, 6, 5),
                (2, 3, 2),
                sees=Sees((3, 2), (2, 3), (0, -1)),
            ),
            # H: ⌈7/3⌉=3, total 6+4−7=3, one before; W: ⌈5/2⌉=3, total 4+3−5=2
            Case(
                kind,
                {"kernel_size": [4, 3], "stride": [3, 2], "padding": "same"},
                (1, 7, 5),
                (1, 3, 3),
                sees=Sees((4, 3), (3, 2), (-1, -1)),
            ),
            # D: 4+1=5: 3+1=4; H: 6+1=7: 4/2+1=3; W: 9+3=12: ⌊8/3⌋+1=3
            Case(
                kind,
                {"kernel_size": [2, 3, 4], "stride": [1, 2, 3], "padding": [[1, 0], [0, 1], [2, 1]]},
                (2, 4, 6, 9),
                (2, 4, 3, 3),
                sees=Sees((2, 3, 4), (1, 2, 3), (-1, 0, -2)),
            ),
        )
    ),
    *(
        case
        for kind in ("adaptive_avgpool", "adaptive_maxpool")
        for case in (
            Case(kind, {"output_size": [None]}, (2, 5), (2, 5), sees=Sees((1,), (1,), (0,))),
            # 5 into 3: {0, 1}, {1, 2, 3}, {3, 4}
            Case(
                kind,
                {"output_size": [3]},
                (2, 5),
                (2, 3),
                sees=Sees((3,), (part(5, 3),), (0,), (2,)),
            ),
            # 2 into 3: {0}, {0, 1}, {1}
            Case(kind, {"output_size": 3}, (1, 2), (1, 3), sees=Sees((2,), (part(2, 3),), (0,), (1,))),
            # W: 6 into 4: {0, 1}, {1, 2}, {3, 4}, {4, 5}
            Case(
                kind,
                {"output_size": [3, 4]},
                (1, 5, 6),
                (1, 3, 4),
                sees=Sees((3, 2), (part(5, 3), part(3, 2)), (0, 0), (2, 2)),
            ),
            # W: 7 into 2: {0, 1, 2, 3}, {3, 4, 5, 6}
            Case(
                kind,
                {"output_size": [None, 2]},
                (3, 4, 7),
                (3, 4, 2),
                sees=Sees((1, 4), (1, part(7, 2)), (0, 0)),
            ),
            Case(kind, {"output_size": 1}, (3, 4, 7), (3, 1, 1), sees="whole"),
            # D: 3 into 2: {0, 1}, {1, 2}; W: 8 into 3: {0, 1, 2}, {2, 3, 4, 5}, {5, 6, 7}
            Case(
                kind,
                {"output_size": [2, None, 3]},
                (1, 3, 4, 8),
                (1, 2, 4, 3),
                sees=Sees((2, 1, 4), (part(3, 2), 1, part(8, 3)), (0, 0, 0), (2, 1, 3)),
            ),
        )
    ),
    *(
        case
        for kind in ("global_avgpool", "global_maxpool")
        for case in (
            Case(kind, {}, (3, 7), (3,), sees="whole"),
            Case(kind, {}, (3, 4, 7), (3,), sees="whole"),
            Case(kind, {"keepdims": True}, (3, 4, 7), (3, 1, 1), sees="whole"),
            Case(kind, {}, (2, 3, 4, 5), (2,), sees="whole"),
        )
    ),
]

SHAPES = ((6,), (6, 5), (6, 4, 5), (6, 2, 3, 4))
"""One shape of each rank."""

NORMALISATIONS = [
    Case("batchnorm", {}, (5,), (5,), 5, 5, 10),
    Case("batchnorm", {}, (3, 4), (3, 4), 3, 3, 6),
    Case("batchnorm", {"num_features": 3}, (3, 4, 5), (3, 4, 5), 3, 3, 6),
    Case("batchnorm", {"affine": False}, (3, 4, 5), (3, 4, 5), 0, 0, 6),
    Case("batchnorm", {"scale": False}, (3, 4, 5), (3, 4, 5), 0, 3, 6),
    Case("batchnorm", {"bias": False, "track_running_stats": False}, (3, 4, 5), (3, 4, 5), 3, 0, 0),
    Case("batchnorm", {}, (2, 3, 4, 5), (2, 3, 4, 5), 2, 2, 4),
    Case("layernorm", {}, (7,), (7,), 7, 7),
    Case("layernorm", {}, (3, 4), (3, 4), 3, 3),
    Case("layernorm", {"over": "all"}, (3, 4, 5), (3, 4, 5), 60, 60),
    Case("layernorm", {"over": "spatial", "bias": False}, (3, 4, 5), (3, 4, 5), 20, 0),
    Case("layernorm", {"affine": False}, (3, 4, 5), (3, 4, 5)),
    Case("layernorm", {"over": "spatial"}, (2, 3, 4, 5), (2, 3, 4, 5), 60, 60),
    Case("rmsnorm", {}, (7,), (7,), 7),
    Case("rmsnorm", {}, (3, 4), (3, 4), 3),
    Case("rmsnorm", {"over": "all"}, (3, 4, 5), (3, 4, 5), 60),
    Case("rmsnorm", {"affine": False}, (3, 4, 5), (3, 4, 5)),
    Case("rmsnorm", {"over": "spatial"}, (2, 3, 4, 5), (2, 3, 4, 5), 60),
    *(Case("groupnorm", {"num_groups": 3}, shape, shape, 6, 6) for shape in SHAPES),
    Case("groupnorm", {"num_groups": 2, "affine": False, "num_channels": 6}, (6, 4, 5), (6, 4, 5)),
    *(Case("instancenorm", {}, shape, shape) for shape in SHAPES[1:]),
    Case("instancenorm", {"affine": True, "num_features": 3}, (3, 4, 5), (3, 4, 5), 3, 3),
    Case("instancenorm", {"track_running_stats": True}, (3, 1, 1), (3, 1, 1), 0, 0, 6),
    *(Case("lrn", {"size": 5, "alpha": 2e-5, "beta": 0.5, "k": 2.0}, shape, shape) for shape in SHAPES[1:]),
    *(Case("scale", {"init": 1e-6}, shape, shape, 6) for shape in SHAPES),
]

ELEMENTWISE: list[tuple[str, dict[str, Any]]] = [
    ("relu", {}),
    ("relu6", {}),
    ("leaky_relu", {"negative_slope": 0.2}),
    ("elu", {"alpha": 0.5}),
    ("selu", {}),
    ("celu", {"alpha": 2.0}),
    ("gelu", {"approximate": "tanh"}),
    ("silu", {}),
    ("mish", {}),
    ("hardswish", {}),
    ("hardsigmoid", {}),
    ("hardtanh", {"min_val": -2.0, "max_val": 0.5}),
    ("sigmoid", {}),
    ("tanh", {}),
    ("softplus", {"beta": 2.0, "threshold": 10.0}),
    ("softsign", {}),
    ("softmax", {}),
    ("log_softmax", {}),
    ("dropout", {"p": 0.2}),
    ("stochastic_depth", {"p": 0.1}),
    ("identity", {}),
]
"""Layers that keep every shape and have nothing to count."""

ACTIVATIONS = [
    *(Case(kind, fields, shape, shape) for kind, fields in ELEMENTWISE for shape in SHAPES),
    Case("prelu", {}, (6,), (6,), 1),
    Case("prelu", {"num_parameters": "channels"}, (6, 5), (6, 5), 6),
    Case("prelu", {"num_parameters": 6}, (6, 4, 5), (6, 4, 5), 6),
    Case("prelu", {"num_parameters": 1}, (6, 2, 3, 4), (6, 2, 3, 4), 1),
    *(Case("glu", {}, shape, (3, *shape[1:])) for shape in SHAPES),
]

REARRANGEMENTS = [
    Case("flatten", {}, (6,), (6,)),
    Case("flatten", {}, (2, 3), (6,), sees="whole"),
    Case("flatten", {}, (2, 3, 4), (24,), sees="whole"),
    Case("flatten", {}, (2, 3, 4, 5), (120,), sees="whole"),
    Case("flatten", {"start": "spatial"}, (2, 3), (2, 3)),  # nothing moves
    Case("flatten", {"start": "spatial"}, (2, 3, 4), (2, 12), sees="whole"),
    Case("flatten", {"start": "spatial"}, (2, 3, 4, 5), (2, 60), sees="whole"),
    Case("reshape", {"shape": "4x3x2"}, (24,), (2, 4, 3)),
    Case("reshape", {"shape": 24}, (6, 4), (24,), sees="whole"),
    Case("reshape", {"shape": [2, 12]}, (2, 3, 4), (2, 12), sees="whole"),
    Case("reshape", {"shape": "3x4x2"}, (2, 3, 4), (2, 3, 4)),  # nothing moves
    Case("reshape", {"shape": [5, 4, 3, 2]}, (2, 3, 4, 5), (5, 4, 3, 2), sees="whole"),
    Case("pixel_shuffle", {"upscale_factor": 2}, (4, 3), (2, 6), sees=Sees((1,), (part(1, 2),), (0,))),
    Case(
        "pixel_shuffle",
        {"upscale_factor": 3},
        (9, 2, 4),
        (1, 6, 12),
        sees=Sees((1, 1), (part(1, 3), part(1, 3)), (0, 0)),
    ),
    Case(
        "pixel_shuffle",
        {"upscale_factor": 2},
        (8, 1, 2, 3),
        (1, 2, 4, 6),
        sees=Sees((1, 1, 1), (part(1, 2),) * 3, (0, 0, 0)),
    ),
    Case("pixel_unshuffle", {"downscale_factor": 3}, (2, 6), (6, 2), sees=Sees((3,), (3,), (0,))),
    Case(
        "pixel_unshuffle",
        {"downscale_factor": 2},
        (1, 4, 6),
        (4, 2, 3),
        sees=Sees((2, 2), (2, 2), (0, 0)),
    ),
    Case(
        "pixel_unshuffle",
        {"downscale_factor": 2},
        (1, 2, 4, 6),
        (8, 1, 2, 3),
        sees=Sees((2, 2, 2), (2, 2, 2), (0, 0, 0)),
    ),
    *(Case("channel_shuffle", {"groups": 3}, shape, shape) for shape in SHAPES[1:]),
    Case("pad", {"padding": [[2, 1]]}, (1, 4), (1, 7), sees=Sees((1,), (1,), (-2,))),
    Case(
        "pad",
        {"padding": [[1, 2], [0, 3]], "mode": "reflect"},
        (2, 4, 5),
        (2, 7, 8),
        sees=Sees((1, 1), (1, 1), (-1, 0)),
    ),
    Case(
        "pad",
        {"padding": [1, 3], "mode": "circular"},
        (1, 2, 3),
        (1, 4, 9),
        sees=Sees((1, 1), (1, 1), (-1, -3)),
    ),
    Case(
        "pad",
        {"padding": [[1, 0], [0, 2], [3, 1]], "mode": "replicate"},
        (1, 2, 3, 4),
        (1, 3, 5, 8),
        sees=Sees((1, 1, 1), (1, 1, 1), (-1, 0, -3)),
    ),
    Case("crop", {"amount": [[2, 1]]}, (1, 8), (1, 5), sees=Sees((1,), (1,), (2,))),
    Case("crop", {"amount": [[1, 0], [0, 2]]}, (1, 4, 5), (1, 3, 3), sees=Sees((1, 1), (1, 1), (1, 0))),
    # three rows to spare, one before and two after; five columns, two before and three after
    Case("crop", {"size": [3, 2]}, (2, 6, 7), (2, 3, 2), sees=Sees((1, 1), (1, 1), (1, 2))),
    Case(
        "crop",
        {"amount": [[1, 0], [0, 2], [2, 1]]},
        (1, 3, 5, 6),
        (1, 2, 3, 3),
        sees=Sees((1, 1, 1), (1, 1, 1), (1, 0, 2)),
    ),
    Case("slice", {"channels": [1, 3]}, (4,), (2,)),
    Case("slice", {"channels": [0, 1]}, (4, 5), (1, 5)),
    Case("slice", {"channels": [1, 4]}, (4, 3, 5), (3, 3, 5)),
    Case("slice", {"channels": [2, 4]}, (4, 2, 3, 5), (2, 2, 3, 5)),
]

UPSAMPLINGS = [
    Case("upsample", {"scale_factor": 2}, (2, 5), (2, 10), sees=Sees((1,), (part(1, 2),), (0,))),
    # ⌊7.5⌋; from −1/6, 1/2, 7/6, …: {−1, 0}, {0, 1}, {1, 2}, and two further on
    Case(
        "upsample",
        {"scale_factor": 1.5, "mode": "linear"},
        (1, 5),
        (1, 7),
        sees=Sees((2,), (part(2, 3),), (-1,)),
    ),
    # H: ⌊7.5⌋, from 0, ⌊2/3⌋, ⌊4/3⌋
    Case(
        "upsample",
        {"scale_factor": [1.5, 2]},
        (2, 5, 3),
        (2, 7, 6),
        sees=Sees((1, 1), (part(2, 3), part(1, 2)), (0, 0)),
    ),
    # corners on corners: H in steps of (3−1)/(5−1)=1/2: {0}, {0, 1}; W of (4−1)/(10−1)=1/3: {0}, {0, 1} twice
    Case(
        "upsample",
        {"size": [5, 10], "mode": "bilinear", "align_corners": True},
        (1, 3, 4),
        (1, 5, 10),
        sees=Sees((2, 2), (part(1, 2), part(1, 3)), (0, 0), (1, 1)),
    ),
    # H from −1/4, 1/4: {−1, 0}, {0, 1}; W from −3/10, 1/10, 5/10, 9/10, 13/10
    Case(
        "upsample",
        {"size": [6, 10], "mode": "bilinear"},
        (2, 3, 4),
        (2, 6, 10),
        sees=Sees((2, 2), (part(1, 2), part(2, 5)), (-1, -1)),
    ),
    # cubic: from −1/4, neighbours −1 and 0 and one more on each side
    Case(
        "upsample",
        {"scale_factor": 2, "mode": "bicubic"},
        (1, 4, 3),
        (1, 8, 6),
        sees=Sees((4, 4), (part(1, 2), part(1, 2)), (-2, -2)),
    ),
    Case(
        "upsample",
        {"scale_factor": [2, 1.5, 3]},
        (1, 2, 3, 4),
        (1, 4, 4, 12),
        sees=Sees((1, 1, 1), (part(1, 2), part(2, 3), part(1, 3)), (0, 0, 0)),
    ),
    # D 2 to 3: from −1/6, 1/2, 7/6; H 4 to 2: from 1/2: {0, 1}, then {2, 3};
    # W 3 to 5: from −1/5, 2/5, 1, 8/5, 11/5: {−1, 0}, {0, 1}, {1}, {1, 2}, {2, 3}
    Case(
        "upsample",
        {"size": [3, 2, 5], "mode": "trilinear"},
        (1, 2, 4, 3),
        (1, 3, 2, 5),
        sees=Sees((2, 2, 2), (part(2, 3), 2, part(3, 5)), (-1, 0, -1), (2, 2, 1)),
    ),
]

ATTENTION = [
    # 4 projections of 6·6, keys of 6/2=3; macs 5·144 and 5·5·2·(3+3)=300
    Case("attention", {"num_heads": 2}, (6, 5), (6, 5), 144, 24, macs=1020, sees="whole"),
    # 6·3·(2+2+4)=144 and 3·4·5=60; 8 positions: 8·204=1632 and 64·3·(2+4)=1152
    Case(
        "attention",
        {"num_heads": 3, "key_dim": 2, "value_dim": 4, "out_features": 5, "bias": False},
        (6, 2, 4),
        (5, 2, 4),
        204,
        macs=2784,
        sees="whole",
    ),
    # 24 positions: 24·16=384 and 576·(2+2)=2304
    Case("attention", {"num_heads": 1}, (2, 2, 3, 4), (2, 2, 3, 4), 16, 8, macs=2688, sees="whole"),
    # what counters are held against: 4·512²; 128·4·512² + 128²·(512+512)
    Case(
        "attention",
        {"num_heads": 8},
        (512, 128),
        (512, 128),
        1_048_576,
        2048,
        macs=150_994_944,
        sees="whole",
    ),
    # 10 to 12, three windows; 4·16=64 and 7 distances · 2; 4² pairs; macs 12·64 and 3·16·(4+4)
    # unit 0 is cut off from the window −3…0
    Case(
        "window_attention",
        {"window_size": [4], "num_heads": 2, "shift": [1]},
        (4, 10),
        (4, 10),
        78,
        16,
        16,
        1152,
        Sees((4,), (1,), (-3,)),
    ),
    # 5×8 to 6×9, nine windows of 6; 4·9=36 and 3·5 distances · 3; macs 54·36 and 9·36·(3+3)
    Case(
        "window_attention",
        {"window_size": [2, 3], "num_heads": 3, "shift": [1, 2], "bias": False},
        (3, 5, 8),
        (3, 5, 8),
        81,
        0,
        36,
        3888,
        Sees((2, 3), (1, 1), (-1, -1)),
    ),
    # two windows of 9; macs 18·16 and 2·81·(2+2); along W there is but one, so it is not shifted
    Case(
        "window_attention",
        {"window_size": 3, "num_heads": 1, "shift": 1, "relative_position_bias": False},
        (2, 6, 3),
        (2, 6, 3),
        16,
        8,
        macs=936,
        sees=Sees((3, 3), (1, 1), (-2, 0)),
    ),
    # 3×4 to 4×4, one window, so not shifted; 16 and 7·7; macs 16·16 and 256·(2+2)
    Case(
        "window_attention",
        {"window_size": 4, "num_heads": 1, "shift": 1},
        (2, 3, 4),
        (2, 3, 4),
        65,
        8,
        256,
        1280,
        "whole",
    ),
    # 2×3×5 to 2×4×6, eight windows of 6; 64 and 1·3·5 distances · 2; macs 48·64 and 8·36·(4+4)
    Case(
        "window_attention",
        {"window_size": [1, 2, 3], "num_heads": 2, "shift": [0, 1, 2]},
        (4, 2, 3, 5),
        (4, 2, 3, 5),
        94,
        16,
        36,
        5376,
        Sees((1, 2, 3), (1, 1, 1), (0, -1, -1)),
    ),
]

TOKENS = [
    Case("embedding", {"num_embeddings": 7, "embedding_dim": 4}, (5,), (4, 5), 28),
    Case("class_token", {}, (4, 6), (4, 7), 4, sees=Sees((1,), (1,), (-1,))),
    Case("position_embedding", {}, (6, 5), (6, 5), 30),
    Case("position_embedding", {}, (6, 4, 5), (6, 4, 5), 120),
    Case("position_embedding", {}, (6, 2, 3, 4), (6, 2, 3, 4), 144),
    Case("select_token", {}, (4, 6), (4,), sees="whole"),
    Case("select_token", {"index": -2}, (4, 6), (4,), sees="whole"),
]

STACKED = {"hidden_size": 3, "num_layers": 2, "bidirectional": True, "bias": "one", "return_sequence": False}

RECURRENT = [
    *(
        case
        for kind, gates in (("rnn", 1), ("gru", 3), ("lstm", 4))
        for case in (
            # 3·(2+3) a gate, two biases for each of 3 units; at 5 positions
            Case(kind, {"hidden_size": 3}, (2, 5), (3, 5), 15 * gates, 6 * gates, macs=75 * gates, sees="whole"),
            # each way 3·(2+3), then 3·(6+3): 2·42 a gate; 2·2·3 biases a gate; 5·84
            Case(kind, STACKED, (2, 5), (6,), 84 * gates, 12 * gates, macs=420 * gates, sees="whole"),
        )
    ),
    # each way 4·4·(3+2)+2·4=88, then 4·4·(4+2)+2·4=104: 2·192, at 6 positions
    Case(
        "lstm",
        {"hidden_size": 4, "num_layers": 2, "bidirectional": True, "proj_size": 2, "bias": False},
        (3, 6),
        (4, 6),
        384,
        macs=2304,
        sees="whole",
    ),
]

CUSTOM = [
    Case(
        "custom",
        {"out_shape": 10, "params": 1000, "buffers": 3, "macs": 5000, "window": "whole"},
        (6,),
        (10,),
        None,
        None,
        3,
        5000,
        sees="whole",
        params=1000,
    ),
    # extent 2·2+1=5, moved by 4 from −1
    Case(
        "custom",
        {
            "out_shape": "9x7",
            "window": {"kernel_size": [3], "stride": [4], "padding": [[1, 2]], "dilation": [2]},
        },
        (2, 36),
        (7, 9),
        None,
        None,
        None,
        None,
        sees=Sees((5,), (4,), (-1,)),
    ),
    Case("custom", {"out_shape": [7, 9]}, (2, 36), (7, 9), None, None, None, None, sees="unknown"),
    # declared 0 parameters are 0 weights and 0 biases; H: extent 3, W: 3·1+1=4
    Case(
        "custom",
        {
            "out_shape": "3x5x4",
            "params": 0,
            "buffers": 0,
            "macs": 0,
            "window": {
                "kernel_size": [3, 2],
                "stride": [2, 1],
                "padding": [[1, 0], [0, 2]],
                "dilation": [1, 3],
            },
        },
        (2, 6, 4),
        (4, 3, 5),
        sees=Sees((3, 4), (2, 1), (-1, 0)),
    ),
    Case(
        "custom",
        {"out_shape": [4, 6, 4], "window": "pointwise"},
        (2, 6, 4),
        (4, 6, 4),
        None,
        None,
        None,
        None,
    ),
    Case(
        "custom",
        {
            "out_shape": [1, 2, 3, 4],
            "window": {
                "kernel_size": [1, 2, 3],
                "stride": [3, 1, 2],
                "padding": [[0, 1], [1, 0], [2, 1]],
                "dilation": [2, 3, 1],
            },
        },
        (1, 4, 3, 8),
        (1, 2, 3, 4),
        None,
        None,
        None,
        None,
        sees=Sees((1, 4, 3), (3, 1, 2), (0, -1, -2)),
    ),
]

CASES: list[Case] = [
    *CONVOLUTIONS,
    *FC,
    *POOLS,
    *NORMALISATIONS,
    *ACTIVATIONS,
    *REARRANGEMENTS,
    *UPSAMPLINGS,
    *ATTENTION,
    *TOKENS,
    *RECURRENT,
    *CUSTOM,
]
