"""How much two layers look like one and the same, as a number: settings first, then names, places and shapes."""

from __future__ import annotations

from collections.abc import Sequence

from shapecalc.comparison.outline import Outline

SAME_SETTINGS = 20
SAME_TYPE = 6
FEW_SETTINGS = 6
"""For one setting that differs; each further one takes a third of it."""
OTHER_TYPE = 2
SAME_NAME, OTHER_NAME, HALF_NAME = 6, -4, -1
"""Both have a name that somebody gave: the same or another; only one has."""
SAME_PLACE, OTHER_BRANCH, OTHER_PLACE = 2, 1, -9


class Likeness:
    """Scores between the layers of two networks; layers that look alike in all respects are compared once."""

    def __init__(self, before: Sequence[Outline], after: Sequence[Outline]) -> None:
        self.looks = [[self._look(each) for each in side] for side in (before, after)]
        self._classes: dict[tuple[object, ...], int] = {}
        self.classes = [[self._class(look) for look in side] for side in self.looks]
        self._outlines = (before, after)
        self._scores: dict[tuple[int, int], int] = {}

    @staticmethod
    def _look(outline: Outline) -> tuple[object, ...]:
        step = outline.step
        shapes = (step.in_shapes[0][1:], step.out_shape[1:])
        return step.type, repr(outline.settings), outline.own, outline.place, shapes

    def _class(self, look: tuple[object, ...]) -> int:
        return self._classes.setdefault(look, len(self._classes))

    def score(self, i: int, j: int) -> int:
        """How alike layer i of the first and layer j of the second network are; above 0, they may be one."""
        key = (self.classes[0][i], self.classes[1][j])
        if key not in self._scores:
            self._scores[key] = score(self._outlines[0][i], self._outlines[1][j])
        return self._scores[key]

    def tokens(self, side: int, parts: int) -> list[int]:
        """A number for each layer of a network, equal where the first `parts` of their looks are."""
        return [self._class(look[:parts]) for look in self.looks[side]]


def score(a: Outline, b: Outline) -> int:
    """How alike two layers are."""
    found = _of_settings(a, b) + _of_names(a, b) + _of_places(a.place, b.place)
    found += (a.step.in_shapes[0][1:] == b.step.in_shapes[0][1:]) + (a.step.out_shape[1:] == b.step.out_shape[1:])
    return found


def differing(a: Outline, b: Outline) -> list[str]:
    """The settings in which two layers of one type differ."""
    names = dict.fromkeys((*a.settings, *b.settings))
    return [name for name in names if a.settings.get(name) != b.settings.get(name)]


def _of_settings(a: Outline, b: Outline) -> int:
    if a.step.type != b.step.type:
        return OTHER_TYPE
    if a.settings == b.settings:
        return SAME_SETTINGS
    return SAME_TYPE + max(0, FEW_SETTINGS - 2 * (len(differing(a, b)) - 1))


def _of_names(a: Outline, b: Outline) -> int:
    if a.own is None and b.own is None:
        return 0
    if a.own is None or b.own is None:
        return HALF_NAME
    return SAME_NAME if a.own == b.own else OTHER_NAME


def _of_places(a: tuple[str, ...], b: tuple[str, ...]) -> int:
    """By the blocks and branches around; of another number, a branch may still be the same one."""
    if a == b:
        return SAME_PLACE
    is_like = len(a) == len(b) and all(
        one == two or (one.isdecimal() and two.isdecimal()) for one, two in zip(a, b, strict=True)
    )
    return OTHER_BRANCH if is_like else OTHER_PLACE
