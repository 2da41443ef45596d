"""The size of the terms of each entry, by the effect of tiny changes."""

import numpy as np

from autograd.testing.examine.rounding import terms_of
from tests.autograd.testing.examine.graphs import trial


def test_every_entry_has_a_size_of_its_own():
    scales = np.array([1e10, 1.0, 1e-10])
    t = trial(lambda x: (x * scales).sum(), np.ones(3))
    size = terms_of(t.flow)["x"] / np.abs(t.seeds[0] * scales)
    assert (size > 0.1).all() and (size < 10).all()


def test_what_cancels_is_as_large_as_its_terms():
    t = trial(lambda x: x - x.mean(), np.full(4, 0.1))
    terms = terms_of(t.flow)["x"]
    assert (terms > 0.05).all() and (terms < 20).all()
    saturated = trial(lambda x: 1 / (1 + np.exp(-x)), np.array([-40.0, 40.0]))
    assert np.abs(saturated.right["x"]).max() < 1e-16
    assert terms_of(saturated.flow)["x"].max() < 1e-10


def test_a_mask_is_not_disturbed():
    t = trial(lambda x: x.max(), np.array([1.0, 3.0, 2.0]))
    terms = terms_of(t.flow)["x"]
    assert terms[0] == terms[2] == 0.0 and 0 < terms[1] < 10
