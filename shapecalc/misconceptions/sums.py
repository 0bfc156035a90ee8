"""The arithmetic of a slip's number, in writing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from math import prod

from shapecalc.misconceptions.answer import Asked, own
from shapecalc.misconceptions.facts import facts, put_in, tidy, value
from shapecalc.misconceptions.rewalk import Altered, count_of
from shapecalc.notation import Shape
from shapecalc.result import Step

MOST_TERMS = 5
"""Layers whose numbers are written out; of more, the right total and what the slip changes in it."""

MOST_LINKS = 8
"""Layers of a chain whose contributions to the receptive field are written out."""

_OF_A_LAYER = {
    ("conv", "params"): "{weights} + {biases}",
    ("conv", "weights"): "{weights}",
    ("conv", "macs"): "{weights}·{places}",
    ("conv", "flops"): "2·{weights}·{places}",
    ("conv_transpose", "params"): "{weights} + {biases}",
    ("conv_transpose", "weights"): "{weights}",
    ("conv_transpose", "macs"): "{weights}·{in_places}",
    ("conv_transpose", "flops"): "2·{weights}·{in_places}",
    ("fc", "params"): "{weights} + {biases}",
    ("fc", "weights"): "{weights}",
    ("fc", "macs"): "{weights}·{places}",
    ("fc", "flops"): "2·{weights}·{places}",
}
"""How the number of a layer is worked out, by its type and the quantity."""


def over_layers(asked: Asked, changed: Mapping[int, str], total: int) -> str:
    """The sum of the layers' numbers: ``108 + 144·12``.

    Args:
        asked: what is asked.
        changed: what the slip makes of layers, by their numbers.
        total: what it comes to.
    """
    terms = [changed.get(n, f"{own(asked.trace.layers[n], asked.quantity) or 0:,}") for n in asked.numbers]
    terms = [term for term in terms if term != "0"]
    if len(terms) <= MOST_TERMS:
        return " + ".join(terms)
    right = asked.subject.numbers[asked.quantity]
    if not isinstance(right, int):
        return ""
    return f"{right:,} {'−' if total < right else '+'} {abs(total - right):,}"


def of_layer(step: Step, arriving: tuple[Shape, ...], altered: Altered, quantity: str) -> str | None:
    """The count of a layer with other shapes, ``5·5·64·10 + 10``; None where it is no such product."""
    template, count = _OF_A_LAYER.get((step.type, quantity)), count_of(altered, quantity)
    if template is None or count is None or min(*arriving[0], *altered.out_shape) < 1:
        return None
    biases = altered.params.biases
    known = facts(step._replace(in_shapes=arriving, out_shape=altered.out_shape, biases=biases))
    text = put_in(template, {"biases": "0", **known})
    return tidy(text) if text and value(text) == count else None


def volume(shape: Shape) -> str:
    """The values of a shape, channels first, as a product: ``28·28·16``."""
    return "·".join(f"{size:,}" for size in (*shape[1:], shape[0]))


def chained(numbers: Sequence[Fraction], sign: str) -> str:
    """A number that grows from layer to layer, as the sum or the product of what each contributes.

    >>> chained([Fraction(1), Fraction(7), Fraction(9)], "+"), chained([Fraction(1), Fraction(7), Fraction(21)], "·")
    ('1 + 6 + 2', '7·3')
    """
    if any(number.denominator > 1 for number in numbers):
        return ""
    if sign == "·":
        terms = [after / before for before, after in pairwise(numbers) if after != before]
    else:
        terms = [term for term in (numbers[0], *(after - before for before, after in pairwise(numbers))) if term]
    if not 1 < len(terms) <= MOST_LINKS:
        return ""
    if sign == "·":
        return "·".join(map(str, terms)) if prod(terms) == numbers[-1] else ""
    text = "".join(f"{' − ' if term < 0 else ' + '}{abs(term.numerator):,}" for term in terms)
    return "−" + text.removeprefix(" − ") if terms[0] < 0 else text.removeprefix(" + ")
