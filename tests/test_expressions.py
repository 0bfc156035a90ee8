"""Expressions: exact values, bounds, and nothing but what is allowed."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shapecalc.expressions import FUNCTIONS, MAX_NUMBER, ExpressionError, evaluated, is_expression
from tests.effort import effort

SCOPE: dict[str, Any] = {
    "width": 64,
    "stride": 2,
    "ratio": 0.25,
    "project": True,
    "kind": "deep",
    "counts": [3, 4, 6, 3],
    "in_shape": (3, 32, 24),
    "table": [[1, 16], [6, 24]],
    "i": 0,
}

VALUES = [
    ("=width", 64),
    ("= width * 2 ", 128),
    ("=width*2+1", 129),
    ("=-width", -64),
    ("=+width", 64),
    ("=7-3-2", 2),
    ("=2**3**2", 512),
    ("=2**-1", 0.5),
    ("=-7//2", -4),
    ("=-7%3", 2),
    ("=7/2", 3.5),
    ("=8/2", 4),
    ("=8.0/2", 4.0),
    ("=width*ratio", 16.0),
    ("=int(width*ratio)", 16),
    ("=999999999999999999/3", 333333333333333333),  # not through a float
    ("=999999999999999999/7*7", 999999999999999999),
    ("=1 < 2 < 3", True),
    ("=1 < 2 > 3", False),
    ("=width == 64", True),
    ("=width != 64", False),
    ("=stride >= 2 and not project", False),
    ("=0 or 5", 5),
    ("=0 and 1//0", 0),
    ("=1 or 1//0", 1),
    ("=2 if stride > 1 else 1//0", 2),
    ("=1//0 if stride == 1 else 2", 2),
    ("=kind == 'deep'", True),
    ('=kind == "flat"', False),
    ("='wide' if width > 32 else 'thin'", "wide"),
    ("=True", True),
    ("=1.5e3", 1500.0),
    ("=0x10", 16),
    ("=1_000", 1000),
    ("=counts[0]", 3),
    ("=counts[-1]", 3),
    ("=counts[i+1]", 4),
    ("=table[1][0]", 6),
    ("=in_shape[2]", 24),
    ("=in_shape", (3, 32, 24)),
    ("=counts", [3, 4, 6, 3]),
    ("=min(3, width)", 3),
    ("=max(counts)", 6),
    ("=max(8, int(width*ratio + 4)//8*8)", 16),
    ("=round(2.5)", 2),
    ("=round(3.14159, 2)", 3.14),
    ("=ceil(7/2)", 4),
    ("=floor(7/2)", 3),
    ("=ceil(8/2)", 4),
    ("=abs(-3)", 3),
    ("=int('7')", 7),
    ("=int(-3.7)", -3),
    ("=((1+2))*3", 9),
]


@pytest.mark.parametrize(("written", "value"), VALUES, ids=[written for written, _ in VALUES])
def test_an_expression_has_its_value(written: str, value: object) -> None:
    found = evaluated(written, SCOPE)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(("text", "is_one"), [("=3", True), ("=", True), ("3", False), (" =3", False), (3, False)])
def test_an_expression_begins_with_an_equals_sign(text: object, is_one: bool) -> None:
    assert is_expression(text) is is_one


AT_ONCE = 50
"""VGG16s; none takes half a one."""

REFUSED = """\
width.real;width.__class__;(1).real;''.join;[1, 2];(1, 2);();{};{1: 2};{1};[x for x in counts];{x for x in counts}
(x for x in counts);lambda: 3;(x := 3);f'{width}';b'a';3j;...;None;~3;1 | 2;1 & 2;1 ^ 2;1 << 2;1 >> 2;width @ 2
1 in counts;1 not in counts;1 is 1;1 is not 2;counts[0:1];counts[::2];open('a');eval('1');exec('1');__import__('os')
print(1);width();max(1, 2)(3);max(*counts);max(1, key=2);round(number=3);(lambda: 3)();counts.append(1);min.__call__(1)
await width;yield;yield 3;*counts;**counts;a = 3;a == ;1 +;(;);1 2;import os;del width;return 3;@a;a!;0777
'a' + 'b';'a' * 3;counts * 2;counts + counts;-counts;-kind;kind * 1000000000;counts * 1000000000;in_shape + in_shape
kind < 3;counts > 3;counts[9];counts['a'];counts[1.0];width[0];kind[0];table[0][9];int('a');int(counts);ceil('a')
min(3);max();abs();abs('a');abs(1, 2);round('a');round(1.5, 'a');min(counts, 3);int(3, 4, 5);float(3);sum(counts)
1/0;1//0;1%0;1.0/0;0**-1;(-8)**0.5;1e400;10**19;10**18+1;2**64;2**65;2**1000;2**10**9;10.0**18*10;9**9**9;1e308*10
round(5, -100000000);round(5, -65);round(5.5, 10**17);0.5**-64;--1e30
""".replace("\n", ";")
CONSTRUCTS = [each for each in REFUSED.split(";") if each.strip()]


@pytest.mark.parametrize("text", CONSTRUCTS)
def test_what_is_not_allowed_is_refused_at_once(text: str) -> None:
    with effort() as spent, pytest.raises(ExpressionError) as refused:
        evaluated(f"={text}", SCOPE)
    assert spent.networks < AT_ONCE
    assert refused.value.code == "bad-expression"
    assert "\n" not in refused.value.message
    assert len(refused.value.message) < 400


LONG = {
    "signs": "-" * 499 + "1",
    "few signs": "-" * 70 + "1",
    "nots": "not " * 100 + "1",
    "sum": "1" + "+1" * 240,
    "brackets": "(" * 240 + "1" + ")" * 240,
    "open brackets": "(" * 499,
    "open lists": "[" * 499,
    "indices": "counts" + "[0]" * 150,
    "calls": "abs(" * 100 + "1" + ")" * 100,
    "powers": "2**" * 160 + "2",
    "too long": "1" * 501,
    "digits": "1" * 500,
    "a megabyte": "1+" * 500_000 + "1",
    "a null": "1\0",
    "a surrogate": "'\ud800' + 1",
    "an escape": "'\\d' + 1",
    "a bad escape": "'\\N{nothing}'",
}


@pytest.mark.parametrize("name", LONG)
def test_long_and_deep_expressions_are_refused_at_once(name: str) -> None:
    with effort() as spent, warnings.catch_warnings():
        warnings.simplefilter("error")
        if name == "brackets":
            with pytest.raises(ExpressionError):
                evaluated(f"={LONG[name]}", SCOPE)
        else:
            with pytest.raises(ExpressionError, match=r".") as refused:
                evaluated(f"={LONG[name]}", SCOPE)
            assert len(refused.value.message) < 200
    assert spent.networks < AT_ONCE


def test_lists_of_lists_of_lists_do_not_explode() -> None:
    value: list[Any] = [1]
    for _ in range(60):
        value = [value, value]
    with pytest.raises(ExpressionError, match="more than 100 entries"):
        evaluated("=a", {"a": value})
    with pytest.raises(ExpressionError, match="more than 100 entries"):
        evaluated("=a", {"a": "x" * 10**6})
    with pytest.raises(ExpressionError, match="more than 100 entries"):
        evaluated("=a", {"a": [0] * 101})
    assert evaluated("=a", {"a": [0] * 100}) == [0] * 100


@pytest.mark.parametrize(
    ("text", "advice"),
    [("wdith*2", "did you mean `width`?"), ("mix(1, 2)", None), ("max", "write max(…)"), ("zzz", "names: ")],
)
def test_an_unknown_name_is_told_with_advice(text: str, advice: str | None) -> None:
    with pytest.raises(ExpressionError) as refused:
        evaluated(f"={text}", SCOPE)
    assert refused.value.code == ("unknown-variable" if advice else "bad-expression")
    assert (advice or "numbers, text") in (refused.value.help or "")


def test_without_variables_the_advice_says_so() -> None:
    with pytest.raises(ExpressionError) as refused:
        evaluated("=a", {})
    assert refused.value.help == "names: none"


def test_a_message_shows_the_values() -> None:
    with pytest.raises(ExpressionError) as refused:
        evaluated("=counts[width]", SCOPE)
    assert refused.value.message == "`=counts[width]` has no value where counts = a list, width = `64`"


def test_the_largest_number_is_computed() -> None:
    assert evaluated("=10**18", {}) == MAX_NUMBER
    assert evaluated("=-10**18", {}) == -MAX_NUMBER
    assert evaluated("=2**59", {}) == 2**59


# ---- against Python itself

OPERATORS = st.sampled_from(["+", "-", "*", "//", "%", "<", "<=", ">", ">=", "==", "!=", " and ", " or "])
LEAVES = st.integers(0, 99).map(str) | st.sampled_from(["width", "stride", "i", "counts[2]", "in_shape[1]"])


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return (
        st.tuples(inner, OPERATORS, inner).map(lambda t: f"({t[0]}{t[1]}{t[2]})")
        | inner.map(lambda a: f"(-{a})")
        | inner.map(lambda a: f"(not {a})")
        | st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})")
        | st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]})")
        | st.tuples(st.sampled_from(["abs", "int", "round"]), inner).map(lambda t: f"{t[0]}({t[1]})")
        | st.tuples(inner, st.integers(0, 3)).map(lambda t: f"({t[0]}**{t[1]})")
    )


ARITHMETIC = st.recursive(LEAVES, larger, max_leaves=12)
many = settings(max_examples=400, deadline=None)


@given(ARITHMETIC)
@many
def test_whole_numbers_are_what_python_says(text: str) -> None:
    names = {"__builtins__": {}, **SCOPE, "min": min, "max": max, "abs": abs, "int": int, "round": round}
    try:
        wanted = eval(text, names)
    except ZeroDivisionError:
        wanted = None
    found = outcome(text, SCOPE)
    if isinstance(found, ExpressionError):
        assert wanted is None or "beyond" in found.message or "at most" in found.message
    else:
        assert found == wanted


@given(st.integers(-(10**17), 10**17), st.integers(-(10**6), 10**6).filter(bool))
@many
def test_a_whole_quotient_is_a_whole_number(a: int, b: int) -> None:
    found = evaluated("=a/b", {"a": a, "b": b})
    assert found == (a // b if a % b == 0 else a / b)
    assert isinstance(found, int) is (a % b == 0)


PIECES = st.sampled_from(
    [
        "width",
        "stride",
        "counts",
        "kind",
        "in_shape",
        "i",
        "+",
        "-",
        "*",
        "/",
        "//",
        "%",
        "**",
        "(",
        ")",
        "[",
        "]",
        ",",
        ":",
        ".",
        "'",
        '"',
        "0",
        "1",
        "9",
        "1e9",
        "64",
        "==",
        "<",
        "and",
        "or",
        "not",
        "if",
        "else",
        "in",
        "is",
        "lambda",
        "for",
        "None",
        "True",
        "...",
        "=",
        ":=",
        "@",
        "~",
        "^",
        "|",
        "&",
        "{",
        "}",
        "#",
        "\\",
        "\n",
        "\t",
        "\x00",
        "é",
        "�",
        "max",
        "min",
        "round",
        "ceil",
        "floor",
        "int",
        "abs",
        "f'",
        "b'",
        "0x",
        "1_0",
    ]
)


def outcome(text: str, scope: dict[str, Any]) -> Any:
    """The value, or the error; nothing else."""
    try:
        return evaluated(f"={text}", scope)
    except ExpressionError as error:
        return error


@given(st.lists(PIECES, max_size=14).map(" ".join) | st.lists(PIECES, max_size=14).map("".join) | st.text(max_size=40))
@settings(max_examples=1500, deadline=None)
def test_any_text_has_a_value_or_an_expression_error(text: str) -> None:
    with effort() as spent:
        found = outcome(text, SCOPE)
    assert spent.networks < AT_ONCE
    assert isinstance(found, ExpressionError | bool | int | float | str | list | tuple)
    if isinstance(found, ExpressionError):
        assert found.code in ("bad-expression", "unknown-variable")
        assert "\n" not in found.message


ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=6,
)
WITH_VARIABLES = st.sampled_from(
    ["a", "a+b", "a*b", "a-b", "a/b", "a//b", "a%b", "a**b", "-a", "not a", "a<b", "a==b", "a[b]", "a if b else 0"]
    + [f"{name}(a)" for name in FUNCTIONS]
    + [f"{name}(a, b)" for name in FUNCTIONS]
)


@given(WITH_VARIABLES, ANYTHING, ANYTHING)
@settings(max_examples=1500, deadline=None)
def test_any_values_give_a_value_or_an_expression_error(text: str, a: object, b: object) -> None:
    found = outcome(text, {"a": a, "b": b})
    assert not isinstance(found, ExpressionError) or found.code == "bad-expression"
