"""Wrong answers worked by hand, each with the slip that leads to it; and numbers that no slip gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import shapecalc
from shapecalc.misconceptions import advised, misconceptions
from shapecalc.misconceptions.counts_by_type import ROWS as COUNTS
from shapecalc.misconceptions.facts import put_in, tidy, value
from shapecalc.misconceptions.fields import ROWS as FIELDS
from shapecalc.misconceptions.likelihood import LIKELIHOOD
from shapecalc.misconceptions.reshaping import slips

CONV = "[conv: {filters: 12, kernel: [3, 5], padding: [1, 2]}]"
STRIDED = "[conv: {filters: 8, kernel: 4, stride: 3, padding: 1}]"
GROUPED = "[conv: {filters: 8, kernel: 3, groups: 4, padding: 1}]"
CLIP = "[conv: {filters: 10, kernel: [3, 5, 5], stride: [1, 2, 2], padding: [1, 2, 2], bias: false}]"
WAVE = "[conv: {filters: 6, kernel: 9, dilation: 4, padding: 16}]"
UP = "[conv_transpose: {filters: 6, kernel: 3, stride: 2, padding: 1, output_padding: 1}]"
POOL = "[maxpool: {kernel_size: 3, stride: 2}]"
CEIL = "[avgpool: {kernel_size: 2, stride: 2, ceil_mode: true}]"
SEPARABLE = "[separable_conv: {filters: 16, kernel: 3, padding: 1}]"
TOKENS = "[fc: {units: 40, per_position: true}]"
STEM = """[conv: {filters: 8, kernel: 7, stride: 2, padding: 3}, maxpool: {kernel_size: 3, stride: 2, padding: 1},
  conv: {filters: 8, kernel: 3}]"""
SMALL = "[conv: {filters: 4, kernel: 3}, relu, maxpool: 2, flatten, fc: 12]"
NORMED = "[conv: {filters: 16, kernel: 3, padding: 1, bias: false}, batchnorm, relu, flatten, fc: 5]"
SHORTCUT = """[{parallel: [[conv: {filters: 16, kernel: 3, stride: 2, padding: 1, bias: false}, batchnorm],
  [conv: {filters: 16, kernel: 1, stride: 2, bias: false}]], join: add}]"""
DENSE = """[{conv: {filters: 4, kernel: 3, padding: 1, bias: false}, name: a}, {concat: [input, a], name: ab},
  {conv: {filters: 4, kernel: 3, padding: 1, bias: false}, name: b}, {concat: [ab, b], name: abc},
  {conv: {filters: 4, kernel: 3, padding: 1, bias: false}, name: c}]"""
NORMED_DENSE = """[{parallel: [[], [batchnorm, conv: {filters: 4, kernel: 3, padding: 1, bias: false}]], join: concat},
  {parallel: [[], [batchnorm, conv: {filters: 4, kernel: 3, padding: 1, bias: false}]], join: concat}]"""
ASPP = """[{parallel: [[conv: {filters: 2, kernel: 3, padding: 1}],
  [conv: {filters: 2, kernel: 3, padding: 2, dilation: 2}], [conv: {filters: 2, kernel: 1}]], join: concat}]"""
GATE = """[{global_avgpool: {keepdims: true}, name: g}, {conv: {filters: 4, kernel: 1}}, relu,
  {conv: {filters: 32, kernel: 1}}, {sigmoid: , name: s}, {multiply: [input, s]}]"""
MOBILE = """[conv: {filters: 8, kernel: 3, padding: 1, groups: depthwise, bias: false}, batchnorm, relu,
  conv: {filters: 24, kernel: 1, bias: false}, batchnorm, relu]"""
PAIRS = "[conv: {filters: 12, kernel: 3, padding: 1, groups: 2}]"
HOLES = "[conv: {filters: 16, kernel: 3, padding: 2, dilation: 2}]"
TWO = "[conv: {filters: 16, kernel: 3}, conv: {filters: 32, kernel: 3}]"
DEEP = "[{conv: {filters: 2, kernel: 3, padding: 1}, repeat: 6}]"
PLAIN_NORM = "[conv: {filters: 16, kernel: 3, bias: false}, batchnorm]"
RESIDUAL = """[{parallel: {main: [conv: {filters: 16, kernel: 3, padding: 1},
  conv: {filters: 16, kernel: 3, padding: 1}],
  shortcut: []}, join: add}]"""
ASIDE = """[{conv: {filters: 2, kernel: 3, padding: 1}, name: a},
  {conv: {filters: 2, kernel: 3, padding: 2, dilation: 2}, name: b, from: input}]"""
UPSAMPLED = "[upsample: 2, conv: {filters: 8, kernel: 3}]"

WRONG: list[tuple[str, str, str, str]] = [
    # 3·5·4·12 = 720 weights, 12 biases, 20×30 positions
    ("20x30x4", CONV, "params: 720", "forgot_bias"),
    ("20x30x4", CONV, "params: 721", "one_bias_for_the_layer"),
    ("20x30x4", CONV, "params: 192", "forgot_input_depth"),  # 3·5·12 + 12
    ("20x30x4", CONV, "params: 180", "forgot_input_depth"),  # 3·5·12, and no bias
    ("20x30x4", CONV, "params: 61", "forgot_number_of_filters"),  # 3·5·4 + 1
    ("20x30x4", CONV, "params: 72", "forgot_number_of_filters"),  # 3·5·4 + 12
    ("20x30x4", CONV, "params: 724", "bias_per_input_channel"),  # 720 + 4
    ("20x30x4", CONV, "params: 156", "counted_one_side_of_the_kernel"),  # 3·4·12 + 12
    ("20x30x4", CONV, "params: 444", "assumed_a_square_kernel"),  # 3·3·4·12 + 12
    ("20x30x4", CONV, "params: 432_012", "no_weight_sharing_multiplied_by_positions"),  # 720·600 + 12
    ("20x30x4", CONV, "params: 7_200", "confused_activations_with_params"),  # 20·30·12
    ("20x30x4", CONV, "params: 2_928", "counted_bytes"),  # 4·732
    ("20x30x4", CONV, "weights: 732", "counted_the_biases_as_weights"),
    ("20x30x4", CONV, "biases: 1", "one_bias_for_the_layer"),
    ("20x30x4", CONV, "flops: 432_000", "macs_instead_of_flops"),  # 720·600
    ("20x30x4", CONV, "macs: 864_000", "flops_counted_two_per_mac"),
    ("20x30x4", CONV, "macs: 439_200", "counted_bias_adds"),  # 432,000 + 7,200
    ("20x30x4", CONV, "flops: 871_200", "counted_bias_adds"),  # 864,000 + 7,200
    ("20x30x4", CONV, "flops: 216_000", "forgot_input_depth"),  # 2·3·5·12·600
    ("20x30x4", CONV, "tensor_size: 2_400", "used_input_volume"),  # 20·30·4
    ("20x30x4", CONV, "tensor_size: 600", "forgot_output_depth"),
    ("20x30x4", CONV, "output: 30x20x12", "swapped_height_and_width"),
    ("20x30x4", CONV, "output: 12x20x30", "wrote_channels_first"),
    ("20x30x4", CONV, "output: 18x32x12", "swapped_height_and_width_of_the_kernel"),  # 20 − 5 + 2 + 1, 30 − 3 + 4 + 1
    ("20x30x4", CONV, "output: 22x28x12", "swapped_height_and_width_padding"),  # 20 − 3 + 4 + 1, 30 − 5 + 2 + 1
    ("20x30x4", CONV, "output: 18x26x12", "forgot_padding"),
    ("20x30x4", CONV, "output: 19x28x12", "added_padding_once_not_twice"),  # 20−3+1+1, 30−5+2+1
    # (40 − 4 + 2)/3 = 12.7, (31 − 4 + 2)/3 = 9.7
    ("40x31x3", STRIDED, "output: 14x11x8", "ceil_instead_of_floor"),
    ("40x31x3", STRIDED, "output: 12x9x8", "forgot_plus_one"),
    ("40x31x3", STRIDED, "output: 39x30x8", "forgot_stride"),
    ("40x31x3", STRIDED, "output: 10x7x8", "divided_by_the_kernel_size"),  # 40/4, 31/4
    ("40x31x3", STRIDED, "macs: 476_160", "used_input_positions"),  # 384 weights · 1,240
    # 3·3·2·8 = 144 weights, 8 biases
    ("10x10x8", GROUPED, "params: 584", "forgot_groups"),  # 9·8·8 + 8
    ("10x10x8", GROUPED, "params: 44", "divided_by_the_groups_twice"),  # 144/4 + 8
    ("10x10x8", GROUPED, "macs: 57_600", "forgot_groups"),  # 576·100
    # 3-D: 3·5·5·2·10 = 1,500 weights; 16×20×24 leave
    ("16x40x48x2", CLIP, "output: 16x40x48x10", "forgot_stride"),
    ("16x40x48x2", CLIP, "output: 14x18x22x10", "forgot_padding"),
    ("16x40x48x2", CLIP, "output: 20x16x24x10", "swapped_axes"),
    ("16x40x48x2", CLIP, "params: 1_510", "counted_absent_bias"),
    ("16x40x48x2", CLIP, "params: 750", "forgot_input_depth"),
    # 1-D: extent 33, padding 16, so 500 stay
    ("500x2", WAVE, "output: 524x6", "forgot_dilation"),  # 500 − 9 + 32 + 1
    ("500x2", WAVE, "output: 497x6", "took_the_dilated_kernel_too_long"),  # 500 − 36 + 32 + 1
    ("500x2", WAVE, "params: 402", "counted_the_holes_of_a_dilated_kernel"),  # 33·2·6 + 6
    # transposed: (9 − 1)·2 − 2 + 3 + 1 = 18
    ("9x9x5", UP, "output: 17x17x6", "forgot_output_padding"),
    ("9x9x5", UP, "output: 5x5x6", "used_the_ordinary_conv_formula"),  # (9 − 3 + 2)/2 + 1
    ("9x9x5", UP, "output: 20x20x6", "forgot_padding"),
    ("9x9x5", UP, "output: 22x22x6", "padding_added_instead_of_cropped"),  # 16 + 2 + 3 + 1
    ("9x9x5", UP, "macs: 87_480", "counted_output_positions_not_input_positions"),  # 270·324
    # pooling: (15 − 3)/2 + 1 = 7
    ("15x15x20", POOL, "output: 7x7x1", "pooled_over_depth"),
    ("15x15x20", POOL, "output: 5x5x20", "divided_by_the_kernel_size"),
    ("15x15x20", POOL, "output: 7x7x10", "halved_the_depth_too"),
    ("15x15x20", POOL, "params: 180", "gave_the_pool_weights"),  # 9·20
    ("15x15x20", POOL, "macs: 8_820", "counted_macs_of_a_pooling"),  # 9·7·7·20
    ("15x15x20", CEIL, "output: 7x7x20", "floor_instead_of_ceil"),
    ("12x12x9", "[global_avgpool]", "output: 1x1x9", "kept_axes_of_size_one"),
    ("12x12x9", "[global_avgpool]", "output: 1296", "flattened_instead_of_pooling"),
    ("12x12x9", "[adaptive_maxpool: [3, 4]]", "output: 1x1x9", "took_it_for_global_pooling"),
    # separable: 9·8 + 8·16 = 200 weights, 16 biases
    ("14x14x8", SEPARABLE, "params: 1_168", "counted_a_full_convolution"),  # 9·8·16 + 16
    ("14x14x8", SEPARABLE, "params: 144", "forgot_the_depthwise_part"),  # 128 + 16
    ("14x14x8", SEPARABLE, "params: 88", "forgot_the_pointwise_part"),  # 72 + 16
    ("14x14x8", SEPARABLE, "params: 224", "counted_a_bias_for_both_parts"),
    # fc
    ("300", "[fc: 70]", "params: 370", "added_instead_of_multiplied"),
    ("300", "[fc: 70]", "params: 21_300", "bias_per_input"),
    ("300", "[fc: {units: 70, bias: false}]", "params: 21_070", "counted_absent_bias"),
    ("50x20", TOKENS, "params: 40_040", "flattened_the_tokens"),  # 20·40·50 + 40
    ("50x20", TOKENS, "macs: 800", "forgot_the_token_count"),
    # normalisations and activations, 24 channels at 6×6
    ("6x6x24", "[batchnorm]", "params: 24", "forgot_beta"),
    ("6x6x24", "[batchnorm]", "params: 96", "counted_running_mean_and_var_as_trainable"),
    ("6x6x24", "[batchnorm]", "params: 0", "thought_bn_has_no_parameters"),
    ("6x6x24", "[batchnorm]", "params: 1_728", "one_pair_per_activation"),
    ("6x6x24", "[batchnorm]", "buffers: 24", "forgot_the_running_variance"),
    ("6x6x24", "[batchnorm]", "buffers: 49", "counted_the_step_counter"),
    ("6x6x24", "[groupnorm: 8]", "params: 16", "one_pair_per_group"),
    ("6x6x24", "[instancenorm]", "params: 48", "assumed_affine_by_default"),
    ("36x24", "[layernorm]", "params: 72", "one_pair_per_channel"),
    ("6x6x24", "[prelu]", "params: 24", "one_slope_per_channel"),
    # sequences
    ("7", "[embedding: {num_embeddings: 500, embedding_dim: 16}]", "params: 8_016", "added_a_bias"),
    ("7x16", "[gru: 10]", "params: 280", "forgot_the_three_gates"),  # (16 + 10 + 2)·10
    ("7x16", "[gru: 10]", "params: 810", "one_bias_vector"),  # 3·10·(26 + 1)
    ("7x16", "[lstm: {hidden_size: 10, bidirectional: true}]", "params: 1_120", "forgot_the_second_direction"),
    ("7x16", "[rnn: 10]", "params: 120", "forgot_the_input_weights"),  # 100 + 20
    ("9x32", "[attention: 4]", "params: 16_896", "multiplied_by_heads"),  # 4·(4·32² + 4·32)
    ("9x32", "[attention: 4]", "macs: 36_864", "forgot_the_matrix_products"),  # 4,096·9
    # receptive field: 7, then 7 + 2·2 = 11, then 11 + 2·4 = 19; strides 2, 4, 4; start −3, −5, −5
    ("64x64x3", STEM, "receptive_field: 11", "ignored_strides"),  # 1 + 6 + 2 + 2
    ("64x64x3", STEM, "receptive_field: 13", "summed_kernel_sizes"),
    ("64x64x3", STEM, "receptive_field: 63", "multiplied_kernel_sizes"),
    ("64x64x3", STEM, "receptive_field: 3", "last_kernel_only"),
    ("64x64x3", STEM, "receptive_field: 29", "own_stride_applied_to_own_kernel"),  # 1 + 6·2 + 2·4 + 2·4
    ("64x64x3", STEM, "receptive_field: 15", "pool_window_ignored"),  # 7 + 2·4
    ("64x64x3", STEM, "stride: 2", "pool_stride_ignored"),
    ("64x64x3", STEM, "stride: 1", "last_stride_instead_of_the_product"),
    ("64x64x3", STEM, "start: 0", "forgot_padding"),
    ("64x64x3", STEM, "start: 5", "forgot_the_sign"),
    ("64x64x3", STEM, "start: -4", "added_the_paddings"),
    # networks: 3·3·3·4 + 4 = 112, and 6·6·4·12 + 12 = 1,740
    ("14x14x3", SMALL, "params: 1_836", "forgot_bias"),
    ("14x14x3", SMALL, "params: 1_848", "forgot_bias"),  # of the convolution alone
    ("14x14x3", SMALL, "params: 112", "forgot_the_fc_head"),
    ("14x14x3", SMALL, "params: 172", "forgot_spatial_extent_when_flattening"),  # 112 + 4·12 + 12
    ("14x14x3", SMALL, "params: 7_036", "forgot_the_pooling"),  # 112 + 12·12·4·12 + 12
    ("14x14x3", SMALL, "params: 2_476", "forgot_that_unpadded_convs_shrink"),  # 112 + 7·7·4·12 + 12
    ("14x14x3", SMALL, "params: 1_780", "forgot_input_depth"),  # 9·4 + 4 + 1,740
    ("14x14x3", SMALL, "params: 1_740", "forgot_the_convolutions"),
    ("64x64x3", STEM, "params: 1_184", "counted_one_layer"),  # 7·7·3·8 + 8, without the 584 of the other
    ("8x8x2", NORMED, "params: 5_413", "thought_bn_has_no_parameters"),  # 288 + 5,125
    ("8x8x2", NORMED, "params: 5_477", "counted_running_mean_and_var_as_trainable"),  # 5,445 + 32
    ("8x8x2", NORMED, "params: 5_461", "kept_the_conv_bias"),  # 5,445 + 16
    ("8x8x2", NORMED, "params: 5_429", "kept_conv_biases_no_bn"),  # 288 + 16 + 5,125
    ("8x8x2", SHORTCUT, "params: 320", "forgot_the_shortcut"),  # 288 + 32; the shortcut has 32
    ("8x8x2", SHORTCUT, "output: 4x4x32", "concatenated_instead_of_added"),
    ("8x8x6", DENSE, "params: 648", "forgot_the_growing_input"),  # 3·9·6·4
    ("8x8x32", GATE, "macs: 16_384", "ran_the_gate_at_every_position"),  # 2·128·64
    ("8x8x8", MOBILE, "params: 1_776", "counted_a_full_convolution"),  # 9·8·24 + 48
    ("8x8x8", UPSAMPLED, "output: 12x12x8", "convolved_before_upsampling"),  # 2·(8 − 2)
    ("8x8x8", UPSAMPLED, "output: 6x6x8", "forgot_the_upsampling"),
    ("8x8x8", UPSAMPLED, "macs: 20_736", "convolved_before_upsampling"),  # 576·36
    ("64x64x3", STEM, "output: 16x16x8", "assumed_same_padding"),
    ("64x64x3", STEM, "output: 32x32x8", "took_another_layer"),  # that of the first
    ("32x32x4", ASPP, "receptive_field: 9", "added_the_branches"),  # 3 + 5 + 1
    ("32x32x4", ASPP, "receptive_field: 3", "took_one_branch"),
    ("12x12x9", "[global_avgpool]", "output: 12x12x9", "forgot_the_pooling"),
    ("8x8x6", NORMED_DENSE, "params: 464", "forgot_the_growing_input"),  # 2·9·6·4 + 12 + 20
    ("9x9x3", "[crop: 1, concat: [crop1, crop1]]", "output: 7x7x3", "added_instead_of_concatenated"),
    # depths: each of 12 filters makes one map, in 2 groups as well
    ("20x30x4", CONV, "output: 20x30x48", "multiplied_filters_by_the_input_depth"),  # 12·4
    ("32x32x8", PAIRS, "output: 32x32x24", "counted_groups_in_the_depth"),  # 12·2
    ("32x32x8", PAIRS, "output: 32x32x6", "counted_groups_in_the_depth"),  # 12/2
    # sizes: 32 − 3 + 1 = 30; (30 − 3 + 2)/2 + 1 = 15, (50 − 5 + 2)/2 + 1 = 24
    ("32x32x3", "[conv: {filters: 16, kernel: 3}]", "output: 28x28x16", "subtracted_the_one"),  # 32 − 3 − 1
    ("32x32x3", "[conv: {filters: 16, kernel: 3}]", "output: 28x28x16", "lost_the_kernel_on_each_side"),  # 32 − 2·2
    ("30x50x4", "[conv: {filters: 8, kernel: [3, 5], stride: 2, padding: 1}]", "output: 30x50x8", "forgot_stride"),
    # parameters
    ("20x30x4", CONV, "params: 768", "bias_per_filter_and_input_channel"),  # 720 + 4·12
    ("20x30x4", CONV, "biases: 48", "bias_per_filter_and_input_channel"),
    ("20x30x4", CONV, "biases: 720", "confused_weights_with_biases"),
    ("20x30x4", CONV, "weights: 12", "confused_biases_with_weights"),
    ("20x30x4", CONV, "params: 432_000", "confused_macs_with_params"),  # 720·600
    ("15x15x20", POOL, "params: 10", "gave_the_pool_weights"),  # 3·3 + 1
    ("8x8x3", "[maxpool: 2]", "params: 5", "gave_the_pool_weights"),  # 2·2 + 1
    ("32x32x3", TWO, "params: 1_344", "took_the_depth_of_the_image"),  # 9·3·16 + 16 + 9·3·32 + 32
    ("32x32x3", TWO, "macs: 1_066_176", "took_the_depth_of_the_image"),  # 432·30·30 + 864·28·28
    ("7x7x512", "[flatten, fc: 1000]", "params: 512_000", "forgot_spatial_extent_when_flattening"),  # 512·1,000
    ("7x7x512", "[global_avgpool, fc: 1000]", "params: 25_088_000", "flattened_instead_of_pooling"),  # 25,088·1,000
    # receptive fields: 3 and 5; 3 + 1 + 2·2 = 8
    ("32x32x3", TWO, "receptive_field: 25", "gave_the_area"),  # 5·5
    ("32x32x3", "[conv: {filters: 16, kernel: 3}]", "receptive_field: 9", "gave_the_area"),  # 3·3
    ("9x9x9x3", "[conv: {filters: 4, kernel: 3}]", "receptive_field: 27", "gave_the_area"),
    ("32x32x3", TWO, "receptive_field: 4", "forgot_the_first_pixel"),  # 2 + 2
]  # fmt: skip

FIRST: list[tuple[str, str, str, list[str]]] = [
    # one kernel: nothing is added or multiplied, and no stride is before it
    ("32x32x3", HOLES, "receptive_field: 3", ["ignored_dilation"]),  # 1 + 2, not 1 + 2·2
    ("32x32x3", "[conv: {filters: 16, kernel: 5, padding: 2}]", "stride: 0", []),
    ("32x32x3", "[conv: {filters: 16, kernel: 5, padding: 2}]", "receptive_field: 6", ["forgot_minus_one"]),  # 1 + 5
    ("32x32x4", ASIDE, "receptive_field: 3", ["ignored_dilation"]),  # of the second branch, which reads no other
    # 3·3·4·12 = 432 weights at 32·32 positions; the groups divided twice give as much
    ("32x32x8", PAIRS, "flops: 442_368", ["macs_instead_of_flops"]),
    # 32 − 5 + 1 = 28; half the input is in no question of one convolution
    ("32x32x8", "[conv: {filters: 16, kernel: 3, padding: 1, dilation: 2}]", "output: 28x28x16", ["forgot_padding"]),
    # 2 + 1 + 4, or 3 + 4 without the pooling's window
    ("32x32x3", "[conv: {filters: 9, kernel: 3}, maxpool: 2, conv: {filters: 9, kernel: 3}]", "receptive_field: 7",
     ["forgot_the_first_pixel", "pool_window_ignored"]),
    # an identity is the shortcut; what has parameters is the branch beside it
    ("8x8x16", RESIDUAL, "params: 0", ["forgot_a_branch"]),
    # no bias but the offsets: 432 + 32 = 464
    ("32x32x3", PLAIN_NORM, "params: 448", ["kept_conv_biases_no_bn", "forgot_beta"]),  # 432 + 16, either way
    ("32x32x3", PLAIN_NORM, "params: 480", ["kept_the_conv_bias"]),  # 464 + 16, told once
    ("32x32x64", "[batchnorm]", "params: 64", ["forgot_beta"]),
]  # fmt: skip

SAID: list[tuple[str, str, str, str]] = [
    ("20x30x4", CONV, "output: 20x30x48", "48 = 12·4, a filter adds up"),
    ("30x50x4", "[conv: {filters: 8, kernel: [3, 5], stride: 2, padding: 1}]", "output: 30x50x8",
     "50 = 50 / 1, the stride is forgotten, and the padding is taken to keep the size"),
    ("13x13x3", POOL, "output: 7x7x3", "7 = ⌊13 / 2⌋ + 1, the kernel's size is not subtracted"),
    ("32x32x3", "[conv: {filters: 16, kernel: 5, padding: 2}]", "tensor_size: 12_544",
     "12,544 = 28·28·16, 28 = ⌊(32 − 5) / 1⌋ + 1, the padding is forgotten"),
    ("32x32x3", "[conv: {filters: 16, kernel: 5, padding: 2}, relu, maxpool: 2]", "output: 14x14x16",
     "28 = ⌊(32 − 5) / 1⌋ + 1 in `conv1`, the padding is forgotten"),
    ("14x14x3", SMALL, "params: 1_836", "1,836 = 3·3·3·4 + 144·12, the bias of each"),
    ("14x14x3", SMALL, "params: 172", "172 = 112 + 4·12 + 12, only the channels are flattened"),
    ("32x32x3", TWO, "params: 1_344", "1,344 = 448 + 3·3·3·32 + 32, a filter is as deep"),
    ("32x32x3", TWO, "flops: 710_784", "710,784 = 2·(3·3·16·30·30) + 2·(3·3·32·28·28), the input depth"),
    ("8x8x2", DEEP, "params: 216", "216 = 228 − 12, the bias of each filter"),  # 6·38 = 228, with 6·2 biases
    ("64x64x3", STEM, "receptive_field: 11", "11 = 1 + 6 + 2 + 2, the strides are ignored"),
    ("64x64x3", STEM, "receptive_field: 63", "63 = 7·3·3, the kernel sizes are multiplied"),
    ("64x64x3", STEM, "start: -4", "−4 = −3 − 1, the paddings are added"),
    ("32x32x3", TWO, "receptive_field: 25", "that is the area, 5·5 pixels"),
]  # fmt: skip


def traced(shape: str, layers: str, expect: str) -> shapecalc.Trace:
    return shapecalc.trace(shapecalc.load(f"input: {shape}\nlayers: {layers}\nexpect: {{{expect}}}\n"))


def tags(trace: shapecalc.Trace) -> list[str]:
    ((_, found),) = misconceptions(trace)
    return [each.tag for each in found]


@pytest.mark.parametrize(("shape", "layers", "expect", "tag"), WRONG, ids=[f"{w[3]}-{w[2]}" for w in WRONG])
def test_a_wrong_answer_is_recognised(shape: str, layers: str, expect: str, tag: str) -> None:
    assert tag in tags(traced(shape, layers, expect))


@pytest.mark.parametrize(("shape", "layers", "expect", "found"), FIRST, ids=[f"{f[2]}-{f[3]}" for f in FIRST])
def test_these_slips_are_told_and_no_others(shape: str, layers: str, expect: str, found: list[str]) -> None:
    assert tags(traced(shape, layers, expect)) == found


@pytest.mark.parametrize(("shape", "layers", "expect", "said"), SAID, ids=[each[3] for each in SAID])
def test_a_slip_is_told_with_its_arithmetic(shape: str, layers: str, expect: str, said: str) -> None:
    (diagnostic,) = advised(traced(shape, layers, expect))
    assert said in diagnostic.message


@pytest.mark.parametrize(
    "expect",
    ["params: 719", "params: 722", "params: 7_201", "macs: 864_001", "output: 18x26x11", "tensor_size: 601"],
)
def test_a_number_beside_that_of_a_slip_is_none(expect: str) -> None:
    assert tags(traced("20x30x4", CONV, expect)) == []


def test_a_rounded_answer_matches_what_rounds_to_it() -> None:
    assert tags(traced("20x30x4", CONV, "macs: ~864k")) == ["flops_counted_two_per_mac"]
    assert tags(traced("20x30x4", CONV, "macs: ~863k")) == []


def test_a_bound_is_no_answer() -> None:
    assert tags(traced("20x30x4", CONV, "params: <= 720")) == []


def test_a_wrong_size_that_no_tensor_has_can_be_an_answer() -> None:
    layers = "[conv: {filters: 9, kernel: 5}]"
    assert tags(traced("5x5x2", layers, "output: 0x0x9")) == ["forgot_plus_one"]
    assert "used_the_ordinary_conv_formula" in tags(
        traced("1x1x4", "[conv_transpose: {filters: 3, kernel: 4}]", "output: [3, -2, -2]")
    )


def test_the_likelier_slip_comes_first_and_two_at_most() -> None:
    same = "[conv: {filters: 16, kernel: 3, padding: 1}]"  # padding added once, and + 1 forgotten: 15 of 16 both
    assert tags(traced("16x16x16", same, "output: 15x15x16")) == ["added_padding_once_not_twice", "forgot_plus_one"]
    for shape, layers, expect, _ in WRONG:
        assert len(tags(traced(shape, layers, expect))) <= 2


def test_a_slip_in_the_layer_that_is_asked_goes_before_one_in_all() -> None:
    text = """
