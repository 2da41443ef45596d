"""Data sets, and loaders that hand out batches and can go on in the middle of an epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograd import ShapeError, Tensor
from nn.arguments import size, source


class Dataset:
    """The base of data sets: what has a length, and a sample for each index.

    Example:
        >>> from nn.data.data import Dataset
        >>> class Squares(Dataset):
        ...     def __len__(self):
        ...         return 5
        ...
        ...     def __getitem__(self, index):
        ...         return np.array([float(index)]), index**2
        >>> Squares()[3]
        (array([3.]), 9)
    """

    # Whether an array of indices gives a whole batch at once; a loader then asks for no samples.
    takes_arrays = False

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} defines no __len__()")

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} defines no __getitem__(index)")


class TensorDataset(Dataset):
    """Arrays whose first axis counts samples; sample i is the tuple of the i-th entries.

    Args:
        arrays: arrays or Tensors, which are kept without copying.

    Raises:
        ShapeError: their first axes differ in length.

    Example:
        >>> from nn.data.data import TensorDataset
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
                f"TensorDataset: arrays of shapes {shapes} came; one or more are expected, with "
                "first "
                "axes of one length"
            )

    def __len__(self) -> int:
        return len(self.arrays[0])

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        return tuple(a[index] for a in self.arrays)


class Subset(Dataset):
    """Some samples of a data set.

    Args:
        dataset: the data set.
        indices: which.

    Raises:
        IndexError: an index is out of range.

    Example:
        >>> from nn.data.data import Subset, TensorDataset
        >>> Subset(TensorDataset(np.arange(5)), [4, 0])[0]
        (np.int64(4),)
    """

    def __init__(self, dataset: Any, indices: Any) -> None:
        self.dataset, self.indices = dataset, np.array(indices, dtype=int)
        n = len(dataset)
        if self.indices.size and not -n <= self.indices.min() <= self.indices.max() < n:
            raise IndexError(
                f"Subset: indices from {self.indices.min()} to {self.indices.max()} came; there "
                "are "
                f"{n} samples"
            )
        self.takes_arrays = getattr(dataset, "takes_arrays", False)

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: Any) -> Any:
        chosen = self.indices[index]
        return self.dataset[chosen if np.ndim(chosen) else int(chosen)]


