"""Layers that are connected without an activation, that do not run, or that are cut off."""

import numpy as np
import pytest

import autograd as ag
import nn

X = np.random.default_rng(0).normal(size=(16, 6))


def kinds(model, x=X, loss=lambda out: (out * out).mean() * 1.0 + out.sum() * 0.1):
    ag.random.seed(0)
    with nn.diagnose(model) as report:
        loss(model(x)).backward()
    return {
        (f.kind, f.layer)
        for f in report.findings
        if f.kind in ("activation missing", "unused layer", "detached branch")
    }


IMAGE = np.random.default_rng(0).normal(size=(4, 2, 6, 6))
COLLAPSING = {
    "linear": (nn.Sequential(nn.Linear(6, 8), nn.Linear(8, 3)), X, "1"),
    "with dropout": (nn.Sequential(nn.Linear(6, 8), nn.Dropout(0.2), nn.Linear(8, 3)), X, "2"),
    "convolutions": (nn.Sequential(nn.Conv2d(2, 4, 3), nn.Conv2d(4, 4, 3), nn.ReLU()), IMAGE, "1"),
    "pooled": (nn.Sequential(nn.Conv2d(2, 4, 3), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(16, 3)), IMAGE, "3"),
}  # fmt: skip
MEANT = {
    "activation": (nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3)), X),
    "bottleneck": (nn.Sequential(nn.Linear(6, 2), nn.Linear(2, 6)), X),
    "depthwise": (nn.Sequential(nn.Conv2d(2, 2, 3, groups=2), nn.Conv2d(2, 4, 1), nn.ReLU()), IMAGE),
    "normalized": (nn.Sequential(nn.Linear(6, 8), nn.LayerNorm(8), nn.Linear(8, 3)), X),
    "max pooling": (nn.Sequential(nn.Conv2d(2, 4, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(16, 3)), IMAGE),
    "residual": (nn.Sequential(*(nn.Residual(nn.Sequential(nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 6))) for _ in range(2))), X),
}  # fmt: skip


@pytest.mark.parametrize("name", COLLAPSING)
def test_layers_that_collapse(name):
    model, x, layer = COLLAPSING[name]
    assert kinds(model, x) == {("activation missing", layer)}


@pytest.mark.parametrize("name", MEANT)
def test_layers_that_do_not(name):
    assert kinds(*MEANT[name]) == set()


class Branches(nn.Module):
    def __init__(self, cut):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(6, 4), nn.Tanh())
        self.spare, self.head, self.cut = nn.Linear(6, 4), nn.Linear(4, 1), cut

    def forward(self, x):
        h, other = self.encoder(x), ag.tanh(self.spare(x))
        return self.head(self.cut(h) + other)


def no_grad(h):
    with ag.no_grad():
        return h * 1.0


@pytest.mark.parametrize(
    "cut", [lambda h: h.detach(), lambda h: h.data, no_grad], ids=["detach", "data", "no_grad"]
)
def test_a_branch_that_is_cut(cut):
    assert kinds(Branches(cut)) == {("detached branch", "encoder")}


def test_the_line_of_the_cut_under_record_lines():
    model = Branches(lambda h: h.detach())
    with ag.record_lines(), nn.diagnose(model) as report:
        model(X).sum().backward()
    [found] = [f for f in report.findings if f.kind == "detached branch"]
    assert (
        "detach() cuts off tanh in module encoder.1" in found.text
        and "test_wiring.py" in found.text
    )


def test_layers_that_do_not_run():
    model = Branches(lambda h: h)
    model.extra = nn.Sequential(nn.Linear(2, 2))
    assert kinds(model) == {("unused layer", "extra")}


def test_a_branch_that_some_passes_use_is_used():
    model = nn.ModuleDict({"a": nn.Linear(6, 1), "b": nn.Linear(6, 1)})
    with nn.diagnose(model) as report:
        for name in "ababab":
            model[name](X).sum().backward()
    assert report.findings == []


class Scaled(nn.Module):
    def __init__(self, held):
        super().__init__()
        self.first, self.held = nn.Linear(6, 3), held

    def forward(self, x):
        given = self.held
        for part in (list, tuple):
            given = given[0] if isinstance(given, part) else given
        given = given["scale"] if isinstance(given, dict) else given
        return self.first(x) * given


def not_registered(held, optimizer=None, step=lambda scale: None):
    model = Scaled(held)
    with nn.diagnose(model, optimizer and optimizer(model)) as report:
        for _ in range(3):
            model(X).sum().backward()
            step(held)
    return [(f.kind, f.layer) for f in report.findings if f.kind == "parameters not registered"]


@pytest.mark.parametrize(
    "hold", [lambda t: t, lambda t: [t], lambda t: (t,), lambda t: {"scale": t}]
)
def test_a_tensor_that_is_no_parameter(hold):
    scale = ag.Tensor(np.ones(3), requires_grad=True)
    assert not_registered(hold(scale)) == [("parameters not registered", "")]
    assert not_registered(hold(scale.detach())) == []


def test_a_tensor_that_is_trained_all_the_same():
    """By an optimizer that was given it, or by hand."""

    def by_hand(scale):
        scale.data = scale.data - 0.1 * scale.grad

    scale = ag.Tensor(np.ones(3), requires_grad=True)
    assert not_registered(scale, lambda m: nn.optim.SGD([*m.parameters(), scale], lr=0.1)) == []
    assert not_registered(scale, step=by_hand) == []
