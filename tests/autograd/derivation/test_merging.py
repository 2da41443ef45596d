"""Graphs in which nothing is computed twice."""

import numpy as np

import autograd as ag
from autograd.derivation.merging import merged

x = np.random.default_rng(0).normal(size=(4, 3))


def distinct(root, *kept):
    stands = merged([root], list(kept))
    return ag.ancestors([stands[root]]), stands


def test_what_is_the_same_is_one_node():
    z = ag.Tensor(x, requires_grad=True)
    root = ag.sum(ag.exp(z)) + ag.sum(ag.exp(z))
    nodes, stands = distinct(root)
    assert [n.op.name for n in nodes if n.op] == ["exp", "sum", "add"]
    assert np.array_equal(stands[root].data, root.data)
    [before], [after] = ag.gradients(root, [z]), ag.gradients(stands[root], [z])
    assert np.array_equal(before, after)


def test_other_facts_or_data_make_other_nodes():
    z = ag.Tensor(x, requires_grad=True)
    root = (z[0] + z[1]).sum() + (z * 2.0).sum() + (z * 3.0).sum() + (z * x).sum()
    assert len(distinct(root)[0]) == len(ag.ancestors([root]))


def test_what_is_differentiated_by_stays():
    z = ag.Tensor(x, requires_grad=True)
    h, k = ag.tanh(z), ag.tanh(z)
    root = (h * k).sum()
    stands = distinct(root, h, k)[1]
    assert stands[h] is h and stands[k] is k and stands[root] is root
    assert np.allclose(ag.derive(root, by=k).function()(**ag.derive(root, by=k).arguments)[1], h)
