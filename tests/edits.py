"""Random networks, and known edits of them: what was done, layer by layer, beside the network that came of it."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import shapecalc
from shapecalc.result import Step, Trace

Item = dict[str, Any]
Data = dict[str, Any]
Told = set[tuple[str, str | None, str | None]]
"""What was done: the kind of edit, the layer's name before and after."""

Touched = dict[str, set[str]]
"""The settings that were changed, by the layer's name after."""

MARK = "mark"
"""The key by which an item is known in both networks; it is taken out before the spec is read."""

BESIDE = {MARK, "name", "from", "repeat", "join"}


class Edited(NamedTuple):
    """A pair of networks and what lies between them."""

    before: Trace
    after: Trace
    told: Told
    settings: Touched


class Pencil:
    """What draws, and gives every item its mark."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self._marks = 0
        self._names = 0

    def item(self, word: str, fields: object = None, **beside: Any) -> Item:
        self._marks += 1
        return {word: fields, MARK: self._marks, **beside}

    def name(self) -> str:
        self._names += 1
        return f"{self.draw.choice(['stem', 'body', 'head', 'left', 'deep'])}_{self._names}"

    def maybe_named(self, item: Item) -> Item:
        return {**item, "name": self.name()} if self.draw.random() < 0.5 else item

    def conv(self, width: int | None = None) -> Item:
        kernel = self.draw.choice([1, 3, 5])
        width = width or self.draw.choice([8, 12, 16, 20, 24])
        return self.item("conv", {"out_channels": width, "kernel_size": kernel, "padding": kernel // 2})

    def still(self) -> Item:
        word = self.draw.choice(["relu", "batchnorm", "gelu", "lrn", "dropout"])
        return self.item(word, {"lrn": 5, "dropout": 0.25}.get(word))

    def layer(self) -> Item:
        return self.maybe_named(self.conv() if self.draw.random() < 0.5 else self.still())

    def chain(self, low: int, high: int) -> list[Item]:
        return [self.layer() for _ in range(self.draw.randint(low, high))]


def network(pencil: Pencil) -> Data:
    """A chain of layers, branches, calls of a block and joins of what stands further up."""
    draw = pencil.draw
    layers = pencil.chain(2, 4)
    for _ in range(draw.randint(2, 4)):
        makers: list[Callable[[Pencil], list[Item]]] = [_branches, _block, _skip, lambda each: each.chain(2, 3)]
        layers += draw.choice(makers)(pencil)
        layers += pencil.chain(1, 3)
    block = [pencil.conv(), *pencil.chain(1, 2)]
    return {"input": "24x24x3", "blocks": {"unit": {"layers": block}}, "layers": layers}


def _branches(pencil: Pencil) -> list[Item]:
    width = pencil.draw.choice([8, 16])
    join = pencil.draw.choice(["add", "concat"])
    branches = [[*pencil.chain(0, 2), pencil.conv(width)] for _ in range(pencil.draw.randint(2, 3))]
    return [pencil.maybe_named(pencil.item("parallel", branches, join=join))]


def _block(pencil: Pencil) -> list[Item]:
    call = pencil.maybe_named(pencil.item("unit", {}))
    return [{**call, "repeat": 2} if pencil.draw.random() < 0.5 else call]


def _skip(pencil: Pencil) -> list[Item]:
    start, end = pencil.name(), pencil.name()
    inside = [{**pencil.conv(16), "name": start}, *pencil.chain(1, 2), {**pencil.conv(16), "name": end}]
    return [*inside, pencil.item("add", [start, end])]


# ---- edits ----


def lists(data: Data) -> list[list[Item]]:
    """Every list of items: of the network, of its block, of the branches."""
    found = [data["layers"], data["blocks"]["unit"]["layers"]]
    for items in found:
        found += [branch for item in items for branch in item.get("parallel", [])]
    return found


def word(item: Item) -> str:
    return next(key for key in item if key not in BESIDE)


class Edit(NamedTuple):
    """One edit of a network's data: its kind, the mark of the item, and the settings that it touches."""

    kind: str
    mark: int
    settings: frozenset[str] = frozenset()


def rename(data: Data, pencil: Pencil) -> Edit | None:
    item = pencil.draw.choice(pencil.draw.choice([items for items in lists(data) if items]))
    old, item["name"] = item.get("name"), pencil.name()
    for other in (each for items in lists(data) for each in items):
        key = "from" if "from" in other else word(other)
        if other.get(key) == old and old is not None:
            other[key] = item["name"]
        elif word(other) in JOINS and old in other[word(other)]:
            other[word(other)] = [item["name"] if name == old else name for name in other[word(other)]]
    return Edit("renamed", item[MARK])


def insert(data: Data, pencil: Pencil) -> Edit | None:
    items = pencil.draw.choice(lists(data))
    made = _branches(pencil)[0] if pencil.draw.random() < 0.33 else pencil.layer()
    items.insert(pencil.draw.randint(0, len(items)), made)
    return Edit("inserted", made[MARK])