input: 9x9x1
layers:
  - conv: {filters: 2, kernel: 3, padding: 1}
  - conv: {filters: 2, kernel: 3, padding: 1}
    expect: {output: 7x7x2}
"""
    (diagnostic,) = advised(shapecalc.trace(shapecalc.load(text)))
    assert diagnostic.message == (
        "the output of `conv2` is 9×9×2, not 7×7×2: 7 = ⌊(9 − 3) / 1⌋ + 1, the padding is forgotten [forgot_padding]"
    )
    assert "(in" not in diagnostic.message


def test_the_message_has_the_slip_and_the_help_the_working() -> None:
    (diagnostic,) = advised(traced("32x32x3", "[conv: {filters: 16, kernel: 5, padding: 2}]", "params: 1201"))
    assert diagnostic.message == (
        "the params of the network are 1,216, not 1,201: "
        "1,201 = 5·5·3·16 + 1, each filter has its own bias, not one for the layer [one_bias_for_the_layer]"
    )
    assert diagnostic.help == (
        "weights = F²·D₁·K = 5²·3·16 = 1,200; biases = K = 16; params = weights + biases = 1,200 + 16 = 1,216"
    )
    assert (diagnostic.line, diagnostic.column) == (3, 18)


def test_without_a_slip_there_is_still_the_working() -> None:
    (diagnostic,) = advised(traced("64x64x3", STEM, "receptive_field: 20"))
    assert diagnostic.message == "the receptive field of the network is 19, not 20"
    assert diagnostic.help == (
        "conv1: r = r_in + (F − 1)·j_in = 1 + (7 − 1)·1 = 7; j = j_in·S = 1·2 = 2\n"
        "maxpool1: r = r_in + (F − 1)·j_in = 7 + (3 − 1)·2 = 11; j = j_in·S = 2·2 = 4\n"
        "conv2: r = r_in + (F − 1)·j_in = 11 + (3 − 1)·4 = 19"
    )


def test_parameters_of_which_only_the_sum_is_declared_have_no_slip_of_weights() -> None:
    layers = "[conv: {filters: 2, kernel: 1}, custom: {out_shape: 8x8x2, params: 5}]"
    (diagnostic,) = advised(traced("8x8x3", layers, "params: 12"))
    assert diagnostic.message.startswith("the params of the network are 13, not 12")  # 3·2 + 2 and 5


def help_of(shape: str, layers: str, expect: str) -> list[str]:
    (diagnostic,) = advised(traced(shape, layers, expect))
    assert diagnostic.help
    return diagnostic.help.split("\n")


def test_the_help_has_a_line_for_each_layer_that_changes_something() -> None:
    halved = "[conv: {filters: 8, kernel: 3}, relu, maxpool: 2]"
    lines = [
        "conv1: W₂ = H₂ = ⌊(W₁ − F + 2·P) / S⌋ + 1 = ⌊(64 − 3 + 2·0) / 1⌋ + 1 = 62; D₂ = K = 8",
        "maxpool1: W₂ = H₂ = ⌊(W₁ − F + 2·P) / S⌋ + 1 = ⌊(62 − 2 + 2·0) / 2⌋ + 1 = 31",
    ]
    assert help_of("64x64x3", halved, "output: 9x9x9") == lines
    assert help_of("64x64x3", halved, "tensor_size: 7") == [*lines, "tensor size = H₂·W₂·D₂ = 31·31·8 = 7,688 values"]
    assert help_of("64x64x3", STEM, "stride: 8") == ["conv1: j = j_in·S = 1·2 = 2", "maxpool1: j = j_in·S = 2·2 = 4"]
    assert help_of("64x64x3", STEM, "start: -7")[1] == (
        "maxpool1: j = j_in·S = 2·2 = 4; start = start_in − P·j_in = −3 − 1·2 = −5"
    )
    wide = "[conv: {filters: 2, kernel: [3, 5]}, conv: {filters: 2, kernel: 3}]"
    assert help_of("20x30x1", wide, "receptive_field: 99")[1] == (
        "conv2: height: r = r_in + (F − 1)·j_in = 3 + (3 − 1)·1 = 5; width: r = r_in + (F − 1)·j_in = 5 + (3 − 1)·1 = 7"
    )
    assert help_of("8x8x4", "[relu, relu]", "output: 4x4x4") == ["input 8×8×4, which nothing changes"]


def test_a_negative_start_has_one_sign() -> None:
    (diagnostic,) = advised(traced("32x32x3", "[conv: {filters: 16, kernel: 5, padding: 2}]", "start: 2"))
    assert diagnostic.message.startswith("the start of the network is −2, not 2: the padding lies before")
    assert diagnostic.help == "start = start_in − P·j_in = 0 − 2·1 = −2"


def test_the_help_of_a_deep_network_leaves_the_middle_out() -> None:
    lines = help_of("40x40x1", "[{conv: {filters: 1, kernel: 3}, repeat: 12}]", "receptive_field: 99")
    assert [line.split(":")[0] for line in lines] == [*(f"conv{n}" for n in (1, 2, 3)), "…",
                                                      *(f"conv{n}" for n in (9, 10, 11, 12))]  # fmt: skip
    assert lines[-1] == "conv12: r = r_in + (F − 1)·j_in = 23 + (3 − 1)·1 = 25"


def test_where_the_shape_is_kept_the_help_has_the_windows() -> None:
    kept = "[conv: {filters: 4, kernel: 3, padding: 1}, relu, conv: {filters: 4, kernel: 3, padding: 1}]"
    formula = "W₂ = H₂ = ⌊(W₁ − F + 2·P) / S⌋ + 1 = ⌊(8 − 3 + 2·1) / 1⌋ + 1 = 8"
    assert help_of("8x8x4", kept, "output: 4x4x4") == [f"conv1: {formula}", f"conv2: {formula}"]


def test_every_diagnostic_is_there_once_and_in_order() -> None:
    text = """
