"""The examples of docs/language.md, and the numbers that stand below each."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

import shapecalc

PAGE = (Path(__file__).parent.parent / "docs" / "language.md").read_text(encoding="utf-8")


class Example(NamedTuple):
    """One example: its heading, its spec, and the claims in the paragraph below."""

    heading: str
    text: str
    claims: list[str]


def examples() -> list[Example]:
    pattern = r"^## (?P<heading>.*?)$.*?```yaml\n(?P<text>.*?)```\n\n(?P<claims>.*?)(?=\n## |\Z)"
    found = re.finditer(pattern, PAGE, re.DOTALL | re.MULTILINE)
    return [Example(m["heading"], m["text"], re.findall(r"`([^`]*)`", m["claims"])) for m in found]


def test_there_are_ten() -> None:
    assert len(examples()) == 10


@pytest.mark.parametrize("example", examples(), ids=lambda e: e.heading)
def test_an_example_has_the_numbers_below_it(example: Example) -> None:
    words = [claim.split() for claim in example.claims]
    variant = next((rest[0] for quantity, *rest in words if quantity == "variant"), None)
    network = shapecalc.trace(shapecalc.load(example.text, variant))
    outputs = [output.shape for output in network.outputs]
    assert network.diagnostics == ()
    for quantity, *numbers in words:
        if quantity == "output":
            assert tuple(map(int, numbers)) in outputs
        elif quantity != "variant":
            assert getattr(network.totals, quantity) == int(numbers[0])
    assert any(quantity == "params" for quantity, *_ in words)
    assert len([1 for quantity, *_ in words if quantity == "output"]) == len(outputs)
