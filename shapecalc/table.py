"""The table and its columns: a trace's numbers, chosen and put in order, not yet drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from typing import NamedTuple, TypeAlias

from shapecalc.answers import answers, is_asking
from shapecalc.field_size import field_size
from shapecalc.folding import folds
from shapecalc.foot import UNKNOWN as UNKNOWN  # noqa: PLC0414 (others have it from here)
from shapecalc.foot import Kind, kinds, notes, percent, totals
from shapecalc.notation import Shape, hwc, times
from shapecalc.receptive_field import ReceptiveField
from shapecalc.result import Step, Trace
from shapecalc.settings import short_form

BYTES = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2, "int8": 1}
"""Bytes of one value, by the name of its type."""

USUAL = ("layer", "type", "output", "tensor_size", "params", "share", "rf")
"""The columns that are shown unless others are asked for."""

NONE = "–"


class View(NamedTuple):
    """What of a trace is shown, and how.

    Attributes:
        columns: keys of `COLUMNS`, in order; None for the usual ones.
        layout: ``hwc`` as in lectures, or ``chw`` as in PyTorch.
        batch: examples in a batch, for the memory of the outputs.
        dtype: a key of `BYTES`.
        depth: how many names deep blocks are shown layer by layer; None for all.
    """

    columns: tuple[str, ...] | None = None
    layout: str = "hwc"
    batch: int = 1
    dtype: str = "float32"
    depth: int | None = None

    def shown(self, trace: Trace) -> tuple[str, ...]:
        """The columns for this network: where it is no chain, with what each layer reads."""
        if self.columns is not None:
            return self.columns
        before = [next(iter(trace.spec.inputs)), *(step.name for step in trace.layers)]
        chain = all(step.inputs == (above,) for step, above in zip(trace.layers, before, strict=False))
        return USUAL if chain else (*USUAL[:2], "from", *USUAL[2:])

    def layers(self, trace: Trace) -> tuple[Step, ...]:
        """The network's layers; effective receptive fields are counted where their column is asked for."""
        if "erf" not in self.shown(trace):
            return trace.layers
        from shapecalc.effective import measured  # noqa: PLC0415 (only where the column is asked for)

        return measured(trace)

    def rows(self, layers: Sequence[Step]) -> list[tuple[Step, Sequence[Step]]]:
        """The layers, blocks folded as the view asks for, and the layers that each row stands for."""
        return [(step, (step,)) for step in layers] if self.depth is None else folds(layers, self.depth)

    def shape(self, shape: Shape) -> str:
        """The shape as people read it."""
        return hwc(shape) if self.layout == "hwc" else times(shape)

    def bytes(self, values: int) -> int:
        """Memory of so many values, in bytes."""
        return values * BYTES[self.dtype]


Value: TypeAlias = "str | int | float | None"


class Column(NamedTuple):
    """One column: its heading, and a step's value in it.

    A float is a share between 0 and 1; None is unknown.
    """

    heading: str
    value: Callable[[Step, Trace, View], Value]
    numeric: bool = True


def _type(step: Step, trace: Trace, view: View) -> str:
    return f"{step.type} {short_form(step.layer, len(step.in_shapes[0]) - 1)}".rstrip()


def _share(step: Step, trace: Trace, view: View) -> float | None:
    if step.params is None or trace.totals.params is None:
        return None
    return step.params / trace.totals.params if trace.totals.params else 0.0


def _field(step: Step, trace: Trace, view: View, text: Callable[[ReceptiveField], str | None]) -> str | None:
    if step.receptive_field is None:
        return None if step.name in trace.dependent else NONE
    return text(step.receptive_field)


def _field_effective(step: Step, field: ReceptiveField) -> str | None:
    """The size per axis where most paths begin, of the local ones."""
    if not field.axes:
        return "global"
    if step.effective is None:
        return None
    local = "×".join(map(str, step.effective))
    return f"global, {local}" if field.is_global else local


def _field_stride(field: ReceptiveField) -> str:
    return NONE if field.stride is None else _joined(field.stride)


def _field_start(field: ReceptiveField) -> str:
    return _joined(field.start)


def _joined(values: tuple[Fraction | int | None, ...]) -> str:
    return ", ".join(NONE if value is None else str(value) for value in values)


