"""Random points mean the same as given ones."""

import numpy as np
import pytest

from autograd.testing.examine.domain import is_choice, points_like, redrawn, sums_to_one

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    "x",
    [np.arange(3), np.array([True, False]), np.array([0.0, 1.0, 1.0]), np.eye(3), np.zeros((0, 2))],
)
def test_what_stays(x):
    np.testing.assert_array_equal(redrawn(x, RNG), x)


def test_positive_negative_between_and_free():
    assert (redrawn(np.array([0.5, 30.0]), RNG) > 0).all()
    assert (redrawn(-np.ones(4), RNG) < 0).all()
    between = redrawn(np.array([0.1, 0.9, 0.4]), RNG)
    assert ((between > 0) & (between < 1)).all()
    free = redrawn(np.zeros(50), RNG)
    assert free.min() < 0 < free.max()
    ones = redrawn(np.ones(5), RNG)
    assert (ones > 0).all() and np.ptp(ones) > 0
    assert isinstance(redrawn(2.0, RNG), float)


def test_probabilities_stay_probabilities():
    p = np.array([[0.2, 0.8], [0.5, 0.5]])
    new = redrawn(p, RNG)
    np.testing.assert_allclose(new.sum(axis=1), 1.0)
    assert sums_to_one(p) == -1 and sums_to_one(p.T) == 0 and sums_to_one(-p) is None
    assert is_choice(np.eye(2)) and not is_choice(np.ones(2))


def test_points_move_towards_the_given_one_until_they_are_accepted():
    given = {"x": np.array([5.0, 6.0]), "n": 3}
    near = lambda values: bool(np.abs(values["x"] - given["x"]).max() < 0.2)
    points = list(points_like(given, lambda name: name == "x", near, RNG, 3))
    assert points and all(near(p) and p["n"] == 3 for p in points)
    assert list(points_like(given, lambda name: True, lambda values: False, RNG, 2)) == []
