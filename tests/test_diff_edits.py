"""`diff` on pairs of networks made by known edits: it names exactly those."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from shapecalc.comparison import KINDS, compare
from tests.edits import Edited, pairs

PAIRS = 120


@cache
def all_pairs() -> list[tuple[int, Edited]]:
    return list(pairs(PAIRS))


@pytest.mark.parametrize("number", range(PAIRS))
def test_the_edits_are_named_and_no_others(number: int) -> None:
    seed, edited = all_pairs()[number]
    comparison = compare(edited.before, edited.after)
    told = {
        (kind, edit.before and edit.before.name, edit.after and edit.after.name)
        for edit in comparison.edits
        for kind in edit.kinds
    }
    assert told == edited.told, f"seed {seed}"
    assert {edit.step.name: set(edit.settings) for edit in comparison.edits if edit.settings} == edited.settings
    for change in comparison.affected:  # what nobody edited differs because of what somebody did
        assert change.because
        assert set(change.because) <= {edit.step.name for edit in comparison.edits}


@pytest.mark.parametrize("number", range(0, PAIRS, 10))
def test_backwards_what_was_put_in_is_taken_out(number: int) -> None:
    edited = all_pairs()[number][1]
    swapped = {"inserted": "removed", "removed": "inserted"}
    told = {
        (swapped.get(kind, kind), edit.after and edit.after.name, edit.before and edit.before.name)
        for edit in compare(edited.after, edited.before).edits
        for kind in edit.kinds
    }
    assert told == edited.told


def test_every_kind_of_edit_is_among_them() -> None:
    kinds = Counter(kind for _, edited in all_pairs() for kind in {kind for kind, _, _ in edited.told})
    assert set(kinds) == set(KINDS) - {"affected"}
    assert min(kinds.values()) >= 5
