"""Attention and tokens by the reference: values as PyTorch's, and as torchvision's windows written out again."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from shapecalc.reference_ops import OPS
from shapecalc.reference_ops.arrays import Array
from shapecalc.reference_ops.attention import relative_position_index
from tests.witness import some_numbers, torch_or_skip

Arrays = dict[str, Array]


def projections(*, bias: bool, **shapes: tuple[int, int]) -> Arrays:
    arrays = {f"{name}_weight": some_numbers(*shape) for name, shape in shapes.items()}
    biases = {f"{name}_bias": some_numbers(shape[0]) for name, shape in shapes.items()}
    return {**arrays, **(biases if bias else {})}


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(6, 5), (6, 2, 4), (6, 2, 3, 4)])
@pytest.mark.parametrize("heads", [1, 2, 3])
def test_attention_equals_torch(heads: int, shape: tuple[int, ...], bias: bool) -> None:
    torch = torch_or_skip()
    arrays = projections(bias=bias, q=(6, 6), k=(6, 6), v=(6, 6), out=(6, 6))
    arrays["k_weight"] = arrays["k_weight"] + 1.0  # some_numbers gives one shape the same numbers
    arrays["v_weight"] = arrays["v_weight"].T
    module = torch.nn.MultiheadAttention(6, heads, bias=bias, batch_first=True, dtype=torch.float64)
    state = {"out_proj.weight": arrays["out_weight"]}
    state["in_proj_weight"] = np.concatenate([arrays[f"{each}_weight"] for each in "qkv"])
    if bias:
        state["in_proj_bias"] = np.concatenate([arrays[f"{each}_bias"] for each in "qkv"])
        state["out_proj.bias"] = arrays["out_bias"]
    module.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in state.items()})
    x = some_numbers(*shape)
    tokens = torch.from_numpy(x.reshape(6, -1).T.copy())[None]
    with torch.no_grad():
        theirs = module(tokens, tokens, tokens)[0][0].numpy().T.reshape(shape)
    np.testing.assert_allclose(OPS["attention"](x, num_heads=heads, **arrays), theirs, atol=1e-9)


def test_attention_with_widths_of_its_own_equals_torch() -> None:
    torch = torch_or_skip()
    heads, key, value = 3, 2, 4
    arrays = projections(bias=True, q=(6, 5), k=(6, 5), v=(12, 5), out=(7, 12))
    x = some_numbers(5, 9)
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    seen = torch.from_numpy(x).T

    def each(name: str, size: int) -> Any:
        out = torch.nn.functional.linear(seen, tensors[f"{name}_weight"], tensors[f"{name}_bias"])
        return out.reshape(9, heads, size).transpose(0, 1)

    mixed = torch.nn.functional.scaled_dot_product_attention(each("q", key), each("k", key), each("v", value))
    joined = mixed.transpose(0, 1).reshape(9, heads * value)
    theirs = torch.nn.functional.linear(joined, tensors["out_weight"], tensors["out_bias"]).T
    np.testing.assert_allclose(OPS["attention"](x, num_heads=heads, **arrays), theirs.numpy(), atol=1e-9)


def swin(x: Any, arrays: dict[str, Any], window: tuple[int, int], shift: tuple[int, int], heads: int) -> Any:
    """torchvision's shifted_window_attention for one image `(H, W, C)`: pad, roll, split, mask, and back."""
    torch = torch_or_skip()
    height, width, channels = x.shape
    down, right = -height % window[0], -width % window[1]
    x = torch.nn.functional.pad(x, (0, 0, 0, right, 0, down))
    rows, columns = x.shape[:2]
    by = [0 if w >= n else s for w, n, s in zip(window, (rows, columns), shift, strict=True)]
    x = torch.roll(x, (-by[0], -by[1]), (0, 1))
    count, size = (rows // window[0]) * (columns // window[1]), window[0] * window[1]

    def split(value: Any) -> Any:
        parts = value.reshape(rows // window[0], window[0], columns // window[1], window[1], -1)
        return parts.permute(0, 2, 1, 3, 4).reshape(count, size, -1)

    qkv = torch.nn.functional.linear(split(x), arrays["in_weight"], arrays.get("in_bias"))
    q, k, v = qkv.reshape(count, size, 3, heads, channels // heads).permute(2, 0, 3, 1, 4)
    scores = q @ k.transpose(-2, -1) / math.sqrt(channels // heads)
    if "relative_position_bias_table" in arrays:
        bias = arrays["relative_position_bias_table"][torchvision_index(window)].reshape(size, size, heads)
        scores = scores + bias.permute(2, 0, 1)
    labels = split(labelled((rows, columns), window, by)[..., None])[..., 0]
    unlike = labels[:, None, :] != labels[:, :, None]
    scores = scores.masked_fill(unlike[:, None], -1000.0)
    mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(count, size, channels)
    out = torch.nn.functional.linear(mixed, arrays["out_weight"], arrays.get("out_bias"))
    out = out.reshape(rows // window[0], columns // window[1], window[0], window[1], channels)
    out = out.permute(0, 2, 1, 3, 4).reshape(rows, columns, channels)
    return torch.roll(out, by, (0, 1))[:height, :width]


def labelled(sizes: tuple[int, int], window: tuple[int, int], shift: list[int]) -> Any:
    """A number for each of the parts, up to nine, that a rolled map is made of."""
    mask = torch_or_skip().zeros(*sizes)
    across = parts(window[1], shift[1])
    for row, down in enumerate(parts(window[0], shift[0])):
        for column, right in enumerate(across):
            mask[down, right] = row * len(across) + column
    return mask


def parts(window: int, shift: int) -> list[slice]:
    return [slice(0, -window), slice(-window, -shift), slice(-shift, None)] if shift else [slice(None)]


def torchvision_index(window: tuple[int, int]) -> Any:
    torch = torch_or_skip()
    grid = torch.meshgrid(torch.arange(window[0]), torch.arange(window[1]), indexing="ij")
    coordinates = torch.stack(grid).flatten(1)
    relative = (coordinates[:, :, None] - coordinates[:, None, :]).permute(1, 2, 0).contiguous()
    relative[:, :, 0] += window[0] - 1
    relative[:, :, 1] += window[1] - 1
    relative[:, :, 0] *= 2 * window[1] - 1
    return relative.sum(-1).flatten()


@pytest.mark.parametrize("table", [True, False])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shift", [(0, 0), (1, 2), (0, 1)])
@pytest.mark.parametrize("sizes", [(4, 6), (5, 8), (2, 7), (1, 2), (9, 3)])
def test_windows_equal_torchvisions(sizes: tuple[int, int], shift: tuple[int, int], bias: bool, table: bool) -> None:
    torch = torch_or_skip()
    window, heads = (2, 3), 2
    arrays = projections(bias=bias, **{"in": (18, 6), "out": (6, 6)})
    if table:
        arrays["relative_position_bias_table"] = some_numbers(15, heads)
        arrays["relative_position_index"] = relative_position_index(window)
    x = some_numbers(6, *sizes)
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    theirs = swin(torch.from_numpy(x).permute(1, 2, 0), tensors, window, shift, heads).permute(2, 0, 1).numpy()
    ours = OPS["window_attention"](x, window_size=window, shift=shift, num_heads=heads, **arrays)
    np.testing.assert_allclose(ours, theirs, atol=1e-9)


@pytest.mark.parametrize("window", [(2, 3), (7, 7), (1, 4)])
def test_the_rows_of_distances_are_torchvisions(window: tuple[int, int]) -> None:
    np.testing.assert_array_equal(relative_position_index(window), torchvision_index(window).numpy())


def test_rows_that_are_not_in_the_table_are_refused() -> None:
    arrays = projections(bias=False, **{"in": (6, 2), "out": (2, 2)})
    arrays |= {"relative_position_bias_table": np.ones((3, 1)), "relative_position_index": np.full(4, 3)}
    with pytest.raises(ValueError, match="must name rows of the table"):
        OPS["window_attention"](np.ones((2, 4)), window_size=(2,), shift=(0,), num_heads=1, **arrays)


def test_embedding_equals_torch() -> None:
    torch = torch_or_skip()
    weight, ids = some_numbers(7, 4), np.array([3, 0, 6, 3])
    theirs = torch.nn.functional.embedding(torch.from_numpy(ids), torch.from_numpy(weight)).numpy().T
    np.testing.assert_array_equal(OPS["embedding"](ids, weight, num_embeddings=7, embedding_dim=4), theirs)


@pytest.mark.parametrize("ids", [[7], [-1], [0.5]])
def test_what_is_no_id_is_refused(ids: list[float]) -> None:
    with pytest.raises(ValueError, match="ids must"):
        OPS["embedding"](np.array(ids), np.ones((7, 4)), num_embeddings=7, embedding_dim=4)


def test_tokens_by_hand() -> None:
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_array_equal(OPS["class_token"](x, np.array([8.0, 9.0])), [[8, 1, 2], [9, 3, 4]])
    np.testing.assert_array_equal(OPS["position_embedding"](x, x), 2 * x)
    np.testing.assert_array_equal(OPS["select_token"](x, index=0), [1, 3])
    np.testing.assert_array_equal(OPS["select_token"](x, index=-1), [2, 4])
