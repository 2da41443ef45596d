"""L-BFGS: what the trajectories of PyTorch leave out."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import autograd as ag
import nn
from nn import optim
from nn.optim.lbfgs import Trial, strong_wolfe

FOLDER = Path(__file__).parent
spec = importlib.util.spec_from_file_location("optim_cases", FOLDER / "cases.py")
cases = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cases)

P = [nn.Parameter([1.0])]
WOLFE = {"line_search_fn": "strong_wolfe"}


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: optim.LBFGS([{"params": P}, {"params": [nn.Parameter([1.0])]}]), ValueError, "got 2 groups; expected one; pass all parameters as one group"),
        (lambda: optim.LBFGS(P).step(), ValueError, "got no closure; expected one"),
        (lambda: optim.LBFGS(P).step(3.0), TypeError, "got a float as closure; expected a function"),
        (lambda: optim.LBFGS(P).step(lambda: None), TypeError, "got None as the loss; expected one number"),
        (lambda: optim.LBFGS(P).step(lambda: np.ones(2)), ag.ShapeError, r"got the loss of shape \(2,\); expected one number"),
        (lambda: optim.SGD(P).step(3.0), TypeError, r"SGD: got a float as closure; .*loss\.backward\(\) before step\(\)"),
        (lambda: optim.LBFGS(P, max_eval=-1), ValueError, "max_eval=-1"),
        (lambda: optim.LBFGS(P, history_size=0), ValueError, "history_size=0"),
        (lambda: optim.LBFGS(P, line_search_fn="armijo"), ValueError, "line_search_fn='armijo'"),
        (lambda: optim.LBFGS(P, max_iter=0), ValueError, "max_iter=0"),
        (lambda: optim.LBFGS(P, max_iter="a"), ValueError, "LBFGS: got max_iter='a'; expected an integer"),
        (lambda: optim.LBFGS(P, max_iter=None), ValueError, "LBFGS: got max_iter=None; expected an integer"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("name", ["tolerance_grad", "tolerance_change"])
def test_tolerances_are_not_negative(name):
    with pytest.raises(ValueError, match=f"LBFGS: got {name}=-1; expected a number, at least 0"):
        optim.LBFGS([nn.Parameter([1.0])], **{name: -1})


def searched(line, first, most, narrowest):
    """Where the line search ends, and how often it computed the loss."""
    loss, slope = cases.LINES[line]
    calls = []

    def along(t):
        calls.append(t)
        return Trial(t, float(loss(t)), None, float(slope(t)))

    found = strong_wolfe(
        along, Trial(0.0, float(loss(0.0)), None, slope(0.0)), first, narrowest, most
    )
    assert found.t in calls or found.t == 0.0
    assert (found.loss, found.slope) == (loss(found.t), slope(found.t))
    return found.t, len(calls)


def test_line_searches_end_where_those_of_pytorch_do():
    with np.load(FOLDER / "trajectories.npz") as file:
        reference = file["line searches"]
    found = np.array([searched(*case) for case in cases.LINE_SEARCHES])
    np.testing.assert_allclose(found[:, 0], reference[:, 0], rtol=1e-9)
    np.testing.assert_array_equal(found[:, 1], reference[:, 1])


def searched_along(loss, slope, first, *most):
    """Where the line search ends, and the distances that it tried."""
    tried = []

    def along(t):
        tried.append(t)
        return Trial(t, loss(t), None, slope(t))

    origin = Trial(0.0, loss(0.0), None, slope(0.0))
    return strong_wolfe(along, origin, first, 1e-9, *most).t, tried


def test_of_two_equal_losses_that_of_the_nearer_end_is_kept():
    end, tried = searched_along(lambda t: t * (t - 1.0), lambda t: 2.0 * t - 1.0, 1.0, 0)
    assert end == 0.0 and tried == [1.0]
    # A plain after a slope, with a wall at its end; the third trial is on the plain, as the first.
    loss, slope = lambda t: -min(t, 1.0) if t < 8.0 else -0.5, lambda t: -1.0 if t < 8.0 else 1.0
    end, tried = searched_along(loss, slope, 1.0, 2)
    assert end == tried[0] == 1.0 and 1.0 < tried[2] < 8.0 < tried[1]


def test_a_loss_and_a_slope_that_fall_by_just_enough_are_enough():
    for last in (0.0, -0.9, 0.9):
        loss, slope = lambda t: -1e-4 * t, lambda t, last=last: -1.0 if t == 0.0 else last
        end, tried = searched_along(loss, slope, 1.0, 9)
        assert end == 1.0 and tried == [1.0]


def test_a_search_goes_on_while_the_loss_falls():
    end, tried = searched_along(lambda t: -t, lambda t: -1.0, 1.0)
    assert len(tried) == 26 and end == tried[-1] == max(tried)  # 25 after the first
    _, tried = searched_along(lambda t: -min(t, 1.0), lambda t: -1.0, 1.0, 3)
    assert tried[:2] == [1.0, 10.0] and 10.0 < tried[3] < tried[2]  # back where it was level


def test_a_search_goes_on_where_the_slope_itself_falls():
    _, tried = searched_along(lambda t: -t - t * t, lambda t: -1.0 - 2.0 * t, 1.0, 3)
    assert tried == [1.0, 10.0, 100.0, 1000.0]


def test_on_a_line_that_rises_a_search_goes_on_near_its_lower_end():
    rise = 2.0**-15
    loss, slope = lambda t: rise * (t - 1.0) if t else 2.0**-20, lambda t: rise if t else -1.0
    _, (first, second, third) = searched_along(loss, slope, 1.0, 2)
    assert first == 1.0 and third == pytest.approx(second + 0.1 * (first - second))


@pytest.mark.parametrize("lr", [0.7, 1.0, 3.0])
@pytest.mark.parametrize("place", [0.1, 1.0 / 3.0])
def test_a_search_without_a_tolerance_ends_at_a_kink(place, lr):
    """Where no two numbers are left to search between."""
    w = nn.Parameter([2.0])
    options = {"max_iter": 5, "max_eval": 1000, "tolerance_change": 0.0, **WOLFE}
    optimizer = optim.LBFGS([w], lr=lr, **options)

    def closure():
        optimizer.zero_grad()
        loss = (3.0 * nn.functional.relu(w - place) + nn.functional.relu(place - w)).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    assert w.item() == pytest.approx(place, rel=1e-15)


def test_defaults_are_those_of_pytorch():
    group = optim.LBFGS(P).param_groups[0]
    assert {name: value for name, value in group.items() if name != "params"} == {
        "lr": 1.0, "max_iter": 20, "max_eval": 25, "tolerance_grad": 1e-7, "tolerance_change": 1e-9,
        "history_size": 100, "line_search_fn": None,
    }  # fmt: skip


def stepped(loss, slope, start, steps=1, **options):
    """The parameter and the optimizer after some steps, the points where the loss was computed,
    and what the steps returned."""
    w, points = nn.Parameter(start), []
    optimizer = optim.LBFGS([w], **options)

    def closure():
        points.append(w.data.copy())
        w.grad = np.asarray(slope(w.data), float)
        return float(loss(w.data))

    losses = [optimizer.step(closure) for _ in range(steps)]
    return w.data, optimizer.state[w], points, losses


def stretched(x):
    return 0.5 * np.sum(np.array([1.0, 30.0]) * x * x) + 0.25 * np.sum(x**4)


def stretched_slope(x):
    return np.array([1.0, 30.0]) * x + x**3


@pytest.mark.parametrize(
    ("options", "counts", "end"),
    [
        ({"max_iter": 1}, [(1, 1), (2, 2)], [1.749283103, 0.01661268]),
        ({"max_iter": 4}, [(4, 4), (8, 8)], [0.004915885, -0.000105507]),
        ({"max_eval": 3}, [(2, 3), (4, 6)], [0.846908351, 0.015281772]),
        ({"lr": 0.0, "tolerance_change": 0.0}, [(1, 2), (2, 4)], [3.0, 1.0]),
        ({"max_eval": 0}, [(1, 2), (2, 4)], [1.749283103, 0.01661268]),
        ({"max_eval": 1}, [(1, 2), (2, 4)], [1.749283103, 0.01661268]),
        ({"tolerance_change": 0.3}, [(6, 6), (7, 7)], [0.502054584, -0.055261685]),
        ({"lr": 0.1, "tolerance_change": 0.3}, [(1, 2), (2, 4)], [2.847087687, 0.859728522]),
        ({"tolerance_grad": 1.5}, [(4, 5), (4, 6)], [0.846908351, 0.015281772]),
        ({"tolerance_grad": 31.0}, [(0, 1), (0, 2)], [3.0, 1.0]),
        ({"history_size": 1}, [(20, 20), (31, 31)], [6.9504e-05, 1.953e-06]),
        ({"lr": 7.0, "max_eval": 3, **WOLFE}, [(1, 3), (2, 6)], [1.187033188, 0.146153154]),
        ({"lr": 7.0, "max_eval": 9, **WOLFE}, [(4, 9), (8, 18)], [7e-09, 2e-09]),
        ({"lr": 7.0, "max_iter": 1, **WOLFE}, [(1, 2), (2, 4)], [3.0, 1.0]),
        ({"lr": 7.0, "max_iter": 3, **WOLFE}, [(1, 3), (2, 6)], [1.187033188, 0.146153154]),
        ({"lr": 0.01, "max_iter": 2, **WOLFE}, [(1, 3), (2, 6)], [2.847087687, 0.859728522]),
        ({"lr": 7.0, "tolerance_change": 0.3, **WOLFE}, [(5, 9), (6, 10)], [0.289040843, 0.04245358]),
        ({"lr": 7.0, "tolerance_grad": 1.5, **WOLFE}, [(4, 9), (4, 10)], [0.289040843, 0.04245358]),
    ],
)  # fmt: skip
def test_when_two_steps_stop(options, counts, end):
    """After as many iterations and calls as PyTorch's, at the same point."""
    w, state, points, losses = stepped(stretched, stretched_slope, [3.0, 1.0], 2, **options)
    calls = [seen for _, seen in counts]
    assert (state["n_iter"], state["func_evals"], len(points)) == (*counts[1], calls[1])
    np.testing.assert_allclose(w, end, rtol=1e-6, atol=1e-8)
    assert losses == [stretched(points[0]), stretched(points[calls[0]])]  # each before its step


