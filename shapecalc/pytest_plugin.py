"""Specs as tests of pytest: a test for each spec, that it fits, and one for each number that it expects.

Files named ``*.shapecalc.yaml`` are collected, and the YAML files of the folders under the setting
``shapecalc_paths``. What a check needs is imported where the first of them is met.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from shapecalc.checking.configuration import Configurations
    from shapecalc.checking.outcome import Claim, FileReport, Network, SpecReport
    from shapecalc.checking.policy import Policy
    from shapecalc.problems import Diagnostic

SUFFIXES = (".yaml", ".yml")
OWN = tuple(f".shapecalc{suffix}" for suffix in SUFFIXES)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The setting that names folders of specs."""
    parser.addini("shapecalc_paths", "folders whose YAML files are specs, to be tested by shapecalc", type="paths")


def pytest_configure(config: pytest.Config) -> None:
    """A warning for each folder of the setting that is not there."""
    for folder in config.getini("shapecalc_paths"):
        if not folder.exists():
            message = f"shapecalc_paths: there is no file or folder {folder}"
            config.issue_config_time_warning(pytest.PytestConfigWarning(message), stacklevel=2)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> SpecFile | None:
    """The file as a collection of specs, if it is one."""
    if file_path.suffix not in SUFFIXES:
        return None
    folders: list[Path] = parent.config.getini("shapecalc_paths")
    is_spec = file_path.name.endswith(OWN) or any(folder in (file_path, *file_path.parents) for folder in folders)
    is_named = parent.session.isinitpath(file_path)
    if not is_spec or (not is_named and _is_excluded(file_path, parent.config)):
        return None
    return SpecFile.from_parent(parent, path=file_path)


def _is_excluded(path: Path, config: pytest.Config) -> bool:
    """Whether the nearest pyproject.toml leaves the file out; one that is wrong is reported by the tests."""
    from shapecalc.problems import SpecError  # noqa: PLC0415

    try:
        return _policy(path, config).excludes(path)
    except (SpecError, OSError):
        return False


_CONFIGURATIONS: pytest.StashKey[Configurations] = pytest.StashKey()


def _policy(path: Path, config: pytest.Config) -> Policy:
    """What holds for the file. SpecError or Unreadable of a pyproject.toml."""
    from shapecalc.checking.configuration import Configurations  # noqa: PLC0415

    return config.stash.setdefault(_CONFIGURATIONS, Configurations()).near(path.parent)


_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def _as_id(name: str) -> str:
    """The name without what ends a part of a node id, or a line: pytest looks for ``::`` and brackets in ids."""
    return _UNPRINTABLE.sub("�", name.replace("::", ": ").replace("[", "(").replace("]", ")"))


class SpecFile(pytest.File):
    """A YAML file of specs. It is read to collect them, and checked when the first of them is tested."""

    _report: FileReport | None = None

    def collect(self) -> Iterator[SpecNode]:
        """A collector for each spec, or variant of one."""
        from shapecalc.checking.claims import networks_of, numbered  # noqa: PLC0415
        from shapecalc.files import Unreadable, read  # noqa: PLC0415

        try:
            found = list(networks_of(read(self._name)))
        except Unreadable as error:
            raise self.CollectError(str(error)) from None
        names = numbered(_as_id(network.name) for network in found)
        for number, (name, network) in enumerate(zip(names, found, strict=True)):
            yield SpecNode.from_parent(self, name=name, number=number, network=network)

    def report(self, number: int) -> SpecReport:
        """What the check finds about one of the specs."""
        if self._report is None:
            from shapecalc.checking import checked  # noqa: PLC0415
            from shapecalc.files import Unreadable  # noqa: PLC0415
            from shapecalc.problems import SpecError  # noqa: PLC0415

            try:
                order = _policy(self.path, self.config).order(self.path)
            except SpecError as error:  # of a pyproject.toml
                raise _refused(error.diagnostics) from None
            except Unreadable as error:
                raise WrongSpecError(str(error)) from None
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
        from shapecalc.checking.claims import numbered  # noqa: PLC0415

        claims = self.network.claims
        first, *names = numbered(["fits", *(_as_id(claim.label) for claim in claims)])
        yield Fits.from_parent(self, name=first)
        for name, claim in zip(names, claims, strict=True):
            yield Holds.from_parent(self, name=name, claim=claim)

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
        report = self.parent.report
        if report.unfit:
            raise _refused(report.unfit)
        if report.unjudged:
            pytest.skip("it does not fit, and what is wrong is ignored")

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
        reason = report.unknown(self._claim)
        if reason is not None:
            pytest.skip(reason)

    def reportinfo(self) -> tuple[Path, int, str]:
        """The place of the number."""
        return self.path, self._claim.line - 1, f"{self.parent.name}: {self.name}"
