"""What the unknowns of a spec are called: as they are written, or by their field and, if need be, their layer."""

from __future__ import annotations

from collections import Counter
from typing import Any

from shapecalc.layers import LAYERS, OTHER_WORDS
from shapecalc.problems import Path
from shapecalc.solving.marking import SIGN, Marking

_BESIDE = ("repeat", "when")


def labels(marks: Marking) -> dict[str, str]:
    """A name for each variable; no two are alike."""
    short, long = {}, {}
    for variable, paths in marks.places.items():
        own = variable.removeprefix(f"{SIGN}_")
        short[variable], long[variable] = (own, own) if own != variable else _called(paths[0], marks.document.data)
    counts = Counter(short.values())
    chosen = {variable: name if counts[name] == 1 else long[variable] for variable, name in short.items()}
    again = Counter(chosen.values())
    lines = {variable: marks.document.locate(paths[0]).line for variable, paths in marks.places.items()}
    return {v: name if again[name] == 1 else f"{name}@{lines[v]}" for v, name in chosen.items()}


def _called(path: Path, data: Any) -> tuple[str, str]:
    """The name of a place, and its name with what it belongs to."""
    inner = path[2:] if path[0] == "variants" else path
    if inner[0] == "input":
        own = [str(step) for step in inner if isinstance(step, str)]
        return own[-1], ".".join(own[-2:])
    at = next((n for n in range(len(path) - 1, 0, -1) if _is_word(path, n)), None)
    if at is None:
        steps = [str(step) for step in path if step != "vars"]
        return steps[-1], ".".join(steps[-2:])
    field = _field(path, at)
    entries = "".join(f"[{step}]" for step in path[at + 1 :] if isinstance(step, int))
    return field + entries, f"{_item(path[:at], data)}.{field}{entries}"


def _is_word(path: Path, at: int) -> bool:
    """Whether a key of an item stands there: behind the item's number in a list."""
    return isinstance(path[at], str) and isinstance(path[at - 1], int)


def _field(path: Path, at: int) -> str:
    word = str(path[at])
    rest = [step for step in path[at + 1 :] if isinstance(step, str)]
    layer = LAYERS.get(OTHER_WORDS.get(word, word))
    return str(rest[0]) if rest else (layer and layer.bare) or word


def _item(path: Path, data: Any) -> str:
    """The item's own name; else its type and the number that it has in its list."""
    *above, number = path
    items = data
    for step in above:
        items = items[step]
    prefix = f"{above[1]}." if above[0] == "blocks" else ""
    own = items[number].get("name")
    if isinstance(own, str):
        return prefix + own
    kinds = [_kind(item) for item in items[: int(number) + 1]]
    return f"{prefix}{kinds[-1]}{kinds.count(kinds[-1])}"


def _kind(item: object) -> str:
    """The type of an item, `conv` for both `conv` and its other words; of a block its name."""
    if not isinstance(item, dict):
        return OTHER_WORDS.get(str(item), str(item))
    beside = (*_BESIDE, "name", "from", "share", "frozen", "join", "expect", "ask")
    word = next((key for key in item if key not in beside), "item")
    return OTHER_WORDS.get(word, word)
