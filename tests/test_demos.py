"""Demos, judged by their numbers."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from demos import tour
from demos.__main__ import main

ROOT = Path(__file__).parent.parent


def test_the_tour(tmp_path, capsys):
    findings = tour.run(tmp_path)
    assert findings.accuracy >= 0.96
    assert findings.largest_scalar_error < 1e-8
    assert findings.report.passed and findings.report.checked == findings.report.total == 6_570
    largest = max(abs(row.autograd) for row in findings.report.rows)
    assert largest > 1e-4  # gradients that are there to be checked
    for path in findings.drawings:
        assert ET.parse(path).getroot().tag.endswith("svg")
    assert [p.name for p in findings.drawings] == ["neuron.svg", "digits-loss.svg"]
    printed = capsys.readouterr().out
    assert "all gradients agree" in printed and "digits-loss.svg" in printed


def test_the_command_line(capsys):
    assert main([]) == 0
    assert "tour" in capsys.readouterr().out
    assert main(["tuor"]) == 2
    assert capsys.readouterr().err == "demos: there is no demo 'tuor'; did you mean tour?\n"
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0 and "Build a model" in capsys.readouterr().out


def test_what_is_missing_is_said(monkeypatch, capsys, tmp_path):
    for name in [n for n in sys.modules if n.startswith(("demos.tour", "rich"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "rich", None)
    monkeypatch.setitem(sys.modules, "rich.console", None)
    assert main(["tour", "--out", str(tmp_path)]) == 1
    assert (
        'rich is not installed; run pip install -e ".[demos]"'
        in capsys.readouterr().err.replace("rich.console is", "rich is")
    )


def test_python_m_demos():
    done = subprocess.run(
        [sys.executable, "-m", "demos"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "tour" in done.stdout
