"""What layers would see of the input if a recurrence with a slip were followed through the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from math import prod

from shapecalc.derivation.frames import spans_of
from shapecalc.layers.merge import Merge
from shapecalc.misconceptions.answer import Asked, Extent, Guess, Value
from shapecalc.misconceptions.counts import WINDOW_POOLS
from shapecalc.misconceptions.fields import ROWS, Row, Seen, Window, rightly
from shapecalc.misconceptions.fields import Step as Rule
from shapecalc.misconceptions.sums import chained
from shapecalc.result import Step

AXES = ("receptive_field", "stride", "start")
LETTERS = {"receptive_field": "r", "stride": "j", "start": "start"}
ENLARGING = ("conv_transpose", "upsample", "pixel_shuffle")

Axes = tuple[Seen, ...]
States = dict[str, "Axes | None"]
Join = Callable[[list[Axes]], "Axes | None"]


def seen(asked: Asked) -> Iterator[Guess]:
    """The answers to which slips in the recurrence lead, and those of another kind."""
    if asked.quantity not in AXES or asked.last.receptive_field is None:
        return
    read = _read(asked)
    windows = sum(bool(spans_of(step.layer, step.in_shapes[0])) for step in read)
    for row in ROWS:
        if row.quantity == asked.quantity and windows >= row.least:
            states = _states(asked, row.begin, row.step)
            for guess in _guess(asked, row.tag, states[asked.last.name], row.why):
                yield guess._replace(working=_written(row, read, states))
    yield from _of_branches(asked)
    yield from _other_things(asked)


def _read(asked: Asked) -> list[Step]:
    """The last layer and those that it reads, directly or not, from the first on."""
    wanted, found = {asked.last.name}, []
    for step in reversed(asked.trace.layers[: asked.subject.end]):
        if step.name in wanted:
            wanted.update(step.inputs)
            found.append(step)
    return found[::-1]


def _written(row: Row, read: list[Step], states: States) -> str:
    """How the slip's number is put together, of one layer behind the other: ``1 + 6 + 2 + 2``, ``7·3·3``."""
    axes = [states[step.name] for step in read]
    if not row.written or any(len(step.inputs) > 1 for step in read) or not all(axes):
        return ""
    along = [{getattr(axis, LETTERS[row.quantity]) for axis in each} for each in axes if each]
    begin = Fraction({"receptive_field": row.begin[0], "stride": row.begin[1]}.get(row.quantity, 0))
    numbers = [begin, *(next(iter(each)) for each in along)]
    return "" if any(len(each) > 1 for each in along) else chained(numbers, row.written)


def _guess(asked: Asked, tag: str, found: Axes | None, why: str, extent: Extent = Extent.ALIKE) -> Iterator[Guess]:
    if found:
        numbers = [getattr(axis, LETTERS[asked.quantity]) for axis in found]
        if all(number.denominator == 1 for number in numbers):
            yield Guess(tag, tuple(map(int, numbers)), why, extent=extent)


def followed(asked: Asked, begin: tuple[int, int], rule: Rule, join: Join | None = None) -> Axes | None:
    """What the last layer sees if every window is read by the rule; None where it sees everything, or no one knows."""
    return _states(asked, begin, rule, join)[asked.last.name]


def _states(asked: Asked, begin: tuple[int, int], rule: Rule, join: Join | None = None) -> States:
    trace = asked.trace
    states: States = {
        name: (Seen(Fraction(begin[0]), Fraction(begin[1]), Fraction(0)),) * (len(shape) - 1) or None
        for name, shape in trace.inputs
    }
    for step in trace.layers[: asked.subject.end]:
        arriving = [state for name in step.inputs if (state := states[name]) is not None]
        if isinstance(step.layer, Merge):
            states[step.name] = (join or hull)(arriving) if arriving else None
        else:
            states[step.name] = _through(step, arriving[0], rule) if arriving else None
    return states


def _through(step: Step, arriving: Axes, rule: Rule) -> Axes | None:
    windows = windows_of(step)
    if windows is None or len(windows) not in (0, len(arriving)):
        return None
    if not windows:
        return arriving
    return tuple(rule(axis, window) for axis, window in zip(arriving, windows, strict=True))


def windows_of(step: Step) -> list[Window] | None:
    """The layer's windows; none where it works position by position, None where it sees everything."""
    assert not isinstance(step.layer, Merge)
    reading = step.layer.reading(step.in_shapes[0], step.out_shape)
    if isinstance(reading, str):
        return [] if reading == "pointwise" else None
    found = []
    spans = spans_of(step.layer, step.in_shapes[0])
    for axis, (before, after) in enumerate(zip(step.in_shapes[0][1:], step.out_shape[1:], strict=True)):
        if not spans:  # upsampling and the like: nothing is seen beyond, and the units come closer
            found.append(Window(1, Fraction(before, after) if step.type in ENLARGING else Fraction(1), 0, 1, False))
            continue
        span = spans[axis]
        stride = Fraction(1, span.stride) if step.type == "conv_transpose" else Fraction(span.stride)
        found.append(Window(span.kernel, stride, span.before, span.dilation, step.type in WINDOW_POOLS))
    return found


