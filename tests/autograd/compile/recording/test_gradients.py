"""Gradients that are not kept: only those that an update used up and that the next step clears."""

import functools

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.compile.native import llvm

BACKENDS = ["numpy"] if llvm.missing() else ["numpy", "native"]


def trained(wrap, inside, outside, momentum=0.5):
    """A parameter after twelve calls of a step, which ends four cycles of three calls."""
    w = nn.Parameter(np.ones(2))
    optimizer = nn.optim.SGD([w], lr=0.1, momentum=momentum)

    def step(x, begins, ends):
        if "clear" in inside or ("clear first" in inside and begins):
            optimizer.zero_grad()
        (w * x).sum().backward()
        if "clip" in inside:
            nn.optim.clip_grad_norm_([w], 0.5)
        if "update" in inside or ("update last" in inside and ends):
            optimizer.step()
        if "clear last" in inside and ends:
            optimizer.zero_grad()

    step = wrap(step)
    seen = []
    for n in range(12):
        step(np.arange(2.0) + n, n % 3 == 0, n % 3 == 2)
        if outside == "each" or (outside == "last" and n % 3 == 2):
            optimizer.step()
            optimizer.zero_grad()
        seen.append(w.data)
    return seen, step


CASES = {
    "accumulated": ({"update last", "clear last"}, ""),
    "cleared first": ({"clear first", "update last"}, ""),
    "an update at each call, cleared first": ({"clear first", "update"}, ""),
    "never cleared": ({"update"}, ""),
    "updated outside": (set(), "each"),
    "accumulated and updated outside": (set(), "last"),
    "clipped and updated outside": ({"clip"}, "each"),
    "cleared and updated outside": ({"clear"}, "each"),
    "updated inside and outside": ({"update"}, "each"),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", CASES)
def test_gradients_that_somebody_reads_are_kept(name, backend):
    plain, _ = trained(lambda f: f, *CASES[name])
    compiled = functools.partial(ag.compile, backend=backend, keep_gradients=False)
    ours, step = trained(compiled, *CASES[name])
    np.testing.assert_allclose(ours, plain, 1e-12)
    assert step.programs and "grad: the step does not clear and use them up" in step.report()


def test_gradients_that_an_update_uses_up_are_let_go():
    compiled = functools.partial(ag.compile, backend="numpy", keep_gradients=False)
    for inside in ({"clear", "update"}, {"clear", "clip", "update"}):
        plain, _ = trained(lambda f: f, inside, "")
        ours, step = trained(compiled, inside, "")
        assert np.array_equal(ours, plain)
        last = step._last.recording
        assert [p.key for p in last.dropped] == ["_grad"] and not last.kept
        assert "keeps" not in step.report()


def test_a_program_is_forgotten_once_its_gradient_is_added_to():
    w = nn.Parameter(np.ones(2))

    @functools.partial(ag.compile, backend="numpy", keep_gradients=False)
    def step(x, clear):
        if clear:
            w.zero_grad()
        (w * x).sum().backward()
        w.data = w.data - 0.1 * w.grad

    for _ in range(8):
        step(np.ones(2), True)
    assert step._last.recording.dropped
    for clear in (True, False, False, True, False, False, True, True):
        w.grad = np.ones(2)
        before = w.data
        step(np.ones(2), clear)
        np.testing.assert_allclose(before - w.data, 0.1 if clear else 0.2)
    assert not any(p.recording.dropped for p in step._learner.programs.values())


def test_values_that_add_up_gradients():
    def run(wrap):
        w = ag.Value(0.5)

        def step(x, last):
            (w * x).backward()
            if last:
                w.data -= 0.1 * w.grad
                w.grad = 0.0

        step = wrap(step)
        seen = []
        for n in range(12):
            step(0.5 * n, n % 3 == 2)
            seen.append((w.data, w.grad))
        return seen, step

    ours, step = run(functools.partial(ag.compile, backend="numpy", keep_gradients=False))
    assert ours == run(lambda f: f)[0]
    assert step.programs and "keeps w.grad" in step.report()