class ConcatDataset(Dataset):
    """Data sets one after the other.

    Args:
        datasets: the data sets.

    Raises:
        ValueError: there are none.

    Example:
        >>> from nn.data.data import ConcatDataset
        >>> data = ConcatDataset([[1, 2], [3]])
        >>> len(data), data[2], data[-1]
        (3, 3, 3)
    """

    def __init__(self, datasets: Sequence[Any]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise ValueError("ConcatDataset: no data sets came; one or more are expected")
        self._ends = np.cumsum([len(d) for d in self.datasets])

    def __len__(self) -> int:
        return int(self._ends[-1])

    def __getitem__(self, index: int) -> Any:
        n = len(self)
        if not -n <= index < n:
            raise IndexError(f"ConcatDataset: index {index} came; there are {n} samples")
        place = int(np.searchsorted(self._ends, index % n, side="right"))
        before = int(self._ends[place - 1]) if place else 0
        return self.datasets[place][index % n - before]


def random_split(
    dataset: Any, lengths: Sequence[float], generator: np.random.Generator | None = None
) -> list[Subset]:
    """Divide a data set at random.

    Args:
        dataset: the data set.
        lengths: how many samples each part has; or shares that sum to 1, what is left over by
            rounding going to the first parts, one each.
        generator: the source of randomness; by default that of `autograd.random`.

    Raises:
        ValueError: the lengths sum to something else.

    Example:
        >>> from nn.data.data import TensorDataset, random_split
        >>> [len(part) for part in random_split(TensorDataset(np.arange(10)), [0.75, 0.25])]
        [8, 2]
    """
    n = len(dataset)
    counts = [int(length) for length in lengths]
    if counts != list(lengths):
        if abs(sum(lengths) - 1.0) > 1e-9 or min(lengths) < 0:
            raise ValueError(f"random_split: shares {list(lengths)} came; a sum of 1 is expected")
        counts = [int(n * share) for share in lengths]
        for i in range(n - sum(counts)):
            counts[i % len(counts)] += 1
    if sum(counts) != n or min(counts) < 0:
        raise ValueError(f"random_split: lengths {counts} came; a sum of {n} is expected")
    order = source("random_split", generator).permutation(n)
    ends = np.cumsum(counts)
    return [Subset(dataset, order[end - m : end]) for m, end in zip(counts, ends, strict=True)]


class DataLoader:
    """Batches of a data set, in order or shuffled anew for each epoch.

    The order of epoch e follows from the seed and e alone. So the state is three numbers, and a
    loader that takes them over goes on in the middle of an epoch with the very batches that were
    left.

    Args:
        dataset: what has a length and a sample for each index.
        batch_size: how many samples a batch has.
        shuffle: whether each epoch has an order of its own.
        drop_last: whether a last batch with fewer samples is left out.
        collate_fn: makes a batch of a list of samples; by default `default_collate`.
        seed: of the orders; by default drawn from the generator of `autograd.random`.

    Attributes:
        epoch: the number of the epoch that runs, or runs next.
        batch: how many batches of it were handed out.

    Raises:
        ValueError: batch_size is no positive integer, or the seed none from 0 on.
        TypeError: the data set has no length.

    Two iterators over one loader are independent; the state is that of the one that handed out the
    latest batch. Leaving a loop early ends the epoch.

    Example:
        >>> from nn.data.data import DataLoader, TensorDataset
        >>> loader = DataLoader(TensorDataset(np.arange(5) * 10), batch_size=2)
        >>> [x.tolist() for x, in loader]
        [[0, 10], [20, 30], [40]]
        >>> loader.state_dict()["epoch"]
        1
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int = 1,
        shuffle: bool = False,
        drop_last: bool = False,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        *,
        seed: int | None = None,
    ) -> None:
        if not hasattr(dataset, "__len__") or not hasattr(dataset, "__getitem__"):
            raise TypeError(
                f"DataLoader: a {type(dataset).__name__} came; a data set with a length and "
                "indices is "
                "expected, e.g. nn.data.TensorDataset(inputs, targets)"
            )
        self.dataset, self.shuffle, self.drop_last = dataset, shuffle, drop_last
        self.batch_size = size("DataLoader", "batch_size", batch_size, 1)
        self.collate_fn = collate_fn
        if seed is None:
            seed = int(source("DataLoader", None).integers(2**63))
        self.seed = size("DataLoader", "seed", seed)
        self.epoch = self.batch = 0
        self._goes_on = False

    def __len__(self) -> int:
        n = len(self.dataset)
        return n // self.batch_size if self.drop_last else -(n // -self.batch_size)

    def order(self, epoch: int) -> Any:
        """The indices of an epoch, in the order in which they come."""
        n = len(self.dataset)
        if not self.shuffle:
            return np.arange(n)
        return np.random.default_rng([self.seed, epoch]).permutation(n)

    def __iter__(self) -> Iterator[Any]:
        if self.batch and not self._goes_on:  # the epoch before was left early
            self.epoch, self.batch = self.epoch + 1, 0
        self._goes_on = False
        return self._batches(self.epoch, self.batch)

    def _batches(self, epoch: int, start: int) -> Iterator[Any]:
        order = self.order(epoch)
        for number in range(start, len(self)):
            chosen = order[number * self.batch_size : (number + 1) * self.batch_size]
            batch = self._collected(chosen)
            self.epoch, self.batch = epoch, number + 1
            yield batch
        self.epoch, self.batch = epoch + 1, 0

    def _collected(self, chosen: Any) -> Any:
        if self.collate_fn is None and getattr(self.dataset, "takes_arrays", False):
            return self.dataset[chosen]
        samples = [self.dataset[int(i)] for i in chosen]
        return default_collate(samples) if self.collate_fn is None else self.collate_fn(samples)

    def state_dict(self) -> dict[str, int]:
        """The seed, the epoch, and how many batches of it were handed out."""
        return {"seed": self.seed, "epoch": self.epoch, "batch": self.batch}

    def load_state_dict(self, state: Mapping[str, int]) -> None:
        """Go on where another loader of the same data and batch size was: the next iteration hands
        out what
        was left of its epoch, which is nothing if it ended with the last batch.

        Raises:
            ValueError: it is no such state, or the epoch has fewer batches.
        """
        if not isinstance(state, Mapping) or set(state) != {"seed", "epoch", "batch"}:
            raise ValueError(
                "load_state_dict of DataLoader: a mapping with seed, epoch and batch is expected"
            )
        seed, epoch, batch = (
            size("DataLoader", name, state[name]) for name in ("seed", "epoch", "batch")
        )
        if batch > len(self):
            raise ValueError(
                f"load_state_dict of DataLoader: batch {batch} came; an epoch has {len(self)}"
            )
        self.seed, self.epoch, self.batch = seed, epoch, batch
        self._goes_on = True


def default_collate(samples: list[Any]) -> Any:
    """A batch of samples: arrays stacked, numbers as an array; tuples, lists and dictionaries of
    those by
    their entries; anything else as a list.

    Raises:
        ShapeError: arrays differ in shape.

    Example:
        >>> from nn.data.data import default_collate
        >>> default_collate([(np.array([1.0]), 3), (np.array([2.0]), 4)])
        (array([[1.],
               [2.]]), array([3, 4]))
    """
    first = samples[0]
    if isinstance(first, Tensor):
        samples = [x.detach() for x in samples]
    if isinstance(first, (np.ndarray, Tensor)):
        arrays = [np.asarray(x) for x in samples]
        for i, array in enumerate(arrays):
            if array.shape != arrays[0].shape:
                raise ShapeError(
                    f"default_collate: sample 0 has shape {arrays[0].shape}, sample {i} has "
                    f"{array.shape}; equal shapes are expected, or a collate_fn of your own that "
                    "pads"
                )
        return np.stack(arrays)
    if isinstance(first, (bool, int, float, np.generic)):
        return np.array(samples)
    if isinstance(first, Mapping):
        return {key: default_collate([sample[key] for sample in samples]) for key in first}
    if isinstance(first, (tuple, list)):
        parts = [default_collate(list(column)) for column in zip(*samples, strict=True)]
        return type(first)(*parts) if hasattr(first, "_fields") else type(first)(parts)
    return list(samples)
