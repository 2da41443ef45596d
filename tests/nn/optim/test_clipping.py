"""Clipping: gradients by norm and by value, weights by the norm of each unit."""

import math

import numpy as np
import pytest

import autograd as ag
import nn
from nn import optim


@pytest.fixture
def leaves():
    """Gradients (3, 4), 12 and none: their norm is 13."""
    p, q, r = nn.Parameter([1.0, 1.0]), nn.Parameter([[1.0]]), nn.Parameter([1.0])
    ((p * [3.0, 4.0]).sum() + (q * 12.0).sum()).backward()
    return p, q, r


def gradients(leaves):
    return [x for p in leaves if p.grad is not None for x in p.grad.ravel()]


def test_a_norm_above_the_limit_scales_all_gradients(leaves):
    assert optim.clip_grad_norm_(leaves, 6.5) == 13.0
    np.testing.assert_allclose(gradients(leaves), [1.5, 2.0, 6.0], rtol=1e-6)


def test_a_norm_below_the_limit_changes_nothing(leaves):
    assert optim.clip_grad_norm_((p for p in leaves), 100.0) == 13.0
    assert gradients(leaves) == [3.0, 4.0, 12.0]


def test_the_largest_entry_may_be_the_norm(leaves):
    assert optim.clip_grad_norm_(leaves, 6.0, math.inf) == 12.0
    np.testing.assert_allclose(gradients(leaves), [1.5, 2.0, 6.0], rtol=1e-6)


def test_any_order_may_be_the_norm(leaves):
    assert optim.clip_grad_norm_(leaves, 9.5, 1) == 19.0
    np.testing.assert_allclose(gradients(leaves), [1.5, 2.0, 6.0], rtol=1e-6)


def test_the_norm_is_a_python_float(leaves):
    assert type(optim.clip_grad_norm_(leaves, 1.0)) is float


def test_the_norm_is_a_python_float_in_a_compiled_step():
    def step(x):
        p.grad = None
        (p * x).sum().backward()
        return optim.clip_grad_norm_(p, 1.0)

    p = nn.Parameter([1.0, 1.0])
    compiled = ag.compile(step, backend="numpy")
    for n in range(5):
        norm = compiled(np.array([3.0, 4.0]) * n)
        assert type(norm) is float and norm == 5.0 * n
    assert compiled.programs


def test_single_precision_gradients_stay_so():
    p = nn.Parameter([1.0, 1.0], dtype=np.float32)
    (p * np.array([3.0, 4.0], np.float32)).sum().backward()
    assert optim.clip_grad_norm_(p, 1.0) == 5.0 and p.grad.dtype == np.float32


def test_each_entry_is_clipped_by_value(leaves):
    optim.clip_grad_value_(leaves, 3.5)
    assert gradients(leaves) == [3.0, 3.5, 3.5]


def test_without_gradients_the_norm_is_0():
    assert optim.clip_grad_norm_([nn.Parameter([1.0])], 1.0) == 0.0


def test_a_norm_that_is_not_finite_raises_on_request(leaves):
    p = leaves[0]
    p.grad = np.array([math.nan, 1.0])
    with pytest.raises(ValueError, match="got gradients whose norm is nan; expected a finite norm"):
        optim.clip_grad_norm_(p, 1.0, error_if_nonfinite=True)


def test_a_finite_norm_raises_nothing(leaves):
    assert optim.clip_grad_norm_(leaves, 6.5, error_if_nonfinite=True) == 13.0
    np.testing.assert_allclose(gradients(leaves), [1.5, 2.0, 6.0], rtol=1e-6)


def test_a_nan_is_not_hidden(leaves):
    leaves[0].grad = np.array([math.nan, 1.0])
    assert math.isnan(optim.clip_grad_norm_(leaves, 1.0))
    assert np.isnan(gradients(leaves)).all()


def test_max_norm_of_the_weights_into_each_unit():
    layer = nn.Conv2d(2, 3, 2)
    nn.init.normal_(layer.weight, std=3.0)
    nn.init.values_(
        layer.weight, np.where(np.arange(3)[:, None, None, None] == 1, 1e-3, layer.weight.data)
    )
    before, bias = layer.weight.data, layer.bias.data
    optim.max_norm_(layer.parameters(), 1.5)
    norms = np.sqrt((layer.weight.data**2).sum(axis=(1, 2, 3)))
    assert norms.max() <= 1.5 + 1e-12 and (layer.weight.data[1] == before[1]).all()
    assert (layer.bias.data == bias).all()


