"""`shapecalc sweep`: every combination, refused ones too, in order whoever computes them; filters, sorting, Pareto."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import shutil
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import shapecalc
from shapecalc import files
from shapecalc.bundle import bundled
from shapecalc.cli import COULD_NOT, GOOD, WRONG, main
from shapecalc.files import Unreadable
from shapecalc.source import parse
from shapecalc.sweeping import Row, local, space
from shapecalc.sweeping.selection import Key, condition, front, in_order, keys
from shapecalc.sweeping.space import Space, prepared
from shapecalc.sweeping.values import settings_of, shapes_of
from shapecalc.sweeping.work import Plan
from shapecalc.sweeping.work import rows as rows_of
from tests.test_cli import TWO
from tests.witness import module_or_skip

NET = """\
input: 16x16x3
vars: {width: 8, depth: 1, idle: 0}
layers:
  - {conv: {filters: =width, kernel: 3, padding: 1}, repeat: =depth}
  - maxpool: 4
  - flatten
  - fc: 10
"""


def params(width: int, depth: int, side: int = 16) -> int:
    """By hand: the first conv 27·w + w, each further one 9·w² + w, fc (side/4)²·w·10 + 10."""
    return 28 * width + (depth - 1) * (9 * width**2 + width) + (side // 4) ** 2 * width * 10 + 10


@pytest.fixture
def net(tmp_path: Path) -> str:
    (tmp_path / "net.yaml").write_text(NET, encoding="utf-8")
    return str(tmp_path / "net.yaml")


# ---- what is varied ----


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("w=16,32", [16, 32]),
        ("w=1..4", [1, 2, 3, 4]),
        ("w=4..1", [4, 3, 2, 1]),
        ("w=16..64..16, 100", [16, 32, 48, 64, 100]),
        ("w=16..60..16", [16, 32, 48]),
        ("w=0.5..1..0.25", [0.5, 0.75, 1.0]),
        ("w=-1..1", [-1, 0, 1]),
        ("w=3,3,3", [3]),
        ("w==max(2, width),=width*2", ["=max(2, width)", "=width*2"]),
        ("w=[1, 2],[3]", [[1, 2], [3]]),
        ("w=true,0.5,word", [True, 0.5, "word"]),
        ('w="a,b",c', ["a,b", "c"]),
    ],
)
def test_values(text: str, values: list[Any]) -> None:
    found = settings_of([text])["w"]
    assert found == values
    assert [type(each) for each in found] == [type(each) for each in values]


@pytest.mark.parametrize("text", ["width", "=3", "w=1..4..0", "w=1..4..-1", "w=1..9999999999", "w=[1"])
def test_what_is_no_value(text: str) -> None:
    with pytest.raises(Unreadable):
        settings_of([text])


def test_shapes() -> None:
    assert shapes_of({}) == [None]
    assert shapes_of({"": "8x8x3,16x4x3,784,784"}) == [{"": (3, 8, 8)}, {"": (3, 16, 4)}, {"": (784,)}]
    assert shapes_of({"": "8,9", "b": "1,2"}) == [{"": (m,), "b": (n,)} for m in (8, 9) for n in (1, 2)]
    for text in ("8x8x", "0x8x3", "1x2x3x4x5", ""):
        with pytest.raises(Unreadable):
            shapes_of({"": text})


def test_two_settings_of_one_variable_add_up(net: str) -> None:
    assert settings_of(["w=1,2", "w=2,3"]) == {"w": [1, 2, 3]}


# ---- rows ----


def test_every_combination_in_order(net: str) -> None:
    rows = shapecalc.sweep(net, {"width": [4, 8], "depth": range(1, 4)}, ["16x16x3", (3, 8, 8)])
    assert [(row.settings["width"], row.settings["depth"], row.input) for row in rows] == list(
        product([4, 8], [1, 2, 3], [(3, 16, 16), (3, 8, 8)])
    )
    for row in rows:
        assert row.input is not None
        assert row.totals["params"] == params(row.settings["width"], row.settings["depth"], row.input[1])
        assert row.outputs == ((10,),)


def test_a_row_is_what_show_says(net: str) -> None:
    (row,) = shapecalc.sweep(net, {"width": ["=4*3"]})
    trace = shapecalc.trace(shapecalc.load(net, width=12))
    assert {name: row.totals[name] for name in trace.totals._fields} == trace.totals._asdict()
    assert (row.number("flops"), row.number("layers")) == (2 * (trace.totals.macs or 0), len(trace.layers))


def test_a_refused_combination_is_a_row(net: str) -> None:
    good, bad, worse = shapecalc.sweep(net, {"width": [8, 0]}, ["16x16x3"]) + shapecalc.sweep(net, {}, ["2x2x3"])
    assert good.refusal is None
    assert bad.refusal is not None
    assert (bad.refusal.code, bad.refusal.line) == ("out-of-range", 4)
    assert worse.refusal is not None
    assert worse.refusal.code == "kernel-too-large"
    assert "padded height (2)" in worse.refusal.message


def test_what_is_wrong_for_all_is_said_at_once(net: str) -> None:
    with pytest.raises(shapecalc.SpecError, match="unknown-variable"):
        shapecalc.sweep(net, {"widht": [1, 2]})
    with pytest.raises(ValueError, match="holds 2 specs"):
        shapecalc.sweep(f"{NET}---\n{NET}")


class Backwards(Executor):
    """Computes what it was given last first, as soon as somebody waits for the first."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.waiting.append(lambda: future.set_result(fn(*args, **kwargs)))
        result = future.result

        def run_all(timeout: float | None = None) -> Any:
            while self.waiting:
                self.waiting.pop()()
            return result(timeout)

        future.result = run_all  # type: ignore[method-assign]
        return future


