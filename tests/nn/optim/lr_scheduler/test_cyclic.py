"""Cyclic and multiplied rates: PyTorch's numbers are in test_rates; here states and refusals."""

import numpy as np
import pytest

import nn
from nn.optim import lr_scheduler as lr


def optimizer(groups=1, **options):
    params = [{"params": [nn.Parameter([1.0])]} for _ in range(groups)]
    return nn.optim.SGD(params, lr=0.1, momentum=0.9, **options)


MAKE = {
    "CyclicLR": lambda o: lr.CyclicLR(o, 0.01, [0.5, 0.2], 3, 2, mode="triangular2"),
    "MultiplicativeLR": lambda o: lr.MultiplicativeLR(o, [lambda t: 0.9, lambda t: t / (t + 1.0)]),
}


@pytest.mark.parametrize("name", MAKE)
def test_a_saved_scheduler_goes_on(name):
    whole = optimizer(2)
    scheduler = MAKE[name](whole)
    rates = []
    for _ in range(12):
        rates.append([g["lr"] for g in whole.param_groups])
        whole.step()
        scheduler.step()
    first = optimizer(2)
    scheduler = MAKE[name](first)
    for _ in range(5):
        scheduler.step()
    second = optimizer(2)
    again = MAKE[name](second)
    again.load_state_dict(scheduler.state_dict())
    second.load_state_dict(first.state_dict())
    for expected in rates[5:]:
        assert [g["lr"] for g in second.param_groups] == pytest.approx(expected, rel=1e-14)
        again.step()


def test_momentum_goes_the_other_way():
    o = optimizer()
    scheduler = lr.CyclicLR(o, 0.1, 0.5, 2, base_momentum=0.6, max_momentum=0.9)
    found = []
    for _ in range(4):
        found.append(o.param_groups[0]["momentum"])
        scheduler.step()
    assert found == pytest.approx([0.9, 0.75, 0.6, 0.75])
    adam = nn.optim.Adam([nn.Parameter([1.0])])
    scheduler = lr.CyclicLR(adam, 0.1, 0.5, 2, base_momentum=0.5)
    found = []
    for _ in range(4):
        found.append(adam.param_groups[0]["betas"])
        scheduler.step()
    np.testing.assert_allclose(found, [(0.9, 0.999), (0.7, 0.999), (0.5, 0.999), (0.7, 0.999)])


def test_without_momentum_the_rate_alone_cycles():
    for make in (nn.optim.Adagrad, nn.optim.SGD):
        o = make([nn.Parameter([1.0])], lr=0.1)
        before = {name: x for name, x in o.param_groups[0].items() if "lr" not in name}
        scheduler = lr.CyclicLR(o, 0.1, 0.5, 2, cycle_momentum=False)
        scheduler.step()
        assert o.lr == pytest.approx(0.3)
        assert before.items() <= o.param_groups[0].items()


@pytest.mark.parametrize(("low", "high"), [(0.0, 0.05), (0.05, 1.0), ([0.5, 0.25], [0.75, 1.0])])
def test_momenta_are_numbers_from_0_to_1(low, high):
    groups = 2 if isinstance(low, list) else 1
    o = optimizer(groups)
    scheduler = lr.CyclicLR(o, 0.1, 0.5, 1, base_momentum=low, max_momentum=high)
    for bound in (high, low):
        found = [group["momentum"] for group in o.param_groups]
        assert found == pytest.approx(bound if groups > 1 else [bound])
        scheduler.step()


def test_heights_that_fall_at_once_leave_the_lowest_rate():
    o = optimizer()
    scheduler = lr.CyclicLR(o, 0.1, 0.5, 2, mode="exp_range", gamma=0.05)
    rates = []
    for _ in range(4):
        rates.append(o.lr)
        scheduler.step()
    assert rates == pytest.approx([0.1, 0.1 + 0.2 * 0.05, 0.1 + 0.4 * 0.05**2, 0.1 + 0.2 * 0.05**3])
    assert lr.CyclicLR(optimizer(), 0.1, 0.5, 2, mode="exp_range", gamma=0.0).lr_at(1, 0.1) == 0.1


