"""Muon: singular values near 1, against an SVD."""

import numpy as np
import pytest

import nn
from nn.optim.muon import orthonormal


@pytest.mark.parametrize("shape", [(4, 4), (3, 7), (7, 3)])
def test_an_exact_iteration_finds_the_polar_factor(shape):
    x = np.random.default_rng(1).normal(size=shape)
    u, _, vh = np.linalg.svd(x, full_matrices=False)
    found = orthonormal(x, (1.5, -0.5, 0.0), 40, 0.0)
    np.testing.assert_allclose(found, u @ vh, atol=1e-12)


@pytest.mark.parametrize("shape", [(6, 6), (3, 8), (8, 3)])
def test_the_step_has_singular_values_near_1(shape):
    rng = np.random.default_rng(2)
    p = nn.Parameter(np.zeros(shape))
    optimizer = nn.optim.Muon([p], lr=0.5, weight_decay=0.0)
    p.grad = rng.normal(size=shape)
    optimizer.step()
    scale = 0.5 * max(1.0, shape[0] / shape[1]) ** 0.5
    s = np.linalg.svd(p.data, compute_uv=False) / scale
    assert (s > 0.6).all() and (s < 1.3).all()


def test_it_follows_momentum_and_decays():
    p = nn.Parameter(np.eye(2))
    optimizer = nn.optim.Muon([p], 0.1, 0.5, 0.75, ns_steps=0, adjust_lr_fn="match_rms_adamw")
    b = 0.0
    for g in (np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, -1.0], [1.0, 0.0]])):
        before, p.grad = p.data, g
        optimizer.step()
        b = 0.75 * b + 0.25 * g
        step = 0.25 * g + 0.75 * b
        step = step / np.linalg.norm(step)
        expected = before * (1 - 0.1 * 0.5) - 0.1 * 0.2 * 2**0.5 * step
        np.testing.assert_allclose(p.data, expected)


def test_only_matrices():
    with pytest.raises(
        ValueError, match=r"Muon: got a parameter of shape \(2,\); expected matrices"
    ):
        nn.optim.Muon([nn.Parameter([1.0, 2.0])])


def test_a_network_learns():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 5))
    y = np.tanh(x @ rng.normal(size=(5, 2)))
    model = nn.MLP([5, 16, 2], "tanh")
    matrices = [p for p in model.parameters() if p.ndim == 2]
    others = [p for p in model.parameters() if p.ndim != 2]
    muon, adam = nn.optim.Muon(matrices, lr=0.05), nn.optim.AdamW(others, lr=0.01)
    losses = []
    for _ in range(60):
        loss = nn.functional.mse_loss(model(x), y)
        for optimizer in (muon, adam):
            optimizer.zero_grad()
        loss.backward()
        for optimizer in (muon, adam):
            optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 * losses[0]
