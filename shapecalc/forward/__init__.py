"""Layers joined to the reference: the arrays that a layer's operation takes, its call, and what it measures.

Nothing here computes an output size or a count: the operation is run, and its output tells. Shapes of
arrays are PyTorch's.
"""

from __future__ import annotations

from collections.abc import Mapping

from shapecalc.forward.call import Call, Counts, Shapes, named
from shapecalc.forward.convolutions import CONVOLUTIONS_CALLS
from shapecalc.forward.normalizations import NORMALIZATIONS_CALLS
from shapecalc.forward.sampling import SAMPLING_CALLS, padded_already
from shapecalc.forward.sequences import SEQUENCES_CALLS
from shapecalc.layers import LAYERS, Layer
from shapecalc.layers.pooling import MaxPool
from shapecalc.notation import Shape
from shapecalc.reference_ops import OPS
from shapecalc.reference_ops.arrays import Array, require, require_shape


def parameters(layer: Layer, arriving: Shape) -> Shapes:
    """The arrays that the layer learns, name to shape. ValueError where none fit what arrives."""
    return _call(layer).parameters(layer, arriving)


def buffers(layer: Layer, arriving: Shape) -> Shapes:
    """The arrays that the layer stores without learning them, name to shape."""
    return _call(layer).buffers(layer, arriving)


def run(layer: Layer, x: Array, arrays: Mapping[str, Array]) -> Array:
    """The layer's output for one example. ValueError where the input or the arrays do not fit the layer."""
    wanted = {**parameters(layer, x.shape), **buffers(layer, x.shape)}
    require(wanted.keys() == arrays.keys(), f"the arrays must be {sorted(wanted)}, not {sorted(arrays)}")
    for name, shape in wanted.items():
        require_shape(name, arrays[name], shape)
    settings = _call(layer).settings(layer, x.shape)
    if isinstance(layer, MaxPool) and layer.padding == "same":
        x, settings = padded_already(x, settings)
    return OPS[_WORDS[type(layer)]](x, **arrays, **settings)


def ones_macs(layer: Layer, x_shape: Shape) -> int:
    """Multiply-adds for one example, measured: on all ones, every product adds 1 to the outputs' sum."""
    return sum(ones_counts(layer, x_shape).values())


def ones_counts(layer: Layer, x_shape: Shape) -> Counts:
    """The same by the array that is multiplied; empty where nothing is, by convention."""
    return _call(layer).macs(layer, x_shape)


def runs(layer: Layer) -> bool:
    """Whether anyone knows what the layer does; of a custom one only numbers are declared."""
    return _WORDS[type(layer)] in CALLS


def _call(layer: Layer) -> Call:
    require(runs(layer), f"there is no operation for `{_WORDS[type(layer)]}`: its numbers are declared")
    return CALLS[_WORDS[type(layer)]]


_AS_WRITTEN = """
relu relu6 leaky_relu elu selu celu gelu silu mish hardswish hardsigmoid hardtanh sigmoid tanh softsign
softmax log_softmax glu global_avgpool global_maxpool flatten reshape pixel_shuffle pixel_unshuffle
channel_shuffle slice lrn dropout stochastic_depth identity
"""

CALLS: dict[str, Call] = {
    **CONVOLUTIONS_CALLS,
    **SAMPLING_CALLS,
    **NORMALIZATIONS_CALLS,
    **SEQUENCES_CALLS,
    "softplus": Call(named("beta")),  # the operation has no threshold: it is exact where PyTorch saves time
    **dict.fromkeys(_AS_WRITTEN.split(), Call()),
}
"""Every layer type but `custom`, of which nobody knows what it does."""

_WORDS: dict[type[Layer], str] = {kind: word for word, kind in LAYERS.items()}
