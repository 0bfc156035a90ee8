"""The size of a receptive field as people read it."""

from __future__ import annotations

from shapecalc.receptive_field import ReceptiveField


def field_size(field: ReceptiveField) -> str:
    """The size per axis, ``188–204`` where units differ; ``global`` where the whole input is seen."""
    if not field.axes:
        return "global"
    pairs = zip(field.size_min, field.size, strict=True)
    sizes = [str(most) if least == most else f"{least}–{most}" for least, most in pairs]
    is_uneven = field.size_min != field.size
    local = sizes[0] if is_uneven and len(set(sizes)) == 1 else "×".join(sizes)
    return f"global, {local}" if field.is_global else local
