"""Fully connected layers."""

from math import prod
from typing import ClassVar, final

from shapecalc.layers.fields import Count
from shapecalc.layers.layer import Params, Quiet, Reading, agree, learned
from shapecalc.notation import Shape, hwc
from shapecalc.problems import LayerError


@final
class Fc(Quiet):
    """Fully connected layer; with `per_position` the same one at every position. Source: PyTorch, Linear."""

    out_features: Count
    bias: bool = True
    in_features: Count | None = None
    per_position: bool = False

    bare: ClassVar[str | None] = "out_features"
    aliases: ClassVar[dict[str, str]] = {"units": "out_features", "in_channels": "in_features"}

    def out_shape(self, arriving: Shape) -> Shape:
        """``(out_features,)``; per position ``(out_features, *spatial)``."""
        if len(arriving) > 1 and not self.per_position:
            message = f"`fc` wants a flat vector, but {hwc(arriving)} arrives"
            advice = f"put `flatten` above it ({prod(arriving):,} values), or set per_position: true"
            raise LayerError("not-flat", message, help=advice)
        agree(self.in_features, arriving[0], "in_features", "values")
        return (self.out_features, *arriving[1:])

    def params(self, arriving: Shape) -> Params:
        """In × out weights and a bias per output."""
        return learned(arriving[0] * self.out_features, self.out_features if self.bias else 0)

    def macs(self, arriving: Shape, out: Shape) -> int | None:
        """In × out, at every position."""
        return arriving[0] * prod(out)

    def reading(self, arriving: Shape, out: Shape) -> Reading:
        """All of the input; per position the position itself."""
        return "pointwise" if self.per_position else "whole"
