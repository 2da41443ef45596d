"""Embedding: a table of vectors, looked up by token."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd.errors import message
from nn import functional as f
from nn import init
from nn.arguments import floating, size
from nn.module.module import Module
from nn.module.parameter import Parameter


class Embedding(Module):
    """A table of vectors, one for each token.

    Args:
        num_embeddings: the number of tokens.
        embedding_dim: the length of a vector.
        padding_idx: a token whose vector is initially 0 and gets no gradient.
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
        *,
        dtype: npt.DTypeLike = float,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        self.num_embeddings = size("Embedding", "num_embeddings", num_embeddings, 1)
        self.embedding_dim = size("Embedding", "embedding_dim", embedding_dim)
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise ValueError(
                message(
                    "Embedding", f"padding_idx={padding_idx}", f"one of the {num_embeddings} tokens"
                )
            )
        self.padding_idx = None if padding_idx is None else padding_idx % num_embeddings
        shape = (self.num_embeddings, self.embedding_dim)
        self.weight = Parameter(np.zeros(shape, floating("Embedding", dtype)))
        self.reset_parameters(generator)

    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        """Draw the parameters again."""
        init.normal_(self.weight, generator=generator)
        if self.padding_idx is not None:
            init.zero_rows_(self.weight, [self.padding_idx])

    def forward(self, indices: Any) -> Any:
        """The vectors of the tokens."""
        return f.embedding(indices, self.weight, self.padding_idx)

    def extra_repr(self) -> str:
        """The sizes."""
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"
