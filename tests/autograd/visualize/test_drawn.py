"""What a picture shows of a graph."""

import numpy as np

import autograd as ag
import nn
from autograd.visualize.drawn import Drawn, Options


def drawn(y, **options):
    return Drawn([y], Options(**options))


def test_every_node_has_a_box_that_stands_for_it():
    ag.random.seed(0)
    x = ag.Tensor(np.ones((8, 2, 3)), requires_grad=True)
    y = nn.LSTM(3, 5)(x)[0].sum()
    for options in ({}, {"fold": False}, {"parts": False}, {"depth": 0}, {"depth": 1}):
        found = drawn(y, **options)
        assert set(found.ids) == set(found.everything)
    assert len(set(drawn(y, depth=0).ids.values())) < 5


def test_numbers_follow_the_order_of_computation():
    a, b = ag.Value(1.0), ag.Value(2.0)
    y = (a * b + a).exp()
    found = drawn(y)
    order = sorted(found.numbers, key=found.numbers.__getitem__)
    assert [n.number for n in order] == sorted(n.number for n in order)
    assert list(found.ids.values()) == ["n1", "n2", "n3", "n4", "n5"]


def test_of_a_large_graph_the_youngest_are_drawn():
    x = ag.Value(1.0)
    for _ in range(50):
        x = x.sin().cos()
    found = drawn(x, max_nodes=7, fold=False)
    assert found.total == 101 and sorted(found.numbers.values()) == list(range(95, 102))
    assert len(found.ids) == 7


def test_arrows_carry_names_of_arguments_and_shapes():
    x = ag.Tensor(np.ones((2, 3)), requires_grad=True)
    y = nn.Linear(3, 4)(x) - 1.0
    labels = [arrow.label for arrow in drawn(y).arrows.values()]
    assert sorted(labels) == ["", "", "W", "x", "x"]
    assert "(2, 3)" in [a.label for a in drawn(y, depth=0).arrows.values()]
    assert "(2, 3)" not in [a.label for a in drawn(y, depth=0, values=False).arrows.values()]


def test_of_a_long_sum_a_few_terms_are_drawn():
    xs = [ag.Value(float(i), name=f"x{i}") for i in range(701)]
    y = sum(x * x for x in xs)
    found = drawn(y)
    assert list(found.hidden_terms.values()) == [695] and len(found.numbers) == 13
    whole = drawn(y, fold=False, max_nodes=5000)
    assert not whole.hidden_terms and len(whole.numbers) == 701 * 2 + 1
    assert not drawn(sum(xs[:12])).hidden_terms


def test_what_the_first_step_begins_with():
    y = nn.RNN(3, 5)(ag.Tensor(np.ones((6, 2, 3)), requires_grad=True))[0].sum()
    found = drawn(y)
    [(_, begin)] = found.beginnings.values()
    assert begin.thing is None and begin.data.shape == (2, 5)
    [places] = found.returns.values()
    assert set(places) == set(found.beginnings)
