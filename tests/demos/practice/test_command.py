"""python -m demos practice."""

import pytest

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
    bug = draw(2)
    assert run(tmp_path, "bug", "--seed", "2") == 0
    assert "--seed 2 --kind KIND --line LINE" in capsys.readouterr().out
    assert run(tmp_path, "bug", "--seed", "2", "--kind", "sign") == 2
    assert "both a kind and a line" in capsys.readouterr().err
    assert run(tmp_path, "bug", "--seed", "2", "--kind", "none", "--line", "1") == 1
    assert "expected one of" in capsys.readouterr().out
    assert run(tmp_path, "bug", "--seed", "2", "--solution") == 0
    assert f"Line {bug.line}:" in capsys.readouterr().out
    answer = ("--kind", bug.kind, "--line", str(bug.line))
    assert run(tmp_path, "bug", "--seed", "2", *answer) == 0


def test_mistakes_of_the_user(tmp_path, capsys):
    assert run(tmp_path, "sigmoyd") == 2
    assert "did you mean 'sigmoid'?" in capsys.readouterr().err
    assert main([]) == 0
    assert "practice" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("bug", "--seed", "-1"), "expected an integer of at least 0"),
        (("--hint",), "needs a name"),
        (("bug", "--hint"), "--solution gives up"),
        (("relu", "--kind", "sign"), "is for bugs"),
        (("relu", "--hint", "--solution"), "not both"),
    ],
)
def test_options_that_do_not_fit(tmp_path, capsys, arguments, said):
    with pytest.raises(SystemExit) as caught:
        run(tmp_path, *arguments)
    assert caught.value.code == 2 and said in capsys.readouterr().err


def test_what_stands_in_the_way(tmp_path, capsys):
    (tmp_path / "practice" / "relu.py").mkdir(parents=True)
    assert run(tmp_path, "relu") == 2
    (tmp_path / "file").write_text("")
    assert run(tmp_path / "file", "relu") == 2
    assert capsys.readouterr().err.count("expected a folder to write to") == 2
    assert run(tmp_path, "nosuch") == 2
    assert "did you mean" not in capsys.readouterr().err


def test_a_loop_can_be_stopped(tmp_path, capsys):
    run(tmp_path, "relu")
    path = tmp_path / "practice" / "relu.py"
    path.write_text(path.read_text().replace(EMPTY, "    raise KeyboardInterrupt"))
    assert run(tmp_path, "relu") == 2
    assert "stopped" in capsys.readouterr().err
