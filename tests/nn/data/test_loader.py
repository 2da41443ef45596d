"""DataLoader: batches, collating, orders, and resuming in the middle of an epoch."""

import itertools
from typing import NamedTuple

import numpy as np
import pytest

import autograd as ag
from nn import data
from nn.data import DataLoader, Dataset, TensorDataset


class Squares(Dataset):
    def __len__(self):
        return 7

    def __getitem__(self, index):
        return {"x": np.full(2, float(index)), "y": index**2, "name": f"n{index}"}


def batches(loader):
    return [x.tolist() for (x,) in loader]


def numbers(n=10):
    return TensorDataset(np.arange(n))


def test_batches_of_arrays_and_of_samples():
    loader = DataLoader(TensorDataset(np.arange(5), np.eye(5)), batch_size=2)
    x, y = next(iter(loader))
    assert x.tolist() == [0, 1] and y.shape == (2, 5) and len(loader) == 3
    assert len(DataLoader(numbers(), 3, drop_last=True)) == 3
    assert [len(b) for b in batches(DataLoader(numbers(), 3, drop_last=True))] == [3, 3, 3]
    last = list(DataLoader(Squares(), 4))[-1]
    assert last["x"].tolist() == [[4.0, 4.0], [5.0, 5.0], [6.0, 6.0]]
    assert last["y"].tolist() == [16, 25, 36] and last["name"] == ["n4", "n5", "n6"]
    own = DataLoader(Squares(), 4, collate_fn=len)
    assert list(own) == [4, 3]
    assert batches(DataLoader(TensorDataset(ag.Tensor([1.0, 2.0])), 2)) == [[1.0, 2.0]]


def test_collating_keeps_the_shape_of_samples():
    class Pair(NamedTuple):
        a: int
        b: float

    pairs = data.default_collate([Pair(1, 2.0), Pair(3, 4.0)])
    assert isinstance(pairs, Pair) and pairs.b.dtype == np.float64 and pairs.a.dtype == np.int64
    assert data.default_collate([[1, True], [2, False]])[1].dtype == np.bool_
    assert data.default_collate([ag.Tensor([1.0]), ag.Tensor([2.0])]).tolist() == [[1.0], [2.0]]
    with pytest.raises(
        ag.ShapeError, match=r"got shape \(2,\) for sample 0 and \(3,\) for sample 1"
    ):
        data.default_collate([np.ones(2), np.ones(3)])


def test_every_epoch_has_its_order_which_follows_from_the_seed():
    a, b = (DataLoader(numbers(), 3, shuffle=True, seed=5) for _ in range(2))
    first, second = batches(a), batches(a)
    assert first != second and sorted(itertools.chain(*first)) == list(range(10))
    assert [batches(b), batches(b)] == [first, second]
    ag.random.seed(1)
    c = DataLoader(numbers(), 3, shuffle=True)
    ag.random.seed(1)
    assert batches(DataLoader(numbers(), 3, shuffle=True)) == batches(c)
    assert batches(DataLoader(numbers(), 10)) == [list(range(10))]


@pytest.mark.parametrize("stop", range(5))
def test_a_loader_goes_on_in_the_middle_of_an_epoch(stop):
    whole = DataLoader(numbers(), 3, shuffle=True, seed=5)
    expected = [batches(whole) for _ in range(3)]
    first = DataLoader(numbers(), 3, shuffle=True, seed=5)
    batches(first)
    begun = [x.tolist() for (x,) in itertools.islice(first, stop)]
    second = DataLoader(numbers(), 3, shuffle=True, seed=99)
    second.load_state_dict(first.state_dict())
    assert begun + batches(second) == expected[1]
    assert batches(second) == expected[2]


