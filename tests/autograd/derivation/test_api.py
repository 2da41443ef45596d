"""`ag.derive` as users call it: six derivations as on a whiteboard, `by=`, and its errors."""

import numpy as np
import pytest

import autograd as ag
import nn
from tests.autograd.derivation.building import backward_of

rng = np.random.default_rng(0)
x, y = rng.normal(size=(6, 4)), np.array([0, 1, 2, 0, 1, 2])
t = np.array([0.0, 1.0, 1.0, 0.0, 1.0, 0.0])


def forward_of(derivation):
    return [step.equation for step in derivation.steps]


def test_two_layers_with_cross_entropy():
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    loss = nn.cross_entropy(model(x), y)
    derivation = ag.derive(loss)
    assert forward_of(derivation) == [
        "z1 = x W1ᵀ + b1",
        "h1 = max(z1, 0)",
        "z2 = h1 W2ᵀ + b2",
        "p = softmax(z2)",
        "loss = −1/N Σₙ ln p[n, y[n]]",
    ]
    assert backward_of(derivation) == [
        "dz2 = (p − onehot(y)) / N",
        "db2 = Σₙ dz2",
        "dh1 = dz2 W2",
        "dW2 = dz2ᵀ h1",
        "dz1 = dh1 ⊙ [z1 > 0]",
        "db1 = Σₙ dz1",
        "dW1 = dz1ᵀ x",
    ]
    text = derivation.text
    assert "∂L/∂p = −Y/p and ∂pᵢ/∂zⱼ = pᵢ(δᵢⱼ − pⱼ); p cancels" in text
    assert "∂h1/∂z1 = [z1 > 0]" in text and "∂z1[n,j]/∂W1[j,k] = x[n,k]" in text
    assert "dW1 = dz1ᵀ x                                      8 × 4" in text


@pytest.mark.parametrize("logits", [False, True])
def test_two_classes(logits):
    def loss(w, b, x, t):
        z = x @ w + b
        if logits:
            return nn.functional.binary_cross_entropy_with_logits(z, t)
        return nn.functional.binary_cross_entropy(ag.sigmoid(z), t)

    derivation = ag.derive(loss, np.ones(4), 0.0, x, t, by=["w", "b"])
    assert forward_of(derivation)[:2] == ["z = x w + b", "p = σ(z)"]
    assert backward_of(derivation) == ["dz = (p − t) / N", "db = Σₙ dz", "dw = xᵀ dz"]


def test_linear_regression():
    def loss(w, x, t):
        r = x @ w - t
        return (r**2).mean()

    derivation = ag.derive(loss, np.ones(4), x, t, by="w")
    assert forward_of(derivation) == ["r = x w − t", "loss = 1/N Σₙ r²"]
    assert backward_of(derivation) == ["dr = 2·r / N", "dw = xᵀ dr"]
    assert "∂r[n]/∂w[k] = x[n,k]" in derivation.text


def test_layer_normalization():
    def layer(x, gamma, beta):
        y = nn.functional.layer_norm(x, 4, gamma, beta)
        return y

    derivation = ag.derive(layer, x, np.ones(4), np.zeros(4))
    hat = "x\u0302"
    assert backward_of(derivation) == [
        "dβ = Σₙ dy",
        f"dγ = Σₙ dy ⊙ {hat}",
        f"d{hat} = dy ⊙ γ",
        f"dx = (d{hat} − meanⱼ(d{hat}) − {hat} ⊙ meanⱼ(d{hat} ⊙ {hat})) / σ",
    ]
    assert "directly, through μ, and through σ" in derivation.text


def test_an_attention_head():
    def head(x, Wq, Wk, Wv):
        q, k, v = x @ Wq, x @ Wk, x @ Wv
        s = q @ k.T / np.sqrt(3.0)
        a = ag.softmax(s)
        return a @ v

    derivation = ag.derive(head, x, *rng.normal(size=(3, 4, 3)))
    equations = backward_of(derivation)
    for line in (
        "da = dout vᵀ",
        "dv = aᵀ dout",
        "ds = a ⊙ (da − Σⱼ da ⊙ a)",
        "dWq = xᵀ dq",
        "dx = dv Wvᵀ + dk Wkᵀ + dq Wqᵀ",
    ):
        assert line in equations
    assert "∂aᵢ/∂sⱼ = aᵢ(δᵢⱼ − aⱼ)" in derivation.text
    assert "dout" in derivation.arguments  # comes from outside


def test_a_step_of_an_lstm():
    cell = nn.LSTMCell(3, 2)

    def step(x, h, c):
        return cell(x, (h, c))[0]

    derivation = ag.derive(step, np.ones((4, 3)), np.ones((4, 2)), np.ones((4, 2)))
    assert "c_new = f ⊙ c + i ⊙ g" in forward_of(derivation)
    equations = backward_of(derivation)
    assert "dc_new = dh1 ⊙ (1 − h1²)" in equations
    assert (
        "dz = [di ⊙ i ⊙ (1 − i) | df ⊙ f ⊙ (1 − f) | dg ⊙ (1 − g²) | do ⊙ o ⊙ (1 − o)]" in equations
    )


def test_a_neuron():
    def neuron(w, x, b):
        z = w * x + b
        y = ag.tanh(z)
        return (y - 1) ** 2

    assert backward_of(ag.derive(neuron, 0.5, 2.0, -0.3)) == [
        "dy = 2·(y − 1)",
        "dz = dy·(1 − y²)",
        "dw = dz·x",
        "dx = dz·w",
        "db = dz",
    ]


