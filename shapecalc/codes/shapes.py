"""Codes of layers that cannot take the shapes that arrive."""

from __future__ import annotations

from shapecalc.codes.code import Code

SHAPES = (
    Code(
        "kernel-too-large",
        "a window, dilated, is larger than its padded input",
        "choose a smaller kernel, more padding, or pool less above",
        bad="""\
input: 8x8x3
layers:
  - conv: {out_channels: 16, kernel_size: 9}
""",
        good="""\
input: 8x8x3
layers:
  - conv: {out_channels: 16, kernel_size: 7}
""",
    ),
    Code(
        "padding-too-large",
        "padding of more than half a pooling's kernel, or reflected or circular padding beyond its input",
        "pad less, or with a `pad` layer above",
        bad="""\
input: 32x32x3
layers:
  - maxpool: {kernel_size: 3, stride: 1, padding: 2}
""",
        good="""\
input: 32x32x3
layers:
  - maxpool: {kernel_size: 3, stride: 1, padding: 1}
""",
    ),
    Code(
        "output-padding-too-large",
        "the output padding of a transposed convolution is below neither its stride nor its dilation",
        "choose an output padding below the stride",
        bad="""\
input: 8x8x4
layers:
  - conv_transpose: {out_channels: 4, kernel_size: 2, stride: 2, output_padding: 2}
""",
        good="""\
input: 8x8x4
layers:
  - conv_transpose: {out_channels: 4, kernel_size: 2, stride: 2, output_padding: 1}
""",
    ),
    Code(
        "does-not-fit",
        "the layer's settings and what arrives leave nothing, or nothing that has a meaning",
        "compare both sizes that the message names",
        bad="""\
input: 32x32x3
layers:
  - crop: {size: 40}
""",
        good="""\
input: 32x32x3
layers:
  - crop: {size: 28}
""",
    ),
    Code(
        "channel-mismatch",
        "a written `in_channels`, `in_features` or `num_features` is not what arrives",
        "leave it out, since it is known, or mend the layer above",
        bad="""\
input: 32x32x3
layers:
  - conv: {in_channels: 1, out_channels: 16, kernel_size: 3}
""",
        good="""\
input: 32x32x3
layers:
  - conv: {in_channels: 3, out_channels: 16, kernel_size: 3}
""",
    ),
    Code(
        "not-divisible",
        "channels or sizes that are to be split into equal parts, and cannot",
        "choose numbers of which one divides the other",
        bad="""\
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: 3, groups: 2}
""",
        good="""\
input: 32x32x4
layers:
  - conv: {out_channels: 16, kernel_size: 3, groups: 2}
""",
    ),
    Code(
        "not-flat",
        "a map arrives where a flat vector is wanted",
        "put `flatten` or a global pooling above; `fc` takes `per_position: true`",
        bad="""\
input: 7x7x512
layers:
  - fc: 10
""",
        good="""\
input: 7x7x512
layers:
  - flatten
  - fc: 10
""",
    ),
    Code(
        "not-spatial",
        "a flat vector arrives where a map is wanted",
        "`reshape` makes a map of it; or take the `flatten` above away",
        bad="""\
input: 32x32x3
layers:
  - flatten
  - conv: {out_channels: 16, kernel_size: 3}
""",
        good="""\
input: 32x32x3
layers:
  - conv: {out_channels: 16, kernel_size: 3}
  - flatten
""",
    ),
    Code(
        "size-mismatch",
        "a `reshape` to another number of values",
        "the product of the sizes stays the same",
        bad="""\
input: 32x32x3
layers:
  - reshape: 16x16x3
""",
        good="""\
input: 32x32x3
layers:
  - reshape: 16x16x12
""",
    ),
    Code(
        "unlike-shapes",
        "tensors that are to be joined have different shapes",
        "give both branches the same stride and padding, and for `add` the same channels, by a 1×1 convolution, say",
        bad="""\
input: 8x8x4
layers:
  - conv: {out_channels: 8, kernel_size: 1}
  - add: [conv1, input]
""",
        good="""\
input: 8x8x4
layers:
  - conv: {out_channels: 4, kernel_size: 1}
  - add: [conv1, input]
""",
    ),
)
