"""A path that is cut is named: how, what was cut off, in which module, and on which line."""

import numpy as np
import pytest

import autograd as ag
import nn


class Model(nn.Module):
    def __init__(self, cut):
        super().__init__()
        self.first, self.second, self.cut = nn.Linear(3, 4), nn.Linear(4, 1), cut

    def forward(self, x):
        h = ag.tanh(self.first(x))
        return self.second(self.cut(h))


def under_no_grad(h):
    with ag.no_grad():
        doubled = h * 2.0
        return doubled + 1.0


CUTS = {
    "detach()": lambda h: h.detach(),
    ".data": lambda h: h.data * 2.0,
    "numpy()": lambda h: h.numpy(),
    "a comparison": lambda h: (h > 0.1).astype(float),
    "argmax()": lambda h: np.eye(4)[h.argmax(axis=1)],
    "tolist()": lambda h: np.array(h.tolist()),
    "no_grad()": under_no_grad,
    "stop_gradient()": lambda h: ag.stop_gradient(h) * 2.0,
    "astype()": lambda h: h.astype(int) * 2.0,
}


@pytest.mark.parametrize("how", CUTS)
def test_the_cut_is_named(how):
    model = Model(CUTS[how])
    with ag.record_lines():
        loss = model(np.ones((2, 3))).sum()
    told = ag.explain(model.first.weight, loss)
    assert (told.where.how, told.where.operation) == (how, "tanh")
    assert how.strip(".()") in told.cut.text or how in ("a comparison", "no_grad()")
    assert f"the path ends where {how} cuts off tanh" in str(told)


def test_what_is_read_in_passing_is_no_cut_of_the_result():
    model = Model(lambda h: h.detach())
    with ag.record_lines():
        loss = model(np.ones((2, 3))).sum()
        norms = model.first.weight.data.sum()
    told = ag.explain(model.first.weight, loss)
    assert told.where.how == "detach()" and norms != 0


def test_the_module_of_a_cut_under_no_grad():
    class Outer(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder, self.head = nn.Linear(3, 4), nn.Linear(4, 1)

        def forward(self, x):
            with ag.no_grad():
                h = self.encoder(x)
            return self.head(h)

    model = Outer()
    with ag.record_lines():
        loss = model(np.ones((2, 3))).sum()
    told = ag.explain(model.encoder.weight, loss)
    assert (told.where.how, told.where.module) == ("no_grad()", "encoder")


def test_without_a_record_the_beginning_of_the_graph_is_named():
    model = Model(CUTS["detach()"])
    told = ag.explain(model.first.weight, model(np.ones((2, 3))).sum())
    assert "begins at inner in module second, from data of shape (2, 4)" in told.reason
    assert "ag.record_lines()" in told.reason


def test_without_a_record_a_node_that_is_alive_names_the_cut():
    x = ag.Tensor([1.0, 2.0], requires_grad=True, name="x")
    h = x * 2.0
    told = ag.explain(x, (h.detach() * ag.Tensor([1.0, 1.0], requires_grad=True)).sum())
    assert (told.where.how, told.where.operation) == ("detach()", "mul")


def test_a_comparison_of_what_was_cut_off():
    model = Model(lambda h: (h.detach() > 0.1) * 1.0)
    with ag.record_lines():
        loss = model(np.ones((2, 3))).sum()
    told = ag.explain(model.first.weight, loss)
    assert told.where.how == "detach()" and "detach()" in told.cut.text


def test_a_cast_to_another_float_cuts_nothing():
    model = Model(lambda h: h.astype(np.float32).astype(float))
    with ag.record_lines():
        loss = model(np.ones((2, 3))).sum()
    assert ag.explain(model.first.weight, loss).gradient is not None


def test_under_a_record_only_a_layer_that_was_not_called_is_left():
    model = Model(lambda h: h)
    model.first, unused = nn.Linear(3, 4), model.first
    with ag.record_lines():
        loss = model(np.ones((2, 3))).sum()
    reason = ag.explain(unused.weight, loss).reason
    assert "its layer was not called" in reason
    assert "detach" not in reason and "record_lines" not in reason
