"""How the operations of attention, tokens and recurrent layers are called."""

from __future__ import annotations

from math import prod

from shapecalc.forward.call import Call, Counts, Settings, Shapes, named
from shapecalc.layers.attention import Attention, WindowAttention
from shapecalc.layers.fields import per_axis
from shapecalc.layers.recurrent import Gru, Lstm, Rnn
from shapecalc.layers.token import Embedding, PositionEmbedding
from shapecalc.notation import Shape
from shapecalc.reference_ops import OPS
from shapecalc.reference_ops.arrays import Array, ones, require
from shapecalc.reference_ops.attention import match, mix, pad_to_windows, windows


def _with_biases(weights: Shapes, has_bias: bool) -> Shapes:
    """Beside each `…_weight` a `…_bias` of as many values as it has outputs."""
    biases = {name.replace("weight", "bias"): shape[:1] for name, shape in weights.items()}
    return {**weights, **(biases if has_bias else {})}


def _projections(positions: int, weights: Shapes) -> Counts:
    """Multiply-adds of matrices laid on so many positions, measured on ones."""
    return {name: _projection(positions, shape) for name, shape in weights.items()}


def _projection(positions: int, weight: Shape) -> int:
    return int(OPS["fc"](ones((weight[1], positions)), ones(weight), per_position=True).sum())


def _products(heads: int, positions: int, key: int, value: int) -> tuple[int, int]:
    """Multiply-adds of every query with every key and of every share with every value, measured on ones."""
    queries, values = ones((heads, key, positions)), ones((heads, value, positions))
    matches = match(queries, queries)
    return int(matches.sum()), int(mix(ones(matches.shape), values).sum())


# ---- attention ----


def _widths(layer: Attention, arriving: Shape) -> tuple[int, int]:
    """Values of a key and of a value, in one head."""
    if layer.key_dim is None:
        require(arriving[0] % layer.num_heads == 0, f"{arriving[0]} channels do not make {layer.num_heads} heads")
    key = arriving[0] // layer.num_heads if layer.key_dim is None else layer.key_dim
    return key, key if layer.value_dim is None else layer.value_dim


def _attention_weights(layer: Attention, arriving: Shape) -> Shapes:
    keys, values = (layer.num_heads * width for width in _widths(layer, arriving))
    out = arriving[0] if layer.out_features is None else layer.out_features
    into = {f"{which}_weight": (rows, arriving[0]) for which, rows in zip("qkv", (keys, keys, values), strict=True)}
    return {**into, "out_weight": (out, values)}


def _attention_parameters(layer: Attention, arriving: Shape) -> Shapes:
    return _with_biases(_attention_weights(layer, arriving), layer.bias)


def _attention_macs(layer: Attention, arriving: Shape) -> Counts:
    positions = ones(arriving)[0].size
    matched, mixed = _products(layer.num_heads, positions, *_widths(layer, arriving))
    return {**_projections(positions, _attention_weights(layer, arriving)), "match": matched, "mix": mixed}


def _window(layer: WindowAttention, arriving: Shape) -> Shape:
    return per_axis(layer.window_size, len(arriving) - 1, "window_size")


def _window_settings(layer: WindowAttention, arriving: Shape) -> Settings:
    shift = per_axis(layer.shift, len(arriving) - 1, "shift")
    return {"window_size": _window(layer, arriving), "shift": shift, "num_heads": layer.num_heads}


def _window_weights(arriving: Shape) -> Shapes:
    return {"in_weight": (3 * arriving[0], arriving[0]), "out_weight": (arriving[0], arriving[0])}


def _window_parameters(layer: WindowAttention, arriving: Shape) -> Shapes:
    own = _with_biases(_window_weights(arriving), layer.bias)
    distances = prod(2 * window - 1 for window in _window(layer, arriving))
    table = {"relative_position_bias_table": (distances, layer.num_heads)}
    return {**own, **(table if layer.relative_position_bias else {})}


def _window_buffers(layer: WindowAttention, arriving: Shape) -> Shapes:
    pairs = prod(_window(layer, arriving)) ** 2
    return {"relative_position_index": (pairs,)} if layer.relative_position_bias else {}


def _window_macs(layer: WindowAttention, arriving: Shape) -> Counts:
    settings = _window_settings(layer, arriving)
    padded = pad_to_windows(ones(arriving), settings["window_size"])
    blocks = windows(padded.shape[1:], settings["window_size"], settings["shift"])
    width = arriving[0] // layer.num_heads
    matched, mixed = zip(*(_products(layer.num_heads, _size(block), width, width) for block, _ in blocks), strict=True)
    return {**_projections(_size(padded[0]), _window_weights(arriving)), "match": sum(matched), "mix": sum(mixed)}


def _size(x: Array) -> int:
    return int(x.size)


# ---- tokens ----


def _table(layer: Embedding, arriving: Shape) -> Shapes:
    return {"weight": (layer.num_embeddings, layer.embedding_dim)}


def _one_per_channel(layer: object, arriving: Shape) -> Shapes:
    return {"weight": arriving[:1]}


def _one_each(layer: PositionEmbedding, arriving: Shape) -> Shapes:
    return {"weight": arriving}


# ---- recurrent layers ----

_GATES = {Rnn: 1, Lstm: 4, Gru: 3}


def _recurrent_weights(layer: Rnn | Lstm | Gru, arriving: Shape) -> Shapes:
    """Matrices of each layer and direction, in PyTorch's names."""
    rows, projected = _GATES[type(layer)] * layer.hidden_size, isinstance(layer, Lstm) and layer.proj_size
    state = projected or layer.hidden_size
    endings = ["", "_reverse"] if layer.bidirectional else [""]
    found: Shapes = {}
    for number in range(layer.num_layers):
        read = arriving[0] if number == 0 else len(endings) * state
        for ending in endings:
            own = {"weight_ih": (rows, read), "weight_hh": (rows, state)}
            own |= {"weight_hr": (state, layer.hidden_size)} if projected else {}
            found |= {f"{name}_l{number}{ending}": shape for name, shape in own.items()}
    return found


def _recurrent_parameters(layer: Rnn | Lstm | Gru, arriving: Shape) -> Shapes:
    weights = _recurrent_weights(layer, arriving)
    biased = {True: ("weight_ih", "weight_hh"), "one": ("weight_ih",), False: ()}[layer.bias]
    biases = {name.replace("weight", "bias"): shape[:1] for name, shape in weights.items() if name.startswith(biased)}
    return {**weights, **biases}


def _recurrent_macs(layer: Rnn | Lstm | Gru, arriving: Shape) -> Counts:
    return _projections(arriving[1], _recurrent_weights(layer, arriving))


_RECURRENT = Call(named("num_layers", "bidirectional", "return_sequence"), _recurrent_parameters, macs=_recurrent_macs)

SEQUENCES_CALLS: dict[str, Call] = {
    "attention": Call(named("num_heads"), _attention_parameters, macs=_attention_macs),
    "window_attention": Call(_window_settings, _window_parameters, _window_buffers, _window_macs),
    "embedding": Call(parameters=_table),
    "class_token": Call(parameters=_one_per_channel),
    "position_embedding": Call(parameters=_one_each),
    "select_token": Call(),
    "rnn": _RECURRENT,
    "lstm": _RECURRENT,
    "gru": _RECURRENT,
}
"""Attention, tokens and recurrent layers."""
