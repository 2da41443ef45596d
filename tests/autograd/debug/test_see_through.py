"""Replays, source lines, wrong rules located, anomalies' births, explained gradients."""

import re
import sys
import warnings

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.debug.replay import replay
from autograd.engine import backward
from autograd.testing.locate import find_culprits

R = np.random.default_rng(0)


def mlp_loss():
    ag.random.seed(0)
    model = nn.MLP([4, 6, 3], "tanh")
    return nn.cross_entropy(model(R.normal(size=(5, 4))), [0, 1, 2, 0, 1]), model


# --- replay ---


def test_a_replay_is_the_engines_pass():
    loss, model = mlp_loss()
    found = replay(loss)
    params = list(model.parameters())
    for p, g in zip(params, ag.gradients(loss, params), strict=True):
        np.testing.assert_allclose(found.gradient(p), g, rtol=1e-13)
    assert found.steps[0].node is loss and params[0].grad is None
    numbers = [step.node.number for step in found.steps]
    assert numbers == sorted(numbers, reverse=True)
    for step in found.steps[1:]:
        total = sum(c.value for _, c in found.received[step.node])
        np.testing.assert_allclose(step.cotangent, total, rtol=1e-13)
    bias = next(c for s in found.steps for c in s.contributions if c.to is params[1])
    assert bias.raw.shape == (5, 6) and bias.value.shape == (6,)
    with pytest.raises(ag.GraphError, match="does not require a gradient"):
        replay(loss.detach())


def test_a_replay_of_values_calls_hooks():
    x = ag.Value(3.0)
    x.register_hook(lambda g: g * 10.0)
    y = x * x + ag.Value(0.0) * x
    assert replay(y).gradient(x) == 60.0


# --- lines ---


def helper(x):
    y = x * 2.0  # in a function of its own
    return y


def test_nodes_know_their_line():
    here = sys._getframe().f_lineno
    x = ag.Tensor([1.0], requires_grad=True)
    with ag.record_lines():
        a = x * 3.0
        b = helper(x) + 1.0
        c = nn.functional.gelu(b)
    d = a + 1.0
    assert ag.line_of(a).number == here + 3 and ag.line_of(a).text == "a = x * 3.0"
    assert ag.line_of(b).number == here + 4 and ag.line_of(c).number == here + 5
    assert ag.line_of(b.inputs[0]).function == "helper"
    assert ag.line_of(d) is None and ag.line_of(x) is None
    assert sys.gettrace() is None or "coverage" in repr(sys.gettrace())
    assert str(ag.line_of(a)).startswith("test_see_through.py:")


def test_lines_end_with_errors_too():
    with pytest.raises(KeyError), ag.record_lines():
        raise KeyError
    x = ag.Value(1.0) * 2.0
    assert ag.line_of(x) is None


# --- wrong rules ---


def spoiled(op, argument, factor=1.01):
    def wrong(g, out, *inputs, **static):
        return op.rules[argument](g, out, *inputs, **static) * factor

    if op.variadic:
        rule = lambda g, out, *inputs, argument, **static: (
            op.rules[argument](g, out, *inputs, **static) * factor
        )
        return ag.Primitive(op.name, op.kernel, rule, variadic=True)
    rules = [wrong if i == argument else rule for i, rule in enumerate(op.rules)]
    return ag.Primitive(op.name, op.kernel, *rules, scalar=op.scalar, elementwise=op.elementwise)


class Transformer(nn.Module):
    def __init__(self, layers=12):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(4, 2, 6, dropout=0.0, activation="gelu", batch_first=True)
            for _ in range(layers)
        )
        self.head = nn.Linear(4, 3)

    def forward(self, x, wrong=None):
        for i, layer in enumerate(self.layers):
            x = layer(x)
            if wrong is not None and i == 6:
                x = wrong(x)
        return self.head(x[:, 0])


@pytest.fixture(scope="module")
def transformer():
    ag.random.seed(0)
    model = Transformer()
    x = np.random.default_rng(1).normal(size=(2, 3, 4))
    with ag.record_lines():
        loss = nn.cross_entropy(model(x), [0, 2])
    return model, loss


def test_a_right_transformer_has_no_culprits(transformer):
    model, loss = transformer
    culprits, kinks = find_culprits(loss, None, list(model.parameters()))
    assert culprits == [] and kinks == []


MIDDLE = [
    "add",
    "mul",
    "matmul",
    "transpose",
    "reshape",
    "exp",
    "inner",
    "logsumexp",
    "mean",
    "sub",
    "div",
    "sqrt",
    "erf",
    "getitem",
    "square",
]


