"""Operations written as micrograd writes them: a Value with children and a closure."""

import math

import pytest

import autograd as ag
from autograd import Tensor, Value


def own_tanh(self):
    t = (math.exp(2 * self.data) - 1) / (math.exp(2 * self.data) + 1)
    out = Value(t, (self,), "tanh")

    def _backward():
        self.grad += (1 - t**2) * out.grad

    out._backward = _backward
    return out


def own_product(self, other):
    out = Value(self.data * other.data, (self, other), "*", label="product")

    def _backward():
        self.grad += other.data * out.grad
        other.grad += self.data * out.grad

    out._backward = _backward
    return out


def own_sum(*values):
    out = Value(sum(v.data for v in values), set(values), "sum")

    def _backward():
        for v in values:
            v.grad += out.grad

    out._backward = _backward
    return out


def test_an_operation_written_as_a_closure_is_differentiated():
    x, w, b = Value(2.0), Value(-3.0), Value(6.9)
    y = own_tanh(own_product(x, w) + b)
    z = own_sum(y, own_product(y, x), w, b)
    z.backward()
    found = [v.grad for v in (x, w, b, y)]

    p, q, r = Value(2.0), Value(-3.0), Value(6.9)
    s = (p * q + r).tanh()
    (s + s * p + q + r).backward()
    assert found == pytest.approx([v.grad for v in (p, q, r, s)], rel=1e-12)
    assert ag.gradients(z, [x, w]) == pytest.approx([p.grad, q.grad], rel=1e-12)
    assert [v.grad for v in (x, w, b, y)] == found  # and no .grad was touched
    assert (y._op, y._prev, z.grad) == ("tanh", {y.inputs[0]}, 1.0)
    assert own_product(x, w).label == "product"


def test_a_closure_on_the_same_value_twice_counts_once_for_each_factor():
    x = Value(3.0)
    own_product(x, x).backward()
    own_product(x, x).backward()
    assert x.grad == 12.0


def test_a_closure_passes_the_checker():
    def f(x, w):
        return own_sum(own_tanh(x * w), own_product(x, w), x)

    assert ag.check_gradients(f, Value(0.3), Value(-0.7)).passed
    wrong = Value(0.5)

    def no_derivative(x):
        return Value(x.data**2, (x,), "square")

    with pytest.raises(ag.GradientCheckError):
        ag.check_gradients(no_derivative, wrong)


def test_a_result_without_a_closure_hands_on_nothing():
    x = Value(3.0)
    (Value(9.0, (x,), "square") + x).backward()
    assert x.grad == 1.0


def test_the_closure_of_a_built_in_result_can_be_replaced():
    x = Value(3.0)
    y = x * 2.0
    z = y + x

    def clipped():
        x.grad += max(-1.0, min(1.0, 2.0 * y.grad))

    y._backward = clipped
    z.backward()
    assert x.grad == 2.0
    x._backward = lambda: None  # of a leaf, nothing
    assert x.op is None


def test_backward_step_by_step_as_in_the_lecture():
    x, w, b = Value(2.0), Value(-3.0), Value(6.9)
    o = own_tanh(x * w + b) * x**3 - 1.0 / w
    topo, visited = [], set()

    def build_topo(v):
        if v not in visited:
            visited.add(v)
            for child in v._prev:
                build_topo(child)
            topo.append(v)

    build_topo(o)
    o.grad = 1.0
    for node in reversed(topo):
        node._backward()
    by_hand = [v.grad for v in (x, w, b)]
    for v in topo:
        v.grad = 0.0
    o.backward()
    assert by_hand == pytest.approx([v.grad for v in (x, w, b)], rel=1e-12)


def test_a_closure_is_not_differentiated_twice():
    x = Value(0.5)
    with pytest.raises(
        ag.GraphError, match=r"^tanh: got a second derivative.*; write it as an ag\.P"
    ):
        ag.gradients(own_tanh(x), [x], create_graph=True)
    assert x.grad == 0.0


def test_an_operation_without_a_name():
    x = Value(0.5)
    y = Value(1.0, (x,))
    assert y._op == "" and y._prev == {x} and "Value" in repr(y)
    with pytest.raises(ag.GraphError, match=r"^Value: got a second derivative"):
        ag.gradients(y, [x], create_graph=True)


def test_a_subclass_may_define_operators_as_closures():
    class Mine(Value):
        def __add__(self, other):
            out = Mine(self.data + other.data, (self, other), "+")

            def _backward():
                self.grad += out.grad
                other.grad += out.grad

            out._backward = _backward
            return out

    a, b = Mine(1.0), Mine(2.0)
    ((a + b) * (a + a)).backward()
    assert type(a + b) is Mine and (a.grad, b.grad) == (8.0, 2.0)


def test_a_closure_is_drawn_and_replayed():
    x = Value(0.5, label="x")
    y = own_tanh(x * 2.0)
    assert "tanh" in ag.draw(y).dot
    assert [s.node._op for s in ag.replay(y).steps if s.contributions] == ["tanh", "*"]


def test_a_closure_that_raises_leaves_every_gradient_as_it_was():
    x = Value(0.5)
    x.grad = 4.0
    y = Value(1.0, (x,), "bad")

    def _backward():
        x.grad += 1.0
        raise RuntimeError("no")

    y._backward = _backward
    with pytest.raises(RuntimeError, match="no"):
        y.backward()
    assert (x.grad, y.grad) == (4.0, 0.0)


def test_children_that_are_recorded_nowhere():
    x = Value(0.5)
    with ag.no_grad():
        assert own_tanh(x).op is None and not own_tanh(x).requires_grad
    assert not own_tanh(x.detach()).requires_grad
    assert Value(1.0, ()).requires_grad and Value(1.0, (), "").op is None


@pytest.mark.parametrize(
    ("children", "text"),
    [
        (2.0, "Value: got _children=2.0; expected a tuple of Values"),
        ((1.0,), "Value: got _children=(1.0,); expected a tuple of Values"),
        ([Tensor([1.0])], "Value: got _children=[Tensor([1.])]; expected a tuple of Values"),
    ],
)
def test_what_are_no_children(children, text):
    with pytest.raises(TypeError) as raised:
        Value(1.0, children)
    assert str(raised.value) == text


def test_local_gradients_in_place_of_a_name_are_refused():
    x = Value(3.0)
    with pytest.raises(TypeError, match=r"^Value: got _op=\(6\.0,\); .*assign a _backward"):
        Value(9.0, (x,), (6.0,))
