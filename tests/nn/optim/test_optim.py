"""Optimizers and schedulers against PyTorch's trajectories; proximal steps against optimality conditions."""

import copy
import importlib.util
import math
from pathlib import Path

import numpy as np
import pytest

import autograd as ag
import nn
from nn import optim
from nn.optim import lr_scheduler as lr

FOLDER = Path(__file__).parent
spec = importlib.util.spec_from_file_location("optim_cases", FOLDER / "cases.py")
cases = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cases)


@pytest.fixture(scope="module")
def reference():
    with np.load(FOLDER / "trajectories.npz") as file:
        return {key: file[key] for key in file.files}


def test_there_is_a_reference_for_every_case(reference):
    ours = {f"{kind}/{name}" for name in cases.OPTIMIZERS for kind in ("optimizer", "spread")}
    assert set(reference) == ours | {f"scheduler/{name}" for name in cases.SCHEDULERS}


def run(optimizer, params, loss_of, steps):
    rows = []
    for step in steps:

        def closure(step=step):
            optimizer.zero_grad()
            loss = loss_of(params, step, np.asarray)
            loss.backward()
            return loss

        optimizer.step(closure)
        rows.append(np.concatenate([p.data.ravel() for p in params]))
    return np.array(rows)


def made(expression, dtype=float):
    starts, loss_of = cases.problem(ag.concatenate)
    params = [nn.Parameter(start, dtype=dtype) for start in starts]
    return eval(expression, {"optim": optim, "params": params}), params, loss_of


# The order in which a BLAS kernel adds decides the last bits of a gradient, and some trajectories
# amplify them. So ours may be as far from PyTorch's as PyTorch's own moves when its start changes by
# 1 to 4 ulp, times this; measured with five kernels: 2.4 times at most.
MULTIPLE = 8
NO_DIGITS_LEFT = 1e-2


@pytest.mark.parametrize("name", cases.OPTIMIZERS)
def test_trajectories(name, reference):
    steps = [0] * cases.STEPS if name in cases.STEADY else range(cases.STEPS)
    rows = run(*made(cases.OPTIMIZERS[name]), steps)
    distance = cases.relative_distance(rows, reference[f"optimizer/{name}"])
    # A spread that shrinks again says nothing of the rounding since; and some steps round exactly.
    spread = np.maximum.accumulate(reference[f"spread/{name}"])
    allowed = MULTIPLE * np.maximum(spread, 4 * np.finfo(float).eps)
    with_digits = allowed < NO_DIGITS_LEFT
    assert with_digits[:10].all() and with_digits.sum() >= 10, f"{with_digits.sum()} steps compared"
    too_far = np.flatnonzero(with_digits & ~(distance <= allowed))
    assert not too_far.size, (
        f"of {with_digits.sum()} steps compared, {too_far.size} are too far, from step {too_far[0]}: "
        f"{distance[too_far[0]]:.1e} where {allowed[too_far[0]]:.1e} is allowed"
    )


@pytest.mark.parametrize("name", cases.OPTIMIZERS)
def test_a_saved_and_loaded_optimizer_goes_on_bit_by_bit(name):
    whole = run(*made(cases.OPTIMIZERS[name]), range(20))
    first, params, loss_of = made(cases.OPTIMIZERS[name])
    run(first, params, loss_of, range(10))
    state, numbers = copy.deepcopy(first.state_dict()), [p.numpy() for p in params]
    second, params, loss_of = made(cases.OPTIMIZERS[name].replace("lr=0.", "lr=1."))
    for p, array in zip(params, numbers, strict=True):
        p.data = array
    second.load_state_dict(state)
    assert second.lr == first.lr
    assert (run(second, params, loss_of, range(10, 20)) == whole[10:]).all()


