"""Codes of keys, fields and values, before any shape is known."""

from __future__ import annotations

from shapecalc.codes.code import Code

FIELDS = (
    Code(
        "unknown-field",
        "a key that the spec, the item, the layer or the block does not have",
        "mend the spelling; `shapecalc schema` lists the fields of every layer",
        bad="""\
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: 3, pading: 1}
""",
        good="""\
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: 3, padding: 1}
""",
    ),
    Code(
        "missing-field",
        "a key or field that must be given is not there",
        "give it",
        bad="""\
input: 32x32x3
layers:
  - conv: {out_channels: 16}
""",
        good="""\
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: 3}
""",
    ),
    Code(
        "unknown-layer",
        "a word that is no layer type and no block",
        "mend the spelling, or write the block under `blocks:`; `custom` declares a layer that is not known",
        bad="""\
input: 32x32x3
layers:
  - con: {out_channels: 16, kernel_size: 3}
""",
        good="""\
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: 3}
""",
    ),
    Code(
        "no-layer",
        "an item of `layers` names no layer",
        "begin the item with its layer, as in `- conv: {…}`",
        bad="""\
input: 32x32x3
layers:
  - kernel_size: 3
    out_channels: 16
""",
        good="""\
input: 32x32x3
layers:
  - conv:
      kernel_size: 3
      out_channels: 16
""",
    ),
    Code(
        "several-layers",
        "an item of `layers` names more than one layer",
        "give each its own `- `",
        bad="""\
input: 32x32x3
layers:
  - relu:
    maxpool: 2
""",
        good="""\
input: 32x32x3
layers:
  - relu
  - maxpool: 2
""",
    ),
    Code(
        "wrong-type",
        "a value of another kind: text where a number is wanted, a list where a mapping is",
        "write a value of the kind that the message names; a number stands without quotes",
        bad="""\
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: "3"}
""",
        good="""\
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: 3}
""",
    ),
    Code(
        "unknown-value",
        "a word that is not among those that the field takes",
        "choose one of the words that the message names",
        bad="""\
input: 32x32x3
layers:
  - pad: {padding: 1, mode: reflex}
""",
        good="""\
input: 32x32x3
layers:
  - pad: {padding: 1, mode: reflect}
""",
    ),
    Code(
        "out-of-range",
        "a number below or above what has a meaning",
        "write a number within the bound that the message names",
        bad="""\
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: 0}
""",
        good="""\
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: 1}
""",
    ),
    Code(
        "wrong-rank",
        "more or fewer numbers, or axes, than there are spatial axes",
        "give one number for all axes, or one for each",
        bad="""\
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: [3, 3, 3]}
""",
        good="""\
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: [3, 3]}
""",
    ),
    Code(
        "one-of",
        "fields that exclude each other, or of which one is wanted",
        "keep one of them",
        bad="""\
input: 32x32x3
layers:
  - crop: {amount: 2, size: 28}
""",
        good="""\
input: 32x32x3
layers:
  - crop: {amount: 2}
""",
    ),
    Code(
        "wrong-value",
        "a value that the field does not take, for a reason that has no code of its own",
        "see the message",
    ),
    Code(
        "bad-shape",
        "a text or list that is no shape",
        "write height, width and channels, as in `224x224x3`, or channels first, as in `[3, 224, 224]`",
        bad="""\
input: 224 by 224
layers:
  - relu
""",
        good="""\
input: 224x224x3
layers:
  - relu
""",
    ),
    Code(
        "bad-name",
        "a name that cannot be one, or that means something else already",
        "a letter, then letters, digits, `_`, `-`, `.` and `/`; of a variable only letters, digits and `_`",
        bad="""\
input: 32x32x3
layers:
  - relu:
    name: 1st activation
""",
        good="""\
input: 32x32x3
layers:
  - relu:
    name: activation1
""",
    ),
    Code(
        "bad-expectation",
        "a value under `expect` that is no number, no rounded number and no bound",
        'write it as in `138357544`, `"~138M"`, `"<= 140M"` or `">= 200"`',
        bad="""\
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: 3}
expect:
  params: about 450
""",
        good="""\
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: 3}
expect:
  params: 448
""",
    ),
    Code(
        "doubtful-input",
        "the input's channels seem to stand at the wrong end, or to be missing",
        "write height×width×channels as text, or channels first as a list",
        bad="""\
input: [224, 224, 3]
layers:
  - relu
""",
        good="""\
input: 224x224x3
layers:
  - relu
""",
        severity="warning",
    ),
)
