"""The quiz as it is gone through: from a pipe, at a terminal, left and taken up again; and its sheets and keys."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from shapecalc.cli import main
from shapecalc.quizzing import Plan, exercises
from shapecalc.quizzing.answering import expected, in_words

SHEET = list(exercises(Plan(7, 4)))
RIGHT = [in_words(exercise, exercise.right) for exercise in SHEET]
QUIZ = ["quiz", "--seed", "7", "--count", "4"]


class Terminal(io.StringIO):
    """Standard input that is typed."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Any:
    """Runs a command with lines on standard input: the exit code, and what was printed."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "80")

    def run(words: list[str], *lines: str, live: bool = False) -> tuple[int, str, str]:
        text = "".join(f"{line}\n" for line in lines)
        monkeypatch.setattr(sys, "stdin", Terminal(text) if live else io.StringIO(text))
        code = main(words)
        out = capsys.readouterr()
        return code, out.out, out.err

    return run


def test_right_answers_from_a_pipe(answer: Any) -> None:
    code, out, err = answer([*QUIZ, "--exit-code"], *RIGHT)
    assert (code, err) == (0, "")
    assert out.count("\n  right\n") == 4
    assert out.endswith("4 of 4 right\n")
    assert all(len(line) < 80 for line in out.splitlines())


def test_a_wrong_answer_is_named_and_worked_out(answer: Any) -> None:
    # 72 inputs, 2 units: 144 weights; each unit has a bias
    code, out, _ = answer(QUIZ, "144", *RIGHT[1:])
    assert code == 0
    assert "wrong: it is 146" in out
    assert "[forgot_bias]" in out
    assert "params = weights + biases = 144 + 2 = 146" in out
    assert "3 of 4 right" in out
    assert "To go over again: Fully connected against global pooling (1)." in out


def test_exit_code_says_whether_an_answer_was_wrong(answer: Any) -> None:
    assert answer([*QUIZ, "--exit-code"], "144", *RIGHT[1:])[0] == 1
    assert answer([*QUIZ, "--exit-code"], "s", *RIGHT[1:])[0] == 0


def test_hint_skip_and_what_is_no_answer(answer: Any) -> None:
    code, out, _ = answer(QUIZ, "?", "skip", "\x00\udcff", "", *RIGHT[1:])
    assert code == 0
    assert "weights = N₁·N₂\n" in out
    assert "skipped: it is 146" in out
    assert out.count("A whole number is wanted") == 1
    assert out.count("An answer; ? for the formula") == 1
    assert "3 of 4 right, 1 skipped" in out


@pytest.mark.parametrize("is_live", [False, True])
@pytest.mark.parametrize("kind", ["12", "12x12", "much"])
def test_an_answer_of_another_kind_is_asked_again(answer: Any, kind: str, is_live: bool) -> None:
    words = ["quiz", "--seed", "7", "--count", "1", "--topic", "output-size", "--level", "1"]
    (exercise,) = exercises(Plan(7, 1, ("output-size",), (1,)))
    out = answer(words, kind, in_words(exercise, exercise.right), live=is_live)[1]
    assert "A shape is wanted, height × width × channels" in " ".join(out.split())
    assert "1 of 1 right" in out


def test_an_input_that_ends_is_a_quiz_that_is_left(answer: Any, tmp_path: Path) -> None:
    code, out, _ = answer(QUIZ, RIGHT[0])
    assert code == 0
    assert "1 of 1 right (of 4 exercises)" in out
    assert list(tmp_path.rglob("*")) == []  # from a pipe nothing is kept unless asked for


def test_a_quiz_is_left_and_taken_up_again(answer: Any, tmp_path: Path) -> None:
    file = str(tmp_path / "mine.json")
    assert "--resume --state" in answer([*QUIZ, "--state", file], RIGHT[0], "1", "q")[1]
    code, out, _ = answer(["quiz", "--resume", "--state", file, "--exit-code"], *RIGHT[2:])
    assert code == 1  # the wrong answer from before
    assert "4 exercises, seed 7, 2 of them done" in out
    assert "3/4" in out
    assert "2/4" not in out
    assert "3 of 4 right" in out
    assert "3 of 4 right" in answer(["quiz", "--resume", "--state", file])[1]


def test_at_a_terminal_it_asks_again_and_keeps(answer: Any, tmp_path: Path) -> None:
    _, out, _ = answer(QUIZ, "", "much", RIGHT[0], "q", live=True)
    assert "An answer; ? for the formula" in out
    assert "A whole number is wanted" in out
    assert "1 of 1 right" in out
    kept = json.loads((tmp_path / "shapecalc" / "quiz.json").read_text(encoding="utf-8"))
    assert [outcome["result"] for outcome in kept["outcomes"]] == ["right"]
    _, out, _ = answer(["quiz", "--seed", "8", "--count", "2"], "s", "q", live=True)
    assert "quiz.json.1.old" in out
    assert json.loads((tmp_path / "shapecalc" / "quiz.json.1.old").read_text(encoding="utf-8")) == kept


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}', '{"format": 2}', "\x00", "seed: 7"])
def test_a_state_that_is_none_is_told_and_left(answer: Any, tmp_path: Path, text: str) -> None:
    file = tmp_path / "state.json"
    file.write_text(text, encoding="utf-8")
    code, out, err = answer(["quiz", "--resume", "--state", str(file)])
    assert (code, out) == (2, "")
    assert "is no quiz that was kept" in err
    assert "left as it is" in err
    assert file.read_text(encoding="utf-8") == text


def test_a_state_of_other_questions_is_told(answer: Any, tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    answer([*QUIZ, "--state", str(file)], RIGHT[0])
    text = file.read_text(encoding="utf-8")
    for old, new in (('"seed": 7', '"seed": 8'), ('"topics": []', '"topics": ["cats"]')):
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")
        assert "another version" in answer(["quiz", "--resume", "--state", str(file)])[2]
    assert answer(["quiz", "--resume", "--state", str(tmp_path / "none.json")])[0] == 2


def test_choices_are_answered_by_letter(answer: Any) -> None:
    words = [*QUIZ, "--choices"]
    _, out, _ = answer(words, *"aaaa")
    letters = []
    for number, right in enumerate(RIGHT):
        part = out.split(f"{number + 1}/4  ")[1]
        letters.append(re.search(rf"^  ([a-d])\)  {re.escape(right)}$", part, re.MULTILINE)[1])  # type: ignore[index]
    assert "4 of 4 right" in answer(words, *letters)[1]
    assert "4 of 4 right" in answer(words, *RIGHT)[1]
    assert "4 of 4 right" in answer(words, *(f"({letter.upper()})" for letter in letters))[1]
    for other in ("e", "7", "3)", "0"):  # none of them is an option
        out = answer(words, other, *letters)[1]
        assert "A letter from a to d is wanted" in out
        assert "4 of 4 right" in out


def test_no_paragraph_ends_with_a_word_alone(answer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for columns in ("60", "80", "90", "100"):
        monkeypatch.setenv("COLUMNS", columns)
        out = answer(["quiz", "--seed", "7", "--count", "1"])[1]
        conventions = out.split("\n\n")[0].splitlines()[1:]
        assert max(map(len, conventions)) < int(columns)
        assert len(conventions[-1]) > 9, "Multiply-adds … count 0."


def test_the_list_names_the_topics(answer: Any) -> None:
    out = answer(["quiz", "--list"])[1]
    assert [line.split()[0] for line in out.splitlines()][:3] == ["output-size", "parameters", "tensor-size"]
    assert len(out.splitlines()) == 11


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--topic", "outputsize"], "did you mean `output-size`?"),
        (["--topic", "cats"], "topics: output-size"),
        (["--count", "10001"], "at most 10,000"),
        (["--sheet", "a.pdf"], "neither Markdown nor LaTeX"),
        (["--key", "a.md"], "YAML"),
        (["--sheet", "a.md", "--resume"], "--resume"),
    ],
)
def test_what_cannot_be_is_told(answer: Any, words: list[str], message: str) -> None:
    code, out, err = answer(["quiz", *words])
    assert (code, out) == (2, "")
    assert message in err


# ---- sheets ----


@pytest.mark.parametrize("suffix", [".md", ".tex"])
@pytest.mark.parametrize("more", [[], ["--choices"]])
def test_a_sheet_has_the_questions_and_its_key_holds(answer: Any, tmp_path: Path, suffix: str, more: list[str]) -> None:
    sheet, key = tmp_path / f"sheet{suffix}", tmp_path / "key.yaml"
    words = ["quiz", "--seed", "7", "--count", "33", "--sheet", str(sheet), "--key", str(key), *more]
    assert answer(words) == (0, f"{sheet}\n{key}\n", "")
    asked = list(exercises(Plan(7, 33)))
    documents = list(yaml.safe_load_all(key.read_text(encoding="utf-8")))
    assert [document["question"] for document in documents] == [exercise.question for exercise in asked]
    assert answer(["check", str(key)]) == (0, "33 specs checked, all good\n", "")
    code, out, _ = answer(["explain", str(key)])
    assert code == 0
    assert all(exercise.question in out for exercise in asked)
    text = sheet.read_text(encoding="utf-8")
    if suffix == ".md":
        assert all(exercise.question in text for exercise in asked)
    else:
        assert text.isascii()  # pdfLaTeX knows every sign
        assert text.count(r"\begin{enumerate}") == text.count(r"\end{enumerate}") == (34 if more else 1)
        assert len(re.findall(r"(?<!\\)\$", text)) % 2 == 0
    assert text.count("Answer:") == (0 if more else 33)


@pytest.mark.parametrize("seed", ["1", "11", "14"])
@pytest.mark.parametrize("level", [[], ["--level", "1"], ["--level", "3"]])
def test_a_key_is_held_to_by_a_strict_check(answer: Any, tmp_path: Path, seed: str, level: list[str]) -> None:
    key = tmp_path / "key.yaml"
    answer(["quiz", "--seed", seed, "--count", "33", *level, "--key", str(key)])
    assert answer(["check", "--strict", str(key)]) == (0, "33 specs checked, all good\n", "")
    assert ("ignore[note]" in key.read_text(encoding="utf-8")) == (level != ["--level", "1"])


def test_a_wrong_key_is_refused(answer: Any, tmp_path: Path) -> None:
    key = tmp_path / "key.yaml"
    answer([*QUIZ, "--key", str(key)])
    text = key.read_text(encoding="utf-8")
    assert f"expect: {{params: {expected(SHEET[0])}}}" in text
    key.write_text(text.replace("params: 146", "params: 144"), encoding="utf-8")
    code, _, err = answer(["check", str(key)])
    assert code == 1
    assert "[forgot_bias]" in err


def test_nothing_is_overwritten(answer: Any, tmp_path: Path) -> None:
    sheet, key = tmp_path / "sheet.md", tmp_path / "key.yaml"
    key.write_text("mine", encoding="utf-8")
    words = [*QUIZ, "--sheet", str(sheet), "--key", str(key)]
    code, _, err = answer(words)
    assert code == 2
    assert "is there already" in err
    assert not sheet.exists()
    assert key.read_text(encoding="utf-8") == "mine"
    assert answer([*words, "--force"])[0] == 0
    before = sheet.read_bytes()
    assert answer([*words, "--force"])[0] == 0
    assert sheet.read_bytes() == before


def test_every_tex_question_is_ascii_and_every_layer_is_said() -> None:
    from shapecalc.derivation import prose

    for exercise in exercises(Plan(11, 200)):
        assert prose(exercise.question).isascii()
        assert "None" not in exercise.question
        assert "{" not in exercise.question


@pytest.mark.skipif(os.name == "nt", reason="home folders are named otherwise")
def test_without_xdg_the_state_is_in_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    from shapecalc.quizzing.state import default_path

    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/ada")
    assert str(default_path()) == "/home/ada/.local/state/shapecalc/quiz.json"
