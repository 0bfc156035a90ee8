"""Random problems for `solve`: a small network, some of its numbers hidden, and what it then gives as expectations."""

from __future__ import annotations

import json
import random
from itertools import product
from typing import Any, NamedTuple

import shapecalc

RANGES = {
    "bias": (False, True),
    "dilation": range(1, 5),
    "groups": range(1, 9),
    "input": range(4, 49),
    "kernel_size": range(1, 8),
    "out_channels": range(1, 41),
    "out_features": range(1, 41),
    "output_padding": range(4),
    "padding": range(6),
    "repeat": range(1, 9),
    "stride": range(1, 6),
    "width": range(1, 41),
}
"""What is tried; narrower than the command's own ranges, for those who try everything."""

MOST = 500
"""Choices of a problem."""

SUMS = ("params", "weights", "biases", "macs", "tensor_size")


class Problem(NamedTuple):
    """A spec with named unknowns, as data, and the values that each of them may have."""

    data: dict[str, Any]
    ranges: dict[str, tuple[Any, ...]]


def problem(seed: int) -> Problem:
    """The problem of a seed: at least one choice of values gives what is expected, in most of them."""
    draw = random.Random(seed)
    while True:
        data = _network(draw)
        trace = traced(data)
        if trace is None:
            continue
        places = list(_places(data, ()))
        draw.shuffle(places)
        ranges: dict[str, tuple[Any, ...]] = {}
        hidden = json.loads(json.dumps(data))
        for path, kind in places[: draw.choice([1, 1, 2, 2, 3])]:
            values = tuple(RANGES[kind])
            if len(values) * _number(ranges) <= MOST:
                name = f"u{len(ranges)}"
                ranges[name] = values
                _hide(hidden, path, f"?{name}", draw)
        if not ranges:
            continue
        _expect(hidden, trace, draw, is_about_fit=ranges == {"u0": tuple(RANGES["input"])} and draw.random() < 0.5)
        return Problem(hidden, ranges)


def brute_force(given: Problem) -> set[tuple[Any, ...]]:
    """Every choice of values with which the spec loads and its expectations hold, one after the other."""
    found = set()
    for values in product(*given.ranges.values()):
        trace = traced(_filled(given.data, dict(zip(given.ranges, values, strict=True))))
        if trace is not None and not trace.failed:
            found.add(values)
    return found


def traced(data: dict[str, Any]) -> shapecalc.Trace | None:
    try:
        return shapecalc.trace(shapecalc.load(json.dumps(data)))
    except shapecalc.SpecError:
        return None


def _number(ranges: dict[str, tuple[Any, ...]]) -> int:
    number = 1
    for values in ranges.values():
        number *= len(values)
    return number


# ---- networks ----


def _network(draw: random.Random) -> dict[str, Any]:
    rank = draw.choice([1, 2, 2])
    sizes = [draw.randint(8, 40)] * rank
    layers: list[Any] = [_layer(draw) for _ in range(draw.randint(1, 5))]
    data: dict[str, Any] = {"input": "x".join(map(str, [*sizes, draw.choice([1, 2, 4, 8])])), "layers": layers}
    kind = draw.random()
    if kind < 0.3:
        data["vars"] = {"width": draw.choice([4, 8, 12])}
        layers.insert(0, {"conv": {"out_channels": "=width", "kernel_size": 3, "padding": 1}})
        layers.append(
            {"conv": {"out_channels": draw.choice(["=width*2", "=in_channels//2", "=width+1"]), "kernel_size": 1}}
        )
    elif kind < 0.5:
        data["blocks"] = {
            "pair": {
                "vars": {"out": None, "stride": 1},
                "layers": [
                    {"conv": {"out_channels": "=out", "kernel_size": 3, "stride": "=stride", "padding": "=stride//2"}},
                    "relu",
                ],
            }
        }
        layers.append({"pair": {"out": draw.choice([4, 6]), "stride": draw.choice([1, 2])}, "repeat": 2})
    if draw.random() < 0.3:
        layers += ["flatten", {"fc": {"out_features": draw.choice([4, 10]), "bias": draw.random() < 0.5}}]
    elif draw.random() < 0.2:
        layers += ["global_avgpool", {"fc": 10}]
    return data


