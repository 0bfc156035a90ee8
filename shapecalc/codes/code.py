"""What is known about one code of a diagnostic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shapecalc.problems import Severity


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of diagnostic.

    Attributes:
        name: the stable code.
        means: what is wrong, in one line; no final stop.
        mend: what to do about it, in one line; no final stop.
        bad: a `net.yaml` that gives this diagnostic and no other; None where no text is known to give it.
        good: the same, mended.
        severity: unless `--strict` makes it an error.
        ends_reading: whether the rest of the text is not read, so that it cannot be ignored.
        call: the command that shows it.
        beside: files beside `net.yaml`, by name.
        beside_good: those of them that are another in the mended form.
        encoding: of `net.yaml`, in its bad form.
    """

    name: str
    means: str
    mend: str
    bad: str | None = None
    good: str | None = None
    severity: Severity = "error"
    ends_reading: bool = False
    call: str = "shapecalc check net.yaml"
    beside: Mapping[str, str] = field(default_factory=dict)
    beside_good: Mapping[str, str] = field(default_factory=dict)
    encoding: str = "utf-8"