@pytest.mark.parametrize(("tolerance", "iterations"), [(0.0, 2), (0.3, 1)])
def test_a_loss_that_changes_by_less_than_the_tolerance_is_the_last(tolerance, iterations):
    """From 1 to -1, however large the loss is."""
    options = {"lr": 2.0, "max_iter": 3, "tolerance_change": tolerance}
    _, state, points, _ = stepped(lambda x: x[0] ** 2 + 100.0, lambda x: 2.0 * x, [1.0], **options)
    assert state["n_iter"] == iterations and points[1].tolist() == [-1.0]


def test_a_slope_of_just_the_tolerance_is_followed():
    options = {"max_iter": 1, "tolerance_change": 0.25}
    w, *_ = stepped(lambda x: 0.5 * x[0], lambda x: [0.5], [0.0], **options)
    assert w.tolist() == [-0.5]


def test_several_parameters_are_one_vector():
    whole = nn.Parameter([3.0, 1.0, -2.0, 0.5, 4.0])
    parts = [nn.Parameter([[3.0, 1.0]]), nn.Parameter(-2.0), nn.Parameter([[0.5], [4.0]])]
    for parameters in ([whole], parts):
        optimizer = optim.LBFGS(parameters, lr=0.5, max_iter=4)

        def closure(parameters=parameters, optimizer=optimizer):
            optimizer.zero_grad()
            loss = sum(((p - 1.0) ** 4).sum() for p in parameters)
            loss.backward()
            return loss

        optimizer.step(closure)
    found = np.concatenate([p.data.ravel() for p in parts])
    np.testing.assert_allclose(found, whole.data, rtol=1e-9)
    assert [p.shape for p in parts] == [(1, 2), (), (2, 1)]


