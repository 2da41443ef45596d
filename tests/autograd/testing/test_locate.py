"""A wrong rule in the middle of a network is located; a kink is reported, not blamed."""

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.testing.locate import find_culprits


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
    "sum",
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
    assert "test_locate.py" in str(caught.value)


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
