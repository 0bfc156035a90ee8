"""The tensors of a walk by name: which one an item reads, and how what it makes is called."""

from __future__ import annotations

from collections.abc import Mapping

from shapecalc.expressions import is_expression
from shapecalc.problems import Path, Problem, SpecError
from shapecalc.result import Step
from shapecalc.scope import Place
from shapecalc.spec import INPUT_NAME, Item
from shapecalc.steps import Flow
from shapecalc.translate import did_you_mean


class Names:
    """What stands above an item, by its full name."""

    def __init__(self, made: Mapping[str, Step]) -> None:
        """`made`: the steps so far, by name."""
        self._made = made
        self._flows: dict[str, Flow] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._flows

    def keep(self, name: str, flow: Flow) -> None:
        """The tensor of that name, from here on."""
        self._flows[name] = flow

    def nearest(self, name: str, place: Place) -> Flow | None:
        """The tensor of that name in the nearest place around."""
        return next((flow for prefix in place.around if (flow := self._flows.get(prefix + name))), None)

    def read_by(self, item: Item, place: Place, arriving: Flow | None) -> tuple[Flow, ...]:
        """What an item reads: what it names, else what arrives (None: several)."""
        origin = item.keys.origin
        if origin is None:
            if arriving is None:
                message = f"several outputs stand above `{item.word}`"
                raise item.home.refused(
                    [Problem("several-outputs", message, (*item.path, item.word), "name one with `from`", on_key=True)]
                )
            return (arriving,)
        names = [origin] if isinstance(origin, str) else origin
        if item.kind != "merge" and len(names) != 1:
            message = f"`{item.word}` reads one tensor, not {len(names)}"
            advice = "join them first, as in concat: [a, b]"
            raise item.home.refused([Problem("several-inputs", message, (*item.path, "from"), advice)])
        return tuple(self._found(name, item, place, number) for number, name in enumerate(names))

    def _found(self, name: str, item: Item, place: Place, number: int) -> Flow:
        """The tensor of that name; SpecError where none is above."""
        flow = self.nearest(name, place)
        if flow is not None:
            return flow
        key = "from" if "from" in item.data else item.word
        path = (*item.path, key, number) if isinstance(item.data.get(key), list) else (*item.path, key)
        visible = [known.removeprefix(p) for p in place.around for known in self._flows if known.startswith(p)]
        raise self._unknown(name, visible, item, place, path)

    def _unknown(self, name: str, visible: list[str], item: Item, place: Place, path: Path) -> SpecError:
        """Nothing above has the name: why, where that can be said, else what may be meant."""
        message = f"nothing above is called `{name}`"
        if is_expression(name):
            message = f"`{path[len(item.path)]}` takes a name, not an expression such as `{name}`"
            advice = "write the name of a layer; `when` chooses between two items"
        elif any(f".{prefix}".endswith(f".{name}.") for prefix in place.around):
            advice = f"this stands inside `{name}`, which is not made before its end: name what stands above"
        elif self._is_outside(name, place):
            advice = f"a block sees its own layers and `{INPUT_NAME}`, which is what arrives at its call"
        else:
            advice = did_you_mean(name, visible) or f"`{path[len(item.path)]}` names what stands above"
        return item.home.refused([Problem("unknown-name", message, path, advice)])

    def _is_outside(self, name: str, place: Place) -> bool:
        """Whether the name is known where a block around the place is called."""
        return place.caller is not None and (
            self.nearest(name, place.caller.place) is not None or self._is_outside(name, place.caller.place)
        )

    def coming(self, item: Item, place: Place) -> str:
        """The full name of what an item would make next; for messages, where nothing comes of it."""
        own = item.keys.name
        return place.prefix + (own or f"{item.type}{place.counts.get(item.type, 0) + 1}")

    def fresh(self, item: Item, place: Place, turn: int) -> str:
        """The full name: the item's own, numbered where it repeats; else its type with a counter."""
        own = item.keys.name
        count = place.counts.get(item.type, 0) + 1
        if own is None:
            while f"{item.type}{count}" in place.taken:
                count += 1
        place.counts[item.type] = count
        if own is None:
            name = f"{place.prefix}{item.type}{count}"
        else:
            name = place.prefix + (own if item.keys.repeat is None else f"{own}.{turn}")
        if name in self._made:
            message = f"the name `{name}` is given twice"
            raise item.home.refused([Problem("duplicate-name", message, (*item.path, "name"), "choose another name")])
        return name

    def full(self, name: str, item: Item, place: Place) -> str:
        """The full name of what an item shares. SpecError where nothing above is called so."""
        for prefix in place.around:
            if prefix + name in self._flows:
                return prefix + name
        raise self._unknown(name, list(self._flows), item, place, (*item.path, "share"))
