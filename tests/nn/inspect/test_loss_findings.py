"""What the graph of a loss shows: each fault is made by its function and by hand; twins are clean."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn.inspect.graph import LossGraph
from nn.inspect.loss_findings import dropout_masks, loss_findings

F = nn.functional
RNG = np.random.default_rng(0)
X = RNG.normal(size=(16, 4))
Y = RNG.integers(0, 3, 16)
T = RNG.normal(size=(16, 1))


class Body(nn.Module):
    def __init__(self, *last, out=3):
        super().__init__()
        ag.random.seed(1)
        self.layers = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, out), *last)

    def forward(self, x):
        return self.layers(x)


def kinds(model, loss):
    out = model(X)
    return [f.kind for f in loss_findings(LossGraph(loss(out), [out]))]


def hand_softmax(x):
    return ag.exp(x) / ag.exp(x).sum(axis=1, keepdims=True)


FAULTS = {
    "softmax as a layer": (Body(nn.Softmax(dim=1)), lambda o: F.cross_entropy(o, Y), "softmax twice"),
    "softmax as a function": (Body(), lambda o: F.cross_entropy(F.softmax(o), Y), "softmax twice"),
    "softmax by hand": (Body(), lambda o: F.cross_entropy(hand_softmax(o), Y), "softmax twice"),
    "sigmoid twice": (Body(nn.Sigmoid(), out=1), lambda o: F.binary_cross_entropy_with_logits(o, (T > 0) * 1.0), "sigmoid twice"),
    "nll of logits": (Body(), lambda o: F.nll_loss(o, Y), "log-softmax missing"),
    "nll of probabilities": (Body(nn.Softmax(dim=1)), lambda o: F.nll_loss(o, Y), "log-softmax missing"),
    "axis of the batch": (Body(nn.Softmax(dim=0)), lambda o: -ag.log(o[np.arange(16), Y]).mean(), "softmax over the wrong axis"),
    "axis of the batch and squares": (Body(nn.Softmax(dim=0)), lambda o: F.mse_loss(o, np.eye(3)[Y]), "softmax over the wrong axis"),
    "one unit": (Body(nn.Softmax(dim=1), out=1), lambda o: F.mse_loss(o, (T > 0) * 1.0), "softmax over one unit"),
    "column and row": (Body(out=1), lambda o: ((o - T[:, 0]) ** 2).mean(), "loss broadcast"),
    "row and column": (Body(nn.Flatten(0), out=1), lambda o: abs(T - o).mean(), "loss broadcast"),
    "relu and negative targets": (Body(nn.ReLU(), out=1), lambda o: F.mse_loss(o, T), "output activation does not fit"),
    "tanh and large targets": (Body(nn.Tanh(), out=1), lambda o: F.l1_loss(o, 5.0 * T), "output activation does not fit"),
    "relu on logits": (Body(nn.ReLU()), lambda o: F.cross_entropy(o, Y), "output activation does not fit"),
    "sigmoid on logits": (Body(nn.Sigmoid()), lambda o: F.cross_entropy(o, Y), "output activation does not fit"),
    "relu on one logit": (Body(nn.ReLU(), out=1), lambda o: F.binary_cross_entropy_with_logits(o, (T > 0) * 1.0), "output activation does not fit"),
    "minus cross-entropy": (Body(), lambda o: -F.cross_entropy(o, Y), "loss with the wrong sign"),
    "minus squares": (Body(out=1), lambda o: -F.mse_loss(o, T), "loss with the wrong sign"),
    "minus huber": (Body(out=1), lambda o: -F.huber_loss(o, T), "loss with the wrong sign"),
    "minus with logits": (Body(out=1), lambda o: -F.binary_cross_entropy_with_logits(o, (T > 0) * 1.0), "loss with the wrong sign"),
    "minus with probabilities": (Body(nn.Sigmoid(), out=1), lambda o: -F.binary_cross_entropy(o, (T > 0) * 1.0), "loss with the wrong sign"),
    "likelihood": (Body(), lambda o: F.log_softmax(o)[np.arange(16), Y].mean(), "loss with the wrong sign"),
    "itself": (Body(out=1), lambda o: F.mse_loss(o, o.detach()), "loss compares the output with itself"),
    "a step": (Body(out=1), lambda o: F.mse_loss(ag.round(o), T), "step function in the path"),
    "dropout": (Body(nn.Dropout(0.9), nn.Linear(3, 3)), lambda o: F.cross_entropy(o, Y), "dropout too high"),
    "dropout at the end": (Body(nn.Dropout(0.5)), lambda o: F.cross_entropy(o, Y), "dropout on the output"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_the_loss(name):
    model, loss, expected = FAULTS[name]
    assert expected in kinds(model, loss)


HEALTHY = {
    "cross_entropy": (Body(), lambda o: F.cross_entropy(o, Y)),
    "weighted and smoothed": (Body(), lambda o: F.cross_entropy(o, Y, weight=np.ones(3), label_smoothing=0.1)),
    "nll": (Body(nn.LogSoftmax(dim=1)), lambda o: F.nll_loss(o, Y)),
    "probabilities": (Body(nn.Softmax(dim=1)), lambda o: -ag.log(o[np.arange(16), Y] + 1e-9).mean()),
    "squares": (Body(out=1), lambda o: F.mse_loss(o, T)),
    "squares of positive targets": (Body(nn.ReLU(), out=1), lambda o: F.mse_loss(o, abs(T))),
    "tanh in reach": (Body(nn.Tanh(), out=1), lambda o: F.mse_loss(o, np.tanh(T))),
    "with logits": (Body(out=1), lambda o: F.binary_cross_entropy_with_logits(o, (T > 0) * 1.0)),
    "with probabilities": (Body(nn.Sigmoid(), out=1), lambda o: F.binary_cross_entropy(o, (T > 0) * 1.0)),
    "huber": (Body(out=1), lambda o: F.huber_loss(o, T)),
    "a penalty": (Body(out=1), lambda o: F.mse_loss(o, T) + 1e-3 * (o**2).sum()),
    "pairs": (Body(), lambda o: ((o[:, None] - o[None]) ** 2).sum(axis=-1).mean()),
    "contrast": (Body(), lambda o: F.cross_entropy(o @ o.transpose(1, 0), np.arange(16))),
    "a critic": (Body(out=1), lambda o: -o.mean()),
    "a policy": (Body(), lambda o: -(F.log_softmax(o)[np.arange(16), Y] * T[:, 0]).mean()),
    "values of actions": (Body(), lambda o: F.mse_loss(o[np.arange(16), Y], T[:, 0])),
    "straight through": (Body(out=1), lambda o: F.mse_loss(o + ag.stop_gradient(ag.round(o) - o), T)),
}  # fmt: skip


@pytest.mark.parametrize("name", HEALTHY)
def test_a_loss_that_is_well(name):
    model, loss = HEALTHY[name]
    assert kinds(model, loss) == []


def test_signs_are_not_judged_in_a_game():
    out = Body()(X)
    graph = LossGraph(-F.cross_entropy(out, Y), [out])
    assert loss_findings(graph, sign=0.0) == []


def test_the_place_is_the_module():
    out = Body(nn.Softmax(dim=1))(X)
    [found] = loss_findings(LossGraph(F.cross_entropy(out, Y), [out]))
    assert found.layer == "layers.3" and found.numbers["least_loss"] == pytest.approx(
        0.551, abs=1e-3
    )


def test_masks_of_dropout_tell_their_probability():
    x = ag.Tensor(np.ones((64, 64)), requires_grad=True)
    [(_, p)] = dropout_masks(LossGraph(F.dropout(x, 0.3).sum()))
    assert p == pytest.approx(0.3)
    assert list(dropout_masks(LossGraph((x * (X[:1, :1] > 0)).sum()))) == []
    assert (
        list(dropout_masks(LossGraph((x * (2.0 * np.tri(64))).sum()))) != []
    )  # half zeros, doubled


def binary(loss, target, model=None):
    ag.random.seed(0)
    out = (model or nn.Linear(X.shape[1], 1))(X)
    return [f.kind for f in loss_findings(LossGraph(loss(out, target), [out]))]


BINARY = (Y > 0).astype(float)[:, None]


def test_an_anchor_to_the_start_is_no_comparison_with_itself():
    def anchored(weight):
        def loss(out, t):
            copied = ((out - out.data) ** 2).mean()
            return (
                copied + weight * F.binary_cross_entropy_with_logits(out, t) if weight else copied
            )

        return loss

    assert binary(anchored(1.0), BINARY) == []
    assert binary(anchored(0.0), BINARY) == ["loss compares the output with itself"]


def test_a_softmax_over_the_batch_behind_a_logarithm():
    def loss(out, t):
        return F.nll_loss(ag.log(ag.softmax(out, axis=0) + 1e-9), Y)

    found = binary(loss, None, nn.Linear(X.shape[1], int(Y.max()) + 1))
    assert "softmax over the wrong axis" in found


def test_a_likelihood_that_is_maximized_and_an_error_that_is():
    out = Body()(X)
    graph = LossGraph(-F.cross_entropy(out, Y), [out])
    assert [f.kind for f in loss_findings(graph)] == ["loss with the wrong sign"]
    assert loss_findings(graph, sign=-1.0) == []
    error = LossGraph(F.cross_entropy(out, Y), [out])
    assert [f.kind for f in loss_findings(error, sign=-1.0)] == ["steps uphill"]
