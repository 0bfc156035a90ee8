"""Which slip is told where several give the same number.

First those that assume least: a slip in the layer that is asked about, or in all layers alike, before one in the
layers of one type, in one layer, and two slips at once. Among equals the order below, from what beginners do most
often, the more specific before the more general; a slip that is not in it comes after those that are, as if it
assumed one thing more.
"""

from __future__ import annotations

from shapecalc.misconceptions.answer import Guess

_ORDER = """
forgot_bias kept_the_conv_bias counted_absent_bias one_bias_for_the_layer bias_per_input
forgot_input_depth forgot_groups forgot_number_of_filters
no_weight_sharing_multiplied_by_positions flattened_the_tokens
confused_activations_with_params confused_macs_with_params confused_params_with_activations
flops_counted_two_per_mac macs_instead_of_flops params_instead_of_macs counted_bias_adds used_input_positions
counted_output_positions_not_input_positions forgot_the_token_count convolved_before_upsampling
forgot_output_depth forgot_depth used_input_volume
used_the_ordinary_conv_formula assumed_exact_multiple_of_stride padding_added_instead_of_cropped forgot_output_padding
floor_instead_of_ceil forgot_padding added_padding_once_not_twice ceil_instead_of_floor forgot_plus_one forgot_stride
forgot_dilation swapped_height_and_width_padding swapped_height_and_width divided_by_the_kernel_size
forgot_second_shrink forgot_that_unpadded_convs_shrink assumed_same_padding
kept_the_concatenated_depth output_depth_equals_input_depth pooled_over_depth halved_the_depth_too
gave_the_pool_weights took_it_for_global_pooling forgot_the_upsampling
kept_the_channels divided_channels_by_2_not_4
added_the_branches took_one_branch
ignored_strides forgot_the_first_pixel pool_window_ignored pool_stride_ignored ignored_dilation
summed_kernel_sizes multiplied_kernel_sizes last_kernel_only own_stride_applied_to_own_kernel
own_stride_instead_of_the_product last_stride_instead_of_the_product added_the_strides forgot_the_pooling
added_instead_of_concatenated concatenated_instead_of_added
forgot_the_growing_input forgot_the_skip_channels forgot_the_shortcut
counted_running_mean_and_var_as_trainable thought_bn_has_no_parameters kept_conv_biases_no_bn forgot_beta
one_pair_per_group one_pair_per_activation one_pair_per_channel assumed_affine_by_default
forgot_the_layer_norms thought_norm_has_no_parameters one_slope_per_channel thought_activations_never_have_parameters
forgot_the_fc_head forgot_spatial_extent_when_flattening flattened_instead_of_pooling ran_the_gate_at_every_position
counted_a_full_convolution forgot_the_depthwise_part forgot_the_pointwise_part
single_3x3_weights single_5x5_weights single_7x7_weights
used_the_two_gpu_grouped_version used_the_torchvision_variant used_the_paper_filter_counts counted_vgg16
original_sparse_C3_and_trainable_pools assumed_the_227_input
added_instead_of_multiplied bias_per_input_channel multiplied_by_heads added_a_bias
one_bias_vector_keras_style one_bias_vector forgot_the_four_gates forgot_the_three_gates forgot_the_second_direction
params_scale_with_image counted_bytes doubled_the_output counted_one_layer
"""

LIKELIHOOD = {tag: place for place, tag in enumerate(_ORDER.split())}
"""The place of a slip among those that assume as much; a slip without one comes last."""


SAID_BY = {
    "pool_stride_ignored": "ignored_strides",
    "conv_stride_ignored": "ignored_strides",
    "confused_macs_with_params": "forgot_bias",
    "counted_absent_bias": "kept_the_conv_bias",
    "counted_bytes": "used_input_volume",
    "forgot_that_unpadded_convs_shrink": "used_input_positions",
}
"""Slips that come to the same as another here, and say less: they are not told beside it."""


def assumed(guess: Guess) -> int:
    """How much is assumed by a slip."""
    return guess.extent + (guess.tag not in LIKELIHOOD)


def order(guess: Guess) -> tuple[int, int]:
    """The key by which slips are told, the likeliest first."""
    return assumed(guess), LIKELIHOOD.get(guess.tag, len(LIKELIHOOD))
