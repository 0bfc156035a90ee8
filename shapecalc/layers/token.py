"""Tokens: sequences made of ids, a token or learned positions added, one token taken."""

from math import prod
from typing import Annotated, ClassVar, final

from pydantic import Field

from shapecalc.layers.fields import Count
from shapecalc.layers.layer import (
    Layer,
    Parameterless,
    Params,
    PositionByPosition,
    Quiet,
    Reading,
    ShapeKeeping,
    learned,
    sequence,
    spatial,
)
from shapecalc.notation import MAX_SIZE, Shape, hwc
from shapecalc.problems import LayerError
from shapecalc.windows import strided


class _Unmultiplied(Layer):
    """Layers that add or look up learned values."""

    def macs(self, arriving: Shape, out: Shape) -> int | None:
        """0: nothing is multiplied."""
        return 0


@final
class Embedding(_Unmultiplied, PositionByPosition, Quiet):
    """A learned vector for each token id. Source: PyTorch, Embedding. What arrives is a flat row of ids."""

    num_embeddings: Count
    embedding_dim: Count

    bare: ClassVar[str | None] = "num_embeddings"
    aliases: ClassVar[dict[str, str]] = {"input_dim": "num_embeddings", "output_dim": "embedding_dim"}

    def out_shape(self, arriving: Shape) -> Shape:
        """``(embedding_dim, L)`` of ``(L,)``."""
        if len(arriving) > 1:
            message = f"`embedding` wants a flat row of token ids, but {hwc(arriving)} arrives"
            raise LayerError("not-flat", message, help="give the input as one number, its length, as in input: 128")
        return (self.embedding_dim, arriving[0])

    def params(self, arriving: Shape) -> Params:
        """A vector for each id."""
        return learned(self.num_embeddings * self.embedding_dim)


@final
class ClassToken(_Unmultiplied, Quiet):
    """A learned position in front of a sequence. Source: Dosovitskiy et al. 2021, Vision Transformer."""

    def out_shape(self, arriving: Shape) -> Shape:
        """``(C, L + 1)``."""
        return (arriving[0], sequence(arriving, "a class token") + 1)

    def params(self, arriving: Shape) -> Params:
        """A value for each channel."""
        return learned(arriving[0])

    def reading(self, arriving: Shape, out: Shape) -> Reading:
        """The position before; the token itself lies, as padding would, before the first."""
        return (strided(1, before=1),)


@final
class PositionEmbedding(_Unmultiplied, ShapeKeeping, Quiet):
    """A learned value added to every channel of every position. Source: Dosovitskiy et al. 2021."""

    def params(self, arriving: Shape) -> Params:
        """As many values as arrive."""
        spatial(arriving, "a position embedding")
        return learned(prod(arriving))


Index = Annotated[int, Field(ge=-MAX_SIZE, le=MAX_SIZE)]
"""A position, counted from 0, or from the end with −1 for the last."""


@final
class SelectToken(Parameterless, Quiet):
    """The channels of one position of a sequence. Source: torchvision, VisionTransformer ("x[:, 0]")."""

    index: Index = 0

    bare: ClassVar[str | None] = "index"

    def out_shape(self, arriving: Shape) -> Shape:
        """``(C,)``."""
        length = sequence(arriving, "a choice of token")
        if not -length <= self.index < length:
            message = f"position {self.index:,} is not among the {length:,} that arrive"
            advice = f"from 0 to {length - 1:,}, or −1 for the last"
            raise LayerError("does-not-fit", message, field="index", help=advice.replace("−", "-"))
        return (arriving[0],)

    def reading(self, arriving: Shape, out: Shape) -> Reading:
        """By convention the whole input, as of everything that is flat."""
        return "whole"
