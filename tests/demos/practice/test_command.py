"""python -m demos practice."""

from demos.__main__ import main
from demos.practice.bugs import draw
from demos.practice.sheet import EMPTY


def run(tmp_path, *arguments):
    return main(["practice", *arguments, "--out", str(tmp_path)])


def test_from_an_empty_file_to_a_right_answer(tmp_path, capsys):
    assert run(tmp_path, "sigmoid") == 0
    path = tmp_path / "practice" / "sigmoid.py"
    assert str(path) in capsys.readouterr().out
    empty = path.read_text()
    path.write_text(empty.replace(EMPTY, "    return grad_output * x * (1 - x)"))
    assert run(tmp_path, "sigmoid") == 1
    assert "Not yet" in capsys.readouterr().out
    assert run(tmp_path, "sigmoid", "--hint") == 0
    assert "Hint 1 of 2" in capsys.readouterr().out
    path.write_text(
        empty.replace(EMPTY, "    y = sigmoid(x)\n    return grad_output * y * (1 - y)")
    )
    assert run(tmp_path, "sigmoid") == 0
    assert "Right" in capsys.readouterr().out
    assert run(tmp_path, "sigmoid", "--solution") == 0
    assert run(tmp_path) == 0
    listed = capsys.readouterr().out
    assert "✓ sigmoid" in listed and "1 of 8" in listed


def test_bugs(tmp_path, capsys):
    assert run(tmp_path, "bug", "--seed", "2") == 0
    assert "--seed 2 --kind KIND --line LINE" in capsys.readouterr().out
    bug = draw(2)
    assert run(tmp_path, "bug", "--seed", "2", "--kind", "none") == 1
    answer = ("--kind", bug.kind, "--line", str(bug.line))
    assert run(tmp_path, "bug", "--seed", "2", *answer) == 0


def test_mistakes_of_the_user(tmp_path, capsys):
    assert run(tmp_path, "sigmoyd") == 2
    assert "did you mean 'sigmoid'?" in capsys.readouterr().err
    assert main([]) == 0
    assert "practice" in capsys.readouterr().out
