"""A preflight says what is wrong before any training, and leaves everything as it was."""

import numpy as np
import pytest

import autograd as ag
import nn

RNG = np.random.default_rng(0)
X = RNG.normal(size=(32, 6))
Y = X[:, :3].argmax(axis=1)


def model(*last):
    ag.random.seed(0)
    return nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 3), *last)


def flight(network=None, loss=nn.cross_entropy, x=X, y=Y, lr=0.1):
    network = network or model()
    return nn.preflight(network, loss, nn.optim.SGD(network.parameters(), lr=lr), (x, y))


def kinds(report):
    return [f.kind for f in report.findings]


def test_a_healthy_model():
    report = flight()
    assert report.findings == []
    names = [check.name for check in report.checks]
    assert names == [
        "inputs", "targets", "outputs", "loss at initialization", "gradients", "samples", "inputs with effect",
        "determinism", "gradient check", "one batch by heart", "learning rate",
    ]  # fmt: skip
    low, high = report.suggested_lr
    assert low < 0.3 and high > 1e-3
    assert "chance gives 1.099 (ln 3)" in str(report) and str(report).endswith("no findings")


def test_everything_is_as_it_was():
    network = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 3))
    optimizer = nn.optim.Adam(network.parameters(), lr=0.1)
    nn.cross_entropy(network(X), Y).backward()
    optimizer.step()
    network.eval()
    before = {n: np.array(a) for n, a in network.state_dict().items()}
    grads = [p.grad for p in network.parameters()]
    state, random = optimizer.state_dict(), ag.random.generator().bit_generator.state
    nn.preflight(network, nn.cross_entropy, optimizer, (X, Y))
    assert all(np.array_equal(a, before[n]) for n, a in network.state_dict().items())
    assert all(p.grad is g for p, g in zip(network.parameters(), grads, strict=True))
    assert not network.training and ag.random.generator().bit_generator.state == random
    assert str(optimizer.state_dict()) == str(state) and "step" not in vars(optimizer)
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in network.modules())
    assert all(p.note is None or not p.note.hooks for p in network.parameters())


def test_what_is_seen_in_one_pass():
    assert kinds(flight(model(nn.Softmax(dim=1))))[0] == "softmax twice"
    assert kinds(flight(x=X * 200.0))[0] == "inputs not scaled"
    assert kinds(flight(x=np.where(X > 2.0, np.nan, X))) == ["inputs are not finite"]
    assert kinds(flight(x=np.tile(X, (2, 1)), y=np.zeros(64, int)))[0] == "targets do not vary"
    assert kinds(flight(model().eval()))[0] == "layers in evaluation mode"


def test_shapes_that_do_not_fit():
    report = flight(loss=nn.functional.mse_loss, y=RNG.normal(size=(32, 4)))
    [found] = report.findings
    assert found.kind == "shapes do not fit" and "(32, 3)" in found.text and "(32, 4)" in found.text


def test_an_initialization_far_from_chance():
    network = model()
    nn.init.normal_(network[3].weight, std=20.0)
    found = next(f for f in flight(network).findings if f.kind == "output scale at initialization")
    assert found.numbers["chance"] == pytest.approx(np.log(3))


def test_the_gradient_of_a_wrong_rule():
    wrong = ag.Primitive(
        "wrong", np.tanh, lambda g, out, x: 0.7 * g * (1 - out * out), elementwise=True
    )
    network = nn.Sequential(nn.Linear(6, 8), nn.Lambda(wrong), nn.Linear(8, 3))
    assert "wrong gradient" in kinds(flight(network))


def test_a_straight_through_estimator_is_meant():
    through = nn.Lambda(lambda x: x + ag.stop_gradient(ag.round(x) - x))
    network = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), through, nn.Linear(8, 3))
    assert "wrong gradient" not in kinds(flight(network))


def test_a_batch_that_cannot_be_learned():
    assert "cannot overfit one batch" in kinds(
        flight(x=np.where(np.arange(6) == 9, X, 1.0) + 1e-9 * X)
    )


def test_a_rate_far_above_the_range():
    assert "learning rate too high" in kinds(flight(lr=1e6))


