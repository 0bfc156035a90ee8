"""Random settings of attention, tokens and recurrent layers, as PyTorch counts them; ViT and Swin as measured."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shapecalc import SpecError, Step, Trace, load, trace
from tests.witness import torch_or_skip

SETTINGS = settings(
    deadline=None,
    max_examples=100,
    derandomize="CI" in os.environ,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TRUTH = Path(__file__).parent / "truth" / "layers"


def traced(arriving: list[int], *items: Any) -> Trace:
    return trace(load(json.dumps({"input": arriving, "layers": list(items)})))


def one(arriving: list[int], item: Any) -> Step:
    return traced(arriving, item).layers[0]


def numbers_of(module: Any) -> tuple[int, int]:
    """Values in weights and in biases."""
    each = [(name, value.numel()) for name, value in module.named_parameters()]
    biases = sum(number for name, number in each if "bias" in name)
    return sum(number for _, number in each) - biases, biases


def counted(call: Any) -> int:
    """Multiply-adds, as torch counts them."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        call()
    flops: int = counter.get_total_flops()
    return flops // 2


@SETTINGS
@given(st.integers(1, 12), st.integers(1, 4), st.integers(1, 9), st.booleans())
def test_attention_counts_as_torch(channels: int, heads: int, length: int, bias: bool) -> None:
    torch = torch_or_skip()
    item = {"attention": {"num_heads": heads, "bias": bias}}
    try:
        module = torch.nn.MultiheadAttention(channels, heads, bias=bias, batch_first=True)
    except (AssertionError, ValueError):
        with pytest.raises(SpecError):
            one([channels, length], item)
        return
    x = torch.zeros(1, length, channels)
    ours = one([channels, length], item)
    assert (ours.weights, ours.biases) == numbers_of(module)
    assert ours.macs == counted(lambda: module(x, x, x))  # in training mode the products are counted
    assert ours.out_shape == (channels, length)


RECURRENT = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU"}


@st.composite
def recurrents(draw: Any) -> tuple[str, dict[str, Any]]:
    kind = draw(st.sampled_from(sorted(RECURRENT)))
    fields = {
        "hidden_size": draw(st.integers(1, 6)),
        "num_layers": draw(st.integers(1, 3)),
        "bidirectional": draw(st.booleans()),
        "bias": draw(st.booleans()),
    }
    if kind == "lstm" and draw(st.booleans()):
        fields["proj_size"] = draw(st.integers(1, 6))
    return kind, fields


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
@SETTINGS
@given(recurrents(), st.integers(1, 5), st.integers(1, 7), st.booleans())
def test_recurrent_layers_count_as_torch(
    layer: tuple[str, dict[str, Any]], channels: int, length: int, whole: bool
) -> None:
    torch = torch_or_skip()
    kind, fields = layer
    item = {kind: {**fields, "return_sequence": whole}}
    try:
        module = getattr(torch.nn, RECURRENT[kind])(channels, **fields)
    except ValueError:
        with pytest.raises(SpecError):
            one([channels, length], item)
        return
    sequence, states = module(torch.zeros(length, channels))
    last = states[0] if isinstance(states, tuple) else states
    width = last.shape[-1] * (2 if fields["bidirectional"] else 1)
    ours = one([channels, length], item)
    assert (ours.weights, ours.biases) == numbers_of(module)
    assert ours.out_shape == (tuple(sequence.shape[::-1]) if whole else (width,))


@pytest.mark.parametrize(("kind", "cell"), [("rnn", "RNNCell"), ("lstm", "LSTMCell"), ("gru", "GRUCell")])
def test_one_step_multiplies_as_torchs_cell(kind: str, cell: str) -> None:
    torch = torch_or_skip()
    module = getattr(torch.nn, cell)(7, 5, device="meta")
    x = torch.zeros(1, 7, device="meta")
    assert one([7, 11], {kind: 5}).macs == 11 * counted(lambda: module(x))


def test_an_lstm_as_counters_are_held_against() -> None:
    ours = one([300, 100], {"lstm": {"hidden_size": 512, "num_layers": 2}})
    assert ours.macs == 376_012_800
    assert ours.biases == 2 * 2 * 4 * 512


# ---- whole models, as measured ----


def read(name: str) -> Any:
    with gzip.open(TRUTH / f"{name}.json.gz", "rt", encoding="utf-8") as file:
        return json.load(file)


def test_a_vision_transformer_counts_as_measured() -> None:
    """Its parts in a row: what is added around them has no parameters and multiplies nothing."""
    per_position = {"per_position": True}
    block = ["layernorm", {"attention": 12}, "layernorm", {"fc": {"units": 3072, **per_position}}, "gelu"]
    block.append({"fc": {"units": 768, **per_position}})
    stem: list[Any] = [{"conv": {"filters": 768, "kernel": 16, "stride": 16}}, {"flatten": "spatial"}, "class_token"]
    head: list[Any] = ["layernorm", "select_token", {"fc": 1000}]
    network = traced([3, 224, 224], *stem, "position_embedding", *block * 12, *head)
    truth = read("vit_b_16")
    measured = [each for each in truth["layers"] if each["type"] == "MultiheadAttention"]
    ours = [step for step in network.layers if step.type == "attention"]
    assert [(step.params, step.macs) for step in ours] == [(each["params"], each["macs"]) for each in measured]
    assert (network.totals.params, network.totals.macs) == (truth["total_params"], truth["macs_total"])
    assert network.totals.macs == 17_563_828_224
    assert len(ours) == 12


def test_windows_count_as_swins() -> None:
    measured = [each for each in read("swin_t")["layers"] if each["type"] == "ShiftedWindowAttention"]
    buffers = 0
    for each in measured:
        _, *sizes, channels = each["input"][0]
        own = {"window_size": each["hp"]["window_size"], "shift": each["hp"]["shift_size"]}
        ours = one([channels, *sizes], {"window_attention": {**own, "num_heads": each["hp"]["num_heads"]}})
        assert (ours.params, ours.macs) == (each["params"], each["macs"])
        assert ours.out_shape == (channels, *sizes)
        buffers += ours.buffers or 0
    assert buffers == 28_812  # torchvision's own, the twelve tables of which pair has which distance


def test_other_words_for_pixel_shuffles() -> None:
    there = traced([3, 4, 6], {"space_to_depth": {"block_size": 2}}, {"depth_to_space": {"block_size": 2}})
    assert [step.out_shape for step in there.layers] == [(12, 2, 3), (3, 4, 6)]
    assert [step.type for step in there.layers] == ["pixel_unshuffle", "pixel_shuffle"]
