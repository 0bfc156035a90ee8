"""Expected numbers in the forms that are read, by the spec and by its schema, and what is said of other forms."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

import shapecalc
from shapecalc.misconceptions import misconceptions
from shapecalc.problems import Diagnostic
from shapecalc.schema import json_schema
from shapecalc.source import parse
from tests.test_bad_specs import errors

NETWORK: dict[str, Any] = {"input": "32x30x3", "layers": [{"conv": {"filters": 16, "kernel": [3, 5]}}]}
"""30×26×16; 3·5·3·16 + 16 = 736 parameters; a receptive field of 3×5, from pixel 0 on."""
PADDED: dict[str, Any] = {**NETWORK, "layers": [{"conv": {"filters": 16, "kernel": [3, 5], "padding": [1, 2]}}]}
"""Two and four rows and columns more, from −1 and −2 on."""
LARGER: dict[str, Any] = {"input": "4x4x1", "layers": [{"upsample": {"scale_factor": [2, 3]}}]}
"""Neighbours are 1/2 and 1/3 of a pixel apart."""

HOLD: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (NETWORK, {"output": [16, 30, 26]}),
    (NETWORK, {"output": "30X26X16"}),
    (NETWORK, {"output": "30 × 26 × 16"}),
    (NETWORK, {"output": "3_0x26x16"}),
    (NETWORK, {"receptive_field": "3x5"}),
    (NETWORK, {"receptive_field": "3×5"}),
    (NETWORK, {"receptive_field": " 3 X 5 "}),
    (NETWORK, {"receptive_field": "3, 5"}),
    (NETWORK, {"receptive_field": [3, ">= 4"]}),
    (NETWORK, {"stride": "1x1", "start": "0x0"}),
    (NETWORK, {"stride": "1", "start": "0"}),
    (PADDED, {"start": "-1x-2"}),
    (PADDED, {"start": "−1×−2"}),
    (PADDED, {"start": "−1, −2"}),
    (PADDED, {"start": ["−1", -2]}),
    (LARGER, {"stride": "1/2x1/3"}),
    (LARGER, {"stride": "1/2, 1/3"}),
    (LARGER, {"stride": ["1/2", "1/3"]}),
]


WRONG: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (NETWORK, {"output": [30, 26, 16]}),
    (NETWORK, {"output": [26, 30, 16]}),
    (NETWORK, {"output": "-1X26X16"}),
    (NETWORK, {"output": "−1×26×16"}),
    (NETWORK, {"receptive_field": "5x3"}),
    (NETWORK, {"receptive_field": "3x5x1"}),
    (PADDED, {"start": "1x2"}),
    (LARGER, {"stride": "1/3x1/2"}),
]
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"output": "30*26*16"}, "write 30x26x16"),
    ({"output": "30,26,16"}, "write 30x26x16"),
    ({"output": "12,480"}, "write 12480, or 12x480"),
    ({"output": "30 26 16"}, "write 30x26x16"),
    ({"output": "[16, 30, 26]"}, "write 16x30x26 where the channels stand last, [16, 30, 26] where they stand first"),
    ({"params": "736.0"}, "write 736"),
    ({"params": 736.5}, 'write "~736.5" where it is rounded'),
    ({"params": "1\u202f216"}, "write 1216"),
    ({"params": "138M"}, 'write "~138M" where it is rounded, 138000000 where not'),
    ({"params": "< 1216"}, '"<= 1215"'),
    ({"params": "1.216,5"}, 'as in 138357544, "~138M", "<= 140M", ">= 200"'),
    ({"receptive_field": "3*5"}, "write [3, 5]"),
    ({"receptive_field": "5,5"}, "write 5, or [5, 5] for each axis"),
    ({"receptive_field": "3x5x7x9"}, 'as in 5, 5x3, [5, 3], ">= 5"'),
    ({"receptive_field": "-3x5"}, "write [-3, 5]"),
    ({"stride": "1/0x1"}, 'as in 32, "1/2"'),
    ({"start": "-1 -2"}, "write [-1, -2]"),
    ({"start": "1/2"}, "as in -1, or [-1, -2]"),
]


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json_schema())


def diagnosed(network: dict[str, Any], expect: dict[str, Any]) -> list[Diagnostic]:
    text = json.dumps({**network, "expect": expect}, ensure_ascii=False)  # JSON is YAML
    return [*errors(parse(text, "a.yaml"))]


@pytest.mark.parametrize(("network", "expect"), HOLD, ids=str)
def test_what_holds_in_each_form(
    network: dict[str, Any], expect: dict[str, Any], validator: jsonschema.Draft202012Validator
) -> None:
    assert diagnosed(network, expect) == []
    assert validator.is_valid({**network, "expect": expect})


@pytest.mark.parametrize(("network", "expect"), WRONG, ids=str)
def test_what_is_wrong_in_each_form(
    network: dict[str, Any], expect: dict[str, Any], validator: jsonschema.Draft202012Validator
) -> None:
    assert [each.code for each in diagnosed(network, expect)] == ["expectation-failed"]
    assert validator.is_valid({**network, "expect": expect})


@pytest.mark.parametrize(("expect", "advice"), REFUSED, ids=str)
def test_what_is_written_otherwise_is_corrected(
    expect: dict[str, Any], advice: str, validator: jsonschema.Draft202012Validator
) -> None:
    (problem,) = diagnosed(NETWORK, expect)
    assert problem.code in ("bad-expectation", "bad-shape")
    assert problem.help == advice
    assert not validator.is_valid({**NETWORK, "expect": expect})


ORDERS: list[tuple[str, dict[str, Any], Any, str | None]] = [
    ("28x1", {"conv": {"filters": 8, "kernel": 5}}, [24, 8], "a list is channels first: write [8, 24], or 24x8"),
    ("9x9x9x1", {"maxpool": 3}, [3, 3, 3, 1], "a list is channels first: write [1, 3, 3, 3], or 3x3x3x1"),
    ("28x1", {"conv": {"filters": 8, "kernel": 5}}, [8, 24, 1], None),
    ("28x1", {"conv": {"filters": 8, "kernel": 5}}, [1, 24, 8], "a shape has no batch axis: write [8, 24], or 24x8"),
    ("28x1", {"conv": {"filters": 8, "kernel": 5}}, [64, 8, 24], None),
    ("28x1", {"conv": {"filters": 8, "kernel": 5}}, "8x24", None),
    ("784", {"fc": 10}, [1, 10], "a shape has no batch axis: write 10"),
    ("784", {"fc": 10}, "1x10", "a shape has no batch axis: write 10"),
    ("784", {"fc": 10}, [11], None),
]


@pytest.mark.parametrize(("arriving", "layer", "output", "advice"), ORDERS, ids=str)
def test_a_right_shape_in_another_order(arriving: str, layer: dict[str, Any], output: Any, advice: str | None) -> None:
    (problem,) = diagnosed({"input": arriving, "layers": [layer]}, {"output": output})
    assert problem.code == "expectation-failed"
    assert problem.help == advice
    assert problem.message.endswith(f", not {output}".replace("x", "×"))


@pytest.mark.parametrize(
    ("listed", "tags"),
    [
        ([28, 26, 16], []),  # nothing gives 28
        ([28, 22, 16], ["forgot_padding"]),  # 30 − 3 + 1 and 26 − 5 + 1, channels last
        ([16, 28, 22], ["forgot_padding"]),
    ],
    ids=str,
)
def test_a_slip_is_found_in_a_list_of_either_order(listed: list[int], tags: list[str]) -> None:
    spec = {**PADDED, "input": "30x26x3", "expect": {"output": listed}}
    ((_, slips),) = misconceptions(shapecalc.trace(shapecalc.load(json.dumps(spec))))
    assert [slip.tag for slip in slips] == tags


def test_what_is_written_in_braces_is_not_cut_further() -> None:
    """A number as a key is advised about commas only where it stands behind one."""
    text = "input: 8\nlayers: [relu]\nexpect: {216: 3, params: 0}\n"
    (problem,) = errors(parse(text, "a.yaml"))
    assert (problem.code, "comma" in (problem.help or "")) == ("unknown-field", False)
