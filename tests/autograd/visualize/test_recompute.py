"""What a page computes: every primitive, and random graphs, in JavaScript and in Python."""

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.engine.graph import ancestors
from autograd.primitives import PRIMITIVES
from autograd.visualize import recompute
from autograd.visualize.recompute import LEFT_OUT, NotRecomputed, recipe
from tests.autograd.visualize.random_pages import (
    FOLLOWED,
    NODE,
    compared,
    computed,
    followed,
    jobs_of,
)
from tests.cases import CASES

needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed")


def of_case(case):
    """One number out of a case, with a weight of its own for each entry."""
    arguments = [
        ag.Tensor(x, requires_grad=True) if case.primitive.rules[i] is not None else x
        for i, x in enumerate(case.arguments())
    ]
    out = case.primitive(*arguments, **case.static)
    weights = np.cos(np.arange(out.size, dtype=float)).reshape(out.shape) + 1.5
    return (out * weights).sum()


@needs_node
def test_every_primitive_has_a_kernel_or_a_reason():
    """A primitive for which the interpreter lacks an operation, and without a reason, fails."""
    cases = [c for c in CASES if c.name not in LEFT_OUT and c.differentiable()]
    roots = list(map(of_case, cases))
    jobs = [{"recipe": recipe(ancestors([root]), root), "set": {}} for root in roots]
    for case, root, found in zip(cases, roots, computed(jobs), strict=True):
        worst = max(compared(root, found))
        assert worst <= 1e-12, (case, worst)
    assert {c.name for c in cases} == set(PRIMITIVES) - set(LEFT_OUT) - {"zeros_like"}  # no node
    assert all(LEFT_OUT.values()) and set(LEFT_OUT) <= set(PRIMITIVES)


def test_what_is_left_out_says_why():
    x = ag.Tensor(np.eye(2), requires_grad=True)
    with pytest.raises(NotRecomputed, match="inv is a decomposition"):
        root = ag.linalg.inv(x).sum()
        recipe(ancestors([root]), root)
    x.register_hook(lambda g: g * 2.0)
    with pytest.raises(NotRecomputed, match="a hook"):
        recipe(ancestors([x * 2.0]), None)


@needs_node
def test_the_programs_of_a_page_are_bounded(monkeypatch):
    """Calls that differ in values share a program; those that differ in indices do not."""
    monkeypatch.setattr(recompute, "MOST_ARGUMENTS", 40)
    x = ag.Tensor(np.arange(30.0), requires_grad=True)
    y = sum((x[0] * x[0] for _ in range(30)), x[0])
    assert recipe(ancestors([y]), y)["root"] is not None
    y = sum((x[i] for i in range(1, 30)), x[0])
    with pytest.raises(NotRecomputed, match="too many of its operations differ in shapes"):
        recipe(ancestors([y]), y)


def test_random_graphs_with_other_inputs_agree_with_python():
    jobs, roots = jobs_of(200)
    for root, found in zip(roots, computed(jobs), strict=True):
        assert max(compared(root, found)) <= 1e-12


@needs_node
def test_what_python_chose_by_values_is_followed_or_refused():
    """A page that kept a branch, an order or an index of the old values would show wrong ones."""
    assert set(FOLLOWED) <= followed()


def test_a_refusal_names_the_function_and_the_module():
    class Sorted(nn.Module):
        def forward(self, x):
            return ag.sort(x)

    root = nn.Sequential(Sorted())(ag.Tensor([2.0, 1.0], requires_grad=True)).sum()
    with pytest.raises(NotRecomputed, match="sort looked at values in module 0, outside of the"):
        recipe(ancestors([root]), root)


def test_a_choice_in_a_module_or_in_a_part_is_refused():
    """Its result is out of the graph when the page is made, and so is what it was chosen by."""

    class Gated(nn.Module):
        def __init__(self):
            super().__init__()
            self.gate = nn.Linear(3, 3)

        def forward(self, x):
            return x[self.gate(x).argmax()] * 2.0

    @ag.part("gated")
    def gated(x):
        return x[(2.0 * x).argmax()] * 2.0

    for function in (Gated(), nn.Sequential(Gated()), gated):
        root = function(ag.Tensor([1.0, 3.0, 2.0], requires_grad=True))
        with pytest.raises(NotRecomputed, match=r"of test_recompute\.py looked at values"):
            recipe(ancestors([root]), root)


def test_a_program_that_reports_while_it_trains_keeps_its_page():
    """Accuracy and loss are looked at in each step; the next step does not depend on that."""
    net = nn.Sequential(nn.Linear(3, 4), nn.LeakyReLU(), nn.Linear(4, 2))
    optimizer = nn.optim.SGD(net.parameters(), lr=0.1)
    x, classes = ag.Tensor(np.eye(3)), np.array([0, 1, 0])
    for _ in range(3):
        loss = nn.CrossEntropyLoss()(net(x), classes)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        assert (net(x).argmax(1) == classes).mean() >= 0 and loss.item() > 0
        assert recipe(ancestors([loss]), loss)["root"] is not None
