"""A wrong rule in the middle of a network is located; a kink is reported, not blamed."""

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.debug.source_lines import SourceLine
from autograd.testing.locate import Culprit, Kink, find_culprits


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


def leaf(data):
    return ag.Tensor(data, requires_grad=True)


def scaled(factor, wrong):
    """x · factor, with a rule that is wrong by some factor."""
    return ag.Primitive("scaled", lambda x: x * factor, lambda g, out, x: g * factor * wrong)


@pytest.mark.parametrize("make", [leaf, ag.Value])
def test_the_effect_is_the_error_of_the_gradients(make):
    """Of one number it is exact: what the rule adds, times the slopes below and above it."""
    x, y = make(2.0), make(5.0)
    wrong = (
        scaled(3.0, 1.25) if make is leaf else spoiled(ag.primitives.PRIMITIVES["tanh"], 0, 1.25)
    )
    inner = x * y
    root = wrong(inner) * 4.0
    [culprit], kinks = find_culprits(root, None, [x, y])
    slope = 3.0 if make is leaf else 1.0 - np.tanh(10.0) ** 2
    assert (culprit.argument, culprit.module, kinks) == (0, "", [])
    assert culprit.error == pytest.approx(0.25, rel=1e-3)
    assert culprit.autograd / culprit.numeric == pytest.approx(1.25, rel=1e-3)
    # 0.25 · slope · 4 is what is wrong of the product, and its slopes are y and x.
    assert culprit.effect == pytest.approx(0.25 * slope * 4.0 * np.hypot(5.0, 2.0), rel=1e-3)
    [only], _ = find_culprits(root, None, [x])
    assert only.effect == pytest.approx(0.25 * slope * 4.0 * 5.0, rel=1e-3)


def test_the_largest_effect_comes_first():
    x = leaf([1.0, 2.0])
    root = (scaled(2.0, 1.01)(x) * 1e-3 + scaled(2.0, 1.5)(x) + scaled(2.0, 1.1)(x)).sum()
    culprits, _ = find_culprits(root, None, [x])
    assert [round(c.error, 3) for c in culprits] == [0.5, 0.1, 0.01]
    assert sorted(c.effect for c in culprits) == [c.effect for c in culprits][::-1]
    # Of many entries it is an estimate, from the error along one direction.
    assert 0.05 < culprits[0].effect / np.hypot(1.0, 1.0) < 1.5
    assert culprits[0].effect == pytest.approx(culprits[1].effect * 5.0, rel=0.9)


def test_the_error_is_that_of_the_worst_direction():
    """Of three random ones: the largest of three normal numbers is 1.33 on average, one is 0.8."""
    x = leaf(1.0)
    root = x * 0.0
    for _ in range(60):
        root = root + scaled(2.0, 1.5)(x)
    culprits, _ = find_culprits(root, None, [x])
    assert len(culprits) == 60
    assert np.mean([abs(c.autograd - c.numeric) for c in culprits]) == pytest.approx(1.33, abs=0.15)


def test_a_seed_scales_the_effect():
    x = leaf(1.5)
    effects = [find_culprits(scaled(2.0, 1.5)(x), seed, [x])[0][0].effect for seed in (1.0, 3.0)]
    assert effects == pytest.approx([1.0, 3.0], rel=1e-3)


LEAKY = ag.Primitive(
    "leaky",
    lambda x, *, slope: np.where(x > 0.0, x, slope * x),
    lambda g, out, x, *, slope: g * np.where(ag.data_of(x) > 0.0, 1.0, slope),
    elementwise=True,
)


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (ag.abs, [0.0, 1.0], (1, 0.0, -1.0, 1.0, True)), (ag.abs, [0.0, 0.0, 2.0, 0.0], (3, 0.0, -1.0, 1.0, True)),
        (lambda x: ag.relu(x) * 7.0, [3.0, 0.0], (1, 0.0, 0.0, 1.0, True)),
        (lambda x: ag.clip(x, 1.0, 2.0) * [5.0, 0.5], [2.0, 5.0], (1, 1.0, 1.0, 0.0, True)),
        (lambda x: ag.maximum(x, 1.0) * -2.0, [4.0, 1.0], (1, 0.5, 0.0, 1.0, True)),
        (lambda x: ag.abs(x) * [0.0, 1.0], [0.0, 1.0], (1, None, -1.0, 1.0, False)),
        (lambda x: ag.abs(x) * [1.0, 0.0], [0.0, 0.0], (2, 0.0, -1.0, 1.0, True)),
        (lambda x: ag.abs(x) * 0.0 + x, [0.0, 1.0], (1, None, -1.0, 1.0, False)),
        (lambda x: LEAKY(x, slope=0.25), [1.0, 0.0], (1, 0.25, 0.25, 1.0, True)),
        (ag.abs, [1e-5, 1.0], None), (ag.abs, [1e-7, 1.0], None), (lambda x: ag.maximum(x, [[1.0], [2.0]]), [1.0, 2.0], None), (ag.floor, [1.5], None),
        (lambda x: ag.sum(x * x), [0.0, 1.0], None),
    ],
)  # fmt: skip
def test_the_slopes_at_a_kink(f, x, expected):
    x = leaf(x)
    culprits, kinks = find_culprits(f(x).sum(), None, [x])
    assert culprits == []
    found = [(k.entries, None if k.chosen != k.chosen else k.chosen, k.left, k.right, k.matters) for k in kinks]  # fmt: skip
    assert found == [expected] * (expected is not None)


