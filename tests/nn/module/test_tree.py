"""The tree of a module that notebooks show."""

import copy

import numpy as np

import autograd as ag
import nn
from nn.module.tree import LIMIT, module_html
from tests.autograd.test_html import HOSTILE, is_inert, parsed


def test_the_tree_has_each_module_and_parameter():
    model = nn.Sequential(nn.Linear(3, 4), nn.Sequential(nn.BatchNorm1d(4), nn.ReLU()))
    shown = module_html(model)
    text = parsed(shown).text
    for part in (
        "0: Linear",
        "weight",
        "(4, 3)",
        "1: Sequential",
        "0: BatchNorm1d",
        "running_mean (buffer)",
        "1: ReLU",
    ):
        assert part in text
    assert is_inert(shown) and shown == model._repr_html_() and "output" not in shown


def test_shapes_are_those_of_the_last_call():
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
    model(np.ones((7, 3)))
    assert model._repr_html_().count("output (7, 4)") == 3
    with ag.no_grad():
        model(np.ones((2, 3)))
    assert model._repr_html_().count("output (2, 4)") == 3
    assert "output" not in copy.deepcopy(model)._repr_html_()


def test_a_frozen_parameter_and_a_gradient():
    model = nn.Linear(3, 4)
    model.bias.requires_grad = False
    model(np.ones((7, 3))).sum().backward()
    assert "frozen" in model._repr_html_() and "gradient, full colour" in model._repr_html_()


def test_a_hostile_description_stays_text():
    class Odd(nn.Module):
        def extra_repr(self):
            return HOSTILE

    assert is_inert(nn.Sequential(Odd())._repr_html_())


def test_a_model_of_many_modules_is_cut_off():
    model = nn.Sequential(*(nn.ReLU() for _ in range(LIMIT + 10)))
    assert "…" in model._repr_html_() and model._repr_html_().count("ReLU") == LIMIT
