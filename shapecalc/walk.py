"""The walk through a network: blocks and branches expanded, names given, one step written for each layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from shapecalc.budget import Budget
from shapecalc.building import built
from shapecalc.items import PARALLEL
from shapecalc.layers import LAYERS
from shapecalc.layers.merge import MERGES
from shapecalc.names import Names
from shapecalc.problems import Diagnostic, Problem, SpecError
from shapecalc.receptive_field import ReceptiveField
from shapecalc.result import Output, Span, Step, Totals, Trace
from shapecalc.scope import Caller, Place, block_variables, filled, located, value_of, variables
from shapecalc.sight import NOTHING_SEEN, of_input
from shapecalc.spec import INPUT_NAME, MAX_LAYERS, Branch, Item, Spec
from shapecalc.steps import FROZEN, OWN, Flow, Steps, Weights
from shapecalc.verdict import verdicts

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
        self._budget = Budget(spec, max_layers)
        self._names = Names(self.steps.by_name)
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
        arriving: list[Flow] = []
        for name, shape in spec.inputs.items():
            field = of_input(shape) if name == seeing else NOTHING_SEEN if seeing else None
            self.seeing = name if isinstance(field, ReceptiveField) and field.axes else self.seeing
            arriving.append(Flow(name, shape, field))
            self._names.keep(name, arriving[-1])
        self._budget.foresee()
        self._vars = variables(spec)
        taken = _names(spec.items) | set(spec.inputs)
        place = Place("", ("",), self._vars, {}, taken, None, is_frozen=False)
        last = self._items(spec.items, place, arriving[0])
        read = {name for step in self.steps.all for name in step.inputs}
        ends = [flow for flow in self._ends if flow.name not in read]
        if last is not None and last not in ends:
            ends.append(last)
        if not self.steps.all:
            raise spec.home.refused([Problem("empty", "no layer is left", ("layers",), help="`when` drops them all")])
        return ends

    def _items(self, items: Sequence[Item], place: Place, arriving: Flow | None) -> Flow | None:
        """Walks items one after the other; None where they end in several outputs."""
        for item in items:
            try:
                if item.keys.when is not True and not self._is_there(item, place, arriving):
                    continue
                arriving = self._turns(item, place, self._names.read_by(item, place, arriving))
            except SpecError as error:
                raise located(error, self._names.coming(item, place), place, place.caller) from None
        return arriving

    def _is_there(self, item: Item, place: Place, arriving: Flow | None) -> bool:
        """Whether `when` keeps the item; it may ask for the shape that would arrive."""
        origin = item.keys.origin
        named = origin[0] if isinstance(origin, list) else origin
        near = arriving if named is None else self._names.nearest(named, place)
        return bool(value_of(item.keys.when, item, "when", place.vars, near.shape if near else None))

    def _turns(self, item: Item, place: Place, arriving: tuple[Flow, ...]) -> Flow | None:
        """An item, as often as it repeats, each turn reading the one before."""
        turns = self._budget.turns(item, place, arriving[0].shape, len(self.steps.all))
        flow: Flow | None = arriving[0]
        before = len(self.steps.all)
        for turn in range(turns):
            self._budget.visit(item, len(self.steps.all))
            before = len(self.steps.all)
            name = self._names.fresh(item, place, turn)
            inside = place if item.keys.repeat is None else place._replace(vars={**place.vars, "i": turn}, turn=turn)
            try:
                flow = self._one(item, inside, name, arriving)
            except SpecError as error:
                raise located(error, name, inside, inside.caller) from None
            if flow is None and turn + 1 < turns:
                message = "it ends in several outputs, so it cannot be repeated"
                raise item.home.refused([Problem("several-outputs", message, (*item.path, "repeat"), "give a `join`")])
            if flow is not None:
                self._names.keep(name, flow)
                arriving = (flow,)
        if item.keys.name is not None and item.keys.repeat is not None and flow is not None:
            self._names.keep(place.prefix + item.keys.name, flow)
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

    # ---- blocks and branches ----

    def _block(self, item: Item, place: Place, name: str, arriving: Flow) -> Flow | None:
        block = self._spec.blocks[item.type]
        given = filled(item.written, item, place.vars, arriving.shape)
        caller = Caller(item, name, place)
        try:
            values = block_variables(self._vars, block, given, arriving.shape)
        except SpecError as error:
            raise located(error, name, place, caller) from None
        inside = Place(
            prefix=f"{name}.",
            around=(f"{name}.",),
            vars=values,
            counts={},
            taken=_names(block.items),
            shared=self._shared(item, place, name),
            is_frozen=place.is_frozen or item.keys.frozen,
            caller=caller,
        )
        self.steps.calls[name] = item
        self._names.keep(f"{name}.{INPUT_NAME}", arriving)
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
            caller=place.caller,
            turn=place.turn,
        )
        flow = self._items(branch.items, inside, arriving)
        if flow is not None and name not in self._names:
            self._names.keep(name, flow)
        return flow

    def _shared(self, item: Item, place: Place, name: str) -> str | None:
        """The prefix of the names of the layers whose weights are used."""
        if item.keys.share is not None:
            return self._names.full(item.keys.share, item, place) + "."
        if place.shared is None:
            return None
        return place.shared + name.removeprefix(place.prefix) + "."

    # ---- one layer ----

    def _layer(self, item: Item, place: Place, arriving: Flow) -> Any:
        """The layer whose fields hold expressions; equal ones are one object."""
        written = filled(item.written, item, place.vars, arriving.shape)
        key = (item.word, repr(written))
        layer = self._layers.get(key)
        if layer is None:
            model = MERGES.get(item.type) or LAYERS[item.type]
            layer, problems = built(item.word, model, written, (*item.path, item.word))
            if problems:
                raise item.home.refused(problems)
            self._layers[key] = layer
        return layer

    def _made(self, item: Item, layer: Any, place: Place, name: str, arriving: tuple[Flow, ...]) -> Flow:
        """The step of a layer; with the weights of its counterpart where it, or what it stands in, shares."""
        frozen = place.is_frozen or item.keys.frozen
        weights = FROZEN if frozen else OWN
        if item.keys.share is not None:
            weights = Weights(self._names.full(item.keys.share, item, place), frozen)
        elif place.shared is not None:
            weights = Weights(place.shared + name.removeprefix(place.prefix), frozen)
        flow = self.steps.make(item, layer, name, arriving, weights)
        self._names.keep(name, flow)
        return flow


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