P = [nn.Parameter([1.0])]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: optim.clip_grad_norm_([1.0], 1.0), TypeError, "clip_grad_norm_: got a float; expected Tensors"),
        (lambda: optim.clip_grad_norm_(P, 1.0, 0), ValueError, "got norm_type=0; expected a number above 0"),
        (lambda: optim.clip_grad_norm_(P, 1.0, -2.0), ValueError, r"got norm_type=-2\.0; expected a number above 0"),
        (lambda: optim.clip_grad_norm_(P, 1.0, math.nan), ValueError, "got norm_type=nan; expected a number above 0"),
        (lambda: optim.clip_grad_norm_(P, 1.0, "inf"), ValueError, "got norm_type='inf'; expected a number above 0"),
        (lambda: optim.clip_grad_norm_(P, math.nan), ValueError, "clip_grad_norm_: got max_norm=nan; expected a number, at least 0"),
        (lambda: optim.clip_grad_norm_(P, -1.0), ValueError, r"got max_norm=-1\.0; expected a number, at least 0"),
        (lambda: optim.clip_grad_norm_(P, "a"), ValueError, "got max_norm='a'; expected a number, at least 0"),
        (lambda: optim.clip_grad_norm_(P, 1.0, 2.0, "yes"), TypeError, "got error_if_nonfinite='yes'; expected True or False"),
        (lambda: optim.clip_grad_norm_(3, 1.0), TypeError, "clip_grad_norm_: got an int; expected Tensors"),
        (lambda: optim.clip_grad_norm_(nn.Linear(1, 1), 1.0), TypeError, r"got a Linear; expected Tensors; pass model\.parameters\(\)"),
        (lambda: optim.clip_grad_value_(P, -1.0), ValueError, r"clip_grad_value_: got clip_value=-1\.0"),
        (lambda: optim.clip_grad_value_(P, math.nan), ValueError, "got clip_value=nan; expected a number, at least 0"),
        (lambda: optim.max_norm_([nn.Parameter([[1.0]])], 1.0, 2), ag.ShapeError, r"got axis=2; expected an axis of a weight of shape \(1, 1\)"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("order", [0.5, 1.0, 2.0, 3.0, 20.0, math.inf])
@pytest.mark.parametrize(("dtype", "size"), [(np.float32, 1e20), (np.float32, 1e-30), (float, 1e200), (float, 1e-200)])  # fmt: skip
def test_the_norm_of_huge_and_tiny_gradients_is_exact(order, dtype, size):
    p = nn.Parameter(np.zeros(2, dtype))
    p.grad = np.array([3.0 * size, 4.0 * size], dtype)
    exact = 4.0 * (0.75**order + 1.0) ** (1.0 / order) if order < math.inf else 4.0
    norm = optim.clip_grad_norm_(p, 1.0, order)
    assert norm == pytest.approx(exact * size, rel=1e-6, abs=0.0)
    assert p.grad.dtype == dtype and np.isfinite(p.grad).all()
    if size > 1:
        np.testing.assert_allclose(p.grad, [3.0 / exact, 4.0 / exact], rtol=1e-6)


def test_an_infinite_limit_measures_only(leaves):
    assert optim.clip_grad_norm_(leaves, math.inf) == 13.0
    optim.clip_grad_value_(leaves, math.inf)
    assert gradients(leaves) == [3.0, 4.0, 12.0]
    leaves[0].grad = np.array([math.inf, 1.0])
    assert optim.clip_grad_norm_(leaves, math.inf) == math.inf
    assert gradients(leaves) == [math.inf, 1.0, 12.0]
    leaves[0].grad = np.array([math.nan, 1.0])
    assert math.isnan(optim.clip_grad_norm_(leaves, math.inf))


def test_the_norm_of_huge_weights_is_exact():
    p = nn.Parameter(np.array([[3e20, 4e20], [0.3, 0.4]], np.float32))
    optim.max_norm_(p, 1.0)
    np.testing.assert_allclose(p.data, [[0.6, 0.8], [0.3, 0.4]], rtol=1e-6)
    optim.max_norm_(p, math.inf)
    assert p.dtype == np.float32


def test_the_norm_of_tiny_weights_is_exact():
    p = nn.Parameter([[3e-200, 4e-200], [3e-202, 4e-202]])
    optim.max_norm_(p, 1e-200)
    np.testing.assert_allclose(p.data, [[6e-201, 8e-201], [3e-202, 4e-202]], rtol=1e-12)


# From PyTorch: the norm of [1, -2, 0] before, and the gradient after clipping to 1.
NORMS = {
    0.5: (5.828427, [0.171573, -0.343146, 0.0]),
    1.0: (3.0, [0.333333, -0.666667, 0.0]),
    2.0: (2.236068, [0.447213, -0.894427, 0.0]),
    3: (2.080084, [0.480750, -0.961499, 0.0]),
    math.inf: (2.0, [0.5, -1.0, 0.0]),
}


@pytest.mark.parametrize("order", NORMS)
def test_norms_of_every_order_are_pytorchs(order):
    p = nn.Parameter([0.0, 0.0, 0.0])
    p.grad = np.array([1.0, -2.0, 0.0])
    norm, expected = NORMS[order]
    assert optim.clip_grad_norm_([p], 1.0, order, foreach=True) == pytest.approx(norm, rel=1e-6)
    np.testing.assert_allclose(p.grad, expected, rtol=2e-6)


def test_nothing_to_clip_has_the_norm_zero():
    p = nn.Parameter([1.0])
    assert optim.clip_grad_norm_([], 1.0) == optim.clip_grad_norm_([p], 1.0) == 0.0
    optim.clip_grad_value_([], 1.0)
    optim.clip_grad_value_(iter([p]), 1.0, foreach=False)
    assert p.grad is None
    p.grad = np.array([math.inf])
    assert optim.clip_grad_norm_([p], 1.0) == math.inf and np.isnan(p.grad).all()
    p.grad = np.array([3.0])
    assert optim.clip_grad_norm_(p, 0.0) == 3.0 and p.grad.tolist() == [0.0]


def with_gradient(gradient):
    p = nn.Parameter([1.0, 2.0])
    p.grad = gradient
    return p


def test_the_limit_is_approached_from_below_as_in_pytorch():
    """The factor is limit / (norm + 1e-6), so that a norm of 0 divides nothing by 0."""
    p = with_gradient(np.array([3.0, 4.0]))
    optim.clip_grad_norm_([p], 2.5)
    np.testing.assert_allclose(p.grad, np.array([3.0, 4.0]) * (2.5 / (5.0 + 1e-6)), rtol=1e-15)
    p = with_gradient(np.zeros(2))
    assert optim.clip_grad_norm_([p], 0.0) == 0.0 and p.grad.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("order", [1.0, 2.0, 3.0, math.inf])
def test_empty_parameters_have_norm_0(order):
    p, q = nn.Parameter(np.zeros((0, 3))), with_gradient(np.array([3.0, 4.0]))
    p.grad = np.zeros((0, 3))
    assert optim.clip_grad_norm_([p], 1.0, order) == 0.0
    expected = np.linalg.norm([3.0, 4.0], order)
    np.testing.assert_allclose(optim.clip_grad_norm_([p, q], 100.0, order), expected, rtol=1e-15)
    optim.max_norm_([p], 1.0)
    assert p.shape == (0, 3)


def test_vectors_are_no_units_and_every_axis_of_a_weight_is_one():
    v = nn.Parameter([3.0, 4.0])
    optim.max_norm_([v], 1.0, axis=5)
    assert v.tolist() == [3.0, 4.0]
    for axis, norms in ((0, (2, 3)), (-2, (2, 3)), (1, (3, 2)), (-1, (3, 2))):
        w = nn.Parameter(np.full(norms if axis in (0, -2) else norms[::-1], 2.0))
        optim.max_norm_([w], 1.0, axis=axis)
        others = 1 if axis in (0, -2) else 0
        np.testing.assert_allclose(np.linalg.norm(w.data, axis=others), 1.0)
    for axis in (2, -3, 0.0, "0", None):
        with pytest.raises(ag.ShapeError, match="expected an axis of a weight of shape"):
            optim.max_norm_([nn.Parameter(np.ones((2, 2)))], 1.0, axis=axis)


@pytest.mark.parametrize(
    ("clip", "limit"), [(optim.clip_grad_norm_, "max_norm"), (optim.clip_grad_value_, "clip_value")]
)
def test_limits_and_switches_are_checked(clip, limit):
    p = with_gradient(np.array([3.0, 4.0]))
    for wrong in (-1.0, math.nan, "a", None, np.array([math.inf, 1.0])):
        with pytest.raises((TypeError, ValueError), match=f"^{clip.__name__}: got {limit}="):
            clip([p], wrong)
    with pytest.raises(TypeError, match=f"^{clip.__name__}: got foreach='no'"):
        clip([p], 1.0, foreach="no")
    clip([p], math.inf, foreach=False)
    assert p.grad.tolist() == [3.0, 4.0]
