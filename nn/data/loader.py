"""DataLoader: batches of a data set, which can resume in the middle of an epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from autograd import ShapeError, Tensor
from autograd.errors import kind, message
from nn.arguments import generator_or_default, size


class DataLoader:
    """Batches of a data set, in order, or shuffled in each epoch.

    The order of epoch e depends on the seed and e only. The state is therefore three numbers: a
    loader that loads them resumes in the middle of an epoch, with exactly the batches that remain.

    Args:
        dataset: an object with a length and a sample for each index.
        batch_size: the number of samples in a batch.
        shuffle: whether each epoch has its own random order.
        drop_last: whether to leave out a last batch with fewer samples.
        collate_fn: turns a list of samples into a batch; by default `default_collate`.
        seed: the seed of the orders; by default drawn from the generator of `autograd.random`.

    Attributes:
        epoch: the number of the current epoch, or the next one.
        batch: the number of its batches that were returned.

    Raises:
        ValueError: batch_size is not a positive integer, or the seed is negative.
        TypeError: the data set has no length or no indices.

    Two iterators over the same loader are independent; the state is that of the one which returned
    the latest batch. Leaving a loop early ends the epoch.

    Example:
        >>> from nn.data import DataLoader, TensorDataset
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
                message(
                    "DataLoader",
                    kind(dataset),
                    "a data set with a length and indices",
                    "pass for instance nn.data.TensorDataset(inputs, targets)",
                )
            )
        self.dataset, self.shuffle, self.drop_last = dataset, shuffle, drop_last
        self.batch_size = size("DataLoader", "batch_size", batch_size, 1)
        self.collate_fn = collate_fn
        if seed is None:
            seed = int(generator_or_default("DataLoader", None).integers(2**63))
        self.seed = size("DataLoader", "seed", seed)
        self.epoch = self.batch = 0
        self._resumes = False

    def __len__(self) -> int:
        n = len(self.dataset)
        return n // self.batch_size if self.drop_last else -(n // -self.batch_size)

    def order(self, epoch: int) -> Any:
        """The indices of the samples of an epoch, in order."""
        n = len(self.dataset)
        if not self.shuffle:
            return np.arange(n)
        return np.random.default_rng([self.seed, epoch]).permutation(n)

    def __iter__(self) -> Iterator[Any]:
        if self.batch and not self._resumes:  # the previous epoch was left early
            self.epoch, self.batch = self.epoch + 1, 0
        self._resumes = False
        return self._batches(self.epoch, self.batch)

    def _batches(self, epoch: int, start: int) -> Iterator[Any]:
        order = self.order(epoch)
        for number in range(start, len(self)):
            chosen = order[number * self.batch_size : (number + 1) * self.batch_size]
            batch = self._collate(chosen)
            self.epoch, self.batch = epoch, number + 1
            yield batch
        self.epoch, self.batch = epoch + 1, 0

    def _collate(self, chosen: Any) -> Any:
        if self.collate_fn is None and getattr(self.dataset, "takes_arrays", False):
            return self.dataset[chosen]
        samples = [self.dataset[int(i)] for i in chosen]
        return default_collate(samples) if self.collate_fn is None else self.collate_fn(samples)

    def state_dict(self) -> dict[str, int]:
        """The seed, the epoch, and the number of its batches that were returned."""
        return {"seed": self.seed, "epoch": self.epoch, "batch": self.batch}

    def load_state_dict(self, state: Mapping[str, int]) -> None:
        """Resume where another loader of the same data and batch size stopped.

        The next iteration returns the rest of its epoch, which is empty after the last batch.

        Raises:
            ValueError: it is not the state of a loader, or the epoch has fewer batches.
        """
        if not isinstance(state, Mapping) or set(state) != {"seed", "epoch", "batch"}:
            raise ValueError(
                message(
                    "load_state_dict of DataLoader",
                    kind(state),
                    "a mapping with seed, epoch and batch",
                )
            )
        seed, epoch, batch = (
            size("DataLoader", name, state[name]) for name in ("seed", "epoch", "batch")
        )
        if batch > len(self):
            raise ValueError(
                message(
                    "load_state_dict of DataLoader",
                    f"batch {batch}",
                    f"at most the {len(self)} of an epoch",
                )
            )
        self.seed, self.epoch, self.batch = seed, epoch, batch
        self._resumes = True


def default_collate(samples: list[Any]) -> Any:
    """Turn samples into a batch.

    Arrays are stacked, numbers become an array, tuples, lists and dictionaries are collated entry
    by entry, and anything else stays a list.

    Raises:
        ShapeError: the shapes of arrays differ.

    Example:
        >>> from nn.data import default_collate
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
                    message(
                        "default_collate",
                        f"shape {arrays[0].shape} for sample 0 and {array.shape} for sample {i}",
                        "equal shapes",
                        "pass a collate_fn that pads",
                    )
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
