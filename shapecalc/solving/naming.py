"""What the unknowns of a spec are called: as they are written, or by their field and, if need be, their layer."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from shapecalc.layers import LAYERS, OTHER_WORDS
from shapecalc.problems import Path
from shapecalc.solving.marking import SIGN, Marking

_BESIDE = ("repeat", "when")


class _Called(NamedTuple):
    """How a place is called.

    Attributes:
        word: the field as it is written; its own name where nothing but the layer's word is.
        owner: what it belongs to; empty of what has a name of its own.
        entries: the place in a list, as in ``[1]``.
        field: the field's own name, whatever the word.
        others: the words that the layer has for the field; none where the field is written.
    """

    word: str
    owner: str = ""
    entries: str = ""
    field: str = ""
    others: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """What two unknowns share that only their layers tell apart."""
        return (self.field or self.word) + self.entries

    @property
    def short(self) -> str:
        return self.word + self.entries

    @property
    def long(self) -> str:
        return f"{self.owner}.{self.short}" if self.owner else self.short


def labels(marks: Marking) -> dict[str, str]:
    """A name for each variable; no two are alike. A layer's name goes before a field that several layers have."""
    called = {variable: _named(variable, paths[0], marks) for variable, paths in marks.places.items()}
    spoken = {each.field: each.word for each in reversed(called.values()) if not each.others}
    called = {variable: _as_spoken(each, spoken) for variable, each in called.items()}
    kinds, words = Counter(each.kind for each in called.values()), Counter(each.short for each in called.values())
    chosen = {
        variable: each.short if kinds[each.kind] == words[each.short] == 1 else each.long
        for variable, each in called.items()
    }
    marked = {variable: marks.document.locate(paths[0]) for variable, paths in marks.places.items()}
    chosen = _apart(chosen, {variable: f"@{mark.line}" for variable, mark in marked.items()})
    return _apart(chosen, {variable: f":{mark.column}" for variable, mark in marked.items()})


def _apart(chosen: dict[str, str], endings: dict[str, str]) -> dict[str, str]:
    """Names that are alike with their endings."""
    counts = Counter(chosen.values())
    return {variable: name if counts[name] == 1 else name + endings[variable] for variable, name in chosen.items()}


def _as_spoken(called: _Called, spoken: dict[str, str]) -> _Called:
    """Where only the layer's word is written, the word that another unknown has for the same field."""
    word = spoken.get(called.field, called.word)
    return called._replace(word=word) if word in called.others else called


def _named(variable: str, path: Path, marks: Marking) -> _Called:
    own = variable.removeprefix(f"{SIGN}_")
    return _Called(own) if own != variable else _called(path, marks.document.data)


def _called(path: Path, data: Any) -> _Called:
    """How the unknown at a place is called that has no name of its own."""
    inner = path[2:] if path[0] == "variants" else path
    if inner[0] == "input":
        *above, own = [str(step) for step in inner if isinstance(step, str)]
        return _Called(own, ".".join(above[-1:]))
    at = next((n for n in range(len(path) - 1, 0, -1) if _is_word(path, n)), None)
    if at is None:
        *above, own = [step for step in path if isinstance(step, str) and step != "vars"]
        return _Called(own, ".".join(above[-1:]), _entries(path))
    item = _item(path[:at], data)
    word = str(path[at])
    layer = LAYERS.get(OTHER_WORDS.get(word, word))
    aliases = layer.aliases if layer else {}
    written = next((str(step) for step in path[at + 1 :] if isinstance(step, str)), None)
    if written is not None:
        return _Called(written, item, _entries(path), aliases.get(written, written))
    field = (layer and layer.bare) or word
    return _Called(field, item, _entries(path), field, tuple(each for each, own in aliases.items() if own == field))


def _entries(path: Path) -> str:
    """The places in lists behind the last word: ``[1]``."""
    last = max(n for n, step in enumerate(path) if isinstance(step, str))
    return "".join(f"[{step}]" for step in path[last + 1 :])


def _is_word(path: Path, at: int) -> bool:
    """Whether a key of an item stands there: behind the item's number in a list."""
    return isinstance(path[at], str) and isinstance(path[at - 1], int)


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
