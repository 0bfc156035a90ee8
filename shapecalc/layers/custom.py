"""A layer that is not known here: its numbers are declared by whoever writes the spec."""

from typing import Annotated, ClassVar, Literal, final

from pydantic import BaseModel, ConfigDict, Field

from shapecalc.layers.fields import Amounts, ShapeField, Sizes, pads, per_axis
from shapecalc.layers.layer import Layer, Params, Reading, spatial
from shapecalc.notation import MAX_SIZE, Shape, hwc
from shapecalc.problems import LayerError
from shapecalc.windows import strided

Declared = Annotated[int, Field(ge=0, le=MAX_SIZE**2)]


class DeclaredWindow(BaseModel):
    """How a custom layer's outputs read its input: as a convolution would."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", defer_build=True)

    kernel_size: Sizes
    stride: Sizes = 1
    padding: Amounts = 0
    dilation: Sizes = 1


@final
class Custom(Layer):
    """A layer with declared numbers; those not declared are unknown, as is what depends on them."""

    out_shape_: Annotated[ShapeField, Field(alias="out_shape")]
    params_: Annotated[Declared | None, Field(alias="params")] = None
    buffers: Declared | None = None
    macs_: Annotated[Declared | None, Field(alias="macs")] = None
    window: DeclaredWindow | Literal["pointwise", "whole"] | None = None

    bare: ClassVar[str | None] = "out_shape"

    def out_shape(self, arriving: Shape) -> Shape:
        """As declared."""
        if isinstance(self.window, DeclaredWindow):
            spatial(arriving, "a window")
        if self.window not in (None, "whole") and len(arriving) != len(self.out_shape_):
            message = f"a window wants an output of as many axes as arrive, {hwc(arriving)}"
            raise LayerError("wrong-rank", message, field="window", help="window: whole, or leave it out")
        return self.out_shape_

    def params(self, arriving: Shape) -> Params:
        """As declared, without a split into weights and biases."""
        split = 0 if self.params_ == 0 else None
        return Params(self.params_, split, split, self.buffers)

    def macs(self, arriving: Shape, out: Shape) -> int | None:
        """As declared."""
        return self.macs_

    def reading(self, arriving: Shape, out: Shape) -> Reading:
        """As declared."""
        if not isinstance(self.window, DeclaredWindow):
            return self.window or "unknown"
        rank = len(arriving) - 1
        kernels = per_axis(self.window.kernel_size, rank, "window")
        strides = per_axis(self.window.stride, rank, "window")
        dilations = per_axis(self.window.dilation, rank, "window")
        padding = pads(self.window.padding, rank, "window")
        return tuple(
            strided(k, s, before, d) for k, s, (before, _), d in zip(kernels, strides, padding, dilations, strict=True)
        )

    def notes(self, arriving: Shape, out: Shape) -> tuple[str, ...]:
        """That the numbers are declared, and which are not."""
        given = {"params": self.params_, "buffers": self.buffers, "macs": self.macs_, "window": self.window}
        unknown = [name for name, value in given.items() if value is None]
        return ("declared, not computed" + (f"; unknown: {', '.join(unknown)}" if unknown else ""),)
