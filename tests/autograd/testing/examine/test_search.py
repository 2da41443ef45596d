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
