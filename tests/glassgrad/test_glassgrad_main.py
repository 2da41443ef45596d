"""The command `glassgrad`: it leads to the command lines of the packages."""

import importlib
import tomllib
from pathlib import Path

import autograd
from glassgrad.__main__ import COMMANDS, main

ROOT = Path(__file__).parents[2]


def test_without_a_command_it_lists_them(capsys):
    assert main([]) == 0 and main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"  {name} " in shown for name in COMMANDS)


def test_the_version(capsys):
    assert main(["--version"]) == main(["version"]) == 0
    assert capsys.readouterr().out == f"{autograd.__version__}\n" * 2


def test_commands_lead_to_the_packages(capsys, tmp_path):
    assert main(["demos"]) == 0
    assert "first steps" in capsys.readouterr().out
    assert main(["demos", "nothing"]) == 2
    assert "there is no demo 'nothing'" in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    assert main(["playground", "--out", str(tmp_path / "file")]) == 2
    assert main(["doctor", "more"]) == 2
    assert "expected doctor" in capsys.readouterr().err
    assert all(hasattr(importlib.import_module(m), "main") for m, _ in COMMANDS.values() if m)


def test_what_is_no_command(capsys):
    assert main(["demo"]) == 2
    assert capsys.readouterr().err == (
        "glassgrad: got 'demo'; expected one of demos, practice, playground, doctor, version\n"
    )


def test_the_script_is_this_function():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings["project"]["scripts"] == {"glassgrad": "glassgrad.__main__:main"}
    assert "glassgrad*" in settings["tool"]["setuptools"]["packages"]["find"]["include"]
