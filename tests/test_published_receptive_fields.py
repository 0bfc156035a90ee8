"""The published table of receptive fields, row by row, on the networks that it is about: those of TF-Slim.

Source: Araujo, Norris & Sim 2019, "Computing Receptive Fields of Convolutional Neural Networks", Distill; the table is
that of google-research/receptive_field (Apache-2.0). A row tells of one end point of a network, at one resolution or
at none: size, stride, padding (which is −start), and the floating-point operations up to there.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from shapecalc import Trace, load, trace

SPECS = Path(__file__).parent.parent / "specs"
TRUTH = Path(__file__).parent / "truth" / "receptive_field.json.gz"

Row = dict[str, Any]

with gzip.open(TRUTH, "rt", encoding="utf-8") as file:
    _TRUTH = json.load(file)
TABLE: list[Row] = _TRUTH["published_table"]
SUMMARY: list[Row] = _TRUTH["published_summary"]

NETWORKS = {
    variant or path.stem.removeprefix("slim-"): (path, variant)
    for path in sorted(SPECS.glob("slim-*.yaml"))
    for variant in load(path).variants or (None,)
}
"""By the name that the table gives them: the file, and the variant in it."""

CASES = list(dict.fromkeys((row["cnn"], row["resolution"]) for row in TABLE))

DEPENDING_ON_SIZE = {
    "inception_v2": 15,
    "inception_v2-no-separable-conv": 15,
    "inception_resnet_v2-same": 12,
    "mobilenet_v1": 14,
    "mobilenet_v1_075": 14,
    **{f"resnet_{version}_{depth}": 4 for version in ("v1", "v2") for depth in (50, 101, 152, 200)},
}
"""Rows without a padding: with a stride, `same` padding is another for another size, and these are about none."""


@cache
def traced(cnn: str, resolution: int | None) -> Trace:
    """The network at a resolution; at its own input where the table has none."""
    spec = load(*NETWORKS[cnn])
    return trace(spec if resolution is None else spec.with_input((3, resolution, resolution)))


def last(network: Trace, end_point: str) -> int:
    """The place of the layer, or of the last one of the block, that has the end point's name."""
    name = end_point.rpartition("/")[2].replace("_pointwise", ".pointwise")
    return max(i for i, step in enumerate(network.layers) if f"{step.name}.".startswith(f"{name}."))


def rows(cnn: str, resolution: int | None) -> list[Row]:
    return [row for row in TABLE if (row["cnn"], row["resolution"]) == (cnn, resolution)]


def told(network: Trace, end_point: str) -> tuple[Any, ...]:
    """Size, stride and −start of an end point, of which height and width have the same."""
    field = network.layers[last(network, end_point)].receptive_field
    assert field is not None
    assert not field.is_global
    assert field.stride is not None
    assert field.size == field.size_min
    (found,) = set(zip(field.size, field.stride, field.start, strict=True))
    assert found[2] is not None
    return found[0], found[1], -found[2]


def test_every_network_of_the_table_has_a_spec() -> None:
    assert len(TABLE) == 561
    assert {row["cnn"] for row in TABLE} == set(NETWORKS)
    assert {resolution for _, resolution in CASES} == {None, 224, 321}


def test_paddings_that_depend_on_the_size_are_the_only_ones_left_out() -> None:
    left = [row for row in TABLE if row["effective_padding"] is None]
    assert {row["resolution"] for row in left} == {None}
    assert Counter(row["cnn"] for row in left) == DEPENDING_ON_SIZE


@pytest.mark.parametrize(("cnn", "resolution"), CASES)
def test_size_stride_and_start_are_the_published_ones(cnn: str, resolution: int | None) -> None:
    network = traced(cnn, resolution)
    for row in rows(cnn, resolution):
        size, stride, padding = told(network, row["end_point"])
        assert (size, stride) == (row["rf"], row["effective_stride"]), row["end_point"]
        assert row["effective_padding"] in (None, padding), row["end_point"]


@pytest.mark.parametrize("cnn", DEPENDING_ON_SIZE)
def test_what_is_left_out_does_depend_on_the_size(cnn: str) -> None:
    for even, odd in zip(rows(cnn, 224), rows(cnn, 321), strict=True):
        assert even["end_point"] == odd["end_point"]
        assert told(traced(cnn, 224), even["end_point"])[2] < told(traced(cnn, 321), odd["end_point"])[2]


@pytest.mark.parametrize(("cnn", "resolution"), [case for case in CASES if case[1] is not None])
def test_multiply_adds_are_half_of_the_published_operations(cnn: str, resolution: int) -> None:
    """They count additions of biases, offsets and poolings as well: 5 % where there is little else, in the end 1 %."""
    network, published = traced(cnn, resolution), rows(cnn, resolution)
    for row in published:
        macs = [step.macs for step in network.layers[: last(network, row["end_point"]) + 1]]
        operations = 2 * sum(count for count in macs if count is not None) / 1e9
        most = 1.01 if row is published[-1] else 1.05
        assert None not in macs
        assert operations - 0.0005 <= row["gflops"] <= operations * most, row["end_point"]


def test_the_summary_is_that_of_the_last_end_points() -> None:
    for row in SUMMARY:
        end_point = rows(row["cnn"], 224)[-1]["end_point"]
        assert told(traced(row["cnn"], 224), end_point) == tuple(
            row[key] for key in ("rf", "effective_stride", "effective_padding")
        )


def test_resnet_50_sees_483_pixels_here_and_427_in_torchvision() -> None:
    """By hand. The stem sees 3 + 8 = 11 pixels with stride 4; a 3×3 adds 2 strides of what arrives at it.

    Here the strides are in the last units, so that of 3, 4, 6, 3 units 3 work at stride 4, 4 at 8, 6 at 16, 3 at 32.
    In torchvision the first 3×3 of a stage strides: 3 + 1 at stride 4, 3 + 1 at 8, 5 + 1 at 16, 2 at 32.
    """
    slim = traced("resnet_v1_50", None)
    torchvision = trace(load(SPECS / "resnet.yaml", "resnet50"))
    ours = told(slim, "block4"), told(torchvision, "layer4")
    assert ours[0][:2] == (11 + 2 * (3 * 4 + 4 * 8 + 6 * 16 + 3 * 32), 32) == (483, 32)
    assert ours[1] == (11 + 2 * (4 * 4 + 4 * 8 + 6 * 16 + 2 * 32), 32, 213) == (427, 32, 213)
