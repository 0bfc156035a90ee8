"""Codes of names, wiring, blocks, variables and expressions."""

from __future__ import annotations

from shapecalc.codes.code import Code

GRAPHS = (
    Code(
        "unknown-name",
        "a name under `from`, `add`, `share` and the like that nothing above has",
        "name a layer, branch or input that stands above",
        bad="""\
input: 32x32x3
layers:
  - conv: {out_channels: 3, kernel_size: 1}
    name: stem
  - add: [stm, input]
""",
        good="""\
input: 32x32x3
layers:
  - conv: {out_channels: 3, kernel_size: 1}
    name: stem
  - add: [stem, input]
""",
    ),
    Code(
        "duplicate-name",
        "two layers have one name",
        "choose another name for one of them",
        bad="""\
input: 32x32x3
layers:
  - {relu: , name: act}
  - {tanh: , name: act}
""",
        good="""\
input: 32x32x3
layers:
  - {relu: , name: act}
  - {tanh: , name: act2}
""",
    ),
    Code(
        "several-inputs",
        "a layer that reads one tensor is given several",
        "join them first, as in `concat: [a, b]`",
        bad="""\
input: {image: 8x8x3, mask: 8x8x1}
layers:
  - conv: {out_channels: 4, kernel_size: 1}
    from: [image, mask]
""",
        good="""\
input: {image: 8x8x3, mask: 8x8x1}
layers:
  - concat: [image, mask]
  - conv: {out_channels: 4, kernel_size: 1}
""",
    ),
    Code(
        "several-outputs",
        "branches without a `join` end in several outputs, and one is wanted",
        "give the branches a `join`, or name one of them with `from`",
        bad="""\
input: 8x8x3
layers:
  - parallel: {a: [relu], b: [tanh]}
  - softmax
""",
        good="""\
input: 8x8x3
layers:
  - parallel: {a: [relu], b: [tanh]}
    join: add
  - softmax
""",
    ),
    Code(
        "dangling",
        "no layer reads this one, and it is not the last",
        "join it with `from`, or leave it out; branches without a `join` are meant as outputs",
        bad="""\
input: 8x8x3
layers:
  - relu
  - tanh
  - sigmoid:
    from: relu1
""",
        good="""\
input: 8x8x3
layers:
  - relu
  - tanh
  - sigmoid
""",
        severity="warning",
    ),
    Code(
        "share-mismatch",
        "a layer cannot use another's weights: they are of another kind or size",
        "make the two alike, with as many channels arriving",
        bad="""\
input: 8x8x4
layers:
  - conv: {out_channels: 4, kernel_size: 1}
  - {conv: {out_channels: 4, kernel_size: 3}, share: conv1}
""",
        good="""\
input: 8x8x4
layers:
  - conv: {out_channels: 4, kernel_size: 3}
  - {conv: {out_channels: 4, kernel_size: 3}, share: conv1}
""",
    ),
    Code(
        "block-cycle",
        "a block calls itself, directly or through others, and would never end",
        "take the call out; `repeat` makes several in a row",
        bad="""\
input: 8x8x4
blocks:
  b: {layers: [relu, b]}
layers: [b]
""",
        good="""\
input: 8x8x4
blocks:
  b: {layers: [relu]}
layers: [{b: , repeat: 2}]
""",
    ),
    Code(
        "bad-include",
        "a file under `include` cannot be read, lies outside the folder, or holds more than blocks",
        "name a file of `blocks` in the folder of the spec or below it",
        bad="""\
input: 8x8x4
include: [bloks.yaml]
layers: [relu]
""",
        good="""\
input: 8x8x4
include: [blocks.yaml]
layers: [act]
""",
        beside={"blocks.yaml": "blocks: {act: {layers: [relu]}}\n"},
    ),
    Code(
        "unknown-variant",
        "the spec has no variant of that name",
        "choose one of the variants that the message names",
        bad="""\
input: 8x8x4
vars: {width: 8}
variants: {small: {width: 4}}
layers: [conv: {out_channels: =width, kernel_size: 3}]
""",
        good="""\
input: 8x8x4
vars: {width: 8}
variants: {small: {width: 4}, large: {width: 16}}
layers: [conv: {out_channels: =width, kernel_size: 3}]
""",
        call="shapecalc check net.yaml:large",
    ),
    Code(
        "unknown-variable",
        "an expression, a variant or `--set` names a variable that is not there",
        "mend the spelling, or write it under `vars:`",
        bad="""\
input: 8x8x4
vars: {width: 8}
layers: [conv: {out_channels: =widht, kernel_size: 3}]
""",
        good="""\
input: 8x8x4
vars: {width: 8}
layers: [conv: {out_channels: =width, kernel_size: 3}]
""",
    ),
    Code(
        "no-value",
        "a variable is used that has no value",
        "give it one under `vars:`, choose a variant, or `--set` it",
        bad="""\
input: 8x8x4
vars: {width: }
layers: [conv: {out_channels: =width, kernel_size: 3}]
""",
        good="""\
input: 8x8x4
vars: {width: 8}
layers: [conv: {out_channels: =width, kernel_size: 3}]
""",
    ),
    Code(
        "bad-expression",
        "an expression cannot be read or has no value: unknown syntax, a division by 0, a number too large",
        "numbers, text, variables, arithmetic, comparisons, `a if c else b`, min, max, round, ceil, floor, abs and int",
        bad="""\
input: 8x8x4
vars: {width: 8}
layers: [conv: {out_channels: =width//0, kernel_size: 3}]
""",
        good="""\
input: 8x8x4
vars: {width: 8}
layers: [conv: {out_channels: =width//2, kernel_size: 3}]
""",
    ),
    Code(
        "too-many-layers",
        "`repeat` and blocks make more layers than are allowed: a million, unless `--max-layers` says otherwise",
        "repeat less often, or allow more with `--max-layers`",
        bad="""\
input: 8x8x4
layers: [{relu: , repeat: 10000000}]
""",
        good="""\
input: 8x8x4
layers: [{relu: , repeat: 100}]
""",
    ),
)
