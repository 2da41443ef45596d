"""Findings that need no search."""

import numpy as np

from autograd.testing.examine.subject import Functions
from autograd.testing.examine.verdict import Verdict, ignores_upstream, kink_only, of_error
from tests.autograd.testing.examine.graphs import normal, trial


def test_an_error_of_shapes_and_another():
    subject = Functions(np.tanh, lambda g, x: g, [normal(3)], ["x"])
    for error, kind in ((ValueError("shapes do not align"), "shape"), (KeyError("W"), "unknown")):
        verdict = of_error(subject, error, Verdict())
        assert not verdict.passed and [m[1] for m in verdict.mistakes] == [kind]


def test_findings_about_one_gradient():
    t = trial(np.tanh, normal(3), answer=lambda r: {"x": r["x"] * 2})
    [name] = t.answer
    assert kink_only(name, t)[1] == "kink only" and "is right" in kink_only(name, t)[3]
    assert ignores_upstream(name, t)[1] == "upstream ignored"