@pytest.mark.parametrize("options", [{}, WOLFE])
def test_a_loaded_state_goes_on(options):
    ends = []
    for reload in (False, True):
        w = nn.Parameter([3.0, 1.0])
        optimizer = optim.LBFGS([w], max_iter=2, **options)
        for _ in range(3):
            if reload:
                state, optimizer = optimizer.state_dict(), optim.LBFGS([w], **options)
                optimizer.load_state_dict(state)

            def closure(w=w):
                w.grad = stretched_slope(w.data)
                return float(stretched(w.data))

            optimizer.step(closure)
        state = optimizer.state[w]
        ends.append((w.tolist(), state["n_iter"], state["func_evals"], type(state["n_iter"])))
    assert ends[0] == ends[1]


@pytest.mark.parametrize("line", cases.LINES)
@pytest.mark.parametrize("most", [2, 4, 20])
def test_a_line_search_leaves_the_parameters_where_it_ends(line, most):
    loss, slope = cases.LINES[line]
    w, state, points, _ = stepped(
        lambda x: loss(x[0]),
        lambda x: [slope(x[0])],
        [0.0],
        lr=3.0,
        max_iter=1,
        max_eval=most,
        **WOLFE,
    )
    assert w == state["t"] * state["d"] and loss(w[0]) <= loss(0.0)
    assert (w in points and 0 <= len(points) - most <= 1) or len(points) < most