@pytest.mark.parametrize("kind", [Backwards, lambda: ThreadPoolExecutor(3), lambda: ProcessPoolExecutor(2)])
def test_any_executor_gives_the_same_rows(
    kind: Callable[[], Executor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred rows, more than an executor is given at once; the spec includes a file."""
    monkeypatch.setattr(space, "CHUNK", 8)
    monkeypatch.setattr(space, "IN_FLIGHT", 3)
    (tmp_path / "b.yaml").write_text("blocks: {unit: {vars: {out: }, layers: [fc: =out]}}\n", encoding="utf-8")
    text = "include: [b.yaml]\ninput: 7\nvars: {n: 1}\nlayers: [unit: {out: =n}]\n"
    (tmp_path / "net.yaml").write_text(text, encoding="utf-8")
    with kind() as executor:
        rows = shapecalc.sweep(tmp_path / "net.yaml", {"n": range(100)}, executor=executor)
    assert [row.totals.get("params") for row in rows] == [None, *(8 * n for n in range(1, 100))]
    assert rows == shapecalc.sweep(tmp_path / "net.yaml", {"n": range(100)})


@pytest.mark.filterwarnings("ignore")  # of its own
def test_a_dask_cluster_of_two_workers(tmp_path: Path) -> None:
    distributed = module_or_skip("distributed")
    options = {"threads_per_worker": 1, "dashboard_address": None, "local_directory": str(tmp_path)}
    with distributed.LocalCluster(n_workers=2, **options) as cluster, distributed.Client(cluster) as client:
        rows = shapecalc.sweep(NET, {"width": range(1, 81)}, executor=client.get_executor())
    assert [row.totals["params"] for row in rows] == [params(width, 1) for width in range(1, 81)]


def test_a_worker_needs_no_files(tmp_path: Path) -> None:
    """The text goes along, and what it includes: the folder is gone before anything is computed."""
    folder = tmp_path / "specs"
    folder.mkdir()
    (folder / "b.yaml").write_text("blocks: {unit: {vars: {out: }, layers: [fc: =out]}}\n", encoding="utf-8")
    (folder / "n.yaml").write_text("include: [b.yaml]\ninput: 7\nlayers: [unit: {out: 2}]\n", encoding="utf-8")
    plan = Plan(bundled(files.read(str(folder / "n.yaml"))))
    shutil.rmtree(folder)
    assert [row.totals["params"] for row in rows_of(plan, [(None, {}, None)])] == [16]


def test_a_process_that_dies_is_no_traceback(
    net: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(local, "PATIENCE", -1.0)
    monkeypatch.setattr(space, "rows", die)
    assert main(["sweep", net, "--set", "width=1..60", "--jobs", "2"]) == COULD_NOT
    assert "a process that sweeps has died" in capsys.readouterr().err


def die(*_: object) -> None:
    os._exit(9)


def test_a_bar_on_a_terminal(net: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("shapecalc.commands.sweep.BAR_AFTER", -1.0)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert main(["sweep", net, "--set", "width=1..9", "--jobs", "1"]) == GOOD
    said = capsys.readouterr()
    assert said.out.endswith("9 combinations\n")
    assert "sweeping" in said.err
    assert "11%" in said.err


def test_the_command_spreads_much_work(
    net: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call = ["sweep", net, "--set", "width=1..60", "--format", "csv"]
    assert main([*call, "--jobs", "1"]) == GOOD
    alone = capsys.readouterr().out
    monkeypatch.setattr(local, "PATIENCE", -1.0)
    assert main([*call, "--jobs", "2"]) == GOOD
    assert capsys.readouterr().out == alone
    monkeypatch.setattr(local, "PATIENCE", 1000.0)
    monkeypatch.setattr(local, "spread", None)  # little work starts no process
    assert main(call) == GOOD


def test_several_inputs(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Only like sizes add up; 112 parameters each whatever they are, 14·14 or 6·6 positions of 27·4 multiply-adds."""
    (tmp_path / "two.yaml").write_text(TWO, encoding="utf-8")
    call = ["sweep", str(tmp_path / "two.yaml"), "--input", "8x8x3,16x16x3", "--input", "right=16x16x3,8x8x3"]
    assert main([*call, "--columns", "macs", "--where", "macs >= 0", "--format", "csv"]) == GOOD
    assert [*csv.DictReader(io.StringIO(capsys.readouterr().out))] == [
        {"input": "8x8x3", "right": "8x8x3", "macs": str(2 * 36 * 108)},
        {"input": "16x16x3", "right": "16x16x3", "macs": str(2 * 196 * 108)},
    ]
    assert main([*call, "--format", "json"]) == GOOD
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [(row["input"][1], row["inputs"]["right"][1]) for row in rows] == [(8, 16), (8, 8), (16, 16), (16, 8)]
    with pytest.raises(Unreadable, match="no input 'up'"):  # before any process is asked
        prepared(Space(Plan(bundled(parse(TWO.encode(), "net"))), inputs=[{"up": (3, 4, 4)}]))
    found = shapecalc.sweep(TWO, inputs=[{"left": "4x4x3", "right": (3, 4, 4)}])
    assert [(row.input, row.inputs, row.totals["tensor_size"]) for row in found] == [
        ((3, 4, 4), {"right": (3, 4, 4)}, 3 * 2 * 2 * 4)
    ]


def test_a_sweep_of_nothing_but_refusals_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "resnet"]) == WRONG
    assert "help: choose a variant: resnet18, resnet34" in capsys.readouterr().err


