"""Codes of what is expected of a network that fits, and of the check itself."""

from __future__ import annotations

from shapecalc.codes.code import Code

_RELU = """\
input: 32x32x3
layers:
  - relu
"""

CHECKS = (
    Code(
        "expectation-failed",
        "a number under `expect` is not the network's",
        "mend the number or the network; `shapecalc explain` shows the working",
        bad="""\
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: 5, padding: 2}
expect:
  params: 1200
""",
        good="""\
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: 5, padding: 2}
expect:
  params: 1216
""",
    ),
    Code(
        "over-budget",
        "a number of the network breaks a budget of pyproject.toml",
        "make the network smaller, or the budget larger",
        bad="""\
name: Wide
input: 32x32x3
layers:
  - conv: {out_channels: 64, kernel_size: 3}
""",
        good="""\
name: Narrow
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: 3}
""",
        beside={"pyproject.toml": '[[tool.shapecalc.budgets]]\npath = "*.yaml"\nparams = "<= 1k"\n'},
    ),
    Code(
        "note",
        "a layer does what few expect: rows that are never read, uneven overlap, a bias before a batch norm, …",
        "see the message; `--strict` makes it an error, `# shapecalc: ignore[note]` in one of its lines: it is meant",
        bad="""\
input: 32x32x3
layers:
  - maxpool: 3
""",
        good="""\
input: 33x33x3
layers:
  - maxpool: 3
""",
        severity="note",
    ),
    Code(
        "bad-ignore",
        "an ignore comment names a code that there is not, or is not written as one",
        "write `# shapecalc: ignore[code]`; `shapecalc codes` lists the codes",
        bad="""\
input: 33x33x3
layers:
  - maxpool: 3  # shapecalc: ignore[nots]
""",
        good="""\
input: 32x32x3
layers:
  - maxpool: 3  # shapecalc: ignore[note]
""",
        severity="warning",
    ),
    Code(
        "unused-ignore",
        "an ignore comment silences nothing",
        "leave the comment out",
        bad="""\
input: 33x33x3
layers:
  - maxpool: 3  # shapecalc: ignore[note]
""",
        good="""\
input: 32x32x3
layers:
  - maxpool: 3  # shapecalc: ignore[note]
""",
        severity="note",
    ),
    Code(
        "bad-configuration",
        "the pyproject.toml is no TOML, or a path in its `[tool.shapecalc]` is no pattern",
        "see the message; the check does not run until it is mended",
        bad=_RELU,
        good=_RELU,
        beside={"pyproject.toml": "[tool.shapecalc]\nstrict = yes\n"},
        beside_good={"pyproject.toml": "[tool.shapecalc]\nstrict = true\n"},
    ),
)