@pytest.mark.parametrize("name", ["SGD lr=0.05", "Adam lr=0.05", "RMSprop lr=0.02", "LBFGS lr=0.3"])
def test_single_precision_stays_so(name):
    optimizer, params, loss_of = made(cases.OPTIMIZERS[name], np.float32)
    run(optimizer, params, lambda *a: loss_of(*a).astype(np.float32), range(3))
    assert all(p.dtype == np.float32 for p in params)
    kept = [x for entry in optimizer.state.values() for x in entry.values() if np.ndim(x)]
    assert all(np.asarray(x).dtype == np.float32 for x in kept)


@pytest.mark.parametrize("name", cases.SCHEDULERS)
def test_learning_rates(name, reference):
    params = [nn.Parameter([0.0]) for _ in range(2)]
    groups = [{"params": params[0]}, {"params": [params[1]], "lr": 0.02}]
    o = optim.SGD(groups, lr=0.1, momentum=0.9)
    scheduler = eval(cases.SCHEDULERS[name], {"lr": lr, "o": o})
    rows, half = [], None
    for epoch in range(cases.EPOCHS):
        rows.append([*scheduler.get_last_lr(), o.param_groups[0]["momentum"]])
        if epoch == 23:
            half = copy.deepcopy((scheduler.state_dict(), o.state_dict()))
        scheduler.step(cases.METRICS[epoch]) if scheduler.takes_metric else scheduler.step()
    np.testing.assert_allclose(rows, reference[f"scheduler/{name}"], rtol=1e-9, atol=1e-12)
    scheduler.load_state_dict(half[0])
    o.load_state_dict(half[1])
    assert scheduler.get_last_lr() == rows[23][:2]
    for epoch in range(23, 40):
        scheduler.step(cases.METRICS[epoch]) if scheduler.takes_metric else scheduler.step()
    assert scheduler.get_last_lr() == rows[40][:2]


def test_lion_follows_its_formula():
    p = nn.Parameter([0.5, -0.7])
    w, m = p.numpy(), np.zeros(2)
    o = optim.Lion([p], lr=0.01, betas=(0.8, 0.95), weight_decay=0.1)
    for _ in range(20):
        o.zero_grad()
        (p**4).sum().backward()
        o.step()
        g = 4 * w**3
        w = w - 0.01 * (np.sign(0.8 * m + 0.2 * g) + 0.1 * w)
        m = 0.95 * m + 0.05 * g
        np.testing.assert_allclose(p.data, w, rtol=1e-12)


def test_groups_have_options_of_their_own_and_more_can_be_added():
    a, b, c = (nn.Parameter([1.0]) for _ in range(3))
    o = optim.SGD([{"params": [a]}, {"params": b, "lr": 0.5}], lr=0.1)
    o.add_param_group({"params": [c], "lr": 1.0})
    (a + b + c).sum().backward()
    assert o.step() is None
    assert [p.item() for p in (a, b, c)] == [0.9, 0.5, 0.0]
    o.lr = 0.25
    assert [g["lr"] for g in o.param_groups] == [0.25] * 3 and o.lr == 0.25
    assert repr(o).splitlines()[1].startswith("  (0): 1 numbers in 1 arrays, lr=0.25")
    o.zero_grad()
    assert a.grad is None


def test_a_gradient_that_is_nan_is_not_hidden():
    p = nn.Parameter([1.0])
    o = optim.Adam([p])
    (p * math.nan).sum().backward()
    o.step()
    assert np.isnan(p.data).all()


def test_states_of_others_are_refused_and_change_nothing():
    p = nn.Parameter([1.0, 2.0])
    o = optim.Adam([p], lr=0.1)
    (p * p).sum().backward()
    o.step()
    before = copy.deepcopy(o.state_dict())
    other = copy.deepcopy(before)
    other["state"][0]["exp_avg"] = np.ones(3)
    other["param_groups"][0]["lr"] = 9.0
    with pytest.raises(ValueError, match=r"exp_avg of shape \(3,\) came; \(2,\)"):
        o.load_state_dict(other)
    with pytest.raises(ValueError, match=r"groups of \[2\] parameters came; groups of \[1\]"):
        o.load_state_dict({"state": {}, "param_groups": [{"params": [0, 1]}]})
    with pytest.raises(ValueError, match="parameter 4 came; there are 1"):
        o.load_state_dict({**before, "state": {4: {}}})
    with pytest.raises(ValueError, match="a mapping with 'state' and 'param_groups'"):
        o.load_state_dict([])
    assert str(o.state_dict()) == str(before)