def test_the_figure(tmp_path):
    figure = flight().plot(tmp_path / "range.png")
    assert figure.axes[0].get_xlabel() == "learning rate" and (tmp_path / "range.png").exists()
    with pytest.raises(ValueError, match=r"Preflight.plot: got a preflight without a range test"):
        flight(loss=nn.functional.mse_loss, y=RNG.normal(size=(32, 4))).plot()


def test_without_an_optimizer():
    assert nn.preflight(model(), nn.cross_entropy, None, (X, Y)).findings == []


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((3, nn.cross_entropy, None, (X, Y)), "preflight: got an int as the model; expected a module"),
        ((model(), nn.MSELoss, None, (X, Y)), "preflight: got the class MSELoss as the loss"),
        ((model(), nn.cross_entropy, None, X), "preflight: got an ndarray as the batch"),
        ((model(), nn.cross_entropy, None, (X,)), "preflight: got a tuple as the batch"),
    ],
    ids=["model", "loss", "array", "short"],
)  # fmt: skip
def test_what_is_refused(arguments, text):
    with pytest.raises(TypeError, match=text):
        nn.preflight(*arguments)


def test_steps_and_optimizers_of_other_kinds():
    batch = X[:4], Y[:4]
    for steps in (0, 1.5, None):
        with pytest.raises(ValueError, match=r"preflight: got steps=.*; expected an integer"):
            nn.preflight(nn.Linear(6, 3), nn.cross_entropy, None, batch, steps=steps)
    with pytest.raises(TypeError, match="preflight: got a str as optimizer"):
        nn.preflight(nn.Linear(6, 3), nn.cross_entropy, "sgd", batch)


@pytest.mark.parametrize(
    ("loss", "kind", "text"),
    [
        (lambda o, y: ag.Tensor(nn.cross_entropy(o, y).data, requires_grad=True), "loss without a graph", "made of a number"),
        (lambda o, y: nn.cross_entropy(o, y).detach(), "loss without a graph", "requires no gradient"),
        (lambda o, y: ag.Tensor(1.0), "loss without a graph", "requires no gradient"),
        (lambda o, y: nn.cross_entropy(o, y).item(), "loss without a graph", "a float, a plain number"),
        (lambda o, y: nn.cross_entropy(o, y, reduction="none"), "loss is not one number", "shape (32,)"),
    ],
)  # fmt: skip
def test_losses_that_nothing_can_learn_from(loss, kind, text):
    [found] = flight(loss=loss).findings
    assert found.kind == kind and text in found.text


def test_models_that_cannot_learn():
    frozen = nn.Linear(6, 3).requires_grad_(False)
    for network, text in ((frozen, "all parameters are frozen"), (nn.Identity(), "no parameters")):
        [found] = nn.preflight(
            network, nn.cross_entropy, None, (X[:, :3], Y) if text[0] == "n" else (X, Y)
        ).findings
        assert found.kind == "loss without a graph" and text in found.text


def test_a_refusal_tells_shapes_from_the_rest():
    assert kinds(flight(y=Y + 1)) == ["batch refused"] == kinds(flight(y=Y.astype(float)))
    assert kinds(flight(x=X[:0], y=Y[:0])) == ["batch is empty"]


def test_several_optimizers():
    network = model()
    halves = [nn.optim.SGD(network[i].parameters(), lr=0.1) for i in (0, 3)]
    assert nn.preflight(network, nn.cross_entropy, halves, (X, Y)).findings == []
    with pytest.raises(TypeError, match="an empty list of optimizers"):
        nn.preflight(network, nn.cross_entropy, [], (X, Y))


def test_a_path_through_numpy_is_no_wrong_rule():
    class Through(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = nn.Linear(6, 8), nn.Linear(8, 3)

        def forward(self, x):
            return self.last(ag.relu(self.first(x)).numpy())

    found = kinds(flight(Through()))
    assert found[0] == "detached branch" and "wrong gradient" not in found


def test_targets_are_looked_at_without_warnings():
    y = np.where(X[:, :1] > 1.0, np.inf, X[:, :1])
    with np.errstate(all="raise"):
        report = nn.preflight(nn.Linear(6, 1), nn.functional.mse_loss, None, (X, y))
    assert kinds(report) == ["targets are not finite"]
