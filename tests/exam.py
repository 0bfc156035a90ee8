"""The exercises of tests/truth/exam.json as specs: PyTorch's layers in the words of the spec language."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Data = dict[str, Any]

EXERCISES: list[Data] = json.loads((Path(__file__).parent / "truth" / "exam.json").read_text(encoding="utf-8"))[
    "exercises"
]

QUANTITIES = {
    "output_shape": "output",
    "activations": "tensor_size",
    "params": "params",
    "macs": "macs",
    "rf": "receptive_field",
    "jump": "stride",
    "start0": "start",
}
"""Theirs and ours."""

TYPES = {
    "Conv": "conv",
    "ConvTranspose": "conv_transpose",
    "MaxPool": "maxpool",
    "AvgPool": "avgpool",
    "AdaptiveAvgPool": "adaptive_avgpool",
    "BatchNorm": "batchnorm",
    "InstanceNorm": "instancenorm",
    "GroupNorm": "groupnorm",
    "LayerNorm": "layernorm",
    "Linear": "fc",
    "Flatten": "flatten",
    "PixelShuffle": "pixel_shuffle",
    "PReLU": "prelu",
    "ReLU": "relu",
    "ReLU6": "relu6",
    "Tanh": "tanh",
    "Sigmoid": "sigmoid",
    "Dropout": "dropout",
    "Upsample": "upsample",
    "Concat": "concat",
    "Add": "add",
    "Mul": "multiply",
}
SEQUENCES: dict[str, Data] = {
    "Embedding(10000, 128)": {"input": 12, "layers": [{"embedding": {"num_embeddings": 10000, "embedding_dim": 128}}]},
    "LSTM(128, 256)": {"input": [128, 20], "layers": [{"lstm": 256}]},
    "RNN(64, 100)": {"input": [64, 20], "layers": [{"rnn": 100}]},
    "LSTM(50, 64, bidirectional=True)": {
        "input": [50, 20],
        "layers": [{"lstm": {"hidden_size": 64, "bidirectional": True}}],
    },
    "TransformerEncoderLayer(": {
        "input": [512, 10],
        "layers": [
            {"parallel": [[{"attention": 8}], []], "join": "add"},
            "layernorm",
            {
                "parallel": [
                    [
                        {"fc": {"out_features": 2048, "per_position": True}},
                        "relu",
                        {"fc": {"out_features": 512, "per_position": True}},
                    ],
                    [],
                ],
                "join": "add",
            },
            "layernorm",
        ],
    },
}
"""The recurrent and attention layers of which the file has only PyTorch's call."""


def spec_of(exercise: Data) -> Data | None:
    """The exercise's network; None where it has none."""
    if "torch" in exercise:
        return SEQUENCES[exercise["torch"]]
    if exercise.get("input") is None:
        return None
    shape = exercise["input"]
    tokens = _is_sequence(exercise)
    layers = [item(each, tokens) for each in exercise.get("layers") or exercise["nodes"]]
    return {"input": shape[::-1] if tokens else shape, "layers": layers}


def _is_sequence(exercise: Data) -> bool:
    """Whether PyTorch works along the last axis, where our channels stand first."""
    return len(exercise["input"]) == 2 and exercise["layers"][0]["type"] in ("Linear", "LayerNorm")


def item(written: Data, tokens: bool) -> Any:
    """One layer in our words."""
    fields = dict(written)
    word = TYPES[fields.pop("type").removesuffix("1d").removesuffix("2d").removesuffix("3d")]
    beside = {}
    if "name" in fields:
        beside["name"] = fields.pop("name")
        inputs = fields.pop("inputs")
        beside["from"] = inputs if len(inputs) > 1 else inputs[0]
    for field in ("num_channels", "normalized_shape", "in_features", "num_features", "dim"):
        fields.pop(field, None)
    if word == "fc" and tokens:
        fields["per_position"] = True
    return {word: fields or None, **beside}


def answer(quantity: str, value: Any, exercise: Data) -> Any:
    """An answer as `expect` has it."""
    if quantity == "output_shape" and _is_sequence(exercise):
        return value[::-1]
    return value
