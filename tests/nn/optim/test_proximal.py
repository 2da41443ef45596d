"""Proximal steps against the optimality conditions of the penalized problems."""

import math

import numpy as np
import pytest

import autograd as ag
import nn
from nn import optim


def lasso(seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(60, 12))
    w = np.where(np.arange(12) < 4, rng.normal(size=12) * 2.0, 0.0)
    return x, x @ w + 0.1 * rng.normal(size=60)


def descend(optimizer, p, x, y, steps, penalty=lambda p: 0.0):
    for _ in range(steps):
        optimizer.zero_grad()
        (0.5 * nn.functional.mse_loss(x @ p, y) + penalty(p)).backward()
        optimizer.step()


def test_a_lasso_is_solved_with_exact_zeros_where_its_subgradient_finds_none():
    (x, y), strength = lasso(), 0.1
    p = nn.Parameter(np.zeros(12))
    optimizer = optim.Proximal(optim.SGD([p], lr=0.3), optim.L1(strength))
    descend(optimizer, p, x, y, 3000)
    gradient = x.T @ (x @ p.data - y) / 60
    zero = p.data == 0.0
    assert 5 <= zero.sum() <= 8
    assert (abs(gradient[zero]) <= strength).all()
    np.testing.assert_allclose(gradient[~zero], -strength * np.sign(p.data[~zero]), atol=1e-8)
    q = nn.Parameter(np.ones(12))
    descend(optim.SGD([q], lr=0.3), q, x, y, 3000, lambda p: nn.functional.l1_penalty(p, strength))
    assert (q.data != 0.0).all()


def test_a_group_lasso_is_solved_with_whole_rows_zero():
    rng = np.random.default_rng(1)
    x, strength = rng.normal(size=(80, 6)), 0.15
    truth = np.zeros((6, 3))
    truth[:2] = rng.normal(size=(2, 3)) * 2.0
    y = x @ truth + 0.1 * rng.normal(size=(80, 3))
    p = nn.Parameter(np.zeros((6, 3)))
    optimizer = optim.Proximal(optim.SGD([p], lr=0.3), optim.GroupLasso(strength, axis=0))
    for _ in range(2000):
        optimizer.zero_grad()
        (1.5 * nn.functional.mse_loss(x @ p, y)).backward()
        optimizer.step()
    gradient = x.T @ (x @ p.data - y) / 80
    norms, limit = np.linalg.norm(p.data, axis=1), strength * math.sqrt(3)
    zero = norms == 0.0
    assert zero.sum() == 4
    assert (np.linalg.norm(gradient[zero], axis=1) <= limit).all()
    np.testing.assert_allclose(gradient[~zero], -limit * p.data[~zero] / norms[~zero, None], atol=1e-8)  # fmt: skip


def test_an_elastic_net_is_solved():
    (x, y), l1, l2 = lasso(), 0.1, 0.2
    p = nn.Parameter(np.zeros(12))
    descend(optim.Proximal(optim.SGD([p], lr=0.3), optim.ElasticNet(l1, l2)), p, x, y, 3000)
    gradient = x.T @ (x @ p.data - y) / 60 + 2 * l2 * p.data
    zero = p.data == 0.0
    assert zero.any() and (abs(gradient[zero]) <= l1).all()
    np.testing.assert_allclose(gradient[~zero], -l1 * np.sign(p.data[~zero]), atol=1e-8)


def test_proximal_leaves_other_parameters_alone_and_passes_everything_on():
    net = nn.Linear(2, 2)
    inner = optim.Adam(net.parameters(), lr=0.5)
    optimizer = optim.Proximal(inner, optim.L1(1e3), params=[net.weight])
    nn.functional.mse_loss(net(np.ones((3, 2))), np.zeros((3, 2))).backward()
    optimizer.step()
    assert not net.weight.data.any() and net.bias.data.all()
    assert optimizer.state_dict().keys() == inner.state_dict().keys()
    optimizer.lr = 0.1
    assert inner.lr == 0.1 and optimizer.param_groups is inner.param_groups
    assert repr(optimizer).startswith("Proximal(L1(strength=1000.0), Adam(")


