"""The experiments of a preflight, one by one."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn.inspect import probes
from nn.inspect.kept import kept

X = np.random.default_rng(0).normal(size=(12, 5, 3))
Y = (X[:, :, 0].sum(axis=1) > 0).astype(int)


class Reader(nn.Module):
    def __init__(self, at=-1, batch_first=True):
        super().__init__()
        self.rnn, self.head, self.at = nn.GRU(3, 6, batch_first=batch_first), nn.Linear(6, 2), at

    def forward(self, x):
        return self.head(self.rnn(x)[0][:, self.at])


def trial(model, x=X, y=Y, loss=nn.cross_entropy):
    return probes.Trial(model, loss, (x, y))


def run(probe, model, *args, **data):
    with kept(model) as state:
        return probe(trial(model, **data), state, *args)


def test_samples_that_mix_and_where():
    assert run(probes.mixing, Reader()) is None
    found = run(probes.mixing, Reader(batch_first=False))
    assert found.module == "rnn" and found.samples == 12 and found.changed > 3


def test_tokens_are_exchanged_too():
    model = nn.Sequential(nn.Embedding(7, 4), nn.Flatten(), nn.Linear(12, 2))
    tokens = np.random.default_rng(0).integers(0, 7, (12, 3))
    assert run(probes.mixing, model, x=tokens) is None
    mixed = nn.Sequential(nn.Embedding(7, 4), nn.Lambda(lambda x: x.reshape(4, 3, 12).transpose(1, 0, 2).reshape(12, 12)), nn.Linear(12, 2))  # fmt: skip
    assert run(probes.mixing, mixed, x=tokens).samples == 12


def test_batch_normalization_does_not_count():
    model = nn.Sequential(nn.Flatten(), nn.Linear(15, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    assert run(probes.mixing, model) is None


@pytest.mark.parametrize(
    "x", [X[:2], np.ones((12, 5, 3), int)], ids=["two samples", "equal tokens"]
)
def test_what_cannot_be_tried(x):
    model = nn.Sequential(nn.Flatten(), nn.Linear(15, 2))
    assert run(probes.mixing, model, x=x, y=Y[: len(x)]) is None


def test_positions_without_effect():
    assert run(probes.effect, Reader()) == (0.0, 0.0)
    assert run(probes.effect, Reader(at=0)) == (pytest.approx(0.8), 0.0)
    assert run(probes.effect, nn.Embedding(7, 4), x=np.zeros((12, 3), int)) is None


def test_slopes_against_differences():
    model = nn.Sequential(nn.Flatten(), nn.Linear(15, 8), nn.Tanh(), nn.Linear(8, 2))
    assert max(run(probes.slope_error, model) and list(run_slopes(model))) < 1e-5
    wrong = ag.Primitive(
        "wrong", np.tanh, lambda g, out, x: 0.5 * g * (1 - out * out), elementwise=True
    )
    bad = nn.Sequential(nn.Flatten(), nn.Linear(15, 8), nn.Lambda(wrong), nn.Linear(8, 2))
    assert min(run_slopes(bad)) > 0.01


def run_slopes(model):
    with kept(model) as state:
        return list(probes.slope_error(trial(model), state))


def test_the_same_seed_gives_the_same_loss():
    assert run(probes.is_repeatable, nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(15, 2)))
    source = np.random.default_rng(0)
    noisy = nn.Sequential(
        nn.Flatten(), nn.Linear(15, 2), nn.Lambda(lambda x: x + source.normal(size=x.shape))
    )
    assert not run(probes.is_repeatable, noisy)


class Similarities(nn.Module):
    """How alike each sample is to each other, as for a contrastive loss."""

    def __init__(self):
        super().__init__()
        self.f = nn.Linear(6, 4)

    def forward(self, x):
        u = nn.functional.normalize(self.f(x))
        return u @ u.T


def test_similarities_of_samples_are_no_mixture():
    ag.random.seed(0)
    model = Similarities()
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
    x = np.random.default_rng(0).normal(size=(12, 6))
    report = nn.preflight(model, nn.CrossEntropyLoss(), optimizer, (x, np.arange(12)))
    assert "samples mixed" not in {f.kind for f in report.findings}
