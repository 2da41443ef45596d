"""DataLoader: batches of a data set, which can resume in the middle of an epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from autograd import ShapeError, Tensor
from nn.arguments import generator_or_default, size


class DataLoader:
    """Batches of a data set, in order or shuffled anew for each epoch.

    The order of epoch e follows from the seed and e unbatched. So the state is three numbers, and a
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
                f"DataLoader: a {type(dataset).__name__} came; a data set with a length and "
                "indices is "
                "expected, e.g. nn.data.TensorDataset(inputs, targets)"
            )
        self.dataset, self.shuffle, self.drop_last = dataset, shuffle, drop_last
        self.batch_size = size("DataLoader", "batch_size", batch_size, 1)
        self.collate_fn = collate_fn
        if seed is None:
            seed = int(generator_or_default("DataLoader", None).integers(2**63))
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
