"""What the layers of one network see of its input: bounded in work, with the notes that belong to it."""

from __future__ import annotations

from collections.abc import Sequence

from shapecalc.layers import Reading
from shapecalc.notation import AXIS_NAMES, Shape, times
from shapecalc.receptive_field import INPUT, AxisField, ReceptiveField, merged

MAX_WORK = 2_000_000
"""Intervals that are looked up for one network, a second's work; a U-Net of a hundred layers takes ten thousand."""

NOTHING_SEEN = ReceptiveField((), is_global=False, input_size=(), units=())
"""Of what depends only on other inputs than the one that receptive fields are about."""

LOST = "the receptive field has too long a period, or is too large, to be tabulated: unknown"

Seen = tuple[ReceptiveField | None, tuple[str, ...]]
"""A receptive field (None: unknown) and what is to be noted about it."""


def of_input(shape: Shape) -> ReceptiveField | None:
    """Every input pixel sees itself; None where the input has no spatial axes."""
    sizes = shape[1:]
    return ReceptiveField((INPUT,) * len(sizes), is_global=False, input_size=sizes, units=sizes) if sizes else None


class Sight:
    """Carries receptive fields through the layers of one network."""

    def __init__(self) -> None:
        self._work = 0
        self._exceeds = False

    def through(self, field: ReceptiveField | None, reading: Reading, out: Shape) -> Seen:
        """What a layer's outputs see, given what its input sees."""
        if field is None or field is NOTHING_SEEN or reading == "pointwise":
            return field, ()
        if reading == "unknown":
            return None, ()
        if isinstance(reading, tuple):
            pairs = zip(field.axes, reading, strict=False)  # no axes where all is global
            self._work += sum(axis.work(window) for axis, window in pairs if window is not None)
        return self._noted(_through(field, reading, out[1:]) if self._work <= MAX_WORK else None)

    def joined(self, fields: Sequence[ReceptiveField | None], names: Sequence[str], out: Shape) -> Seen:
        """The hull of what several branches see; global where one of them is."""
        known = [field for field in fields if field is not None]
        everything = next((field for field in known if field.is_global), None)
        whole = everything and everything._replace(axes=(), units=out[1:])  # whatever the other paths see
        if len(known) < len(fields):
            return whole, ()
        seen = [field for field in known if field is not NOTHING_SEEN]
        if not seen or all(field == seen[0] for field in seen):
            return (seen[0] if seen else NOTHING_SEEN), ()
        local = [field for field in seen if field.axes]
        self._work += sum(len(axis.intervals) for field in local for axis in field.axes)
        hulls = [merged([field.axes[i] for field in local]) for i in range(len(local[0].axes))] if local else []
        axes = tuple(hull for hull in hulls if hull is not None)
        if len(axes) < len(hulls) or self._work > MAX_WORK:
            return whole, (_misaligned(fields, names, " of the local paths" if whole else ""),)
        return self._noted(ReceptiveField(axes, whole is not None, seen[0].input_size, out[1:]))

    def _noted(self, seen: ReceptiveField | None) -> Seen:
        """The field, with a note where it is lost or first exceeds the input."""
        if seen is None:
            return None, (LOST,)
        if self._exceeds or not any(a > b for a, b in zip(seen.size, seen.input_size, strict=True)):
            return seen, ()
        self._exceeds = True
        pairs = zip(AXIS_NAMES[len(seen.size)], seen.size, seen.input_size, strict=True)
        beyond = [name for name, size, there in pairs if size > there]
        along = "" if len(beyond) == len(seen.size) else f" in {' and '.join(beyond)}"
        sizes = f"({times(seen.size)}) is larger than the input ({times(seen.input_size)}){along}"
        return seen, (f"from here on the receptive field {sizes}",)


def repeated(field: ReceptiveField | None, arriving: Shape, out: Shape) -> ReceptiveField | None:
    """What the units of a tensor see once its axes of size 1 are repeated to those of `out`: what the first sees."""
    if field is None or not field.axes or arriving[1:] == out[1:]:
        return field
    pairs = zip(arriving[1:], out[1:], field.axes, strict=True)
    axes = tuple(AxisField(0, (axis.interval(0),)) if n < m else axis for n, m, axis in pairs)
    return field._replace(axes=axes, units=out[1:])


def _through(field: ReceptiveField, reading: Reading, units: tuple[int, ...]) -> ReceptiveField | None:
    if isinstance(reading, str):  # the whole input
        return ReceptiveField((), is_global=True, input_size=field.input_size, units=units)
    if not field.axes:
        return field
    axes = []
    for axis, window in zip(field.axes, reading, strict=True):
        seen = None if window is None else axis.through(window)
        if seen is None:
            return None
        axes.append(seen)
    return ReceptiveField(tuple(axes), field.is_global, field.input_size, units)


def _misaligned(fields: Sequence[ReceptiveField | None], names: Sequence[str], whose: str) -> str:
    """Which branches have no common receptive field, with the strides that differ."""
    strides = {
        name: ", ".join(map(str, field.stride))
        for name, field in zip(names, fields, strict=True)
        if field is not None and field.stride is not None
    }
    if len(set(strides.values())) == 1:
        return LOST
    told = " and ".join(f"`{name}` ({stride})" for name, stride in strides.items())
    return f"the branches move over the input at different strides, {told}: there is no one receptive field{whose}"
