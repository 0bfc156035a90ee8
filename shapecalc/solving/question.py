"""What a spec asks for: its unknown values, what they may be, and what they are to give."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from shapecalc.expectation import Expect
from shapecalc.files import Unreadable
from shapecalc.notation import Shape
from shapecalc.problems import Path, Problem
from shapecalc.reading import Choice, read_spec
from shapecalc.solving.fields import range_of
from shapecalc.solving.marking import SIGN, Marking, Sizes, marking
from shapecalc.solving.naming import labels
from shapecalc.solving.ranges import Range, Value, numbers
from shapecalc.solving.uses import ARRIVING, names_in, reached, uses
from shapecalc.source import Document, Source
from shapecalc.spec import Item, Spec
from shapecalc.translate import did_you_mean
from shapecalc.unknowns import marked

Values: TypeAlias = "tuple[Value, ...]"
"""A value for each unknown, in their order."""


class Asked(NamedTuple):
    """What is said beside the spec.

    Attributes:
        input: other shapes of inputs by name (`inputs.FIRST`: of the first one), which may hold unknowns.
        settings: values of variables; `?` for an unknown.
        expect: what the network is to have, instead of its own expectations.
        ranges: by an unknown's name, its values.
        exact: whether every row must be read.
    """

    input: Mapping[str, str] | None = None
    settings: Mapping[str, Any] = {}
    expect: Expect | None = None
    ranges: Mapping[str, tuple[int, ...]] = {}
    exact: bool = False


class Unknown(NamedTuple):
    """A value that is sought.

    Attributes:
        variable: what the spec's expressions call it.
        name: what people call it.
        range: the values that it may have.
        path: where it stands first.
    """

    variable: str
    name: str
    range: Range
    path: Path


@dataclass(frozen=True)
class Question:
    """A spec with unknown values.

    Attributes:
        spec: the network; a variable stands for each unknown, and no value for an unknown size of an input.
        unknowns: in the order in which they are written.
        sizes: of the inputs that have unknown ones, by name.
        is_expecting: whether the expectations of the layers count.
        exact: whether every row must be read.
    """

    spec: Spec
    unknowns: tuple[Unknown, ...]
    sizes: Mapping[str, Sizes]
    is_expecting: bool
    exact: bool

    @property
    def is_about_fit(self) -> bool:
        """Whether nothing is expected but that the network fits."""
        return not has_numbers(self.spec.expect) and not (
            self.is_expecting and any(has_numbers(item.keys.expect) for item in every_item(self.spec))
        )

    def of_input(self, unknown: Unknown) -> bool:
        """Whether it is a size of an input."""
        return any(unknown.variable in sizes for sizes in self.sizes.values())

    def is_only_size(self, unknown: Unknown) -> bool:
        """Whether it is a size of an input and nothing else."""
        return self.of_input(unknown) and not reached(unknown.variable, self.spec)

    def network(self, values: Values) -> Spec:
        """The spec with these values, expecting nothing."""
        known = dict(zip([unknown.variable for unknown in self.unknowns], values, strict=True))
        inputs = {**self.spec.inputs, **{name: filled(sizes, known) for name, sizes in self.sizes.items()}}
        return self.spec._replace(vars={**known, **self.spec.vars}, inputs=inputs, is_expecting=False)


def filled(sizes: Sizes, known: Mapping[str, Any]) -> Shape:
    """The shape with its unknown sizes replaced."""
    return tuple(known[size] if isinstance(size, str) else size for size in sizes)


def has_numbers(expect: Expect | None) -> bool:
    """Whether anything is expected."""
    return expect is not None and any(getattr(expect, name) is not None for name in expect.model_fields_set)


def every_item(spec: Spec) -> Iterator[Item]:
    """The items of a spec and of its blocks, with those in their branches."""
    yield from _with_branches(spec.items)
    for block in spec.blocks.values():
        yield from _with_branches(block.items)


def _with_branches(items: Iterable[Item]) -> Iterator[Item]:
    for item in items:
        yield item
        for branch in item.branches:
            yield from _with_branches(branch.items)


def question(source: Source, document: Document, variant: str | None = None, asked: Asked = Asked()) -> Question:  # noqa: B008 (it is frozen)
    """What the document asks for. SpecError where it is wrong; Unreadable where it asks for nothing."""
    marks = marking(document, variant, asked.input, asked.settings)
    settings = {name: value for name, value in asked.settings.items() if name not in marks.settings}
    spec = read_spec(source, marks.document, Choice(variant, {**settings, **marks.settings}))
    spec = spec._replace(warnings=(), expect=_expectations(spec, asked))
    _refuse_readers(marks, spec)
    unknowns = _unknowns(marks, spec, asked)
    is_expecting = asked.input is None and not asked.settings
    found = Question(spec, unknowns, marks.sizes, is_expecting, asked.exact)
    if not unknowns:
        advice = _in_a_variant(source, document, variant)
        raise Unreadable(f"{spec.name} has no unknown value", advice)
    if found.is_about_fit and not any(map(found.of_input, unknowns)):
        advice = "add `expect`, as in expect: {output: 56x56x64}, or say --expect params='<= 1M'"
        raise Unreadable(f"{spec.name} expects nothing of the values that are sought", advice)
    return found


def _in_a_variant(source: Source, document: Document, variant: str | None) -> str:
    """What to write where nothing is unknown: the variants in which something is, if there are."""
    variants = document.data.get("variants") if variant is None else None
    asking = [f"{source.name}:{name}" for name in variants or () if list(marked(document.data, name))]
    usual = 'write "?" for the value, as in padding: "?" or input: "?x?x3", or say --input or --set'
    return f"a variant has one: {', '.join(asking)}" if asking else usual


def _refuse_readers(marks: Marking, spec: Spec) -> None:
    """SpecError where an expression reads the name of an unknown that is no variable, as in ``?k`` and ``=k//2``."""
    for use in uses(spec):
        for name in names_in(use.text) - {"i", *ARRIVING, *spec.vars}:
            places = marks.places.get(f"{SIGN}_{name}")
            if places and not (use.scope and name in spec.blocks[use.scope].defaults):
                message = f"`?{name}` is no variable, and `{use.text}` reads `{name}`"
                advice = f'write "={name}" here, and vars: {{{name}: "?"}}'
                raise spec.home.refused([Problem("unknown-variable", message, places[0], advice)])


