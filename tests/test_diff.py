"""`shapecalc diff`: what was done to a layer, what followed for others, bounds, formats, revisions."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import shapecalc
from shapecalc.cli import COULD_NOT, GOOD, WRONG, main
from shapecalc.comparison import Comparison, compare
from shapecalc.comparison.alignment import _unique, aligned
from shapecalc.comparison.outline import outlines

HEAD = "input: 32x32x3\n"
CHAIN = """\
  - conv: {filters: 8, kernel: 3, padding: 1}
  - relu
  - conv: {filters: 16, kernel: 3, padding: 1}
  - relu
  - maxpool: 2
  - conv: {filters: 32, kernel: 3, padding: 1}
    name: deep
  - flatten
  - fc: 10
"""


def compared(before: str, after: str) -> Comparison:
    """The networks of two lists of layers, or of two whole specs."""
    texts = [
        text if text.startswith(("input", "vars", "blocks")) else f"{HEAD}layers:\n{text}" for text in (before, after)
    ]
    first, second = (shapecalc.trace(shapecalc.load(text)) for text in texts)
    return compare(first, second)


def edits(before: str, after: str) -> list[tuple[Any, ...]]:
    return [
        (*edit.kinds, edit.before and edit.before.name, edit.after and edit.after.name)
        for edit in compared(before, after).edits
    ]


POOL = "  - maxpool: 2\n"
RELU = "  - relu\n"


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (CHAIN, []),
        (CHAIN.replace("maxpool: 2", "maxpool: {kernel_size: [2, 2], stride: 2, padding: [0, 0]}"), []),  # the same
        (CHAIN.replace(POOL, f"  - dropout: 0.5\n{POOL}"), [("inserted", None, "dropout1")]),
        ("  - conv: {filters: 4, kernel: 1}\n" + CHAIN, [("inserted", None, "conv1")]),  # conv1 is conv2 now
        (CHAIN.replace(POOL, ""), [("removed", "maxpool1", None)]),
        (CHAIN.replace("name: deep", "name: last"), [("renamed", "deep", "last")]),
        (CHAIN.replace(RELU, "  - relu: {}\n    name: act\n", 1), [("renamed", "relu1", "act")]),
        (CHAIN.replace("    name: deep\n", ""), [("renamed", "deep", "conv3")]),
        (CHAIN.replace("filters: 16", "filters: 24"), [("changed", "conv2", "conv2")]),
        (CHAIN.replace(POOL, "  - avgpool: 2\n"), [("replaced", "maxpool1", "avgpool1")]),
        (POOL + CHAIN.replace(POOL, ""), [("moved", "maxpool1", "maxpool1")]),
        (CHAIN.replace("name: deep", "name: deep\n    from: relu1"), [("rewired", "deep", "deep")]),
        (CHAIN.replace("name: deep", "name: deep\n    frozen: true"), [("changed", "deep", "deep")]),
        (CHAIN.replace("filters: 32, kernel: 3", "filters: 32, kernel: 5").replace("name: deep", "name: last"),
         [("changed", "renamed", "deep", "last")]),
    ],
)  # fmt: skip
def test_what_was_done(after: str, expected: list[tuple[Any, ...]]) -> None:
    assert edits(CHAIN, after) == expected
    assert edits(after, after) == []


def test_a_network_made_wider_is_changed_not_shifted() -> None:
    wider = CHAIN.replace("32, k", "64, k").replace("16, k", "32, k").replace("8, k", "16, k")
    assert edits(CHAIN, wider) == [("changed", name, name) for name in ("conv1", "conv2", "deep")]


def test_of_like_layers_the_one_that_learns_begins_what_is_new() -> None:
    longer = CHAIN.replace(POOL, f"  - conv: {{filters: 16, kernel: 3, padding: 1}}\n{RELU}{POOL}")
    assert edits(CHAIN, longer) == [("inserted", None, "conv3"), ("inserted", None, "relu3")]


def test_vgg19_is_vgg16_and_three_convolutions() -> None:
    """Simonyan & Zisserman 2014, table 1: configuration E has a fourth one in each of the last three stages."""
    comparison = compare(*(shapecalc.trace(shapecalc.load(name)) for name in ("vgg16", "vgg19")))
    assert [edit.step.name for edit in comparison.edits] == [
        "conv3_4",
        "relu8",
        "conv4_4",
        "relu12",
        "conv5_4",
        "relu16",
    ]
    assert {edit.kinds for edit in comparison.edits} == {("inserted",)}


def test_of_layers_with_the_same_settings_the_name_says_which() -> None:
    layers = {name: f"  - {{conv: {{filters: 4, kernel: 3, padding: 1}}, name: {name}}}\n" for name in "abcde"}
    changed = {name: text.replace("filters: 4", "filters: 5") for name, text in layers.items()}
    after = changed["a"] + layers["b"] + layers["d"] + changed["e"]
    assert edits("".join(layers.values()), after) == [
        ("changed", "a", "a"),
        ("removed", "c", None),
        ("changed", "e", "e"),
    ]


def test_in_a_renamed_block_too() -> None:
    def block(name: str, layers: str) -> str:
        conv = "{{conv: {{filters: {}, kernel: 3, padding: 1}}, name: {}}}"
        inside = ", ".join(conv.format(5 if each.isupper() else 4, each.lower()) for each in layers)
        return f"{HEAD}blocks: {{unit: {{layers: [{inside}]}}}}\nlayers: [{{unit: {{}}, name: {name}}}]\n"

    found = compared(block("one", "abcde"), block("two", "AbdE")).edits
    assert {edit.step.name: edit.kinds for edit in found} == {
        "two.a": ("changed", "renamed"),
        "two.b": ("renamed",),
        "one.c": ("removed",),
        "two.d": ("renamed",),
        "two.e": ("changed", "renamed"),
    }


TOWER = """\
input: 16x16x8
blocks:
  unit:
    vars: {{out: 8}}
    layers:
      - conv: {{filters: =out, kernel: 3, padding: 1}}
      - relu
