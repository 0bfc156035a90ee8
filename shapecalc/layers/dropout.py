"""Layers that drop values or whole paths in training and do nothing afterwards."""

from typing import ClassVar, final

from shapecalc.layers.fields import Probability
from shapecalc.layers.layer import Parameterless, Quiet, ShapeKeeping


@final
class Dropout(Parameterless, ShapeKeeping, Quiet):
    """Sets values to 0 with probability `p` in training. Source: PyTorch, Dropout."""

    p: Probability = 0.5

    bare: ClassVar[str | None] = "p"
    aliases: ClassVar[dict[str, str]] = {"rate": "p"}


@final
class StochasticDepth(Parameterless, ShapeKeeping, Quiet):
    """Drops a whole residual path with probability `p` in training. Source: torchvision, StochasticDepth."""

    p: Probability

    bare: ClassVar[str | None] = "p"
