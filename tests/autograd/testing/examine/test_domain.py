"""Random points mean the same as given ones, and some have both signs."""

import numpy as np
import pytest

from autograd.testing.examine.domain import (
    alternatives,
    is_choice,
    is_one_hot,
    is_permutation,
    points_like,
    redrawn,
    sums_to_one,
    wide,
)

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    "x", [3 + 0j, True, np.array(3), np.zeros((0, 2)), np.array([np.inf]), "s"]
)
def test_what_stays(x):
    assert alternatives("x", x, RNG) == []


def test_positive_negative_between_and_free():
    assert (redrawn(np.array([0.5, 30.0]), RNG) > 0).all()
    assert (redrawn(-np.ones(4), RNG) < 0).all()
    between = redrawn(np.array([0.1, 0.9, 0.4]), RNG)
    assert ((between > 0) & (between < 1)).all()
    free = redrawn(np.zeros(50), RNG)
    assert free.min() < 0 < free.max()
    ones = redrawn(np.ones(5), RNG)
    assert (ones > 0).all() and np.ptp(ones) > 0


def test_wide_points_have_both_signs_and_many_sizes():
    for x in (np.ones(200), np.full(200, 40.0), np.zeros(200)):
        new, *_ = wide("x", x, RNG)
        assert new.min() < -1 and new.max() > 1 and np.abs(new).max() < 6
        new, *_ = wide("x", x, RNG, 1.0)
        assert np.abs(new).max() > 8 and np.abs(new).min() < 0.1
    assert wide("T", 2.0, RNG)[0] > 0


def test_single_numbers_change_unless_they_are_labels():
    assert redrawn(1.0, RNG) not in (1.0, 0.0) and isinstance(redrawn(1.0, RNG), float)
    assert redrawn(0.0, RNG) > 0
    assert redrawn(2, RNG) > 0 and redrawn(2, RNG) != 2
    assert 0 < redrawn(0.3, RNG) < 1
    assert alternatives("y", 1.0, RNG) == [] and alternatives("T", 1.0, RNG)


def test_indices_come_from_those_given_and_repeat():
    ids = np.array([0, 3, 1])
    for _ in range(5):
        new = redrawn(ids, RNG)
        assert set(new) <= {0, 1, 3} and len(set(new)) < 3
    assert set(redrawn(np.zeros(30, int), RNG)) == {0, 1}
    assert set(redrawn(np.full(30, 3), RNG)) == {2, 3}
    assert sorted(redrawn(np.array([2, 0, 1]), RNG)) == [0, 1, 2]
    assert is_permutation(np.array([2, 0, 1])) and not is_permutation(np.array([2, 0]))
    assert len(set(redrawn(np.arange(3), RNG))) < 3  # rows 0, 1, 2: indices, not a permutation


def test_masks_and_labels():
    mask = redrawn(np.ones(50, bool), RNG)
    assert mask.dtype == bool and mask.any() and not mask.all()
    assert set(redrawn(np.array([1.0, -1.0] * 9), RNG)) <= {1.0, -1.0}
    labels = np.eye(4)[[0, 0, 2]]
    assert is_one_hot(labels) and is_choice(labels) and not is_choice(np.ones(2))
    for new in (redrawn(labels, RNG), wide("W", labels, RNG)[0]):
        assert is_one_hot(new)
    xor = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    assert set(np.unique(redrawn(xor, RNG))) <= {0.0, 1.0}
    assert len(np.unique(wide("X", xor, RNG)[0])) == 8
    assert set(np.unique(wide("mask", xor, RNG)[0])) <= {0.0, 1.0}


def test_probabilities_stay_probabilities():
    p = np.array([[0.2, 0.8], [0.5, 0.5]])
    for new in (redrawn(p, RNG), wide("p", p, RNG)[0]):
        np.testing.assert_allclose(new.sum(axis=1), 1.0)
    assert sums_to_one(p) == -1 and sums_to_one(p.T) == 0 and sums_to_one(-p) is None


def test_points_move_towards_the_given_one_until_they_are_accepted():
    given = {"x": np.array([5.0, 6.0]), "n": 3}
    draw = lambda name, x, rng: alternatives(name, x, rng) if name == "x" else []
    near = lambda values: bool(np.abs(values["x"] - given["x"]).max() < 0.2)
    points = list(points_like(given, draw, near, RNG, 3))
    assert points and all(near(p) and p["n"] == 3 for p in points)
    assert list(points_like(given, draw, lambda values: False, RNG, 2)) == []


def test_what_one_variable_may_not_be_does_not_hold_the_others():
    given = {"x": np.ones(50), "scale": np.ones(50)}
    positive = lambda values: bool((values["scale"] > 0).all())
    [point] = points_like(given, wide, positive, RNG, 1)
    assert point["x"].min() < 0 < point["scale"].min()
