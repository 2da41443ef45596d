"""Programs written for micrograd run unchanged: what its users rely on, and a network trained."""

import copy
import pickle
import random

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor, Value

# --- what micrograd's users rely on ---


def test_the_gradient_is_zero_before_a_backward_pass():
    a = Value(3.0)
    b = a * 2 + 1
    for v in (a, b, b.relu(), b.exp(), a.detach(), ag.maximum(a, b)):
        assert v.grad == 0.0 and type(v.grad) is float


def test_the_gradient_is_zero_where_nothing_depends_on_the_value():
    used, unused = Value(3.0), Value(4.0)
    (used * used).backward()
    assert (used.grad, unused.grad) == (6.0, 0.0)


def test_two_passes_accumulate_until_the_gradient_is_reset():
    w = Value(3.0)
    (w * w).backward()
    (w * 2).backward()
    assert w.grad == 8.0
    w.zero_grad()
    assert w.grad == 0.0 and type(w.grad) is float
    (w * w).backward()
    assert w.grad == 6.0


@pytest.mark.parametrize("reset", [0, 0.0, None, np.float64(0.0)], ids=repr)
def test_a_gradient_reset_by_hand_accumulates(reset):
    w = Value(3.0)
    (w * w).backward()
    w.grad = reset
    (w * 5).backward()
    assert w.grad == 5.0


def test_backward_of_a_leaf():
    v = Value(7.0)
    v.backward()
    assert v.grad == 1.0


def test_the_sign_of_a_zero_gradient_is_kept_as_a_tensor_keeps_it():
    v, t = Value(2.0), Tensor(2.0, requires_grad=True)
    (v * -0.0).backward()
    (t * -0.0).backward()
    assert np.signbit(v.grad) and np.signbit(t.grad)


def test_a_tensor_has_no_gradient_before_a_pass():
    t = Tensor(2.0, requires_grad=True)
    assert t.grad is None and (t * 2).grad is None
    t.backward()
    t.zero_grad()
    assert t.grad is None


def test_repr_shows_data_and_the_gradient_once_there_is_one():
    v = Value(2.5)
    assert repr(v) == "Value(2.5)"
    (v * 3).backward()
    assert repr(v) == "Value(2.5, grad=3.0)"
    v.grad = 0
    assert repr(v) == "Value(2.5)"


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))]
)
def test_copies_take_the_gradient_along(copied):
    v = Value(2.0)
    assert copied(v).grad == 0.0
    (v * 3).backward()
    assert copied(v).grad == 3.0


@pytest.mark.parametrize(
    ("compute", "result", "slope"),
    [
        (lambda v: v**2, 4.0, 4.0),
        (lambda v: v**-1, 0.5, -0.25),
        (lambda v: v**0.5, 2**0.5, 0.5 / 2**0.5),
        (lambda v: 2 - v, 0.0, -1.0),
        (lambda v: v - 2, 0.0, 1.0),
        (lambda v: v / 2, 1.0, 0.5),
        (lambda v: 2 / v, 1.0, -0.5),
        (lambda v: 3 * v, 6.0, 3.0),
        (lambda v: 1 + v, 3.0, 1.0),
        (lambda v: -v, -2.0, -1.0),
        (lambda v: v.relu(), 2.0, 1.0),
        (lambda v: (-v).relu(), 0.0, 0.0),
        (lambda v: sum([v, v, v]), 6.0, 3.0),
        (lambda v: v + True, 3.0, 1.0),
        (lambda v: np.int64(-1) * v, -2.0, -1.0),
        (lambda v: (v / 2).log(), 0.0, 0.5),
        (lambda v: (v - 2).exp(), 1.0, 1.0),
        (lambda v: (v - 2).tanh(), 0.0, 1.0),
    ],
)
def test_operations_on_integer_data(compute, result, slope):
    v = Value(2)
    out = compute(v)
    out.backward()
    assert (out.data, out.grad) == (result, 1.0)
    assert v.grad == pytest.approx(slope, rel=1e-15)
    v.data += -1 * v.grad
    assert v.data == pytest.approx(2 - slope, rel=1e-15)


def test_data_and_gradient_are_plain_floats():
    v = Value(2)
    out = v * 3
    out.backward()
    assert [type(x) for x in (v.data, v.grad, out.data, out.grad)] == [float] * 4


# --- what programs that draw a graph read ---


def test_label_and_name_are_one():
    a = Value(2.0, label="a")
    b = a * 3
    assert (a.label, a.name, b.label, b.name) == ("a", "a", "", None)
    b.label = "b"
    assert b.name == "b" and repr(b) == "Value(6.0, op=mul, name='b')"
    assert Value(2.0, name="n", label="l").name == "n"


