"""Running statistics and messages of normalization layers."""

import numpy as np
import pytest

import autograd as ag
import nn

R = np.random.default_rng(5)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [(nn.BatchNorm1d(3), (1, 3)), (nn.BatchNorm2d(3), (1, 3, 1, 1)), (nn.InstanceNorm2d(3), (2, 3, 1, 1))],
)  # fmt: skip
def test_normalizing_one_value_in_training_is_refused(layer, shape):
    with pytest.raises(ValueError, match="expected more than one value for each channel"):
        layer(np.ones(shape))


def test_running_statistics_are_replaced_and_not_written_to():
    layer = nn.BatchNorm1d(2)
    before = layer.running_mean
    layer(R.normal(size=(8, 2)) + 3.0)
    assert not before.any() and layer.running_mean.any() and int(layer.num_batches_tracked) == 1
    kept = layer.eval().running_mean
    layer(R.normal(size=(8, 2)))
    assert layer.running_mean is kept


def test_evaluation_uses_running_statistics_and_gamma_and_beta_undo_normalization():
    x = R.normal(size=(64, 2)) * 3.0 + 5.0
    layer = nn.BatchNorm1d(2, momentum=1.0, eps=0.0)
    layer(x)
    nn.init.values_(layer.weight, x.std(axis=0))
    nn.init.values_(layer.bias, x.mean(axis=0))
    # An entry near 0 is the difference of two near the mean, which is about 5: its rounding is theirs.
    rounding = 1e-14
    np.testing.assert_allclose(layer(x).data, x, rtol=1e-12, atol=rounding)
    expected = (x - x.mean(0)) / x.std(0, ddof=1) * x.std(0) + x.mean(0)
    np.testing.assert_allclose(layer.eval()(x).data, expected, rtol=1e-12, atol=rounding)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_without_momentum_running_statistics_are_the_mean_of_all_batches(dtype):
    layer = nn.BatchNorm1d(2, momentum=None, dtype=dtype)
    x = R.normal(size=(3, 8, 2)).astype(dtype)
    for batch in x:
        layer(batch)
    assert layer.running_mean.dtype == layer.running_var.dtype == dtype
    np.testing.assert_allclose(layer.running_mean, x.mean(axis=(0, 1)), rtol=2e-6)
    np.testing.assert_allclose(layer.running_var, x.var(axis=1, ddof=1).mean(axis=0), rtol=2e-6)


@pytest.mark.parametrize("make", [
    lambda: nn.BatchNorm1d(2, affine=False, dtype=np.float32),
    lambda: nn.InstanceNorm2d(2, track_running_stats=True, dtype=np.float32),
])  # fmt: skip
@pytest.mark.parametrize("training", [True, False])
def test_running_statistics_have_the_dtype_of_the_layer_without_parameters_too(make, training):
    layer = make().train(training)
    x = R.normal(size=(8, 2, 3, 3)[: 4 if isinstance(layer, nn.InstanceNorm2d) else 2])
    assert layer(x.astype(np.float32)).dtype == np.float32
    assert layer.running_mean.dtype == layer.running_var.dtype == np.float32
    layer.reset_parameters()
    assert layer.running_mean.dtype == layer.running_var.dtype == np.float32


def test_the_count_of_batches_is_an_array_that_is_replaced():
    layer = nn.BatchNorm1d(2)
    before = layer.num_batches_tracked
    layer(R.normal(size=(8, 2)))
    after = layer.num_batches_tracked
    assert isinstance(after, np.ndarray) and after.shape == () and after.dtype == np.int64
    assert (int(before), int(after)) == (0, 1)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.BatchNorm1d(3)(np.ones((2, 4))), ag.ShapeError, r"expected \(N, C\) or \(N, C, L\), C = 3"),
        (lambda: nn.BatchNorm2d(3)(np.ones((2, 3))), ag.ShapeError, r"expected \(N, C, H, W\), C = 3"),
        (lambda: nn.LayerNorm((3, 4))(np.ones((2, 4))), ag.ShapeError, r"last axes of normalized_shape = \(3, 4\)"),
        (lambda: nn.GroupNorm(2, 5), ValueError, "got num_groups=2; expected a divisor of num_channels = 5"),
        (lambda: nn.GroupNorm(2, 4)(np.ones((2, 6))), ag.ShapeError, "C = 4"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
