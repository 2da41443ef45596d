"""Data sets: samples by index, joined, split and selected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import ShapeError, Tensor
from autograd.errors import message
from nn.arguments import generator_or_default


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
        raise NotImplementedError(f"{type(self).__name__} defines no __len__()")

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} defines no __getitem__(index)")


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
        self.arrays = tuple(
            np.asarray(a.detach()) if isinstance(a, Tensor) else np.asarray(a) for a in arrays
        )
        shapes = [a.shape for a in self.arrays]
        if not shapes or () in shapes or len({shape[0] for shape in shapes}) > 1:
            raise ShapeError(
                message(
                    "TensorDataset",
                    f"arrays of shapes {shapes}",
                    "one or more arrays whose first axes have the same length",
                )
            )

    def __len__(self) -> int:
        return len(self.arrays[0])

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        return tuple(a[index] for a in self.arrays)


class Subset(Dataset):
    """A selection of the samples of a data set.

    Args:
        dataset: the data set.
        indices: the indices of the samples.

    Raises:
        IndexError: an index is out of range.

    Example:
        >>> from nn.data import Subset, TensorDataset
        >>> Subset(TensorDataset(np.arange(5)), [4, 0])[0]
        (np.int64(4),)
    """

    def __init__(self, dataset: Any, indices: Any) -> None:
        self.dataset, self.indices = dataset, np.array(indices, dtype=int)
        n = len(dataset)
        if self.indices.size and not -n <= self.indices.min() <= self.indices.max() < n:
            raise IndexError(
                message(
                    "Subset",
                    f"indices from {self.indices.min()} to {self.indices.max()}",
                    f"indices of the {n} samples",
                )
            )
        self.takes_arrays = getattr(dataset, "takes_arrays", False)

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: Any) -> Any:
        chosen = self.indices[index]
        return self.dataset[chosen if np.ndim(chosen) else int(chosen)]


class ConcatDataset(Dataset):
    """Several data sets, one after the other.

    Args:
        datasets: the data sets.

    Raises:
        ValueError: there are no data sets.

    Example:
        >>> from nn.data import ConcatDataset
        >>> data = ConcatDataset([[1, 2], [3]])
        >>> len(data), data[2], data[-1]
        (3, 3, 3)
    """

    def __init__(self, datasets: Sequence[Any]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise ValueError(message("ConcatDataset", "no data sets", "one or more"))
        self._ends = np.cumsum([len(d) for d in self.datasets])

    def __len__(self) -> int:
        return int(self._ends[-1])

    def __getitem__(self, index: int) -> Any:
        n = len(self)
        if not -n <= index < n:
            raise IndexError(message("ConcatDataset", f"index {index}", f"one of the {n} samples"))
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
        ValueError: the lengths do not sum to the number of samples.

    Example:
        >>> from nn.data import TensorDataset, random_split
        >>> [len(part) for part in random_split(TensorDataset(np.arange(10)), [0.75, 0.25])]
        [8, 2]
    """
    n = len(dataset)
    counts = [int(length) for length in lengths]
    # [1.0] and [0.0, 1.0] are shares although they equal integers.
    if any(isinstance(length, (float, np.floating)) for length in lengths) and sum(counts) <= 1:
        if abs(sum(lengths) - 1.0) > 1e-9 or min(lengths) < 0:
            raise ValueError(message("random_split", f"shares {list(lengths)}", "a sum of 1"))
        counts = [int(n * share) for share in lengths]
        for i in range(n - sum(counts)):
            counts[i % len(counts)] += 1
    if sum(counts) != n or min(counts) < 0:
        raise ValueError(message("random_split", f"lengths {counts}", f"a sum of {n}"))
    order = generator_or_default("random_split", generator).permutation(n)
    ends = np.cumsum(counts)
    return [Subset(dataset, order[end - m : end]) for m, end in zip(counts, ends, strict=True)]