def _layer(draw: random.Random) -> dict[str, Any]:
    kernel = draw.choice([1, 2, 3, 3, 5])
    conv = {"out_channels": draw.choice([4, 8, 16]), "kernel_size": kernel, "padding": draw.randint(0, kernel // 2)}
    kind = draw.choice(["conv", "conv", "conv", "pool", "transposed", "branches", "other", "other"])
    if kind == "conv":
        return _conv(draw, conv)
    if kind == "pool":
        pool = {"kernel_size": draw.choice([2, 3]), "stride": draw.choice([1, 2]), "padding": draw.choice([0, 1])}
        return {draw.choice(["maxpool", "avgpool"]): {**pool, "ceil_mode": draw.random() < 0.4}}
    if kind == "transposed":
        return {"conv_transpose": {**conv, "stride": draw.choice([1, 2, 3]), "output_padding": 0}}
    if kind == "branches":
        strided, pooled = {"conv": {**conv, "stride": draw.choice([1, 2])}}, {"maxpool": {"kernel_size": 2}}
        return {"parallel": [[strided], draw.choice([[], [pooled], [strided]])], "join": draw.choice(["add", "concat"])}
    return dict(draw.choice(OTHERS))


def _conv(draw: random.Random, fields: dict[str, Any]) -> dict[str, Any]:
    more = {"stride": draw.choice([1, 1, 2, 3]), "dilation": draw.choice([1, 1, 2]), "groups": draw.choice([1, 1, 2])}
    item: dict[str, Any] = {"conv": {**fields, **more, "bias": draw.random() < 0.5}}
    return {**item, "repeat": draw.randint(1, 3)} if draw.random() < 0.25 else item


OTHERS: list[dict[str, Any]] = [
    {"batchnorm": None},
    {"groupnorm": {"num_groups": 2}},
    {"glu": None},
    {"pixel_shuffle": 2},
    {"pixel_unshuffle": 2},
    {"channel_shuffle": 2},
    {"crop": {"amount": 1}},
    {"upsample": {"scale_factor": 2}},
]


# ---- what is hidden, and what is expected ----


def _places(node: Any, path: tuple[Any, ...]) -> Any:
    """Where a number stands that may be hidden, with its kind."""
    if isinstance(node, dict | list):
        for key, each in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _places(each, (*path, key))
    elif path == ("input",):
        yield path, "input"
    elif path[-1] in RANGES and type(node) is type(RANGES[path[-1]][0]):
        yield path, path[-1]
    elif path[-1] == "out" and isinstance(node, int):
        yield path, "out_channels"


def _hide(data: dict[str, Any], path: tuple[Any, ...], unknown: str, draw: random.Random) -> None:
    node: Any = data
    for step in path[:-1]:
        node = node[step]
    if path == ("input",):
        *sizes, channels = node[path[-1]].split("x")
        first = sizes[0] if draw.random() < 0.2 and len(sizes) > 1 else unknown
        node[path[-1]] = "x".join([first, *[unknown] * (len(sizes) - 1), channels])
        return
    node[path[-1]] = unknown


def _expect(data: dict[str, Any], trace: shapecalc.Trace, draw: random.Random, *, is_about_fit: bool) -> None:
    """Some of what the whole network gives, exactly, rounded, or within bounds; sometimes a little off."""
    if is_about_fit:
        return
    expect: dict[str, Any] = {}
    channels, *sizes = trace.outputs[-1].shape
    field = trace.layers[-1].receptive_field
    if draw.random() < 0.5:
        expect["output"] = "x".join(map(str, [*sizes, channels]))
    if draw.random() < 0.3 and field is not None and field.axes:
        expect["receptive_field"] = [draw.choice([size, f">= {size}", f"<= {size}"]) for size in field.size]
    for quantity in draw.sample(SUMS, draw.choice([0, 1, 1, 2])) if expect else draw.sample(SUMS, 1):
        number = trace.layers[-1].tensor_size if quantity == "tensor_size" else getattr(trace.totals, quantity)
        number += draw.choice([0, 0, 0, 0, 1])
        expect[quantity] = draw.choice([number, number, f"<= {number}", f">= {number}", f"~{number / 1000:.1f}k"])
    where = draw.choice([data, data, data["layers"][-1]])
    if isinstance(where, dict) and (where is data or "repeat" not in where):
        where["expect"] = expect
    else:
        data["expect"] = expect
    data["expect"] = data.get("expect", {}) if where is data else {"biases": ">= 0"}


def _filled(node: Any, values: dict[str, Any]) -> Any:
    if isinstance(node, dict):
        return {key: _filled(each, values) for key, each in node.items()}
    if isinstance(node, list):
        return [_filled(each, values) for each in node]
    if isinstance(node, str) and "?" in node:
        if node[1:] in values:
            return values[node[1:]]
        for name, value in values.items():
            node = node.replace(f"?{name}", str(value))
    return node
