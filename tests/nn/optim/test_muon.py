"""Muon: singular values near 1, against an SVD."""

import numpy as np
import pytest

import nn
from nn import optim
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


@pytest.mark.parametrize(
    ("shape", "adjust", "scale"),
    [((8, 2), None, 2.0), ((4, 1), None, 2.0), ((2, 8), None, 1.0), ((3, 3), "original", 1.0), ((8, 2), "match_rms_adamw", 0.2 * 8**0.5),
     ((2, 18), "match_rms_adamw", 0.2 * 18**0.5)],
)  # fmt: skip
@pytest.mark.parametrize("nesterov", [False, True])
def test_the_step_is_an_orthonormal_matrix_of_a_known_size(shape, adjust, scale, nesterov):
    """With exact iterations, so that U Vᵀ of the gradient is known."""
    g = np.random.default_rng(0).normal(size=shape)
    p = nn.Parameter(np.zeros(shape))
    options = {"ns_coefficients": (1.5, -0.5, 0.0), "ns_steps": 60, "weight_decay": 0.0}
    optimizer = optim.Muon([p], lr=0.5, adjust_lr_fn=adjust, nesterov=nesterov, **options)
    p.grad = g
    optimizer.step()
    u, _, v = np.linalg.svd(g, full_matrices=False)
    np.testing.assert_allclose(p.data, -0.5 * scale * (u @ v), rtol=1e-9, atol=1e-12)


def test_momentum_looks_ahead_or_does_not():
    """Between two gradients at right angles, the share of the last one shows in the step."""
    first, second = np.diag([1.0, 0.0]), np.diag([0.0, 1.0])
    for nesterov, last in ((True, 0.25 + 0.75 * 0.25), (False, 0.25)):
        p = nn.Parameter(np.zeros((2, 2)))
        optimizer = optim.Muon(
            [p], lr=1.0, momentum=0.75, nesterov=nesterov, weight_decay=0.0, ns_steps=0
        )
        for g in (first, second):
            before, p.grad = p.data, g
            optimizer.step()
        step = np.diag(before - p.data)
        earlier = 0.75 * 0.25 * (0.75 if nesterov else 1.0)
        np.testing.assert_allclose(step, np.array([earlier, last]) / np.hypot(earlier, last))


def test_iterations_have_a_limit():
    p = nn.Parameter(np.ones((2, 2)))
    optim.Muon([p], ns_steps=99), optim.Muon([p], ns_steps=0)
    with pytest.raises(ValueError, match="Muon: got ns_steps=100; expected an integer"):
        optim.Muon([p], ns_steps=100)