@pytest.mark.parametrize(
    ("gradient", "step"), [([3.0, -4.0], [-3.0 / 7.0, 4.0 / 7.0]), ([0.25, 0.5], [-0.25, -0.5])]
)
def test_the_first_step_is_no_longer_than_lr(gradient, step):
    """min(1, 1 / |g|₁) · g."""
    w, *_ = stepped(lambda x: x @ gradient, lambda x: gradient, [0.0, 0.0], lr=0.5, max_iter=1)
    np.testing.assert_allclose(w, 0.5 * np.array(step), rtol=1e-15)


@pytest.mark.parametrize("options", [{}, WOLFE])
def test_a_linear_loss_has_no_curvature_to_remember(options):
    w, state, *_ = stepped(lambda x: -3.0 * x[0], lambda x: [-3.0], [0.0], max_iter=4, **options)
    assert state["old_dirs"] == state["old_stps"] == [] and state["H_diag"] == 1.0
    assert state["d"].tolist() == [3.0] and np.isfinite(w).all() and w[0] > 9.0


def test_parameters_without_entries_are_at_their_minimum():
    _, state, points, losses = stepped(lambda x: 2.5, lambda x: x, np.zeros((0, 3)))
    assert losses == [2.5] and state["n_iter"] == 0 and len(points) == 1


def test_a_state_of_other_sizes_is_refused():
    def state_for(size):
        w = nn.Parameter(np.ones(size))
        optimizer = optim.LBFGS([w], max_iter=3)
        optimizer.step(lambda: (optimizer.zero_grad(), (loss := (w**4).sum()).backward(), loss)[2])
        return optimizer, optimizer.state_dict()

    optimizer, state = state_for(3)
    with pytest.raises(ValueError, match=r"of shape \(2,\); expected \(3,\)"):
        optimizer.load_state_dict(state_for(2)[1])
    optimizer.load_state_dict(state)
