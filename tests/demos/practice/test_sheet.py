"""The reader's file is written once, run, and graded in words."""

import pytest

from demos.practice.catalogue import BY_NAME
from demos.practice.sheet import EMPTY, grade, text_of, write

RELU = BY_NAME["relu"]


def test_a_file_is_not_overwritten(tmp_path):
    path = write(RELU, tmp_path / "new")
    assert path.read_text() == text_of(RELU)
    path.write_text("mine")
    assert write(RELU, tmp_path / "new").read_text() == "mine"


@pytest.mark.parametrize(
    ("line", "passed", "begun", "said"),
    [
        (EMPTY, False, False, "fill in `backward`"),
        ("    return grad_output * (x > 0)", True, True, "Right, at every point."),
        ("    return grad_output", False, True, "the mask of maximum is missing"),
        ("    return 1 / 0", False, True, "raises ZeroDivisionError"),
        ("    return (", False, True, "The file does not run."),
        ("    pass", False, True, "end it with `return`"),
        ("    return 'g'", False, True, "expected an array of real numbers"),
        ("    return x, x, x", False, True, "got 3 gradients"),
        ("    return x\n\nraise SystemExit(0)", False, True, "it calls sys.exit"),
    ],
)
def test_grades(tmp_path, line, passed, begun, said):
    path = tmp_path / "relu.py"
    path.write_text(text_of(RELU).replace(EMPTY, line))
    graded = grade(RELU, path)
    assert (graded.passed, graded.begun) == (passed, begun)
    assert said in graded.text


def test_no_text(tmp_path):
    path = tmp_path / "relu.py"
    path.write_bytes(b"\xff\xfe\x00")
    assert "no text in UTF-8" in grade(RELU, path).text


def test_no_function(tmp_path):
    path = tmp_path / "relu.py"
    path.write_text("x = 1\n")
    assert "no function `backward`" in grade(RELU, path).text


def test_what_is_right_already_is_said(tmp_path):
    linear = BY_NAME["linear"]
    path = tmp_path / "linear.py"
    answer = "    return grad_output @ W.T, x.T @ grad_output, grad_output"
    path.write_text(text_of(linear).replace(EMPTY, answer))
    assert "Right already: x, W." in grade(linear, path).text
