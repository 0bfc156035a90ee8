"""Upsampling by interpolation."""

from fractions import Fraction
from typing import ClassVar, Literal, final

from pydantic import ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from shapecalc import formulas
from shapecalc.layers.fields import Factors, Sizes, per_axis, per_axis_factor
from shapecalc.layers.layer import Parameterless, Quiet, Reading, spatial
from shapecalc.notation import Shape, hwc
from shapecalc.problems import LayerError
from shapecalc.windows import Window, interpolated, nearest, strided

RANK_OF_MODE = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}


@final
class Upsample(Parameterless, Quiet):
    """Interpolation to a given size or by a factor (which may be below 1). Source: PyTorch, Upsample."""

    scale_factor: Factors | None = None
    size: Sizes | None = None
    mode: Literal["nearest", "linear", "bilinear", "trilinear", "bicubic"] = "nearest"
    align_corners: bool = False

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": ["scale_factor"]}, {"required": ["size"]}],
            "not": {
                "required": ["align_corners"],
                "properties": {"align_corners": {"const": True}, "mode": {"const": "nearest"}},
            },
        }
    )

    bare: ClassVar[str | None] = "scale_factor"
    aliases: ClassVar[dict[str, str]] = {"interpolation": "mode"}

    @model_validator(mode="after")
    def _consistent(self) -> "Upsample":
        if (self.scale_factor is None) == (self.size is None):
            raise PydanticCustomError("one-of", "`upsample` wants either `scale_factor` or `size`")
        if self.align_corners and self.mode == "nearest":
            raise PydanticCustomError("one-of", "`align_corners` has no meaning with mode nearest")
        return self

    def out_shape(self, arriving: Shape) -> Shape:
        """``(C, ⌊n·scale_factor⌋, …)``, or `size`."""
        sizes = spatial(arriving, "an upsampling")
        if RANK_OF_MODE.get(self.mode, len(sizes)) != len(sizes):
            fitting = ["linear", "bilinear", "trilinear"][len(sizes) - 1]
            message = f"mode {self.mode} is for {RANK_OF_MODE[self.mode]} spatial axes, but {hwc(arriving)} arrives"
            raise LayerError("wrong-rank", message, field="mode", help=f"mode: {fitting}")
        if self.size is not None:
            return (arriving[0], *per_axis(self.size, len(sizes), "size"))
        assert self.scale_factor is not None
        factors = per_axis_factor(self.scale_factor, len(sizes), "scale_factor")
        out = tuple(formulas.resized(n, factor) for n, factor in zip(sizes, factors, strict=True))
        if min(out) < 1:
            message = f"nothing is left of {hwc(arriving)}: {hwc((arriving[0], *out))}"
            raise LayerError("does-not-fit", message, field="scale_factor", help="a larger factor")
        return (arriving[0], *out)

    def reading(self, arriving: Shape, out: Shape) -> Reading:
        """The neighbours of each output's place in the input."""
        return tuple(self._window(n, m, axis) for axis, (n, m) in enumerate(zip(arriving[1:], out[1:], strict=True)))

    def _window(self, size: int, positions: int, axis: int) -> Window | None:
        """Source places as PyTorch has them: i·scale, (i + ½)·scale − ½, or corner on corner.

        An axis that keeps its size is copied by the linear modes, whatever the factor.
        """
        if size == positions and self.mode in ("linear", "bilinear", "trilinear"):
            return strided(1)
        if self.align_corners:
            scale = Fraction(size - 1, positions - 1) if positions > 1 else Fraction(0)
            return interpolated(scale, Fraction(0), self._reach)
        scale = Fraction(size, positions)
        if self.scale_factor is not None:
            given = self.scale_factor if isinstance(self.scale_factor, float) else self.scale_factor[axis]
            scale = 1 / Fraction(str(given))
        if self.mode == "nearest":
            return nearest(scale)
        return interpolated(scale, scale / 2 - Fraction(1, 2), self._reach)

    @property
    def _reach(self) -> int:
        return 1 if self.mode == "bicubic" else 0
