"""Everything in `nn`, compiled and eager side by side: the same bits after each of many steps."""

from types import SimpleNamespace

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.compile.api import compile as compiled
from tests.nn.layers.reference import cases as modules
from tests.nn.optim import cases as optimizers

TORCH = SimpleNamespace(tensor=lambda numbers, dtype: np.array(numbers, dtype), float64=float)


def flat(outputs):
    if isinstance(outputs, tuple):
        return [x for part in outputs for x in flat(part)]
    return [] if outputs is None else [outputs]


class Side:
    """One model with its step, and a stream of random numbers of its own."""

    def __init__(self, case, wrap):
        ag.random.seed(3)
        self.module = module = eval(case.module, {"nn": nn, "torch": TORCH})
        module.train(case.training)
        names = ", ".join(case.inputs)
        call = eval(f"lambda module, F, {names}: {case.call}", {"ag": ag, "torch": TORCH})
        parameters = list(module.parameters())
        optimizer = nn.optim.Adam(parameters, lr=0.01) if parameters else None

        def step(*inputs):
            module.zero_grad()
            outputs = flat(call(module, nn.functional, *inputs))
            loss = sum((y * y).mean() + y.sum() * 0.1 for y in outputs if y.dtype.kind == "f")
            if loss.requires_grad:
                loss.backward()
            if optimizer is not None:
                optimizer.step()
            return loss, tuple(ag.stop_gradient(y) for y in outputs)

        self.step = wrap(step)
        self.parameters, self.optimizer = parameters, optimizer

    def run(self, seed, inputs):
        ag.random.seed(seed)
        loss, outputs = self.step(*inputs)
        grads = [p.grad for p in self.parameters]
        state = [] if self.optimizer is None else self.optimizer.state.values()
        kept = [x for entry in state for x in entry.values()]
        drawn = ag.random.generator().normal()
        return [loss, *outputs, drawn, *self.module.state_dict().values(), *grads, *kept]


def same(a, b):
    if a is None or b is None:
        return a is b
    assert type(a) is type(b)
    a, b = (np.asarray(ag.stop_gradient(x)) for x in (a, b))
    return a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b, equal_nan=True)


def batch(case, k):
    rng = np.random.default_rng(k)
    for x in case.inputs.values():
        if isinstance(x, tuple):
            yield ag.Tensor(rng.normal(size=x), requires_grad=True)
        elif x.dtype.kind == "f":
            yield x * (1.0 + 0.01 * k) if x.min() >= 0 and x.max() < 0.9 else x
        else:
            yield x if x.dtype == bool else rng.permutation(x.ravel()).reshape(x.shape)


@pytest.mark.parametrize("name", modules.MODULES)
def test_modules(name):
    case = modules.MODULES[name]
    eager, ours = Side(case, lambda f: f), Side(case, compiled)
    for k in range(6):
        inputs = list(batch(case, k))
        for a, b in zip(ours.run(k, inputs), eager.run(k, inputs), strict=True):
            assert same(a, b), (name, k, ours.step.report())
    assert ours.step.programs, ours.step.report()


# --- Optimizers and schedules ---------------------------------------------------------------------


def made(expression, wrap):
    starts, loss_of = optimizers.problem(ag.concatenate)
    params = [nn.Parameter(start) for start in starts]
    optimizer = eval(expression, {"optim": nn.optim, "params": params})

    def step(n):
        optimizer.zero_grad()
        loss = loss_of(params, n, np.asarray)
        loss.backward()
        optimizer.step()
        return loss.item()

    def closed(n):
        def closure():
            optimizer.zero_grad()
            loss = loss_of(params, n, np.asarray)
            loss.backward()
            return loss

        return optimizer.step(closure).item()

    return wrap(closed if "LBFGS" in expression else step), params, optimizer


@pytest.mark.parametrize("name", optimizers.OPTIMIZERS)
def test_optimizers(name):
    (step, ours, o), (eager, theirs, e) = (
        made(optimizers.OPTIMIZERS[name], wrap) for wrap in (compiled, lambda f: f)
    )
    for k in range(3 if "LBFGS" in name else 20):  # of which a step has thousands of operations
        assert step(k % 6) == eager(k % 6)
        for p, q in zip(ours, theirs, strict=True):
            assert same(p.data, q.data) and same(p.grad, q.grad)
    for a, b in zip(o.state.values(), e.state.values(), strict=True):
        assert a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if "LBFGS" not in name:
        assert step.programs, step.report()


@pytest.mark.parametrize("name", optimizers.SCHEDULERS)
@pytest.mark.parametrize("inside", [False, True])
def test_schedulers(name, inside):
    def side(wrap):
        groups = [{"params": [nn.Parameter([1.0])]}, {"params": [nn.Parameter([2.0])], "lr": 0.05}]
        optimizer = nn.optim.SGD(groups, lr=0.1, momentum=0.9)
        expression = optimizers.SCHEDULERS[name]
        scheduler = eval(expression, {"lr": nn.optim.lr_scheduler, "o": optimizer})
        plateau = "Plateau" in name

        def schedule(metric):
            scheduler.step(metric) if plateau else scheduler.step()

        def step(x, metric):
            optimizer.zero_grad()
            sum(((p * x) ** 2).sum() for p in optimizer.parameters).backward()
            optimizer.step()
            if inside:
                schedule(metric)

        step = wrap(step)

        def run(k):
            step(np.array([1.0 + k / 8]), optimizers.METRICS[k])
            if not inside:
                schedule(optimizers.METRICS[k])
            return [
                *(g["lr"] for g in optimizer.param_groups),
                *(p.item() for p in optimizer.parameters),
            ]

        return run, step

    (ours, step), (theirs, _) = side(compiled), side(lambda f: f)
    for k in range(24):
        assert ours(k) == theirs(k), (k, step.report())
    if not inside:
        assert len(step.programs) <= 4 and step._learner.traces <= 8, step.report()