def branch(data: Data, pencil: Pencil) -> Edit | None:
    """Another branch beside those that are joined, of one layer."""
    joined = [item for items in lists(data) for item in items if "parallel" in item]
    if not joined:
        return None
    item = pencil.draw.choice(joined)
    last: Item = item["parallel"][0][-1] if item["parallel"][0] else {}
    made = pencil.maybe_named(pencil.conv(last.get("conv", {}).get("out_channels")))
    item["parallel"].insert(pencil.draw.randint(0, len(item["parallel"])), [made])
    return Edit("inserted", made[MARK])


def delete(data: Data, pencil: Pencil) -> Edit | None:
    items = pencil.draw.choice([items for items in lists(data) if items])
    return Edit("removed", items.pop(pencil.draw.randrange(len(items)))[MARK])


def move(data: Data, pencil: Pencil) -> Edit | None:
    """A layer to another place of its list or of another; a block's own stay in it."""
    found = lists(data)
    items = pencil.draw.choice([items for items in found if items])
    others = pencil.draw.choice([items, pencil.draw.choice(found)])
    item = items.pop(pencil.draw.randrange(len(items)))
    others.insert(pencil.draw.randint(0, len(others)), item)
    is_within = others is items or (found[1] is not items and found[1] is not others)
    return Edit("moved", item[MARK]) if is_within and word(item) in LEAVES else None


def change(data: Data, pencil: Pencil) -> Edit | None:
    item = pencil.draw.choice([item for items in lists(data) for item in items if "conv" in item])
    fields = item["conv"]
    values = [("kernel_size", 7), ("stride", 2), ("padding", 4), ("out_channels", 2 * fields["out_channels"])]
    field, value = pencil.draw.choice(values)
    fields[field] = value
    if field == "kernel_size" and pencil.draw.random() < 0.5:
        fields["padding"] = 3
        return Edit("changed", item[MARK], frozenset({"kernel_size", "padding"}))
    return Edit("changed", item[MARK], frozenset({field}))


def replace(data: Data, pencil: Pencil) -> Edit | None:
    item = pencil.draw.choice([item for items in lists(data) for item in items if word(item) in OTHER_WORD])
    old = word(item)
    item[OTHER_WORD[old]] = item.pop(old)
    return Edit("replaced", item[MARK])


def rewire(data: Data, pencil: Pencil) -> Edit | None:
    items = data["layers"]
    item = pencil.draw.choice(items)
    above = [each["name"] for each in items[: items.index(item)] if "name" in each and "repeat" not in each]
    if not above or word(item) not in LEAVES:
        return None
    item["from"] = pencil.draw.choice(above)
    return Edit("rewired", item[MARK])


JOINS = ("add", "multiply")
LEAVES = ("conv", "separable_conv", "relu", "silu", "gelu", "tanh", "batchnorm", "instancenorm", "lrn", "dropout")
OTHER_WORD = {"relu": "silu", "gelu": "tanh", "batchnorm": "instancenorm", "conv": "separable_conv", "add": "multiply"}
EDITS = (rename, insert, branch, delete, move, change, replace, rewire)


# ---- what was done, layer by layer ----


class Known(NamedTuple):
    """One layer under the marks of its items.

    Attributes:
        key: the same in both networks, wherever it stands.
        marks: of its item and of those around it.
        reads: the keys of what it reads.
    """

    key: str
    marks: set[int]
    reads: tuple[str, ...]


def plain(data: Data) -> Data:
    """The data without marks, as a spec has it."""
    copied = copy.deepcopy(data)
    for item in (each for items in lists(copied) for each in items):
        del item[MARK]
    return copied


def known(data: Data) -> list[Known]:
    """The layers of a network, known by a copy in which every item is named by its mark."""
    copied = copy.deepcopy(data)
    items = [each for found in lists(copied) for each in found]
    marks = {item["name"]: f"m{item[MARK]}" for item in items if "name" in item}
    joins = {f"m{item[MARK]}" for item in items if "parallel" in item}
    for item in items:
        for key in ("from", *JOINS):
            if isinstance(item.get(key), list):
                item[key] = [marks.get(name, name) for name in item[key]]
            elif item.get(key):
                item[key] = marks.get(item[key], item[key])
        item["name"] = f"m{item.pop(MARK)}"
    steps = shapecalc.trace(shapecalc.load(json.dumps(copied))).layers
    return [
        Known(_key(step.name, joins), _marks(step.name), tuple(_key(each, joins) for each in step.inputs))
        for step in steps
    ]


def _key(name: str, joins: set[str]) -> str:
    """The name without the branches in which the layer stands, which it may leave."""
    parts, kept = name.split("."), []
    for number, part in enumerate(parts):
        is_inner = number + 1 < len(parts)
        in_branch = part.isdecimal() and parts[number - 1] in joins
        if not (is_inner and part in joins) and not in_branch:
            kept.append(part)
    return ".".join(kept)


def _marks(name: str) -> set[int]:
    return {int(part[1:]) for part in name.split(".") if part.startswith("m")}


