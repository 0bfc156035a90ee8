"""The layers of exercises, as a spec writes them and as a question says them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

from shapecalc.notation import Shape, hwc

Item: TypeAlias = "str | dict[str, Any]"
"""An item of `layers`."""

Size: TypeAlias = "int | tuple[int, int]"
"""One number for height and width, or one for each."""


class Window(NamedTuple):
    """Kernel size, stride and padding on each side."""

    kernel: Size
    stride: int = 1
    padding: Size = 0


def conv(filters: int, window: Window, **more: Any) -> Item:
    """A convolution; `more` are its other fields."""
    return {"conv": {"filters": filters, "kernel": _plain(window.kernel), **_moved(window), **more}}


def depthwise(channels: int, window: Window) -> Item:
    """A depthwise convolution without bias."""
    return conv(channels, window, groups="depthwise", bias=False)


def transposed(filters: int, window: Window) -> Item:
    """A transposed convolution."""
    return {"conv_transpose": {"filters": filters, "kernel": window.kernel, **_moved(window)}}


def pool(window: Window, kind: str = "maxpool", **more: Any) -> Item:
    """A pooling, `maxpool` or `avgpool`."""
    return {kind: {"kernel_size": _plain(window.kernel), "stride": window.stride, **_padded(window), **more}}


def fc(units: int) -> Item:
    """A fully connected layer."""
    return {"fc": units}


def _plain(size: Size) -> int | list[int]:
    return list(size) if isinstance(size, tuple) else size


def _moved(window: Window) -> dict[str, Any]:
    return ({"stride": window.stride} if window.stride > 1 else {}) | _padded(window)


def _padded(window: Window) -> dict[str, Any]:
    return {"padding": _plain(window.padding)} if window.padding else {}


# ---- in words ----


def said(item: Item, *, filters: bool = True, unpadded: bool = True) -> str:
    """A layer in the words of a question: ``16 filters 5×5 with padding 2``.

    Args:
        item: as in a spec.
        filters: whether their number is told.
        unpadded: whether it is told that there is no padding.
    """
    if isinstance(item, str):
        return _WORDS[item]
    word, fields = next(iter(item.items()))
    if word == "fc":
        return f"a fully connected layer of {fields:,} units"
    if word in ("global_avgpool", "adaptive_avgpool"):
        return _WORDS[word] + ("" if isinstance(fields, dict) else f" to {fields}×{fields}")
    kernel = fields.get("kernel", fields.get("kernel_size"))
    size = "×".join(map(str, kernel if isinstance(kernel, list) else (kernel, kernel)))
    return _what(word, fields, size, filters=filters) + _with(word, fields, unpadded=unpadded)


_WORDS = {
    "relu": "ReLU",
    "sigmoid": "a sigmoid",
    "batchnorm": "batch norm",
    "flatten": "flatten",
    "global_avgpool": "global average pooling",
    "adaptive_avgpool": "adaptive average pooling",
}
_POOLS = {"maxpool": "max pooling", "avgpool": "average pooling"}


def _what(word: str, fields: dict[str, Any], size: str, *, filters: bool) -> str:
    if word in _POOLS:
        return f"{article(size)} {_POOLS[word]}"
    if fields.get("groups") == "depthwise":
        return f"a depthwise {size} convolution"
    if not filters:
        return f"{article(size)} convolution"
    number = fields["filters"]
    kind = "a transposed convolution of " if word == "conv_transpose" else ""
    return f"{kind}{filters_in_words(number)} {size}"


def _with(word: str, fields: dict[str, Any], *, unpadded: bool) -> str:
    """The settings: `` with stride 2 and no padding``."""
    kernel, padding = fields.get("kernel", fields.get("kernel_size")), fields.get("padding", 0)
    found = [f"stride {fields['stride']}"] if "stride" in fields else []
    if isinstance(padding, list):
        found.append("padding " + " and ".join(f"{p} along the {a}" for p, a in zip(padding, _AXES, strict=True)))
    elif padding:
        found.append(f"padding {padding}")
    elif unpadded and word not in _POOLS and kernel != 1:
        found.append("no padding")
    found += [f"dilation {fields['dilation']}"] if "dilation" in fields else []
    found += [f"{fields['groups']} groups"] if isinstance(fields.get("groups"), int) else []
    found += ["no bias"] if fields.get("bias") is False else []
    found += ["`ceil_mode`, which rounds up"] if fields.get("ceil_mode") else []
    if len(found) == 1 and found[0].startswith("no "):
        return f" without {found[0].removeprefix('no ')}"
    return f" with {listed(found)}" if found else ""


_AXES = ("height", "width")


def article(size: str) -> str:
    """The size with its article: ``an 11×11``, ``a 3×3``."""
    return f"an {size}" if size.startswith(("8", "11")) else f"a {size}"


def number(count: int) -> str:
    """A small number as a word, so that it does not run into a size: ``two 3×3 convolutions``."""
    return ("no", "one", "two", "three", "four", "five")[count]


def filters_in_words(count: int) -> str:
    """How many: ``16 filters``, and ``one filter``, since a size stands behind it."""
    return f"{count:,} filters" if count > 1 else "one filter"


def listed(words: Iterable[str]) -> str:
    """The words with commas, and an `and` before the last.

    >>> listed(["stride 2", "padding 1", "no bias"])
    'stride 2, padding 1 and no bias'
    """
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def passes(shape: Shape, items: Iterable[Item]) -> str:
    """The sentence that a tensor goes through layers, one after the other."""
    return f"{hwc(shape)} passes {'; then '.join(map(said, items))}."
