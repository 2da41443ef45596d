"""Samplers: in what order, and how often, the samples of a data set are drawn in an epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Any

import numpy as np

from autograd.errors import kind, message
from nn.arguments import array, flags, generator_or_default, integers, size, undefined
from nn.data.dataset import check_dataset


class Sampler:
    """The base of every sampler: a subclass says in `order` which samples an epoch has.

    A `DataLoader` gives `order` a generator that depends on its seed and the epoch only, so a
    loader that resumes has the same order. By itself, a sampler is an iterable of indices, drawn
    with its own generator.

    Attributes:
        generator: draws the order where the sampler is iterated; by default that of
            `autograd.random`.

    Example:
        >>> import nn
        >>> class Backwards(nn.data.Sampler):
        ...     def __len__(self):
        ...         return 3
        ...     def order(self, generator):
        ...         return np.arange(3)[::-1]
        >>> loader = nn.data.DataLoader(nn.data.TensorDataset(np.arange(3)), sampler=Backwards())
        >>> [x.item() for x, in loader]
        [2, 1, 0]
    """

    generator: np.random.Generator | None = None

    def order(self, generator: np.random.Generator) -> Any:
        """The indices of an epoch's samples, shape (len(self),)."""
        purpose = "returns the indices of an epoch's samples"
        raise undefined(self, "order(self, generator)", purpose)

    def __len__(self) -> int:
        raise undefined(self, "__len__(self)", "returns the number of samples of an epoch")

    def __iter__(self) -> Iterator[Any]:
        source = generator_or_default(type(self).__name__, self.generator)
        return iter(np.asarray(self.order(source)).tolist())


class SequentialSampler(Sampler):
    """Every sample once, in order.

    Args:
        data_source: an object with a length.

    Example:
        >>> import nn
        >>> list(nn.data.SequentialSampler(nn.data.TensorDataset(np.zeros(3))))
        [0, 1, 2]
    """

    def __init__(self, data_source: Any) -> None:
        check_dataset("SequentialSampler", data_source)
        self.data_source = data_source

    def __len__(self) -> int:
        return len(self.data_source)

    def order(self, generator: np.random.Generator) -> Any:
        """0, 1, 2, ..."""
        return np.arange(len(self))