def test_the_operations_have_micrograds_signs():
    a, b = Value(2.0), Value(3.0)
    made = [a + b, a * b, a**2, a**-0.5, a.relu(), a.tanh(), a.exp(), a / b, a]
    assert [v._op for v in made] == ["+", "*", "**2", "**-0.5", "ReLU", "tanh", "exp", "/", ""]


def test_prev_holds_the_values_that_went_in():
    a, b = Value(2.0), Value(3.0)
    assert (a + b)._prev == {a, b} and (a * a)._prev == {a} and (a + 1)._prev == {a}
    assert a._prev == set() and isinstance(a._prev, set)


def test_a_program_that_walks_and_draws_the_graph():
    def trace(root):
        nodes, edges = set(), set()

        def build(v):
            if v not in nodes:
                nodes.add(v)
                for child in v._prev:
                    edges.add((child, v))
                    build(child)

        build(root)
        return nodes, edges

    a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(10.0, label="c")
    e = a * b
    e.label = "e"
    d = e + c
    d.label = "d"
    d.backward()
    nodes, edges = trace(d)
    lines = {"{ %s | data %.4f | grad %.4f }" % (n.label, n.data, n.grad) for n in nodes}  # noqa: UP031
    assert lines == {
        "{ a | data 2.0000 | grad -3.0000 }",
        "{ b | data -3.0000 | grad 2.0000 }",
        "{ c | data 10.0000 | grad 1.0000 }",
        "{ e | data -6.0000 | grad 1.0000 }",
        "{ d | data 4.0000 | grad 1.0000 }",
    }
    assert {(x.label, y.label) for x, y in edges} == {("a", "e"), ("b", "e"), ("e", "d"), ("c", "d")}  # fmt: skip
    assert sorted(n._op for n in nodes if n._op) == ["*", "+"]


# --- what else reads a gradient ---


def test_an_unused_value_is_told_from_one_with_a_zero_slope():
    dead, unused = Value(-3.25, name="dead"), Value(1.75, name="unused")
    loss = dead.relu() + 1
    loss.backward()
    assert dead.grad == unused.grad == 0.0
    assert str(ag.explain(dead, loss)).startswith("dead: gradient 0, the sum over 1 consumer")
    assert str(ag.explain(unused, loss)).startswith("unused: no gradient; ")
    assert ag.gradients(loss, [dead, unused]) == [0.0, None]


def test_an_unused_value_is_not_taken_for_one_cut_off_because_it_is_equal():
    x, unused = Value(3.0), Value(2.0)
    told = ag.explain(unused, x * 2.0)
    assert told.gradient is None and "was not computed from it" in told.reason


def test_a_drawing_shows_zero_gradients_after_a_pass_only():
    dead = Value(-3.0, name="dead")
    loss = dead.relu() + Value(1.0).detach()
    assert r"\ngrad" not in ag.draw(loss).dot
    loss.backward()
    text = ag.draw(loss).dot  # without a gradient at the constant
    assert r"relu\nvalue 0\ngrad 1" in text and r"\ngrad 0" in text and text.count(r"\ngrad") == 3


def test_gradients_of_an_expansion_may_all_be_zero():
    w = Tensor([-1.0, -2.0], requires_grad=True)
    opened = ag.expand(ag.relu(w).sum())
    opened.value.backward()
    assert opened.gradient(w).tolist() == [0.0, 0.0]


# --- two moons: neurons on Values against the same network on arrays ---


class Neuron:
    """A weighted sum of its inputs, bent by a relu unless it is linear."""

    def __init__(self, n, rng, linear):
        self.w = [Value(rng.uniform(-1, 1)) for _ in range(n)]
        self.b = Value(0)
        self.linear = linear

    def __call__(self, x):
        out = sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b)
        return out if self.linear else out.relu()

    def parameters(self):
        return [*self.w, self.b]


class Layer:
    """Neurons that share their inputs."""

    def __init__(self, n, m, rng, linear):
        self.neurons = [Neuron(n, rng, linear) for _ in range(m)]

    def __call__(self, x):
        out = [neuron(x) for neuron in self.neurons]
        return out[0] if len(out) == 1 else out

    def parameters(self):
        return [p for neuron in self.neurons for p in neuron.parameters()]


class MLP:
    """Layers, the last one linear."""

    def __init__(self, n, sizes, rng):
        widths = [n, *sizes]
        self.layers = [
            Layer(widths[i], widths[i + 1], rng, linear=i == len(sizes) - 1)
            for i in range(len(sizes))
        ]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]

    def zero_grad(self):
        for p in self.parameters():
            p.grad = 0


