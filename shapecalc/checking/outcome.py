"""What a check found, as values: of each spec, each file, and all of them. Reporters only read these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from shapecalc.problems import Diagnostic, Path, Severity


class Claim(NamedTuple):
    """One number that a spec expects of itself.

    Attributes:
        label: ``params`` of the network, ``conv1.params`` of a layer; no other of the network has it.
        path: where the number stands in its document.
        line: counted from 1.
    """

    label: str
    path: Path
    line: int

    def is_about(self, diagnostic: Diagnostic) -> bool:
        """Whether that is what is wrong with this number."""
        path = diagnostic.problem.path
        return path == self.path or path == self.path[:-1]


class Network(NamedTuple):
    """One spec of a text, or one variant of it, as it stands there.

    Attributes:
        name: its own, or the file's.
        line: where its document begins.
        claims: the numbers that it expects of itself.
        variant: which of its document's; None where that has none, or none of that name.
    """

    name: str
    line: int
    claims: tuple[Claim, ...]
    variant: str | None = None


class SpecReport(NamedTuple):
    """What a check found about one spec.

    Attributes:
        network: which.
        is_traced: whether it fits, so that its numbers are known.
        diagnostics: what is wrong or remarkable, by the rules that were asked for.
        idle: claims about items that made nothing: `when` drops them, or no item calls their block.
    """

    network: Network
    is_traced: bool
    diagnostics: tuple[Diagnostic, ...]
    idle: frozenset[Claim] = frozenset()

    @property
    def failed(self) -> bool:
        """Whether anything is wrong with it."""
        return any(each.severity == "error" for each in self.diagnostics)

    def about(self, claim: Claim) -> list[Diagnostic]:
        """What is wrong with that number."""
        return [each for each in self.diagnostics if each.severity == "error" and claim.is_about(each)]

    def unknown(self, claim: Claim) -> str | None:
        """Why nobody knows whether that number holds; None where it is known, or wrong."""
        if self.about(claim):
            return None
        if not self.is_traced:
            return "the spec does not fit"
        return "this network has no such layer" if claim in self.idle else None

    @property
    def unjudged(self) -> bool:
        """Whether it is not known to be good: it does not fit, and the reason is ignored."""
        return not self.is_traced and not self.failed

    @property
    def unfit(self) -> list[Diagnostic]:
        """What is wrong with the spec itself, whatever numbers it expects."""
        errors = [each for each in self.diagnostics if each.severity == "error"]
        return [each for each in errors if not any(claim.is_about(each) for claim in self.network.claims)]


class Unread(NamedTuple):
    """Why there is no text under a name, and what may be meant."""

    message: str
    help: str | None


class Remark(NamedTuple):
    """What is doubtful about a check as a whole, a folder without a spec say; an error where warnings are."""

    message: str
    is_error: bool

    @property
    def severity(self) -> Severity:
        """How heavily it counts."""
        return "error" if self.is_error else "warning"


class Finding(NamedTuple):
    """What a check found once in a file, in how many variants of a spec it may be.

    Attributes:
        diagnostic: what, and where.
        variants: those that it is about; none where it is about all of them, or where there are none.
    """

    diagnostic: Diagnostic
    variants: tuple[str, ...]

    @property
    def shown(self) -> Diagnostic:
        """The diagnostic; its message names the variants."""
        if not self.variants:
            return self.diagnostic
        *others, last = (f"`{variant}`" for variant in self.variants)
        where = f"variants {', '.join(others)} and {last}" if others else f"variant {last}"
        problem = self.diagnostic.problem
        return self.diagnostic._replace(problem=problem._replace(message=f"{problem.message} (in {where})"))


class FileReport(NamedTuple):
    """What is said of one text.

    Attributes:
        file: its name.
        specs: in it; none where it could not be read.
        unread: why it could not be read.
        refused: what is wrong with a text of another kind, a pyproject.toml.
    """

    file: str
    specs: tuple[SpecReport, ...]
    unread: Unread | None = None
    refused: tuple[Diagnostic, ...] = ()

    @property
    def findings(self) -> Iterator[Finding]:
        """What is wrong or remarkable, in order, each thing once."""
        first: dict[tuple[object, ...], Diagnostic] = {}
        networks: dict[tuple[object, ...], list[Network]] = {}
        for spec in self.specs:
            for key, diagnostic in {_identity(each): each for each in spec.diagnostics}.items():
                first.setdefault(key, diagnostic)
                networks.setdefault(key, []).append(spec.network)
        in_all = Counter(spec.network.line for spec in self.specs)
        yield from (Finding(each, ()) for each in self.refused)
        for key, diagnostic in first.items():
            yield Finding(diagnostic, _variants(networks[key], in_all))


def _identity(diagnostic: Diagnostic) -> tuple[object, ...]:
    """What makes two diagnostics the same to a reader."""
    place = (diagnostic.file, diagnostic.line, diagnostic.column)
    return (*place, diagnostic.severity, diagnostic.code, diagnostic.message, diagnostic.inside)


def _variants(networks: list[Network], in_all: Counter[int]) -> tuple[str, ...]:
    """The variants among the networks, but not of a document of which all, two or more, are among them.

    Args:
        networks: of one file, that share a diagnostic.
        in_all: how many networks of the file begin on each line.
    """
    found = Counter(each.line for each in networks)
    some = [each for each in networks if in_all[each.line] == 1 or found[each.line] < in_all[each.line]]
    return tuple(each.variant for each in some if each.variant is not None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that was checked, in the order that was asked for.

    Attributes:
        files: each with what was found in it.
        has_notes: whether notes are to be shown to people too.
        remarks: about the check itself.
    """

    files: tuple[FileReport, ...]
    has_notes: bool = False
    remarks: tuple[Remark, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All of them in order, each once in a file."""
        return tuple(each for file in self.files for each in file.findings)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All of them in order; the messages say in which variants."""
        return tuple(each.shown for each in self.findings)

    @property
    def for_people(self) -> tuple[Diagnostic, ...]:
        """Those that are shown where there is little room: notes only where they were asked for."""
        return tuple(each for each in self.diagnostics if self.has_notes or each.severity != "note")

    @property
    def specs(self) -> tuple[SpecReport, ...]:
        """Every spec of every file."""
        return tuple(spec for file in self.files for spec in file.specs)

    @property
    def failed(self) -> int:
        """How many specs have something wrong with them."""
        return sum(spec.failed for spec in self.specs)

    @property
    def unread(self) -> tuple[FileReport, ...]:
        """What could not be read."""
        return tuple(file for file in self.files if file.unread is not None)

    @property
    def refused(self) -> bool:
        """Whether nothing was checked, because of the configuration."""
        return any(file.refused for file in self.files)

    @property
    def is_whole(self) -> bool:
        """Whether everything could be read, the configuration included."""
        return not self.unread and not self.refused

    @property
    def unjudged(self) -> int:
        """How many specs are not known to be good: they do not fit, and the reason is ignored."""
        return sum(spec.unjudged for spec in self.specs)
