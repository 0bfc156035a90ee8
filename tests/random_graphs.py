"""Random small networks, as data of the spec language: every windowed layer type, merges, gates, any rank."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import shapecalc

Draw = Callable[[random.Random, int], dict[str, Any]]

MODES = {1: "linear", 2: "bilinear", 3: "trilinear"}


def sizes(draw: random.Random, rank: int, low: int, high: int) -> list[int]:
    return [draw.randint(low, high) for _ in range(rank)]


def pairs(draw: random.Random, rank: int, high: int) -> list[list[int]]:
    return [[draw.randint(0, high), draw.randint(0, high)] for _ in range(rank)]


def conv(draw: random.Random, rank: int) -> dict[str, Any]:
    fields = {
        "out_channels": draw.choice([1, 2, 4]),
        "kernel_size": sizes(draw, rank, 1, 3),
        "stride": sizes(draw, rank, 1, 2),
        "dilation": sizes(draw, rank, 1, 2),
        "padding": draw.choice(["same", "valid", pairs(draw, rank, 2)]),
        "groups": draw.choice([1, 1, "depthwise"]),
    }
    if draw.random() < 0.3:
        fields["padding_mode"] = draw.choice(["reflect", "replicate", "circular"])
    return {"conv": fields}


def separable_conv(draw: random.Random, rank: int) -> dict[str, Any]:
    return {"separable_conv": {"out_channels": 2, "kernel_size": sizes(draw, rank, 1, 3), "padding": "same"}}


def conv_transpose(draw: random.Random, rank: int) -> dict[str, Any]:
    fields = {
        "out_channels": 2,
        "kernel_size": sizes(draw, rank, 1, 3),
        "stride": sizes(draw, rank, 1, 3),
        "dilation": sizes(draw, rank, 1, 2),
        "padding": draw.randint(0, 1),
    }
    return {"conv_transpose": fields}


def pool(draw: random.Random, rank: int) -> dict[str, Any]:
    word = draw.choice(["maxpool", "avgpool", "lppool"])
    fields: dict[str, Any] = {
        "kernel_size": sizes(draw, rank, 2, 3),
        "stride": sizes(draw, rank, 1, 3),
        "padding": 0 if word == "lppool" else draw.randint(0, 1),
        "ceil_mode": draw.random() < 0.4,
    }
    if word == "maxpool" and draw.random() < 0.3:
        fields["dilation"] = 2
    return {word: fields}


def adaptive(draw: random.Random, rank: int) -> dict[str, Any]:
    return {draw.choice(["adaptive_avgpool", "adaptive_maxpool"]): {"output_size": sizes(draw, rank, 1, 5)}}


def upsample(draw: random.Random, rank: int) -> dict[str, Any]:
    fields: dict[str, Any] = {"mode": draw.choice(["nearest", MODES[rank]])}
    if draw.random() < 0.5:
        fields["size"] = sizes(draw, rank, 2, 9)
    else:
        fields["scale_factor"] = draw.choice([2, 3])
    if fields["mode"] != "nearest" and draw.random() < 0.5:
        fields["align_corners"] = True
    return {"upsample": fields}


def shuffle(draw: random.Random, rank: int) -> dict[str, Any]:
    return {"pixel_shuffle": 2} if draw.random() < 0.5 else {"pixel_unshuffle": 2}


def border(draw: random.Random, rank: int) -> dict[str, Any]:
    if draw.random() < 0.5:
        return {"crop": {"amount": pairs(draw, rank, 1)}}
    mode = draw.choice(["zeros", "reflect", "replicate", "circular"])
    return {"pad": {"padding": pairs(draw, rank, 2), "mode": mode}}


def still(draw: random.Random, rank: int) -> dict[str, Any]:
    return draw.choice([{"relu": None}, {"batchnorm": None}, {"scale": None}, {"identity": None}, {"slice": [0, 1]}])


def gate(draw: random.Random, rank: int) -> dict[str, Any]:
    return {draw.choice(["global_avgpool", "global_maxpool"]): {"keepdims": True}}


LAYERS: list[tuple[Draw, int]] = [
    (conv, 6),
    (separable_conv, 1),
    (conv_transpose, 2),
    (pool, 3),
    (adaptive, 1),
    (upsample, 2),
    (shuffle, 1),
    (border, 2),
    (still, 2),
    (gate, 1),
]
"""What a layer is drawn by, and how often."""


def graph(seed: int) -> dict[str, Any]:
    """A network of three to eight layers, each reading any tensor above it. The same seed gives the same one."""
    draw = random.Random(seed)
    rank = draw.choice([1, 2, 2, 2, 3])
    shape = [draw.choice([1, 2]), *sizes(draw, rank, *{1: (6, 24), 2: (5, 8), 3: (3, 4)}[rank])]
    spec: dict[str, Any] = {"input": shape, "layers": []}
    shapes: dict[str, tuple[int, ...]] = {"input": tuple(shape)}
    wanted = draw.randint(3, 8)
    for _ in range(60):
        if len(spec["layers"]) == wanted:
            break
        item = _join(draw, shapes) if draw.random() < 0.3 else _layer(draw, rank, [{"name": "input"}, *spec["layers"]])
        if item is None:
            continue
        item["name"] = f"n{len(spec['layers'])}"
        tried = {**spec, "layers": [*spec["layers"], item]}
        try:
            shapes[item["name"]] = shapecalc.trace(shapecalc.load(json.dumps(tried))).layers[-1].out_shape
        except shapecalc.SpecError:
            continue
        if max(shapes[item["name"]]) > 30:
            del shapes[item["name"]]
            continue
        spec = tried
    return spec


def _layer(draw: random.Random, rank: int, above: list[dict[str, Any]]) -> dict[str, Any] | None:
    maker = draw.choices([maker for maker, _ in LAYERS], [weight for _, weight in LAYERS])[0]
    item, origin = maker(draw, rank), above[-1] if draw.random() < 0.7 else draw.choice(above)
    is_mixed = origin.get("conv", {}).get("groups") == 1 or origin["name"] == "input"
    if not is_mixed and not {"slice", "pixel_shuffle"}.isdisjoint(item):
        return None  # of channels that see different positions it would choose some
    return {**item, "from": origin["name"]}


def _join(draw: random.Random, shapes: dict[str, tuple[int, ...]]) -> dict[str, Any] | None:
    """Two tensors of one shape, or of the same channels where one has size 1 and is repeated."""
    word = draw.choice(["add", "multiply", "concat"])
    first = draw.choice(list(shapes))
    like = [
        name
        for name, shape in shapes.items()
        if name != first
        and (
            shape[1:] == shapes[first][1:]
            if word == "concat"
            else shape[0] == shapes[first][0] and (shape == shapes[first] or set(shape[1:]) == {1})
        )
    ]
    return {word: [first, draw.choice(like)]} if like else None
