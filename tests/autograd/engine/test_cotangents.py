"""Contributions add up, in place only in arrays that the pass made."""

import numpy as np

import autograd as ag


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
