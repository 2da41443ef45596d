"""Contributions add up, in place only in arrays that the pass made."""

import numpy as np

import autograd as ag
from autograd.engine.cotangents import add


def test_parts_that_overlap_and_whole_arrays_add_up():
    x = ag.Tensor(np.arange(1.0, 7.0).reshape(2, 3), requires_grad=True)
    y = x[0].sum() + (2.0 * x[:, 1]).sum() + (3.0 * x).sum() + x[0, 1] * 5.0 + x[[0, 0, 1]].sum()
    y.backward()
    assert x.grad.tolist() == [[6.0, 13.0, 6.0], [4.0, 6.0, 4.0]]


def test_an_array_in_place_is_nobody_elses():
    """The gradient of the first part is the start of the sum; hooks and later passes see it unchanged."""
    x = ag.Tensor(np.ones(4), requires_grad=True)
    seen = []
    whole = x * 1.0
    whole.register_hook(lambda g: seen.append(g.copy()))
    parts = [whole[i : i + 2] * float(i + 1) for i in range(3)]
    loss = sum(p.sum() for p in parts)
    loss.backward()
    first = x.grad.copy()
    loss.backward()
    assert first.tolist() == [1.0, 3.0, 5.0, 3.0] == seen[0].tolist() == seen[1].tolist()
    assert (x.grad == 2 * first).all()


def test_the_first_contribution_is_kept_and_never_changed():
    x = ag.Tensor(np.ones(2), requires_grad=True)
    first, cotangents, owned = np.ones(2), {x: None}, set()
    add(cotangents, owned, x, first)
    assert cotangents[x] is first and not owned
    add(cotangents, owned, x, first)
    assert first.tolist() == [1.0, 1.0] and cotangents[x].tolist() == [2.0, 2.0] and owned == {x}


def test_a_sum_made_in_the_pass_is_added_to_in_place():
    x = ag.Tensor(np.ones(2), requires_grad=True)
    cotangents, owned = {x: None}, set()
    for _ in range(2):
        add(cotangents, owned, x, np.ones(2))
    total = cotangents[x]
    add(cotangents, owned, x, np.ones(2))
    assert cotangents[x] is total and total.tolist() == [3.0, 3.0]


def test_numbers_add_up_too():
    x = ag.Value(1.0)
    cotangents, owned = {x: None}, set()
    for k in range(4):
        add(cotangents, owned, x, float(k))
    assert cotangents[x] == 6.0