class RandomSampler(Sampler):
    """Every sample once, in random order; or some of them, with or without repetition.

    Args:
        data_source: an object with a length.
        replacement: whether each index is drawn from all.
        num_samples: how many are drawn, by default as many as there are. Without replacement, one
            order follows another if there are more.
        generator: draws the order where the sampler is iterated.

    Example:
        >>> import nn
        >>> data = nn.data.TensorDataset(np.zeros(4))
        >>> sorted(nn.data.RandomSampler(data, generator=np.random.default_rng(0)))
        [0, 1, 2, 3]
    """

    def __init__(
        self,
        data_source: Any,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        what = "RandomSampler"
        check_dataset(what, data_source)
        flags(what, replacement=replacement)
        if num_samples is not None:
            size(what, "num_samples", num_samples, 1)
        generator_or_default(what, generator)
        self.generator = generator
        self.data_source, self.replacement = data_source, replacement
        self.num_samples = num_samples

    def __len__(self) -> int:
        return len(self.data_source) if self.num_samples is None else self.num_samples

    def order(self, generator: np.random.Generator) -> Any:
        """A random order, or several one after the other."""
        n, count = len(self.data_source), len(self)
        if self.replacement:
            return generator.integers(0, n, count)
        rounds = [generator.permutation(n) for _ in range(-(count // -max(n, 1)))]
        return np.concatenate([np.zeros(0, int), *rounds])[:count]


class SubsetRandomSampler(Sampler):
    """Some samples, each once, in random order.

    Args:
        indices: those samples.
        generator: draws the order where the sampler is iterated.

    Example:
        >>> import nn
        >>> sorted(nn.data.SubsetRandomSampler([5, 2], np.random.default_rng(0)))
        [2, 5]
    """

    def __init__(self, indices: Any, generator: np.random.Generator | None = None) -> None:
        generator_or_default("SubsetRandomSampler", generator)
        self.generator = generator
        self.indices = _vector("SubsetRandomSampler", "indices", indices, integers)

    def __len__(self) -> int:
        return len(self.indices)

    def order(self, generator: np.random.Generator) -> Any:
        """The indices in a random order."""
        return self.indices[generator.permutation(len(self))]


class WeightedRandomSampler(Sampler):
    """Samples drawn with a probability for each, in proportion to weights.

    Args:
        weights: one for each sample, 0 or more; they need not sum to 1.
        num_samples: how many are drawn.
        replacement: whether a sample may be drawn again.
        generator: draws the order where the sampler is iterated.

    Raises:
        ValueError: a weight is negative, all are 0, or fewer than num_samples are above 0 and none
            may be drawn again.

    Example:
        >>> import nn
        >>> list(nn.data.WeightedRandomSampler([0.0, 1.0, 0.0], 3))
        [1, 1, 1]
    """

    def __init__(
        self,
        weights: Any,
        num_samples: int,
        replacement: bool = True,
        generator: np.random.Generator | None = None,
    ) -> None:
        what = "WeightedRandomSampler"
        self.num_samples = size(what, "num_samples", num_samples, 1)
        flags(what, replacement=replacement)
        generator_or_default(what, generator)
        self.generator = generator
        self.replacement = replacement
        self.weights = _vector(what, "weights", weights, _as_floats)
        if not np.isfinite(self.weights).all() or (self.weights < 0).any():
            raise ValueError(message(what, "a weight that is negative, inf or nan", "0 or more"))
        positive = int(np.count_nonzero(self.weights))
        if positive < (1 if replacement else num_samples):
            got = f"{positive} weights above 0 for {num_samples} samples"
            raise ValueError(message(what, got, "as many", "pass replacement=True"))

    def __len__(self) -> int:
        return self.num_samples

    def order(self, generator: np.random.Generator) -> Any:
        """Indices drawn by their weights."""
        shares = self.weights / self.weights.max()  # whose sum cannot overflow
        shares /= shares.sum()
        return generator.choice(len(shares), self.num_samples, self.replacement, shares)


class BatchSampler:
    """The indices of a sampler in batches.

    Args:
        sampler: a Sampler, or any iterable of indices with a length.
        batch_size: the number of samples in a batch.
        drop_last: whether to leave out a last batch with fewer samples.

    Example:
        >>> import nn
        >>> list(nn.data.BatchSampler(nn.data.SequentialSampler(range(5)), 2, drop_last=False))
        [[0, 1], [2, 3], [4]]
    """

    def __init__(self, sampler: Any, batch_size: int, drop_last: bool) -> None:
        self.sampler = check_sampler("BatchSampler", sampler)
        self.batch_size = size("BatchSampler", "batch_size", batch_size, 1)
        flags("BatchSampler", drop_last=drop_last)
        self.drop_last = drop_last

    def __len__(self) -> int:
        n = len(self.sampler)
        return n // self.batch_size if self.drop_last else -(n // -self.batch_size)

    def __iter__(self) -> Iterator[Any]:
        order = list(self.sampler)
        for k in range(len(self)):
            yield order[k * self.batch_size : (k + 1) * self.batch_size]


def order_of(sampler: Any, generator: np.random.Generator) -> Any:
    """The indices of an epoch's samples, of a Sampler by a generator that is given."""
    if isinstance(sampler, Sampler):
        order = np.asarray(sampler.order(generator))
    else:
        order = np.asarray(list(sampler) or np.zeros(0, int))
    if order.shape != (len(sampler),) or order.dtype.kind not in "iu":
        got = f"indices of shape {order.shape} and dtype {order.dtype}"
        expected = f"{len(sampler)} integers, as many as its length"
        raise ValueError(message(f"order of {type(sampler).__name__}", got, expected))
    return order


def check_sampler(what: str, sampler: Any, name: str = "sampler") -> Any:
    """A sampler as it is.

    Raises:
        TypeError: it has no length, or cannot be iterated.
    """
    unordered = isinstance(sampler, (str, bytes, Mapping, Set))
    if unordered or not hasattr(sampler, "__len__") or not hasattr(sampler, "__iter__"):
        got = f"{kind(sampler)} as {name}"
        raise TypeError(message(what, got, "a Sampler, or an iterable of indices with a length"))
    return sampler


def _as_floats(x: Any, what: str, name: str) -> Any:
    found = array(x)
    if found.dtype.kind not in "fiub":
        raise TypeError(message(what, f"{name} of dtype {found.dtype}", "numbers"))
    return found.astype(float)


def _vector(what: str, name: str, x: Any, convert: Any) -> Any:
    found = np.array(convert(x, what, name))
    if found.ndim != 1:
        raise ValueError(message(what, f"{name} of shape {found.shape}", "one for each sample"))
    return found
