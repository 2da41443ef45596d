"""The benchmark machinery compares results before it times them and reports what is missing."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import environments as env
from benchmarks import functions, measure, report
from benchmarks.__main__ import main
from benchmarks.contestants import CONTESTANTS, PEERS, Contestant, kind_of
from benchmarks.workloads import WORKLOADS

DOCS = Path(__file__).parents[2] / "docs"
BY_HAND = next(c for c in CONTESTANTS if c.name == "NumPy by hand")
OURS = next(c for c in CONTESTANTS if c.name == "Glassgrad")


def test_a_run_compares_and_times_in_turns():
    said = []
    nowhere = Contestant("Nowhere", "nowhere", "nothing", frozenset({"operation"}))
    with env.worker("glassgrad", 1) as ask:
        rows = measure.workload(
            "op-mul-1e3", [BY_HAND, OURS, nowhere], {"glassgrad": ask}, 2, said.append
        )
    first, second, third = rows
    assert first["ratio"] == 1.0 and second["reference"] == "NumPy by hand"
    assert 1.0 < second["ratio"] < 1000 and second["low"] <= second["seconds"] <= second["high"]
    assert third["missing"] == "not installed: python -m benchmarks setup nowhere"
    assert len(said) == 2


def test_a_contestant_with_a_different_result_is_not_timed(monkeypatch):
    monkeypatch.setattr(measure, "differ", lambda found, expected, rtol: "x differs by 1")
    with env.worker("glassgrad", 1) as ask:
        rows = measure.workload(
            "op-add-1e1", [BY_HAND, OURS], {"glassgrad": ask}, 2, lambda _: None
        )
    assert [row["missing"] for row in rows] == ["different result: x differs by 1"] * 2
    assert not any("seconds" in row for row in rows)


def test_a_worker_reports_what_went_wrong():
    with env.worker("glassgrad", 1) as ask:
        with pytest.raises(env.Failed, match="KeyError"):
            ask("build", contestant="Glassgrad", workload="no such thing", out="")
        assert ask("versions", package="glassgrad")["numpy"] == np.__version__


def test_memory_of_a_step():
    rows = measure.memory("mlp-medium", [BY_HAND], 1, lambda _: None)
    assert 0 < rows[0]["bytes"] < 50e6


def test_what_compiling_costs():
    pytest.importorskip("llvmlite")
    ours = [c for c in CONTESTANTS if c.name == "Glassgrad, compiled"]
    said = []
    row, call = measure.compiling(["mlp-tiny"], [BY_HAND, *ours], 1, said.append)
    assert row["contestant"] == "Glassgrad, compiled" and row["kept"] > 0 and 0 < row["cold"] < 100
    assert call["parameters"] == 20 and 0 < call["call"] < 1e-2 and len(said) == 2
    text = "\n".join(report.compiling([{**row, "cold": 0.31, "kept": 0.12}, call]))
    assert "| Glassgrad, compiled | 310 ms / 120 ms |" in text and "of 20 parameters" in text


def test_the_overview_marks_the_fastest():
    numbers = {"NumPy by hand": 1.0, "Glassgrad, compiled": 0.123, "JAX, jit": 1.5}
    rows = [
        {"workload": "mlp-tiny", "contestant": name, "threads": threads, "processor_ratio": ratio,
         "reference": "NumPy by hand"}
        for threads, scale in ((1, 1.0), (2, 7.0))
        for name, ratio in ((name, scale * ratio) for name, ratio in numbers.items())
    ]  # fmt: skip
    line = report.glance({"workloads": rows})[2]
    assert line == "| MLP [2, 16, 16, 2], batch 32 | 1.00 |  | **0.123** |  |  |  |  | 1.50 |"


def test_gradients_read_from_an_update_come_with_their_rounding(tmp_path):
    expected = {"w": np.array([1.0, 2.0]), "loss": np.array(3.0)}
    found = {**expected, "w": np.array([1.0, 2.001]), "rounding of w": np.array(0.002)}
    files = []
    for arrays in (found, expected, {"loss": np.array(3.0)}):
        files.append(tmp_path / f"{len(files)}.npz")
        np.savez(files[-1], **arrays)
    ours, theirs, empty = map(np.load, files)
    assert measure.differ(ours, theirs, 1e-6) == ""
    ours.files.remove("rounding of w")
    assert measure.differ(ours, theirs, 1e-6).startswith("w differs by 5.0e-04")
    assert measure.differ(empty, theirs, 1e-6) == "no gradient to compare"


@pytest.mark.parametrize("name", ["NumPy by hand", "Glassgrad, compiled, no gradients kept"])
def test_adam_of_contestants_is_one_adam(name):
    chosen = next(c for c in CONTESTANTS if c.name == name)
    with env.worker("glassgrad", 1) as ask:
        rows = measure.workload(
            "adam-mlp-tiny", [OURS, chosen], {"glassgrad": ask}, 2, lambda _: None
        )
    assert not any("missing" in row for row in rows), rows


def test_workloads_and_contestants_fit():
    kinds = {kind_of(name) for name in WORKLOADS}
    assert kinds == set().union(*(c.kinds for c in CONTESTANTS))
    assert {c.peer for c in CONTESTANTS} == set(PEERS)
    for workload in WORKLOADS.values():
        again, once = workload.make(), workload.make()
        for name, p in once["params"].items():
            np.testing.assert_array_equal(p, again["params"][name])


def test_the_page_shows_the_stored_results():
    results = json.loads((DOCS / "benchmarks.json").read_text(encoding="utf-8"))
    assert (DOCS / "benchmarks.md").read_text(encoding="utf-8") == report.page(results)
    assert {row["workload"] for row in results["workloads"]} == set(WORKLOADS)
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    assert readme == report.with_glance(readme, results)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(3.21, "3.21 s"), (0.0123, "12.3 ms"), (45e-6, "45 µs"), (0.1234, "123 ms"), (2e-7, "0.2 µs")],
)
def test_durations(seconds, text):
    assert report.duration(seconds) == text


def test_unknown_names(capsys):
    assert main(["no-such-workload"]) == 2
    assert "no workload is called no-such-workload; there are mlp-tiny" in capsys.readouterr().err
    assert main(["setup", "no-such-peer"]) == 2
    assert "no peer is called no-such-peer; there are glassgrad" in capsys.readouterr().err


def test_functions_are_compared_with_numpys(monkeypatch, capsys):
    pytest.importorskip("llvmlite")
    pytest.importorskip("mpmath")
    monkeypatch.setattr(functions.native, "FORMULAS", {"sqrt": functions.native.FORMULAS["sqrt"]})
    monkeypatch.setattr(functions, "points", lambda *_: [np.array([0.25, 4.0])])
    assert main(["functions"]) == 0
    head, _, row = capsys.readouterr().out.strip().split("\n")
    assert head.count("ulp") == 2 and row.startswith("| sqrt | 0 | 0 |")


@pytest.mark.parametrize("lacks", ["llvmlite", "mpmath"])
def test_functions_say_what_they_need(monkeypatch, capsys, lacks):
    sentence = "native: got no llvmlite; run pip install" if lacks == "llvmlite" else ""
    monkeypatch.setattr(functions.llvm, "missing", lambda: sentence)
    monkeypatch.setattr(functions.importlib.util, "find_spec", lambda name: None)
    assert main(["functions"]) == 2 and f"got no {lacks}" in capsys.readouterr().err