def _expectations(spec: Spec, asked: Asked) -> Expect | None:
    """What the network is to have: what the spec says, unless it is put on another input or other variables."""
    if asked.expect is not None:
        return asked.expect
    return None if asked.input is not None or asked.settings else spec.expect


def _unknowns(marks: Marking, spec: Spec, asked: Asked) -> tuple[Unknown, ...]:
    named = labels(marks)
    ranges = {variable: range_of(variable, marks, spec) for variable in marks.places}
    for name in asked.ranges:
        known = [word for variable in named for word in _words(named[variable], ranges[variable])]
        if name not in known:
            advice = did_you_mean(name, known) or f"unknown: {', '.join(named.values()) or 'nothing'}"
            raise Unreadable(f"--range: nothing unknown is called {name!r}", advice)
    return tuple(
        Unknown(variable, named[variable], _ranged(named[variable], ranges[variable], asked), paths[0])
        for variable, paths in marks.places.items()
    )


def _words(name: str, usual: Range) -> tuple[str, ...]:
    """What an unknown may be called: its name, the name without the layer's, its family."""
    return name, name.rpartition(".")[2], usual.family


def _ranged(name: str, usual: Range, asked: Asked) -> Range:
    for word in _words(name, usual):
        if word in asked.ranges:
            if not usual.is_number:
                choices = ", ".join(str(value).lower() for value in usual.values)
                raise Unreadable(f"--range {word}: {name} is one of {choices}, not a number")
            return numbers(usual.family, asked.ranges[word])._replace(is_widened=True)
    return usual
