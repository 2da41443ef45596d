"""The command line of the package."""

import pytest

from autograd.__main__ import main


def test_without_a_command_it_says_which_there_is(capsys):
    assert main([]) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err == (
        "python -m autograd: got no command; expected doctor; run python -m autograd doctor, which "
        "reports what determines the speed of arrays here\n"
    )


@pytest.mark.parametrize("arguments", [["x"], ["doctor", "x"], ["Doctor"]])
def test_a_command_that_does_not_exist(arguments, capsys):
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert (
        shown.out == ""
        and f"got the argument{'s' * (len(arguments) > 1)} {' '.join(arguments)}; expected doctor"
        in shown.err
    )
    assert "Traceback" not in shown.err and shown.err.count("\n") == 1


def test_an_option_that_does_not_exist(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["doctor", "--fast"])
    assert stopped.value.code == 2
    assert (
        "python -m autograd: got unrecognized arguments: --fast; expected doctor; run"
        in capsys.readouterr().err
    )


def test_help_says_what_there_is(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["-h"])
    assert stopped.value.code == 0 and "python -m autograd doctor" in capsys.readouterr().out