def test_a_kink_matters_to_the_gradients_that_it_reaches():
    x, y = leaf([0.0, 1.0]), leaf([2.0, 3.0])
    root = (ag.relu(x) + y * y).sum()
    assert [[k.matters for k in find_culprits(root, None, wrt)[1]] for wrt in ([x], [y], [x, y])] == [[True], [False], [True]]  # fmt: skip
    root = (ag.relu(x * 0.0) * y).sum()  # nothing comes through the factor of 0
    assert [k.matters for k in find_culprits(root, None, [x])[1]] == [False]


@pytest.mark.parametrize("factor", [1.0, 1.5])
def test_a_rule_of_many_entries_has_no_kink_of_one(factor):
    """Though its result has the shape of its argument, and a kink."""

    def rule(g, out, x):
        return g[::-1].cumsum()[::-1] * np.sign(x) * factor

    x = leaf([1.0, 0.0, -2.0])
    root = ag.Primitive("sums", lambda x: np.cumsum(np.abs(x)), rule)(x).sum()
    culprits, kinks = find_culprits(root, None, [x])
    assert kinks == [] and [c.operation for c in culprits] == ["sums"] * (factor != 1.0)


def test_an_infinite_slope_hides_no_mistake_beside_it():
    root = ag.Primitive(
        "root", lambda x, y: np.sqrt(x) + y, lambda g, out, x, y: g * 0.5 / ag.sqrt(x), lambda g, out, x, y: g * 1.5
    )  # fmt: skip
    x, y = leaf([0.0, 4.0]), leaf([1.0, 2.0])
    [culprit], kinks = find_culprits(root(x, y).sum(), None, [x, y])
    assert (culprit.argument, kinks) == (1, [])
    assert culprit.error == pytest.approx(0.5, rel=1e-6)


def test_no_entries_have_no_culprits():
    x = leaf(np.zeros((0, 2)))
    assert find_culprits((x * 2.0).sum(), None, [x]) == ([], [])


def test_a_kink_of_a_value():
    x = ag.Value(0.0)
    [kink] = find_culprits(ag.relu(x) * 3.0, None, [x])[1]
    assert (kink.operation, kink.entries, kink.chosen, kink.matters) == ("relu", 1, 0.0, True)
    assert "relu: 1 at a kink, with slope 0 where 0 (left) and 1 (right) are right too" in str(kink)


def test_what_is_told_of_a_culprit():
    line = SourceLine("model.py", 7, "forward", "y = f(x)")
    found = Culprit("f", 1, "layers.2", line, 0.25, 3.0, 1.25, 1.0, "factor", "a factor is missing")
    assert str(found) == (
        "the rule of f for argument 1 in module layers.2 is wrong by 0.25, relatively: it gives 1.25, "
        f"differences give 1, at {line}; a factor is missing (factor)"
    )
    assert str(found._replace(module="", line=None, kind="")).endswith("differences give 1")


def test_what_is_told_of_a_kink():
    line = SourceLine("model.py", 7, "forward", "y = f(x)")
    found = Kink("relu", 0, "layers.2", line, 3, 0.0, 0.0, 1.0, False)
    text = (
        "relu in module layers.2: 3 at a kink, with slope 0 where 0 (left) and 1 (right) are right too; "
        "the other one would change nothing"
    )
    assert str(found) == f"{text}, at {line}"
    assert str(found._replace(line=None)) == text
