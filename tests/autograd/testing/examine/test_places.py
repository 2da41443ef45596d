"""Parameters of objects, and their gradients, are found where people keep them."""

import numpy as np
import pytest

from autograd.testing.examine.places import (
    attributes_of,
    find_gradient,
    is_gradient_name,
    places_of,
)


class Thing:
    def __init__(self, **attributes):
        vars(self).update(attributes)


ONE, TWO = np.ones(2), np.full(2, 2.0)


@pytest.mark.parametrize(
    ("thing", "names"),
    [
        (Thing(W=ONE, b=ONE, n=3, mask=ONE > 0, grad_W=ONE), ["W", "b"]),
        (Thing(params={"W1": ONE}, weights=[ONE, TWO]), ["W1", "weights[0]", "weights[1]"]),
        (Thing(inner=Thing(W=ONE)), ["inner.W"]),
    ],
)
def test_places(thing, names):
    places = list(places_of(thing))
    assert [place.name for place in places] == names
    places[0].set(thing, TWO)
    assert places[0].get(thing) is TWO


class Slotted:
    __slots__ = ("W", "dW")

    def __init__(self):
        self.W, self.dW = ONE, TWO


@pytest.mark.parametrize("number", range(16))
def test_gradients(number):
    thing = [
        Thing(W=ONE, grad_W=TWO),
        Thing(W=ONE, dW=TWO),
        Thing(W=ONE, W_grad=TWO),
        Thing(W=ONE, grads={"W": TWO}),
        Thing(W=ONE, grads={"dW": TWO}),
        Thing(weight=ONE, dW=TWO),
        Thing(params={"W": ONE}, grads={"W": TWO}),
        Thing(weights=[ONE], dweights=[TWO]),
        Thing(inner=Thing(W=ONE, dW=TWO)),
        Thing(_W=ONE, _dW=TWO),
        Thing(W=ONE, dL_dw=TWO),
        Thing(W=Thing(value=ONE, grad=TWO)),
        Thing(W=ONE, grads=[TWO]),
        Thing(W=ONE, grads={0: TWO}),
        Thing(W=ONE, cache={"x": ONE, "dW": TWO}),
        Slotted(),
    ][number]
    place = next(p for p in places_of(thing) if p.get(thing) is ONE)
    np.testing.assert_array_equal(find_gradient(thing, place), 2.0)


def test_no_gradient():
    thing = Thing(W=ONE, params={"v": ONE})
    assert [find_gradient(thing, place) for place in places_of(thing)] == [None, None]
    assert is_gradient_name("grad_W") and not is_gradient_name("gamma")


def test_a_cache_holds_no_gradient_by_the_parameter_s_own_name():
    thing = Thing(W=ONE, cache={"W": TWO})
    [place, *_] = places_of(thing)
    assert place.name == "W" and find_gradient(thing, place) is None
    assert attributes_of(Slotted()).keys() == {"W", "dW"}
