"""The search finds the simplest explanation, and says so if there is none."""

import numpy as np
import pytest

from autograd.testing.examine.problem_numbers import Number
from autograd.testing.examine.search import Search
from tests.autograd.testing.examine.graphs import mlp, normal, trial

W, B = normal(3, 5), normal(5)


def trials(answer):
    return [trial(mlp, normal(4, 3), W, B, answer=answer, seed=i) for i in range(3)]


@pytest.mark.parametrize(
    ("answer", "kinds"),
    [
        (lambda r: {"W": -r["W"]}, [["sign"]]),
        (lambda r: {"W": 4 * r["W"], "b": -r["b"]}, [["factor"], ["sign"]]),
        (lambda r: {"W": -4 * r["W"]}, [["sign", "factor"]]),
        (lambda r: {"W": 4 * r["W"].T}, [["transposed", "factor"]]),
        (lambda r: {"W": np.sort(r["W"])}, []),
    ],
)
def test_findings(answer, kinds):
    made = trials(answer)
    wrong = [name for name in "xWb" if not made[0].is_right(name)]
    found = Search(made, wrong, [Number("N", 4.0)]).run()
    assert sorted(sorted(h.kind for h in f.hypotheses) for f in found) == sorted(map(sorted, kinds))


def test_the_search_is_bounded_by_what_it_tries(monkeypatch):
    made = trials(lambda r: {"W": np.sort(r["W"])})
    tried = []
    original = Search._try
    monkeypatch.setattr(Search, "_try", lambda self, h: (tried.append(h), original(self, h)))
    Search(made, ["W"], []).run()
    whole = len(tried)
    tried.clear()
    monkeypatch.setattr("autograd.testing.examine.search.MOST_SINGLE", 20.0)
    Search(made, ["W"], []).run()
    assert 0 < len(tried) <= 20 < whole


def test_a_slope_that_is_one_number_is_a_factor():
    forward = lambda x, w: (x * w).mean(axis=0)
    made = [
        trial(forward, normal(4, 3), normal(3), answer=lambda r: {"w": 4 * r["w"]}, seed=i)
        for i in range(3)
    ]
    [found] = Search(made, ["w"], [Number("N", 4.0)]).run()
    assert [h.kind for h in found.hypotheses] == ["factor"]
