"""The structure that the design asks for: imports go down, the reference is an island, the public names are these."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import shapecalc

PACKAGE = Path(shapecalc.__file__).parent

FLOORS = [
    {"notation", "problems", "reference_ops"},
    {"formulas", "source", "windows", "receptive_field", "paths", "codes"},
    {"layers"},
    {
        "translate",
        "corrections",
        "expected_values",
        "doubtful",
        "expectation",
        "expressions",
        "files",
        "inputs",
        "spec",
        "building",
        "items",
        "unknowns",
        "reading",
        "loading",
        "forward",
    },
    {"result", "verdict", "scope", "sight", "steps", "names", "budget", "walk", "processes"},
    {
        "settings",
        "folding",
        "foot",
        "effective",
        "answers",
        "table",
        "schema",
        "session",
        "report",
        "derivation",
        "misconceptions",
        "reach",
        "verification",
        "checking",
        "solving",
        "bundle",
        "field_size",
        "comparison",
        "sweeping",
    },
    {"quizzing", "render", "reporters"},
    {"cli", "streams", "usage", "commands", "__main__", "__init__", "pytest_plugin"},
]
"""From the ground up; a module imports from its own floor and those below."""

UPWARDS = {("result", "render")}
"""A trace prints itself as the table: the one arrow that goes up, and only when `str` is called."""


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def part(path: Path) -> str:
    """The module or sub-package of shapecalc that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Dotted names of everything a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def floor(name: str) -> int:
    return next(number for number, names in enumerate(FLOORS) if name in names)


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_down(path: Path) -> None:
    own = part(path)
    for name in imported(path):
        if not name.startswith("shapecalc."):
            continue
        other = name.split(".")[1]
        if other not in {part(p) for p in modules()}:
            continue  # a public name of the package itself
        if own != "__init__" and (own, other) not in UPWARDS:
            assert floor(other) <= floor(own), f"{own} imports {other}, which is above it"


def test_every_module_has_a_floor() -> None:
    assert {part(path) for path in modules()} == set().union(*FLOORS)


@pytest.mark.parametrize("path", sorted((PACKAGE / "reference_ops").glob("*.py")), ids=lambda p: p.name)
def test_the_reference_is_an_island(path: Path) -> None:
    for name in imported(path):
        first = name.split(".")[0]
        assert first in {
            "numpy",
            "__future__",
            "math",
            "typing",
            "collections",
            "itertools",
            "functools",
        } or name.startswith("shapecalc.reference_ops"), f"{path.name} imports {name}"


def test_numpy_is_imported_by_the_reference_and_the_verification_only() -> None:
    outside = [path for path in modules() if part(path) not in ("reference_ops", "verification")]
    assert [p.name for p in outside if any(name.split(".")[0] == "numpy" for name in imported(p))] == []


@pytest.mark.parametrize(
    ("words", "absent"),
    [
        (["--help"], {"pydantic", "rich", "numpy", "yaml", "tabulate", "torch"}),
        (["show", "vgg16"], {"rich", "numpy", "torch"}),
        (["show", "vgg16", "--format", "json"], {"rich", "numpy", "torch", "tabulate"}),
        (["check", "specs/vgg16.yaml"], {"rich", "numpy", "torch", "tabulate", "xml", "pathspec", "multiprocessing"}),
        (["codes"], {"rich", "numpy", "torch", "tabulate"}),
        (["quiz", "--list"], {"rich", "numpy", "torch", "tabulate"}),
    ],
)
def test_heavy_libraries_wait_until_they_are_needed(words: list[str], absent: set[str]) -> None:
    code = (
        "import sys\nbefore = {*sys.modules}\nfrom shapecalc.cli import main\n"  # coverage brings some of its own
        f"try:\n    main({words!r})\nexcept SystemExit:\n    pass\n"
        "print('\\nmodules:', *({*sys.modules} - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.rsplit("modules:", 1)[1].split()
    assert absent & set(loaded) == set()


def test_the_public_names_are_sorted_and_there() -> None:
    assert shapecalc.__all__ == sorted(shapecalc.__all__)
    for name in shapecalc.__all__:
        assert getattr(shapecalc, name).__name__ == name
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        _ = shapecalc.nothing_of_the_kind


def test_a_layer_class_is_abstract_or_final_and_answers_once() -> None:
    from shapecalc.layers import LAYERS, Layer

    answers = ("out_shape", "params", "macs", "reading", "notes")
    for kind, layer in LAYERS.items():
        assert getattr(layer, "__final__", False) or sys.version_info < (3, 11), f"{kind} is not final"
        for answer in answers:
            given = [c for c in layer.__mro__ if answer in vars(c) and not _abstract(vars(c)[answer])]
            assert len(given) == 1, f"{kind}.{answer} is given by {given}"
        assert issubclass(layer, Layer)


def _abstract(method: object) -> bool:
    return bool(getattr(method, "__isabstractmethod__", False))


def test_every_layer_type_has_a_reference_op() -> None:
    from shapecalc.layers import LAYERS
    from shapecalc.reference_ops import OPS

    assert set(LAYERS) - {"custom"} <= set(OPS)