# ---- which rows ----


def made(**totals: int | None) -> Row:
    return Row(None, {}, None, totals)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("params <= 2k", [4, 8]),
        ("params >= 3_018", [16]),
        ("params ~1.5k", [8]),
        ("params 762", [4]),
        ("params = 762", [4]),
        ("output 10", [4, 8, 16]),
        ("output 11", []),
        ("receptive_field 16", [4, 8, 16]),
        ("rf >= 17", []),
        ("layers <= 3", []),
        ("flops <= 1M", [4, 8, 16]),
    ],
)
def test_where(text: str, kept: list[int]) -> None:
    """By hand: 28·4 + 640 + 10 = 762; the receptive field of a flat output is the whole input."""
    rows = shapecalc.sweep(NET, {"width": [4, 8, 16]})
    assert [row.totals["params"] for row in rows] == [762, 1514, 3018]
    assert [row.settings["width"] for row in rows if condition(text).holds(row)] == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("width >= 8", [8, 16]),
        ("width <= 8", [4, 8, 0.5]),
        ("width 8", [8]),
        ("width == 16", [16]),
        ("width word", ["word"]),
        ("width [1, 2]", [[1, 2]]),
    ],
)
def test_where_a_variable_is(text: str, kept: list[Any]) -> None:
    values = [4, 8, 16, 0.5, "word", [1, 2]]
    rows = [Row(None, {"width": value}, None, {}) for value in values]
    assert [row.settings["width"] for row in rows if condition(text, ["width"]).holds(row)] == kept


