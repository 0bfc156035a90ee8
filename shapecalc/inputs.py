"""Other shapes for a network's inputs, as ``--input`` gives them: by name, or for the first one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from shapecalc.files import Unreadable
from shapecalc.notation import MAX_AXES, MAX_SIZE, Shape, parse_shape
from shapecalc.translate import did_you_mean

FIRST = ""
"""What stands for the name of the first input."""

Given = TypeVar("Given")


def by_name(given: Mapping[str, Given], known: Sequence[str]) -> dict[str, Given]:
    """What is given for inputs, by their own names. `Unreadable` where no input is called so, or one is given twice.

    Args:
        given: by name, `FIRST` for the first input.
        known: the names of the network's inputs.
    """
    found: dict[str, Given] = {}
    for written, each in given.items():
        name = written or known[0]
        if name not in known:
            raise Unreadable(
                f"there is no input {name!r}", did_you_mean(name, [*known]) or f"inputs: {', '.join(known)}"
            )
        if name in found:
            raise Unreadable(f"two shapes are given for the input {name!r}", "a shape without a name is the first's")
        found[name] = each
    return found


def written_shape(text: str, example: str) -> Shape:
    """The shape that an ``--input`` writes, channels first. `Unreadable`, with the example, where it is none."""
    try:
        shape = parse_shape(text)
    except ValueError:
        shape = ()
    if not 1 <= len(shape) <= MAX_AXES + 1 or not all(1 <= size <= MAX_SIZE for size in shape):
        raise Unreadable(f"--input {text!r} is not a shape", f"H×W×C, as in {example}")
    return shape
