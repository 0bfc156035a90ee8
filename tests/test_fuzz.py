"""Any bytes whatever: a network, or a clear error at a place in the text; no traceback, no hang."""

from __future__ import annotations

import gc
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
import yaml
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from shapecalc import Diagnostic, SpecError, load, load_all, trace
from shapecalc.cli import main
from shapecalc.layers import LAYERS, OTHER_WORDS
from shapecalc.reading import read_spec
from shapecalc.source import MAX_BYTES, parse
from shapecalc.spec import ItemKeys
from tests.effort import effort

NETWORKS = 1500
"""VGG16s that a nasty text may take: those that take longest take 300."""

MEGABYTES = 200

ROOT = Path(__file__).parent.parent
SPECS = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "specs").glob("*.yaml"))]
BAD = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests" / "bad").glob("*.yaml"))]
NETWORK = """\
name: a network
input: 32x32x4
layers:
  - conv: {filters: 16, kernel: [3, 5], padding: same, groups: 2, bias: false}
    name: first
  - &act relu
  - {batchnorm: {affine: true}, repeat: 2, frozen: true}
  - maxpool: {kernel_size: 3, stride: 2, padding: [[0, 1], 1], ceil_mode: true}
  - conv_transpose: {out_channels: 8, kernel_size: 4, stride: 2, output_padding: 1, dilation: 2}
  - upsample: {scale_factor: 1.5, mode: bilinear}
  - *act
  - custom: {out_shape: 8x8x12, params: 10, window: {kernel_size: 3, stride: 2}}
  - pixel_shuffle: 2
  - slice: [0, 2]
    expect: {output: 16x16x2, params: 0, receptive_field: ">= 3"}
  - crop: {size: 7}
  - adaptive_avgpool: [3, null]
  - flatten
  - fc: 10
  - softmax
expect: {params: "<= 1M", output: 10}
"""

GRAPH = """\
input: {image: 8x6x4, mask: 8x6x1}
vars: {width: 8, counts: [1, 2], deep: false, kind: add, twice: =width*2}
variants:
  small: {width: 4, expect: {params: ">= 3"}}
  large: {width: 16, input: 16x16x4}
blocks:
  cb:
    vars: {out: , k: 3, stride: 1}
    layers: [conv: {out_channels: =out, kernel_size: =k, stride: =stride, padding: =k//2, bias: =not deep}, batchnorm]
  residual:
    vars: {mid: , stride: =1 if deep else 2}
    layers:
      - parallel:
          - - cb: {out: =mid, stride: =stride}
            - relu
          - - {cb: {out: =mid, k: 1, stride: =stride}, when: =stride > 1 or in_channels != mid}
        join: add
      - {relu: , name: act}
layers:
  - {cb: {out: =width}, name: stem, expect: {params: ">= 1"}}
  - {residual: {mid: =width*(i+1)}, repeat: "=counts[1]", name: stage}
  - {residual: {mid: =in_channels, stride: 1}, share: stage.1, when: =deep}
  - {residual: {mid: "=max(4, width//2)"}, frozen: true, from: stage.0.act}
  - parallel: {gate: [{global_avgpool: {keepdims: true}}, sigmoid], same: []}
    name: se
  - {multiply: , from: [se.gate, residual3]}
  - concat: [multiply1, residual3.add1]
  - {conv: {out_channels: =round(twice/2), kernel_size: ["=counts[0]", 1]}, name: head}
  - {conv: {out_channels: 2, kernel_size: 1}, from: mask}
"""


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    yield
    gc.enable()  # the command line switches it off for its one short run


def lies_inside(diagnostic: Diagnostic, text: str) -> bool:
    lines = [*text.splitlines(), ""]
    if not 1 <= diagnostic.line <= len(lines):
        return False
    return 1 <= diagnostic.column <= len(lines[diagnostic.line - 1]) + 1


def judge(raw: bytes | str) -> list[Diagnostic]:
    """The diagnostics; whatever is not a network has one, and each lies inside the text."""
    source = parse(raw, "fuzz.yaml")
    assert source.documents
    found: list[Diagnostic] = []
    for document in source.documents:
        try:
            found += trace(read_spec(source, document), max_layers=3000).diagnostics
        except SpecError as error:
            refused = error
            found += refused.diagnostics
            assert str(refused)
            assert refused.diagnostics
    for diagnostic in found:
        assert lies_inside(diagnostic, source.text), diagnostic
        assert diagnostic.width >= 1
        assert diagnostic.message
    return found


