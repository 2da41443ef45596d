"""Embedding: a table of vectors, looked up by token."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nn import functional as f
from nn import init
from nn.arguments import entry_number, floating, refuse, size
from nn.module.module import Module
from nn.module.parameter import Parameter


class Embedding(Module):
    """A table of vectors, one for each token.

    Args:
        num_embeddings: the number of tokens.
        embedding_dim: the length of a vector.
        padding_idx: a token whose vector is initially 0 and gets no gradient.
        max_norm: only None; `nn.optim.max_norm_` limits norms.
        norm_type: only 2.
        scale_grad_by_freq: only False.
        sparse: only False.
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
        _weight: None = None,
        _freeze: bool = False,
        device: str | None = None,
        dtype: npt.DTypeLike = float,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        self.num_embeddings = size("Embedding", "num_embeddings", num_embeddings, 1)
        self.embedding_dim = size("Embedding", "embedding_dim", embedding_dim)
        refuse(
            "Embedding",
            max_norm=max_norm,
            norm_type=norm_type,
            scale_grad_by_freq=scale_grad_by_freq,
            sparse=sparse,
            _weight=_weight,
            _freeze=_freeze,
        )
        self.padding_idx = None
        if padding_idx is not None:
            self.padding_idx = entry_number(
                "Embedding", "padding_idx", padding_idx, num_embeddings, "token", ValueError
            )
        shape = (self.num_embeddings, self.embedding_dim)
        self.weight = Parameter(np.zeros(shape, floating("Embedding", dtype, device)))
        self.reset_parameters(generator)

    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        """Draw the parameters again."""
        init.normal_(self.weight, generator=generator)
        if self.padding_idx is not None:
            init.zero_rows_(self.weight, [self.padding_idx])

    def forward(self, input: Any) -> Any:
        """The vectors of the tokens."""
        return f.embedding(input, self.weight, self.padding_idx)

    def extra_repr(self) -> str:
        """The sizes."""
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"