def two_moons(n, seed):
    rng = np.random.default_rng(seed)
    angles = rng.uniform(0, np.pi, n)
    first = np.arange(n) % 2 == 0
    x = np.where(first, np.cos(angles), 1 - np.cos(angles))
    y = np.where(first, np.sin(angles), 0.5 - np.sin(angles))
    points = np.stack([x, y], axis=1) + rng.normal(0, 0.08, (n, 2))
    return points, np.where(first, -1, 1)


def train_on_values(model, points, signs, steps, rate):
    history = []
    for step in range(steps):
        inputs = [list(map(Value, row)) for row in points]
        scores = list(map(model, inputs))
        losses = [(1 + -yi * score).relu() for yi, score in zip(signs, scores, strict=True)]
        data_loss = sum(losses) * (1 / len(losses))
        loss = data_loss + 1e-3 * sum(p**2 for p in model.parameters())
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data += -(rate - 0.9 * rate * step / steps) * p.grad
        right = [(yi > 0) == (s.data > 0) for yi, s in zip(signs, scores, strict=True)]
        history.append((loss.data, sum(right) / len(right)))
    return history


def train_on_tensors(parameters, points, signs, steps, rate):
    """The same with a weight matrix and a vector of biases for each layer."""
    history = []
    for step in range(steps):
        x = Tensor(points)
        for i in range(0, len(parameters), 2):
            x = x @ parameters[i].T + parameters[i + 1]
            x = ag.relu(x) if i + 2 < len(parameters) else x
        scores = x[:, 0]
        loss = ag.relu(1 - signs * scores).mean()
        loss = loss + 1e-3 * sum((p**2).sum() for p in parameters)
        for p in parameters:
            p.zero_grad()
        loss.backward()
        for p in parameters:
            p.data = p.data - (rate - 0.9 * rate * step / steps) * p.grad
        history.append((loss.item(), np.mean((scores.data > 0) == (signs > 0))))
    return history


def as_arrays(model):
    """Weights and biases of each layer: data and gradients."""
    for layer in model.layers:
        for rows in ([n.w for n in layer.neurons], [n.b for n in layer.neurons]):
            cells = np.array(rows, object)
            read = [[getattr(v, what) for v in cells.flat] for what in ("data", "grad")]
            yield tuple(np.reshape(x, cells.shape).astype(float) for x in read)


def test_a_network_of_values_learns_as_the_same_network_of_arrays():
    points, signs = two_moons(40, seed=5)
    model = MLP(2, [8, 8, 1], random.Random(1))
    tensors = [Tensor(data, requires_grad=True) for data, _ in as_arrays(model)]
    assert len(model.parameters()) == sum(t.size for t in tensors) == 105

    on_values = train_on_values(model, points, signs, steps=50, rate=1.0)
    on_tensors = train_on_tensors(tensors, points, signs, steps=50, rate=1.0)

    np.testing.assert_allclose(on_values, on_tensors, rtol=1e-9)
    for (data, grad), tensor in zip(as_arrays(model), tensors, strict=True):
        np.testing.assert_allclose(data, tensor.data, rtol=1e-8, atol=1e-11)
        np.testing.assert_allclose(grad, tensor.grad, rtol=1e-8, atol=1e-11)
    (first, _), (last, accuracy) = on_values[0], on_values[-1]
    assert last < 0.3 * first and accuracy >= 0.95


# --- Adam by hand, over parameters of which a step uses a few ---


def test_adam_by_hand_over_embedding_rows_that_a_step_does_not_use():
    rng = random.Random(2)
    table = [[Value(rng.gauss(0, 1)) for _ in range(2)] for _ in range(3)]
    parameters = [p for row in table for p in row]
    m, v = [0.0] * len(parameters), [0.0] * len(parameters)
    before = [p.data for p in parameters]
    for step, token in enumerate([0, 2, 0], 1):
        loss = sum((x - 1) ** 2 for x in table[token])
        loss.backward()
        for i, p in enumerate(parameters):
            m[i] = 0.9 * m[i] + (1 - 0.9) * p.grad
            v[i] = 0.99 * v[i] + (1 - 0.99) * p.grad**2
            m_hat, v_hat = m[i] / (1 - 0.9**step), v[i] / (1 - 0.99**step)
            p.data -= 0.1 * m_hat / (v_hat**0.5 + 1e-8)
            p.grad = 0
    nearer = [abs(p.data - 1) < abs(a - 1) for a, p in zip(before, parameters, strict=True)]
    assert nearer == [True, True, False, False, True, True]
    assert [p.data for p in table[1]] == before[2:4]
