"""Which units depend on which input pixels, found by walking the graph position by position.

The table's receptive fields are intervals that repeat, carried from layer to layer (`receptive_field`). Here
sets of positions are walked through the same windows, one unit or one input line at a time, borders and holes
included: what `unit` prints, and what `verify` compares with a run of the network.
"""

from __future__ import annotations

from shapecalc.reach.endless import endless_interval
from shapecalc.reach.lines import lines_seen
from shapecalc.reach.links import Unfollowable
from shapecalc.reach.unit import Pixel, Unit, seen_by, units_seeing

__all__ = ["Pixel", "Unfollowable", "Unit", "endless_interval", "lines_seen", "seen_by", "units_seeing"]