def hull(branches: list[Axes]) -> Axes:
    """The largest size of all branches along each axis."""
    return tuple(max(axes, key=lambda each: each.r) for axes in zip(*branches, strict=True))


def _of_branches(asked: Asked) -> Iterator[Guess]:
    merges = [step for step in asked.trace.layers[: asked.subject.end] if isinstance(step.layer, Merge)]
    if not merges:
        return
    for number in range(max(len(step.inputs) for step in merges)):
        found = followed(asked, (1, 1), rightly, lambda branches, i=number: branches[min(i, len(branches) - 1)])  # type: ignore[misc]
        yield from _guess(
            asked, "took_one_branch", found, "one branch is followed; a join sees what all of its inputs see"
        )
    if asked.quantity != "receptive_field":
        return
    added = "what the branches see is added; they see the same place, so the largest counts"
    for join in (_all_added, _wide_added):
        yield from _guess(asked, "added_the_branches", followed(asked, (1, 1), rightly, join), added)
    for stacked in (_stacked(asked, lambda w: (w.k - 1) * w.d, 1), _stacked(asked, lambda w: w.k, 0)):
        yield from _guess(
            asked,
            "summed_kernel_sizes",
            stacked,
            "the kernels of all branches are added, as if they stood one behind the other",
        )


def _all_added(branches: list[Axes]) -> Axes:
    return tuple(axes[0]._replace(r=Fraction(sum(each.r for each in axes))) for axes in zip(*branches, strict=True))


def _wide_added(branches: list[Axes]) -> Axes:
    """The sum without branches that see a single pixel."""
    wide = [axes for axes in branches if any(axis.r > 1 for axis in axes)]
    return _all_added(wide or branches)


def _stacked(asked: Asked, reach: Callable[[Window], int], begin: int) -> Axes | None:
    """The sum of the reaches of all windows, whatever reads what."""
    steps = [step for step in asked.trace.layers[: asked.subject.end] if not isinstance(step.layer, Merge)]
    windows = [found for step in steps if (found := windows_of(step))]
    if not windows or len({len(each) for each in windows}) > 1:
        return None
    sums = [begin + sum(map(reach, along)) for along in zip(*windows, strict=True)]
    return tuple(Seen(Fraction(each), Fraction(1), Fraction(0)) for each in sums)


def _other_things(asked: Asked) -> Iterator[Guess]:
    """Another quantity of the receptive field, or the right one in another order."""
    field = asked.last.receptive_field
    assert field is not None
    sizes, input_size = field.size, field.input_size
    others: list[tuple[str, Value, str]] = []
    if asked.quantity == "receptive_field" and field.axes:
        others.append(
            (
                "clipped_to_the_input",
                tuple(map(min, sizes, input_size)),
                "the receptive field is clipped to the input; by convention it is not",
            )
        )
        if all(size % 2 for size in sizes):
            others.append(
                (
                    "radius_not_size",
                    tuple(size // 2 for size in sizes),
                    "that is the reach to one side; both sides and the middle count",
                )
            )
        if len(sizes) > 1:
            power = {2: "area", 3: "volume"}[len(sizes)]
            why = (
                f"that is the {power}, {'·'.join(map(str, sizes))} pixels; the receptive field is told along each axis"
            )
            others.append(("gave_the_area", (prod(sizes),) * len(sizes), why))
        others.append(
            ("took_the_total_stride", tuple(map(int, field.stride or ())), "that is the stride from unit to unit")
        )
        others.append(("took_the_map_size", asked.last.out_shape[1:], "that is the size of the map that leaves"))
    if asked.quantity == "stride":
        others.append(("took_the_receptive_field", sizes, "that is the size of the receptive field"))
    if asked.quantity == "start" and all(size % 2 for size in sizes):
        others.append(
            (
                "assumed_unit_0_in_the_corner",
                tuple(-(size // 2) for size in sizes),
                "unit 0 is taken to be centred on pixel 0; the padding decides",
            )
        )
    right = {"receptive_field": sizes, "stride": field.stride, "start": field.start}[asked.quantity]
    if right is not None and None not in right:
        others.append(("swapped_height_and_width", tuple(map(int, reversed(right))), "height and width are swapped"))  # type: ignore[arg-type]
    for tag, value, why in others:
        yield Guess(tag, value, why)
