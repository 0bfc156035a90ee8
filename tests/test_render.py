"""The table in every dress: it fits the window, sums to its totals, and nothing of the user's text breaks it."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser

import pytest
from rich.cells import cell_len
from rich.console import Console

import shapecalc
from shapecalc.foot import memory, percent
from shapecalc.render import as_html, as_text, renderer
from shapecalc.render.cutting import cut_name, cut_names
from shapecalc.render.terminal import bar, print_traces
from shapecalc.result import Trace
from shapecalc.table import COLUMNS, View, table

NASTY = '{name: "a|b & <c> $d_e% #f {g}\\\\ ~h^ *i*", input: 4x4x1, layers: [{relu: , name: a_b}]}\n'


@pytest.fixture(scope="module")
def vgg16() -> Trace:
    return shapecalc.trace(shapecalc.load("vgg16"))


def on_terminal(trace: Trace, width: int, view: View | None = None) -> list[str]:
    console = Console(width=width, file=io.StringIO(), force_terminal=True, color_system="truecolor", record=True)
    print_traces([trace], view or View(), console)
    return console.export_text().splitlines()


def test_vgg16_fits_80_columns_with_every_cell_whole(vgg16: Trace) -> None:
    lines = on_terminal(vgg16, 80)
    assert max(map(cell_len, lines)) <= 80
    table = "\n".join(lines)
    assert "…" not in table
    for word in ("conv1_1", "conv 3×3, 512, p1", "112×112×128", "102,764,544", "212×212", "share", "█"):
        assert word in table


def test_a_narrow_window_loses_columns_before_names_are_cut(vgg16: Trace) -> None:
    narrow = "\n".join(on_terminal(vgg16, 60))
    assert "share" not in narrow
    assert "conv1_1" in narrow
    assert "102,764,544" in narrow
    assert max(map(cell_len, narrow.splitlines()[:40])) <= 60


@pytest.fixture(scope="module")
def googlenet() -> Trace:
    return shapecalc.trace(shapecalc.load("googlenet"))


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
def test_names_are_cut_at_their_beginning_once_the_sources_are_gone(googlenet: Trace, width: int) -> None:
    table = "\n".join(on_terminal(googlenet, width)[:80])
    assert max(map(cell_len, table.splitlines()[2:])) <= width
    assert bool(re.search(r"^…[\w.]*\.conv1 ", table, re.MULTILINE)) == (width <= 80)
    assert ("inception3a.branch1.conv_bn1.conv1 " in table) == (width > 80)
    assert ("connected" in table) == (width == 200)
    assert "inception3a.…" not in table


@pytest.mark.parametrize(
    ("name", "width", "cut"),
    [
        ("d_fake.c2.conv1", 15, "d_fake.c2.conv1"),
        ("d_fake.c2.conv1", 9, "…c2.conv1"),
        ("conv1", 1, "…1"),  # never without its last character
    ],
)
def test_a_name_is_cut_at_its_beginning(name: str, width: int, cut: str) -> None:
    assert cut_name(name, width) == cut


@pytest.mark.parametrize(
    ("names", "width", "cut"),
    [
        ("conv1, conv2", 12, "conv1, conv2"),
        ("conv1, conv2, conv3", 16, "conv1, conv2, +1"),
        ("conv1, conv2, conv3", 15, "conv1, +2"),
        ("stage1.conv1, stage2.conv1", 12, "…1.conv1, +1"),
        ("stage1.conv1", 9, "…e1.conv1"),
    ],
)
def test_of_several_names_the_first_are_shown(names: str, width: int, cut: str) -> None:
    assert cut_names(names, width) == cut
    assert len(cut) <= width


def test_what_a_layer_reads_does_not_widen_a_table_in_a_pipe(googlenet: Trace) -> None:
    """Four branches of 34 characters and more: 40 are shown; the other formats, for programs, have them all."""
    text, table = as_text(googlenet), renderer("csv")([googlenet], View(columns=("from",)))
    assert "  inception3a.branch1.conv_bn1.relu1, +3  " in text
    sources = "inception3a.branch1.conv_bn1.relu1, inception3a.branch2.conv_bn2.relu1"
    assert sources not in text
    assert sources in table


def test_flops_are_twice_the_multiply_adds() -> None:
    """3×3×3 weights at 6×6 places, 4 times: 3,888 multiply-adds."""
    trace = shapecalc.trace(shapecalc.load("{input: 8x8x3, layers: [conv: {filters: 4, kernel: 3}]}\n"))
    assert renderer("csv")([trace], View(columns=("macs", "flops"))) == "macs,flops\n3888,7776\n"
    assert re.search(r"^flops +7,776$", renderer("text")([trace], View(columns=("flops",))), re.MULTILINE)
    unknown = shapecalc.trace(shapecalc.load("{input: 8, layers: [custom: 8]}\n"))
    assert renderer("csv")([unknown], View(columns=("flops",))) == 'flops\n""\n'


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1023, "1,023 bytes"),
        (1024, "1,024 bytes (1.0 KiB)"),
        (1536 * 2**10, "1,572,864 bytes (1.5 MiB)"),
        (13_476_831_232, "13,476,831,232 bytes (12.6 GiB)"),  # 13,476,831,232 / 1,073,741,824 = 12.55
        (2**41, "2,199,023,255,552 bytes (2,048.0 GiB)"),
    ],
)
def test_memory_for_people(number: int, words: str) -> None:
    assert memory(number) == words


def test_the_memory_is_of_the_batch(vgg16: Trace) -> None:
    """VGG16: 138,357,544 parameters of 4 bytes, 553,430,176 bytes: 527.8 of 1,048,576."""
    assert "553,430,176 bytes (527.8 MiB) of params" in renderer("text")([vgg16], View(batch=2))


NOTED = """
input: 9x9x2
blocks: {b: {layers: [{conv: {filters: 2, kernel: 3, padding: 1}}, {instancenorm: {affine: true}}]}}
layers: [b: , b: , {maxpool: 2}, b: , {b: , name: again, share: b1}]
"""


@pytest.mark.parametrize(
    ("depth", "whose"),
    [
        (None, ["b1.instancenorm1 and 3 more", "maxpool1", "b3.conv1", "again.conv1", "again.instancenorm1"]),
        (1, ["b1 … 2 and 2 more", "maxpool1", "b3", "again"]),
    ],
)
def test_a_note_is_said_once(depth: int | None, whose: list[str]) -> None:
    """Four normalisations, a pooling that is not whole, a field beyond the input, two layers that share."""
    shown = table(shapecalc.trace(shapecalc.load(NOTED)), View(depth=depth)).notes
    assert [name for name, _ in shown] == whose
    assert shown[-1][1].endswith("(and 1 more alike)") == (depth == 1)


def test_all_columns_at_200(vgg16: Trace) -> None:
    lines = on_terminal(vgg16, 200, View(columns=tuple(COLUMNS)))
    assert max(map(cell_len, lines)) <= 200


def test_where_the_parameters_live(vgg16: Trace) -> None:
    text = as_text(vgg16)
    # 123,642,856 of 138,357,544, from the layer sizes: 25,088·4,096 + 4,096 + 4,096·4,096 + 4,096 + 4,096·1,000 + 1,000
    assert re.search(r"fc\s+3 layers\s+123,642,856\s+89\.4%", text)
    assert re.search(r"conv\s+13 layers\s+14,714,688\s+10\.6%", text)


def test_the_printed_column_sums_to_the_printed_total(vgg16: Trace) -> None:
    rows = list(
        csv.DictReader(io.StringIO(renderer("csv")([vgg16], View(columns=("layer", "params", "macs", "share")))))
    )
    total = re.search(r"params\s+([\d,]+) \(", as_text(vgg16))
    assert total is not None
    assert sum(int(row["params"]) for row in rows) == int(total[1].replace(",", ""))
    assert sum(float(row["share"]) for row in rows) == pytest.approx(1, abs=1e-4)
    macs = re.search(r"^macs\s+([\d,]+)$", as_text(vgg16), re.MULTILINE)
    assert macs is not None
    assert sum(int(row["macs"]) for row in rows) == int(macs[1].replace(",", ""))


def test_json_is_as_the_design_fixes_it(vgg16: Trace) -> None:
    network = json.loads(renderer("json")([vgg16], View()))
    assert list(network) == ["schema_version", "name", "inputs", "layers", "outputs", "totals"]
    first = network["layers"][0]
    line = first.pop("line")
    assert line == vgg16["conv1_1"].line
    assert first == {
        "name": "conv1_1",
        "type": "conv",
        "from": ["input"],
        "in_shapes": [[3, 224, 224]],
        "out_shape": [64, 224, 224],
        "tensor_size": 3211264,
        "params": 1792,
        "weights": 1728,
        "biases": 64,
        "trainable": 1792,
        "buffers": 0,
        "macs": 86704128,
        "receptive_field": {"size": [3, 3], "stride": [1, 1], "start": [-1, -1], "global": False},
        "notes": [],
    }
    assert network["inputs"] == [{"name": "input", "shape": [3, 224, 224]}]
    assert network["outputs"][0]["shape"] == [1000]
    assert network["totals"]["params"] == 138357544
    assert network["totals"]["weights"] == 138344128
    assert network["totals"]["biases"] == 13416
    assert network["totals"]["macs"] == 15470264320
    assert network["layers"][-1]["receptive_field"]["global"] is True


def test_json_of_uneven_and_fractional_fields() -> None:
    text = "{input: 8x8x1, layers: [conv_transpose: {out_channels: 1, kernel_size: 3, stride: 2}]}\n"
    network = json.loads(renderer("json")([shapecalc.trace(shapecalc.load(text))], View()))
    # even outputs see two inputs, odd ones one: o = 2j + t with t in 0…2
    assert network["layers"][0]["receptive_field"] == {
        "size": [2, 2], "size_min": [1, 1], "stride": ["1/2", "1/2"], "start": [-1, -1], "global": False,
    }  # fmt: skip


def test_a_flat_input_has_no_receptive_field() -> None:
    network = json.loads(renderer("json")([shapecalc.trace(shapecalc.load("{input: 8, layers: [fc: 3]}\n"))], View()))
    assert network["layers"][0]["receptive_field"] is None


class Balanced(HTMLParser):
    """Fails where tags do not close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_is_balanced_and_escapes_the_users_words() -> None:
    parser = Balanced()
    parser.feed(as_html(shapecalc.trace(shapecalc.load(NASTY))))
    assert parser.open == []
    assert "a|b & <c> $d_e%" in parser.text


