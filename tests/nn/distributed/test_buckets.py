"""Buffers of gradients."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn.distributed.buckets import buckets_of


def parameters(*sizes, dtype=np.float32):
    return [nn.Parameter(np.ones(n, dtype)) for n in sizes]


class Channel:
    """Adds up ranks that are alike."""

    def __init__(self, ranks=2):
        self.ranks, self.released = ranks, 0

    def buffers(self, sizes):
        return [Channel(self.ranks).of(*size) for size in sizes]

    def of(self, length, dtype):
        self.array = np.zeros(length, dtype)
        return self

    def start(self):
        return self

    def wait(self):
        return self.ranks * self.array

    def release(self):
        self.released += 1

    def abandon(self):
        self.array = np.zeros_like(self.array)


def test_the_last_parameters_come_first_and_each_buffer_has_one_dtype():
    a, b, c, d = (*parameters(2, 2, 2), *parameters(1, dtype=float))
    for given, size, expected in (
        ([a, b, d, c], 16, [[c], [d], [b, a]]),
        ([a, b, c], 8, [[c], [b], [a]]),
        ([a, b, c], 9, [[c, b], [a]]),
    ):
        assert [x.parameters for x in buckets_of(given, size, Channel())] == expected


def test_means_of_what_any_rank_used():
    p, q = parameters(2, 3)
    [bucket] = buckets_of([q, p], 99, Channel(4), 4)
    channel = bucket.buffer
    assert bucket.parameters == [p, q]
    bucket.begin()
    bucket.put(1, np.arange(3, dtype=np.float32))
    assert not bucket.full
    bucket.send()
    means = bucket.means()
    assert list(means) == [q] and means[q].tolist() == [0.0, 1.0, 2.0]
    assert means[q].base is None and channel.released == 1
    bucket.put(0, np.zeros(2, np.float32))
    assert bucket.full
    used = bucket.sent
    bucket.begin()
    assert not bucket.full and bucket.sent is used
    bucket.send()
    assert not used[:-1].any()
    bucket.begin()  # MPI may still read the old buffer
    assert bucket.sent is not used


def test_gradients_of_different_passes_are_not_added():
    """A rank that caught an error in the middle of a pass is one behind, or ahead."""
    for dtype in (np.float16, np.float32, float):
        channel = Channel(3)
        [bucket] = buckets_of(parameters(2, dtype=dtype), 99, channel, 3)
        channel = bucket.buffer
        for _ in range(20):
            bucket.begin()
            bucket.send()
            bucket.means()
        bucket.begin()
        bucket.send()
        channel.array[-1] += 1  # on all ranks but this one
        behind = channel.array.copy()
        channel.wait = lambda behind=behind: 3 * behind
        channel.array[-1] -= 1
        with pytest.raises(ag.GraphError, match="gradients of different backward passes"):
            bucket.means()


def test_every_rank_adds_up_as_much():
    made = [buckets_of(parameters(2, 3), 99, Channel(), n)[0] for n in (1, 2, 4, 5)]
    lengths = [bucket.sent.size for bucket in made]
    assert lengths == [8, 8, 8, 10]