@pytest.mark.parametrize("name", MAKE)
def test_the_rate_at_a_step_is_that_of_the_first_group(name):
    o = optimizer(2)
    scheduler = MAKE[name](o)
    for step in range(8):
        assert scheduler.lr_at(step, scheduler.base_lrs[0]) == pytest.approx(o.lr, rel=1e-14)
        scheduler.step()
    assert scheduler.lr_at(0, 0.25) == 0.25


def test_the_functions_results_multiply_a_group_that_was_added_later_too():
    o = optimizer()
    scheduler = lr.MultiplicativeLR(o, lambda t: 0.5 if t % 2 else 0.75)
    scheduler.step()
    o.add_param_group({"params": nn.Parameter([1.0]), "lr": 0.8})
    scheduler.step()
    assert scheduler.get_last_lr() == pytest.approx([0.1 * 0.5 * 0.75, 0.8 * 0.75])
    scheduler.step()
    assert scheduler.get_last_lr() == pytest.approx([0.1 * 0.5 * 0.75 * 0.5, 0.8 * 0.75 * 0.5])


def test_a_group_that_was_added_goes_on_from_a_state():
    o = optimizer()
    scheduler = lr.MultiplicativeLR(o, lambda t: 0.5)
    o.add_param_group({"params": nn.Parameter([1.0]), "lr": 0.8})
    scheduler.load_state_dict({"last_epoch": 2, "base_lrs": [0.1, 0.8]})
    assert scheduler.get_last_lr() == pytest.approx([0.025, 0.2])


def test_a_group_that_was_added_needs_a_function_of_its_own_if_the_others_have_one():
    o = optimizer()
    scheduler = lr.MultiplicativeLR(o, [lambda t: 0.5])
    o.add_param_group({"params": nn.Parameter([1.0]), "lr": 0.8})
    with pytest.raises(ValueError, match="MultiplicativeLR: got a group that was added later"):
        scheduler.step()
    scheduler.lr_lambdas.append(lambda t: 0.25)
    scheduler.step()
    assert scheduler.get_last_lr() == pytest.approx([0.05, 0.2])


def test_a_multiplied_rate_composes_with_others():
    o = optimizer()
    schedulers = [lr.MultiplicativeLR(o, lambda t: 0.5), lr.ExponentialLR(o, 0.1)]
    for _ in range(2):
        for scheduler in schedulers:
            scheduler.step()
    assert o.lr == pytest.approx(0.1 * 0.25 * 0.01)


def test_functions_are_called_once_for_each_step():
    calls = []
    scheduler = lr.MultiplicativeLR(optimizer(), lambda t: calls.append(t) or 1.0)
    for _ in range(4):
        scheduler.step()
    assert calls == [1, 2, 3, 4]


def test_refusals():
    with pytest.raises(
        ValueError, match="CyclicLR: got an optimizer with neither momentum nor beta"
    ):
        lr.CyclicLR(nn.optim.Adagrad([nn.Parameter([1.0])]), 0.1, 0.5)
    with pytest.raises(TypeError, match="CyclicLR: got scale_fn=2"):
        lr.CyclicLR(optimizer(), 0.1, 0.5, scale_fn=2)
    with pytest.raises(ValueError, match="MultiplicativeLR: got 2 functions; expected 1"):
        lr.MultiplicativeLR(optimizer(), [abs, abs])
    with pytest.raises(ValueError, match=r"lr_lambda\(1\)=nan"):
        lr.MultiplicativeLR(optimizer(), lambda t: np.nan).step()
    o = optimizer()
    scheduler = lr.CyclicLR(o, 0.1, 0.5, 2)
    o.add_param_group({"params": [nn.Parameter([1.0])]})
    with pytest.raises(ValueError, match="CyclicLR: got a group that was added later"):
        scheduler.step()
