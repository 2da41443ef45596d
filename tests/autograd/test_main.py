"""The command line of the package."""

from autograd.__main__ import main


def test_without_a_command_it_says_which_there_is(capsys):
    assert main([]) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err == (
        "python -m autograd: got no command; expected doctor; run python -m autograd doctor, which "
        "reports what decides the speed of arrays here\n"
    )
