"""Many files: every core works, the order stays, and whatever ends a process is no traceback."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from shapecalc.checking import Order, checked, parallel
from shapecalc.checking.outcome import FileReport
from shapecalc.cli import COULD_NOT, GOOD, WRONG
from shapecalc.files import Unreadable
from tests.test_cli import BROKEN, TINY, Said


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Forty specs, every fourth of them wrong."""
    for number in range(40):
        (tmp_path / f"net{number:02}.yaml").write_text(TINY if number % 4 else BROKEN, encoding="utf-8")
    return tmp_path


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other processes are asked at once, as where there is a second of work."""
    monkeypatch.setattr(parallel, "PATIENCE", -1.0)


def jobs(folder: Path) -> list[tuple[str, Order]]:
    return [(str(path), Order()) for path in sorted(folder.glob("*.yaml"))]


@pytest.mark.usefixtures("impatient")
def test_the_reports_are_those_of_one_process_in_its_order(folder: Path) -> None:
    assert list(parallel.checked_in_order(jobs(folder), 2)) == list(parallel.checked_in_order(jobs(folder), 1))


@pytest.mark.usefixtures("impatient")
def test_the_output_is_that_of_one_process(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for form in ("text", "json", "sarif", "junit", "github"):
        one, two = (Said(capsys, "check", str(folder), "--format", form, "--jobs", n) for n in ("1", "2"))
        assert (one.code, one.out, one.err) == (two.code, two.out, two.err)
        assert one.code == WRONG
    assert "40 specs checked, 10 failed" in Said(capsys, "check", str(folder)).out


def test_little_work_starts_no_process(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "PATIENCE", 1000.0)
    monkeypatch.setattr(parallel, "_in_parallel", None)
    assert len(list(parallel.checked_in_order(jobs(folder), 2))) == 40


@pytest.mark.usefixtures("impatient")
def test_standard_input_is_read_where_it_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Bytes:
        buffer = io.BytesIO(BROKEN.encode())

    monkeypatch.setattr(sys, "stdin", Bytes)
    said = Said(capsys, "check", str(folder), "-", "--format", "json")
    assert json.loads(said.out)["problems"][-1]["file"] == "<stdin>"


def _die(job: parallel.Job) -> FileReport:
    if job[0].endswith("net07.yaml"):
        os.kill(os.getpid(), signal.SIGKILL)
    return checked(*job)


@pytest.mark.usefixtures("impatient")
@pytest.mark.skipif(sys.platform != "linux", reason="processes elsewhere do not inherit what the test changes")
def test_a_process_that_dies_is_a_clear_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(parallel, "_checked", _die)
    with pytest.raises(Unreadable, match="has died"):
        list(parallel.checked_in_order(jobs(folder), 2))
    said = Said(capsys, "check", str(folder), "--jobs", "2")
    assert said.code == COULD_NOT
    assert said.err.startswith("shapecalc: a process that checks specs has died\n  help: ")


def test_no_memory_for_a_spec_is_a_clear_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def exhausted(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("shapecalc.checking.opened", exhausted)
    said = Said(capsys, "check", str(folder / "net01.yaml"))
    assert said.code == COULD_NOT
    assert "not enough memory for" in said.err


def hear_interrupts() -> None:
    """Where the tests run in the background, a shell has them ignore interrupts, and what they start as well."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="children of a process are listed on Linux only")
@pytest.mark.parametrize("after", [0, 0.0003, 0.0006, 0.001, 0.0015, 0.002, 0.003, 0.5])
@pytest.mark.parametrize("words", [("check", "."), ("sweep", "net00.yaml", "--set", "width=1..900")], ids="-".join)
def test_an_interrupt_ends_all_processes_without_a_word(tmp_path: Path, words: tuple[str, ...], after: float) -> None:
    """Most of all while they are started: a moment after the first of them is there."""
    many = "".join(f"  - {{relu: , repeat: =1000 + width, name: r{n}}}\n" for n in range(20))
    for number in range(30):
        (tmp_path / f"net{number:02}.yaml").write_text(f"vars: {{width: 1}}\ninput: 8\nlayers:\n{many}", "utf-8")
    command = [sys.executable, "-m", "shapecalc", *words, "--jobs", "3"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        cwd=tmp_path,
        preexec_fn=hear_interrupts,  # noqa: PLW1509 (no other thread runs here)
    ) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        while not children.read_text():
            assert process.poll() is None
        time.sleep(after)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
        try:
            out, err = process.communicate(timeout=30)
            assert (process.returncode, out, err) == (130, b"", b"")
        finally:
            with pytest.raises(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def test_a_bar_is_shown_on_a_terminal_only(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert Said(capsys, "check", *[str(folder)] * 2).err.count("checking") == 0
    shown = on_a_terminal("check", *[str(folder / "net01.yaml")] * 100)
    assert b"checking" in shown
    assert b"100 specs checked, all good" in shown
    assert b"checking" not in on_a_terminal("check", str(folder / "net01.yaml"))


def on_a_terminal(*words: str) -> bytes:
    """What the command writes to a terminal."""
    pty = pytest.importorskip("pty", reason="no terminals here")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "shapecalc", *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm"},
    )
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:  # how Linux says that the other end is closed
        pass
    assert process.wait() == GOOD
    return shown
