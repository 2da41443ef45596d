"""Buffers of gradients."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn.distributed.buckets import Bucket, buckets_of


def parameters(*sizes, dtype=np.float32):
    return [nn.Parameter(np.ones(n, dtype)) for n in sizes]


def test_the_last_parameters_come_first_and_each_buffer_has_one_dtype():
    a, b, c, d = (*parameters(2, 2, 2), *parameters(1, dtype=float))
    assert [x.parameters for x in buckets_of([a, b, d, c], 16)] == [[c], [d], [b, a]]
    assert [x.parameters for x in buckets_of([a, b, c], 8)] == [[c], [b], [a]]
    assert [x.parameters for x in buckets_of([a, b, c], 9)] == [[c, b], [a]]


class Channel:
    """Adds up two ranks that are alike."""

    def start(self, flat):
        self.flat = flat
        return self

    def wait(self):
        return 2.0 * self.flat


def test_means_of_what_any_rank_used():
    p, q = parameters(2, 3)
    bucket = Bucket([p, q])
    bucket.put(1, np.arange(3, dtype=np.float32))
    assert not bucket.full
    bucket.send(Channel())
    means = bucket.means(4)
    assert list(means) == [q] and means[q].tolist() == [0.0, 0.5, 1.0]
    bucket.put(0, np.zeros(2, np.float32))
    assert bucket.full
    used = bucket.sent
    bucket.begin()
    assert not bucket.full and bucket.sent is used
    bucket.send(Channel())
    assert not used.any()
    bucket.begin()  # MPI may still read the old buffer
    assert bucket.sent is not used


def test_every_rank_adds_up_as_much():
    assert [Bucket(parameters(2, 3), ranks).length for ranks in (1, 2, 4, 5)] == [7, 8, 8, 10]


def test_a_gradient_that_changed_after_it_was_sent():
    [p] = parameters(2)
    p.name = "w"
    bucket, g = Bucket([p]), np.ones(2, np.float32)
    bucket.put(0, g)
    bucket.check({p: g.view()})
    with pytest.raises(ag.GraphError, match="a hook of w that ran after its gradient was sent"):
        bucket.check({p: g * 2})
