"""A few hundred of the inputs of fuzz_many.py, and that it sees what it looks for."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests import fuzz_many
from tests.fuzz_many import case, commands_there, run, run_some, summary, worst

HUNDREDS = 400


def test_a_few_hundred_damaged_specs_through_all_commands() -> None:
    results = run_some(0, 0, HUNDREDS, commands_there())
    assert [each for each in results if each.fault not in ("", "slow")] == [], "see --show"
    assert {each.command for each in results} == set(commands_there())
    assert {each.code for each in results if each.command == "check"} == {0, 1, 2}, "not all are refused"
    assert f"{HUNDREDS} inputs" in summary(results)
    assert worst(results)


def test_an_input_is_made_from_its_seed_and_number() -> None:
    made = [case(seed, number, "a.yaml", commands_there()) for seed in (1, 2) for number in range(20)] * 2
    assert made[:40] == made[40:]
    assert len({each.raw for each in made}) >= 35


FAULTS = [
    (lambda _: 1 / 0, "ZeroDivisionError: division by zero"),
    (lambda _: 3, "exit code 3"),
    (lambda _: sys.stdout.write("{") * 0, "output: "),
    (lambda _: 1, "nothing is said"),
    (lambda _: len(bytearray(300 * 2**20)) * 0, "large"),
]


@pytest.mark.parametrize(("answer", "fault"), FAULTS, ids=[fault for _, fault in FAULTS])
def test_a_fault_is_seen(answer: object, fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    form = "json" if fault == "output: " else "text"
    monkeypatch.setattr("shapecalc.cli.main", answer)
    monkeypatch.setattr(fuzz_many, "case", lambda *_: fuzz_many.Case(b"", ["check", "--format", form]))
    assert run(1, 1, tmp_path / "a.yaml", ["check"]).fault.startswith(fault)
