"""Activations: every value by itself, but for softmax, which looks along the channels, and glu."""

from abc import ABC
from typing import ClassVar, Literal, final

from shapecalc.layers.fields import Count, Real
from shapecalc.layers.layer import (
    Parameterless,
    Params,
    PositionByPosition,
    Quiet,
    ShapeKeeping,
    learned,
)
from shapecalc.notation import Shape
from shapecalc.problems import LayerError


class _Activation(Parameterless, ShapeKeeping, Quiet, ABC):
    """Activations without parameters. Source of all: PyTorch, torch.nn, non-linear activations."""


@final
class Relu(_Activation):
    """max(0, x)."""


@final
class Relu6(_Activation):
    """min(max(0, x), 6)."""


@final
class LeakyRelu(_Activation):
    """x, or `negative_slope`·x below 0."""

    negative_slope: Real = 0.01

    bare: ClassVar[str | None] = "negative_slope"


@final
class Elu(_Activation):
    """x, or alpha·(eˣ − 1) below 0."""

    alpha: Real = 1.0

    bare: ClassVar[str | None] = "alpha"


@final
class Selu(_Activation):
    """Scaled elu with fixed constants."""


@final
class Celu(_Activation):
    """max(0, x) + min(0, alpha·(e^(x/alpha) − 1))."""

    alpha: Real = 1.0

    bare: ClassVar[str | None] = "alpha"


@final
class Gelu(_Activation):
    """x·Φ(x), with the normal distribution or its tanh approximation."""

    approximate: Literal["none", "tanh"] = "none"

    bare: ClassVar[str | None] = "approximate"


@final
class Silu(_Activation):
    """x·sigmoid(x), also called swish."""


@final
class Mish(_Activation):
    """x·tanh(softplus(x))."""


@final
class Hardswish(_Activation):
    """x·relu6(x + 3)/6."""


@final
class Hardsigmoid(_Activation):
    """relu6(x + 3)/6."""


@final
class Hardtanh(_Activation):
    """x, kept between `min_val` and `max_val`."""

    min_val: Real = -1.0
    max_val: Real = 1.0


@final
class Sigmoid(_Activation):
    """1/(1 + e^(−x))."""


@final
class Tanh(_Activation):
    """The hyperbolic tangent."""


@final
class Softplus(_Activation):
    """log(1 + e^(beta·x))/beta, linear above `threshold`."""

    beta: Real = 1.0
    threshold: Real = 20.0


@final
class Softsign(_Activation):
    """x/(1 + |x|)."""


@final
class Softmax(_Activation):
    """Exponentials along the channels, summing to 1."""


@final
class LogSoftmax(_Activation):
    """The logarithm of softmax along the channels."""


@final
class Prelu(ShapeKeeping, Quiet):
    """x, or a learned slope·x below 0: one slope, or one per channel."""

    num_parameters: Literal["channels"] | Count = 1

    bare: ClassVar[str | None] = "num_parameters"

    def params(self, arriving: Shape) -> Params:
        """One slope, or one per channel."""
        if self.num_parameters == "channels":
            return learned(arriving[0])
        if self.num_parameters not in (1, arriving[0]):
            message = f"`num_parameters` ({self.num_parameters}) must be 1 or the channels that arrive ({arriving[0]})"
            advice = "`channels` follows whatever arrives"
            raise LayerError("channel-mismatch", message, field="num_parameters", help=advice)
        return learned(self.num_parameters)

    def macs(self, arriving: Shape, out: Shape) -> int | None:
        """0 by convention: activations are not counted."""
        return 0


@final
class Glu(Parameterless, PositionByPosition, Quiet):
    """The first half of the channels times the sigmoid of the second."""

    def out_shape(self, arriving: Shape) -> Shape:
        """``(C/2, *spatial)``."""
        if arriving[0] % 2:
            message = f"`glu` halves the channels, but {arriving[0]} arrive"
            raise LayerError("not-divisible", message, help="an even number of channels above it")
        return (arriving[0] // 2, *arriving[1:])
