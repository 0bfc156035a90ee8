"""A layer's settings and sizes by name, as the rows of slips say them, and the arithmetic of those rows."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from math import prod

from shapecalc.derivation.frames import spans_of
from shapecalc.layers.attention import Attention, WindowAttention
from shapecalc.layers.convolution import Conv, ConvTranspose, SeparableConv
from shapecalc.layers.linear import Fc
from shapecalc.layers.normalization import GroupNorm
from shapecalc.layers.pooling import AdaptiveAvgPool, AdaptiveMaxPool, GlobalAvgPool, GlobalMaxPool
from shapecalc.layers.recurrent import Gru, Lstm, Rnn
from shapecalc.result import Step

Facts = dict[str, str]
"""Products such as ``5·5`` by their names."""

_NAME = re.compile(r"\{(\w+)\}")


def facts(step: Step) -> Facts:
    """What the rows of slips can name about a layer; a name that a layer lacks makes a row not apply to it."""
    arriving, leaving, layer = step.in_shapes[0], step.out_shape, step.layer
    found = {
        "in": str(arriving[0]),
        "out": str(leaving[0]),
        "in_places": _product(arriving[1:]),
        "places": _product(leaving[1:]),
        "in_values": _product((*arriving[1:], arriving[0])),
        "values": _product((*leaving[1:], leaving[0])),
        **_counts(step),
    }
    if arriving[0] != leaving[0]:
        found["unlike"] = "1"
    if isinstance(layer, Conv | ConvTranspose | SeparableConv):
        found |= _of_kernel(step)
    elif windows := spans_of(layer, arriving):
        found["kernel"] = _product(tuple(window.kernel for window in windows))
    elif isinstance(layer, AdaptiveAvgPool | AdaptiveMaxPool):
        found["kernel"] = _product(leaving[1:])
    elif isinstance(layer, GlobalAvgPool | GlobalMaxPool):
        found["kernel"] = _product(arriving[1:])
    return found | _of_type(step)


def _counts(step: Step) -> Facts:
    counted = {"weights": step.weights, "biases": step.biases, "params": step.params, "buffers": step.buffers}
    found = {name: str(number) for name, number in counted.items() if number}
    found |= {"macs": str(step.macs)} if step.macs else {}
    found |= {"has_bias": "1"} if step.biases else {}
    return found | ({"no_bias": "1"} if getattr(step.layer, "bias", True) is False and step.params else {})


def _of_kernel(step: Step) -> Facts:
    layer, arriving = step.layer, step.in_shapes[0]
    assert isinstance(layer, Conv | ConvTranspose | SeparableConv)
    windows = spans_of(layer, arriving)
    kernel = tuple(window.kernel for window in windows)
    found = {
        "kernel": _product(kernel),
        "side": str(kernel[0]),
        "last_side": str(kernel[-1]),
        "square": _product(kernel[:1] * len(kernel)),
        "last_square": _product(kernel[-1:] * len(kernel)),
        "extent": _product(tuple(window.extent for window in windows)),
    }
    if isinstance(layer, SeparableConv):
        return found | {"m": str(layer.depth_multiplier)}
    groups = layer.grouped(arriving)
    depth = str(arriving[0] // groups)
    weights = f"{found['kernel']}·{depth}·{layer.out_channels}"
    return found | {"groups": str(groups), "depth": depth, "weights": weights}


def _of_type(step: Step) -> Facts:
    match step.layer:
        case Fc(out_features=out):
            arriving, *places = step.in_shapes[0]
            tokens = {"tokens": _product(tuple(places))} if places else {}
            return {"weights": f"{arriving}·{out}", **tokens}
        case GroupNorm(num_groups=groups):
            return {"norm_groups": str(groups)}
        case Rnn() | Lstm() | Gru() as layer:
            found = {"gates": str(layer.gates), "units": str(layer.hidden_size), "stacked": str(layer.num_layers)}
            return found | ({"directions": "2"} if layer.bidirectional else {})
        case Attention(num_heads=heads) | WindowAttention(num_heads=heads):
            return {"heads": str(heads)}
    return {}


def _product(numbers: tuple[int, ...]) -> str:
    return "·".join(map(str, numbers)) or "1"


def put_in(template: str, known: Facts) -> str | None:
    """The template with the facts put in; None where one of them is lacking.

    >>> put_in("{kernel}·{out} + 1", {"kernel": "5·5", "out": "16"})
    '5·5·16 + 1'
    """
    names = _names(template)
    return template.format_map(known) if all(name in known for name in names) else None


@lru_cache(maxsize=512)
def _names(template: str) -> tuple[str, ...]:
    return tuple(_NAME.findall(template))


def value(sum_of_products: str) -> int | None:
    """What a sum of products and quotients comes to; None where it is not whole.

    >>> value("5·5·16 + 1"), value("7/2"), value("12/3 + 2·2"), value("9 - 4")
    (401, None, 8, 5)
    """
    total = Fraction(0)
    for sign, term in re.findall(r"(^|[+-]) ?([0-9·/]+)", sum_of_products):
        number = prod((_quotient(part) for part in term.split("·")), start=Fraction(1))
        total += -number if sign == "-" else number
    return int(total) if total.denominator == 1 else None


def _quotient(part: str) -> Fraction:
    first, *divisors = part.split("/")
    return Fraction(int(first), prod(map(int, divisors)))


def tidy(working: str) -> str:
    """The working without factors of 1 and terms of 0, numbers grouped, for people.

    >>> tidy("1·1·64·32 + 0")
    '64·32'
    >>> tidy("9216·4096 - 1")
    '9,216·4,096 − 1'
    """
    terms: list[str] = []
    for sign, term in re.findall(r"(^|[+-]) ?([0-9·/]+)", working):
        factors = [part for part in term.split("·") if part != "1"] or ["1"]
        if factors != ["0"]:
            said = "·".join("/".join(f"{int(number):,}" for number in part.split("/")) for part in factors)
            terms.append(f"{' − ' if sign == '-' else ' + ' if terms else ''}{said}")
    return "".join(terms) or "0"
