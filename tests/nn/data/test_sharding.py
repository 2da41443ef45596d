"""Which samples a rank gets."""

import numpy as np
import pytest

import nn
from nn.data.sharding import Share


class Rank:
    """One of several ranks, without any communication."""

    def __init__(self, rank, size):
        self.rank, self.size = rank, size

    def gathered(self, x):
        return [x] * self.size


def loader(samples, batch_size, rank, ranks, **options):
    data = nn.data.TensorDataset(np.arange(samples))
    return nn.data.DataLoader(data, batch_size, shard=Rank(rank, ranks), **options)


def lists(batches):
    return [x.tolist() for (x,) in batches]


@pytest.mark.parametrize("ranks", [1, 2, 3, 5])
@pytest.mark.parametrize("batch_size", [1, 2, 7])
@pytest.mark.parametrize("drop_last", [False, True])
def test_each_sample_is_one_ranks(ranks, batch_size, drop_last):
    for samples in range(ranks, 4 * ranks * batch_size + 3):
        dealt = [
            lists(loader(samples, batch_size, r, ranks, drop_last=drop_last)) for r in range(ranks)
        ]
        assert len({len(batches) for batches in dealt}) == 1
        assert len(dealt[0]) == len(loader(samples, batch_size, 0, ranks, drop_last=drop_last))
        sizes = [len(b) for batches in dealt for b in batches]
        assert not sizes or (min(sizes) > 0 and max(sizes) <= batch_size + 1)
        used = sorted(i for batches in dealt for b in batches for i in b)
        if drop_last:
            assert len(used) == samples - samples % (ranks * batch_size) == len(set(used))
        elif samples >= ranks * batch_size or samples % (ranks * batch_size) >= ranks:
            assert used == list(range(samples))


def test_one_rank_has_the_batches_of_a_loader_without_shard():
    data = nn.data.TensorDataset(np.arange(11))
    alone = nn.data.DataLoader(data, 3, shuffle=True, seed=4)
    assert lists(loader(11, 3, 0, 1, shuffle=True, seed=4)) == lists(alone)


def test_it_resumes_with_the_same_ranks():
    for rank in range(2):
        first = loader(20, 3, rank, 2, shuffle=True, seed=1)
        batches = iter(first)
        next(batches)
        state = first.state_dict()
        rest = lists(batches)
        second = loader(20, 3, rank, 2, shuffle=True, seed=0)
        second.load_state_dict(state)
        assert second.state_dict() == state
        assert lists(second) == rest
        assert lists(second) == lists(first)  # the next epoch


@pytest.mark.parametrize(("ranks", "batch_size"), [(1, 6), (3, 2), (6, 1), (4, 1)])
def test_it_resumes_with_other_ranks_where_the_epoch_stood(ranks, batch_size):
    first = loader(20, 3, 0, 2, shuffle=True, seed=1)
    batches = iter(first)
    next(batches), next(batches)
    order, state = first.order(0).tolist(), first.state_dict()
    assert state["dealt"] == 12
    found, again = [], []
    for rank in range(ranks):
        other = loader(20, batch_size, rank, ranks, shuffle=True, seed=0)
        other.load_state_dict(state)
        half = iter(other)
        found += next(half)[0].tolist()
        if len(other) > 1:
            third = loader(20, batch_size, rank, ranks, shuffle=True, seed=0)
            third.load_state_dict(other.state_dict())
            again.append(lists(half) == lists(third))
        assert len(lists(other)) == len(other)  # the next epoch is a whole one
    assert len(found) >= ranks * batch_size and all(again)
    assert sorted(found) == sorted(order[12 : 12 + len(found)])
    list(batches)
    assert first.state_dict()["dealt"] == 0


def test_the_end_of_an_epoch_resumes_as_its_end():
    first = loader(20, 3, 0, 2)
    batches = iter(first)
    for _ in range(len(first)):
        next(batches)
    state = first.state_dict()
    assert state["dealt"] == 20
    other = loader(20, 2, 0, 3)
    other.load_state_dict(state)
    assert lists(other) == [] and len(lists(other)) == len(other)


def test_what_it_refuses():
    data = nn.data.TensorDataset(np.arange(3))
    for shard in (2, Rank, np.ones(2)):
        with pytest.raises(TypeError, match=r"pass shard=nn.distributed.world\(\)"):
            nn.data.DataLoader(data, shard=shard)
    with pytest.raises(ValueError, match="3 samples for 4 ranks"):
        loader(3, 1, 0, 4)
    ours = loader(9, 2, 0, 2)
    with pytest.raises(ValueError, match="a state without ranks"):
        ours.load_state_dict(nn.data.DataLoader(data, 2).state_dict())
    good = ours.state_dict()
    with pytest.raises(ValueError, match="batch 9"):
        ours.load_state_dict({**good, "batch": 9, "before": 4})
    assert ours.state_dict() == good
    assert Share(0, 2, 2, False).rounds(9) == 2
