"""The command line as a user meets it: what goes where, and the exit codes."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from shapecalc.cli import COULD_NOT, GOOD, WRONG, main

TINY = "{input: 8x8x3, layers: [conv: {filters: 4, kernel: 3}]}\n"
BROKEN = "{input: 8x8x3, layers: [conv: {filters: 4, kernel: 9}]}\n"


class Said:
    """What one call printed, and its exit code."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *words: str) -> None:
        capsys.readouterr()
        try:
            self.code = main(list(words))
        except SystemExit as stop:  # argparse leaves this way
            self.code = int(stop.code or 0)
        self.out, self.err = capsys.readouterr()


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    path = tmp_path / "tiny.yaml"
    path.write_text(TINY, encoding="utf-8")
    return str(path)


@pytest.fixture
def broken(tmp_path: Path) -> str:
    path = tmp_path / "broken.yaml"
    path.write_text(BROKEN, encoding="utf-8")
    return str(path)


def test_show_prints_the_table_and_nothing_else(tiny: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "show", tiny)
    assert (said.code, said.err) == (GOOD, "")
    assert "6×6×4" in said.out
    assert "params  112 (108 weights, 4 biases)" in said.out


def test_a_refused_spec_is_reported_and_the_others_are_shown(
    tiny: str, broken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = Said(capsys, "show", broken, tiny, "--format", "json")
    assert said.code == WRONG
    assert [network["totals"]["params"] for network in json.loads(said.out)] == [112]
    assert f"{broken}:1:55: error[kernel-too-large]" not in said.err  # the value, not the end of the line
    assert "error[kernel-too-large]" in said.err
    assert "^" in said.err


def test_one_refused_spec_prints_no_json(broken: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "show", broken, "--format", "json")
    assert (said.code, said.out) == (WRONG, "")


def test_several_documents_make_a_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "two.yaml"
    path.write_text(f"{TINY}---\n{BROKEN}---\n{TINY}", encoding="utf-8")
    said = Said(capsys, "show", str(path), "--format", "json")
    assert said.code == WRONG
    assert len(json.loads(said.out)) == 2
    assert ":3:" in said.err


@pytest.mark.parametrize("form", ["table", "csv", "markdown", "html", "latex", "json"])
def test_every_format_holds_every_layer(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "show", "vgg16", "--format", form)
    assert (said.code, said.err) == (GOOD, "")
    names = ["conv1_1", "conv5_3", "pool5", "fc8"]
    for name in names:
        assert name in said.out or name.replace("_", "\\_") in said.out


@pytest.mark.parametrize("command", ["show", "explain", "check"])
def test_no_such_file(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, command, "vgg-16")
    assert (said.code, said.out if command != "check" else "") == (COULD_NOT, "")
    assert "vgg-16" in said.err
    assert ("did you mean `vgg16`?" in said.err) == (command != "check")  # which is about files and folders


def test_a_missing_path_is_not_answered_with_the_shipped_specs(capsys: pytest.CaptureFixture[str]) -> None:
    assert "shipped specs: alexnet" in Said(capsys, "show", "qqqq").err
    for path in ("qqqq.yaml", "models/qqqq"):
        said = Said(capsys, "show", path)
        assert (said.code, said.err.count("\n")) == (COULD_NOT, 1)


def test_a_family_of_codes(capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "codes", "yaml")
    listed = [line.split()[0] for line in said.out.splitlines()]
    assert said.code == GOOD
    assert "yaml-syntax" in listed
    assert all(name.startswith("yaml-") for name in listed)
    named = [each["name"] for each in json.loads(Said(capsys, "codes", "yaml", "--format", "json").out)]
    assert named == listed
    assert Said(capsys, "codes", "yam").code == COULD_NOT


@pytest.mark.parametrize(
    ("line", "marker"),
    [
        ("  - conv: {pading: 1, filters: 2, kernel: 3}", "           ^^^^^^"),
        ("  - conv: {filters: 2, kernel: 3, 畳み: 1}", "                                  ^^^^"),
        ("  - {relu: , name: 畳, pading: 1}", "                       ^^^^^^"),  # 畳 takes two columns
        ("  - {relu: , name: e\u0301, pading: 1}", "                      ^^^^^^"),  # and an accent none
    ],
)
def test_the_marker_stands_below_what_it_marks(
    line: str, marker: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "wide.yaml"
    path.write_text(f"input: 8x8x3\nlayers:\n{line}\n", encoding="utf-8")
    shown = Said(capsys, "show", str(path)).err.splitlines()
    assert f"    | {marker}" in shown


def test_a_missing_file_does_not_stop_the_others(tiny: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "show", "no/such.yaml", tiny)
    assert said.code == COULD_NOT
    assert "6×6×4" in said.out


def test_a_folder_is_for_check_only(tmp_path: Path, tiny: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert Said(capsys, "show", str(tmp_path)).code == COULD_NOT
    said = Said(capsys, "check", str(tmp_path))
    assert (said.code, said.out) == (GOOD, "1 spec checked, all good\n")


def test_check_as_json(tmp_path: Path, broken: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "wrong.yml").write_text(TINY.replace("}]}", "}], expect: {params: 100}}"), encoding="utf-8")
    said = Said(capsys, "check", str(tmp_path), "--format", "json")
    outcome = json.loads(said.out)
    assert (said.code, outcome["specs"], outcome["failed"]) == (WRONG, 2, 2)
    assert [problem["code"] for problem in outcome["problems"]] == ["kernel-too-large", "expectation-failed"]
    first = outcome["problems"][0]
    assert set(first) >= {"file", "line", "column", "severity", "code", "path", "message", "help"}
    assert (first["file"], first["line"], first["severity"]) == (broken, 1, "error")
    assert outcome["problems"][1]["message"] == "the params of the network are 112, not 100"


def test_strict_makes_notes_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "floor.yaml"
    path.write_text("input: 8x8x1\nlayers:\n  - relu\n  - maxpool: 3\n", encoding="utf-8")
    assert Said(capsys, "check", str(path)).code == GOOD
    said = Said(capsys, "check", str(path), "--strict")
    assert said.code == WRONG
    assert f"{path}:4:5: error[note]: `maxpool1`: (8 − 3) / 3 is not whole" in said.err


def test_another_input(tiny: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "30×14×4" in Said(capsys, "show", tiny, "--input", "32x16x3").out
    assert Said(capsys, "show", "vgg16", "--input", "448x448x3").code == GOOD  # 138M no longer holds, and is not asked
    for wrong in ("32x", "big", "0x3", "1x2x3x4x5"):
        assert Said(capsys, "show", tiny, "--input", wrong).code == COULD_NOT


TWO = """\
input: {left: 8x8x3, right: 8x8x3}
layers:
  - {conv: {filters: 4, kernel: 3}, from: left, name: a}
  - {conv: {filters: 4, kernel: 3}, from: right, name: b}
  - add: [a, b]
"""


@pytest.fixture
def two(tmp_path: Path) -> str:
    path = tmp_path / "two.yaml"
    path.write_text(TWO, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("first", ["32x16x3", "left=32x16x3"])
@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("show {} --input right=32x16x3", "30×14×4"),
        ("show {} --rf-input right --input right=32x16x3", "30×14×4"),
        ("explain {} add1 --input right=32x16x3", "30×14×4"),
        ("unit {} b --rf-input right --input right=32x16x3", "`b`, 30×14×4"),
        ("verify {} --only shapes --input right=32x16x3", "3 layers, shapes equal"),
        ("diff {} {} --input right=32x16x3", "30×14×4"),
        ("solve {} --input right=?x16x3", "30×14×4"),
    ],
)
def test_another_shape_of_each_input(
    words: str, said: str, first: str, two: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A 3×3 filter on 32×16: 30×14; one input alone would not fit the other."""
    called = Said(capsys, *words.format(two, two).split(), "--input", first)
    assert (called.code, called.err) == (GOOD, "")
    assert said in called.out


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (["lefd=8x8x3"], "there is no input 'lefd'\n  help: did you mean `left`?"),
        (["9x9x3", "8x8x3"], "--input is given twice"),
        (["left=9x9x3", "left=8x8x3"], "--input is given twice for the input 'left'"),
        (["9x9x3", "left=8x8x3"], "two shapes are given for the input 'left'"),
        (["left=8x"], "'8x' is not a shape"),
    ],
)
def test_inputs_that_cannot_be(inputs: list[str], message: str, two: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = [word for each in inputs for word in ("--input", each)]
    for command in (["show", two], ["unit", two, "a"], ["sweep", two], ["solve", two], ["diff", two, two]):
        said = Said(capsys, *command, *words)
        assert said.code == COULD_NOT
        assert message in said.err


def test_a_list_as_a_setting(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The transformer blocks of Swin-T's stages are 2, 2, 6, 2; with one each there are fewer."""
    assert Said(capsys, "show", "swin:t", "--set", "depths=[1, 1, 1, 1]").code == GOOD
    path = tmp_path / "net.yaml"
    path.write_text("{input: 8, vars: {n: [1]}, layers: [{fc: 2, repeat: =n[1]}]}\n", encoding="utf-8")
    wrong = Said(capsys, "show", str(path), "--set", "n=[1")
    assert wrong.code == COULD_NOT
    assert "'[1' is no value" in wrong.err


def test_columns(tiny: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(
        capsys, "show", tiny, "--format", "csv", "--columns", "layer,macs,rf,rf_stride,rf_start,input,from,line"
    )
    assert said.out.splitlines() == [
        "layer,macs,rf,rf_stride,rf_start,input,from,line",
        'conv1,3888,3x3,"1, 1","0, 0",8x8x3,input,1',
    ]
    added = Said(capsys, "show", tiny, "--format", "csv", "--columns", "+memory", "--batch", "10", "--dtype", "float16")
    assert added.out.splitlines()[0] == "layer,type,output,tensor_size,params,share,rf,memory"
    assert added.out.splitlines()[1].endswith(",2880")  # 144 values × 10 examples × 2 bytes
    wrong = Said(capsys, "show", tiny, "--columns", "macz")
    assert wrong.code == COULD_NOT
    assert "did you mean `macs`?" in wrong.err


def test_channels_first(tiny: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "4×6×6" in Said(capsys, "show", tiny, "--layout", "chw").out


def test_explain_one_layer_and_an_unknown_one(tiny: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "explain", tiny, "conv1")
    assert said.code == GOOD
    assert "3,888" in said.out
    wrong = Said(capsys, "explain", tiny, "conv2")
    assert wrong.code == COULD_NOT
    assert "did you mean `conv1`?" in wrong.err


def test_explain_a_layer_that_some_documents_have(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet = tmp_path / "sheet.yaml"
    one = "input: 4x4x2\nlayers: [conv: {filters: 3, kernel: 1}, flatten, fc: 5]\n"
    sheet.write_text(f"name: one\n{one}---\nname: two\ninput: 4\nlayers: [fc: 2]\n---\nname: three\n{one}", "utf-8")
    said = Said(capsys, "explain", str(sheet), "conv1")
    assert (said.code, said.err) == (GOOD, "")
    assert said.out.count("conv1: convolution") == 2
    none = Said(capsys, "explain", str(sheet), "conv9")
    assert (none.code, none.out) == (COULD_NOT, "")
    assert "one has no layer 'conv9'" in none.err
    assert "did you mean `conv1`?" in none.err


BLOCKS = """\
input: 8x8x3
blocks:
  inner: {layers: [{conv: {filters: 2, kernel: 3}}, relu]}
  outer: {layers: [{inner: , repeat: 2, name: part}, maxpool: 2]}
layers: [{outer: , name: body}, {flatten: , name: part}]
"""


@pytest.mark.parametrize(
    ("name", "layers"),
    [
        ("body", ["body.part.0.conv1", "body.part.0.relu1", "body.part.1.conv1", "body.part.1.relu1", "body.maxpool1"]),
        ("body.part", ["body.part.0.conv1", "body.part.0.relu1", "body.part.1.conv1", "body.part.1.relu1"]),
        ("body.part.1", ["body.part.1.conv1", "body.part.1.relu1"]),
        ("part", ["part"]),
    ],
)
def test_a_block_is_explained_and_its_last_unit_seen(
    name: str, layers: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "blocks.yaml"
    path.write_text(BLOCKS, encoding="utf-8")
    said = Said(capsys, "explain", str(path), name)
    assert said.code == GOOD
    assert re.findall(r"^([\w.]+): ", said.out, re.MULTILINE) == layers
    assert f"`{layers[-1]}`" in Said(capsys, "unit", str(path), name).out
    for command in ("explain", "unit"):
        assert "did you mean `body.part.1`?" in Said(capsys, command, str(path), "bod.part.1").err
        assert Said(capsys, command, str(path), "bod").code == COULD_NOT


@pytest.mark.parametrize("form", ["text", "markdown", "latex"])
def test_explain_formats(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "explain", "vgg16", "--format", form)
    assert (said.code, said.err) == (GOOD, "")
    assert "138,357,544" in said.out.replace("{,}", ",")


def test_explain_a_refused_spec(broken: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "explain", broken)
    assert (said.code, said.out) == (WRONG, "")


def test_more_layers_where_they_are_allowed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "many.yaml"
    path.write_text("input: 8\nlayers:\n  - relu:\n    repeat: 12\n", encoding="utf-8")
    assert Said(capsys, "check", str(path), "--max-layers", "11").code == WRONG
    assert Said(capsys, "check", str(path), "--max-layers", "12").code == GOOD
    assert Said(capsys, "check", str(path), "--max-layers", "many").code == COULD_NOT


@pytest.mark.parametrize("words", [[], ["shwo", "vgg16"], ["show"], ["show", "vgg16", "--format", "xml"]])
def test_usage_errors(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, *words)
    assert (said.code, said.out) == (COULD_NOT, "")
    assert said.err.startswith("usage: shapecalc")


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    out = Said(capsys, "--help").out
    for command in ("show", "explain", "check", "codes", "schema", "Exit codes"):
        assert command in out


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Bytes:
        buffer = io.BytesIO(TINY.encode())

    monkeypatch.setattr(sys, "stdin", Bytes)
    assert "6×6×4" in Said(capsys, "show", "-").out


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    env = {**os.environ, **environment}
    return subprocess.run([sys.executable, "-m", "shapecalc", *words], capture_output=True, env=env, check=False)


def test_the_process_returns_the_exit_code(tiny: str, broken: str) -> None:
    assert run("show", tiny).returncode == GOOD
    assert run("show", broken).returncode == WRONG
    assert run("show", "nothing.yaml").returncode == COULD_NOT
    assert run("--version").stdout.startswith(b"shapecalc 0.")


def test_a_terminal_without_utf8_gets_plain_signs(tiny: str) -> None:
    done = run("show", tiny, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == GOOD
    assert b"6x6x4" in done.stdout


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", [["show"], ["check"], ["check", "--help"]])
def test_what_nobody_reads_is_not_good(words: list[str], unbuffered: str, tiny: str) -> None:
    """`set -o pipefail; shapecalc check specs | head` may not be green: 128 and SIGPIPE's 13, as of other commands."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "shapecalc", *words, tiny]
    env = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, env=env, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="wants /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", ["--help", "show {tiny}", "check {tiny}"])
def test_what_cannot_be_written_is_an_error(words: str, unbuffered: str, tiny: str) -> None:
    done = in_shell(f"{words.format(tiny=tiny)} >/dev/full", PYTHONUNBUFFERED=unbuffered)
    assert (done.returncode, done.stdout) == (COULD_NOT, b"")
    assert done.stderr == b"shapecalc: [Errno 28] No space left on device\n"


def in_shell(words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """One call with the redirections of a shell."""
    command = ["bash", "-c", f"{sys.executable} -m shapecalc {words}"]
    return subprocess.run(command, capture_output=True, env={**os.environ, **environment}, check=False)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("check {tiny} >&-", GOOD, b""),
        ("show {broken} >&-", WRONG, b"error[kernel-too-large]"),
        ("check {broken} 2>&-", WRONG, b""),
        ("check - <&-", WRONG, b"error[empty]"),
        ("quiz --count 1 --seed 1 <&-", GOOD, b""),
        ("check nothing.yaml >&- 2>&-", COULD_NOT, b""),
    ],
)
def test_closed_streams(words: str, code: int, said: bytes, tiny: str, broken: str) -> None:
    done = in_shell(words.format(tiny=tiny, broken=broken))
    assert done.returncode == code
    assert said in done.stderr
    assert b"Traceback" not in done.stderr
    assert b"error[" not in done.stdout  # diagnostics stay away from the results


@pytest.mark.skipif(sys.platform != "linux", reason="wants names of any bytes")
@pytest.mark.parametrize("utf8", ["1", "0"])
def test_sarif_of_a_name_that_is_not_utf8(utf8: str, tmp_path: Path) -> None:
    for name in (b"n\xff.yaml", "ü.yaml".encode()):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_text(BROKEN, encoding="utf-8")
    environment = {"LC_ALL": "C.UTF-8" if utf8 == "1" else "C", "PYTHONUTF8": utf8, "PYTHONCOERCECLOCALE": "0"}
    done = run("check", str(tmp_path), "--format", "sarif", **environment)
    assert done.returncode == WRONG
    results = json.loads(done.stdout)["runs"][0]["results"]
    uris = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in results]
    assert uris == [f"file://{tmp_path}/n%FF.yaml", f"file://{tmp_path}/%C3%BC.yaml"]


@pytest.mark.parametrize(
    ("words", "command", "advice"),
    [
        (["show", "vgg16", "--colums", "params"], "show", "did you mean `--columns`?"),
        (["check", "--strct=1", "vgg16"], "check", "did you mean `--strict`?"),
    ],
)
def test_an_unknown_option(words: list[str], command: str, advice: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, *words)
    assert (said.code, said.out) == (COULD_NOT, "")
    assert said.err.startswith(f"usage: shapecalc {command} ")
    assert advice in said.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["unit", "vgg16", "pool1", "-1,-1"], "height 0 to 111, width 0 to 111"),
        (["diff", "vgg16", "vgg16", "--max-params", "-5%"], "at most -5% wanted"),
    ],
)
def test_what_begins_with_a_negative_number_is_no_option(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said in Said(capsys, *words).err


def test_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(Said(capsys, "schema").out)["title"] == "shapecalc spec"


def test_an_endless_file_is_read_up_to_the_limit(capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "check", "/dev/zero")
    assert said.code == WRONG
    assert "error[too-large]" in said.err


def test_an_empty_name_is_no_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert Said(capsys, "check", "").code == COULD_NOT
    assert Said(capsys, "show", "").code == COULD_NOT


def test_a_folder_is_searched_without_what_dots_hide(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".hidden").mkdir()
    for name in (".pre-commit-config.yaml", ".hidden/a.yaml", "a.yaml", "b.txt"):
        (tmp_path / name).write_text(TINY, encoding="utf-8")
    assert Said(capsys, "check", str(tmp_path)).out == "1 spec checked, all good\n"
    assert Said(capsys, "check", str(tmp_path), "nothing.yaml").out == "1 spec checked, some could not be read\n"


FAMILY = """input: 8x8x3
vars: {width: }
variants: {small: {width: 2}, large: {width: 4, expect: {params: 113}}}
layers:
  - conv: {filters: =width, kernel: 3}
"""


def test_check_goes_through_all_variants(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "family.yaml"
    path.write_text(FAMILY, encoding="utf-8")
    said = Said(capsys, "check", str(path))
    assert (said.code, said.out) == (WRONG, "2 specs checked, 1 failed\n")
    assert f"{path}:3:66: error[expectation-failed]: the params of the network are 112, not 113" in said.err
    assert Said(capsys, "check", f"{path}:small").code == GOOD


def test_show_takes_a_variant_and_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "family.yaml"
    path.write_text(FAMILY, encoding="utf-8")
    assert "6×6×2" in Said(capsys, "show", f"{path}:small").out
    assert "6×6×7" in Said(capsys, "show", str(path), "--set", "width=7").out
    missing = Said(capsys, "show", str(path))
    assert missing.code == WRONG
    assert "choose a variant: small, large" in missing.err
    assert "did you mean `small`?" in Said(capsys, "show", f"{path}:smal").err
    assert Said(capsys, "show", str(path), "--set", "width").code == COULD_NOT
    assert "did you mean `width`?" in Said(capsys, "show", str(path), "--set", "widht=3").err


def test_a_fault_of_all_variants_is_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "family.yaml"
    path.write_text("input: 8\nvariants: {a: {}, b: {}}\nlayers: [rulu]\n", encoding="utf-8")
    assert Said(capsys, "check", str(path)).err.count("unknown-layer") == 1


def test_a_file_of_blocks_is_for_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "b.yaml").write_text("blocks: {b: {layers: [relu]}}\n", encoding="utf-8")
    (tmp_path / "a.yaml").write_text("input: 3\ninclude: [b.yaml]\nlayers: [b: ]\n", encoding="utf-8")
    assert Said(capsys, "check", str(tmp_path)).out == "1 spec checked, all good\n"
