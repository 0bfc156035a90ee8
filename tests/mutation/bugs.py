"""The bugs: one small change each, of the kind that a hand slips into formulas, layers, fields and expansion."""

from __future__ import annotations

from typing import NamedTuple


class Bug(NamedTuple):
    """What is changed: in this file of the package, this text (its first occurrence) becomes that."""

    file: str
    before: str
    after: str


FORMULAS = [
    Bug("formulas.py", "return dilation * (kernel - 1) + 1", "return dilation * kernel"),
    Bug("formulas.py", "effective_kernel(kernel, dilation)) // stride + 1", "effective_kernel(kernel, dilation)) // stride"),
    Bug("formulas.py", "return (size + padding - effective_kernel(kernel, dilation)) // stride + 1",
        "return -(-(size + padding - effective_kernel(kernel, dilation)) // stride) + 1"),
    Bug("formulas.py", "% stride", "% (stride + 1)"),
    Bug("formulas.py", "return -(-size // stride)", "return size // stride"),
    Bug("formulas.py", "return total // 2, total - total // 2", "return total - total // 2, total // 2"),
    Bug("formulas.py", "(size - 1) * stride - padding", "size * stride - padding"),
    Bug("formulas.py", "+ output_padding\n", "\n"),
    Bug("formulas.py", "prod(kernel) * (in_channels // groups) * out_channels", "prod(kernel) * in_channels * out_channels"),
    Bug("formulas.py", "return floor(size * factor)", "return round(size * factor)"),
]  # fmt: skip

LAYERS = [
    Bug("layers/convolution.py", "learned(weights, self.out_channels if self.bias else 0)", "learned(weights, self.out_channels)"),
    Bug("layers/convolution.py", 'arriving[0] if self.groups == "depthwise"', '1 if self.groups == "depthwise"'),
    Bug("layers/convolution.py", "formulas.conv_macs(prod(arriving[1:])", "formulas.conv_macs(prod(out[1:])"),
    Bug("layers/convolution.py", "return prod(out[1:]) * sum(self._weights(arriving))", "return prod(arriving[1:]) * sum(self._weights(arriving))"),
    Bug("layers/linear.py", "self.out_features if self.bias", "arriving[0] if self.bias"),
    Bug("layers/pooling.py", "(arriving[0], *(1,) * len(sizes)) if self.keepdims else", "(arriving[0], *(1,) * len(sizes)) if not self.keepdims else"),
    Bug("layers/pooling.py", "kept or size for kept", "kept or 1 for kept"),
    Bug("layers/normalization.py", "learned(arriving[0] * gamma, arriving[0] * beta, buffers)", "learned(arriving[0] * gamma + buffers, arriving[0] * beta)"),
    Bug("layers/normalization.py", '"spatial": prod(arriving[1:])', '"spatial": prod(arriving)'),
    Bug("layers/recurrent.py", "{True: 2, ", "{True: 1, "),
    Bug("layers/recurrent.py", "return 2 if self.bidirectional else 1", "return 1"),
    Bug("layers/attention.py", "positions**2 * self.num_heads * sum(self.widths(arriving))", "positions * self.num_heads * sum(self.widths(arriving))"),
    Bug("layers/attention.py", "2 * prod(self._window(arriving)) * arriving[0]", "prod(self._window(arriving)) * arriving[0]"),
    Bug("layers/token.py", 'sequence(arriving, "a class token") + 1', 'sequence(arriving, "a class token")'),
    Bug("layers/merge.py", "sum(shape[0] for shape in arriving)", "max(shape[0] for shape in arriving)"),
    Bug("layers/rearrange.py", "(total // 2, total - total // 2) for total in spare", "(total - total // 2, total // 2) for total in spare"),
]  # fmt: skip

FIELDS = [
    Bug("windows.py", "range(-before, -before + dilation", "range(before, before + dilation"),
    Bug("windows.py", "Window(1, tuple(_transposed_taps(kernel, stride, o + before", "Window(1, tuple(_transposed_taps(kernel, stride, o - before"),
    Bug("windows.py", "range(low, low + 1) if source == low else", "range(low, low + 2) if source == low else"),
    Bug("windows.py", "-(-(i + 1) * size // bins)", "((i + 1) * size // bins)"),
    Bug("windows.py", "range(low - reach, low + 2 + reach)", "range(low, low + 2)"),
    Bug("windows.py", '"replicate": lambda place, size: min(max(place, 0), size - 1)', '"replicate": lambda place, size: place % size'),
    Bug("receptive_field.py", "low + taps[0] * self.advance", "low + taps[0]"),
    Bug("receptive_field.py", "window.advance * self.advance, (reached,)", "window.advance, (reached,)"),
    Bug("receptive_field.py", "for t in taps[-period:]", "for t in taps[:period]"),
    Bug("receptive_field.py", "max(p[1] for p in parts)", "min(p[1] for p in parts)"),
    Bug("receptive_field.py", "if len({field.stride for field in fields}) > 1:", "if False:"),
    Bug("receptive_field.py", "after[0] < before[0] or after[1] < before[1]", "after[0] < before[0]"),
    Bug("sight.py", "whole is not None, seen[0].input_size", "False, seen[0].input_size"),
    Bug("sight.py", "AxisField(0, (axis.interval(0),)) if n < m", "AxisField(1, (axis.interval(0),)) if n < m"),
    Bug("layers/attention.py", "(first,) * self.shift + (then,)", "(then,) * self.shift + (then,)"),
    Bug("reach/region.py", "min(high, link.size - 1)", "high"),
    Bug("reach/links.py", "_SAME if n == m else _REPEATED", "_SAME"),
]  # fmt: skip

EXPANSION = [
    Bug("walk.py", '"i": turn', '"i": turn + 1'),
    Bug("names.py", 'f"{own}.{turn}"', 'f"{own}.{turn + 1}"'),
    Bug("walk.py", "is_frozen=place.is_frozen or item.keys.frozen,", "is_frozen=item.keys.frozen,"),
    Bug("walk.py", "ends = [flow for flow in self._ends if flow.name not in read]", "ends = list(self._ends)"),
    Bug("walk.py", "None if None in numbers else sum(", "sum("),
    Bug("scope.py", "{**values, **given}", "{**given, **values}"),
    Bug("scope.py", '"in_channels": arriving[0]', '"in_channels": arriving[-1]'),
    Bug("steps.py", "trainable=0 if weights.is_frozen and params.total is not None else params.total", "trainable=params.total"),
    Bug("steps.py", "return NOTHING_LEARNED, (f", "return params, (f"),
    Bug("expressions.py", "a % b == 0 else a / b", "True else a / b"),
    Bug("expressions.py", "node.body if _value(node.test, scope) else node.orelse", "node.orelse if _value(node.test, scope) else node.body"),
    Bug("folding.py", "parts[:depth]", "parts[: depth + 1]"),
]  # fmt: skip

BUGS = [*FORMULAS, *LAYERS, *FIELDS, *EXPANSION]
