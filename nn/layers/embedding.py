"""Embedding: a table of vectors, looked up by token, one by one or in bags."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import numpy.typing as npt

from autograd import ShapeError
from autograd.errors import message, one_of
from nn import functional as f
from nn import init
from nn.arguments import entry_number, flags, floating, floats, number, refuse, size, zeros
from nn.module.module import Module
from nn.module.parameter import Parameter


class _Table(Module):
    """What both layers share: the table and its options."""

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        *,
        padding_idx: int | None,
        max_norm: float | None,
        norm_type: float,
        scale_grad_by_freq: bool,
        sparse: bool,
        weight: Any,
        freeze: bool,
        device: str | None,
        dtype: npt.DTypeLike,
        generator: np.random.Generator | None,
    ) -> None:
        super().__init__()
        what = type(self).__name__
        self.num_embeddings = size(what, "num_embeddings", num_embeddings, 1)
        self.embedding_dim = size(what, "embedding_dim", embedding_dim)
        refuse(what, sparse=sparse)
        flags(what, scale_grad_by_freq=scale_grad_by_freq, _freeze=freeze)
        self.max_norm = (
            None if max_norm is None else number(what, "max_norm", max_norm, 0.0, finite=False)
        )
        self.norm_type = number(what, "norm_type", norm_type, 0.0, open_low=True, finite=False)
        self.scale_grad_by_freq = scale_grad_by_freq
        self.padding_idx = None
        if padding_idx is not None:
            self.padding_idx = entry_number(
                what, "padding_idx", padding_idx, num_embeddings, "token", ValueError
            )
        shape, dtype = (self.num_embeddings, self.embedding_dim), floating(what, dtype, device)
        if weight is None:
            self.weight = Parameter(zeros(self, shape, dtype), not freeze)
            self.reset_parameters(generator)
            return
        data = np.asanyarray(_detached(weight))
        if data.shape != shape:
            raise ShapeError(message(what, f"_weight of shape {data.shape}", f"{shape}"))
        self.weight = Parameter(data, not freeze)

    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        """Draw the parameters again."""
        init.normal_(self.weight, generator=generator)
        if self.padding_idx is not None:
            init.zero_rows_(self.weight, [self.padding_idx])

    def extra_repr(self) -> str:
        """The sizes, and the options that are not the defaults."""
        parts = [f"{self.num_embeddings}, {self.embedding_dim}"]
        defaults = {"padding_idx": None, "max_norm": None, "norm_type": 2.0, "mode": None}
        for name, value in {**defaults, "scale_grad_by_freq": False}.items():
            given = getattr(self, name, value)
            parts += [] if given == value else [f"{name}={given!r}"]
        return ", ".join(parts)


class Embedding(_Table):
    """A table of vectors, one for each token.

    Args:
        num_embeddings: the number of tokens.
        embedding_dim: the length of a vector.
        padding_idx: a token whose vector is initially 0 and gets no gradient.
        max_norm: in each call, the vectors of its tokens are scaled down to this norm.
        norm_type: the p of that norm.
        scale_grad_by_freq: whether to divide a vector's gradient by the number of its tokens.
        sparse: only False.
        _weight: the initial table; its dtype is kept.
        _freeze: whether the table is not trained.
        device: None or "cpu".
        dtype: the dtype of the table.
        generator: for the initial weights, which are normally distributed.

    Attributes:
        weight: shape (num_embeddings, embedding_dim).

    Shape:
        integers of any shape to shape + (embedding_dim,).

    Raises:
        ValueError: a size is not a positive integer, or padding_idx is not a token.
        DTypeError: the tokens are not integers.
        IndexError: a token is out of range.

    Example:
        >>> import nn
        >>> nn.Embedding(10, 3)([[1, 2], [4, 5]]).shape
        (2, 2, 3)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Any = None,
        _freeze: bool = False,
        device: str | None = None,
        dtype: npt.DTypeLike = float,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__(
            num_embeddings,
            embedding_dim,
            padding_idx=padding_idx,
            max_norm=max_norm,
            norm_type=norm_type,
            scale_grad_by_freq=scale_grad_by_freq,
            sparse=sparse,
            weight=_weight,
            freeze=_freeze,
            device=device,
            dtype=dtype,
            generator=generator,
        )

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Any,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Self:
        """A layer with a given table, which is not trained unless freeze is False.

        Args:
            embeddings: the table, shape (num_embeddings, embedding_dim); copied.
            freeze: whether the table is not trained.
            padding_idx: as in the constructor; so are the rest. Its vector is kept.
            max_norm: the largest norm of a vector.
            norm_type: the p of that norm.
            scale_grad_by_freq: whether to divide gradients by the number of tokens.
            sparse: only False.

        Raises:
            ShapeError: the table has other axes.

        Example:
            >>> import nn
            >>> nn.Embedding.from_pretrained([[1.0, 2.0], [3.0, 4.0]])([1])
            Tensor([[3., 4.]])
        """
        table = _table("Embedding.from_pretrained", embeddings)
        flags("Embedding.from_pretrained", freeze=freeze)
        rows, dim = table.shape
        return cls(
            rows,
            dim,
            padding_idx=padding_idx,
            max_norm=max_norm,
            norm_type=norm_type,
            scale_grad_by_freq=scale_grad_by_freq,
            sparse=sparse,
            _weight=table,
            _freeze=freeze,
        )

    def forward(self, input: Any) -> Any:
        """The vectors of the tokens."""
        if self.max_norm is None and not self.scale_grad_by_freq:
            return f.embedding(input, self.weight, self.padding_idx)
        options = self.max_norm, self.norm_type, self.scale_grad_by_freq
        return f.embedding(input, self.weight, self.padding_idx, *options)