@pytest.mark.parametrize(
    ("other", "name"),
    [
        (lambda: DataLoader(numbers(), 2, shuffle=True), "batch_size=3; expected batch_size=2"),
        (lambda: DataLoader(numbers(), 3), "shuffle=True; expected shuffle=False"),
        (lambda: DataLoader(TensorDataset(np.arange(7)), 3, shuffle=True), "samples=10; expected"),
    ],
)
def test_the_state_of_a_loader_that_is_made_otherwise_is_refused(other, name):
    """Or samples would be left out or repeated without a word."""
    loader, other = DataLoader(numbers(), 3, shuffle=True, seed=5), other()
    before = other.state_dict()
    batches(loader)
    next(iter(loader))
    with pytest.raises(ValueError, match=rf"got a state of a loader with {name}"):
        other.load_state_dict(loader.state_dict())
    assert other.state_dict() == before


def test_between_epochs_the_data_may_grow_but_not_the_batch_size():
    loader = DataLoader(numbers(), 3, shuffle=True, seed=5)
    batches(loader)
    grown = DataLoader(TensorDataset(np.arange(12)), 3)
    grown.load_state_dict(loader.state_dict())
    assert (grown.seed, grown.epoch, len(batches(grown))) == (5, 1, 4)
    with pytest.raises(ValueError, match="batch_size=3; expected batch_size=4"):
        DataLoader(numbers(), 4).load_state_dict(loader.state_dict())


def test_the_state_of_an_earlier_version_has_no_batch_size():
    loader = DataLoader(numbers(), 3)
    loader.load_state_dict({"seed": 5, "epoch": 2, "batch": 1})
    assert (loader.seed, loader.epoch, loader.batch, len(batches(loader))) == (5, 2, 1, 3)


def test_an_epoch_left_early_is_over_and_iterators_are_independent():
    loader = DataLoader(numbers(), 3, shuffle=True, seed=5)
    reference = DataLoader(numbers(), 3, shuffle=True, seed=5)
    expected = [batches(reference) for _ in range(4)]
    for _ in loader:
        break
    assert batches(loader) == expected[1]
    one, other = iter(loader), iter(loader)
    pairs = [(a.tolist(), b.tolist()) for (a,), (b,) in zip(one, other, strict=True)]
    assert [[a for a, _ in pairs], [b for _, b in pairs]] == expected[2:]


def test_pytorchs_defaults_are_accepted_in_pytorchs_order():
    options = (None, None, None, 0, len, False, True, 0, None, None, np.random.default_rng(5))
    loader = DataLoader(numbers(), 3, *options)
    assert list(loader) == [3, 3, 3] and not loader.shuffle
    again = DataLoader(numbers(), 3, generator=np.random.default_rng(5))
    assert loader.seed == again.seed != DataLoader(numbers(), 3).seed
    DataLoader(
        numbers(),
        prefetch_factor=None,
        persistent_workers=False,
        pin_memory_device="",
        in_order=True,
    )


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("num_workers", 2),
        ("pin_memory", True),
        ("timeout", 1.0),
        ("worker_init_fn", print),
        ("multiprocessing_context", "fork"),
        ("prefetch_factor", 2),
        ("persistent_workers", True),
        ("pin_memory_device", "cuda"),
        ("in_order", False),
    ],
)
def test_options_without_a_counterpart_are_refused_with_a_reason(option, value):
    with pytest.raises(TypeError, match=rf"DataLoader: got {option}=.*; expected .*; \w+ "):
        DataLoader(numbers(), **{option: value})


@pytest.mark.parametrize("samples", [[], [np.ones(2), 1.5, 2], [None, "a"], [True, 2.5]])
def test_collating_what_is_alike_in_kind(samples):
    if not samples:
        assert list(DataLoader(samples, 2)) == list(DataLoader(samples, 2, shuffle=True)) == []
    elif isinstance(samples[0], np.ndarray):
        assert data.default_collate([np.float32(1.0), np.ones(()), 2]).tolist() == [1.0, 1.0, 2.0]
    else:
        assert list(data.default_collate(samples)) == samples


