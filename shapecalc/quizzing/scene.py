"""What a topic is made of: networks in words, and what is asked of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from shapecalc.notation import Shape
from shapecalc.quizzing.draw import Draw
from shapecalc.quizzing.items import Item


class Scene(NamedTuple):
    """A network and the sentences that tell it.

    Attributes:
        text: the sentences.
        input: what arrives, channels first.
        items: the spec's layers.
        at: the number of the item that is asked about; None: the network.
        blocks: the spec's blocks, by name.
        is_uneven: a division that is not whole is meant.
    """

    text: str
    input: Shape
    items: tuple[Item, ...]
    at: int | None = None
    blocks: Mapping[str, tuple[Item, ...]] = MappingProxyType({})
    is_uneven: bool = False


Maker = Callable[[Draw, int], Scene]
"""A network for a draw and a level."""


class Form(NamedTuple):
    """One way in which a topic asks.

    Attributes:
        make: the network.
        quantity: what is asked, a word of `expect`.
        levels: at which levels.
        ask: the question; none: the quantity's usual one.
        is_rounded: three digits are wanted.
    """

    make: Maker
    quantity: str
    levels: str
    ask: str = ""
    is_rounded: bool = False


class Topic(NamedTuple):
    """A topic of exercises.

    Attributes:
        word: as the command line has it.
        title: for people.
        forms: the ways in which it asks.
    """

    word: str
    title: str
    forms: tuple[Form, ...]


ASKED = {
    "output": "What shape leaves?",
    "tensor_size": "How many values leave?",
    "params": "How many parameters does the layer have?",
    "weights": "How many weights does the layer have, biases left out?",
    "biases": "How many biases does the layer have?",
    "macs": "How many multiply-adds is that?",
    "flops": "How many FLOPs is that, two for each multiply-add?",
    "receptive_field": "How many pixels of the image, along an axis, does a unit of the last layer see?",
    "stride": "How many pixels of the image are neighbouring units of the last layer apart?",
    "start": "Which pixel is the first that unit 0 of the last layer sees? (Negative: in the padding.)",
}
"""The usual question for each quantity."""