layers:
  - {{unit: {{}}, name: {name}, repeat: {repeat}}}
  - parallel:
      - [conv: {{filters: 8, kernel: 1}}, batchnorm]
{branch}      - []
    join: {join}
"""


def tower(name: str = "stage", repeat: int = 2, branch: str = "", join: str = "add") -> str:
    return TOWER.format(name=name, repeat=repeat, branch=branch, join=join)


def test_blocks_and_branches() -> None:
    names = [f"{{}}.{turn}.{layer}" for turn in (0, 1) for layer in ("conv1", "relu1")]
    renamed = [("renamed", name.format("stage"), name.format("body")) for name in names]
    assert edits(tower(), tower("body")) == renamed
    assert edits(tower(), tower(repeat=3)) == [("inserted", None, "stage.2.conv1"), ("inserted", None, "stage.2.relu1")]
    more = tower(branch="      - [conv: {filters: 8, kernel: 3, padding: 1}]\n")
    assert edits(tower(), more) == [("inserted", None, "add1.1.conv1")]
    assert edits(tower(), tower(join="multiply")) == [("replaced", "add1", "multiply1")]


def test_shared_weights_are_a_setting() -> None:
    layers = "".join(f"  - {{conv: {{filters: 3, kernel: 3, padding: 1}}, name: {name}}}\n" for name in "ab")
    comparison = compared(layers, layers.replace("name: b", "name: b, share: a"))
    (edit,) = comparison.edits
    assert (edit.kinds, edit.settings["share"].after) == (("changed",), "a")
    renamed = layers.replace("name: b", "name: b, share: c").replace("name: a", "name: c")
    assert edits(layers.replace("name: b", "name: b, share: a"), renamed) == [("renamed", "a", "c")]


def test_causes_and_consequences() -> None:
    """With stride 2, 32×32 is 16×16 from there on; fc reads 8·8·32, not 16·16·32, so it loses 3/4 of 81,920 weights."""
    strided = CHAIN.replace("filters: 16, kernel: 3", "filters: 16, kernel: 3, stride: 2")
    comparison = compared(CHAIN, strided)
    (edit,) = comparison.edits
    assert (edit.step.name, edit.settings["stride"]) == ("conv2", (1, 2))
    assert edit.numbers["macs"] == (32 * 32 * 16 * 9 * 8, 16 * 16 * 16 * 9 * 8)
    followed = {change.step.name: change for change in comparison.affected}
    assert list(followed) == ["relu2", "maxpool1", "deep", "flatten1", "fc1"]
    assert followed["maxpool1"].numbers["output"] == ((16, 16, 16), (16, 8, 8))
    assert followed["fc1"].numbers["params"] == (81_930, 20_490)
    assert {change.because for change in followed.values()} == {("conv2",)}
    assert comparison.totals["params"].after - comparison.totals["params"].before == 20_490 - 81_930
    assert comparison.unchanged == 2


def test_another_input_is_a_cause() -> None:
    comparison = compared(f"{HEAD}layers: [relu, maxpool: 2]", "input: 16x16x3\nlayers: [relu, maxpool: 2]")
    assert comparison.inputs == ({"input": (3, 32, 32)}, {"input": (3, 16, 16)})
    assert [(change.kinds, change.because) for change in comparison.changes] == [(("affected",), ("input",))] * 2
    assert comparison.differs


def flat(count: int, width: int = 4) -> list[Any]:
    return [each for _ in range(count // 2) for each in ({"conv": {"filters": width, "kernel": 1}}, "relu")]


def test_ten_thousand_layers_without_names() -> None:
    """Beyond what is weighed pair by pair, and with nothing to tell one layer from another but its place."""
    changed = flat(10_000)
    changed.insert(100, {"maxpool": {"kernel_size": 3, "stride": 1, "padding": 1}})
    del changed[5000]
    before, after = (json.dumps({"input": "4x4x3", "layers": layers}) for layers in (flat(10_000), changed))
    comparison = compare(*(shapecalc.trace(shapecalc.load(text)) for text in (before, after)))
    assert [edit.kinds for edit in comparison.edits] == [("inserted",), ("removed",)]
    wider = compare(
        *(shapecalc.trace(shapecalc.load(json.dumps({"input": "4x4x3", "layers": flat(4000, w)}))) for w in (4, 8))
    )
    assert [edit.kinds for edit in wider.edits] == [("changed",)] * 2000


def test_what_is_too_long_is_cut_at_what_is_there_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _unique([5, 1, 2, 3, 3, 4], [1, 3, 2, 5, 4]) == [(1, 0), (2, 2), (5, 4)]
    layers = [{"conv": {"filters": 4, "kernel": 1}, "name": f"c{number}"} for number in range(60)]
    traces = [
        outlines(shapecalc.trace(shapecalc.load(json.dumps({"input": "4x4x3", "layers": each}))))
        for each in (layers, layers[:20] + layers[21:])
    ]
    expected = [(i, i - (i > 20)) for i in range(60) if i != 20]
    for cells, bits in ((10**6, 10**9), (0, 10**9), (0, 0)):
        monkeypatch.setattr("shapecalc.comparison.alignment.MAX_CELLS", cells)
        monkeypatch.setattr("shapecalc.comparison.alignment.MAX_BITS", bits)
        assert aligned(*traces) == expected


# ---- the command ----


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two specs in a folder that is the current one."""
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(f"name: A\n{HEAD}layers:\n{CHAIN}", encoding="utf-8")
    Path("b.yaml").write_text(
        f"name: B\n{HEAD}layers:\n{CHAIN}".replace("filters: 16", "filters: 20"), encoding="utf-8"
    )
    return tmp_path