@pytest.mark.parametrize("text", ["width", "width < 8", "width <= word", "depth 1"])
def test_what_is_no_condition_on_a_variable(text: str) -> None:
    with pytest.raises(Unreadable):
        condition(text, ["width"])


def test_a_word_is_not_cut_where_a_number_is_missing() -> None:
    with pytest.raises(Unreadable, match="'macs'"):
        condition("macs")


def test_a_front_in_a_variable() -> None:
    """Of equal accuracy the wider ones, unless a narrower one needs fewer parameters; words are on no front."""
    rows = [Row(None, {"width": w}, None, {"params": p}) for w, p in ((4, 9), (8, 9), (8, 7), (16, 9), ("word", 1))]
    assert front(rows, keys("params,-width", "--pareto", ["width"])) == {2, 3}


@pytest.mark.parametrize("text", ["params", "parms <= 5M", "params < 5M", "params <= many", "", "params 5M"])
def test_what_is_no_condition(text: str) -> None:
    with pytest.raises(Unreadable):
        condition(text)


def test_the_front_is_what_nobody_beats() -> None:
    draw = random.Random(7)
    for dimensions in (1, 2, 3, 4):
        by = [Key(draw.choice([1, -1]), name) for name in ("params", "macs", "layers", "buffers")[:dimensions]]
        for _ in range(30):
            rows = [
                made(
                    **{
                        key.quantity: draw.choice([None, *range(6)] if draw.random() < 0.2 else [*range(6)])
                        for key in by
                    }
                )
                for _ in range(draw.randint(0, 40))
            ]
            points = [[row.totals[key.quantity] for key in by] for row in rows]
            signed = [
                None if None in point else [k.sign * (v or 0) for k, v in zip(by, point, strict=True)]
                for point in points
            ]
            beaten = {
                i
                for i, one in enumerate(signed)
                for other in signed
                if one is None or (other and other != one and all(a <= b for a, b in zip(other, one, strict=True)))
            }
            assert front(rows, by) == set(range(len(rows))) - beaten - {
                i for i, one in enumerate(signed) if one is None
            }


def test_order() -> None:
    rows = [made(params=p) for p in (3, None, 1, 2)]
    assert [row.totals["params"] for row in in_order(rows, keys("params", "--sort"))] == [1, 2, 3, None]
    assert [row.totals["params"] for row in in_order(rows, keys("-params", "--sort"))] == [3, 2, 1, None]
    words = [Row(None, {"op": op, "n": n}, None, {"params": 1}) for op, n in (("b", 1), ("a", 2), ("a", 1))]
    by = keys("op,-n", "--sort", ("op", "n"))
    assert [tuple(row.settings.values()) for row in in_order(words, by)] == [("a", 2), ("a", 1), ("b", 1)]


# ---- the command ----


