"""The command line: what can be asked, and the exit codes. Each command's own module does the work."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import TypeAlias

from shapecalc import __version__
from shapecalc.streams import prepare, settle
from shapecalc.usage import Parser, positive

GOOD, WRONG, COULD_NOT = 0, 1, 2
"""Exit codes: good; something in a spec is wrong or an expectation fails; it could not run."""

READER_LEFT = 141
"""The exit code where nobody reads on: 128 and the number of SIGPIPE, as the shell has it for other commands."""

TABLE_FORMATS = ("table", "json", "csv", "markdown", "html", "latex")
PROSE_FORMATS = ("text", "markdown", "latex")
CHECK_FORMATS = ("text", "json", "github", "sarif", "junit")
CODES_FORMATS = ("text", "markdown", "json")
DIFF_FORMATS = ("text", "markdown", "json")
SWEEP_FORMATS = ("table", "csv", "json", "markdown")

_INPUT_HELP = (
    "another shape of the first input, as in 320x320x3, or of the one that is named, as in mask=320x320x1; "
    "may be repeated; expectations are then not checked"
)
_INPUTS_HELP = (
    "shapes of the first input, as in 128x128x3,224x224x3, or of the one that is named; may be repeated for another"
)
_UNKNOWN_INPUT_HELP = (
    "another shape of the first input, or of the one that is named; may be repeated; "
    "what the spec expects then does not count"
)

Commands: TypeAlias = "argparse._SubParsersAction[Parser]"

_SPEC_HELP = "a YAML file, - for standard input, or a shipped spec (vgg16); resnet.yaml:resnet50 chooses a variant"


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code of one call; SystemExit with it after the help and where the usage is wrong.

    A reader who leaves early (``| head``) ends it as he ends any other command: 141.
    """
    prepare()
    try:
        code = _run(argv)
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:  # what was found is not known to anybody, so that it cannot be good
        settle()
        return READER_LEFT
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        settle()
        with suppress(OSError):  # nobody is there to be told
            could_not(error)
        return COULD_NOT
    return code


def _run(argv: Sequence[str] | None) -> int:
    try:
        arguments = _parser().parse_args(argv)
    except SystemExit:  # argparse has printed the help, or what is wrong
        sys.stdout.flush()
        raise
    code: int = import_module(f"shapecalc.commands.{arguments.command}").run(arguments)
    return code


def could_not(error: OSError) -> int:
    """Says on standard error what could not be read, and how it may be meant; the exit code for it."""
    print(f"shapecalc: {error}", file=sys.stderr)
    if getattr(error, "help", None):
        print(f"  help: {error.help}", file=sys.stderr)  # type: ignore[attr-defined]
    return COULD_NOT


def _parser() -> Parser:
    parser = Parser(
        prog="shapecalc",
        description="Shapes, parameters, multiply-adds and receptive fields of a neural network, from YAML.",
        epilog="Exit codes: 0 good; 1 a spec is wrong or an expectation fails; 2 it could not run.",
    )
    parser.add_argument("--version", action="version", version=f"shapecalc {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", prog="shapecalc")
    _add_show(commands)
    _add_explain(commands)
    _add_check(commands)
    _add_codes(commands)
    _add_unit(commands)
    _add_verify(commands)
    _add_solve(commands)
    _add_diff(commands)
    _add_sweep(commands)
    _add_quiz(commands)
    _add_schema(commands)
    return parser


def _add_show(commands: Commands) -> None:
    show = commands.add_parser("show", help="the table of a network's layers", description=_SHOW)
    _add_specs(show)
    show.add_argument("--format", choices=TABLE_FORMATS, default="table")
    show.add_argument("--columns", metavar="A,B", help="which columns, or +A,B beside the usual ones; see below")
    show.add_argument("--depth", type=positive, metavar="N", help="show blocks deeper than N names as one row each")
    show.add_argument("--layout", choices=("hwc", "chw"), default="hwc", help="order of a shape (default: hwc)")
    show.add_argument("--batch", type=positive, default=1, metavar="N", help="examples, for the memory")
    show.add_argument("--dtype", default="float32", choices=("float64", "float32", "float16", "bfloat16", "int8"))
    show.epilog = (
        "columns: layer type from input output tensor_size memory params weights biases trainable buffers "
        "share macs flops rf rf_stride rf_start erf line notes"
    )


_SHOW = "The table of a network: a row for each layer, the sums, and where the parameters live."


def _add_explain(commands: Commands) -> None:
    text = "The working behind every number: the formula, the numbers put in, the result."
    explain = commands.add_parser("explain", help="the working behind the numbers", description=text)
    explain.add_argument("specs", nargs=1, metavar="SPEC", help=_SPEC_HELP)
    explain.add_argument(
        "layer", nargs="?", metavar="LAYER", help="one layer, or a block, by name; without it, all of them"
    )
    explain.add_argument("--format", choices=PROSE_FORMATS, default="text")
    _add_spec_options(explain)