# --- by= ------------------------------------------------------------------------------------------


def small():
    W = ag.Tensor(np.ones((4, 2)), requires_grad=True)
    b = ag.Tensor(np.zeros(2), requires_grad=True)
    h = np.tanh(x @ W + b)
    return W, b, h, (h**2).sum()


def names(derivation):
    return [line.partition(" = ")[0] for line in backward_of(derivation)]


def test_by_chooses():
    W, b, h, loss = small()
    assert names(ag.derive(loss, by=b))[-1] == "db"
    assert "dW" not in ag.derive(loss, by="b").source
    assert names(ag.derive(loss, by=["h"])) == ["dh"]
    assert ag.derive(loss, by=[W, h]).function()(**ag.derive(loss, by=[W, h]).arguments)[
        2
    ].shape == (6, 2)


def test_by_a_module_means_its_parameters():
    model = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 1))
    loss = model(x).sum()
    derivation = ag.derive(loss, by=model[0])
    assert derivation.text.splitlines()[0] == "∂loss/∂(W1, b1)"


def test_parameters_are_the_default_and_inputs_where_there_are_none():
    assert ag.derive(nn.Linear(4, 2), x).text.splitlines()[0] == "∂out/∂(W, b)"
    assert ag.derive(nn.ReLU(), x).text.splitlines()[0] == "∂out/∂x"


def failing(call):
    with pytest.raises((ag.GraphError, ag.DTypeError)) as caught:
        call()
    return str(caught.value)


def test_errors_say_what_to_do():
    W, _, _, loss = small()
    assert "which nothing computed; expected the result" in failing(lambda: ag.derive(W))
    assert "by='V'; expected what the result was computed from, one of" in failing(
        lambda: ag.derive(loss, by="V")
    )
    assert "an ndarray in by=" in failing(lambda: ag.derive(loss, by=x))
    other = ag.Tensor([1.0], requires_grad=True)
    assert "in by=; expected what the result" in failing(lambda: ag.derive(loss, by=other))
    assert "derive(f, x)" in failing(lambda: ag.derive(loss, x))
    assert "a Value, a Tensor or a function" in failing(lambda: ag.derive(3.0))
    assert "a function that returns a tuple" in failing(lambda: ag.derive(lambda x: (1.0, 2), x))
    assert "without a graph" in failing(lambda: ag.derive(ag.Tensor(x).sum()))


def test_a_graph_that_nobody_would_read_is_refused():
    deep = nn.Sequential(*[nn.Tanh() for _ in range(300)])
    assert failing(lambda: ag.derive(deep, x)) == (
        "derive: got a graph of 300 steps; expected at most max_steps=200; choose fewer parameters "
        "with by=, derive one module by itself, as in ag.derive(model[0], x), or pass max_steps=300"
    )
    assert len(ag.derive(deep, x, max_steps=300).steps) == 300


def test_by_nothing_and_a_limit_that_is_none():
    with pytest.raises(ag.GraphError, match="got nothing to differentiate by; expected by= with"):
        ag.derive(lambda v: ag.sum(v * v), np.ones(3), by=[])
    for limit in (0, 2.5, "many", np.ones(2)):
        with pytest.raises(TypeError, match=r"got max_steps=.*; expected an integer of at least 1"):
            ag.derive(lambda v: ag.sum(v * v), np.ones(3), max_steps=limit)


def test_rows_of_several_lengths_are_the_business_of_the_function():
    derivation = ag.derive(lambda v, rows: ag.sum(v * len(rows)), np.ones(3), [[1.0], [2.0, 3.0]])
    assert list(derivation.arguments) == ["v"]


SEVERAL = {
    "LSTM": (nn.LSTM(4, 3), [np.ones((2, 2, 4))]),
    "LSTMCell": (nn.LSTMCell(4, 3), [x]),
    "GRU": (nn.GRU(4, 3), [np.ones((2, 2, 4))]),
    "RNN": (nn.RNN(4, 3), [np.ones((2, 2, 4))]),
    "MultiheadAttention": (nn.MultiheadAttention(4, 2), [np.ones((2, 3, 4))] * 3),
    "a loss and its predictions": (lambda a: ((a**2).sum(), 2.0 * a), [x]),
    "a result that is an input": (lambda a: (a, (a**2).sum()), [x]),
}


@pytest.mark.parametrize("name", SEVERAL)
def test_several_results_have_a_gradient_from_outside_each(name):
    f, inputs = SEVERAL[name]
    derivation = ag.derive(f, *inputs)
    problem = derivation._problem
    names = [problem.names[root] for root in problem.roots]
    assert {f"d{word}" for word in names} <= set(derivation.arguments)
    assert derivation.text.startswith(f"∂({', '.join(names)})/∂")
    total = sum((y * seed).sum() for y, seed in zip(problem.roots, problem.seeds, strict=True))
    right = [*(y.data for y in problem.roots), *ag.gradients(total, problem.by)]
    for ours, theirs in zip(derivation.function()(**derivation.arguments), right, strict=True):
        assert np.allclose(ours, theirs, rtol=1e-13, atol=1e-15)


def test_a_state_that_is_a_result_and_is_read_has_two_gradients():
    text = ag.derive(nn.LSTMCell(3, 2), np.ones((4, 3))).text
    assert "dout1, dc_new come from outside" in text
    assert "dc_new_2 = dc_new + dh1 ⊙ (1 − h1²)" in text and "∂c_new/∂i = g" in text