class EmbeddingBag(_Table):
    """The sum, mean or maximum of the vectors of each bag of tokens.

    Args:
        num_embeddings: the number of tokens.
        embedding_dim: the length of a vector.
        max_norm: as in `Embedding`; so are norm_type, scale_grad_by_freq and sparse.
        norm_type: the p of that norm.
        scale_grad_by_freq: not with mode "max".
        mode: "mean", "sum" or "max".
        sparse: only False.
        _weight: the initial table.
        include_last_offset: whether the last offset is the end of the last bag.
        padding_idx: a token that no bag counts.
        device: None or "cpu".
        dtype: the dtype of the table.
        generator: for the initial weights, which are normally distributed.

    Attributes:
        weight: shape (num_embeddings, embedding_dim).

    Shape:
        integers of shape (bags, tokens), or (tokens,) with offsets, to (bags, embedding_dim).

    Raises:
        ValueError: an argument is out of range.
        ShapeError: an input does not fit.
        IndexError: a token is out of range.

    Example:
        >>> import nn
        >>> nn.EmbeddingBag(10, 3)([1, 2, 4, 5, 6], offsets=[0, 2]).shape
        (2, 3)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: Any = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        device: str | None = None,
        dtype: npt.DTypeLike = float,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        what = "EmbeddingBag"
        mode = one_of(what, "mode", mode, ("mean", "sum", "max"))
        flags(what, include_last_offset=include_last_offset)
        super().__init__(
            num_embeddings,
            embedding_dim,
            padding_idx=padding_idx,
            max_norm=max_norm,
            norm_type=norm_type,
            scale_grad_by_freq=scale_grad_by_freq,
            sparse=sparse,
            weight=_weight,
            freeze=False,
            device=device,
            dtype=dtype,
            generator=generator,
        )
        self.mode, self.include_last_offset = mode, include_last_offset

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Any,
        freeze: bool = True,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
    ) -> Self:
        """A layer with a given table, which is not trained unless freeze is False.

        Args:
            embeddings: the table, shape (num_embeddings, embedding_dim); copied.
            freeze: whether the table is not trained.
            max_norm: as in the constructor; so are the rest.
            norm_type: the p of that norm.
            scale_grad_by_freq: not with mode "max".
            mode: "mean", "sum" or "max".
            sparse: only False.
            include_last_offset: whether the last offset is the end of the last bag.
            padding_idx: a token that no bag counts.

        Raises:
            ShapeError: the table has other axes.

        Example:
            >>> import nn
            >>> layer = nn.EmbeddingBag.from_pretrained([[1.0], [3.0]], mode="sum")
            >>> layer([[0, 1, 1]]).tolist()
            [[7.0]]
        """
        table = _table("EmbeddingBag.from_pretrained", embeddings)
        flags("EmbeddingBag.from_pretrained", freeze=freeze)
        rows, dim = table.shape
        layer = cls(
            rows,
            dim,
            padding_idx=padding_idx,
            max_norm=max_norm,
            norm_type=norm_type,
            scale_grad_by_freq=scale_grad_by_freq,
            sparse=sparse,
            mode=mode,
            include_last_offset=include_last_offset,
            _weight=table,
        )
        layer.weight.requires_grad_(not freeze)
        return layer

    def forward(self, input: Any, offsets: Any = None, per_sample_weights: Any = None) -> Any:
        """The reduced vectors of each bag.

        Args:
            input: tokens of shape (bags, tokens), or (tokens,) with offsets.
            offsets: where each bag begins among the tokens.
            per_sample_weights: a weight for each token, with mode "sum".
        """
        return f.embedding_bag(
            input,
            self.weight,
            offsets,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.mode,
            False,
            per_sample_weights,
            self.include_last_offset,
            self.padding_idx,
        )


def _detached(x: Any) -> Any:
    return x.detach() if hasattr(x, "detach") else floats(x)


def _table(what: str, x: Any) -> Any:
    """Pretrained vectors as an array of two axes."""
    table = np.asanyarray(_detached(floats(x)))
    if table.ndim != 2:
        expected = "(num_embeddings, embedding_dim)"
        raise ShapeError(message(what, f"a table of shape {table.shape}", expected))
    return table
