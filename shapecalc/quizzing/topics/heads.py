"""From a map to classes: flatten and fully connected layers, or the mean of each channel; and whole small networks."""

from __future__ import annotations

from shapecalc.notation import Shape, hwc
from shapecalc.quizzing.draw import Draw
from shapecalc.quizzing.items import Item, Window, conv, fc, listed, pool, said
from shapecalc.quizzing.scene import Scene
from shapecalc.quizzing.settings import FILTERS, KEEPING, SIZES, UNITS, last_map

CLASSES = {1: (2, 5, 10), 2: (10, 20, 100), 3: (10, 100, 200, 1000)}


def flattened(draw: Draw, level: int) -> Scene:
    """Flatten and one layer."""
    shape, classes = last_map(draw, level), draw.one(CLASSES[level])
    text = f"{hwc(shape)} is flattened and joined to {classes:,} classes by a fully connected layer."
    return Scene(text, shape, ("flatten", fc(classes)))


def averaged(draw: Draw, level: int) -> Scene:
    """The mean of each channel and one layer (Lin et al. 2013)."""
    shape, classes = last_map(draw, level), draw.one(CLASSES[level])
    text = f"Of {hwc(shape)} the mean of each channel is taken and joined to {classes:,} classes by a fully connected"
    return Scene(f"{text} layer.", shape, ("global_avgpool", fc(classes)))


def hidden(draw: Draw, level: int) -> Scene:
    """Flatten or the mean, hidden units, classes."""
    shape, classes = last_map(draw, level), draw.one(CLASSES[level])
    units = sorted((draw.one(UNITS[level]) for _ in range(1 if level < 3 else 2)), reverse=True)
    first, what = draw.one((("flatten", "flattened"), ("global_avgpool", "averaged over all positions")))
    items: list[Item] = [first]
    for each in units:
        items += [fc(each), "relu"]
    layers = listed([f"{each:,}" for each in (*units, classes)])
    text = f"{hwc(shape)} is {what} and passes fully connected layers of {layers} units, ReLU between them."
    return Scene(text, shape, (*items, fc(classes)))


def map_of_classes(draw: Draw, level: int) -> Scene:
    """A 1×1 convolution to a map for each class, and the mean (Lin et al. 2013)."""
    shape, classes = last_map(draw, level), draw.one(CLASSES[level])
    text = f"A 1×1 convolution makes of {hwc(shape)} a map for each of {classes:,} classes; global average pooling"
    return Scene(f"{text} gives the scores.", shape, (conv(classes, Window(1)), "global_avgpool"))


def as_convolution(draw: Draw, level: int) -> Scene:
    """A convolution as large as the map, which is a fully connected layer (CS231n)."""
    shape, units = last_map(draw, level), draw.one(UNITS[level])
    item = conv(units, Window(shape[1]))
    return Scene(f"{hwc(shape)} goes through {said(item)}, as large as the map.", shape, (item,))


# ---- whole networks ----


def small(draw: Draw, level: int) -> Scene:
    """A convolution, a pooling, classes."""
    shape: Shape = (draw.one((1, 3)), *(draw.one((8, 12, 14, 16, 28, 32)),) * 2)
    items: list[Item] = [conv(draw.one(FILTERS[1][1:]), draw.one(KEEPING[:2])), "relu", pool(Window(2, 2))]
    if level > 1:
        items += [conv(draw.one(FILTERS[level]), Window(3, 1, 1)), "relu", pool(Window(2, 2))]
    return _network(draw, level, shape, items)


def small_features(draw: Draw, level: int) -> Scene:
    """The same, asked about its first convolution."""
    return small(draw, level)._replace(at=0)


def small_classes(draw: Draw, level: int) -> Scene:
    """The same, asked about its last layer."""
    scene = small(draw, level)
    return scene._replace(at=len(scene.items) - 1)


def _network(draw: Draw, level: int, shape: Shape, items: list[Item]) -> Scene:
    """The layers, then flatten or the mean, and classes."""
    end: list[Item] = [draw.one(("flatten", "flatten", "global_avgpool"))]
    if level == 3:
        end += [fc(draw.one(UNITS[level])), "relu"]
    every = [*items, *end, fc(draw.one(CLASSES[level]))]
    return Scene(f"A network on {hwc(shape)}: {_in_words(every)}.", shape, tuple(every))


def _in_words(items: list[Item]) -> str:
    return "; ".join(said(item) for item in items if item != "relu")


def _in_blocks(draw: Draw, level: int, at: int) -> Scene:
    """Convolutions as one block, the layers behind them as another."""
    shape: Shape = (draw.one((1, 3)), *(draw.one(SIZES[level][-8:] if level < 3 else (32, 64, 96, 128)),) * 2)
    features: list[Item] = []
    for width in _widths(draw, level):
        features += [conv(width, draw.one(KEEPING[:2])), "relu", pool(draw.one((Window(2, 2), Window(4, 4))))]
    head: list[Item] = [draw.one(("flatten", "global_avgpool")), fc(draw.one(UNITS[level])), "relu"]
    head.append(fc(draw.one(CLASSES[level])))
    text = f"A network on {hwc(shape)}. Its convolutions, with ReLU: {_in_words(features)}."
    text += f" Behind them: {_in_words(head)}."
    return Scene(text, shape, ({"features": {}}, {"head": {}}), at, {"features": tuple(features), "head": tuple(head)})


def _widths(draw: Draw, level: int) -> tuple[int, ...]:
    begin = draw.below(4)
    return FILTERS[level][begin : begin + (2 if level < 3 else draw.one((2, 3)))]


def in_convolutions(draw: Draw, level: int) -> Scene:
    """A network asked about its convolutions."""
    return _in_blocks(draw, level, 0)


def in_connected(draw: Draw, level: int) -> Scene:
    """A network asked about its fully connected layers."""
    return _in_blocks(draw, level, 1)
