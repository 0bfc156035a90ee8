"""Which values an unknown may have, and which of them are simple: by the field that it stands in.

The order of simplicity is that of `Range.values`: odd kernels of a convolution before even ones; of channels and
features powers of two, then multiples of 8, then the rest; anything else from the smallest up, where the defaults
are (stride 1, padding 0, dilation 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

from shapecalc.layers import LAYERS

Value: TypeAlias = "int | bool | str"

BOUNDS: dict[str, tuple[int, int]] = {
    "amount": (0, 512),
    "dilation": (1, 16),
    "downscale_factor": (1, 16),
    "index": (0, 4096),
    "input": (1, 4096),
    "kernel_size": (1, 31),
    "num_heads": (1, 64),
    "num_layers": (1, 64),
    "output_padding": (0, 15),
    "output_size": (1, 512),
    "padding": (0, 31),
    "repeat": (1, 200),
    "scale_factor": (1, 16),
    "shift": (0, 63),
    "size": (1, 4096),
    "stride": (1, 16),
    "upscale_factor": (1, 16),
    "window_size": (1, 64),
}
"""The smallest and the largest value that is tried."""

WIDTH = (1, 4096)
"""The same of channels, features, groups and whatever else counts."""

_FLAGS = {"when": (True, False)}
_ODD_FIRST = ("conv", "separable_conv")
_WIDTHS = ("out_channels", "out_features", "hidden_size", "embedding_dim", "channels")


class Range(NamedTuple):
    """The values that an unknown may have, the simplest first.

    Attributes:
        family: the field's name, or `input`, `repeat`, `channels`.
        values: all of them.
        is_widened: whether the user said them.
    """

    family: str
    values: tuple[Value, ...]
    is_widened: bool = False

    @property
    def is_number(self) -> bool:
        """Whether they are numbers, which have an order; not flags and words."""
        return all(type(value) is int for value in self.values)


def numbers(family: str, values: Sequence[int], kind: str = "") -> Range:
    """These whole numbers, in the order of the family; `kind` is the layer's type."""
    if family == "kernel_size" and kind in _ODD_FIRST:
        values = sorted(values, key=lambda value: (value % 2 == 0, value))
    elif family in _WIDTHS:
        values = sorted(values, key=lambda value: (_roughness(value), value))
    return Range(family, tuple(values))


def _roughness(width: int) -> int:
    """0 of a power of two, 1 of a multiple of 8, 2 of any other number."""
    return 0 if width & (width - 1) == 0 else 1 if width % 8 == 0 else 2


def of_family(family: str, kind: str = "") -> Range:
    """The usual values of a family."""
    if family in _FLAGS:
        return Range(family, _FLAGS[family])
    low, high = BOUNDS.get(family, WIDTH)
    return numbers(family, range(low, high + 1), kind)


def of_field(kind: str, field: str, settings: object) -> Range | None:
    """The usual values of a layer's field; None where no whole number, flag or word can stand there.

    Args:
        kind: the layer's type.
        field: its own name, not a lecture's word for it.
        settings: what the spec writes behind the layer's word.
    """
    info = LAYERS[kind].model_fields.get(field)
    if info is None:
        return None
    schema = LAYERS[kind].model_json_schema()["properties"].get(info.alias or field, {})
    forms = _forms(schema)
    if any(form.get("type") == "integer" for form in forms) or field == "scale_factor":
        if field == "padding" and kind in ("pad",):
            return of_family("amount")
        if field == "padding":
            return numbers(field, range(_extent(settings) + 1))
        return of_family(field, kind)
    words = [word for form in forms for word in form.get("enum", [form["const"]] if "const" in form else [])]
    flags = [False, True] if any(form.get("type") == "boolean" for form in forms) else []
    values = sorted([*flags, *words], key=lambda value: value != info.default)
    return Range(field, tuple(values)) if values else None


def _forms(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """What a field may be, lists and choices taken apart."""
    inner = [*schema.get("anyOf", ()), *schema.get("prefixItems", ())]
    if isinstance(schema.get("items"), dict):
        inner.append(schema["items"])
    return [schema, *(form for each in inner for form in _forms(each))]


def _extent(settings: object) -> int:
    """The largest padding that is tried: as many positions as the dilated kernel covers, 31 where it is not written."""
    if not isinstance(settings, dict):
        settings = {"kernel_size": settings}
    kernel = _largest(settings.get("kernel_size", settings.get("kernel", settings.get("pool_size"))))
    dilation = _largest(settings.get("dilation", 1))
    return BOUNDS["padding"][1] if kernel is None or dilation is None else dilation * (kernel - 1) + 1


def _largest(written: object) -> int | None:
    each: list[Any] = written if isinstance(written, list) else [written]
    if not each or any(type(value) is not int or value < 1 for value in each):
        return None
    return min(int(max(each)), 512)
