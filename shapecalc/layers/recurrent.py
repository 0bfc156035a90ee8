"""Recurrent layers: one step after the other along a sequence, each with what the last one handed on."""

from abc import ABC, abstractmethod
from typing import ClassVar, Literal, final

from shapecalc.layers.fields import Count
from shapecalc.layers.layer import Layer, Params, Quiet, Reading, learned, sequence
from shapecalc.notation import Shape
from shapecalc.problems import LayerError


class _Recurrent(Layer, ABC):
    """Recurrent layers over ``(C, L)``, stacked `num_layers` high, forwards or both ways.

    `bias`: true is PyTorch's two for each gate, one beside the input's weights and one beside the state's;
    `one` is the single one that Keras has (Keras' GRU has two as well, unless `reset_after` is false).
    Without `return_sequence` each direction's last state leaves, backwards that at the first position.
    """

    hidden_size: Count
    num_layers: Count = 1
    bidirectional: bool = False
    bias: bool | Literal["one"] = True
    return_sequence: bool = True

    gates: ClassVar[int]
    """Weight matrices of `hidden_size` rows that each step takes its input through."""

    bare: ClassVar[str | None] = "hidden_size"
    aliases: ClassVar[dict[str, str]] = {"units": "hidden_size", "return_sequences": "return_sequence"}

    @abstractmethod
    def projected(self) -> int:
        """The size to which a step's output is projected; 0 where it is not."""

    @property
    def directions(self) -> int:
        """Readings of the sequence: one, or both ways."""
        return 2 if self.bidirectional else 1

    @property
    def biases_per_gate(self) -> int:
        """For each unit of each gate."""
        return {True: 2, "one": 1, False: 0}[self.bias]

    def out_shape(self, arriving: Shape) -> Shape:
        """``(directions·hidden_size, L)``; of the last step ``(directions·hidden_size,)``."""
        length = sequence(arriving, "a recurrent layer")
        if self.projected() >= self.hidden_size:
            message = f"`proj_size` ({self.projected():,}) must be smaller than `hidden_size` ({self.hidden_size:,})"
            raise LayerError("does-not-fit", message, field="proj_size", help="leave it out for no projection")
        width = self.directions * (self.projected() or self.hidden_size)
        return (width, length) if self.return_sequence else (width,)

    def params(self, arriving: Shape) -> Params:
        """In every layer and direction the gates' weights for input and state, and biases. Source: PyTorch, LSTM."""
        state = self.projected() or self.hidden_size
        first = self._weights(arriving[0], state)
        others = (self.num_layers - 1) * self._weights(self.directions * state, state)
        biases = self.num_layers * self.biases_per_gate * self.gates * self.hidden_size
        return learned(self.directions * (first + others), self.directions * biases)

    def _weights(self, incoming: int, state: int) -> int:
        """Of one layer in one direction."""
        return self.gates * self.hidden_size * (incoming + state) + self.projected() * self.hidden_size

    def macs(self, arriving: Shape, out: Shape) -> int | None:
        """Every weight once at every position."""
        weights = self.params(arriving).weights
        assert weights is not None
        return weights * arriving[1]

    def reading(self, arriving: Shape, out: Shape) -> Reading:
        """By convention the whole input, though one direction alone sees nothing that comes later."""
        return "whole"


class _Unprojected(_Recurrent, ABC):
    """Recurrent layers that hand on their state as it is."""

    def projected(self) -> int:
        """Never."""
        return 0


@final
class Rnn(_Unprojected, Quiet):
    """Elman's recurrent layer, h = tanh(W·x + U·h). Source: PyTorch, RNN."""

    gates: ClassVar[int] = 1


@final
class Gru(_Unprojected, Quiet):
    """Gated recurrent units: reset, update and new. Source: PyTorch, GRU."""

    gates: ClassVar[int] = 3


@final
class Lstm(_Recurrent, Quiet):
    """Long short-term memory: input, forget, cell and output gate. Source: PyTorch, LSTM."""

    proj_size: Count | None = None

    gates: ClassVar[int] = 4

    def projected(self) -> int:
        """`proj_size`."""
        return self.proj_size or 0
