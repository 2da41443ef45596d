"""The ledger tells steps, resets and stale gradients from the parameters alone."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn.inspect.loop import Loop, ascends

X = np.random.default_rng(0).normal(size=(16, 3))
T = X[:, :1]


def watched(body, optimizer=nn.optim.SGD, steps=6, **options):
    ag.random.seed(0)
    model = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
    optimizer = optimizer(model.parameters(), lr=0.01, **options)
    with nn.diagnose(model) as report:
        for i in range(steps):
            body(i, model, optimizer)
    return report


def loss(model):
    return nn.functional.mse_loss(model(X), T)


def usual(i, model, optimizer):
    optimizer.zero_grad()
    loss(model).backward()
    optimizer.step()


def accumulated(i, model, optimizer):
    loss(model).backward()
    if i % 3 == 2:
        optimizer.step()
        optimizer.zero_grad()


def by_hand(i, model, optimizer):
    model.zero_grad()
    loss(model).backward()
    for p in model.parameters():
        p.data = p.data - 0.01 * p.grad


def in_place(i, model, optimizer):
    model.zero_grad()
    loss(model).backward()
    with ag.no_grad():
        for p in model.parameters():
            p -= 0.01 * p.grad


def zeros_instead_of_none(i, model, optimizer):
    optimizer.zero_grad(set_to_none=False)
    loss(model).backward()
    optimizer.step()


def with_gradients_in_between(i, model, optimizer):
    optimizer.zero_grad()
    value = loss(model)
    ag.gradients(value, list(model.parameters()))
    value.backward()
    optimizer.step()


@pytest.mark.parametrize(
    ("body", "steps", "calls"),
    [(usual, 6, 6), (accumulated, 2, 6), (by_hand, 6, 6), (in_place, 6, 6), (zeros_instead_of_none, 6, 6), (with_gradients_in_between, 6, 6)],
)  # fmt: skip
def test_steps_are_counted_and_nothing_is_found(body, steps, calls):
    report = watched(body)
    assert (report.steps, report.calls, report.findings) == (steps, calls, [])


def test_the_loss_of_a_step_is_the_sum_over_its_passes():
    plain, summed = watched(usual, steps=2), watched(accumulated, steps=6)
    assert len(plain.losses) == len(summed.losses) == 2
    assert summed.losses[0] == pytest.approx(3.0 * plain.losses[0])


def test_an_optimizer_that_calls_a_closure():
    def body(i, model, optimizer):
        def closure():
            optimizer.zero_grad()
            value = loss(model)
            value.backward()
            return value

        optimizer.step(closure)

    assert watched(body, nn.optim.LBFGS).findings == []


def test_a_single_pass_without_a_step_is_no_fault():
    report = watched(lambda i, model, optimizer: loss(model).backward(), steps=1)
    assert report.steps == 0 and report.findings == []


def test_the_noise_of_gradients_between_batches():
    assert watched(usual).noise < 1e-2  # the same batch each time

    def body(i, model, optimizer):
        optimizer.zero_grad()
        nn.functional.mse_loss(model(X[i : i + 1]), T[i : i + 1]).backward()
        optimizer.step()

    assert watched(body).noise > 1.0


def test_a_step_is_left_as_it_was():
    model = nn.Linear(3, 1)
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
    with pytest.raises(KeyError), nn.diagnose(model, optimizer):
        assert "step" in vars(optimizer)
        raise KeyError
    assert "step" not in vars(optimizer) and not model.weight.note.hooks


def test_of_a_single_model_no_gradient_is_seen_between_measurements():
    model = nn.Linear(2, 1)
    loop = Loop("", model)
    loop.begin_pass(1.0, True)
    for weight in loop.weights:
        loop.receive(weight, np.ones(weight.parameter.shape), True)
    assert loop.witnesses(alone=True) == [] and loop.unseen
    loop.begin_pass(0.5, False)
    assert loop.passes == 2 and loop.values[-1] == 0.5


def test_of_several_models_the_smallest_parameter_is_the_witness():
    loop = Loop("a", nn.Linear(2, 1))
    assert len(loop.witnesses(alone=False)) == 2
    loop.begin_pass(1.0, True)
    for weight in loop.weights:
        loop.receive(weight, np.ones(weight.parameter.shape), True)
    assert [w.path for w in loop.witnesses(alone=False)] == ["a.bias"]


def test_who_ascends():
    p = nn.Parameter(np.ones(2))
    up, down = (nn.optim.SGD([p], lr=0.1, maximize=m) for m in (True, False))
    assert ascends([up]) and not ascends([up, down]) and not ascends([])
