"""What the experiments of a preflight report."""

import numpy as np
import pytest

import autograd as ag
import nn

X = np.random.default_rng(0).normal(size=(32, 6))
Y = X[:, :3].argmax(axis=1)


class Noisy(nn.Module):
    """Adds noise from a source that nothing can rewind."""

    def __init__(self, mixes=False):
        super().__init__()
        self.body, self.mixes = nn.Linear(6, 3), mixes

    def forward(self, x):
        out = self.body(x)
        noise = np.random.default_rng().normal(size=out.shape)
        return out + 0.01 * noise + (out.mean(axis=0) if self.mixes else 0.0)


class Steps(nn.Module):
    def __init__(self, cut):
        super().__init__()
        self.cell, self.head, self.cut = nn.GRUCell(3, 8), nn.Linear(8, 3), cut

    def forward(self, x):
        h = np.zeros((len(x), 8))
        for t in range(6):
            h = self.cell(x[:, t], h if t == 0 or not self.cut else h.detach())
        return self.head(h)


class Causal(nn.Module):
    def __init__(self, sees_all):
        super().__init__()
        self.embed, self.head, self.sees_all = nn.Embedding(7, 8), nn.Linear(8, 7), sees_all

    def forward(self, x):
        h = self.embed(x)
        return self.head(h + h.mean(axis=1, keepdims=True) if self.sees_all else h)


def flight(model, x=X, y=Y, loss=nn.cross_entropy, lr=0.1, **options):
    optimizer = nn.optim.SGD(model.parameters(), lr=lr, **options)
    return nn.preflight(model, loss, optimizer, (x, y))


def kinds(report):
    return [f.kind for f in report.findings]


def test_noise_of_any_source_mixes_no_samples():
    ag.random.seed(0)
    report = flight(Noisy())
    assert report.findings == []
    assert ("determinism", "one seed, several losses", False) in report.checks
    assert kinds(flight(Noisy(mixes=True))) == ["samples mixed"]


def test_a_state_that_is_cut_has_an_effect():
    ag.random.seed(0)
    x = np.random.default_rng(0).normal(size=(32, 6, 3))
    [found] = flight(Steps(cut=True), x).findings
    assert found.kind == "detached branch" and found.numbers["share"] == pytest.approx(5 / 6)
    assert "outputs respond to all positions" in found.text
    assert flight(Steps(cut=False), x).findings == []


def test_the_future_in_sight():
    tokens = np.random.default_rng(0).integers(0, 7, (32, 9))

    def loss(out, y):
        return nn.cross_entropy(out.reshape(-1, 7), y.reshape(-1))

    told = [kinds(flight(Causal(s), tokens[:, :-1], tokens[:, 1:], loss)) for s in (True, False)]
    assert "future in sight" in told[0] and "future in sight" not in told[1]


@pytest.mark.parametrize(
    ("lr", "kind"),
    [(1e-7, "learning rate too low"), (0.1, None), (50.0, "learning rate too high"), (1e3, "learning rate too high")],
)  # fmt: skip
def test_the_rate_of_the_optimizer_is_tried(lr, kind):
    ag.random.seed(0)
    assert kinds(flight(nn.MLP([6, 16, 3]), lr=lr)) == ([kind] if kind else [])


def test_a_warmup_may_begin_low():
    ag.random.seed(0)
    model = nn.MLP([6, 16, 3])
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
    nn.optim.lr_scheduler.LinearLR(optimizer, start_factor=1e-6, total_iters=5)
    assert nn.preflight(model, nn.cross_entropy, optimizer, (X, Y)).findings == []


def test_the_suggested_rates_train():
    for seed in range(3):
        ag.random.seed(seed)
        model = nn.MLP([6, 32, 1], activation="tanh")
        target = np.sin(X[:, :1])
        low, high = flight(model, y=target, loss=nn.functional.mse_loss).suggested_lr
        assert 1e-4 < low < high
        optimizer = nn.optim.SGD(model.parameters(), lr=high)
        losses = []
        for _ in range(60):
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(X), target)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        assert losses[-1] < losses[0]


def test_dropout_is_no_fall():
    for seed in range(3):
        ag.random.seed(seed)
        model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 3))
        assert flight(model).suggested_lr[0] > 1e-3


def test_a_likelihood_is_maximized():
    ag.random.seed(0)

    def likelihood(out, y):
        return nn.functional.log_softmax(out, dim=1)[np.arange(len(y)), y].mean()

    report = flight(nn.MLP([6, 16, 3]), loss=likelihood, maximize=True)
    assert report.findings == [] and report.suggested_lr is not None
    assert kinds(flight(nn.MLP([6, 16, 3]), maximize=True))[0] == "steps uphill"


def test_a_rate_that_only_clipped_gradients_allow_is_a_check():
    """Who clips in the loop cannot tell preflight so, and should not be told to change the rate."""
    rng = np.random.default_rng(0)
    x = 3.0 * rng.normal(size=(32, 3))
    y = x @ np.array([[1.0], [-2.0], [0.5]])
    for lr, clipped, found in ((0.05, False, False), (0.3, True, False), (60.0, False, True)):
        ag.random.seed(0)
        model = nn.Linear(3, 1)
        report = nn.preflight(model, nn.MSELoss(), nn.optim.SGD(model.parameters(), lr), (x, y))
        assert [c.passed for c in report.checks if c.name == "clipping"] == [False] * clipped
        assert ("learning rate too high" in [f.kind for f in report.findings]) == found


def test_blocks_that_run_in_evaluation_are_not_unused():
    class Dropped(nn.Module):
        def __init__(self, used):
            super().__init__()
            self.body, self.extra, self.used = nn.Linear(3, 2), nn.Linear(3, 2), used

        def forward(self, x):
            return self.body(x) + (self.extra(x) if self.used and not self.training else 0.0)

    x = np.random.default_rng(0).normal(size=(16, 3))
    for used in (True, False):
        report = nn.preflight(Dropped(used), nn.MSELoss(), None, (x, x[:, :2]))
        assert ("unused layer" in [f.kind for f in report.findings]) != used
        [check] = [c for c in report.checks if c.name == "gradients"]
        assert check.passed == used and check.result.startswith("reach 2 of 4 parameters")