def _add_check(commands: Commands) -> None:
    text = "Checks that every spec fits and that its expectations hold. A folder stands for the YAML files in it."
    check = commands.add_parser("check", help="check specs and their expectations", description=text)
    check.add_argument("specs", nargs="+", metavar="PATH", help="a YAML file, a folder, or - for standard input")
    check.add_argument("--format", choices=CHECK_FORMATS, help="default: text; github inside GitHub Actions")
    check.add_argument(
        "--strict", action=argparse.BooleanOptionalAction, default=None, help="warnings and notes count as errors"
    )
    check.add_argument("--select", metavar="CODE,…", help="only these codes, or families of them: yaml, unknown")
    check.add_argument("--ignore", metavar="CODE,…", help="all but these; `shapecalc codes` lists them")
    check.add_argument("--max-layers", type=positive, default=None, metavar="N", help="most layers of one spec")
    check.add_argument("--jobs", type=positive, default=None, metavar="N", help="processes (default: one a core)")
    check.add_argument(
        "--force-exclude", action="store_true", help="leave out what pyproject.toml excludes even where it is named"
    )
    check.epilog = "Options and budgets may stand in pyproject.toml, under [tool.shapecalc]."


def _add_codes(commands: Commands) -> None:
    text = "What the diagnostics mean: every code, how it is mended, a bad and a good example."
    codes = commands.add_parser("codes", help="what the diagnostics mean", description=text)
    codes.add_argument(
        "code", nargs="?", metavar="CODE", help="one of them, or a family, as in yaml; without it, a list of all"
    )
    codes.add_argument("--format", choices=CODES_FORMATS, default="text")


def _add_unit(commands: Commands) -> None:
    text = "What one unit sees of the input, borders and holes exact; or, with --pixel, which units see an input pixel."
    unit = commands.add_parser("unit", help="one unit's box in the input, or one pixel's units", description=text)
    unit.add_argument("specs", nargs=1, metavar="SPEC", help=_SPEC_HELP)
    unit.add_argument("layer", metavar="LAYER", help="a layer by name; of a block, its last layer")
    unit.add_argument(
        "index", nargs="?", metavar="INDEX", help="the unit's place, as in 3,4 (default: the middle of the map)"
    )
    unit.add_argument("--pixel", metavar="INDEX", help="an input pixel, as in 0,0: which units of LAYER see it")
    unit.add_argument("--format", choices=("text", "json"), default="text")
    _add_spec_options(unit)


def _add_verify(commands: Commands) -> None:
    text = "Runs the network and compares every number of the table with what comes out, layer by layer."
    verify = commands.add_parser("verify", help="run the network to prove the numbers", description=text)
    _add_specs(verify)
    verify.add_argument("--only", metavar="A,B", help="some of shapes, params, macs, rf (default: all)")
    verify.add_argument("--engine", choices=("numpy", "torch"), default="numpy", help="what runs it (default: numpy)")
    verify.add_argument("--seed", type=positive, default=1, metavar="N", help="of the random values (default: 1)")
    verify.add_argument("--memory", metavar="SIZE", help="use at most so much, as in 4G (default: what is available)")
    verify.add_argument("--format", choices=("text", "json"), default="text")


def _add_solve(commands: Commands) -> None:
    text = 'Finds the values of every "?" in a spec, in a field or in its input, that give what it expects.'
    solve = commands.add_parser("solve", help="find the values that give what is expected", description=text)
    solve.add_argument("specs", nargs=1, metavar="SPEC", help=_SPEC_HELP)
    solve.add_argument("--input", action="append", metavar="[NAME=]?x?x3", help=_UNKNOWN_INPUT_HELP)
    solve.add_argument("--set", action="append", metavar="VAR=?", help="a variable, unknown or known; the same")
    solve.add_argument(
        "--expect", action="append", metavar="NAME=NUMBER", help="what the network is to have, as in params='<= 1M'"
    )
    solve.add_argument("--range", action="append", metavar="NAME=A..B", help="the values to try; also NAME=16,32,64")
    solve.add_argument("--exact", action="store_true", help="only answers with which every row is read")
    solve.add_argument("--limit", type=positive, metavar="N", help="answers to list (default: 20; all, in JSON)")
    solve.add_argument("--format", choices=("text", "json"), default="text")


def _add_diff(commands: Commands) -> None:
    text = "What is different between two networks: the layers that were edited, what followed for others, the totals."
    diff = commands.add_parser("diff", help="two networks side by side", description=text)
    diff.add_argument("before", metavar="BEFORE", help=_SPEC_HELP + "; git:REV:path is a file as it was at a revision")
    diff.add_argument("after", metavar="AFTER", help="the same")
    diff.add_argument("--format", choices=DIFF_FORMATS, default="text")
    diff.add_argument("--all", action="store_true", help="list every affected layer, in text and Markdown")
    diff.add_argument("--exit-code", action="store_true", help="1 where anything is different, as git diff has it")
    for quantity in ("params", "trainable", "buffers", "macs", "tensor-size", "receptive-field"):
        words = quantity.replace("-", " ")
        diff.add_argument(f"--max-{quantity}", metavar="BOUND", help=f"the most {words}: 600M, or a gain: +5%%, +100k")
    _add_spec_options(diff)
    diff.epilog = "Exit code 1 where a spec is refused or a bound is broken. --input and --set go for both networks."


