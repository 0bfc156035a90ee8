"""A verification's certificate as text that fits a terminal of 80 columns, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

from shapecalc.notation import counted, hwc
from shapecalc.render.data import receptive_field
from shapecalc.verification.certificate import Certificate, Checked, Finding, Verdict

WIDTH = 80

_SIGNS: dict[Verdict, str] = {"equal": "✓", "differs": "≠", "declared": "d", "convention": "c", "unknown": "?"}

_LEGEND: dict[Verdict, str] = {
    "equal": "equal",
    "differs": "differs",
    "declared": "declared, not run",
    "convention": "by convention",
    "unknown": "unknown",
}

_UNCHECKED: dict[Verdict, str] = {"declared": "declared", "unknown": "unknown"}

_HEADINGS = {"shapes": "output", "params": "params", "macs": "macs", "rf": "rf"}
_WORDS = {"shapes": "shapes", "params": "params", "macs": "macs", "rf": "receptive fields"}


def as_text(certificate: Certificate) -> str:
    """What was run and how, a row for each layer with what the run shows, what differs, and the verdict."""
    inputs = ", ".join(hwc(shape) for _, shape in certificate.inputs)
    lines = [f"{certificate.name}, input {inputs}", f"run by {certificate.engine}, seed {certificate.seed}", ""]
    for quantity, how in certificate.ran.items():
        lines += wrap(f"{quantity:<6}  {how}", WIDTH, subsequent_indent=" " * 8)
    lines += ["", *_table(certificate), "", _legend(certificate)]
    lines += _differences(certificate)
    return "\n".join([*lines, _verdict(certificate), ""])


def _table(certificate: Certificate) -> list[str]:
    quantities = list(certificate.ran)
    cells = [[_cell(layer.findings[quantity]) for quantity in quantities] for layer in certificate.layers]
    columns = [[_HEADINGS[quantity] + "  ", *(row[at] for row in cells)] for at, quantity in enumerate(quantities)]
    widths = [max(map(len, column)) for column in columns]
    names = ["layer", *(layer.step.name for layer in certificate.layers)]
    width = min(max(map(len, names)), max(8, WIDTH - sum(widths) - 2 * len(widths)))
    rows = [[_tail(name, width).ljust(width), *row] for name, *row in zip(names, *columns, strict=True)]
    rule = ["-" * width, *("-" * each for each in widths)]
    return ["  ".join(_aligned(row, widths)).rstrip() for row in (rows[0], rule, *rows[1:])]


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [row[0], *(cell.rjust(width) for cell, width in zip(row[1:], widths, strict=True))]


def _cell(finding: Finding) -> str:
    return f"{finding.shown} {_SIGNS.get(finding.verdict, ' ')}"


def _tail(name: str, width: int) -> str:
    """The end of a name, which tells layers of a block apart, where it is too long."""
    return name if len(name) <= width else "…" + name[1 - width :]


def _legend(certificate: Certificate) -> str:
    used = {finding.verdict for layer in certificate.layers for finding in layer.findings.values()}
    return "   ".join(f"{sign} {_LEGEND[verdict]}" for verdict, sign in _SIGNS.items() if verdict in used)


def _differences(certificate: Certificate) -> list[str]:
    return [
        f"{layer.step.name} (line {layer.step.line}): {quantity}: {finding.why}"
        for layer in certificate.layers
        for quantity, finding in layer.findings.items()
        if finding.verdict == "differs"
    ]


def _verdict(certificate: Certificate) -> str:
    what = [_WORDS[quantity] for quantity in certificate.ran]
    layers = counted(len(certificate.layers), "layer")
    if certificate.equal:
        unchecked = [
            f"{word} of {count:,} {_UNCHECKED[verdict]}"
            for quantity, word in _WORDS.items()
            for verdict in _UNCHECKED
            if (count := certificate.count(quantity, verdict))
        ]
        but = f" where known ({', '.join(unchecked)})" if unchecked else ""
        return f"{certificate.name}: {layers}, {_listed(what)} equal{but}"
    differing = sum(layer.differs for layer in certificate.layers)
    return f"{certificate.name}: {layers}, {differing:,} differ{'s' if differing == 1 else ''}"


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def entry(certificate: Certificate) -> dict[str, Any]:
    """What ``verify --format json`` prints; per quantity what the run shows and whether it is equal."""
    return {
        "name": certificate.name,
        "equal": certificate.equal,
        "unknown": {quantity: certificate.count(quantity, "unknown") for quantity in certificate.ran},
        "engine": certificate.engine,
        "seed": certificate.seed,
        "inputs": [{"name": name, "shape": shape} for name, shape in certificate.inputs],
        "ran": certificate.ran,
        "layers": [_layer(layer) for layer in certificate.layers],
    }


_KEYS = {"shapes": "out_shape", "params": "params", "macs": "macs", "rf": "receptive_field"}


def _layer(layer: Checked) -> dict[str, Any]:
    step = layer.step
    found: dict[str, Any] = {"name": step.name, "type": step.type, "line": step.line}
    for quantity, finding in layer.findings.items():
        found |= finding.value if isinstance(finding.value, dict) else {_KEYS[quantity]: finding.value}
        known = finding.verdict in ("equal", "differs", "convention")
        found[f"{_KEYS[quantity].removeprefix('out_')}_equal"] = finding.verdict != "differs" if known else None
    if "macs" in layer.findings:
        found["macs_in_full"] = layer.findings["macs"].in_full
    if "rf" in layer.findings:
        found["receptive_field"] = None if step.receptive_field is None else receptive_field(step.receptive_field)
    found["verdicts"] = {quantity: finding.verdict for quantity, finding in layer.findings.items()}
    found["differences"] = {q: finding.why for q, finding in layer.findings.items() if finding.verdict == "differs"}
    return found
