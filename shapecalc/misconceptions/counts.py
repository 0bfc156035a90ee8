"""Slips in what a layer counts: parameters, multiply-adds, values. Each is a row of data.

A row has, for each quantity, the sum of products that the slip makes of the layer's number. The names in it are
those of `facts`; a row does not apply to a layer that lacks one of them.
"""

from __future__ import annotations

from typing import NamedTuple

from shapecalc.layers.merge import MERGES
from shapecalc.misconceptions.answer import Extent

CONV = ("conv", "conv_transpose")
WINDOW_POOLS = ("maxpool", "avgpool", "lppool")
POOLS = (*WINDOW_POOLS, "adaptive_avgpool", "adaptive_maxpool", "global_avgpool", "global_maxpool")
OVER_AXES = ("layernorm", "rmsnorm")
NORMS = ("batchnorm", "groupnorm", "instancenorm", *OVER_AXES)
RECURRENT = ("rnn", "lstm", "gru")
ATTENTION = ("attention", "window_attention")
BIASED = (*CONV, "separable_conv", "fc", *RECURRENT, *ATTENTION)


class Row(NamedTuple):
    """A slip in a layer's counts.

    Attributes:
        tag: its name.
        types: the layer types in which it can be made; none: in all.
        counts: by quantity, what it makes of the layer's number. `macs` stands for `flops` too, twice as many.
        why: what is wrong, in a clause.
        extent: `TWO_SLIPS` where it goes with another one.
    """

    tag: str
    types: tuple[str, ...]
    counts: dict[str, str]
    why: str
    extent: Extent = Extent.ALIKE


_OF_WEIGHTS = (
    ("forgot_input_depth", "{kernel}·{out}", "the input depth is forgotten"),
    ("forgot_number_of_filters", "{kernel}·{depth}", "one filter is counted, not all of them"),
    ("forgot_groups", "{kernel}·{in}·{out}", "the groups are forgotten: a filter reads the channels of its group"),
    (
        "no_weight_sharing_multiplied_by_positions",
        "{kernel}·{depth}·{out}·{places}",
        "each position is given weights of its own, but a convolution shares them",
    ),
    ("no_weight_sharing_multiplied_by_positions", "{kernel}·{depth}·{out}·{in_places}", "weights are shared"),
    ("counted_one_side_of_the_kernel", "{side}·{depth}·{out}", "the kernel is counted along one axis only"),
    ("counted_one_side_of_the_kernel", "{last_side}·{depth}·{out}", "the kernel is counted along one axis only"),
    ("forgot_the_kernel", "{depth}·{out}", "the kernel's size is forgotten"),
    ("assumed_a_square_kernel", "{square}·{depth}·{out}", "the kernel is taken for a square one"),
    ("assumed_a_square_kernel", "{last_square}·{depth}·{out}", "the kernel is taken for a square one"),
    ("counted_the_holes_of_a_dilated_kernel", "{extent}·{depth}·{out}", "dilation adds no weights, only holes"),
    ("divided_by_the_groups_twice", "{kernel}·{depth}·{out}/{groups}", "the groups divide once"),
)
"""Of a convolution: tag, its weights, and why that is wrong."""

_NO_BIAS = "the bias of each {unit} is forgotten"
_ONE_BIAS = "each {unit} has its own bias, not one for the layer"
_ABSENT_BIAS = "a bias is counted that the layer does not have"


def _convolution() -> list[Row]:
    rows = []
    for tag, weights, why in _OF_WEIGHTS:
        own = "{has_bias}" if tag == "forgot_number_of_filters" else "{biases}"
        positions = "places" if "places}" not in weights else None
        for bias in (f" + {own}", "·{no_bias}"):
            rows.append(Row(tag, CONV, {"params": weights + bias}, why))
        rows.append(Row(tag, CONV, {"weights": weights}, why))
        if positions:
            rows.append(Row(tag, ("conv",), {"macs": f"{weights}·{{places}}"}, why))
            rows.append(Row(tag, ("conv_transpose",), {"macs": f"{weights}·{{in_places}}"}, why))
        if tag == "forgot_number_of_filters":
            rows.append(Row(tag, CONV, {"params": weights + " + {biases}"}, why))
        for bias, also in (
            ("·{has_bias}", _NO_BIAS),
            (" + {has_bias}", _ONE_BIAS),
            ("·{no_bias} + {out}", _ABSENT_BIAS),
        ):
            rows.append(Row(tag, CONV, {"params": weights + bias}, f"{why}, and {also}", Extent.TWO_SLIPS))
    return rows


