"""Training and evaluation mode where the other one belongs."""

import numpy as np
import pytest

import autograd as ag
import nn

X = np.random.default_rng(0).normal(size=(32, 4))
Y = X.argmax(axis=1)


def diagnosed(prepare=lambda model: None, validate=False, eval_first=False, last=nn.Identity):
    ag.random.seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), last(), nn.Linear(8, 4))
    prepare(model)
    optimizer = nn.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.05)
    with nn.diagnose(model, optimizer) as report:
        for _ in range(4):
            optimizer.zero_grad()
            nn.cross_entropy(model(X), Y).backward()
            optimizer.step()
            if validate:
                model.train(not eval_first)
                with ag.no_grad():
                    model(X)
                model.train()
    return [(f.kind, f.layer) for f in report.findings]


def trained_elsewhere(model):
    model[1].running_mean = np.full(8, 0.3)
    model[1].eval()


def frozen(model):
    model[1].eval()
    model[1].requires_grad_(False)


@pytest.mark.parametrize(
    ("prepare", "expected"),
    [
        (lambda model: None, []), (lambda model: model.eval() and None, [("layers in evaluation mode", "1")]),
        (lambda model: model[1].eval() and None, [("layers in evaluation mode", "1")]), (trained_elsewhere, []), (frozen, []),
    ],
    ids=["training", "all", "one", "kept statistics", "frozen"],
)  # fmt: skip
def test_evaluation_while_training(prepare, expected):
    assert diagnosed(prepare) == expected


def test_training_while_evaluating():
    assert diagnosed(validate=True) == [("evaluation in training mode", "1")]
    assert diagnosed(validate=True, eval_first=True) == []


def test_the_whole_model_in_evaluation():
    assert diagnosed(lambda model: model.eval() and None, last=nn.Dropout) == [
        ("layers in evaluation mode", "")
    ]


@pytest.mark.parametrize("momentum", [0.0, 0.99, 1.0])
def test_running_statistics_that_are_no_average(momentum):
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4, momentum=momentum), nn.Linear(4, 1))
    for layer in (model, model[1]):
        layer.train()
        with nn.diagnose(model) as report:
            model(np.random.default_rng(0).normal(size=(8, 3))).sum().backward()
        found = [f for f in report.findings if f.kind == "running statistics not averaged"]
        assert [f.layer for f in found] == ["1"]
        assert found[0].numbers == {"momentum": momentum}


@pytest.mark.parametrize(
    "options", [{}, {"momentum": None}, {"momentum": 0.0, "track_running_stats": False}]
)
def test_running_statistics_that_are_averages_or_none(options):
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4, **options), nn.Linear(4, 1))
    with nn.diagnose(model) as report:
        model(np.random.default_rng(0).normal(size=(8, 3))).sum().backward()
    assert "running statistics not averaged" not in [f.kind for f in report.findings]
