"""The walk through a network: blocks and branches expanded, names given, one step written for each layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from shapecalc.building import built
from shapecalc.items import PARALLEL
from shapecalc.layers import LAYERS
from shapecalc.layers.merge import MERGES
from shapecalc.notation import Shape, shown
from shapecalc.problems import Diagnostic, Problem
from shapecalc.receptive_field import ReceptiveField
from shapecalc.result import Output, Span, Step, Totals, Trace
from shapecalc.scope import Place, block_variables, filled, value_of, variables
from shapecalc.sight import NOTHING_SEEN, of_input
from shapecalc.spec import INPUT_NAME, MAX_LAYERS, Branch, Item, Spec
from shapecalc.steps import FROZEN, OWN, Flow, Steps, Weights
from shapecalc.translate import did_you_mean
from shapecalc.verdict import verdicts

MAX_IDLE = 20_000
"""Items that may be gone through without a layer coming of it."""

_JOINS = {word: merge.model_construct() for word, merge in MERGES.items()}


def trace(spec: Spec, *, max_layers: int = MAX_LAYERS, rf_input: str | None = None) -> Trace:
    """Every number of the network. SpecError at the first layer that does not fit what arrives.

    Args:
        spec: from `load`.
        max_layers: how many layers blocks and `repeat` may make of it.
        rf_input: the input that receptive fields are about; the first spatial one unless given.
    """
    walk = _Walk(spec, max_layers)
    outputs = walk.through_network(rf_input)
    totals = _totals(walk.steps.all)
    diagnostics = [*map(spec.home.diagnostic, spec.warnings), *_dangling(walk.steps.all, outputs)]
    if spec.is_expecting:
        diagnostics += verdicts(spec, walk.steps.all, walk.spans, totals)
    return Trace(
        spec=spec,
        inputs=tuple(spec.inputs.items()),
        layers=tuple(walk.steps.all),
        outputs=tuple(Output(flow.name, flow.shape) for flow in outputs),
        totals=totals,
        diagnostics=tuple(diagnostics),
        rf_input=walk.seeing,
        spans=tuple(walk.spans),
    )


class _Walk:
    """One walk down a spec.

    Attributes:
        steps: of all layers so far.
        spans: for each item of which something is expected or asked, the steps of its last turn.
        seeing: the input that receptive fields are about.
    """

    def __init__(self, spec: Spec, max_layers: int) -> None:
        self.seeing: str | None = None
        self.steps = Steps()
        self.spans: list[Span] = []
        self._spec = spec
        self._max_layers = max_layers
        self._visits = 0
        self._flows: dict[str, Flow] = {}
        self._ends: list[Flow] = []
        self._layers: dict[tuple[str, str], Any] = {}
        self._vars: dict[str, Any] = {}

    def through_network(self, rf_input: str | None) -> list[Flow]:
        """Walks all of it; what leaves the network."""
        spec = self._spec
        if rf_input is not None and rf_input not in spec.inputs:
            message = f"there is no input `{rf_input}`"
            raise spec.home.refused([Problem("unknown-name", message, ("input",), f"inputs: {', '.join(spec.inputs)}")])
        seeing = rf_input or next((name for name, shape in spec.inputs.items() if len(shape) > 1), None)
        for name, shape in spec.inputs.items():
            field = of_input(shape) if name == seeing else NOTHING_SEEN if seeing else None
            self.seeing = name if isinstance(field, ReceptiveField) and field.axes else self.seeing
            self._flows[name] = Flow(name, shape, field)
        first = self._flows[next(iter(spec.inputs))]
        self._bounded()
        self._vars = variables(spec)
        taken = _names(spec.items) | set(spec.inputs)
        place = Place("", ("",), self._vars, {}, taken, None, is_frozen=False)
        last = self._items(spec.items, place, first)
        read = {name for step in self.steps.all for name in step.inputs}
        ends = [flow for flow in self._ends if flow.name not in read]
        if last is not None and last not in ends:
            ends.append(last)
        if not self.steps.all:
            raise spec.home.refused([Problem("empty", "no layer is left", ("layers",), help="`when` drops them all")])
        return ends

    def _bounded(self) -> None:
        """Refuses at once what is sure to make too many layers, however its expressions turn out."""
        total = 0
        sizes: dict[str, int] = {}
        for item in self._spec.items:
            total += _least(item, self._spec, sizes)
            if total > self._max_layers:
                raise self._too_many(item)

    def _items(self, items: Sequence[Item], place: Place, arriving: Flow | None) -> Flow | None:
        """Walks items one after the other; None where they end in several outputs."""
        for item in items:
            if item.keys.when is not True and not self._is_there(item, place, arriving):
                continue
            arriving = self._turns(item, place, self._origins(item, place, arriving))
        return arriving

    def _is_there(self, item: Item, place: Place, arriving: Flow | None) -> bool:
        """Whether `when` keeps the item; it may ask for the shape that would arrive."""
        origin = item.keys.origin
        near = arriving if origin is None else self._nearest(origin if isinstance(origin, str) else origin[0], place)
        return bool(value_of(item.keys.when, item, "when", place.vars, near.shape if near else None))

    def _nearest(self, name: str, place: Place) -> Flow | None:
        return next((flow for prefix in place.around if (flow := self._flows.get(prefix + name))), None)

    def _turns(self, item: Item, place: Place, arriving: tuple[Flow, ...]) -> Flow | None:
        """An item, as often as it repeats, each turn reading the one before."""
        turns = self._repeat(item, place, arriving[0].shape)
        flow: Flow | None = arriving[0]
        before = len(self.steps.all)
        for turn in range(turns):
            self._count_visit(item)
            before = len(self.steps.all)
            name = self._name(item, place, turn)
            inside = place if item.keys.repeat is None else place._replace(vars={**place.vars, "i": turn})
            flow = self._one(item, inside, name, arriving)
            if flow is None and turn + 1 < turns:
                message = "it ends in several outputs, so it cannot be repeated"
                raise item.home.refused([Problem("several-outputs", message, (*item.path, "repeat"), "give a `join`")])
            if flow is not None:
                self._flows[name] = flow
                arriving = (flow,)
        if item.keys.name is not None and item.keys.repeat is not None and flow is not None:
            self._flows[place.prefix + item.keys.name] = flow
        if item.keys.expect is not None or item.keys.ask:
            self.spans.append(Span(item, before, len(self.steps.all)))
        return flow

    def _one(self, item: Item, place: Place, name: str, arriving: tuple[Flow, ...]) -> Flow | None:
        if item.kind == "block":
            return self._block(item, place, name, arriving[0])
        if item.kind == "parallel":
            return self._parallel(item, place, name, arriving[0])
        layer = item.layer or self._layer(item, place, arriving[0])
        return self._made(item, layer, place, name, arriving)

    # ---- what is read, and under which name ----

    def _origins(self, item: Item, place: Place, arriving: Flow | None) -> tuple[Flow, ...]:
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
        """The tensor of that name, in the nearest place around."""
        flow = self._nearest(name, place)
        if flow is not None:
            return flow
        visible = [known.removeprefix(p) for p in place.around for known in self._flows if known.startswith(p)]
        advice = did_you_mean(name, visible) or "`from` names what stands above"
        key = "from" if "from" in item.data else item.word
        path = (*item.path, key, number) if isinstance(item.data.get(key), list) else (*item.path, key)
        raise item.home.refused([Problem("unknown-name", f"nothing above is called `{name}`", path, advice)])

    def _name(self, item: Item, place: Place, turn: int) -> str:
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
        if name in self.steps.by_name:
            message = f"the name `{name}` is given twice"
            raise item.home.refused([Problem("duplicate-name", message, (*item.path, "name"), "choose another name")])
        return name

    def _repeat(self, item: Item, place: Place, arriving: Shape) -> int:
        repeat = item.keys.repeat
        turns = 1 if repeat is None else value_of(repeat, item, "repeat", place.vars, arriving)
        if isinstance(turns, bool) or not isinstance(turns, int) or turns < 0:
            message = f"`repeat` is a whole number of at least 0, not {shown(turns)}"
            raise item.home.refused([Problem("out-of-range", message, (*item.path, "repeat"))])
        if len(self.steps.all) + turns > self._max_layers:
            raise self._too_many(item)
        return turns

    def _count_visit(self, item: Item) -> None:
        """Blocks without layers must not run for ever either."""
        self._visits += 1
        made = len(self.steps.all)
        if self._visits > MAX_IDLE + 4 * made or made >= self._max_layers:
            raise self._too_many(item)

    def _too_many(self, item: Item) -> Exception:
        message = f"the spec makes more than {self._max_layers:,} layers"
        advice = "repeat less often, or allow more with --max-layers"
        path = (*item.path, "repeat" if item.keys.repeat is not None else item.word)
        return item.home.refused([Problem("too-many-layers", message, path, advice)])

    # ---- blocks and branches ----

    def _block(self, item: Item, place: Place, name: str, arriving: Flow) -> Flow | None:
        block = self._spec.blocks[item.type]
        given = filled(item.written, item, place.vars, arriving.shape)
        inside = Place(
            prefix=f"{name}.",
            around=(f"{name}.",),
            vars=block_variables(self._spec, self._vars, block, given),
            counts={},
            taken=_names(block.items),
            shared=self._shared(item, place, name),
            is_frozen=place.is_frozen or item.keys.frozen,
        )
        self._flows[f"{name}.{INPUT_NAME}"] = arriving
        return self._items(block.items, inside, arriving)

    def _parallel(self, item: Item, place: Place, name: str, arriving: Flow) -> Flow | None:
        flows = [
            self._branch(item, place, self._branch_name(item, place, name, branch, number), branch, arriving)
            for number, branch in enumerate(item.branches)
        ]
        if item.keys.join is None:
            self._ends += [flow for flow in flows if flow is not None]
            return None
        joined = tuple(flow for flow in flows if flow is not None)
        if len(joined) < len(flows):
            message = "a branch ends in several outputs, which cannot be joined"
            raise item.home.refused([Problem("several-outputs", message, (*item.path, PARALLEL), on_key=True)])
        return self._made(item, _JOINS[item.keys.join], place, name, joined)

    def _branch_name(self, item: Item, place: Place, name: str, branch: Branch, number: int) -> str:
        """A named branch of a nameless `parallel` goes by its own name alone."""
        if branch.name is None:
            return f"{name}.{number}"
        return f"{place.prefix}{branch.name}" if item.keys.name is None else f"{name}.{branch.name}"

    def _branch(self, item: Item, place: Place, name: str, branch: Branch, arriving: Flow) -> Flow | None:
        inside = Place(
            prefix=f"{name}.",
            around=(f"{name}.", *place.around),
            vars=place.vars,
            counts={},
            taken=_names(branch.items),
            shared=self._shared(item, place, name),
            is_frozen=place.is_frozen or item.keys.frozen,
        )
        flow = self._items(branch.items, inside, arriving)
        if flow is not None:
            self._flows.setdefault(name, flow)
        return flow

    def _shared(self, item: Item, place: Place, name: str) -> str | None:
        """The prefix of the names of the layers whose weights are used."""
        if item.keys.share is not None:
            return self._full_name(item.keys.share, item, place) + "."
        if place.shared is None:
            return None
        return place.shared + name.removeprefix(place.prefix) + "."

    def _full_name(self, name: str, item: Item, place: Place) -> str:
        for prefix in place.around:
            if prefix + name in self._flows:
                return prefix + name
        advice = did_you_mean(name, list(self._flows)) or "`share` names a layer or block that stands above"
        message = f"nothing above is called `{name}`"
        raise item.home.refused([Problem("unknown-name", message, (*item.path, "share"), advice)])

    # ---- one layer ----

    def _layer(self, item: Item, place: Place, arriving: Flow) -> Any:
        """The layer whose fields hold expressions; equal ones are one object."""
        written = filled(item.written, item, place.vars, arriving.shape)
        key = (item.word, repr(written))
        layer = self._layers.get(key)
        if layer is None:
            layer, problems = built(item.word, LAYERS[item.type], written, (*item.path, item.word))
            if problems:
                raise item.home.refused(problems)
            self._layers[key] = layer
        return layer

    def _made(self, item: Item, layer: Any, place: Place, name: str, arriving: tuple[Flow, ...]) -> Flow:
        """The step of a layer; with the weights of its counterpart where it, or what it stands in, shares."""
        frozen = place.is_frozen or item.keys.frozen
        weights = FROZEN if frozen else OWN
        if item.keys.share is not None:
            weights = Weights(self._full_name(item.keys.share, item, place), frozen)
        elif place.shared is not None:
            weights = Weights(place.shared + name.removeprefix(place.prefix), frozen)
        flow = self.steps.make(item, layer, name, arriving, weights)
        self._flows[name] = flow
        return flow


def _least(item: Item, spec: Spec, sizes: dict[str, int]) -> int:
    """How many layers come of an item at least; `sizes` keeps those of blocks."""
    repeat = 1 if item.keys.repeat is None else item.keys.repeat
    if item.keys.when is not True or not isinstance(repeat, int):
        return 0
    inside = 0 if item.kind == "block" or item.type == PARALLEL else 1
    if item.kind == "block":
        if item.type not in sizes:
            sizes[item.type] = sum(_least(each, spec, sizes) for each in spec.blocks[item.type].items)
        inside = sizes[item.type]
    elif item.kind == "parallel":
        inside += sum(_least(each, spec, sizes) for branch in item.branches for each in branch.items)
    return repeat * inside


def _names(items: Sequence[Item]) -> frozenset[str | None]:
    return frozenset(item.keys.name for item in items)


def _dangling(steps: Sequence[Step], outputs: Sequence[Flow]) -> Iterator[Diagnostic]:
    """A warning for each layer that nobody reads and that is no output."""
    read = {name for step in steps for name in step.inputs} | {flow.name for flow in outputs}
    for step in steps:
        if step.name not in read:
            message = f"nothing reads `{step.name}`, and it is no output"
            advice = "read it with `from`, join it, or leave it out"
            problem = Problem("dangling", message, step.item.path, advice, severity="warning")
            yield step.item.home.diagnostic(problem)


def _totals(steps: Sequence[Step]) -> Totals:
    return Totals(
        params=_sum([step.params for step in steps]),
        weights=_sum([step.weights for step in steps]),
        biases=_sum([step.biases for step in steps]),
        trainable=_sum([step.trainable for step in steps]),
        buffers=_sum([step.buffers for step in steps]),
        macs=_sum([step.macs for step in steps]),
        tensor_size=sum(step.tensor_size for step in steps),
    )


def _sum(numbers: list[int | None]) -> int | None:
    """The sum, or None where a number is unknown."""
    return None if None in numbers else sum(number for number in numbers if number is not None)
