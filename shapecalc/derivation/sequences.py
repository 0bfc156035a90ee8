"""The working of the counts of attention, tokens and recurrent layers."""

from __future__ import annotations

from shapecalc.derivation.letters import setting
from shapecalc.derivation.working import Counts, Line, Sheet, positions
from shapecalc.layers.attention import Attention, WindowAttention
from shapecalc.layers.recurrent import Gru, Lstm, Rnn
from shapecalc.layers.token import ClassToken, Embedding, PositionEmbedding
from shapecalc.notation import AXIS_NAMES

_NO_PRODUCT = "nothing is multiplied"
_NO_BIAS = "none: `bias: false`"


def sequence_counts(sheet: Sheet) -> Counts:
    """The formulas of such a layer's counts; none of any other."""
    match sheet.step.layer:
        case Attention() as layer:
            return _attention(sheet, layer)
        case WindowAttention() as layer:
            return _window_attention(sheet, layer)
        case Rnn() | Lstm() | Gru() as layer:
            return _recurrent(sheet, layer)
    return _token(sheet)


def _token(sheet: Sheet) -> Counts:
    match sheet.step.layer:
        case Embedding(num_embeddings=ids):
            sheet.values["V"] = ids
            return Counts("V*D2", of_weights="a vector for each token id", of_biases="none", of_macs="a look-up")
        case ClassToken():
            return Counts("D1", of_weights="the token's values", of_biases="none", of_macs=_NO_PRODUCT)
        case PositionEmbedding():
            weights = f"{positions('1', sheet.axes)}*D1"
            said = "a value for each that arrives"
            return Counts(weights, of_weights=said, of_biases="none", of_macs=_NO_PRODUCT)
    return Counts()


def _attention(sheet: Sheet, layer: Attention) -> Counts:
    key, value = layer.widths(sheet.arriving)
    sheet.values |= {"heads": layer.num_heads, "q": key, "v": value}
    if layer.key_dim is None:
        sheet.work(Line("heads", "keys", "q", "D1/heads", result=key, remark="values of a key, of as many channels"))
    places = positions("1", AXIS_NAMES[len(sheet.arriving) - 1])
    squared = f"({places})**2" if "*" in places else f"{places}**2"
    return Counts(
        "D1*heads*(2*q + v) + heads*v*D2",
        "heads*(2*q + v) + D2" if layer.bias else "",
        f"weights*{places} + {squared}*heads*(q + v)",
        of_weights="to queries, keys and values, and to the output",
        of_biases="" if layer.bias else _NO_BIAS,
        of_macs="the projections, then QKᵀ and AV",
    )


def _window_attention(sheet: Sheet, layer: WindowAttention) -> Counts:
    grid, axes = layer.grid(sheet.arriving), AXIS_NAMES[len(sheet.arriving) - 1]
    own = setting("w", [axis.window for axis in grid])
    sheet.values |= {**own.values, "heads": layer.num_heads}
    number = size = 1
    for axis in grid:
        number, size = number * axis.windows, size * axis.window
    rounded = (f"ceil({positions('1', (name,))}/{w})" for name, w in zip(axes, own.letters, strict=True))
    sheet.work(Line("windows", "number", "windows", "*".join(rounded), result=number))
    sheet.work(Line("windows", "positions", "n", _product(own.letters), result=size, remark="in each"))
    sheet.values |= {"windows": number, "n": size}
    table = f" + {_product([f'(2*{w} - 1)' for w in own.letters])}*heads" if layer.relative_position_bias else ""
    said = ", and a number per head for each distance in a window" if table else ""
    return Counts(
        f"4*D1**2{table}",
        "4*D1" if layer.bias else "",
        "windows*n*4*D1**2 + windows*n**2*2*D1",
        "n**2",
        of_weights=f"to queries, keys and values, and to the output{said}",
        of_biases="" if layer.bias else _NO_BIAS,
        of_macs="the projections, padded positions too; then QKᵀ and AV in each window",
        of_buffers="which pair of places has which distance, stored and not learned",
    )


def _product(factors: list[str] | tuple[str, ...]) -> str:
    """The product, as a power where the factors are alike."""
    if len(set(factors)) == 1:
        return factors[0] + (f"**{len(factors)}" if len(factors) > 1 else "")
    return "*".join(factors)


def _recurrent(sheet: Sheet, layer: Rnn | Lstm | Gru) -> Counts:
    state, gates = ("p" if layer.projected() else "U"), "*gates" if layer.gates > 1 else ""
    sheet.values |= {"U": layer.hidden_size, "p": layer.projected(), "gates": layer.gates}
    sheet.values |= {"directions": layer.directions, "layers": layer.num_layers}
    both = "directions*" if layer.bidirectional else ""
    projection = " + p*U" if layer.projected() else ""
    weights = f"{both}{_one(f'U*(D1 + {state}){gates}{projection}', both)}"
    if layer.num_layers > 1:
        weights += f" + (layers - 1)*{both}{_one(f'U*({both}{state} + {state}){gates}{projection}', 'layers')}"
    stacked = "layers*" if layer.num_layers > 1 else ""
    twice = "2*" if layer.biases_per_gate == 2 else ""
    return Counts(
        weights,
        f"{stacked}{both}{twice}U{gates}" if layer.biases_per_gate else "",
        "weights*L1",
        of_weights="of the input and the state, into every gate" if gates else "of the input and the state",
        of_biases="one beside each matrix" if twice else ("" if layer.bias else _NO_BIAS),
        of_macs="every weight once at every position",
    )


def _one(formula: str, factor: str) -> str:
    """The formula as a factor: in brackets where it is a sum and multiplied."""
    return f"({formula})" if factor and " + p*U" in formula else formula
