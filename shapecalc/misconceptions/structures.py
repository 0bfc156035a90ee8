"""Slips about several layers together: one taken for two, another input, another network."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from shapecalc.derivation.frames import spans_of
from shapecalc.layers.convolution import Conv
from shapecalc.layers.merge import Merge
from shapecalc.misconceptions.answer import Asked, Extent, Guess, own
from shapecalc.misconceptions.carrying import SHAPES, WORK, Slip, guesses
from shapecalc.misconceptions.facts import put_in, tidy, value
from shapecalc.misconceptions.rewalk import Alter, value_of, walked
from shapecalc.misconceptions.sums import over_layers
from shapecalc.notation import Shape
from shapecalc.result import Step


def structured(asked: Asked) -> Iterator[Guess]:
    """The answers to which the slips lead."""
    yield from _other_inputs(asked)
    if asked.quantity in ("params", "weights", *WORK):
        yield from _depth_of_the_image(asked)
        yield from _full_convolutions(asked)
        yield from _single_kernel(asked)
    if asked.quantity in (*SHAPES, *WORK):
        yield from _swapped_upsampling(asked)
    if asked.quantity in SHAPES:
        yield from _concatenated_depth(asked)
    if asked.quantity == "params":
        yield from _known(asked)


def _unaltered(step: Step, arriving: tuple[Shape, ...]) -> None:
    return None


def _other_inputs(asked: Asked) -> Iterator[Guess]:
    """The network on AlexNet's other input, or on one half as high and wide."""
    name, shape = asked.trace.inputs[0]
    others = {224: (227, "assumed_the_227_input"), 227: (224, "assumed_the_224_input")}
    is_alexnet = getattr(asked.trace.layers[0].layer, "kernel_size", None) in (11, (11, 11))
    if is_alexnet and len(shape) == 3 and shape[1] == shape[2] and shape[1] in others:
        size, tag = others[shape[1]]
        value = value_of(asked, walked(asked.study, _unaltered, frozenset(), {name: (shape[0], size, size)}))
        if value is not None:
            yield Guess(tag, value, f"that is for an input of {size}×{size}")
    windows = sum(bool(spans_of(step.layer, step.in_shapes[0])) for step in asked.trace.layers[: asked.subject.end])
    if asked.quantity == "output" and windows > 1 and len(shape) > 1 and not any(size % 2 for size in shape[1:]):
        halved = {name: (shape[0], *(size // 2 for size in shape[1:]))}
        value = value_of(asked, walked(asked.study, _unaltered, frozenset(), halved))
        if isinstance(value, tuple) and len(value) > 1:
            why = "the output for half the input is doubled; the borders do not double"
            doubled = (value[0], *(2 * size for size in value[1:]))
            yield Guess("doubled_the_output", doubled, why, f"{doubled[-1]:,} = 2·{value[-1]:,}", Extent.ONE_TYPE)


_AS_THE_IMAGE = {
    "params": "{kernel}·{image}·{out} + {biases}",
    "weights": "{kernel}·{image}·{out}",
    "macs": "{kernel}·{image}·{out}·{places}",
    "flops": "2·{kernel}·{image}·{out}·{places}",
}


def _depth_of_the_image(asked: Asked) -> Iterator[Guess]:
    """Every convolution as deep as the image."""
    image = asked.trace.inputs[0][1][0]
    changed: dict[int, str] = {}
    total = 0
    for number in asked.numbers:
        step = asked.trace.layers[number]
        right = own(step, asked.quantity) or 0
        if step.type == "conv" and right and step.in_shapes[0][0] != image and _groups(step) == 1:
            known = {"biases": "0", **asked.study.facts(number), "image": str(image)}
            text = put_in(_AS_THE_IMAGE[asked.quantity], known) or ""
            changed[number], right = tidy(text), value(text) or 0
        total += right
    if changed:
        why = "a filter is as deep as what arrives at it, not as the image"
        yield Guess("took_the_depth_of_the_image", total, why, over_layers(asked, changed, total))


def _full_convolutions(asked: Asked) -> Iterator[Guess]:
    """A depthwise convolution and the 1×1 convolution behind it as one full convolution."""
    numbers = [own(step, asked.quantity) or 0 for step in asked.steps]
    with_norm = without = every = sum(numbers)
    found = False
    for first, last in _separated(asked.steps):
        depthwise, pointwise = asked.steps[first], asked.steps[last]
        kernel = prod(span.kernel for span in _conv(depthwise).spans(depthwise.in_shapes[0]))
        weights = kernel * depthwise.in_shapes[0][0] * pointwise.out_shape[0]
        factor = {"macs": 1, "flops": 2}.get(asked.quantity)
        if factor:
            weights *= factor * prod(depthwise.out_shape[1:])
        elif asked.quantity == "params":
            weights += pointwise.biases or 0
        between = sum(numbers[first : last + 1])
        pair = numbers[first] + numbers[last]
        every, with_norm, without = every + weights - pair, with_norm + weights - between, without + weights
        without -= (
            sum(number for number, step in zip(numbers, asked.steps, strict=True) if step.type == "batchnorm") + pair
        )
        found = True
    if found:
        why = "a full convolution is counted in place of the depthwise and the 1×1 convolution"
        for value in (every, with_norm, without):
            yield Guess("counted_a_full_convolution", value, why)


def _conv(step: Step) -> Conv:
    assert isinstance(step.layer, Conv)
    return step.layer


def _groups(step: Step) -> int:
    return _conv(step).grouped(step.in_shapes[0])


def _separated(steps: tuple[Step, ...]) -> Iterator[tuple[int, int]]:
    """The places of each depthwise convolution and of the 1×1 convolution that follows it."""
    for first, step in enumerate(steps):
        if step.type != "conv" or not 1 < step.in_shapes[0][0] == _groups(step):
            continue
        last = next((place for place in range(first + 1, len(steps)) if steps[place].type == "conv"), None)
        if last is not None and all(span.kernel == 1 for span in _conv(steps[last]).spans(steps[last].in_shapes[0])):
            yield first, last


def _single_kernel(asked: Asked) -> Iterator[Guess]:
    """A stack of convolutions as the single one that sees as much."""
    convs = [step for step in asked.steps if step.type == "conv"]
    field = asked.last.receptive_field
    if len(convs) < 2 or field is None or not field.axes or any(axis.stride != 1 for axis in field.axes):
        return
    first, last = convs[0], convs[-1]
    weights = prod(field.size) * first.in_shapes[0][0] * last.out_shape[0]
    factor = {"macs": 1, "flops": 2}.get(asked.quantity)
    size = "x".join(map(str, field.size))
    counts = [weights * factor * prod(last.out_shape[1:])] if factor else [weights, weights + (last.biases or 0)]
    for count in counts:
        yield Guess(
            f"single_{size}_weights", count, f"that is one {size.replace('x', '×')} convolution, which sees as much"
        )


def _swapped_upsampling(asked: Asked) -> Iterator[Guess]:
    """The convolution behind an upsampling run before it."""
    by_name = {step.name: step for step in asked.trace.layers}
    enlarging = {step.name for step in by_name.values() if step.type == "upsample"}

    def alter(step: Step, arriving: tuple[Shape, ...]) -> Shape | None:
        if step.name in enlarging:
            return arriving[0]
        if step.type != "conv" or step.inputs[0] not in enlarging:
            return None
        above = by_name[step.inputs[0]]
        factors = [after / before for before, after in zip(above.in_shapes[0][1:], above.out_shape[1:], strict=True)]
        out = _conv(step).model_copy(update={"in_channels": None}).out_shape(arriving[0])
        return (out[0], *(int(size * factor) for size, factor in zip(out[1:], factors, strict=True)))

    if enlarging and asked.quantity in SHAPES:
        slip: Alter = alter
        yield from guesses(asked, Slip("convolved_before_upsampling", slip, "the convolution runs on the enlarged map"))


def _concatenated_depth(asked: Asked) -> Iterator[Guess]:
    """The depth of a concatenation kept by the convolution behind it."""
    step = asked.last
    above = next((each for each in asked.trace.layers if each.name in step.inputs), None)
    if above is not None and above.type == "concat" and not isinstance(step.layer, Merge):
        depth = above.out_shape[0]
        value = (depth, *step.out_shape[1:])
        why = "the depth of the concatenation is kept, but the output has a map for each filter"
        yield Guess("kept_the_concatenated_depth", value if asked.quantity == "output" else prod(value), why)


_KNOWN = {
    60_965_224: ("used_the_two_gpu_grouped_version", "AlexNet with the two groups of its two GPUs"),
    62_378_344: ("used_the_paper_filter_counts", "AlexNet with the paper's filters, without groups"),
    61_100_840: ("used_the_torchvision_variant", "torchvision's AlexNet"),
    132_863_336: ("counted_vgg11", "VGG11"),
    133_047_848: ("counted_vgg13", "VGG13"),
    138_357_544: ("counted_vgg16", "VGG16"),
    143_667_240: ("counted_vgg19", "VGG19"),
    11_689_512: ("counted_resnet18", "ResNet-18"),
    21_797_672: ("counted_resnet34", "ResNet-34"),
    25_557_032: ("counted_resnet50", "ResNet-50"),
    44_549_160: ("counted_resnet101", "ResNet-101"),
    60_192_808: ("counted_resnet152", "ResNet-152"),
}
"""Parameters of networks that are taken for each other. Source: torchvision 0.28, num_params; the paper's AlexNet."""

_LENET = 61_706


def _known(asked: Asked) -> Iterator[Guess]:
    """Another network's parameters; a number of eight digits is no coincidence."""
    for count, (tag, name) in _KNOWN.items():
        yield Guess(tag, count, f"that is {name}")
    if asked.subject.numbers["params"] == _LENET:
        why = "that is LeNet-5 of 1998, with its sparse C3 and trained poolings"
        yield Guess("original_sparse_C3_and_trainable_pools", 60_000, why)
