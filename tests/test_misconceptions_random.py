"""Random layers and chains with wrong answers by formulas of their own, retyped here from the slip's description.

As in the exam, an answer that equals the right one or that of a likelier slip is left out.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from math import ceil, prod
from typing import Any, NamedTuple

import pytest

import shapecalc
from shapecalc.misconceptions import misconceptions

Wrong = tuple[str, Any, str]


class Case(NamedTuple):
    """A network, its right answers, and wrong ones with the slip of each, the likeliest first."""

    shape: list[int]
    layers: list[Any]
    right: dict[str, Any]
    wrong: list[Wrong]


def conv(rnd: random.Random) -> Case | None:
    rank, channels = rnd.choice([1, 2, 2, 3]), rnd.choice([1, 3, 4, 8, 16, 64])
    groups = rnd.choice([g for g in (1, 1, 2, 4, channels) if channels % g == 0])
    filters, bias = groups * rnd.choice([1, 2, 3, 8, 16]), rnd.random() < 0.7
    n = [rnd.randint(12, 60) for _ in range(rank)]
    k = [rnd.choice([1, 2, 3, 4, 5, 7]) for _ in range(rank)]
    s, p, d = ([each] * rank for each in (rnd.choice([1, 1, 2, 3]), rnd.choice([0, 1, 2, 3]), rnd.choice([1, 1, 2])))
    axes = list(zip(n, k, s, p, d, strict=True))

    def sized(size: Callable[..., int]) -> list[int]:
        return [filters, *(size(*axis) for axis in axes)]

    def rightly(n: int, k: int, s: int, p: int, d: int) -> int:
        return (n + 2 * p - d * (k - 1) - 1) // s + 1

    output = sized(rightly)
    if min(output) < 1:
        return None
    kernel, places, before, biases = prod(k), prod(output[1:]), prod(n), filters if bias else 0
    weights = kernel * channels // groups * filters
    params, macs, values = weights + biases, weights * places, filters * places
    fields = {"kernel_size": k, "stride": s, "padding": p, "dilation": d, "groups": groups, "bias": bias}
    wrong: list[Wrong] = [
        ("params", weights if bias else weights + filters, "forgot_bias" if bias else "counted_absent_bias"),
        ("params", weights + (1 if bias else filters), "one_bias_for_the_layer"),
        ("params", kernel * filters + biases, "forgot_input_depth"),
        ("params", weights // filters + (1 if bias else 0), "forgot_number_of_filters"),
        ("params", weights * groups + biases, "forgot_groups"),
        ("params", weights * places + biases, "no_weight_sharing_multiplied_by_positions"),
        ("params", values, "confused_activations_with_params"),
        ("tensor_size", params, "confused_params_with_activations"),
        ("tensor_size", places, "forgot_output_depth"),
        ("tensor_size", channels * before, "used_input_volume"),
        ("output", sized(lambda n, k, s, p, d: rightly(n, k, s, 0, d)), "forgot_padding"),
        ("output", sized(lambda n, k, s, p, d: (n + p - d * (k - 1) - 1) // s + 1), "added_padding_once_not_twice"),
        ("output", sized(lambda n, k, s, p, d: ceil((n + 2 * p - d * (k - 1) - 1) / s) + 1), "ceil_instead_of_floor"),
        ("output", sized(lambda *axis: rightly(*axis) - 1), "forgot_plus_one"),
        ("output", sized(lambda n, k, s, p, d: rightly(n, k, 1, p, d)), "forgot_stride"),
        ("output", sized(lambda n, k, s, p, d: rightly(n, k, s, p, 1)), "forgot_dilation"),
        ("output", [channels, *output[1:]], "output_depth_equals_input_depth"),
        ("macs", 2 * macs, "flops_counted_two_per_mac"),
        ("macs", kernel * filters * places, "forgot_input_depth"),
        ("macs", weights * before, "used_input_positions"),
        ("macs", params, "params_instead_of_macs"),
        ("macs", macs * groups, "forgot_groups"),
        ("macs", macs + values * bias, "counted_bias_adds"),
    ]
    right = {"output": output, "params": params, "macs": macs, "tensor_size": values}
    return Case([channels, *n], [{"conv": {"filters": filters, **fields}}], right, wrong)


def transposed(rnd: random.Random) -> Case | None:
    rank, channels, filters = rnd.choice([1, 2, 3]), rnd.choice([8, 16, 100]), rnd.choice([3, 8, 32])
    n, k, s, p = rnd.choice([1, 4, 7, 14]), rnd.choice([2, 3, 4, 5]), rnd.choice([1, 2, 3]), rnd.choice([0, 1])
    extra, bias = (rnd.choice([0, 1]) if s > 1 else 0), rnd.random() < 0.6
    size = (n - 1) * s - 2 * p + k + extra
    if size < 1:
        return None
    weights = k**rank * channels * filters
    fields = {"kernel_size": k, "stride": s, "padding": p, "output_padding": extra, "bias": bias}
    wrong: list[Wrong] = [
        ("output", [filters] + [(n + 2 * p - k) // s + 1] * rank, "used_the_ordinary_conv_formula"),
        ("output", [filters] + [n * s] * rank, "assumed_exact_multiple_of_stride"),
        ("output", [filters] + [(n - 1) * s + k + 2 * p] * rank, "padding_added_instead_of_cropped"),
        ("output", [filters] + [size - extra] * rank, "forgot_output_padding"),
        ("params", weights if bias else weights + channels, "forgot_bias" if bias else "bias_per_input_channel"),
        ("params", k**rank * filters + filters, "forgot_input_depth"),
        ("macs", weights * size**rank, "counted_output_positions_not_input_positions"),
        ("macs", 2 * weights * n**rank, "flops_counted_two_per_mac"),
    ]
    right = {"output": [filters] + [size] * rank, "params": weights + filters * bias, "macs": weights * n**rank}
    return Case([channels] + [n] * rank, [{"conv_transpose": {"filters": filters, **fields}}], right, wrong)


def pool(rnd: random.Random) -> Case | None:
    rank, channels, n = rnd.choice([1, 2, 3]), rnd.choice([1, 4, 32]), rnd.randint(9, 40)
    k, s, p = rnd.choice([2, 3, 4]), rnd.choice([1, 2, 3]), rnd.choice([0, 1])
    places = [(n + 2 * p - k) // s + 1] * rank
    wrong: list[Wrong] = [
        ("params", k**rank * channels, "gave_the_pool_weights"),
        ("params", k**rank, "gave_the_pool_weights"),
        ("output", [channels] + [ceil((n + 2 * p - k) / s) + 1] * rank, "ceil_instead_of_floor"),
        ("output", [channels] + [n + 2 * p - k + 1] * rank, "forgot_stride"),
        ("output", [1, *places], "pooled_over_depth"),
        ("output", [channels] + [(n - k) // s + 1] * rank, "forgot_padding"),
        ("tensor_size", prod(places), "forgot_depth"),
        ("tensor_size", channels * n**rank, "used_input_volume"),
    ]
    right = {"output": [channels, *places], "params": 0, "tensor_size": channels * prod(places)}
    fields = {"kernel_size": k, "stride": s, "padding": p}
    return Case([channels] + [n] * rank, [{rnd.choice(["maxpool", "avgpool"]): fields}], right, wrong)


def connected(rnd: random.Random) -> Case | None:
    n, m = rnd.choice([84, 400, 784, 2048]), rnd.choice([10, 120, 1000, 4096])
    wrong: list[Wrong] = [
        ("params", n * m, "forgot_bias"),
        ("params", n * m + n, "bias_per_input"),
        ("params", n * m + 1, "one_bias_for_the_layer"),
        ("params", n + m, "added_instead_of_multiplied"),
        ("tensor_size", n * m + m, "confused_params_with_activations"),
        ("macs", 2 * n * m, "flops_counted_two_per_mac"),
        ("macs", n * m + m, "counted_bias_adds"),
    ]
    return Case([n], [{"fc": m}], {"params": n * m + m, "macs": n * m, "tensor_size": m}, wrong)


def chain(rnd: random.Random) -> Case | None:
    windows: list[tuple[int, int, int, bool]] = []
    for _ in range(rnd.randint(1, 6)):
        pools = rnd.random() < 0.3
        d = 1 if pools else rnd.choice([1, 1, 2])
        windows.append((rnd.choice([2, 3] if pools else [1, 3, 3, 5]), rnd.choice([1, 2]), d, pools))
    layers = [
        {"maxpool": {"kernel_size": k, "stride": s}}
        if pools
        else {"conv": {"filters": 2, "kernel": k, "stride": s, "dilation": d, "padding": d * (k // 2)}}
        for k, s, d, pools in windows
    ]

    def seen(read: Callable[..., tuple[int, int, int]], late: int = 0) -> list[int]:
        size = jump = 1
        for k, s, d in (read(*window) for window in windows):
            size += (k - 1) * d * jump * (s if late else 1)
            jump *= s
        return [size, size]

    kernels = [k for k, *_ in windows]
    several = [  # of a single kernel nothing is added or multiplied
        ("receptive_field", [sum(kernels)] * 2, "summed_kernel_sizes"),
        ("receptive_field", [prod(kernels)] * 2, "multiplied_kernel_sizes"),
    ]
    wrong: list[Wrong] = [
        ("receptive_field", seen(lambda k, s, d, pools: (k, 1, d)), "ignored_strides"),
        ("receptive_field", seen(lambda k, s, d, pools: (1 if pools else k, s, d)), "pool_window_ignored"),
        ("receptive_field", seen(lambda k, s, d, pools: (k, 1 if pools else s, d)), "pool_stride_ignored"),
        ("receptive_field", seen(lambda k, s, d, pools: (k, s, 1)), "ignored_dilation"),
        *(several if len(kernels) > 1 else []),
        ("receptive_field", [kernels[-1]] * 2, "last_kernel_only"),
        ("receptive_field", seen(lambda k, s, d, pools: (k, s, d), 1), "own_stride_applied_to_own_kernel"),
    ]
    return Case([1, 400, 400], layers, {"receptive_field": seen(lambda k, s, d, pools: (k, s, d))}, wrong)


def judged(case: Case) -> Iterator[tuple[str, list[str], str]]:
    """The wrong answers that are not right and not a likelier slip's, each with the slips that are told."""
    told = {quantity: [value] for quantity, value in case.right.items()}
    for quantity, value, tag in case.wrong:
        if quantity in told and value in told[quantity]:
            continue
        told[quantity].append(value)
        spec = {"input": case.shape, "layers": case.layers, "expect": {quantity: value}}
        ((_, found),) = misconceptions(shapecalc.trace(shapecalc.load(json.dumps(spec))))
        yield tag, [each.tag for each in found], json.dumps(spec)


@pytest.mark.parametrize("make", [conv, transposed, pool, connected, chain])
def test_every_wrong_answer_is_recognised(make: Callable[[random.Random], Case | None]) -> None:
    rnd, seen = random.Random(20), 0
    for _ in range(30):
        case = make(rnd)
        for tag, found, spec in judged(case) if case else ():
            assert tag in found, spec
            seen += 1
    assert seen >= 100
