"""The letters of the lecture: which one stands for what, and how they are told apart along the axes.

CS231n's, where it has one: W₁ and W₂ sizes, D₁ and D₂ channels, F kernel size, S stride, P padding,
K filters. Our third spatial axis is Z, since D is taken by the channels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from shapecalc.derivation.expression import Number
from shapecalc.notation import AXIS_NAMES, Shape

AXIS_LETTERS = {"length": "L", "depth": "Z", "height": "H", "width": "W"}
_SIDES = {"depth": ("front", "back"), "height": ("top", "bottom"), "width": ("left", "right")}
_SIDE_NAMES = {"before", "after", *(side for pair in _SIDES.values() for side in pair)}
_TENSORS = {"1": "of what arrives", "2": "of what leaves"}

MEANINGS = {
    "F": "kernel size",
    "S": "stride",
    "P": "padding",
    "d": "dilation",
    "K": "number of filters",
    "g": "groups",
    "m": "depthwise kernels per channel",
    "o": "output padding",
    "f": "factor",
    "C": "positions cropped",
    "u": "inputs that one output reads",
    "a": "first input that output 0 reads",
    "q": "values of a query or key in one head",
    "v": "values of a value in one head",
    "w": "window size",
    "s": "shift of the windows",
    "n": "positions in a window",
    "U": "hidden units",
    "p": "units that they are projected to",
    "V": "token ids that there are",
    "i": "number of an output, from 0",
    "k": "number of a tap of the kernel, from 0",
    "x": "place in the input at which output i lies",
    "r": "receptive field: pixels that one unit sees",
    "j": "its stride: pixels from one unit to the next",
    "start": "its first pixel, for unit 0 (negative: in the padding)",
    "low": "first pixel that a unit sees",
    "high": "last pixel that a unit sees",
}
"""What a letter stands for, by its part before an index, in the order of the legend."""


class Setting(NamedTuple):
    """A setting of a layer along its axes.

    Attributes:
        letters: its letter on every axis, one and the same where the numbers are.
        values: the number of each letter.

    """

    letters: tuple[str, ...]
    values: dict[str, Number]


class Sides(NamedTuple):
    """An amount before and after every axis, in letters.

    Attributes:
        before: the letter of the amount before each axis.
        after: of the amount after it.
        both: the expression of the two together.
        values: the number of each letter.

    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    both: tuple[str, ...]
    values: dict[str, Number]


def setting(letter: str, numbers: Sequence[Number]) -> Setting:
    """The letters of a setting: F where all axes agree, else F_H and F_W.

    >>> setting("F", (3, 5)).values
    {'F_H': 3, 'F_W': 5}
    """
    if len(set(numbers)) == 1:
        return Setting((letter,) * len(numbers), {letter: numbers[0]})
    letters = tuple(f"{letter}_{AXIS_LETTERS[name]}" for name in AXIS_NAMES[len(numbers)])
    return Setting(letters, dict(zip(letters, numbers, strict=True)))


def sides(letter: str, pairs: Sequence[tuple[int, int]]) -> Sides:
    """The letters of a padding: P, or P_H and P_W, or where the sides differ P_top, P_bottom, ….

    >>> sides("P", [(1, 1), (2, 2)]).both
    ('2*P_H', '2*P_W')
    >>> sides("P", [(0, 1), (0, 1)]).both
    ('P_before + P_after', 'P_before + P_after')
    """
    if all(before == after for before, after in pairs):
        alike = setting(letter, [before for before, _ in pairs])
        both = tuple(f"2*{each}" for each in alike.letters)
        return Sides(alike.letters, alike.letters, both, alike.values)
    names = [("before", "after")] * len(pairs)
    if len(set(pairs)) > 1:
        names = [_SIDES[name] for name in AXIS_NAMES[len(pairs)]]
    befores, afters = ([f"{letter}_{name[end]}" for name in names] for end in (0, 1))
    values: dict[str, Number] = {}
    for (before, after), first, last in zip(pairs, befores, afters, strict=True):
        values |= {first: before, last: after}
    both = tuple(f"{first} + {last}" for first, last in zip(befores, afters, strict=True))
    return Sides(tuple(befores), tuple(afters), both, values)


def shape_letters(shape: Shape, index: str) -> dict[str, int]:
    """The letters of a shape, sizes then channels: W₁ and D₁ of what arrives, N₁ where it is flat.

    >>> shape_letters((3, 32, 48), "1")
    {'H1': 32, 'W1': 48, 'D1': 3}
    """
    if len(shape) == 1:
        return {f"N{index}": shape[0]}
    names = AXIS_NAMES[len(shape) - 1]
    sizes = {f"{AXIS_LETTERS[name]}{index}": size for name, size in zip(names, shape[1:], strict=True)}
    return {**sizes, f"D{index}": shape[0]}


def enumerated(words: Sequence[str]) -> str:
    """The words as in a sentence.

    >>> enumerated(["depth", "height", "width"])
    'depth, height and width'
    """
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def legend(used: Iterable[str]) -> list[tuple[list[str], str]]:
    """The letters of some formulas with their meaning, those of one kind together; words need none.

    >>> legend(["W1", "F", "D1", "weights"])
    [(['W1', 'D1'], 'width and channels of what arrives'), (['F'], 'kernel size')]
    """
    names = list(dict.fromkeys(used))
    found = []
    for index, what in _TENSORS.items():
        words = {f"{letter}{index}": axis for axis, letter in AXIS_LETTERS.items()}
        words |= {f"D{index}": "channels", f"N{index}": "values"}
        kin = [name for name in words if name in names]
        if kin:
            found.append((kin, f"{enumerated([words[name] for name in kin])} {what}"))
    for letter, meaning in MEANINGS.items():
        own = [name for name in names if name.split("_", maxsplit=1)[0] == letter]
        kin = [name for name in own if not name.endswith("_in")]
        found += [(kin, _indexed(kin, meaning))] if kin else []
    inner = [name for name in names if name.endswith("_in")]
    return [*found, *([(inner, "the same of what arrives")] if inner else [])]


def _indexed(names: list[str], meaning: str) -> str:
    """The meaning, with what the indices tell apart."""
    indices = {name.partition("_")[2] for name in names} - {""}
    said = f"{meaning} on each side" if set(names) & {"P", "C"} else meaning
    if indices & {"max", "min"}:
        said += "; the most and the fewest"
    if indices & set(AXIS_LETTERS.values()):
        said += "; with an axis' letter, along that axis"
    if indices & _SIDE_NAMES:
        said += "; with a side's name, on that side"
    return said + ("; total: both sides together" if "total" in indices else "")