@pytest.mark.parametrize(
    ("samples", "error", "message"),
    [
        (
            [1, "a"],
            TypeError,
            "got an int for sample 0 and a str for sample 1; expected samples of",
        ),
        ([(1, 2), 3], TypeError, "got a tuple for sample 0 and an int for sample 1"),
        ([np.ones(2), 3], ag.ShapeError, r"got shape \(2,\) for sample 0 and \(\) for sample 1"),
        (
            [(1, 2), (1,)],
            ag.ShapeError,
            "got length 2 for sample 0 and 1 for sample 1; expected eq",
        ),
        (
            [{"a": 1}, {"b": 1}],
            ValueError,
            r"got keys \['a'\] for sample 0 and \['b'\] for sample 1",
        ),
        ([], ValueError, r"got \[\]; expected a list of one or more samples"),
        (3, ValueError, "got 3; expected a list of one or more samples"),
    ],
)
def test_samples_that_differ_are_refused(samples, error, message):
    with pytest.raises(error, match=f"default_collate: {message}"):
        data.default_collate(samples)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: DataLoader(TensorDataset), TypeError, "got the class TensorDataset; expected a data"),
        (lambda: DataLoader({"a": 1}), TypeError, "got a dict; expected a data set with a length"),
        (lambda: DataLoader(numbers(), 1.5), ValueError, "got batch_size=1.5"),
        (lambda: DataLoader(numbers(), None), ValueError, "got batch_size=None"),
        (lambda: DataLoader(numbers(), shuffle="yes"), TypeError, "got shuffle='yes'; expected True or False"),
        (lambda: DataLoader(numbers(), drop_last=3), TypeError, "got drop_last=3; expected True or False"),
        (lambda: DataLoader(numbers(), collate_fn=3), TypeError, "got an int as collate_fn; expected a function"),
        (lambda: DataLoader(numbers(), generator=3), TypeError, "got generator=3; expected a numpy.random.Gen"),
        (lambda: DataLoader(3), TypeError, "got an int; expected a data set with a length"),
        (lambda: DataLoader(numbers(), 0), ValueError, "got batch_size=0"),
        (lambda: DataLoader(numbers(), seed=-1), ValueError, "got seed=-1"),
        (lambda: DataLoader(numbers()).load_state_dict({"seed": 1}), ValueError, r"got keys \['seed'\]; expected keys \['seed', 'epoch', 'batch'\]"),
        (lambda: DataLoader(numbers()).load_state_dict({"seed": 1, "epoch": 0, "batch": 11}), ValueError, "got batch 11; expected at most the 10"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_loader_that_drops_the_last_batch_is_another():
    data = TensorDataset(np.arange(10))
    loader = DataLoader(data, 4, shuffle=True, seed=1)
    other = DataLoader(data, 4, shuffle=True, seed=2, drop_last=True)
    next(iter(loader))
    with pytest.raises(ValueError, match="a loader with drop_last=False; expected drop_last=True"):
        other.load_state_dict(loader.state_dict())
    list(iter(loader))
    other.load_state_dict(loader.state_dict())  # between epochs, as with other data
    assert [b[0].tolist() for b in other] == [b[0].tolist() for b in loader][:2]


def test_a_samplers_own_generator_draws_the_seed():
    def batches(wrap):
        sampler = data.RandomSampler(range(20), generator=np.random.default_rng(3))
        loader = data.DataLoader(np.arange(20), **wrap(sampler))
        return [b.tolist() for b in loader]

    alone = [batches(lambda s: {"sampler": s, "batch_size": 4}) for _ in range(2)]
    assert alone[0] == alone[1]
    grouped = [batches(lambda s: {"batch_sampler": data.BatchSampler(s, 4, False)}) for _ in "ab"]
    assert grouped[0] == grouped[1]


def test_iterators_side_by_side_have_orders_of_their_own():
    loader = data.DataLoader(np.arange(64), 64, shuffle=True, seed=1)
    pairs = [(a.tolist(), b.tolist()) for a, b in zip(loader, loader, strict=True)]
    assert pairs[0][0] != pairs[0][1]
    assert loader.state_dict()["epoch"] == 2
    third = next(iter(loader)).tolist()
    again = data.DataLoader(np.arange(64), 64, shuffle=True, seed=1)
    one_by_one = [next(iter(again)).tolist() for _ in range(3)]
    assert one_by_one == [*pairs[0], third]
    with pytest.raises(ValueError, match=r"batch_size=None.*iterate over the data set"):
        data.DataLoader(np.arange(3), batch_size=None)
