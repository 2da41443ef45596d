"""Samplers: what they draw, and loaders that resume with them in the middle of an epoch."""

import numpy as np
import pytest

import nn
from nn import data

ITEMS = data.TensorDataset(np.arange(10) * 10)


def rng(seed=0):
    return np.random.default_rng(seed)


def test_what_each_draws():
    assert list(data.SequentialSampler(ITEMS)) == list(range(10))
    drawn = list(data.RandomSampler(ITEMS, generator=rng()))
    assert sorted(drawn) == list(range(10)) and drawn != list(range(10))
    several = list(data.RandomSampler(ITEMS, num_samples=25, generator=rng()))
    assert sorted(several[:10]) == sorted(several[10:20]) == list(range(10))
    assert len(several) == 25 and len(set(several[20:])) == 5
    again = list(data.RandomSampler(ITEMS, True, 200, rng()))
    assert len(again) == 200 and set(again) == set(range(10))
    assert sorted(data.SubsetRandomSampler([7, 3, 3], rng())) == [3, 3, 7]


def test_weights_are_shares():
    drawn = list(data.WeightedRandomSampler([1.0, 0.0, 3.0], 4000, generator=rng()))
    counts = np.bincount(drawn, minlength=3)
    assert counts[1] == 0 and counts[2] / 4000 == pytest.approx(0.75, abs=0.03)
    once = list(data.WeightedRandomSampler([1.0, 0.0, 3.0, 2.0], 3, False, rng()))
    assert sorted(once) == [0, 2, 3]


@pytest.mark.parametrize(
    "make",
    [
        lambda: {"sampler": data.RandomSampler(ITEMS), "batch_size": 3},
        lambda: {"sampler": data.WeightedRandomSampler(np.arange(1, 11), 14), "batch_size": 4},
        lambda: {"sampler": data.SubsetRandomSampler([1, 5, 8, 9, 2]), "batch_size": 2, "drop_last": True},
        lambda: {"sampler": [4, 4, 0], "batch_size": 1},
        lambda: {"batch_sampler": data.BatchSampler(data.RandomSampler(ITEMS), 3, False)},
        lambda: {"batch_sampler": [[0, 1], [5], [2, 2, 2]]},
    ],
)  # fmt: skip
def test_a_loader_resumes_in_the_middle_of_an_epoch(make):
    def batches(loader):
        return [x.tolist() for (x,) in loader]

    loader = data.DataLoader(ITEMS, **make(), seed=5)
    whole = [batches(loader), batches(loader)]
    assert all(len(epoch) == len(loader) for epoch in whole)
    stopped = data.DataLoader(ITEMS, **make(), seed=5)
    batches(stopped)
    next(iter(stopped))
    resumed = data.DataLoader(ITEMS, **make(), seed=99)
    resumed.load_state_dict(stopped.state_dict())
    assert batches(resumed) == whole[1][1:]


def loader_of(seed):
    return data.DataLoader(ITEMS, 10, sampler=data.RandomSampler(ITEMS), generator=rng(seed))


def test_epochs_differ_and_the_generator_decides():
    loader = loader_of(1)
    epochs = [[x.tolist() for (x,) in loader] for _ in range(2)]
    assert epochs[0] != epochs[1]
    orders = [loader_of(seed).order(0).tolist() for seed in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]


def test_a_model_learns_from_drawn_samples():
    x = np.linspace(-1.0, 1.0, 20)[:, None]
    items = data.TensorDataset(x, 2.0 * x)
    model = nn.Linear(1, 1)
    loader = data.DataLoader(items, 5, sampler=data.RandomSampler(items, True, 40))
    optimizer = nn.optim.SGD(model.parameters(), lr=0.3)
    for _ in range(10):
        for a, b in loader:
            loss = nn.functional.mse_loss(model(a), b)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    assert model.weight.item() == pytest.approx(2.0, abs=0.01)


def test_refusals():
    with pytest.raises(ValueError, match="DataLoader: got a sampler and shuffle=True"):
        data.DataLoader(ITEMS, shuffle=True, sampler=[0])
    with pytest.raises(ValueError, match="the batch_sampler alone"):
        data.DataLoader(ITEMS, 2, batch_sampler=[[0]])
    with pytest.raises(TypeError, match="DataLoader: got an int as sampler"):
        data.DataLoader(ITEMS, sampler=3)
    with pytest.raises(
        ValueError, match="WeightedRandomSampler: got 1 weights above 0 for 2 samples"
    ):
        data.WeightedRandomSampler([0.0, 1.0], 2, False)
    with pytest.raises(ValueError, match="a weight that is negative"):
        data.WeightedRandomSampler([-1.0, 1.0], 2)
    with pytest.raises(NotImplementedError, match=r"order\(self, generator\)"):
        list(data.Sampler())

    class Short(data.Sampler):
        def __len__(self):
            return 3

        def order(self, generator):
            return np.arange(2)

    with pytest.raises(ValueError, match="order of Short: got indices of shape"):
        list(data.DataLoader(ITEMS, sampler=Short()))


def test_weights_whose_sum_overflows():
    assert set(nn.data.WeightedRandomSampler([1e308, 1e308, 0.0], 40)) == {0, 1}
