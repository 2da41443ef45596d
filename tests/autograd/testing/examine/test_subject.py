"""Programs are called as their signatures say, and what they return is read by argument."""

import numpy as np
import pytest

import autograd as ag
from autograd.testing.examine.subject import (
    BackwardRaised,
    Functions,
    Layer,
    is_result,
    results_of,
    run_of,
)

X, W = np.ones((2, 3)), np.ones((3, 4))


def test_results_and_caches():
    assert results_of(X) == ([X], None)
    results, cache = results_of((X, {"mask": X > 0}))
    assert results[0] is X and "mask" in cache
    assert len(results_of((X, W))[0]) == 2
    assert not is_result(np.arange(3)) and is_result(2.0)
    with pytest.raises(ag.GraphError, match="a forward pass that returned None"):
        results_of(None)


def test_a_backward_pass_by_position_name_and_output():
    def forward(x, W):
        return x @ W

    for backward in (
        lambda g, x, W: (g @ W.T, x.T @ g),
        lambda grad_output, W, x: {"x": grad_output @ W.T, "W": x.T @ grad_output},
    ):
        subject = Functions(forward, backward, [X, W], None)
        [answer] = subject.answers([({"x": X, "W": W}, [np.ones((2, 4))])])
        assert answer.gradients["x"].shape == (2, 3) and answer.gradients["W"].shape == (3, 4)
    squares = Functions(np.square, lambda y: 2 * np.sqrt(y), [X], ["x"])
    [answer] = squares.answers([({"x": X}, [np.ones(X.shape)])])
    np.testing.assert_array_equal(answer.gradients["x"], 2.0)
    assert squares.plan.by_output


def test_an_error_of_the_backward_pass_is_kept_apart():
    subject = Functions(lambda x: x, lambda g, x: g @ x, [X], None)
    with pytest.raises(BackwardRaised) as caught:
        subject.answers([({"x": X}, [np.ones(X.shape)])])
    assert isinstance(caught.value.__cause__, ValueError)


class Scale:
    def __init__(self):
        self.scale = np.array([2.0, 3.0, 4.0])
        self.grad_scale = np.full(3, 7.0)

    def forward(self, x):
        self.x = x
        return x * self.scale

    def backward(self, grad_output):
        self.grad_scale += (grad_output * self.x).sum(0)
        return grad_output * self.scale


def test_a_layer_is_copied_and_gradients_of_earlier_calls_do_not_count():
    layer = Scale()
    subject = Layer(layer, [X], None)
    [answer] = subject.answers([({"x": X, "scale": layer.scale}, [np.ones(X.shape)])])
    np.testing.assert_array_equal(answer.gradients["scale"], 2.0)
    assert not hasattr(layer, "x") and (layer.grad_scale == 7.0).all()
    [out] = subject.compute({"x": X, "scale": 5.0 * layer.scale})
    np.testing.assert_array_equal(out, 5.0 * X * layer.scale)


def test_several_results_and_a_cache_and_an_array_as_cache():
    assert results_of((X, W, (X, W)))[1] == (X, W)
    results, cache = results_of((X, W), 1)
    assert len(results) == 1 and cache is W
    for forward, backward in (
        (lambda Z: (np.maximum(0, Z), Z), lambda dA, cache: dA * (cache > 0)),
        (lambda Z: (np.maximum(0, Z), Z), lambda dA, Z: dA * (Z > 0)),
        (lambda Z: (np.maximum(0, Z), Z > 0), lambda dA, mask: dA * mask),
    ):
        subject = Functions(forward, backward, [X], None)
        [answer] = subject.answers([({"Z": X}, [np.ones(X.shape)])])
        assert len(answer.outputs) == 1 and (answer.gradients["Z"] == 1.0).all()
        assert len(subject.compute({"Z": X})) == 1


class Called:
    def __call__(self, x):
        self.y = np.tanh(x)
        return self.y

    def backward(self, dy, lr):
        assert lr == 1.0
        self.dinputs = dy * (1 - self.y**2)


def test_an_object_that_is_called_and_keeps_the_gradient_of_its_input():
    layer = Called()
    [answer] = Layer(layer, [X], None).answers([({"x": X}, [np.ones(X.shape)])])
    np.testing.assert_allclose(answer.gradients["x"], 1 - np.tanh(X) ** 2)
    assert run_of(layer) == layer.__call__


class Updating:
    def __init__(self):
        self.W = 2.0 * W

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, output_gradient, learning_rate):
        gradient = output_gradient @ self.W.T
        self.W -= learning_rate * self.x.T @ output_gradient
        return gradient


def test_a_gradient_that_only_shows_in_the_update():
    report = ag.check_backward(Updating(), X)
    assert report.passed and report.arguments == {"x": True, "W": True}
