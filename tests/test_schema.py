"""The JSON Schema, read by an independent library: it takes what we take, and refuses what it can see is wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from shapecalc.files import shipped
from shapecalc.layers import LAYERS, OTHER_WORDS
from shapecalc.schema import json_schema
from shapecalc.spec import ItemKeys

BAD = Path(__file__).parent / "bad"

UNSEEN_BY_A_SCHEMA = {
    "duplicate-name", "expectation-failed", "channel-mismatch", "not-divisible", "does-not-fit", "not-flat",
    "not-spatial", "kernel-too-large", "padding-too-large", "output-padding-too-large", "size-mismatch",
    "too-many-layers", "too-large", "wrong-rank",
    "unlike-shapes", "unknown-name", "several-outputs", "several-inputs", "share-mismatch", "bad-include",
    "unknown-variable",
    # faults of the YAML itself, which other readers take for something else
    "ambiguous-value", "duplicate-key", "yaml-syntax", "yaml-tag", "yaml-key", "yaml-alias", "too-deep",
    "number-too-large", "not-utf8", "empty",
}  # fmt: skip
"""Codes of faults that only a reader of YAML, or someone who knows the shapes, can see."""

UNSEEN_FILES = {
    **dict.fromkeys(
        (
            "expect_fraction_of_zero",
            "expect_start_with_a_fraction",
            "input_with_float",
            "padding_float",
            "repeat_float",
            "size_float",
        ),
        "to JSON, 3.0 is an integer",
    ),
    "probability_nan": "to JSON, NaN is no number at all",
    "unknown_value": "what is to be solved for stands in good files too",
    "graph_add_from_one": "how many names stand under `from` is the join's matter",
    **dict.fromkeys(("vars_in_channels", "vars_word_of_expressions"), "a pattern does not know the reserved words"),
}
"""Bad specs that JSON Schema takes for good ones, and why."""


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("path", shipped().values(), ids=lambda p: p.stem)
def test_every_shipped_spec_is_valid(path: Path, validator: jsonschema.Draft202012Validator) -> None:
    for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        validator.validate(document)


def codes(path: Path) -> set[str]:
    """The codes that a bad spec announces in its head."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return {line.split()[2] for line in lines if line.startswith("# expect:")}


EXPRESSION_OR_BLOCK = re.compile(r"""^blocks:|[:\[(\s]["']?=""", re.MULTILINE)
"""What an expression is worth, and which variables a block has, only its reader knows."""


def visible() -> list[Path]:
    found = []
    for path in sorted(BAD.glob("*.yaml")):
        text = path.read_text(encoding="utf-8", errors="replace").split("\n\n", 1)[-1]
        body = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
        hidden = EXPRESSION_OR_BLOCK.search(body) or path.stem in UNSEEN_FILES
        if codes(path) and not codes(path) & UNSEEN_BY_A_SCHEMA and not hidden:
            found.append(path)
    return found


@pytest.mark.parametrize("path", visible(), ids=lambda p: p.stem)
def test_bad_specs_are_refused(path: Path, validator: jsonschema.Draft202012Validator) -> None:
    documents = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    assert not all(validator.is_valid(document) for document in documents)


def test_many_bad_specs_are_visible_to_a_schema() -> None:
    assert len(visible()) >= 25


@pytest.mark.parametrize("kind", [*LAYERS, *OTHER_WORDS])
def test_an_editor_can_complete_every_layer(kind: str) -> None:
    schema = json_schema()
    _, mapping = schema["$defs"]["item"]["anyOf"]
    assert kind in mapping["properties"]
    layer = LAYERS[OTHER_WORDS.get(kind, kind)]
    fields = schema["$defs"][OTHER_WORDS.get(kind, kind)]["anyOf"][0]["properties"]
    assert set(fields) == {info.alias or name for name, info in layer.model_fields.items()} | set(layer.aliases)
    assert {info.alias or name for name, info in ItemKeys.model_fields.items()} <= set(mapping["properties"])


