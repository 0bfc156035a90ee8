"""Codes of texts that are no YAML, no safe YAML, or YAML that readers read differently."""

from __future__ import annotations

from shapecalc.codes.code import Code

_RELU = """\
input: 32x32x3
layers:
  - relu
"""

TEXT = (
    Code(
        "not-utf8",
        "the file is not UTF-8 text",
        "save the file as UTF-8",
        bad="# a café, saved as Latin-1\n" + _RELU,
        good="# a café, saved as UTF-8\n" + _RELU,
        ends_reading=True,
        encoding="latin-1",
    ),
    Code(
        "yaml-syntax",
        "the text is not YAML",
        "look for a missing colon, comma, quotation mark or bracket, and at the indentation",
        bad="""\
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: 3
  - relu
""",
        good="""\
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: 3}
  - relu
""",
        ends_reading=True,
    ),
    Code(
        "yaml-key",
        "a key of a mapping is no word",
        "a key is a word, as in `kernel_size: 3`",
        bad="""\
input: 32x32x3
layers:
  - conv: {[3, 3]: kernel_size, out_channels: 16}
""",
        good="""\
input: 32x32x3
layers:
  - conv: {kernel_size: [3, 3], out_channels: 16}
""",
        ends_reading=True,
    ),
    Code(
        "yaml-tag",
        "a YAML tag (`!…`) stands in the spec; the language has none",
        "leave the tag out",
        bad="""\
input: 32x32x3
layers:
  - conv: {out_channels: !!int 16, kernel_size: 3}
""",
        good="""\
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: 3}
""",
    ),
    Code(
        "yaml-alias",
        "an alias (`*…`) names nothing above, or what it stands in",
        "mark what is meant with `&` above the alias, or put a value that begins with `*` in quotes",
        bad="""\
input: 32x32x3
layers:
  - conv: *settings
""",
        good="""\
input: 32x32x3
layers:
  - conv: &settings {out_channels: 16, kernel_size: 3}
  - conv: *settings
""",
        ends_reading=True,
    ),
    Code(
        "ambiguous-value",
        "a word that YAML 1.1 and 1.2 read differently, such as yes, 010 or 1:30",
        "write true, false, the number in decimal, or the text in quotes",
        bad="""\
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: 3, bias: no}
""",
        good="""\
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: 3, bias: false}
""",
    ),
    Code(
        "duplicate-key",
        "a key is given twice in one mapping, or once under each of two names",
        "keep one of them",
        bad="""\
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: 3, kernel: 5}
""",
        good="""\
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: 5}
""",
    ),
    Code(
        "number-too-large",
        "a number has more than 100 digits",
        "write a smaller number",
        bad=f"""\
input: 32x32x3
layers:
  - conv: {{out_channels: {"1234567890" * 11}, kernel_size: 3}}
""",
        good="""\
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: 3}
""",
        ends_reading=True,
    ),
    Code(
        "too-deep",
        "lists and mappings are nested more than 64 deep",
        "nest less deeply",
        bad=f"""\
input: 32x32x3
layers: {"[" * 70}{"]" * 70}
""",
        good=_RELU,
        ends_reading=True,
    ),
    Code(
        "too-large",
        "the text has more than 16 MiB, its aliases stand for more than a million values, or a file is too long",
        "say it in fewer lines, with `repeat` or a block",
        bad=f"""\
a: &a [{", ".join(["x"] * 20)}]
b: &b [{", ".join(["*a"] * 20)}]
c: &c [{", ".join(["*b"] * 20)}]
d: &d [{", ".join(["*c"] * 20)}]
layers: [{", ".join(["*d"] * 20)}]
""",
        good="""\
input: 32x32x3
layers:
  - relu:
    repeat: 10000
""",
        ends_reading=True,
    ),
    Code(
        "too-many-problems",
        "more than 100 things are wrong; those that follow are not listed",
        "mend those above first: often they have one cause",
        bad=f"""\
input: 32x32x3
layers: [{", ".join(["{dropout: no}"] * 101)}]
""",
        good="""\
input: 32x32x3
layers:
  - dropout: 0.5
    repeat: 101
""",
        ends_reading=True,
    ),
    Code(
        "empty",
        "there is no spec, or no layer in it",
        "begin with `input:` and `layers:`, and a layer below them",
        bad="""\
input: 32x32x3
layers: []
""",
        good=_RELU,
    ),
    Code(
        "not-a-mapping",
        "a spec is a mapping of keys to values, and this is not",
        "begin with `input:` and `layers:`",
        bad="""\
- conv: {out_channels: 16, kernel_size: 3}
""",
        good="""\
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: 3}
""",
    ),
)