@pytest.mark.parametrize("name", MIDDLE)
def test_one_percent_in_any_primitive_in_the_middle_of_twelve_layers_is_located(transformer, name):
    model, loss = transformer
    nodes = [n for n in ag.ancestors([loss]) if n.op is not None and n.op.name == name]
    inside = [n for n in nodes if n.module.startswith("layers.6")]
    victim = inside[len(inside) // 2]
    argument = next(i for i, x in enumerate(victim.inputs) if x is not None and x.requires_grad)
    right = victim.op
    victim.op = spoiled(right, argument)
    try:
        culprits, _ = find_culprits(loss, None, list(model.parameters()))
    finally:
        victim.op = right
    assert [(c.operation, c.argument, c.module) for c in culprits] == [
        (name, argument, victim.module)
    ]
    assert culprits[0].error == pytest.approx(0.01, rel=1e-3) and culprits[0].effect > 0
    assert culprits[0].line.function == "forward" and culprits[0].line.text == "x = layer(x)"


def test_check_gradients_names_the_culprit_end_to_end():
    ag.random.seed(0)
    model = Transformer(12)
    x = np.random.default_rng(1).normal(size=(1, 2, 4))
    wrong = spoiled(ag.primitives.PRIMITIVES["tanh"], 0)
    with pytest.raises(ag.GradientCheckError) as caught:
        ag.check_gradients(
            lambda: model(x, wrong), parameters={"w": model.layers[0].linear1.weight}, samples=2
        )
    [culprit] = caught.value.report.culprits
    assert (culprit.operation, culprit.line.text) == ("tanh", "x = wrong(x)")
    assert "the rule of tanh for argument 0 is wrong by 0.01" in str(caught.value)
    assert "test_see_through.py" in str(caught.value)


def test_values_have_culprits_too():
    wrong = ag.Primitive("third", lambda x: x / 3.0, lambda g, out, x: g * 0.3, elementwise=True)
    with pytest.raises(
        ag.GradientCheckError, match=r"the rule of third for argument 0 is wrong by 0\.1"
    ):
        ag.check_gradients(lambda x: wrong(x) * x, ag.Value(2.0))


def test_kinks_say_which_slope_was_taken_and_whether_it_matters():
    x = np.array([0.0, 1.0, -1.0])
    report = ag.check_gradients(lambda x: (ag.relu(x) * [2.0, 3.0, 4.0]).sum(), x, locate=True)
    [kink] = report.kinks
    assert (kink.operation, kink.entries, kink.chosen, kink.left, kink.right) == (
        "relu",
        1,
        0.0,
        0.0,
        1.0,
    )
    assert kink.matters and report.culprits == [] and "would change a gradient" in str(report)
    quiet = ag.check_gradients(lambda x: (ag.relu(x) * [0.0, 3.0, 4.0]).sum(), x, locate=True)
    assert [k.matters for k in quiet.kinks] == [False]
    assert ag.check_gradients(lambda x: ag.abs(x), np.array([0.5]), locate=True).kinks == []


# --- anomalies ---


def test_the_birth_of_a_nan_is_told_from_its_propagation():
    x = ag.Tensor([1.0, -1.0], requires_grad=True, name="x")
    with pytest.raises(ag.AnomalyError) as caught, ag.detect_anomaly():
        root = ag.sqrt(x)
        (root * 2.0 + 1.0).sum().backward()
    [found] = caught.value.anomalies
    assert (found.phase, found.kind, found.operation, found.birth) == (
        "forward",
        "nan",
        "sqrt",
        True,
    )
    assert found.line.text == "root = ag.sqrt(x)" and "4 results of the graph hold it" in found.note
    assert (
        found.statistics[0] == "input 0 (x): shape (2,), from -1 to 1, mean 0, 0 nan, 0 inf, 0 zero"
    )
    assert x.grad is None


def test_overflow_and_what_comes_of_it():
    x = ag.Tensor([1000.0], requires_grad=True)
    big = ag.exp(x)
    [found] = ag.find_anomalies((big - big).sum())
    assert str(found).startswith(
        "forward: sub made the first nan; an input held inf, and inf - inf is nan"
    )
    assert (found.kind, found.operation) == ("nan", "sub") and "inf - inf is nan" in found.note
    [found] = ag.find_anomalies(big.sum())
    assert (found.kind, found.operation) == ("inf", "exp")


def test_a_nan_that_came_in():
    x = ag.Tensor([np.nan], requires_grad=True, name="x")
    [found] = ag.find_anomalies((x * 2.0).sum())
    assert not found.birth and found.operation == "leaf x" and "a leaf holds it" in found.note
    y = ag.Tensor([1.0], requires_grad=True)
    [found] = ag.find_anomalies((y * [np.nan]).sum())
    assert "a constant held it" in found.note


def test_masks_of_infinity_are_no_anomaly():
    ag.random.seed(0)
    layer = nn.MultiheadAttention(4, 2, batch_first=True)
    x = R.normal(size=(1, 3, 4))
    with ag.detect_anomaly():
        layer(x, x, x, is_causal=True)[0].sum().backward()


def test_the_module_and_argument_of_a_gradient_that_explodes():
    class Root(nn.Module):
        def forward(self, x):
            return ag.sqrt(x)

    model = nn.Sequential(nn.Identity(), Root())
    x = ag.Tensor([4.0, 0.0], requires_grad=True)
    with (
        pytest.warns(
            RuntimeWarning, match="the gradient of sqrt for argument 0 is the first inf in module 1"
        ),
        ag.detect_anomaly("warn"),
    ):
        model(x).sum().backward()
    assert x.grad[0] == 0.25


def test_zero_times_infinity_behind_a_where_is_known():
    x = ag.Tensor([2.0, 0.0], requires_grad=True)
    with ag.detect_anomaly("raise") as found:
        ag.where(x.data > 0, ag.log(x), 0.0).sum().backward()
    assert x.grad.tolist() == [0.5, 0.0]
    [masked] = found
    assert masked.operation == "log" and not masked.birth and "behind a where" in masked.note


def test_a_healthy_pass_finds_nothing_and_nothing_is_left_behind():
    with ag.detect_anomaly("collect") as found:
        loss, _ = mlp_loss()
        loss.backward()
        ag.gradients(loss, ag.ancestors([loss])[:1], create_graph=True)
    assert found == [] and backward.backward_watch.get() is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loss, _ = mlp_loss()
        loss.backward()
    with pytest.raises(ag.UnsupportedError, match="mode='stop' came"), ag.detect_anomaly("stop"):
        pass


# --- explanations ---


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