COLUMNS: dict[str, Column] = {
    "layer": Column("layer", lambda step, trace, view: step.name, numeric=False),
    "type": Column("type", _type, numeric=False),
    "from": Column("connected to", lambda step, trace, view: ", ".join(step.inputs), numeric=False),
    "input": Column("input", lambda step, trace, view: " + ".join(map(view.shape, step.in_shapes))),
    "output": Column("output", lambda step, trace, view: view.shape(step.out_shape)),
    "tensor_size": Column("tensor size", lambda step, trace, view: step.tensor_size),
    "memory": Column("bytes", lambda step, trace, view: view.bytes(step.tensor_size) * view.batch),
    "params": Column("params", lambda step, trace, view: step.params),
    "weights": Column("weights", lambda step, trace, view: step.weights),
    "biases": Column("biases", lambda step, trace, view: step.biases),
    "trainable": Column("trainable", lambda step, trace, view: step.trainable),
    "buffers": Column("buffers", lambda step, trace, view: step.buffers),
    "share": Column("share", _share),
    "macs": Column("macs", lambda step, trace, view: step.macs),
    "flops": Column("flops", lambda step, trace, view: None if step.macs is None else 2 * step.macs),
    "rf": Column("rf", lambda step, trace, view: _field(step, trace, view, field_size)),
    "rf_stride": Column("rf stride", lambda step, trace, view: _field(step, trace, view, _field_stride)),
    "rf_start": Column("rf start", lambda step, trace, view: _field(step, trace, view, _field_start)),
    "erf": Column("effective rf", lambda step, trace, view: _field(step, trace, view, partial(_field_effective, step))),
    "line": Column("line", lambda step, trace, view: step.line),
    "notes": Column("notes", lambda step, trace, view: "; ".join(step.notes), numeric=False),
}
"""Every column that `--columns` can name."""


class Table(NamedTuple):
    """A trace made ready to be drawn: headings, rows of values, and what stands around them."""

    title: str
    captions: list[str]
    columns: tuple[Column, ...]
    rows: list[list[Value]]
    totals: list[tuple[str, str]]
    kinds: list[Kind]
    notes: list[tuple[str, str]]


def table(trace: Trace, view: View) -> Table:
    """What of the trace the view asks for; the answers where the spec asks something, unless columns are named."""
    if view.columns is None and is_asking(trace):
        return _answers(trace, view)
    columns = tuple(COLUMNS[key] for key in view.shown(trace))
    shapes = ", ".join(view.shape(shape) for _, shape in trace.inputs)
    rows = view.rows(view.layers(trace))
    return Table(
        title=f"{trace.name}, input {shapes}",
        captions=[words for words in (trace.spec.question, trace.spec.citation) if words],
        columns=columns,
        rows=[[column.value(row, trace, view) for column in columns] for row, _ in rows],
        totals=totals(trace, view),
        kinds=kinds(trace),
        notes=notes(rows),
    )


def _answers(trace: Trace, view: View) -> Table:
    """What the spec asks: the question, then a row for each answer."""
    found = answers(trace)
    rows: list[list[Value]] = [
        [
            each.whose,
            each.quantity.replace("_", " "),
            view.shape(each.value) if isinstance(each.value, tuple) else each.value,
        ]
        for each in found
    ]
    words = COLUMNS["layer"]
    columns: tuple[Column, ...] = (words._replace(heading="quantity"), COLUMNS["input"]._replace(heading="answer"))
    if all(each.whose == found[0].whose for each in found):
        rows = [row[1:] for row in rows]
    else:
        columns = (words._replace(heading="of"), *columns)
    shapes = ", ".join(view.shape(shape) for _, shape in trace.inputs)
    is_named = trace.name != trace.spec.home.source.name
    title = f"{trace.name}, input {shapes}" if is_named else f"input {shapes}"
    above = [trace.spec.question, title] if trace.spec.question else [title]
    return Table(above[0], [*above[1:], *filter(None, [trace.spec.citation])], columns, rows, [], [], [])


def text(value: Value) -> str:
    """A value for people: thousands separated, shares as percentages."""
    if value is None:
        return UNKNOWN
    if isinstance(value, float):
        return percent(value)
    return f"{value:,}" if isinstance(value, int) else value