def _add_sweep(commands: Commands) -> None:
    text = "The totals of a network for every combination of settings, inputs and variants, as a table."
    sweep = commands.add_parser("sweep", help="a network under many settings", description=text)
    sweep.add_argument("spec", metavar="SPEC", help=_SPEC_HELP)
    sweep.add_argument("--set", action="append", metavar="VAR=A,B", help="values of a variable; 1..4, 16..64..16 too")
    sweep.add_argument("--input", action="append", metavar="[NAME=]HxWxC,…", help=_INPUTS_HELP)
    sweep.add_argument("--variants", metavar="A,B", help="variants of the spec, or all")
    sweep.add_argument(
        "--where", action="append", metavar="COND", help='rows with "params <= 5M", as expect has it, or "width 16"'
    )
    sweep.add_argument(
        "--pareto", metavar="A,B", help="mark rows that none beats in these, quantities or variables; -A is to be large"
    )
    sweep.add_argument("--sort", metavar="A,B", help="by quantities or variables, smallest first; --sort=-A: largest")
    sweep.add_argument("--columns", metavar="A,B", help="which columns, or +A,B beside the usual ones; see below")
    sweep.add_argument("--format", choices=SWEEP_FORMATS, default="table")
    sweep.add_argument("--batch", type=positive, default=1, metavar="N", help="examples, for the memory")
    sweep.add_argument("--dtype", default="float32", choices=("float64", "float32", "float16", "bfloat16", "int8"))
    sweep.add_argument("--jobs", type=positive, default=None, metavar="N", help="processes (default: one a core)")
    sweep.add_argument("--rf-input", metavar="NAME", help="the input that receptive fields are about, of several")
    sweep.add_argument("--max-layers", type=positive, default=None, metavar="N", help="most layers of one network")
    sweep.epilog = (
        "columns: params weights biases trainable buffers macs flops tensor_size layers memory output rf. "
        "Exit code 1 where the spec is wrong or every combination is refused."
    )


def _add_quiz(commands: Commands) -> None:
    text = "Exercises from a seed: asks, judges, names what went wrong and shows the working; or writes a sheet."
    quiz = commands.add_parser("quiz", help="exercises, asked or as a sheet", description=text)
    quiz.add_argument("--list", action="store_true", help="the topics, and nothing else")
    quiz.add_argument("--topic", action="append", metavar="A,B", help="some of the topics (default: all)")
    quiz.add_argument(
        "--level", action="append", type=int, choices=(1, 2, 3), help="difficulty; may be repeated (default: rising)"
    )
    quiz.add_argument("--count", type=positive, default=10, metavar="N", help="exercises (default: 10)")
    quiz.add_argument("--seed", type=positive, metavar="N", help="the same seed gives the same exercises")
    quiz.add_argument("--choices", action="store_true", help="answers to choose from, the wrong ones of known slips")
    quiz.add_argument("--resume", action="store_true", help="go on with the quiz that was left")
    quiz.add_argument("--state", metavar="FILE", help="where the quiz is kept (default: the user's state folder)")
    quiz.add_argument("--exit-code", action="store_true", help="1 where an answer was wrong")
    quiz.add_argument("--sheet", metavar="FILE", help="write the questions: Markdown (.md) or LaTeX (.tex)")
    quiz.add_argument("--key", metavar="FILE", help="write the answers: YAML that `check` and `explain` read")
    quiz.add_argument("--force", action="store_true", help="write over files that are there")
    quiz.epilog = "While it asks: ? shows the formula, s skips, q leaves. From a pipe it reads one answer a line."


def _add_schema(commands: Commands) -> None:
    text = "The JSON Schema of the spec language, for editors that complete and check YAML."
    commands.add_parser("schema", help="the JSON Schema of the spec language", description=text)


def _add_specs(parser: Parser) -> None:
    parser.add_argument("specs", nargs="+", metavar="SPEC", help=_SPEC_HELP)
    _add_spec_options(parser)


def _add_spec_options(parser: Parser) -> None:
    parser.add_argument("--input", action="append", metavar="[NAME=]HxWxC", help=_INPUT_HELP)
    parser.add_argument("--set", action="append", metavar="VAR=VALUE", help="a variable of the spec; may be repeated")
    parser.add_argument("--rf-input", metavar="NAME", help="the input that receptive fields are about, of several")
    parser.add_argument("--max-layers", type=positive, default=None, metavar="N", help="most layers of one spec")
