"""The rows of a sweep as a table, Markdown, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Sequence
from typing import Any

from tabulate import tabulate

from shapecalc.render.data import SCHEMA_VERSION, receptive_field
from shapecalc.sweeping.columns import Sheet, text
from shapecalc.sweeping.row import Row


def as_table(sheet: Sheet) -> str:
    """Aligned columns."""
    return _drawn(sheet, "simple")


def as_markdown(sheet: Sheet) -> str:
    """A pipe table."""
    escaped = [
        [cell.replace("|", "\\|").replace("*", "\\*") if isinstance(cell, str) else cell for cell in row]
        for row in sheet.rows
    ]
    return _drawn(sheet._replace(rows=escaped), "pipe")


def _drawn(sheet: Sheet, style: str) -> str:
    sides = ["right" if each else "left" for each in sheet.is_number]
    cells = [[text(cell) for cell in row] for row in sheet.rows]
    return tabulate(cells, sheet.headings, tablefmt=style, colalign=sides, disable_numparse=True) + "\n"


def as_csv(sheet: Sheet) -> str:
    """Numbers without separators, unknown ones empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([heading.replace(" ", "_") for heading in sheet.headings])
    for row in sheet.rows:
        writer.writerow([_plain(cell) for cell in row])
    return out.getvalue()


def _plain(cell: str | int | None) -> str | int:
    return "" if cell is None else cell.replace("×", "x").replace("–", "-") if isinstance(cell, str) else cell


def as_json(name: str, rows: Sequence[Row], pareto: Sequence[str], front: Collection[int] | None) -> str:
    """One object, a line for each row; shapes channels first, unknown is null."""
    head = {"schema_version": SCHEMA_VERSION, "spec": name, "pareto": list(pareto)}
    lines = [json.dumps(_entry(row, None if front is None else number in front)) for number, row in enumerate(rows)]
    return json.dumps(head)[:-1] + ', "rows": [\n  ' + ",\n  ".join(lines) + "]}\n"


def _entry(row: Row, is_on_front: bool | None) -> dict[str, Any]:
    return {
        "variant": row.variant,
        "settings": dict(row.settings),
        "input": row.input,
        **({"inputs": dict(row.inputs)} if row.inputs else {}),
        "totals": dict(row.totals) or None,
        "outputs": row.outputs,
        "receptive_field": None if row.receptive_field is None else receptive_field(row.receptive_field),
        **({} if is_on_front is None else {"pareto": is_on_front}),
        "refused": None if row.refusal is None else row.refusal._asdict(),
    }
