"""Cross entropy: its gradient, ignored entries, and messages."""

import math

import numpy as np
import pytest

import autograd as ag
import nn
from nn import functional as F

R = np.random.default_rng(3)


CLASSES = np.array([0, 2, 1, -100])


def test_cross_entropy_of_nothing_is_nan_and_of_plain_numbers_plain():
    assert np.isnan(nn.cross_entropy(ag.Tensor(np.zeros((0, 3))), np.zeros(0, int)).item())
    loss = nn.cross_entropy([[0.0, 0.0]], ag.Tensor([1]))
    assert not isinstance(loss, ag.Tensor) and loss == pytest.approx(np.log(2.0))


def test_cross_entropy_and_its_gradient_p_minus_y():
    rng = np.random.default_rng(0)
    logits = ag.Tensor(rng.normal(size=(6, 4)) * 3.0, requires_grad=True)
    classes = rng.integers(0, 4, 6)
    p = np.exp(logits.data) / np.exp(logits.data).sum(1, keepdims=True)
    loss = nn.cross_entropy(logits, classes)
    assert loss.item() == pytest.approx(-np.log(p[np.arange(6), classes]).mean(), rel=1e-13)
    loss.backward()
    np.testing.assert_allclose(logits.grad, (p - np.eye(4)[classes]) / 6, atol=1e-15)
    assert nn.cross_entropy(logits, classes, reduction="none").shape == (6,)
    assert nn.cross_entropy(logits, classes, reduction="sum").item() == pytest.approx(
        6 * loss.item()
    )
    assert nn.cross_entropy(ag.Tensor([1e4, 0.0]), 1).item() == 1e4


def test_softmax_cross_entropy_is_p_minus_y_however_it_is_asked():
    x = ag.Tensor(R.normal(size=(4, 3)) * 3, requires_grad=True)
    y = np.array([0, 2, 1, 1])
    p = F.softmax(x).data
    for target in (y, np.eye(3)[y]):
        x.zero_grad()
        F.cross_entropy(x, target).backward()
        np.testing.assert_allclose(x.grad, (p - np.eye(3)[y]) / 4, atol=1e-15)


def test_ignored_entries_count_for_nothing():
    x = ag.Tensor(R.normal(size=(4, 3)), requires_grad=True)
    F.cross_entropy(x, CLASSES).backward()
    assert not x.grad[3].any()
    assert F.cross_entropy(x, CLASSES).item() == pytest.approx(F.cross_entropy(x[:3], CLASSES[:3]).item())  # fmt: skip
    assert F.cross_entropy(x, CLASSES, reduction="none")[3].item() == 0.0
    assert math.isnan(F.cross_entropy(x, [-100] * 4).item())
    assert math.isfinite(F.cross_entropy(ag.Tensor([[-np.inf, 0.0], [0.0, 0.0]]), [-100, 0]).item())


class Recorded(np.ndarray):
    """Stands for an array whose values must not decide what is computed."""


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("n", [1, 3, 7])
def test_the_loss_without_a_mask_is_that_with_a_mask_to_the_last_bit(n, reduction, dtype):
    """Plain class numbers of which none is ignored are the shortcut."""
    y = R.integers(0, 3, n)
    data = R.normal(size=(n, 3)) * 3
    results = []
    for target in (y, y.view(Recorded)):
        x = ag.Tensor(data, dtype=dtype, requires_grad=True)
        loss = F.cross_entropy(x, target, reduction=reduction)
        loss.sum().backward()
        results.append((loss.data.tobytes(), loss.dtype, x.grad.tobytes()))
    assert results[0] == results[1]


def test_a_pair_of_index_arrays_takes_the_shortcut_and_is_copied():
    x = ag.Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    rows, columns = np.array([0, 1, 1]), np.array([2, 0, 0])
    short = ag.getitem(x, (rows, columns))
    general = ag.getitem(x, (rows.tolist(), columns.tolist()))
    assert short.tolist() == general.tolist() == [2.0, 3.0, 3.0]
    columns[:] = 1  # after which the gradient must still go to the entries that were read
    short.sum().backward()
    assert x.grad.tolist() == [[0.0, 0.0, 1.0], [2.0, 0.0, 0.0]]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.cross_entropy(np.ones((2, 3)), [0.5, 1.0]), ag.DTypeError, "targets of dtype float64"),
        (lambda: nn.cross_entropy(np.ones((2, 3)), [0]), ag.ShapeError, r"\(2, 3\) and targets of shape \(1,\)"),
        (lambda: nn.cross_entropy(np.ones((2, 3)), [0, 3]), IndexError, "from 0 to 3; expected numbers of the 3 classes"),
        (lambda: nn.cross_entropy(np.ones((3, 3)), [-100, 2, 3]), IndexError, "got targets from 2 to 3; expected"),
        (lambda: nn.cross_entropy(np.ones((1, 2)), [0], reduction="avg"), ValueError, "reduction='avg'"),
        (lambda: F.cross_entropy(np.ones((2, 3)), [0, 1], weight=[1.0, 2.0]), ag.ShapeError, r"weight of shape \(2,\); expected \(3,\)"),
        (lambda: F.cross_entropy(np.ones((2, 3)), [0, 1], label_smoothing=1.5), ValueError, "got label_smoothing=1.5"),
        (lambda: F.cross_entropy(1.0, 0), ag.ShapeError, "got a single number"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("dtype", ["i8", "u8", "i4", "u2"])
def test_classes_of_any_byte_order(dtype):
    z, y = np.random.default_rng(0).normal(size=(4, 3)), np.array([0, 1, 2, 1])
    strange = y.astype(np.dtype(dtype).newbyteorder("S"))
    for loss in (
        F.cross_entropy, F.nll_loss, F.multi_margin_loss, lambda z, y: F.cross_entropy(z, y, ignore_index=1),
        lambda z, y: F.cross_entropy(z, y, [1.0, 2.0, 3.0], label_smoothing=0.1), lambda z, y: F.embedding(y, z).sum(),
        lambda z, y: F.one_hot(y, 3).sum(), lambda z, y: F.multi_margin_loss(z, y, weight=np.arange(3.0)),
    ):  # fmt: skip
        assert loss(z, strange) == loss(z, y)
