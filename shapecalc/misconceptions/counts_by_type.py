"""Slips in the counts of poolings, normalisations, recurrent layers and the like, and in multiply-adds, as rows."""

from __future__ import annotations

from shapecalc.misconceptions.counts import (
    ATTENTION,
    NORMS,
    OVER_AXES,
    POOLS,
    RECURRENT,
    VALUES,
    WEIGHTED,
    Row,
)

_OF_MACS = [
    Row(
        "used_input_positions",
        ("conv", "separable_conv"),
        {"macs": "{weights}·{in_places}"},
        "the kernel is laid on once for each output position, not for each input position",
    ),
    Row(
        "counted_output_positions_not_input_positions",
        ("conv_transpose",),
        {"macs": "{weights}·{places}"},
        "in a transposed convolution each input position meets the kernel once, not each output position",
    ),
    Row(
        "params_instead_of_macs",
        (),
        {"macs": "{params}"},
        "parameters are counted once, multiply-adds at every position",
    ),
    Row(
        "params_instead_of_macs", (), {"macs": "{weights}"}, "weights are counted once, multiply-adds at every position"
    ),
    Row(
        "forgot_the_matrix_products", ATTENTION, {"macs": "{weights}·{places}"}, "the products QKᵀ and AV are forgotten"
    ),
    Row("counted_macs_of_a_pooling", POOLS, {"macs": "{kernel}·{values}"}, "a pooling has no weights to multiply by"),
    Row(
        "counted_macs_of_a_normalisation", NORMS, {"macs": "{values}"}, "normalisations are not counted, by convention"
    ),
    Row(
        "counted_macs_of_a_normalisation",
        NORMS,
        {"macs": "2·{values}"},
        "normalisations are not counted, by convention",
    ),
    Row(
        "counted_macs_of_an_activation",
        ("relu", "sigmoid", "tanh", "softmax"),
        {"macs": "{values}"},
        "activations are not counted, by convention",
    ),
]

_NO_POOL = "a pooling has a window, but no weights"
_OF_POOLS = [
    Row("gave_the_pool_weights", POOLS, {"params": weights, "weights": weights}, _NO_POOL)
    for weights in (
        "{kernel}·{in}",
        "{kernel}",
        "{kernel}·{in} + {in}",
        "{kernel}·{in}·{in}",
        "{kernel}·{in}·{in} + {in}",
    )
] + [
    Row("gave_the_pool_weights", POOLS, {"params": "{kernel} + 1"}, _NO_POOL),
    Row("gave_the_pool_weights", POOLS, {"params": "{in}", "biases": "{in}"}, _NO_POOL),
]

_PAIR = "there is a factor and an offset for each channel"
_OF_NORMS = [
    Row("thought_bn_has_no_parameters", ("batchnorm",), {"params": "0", "weights": "0", "biases": "0"},
        "batch norm learns a factor and an offset for each channel"),
    Row("counted_running_mean_and_var_as_trainable", NORMS,
        {"params": "{params} + {buffers}", "trainable": "{params} + {buffers}"},
        "running mean and variance are stored, not learned"),
    Row("thought_norm_has_no_parameters", NORMS[1:3], {"params": "0"}, f"{_PAIR}, both learned"),
    Row("thought_norm_has_no_parameters", OVER_AXES, {"params": "0"},
        "a factor and an offset for each normalised value are learned"),
    Row("forgot_beta", NORMS, {"params": "{weights}·{has_bias}"},
        "the offsets (beta) are forgotten, or the factors (gamma)"),
    Row("one_pair_per_group", ("groupnorm",), {"params": "2·{norm_groups}"}, f"{_PAIR}, not for each group"),
    Row("one_pair_per_activation", (*NORMS[:3],), {"params": "2·{in_values}"}, f"{_PAIR}, not for each value"),
    Row("one_pair_per_activation", OVER_AXES, {"params": "2·{in_values}"},
        "a factor and an offset go with each normalised value, shared by all positions"),
    Row("one_pair_per_channel", OVER_AXES, {"params": "2·{in_places}"},
        "a factor and an offset go with each normalised value, not with each position"),
    Row("one_pair_per_channel", OVER_AXES, {"params": "2·{in}"},
        "a factor and an offset go with each normalised value"),
    Row("one_pair_for_the_layer", NORMS, {"params": "2"}, f"{_PAIR}, not one for the layer"),
    Row("assumed_affine_by_default", ("instancenorm",), {"params": "2·{in}"},
        "an instance norm learns nothing unless `affine` says so"),
    Row("assumed_affine_by_default", ("batchnorm", "groupnorm"), {"params": "2·{in}"},
        "`affine: false` leaves factor and offset out"),
    Row("counted_running_mean_and_var_as_trainable", ("instancenorm",), {"params": "4·{in}"},
        "running mean and variance are stored, not learned"),
    Row("forgot_the_running_variance", NORMS, {"buffers": "{buffers}/2"},
        "a running mean and a running variance are stored for each channel"),
    Row("forgot_the_running_statistics", NORMS, {"buffers": "0"},
        "a running mean and a running variance are stored for each channel"),
    Row("counted_the_step_counter", NORMS, {"buffers": "{buffers} + 1"},
        "PyTorch's step counter is counted, which by convention it is not"),
    Row("counted_gamma_and_beta_as_buffers", NORMS, {"buffers": "{buffers} + {params}"},
        "factor and offset are learned, so they are no buffers"),
]  # fmt: skip

