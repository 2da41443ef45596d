"""What a diagnosis notes while a program trains: several models, breaks, graphs freed."""

import gc

import numpy as np
import pytest

import autograd as ag
import nn

X = np.random.default_rng(0).normal(size=(32, 4))
Y = X.argmax(axis=1)


def test_a_loss_that_breaks_suppresses_what_follows_from_it():
    model = nn.MLP([4, 8, 4])
    optimizer = nn.optim.SGD(model.parameters(), lr=0.01)
    with nn.diagnose(model, optimizer) as report:
        for i in range(6):
            optimizer.zero_grad()
            loss = nn.cross_entropy(model(X), Y)
            huge = loss * 1e308 * 1e308
            (loss if i < 3 else huge - huge).backward()
            optimizer.step()
    [found] = report.findings
    assert found.kind == "loss is not finite" and found.numbers["step"] == 4
    assert (
        "the loss is nan or inf from step 4 on" in found.text
        and "mul made the first inf" in found.text
    )


def test_a_gradient_that_breaks_before_the_loss():
    model = nn.Linear(4, 1, bias=False)
    nn.init.zeros_(model.weight)
    with nn.diagnose(model) as report:
        ag.sqrt(model(X) ** 2).sum().backward()
    [found] = report.findings
    assert "the gradient is nan or inf from step 1 on" in found.text and "sqrt" in found.text


def test_several_models_by_name_and_in_a_list():
    a, b = nn.Linear(4, 2), nn.Linear(2, 4)
    for models, names in (({"first": a, "second": b}, ["first", "second"]), ([a, b], ["0", "1"])):
        with nn.diagnose(models) as report:
            nn.cross_entropy(b(ag.tanh(a(X))), Y).backward()
        assert [row.path for row in report.layers] == names and report.findings == []


@pytest.mark.parametrize(
    "models", [{}, {"a": 3}, [3], None], ids=["none", "an int", "a list", "None"]
)
def test_what_is_no_model(models):
    with (
        pytest.raises(TypeError, match=r"diagnose: got .*; expected a module"),
        nn.diagnose(models),
    ):
        pass


def test_labels_and_inputs_of_the_first_batches():
    model = nn.MLP([4, 8, 2])
    with nn.diagnose(model) as report:
        for i in range(4):
            nn.cross_entropy(model(X * 500.0), np.full(32, i % 2)).backward()
            model.zero_grad()
    assert {"data not shuffled", "inputs not scaled"} <= {f.kind for f in report.findings}


def test_a_loss_with_parameters_of_its_own():
    class Weighted(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(1.0)

        def forward(self, out, y):
            return nn.cross_entropy(out * self.scale, y)

    model, loss = nn.MLP([4, 8, 4]), Weighted()
    optimizer = nn.optim.SGD([*model.parameters(), *loss.parameters()], lr=0.05)
    with nn.diagnose(model, optimizer, loss) as report:
        for _ in range(4):
            optimizer.zero_grad()
            loss(model(X), Y).backward()
            optimizer.step()
    assert report.findings == []


def test_graphs_are_not_kept():
    first = ag.Tensor(0.0).number
    model = nn.MLP([4, 8, 4])
    with nn.diagnose(model) as report:
        for _ in range(5):
            nn.cross_entropy(model(X), Y).backward()
            model.zero_grad()
    assert report.calls == 5
    gc.collect()
    nodes = [x for x in gc.get_objects() if isinstance(x, ag.Tensor) and x.op is not None]
    assert [x for x in nodes if x.number > first] == []