def test_a_saved_state_is_a_copy():
    p = nn.Parameter([1.0])
    o = optim.SGD([p], lr=0.1, momentum=0.9)
    (p * p).sum().backward()
    o.step()
    state = o.state_dict()
    state["state"][0]["momentum_buffer"][:] = 9.0
    assert o.state[p]["momentum_buffer"][0] == 2.0


# --- limits and averages ---


def test_clipping_by_norm_and_by_value():
    def fresh():
        p, q, r = nn.Parameter([1.0, 1.0]), nn.Parameter([[1.0]]), nn.Parameter([1.0])
        ((p * [3.0, 4.0]).sum() + (q * 12.0).sum()).backward()
        return p, q, r

    p, q, r = fresh()
    assert optim.clip_grad_norm_([p, q, r], 6.5) == 13.0
    np.testing.assert_allclose([*p.grad, q.grad[0, 0]], [1.5, 2.0, 6.0], rtol=1e-6)
    p, q, r = fresh()
    assert optim.clip_grad_norm_((x for x in (p, q)), 100.0) == 13.0 and q.grad[0, 0] == 12.0
    assert optim.clip_grad_norm_([p, q], 6.0, math.inf) == 12.0
    np.testing.assert_allclose([*p.grad, q.grad[0, 0]], [1.5, 2.0, 6.0], rtol=1e-6)
    p, q, r = fresh()
    optim.clip_grad_value_([p, q, r], 3.5)
    assert [*p.grad, q.grad[0, 0]] == [3.0, 3.5, 3.5]
    assert optim.clip_grad_norm_([r], 1.0) == 0.0
    p.grad = np.array([math.nan, 1.0])
    with pytest.raises(ValueError, match="the gradients have the norm nan"):
        optim.clip_grad_norm_(p, 1.0, error_if_nonfinite=True)


def test_max_norm_of_the_weights_into_each_unit():
    layer = nn.Conv2d(2, 3, 2)
    nn.init.normal_(layer.weight, std=3.0)
    nn.init.values_(
        layer.weight, np.where(np.arange(3)[:, None, None, None] == 1, 1e-3, layer.weight.data)
    )
    before, bias = layer.weight.data, layer.bias.data
    optim.max_norm_(layer.parameters(), 1.5)
    norms = np.sqrt((layer.weight.data**2).sum(axis=(1, 2, 3)))
    assert norms.max() <= 1.5 + 1e-12 and (layer.weight.data[1] == before[1]).all()
    assert (layer.bias.data == bias).all()


def test_moving_averages():
    p = nn.Parameter([0.0])
    ema = optim.ExponentialMovingAverage([p], decay=0.9)
    mean = 0.0
    for k in range(5):
        p.data = np.array([float(k)])
        ema.update()
        mean = 0.9 * mean + 0.1 * k
    with pytest.raises(RuntimeError), ema.average():
        assert p.item() == pytest.approx(mean)
        raise RuntimeError
    assert p.item() == 4.0
    state = ema.state_dict()
    other = optim.ExponentialMovingAverage([nn.Parameter([7.0])], decay=0.9)
    other.load_state_dict(state)
    assert other.averages == ema.averages and other.updates == 5
    ema.copy_to_parameters()
    assert p.item() == pytest.approx(mean)
    warm = optim.ExponentialMovingAverage([p], decay=0.999, warmup=True)
    p.data = np.array([11.0])
    warm.update()
    assert warm.averages[0][0] == pytest.approx(2 / 11 * mean + 9 / 11 * 11.0)
    assert optim.ExponentialMovingAverage(nn.Linear(2, 2)).averages[0].shape == (2, 2)
    with pytest.raises(ValueError, match=r"shapes \[\(1,\)\] came"):
        optim.ExponentialMovingAverage([nn.Parameter([1.0, 2.0])]).load_state_dict(state)


