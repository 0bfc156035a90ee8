"""The catalogue: every code that the package uses stands in it, and its examples do what they say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from shapecalc.cli import COULD_NOT, GOOD, main
from shapecalc.codes import CODES, Code
from tests.test_bad_specs import codes_in_the_source

README = Path(__file__).parent.parent / "README.md"
NO_EXAMPLE = {"wrong-value"}  # for errors of a later pydantic that we have no words for


def test_every_code_of_the_package_is_in_the_catalogue_and_no_other() -> None:
    assert set(CODES) == codes_in_the_source()


def test_every_code_says_what_it_means_and_has_examples() -> None:
    assert {code.name for code in CODES.values() if code.bad is None or code.good is None} == NO_EXAMPLE
    for name, code in CODES.items():
        assert code.name == name
        for text in (code.means, code.mend):
            assert text[0].islower() or text.startswith("`"), name
            assert not text.endswith("."), name


def found(code: Code, *, good: bool, folder: Path, capsys: pytest.CaptureFixture[str]) -> set[str]:
    """The codes that the command of an example reports, whatever their severity."""
    text = code.good if good else code.bad
    beside = {**code.beside, **(code.beside_good if good else {})}
    (folder / "net.yaml").write_bytes((text or "").encode("utf-8" if good else code.encoding))
    for name, content in beside.items():
        (folder / name).write_text(content, encoding="utf-8")
    capsys.readouterr()
    main([*code.call.split()[1:], "--format", "json"])
    out, err = capsys.readouterr()
    problems = json.loads(out)["problems"] if out else []
    return {each["code"] for each in problems} | set(re.findall(r"(?:error|warning)\[([\w-]+)\]", err))


@pytest.mark.parametrize("code", [each for each in CODES.values() if each.bad], ids=lambda each: each.name)
def test_the_bad_example_gives_the_code_and_the_good_one_does_not(
    code: Code, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    expected = {code.name, *({"ambiguous-value"} if code.name == "too-many-problems" else ())}  # a hundred of those
    assert found(code, good=False, folder=tmp_path, capsys=capsys) == expected
    assert found(code, good=True, folder=tmp_path, capsys=capsys) <= {"note"} - {code.name}


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main(["codes", *words])
    out, err = capsys.readouterr()
    return code, out, err


def test_the_readme_has_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    code, table, _ = said(capsys, "--format", "markdown")
    marked = re.search(r"<!-- made by: shapecalc codes --format markdown -->\n(.*?)\n<!-- end -->", text(), re.DOTALL)
    assert code == GOOD
    assert marked, "README.md has no table of codes"
    assert marked[1].strip() == table.strip()


def text() -> str:
    return README.read_text(encoding="utf-8")


def test_every_format_of_the_list_names_every_code(capsys: pytest.CaptureFixture[str]) -> None:
    for form in ("text", "markdown", "json"):
        out = said(capsys, "--format", form)[1]
        assert [name for name in CODES if name not in out] == []
    assert [each["name"] for each in json.loads(said(capsys, "--format", "json")[1])] == list(CODES)


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_one_code_shows_its_examples(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    for name, code in CODES.items():
        out = said(capsys, name, "--format", form)[1]
        assert name in out
        if form == "json":
            assert json.loads(out)["bad"] == code.bad
        else:
            assert code.bad is None or code.bad.splitlines()[0][:20] in out
            assert max(map(len, out.splitlines())) < 300, "long examples are cut"


def test_an_unknown_code(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = said(capsys, "kernel-to-large")
    assert (code, out) == (COULD_NOT, "")
    assert "did you mean `kernel-too-large`?" in err
