"""DataLoader: batches of a data set, which can resume in the middle of an epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from autograd import ShapeError, Tensor
from autograd.errors import described, kind, message
from nn.arguments import flags, generator_or_default, integers, refuse, size
from nn.data.dataset import check_dataset
from nn.data.sampler import BatchSampler, check_sampler, order_of
from nn.data.sharding import Share, share_of
from nn.module.state import check_state

LARGEST_SEED = 2**64 - 1


class DataLoader:
    """Batches of a data set, in order, or shuffled in each epoch.

    The order of epoch e depends on the seed and e only. The state is therefore a few numbers: a
    loader that loads them resumes in the middle of an epoch, with exactly the batches that remain.

    Args:
        dataset: an object with a length and a sample for each index.
        batch_size: the number of samples in a batch.
        shuffle: whether each epoch has its own random order; None means no.
        sampler: which samples an epoch has, in their order, instead of shuffle: a `Sampler`, or an
            iterable of indices with a length, which is asked once in each epoch.
        batch_sampler: the batches of an epoch, instead of the four before it: a `BatchSampler`, or
            an iterable of lists of indices with a length.
        collate_fn: turns a list of samples into a batch; by default `default_collate`.
        drop_last: whether to leave out a last batch with fewer samples.
        generator: draws the seed; by default the sampler's, or that of `autograd.random`.
        seed: the seed of the orders; by default it is drawn.
        shard: `nn.distributed.world()`, to share the samples of each epoch among its ranks. The
            batches of all ranks, in the order of the ranks, are those of one loader without
            `shard`; see `nn.data.sharding` for the last ones. All ranks get the seed of rank 0.

    Batches are made in this process, so PyTorch's options of worker processes are refused; their
    defaults are accepted. A loader resumes exactly if its sampler is one of `nn.data`; any other
    iterable must give the same indices again.

    Attributes:
        epoch: the number of the current epoch, or the next one.
        batch: the number of its batches that were returned.

    Raises:
        ValueError: batch_size is not a positive integer, or the seed is negative.
        TypeError: the data set has no length or cannot be indexed, or an option is of another
            kind.

    Each iterator has an epoch of its own, also beside another one of the same loader; the state is
    that of the one which returned the latest batch. Leaving a loop early ends the epoch.

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
        shuffle: bool | None = None,
        sampler: Any = None,
        batch_sampler: Any = None,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: None = None,
        multiprocessing_context: None = None,
        generator: np.random.Generator | None = None,
        *,
        prefetch_factor: None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
        seed: int | None = None,
        shard: Any = None,
    ) -> None:
        what = "DataLoader"
        check_dataset(what, dataset)
        refuse(
            what,
            num_workers=num_workers,
            pin_memory=pin_memory,
            timeout=timeout,
            worker_init_fn=worker_init_fn,
            multiprocessing_context=multiprocessing_context,
            prefetch_factor=prefetch_factor,
            persistent_workers=persistent_workers,
            pin_memory_device=pin_memory_device,
            in_order=in_order,
        )
        if collate_fn is not None and not callable(collate_fn):
            got = f"{kind(collate_fn)} as collate_fn"
            raise TypeError(message(what, got, "a function of a list of samples"))
        self.shuffle = False if shuffle is None else shuffle
        flags(what, shuffle=self.shuffle, drop_last=drop_last)
        self.dataset, self.collate_fn, self.drop_last = dataset, collate_fn, drop_last
        if batch_size is None:
            hint = "iterate over the data set for single samples"
            raise ValueError(message(what, "batch_size=None", "an integer of at least 1", hint))
        self.batch_size = size(what, "batch_size", batch_size, 1)
        self.sampler, self.batch_sampler = sampler, batch_sampler
        if sampler is not None:
            check_sampler(what, sampler)
            if self.shuffle:
                raise ValueError(message(what, "a sampler and shuffle=True", "one of them"))
        if batch_sampler is not None:
            check_sampler(what, batch_sampler, "batch_sampler")
            if batch_size != 1 or self.shuffle or sampler is not None or drop_last:
                got = "a batch_sampler with batch_size, shuffle, sampler or drop_last"
                raise ValueError(message(what, got, "the batch_sampler alone"))
            self.batch_size = getattr(batch_sampler, "batch_size", 1)
        if generator is None:
            drawn_by = sampler if batch_sampler is None else getattr(batch_sampler, "sampler", None)
            generator = getattr(drawn_by, "generator", None)
        source = generator_or_default(what, generator)
        if seed is None:
            seed = int(source.integers(2**63))
        self.share: Share | None = None
        if shard is not None:
            if batch_sampler is not None:
                raise ValueError(message(what, "a batch_sampler and shard", "one of them"))
            self.share = share_of(what, shard, self.batch_size, drop_last, self._samples())
            seed = shard.gathered(seed)[0]
        self.seed = size("DataLoader", "seed", seed, most=LARGEST_SEED)
        self.epoch = self.batch = 0
        self._next = 0  # the epoch of the next iterator
        self._resumes = False

    def __len__(self) -> int:
        if self.batch_sampler is not None:
            return len(self.batch_sampler)
        n = self._samples()
        if self.share is not None:
            return self.share.rounds(n)
        return n // self.batch_size if self.drop_last else -(n // -self.batch_size)

    def _samples(self) -> int:
        """How many samples an epoch has."""
        return len(self.dataset if self.sampler is None else self.sampler)

    def order(self, epoch: int) -> Any:
        """The indices of the samples of an epoch, in order."""
        n = len(self.dataset)
        generator = np.random.default_rng([self.seed, epoch])
        if self.sampler is not None:
            return order_of(self.sampler, generator)
        return generator.permutation(n) if self.shuffle else np.arange(n)

    def _chosen(self, epoch: int) -> list[Any]:
        """The indices of each batch of an epoch."""
        batches = self.batch_sampler
        if batches is not None and not isinstance(batches, BatchSampler):
            return [integers(batch, "DataLoader", "batch_sampler") for batch in batches]
        if batches is None:
            order = self.order(epoch)
        else:
            order = order_of(batches.sampler, np.random.default_rng([self.seed, epoch]))
        k = self.batch_size
        return [order[number * k : (number + 1) * k] for number in range(len(self))]

    def __iter__(self) -> Iterator[Any]:
        if not self._resumes:
            self._begin(self._next)
        self._next, self._resumes = self.epoch + 1, False
        return self._batches(self.epoch, self.batch)

    def _batches(self, epoch: int, start: int) -> Iterator[Any]:
        for number, chosen in self._numbered(epoch, start):
            batch = self._collate(chosen)
            self.epoch, self.batch = epoch, number + 1
            yield batch
        self._begin(self._next)

    def _begin(self, epoch: int) -> None:
        self.epoch, self.batch = epoch, 0
        if self.share is not None:
            self.share.before = 0

    def _numbered(self, epoch: int, start: int) -> Iterator[tuple[int, Any]]:
        """The numbers of the batches of an epoch, and the indices of their samples."""
        if self.share is not None:
            yield from self.share.batches(self.order(epoch), start)
        else:
            yield from enumerate(self._chosen(epoch)[start:], start)

    def _collate(self, chosen: Any) -> Any:
        if self.collate_fn is None and getattr(self.dataset, "takes_arrays", False):
            return self.dataset[chosen]
        samples = [self.dataset[int(i)] for i in chosen]
        return default_collate(samples) if self.collate_fn is None else self.collate_fn(samples)

    def state_dict(self) -> dict[str, Any]:
        """The seed, the epoch, the number of its batches that were returned, and what they hold."""
        own = {} if self.share is None else self.share.state(len(self.dataset), self.batch)
        return {name: getattr(self, name) for name in POSITION} | self._makeup() | own

    def _makeup(self) -> dict[str, Any]:
        """What decides which samples are in a batch."""
        return {
            "batch_size": self.batch_size,
            "samples": self._samples(),
            "shuffle": self.shuffle,
            "drop_last": self.drop_last,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Resume where another loader of the same data and batch size stopped.

        The next iteration returns the rest of its epoch, which is empty after the last batch. A
        state that an earlier version saved has no batch size, and is accepted.

        Raises:
            ValueError: it is not the state of a loader, or that of one with another batch size; or,
                in the middle of an epoch, of one with another number of samples, other shuffling or
                another `drop_last`.
        """
        what, ours = "load_state_dict of DataLoader", self._makeup()
        before = 0
        if self.share is not None and isinstance(state, Mapping):
            state, before = self.share.resumed(what, state)
        old = isinstance(state, Mapping) and not ours.keys() & state.keys()
        check_state("DataLoader", state, POSITION if old else (*POSITION, *ours))
        seed = size(what, "seed", state["seed"], most=LARGEST_SEED)
        epoch, batch = (size(what, name, state[name]) for name in ("epoch", "batch"))
        for name, value in {} if old else ours.items():
            if state[name] != value and (name == "batch_size" or batch > 0):
                got = f"a state of a loader with {name}={described(state[name])}"
                hint = "resume with a DataLoader of the same data that is made alike"
                raise ValueError(message(what, got, f"{name}={value}", hint))
        if batch > len(self):
            expected = f"at most the {len(self)} of an epoch"
            raise ValueError(message(what, f"batch {batch}", expected))
        self.seed, self.epoch, self.batch = seed, epoch, batch
        if self.share is not None:
            self.share.before = before
        self._resumes = True


POSITION = ("seed", "epoch", "batch")
LARGEST_SEED = 2**64 - 1


def default_collate(batch: list[Any]) -> Any:
    """Turn samples into a batch.

    Arrays are stacked, numbers become an array, tuples, lists and dictionaries are collated entry
    by entry, and anything else stays a list.

    Raises:
        TypeError: samples are of different kinds.
        ShapeError: the shapes of arrays, or the lengths of tuples, differ.
        ValueError: there are no samples, or dictionaries have different keys.

    Example:
        >>> from nn.data import default_collate
        >>> default_collate([(np.array([1.0]), 3), (np.array([2.0]), 4)])
        (array([[1.],
               [2.]]), array([3, 4]))
    """
    what, hint = "default_collate", "pass a collate_fn that makes a batch of these"
    if not isinstance(batch, (list, tuple)) or not batch:
        raise ValueError(message(what, repr(batch), "a list of one or more samples"))
    first, form = batch[0], _form(batch[0])
    for i, x in enumerate(batch):
        if _form(x) is not form:
            got = f"{kind(first)} for sample 0 and {kind(x)} for sample {i}"
            raise TypeError(message(what, got, "samples of one kind", hint))
    if form is ARRAYS:
        if not any(isinstance(x, (np.ndarray, Tensor)) for x in batch):
            return np.array(batch)
        arrays = [np.asarray(x.detach() if isinstance(x, Tensor) else x) for x in batch]
        _check_alike("shape", [x.shape for x in arrays], "pass a collate_fn that pads")
        return np.stack(arrays)
    if form is Mapping:
        for i, x in enumerate(batch):
            if set(x) != set(first):
                got = f"keys {list(first)} for sample 0 and {list(x)} for sample {i}"
                raise ValueError(message(what, got, "equal keys", hint))
        return {key: default_collate([sample[key] for sample in batch]) for key in first}
    if form is SEQUENCES:
        _check_alike("length", [len(x) for x in batch], hint)
        parts = [default_collate(list(column)) for column in zip(*batch, strict=True)]
        return type(first)(*parts) if hasattr(first, "_fields") else type(first)(parts)
    return list(batch)


ARRAYS = (np.ndarray, Tensor, bool, int, float, np.generic)
SEQUENCES = (tuple, list)


def _form(sample: Any) -> Any:
    """Which kind of sample it is; None for those that a batch lists."""
    return next((form for form in (ARRAYS, Mapping, SEQUENCES) if isinstance(sample, form)), None)


def _check_alike(name: str, values: list[Any], hint: str) -> None:
    """Raise if the shapes or lengths of samples differ."""
    for i, value in enumerate(values):
        if value != values[0]:
            got = f"{name} {values[0]} for sample 0 and {value} for sample {i}"
            raise ShapeError(message("default_collate", got, f"equal {name}s", hint))
