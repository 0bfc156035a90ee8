"""Receptive fields that differ from unit to unit: what each unit of one period reads and sees."""

from __future__ import annotations

from shapecalc.derivation.expression import literal
from shapecalc.derivation.recurrences import Recurrence
from shapecalc.derivation.working import Line, Sheet, number
from shapecalc.notation import counted
from shapecalc.receptive_field import AxisField, Interval
from shapecalc.windows import Window

SHOWN = 4
"""So many units are shown one by one."""

EXTENT = "high - low + 1"


def units(sheet: Sheet, heading: str, rule: Recurrence, seen: tuple[Window, AxisField, int]) -> None:
    """The rule by which units read, the first units, and the largest and smallest size; `seen` ends in how many."""
    window, after, number_of_units = seen
    if rule.place:
        sheet.lines.append(Line(heading, "reads", rule.symbol, rule.place, result="", remark=rule.reads))
    period = len(after.intervals)
    for unit in range(min(period, number_of_units, SHOWN)):
        sheet.say((heading, f"unit {unit}"), f"{_reads(window, unit)} → {_sees(after.intervals[unit])}")
    if 1 < period < number_of_units:
        again = f"after {period:,} units, {counted(after.advance, 'pixel')} further"
        sheet.say((heading, "the same again"), again)
    _sizes(sheet, heading, after, number_of_units)


def _reads(window: Window, unit: int) -> str:
    turn, phase = divmod(unit, len(window.taps))
    places = [place + turn * window.advance for place in window.taps[phase][: SHOWN + 1]]
    last = number(window.taps[phase][-1] + turn * window.advance) if places else ""
    step = window.taps[phase].step
    if len(places) < 2:
        return f"reads input {last}" if places else "reads nothing"
    if step == 1:
        return f"reads inputs {number(places[0])}…{last}"
    return f"reads inputs {', '.join(map(number, places[:SHOWN]))}" + (f", …, {last}" if len(places) > SHOWN else "")


def _sees(interval: Interval | None) -> str:
    if interval is None:
        return "no pixel"
    low, high = interval
    return f"pixel {number(low)}" if low == high else f"pixels {number(low)}…{number(high)}"


def _sizes(sheet: Sheet, heading: str, after: AxisField, number_of_units: int) -> None:
    """One line where all units see as many pixels, else the most and the fewest."""
    there = after.intervals[:number_of_units]
    seen = [(unit, ends) for unit, ends in enumerate(there) if ends is not None]
    fewest, most = after.extent(number_of_units)
    if not seen:
        sheet.say((heading, "size"), most, "no unit sees anything", "r")
    elif most == fewest:
        remark = "every unit alike" if len(there) > 1 else ""
        line = Line(heading, "size", "r", EXTENT, _extent(seen[0][1]), most, remark=remark)
        sheet.lines.append(line)
    else:
        sheet.lines.append(_extreme(Line(heading, "most", "r_max", result=most), seen, "max"))
        least = Line(heading, "fewest", "r_min", result=fewest)
        if len(seen) < len(there):
            sheet.lines.append(least._replace(remark="some units see nothing"))
        else:
            sheet.lines.append(_extreme(least, seen, "min"))


def _extent(interval: Interval) -> str:
    return f"{literal(interval[1])} - {literal(interval[0])} + 1"


def _extreme(line: Line, seen: list[tuple[int, Interval]], which: str) -> Line:
    """Over all units where they are few, else at a unit that has it."""
    if len(seen) <= SHOWN:
        numbers = ", ".join(_extent(ends) for _, ends in seen)
        several = f"{which}({numbers})" if len(seen) > 1 else numbers
        return line._replace(formula=f"{which}({EXTENT})", substituted=several)
    unit, ends = next((u, e) for u, e in seen if e[1] - e[0] + 1 == line.result)
    return line._replace(formula=EXTENT, substituted=_extent(ends), remark=f"unit {unit:,}")
