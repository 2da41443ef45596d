"""Embedding: pretrained tables, norms and messages."""

import numpy as np
import pytest

import autograd as ag
import nn


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.Embedding(3, 2)([0.5]), ag.DTypeError, "got indices of dtype float64"),
        (lambda: nn.Embedding(3, 2)([3]), IndexError, "got index 3; "),
        (lambda: nn.Embedding(3, 2, padding_idx=3), ValueError, "got padding_idx=3; expected one of the 3 tokens"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_pretrained_table_is_frozen_unless_it_is_told():
    table = ag.Tensor([[1.0, 2.0], [3.0, 4.0]])
    frozen, free = (nn.Embedding.from_pretrained(table, freeze=f) for f in (True, False))
    assert not frozen.weight.requires_grad and free.weight.requires_grad
    free.weight.data = free.weight.data * 2.0
    assert table.tolist() == frozen.weight.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    narrow = nn.Embedding.from_pretrained(np.ones((2, 3), np.float32), padding_idx=0)
    assert narrow.weight.dtype == np.float32 and narrow.padding_idx == 0
    assert (narrow.weight.data == 1.0).all()  # padding keeps its vector
    bag = nn.EmbeddingBag.from_pretrained(table, mode="sum", padding_idx=1)
    assert bag([[0, 1]]).tolist() == [[1.0, 2.0]] and not bag.weight.requires_grad


def test_long_vectors_are_shortened_in_place_of_an_optimizer():
    layer = nn.Embedding(5, 3, max_norm=0.5)
    layer.weight.data = np.full((5, 3), 4.0)
    layer([0, 2])
    norms = np.linalg.norm(layer.weight.data, axis=1)
    np.testing.assert_allclose(norms[[0, 2]], 0.5, rtol=1e-6)
    assert (norms[[1, 3, 4]] > 6).all()
    assert "max_norm=0.5" in repr(layer)


def test_a_table_has_two_axes():
    with pytest.raises(
        ag.ShapeError, match=r"Embedding.from_pretrained: got a table of shape \(2,\)"
    ):
        nn.Embedding.from_pretrained([1.0, 2.0])
    with pytest.raises(ag.ShapeError, match=r"EmbeddingBag: got _weight of shape \(1, 1\)"):
        nn.EmbeddingBag(2, 3, _weight=np.ones((1, 1)))
