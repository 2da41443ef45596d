"""Likelihoods: against the densities, and against all alignments written out."""

import itertools

import numpy as np
import pytest
import scipy.stats

import autograd as ag
import nn
from nn import functional as F

R = np.random.default_rng(5)


def test_gauss_and_poisson_by_their_densities():
    mean, x, var = R.normal(size=5), R.normal(size=5), R.uniform(0.5, 2.0, 5)
    found = F.gaussian_nll_loss(mean, x, var, full=True, reduction="none")
    np.testing.assert_allclose(found, -scipy.stats.norm(mean, np.sqrt(var)).logpdf(x))
    counts, logs = np.array([0.0, 1.0, 5.0, 40.0]), np.array([0.1, 0.5, 1.0, 3.0])
    found = F.poisson_nll_loss(logs, counts, full=True, reduction="none")
    exact = -scipy.stats.poisson(np.exp(logs)).logpmf(counts)
    np.testing.assert_allclose(found, exact, atol=0.02)  # by Stirling's formula


def test_a_small_variance_counts_as_eps_and_keeps_its_slope():
    var = ag.Tensor([0.0, 4.0], requires_grad=True)
    loss = F.gaussian_nll_loss([0.0, 0.0], [0.0, 2.0], var, eps=0.25, reduction="sum")
    assert loss.item() == pytest.approx(0.5 * (np.log(0.25) + np.log(4.0) + 1.0))
    loss.backward()
    assert var.grad.tolist() == pytest.approx([2.0, 0.0])
    lines = F.gaussian_nll_loss(np.ones((2, 3)), np.zeros((2, 3)), [1.0, 2.0], reduction="none")
    np.testing.assert_allclose(lines[:, 0], [0.5, 0.5 * (np.log(2.0) + 0.5)])


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_variance_may_be_shared_along_one_axis(axis):
    mean, x = R.normal(size=(2, 3, 4)), R.normal(size=(2, 3, 4))
    var = R.uniform(0.5, 2.0, np.expand_dims(mean.take(0, axis), axis).shape)
    whole = F.gaussian_nll_loss(mean, x, np.broadcast_to(var, mean.shape), reduction="none")
    np.testing.assert_array_equal(F.gaussian_nll_loss(mean, x, var, reduction="none"), whole)
    with pytest.raises(ag.ShapeError, match=r"var of shape \(1, 1, 4\) for an input of shape"):
        F.gaussian_nll_loss(mean, x, np.ones((1, 1, 4)))


def text_of(path, blank):
    return [k for k, _ in itertools.groupby(path) if k != blank]


def by_all_alignments(logs, text, blank=0):
    paths = itertools.product(range(logs.shape[1]), repeat=len(logs))
    total = sum(
        np.exp(sum(logs[t, k] for t, k in enumerate(path))) for path in paths if text_of(path, blank) == text
    )  # fmt: skip
    with np.errstate(divide="ignore"):
        return -np.log(total)


@pytest.mark.parametrize("text", [[], [1], [1, 1], [1, 2, 1], [2, 2, 1], [1, 2, 1, 2], [2, 2, 2]])
@pytest.mark.parametrize("blank", [0, 2])
def test_texts_by_all_their_alignments(text, blank):
    letters = [k for k in range(3) if k != blank]
    text = [letters[k - 1] for k in text]
    logs = ag.data_of(F.log_softmax(R.normal(size=(4, 3))))
    found = F.ctc_loss(logs, np.array(text, int), [4], [len(text)], blank, reduction="sum")
    np.testing.assert_allclose(found, by_all_alignments(logs, text, blank), rtol=1e-12)


def test_a_batch_of_lengths():
    logs = ag.data_of(F.log_softmax(R.normal(size=(5, 3, 4))))
    texts, ends, sizes = [[1, 2, 3], [3, 3, 0], [2, 0, 0]], [5, 4, 2], [3, 2, 1]
    each = F.ctc_loss(logs, texts, ends, sizes, reduction="none")
    expected = [by_all_alignments(logs[: ends[n], n], texts[n][: sizes[n]]) for n in range(3)]
    np.testing.assert_allclose(each, expected, rtol=1e-12)
    joined = F.ctc_loss(logs, [1, 2, 3, 3, 3, 2], ends, sizes, reduction="none")
    np.testing.assert_array_equal(joined, each)
    assert F.ctc_loss(logs, texts, ends, sizes) == pytest.approx(np.mean(each / [3, 2, 1]))


def test_a_text_that_is_too_long_has_a_loss_of_inf_and_no_nan():
    logs = ag.Tensor(np.full((2, 1, 3), np.log(1 / 3)), requires_grad=True)
    assert F.ctc_loss(logs, [[1, 1]], [2], [2], reduction="sum").item() == np.inf
    loss = F.ctc_loss(logs, [[1, 1]], [2], [2], reduction="sum", zero_infinity=True)
    loss.backward()
    assert loss.item() == 0.0 and (logs.grad == 0).all()


def test_a_small_network_learns_to_write():
    ag.random.seed(0)
    model, target = nn.Linear(6, 4), [[1, 3, 2]]
    x = R.normal(size=(8, 1, 6))
    optimizer = nn.optim.Adam(model.parameters(), lr=0.1)
    for _ in range(40):
        loss = F.ctc_loss(F.log_softmax(model(x)), target, [8], [3])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert text_of(model(x).data[:, 0].argmax(-1).tolist(), 0) == [1, 3, 2]


def test_refusals():
    logs = np.zeros((4, 1, 3))
    with pytest.raises(IndexError, match="ctc_loss: got a target that is not a letter"):
        F.ctc_loss(logs, [[0]], [4], [1])
    with pytest.raises(ValueError, match=r"ctc_loss: got input_lengths=\[5\]"):
        F.ctc_loss(logs, [[1]], [5], [1])
    with pytest.raises(ag.ShapeError, match=r"ctc_loss: got targets of shape \(1, 1\)"):
        F.ctc_loss(logs, [[1]], [4], [2])
    with pytest.raises(ValueError, match="gaussian_nll_loss: got a negative variance"):
        F.gaussian_nll_loss([1.0], [1.0], [-1.0])
