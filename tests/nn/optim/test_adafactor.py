"""Adafactor: trajectories are in test_trajectories; here its memory, its clipping and its state."""

import numpy as np
import pytest

import nn
from nn import optim


def test_a_matrix_needs_a_row_and_a_column():
    p, b = nn.Parameter(np.ones((30, 40))), nn.Parameter(np.ones(40))
    optimizer = nn.optim.Adafactor([p, b])
    p.grad, b.grad = np.ones((30, 40)), np.ones(40)
    optimizer.step()
    kept = {name: x.shape for name, x in optimizer.state[p].items()}
    assert kept == {"step": (), "row_var": (30, 1), "col_var": (1, 40)}
    assert optimizer.state[b]["variance"].shape == (40,)


def test_of_squares_that_are_a_product_nothing_is_lost():
    g = np.outer([1.0, 2.0, 3.0], [0.5, 4.0])
    p = nn.Parameter(np.full(g.shape, 2.0))
    optimizer = nn.optim.Adafactor([p], lr=0.1)
    p.grad = g
    optimizer.step()
    np.testing.assert_allclose(p.data, 2.0 - 0.1 * 2.0 * np.sign(g))


def test_a_step_is_clipped():
    p = nn.Parameter(np.ones(4))
    optimizer = nn.optim.Adafactor([p], lr=0.5, beta2_decay=-0.1)
    for g in (np.full(4, 1e-3), np.full(4, 1e3)):
        before, p.grad = p.data, g
        optimizer.step()
    size = np.sqrt(np.square(before).mean())
    np.testing.assert_allclose(before - p.data, 0.5 * size)


def test_a_saved_state_loads_and_another_shape_does_not():
    p = nn.Parameter(np.ones((2, 3)))
    optimizer = nn.optim.Adafactor([p])
    p.grad = np.ones((2, 3))
    optimizer.step()
    state = optimizer.state_dict()
    nn.optim.Adafactor([p]).load_state_dict(state)
    state["state"][0]["row_var"] = np.ones((1, 3))
    with pytest.raises(ValueError, match=r"row_var of shape \(1, 3\); expected shape \(2, 1\)"):
        nn.optim.Adafactor([p]).load_state_dict(state)
    with pytest.raises(ValueError, match=r"Adafactor: got eps=1; expected two numbers"):
        nn.optim.Adafactor([p], eps=1)


def test_each_matrix_of_a_stack_has_averages_of_its_own():
    """So one that is alone moves in the same direction; only the size of its step differs."""
    g = np.random.default_rng(0).normal(size=(2, 3, 4)) * np.array([1.0, 50.0])[:, None, None]

    def change(g):
        p = nn.Parameter(np.ones(g.shape))
        optimizer = optim.Adafactor([p], lr=0.1)
        p.grad = g
        optimizer.step()
        return p.data - 1.0, optimizer

    together, optimizer = change(g)
    for i in range(2):
        ratio = together[i] / change(g[i])[0]
        np.testing.assert_allclose(ratio, ratio[0, 0], rtol=1e-12)
    squares = g * g
    rows, columns = squares.mean(axis=2, keepdims=True), squares.mean(axis=1, keepdims=True)
    step = g / np.sqrt(rows * columns / rows.mean(axis=1, keepdims=True))
    np.testing.assert_allclose(together / step, np.full(g.shape, (together / step)[0, 0, 0]))
    state = optimizer.state_dict()
    assert state["state"][0]["row_var"].shape == (2, 3, 1)
    assert state["state"][0]["col_var"].shape == (2, 1, 4)
    optimizer.load_state_dict(state)
    for name, shape in (("row_var", (2, 3, 4)), ("col_var", (1, 2, 4)), ("row_var", (2, 1, 3))):
        wrong = {**state, "state": {0: {**state["state"][0], name: np.ones(shape)}}}
        with pytest.raises(ValueError, match=rf"got {name} of shape .*; expected shape \(2, "):
            optimizer.load_state_dict(wrong)


@pytest.mark.parametrize("shape", [(), (1,), (4,)])
@pytest.mark.parametrize("name", ["row_var", "col_var"])
def test_averages_of_a_matrix_are_none_of_a_vector(name, shape):
    """They may look like those of one, of the rows and columns of an array of fewer axes."""
    p = nn.Parameter(np.ones(shape))
    optimizer = optim.Adafactor([p])
    p.grad = np.ones(shape)
    optimizer.step()
    state = optimizer.state_dict()
    state["state"][0][name] = np.ones((4, 1) if shape == (4,) else (1, 1))
    with pytest.raises(
        ValueError, match=rf"got {name} of shape .*; expected the parameter's shape"
    ):
        optimizer.load_state_dict(state)


@pytest.mark.parametrize("eps", [(None, None), (1e-3, None), (-1.0, 1.0), (1.0, -1.0), (1.0,), 3.0])
def test_floors_are_checked(eps):
    with pytest.raises(ValueError, match=r"^Adafactor: got .*eps"):
        optim.Adafactor([nn.Parameter([1.0])], eps=eps)
    for wrong in ({"beta2_decay": 0.1}, {"d": 0.9}, {"lr": -0.1}):
        with pytest.raises(ValueError, match=f"^Adafactor: got {next(iter(wrong))}="):
            optim.Adafactor([nn.Parameter([1.0])], **wrong)
    for fine in ((None, 0.0), (0.0, 1e-3)):
        optim.Adafactor([nn.Parameter([1.0])], eps=fine)