def test_latex_escapes_the_users_words() -> None:
    text = renderer("latex")([shapecalc.trace(shapecalc.load(NASTY))], View())
    assert r"a|b \& <c> \$d\_e\% \#f \{g\}\textbackslash{} \textasciitilde{}h\textasciicircum{}" in text
    assert r"\toprule" in text
    assert r"a\_b" in text
    assert "×" not in text


def test_markdown_escapes_the_users_words() -> None:
    text = renderer("markdown")([shapecalc.trace(shapecalc.load(NASTY))], View())
    assert r"## a\|b & &lt;c> $d_e%" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len({line.replace(r"\|", "").count("|") for line in rows}) == 1


def test_unknown_numbers_are_said_to_be_unknown() -> None:
    text = "{input: 8x8x3, layers: [conv: {filters: 2, kernel: 1}, custom: {out_shape: 4x4x2}, relu]}\n"
    shown = as_text(shapecalc.trace(shapecalc.load(text)))
    assert re.search(r"^params\s+unknown$", shown, re.MULTILINE)
    assert "where the parameters live" not in shown
    assert "declared, not computed; unknown: params, buffers, macs, window" in shown


def test_a_trace_prints_as_the_table_and_shows_itself_in_a_notebook(vgg16: Trace) -> None:
    assert str(vgg16) == as_text(vgg16)
    assert vgg16._repr_html_() == as_html(vgg16)