_WEIGHTED = (*CONV, "separable_conv", "fc")
_OF_BIASES = [
    Row("forgot_bias", BIASED, {"params": "{weights}·{has_bias}", "biases": "0·{has_bias}"}, _NO_BIAS),
    Row("one_bias_for_the_layer", _WEIGHTED, {"params": "{weights} + {has_bias}", "biases": "{has_bias}"}, _ONE_BIAS),
    Row("counted_absent_bias", _WEIGHTED, {"params": "{weights}·{no_bias} + {out}", "biases": "{out}·{no_bias}"},
        _ABSENT_BIAS),
    Row("bias_per_input_channel", ("conv",), {"params": "{weights} + {in}·{unlike}", "biases": "{in}·{unlike}"},
        "a bias goes with each filter, not with each input channel"),
    Row("bias_per_input_channel", ("conv_transpose",), {"params": "{weights} + {in}", "biases": "{in}"},
        "a bias goes with each filter, not with each input channel"),
    Row("bias_per_filter_and_input_channel", CONV,
        {"params": "{weights} + {depth}·{out}·{has_bias}", "biases": "{depth}·{out}·{has_bias}"},
        "a filter has one bias, however many channels it reads"),
    Row("bias_per_input", ("fc",), {"params": "{weights} + {in}", "biases": "{in}"},
        "a bias goes with each output, not with each input"),
    Row("counted_bias_adds", BIASED, {"macs": "{macs} + {values}·{has_bias}"},
        "bias additions are counted, which multiply nothing"),
    Row("counted_bias_adds", BIASED, {"flops": "2·{macs} + {values}·{has_bias}"},
        "bias additions are counted, which FLOPs of 2 × macs leave out"),
]  # fmt: skip

_ADDED = "inputs and outputs are added; every input is joined to every output"
_SHARED = "the positions are counted in, but all share one layer"
_OF_FC = [
    Row("added_instead_of_multiplied", ("fc",), {"params": "{in} + {out}", "macs": "{in} + {out}"}, _ADDED),
    Row("added_instead_of_multiplied", ("fc",), {"params": "{in} + {out} + {biases}"}, _ADDED),
    Row("flattened_the_tokens", ("fc",), {"params": "{weights}·{tokens}"}, _SHARED),
    Row("flattened_the_tokens", ("fc",), {"params": "{weights}·{tokens} + {biases}"}, _SHARED),
    Row("flattened_the_tokens", ("fc",), {"params": "{params}·{tokens}"}, _SHARED),
    Row("forgot_the_token_count", ("fc",), {"macs": "{weights}/{tokens}·{tokens}"},
        "the layer works at every position, not once"),
]  # fmt: skip

_OTHERS = (*POOLS, *NORMS, *MERGES, "relu", "prelu", "sigmoid", "tanh", "dropout", "upsample", "pixel_shuffle", "pad")
_OF_VALUES = [
    Row("forgot_output_depth", (*CONV, "separable_conv"), {"tensor_size": "{places}"},
        "the output's depth is forgotten: there is a map for each filter"),
    Row("forgot_depth", _OTHERS, {"tensor_size": "{places}"},
        "the depth is forgotten: there is a map for each channel"),
    Row("used_input_volume", (), {"tensor_size": "{in_values}"}, "that is the size of what arrives"),
    Row("counted_the_channels_only", (), {"tensor_size": "{out}"}, "the positions are forgotten"),
    Row("confused_params_with_activations", (), {"tensor_size": "{params}"},
        "these are the parameters, not the values that leave"),
    Row("confused_params_with_activations", (), {"tensor_size": "{weights}"},
        "these are the weights, not the values that leave"),
    Row("confused_macs_with_activations", (), {"tensor_size": "{macs}"},
        "these are the multiply-adds, not the values that leave"),
]  # fmt: skip

WEIGHTED = (*_OF_BIASES, *_OF_FC, *_convolution())
"""Of what convolutions and fully connected layers learn; the first that gives an answer is the likeliest."""

VALUES = tuple(_OF_VALUES)
"""Of the values that leave."""