def judge_as_file(raw: bytes, folder: Path) -> None:
    """The commands, in this process, on a file of that content."""
    path = folder / "fuzz.yaml"
    path.write_bytes(raw)
    for words in (["show", "--format", "json"], ["check"], ["show"]):
        code, out, err = called(*words, "--max-layers", "3000", str(path))
        assert code in (0, 1), words
        assert "Traceback" not in out + err
        if code == 1:
            assert "fuzz.yaml:" in err, "a refusal says where"


def called(*words: str) -> tuple[int, str, str]:
    """The exit code of the command line in this process, its output and its diagnostics."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(words)
    return code, out.getvalue(), err.getvalue()


# ---- what Hypothesis makes up

SIGNS = st.text(alphabet="abx:-[]{},#&*!|>'\"%@`\n\t 0123.~<=?\\/×\u2028\x85\r\ufeffé", max_size=120)
PIECES = (  # noqa: SIM905 (as a list it is a page)
    "input: 3\n;input: 8x8x3\n;layers:\n;layers: ;  - ;- ;relu;conv;maxpool;: ;:;{;};[;];, ;\n;\n    ;  ;"
    "out_channels: 4;kernel_size: 3;name: a;repeat: 2;expect: ;params: 3;&a ;*a;<<: ;<<: *a;!!int ;!x ;? ;| ;> ;';\";"
    "# c\n;---\n;blocks:\n;b:\n;vars: ;{n: };=n;=i+1;from: ;when: ;parallel: ;[[], []];join: add\n;add;"
    "[a, a];share: a\n;"
    "...\n;%YAML 1.1\n;\t;~;yes;010;1:30;3;-1;1e9;.nan"
).split(";")
FRAGMENTS = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)

EXTREMES = (
    f'0;-1;1;3;{10**30};2147483647;2147483648;1e400;1e-300;.nan;.inf;-.inf;"";null;[];{{}};[1];[1, 2, 3, 4];'
    "[[1, 2], 3];true;no;010;'3';same;x;1_000;3x3x3;~1M;\">= 3\";*a;&a 3;1.5;- 3;: 3;<<;conv;repeat;name;expect;=;=i;"
    '=width;=counts;"=counts[9]";=1/0;=2**64;=10**9;=-1;=in_shape;=None;"=a b";cb;residual;b;parallel;add;concat;join;'
    "when;share;from;frozen;vars;blocks;variants;include;input;layers;stage;stem;act;width;out;deep"
).split(";")
TOKEN = re.compile(r"\s+|[\w.]+|.", re.DOTALL)


@st.composite
def mutants(draw: st.DrawFn) -> str:
    """A spec with a few tokens deleted, doubled, swapped or replaced by extremes."""
    tokens = TOKEN.findall(draw(st.sampled_from([NETWORK, NETWORK, *[GRAPH] * 12, *SPECS, *BAD])))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(tokens) - 1))
        other = draw(st.integers(0, len(tokens) - 1))
        match draw(st.sampled_from(["delete", "double", "swap", "extreme", "extreme", "extreme"])):
            case "delete":
                tokens[at] = ""
            case "double":
                tokens[at] *= 2
            case "swap":
                tokens[at], tokens[other] = tokens[other], tokens[at]
            case _:
                tokens[at] = draw(st.sampled_from(EXTREMES))
    return "".join(tokens)


NUMBERS = st.sampled_from([0, -1, 1, 2, 3, 7, 10**30, 2**31 - 1, 2**31, 1.5, 1e-300, float("nan"), float("inf"), 1e308])
VALUES: st.SearchStrategy[Any] = st.recursive(
    NUMBERS
    | st.none()
    | st.booleans()
    | st.sampled_from(["", "same", "3", "8x8x3", "channels", "a"])
    | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["kernel_size", "a"]), inner, max_size=2)
    ),
    max_leaves=6,
)
GOOD = st.integers(1, 4) | st.lists(st.integers(1, 3), min_size=2, max_size=2)
KEYS = [*ItemKeys.model_fields]


@st.composite
def items(draw: st.DrawFn) -> Any:
    word = draw(st.sampled_from([*LAYERS, *OTHER_WORDS]))
    model = LAYERS[OTHER_WORDS.get(word, word)]
    names = [info.alias or name for name, info in model.model_fields.items()] + [*model.aliases, "oddity"]
    fields = draw(st.dictionaries(st.sampled_from(names), GOOD | GOOD | VALUES, max_size=5))
    beside = draw(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=1))
    return draw(st.sampled_from([word, {word: draw(VALUES)}, {word: fields}, {word: fields, **beside}]))


@st.composite
def networks(draw: st.DrawFn) -> str:
    shape = draw(st.sampled_from(["8x8x4", "4x3x5x2", "64x4", 100, [4, 9, 9], "1x1x1"]) | VALUES)
    spec: dict[str, Any] = {"input": shape, "layers": draw(st.lists(items(), max_size=5))}
    if draw(st.booleans()):
        spec["expect"] = draw(st.dictionaries(st.sampled_from(["output", "params", "receptive_field"]), VALUES))
    return str(yaml.safe_dump(spec, default_flow_style=draw(st.booleans()), sort_keys=False, allow_unicode=True))


def fitting(annotation: Any) -> st.SearchStrategy[Any]:
    """Values that a field of that type may well take."""
    members = (annotation, *get_args(annotation))
    words = [w for m in members if get_origin(m) is Literal for w in get_args(m)]
    if bool in members:
        return st.booleans()
    if words:
        return st.sampled_from(words)
    if annotation == tuple[int, ...]:
        return st.sampled_from(["8x8x4", "4x4x16", "256", "2x2x2x32"])
    return st.integers(1, 3) | st.integers(1, 3) | st.sampled_from([[1, 2], [[0, 1], 2], 8, 0, 2**31 - 1])


@st.composite
def chains(draw: st.DrawFn) -> str:
    """Networks of which most are traced for a few layers."""
    layers: list[Any] = []
    for _ in range(draw(st.integers(1, 6))):
        word = draw(st.sampled_from([*LAYERS]))
        known = {info.alias or name: info for name, info in LAYERS[word].model_fields.items()}
        needed = {name: draw(fitting(info.annotation)) for name, info in known.items() if info.is_required()}
        if draw(st.booleans()) and known:
            more = draw(st.sampled_from(sorted(known)))
            needed[more] = draw(fitting(known[more].annotation))
        layers.append({word: needed or None, **draw(st.sampled_from([{}, {}, {"repeat": 3}, {"frozen": True}]))})
    shape = draw(st.sampled_from(["8x8x4", "9x12x2", "64x4", "16", "4x5x6x8"]))
    return str(yaml.safe_dump({"input": shape, "layers": layers}, sort_keys=False))


ANYTHING = st.binary(max_size=80) | (SIGNS | FRAGMENTS | mutants() | networks() | chains()).map(
    lambda t: t.encode("utf-8", "surrogatepass")
)

many = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(st.binary(max_size=200))
@many
def test_any_bytes(raw: bytes) -> None:
    judge(raw)


@given(SIGNS | st.text(max_size=60))
@many
def test_any_text(text: str) -> None:
    judge(text)


@given(FRAGMENTS)
@many
def test_any_pieces_of_yaml(text: str) -> None:
    judge(text)


@given(mutants())
@many
def test_any_spec_with_a_few_tokens_changed(text: str) -> None:
    judge(text)


@given(networks())
@many
def test_any_values_in_any_fields(text: str) -> None:
    judge(text)


@given(chains())
@many
def test_any_chain_of_layers(text: str) -> None:
    judge(text)


def test_the_chains_are_not_all_refused() -> None:
    assert {bool(judge(find(chains(), wanted))) for wanted in (is_traced, is_refused)} == {True, False}


def test_the_graph_is_a_network() -> None:
    assert {found.code for found in judge(GRAPH)} == {"dangling"}


def is_refused(text: str) -> bool:
    return any(diagnostic.severity == "error" for diagnostic in judge(text))


def is_traced(text: str) -> bool:
    return not is_refused(text) and text.count("- ") >= 4


@given(raw=ANYTHING)
@settings(parent=many, max_examples=200)
def test_any_file_through_the_commands(raw: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.getbasetemp() / "fuzz"
    folder.mkdir(exist_ok=True)
    judge_as_file(raw, folder)


@given((SIGNS | FRAGMENTS).map(lambda t: t + "\n"))
@settings(parent=many, max_examples=100)
def test_any_text_through_load(text: str) -> None:
    for read in (load, load_all):
        documents = len(parse(text, "a").documents)
        with suppress(SpecError) if read is load_all or documents == 1 else pytest.raises(ValueError, match="load_all"):
            read(text)


# ---- what people and fuzzers have broken such programs with

HEAD = "input: 32x32x3\nlayers:\n"


def flow_of(items: str) -> str:
    return f"input: 32x32x3\nlayers: [{items}]\n"


def bomb(wide: int, deep: int) -> str:
    lines = ["a0: &a0 [" + ", ".join(["x"] * wide) + "]"]
    lines += [f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * wide) + "]" for n in range(1, deep)]
    return "\n".join(lines) + "\n" + HEAD + "  - relu\n"


def merge_bomb() -> str:
    lines = ["a0: &a0 {" + ", ".join(f"k{n}: 1" for n in range(1000)) + "}"]
    lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 100)}]}}" for n in range(1, 20)]
    return "\n".join(lines) + "\n" + HEAD + "  - relu\n"


def long_text_bomb() -> str:
    return f'a: &a "{"x" * 10**6}"\n' + HEAD + "  - conv: {out_channels: [" + ", ".join(["*a"] * 10**5) + "]}\n"


NASTY: dict[str, Callable[[], bytes | str]] = {
    "billion laughs": lambda: bomb(10, 10),
    "quadratic blow-up": lambda: bomb(3000, 3),
    "merge bomb": merge_bomb,
    "long text bomb": long_text_bomb,
    "alias of itself": lambda: "a: &a [*a]\n" + HEAD,
    "flow nesting": lambda: "[" * 10_000,
    "flow nesting closed": lambda: flow_of("[" * 10_000 + "]" * 10_000),
    "nesting in a field": lambda: flow_of("conv: {out_channels: " + "[" * 5_000 + "]" * 5_000 + "}"),
    "mapping nesting": lambda: "{a: " * 10_000,
    "block nesting": lambda: "".join(" " * n + "a:\n" for n in range(2_000)),
    "block list nesting": lambda: "- " * 10_000,
    "question marks": lambda: "? " * 10_000,
    "huge input": lambda: f"input: {10**30}x{10**30}x{10**30}\nlayers: [relu]\n",
    "largest input": lambda: (
        "input: 2147483647x2147483647x2147483647\n"
        "layers: [conv: {out_channels: 2147483647, kernel_size: 2147483647}, flatten]\n"
    ),
    "huge sizes": lambda: flow_of(
        f"conv: {{out_channels: {10**30}, kernel_size: {10**30}, stride: {10**30}, padding: {10**30}}}"
    ),
    "huge list sizes": lambda: flow_of(f"conv: {{out_channels: 3, kernel_size: [{10**30}, {10**30}]}}"),
    "largest padding": lambda: flow_of(
        "pad: 1000000000, conv: {out_channels: 1, kernel_size: 1000000000, padding: 1000000000}"
    ),
    "huge expectation": lambda: flow_of("relu") + f"expect: {{params: {10**90}, macs: ~{'9' * 50}.{'9' * 5}T}}\n",
    "repeat": lambda: flow_of("{relu: , repeat: 1000000000}"),
    "repeat longer": lambda: flow_of(f"{{relu: , repeat: {10**30}}}"),
    "nan": lambda: flow_of("dropout: .nan, upsample: .nan, leaky_relu: .nan, conv: .nan"),
    "inf": lambda: flow_of("dropout: .inf, upsample: -.inf, leaky_relu: .inf, conv: .inf"),
    "1e400": lambda: flow_of("dropout: 1e400, upsample: 1e400, leaky_relu: 1e400"),
    "1e-300": lambda: flow_of("upsample: 1e-300"),
    "extreme reals": lambda: flow_of(
        "leaky_relu: 1e308, elu: -1e308, prelu: channels, celu: 1e-320, scale: 1e308, "
        "lrn: {size: 2147483647, k: -1e300}"
    ),
    "odd factors": lambda: flow_of(
        "upsample: {scale_factor: 1.0000000000000002, mode: bicubic}, "
        "upsample: {size: [1000003, 999983], mode: bilinear}"
    ),
    "upsampled 1000 times": lambda: flow_of("{upsample: 2, repeat: 1000}"),
    "shuffled up": lambda: flow_of("pixel_shuffle: 2147483647"),
    "bins": lambda: flow_of("adaptive_avgpool: 2147483647, adaptive_maxpool: [99991, 1]"),
    "prime groups": lambda: flow_of("conv: {out_channels: 2147483646, kernel_size: 1}, groupnorm: 2147483629"),
    "transposed far": lambda: flow_of(
        "conv_transpose: {out_channels: 1, kernel_size: 1, stride: 60000000, dilation: 60000000}"
    ),
    "transposed widely": lambda: flow_of(
        "conv_transpose: {out_channels: 1, kernel_size: 60000000, stride: 1024, dilation: 1023}"
    ),
    "not utf-8": lambda: b"input: \xff\xfe\nlayers: [relu]\n",
    "utf-16": lambda: HEAD.encode("utf-16"),
    "utf-16 without mark": lambda: HEAD.encode("utf-16-le"),
    "utf-32": lambda: HEAD.encode("utf-32"),
    "nul": lambda: b"\0",
    "nuls": lambda: b"input: 3\0\0\0\nlayers: [relu]\0",
    "a surrogate": lambda: "input: 3\nname: '\ud800'\nlayers: [relu]\n",
    "an escaped surrogate": lambda: 'input: 3\nname: "\\ud800"\nlayers: [relu]\n',
    "escaped control characters": lambda: 'input: 3\nname: "\\e[2J\\0\\b"\nlayers: [relu, "\\e[31m": 3]\n',
    "empty": lambda: b"",
    "a byte order mark": lambda: b"\xef\xbb\xbf",
    "two byte order marks": lambda: b"\xef\xbb\xbf\xef\xbb\xbfinput: 3\n",
    "only comments": lambda: "# a\n# b",
    "only ---": lambda: "---",
    "many documents": lambda: "---\n" * 2_000,
    "only spaces": lambda: " " * 10**6,
    "only line breaks": lambda: "\n" * 10**6,
    "a line of a's": lambda: "a" * 5_000_000,
    "a line of signs": lambda: "-:[]{},&*!|>'\"%@` " * 250_000,
    "a line of numbers": lambda: HEAD + "  - conv: [" + "1," * 200_000,
    "a line of words": lambda: "input: 3\nlayers: [" + "rleu," * 200_000 + "]\n",
    "a line of spaces": lambda: "input: 3\nlayers: [relu" + " " * 2_000_000 + "relu]\n",
    "one unclosed quote": lambda: "input: '" + "ab''" * 500_000,
    "one unclosed double quote": lambda: 'input: "' + 'ab\\"' * 500_000,
    "a long key": lambda: HEAD + "  - " + "conv" * 500_000 + ": 3\n",
    "a long key in brackets": lambda: flow_of("{? " + "conv" * 500_000 + " : 3}"),
    "a long field": lambda: HEAD + "  - conv:\n      ? " + "padding" * 200_000 + "\n      : 3\n",
    "a long value": lambda: flow_of(
        f'conv: {{out_channels: "{"9" * 10**6}", kernel_size: 3, padding: "{"same" * 10**5}"}}'
    ),
    "a long name": lambda: flow_of(f'{{relu: , name: "{"a " * 10**6}"}}'),
    "100,000 digits": lambda: flow_of("conv: " + "9" * 100_000),
    "100,000 hexadecimal digits": lambda: flow_of("conv: 0x" + "f" * 100_000),
    "100,000 octal digits": lambda: flow_of("conv: 0" + "7" * 100_000),
    "100,000 binary digits": lambda: flow_of("conv: 0b" + "1" * 100_000),
    "100,000 decimals": lambda: flow_of("dropout: 0." + "3" * 100_000),
    "100,000 digits in a shape": lambda: "input: 3x" + "9" * 100_000 + "\nlayers: [relu]\n",
    "100,000 in base 60": lambda: flow_of("conv: 1" + ":30" * 100_000),
    "100,000 digits expected": lambda: flow_of("relu") + "expect: {params: '" + "9" * 100_000 + "'}\n",
    "a large exponent": lambda: flow_of("upsample: 1e999999999, dropout: 1e-999999999"),
    "100,000 anchors": lambda: "a: [" + ", ".join(f"&a{n} 1" for n in range(100_000)) + "]\n" + HEAD + "  - relu\n",
    "100,000 unknown layers": lambda: HEAD + "".join(f"  - layer{n}\n" for n in range(100_000)),
    "20,000 unknown fields": lambda: HEAD + "  - conv: {" + ", ".join(f"field{n}: 1" for n in range(20_000)) + "}\n",
    "100,000 unknown keys": lambda: "".join(f"key{n}: 1\n" for n in range(100_000)),
    "100,000 equal keys": lambda: "input: 3\n" * 100_000,
    "100,000 doubtful words": lambda: "a: [" + "yes, " * 100_000 + "]\n" + HEAD,
    "100,000 tags": lambda: "a: [" + "!x 1, " * 100_000 + "]\n" + HEAD,
    "30,000 equal names": lambda: HEAD + "  - {relu: , name: a}\n" * 30_000,
    "many layers in one item": lambda: HEAD + "  - {" + ", ".join(f"{word}: " for word in LAYERS) + "}\n",
    "percent signs": lambda: "%" * 100_000 + "\n---\n",
    "many directives": lambda: "%TAG !a! b\n" * 2_000 + "---\n",
}


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_text_is_refused_at_once(name: str) -> None:
    raw = NASTY[name]()
    with effort() as spent:
        judge(raw)
    assert spent.networks < NETWORKS


def test_a_text_too_large_to_read_is_refused_at_once() -> None:
    with effort() as spent:
        (found,) = judge(b"-" * (MAX_BYTES + 1))
    assert found.code == "too-large"
    assert spent.networks < 10


def test_bytes_that_are_no_text_are_refused_where_they_stand() -> None:
    (found,) = judge(b"input: 3\nlayers: [r\xe9lu]\n")
    assert (found.code, found.line, found.column) == ("not-utf8", 2, 11)
    assert "0xe9" in found.message
    assert found.help == "save the file as UTF-8"


def test_a_field_that_grows_beyond_all_bounds_is_unknown() -> None:
    halved = "input: 1x1x1\nlayers:\n  - {conv: {out_channels: 1, kernel_size: 1, stride: 2}, repeat: 100_000}\n"
    with effort() as spent:
        last = trace(load(halved)).layers[-1]
    assert last.receptive_field is None
    assert last.name == "conv100000"
    assert spent.networks < NETWORKS


@pytest.mark.parametrize("name", ["no/such/file.yaml", "a\0b", "x" * 5000, "vgg17", "\udcff.yaml"])
@pytest.mark.parametrize("command", ["show", "check"])
def test_a_name_without_a_text_could_not_be_run(command: str, name: str) -> None:
    code, _, err = called(command, name)
    assert code == 2
    assert err.startswith("shapecalc: ")


def test_a_folder_is_checked_but_not_shown(tmp_path: Path) -> None:
    code, _, err = called("show", str(tmp_path))
    assert (code, f"{tmp_path} is a folder" in err) == (2, True)
    (tmp_path / "a.yaml").write_text("{", encoding="utf-8")
    assert called("check", str(tmp_path))[0] == 1


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_file_takes_neither_time_nor_memory(name: str, tmp_path: Path) -> None:
    path = tmp_path / "nasty.yaml"
    raw = NASTY[name]()
    path.write_bytes(raw if isinstance(raw, bytes) else raw.encode("utf-8", "surrogatepass"))
    code, networks, megabytes, said = run("check", str(path))
    assert code in (0, 1)
    assert "Traceback" not in said
    assert not re.search("[\x00-\x08\x0b-\x1f]", said), "nothing that a terminal would obey"
    assert networks < NETWORKS
    assert megabytes < MEGABYTES


MEASURED = """
import sys
from pathlib import Path
from shapecalc.cli import main
from tests.effort import effort
with effort() as spent:
    code = main(sys.argv[1:])
status = Path("/proc/self/status")
peak = status.read_text().split("VmHWM:")[1].split()[0] if status.exists() else 0
print("measured", code, spent.networks, peak)
"""


def run(*words: str) -> tuple[int, float, float, str]:
    """The exit code, processor time in VGG16s, peak megabytes and all output of the commands in their own process."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    said, _, measured = done.stdout.decode("utf-8", "replace").rpartition("measured")
    assert measured, said[-2000:]
    code, networks, kilobytes = measured.split()
    return int(code), float(networks), int(kilobytes) / 1024, said