input: 8x8x2
layers:
  - conv: {filters: 4, kernel: 3}
    expect: {params: 72, output: 6x6x2}
  - relu
  - fc: {units: 3, per_position: true}
    repeat: =0
    expect: {params: 3}
expect: {macs: 5184, params: 1}
"""
    trace = shapecalc.trace(shapecalc.load(text))
    found = advised(trace)
    assert [(d.line, d.column, d.code) for d in found] == [(d.line, d.column, d.code) for d in trace.diagnostics]
    marks = [mark for d in found for mark in d.message.split("[")[1:]]
    assert marks == ["output_depth_equals_input_depth]", "forgot_bias]", "flops_counted_two_per_mac]"]


def test_nothing_fails_nothing_is_said() -> None:
    trace = traced("20x30x4", CONV, "params: 732")
    assert (advised(trace), misconceptions(trace)) == ((), [])


def test_a_large_network_gets_no_slips_but_its_working() -> None:
    trace = traced("8x8x2", "[{conv: {filters: 2, kernel: 1}, repeat: 2000}]", "params: 8000")
    (diagnostic,) = advised(trace)
    assert diagnostic.message == "the params of the network are 12,000, not 8,000"
    assert diagnostic.help


def test_the_work_for_one_network_is_bounded() -> None:
    wrong = "{conv: {filters: 2, kernel: 1, bias: false}, expect: {params: 6}}"
    trace = shapecalc.trace(shapecalc.load(f"input: 8x8x2\nlayers: [{', '.join([wrong] * 120)}]\n"))
    messages = [each.message for each in advised(trace)]
    assert sum("[counted_absent_bias]" in message for message in messages) == 6  # 100,000 / (2,000 + 120²)
    assert len(messages) == 120


@pytest.mark.parametrize("name", ["resnet:resnet50", "googlenet:noaux", "unet", "vit:b_16", "mobilenet_v2", "yolov8:n"])
def test_slips_can_be_looked_for_in_every_kind_of_network(name: str) -> None:
    spec = shapecalc.load(name)
    assert spec.expect is not None
    wrong = {"params": 7, "macs": 7, "receptive_field": 7, "stride": 7, "output": [7], "tensor_size": 7, "flops": 7}
    expect = type(spec.expect).model_validate(wrong)
    trace = shapecalc.trace(spec._replace(expect=expect))
    assert len([d for d in advised(trace) if d.code == "expectation-failed"]) >= len(wrong)


def test_the_order_names_slips_that_there_are() -> None:
    package = Path(shapecalc.__file__).parent / "misconceptions"
    sources = [path for path in package.glob("*.py") if path.name != "likelihood.py"]
    text = "".join(path.read_text(encoding="utf-8") for path in sources)
    known = {tag for tag in LIKELIHOOD if f'"{tag}"' in text or tag.startswith("single_")}
    assert set(LIKELIHOOD) - known == set()


def test_a_tag_is_a_name_and_a_sentence_has_no_stop() -> None:
    rows: list[Any] = [*COUNTS, *FIELDS, *slips()]
    for row in rows:
        assert row.tag.replace("_", "a").isalnum()
        assert row.why
        assert not row.why.endswith(".")
        assert row.why[0].islower() or row.why.startswith(("`", "PyTorch"))


@pytest.mark.parametrize(
    ("sum_of_products", "number"), [("5·5·3·16 + 16", 1216), ("100/4", 25), ("9·8 - 2", 70), ("7/2", None), ("0", 0)]
)
def test_sums_of_products(sum_of_products: str, number: int | None) -> None:
    assert value(sum_of_products) == number


def test_a_row_does_not_apply_where_a_fact_is_lacking() -> None:
    assert put_in("{weights} + {has_bias}", {"weights": "9"}) is None
    assert tidy("1·3·3·1·64 + 1") == "3·3·64 + 1"


def test_the_wrong_answers_are_many() -> None:
    assert len(WRONG) >= 110
    assert len({tag for *_, tag in WRONG}) >= 70


def test_wrong_answers_are_json_for_programs() -> None:
    assert json.dumps(
        [each._asdict() for _, found in misconceptions(traced("4x4x1", POOL, "params: 9")) for each in found]
    )
