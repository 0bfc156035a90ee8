"""The topics, each with the ways in which it asks."""

from __future__ import annotations

from shapecalc.quizzing.scene import Form, Topic
from shapecalc.quizzing.topics import counts, fields, heads, joins, windows

_IN_ALL = "How many parameters does the network have?"
_BLOCK = "How many parameters does the block have?"
_IN_CONVS = "How many of its parameters are in the convolutions?"
_IN_FC = "How many of its parameters are in the fully connected layers?"
_IN_LAST = "How many of its parameters are in the last layer?"
_IN_FIRST = "How many of its parameters are in the first convolution?"
_WEIGHTS = "How many weights are there?"
_PARAMS = "How many parameters are there?"
_MACS = "How many multiply-adds is that in all?"
_SEEN = "How many positions of the input, along an axis, does a unit of the last layer see?"
_ROUNDED = "How many multiply-adds is that, rounded to three digits, as in 1.23M?"
_ROUNDED_PARAMS = "How many parameters does the network have, rounded to three digits, as in 1.23M?"

TOPICS = (
    Topic("output-size", "Output size", (
        Form(windows.still, "output", "1"),
        Form(windows.strided, "output", "12"),
        Form(windows.two, "output", "12"),
        Form(windows.wide, "output", "23"),
        Form(windows.dilated, "output", "23"),
        Form(windows.enlarging, "output", "23"),
        Form(windows.chain, "output", "3"),
        Form(windows.uneven, "output", "3"),
    )),
    Topic("parameters", "Parameters", (
        Form(windows.still, "params", "12"),
        Form(counts.kept, "weights", "1"),
        Form(counts.connected, "params", "12"),
        Form(counts.with_norm, "params", "23", _PARAMS),
        Form(counts.grouped, "params", "23"),
        Form(counts.separated, "weights", "23", _WEIGHTS),
        Form(counts.several, "params", "3", _PARAMS),
        Form(windows.enlarging, "params", "3"),
    )),
    Topic("tensor-size", "Tensor size", (
        Form(windows.still, "tensor_size", "12"),
        Form(windows.pooling, "tensor_size", "12"),
        Form(windows.strided, "tensor_size", "12"),
        Form(windows.conv_pool, "tensor_size", "23"),
        Form(windows.chain, "tensor_size", "3"),
        Form(windows.enlarging, "tensor_size", "23"),
    )),
    Topic("receptive-field", "Receptive field", (
        Form(fields.plain, "receptive_field", "1"),
        Form(fields.pooled, "receptive_field", "123"),
        Form(fields.strided, "receptive_field", "123"),
        Form(fields.pooled, "stride", "23"),
        Form(fields.stem, "start", "23"),
        Form(fields.dilated, "receptive_field", "23"),
        Form(fields.stem, "receptive_field", "3"),
    )),
    Topic("macs", "Multiply-adds", (
        Form(counts.kept, "macs", "12"),
        Form(counts.connected, "macs", "1"),
        Form(windows.strided, "macs", "12"),
        Form(counts.kept, "flops", "12"),
        Form(counts.grouped, "macs", "23"),
        Form(counts.separated, "macs", "23", _MACS),
        Form(windows.enlarging, "macs", "3"),
        Form(counts.several, "macs", "3", _MACS),
        Form(windows.chain, "macs", "3", _ROUNDED, is_rounded=True),
    )),
    Topic("where-parameters-live", "Where the parameters live", (
        Form(heads.small_classes, "params", "12", _IN_LAST),
        Form(heads.small_features, "params", "1", _IN_FIRST),
        Form(heads.small, "params", "12", _IN_ALL),
        Form(heads.in_convolutions, "params", "23", _IN_CONVS),
        Form(heads.in_connected, "params", "23", _IN_FC),
        Form(heads.small, "params", "3", _ROUNDED_PARAMS, is_rounded=True),
    )),
    Topic("pooling", "Pooling", (
        Form(windows.pooling, "output", "12"),
        Form(windows.pooling_global, "output", "12"),
        Form(windows.pooling, "tensor_size", "12"),
        Form(windows.two_poolings, "output", "23"),
        Form(windows.conv_pool, "output", "23"),
        Form(windows.pooling_uneven, "output", "3"),
        Form(windows.conv_pool, "params", "13", _PARAMS),
    )),
    Topic("one-by-one", "1×1 convolutions", (
        Form(counts.pointwise, "output", "1"),
        Form(counts.pointwise, "params", "12"),
        Form(counts.pointwise, "macs", "12"),
        Form(counts.bottleneck, "weights", "23", _WEIGHTS),
        Form(counts.bottleneck, "macs", "3", _MACS),
        Form(counts.squeezed, "params", "23", _PARAMS),
        Form(counts.pointwise_strided, "output", "23"),
        Form(counts.squeezed, "macs", "3", _MACS),
    )),
    Topic("stacked-kernels", "Stacked kernels", (
        Form(counts.stack, "weights", "123", _WEIGHTS),
        Form(counts.single, "weights", "123", "How many weights does it have?"),
        Form(counts.mixed, "receptive_field", "12", _SEEN),
        Form(counts.mixed, "weights", "23", _WEIGHTS),
        Form(counts.factorised, "weights", "23", _WEIGHTS),
        Form(counts.stack, "macs", "3", _MACS),
        Form(fields.plain, "receptive_field", "1"),
    )),
    Topic("fc-against-global-pooling", "Fully connected against global pooling", (
        Form(heads.flattened, "params", "123", _PARAMS),
        Form(heads.averaged, "params", "123", _PARAMS),
        Form(heads.hidden, "params", "23", _PARAMS),
        Form(heads.as_convolution, "params", "23"),
        Form(heads.map_of_classes, "params", "12", _PARAMS),
        Form(heads.map_of_classes, "macs", "3", _MACS),
        Form(heads.flattened, "macs", "1", _MACS),
        Form(heads.hidden, "macs", "3", _MACS),
    )),
    Topic("branches", "Residual blocks and branches", (
        Form(joins.concatenated, "output", "12"),
        Form(joins.residual, "params", "123", _BLOCK),
        Form(joins.concatenated, "params", "13", "How many parameters do the branches have in all?"),
        Form(joins.projected, "output", "2"),
        Form(joins.projected, "params", "123", _BLOCK),
        Form(joins.excited, "params", "23", _PARAMS),
        Form(joins.dense, "output", "23"),
        Form(joins.dense, "weights", "3", _WEIGHTS),
        Form(joins.unlike, "receptive_field", "123",
            "How many pixels of the image, along an axis, does a unit of the sum see?"),
        Form(joins.concatenated, "macs", "3", _MACS),
    )),
)  # fmt: skip
"""In the order in which a lecture takes them."""
