"""Specs as tests of pytest: a test for each spec, that it fits, and one for each number that it expects.

Files named ``*.shapecalc.yaml`` are collected, and the YAML files of the folders under the setting
``shapecalc_paths``. What a check needs is imported where the first of them is met.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from shapecalc.checking.outcome import Claim, FileReport, Network, SpecReport
    from shapecalc.problems import Diagnostic

SUFFIXES = (".yaml", ".yml")
OWN = tuple(f".shapecalc{suffix}" for suffix in SUFFIXES)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The setting that names folders of specs."""
    parser.addini("shapecalc_paths", "folders whose YAML files are specs, to be tested by shapecalc", type="paths")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> SpecFile | None:
    """The file as a collection of specs, if it is one."""
    if file_path.suffix not in SUFFIXES:
        return None
    folders: list[Path] = parent.config.getini("shapecalc_paths")
    if file_path.name.endswith(OWN) or any(folder in file_path.parents for folder in folders):
        return SpecFile.from_parent(parent, path=file_path)
    return None


class SpecFile(pytest.File):
    """A YAML file of specs. It is read to collect them, and checked when the first of them is tested."""

    _report: FileReport | None = None

    def collect(self) -> Iterator[SpecNode]:
        """A collector for each spec, or variant of one."""
        from shapecalc.checking.claims import networks_of  # noqa: PLC0415
        from shapecalc.files import Unreadable, read  # noqa: PLC0415

        try:
            found = list(networks_of(read(self._name)))
        except Unreadable as error:
            raise self.CollectError(str(error)) from None
        taken: Counter[str] = Counter()
        for number, network in enumerate(found):
            taken[network.name] += 1
            name = network.name if taken[network.name] == 1 else f"{network.name} ({taken[network.name]})"
            yield SpecNode.from_parent(self, name=name.replace("::", ": "), number=number, network=network)

    def report(self, number: int) -> SpecReport:
        """What the check finds about one of the specs."""
        if self._report is None:
            from shapecalc.checking import checked  # noqa: PLC0415
            from shapecalc.checking.configuration import Configurations  # noqa: PLC0415
            from shapecalc.problems import SpecError  # noqa: PLC0415

            try:
                order = Configurations().near(self.path.parent).order(self.path)
            except SpecError as error:  # of a pyproject.toml
                raise _refused(error.diagnostics) from None
            self._report = checked(self._name, order)
        if self._report.unread is not None:
            raise WrongSpecError(self._report.unread.message)
        return self._report.specs[number]

    @property
    def _name(self) -> str:
        """The path as seen from here, where it is below."""
        return str(self.path.relative_to(Path.cwd()) if self.path.is_relative_to(Path.cwd()) else self.path)


class SpecNode(pytest.Collector):
    """One spec, or one variant of it."""

    parent: SpecFile

    def __init__(self, *, number: int, network: Network, **more: Any) -> None:
        super().__init__(**more)
        self._number = number
        self.network = network

    def collect(self) -> Iterator[Fits | Holds]:
        """That it fits, and each number that it expects."""
        yield Fits.from_parent(self, name="fits")
        for claim in self.network.claims:
            yield Holds.from_parent(self, name=claim.label, claim=claim)

    @property
    def report(self) -> SpecReport:
        """What the check finds about it."""
        return self.parent.report(self._number)


class WrongSpecError(Exception):
    """Something is wrong with a spec; pytest shows the diagnostics in place of a traceback."""


def _refused(found: Sequence[Diagnostic]) -> WrongSpecError:
    from shapecalc.report import as_lines  # noqa: PLC0415

    return WrongSpecError("\n".join(map(as_lines, found)))


class _Test(pytest.Item):
    parent: SpecNode

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The diagnostics, as `shapecalc check` prints them."""
        if isinstance(excinfo.value, WrongSpecError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)


class Fits(_Test):
    """That the layers fit and nothing else is wrong with the spec."""

    def runtest(self) -> None:
        """WrongSpecError with what is wrong."""
        found = self.parent.report.unfit
        if found:
            raise _refused(found)

    def reportinfo(self) -> tuple[Path, int, str]:
        """The place of the spec."""
        return self.path, self.parent.network.line - 1, f"{self.parent.name}: {self.name}"


class Holds(_Test):
    """That a number is the expected one."""

    def __init__(self, *, claim: Claim, **more: Any) -> None:
        super().__init__(**more)
        self._claim = claim

    def runtest(self) -> None:
        """WrongSpecError with what is wrong."""
        report = self.parent.report
        found = report.about(self._claim)
        if found:
            raise _refused(found)
        if not report.is_traced:
            pytest.skip("the spec does not fit")

    def reportinfo(self) -> tuple[Path, int, str]:
        """The place of the number."""
        return self.path, self._claim.line - 1, f"{self.parent.name}: {self.name}"
