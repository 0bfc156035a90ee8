"""The formulas of the field, in exact integers, one axis or one layer at a time.

Nothing here knows a layer type. Every docstring has the lecture form, its source and an example
that can be checked by hand. Lecture letters: n input size, k kernel size, s stride, p padding
(both sides together where it says so), d dilation, C channels, g groups.
"""

from __future__ import annotations

from math import floor, prod

from shapecalc.notation import Shape


def effective_kernel(kernel: int, dilation: int) -> int:
    """Extent of a dilated kernel, d·(k − 1) + 1, in input positions.

    Source: Dumoulin & Visin 2016, "A guide to convolution arithmetic", section 5.1.

    >>> effective_kernel(3, 2)
    5
    """
    return dilation * (kernel - 1) + 1


def conv_output_size(size: int, kernel: int, stride: int, padding: int, dilation: int = 1) -> int:
    """Output positions of a convolution or pooling, ⌊(n + p − d(k−1) − 1) / s⌋ + 1; p is both sides together.

    Below 1 the kernel does not fit. Source: PyTorch, Conv2d; CS231n writes (W − F + 2P)/S + 1.

    >>> conv_output_size(32, kernel=5, stride=1, padding=2 + 2)
    32
    >>> conv_output_size(224, kernel=7, stride=2, padding=3 + 3)
    112
    """
    return (size + padding - effective_kernel(kernel, dilation)) // stride + 1


def unread(size: int, kernel: int, stride: int, padding: int, dilation: int = 1) -> int:
    """Rows (or columns) of the padded input that no window reads: the remainder of (n + p − d(k−1) − 1) / s.

    They are the last ones, so padding after the input is left out before the input is.

    >>> unread(6, kernel=3, stride=2, padding=0)
    1
    """
    return (size + padding - effective_kernel(kernel, dilation)) % stride


def ceil_pool_output_size(size: int, kernel: int, stride: int, before: int, after: int, dilation: int = 1) -> int:
    """Output positions of a pooling with `ceil_mode`, as PyTorch counts them.

    ⌈(n + p − d(k−1) − 1) / s⌉ + 1, less a last window that would start in the padding after the input.
    Source: PyTorch, MaxPool2d ("sliding windows that would start in the right padded region are ignored").

    >>> ceil_pool_output_size(112, kernel=3, stride=2, before=0, after=0)
    56
    >>> ceil_pool_output_size(5, kernel=2, stride=3, before=1, after=1)
    2
    """
    span = size + before + after - effective_kernel(kernel, dilation)
    windows = -(-span // stride) + 1
    if (windows - 1) * stride >= size + before:
        windows -= 1
    return windows


def same_output_size(size: int, stride: int) -> int:
    """Output positions under `same` padding, ⌈n / s⌉. Source: TensorFlow, tf.nn.convolution.

    >>> same_output_size(225, 2)
    113
    """
    return -(-size // stride)


def same_padding(size: int, kernel: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """Padding (before, after) that gives ⌈n/s⌉ outputs: max((⌈n/s⌉−1)·s + d(k−1) + 1 − n, 0), the odd one after.

    Source: TensorFlow, tf.nn.convolution; equal to PyTorch's `padding="same"` at stride 1.

    >>> same_padding(224, kernel=3, stride=2)
    (0, 1)
    >>> same_padding(5, kernel=4, stride=1)
    (1, 2)
    """
    wanted = (same_output_size(size, stride) - 1) * stride + effective_kernel(kernel, dilation)
    total = max(wanted - size, 0)
    return total // 2, total - total // 2


def conv_transpose_output_size(
    size: int, kernel: int, stride: int, padding: int, output_padding: int = 0, dilation: int = 1
) -> int:
    """Output positions of a transposed convolution, (n − 1)·s − p + d(k−1) + o + 1; p is both sides together.

    Source: PyTorch, ConvTranspose2d.

    >>> conv_transpose_output_size(28, kernel=2, stride=2, padding=0)
    56
    >>> conv_transpose_output_size(14, kernel=3, stride=2, padding=1 + 1, output_padding=1)
    28
    """
    return (size - 1) * stride - padding + effective_kernel(kernel, dilation) + output_padding


def conv_weights(in_channels: int, out_channels: int, kernel: Shape, groups: int = 1) -> int:
    """Weights of a convolution, k₁·k₂·…·(C_in / g)·C_out, transposed or not. Source: PyTorch, Conv2d.

    >>> conv_weights(3, 16, (5, 5))
    1200
    """
    return prod(kernel) * (in_channels // groups) * out_channels


def conv_macs(positions: int, in_channels: int, out_channels: int, kernel: Shape, groups: int = 1) -> int:
    """Multiply-adds of a convolution: weights × the positions at which the kernel is laid on.

    Positions are the output's for a convolution, the *input's* for a transposed one, where every
    input is multiplied by the whole kernel once.

    >>> conv_macs(224 * 224, 3, 64, (3, 3))
    86704128
    """
    return positions * conv_weights(in_channels, out_channels, kernel, groups)


def resized(size: int, factor: float) -> int:
    """Positions after upsampling, ⌊n·f⌋, with the product in double precision as PyTorch takes it.

    Source: PyTorch, Upsample.

    >>> resized(19, 1.5)
    28
    """
    return floor(size * factor)
