"""The functions for notebooks print what the command line does."""

import numpy as np
import pytest

from demos import practice
from demos.practice.bugs import draw
from demos.practice.progress import Progress


def test_an_exercise_from_question_to_solution(tmp_path, capsys):
    file = tmp_path / "progress.json"
    practice.exercise("tanh")
    assert "Derive the gradient of x" in capsys.readouterr().out
    assert not practice.check("tanh", lambda grad_output, x: grad_output * (1 - x**2), file)
    assert "takes the slope of tanh at x" in capsys.readouterr().out
    practice.hint("tanh", file)
    practice.hint("tanh", file)
    practice.hint("tanh", file)
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("Hint 1 of 2") and said[1] == said[2]
    assert practice.check("tanh", lambda grad_output, x: grad_output / np.cosh(x) ** 2, file)
    practice.solution("tanh")
    assert "1 - y ** 2" in capsys.readouterr().out
    practice.summary(file)
    assert "1 of 8" in capsys.readouterr().out


def test_a_bug(tmp_path, capsys):
    file = tmp_path / "progress.json"
    practice.bug(2)
    assert "This backward pass has one mistake" in capsys.readouterr().out
    bug = draw(2)
    assert not practice.answer(2, "none", 0, file)
    assert Progress(file).of("bug 2").tries == 0
    wrong = next(line for line in (1, 2) if line != bug.line)
    assert not practice.answer(2, bug.kind, wrong, file)
    practice.give_up(2)
    assert f"[{bug.kind}]" in capsys.readouterr().out
    assert practice.answer(2, bug.kind, bug.line, file)
    assert "Yes." in capsys.readouterr().out


def test_a_name_that_does_not_exist():
    with pytest.raises(KeyError, match="did you mean 'softmax'"):
        practice.exercise("sofmax")
    with pytest.raises(KeyError, match="the exercise 3"):
        practice.exercise(3)
    for seed in ("a", -1, 1.5):
        with pytest.raises(ValueError, match="expected an integer of at least 0"):
            practice.bug(seed)
