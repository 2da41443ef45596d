"""The model of cost, and the page that is made from the stored result."""

import json

import pytest

from benchmarks import scaling

ONE = {"alone": 0.1, "backward": 0.06}
SENT = {"together by messages": 0.102, "sums by messages": 0.01}
TWO = {"alone": 0.1, "together": 0.101, "sums": 0.002, "bytes": 8e6, "buffers": 2, **SENT}
COST = {"latency": 1e-5, "byte": 1e-9}


def test_the_page_is_current():
    stored = json.loads((scaling.DOCS / "scaling.json").read_text(encoding="utf-8"))
    text = (scaling.DOCS / "scaling.md").read_text(encoding="utf-8")
    assert text == scaling.page(stored), "run python -m benchmarks.scaling --page"
    # LAPACK's last digits are those of its kernel.
    assert scaling.fitted(stored["two"]["sums"]) == pytest.approx(stored["cost"], rel=1e-9)


def test_the_fit_finds_what_the_times_were_made_of():
    sums = [[n, 2.0 * 3e-6 + n * 2e-10] for n in (64, 1024, 2**20)]
    found = scaling.fitted(sums)
    assert found["latency"] == pytest.approx(3e-6) and found["byte"] == pytest.approx(2e-10)
    assert found["error"] < 1e-9


def test_communication_and_what_is_hidden():
    assert scaling.communication(2, 8_000_000, 2, COST) == pytest.approx(4e-5 + 8e-3)
    assert scaling.communication(4, 8_000_000, 2, COST) == pytest.approx(12e-5 + 12e-3)
    assert scaling.hidden_share(TWO) == pytest.approx(0.5)
    assert scaling.hidden_share(TWO, scaling.BY_MESSAGES) == pytest.approx(0.8)


def test_predictions():
    seconds = scaling.communication(8, 8_000_000, 2, COST)
    assert scaling.predicted(8, ONE, TWO, COST) == pytest.approx(0.8 / (0.1 + 0.2 * seconds))
    # No more is hidden than a backward pass takes.
    slow = scaling.communication(8, 8_000_000, 2, {"latency": 1e-2, "byte": 0.0})
    found = scaling.predicted(8, ONE, TWO, {"latency": 1e-2, "byte": 0.0})
    assert found == pytest.approx(0.8 / (0.1 + slow - 0.06))
    # What costs more in a step than alone costs more with many ranks too.
    worse = scaling.predicted(8, ONE, {**TWO, "together by messages": 0.12}, COST)
    assert worse == pytest.approx(0.8 / (0.1 + 2 * seconds))


def test_a_short_run_of_one_rank():
    found = scaling.measured(1)
    for parts in found["models"].values():
        assert all(parts[name] > 0 for name in ("alone", "together", "backward", "bytes"))
    assert found["sums"] == []
