"""Names: of variables, arguments, parameters, gates."""

import numpy as np

import autograd as ag
import nn
from autograd.derivation.naming import Seen, parameter_names, unique
from autograd.engine.graph import ancestors

x = np.ones((5, 3))


def names_in(derivation):
    return [s.equation.partition(" = ")[0] for s in derivation.steps]


def test_variables_of_the_caller():
    w = ag.Tensor(np.ones(3), requires_grad=True)
    hidden = np.tanh(x @ w)
    score = hidden.sum()
    assert names_in(ag.derive(score)) == ["hidden", "score"]
    assert ag.derive(score).text.startswith("∂score/∂w")


def test_names_that_a_node_was_given_come_first():
    w = ag.Tensor(np.ones(3), requires_grad=True, name="omega")
    assert ag.derive((x @ w).sum()).text.startswith("∂loss/∂omega")


def test_variables_of_a_function_and_of_those_it_calls():
    def inner(q):
        k = np.exp(q)
        return k

    def outer(w):
        z = w * 2.0
        return inner(z).sum()

    assert names_in(ag.derive(outer, np.ones(3))) == ["z", "k", "loss"]


def test_nodes_in_lists_and_dictionaries():
    W = [ag.Tensor(np.ones((3, 3)), requires_grad=True) for _ in range(2)]
    params = {"bias": ag.Tensor(np.ones(3), requires_grad=True)}
    loss = (x @ W[0] @ W[1] + params["bias"]).sum()
    assert ag.derive(loss).text.startswith("∂loss/∂(W1, W2, bias)")


def test_parameters_of_modules():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm, self.fc = nn.BatchNorm1d(3), nn.Linear(3, 2)
            self.head = nn.Linear(2, 2, bias=False)

        def forward(self, x):
            return self.head(self.fc(self.norm(x)))

    out = Net()(np.random.default_rng(0).normal(size=(5, 3)))
    found = parameter_names(ancestors([out]))
    assert list(found.values()) == ["gamma", "beta", "W1", "b1", "W2"]


def test_one_linear_layer_has_no_number():
    assert ag.derive(nn.Linear(3, 2), x).text.startswith("∂out/∂(W, b)")


def test_gates():
    gru = ag.derive(nn.GRUCell(3, 2), x, np.ones((5, 2)))
    assert {"r", "z", "n"} <= set(names_in(gru))
    cell = nn.LSTMCell(3, 2)
    lstm = ag.derive(cell(x, (np.ones((5, 2)), np.ones((5, 2))))[0])
    assert {"i", "f", "g", "o", "z"} <= set(names_in(lstm))


def test_an_array_is_known_by_its_values():
    seen = Seen()
    seen.add("t", np.array([1.0, 2.0]))
    seen.add("y", np.array([1, 2]))
    assert seen.name_of(np.array([1.0, 2.0])) == "t"
    assert seen.name_of(np.array([1, 2], np.uint64)) == ""
    assert seen.name_of(np.array([1, 2], np.int32)) == "y"
    assert seen.name_of(np.array([3.0])) == ""


def test_two_of_a_name_are_told_apart():
    a, b = ag.Value(1.0), ag.Value(2.0)
    assert list(unique({a: "x", b: "x"}).values()) == ["x", "x_2"]
