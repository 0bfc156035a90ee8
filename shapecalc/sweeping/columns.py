"""The columns of a sweep's table: what was varied, then the quantities that are asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from shapecalc.field_size import field_size
from shapecalc.notation import hwc
from shapecalc.sweeping.row import Row
from shapecalc.table import BYTES, UNKNOWN

USUAL = ("params", "macs", "tensor_size", "output")
"""The columns that are shown unless others are asked for."""

Cell: TypeAlias = "str | int | None"


class Memory(NamedTuple):
    """How many bytes the outputs of all layers take: examples in a batch, and a key of `BYTES`."""

    batch: int = 1
    dtype: str = "float32"


class Sheet(NamedTuple):
    """Rows that are ready to be drawn.

    Attributes:
        headings: of the columns.
        is_number: whether a column is drawn at the right.
        rows: text, or a number; None where it is unknown.
    """

    headings: list[str]
    is_number: list[bool]
    rows: list[list[Cell]]


def _number(quantity: str) -> Callable[[Row, Memory], Cell]:
    def value(row: Row, memory: Memory) -> Cell:
        number = row.number(quantity)
        return number if number is None or isinstance(number, int) else str(number)

    return value


def _field(row: Row, memory: Memory) -> Cell:
    return None if row.receptive_field is None else field_size(row.receptive_field)


def _bytes(row: Row, memory: Memory) -> Cell:
    size = row.totals.get("tensor_size")
    return None if size is None else size * BYTES[memory.dtype] * memory.batch


def _output(row: Row, memory: Memory) -> Cell:
    return ", ".join(map(hwc, row.outputs))


COLUMNS: dict[str, tuple[str, Callable[[Row, Memory], Cell]]] = {
    **{
        name: (name.replace("_", " "), _number(name))
        for name in ("params", "weights", "biases", "trainable", "buffers", "macs", "flops", "tensor_size", "layers")
    },
    "memory": ("bytes", _bytes),
    "output": ("output", _output),
    "rf": ("rf", _field),
}
"""Every column that `--columns` can name, beside what is varied."""


def sheet(rows: Sequence[Row], columns: Sequence[str], front: Collection[int] | None, memory: Memory) -> Sheet:
    """The rows as a table: what was varied, the columns, a star for the Pareto front, why a row was refused.

    Args:
        rows: at least one.
        columns: keys of `COLUMNS`.
        front: numbers of the rows that no other beats; None where it is not asked for.
        memory: what one value takes.
    """
    has_variants = any(row.variant is not None for row in rows)
    has_refused = any(row.refusal is not None for row in rows)
    variables = list(dict.fromkeys(name for row in rows for name in row.settings))
    inputs = list(dict.fromkeys(name for row in rows for name in row.inputs))
    varied = [*(["variant"] if has_variants else []), *variables, "input", *inputs]
    extra = [*(["pareto"] if front is not None else []), *(["refused"] if has_refused else [])]
    found: list[list[Cell]] = []
    for number, row in enumerate(rows):
        cells: list[Cell] = [*([row.variant or ""] if has_variants else [])]
        cells += [plain(row.settings.get(name, "")) for name in variables]
        cells += [hwc(shape) if shape else "" for shape in (row.input, *map(row.inputs.get, inputs))]
        cells += ["" if row.refusal else COLUMNS[key][1](row, memory) for key in columns]
        cells += [("*" if number in front else "")] if front is not None else []
        cells += [_refused(row)] if has_refused else []
        found.append(cells)
    is_left = {"variant", "refused", "pareto"} | {name for name in variables if _is_words(rows, name)}
    every = [*varied, *(COLUMNS[key][0] for key in columns), *extra]
    return Sheet(every, [heading not in is_left for heading in every], found)


def _is_words(rows: Sequence[Row], name: str) -> bool:
    return any(isinstance(row.settings.get(name), str) for row in rows)


def _refused(row: Row) -> str:
    return "" if row.refusal is None else f"{row.refusal.code}: {row.refusal.message}"


def plain(value: Any) -> str:
    """A variable's value as it was written; numbers without separators."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(plain, value))}]"
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def text(cell: Cell) -> str:
    """A cell for people: thousands separated."""
    return UNKNOWN if cell is None else f"{cell:,}" if isinstance(cell, int) else cell


def without_effect(rows: Sequence[Row]) -> Iterator[str]:
    """The variables whose every value gives the same rows, where there are several."""
    names = list(dict.fromkeys(name for row in rows for name in row.settings))
    for name in names:
        groups: dict[object, set[object]] = {}
        for row in rows:
            rest = (row.variant, row.input, *row.inputs.items(), repr({**row.settings, name: None}))
            groups.setdefault(rest, set()).add(_result(row))
        several = len({repr(row.settings.get(name)) for row in rows}) > 1
        if several and all(len(results) == 1 for results in groups.values()):
            yield name


def _result(row: Row) -> object:
    return row.refusal, tuple(row.totals.items()), row.outputs, row.receptive_field
