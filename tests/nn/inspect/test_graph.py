"""Softmaxes, normalizers, errors and picks are found in losses of `nn` and in those by hand."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn.inspect.graph import LossGraph, behind, is_affine, is_distribution, name

F = nn.functional
X = np.random.default_rng(0).normal(size=(6, 4))
Y = np.array([0, 1, 2, 3, 0, 1])


def graph(function):
    x = ag.Tensor(X, requires_grad=True)
    out = x * 2.0
    return LossGraph(function(out), [out]), out


def by_hand(x):
    p = ag.exp(x) / ag.sum(ag.exp(x), axis=1, keepdims=True)
    return -ag.log(p[np.arange(6), Y]).mean()


@pytest.mark.parametrize(
    "loss", [lambda x: F.cross_entropy(x, Y), lambda x: F.nll_loss(F.log_softmax(x), Y), lambda x: F.cross_entropy(x, Y, label_smoothing=0.1)],
    ids=["cross_entropy", "nll_loss", "smoothed"],
)  # fmt: skip
def test_normalizers_and_picks(loss):
    found, out = graph(loss)
    [normalizer] = found.normalizers()
    assert normalizer.source is out and normalizer.axes == (1,)
    [pick] = found.picks()
    assert pick.axis == 1 and pick.classes.ravel().tolist() == Y.tolist()


def test_a_softmax_by_hand_and_that_of_attention():
    found, out = graph(by_hand)
    [softmax] = found.softmaxes()
    assert softmax.source is out and softmax.axes == (1,)
    found, out = graph(lambda x: F.softmax(x, dim=0).sum())
    assert [s.axes for s in found.softmaxes()] == [(0,)]


def test_the_axis_of_the_classes_of_images():
    x = ag.Tensor(np.random.default_rng(0).normal(size=(2, 3, 5)), requires_grad=True)
    y = np.array([[0, 1, 2, 0, 1], [2, 2, 0, 0, 1]])
    [pick] = LossGraph(F.cross_entropy(x, y)).picks()
    assert pick.axis == 1 and np.squeeze(pick.classes).tolist() == y.tolist()


@pytest.mark.parametrize(
    "loss", [F.mse_loss, F.l1_loss, F.huber_loss, F.smooth_l1_loss, lambda o, t: ((t - o) ** 2).mean(), lambda o, t: ((o - t) * 1.0).sum() + ag.square(o - t).sum()],
    ids=["mse", "l1", "huber", "smooth", "by hand", "two differences"],
)  # fmt: skip
def test_errors(loss):
    found, out = graph(lambda x: loss(x, X))
    [error] = found.errors()
    assert error.output is out and np.array_equal(error.target, X)


def test_layers_and_losses_are_told_apart():
    model = nn.Sequential(nn.Linear(4, 4), nn.LayerNorm(4))
    out = model(X)
    found = LossGraph(F.mse_loss(out, X), [out])
    assert len(list(found.errors())) == 1 and out in set(found.model) and out not in set(found.loss)


def test_what_is_linear_up_to_the_loss():
    found, out = graph(lambda x: -(x * 3.0).mean())
    assert found.is_linear_to_root(out)
    found, out = graph(lambda x: (x * x).mean())
    assert not found.is_linear_to_root(out)


def test_gradients_of_inner_nodes():
    found, out = graph(lambda x: (x * 3.0).sum())
    assert np.all(found.gradient(out) == 3.0)
    assert np.all(found.gradient(ag.Tensor([1.0], requires_grad=True)) == 0.0)


def test_small_questions():
    x = ag.Tensor(X, requires_grad=True)
    assert name(None) == name(x) == "" and name(x + 1.0) == "add"
    assert behind(x.reshape(24).reshape(4, 6), {"reshape"}) is x
    assert (
        is_affine(x / 2.0, {"div"})
        and not is_affine(2.0 / x, {"div"})
        and not is_affine(x * x, {"mul"})
    )
    assert is_distribution(np.full((2, 4), 0.25), (1,)) and not is_distribution(
        np.ones((2, 1)), (1,)
    )
    assert not is_distribution(X, (1,)) and not is_distribution(np.ones(3), (1,))
