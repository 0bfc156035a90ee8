"""What a verification found: for each layer and quantity what the table says and what the run shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from shapecalc.result import Step

QUANTITIES = ("shapes", "params", "macs", "rf")
"""What can be verified, in the order of the certificate."""

Verdict: TypeAlias = Literal["equal", "differs", "declared", "convention", "unknown", "none"]
"""How what the table says compares with what the run shows.

``declared``: of a custom layer, taken as given. ``convention``: nothing to run, the number is a rule of counting.
``unknown``: the table makes no statement. ``none``: the quantity does not apply.
"""


class Finding(NamedTuple):
    """One quantity of one layer.

    Attributes:
        verdict: how the two compare.
        shown: what the run shows, as people write it.
        value: the same for programs.
        why: where the two differ, both of them; elsewhere what a reader should know.
        in_full: whether it was run in full rather than on a thinned copy.

    """

    verdict: Verdict
    shown: str = ""
    value: object = None
    why: str = ""
    in_full: bool = True


class Checked(NamedTuple):
    """What was found about one layer, by quantity."""

    step: Step
    findings: dict[str, Finding]

    @property
    def differs(self) -> bool:
        """Whether a quantity is not what the table says."""
        return any(finding.verdict == "differs" for finding in self.findings.values())


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a verification found about a network.

    Attributes:
        name: the network's.
        inputs: name and channels-first shape of each input.
        engine: what ran it, with its version.
        ran: for each quantity that was verified how, in a sentence.
        seed: of the random values.
        layers: what was found, layer by layer.

    """

    name: str
    inputs: tuple[tuple[str, tuple[int, ...]], ...]
    engine: str
    ran: dict[str, str]
    seed: int
    layers: tuple[Checked, ...]

    @property
    def equal(self) -> bool:
        """Whether nothing differs from the table."""
        return not any(layer.differs for layer in self.layers)

    def count(self, quantity: str, verdict: Verdict) -> int:
        """In how many layers a quantity, where it was asked for, came out so."""
        return sum(quantity in each.findings and each.findings[quantity].verdict == verdict for each in self.layers)
