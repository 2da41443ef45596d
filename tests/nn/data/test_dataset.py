"""Data sets: joined, split and selected."""

import numpy as np
import pytest

import autograd as ag
from nn.data import ConcatDataset, DataLoader, Dataset, Subset, TensorDataset, random_split


class Squares(Dataset):
    def __len__(self):
        return 7

    def __getitem__(self, index):
        return {"x": np.full(2, float(index)), "y": index**2, "name": f"n{index}"}


def batches(loader):
    return [x.tolist() for (x,) in loader]


def numbers(n=10):
    return TensorDataset(np.arange(n))


def test_splits_subsets_and_joined_sets():
    ag.random.seed(0)
    parts = random_split(numbers(), [7, 3])
    assert sorted(int(x[0]) for part in parts for x in part) == list(range(10))
    assert [len(p) for p in random_split(numbers(11), [0.5, 0.5])] == [6, 5]
    shares = ([1.0], [0.0, 1.0], [1.0, 0.0], [10], [0, 10])
    lengths = [[len(part) for part in random_split(numbers(), share)] for share in shares]
    assert lengths == [[10], [0, 10], [10, 0], [10], [0, 10]]
    same = [random_split(numbers(), [9, 1], np.random.default_rng(3))[1][0] for _ in range(2)]
    assert same[0] == same[1]
    subset = Subset(Squares(), [6, 0])
    assert subset[0]["y"] == 36 and not subset.takes_arrays
    assert batches(DataLoader(Subset(numbers(), [4, 2, 0]), 2)) == [[4, 2], [0]]
    joined = ConcatDataset([numbers(3), numbers(2)])
    assert len(joined) == 5 and [int(joined[i][0]) for i in range(-5, 5)] == [0, 1, 2, 0, 1] * 2


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: TensorDataset(np.ones(2), np.ones(3)), ag.ShapeError, r"got arrays of shapes \[\(2,\), \(3,\)\]"),
        (lambda: TensorDataset(), ag.ShapeError, "expected one or more"),
        (lambda: Subset(numbers(), [10]), IndexError, "got index 10; expected indices of the 10"),
        (lambda: ConcatDataset([]), ValueError, "got no data sets"),
        (lambda: ConcatDataset([[1]])[1], IndexError, "got index 1; expected 0, the only sample"),
        (lambda: random_split(numbers(), [7, 4]), ValueError, "expected whole numbers with a sum of 10"),
        (lambda: random_split(numbers(), [0.7, 0.4]), ValueError, "expected a sum of 1"),
        (lambda: TensorDataset([[1, 2], [3]]), ag.ShapeError, "got a list whose entries have different shapes"),
        (lambda: numbers()[10], IndexError, "TensorDataset: got index 10; expected one of the 10 samples"),
        (lambda: numbers()["a"], IndexError, "TensorDataset: got index 'a'"),
        (lambda: Subset(3, [0]), TypeError, "Subset: got an int; expected a data set with a length"),
        (lambda: Subset(numbers(), 3), TypeError, "got indices=3; expected a list of indices"),
        (lambda: Subset(numbers(), [1.5]), TypeError, "got indices of dtype float64; expected integers"),
        (lambda: Subset(numbers(), [True] * 10), TypeError, "got indices of dtype bool; expected integers"),
        (lambda: Subset(numbers(), [0])[1], IndexError, "Subset: got index 1; expected 0, the only sample"),
        (lambda: ConcatDataset(3), TypeError, "got an int; expected a list of data sets"),
        (lambda: ConcatDataset([3]), TypeError, "ConcatDataset: got an int; expected a data set"),
        (lambda: ConcatDataset([[1]])["a"], IndexError, "got index 'a'; expected 0, the only sample"),
        (lambda: random_split(3, [1]), TypeError, "random_split: got an int; expected a data set"),
        (lambda: random_split(numbers(), 3), TypeError, "got lengths=3; expected numbers of samples"),
        (lambda: random_split(numbers(), ["a"]), TypeError, r"got lengths=\['a'\]"),
        (lambda: random_split(numbers(), [7.5, 2.5]), ValueError, r"got lengths \[7.5, 2.5\]; expected whole numbers"),
        (lambda: random_split(numbers(), [float("nan")]), ValueError, r"got lengths \[nan\]"),
        (lambda: random_split(numbers(), [1.5, -0.5]), ValueError, r"got shares \[1.5, -0.5\]; expected a sum of 1"),
        (lambda: random_split(numbers(), []), ValueError, "expected whole numbers with a sum of 10"),
        (lambda: len(Dataset()), NotImplementedError, "Dataset: got a class without __len__; define __len__"),
        (lambda: Dataset()[0], NotImplementedError, "Dataset: got a class without __getitem__; define __getitem__"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_flags_are_no_lengths():
    with pytest.raises(TypeError, match=r"random_split: got lengths=.*; expected numbers"):
        random_split(TensorDataset(np.arange(10)), [True, 9])
