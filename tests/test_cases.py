"""The table of cases, run through the package; and whether the table says everything it should."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from shapecalc import ReceptiveField, Step, load, trace
from shapecalc.layers import LAYERS, Layer
from tests.cases import CASES, Case, Sees


def text(case: Case) -> str:
    """The case's layer alone, as YAML."""
    return json.dumps({"input": list(case.in_shape), "layers": [{case.type: case.fields}]})


def step(case: Case) -> Step:
    return trace(load(text(case))).layers[0]


def layer(case: Case) -> Layer:
    found = load(text(case)).items[0].layer
    assert isinstance(found, Layer)
    return found


@pytest.mark.parametrize("case", CASES, ids=str)
def test_shape_and_counts(case: Case) -> None:
    ours = step(case)
    assert ours.out_shape == case.out_shape
    assert (ours.weights, ours.biases, ours.buffers) == (case.weights, case.biases, case.buffers)
    assert ours.macs == case.macs
    both = None if case.weights is None or case.biases is None else case.weights + case.biases
    assert ours.params == ours.trainable == (both if case.params is None else case.params)


@pytest.mark.parametrize("case", [c for c in CASES if len(c.in_shape) > 1], ids=str)
def test_receptive_field(case: Case) -> None:
    ours = step(case).receptive_field
    if case.sees == "unknown":
        assert ours is None
        return
    assert ours is not None
    sizes = case.in_shape[1:]
    assert ours.is_global == (case.sees == "whole")
    if case.sees == "whole":
        assert (ours.size, ours.size_min, ours.stride) == (sizes, sizes, None)
    else:
        expected = pixel(len(sizes)) if case.sees == "pixel" else case.sees
        assert seen(ours) == expected._replace(size_min=expected.size_min or expected.size)


def pixel(rank: int) -> Sees:
    return Sees((1,) * rank, (1,) * rank, (0,) * rank)


def seen(field: ReceptiveField) -> Sees:
    assert field.stride is not None
    return Sees(field.size, field.stride, field.start, field.size_min)


@pytest.mark.parametrize("case", [c for c in CASES if len(c.in_shape) == 1], ids=str)
def test_a_flat_input_has_no_receptive_field(case: Case) -> None:
    assert step(case).receptive_field is None


# ---- the table itself ----

FLAT_TOO = """
fc flatten reshape batchnorm layernorm rmsnorm groupnorm prelu glu slice scale custom relu relu6
leaky_relu elu selu celu gelu silu mish hardswish hardsigmoid hardtanh sigmoid tanh softplus softsign
softmax log_softmax dropout stochastic_depth identity
"""
"""Types that have a meaning for a flat vector."""

SEQUENCES = "class_token select_token rnn lstm gru"
"""Types that have a meaning for a sequence only."""

WINDOWED = """
conv conv_transpose separable_conv maxpool avgpool lppool adaptive_avgpool adaptive_maxpool upsample
pixel_shuffle pixel_unshuffle pad crop window_attention class_token custom
"""
"""Types whose outputs read neighbours, or another position."""

PER_AXIS = """
kernel_size stride padding dilation output_padding output_size scale_factor size amount window window_size shift
"""
"""Fields that may have a value for each axis."""


def cases_of(kind: str) -> list[Case]:
    return [case for case in CASES if case.type == kind]


@pytest.mark.parametrize("kind", LAYERS)
def test_every_type_is_there_in_every_rank(kind: str) -> None:
    ranks = {len(case.in_shape) - 1 for case in cases_of(kind)}
    if kind == "embedding":
        assert ranks == {0}  # a row of ids
    elif kind in SEQUENCES.split():
        assert ranks == {1}
    else:
        assert ranks == {1, 2, 3} | ({0} if kind in FLAT_TOO.split() else set())


@pytest.mark.parametrize("kind", LAYERS)
def test_every_field_is_there_with_a_value_of_its_own(kind: str) -> None:
    layers = [layer(case) for case in cases_of(kind)]
    for name, info in LAYERS[kind].model_fields.items():
        assert any(getattr(each, name) != info.default for each in layers), name


def test_the_windowed_types_are_those_that_say_so() -> None:
    for case in CASES:
        reading = layer(case).reading(case.in_shape, case.out_shape)
        assert not isinstance(reading, tuple) or case.type in WINDOWED.split()
    assert set(WINDOWED.split()) == {case.type for case in CASES if isinstance(case.sees, Sees)}


def uneven(value: Any) -> bool:
    """A value for each axis, no two alike; of pairs, before and after differ too."""
    if isinstance(value, dict):
        return all(map(uneven, value.values()))
    if not isinstance(value, list) or len(value) < 2 or any(value.count(each) > 1 for each in value):
        return False
    return all(pair[0] != pair[1] for pair in value if isinstance(pair, list))


def is_uneven_throughout(case: Case, fields: Iterable[str]) -> bool:
    sizes = case.in_shape[1:]
    return len(sizes) > 1 and len(set(sizes)) == len(sizes) and all(uneven(case.fields[f]) for f in fields)


ALTERNATIVES = {"crop": [["amount"], ["size"]], "upsample": [["scale_factor"], ["size"]]}
"""Fields of which a layer has one or the other."""


@pytest.mark.parametrize("kind", [kind for kind in WINDOWED.split() if kind not in SEQUENCES.split()])
@pytest.mark.parametrize("rank", [2, 3])
def test_every_windowed_type_is_there_asymmetric_in_every_field(kind: str, rank: int) -> None:
    every = [name for name in PER_AXIS.split() if name in LAYERS[kind].model_fields]
    cases = [case for case in cases_of(kind) if len(case.in_shape) == rank + 1]
    for fields in ALTERNATIVES.get(kind, [every]):
        having = [case for case in cases if set(fields) <= set(case.fields)]
        if rank == 2 or having:
            assert any(is_uneven_throughout(case, fields) for case in having), fields


@pytest.mark.parametrize(
    ("fields", "whether"),
    [
        ({"padding": [[1, 0], [0, 1]]}, True),
        ({"padding": [[1, 1], [0, 1]]}, False),
        ({"padding": [[0, 1], [0, 1]]}, False),
        ({"padding": [1, 1]}, False),
        ({"padding": 1}, False),
    ],
)
def test_what_counts_as_asymmetric(fields: dict[str, Any], whether: bool) -> None:
    assert is_uneven_throughout(Case("pad", fields, (1, 4, 5), (1, 5, 6)), fields) == whether
    assert not is_uneven_throughout(Case("pad", fields, (1, 4, 4), (1, 5, 5)), fields)