ITEMS: list[tuple[Any, bool]] = [
    ("relu", True),
    ("conv", False),  # it has fields that must be given
    ("upsample", False),  # either of two fields
    ({"maxpool": 2}, True),
    ({"maxpool": "two"}, False),
    ({"maxpool": [2, 3], "name": "p"}, True),
    ({"maxpool": [2, 3, 4, 5]}, False),
    ({"conv": {"filters": 3, "kernel": 3}}, True),
    ({"conv": {"filters": 3}}, False),
    ({"conv": {"out_channels": 3, "kernel_size": 3, "padding": [[1, 2], 0]}}, True),
    ({"conv": {"out_channels": 3, "kernel_size": 3, "padding": "same"}}, True),
    ({"conv": {"out_channels": 3, "kernel_size": 3, "padding": "full"}}, False),
    ({"conv": {"out_channels": 3, "kernel_size": 3, "groups": "depthwise"}}, True),
    ({"conv": {"out_channels": 0, "kernel_size": 3}}, False),
    ({"dense": 10, "repeat": 3}, True),
    ({"dense": 10, "repeat": 0}, False),
    ({"dense": 10, "relu": None}, False),
    ({"relu": None}, True),
    ({"crop": {"size": 3}}, True),
    ({"crop": {"size": 3, "amount": 2}}, False),
    ({"upsample": {"scale_factor": 1.5}}, True),
    ({"upsample": {"scale_factor": 0}}, False),
    ({"attention": 8}, True),
    ({"window_attention": 7}, False),  # heads must be given
    ({"window_attention": {"window_size": [7, 5], "heads": 3, "shift": [3, 0]}}, True),
    ({"lstm": {"units": 3, "bias": "one"}}, True),
    ({"lstm": {"hidden_size": 3, "bias": "two"}}, False),
    ({"gru": {"hidden_size": 3, "proj_size": 2}}, False),
    ({"embedding": {"num_embeddings": 3}}, False),
    ("class_token", True),
    ("select_token", True),
    ({"select_token": -1}, True),
    ({"space_to_depth": {"block_size": 2}}, True),
    ({"depth_to_space": 2}, True),
    ({"custom": "7x7x512"}, True),
    ({"custom": {"params": 3}}, False),
    ({"fc": 3, "expect": {"params": "~3M", "stride": "1/2", "output": "7x7x3"}}, True),
    ({"fc": 3, "expect": {"params": "about 3"}}, False),
    ({"conv": {"filters": "=width", "kernel": ["=k", 3]}}, True),
    ({"conv": {"filters": "width", "kernel": 3}}, False),
    ({"conv": {"filters": "?", "kernel": ["?k", 3]}, "repeat": "?", "when": "?"}, True),
    ({"conv": {"filters": "8?", "kernel": 3}}, False),
    ({"slice": ["=0", "=in_channels//2"]}, True),
    ({"relu": None, "from": "a", "when": "=stride > 1", "repeat": "=n", "share": "b", "frozen": True}, True),
    ({"relu": None, "form": "a"}, False),
    ({"add": ["a", "b"]}, True),
    ({"add": None, "from": ["a", "b"]}, True),
    ({"parallel": [["relu"], []], "join": "add"}, True),
    ({"parallel": {"class": ["relu"], "box": []}}, True),
    ({"parallel": [["relu"], []], "join": "sum"}, False),
    ({"parallel": [["relo"], []]}, False),
]


@pytest.mark.parametrize(("item", "valid"), ITEMS, ids=str)
def test_items(item: Any, valid: bool, validator: jsonschema.Draft202012Validator) -> None:
    assert validator.is_valid({"input": "8x8x4", "layers": [item]}) is valid


@pytest.mark.parametrize(
    ("shape", "valid"),
    [
        ("?x?x3", True),
        ("?h x ?w x 3", True),
        ([3, "?", "?w"], True),
        ({"left": "?x9x3", "right": "9x9x3"}, True),
        ("8xbx3", False),
        ([3, "w"], False),
        ("8x0x3", False),
    ],
    ids=str,
)
def test_sizes_that_are_sought(shape: Any, valid: bool, validator: jsonschema.Draft202012Validator) -> None:
    assert validator.is_valid({"input": shape, "layers": ["relu"]}) is valid
