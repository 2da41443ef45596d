"""Where a gradient comes from, or why there is none."""

import re

import numpy as np
import pytest

import autograd as ag
import nn
from tests.cases import mlp_loss


def test_shares_add_up_and_paths_lead_to_the_root():
    w = ag.Tensor([1.0, 2.0], requires_grad=True, name="w")
    with ag.record_lines():
        a = (w * w).sum()
        b = (w * [3.0, 0.0]).sum()
        loss = a + 10.0 * b
    told = ag.explain(w, loss)
    np.testing.assert_allclose(told.gradient, 2 * w.data + [30.0, 0.0])
    assert sum(share.share for share in told.shares) == pytest.approx(1.0)
    np.testing.assert_allclose(sum(share.value for share in told.shares), told.gradient)
    strongest = told.shares[0]
    assert strongest.norm == 30.0 and strongest.line.text == "b = (w * [3.0, 0.0]).sum()"
    assert [link.operation.split()[0] for link in told.paths[0]] == ["mul", "sum", "mul", "add"]
    assert told.paths[0][2].multiplier == 10.0
    assert "norm 30" in str(told) and "path 1: w ← mul" in str(told)
    assert ag.explain(w).gradient.tolist() == told.gradient.tolist()


def test_the_path_is_followed_through_modules():
    loss, model = mlp_loss()
    told = ag.explain(model[0].weight, loss)
    assert told.shares[0].module == "0" and told.paths[0][-1].operation.startswith("mean")
    assert any(link.operation.startswith("1.tanh") for link in told.paths[0])
    shorter = str(ag.explain(model[2].bias, loss))
    assert shorter.startswith("bias: ‖gradient‖")


def test_why_there_is_no_gradient():
    x = ag.Tensor([1.0], requires_grad=True, name="x")
    with ag.record_lines():
        cut = x * x.detach() * 0.0 + (x * 2.0).detach().sum()
        other = (x * 2.0).sum()
    kept = x * 3.0
    for node, root, reason in [
        (ag.Tensor([1, 2]), other, "its dtype is int64, and only floats have gradients"),
        (ag.Tensor([1.0]), other, "requires_grad is False; requires_grad_"),
        (ag.Tensor([1.0], requires_grad=True), other, "was not computed from it"),
        (kept, (kept.detach() * x).sum(), r"cut off by detach\(\)"),
        (x, (x.detach() * 2.0).sum(), r"computed under no_grad\(\) or from constants"),
    ]:
        told = ag.explain(node, root)
        assert told.gradient is None
        assert re.search(reason, told.reason), told.reason
        assert str(told).split(": ")[1].startswith("no gradient; ")
    assert ag.explain(x, cut.sum()).gradient is not None


def test_a_nan_is_explained_by_its_birth():
    x = ag.Tensor([-1.0], requires_grad=True, name="x")
    told = ag.explain(x, (ag.log(x) * 2.0).sum())
    assert told.anomalies == [] or told.anomalies[0].operation == "log"
    y = ag.Tensor([-1.0], requires_grad=True, name="y")
    assert ag.explain(y, ag.sqrt(y).sum()).anomalies[0].operation == "sqrt"


def test_explaining_without_a_root():
    x = ag.Tensor([2.0], requires_grad=True, name="x")
    loss = (x**3).sum()
    assert ag.explain(x).gradient.tolist() == [12.0]
    del loss


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: ag.explain(3, 4), "explain: got an int; expected a Value or a Tensor"), (lambda: ag.explain(3), "explain: got an int"),
        (lambda: ag.explain(ag.Value(1.0), 4), "explain, root: got an int"),
        (lambda: ag.explain(nn.Linear(1, 1)), "explain: got a Linear; .*a Linear has no graph until it is called"),
        (lambda: ag.replay(3), "replay: got an int; expected a Value or a Tensor"),
        (lambda: ag.replay([ag.Value(1.0)]), "replay: got a list; .*pass one result"),
        (lambda: ag.find_anomalies(None), "find_anomalies: got None"), (lambda: ag.line_of(3), "line_of: got an int"),
        (lambda: ag.expand(3), "expand: got an int"),
    ],
)  # fmt: skip
def test_what_is_no_node(call, text):
    with pytest.raises(ag.DTypeError, match=text):
        call()


def test_a_gradient_of_zero_names_what_passes_none_on():
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
    nn.init.constant_(model[0].bias, -50.0)
    text = str(ag.explain(model[0].weight, model(np.ones((2, 3))).sum()))
    assert "nan" not in text
    assert text.endswith(
        "the gradient is 0 because 1.relu 1 passes none on: its slope is 0 at 8 entries"
    )


@pytest.mark.parametrize("node", [ag.Value(3.0), ag.Tensor([3.0, 1.0], requires_grad=True)], ids=["Value", "Tensor"])  # fmt: skip
def test_a_gradient_that_was_accumulated_is_named(node):
    loss = (node * node).sum() if isinstance(node, ag.Tensor) else node * node
    loss.backward()
    assert ag.explain(node, loss).accumulated is None
    loss.backward()
    told = ag.explain(node, loss)
    np.testing.assert_array_equal(told.accumulated, 2 * told.gradient)
    assert "2 times that: backward() ran 2 times" in str(told)
    ((node.sum() if isinstance(node, ag.Tensor) else node) * 3.0).backward()
    assert "it still holds the gradients of other passes" in str(ag.explain(node, loss))


@pytest.mark.parametrize(
    "step", [ag.sign, ag.round, ag.floor, lambda x: ag.clip(x, 5.0, 6.0), lambda x: x * 0.0]
)
def test_where_a_gradient_becomes_0(step):
    x = ag.Tensor([0.3, 1.2], requires_grad=True)
    with ag.record_lines():
        inner = x * 2.0
        out = step(inner).sum()
    told = ag.explain(x, out)
    assert "the gradient is 0 because" in told.reason and told.where.operation == "mul"
    assert told.cut is not None and told.where.line == told.cut


@pytest.mark.parametrize(
    ("change", "text"),
    [(0.1, "0.1 times that: it was scaled after backward()"), (3.0, "backward() ran 3 times")],
)
def test_a_gradient_that_was_scaled(change, text):
    w = ag.Value(3.0)
    loss = w * w
    loss.backward()
    w.grad *= change
    assert text in str(ag.explain(w, loss)).splitlines()[-1]