# --- proximal steps ---


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
        (lambda: optim.Adam(P, betas=(0.9, 1.0)), ValueError, r"Adam: betas\[1\]=1.0 came; a number from 0 up to 1"),
        (lambda: optim.Adam(P, eps=-1.0), ValueError, "Adam: got eps=-1.0; expected a number, at least 0"),
        (lambda: optim.RMSprop(P, alpha=2.0), ValueError, "alpha=2.0"),
        (lambda: optim.Adagrad(P, initial_accumulator_value=-1.0), ValueError, "initial_accumulator_value=-1.0"),
        (lambda: optim.SGD([{"lr": 0.1}]), ValueError, r"a group without 'params' came"),
        (lambda: optim.SGD([{"params": P, "beta": 1}]), ValueError, "a group with beta came; the options are lr, momentum"),
        (lambda: optim.SGD([{"params": P}, {"params": P}]), ValueError, "entry 0 came before"),
        (lambda: optim.LBFGS([{"params": P}, {"params": [nn.Parameter([1.0])]}]), ValueError, "2 groups came; it takes one"),
        (lambda: optim.LBFGS(P).step(), ValueError, "needs a closure"),
        (lambda: optim.LBFGS(P, line_search_fn="armijo"), ValueError, "line_search_fn='armijo'"),
        (lambda: optim.Proximal(3, optim.L1(1.0)), TypeError, "a int came; an optimizer"),
        (lambda: optim.Proximal(optim.SGD(P), 0.1), TypeError, "a float came for the penalty"),
        (lambda: optim.Proximal(optim.SGD(P), optim.L1(1.0), [nn.Parameter([1.0])]), ValueError, "does not change"),
        (lambda: optim.L1(-1.0), ValueError, "strength=-1.0"),
        (lambda: optim.ExponentialMovingAverage([], 0.9), ValueError, "parameters are expected"),
        (lambda: optim.ExponentialMovingAverage(P, 1.5), ValueError, "decay=1.5"),
        (lambda: optim.clip_grad_norm_([1.0], 1.0), TypeError, "a float came; Tensors"),
        (lambda: optim.clip_grad_norm_(P, 1.0, 0), ValueError, "norm_type=0"),
        (lambda: lr.StepLR(nn.Linear(1, 1), 3), TypeError, "StepLR: a Linear came; an optimizer"),
        (lambda: lr.StepLR(optim.SGD(P), 0), ValueError, "step_size=0"),
        (lambda: lr.OneCycleLR(optim.SGD(P), 0.1), ValueError, "total_steps, or epochs and steps_per_epoch"),
        (lambda: lr.OneCycleLR(optim.Adagrad(P), 0.1, 10), ValueError, "neither momentum nor betas"),
        (lambda: lr.OneCycleLR(optim.SGD(P, momentum=0.9), 0.1, 3).move_to(3), ValueError, "the cycle has total_steps = 3"),
        (lambda: lr.LambdaLR(optim.SGD(P), [abs, abs]), ValueError, "2 functions came; there are 1 groups"),
        (lambda: lr.SequentialLR(optim.SGD(P), [], [3]), ValueError, "0 schedulers and milestones"),
        (lambda: lr.ReduceLROnPlateau(optim.SGD(P)).step(), ValueError, "needs the metric"),
        (lambda: lr.ReduceLROnPlateau(optim.SGD(P), factor=1.0), ValueError, "a number below 1"),
        (lambda: lr.StepLR(optim.SGD(P), 3).load_state_dict({}), ValueError, r"keys \[\] came"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