def edited(seed: int) -> Edited | None:
    """A network before and after one to three edits; None where these do not fit, or cannot be told apart."""
    pencil = Pencil(seed)
    data = network(pencil)
    after = copy.deepcopy(data)
    edits = [pencil.draw.choice(EDITS)(after, pencil) for _ in range(pencil.draw.randint(1, 3))]
    found = [edit for edit in edits if edit is not None]
    if len(found) < len(edits) or len({edit.mark for edit in found}) < len(edits):
        return None
    try:
        traces = [shapecalc.trace(shapecalc.load(json.dumps(plain(each)))) for each in (data, after)]
    except shapecalc.SpecError:
        return None
    sides = known(data), known(after)
    if not _is_clear(found, sides, traces):
        return None
    told, touched = _told(found, sides, traces)
    return Edited(traces[0], traces[1], told, touched)


def _told(edits: list[Edit], sides: tuple[list[Known], list[Known]], traces: list[Trace]) -> tuple[Told, Touched]:
    names = [
        {each.key: step.name for each, step in zip(*pair, strict=True)}
        for pair in zip(sides, (t.layers for t in traces), strict=True)
    ]
    told: Told = {("removed", names[0][key], None) for key in names[0].keys() - names[1].keys()}
    told |= {("inserted", None, names[1][key]) for key in names[1].keys() - names[0].keys()}
    touched: Touched = {}
    for edit in edits:
        for each in (*sides[0], *sides[1]):
            if edit.mark in each.marks and each.key in names[0] and each.key in names[1]:
                told.add((edit.kind, names[0][each.key], names[1][each.key]))
                if edit.settings:
                    touched[names[1][each.key]] = set(edit.settings)
    return told, touched


def _is_clear(edits: list[Edit], sides: tuple[list[Known], list[Known]], traces: list[Trace]) -> bool:
    """Whether what was done can be seen: an untouched layer between two edits, and no like layers beside one."""
    for side, trace in zip(sides, traces, strict=True):
        keys = [each.key for each in side]
        places: list[set[int]] = []
        for edit in edits:
            own = {number for number, each in enumerate(side) if edit.mark in each.marks}
            places.append(own or _gap(edit, keys, sides))
            if edit.kind in ("inserted", "removed", "moved") and _has_twin(own, trace.layers):
                return False
        for number, first in enumerate(places):
            for second in places[:number]:
                if any(abs(i - j) < 2 for i in first for j in second):
                    return False
    return all(_is_seen(edit, *sides) for edit in edits) and not _looks_moved(edits, sides, traces)


def _looks_moved(edits: list[Edit], sides: tuple[list[Known], list[Known]], traces: list[Trace]) -> bool:
    """Whether a layer that is new looks like one that is gone: that is a move, however it was made."""
    marks = [
        {edit.mark for edit in edits if edit.kind in kinds}
        for kinds in (("removed", "replaced", "changed"), ("inserted", "replaced", "changed"))
    ]
    gone, new = (
        {(step.type, repr(step.layer)) for each, step in zip(side, trace.layers, strict=True) if each.marks & wanted}
        for side, trace, wanted in zip(sides, traces, marks, strict=True)
    )
    return bool(gone & new)


def _gap(edit: Edit, keys: list[str], sides: tuple[list[Known], list[Known]]) -> set[int]:
    """The layers around the place where an item is not: those beside it in the other network."""
    found = set()
    for side in sides:
        for number, each in enumerate(side):
            if edit.mark in each.marks:
                beside = [side[n].key for n in (number - 1, number + 1) if 0 <= n < len(side)]
                found |= {keys.index(key) for key in beside if key in keys}
    return found


def _has_twin(own: set[int], layers: tuple[Step, ...]) -> bool:
    """Whether the layer beside a run looks like the one at its other end, so that either may be the new one."""
    looks = [(step.type, repr(step.layer)) for step in layers]
    return any(
        looks[number] == looks[beside]
        for number in own
        for beside in (min(own, default=0) - 1, max(own, default=0) + 1, number - 1, number + 1)
        if 0 <= beside < len(looks) and beside != number
    )


def _is_seen(edit: Edit, before: list[Known], after: list[Known]) -> bool:
    """Whether a rewired layer reads something else, and a moved one passed three others or changed its branch."""
    first = {each.key: each for each in before if edit.mark in each.marks}
    second = {each.key: each for each in after if edit.mark in each.marks}
    if edit.kind == "rewired":
        return all(first[key].reads != second[key].reads for key in first)
    if edit.kind != "moved":
        return bool(first or second)
    orders = [{each.key: number for number, each in enumerate(side)} for side in (before, after)]
    shared = orders[0].keys() & orders[1].keys()
    return all(_passed(key, orders, shared) >= 3 for key in first)


def _passed(key: str, orders: list[dict[str, int]], shared: set[str]) -> int:
    """How many layers stand on the other side of it than they did."""
    first, second = orders
    return sum((first[key] < first[other]) != (second[key] < second[other]) for other in shared)


def pairs(count: int) -> Iterator[tuple[int, Edited]]:
    """So many pairs, by seed."""
    seed = 0
    while count:
        found = edited(seed)
        if found is not None:
            count -= 1
            yield seed, found
        seed += 1