@pytest.mark.usefixtures("files")
def test_the_text_fits_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "a.yaml", "b.yaml"]) == GOOD
    out = capsys.readouterr().out
    assert "A → B" in out
    assert "changed   conv2: out_channels 16 → 20; output 32×32×16 → 32×32×20; params 1,168" in out
    assert "params of 1" in out  # of deep
    assert max(map(len, out.splitlines())) <= 80
    assert "\x1b" not in out
    for names in (["resnet:resnet50", "resnet:resnet152"], ["alexnet", "mobilenet_v2"]):
        assert main(["diff", *names, "--all"]) == GOOD
        assert all(len(line) <= 80 for line in capsys.readouterr().out.splitlines())


def test_a_block_that_repeats_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """ResNet-101 has 17 units more than ResNet-50, of 1,117,184 parameters each: 18,992,128 in all (He et al. 2015)."""
    assert main(["diff", "resnet:resnet50", "resnet:resnet101"]) == GOOD
    assert "inserted  layer3.6 … 22: 17 × 10 layers; 18,992,128 params\n" in capsys.readouterr().out


UNITS = """\
input: 32x32x3
blocks:
  unit:
    vars: {{out: , spread: 1}}
    layers:
      - {{conv: {{filters: =out, kernel: {kernel}, padding: {kernel}//2*spread, dilation: =spread}}, name: conv}}
      - batchnorm
{more}      - relu
layers:
  - {{unit: {{out: 8}}, repeat: {first}, name: low}}
  - {{unit: {{out: 16}}, repeat: {second}, name: high}}
  - {{conv: {{filters: 4, kernel: 1}}, name: last}}
"""