_FOR_EACH_HEAD = (
    "{params}·{heads}",
    "{weights}·{heads} + {biases}",
    "{weights}·{heads}",
    "{heads}·3·{in}·{in} + {in}·{in}",
    "{heads}·3·{in}·{in} + {in}·{in} + {biases}",
)
_OF_SEQUENCES = [
    Row("forgot_the_four_gates", ("lstm",), {"params": "{params}/{gates}", "weights": "{weights}/{gates}"},
        "an LSTM has four gates, each with weights of its own"),
    Row("forgot_the_three_gates", ("gru",), {"params": "{params}/{gates}", "weights": "{weights}/{gates}"},
        "a GRU has three gates, each with weights of its own"),
    Row("one_bias_vector_keras_style", ("rnn", "lstm"), {"params": "{weights} + {biases}/2", "biases": "{biases}/2"},
        "PyTorch has two bias vectors, of the input and of the state; Keras has one"),
    Row("one_bias_vector", ("gru",), {"params": "{weights} + {biases}/2", "biases": "{biases}/2"},
        "PyTorch has two bias vectors, of the input and of the state"),
    Row("forgot_the_second_direction", RECURRENT,
        {"params": "{params}/{directions}", "weights": "{weights}/{directions}"},
        "each direction has weights of its own"),
    Row("forgot_the_recurrent_weights", RECURRENT,
        {"params": "{gates}·{units}·{in} + {biases}", "weights": "{gates}·{units}·{in}"},
        "the weights of the state are forgotten"),
    Row("forgot_the_input_weights", RECURRENT, {"params": "{gates}·{units}·{units} + {biases}"},
        "the weights of the input are forgotten"),
    Row("forgot_the_stacked_layers", RECURRENT, {"params": "{params}/{stacked}"},
        "each of the stacked layers has weights of its own"),
    Row("added_a_bias", ("embedding",), {"params": "{params} + {out}"},
        "an embedding looks up a vector and adds no bias"),
    Row("added_instead_of_multiplied", ("embedding",), {"params": "{params}/{out} + {out}"},
        "there is a vector for each token id"),
    Row("multiplied_by_the_tokens", ("embedding",), {"params": "{params}·{in}"},
        "the table is one, however many tokens are looked up"),
    *(
        Row("multiplied_by_heads", ATTENTION, {"params": wrong},
            "the heads share the channels out among themselves, so their number changes nothing")
        for wrong in _FOR_EACH_HEAD
    ),
    Row("counted_one_head", ATTENTION, {"params": "{params}/{heads}"}, "one head is counted, not all of them"),
    Row("forgot_the_output_projection", ATTENTION, {"params": "3·{in}·{in} + 3·{in}·{has_bias}"},
        "the projection of all heads to the output is forgotten"),
    Row("forgot_the_output_projection", ATTENTION, {"params": "3·{in}·{in}"},
        "the projection of all heads to the output is forgotten"),
    Row("counted_one_projection", ATTENTION, {"params": "{params}/4"},
        "queries, keys, values and output have a projection each"),
    Row("forgot_the_position_embedding", ("position_embedding",), {"params": "0"}, "the position embedding is learned"),
    Row("forgot_the_class_token", ("class_token",), {"params": "0"}, "the class token is learned"),
]  # fmt: skip

_OF_OTHERS = [
    Row("forgot_the_depthwise_part", ("separable_conv",),
        {"params": "{in}·{m}·{out} + {biases}", "weights": "{in}·{m}·{out}", "macs": "{in}·{m}·{out}·{places}"},
        "the depthwise kernels are forgotten"),
    Row("forgot_the_depthwise_part", ("separable_conv",), {"params": "{in}·{m}·{out}·{no_bias}"},
        "the depthwise kernels are forgotten"),
    Row("forgot_the_pointwise_part", ("separable_conv",),
        {
            "params": "{kernel}·{in}·{m} + {biases}",
            "weights": "{kernel}·{in}·{m}",
            "macs": "{kernel}·{in}·{m}·{places}",
        },
        "the 1×1 kernels are forgotten"),
    Row("forgot_the_pointwise_part", ("separable_conv",), {"params": "{kernel}·{in}·{m}"},
        "the 1×1 kernels are forgotten"),
    Row("counted_a_full_convolution", ("separable_conv",),
        {
            "params": "{kernel}·{in}·{out} + {biases}",
            "weights": "{kernel}·{in}·{out}",
            "macs": "{kernel}·{in}·{out}·{places}",
        },
        "a full convolution is counted, not a separable one"),
    Row("counted_a_full_convolution", ("separable_conv",), {"params": "{kernel}·{in}·{out}·{no_bias}"},
        "a full convolution is counted, not a separable one"),
    Row("counted_a_bias_for_both_parts", ("separable_conv",), {"params": "{weights} + {in}·{m} + {biases}"},
        "there is one bias, after the 1×1 kernels"),
    Row("one_slope_per_channel", ("prelu",), {"params": "{in}"}, "by default there is one slope for all channels"),
    Row("one_slope_for_all", ("prelu",), {"params": "1"}, "there is a slope for each channel"),
    Row("thought_activations_never_have_parameters", ("prelu",), {"params": "0"}, "a PReLU learns its slope"),
    Row("one_slope_per_activation", ("prelu",), {"params": "{in_values}"}, "the slope is shared by all positions"),
]  # fmt: skip

ROWS = (*WEIGHTED, *_OF_POOLS, *_OF_NORMS, *_OF_MACS, *_OF_SEQUENCES, *_OF_OTHERS, *VALUES)
"""All rows; where several give an answer, the first is the likeliest."""