def test_the_table(net: str, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["sweep", net, "--set", "width=4,8", "--set", "depth=1,2", "--input", "16x16x3,2x2x3"]
    assert main([*call, "--pareto", "params", "--sort=-params", "--columns", "params,memory,rf"]) == GOOD
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert lines[0].split() == ["width", "depth", "input", "params", "bytes", "rf", "pareto", "refused"]
    assert lines[2].split()[:4] == ["8", "2", "16×16×3", f"{params(8, 2):,}"]
    assert lines[5].split()[:6] == [
        "4",
        "1",
        "16×16×3",
        "762",
        "4,648",
        "global",
    ]  # (1024 + 64 + 64 + 10) values of 4 bytes
    assert lines[5].endswith("*")
    assert "kernel-too-large: the kernel (4)" in lines[6]
    assert lines[-1] == "8 combinations, 4 refused"


def test_csv_json_and_markdown(net: str, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["sweep", net, "--set", "width=4,8", "--where", "params <= 1k", "--pareto", "params,-receptive_field"]
    assert main([*call, "--format", "csv"]) == GOOD
    assert list(csv.DictReader(io.StringIO(capsys.readouterr().out))) == [
        {
            "width": "4",
            "input": "16x16x3",
            "params": "762",
            "macs": "28288",
            "tensor_size": "1162",
            "output": "10",
            "pareto": "*",
        }
    ]  # macs: 256·27·4 + 640
    assert main([*call, "--format", "json"]) == GOOD
    found = json.loads(capsys.readouterr().out)
    assert found["pareto"] == ["params", "-receptive_field"]
    (row,) = found["rows"]
    assert (row["settings"], row["input"], row["outputs"], row["pareto"]) == ({"width": 4}, [3, 16, 16], [[10]], True)
    assert row["receptive_field"]["global"] is True
    assert main([*call, "--format", "markdown"]) == GOOD
    assert capsys.readouterr().out.splitlines()[1].startswith("|---")


def test_variants(capsys: pytest.CaptureFixture[str]) -> None:
    """The published parameters of torchvision's ResNets, as in specs/resnet.yaml."""
    assert (
        main(["sweep", "resnet", "--variants", "all", "--sort", "params", "--format", "csv", "--columns", "params"])
        == GOOD
    )
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["variant"] for row in rows][:3] == ["resnet18", "resnet34", "resnext50"]
    assert rows[0]["params"] == "11689512"
    assert main(["sweep", "resnet:resnet18", "--set", "groups=1"]) == GOOD
    assert "11,689,512" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--set", "width=0,-1"], WRONG, ""),
        (["--set", "width=0,8"], GOOD, ""),
        (["--set", "wdth=1"], WRONG, "did you mean `width`?"),
        (["--set", "idle=1,2"], GOOD, "`idle` changes nothing"),
        (["--set", "idle=1"], GOOD, ""),
        (["--set", "width=1..1000", "--set", "depth=1..1001"], COULD_NOT, "more than 1,000,000"),
        (["--where", "params < 3"], COULD_NOT, '"<= 2"'),
        (["--pareto", "parms"], COULD_NOT, "did you mean `params`?"),
        (["--sort", "widht"], COULD_NOT, "there is no quantity 'widht'"),
        (["--columns", "parms"], COULD_NOT, "did you mean `params`?"),
        (["--variants", "all"], COULD_NOT, "the spec has no variants"),
        (["--variants", "small"], WRONG, "there is no variant `small`"),
        (["--input", "16x"], COULD_NOT, "is not a shape"),
        (["--input", "image=16x16x3"], COULD_NOT, "there is no input 'image'"),
        (["--set", "width=4,8", "--where", "width >= 8", "--pareto=-width"], GOOD, ""),
    ],
)
def test_exit_codes(words: list[str], code: int, said: str, net: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", net, *words]) == code
    err = capsys.readouterr().err
    assert (said in err) if said else err == ""
