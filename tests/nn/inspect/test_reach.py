"""Passes belong to the models that they reach."""

import numpy as np

import autograd as ag
import nn
from nn.inspect.reach import Reach, reaches

X = np.ones((2, 3))


def test_a_pass_belongs_to_the_models_whose_parameters_it_reaches():
    one, other = nn.Linear(3, 3), nn.Linear(3, 1)
    both, detached = other(one(X)).sum(), other(one(X).detach()).sum()
    assert Reach(one).includes(both, []) and Reach(other).includes(both, [])
    assert not Reach(one).includes(detached, []) and Reach(other).includes(detached, [])


def test_parameters_that_are_frozen_meanwhile_are_not_reached():
    model, first = nn.Linear(3, 3), nn.Linear(3, 3)
    reach = Reach(model)
    model.requires_grad_(False)
    assert not reach.includes(model(first(X)).sum(), [])


def test_a_model_without_parameters_is_reached_through_its_outputs():
    first, model = nn.Linear(3, 3), nn.Tanh()
    out = model(first(X))
    assert Reach(model).includes(out.sum(), [out]) and not Reach(model).includes(out.sum(), [])


def test_the_walk_ends_early_and_does_not_recurse():
    x = ag.Tensor(1.0, requires_grad=True)
    y = x
    for _ in range(5000):
        y = y * 1.0001
    assert reaches(y, {x}) and reaches(y, {y}) and not reaches(y, set())
