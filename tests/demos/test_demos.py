"""The tour and the command line of the demos."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from demos import tour
from demos.__main__ import main

ROOT = Path(__file__).parents[2]


def test_the_tour(tmp_path, capsys):
    findings = tour.run(tmp_path)
    assert findings.accuracy >= 0.96
    assert findings.largest_scalar_error < 1e-8
    assert findings.report.passed and findings.report.checked == findings.report.total == 6_570
    largest = max(abs(row.autograd) for row in findings.report.rows)
    assert largest > 1e-4  # so that there are gradients to check
    for path in findings.drawings:
        if path.suffix == ".html":
            continue
        assert ET.parse(path).getroot().tag.endswith("svg")
    labels = {e.text for e in ET.parse(findings.drawings[2]).iter() if e.tag.endswith("}text")}
    assert {"0.weight", "0.bias", "4.weight"} <= labels
    assert [p.name for p in findings.drawings] == [
        "neuron.svg",
        "neuron.html",
        "digits-loss.svg",
        "digits-model.svg",
    ]
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


def test_a_missing_dependency_is_reported(monkeypatch, capsys, tmp_path):
    monkeypatch.delitem(sys.modules, "demos.tour")
    monkeypatch.setitem(sys.modules, "rich.console", None)
    assert main(["tour", "--out", str(tmp_path)]) == 1
    said = 'demos: rich is not installed; run pip install "glassgrad[demos]"\n'
    assert capsys.readouterr().err == said


def test_an_invalid_output_folder_is_reported_before_anything_runs(capsys, tmp_path):
    (tmp_path / "file").write_text("")
    assert main(["tour", "--out", str(tmp_path / "file")]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err.startswith(f"demos: --out {tmp_path / 'file'} cannot")


def test_the_tour_on_an_ascii_only_output(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "demos", "tour", "--out", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
    )
    assert b"digits-loss.svg" in done.stdout and done.stderr == b""


def test_python_m_demos():
    done = subprocess.run(
        [sys.executable, "-m", "demos"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "tour" in done.stdout
