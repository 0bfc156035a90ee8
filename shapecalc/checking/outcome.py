"""What a check found, as values: of each spec, each file, and all of them. Reporters only read these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from shapecalc.problems import Diagnostic, Path


class Claim(NamedTuple):
    """One number that a spec expects of itself.

    Attributes:
        label: ``params`` of the network, ``conv1.params`` of a layer.
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
    """

    name: str
    line: int
    claims: tuple[Claim, ...]


class SpecReport(NamedTuple):
    """What a check found about one spec.

    Attributes:
        network: which.
        is_traced: whether it fits, so that its numbers are known.
        diagnostics: what is wrong or remarkable, by the rules that were asked for.
    """

    network: Network
    is_traced: bool
    diagnostics: tuple[Diagnostic, ...]

    @property
    def failed(self) -> bool:
        """Whether anything is wrong with it."""
        return any(each.severity == "error" for each in self.diagnostics)

    def about(self, claim: Claim) -> list[Diagnostic]:
        """What is wrong with that number."""
        return [each for each in self.diagnostics if each.severity == "error" and claim.is_about(each)]

    @property
    def unfit(self) -> list[Diagnostic]:
        """What is wrong with the spec itself, whatever numbers it expects."""
        errors = [each for each in self.diagnostics if each.severity == "error"]
        return [each for each in errors if not any(claim.is_about(each) for claim in self.network.claims)]


class Unread(NamedTuple):
    """Why there is no text under a name, and what may be meant."""

    message: str
    help: str | None


class FileReport(NamedTuple):
    """The specs of one text; none where it could not be read."""

    file: str
    specs: tuple[SpecReport, ...]
    unread: Unread | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that was checked, in the order that was asked for."""

    files: tuple[FileReport, ...]

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All of them in order; what is wrong in every variant of a spec once."""
        return tuple(dict.fromkeys(each for spec in self.specs for each in spec.diagnostics))

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
    def unjudged(self) -> int:
        """How many specs are not known to be good: they do not fit, and the reason is ignored."""
        return sum(not spec.is_traced and not spec.failed for spec in self.specs)
