"""Data sets: samples by index, joined, split and selected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np

from autograd import ShapeError, data_of
from autograd.errors import described, kind, message, span
from nn.arguments import generator_or_default, integers, undefined


def check_dataset(what: str, dataset: Any) -> None:
    """Check that an object has a length and a sample for each index.

    Raises:
        TypeError: it does not.
    """
    fits = hasattr(dataset, "__len__") and hasattr(dataset, "__getitem__")
    if isinstance(dataset, Mapping):
        fits = set(dataset) == set(range(len(dataset)))
    if not fits or isinstance(dataset, type):
        hint = "pass for instance nn.data.TensorDataset(inputs, targets)"
        raise TypeError(message(what, kind(dataset), "a data set with a length and indices", hint))


class Dataset:
    """The base of data sets, which have a length and a sample for each index.

    Example:
        >>> from nn.data import Dataset
        >>> class Squares(Dataset):
        ...     def __len__(self):
        ...         return 5
        ...
        ...     def __getitem__(self, index):
        ...         return np.array([float(index)]), index**2
        >>> Squares()[3]
        (array([3.]), 9)
    """

    # Whether an array of indices returns a whole batch; a loader then does not collate samples.
    takes_arrays = False

    def __len__(self) -> int:
        raise undefined(self, "__len__(self)", "returns the number of samples")

    def __getitem__(self, index: Any) -> Any:
        raise undefined(self, "__getitem__(self, index)", "returns the sample at an index")


class TensorDataset(Dataset):
    """Arrays whose first axis counts samples; sample i is the tuple of the i-th entries.

    Args:
        arrays: arrays or Tensors, which are not copied.

    Raises:
        ShapeError: their first axes differ in length.

    Example:
        >>> from nn.data import TensorDataset
        >>> data = TensorDataset(np.eye(3), np.array([7, 8, 9]))
        >>> len(data), data[1]
        (3, (array([0., 1., 0.]), np.int64(8)))
    """

    takes_arrays = True

    def __init__(self, *arrays: Any) -> None:
        expected = "one or more arrays whose first axes have the same length"
        try:
            self.arrays = tuple(np.asarray(data_of(a)) for a in arrays)
        except ValueError:
            got = "a list whose entries have different shapes"
            raise ShapeError(message("TensorDataset", got, expected)) from None
        shapes = [a.shape for a in self.arrays]
        if not shapes or () in shapes or len({shape[0] for shape in shapes}) > 1:
            raise ShapeError(message("TensorDataset", f"arrays of shapes {shapes}", expected))

    def __len__(self) -> int:
        return len(self.arrays[0])

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        try:
            return tuple(a[index] for a in self.arrays)
        except IndexError:
            raise _no_sample("TensorDataset", index, len(self)) from None


class Subset(Dataset):
    """A selection of the samples of a data set.

    Args:
        dataset: the data set.
        indices: the indices of the samples.

    Raises:
        TypeError: `dataset` has no length or cannot be indexed, or an index is not an integer.
        IndexError: an index is out of range.

    Example:
        >>> from nn.data import Subset, TensorDataset
        >>> Subset(TensorDataset(np.arange(5)), [4, 0])[0]
        (np.int64(4),)
    """

    def __init__(self, dataset: Any, indices: Any) -> None:
        check_dataset("Subset", dataset)
        self.dataset, n = dataset, len(dataset)
        if not isinstance(indices, Iterable):
            raise TypeError(message("Subset", f"indices={described(indices)}", "a list of indices"))
        self.indices = np.array(integers([*indices], "Subset", "indices"))
        if self.indices.size and not -n <= self.indices.min() <= self.indices.max() < n:
            got = span(self.indices.min(), self.indices.max())
            expected = "indices of the only sample" if n == 1 else f"indices of the {n} samples"
            raise IndexError(message("Subset", got, expected))
        self.takes_arrays = getattr(dataset, "takes_arrays", False)

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: Any) -> Any:
        try:
            chosen = self.indices[index]
        except IndexError:
            raise _no_sample("Subset", index, len(self)) from None
        return self.dataset[chosen if np.ndim(chosen) else int(chosen)]


class ConcatDataset(Dataset):
    """Several data sets, one after the other.

    Args:
        datasets: the data sets.

    Raises:
        TypeError: one has no length or cannot be indexed.
        ValueError: there are no data sets.

    Example:
        >>> from nn.data import ConcatDataset
        >>> data = ConcatDataset([[1, 2], [3]])
        >>> len(data), data[2], data[-1]
        (3, 3, 3)
    """

    def __init__(self, datasets: Iterable[Any]) -> None:
        if not isinstance(datasets, Iterable):
            raise TypeError(message("ConcatDataset", kind(datasets), "a list of data sets"))
        self.datasets = list(datasets)
        if not self.datasets:
            raise ValueError(message("ConcatDataset", "no data sets", "one or more"))
        for dataset in self.datasets:
            check_dataset("ConcatDataset", dataset)
        self._ends = np.cumsum([len(d) for d in self.datasets])

    def __len__(self) -> int:
        return int(self._ends[-1])

    def __getitem__(self, index: int) -> Any:
        n = len(self)
        if not hasattr(index, "__index__") or not -n <= index < n:
            raise _no_sample("ConcatDataset", index, n)
        place = int(np.searchsorted(self._ends, index % n, side="right"))
        before = int(self._ends[place - 1]) if place else 0
        return self.datasets[place][index % n - before]


def random_split(
    dataset: Any, lengths: Sequence[float], generator: np.random.Generator | None = None
) -> list[Subset]:
    """Split a data set at random.

    Args:
        dataset: the data set.
        lengths: the number of samples of each part; or shares that sum to 1, where the first parts
            get one more sample each until none is left over.
        generator: the source of randomness; by default that of `autograd.random`.

    Raises:
        TypeError: `dataset` has no length or cannot be indexed, or `lengths` are not numbers.
        ValueError: the lengths do not sum to the number of samples.

    Example:
        >>> from nn.data import TensorDataset, random_split
        >>> [len(part) for part in random_split(TensorDataset(np.arange(10)), [0.75, 0.25])]
        [8, 2]
    """
    what = "random_split"
    check_dataset(what, dataset)
    n = len(dataset)
    if not isinstance(lengths, Iterable) or not all(
        isinstance(x, Real) and not isinstance(x, bool) for x in lengths
    ):
        got = f"lengths={described(lengths)}"
        raise TypeError(message(what, got, "numbers of samples, or shares that sum to 1"))
    given = [float(length) for length in lengths]
    # [1.0] and [0.0, 1.0] are shares although they equal integers.
    if any(isinstance(length, (float, np.floating)) for length in lengths) and sum(given) < 2.0:
        if not (abs(sum(given) - 1.0) <= 1e-9 and min(given) >= 0.0):
            raise ValueError(message(what, f"shares {given}", "a sum of 1"))
        counts = [int(n * share) for share in given]
        for i in range(n - sum(counts)):
            counts[i % len(counts)] += 1
    else:
        if sum(given) != n or not all(x >= 0.0 and x.is_integer() for x in given):
            got = f"lengths {list(lengths)}"
            raise ValueError(message(what, got, f"whole numbers with a sum of {n}"))
        counts = [int(x) for x in given]
    order = generator_or_default(what, generator).permutation(n)
    ends = np.cumsum(counts)
    return [Subset(dataset, order[end - m : end]) for m, end in zip(counts, ends, strict=True)]


def _no_sample(what: str, index: Any, count: int) -> IndexError:
    """The error for an index without a sample, at which a `for` loop over a data set ends."""
    expected = "0, the only sample" if count == 1 else f"one of the {count} samples"
    return IndexError(message(what, f"index {described(index)}", expected))