P = [nn.Parameter([1.0])]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: optim.Proximal(3, optim.L1(1.0)), TypeError, "Proximal: got an int; expected an optimizer"),
        (lambda: optim.Proximal(optim.SGD(P), 0.1), TypeError, "got a float as the penalty; expected a method prox"),
        (lambda: optim.Proximal(optim.SGD(P), optim.L1(1.0), [nn.Parameter([1.0])]), ValueError, "a parameter that the optimizer does not change"),
        (lambda: optim.Proximal(optim.SGD(P), optim.L1), TypeError, "got the class L1 as the penalty; expected a method prox"),
        (lambda: optim.Proximal(optim.SGD(P), optim.L1(1.0), 3), TypeError, "got an int as params; expected several of the optimizer's"),
        (lambda: optim.Proximal(optim.SGD(P), optim.L1(1.0), P[0]), TypeError, "got a Parameter as params; .*pass a list"),
        (lambda: optim.GroupLasso(1.0, "a"), ValueError, "got axis='a'; expected an integer"),
        (lambda: optim.L1(-1.0), ValueError, "strength=-1.0"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_it_stands_for_the_optimizer_that_it_wraps():
    def made():
        p = nn.Parameter([4.0, -4.0])
        return p, optim.Proximal(optim.SGD([p], lr=0.5, momentum=0.5), optim.L1(1.0))

    p, optimizer = made()
    assert optimizer.lr == 0.5 and optimizer.param_groups is optimizer.optimizer.param_groups
    p.grad = np.ones(2)
    optimizer.step()
    assert p.tolist() == [4.0 - 0.5 - 0.5, -4.0 - 0.5 + 0.5]
    optimizer.zero_grad(set_to_none=False)
    assert p.grad.tolist() == [0.0, 0.0]
    optimizer.zero_grad()
    assert p.grad is None
    optimizer.lr = 0.25
    assert optimizer.optimizer.lr == 0.25
    q, other = made()
    q.data = p.data.copy()
    other.load_state_dict(optimizer.state_dict())
    assert other.lr == 0.25
    for w, o in ((p, optimizer), (q, other)):
        w.grad = np.array([1.0, 2.0])
        o.step()
    assert p.tolist() == q.tolist()


@pytest.mark.parametrize(
    ("make", "ok", "wrong"),
    [(optim.L1, (0.0,), (-1e-9,)), (optim.ElasticNet, (0.0, 0.0), (0.1, -1.0)), (optim.GroupLasso, (0.0,), (math.nan,))],
)  # fmt: skip
def test_strengths_are_not_negative(make, ok, wrong):
    w = np.array([[1.0, -2.0]])
    np.testing.assert_array_equal(make(*ok).prox(w, 0.5), w)
    make(*(0.05 for _ in ok))
    with pytest.raises(
        ValueError, match=f"^{make.__name__}: got .*; expected a number, at least 0"
    ):
        make(*wrong)


def test_groups_shrink_by_their_norm():
    w = np.array([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0]])
    expected = np.array([[3.0 * 0.9, 4.0 * 0.9], [0.0, 0.0], [0.0, 0.0]])
    # The threshold is the strength times the step times the root of the size of a group, or less.
    shrunk = optim.GroupLasso(1.0).prox(w, 0.5)
    factor = shrunk[0] / w[0]
    assert factor[0] == pytest.approx(factor[1]) and 0.5 < factor[0] < 1.0
    assert (shrunk[1:] == 0.0).all() and expected[1:].tolist() == shrunk[1:].tolist()
    np.testing.assert_array_equal(optim.GroupLasso(1.0, axis=1).prox(w.T, 0.5), shrunk.T)
    np.testing.assert_array_equal(optim.GroupLasso(1.0, axis=-1).prox(w.T, 0.5), shrunk.T)
    number = np.array(3.0)
    assert optim.GroupLasso(1.0).prox(number, 0.5) == pytest.approx(2.5)


def test_thresholds_of_their_own_broadcast_to_the_entries():
    from nn.optim.proximal import soft_threshold

    w = np.array([[3.0, -3.0], [0.5, -0.5]])
    for threshold in (1, 1.0, np.float64(1.0), np.array(1.0), [[1.0], [1.0]], [1.0, 1.0]):
        assert soft_threshold(w, threshold).tolist() == [[2.0, -2.0], [0.0, 0.0]]
    assert soft_threshold(w, [0.0, 2.0]).tolist() == [[3.0, -1.0], [0.5, 0.0]]
    with pytest.raises(ag.ShapeError, match=r"^soft_threshold: got threshold of shape \(2, 1\)"):
        soft_threshold(w[0], [[1.0], [2.0]])


def test_parameters_without_a_gradient_do_not_shrink():
    p, q = nn.Parameter([4.0]), nn.Parameter([4.0])
    optimizer = optim.Proximal(optim.SGD([p, q], lr=0.5), optim.L1(1.0))
    p.grad = np.array([0.0])
    assert optimizer.step() is None
    assert p.tolist() == [3.5] and q.tolist() == [4.0]
    assert optimizer.step(lambda: 2.5) == 2.5  # the loss of the closure
