"""Slips in a whole answer: one quantity taken for another, a part of the network left out, or another network."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from shapecalc.layers.merge import Merge
from shapecalc.misconceptions.answer import Asked, Extent, Guess, Value, own
from shapecalc.misconceptions.counts import NORMS, POOLS
from shapecalc.result import Step
from shapecalc.verdict import SUMS

Pairs = Iterator[tuple[str, int, str]]


def wholes(asked: Asked) -> Iterator[Guess]:
    """The answers to which slips in the whole lead."""
    yield from _of_another_layer(asked)
    if asked.quantity == "output":
        yield from _shapes(asked)
        return
    numbers = {name: value for name, value in asked.subject.numbers.items() if isinstance(value, int)}
    right = numbers.get(asked.quantity)
    if right is None:
        return
    for tag, value, why in _confused(asked, numbers, right):
        yield Guess(tag, value, why)
    if asked.quantity in SUMS and not asked.is_one:
        yield from _parts(asked, right)


def _confused(asked: Asked, numbers: dict[str, int], right: int) -> Pairs:
    for own_quantity, tag, other, why in _OTHERS:
        if own_quantity == asked.quantity and other in numbers:
            yield tag, numbers[other], why
    is_biased = any(step.biases for step in asked.steps if step.type not in NORMS)
    if asked.quantity == "params" and is_biased and "weights" in numbers:
        offsets = any(step.biases for step in asked.steps if step.type in NORMS)
        why = "the biases are forgotten" + (", and the offsets of normalisations" if offsets else "")
        yield "forgot_bias", numbers["weights"], why
    bytes_why = "that is the memory in bytes of float32, four for each value"
    if asked.quantity == "macs":
        yield "flops_counted_two_per_mac", 2 * right, "these are FLOPs, two for each multiply-add"
    elif asked.quantity == "flops":
        yield "macs_instead_of_flops", right // 2, "these are multiply-adds; each is two FLOPs"
    elif asked.quantity in ("params", "weights", "trainable"):
        yield "params_scale_with_image", 4 * right, "parameters do not grow with the image"
        yield "counted_bytes", 4 * right, bytes_why
    elif asked.quantity == "tensor_size":
        yield "counted_bytes", 4 * right, bytes_why
        yield "used_input_volume", prod(asked.steps[0].in_shapes[0]), "that is the size of what arrives"
        yield (
            "summed_over_layers",
            sum(step.tensor_size for step in asked.steps),
            "the values of all layers are added; those that leave the last are wanted",
        )
    if asked.quantity in ("params", "weights", "trainable") and not asked.is_one:
        every = sum(step.tensor_size for step in asked.steps)
        yield "confused_activations_with_params", every, "these are the values that all layers put out"


_OTHERS = (
    (
        "params",
        "confused_activations_with_params",
        "tensor_size",
        "these are the values that leave, not the parameters",
    ),
    ("params", "confused_macs_with_params", "macs", "these are the multiply-adds, not the parameters"),
    (
        "params",
        "counted_running_mean_and_var_as_trainable",
        "with_buffers",
        "running mean and variance are stored, not learned",
    ),
    ("params", "forgot_the_frozen_parameters", "trainable", "frozen parameters count too; they are only not trained"),
    ("weights", "counted_the_biases_as_weights", "params", "the biases are counted too"),
    ("weights", "confused_biases_with_weights", "biases", "these are the biases, not the weights"),
    ("weights", "confused_activations_with_params", "tensor_size", "these are the values that leave, not the weights"),
    ("biases", "counted_the_weights_as_biases", "params", "the weights are counted too"),
    ("biases", "confused_weights_with_biases", "weights", "these are the weights, not the biases"),
    ("trainable", "counted_the_frozen_parameters", "params", "frozen parameters are counted, which are not trained"),
    (
        "tensor_size",
        "confused_params_with_activations",
        "params",
        "these are the parameters, not the values that leave",
    ),
    ("tensor_size", "confused_params_with_activations", "weights", "these are the weights, not the values that leave"),
    ("tensor_size", "confused_macs_with_activations", "macs", "these are the multiply-adds, not the values that leave"),
    ("macs", "params_instead_of_macs", "params", "parameters are counted once, multiply-adds at every position"),
    ("macs", "params_instead_of_macs", "weights", "weights are counted once, multiply-adds at every position"),
    ("macs", "confused_activations_with_macs", "tensor_size", "these are the values that leave"),
    ("flops", "params_instead_of_macs", "params", "parameters are counted once, multiply-adds at every position"),
    ("buffers", "confused_params_with_buffers", "params", "these are learned; buffers are only stored"),
)
"""Quantity, tag, the other quantity, and what is wrong."""


def _shapes(asked: Asked) -> Iterator[Guess]:
    right = asked.subject.out_shape
    channels, *sizes = right
    if len(right) == 3:
        yield Guess("swapped_height_and_width", (channels, sizes[1], sizes[0]), "height and width are swapped")
    if len(right) == 4:
        depth, height, width = sizes
        for order in ((depth, width, height), (height, width, depth), (width, height, depth), (height, depth, width)):
            yield Guess("swapped_axes", (channels, *order), "the axes are in another order: depth, height, width")
    if len(right) > 1:
        yield Guess(
            "wrote_channels_first", (sizes[-1], channels, *sizes[:-1]), "the channels stand first; H×W×C has them last"
        )
        yield Guess("flattened_the_output", (prod(right),), "the output is a map; nothing has flattened it")
        if asked.last.type not in POOLS:
            yield Guess("forgot_output_depth", (1, *sizes), "the depth is forgotten: there is a map for each filter")
        yield Guess(
            "forgot_output_depth", tuple(sizes), "the depth is forgotten: there is a map for each filter or channel"
        )
        yield Guess("took_what_arrives", asked.steps[0].in_shapes[0], "that is what arrives")
    else:
        for rank in (1, 2, 3):
            yield Guess(
                "kept_axes_of_size_one", (channels, *(1,) * rank), "what leaves is flat, without axes of size 1"
            )


def _of_another_layer(asked: Asked) -> Iterator[Guess]:
    """What another layer puts out, or sees."""
    if asked.quantity not in ("output", "tensor_size", "receptive_field", "stride"):
        return
    for step in asked.trace.layers:
        field = step.receptive_field
        strides = (field.stride if field else None) or ()
        values: dict[str, Value | None] = {
            "output": step.out_shape,
            "tensor_size": step.tensor_size,
            "receptive_field": field.size if field else None,
            "stride": tuple(map(int, strides)) if strides and all(each.denominator == 1 for each in strides) else None,
        }
        value = values[asked.quantity]
        if value is not None and step is not asked.last:
            yield Guess("took_another_layer", value, f"that is of `{step.name}`", extent=Extent.ONE_LAYER)


def _parts(asked: Asked, right: int) -> Iterator[Guess]:
    """The number of a part of the network, or without a part."""
    numbers = [own(step, asked.quantity) or 0 for step in asked.steps]
    types: dict[str, int] = {}
    for step, number in zip(asked.steps, numbers, strict=True):
        types[step.type] = types.get(step.type, 0) + number
    for kind, number in types.items():
        if number and number != right:
            why = f"the `{kind}` layers are left out" + _HINTS.get(kind, "")
            yield Guess(_LEFT_OUT.get(kind, "left_out_a_layer_type"), right - number, why)
            yield Guess(
                "counted_one_layer_type", number, f"only the `{kind}` layers are counted", extent=Extent.ONE_TYPE
            )
    norms = types.get("batchnorm", 0)
    biases = sum(
        step.out_shape[0] for step in asked.steps if getattr(step.layer, "bias", None) is False and step.params
    )
    if norms and asked.quantity == "params":
        yield Guess(
            "kept_the_conv_bias", right + biases, "biases are counted that the layers before a batch norm do not have"
        )
        yield Guess(
            "kept_conv_biases_no_bn", right - norms + biases, "biases are counted in place of the normalisations"
        )
    for step, number in zip(asked.steps, numbers, strict=True):
        if number and number != right:
            yield Guess("counted_one_layer", number, f"that is `{step.name}` alone", extent=Extent.ONE_LAYER)
            yield Guess("left_out_a_layer", right - number, f"`{step.name}` is left out", extent=Extent.ONE_LAYER)
    yield from _one_of_several(asked, numbers, right)
    yield from _without_branches(asked, numbers, right)


_LEFT_OUT = {
    "fc": "forgot_the_fc_head",
    "conv": "forgot_the_convolutions",
    "batchnorm": "thought_bn_has_no_parameters",
    "layernorm": "forgot_the_layer_norms",
    "groupnorm": "thought_norm_has_no_parameters",
    "instancenorm": "thought_norm_has_no_parameters",
    "prelu": "thought_activations_never_have_parameters",
    "embedding": "forgot_the_embedding",
    "position_embedding": "forgot_the_position_embedding",
    "attention": "forgot_the_attention",
}
_HINTS = {"batchnorm": ": batch norm learns a factor and an offset for each channel"}


def _one_of_several(asked: Asked, numbers: list[int], right: int) -> Iterator[Guess]:
    """One of several equal layers, or of equal groups of them."""
    counts: dict[tuple[str, int], int] = {}
    for step, number in zip(asked.steps, numbers, strict=True):
        if number:
            counts[step.type, number] = counts.get((step.type, number), 0) + 1
    times = set(counts.values())
    if len(times) == 1 and (several := times.pop()) > 1:
        yield Guess("counted_one_layer", right // several, f"one is counted of {several} that are alike")


def _without_branches(asked: Asked, numbers: list[int], right: int) -> Iterator[Guess]:
    """The network without what feeds only one input of a join."""
    amounts = {step.name: number for step, number in zip(asked.steps, numbers, strict=True)}
    by_name = {step.name: step for step in asked.trace.layers}
    merges = [step for step in asked.steps if isinstance(step.layer, Merge)]
    for step in merges if len(merges) <= 20 else []:
        reached = [_above(name, by_name) for name in step.inputs]
        parts = []
        for number, branch in enumerate(reached):
            others = set().union(*(each for index, each in enumerate(reached) if index != number))
            parts.append(sum(amounts.get(name, 0) for name in branch - others))
        for name, part in zip(step.inputs, parts, strict=True):
            if part:
                shortest = step.type == "add" and part == min(parts)  # which is the shortcut unless that is an identity
                tag, what = ("forgot_the_shortcut", "the shortcut") if shortest else ("forgot_a_branch", "the branch")
                yield Guess(tag, right - part, f"{what} that ends in `{name}` is forgotten")
                rest = right - sum(parts) + part
                yield Guess(
                    "took_one_branch",
                    rest,
                    f"only the branch that ends in `{name}` is counted",
                    extent=Extent.ONE_LAYER,
                )


def _above(name: str, by_name: dict[str, Step]) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        each = waiting.pop()
        if each in by_name and each not in found:
            found.add(each)
            waiting += by_name[each].inputs
    return found
