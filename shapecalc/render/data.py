"""Traces for programs: JSON as the design fixes it, and CSV."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from typing import Any

from shapecalc.receptive_field import ReceptiveField
from shapecalc.result import Step, Trace
from shapecalc.table import COLUMNS, View

SCHEMA_VERSION = 1


def as_json(traces: list[Trace], view: View, *, several: bool = False) -> str:
    """One object, or a list where `several` specs were asked for; a line for each layer."""
    objects = [_network(trace) for trace in traces]
    return "[" + ",\n".join(objects) + "]\n" if several or len(objects) != 1 else objects[0] + "\n"


def _network(trace: Trace) -> str:
    head = {
        "schema_version": SCHEMA_VERSION,
        "name": trace.name,
        "inputs": [{"name": name, "shape": shape} for name, shape in trace.inputs],
    }
    tail = {
        "outputs": [{"from": output.name, "shape": output.shape} for output in trace.outputs],
        "totals": trace.totals._asdict(),
    }
    encode = json.JSONEncoder(check_circular=False).encode
    fields: dict[int, Any] = {}
    layers = ",\n  ".join([encode(_layer(step, fields)) for step in trace.layers])
    return f'{encode(head)[:-1]},\n "layers": [\n  {layers}],\n {encode(tail)[1:]}'


def _layer(step: Step, fields: dict[int, Any]) -> dict[str, Any]:
    """A step as JSON has it. `fields` keeps what was made of receptive fields that many layers share."""
    field = step.receptive_field
    if id(field) not in fields:
        fields[id(field)] = None if field is None else receptive_field(field)
    return {
        "name": step.name,
        "type": step.type,
        "from": step.inputs,
        "line": step.line,
        "in_shapes": step.in_shapes,
        "out_shape": step.out_shape,
        "tensor_size": step.tensor_size,
        "params": step.params,
        "weights": step.weights,
        "biases": step.biases,
        "trainable": step.trainable,
        "buffers": step.buffers,
        "macs": step.macs,
        "receptive_field": fields[id(field)],
        "notes": step.notes,
    }


def receptive_field(field: ReceptiveField) -> dict[str, Any]:
    """Size, stride and start per axis; `size_min` where units differ; a fraction as text."""
    size, size_min, stride = field.size, field.size_min, field.stride
    return {
        "size": size,
        **({"size_min": size_min} if size_min != size else {}),
        "stride": None if stride is None else [_fraction(each) for each in stride],
        "start": field.start,
        "global": field.is_global,
    }


def _fraction(value: Fraction) -> int | str:
    return value.numerator if value.denominator == 1 else str(value)


def as_csv(traces: list[Trace], view: View) -> str:
    """A row for each layer, numbers without separators; with several networks a first column names each."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    several, columns = len(traces) > 1, tuple(dict.fromkeys(key for trace in traces for key in view.shown(trace)))
    writer.writerow([*(["network"] if several else []), *columns])
    for trace in traces:
        for step, _ in view.rows(view.layers(trace)):
            cells = [COLUMNS[key].value(step, trace, view) for key in columns]
            row = ["" if cell is None else _plain(cell) for cell in cells]
            writer.writerow([*([trace.name] if several else []), *row])
    return out.getvalue()


def _plain(value: str | int | float) -> str | int:
    if isinstance(value, str):
        return value.replace("×", "x").replace("–", "-")
    return f"{value:.6f}" if isinstance(value, float) else value