def units(kernel: int = 3, first: int = 3, second: int = 6, more: str = "") -> str:
    text = UNITS.format(kernel=kernel, first=first, second=second, more=more)
    return text.replace(f"padding: {kernel}//2*spread", f"padding: ={kernel}//2*spread")


def told(tmp_path: Path, capsys: pytest.CaptureFixture[str], before: str, after: str, *options: str) -> str:
    """What the command prints about two specs, below the totals."""
    paths = [tmp_path / name for name in ("before.yaml", "after.yaml")]
    for path, text in zip(paths, (before, after), strict=True):
        path.write_text(text, encoding="utf-8")
    assert main(["diff", *map(str, paths), *options]) == GOOD
    return capsys.readouterr().out.split("unchanged", 1)[1]


def test_a_turn_less_here_and_one_more_there_is_no_move(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The batch norms of the unit that went are like those of the one that came, and are not moved for that.

    Of the second stage: 512·128 + 9·128·128 + 128·512 weights, 2·(128 + 128 + 512) of the batch norms: 280,064.
    """
    text = (Path(__file__).parents[1] / "specs" / "resnet.yaml").read_text(encoding="utf-8")
    (tmp_path / "after.yaml").write_text(text.replace("[3, 4, 6, 3]", "[3, 3, 9, 3]"), encoding="utf-8")
    assert main(["diff", "resnet:resnet50", f"{tmp_path / 'after.yaml'}:resnet50"]) == GOOD
    out = capsys.readouterr().out
    assert " moved" not in out
    assert "removed   layer2.3: 10 layers; 280,064 params\n" in out
    assert "inserted  layer3.6 … 8: 3 × 10 layers; 3,351,552 params\n" in out  # 3·1,117,184
    comparison = compare(
        *(shapecalc.trace(shapecalc.load("resnet:resnet50", counts=n)) for n in ([3, 4, 6, 3], [2, 5, 6, 3]))
    )
    assert Counter(edit.kinds for edit in comparison.edits) == {("removed",): 10, ("inserted",): 10}
    assert {edit.step.name[:8] for edit in comparison.edits} == {"layer1.2", "layer2.4"}


def test_affected_layers_are_told_by_cause_and_block(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With 5×5, unit k sees 4k + 1 pixels instead of 2k + 1: 7 and 13 where low ends, 19 and 37 where high does."""
    out = told(tmp_path, capsys, units(), units(kernel=5))
    assert out.count("low.0.conv") == 2  # among the edits, and as a cause
    assert (
        "  because of low.0.conv and 8 more\n"
        "    low: 6 layers; receptive field 3×3 … 7×7 → 5×5 … 13×13\n"
        "    high: 12 layers; receptive field 9×9 … 19×19 → 17×17 … 37×37\n"
        "    last: receptive field 19×19 → 37×37\n"
        "  --all lists every layer\n"
    ) in out
    every = told(tmp_path, capsys, units(), units(kernel=5), "--all")
    assert "  because of low.1.conv, low.0.conv\n    low.1.batchnorm1: receptive field 5×5 → 9×9\n" in every
    assert "because of high.5.conv, high.4.conv, high.3.conv, high.2.conv and 5 more" in every
    markdown = told(tmp_path, capsys, units(), units(kernel=5), "--format", "markdown")
    assert "- because of `low.0.conv` and 8 more\n  - `low`: 6 layers; receptive field 3×3 … 7×7 → 5×5" in markdown


def test_what_is_put_into_every_block_is_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A 1×1 in 3 blocks of 8 channels, 72 parameters each, and in 6 of 16, 272 each; and a dropout in all."""
    out = told(tmp_path, capsys, units(), units(more="      - {dropout: 0.1, name: drop}\n"))
    assert "inserted  low.0.drop, low.1.drop, low.2.drop and 6 more: 9 layers; dropout 0.1\n" in out
    out = told(tmp_path, capsys, units(), units(more="      - {conv: {filters: =in_channels, kernel: 1}, name: mix}\n"))
    assert "inserted  low.0.mix, low.1.mix, low.2.mix: 3 layers; conv 1×1, 8; 216 params\n" in out
    block = "      - {parallel: [[], [{global_avgpool: {keepdims: true}}, sigmoid]], join: multiply, name: gate}\n"
    out = told(tmp_path, capsys, units(), units(more=block))
    assert "inserted  low.0.gate, low.1.gate, low.2.gate and 6 more: 9 × 3 layers\n" in out


def test_flags_of_many_layers_are_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frozen = units().replace("name: low", "name: low, frozen: true")
    out = told(tmp_path, capsys, frozen, units())
    assert "6 layers; frozen true → false" in " ".join(out.split())
    own = units(first=1).replace(", repeat: 1", "") + "  - {unit: {out: 8}, name: twin, from: input}\n"
    out = told(tmp_path, capsys, own.replace("from: input", "from: input, share: low"), own)
    assert "twin.conv, twin.batchnorm1: 2 layers; share low → none; params 0 → 240\n" in out  # 3·9·8 + 8, and 16


def test_a_receptive_field_of_the_same_size_says_what_differs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = "input: 8x8x3\nlayers: [conv: {filters: 4, kernel: 3, "
    strided, padded = (f"{head}{more}}}, flatten]" for more in ("stride: 2", "padding: 1"))
    assert "receptive field 3×3, its stride 1 → 2" in " ".join(
        told(tmp_path, capsys, f"{head}}}, flatten]", strided).split()
    )
    assert "receptive field 3×3, its start 0 → -1" in " ".join(
        told(tmp_path, capsys, f"{head}}}, flatten]", padded).split()
    )
    larger = strided.replace("8x8", "10x12")
    assert "flatten1: output 36 → 80; receptive field global, 8×8 → 10×12\n" in told(tmp_path, capsys, strided, larger)


@pytest.mark.usefixtures("files")
def test_markdown_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "a.yaml", "b.yaml", "--format", "markdown", "--max-params", "+1%"]) == WRONG
    out = capsys.readouterr().out
    assert out.startswith("### A → B\n\n| | before | after | change | |\n")
    assert "- **changed** `conv2`: out\\_channels 16 → 20" in out
    assert "<details>" in out
    assert "**broken**: params are" in out
    assert main(["diff", "a.yaml", "b.yaml", "--format", "json", "--max-macs", "1G"]) == GOOD
    found = json.loads(capsys.readouterr().out)
    assert found["before"] == {"spec": "a.yaml", "name": "A", "inputs": [{"name": "input", "shape": [3, 32, 32]}]}
    changed = next(each for each in found["changes"] if each["kinds"] == ["changed"])
    assert changed["settings"] == {"out_channels": {"before": 16, "after": 20}}
    assert changed["numbers"]["params"] == {"before": 1168, "after": 1460}
    assert changed["because"] == []
    affected = {each["after"]["name"]: each for each in found["changes"] if each["kinds"] == ["affected"]}
    assert affected["deep"]["because"] == ["conv2"]
    assert affected["deep"]["causes"]["params"] == {"nearest": ["conv2"], "count": 1}
    assert found["bounds"][0]["holds"] is True


@pytest.mark.parametrize(
    ("bounds", "code", "words"),
    [
        (["--max-params", "+5%"], GOOD, ""),  # 224 + 1168 + 4640 + 81930 = 87962; B: 224 + 1460 + 5792 + 81930 = 89406
        (["--max-params", "+1%"], WRONG, "params are 89,406, 87,962 before; at most +1% wanted, which is 88,841"),
        (["--max-params", "+1444"], GOOD, ""),
        (["--max-params", "+1k"], WRONG, "which is 88,962"),
        (["--max-params", "89_406"], GOOD, ""),
        (["--max-params", "89k"], WRONG, "params are 89,406, at most 89k wanted"),
        (["--max-params=-1%"], WRONG, "at most -1% wanted"),
        (["--max-params", "-5%"], WRONG, "at most -5% wanted, which is 83,563"),  # 0.95·87,962 = 83,563.9
        (["--max-macs", "-1.5k", "--max-params", "-0"], WRONG, "at most -0 wanted"),
        (["--max-receptive-field", "+0"], GOOD, ""),
        (["--max-buffers", "0", "--max-tensor-size", "+0%"], WRONG, "tensor size is"),
        (["--max-macs", "lots"], COULD_NOT, "'lots' is no bound"),
        (["--exit-code"], WRONG, ""),
    ],
)
@pytest.mark.usefixtures("files")
def test_bounds(bounds: list[str], code: int, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "a.yaml", "b.yaml", *bounds]) == code
    err = capsys.readouterr().err
    assert (words in err) if words else err == ""


@pytest.mark.usefixtures("files")
def test_what_is_unknown_keeps_to_no_bound(capsys: pytest.CaptureFixture[str]) -> None:
    Path("c.yaml").write_text(f"{HEAD}layers: [custom: 10]\n", encoding="utf-8")
    assert main(["diff", "a.yaml", "c.yaml", "--max-params", "1G"]) == WRONG
    assert "params are unknown, at most 1G wanted" in capsys.readouterr().err


@pytest.mark.usefixtures("files")
def test_exit_codes_and_errors(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "a.yaml", "a.yaml", "--exit-code"]) == GOOD
    assert "no difference" in capsys.readouterr().out
    Path("bad.yaml").write_text("input: 2x2x3\nlayers: [maxpool: 4]\n", encoding="utf-8")
    assert main(["diff", "a.yaml", "bad.yaml"]) == WRONG
    said = capsys.readouterr()
    assert said.out == ""
    assert "bad.yaml:2:" in said.err
    Path("two.yaml").write_text("input: 8\nlayers: [fc: 1]\n---\ninput: 8\nlayers: [fc: 2]\n", encoding="utf-8")
    assert main(["diff", "a.yaml", "two.yaml"]) == COULD_NOT
    assert "holds 2 specs" in capsys.readouterr().err
    assert main(["diff", "-", "-"]) == COULD_NOT
    assert main(["diff", "a.yaml", "nowhere.yaml"]) == COULD_NOT


# ---- revisions ----


def git(*words: str) -> None:
    identity = ["-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *words], check=True, capture_output=True)


@pytest.fixture
def repository(files: Path) -> Path:
    """A repository with one commit, whose spec includes a block, and changes since."""
    Path("nets/blocks").mkdir(parents=True)
    Path("nets/blocks/b.yaml").write_text("blocks: {unit: {layers: [fc: 8]}}\n", encoding="utf-8")
    head = "include: [blocks/b.yaml]\ninput: 4\nvars: {n: 1}\nvariants: {one: {}, two: {n: 2}}\n"
    text = head + "layers: [{unit: {}, repeat: =n}]\n"
    Path("nets/n.yaml").write_text(text, encoding="utf-8")
    git("init", "-q", ".")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    Path("nets/blocks/b.yaml").write_text("blocks: {unit: {layers: [fc: 9]}}\n", encoding="utf-8")
    Path("a.yaml").write_text("input: [\n", encoding="utf-8")
    git("add", "a.yaml")
    return files


@pytest.mark.usefixtures("repository")
def test_a_file_as_it_was(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """4·8 + 8 = 40 parameters then, 4·9 + 9 = 45 now: the block too is the one of that revision."""
    assert main(["diff", "git:HEAD:nets/n.yaml:two", "nets/n.yaml:one", "--format", "json"]) == GOOD
    found = json.loads(capsys.readouterr().out)
    assert found["totals"]["params"] == {"before": 40 + 72, "after": 45}
    monkeypatch.chdir("nets")
    assert main(["diff", "git:HEAD:./n.yaml", "n.yaml", "--format", "json"]) == GOOD
    assert json.loads(capsys.readouterr().out)["totals"]["params"] == {"before": 40, "after": 45}


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        (
            "git:HEAD:nets/m.yaml",
            COULD_NOT,
            "there is no file nets/m.yaml at HEAD\n  help: did you mean `nets/n.yaml`?",
        ),
        ("git:HEAD:nets", COULD_NOT, "nets is a folder at HEAD"),
        ("git:nonsense:a.yaml", COULD_NOT, "git knows no revision 'nonsense'"),
        ("git:--all:a.yaml", COULD_NOT, "git knows no revision '--all'"),
        ("git:HEAD", COULD_NOT, "names no file of a revision"),
        ("git::a.yaml", WRONG, "git::a.yaml:2:1: error[yaml-syntax]"),
        ("git:HEAD:nets/n.yaml:three", WRONG, "there is no variant `three`"),
    ],
)
@pytest.mark.usefixtures("repository")
def test_what_git_does_not_have(name: str, code: int, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", name, "nets/n.yaml"]) == code
    assert words in capsys.readouterr().err


@pytest.mark.usefixtures("repository")
def test_an_error_in_what_was_included_then_names_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    Path("nets/blocks/b.yaml").write_text("blocks: {unit: {layers: [fcc: 9]}}\n", encoding="utf-8")
    git("add", ".")
    assert main(["diff", "git::nets/n.yaml", "vgg16"]) == WRONG
    assert "git::nets/blocks/b.yaml:1:26: error[unknown-layer]" in capsys.readouterr().err


@pytest.mark.usefixtures("files")
def test_outside_of_any_repository(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(Path.cwd().parent))
    assert main(["diff", "git:HEAD:a.yaml", "a.yaml"]) == COULD_NOT
    assert "in no git repository" in capsys.readouterr().err
    monkeypatch.setenv("PATH", "")
    assert main(["diff", "git:HEAD:a.yaml", "a.yaml"]) == COULD_NOT
    assert "git is not installed" in capsys.readouterr().err