@pytest.mark.parametrize(("share", "drawn"), [(0, ""), (1e-9, "▏"), (0.1, "▌"), (0.5, "██▌"), (1, "█████")])
def test_bars(share: float, drawn: str) -> None:
    assert bar(share) == drawn  # five characters of eight eighths


@pytest.mark.parametrize(
    ("share", "written"), [(0, ""), (0.0004, "<0.1%"), (0.0005, "0.1%"), (0.894, "89.4%"), (1, "100.0%")]
)
def test_percentages(share: float, written: str) -> None:
    assert percent(share) == written


@pytest.mark.parametrize(
    ("item", "short"),
    [
        ("conv: {filters: 64, kernel: 3, padding: 1}", "conv 3×3, 64, p1"),
        ("conv: {filters: 64, kernel: 7, stride: 2, padding: 3, bias: false}", "conv 7×7, 64, /2, p3, no bias"),
        ("conv: {filters: 8, kernel: [1, 3], stride: [2, 1], padding: [[0, 1], 2]}", "conv 1×3, 8, /2×1, p0+1×2"),
        ("conv: {filters: 8, kernel: 3, padding: same, groups: depthwise}", "conv 3×3, 8, p same, depthwise"),
        ("conv: {filters: 8, kernel: 3, dilation: 2, groups: 4, padding_mode: reflect}", "conv 3×3, 8, d2, g4, reflect"),  # noqa: E501
        ("conv_transpose: {filters: 8, kernel: 2, stride: 2}", "conv_transpose 2×2, 8, /2"),
        ("maxpool: 2", "maxpool 2×2, /2"),
        ("maxpool: {kernel: 3, stride: 1, ceil_mode: true}", "maxpool 3×3, ceil"),
        ("avgpool: [2, 4]", "avgpool 2×4, /2×4"),
        ("adaptive_avgpool: [7, null]", "adaptive_avgpool 7×·"),
        ("upsample: 2", "upsample ×2"),
        ("upsample: {size: [16, 20], mode: bilinear, align_corners: true}", "upsample 16×20, bilinear, align corners"),
        ("dropout: 0.3", "dropout 0.3"),
        ("leaky_relu: 0.2", "leaky_relu negative slope 0.2"),
        ("layernorm: {over: all, bias: false}", "layernorm over all, no bias"),
        ("groupnorm: 2", "groupnorm g2"),
        ("slice: [2, 5]", "slice 2:5"),
        ("reshape: 16x16x4", "reshape 16×16×4"),
        ("custom: {out_shape: 4, params: 32768, macs: 2097152}", "custom 4, params 32,768, macs 2,097,152"),
        ("relu", "relu"),
    ],
)  # fmt: skip
def test_settings_in_short(item: str, short: str) -> None:
    view = View(columns=("type",))
    trace = shapecalc.trace(shapecalc.load(f"input: 8x16x8\nlayers:\n  - {item}\n"))
    assert renderer("csv")([trace], view).splitlines()[1].strip('"') == short.replace("×", "x")


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_an_exercise_shows_its_question(form: str) -> None:
    text = "{input: 32x32x3, question: Which volume comes out?, source: a lecture, layers: [maxpool: 2]}\n"
    shown = renderer(form)([shapecalc.trace(shapecalc.load(text))], View())
    assert shown.index("Which volume comes out?") < shown.index("a lecture") < shown.index("maxpool1")


def test_an_exercise_shows_its_question_on_a_terminal() -> None:
    text = "{input: 32x32x3, question: Which volume comes out?, layers: [maxpool: 2]}\n"
    assert "Which volume comes out?" in "\n".join(on_terminal(shapecalc.trace(shapecalc.load(text)), 80))
