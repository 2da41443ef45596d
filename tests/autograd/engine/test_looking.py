"""What Python saw of a graph, and what is forgotten with it."""

import gc
import weakref

import numpy as np

import autograd as ag
from autograd.engine import looking


def test_a_comparison_is_known_as_long_as_its_array_lives():
    x = ag.Tensor([1.0, -1.0], requires_grad=True)
    mask = x > 0
    made = looking.made_of(mask)
    assert made.arguments[0]() is x.data and made.function(x.data, 0).tolist() == [True, False]
    assert looking.made_of(np.array([True, False])) is None
    held = len(looking.conditions)
    del mask, made
    assert len(looking.conditions) == held - 1


def test_a_mask_of_the_program_keeps_no_graph():
    x = ag.Tensor([1.0, -1.0], requires_grad=True)
    y = x * 2.0
    mask, seen = y > 0, weakref.ref(y.data)
    del y
    gc.collect()
    assert seen() is None and mask.tolist() == [True, False]


def test_a_condition_that_a_node_takes_at_once_is_no_look():
    x = ag.Tensor([1.0, -1.0], requires_grad=True)
    ag.where(x > 0, x, 0.0)
    assert looking.look_at(x._data) is None
    mask = x > 0
    ag.where(mask, x, 0.0)
    looking.settle()
    assert looking.look_at(x._data).who.endswith("of test_looking.py") and mask[0]


def test_a_look_at_what_is_forgotten_is_one_at_what_it_came_from():
    x = ag.Tensor([1.0, -1.0], requires_grad=True)
    (x * 2.0).argmax()
    assert looking.look_at(x._data).numbers
