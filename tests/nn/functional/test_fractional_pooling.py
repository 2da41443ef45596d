"""Max pooling over random windows: where they are, what they give, and what is refused."""

import numpy as np
import pytest

import autograd as ag
from nn import functional as F

R = np.random.default_rng(0)


def places(u, n, m, w):
    """Where the windows along an axis begin, written as a loop over the formula."""
    alpha = (n - w) / (m - 1) if m > 1 else 0.0
    return [int((i + u) * alpha) - int(u * alpha) for i in range(m - 1)] + [n - w]


@pytest.mark.parametrize(("lengths", "kernel", "output"), [((7, 9), (2, 3), (4, 5)), ((5, 6, 4), (2, 1, 3), (3, 4, 1))])  # fmt: skip
def test_each_window_gives_its_largest_entry_and_where_it_is(lengths, kernel, output):
    k = len(lengths)
    x, u = R.normal(size=(2, 3, *lengths)), R.random((2, 3, k))
    function = getattr(F, f"fractional_max_pool{k}d")
    out, indices = function(x, kernel, output, return_indices=True, _random_samples=u)
    assert out.shape == indices.shape == (2, 3, *output)
    for n in range(2):
        for c in range(3):
            numbers = u[n, c, ::-1] if k == 2 else u[n, c]  # PyTorch's order of the axes
            starts = [places(*a) for a in zip(numbers, lengths, output, kernel, strict=True)]
            for at in np.ndindex(*output):
                begin = [s[i] for s, i in zip(starts, at, strict=True)]
                window = x[n, c][tuple(slice(b, b + w) for b, w in zip(begin, kernel, strict=True))]
                assert out[n, c][at] == window.max() == x[n, c].ravel()[indices[n, c][at]]


# PyTorch's result for x = arange(30).reshape(1, 1, 5, 6) % 7 and these numbers, in single precision.
def test_values_from_pytorch():
    x = np.float32(np.arange(30).reshape(1, 1, 5, 6) % 7)
    u = np.float32([[[0.2, 0.9]]])
    out = F.fractional_max_pool2d(x, 2, (3, 4), _random_samples=u)
    assert out.dtype == np.float32
    assert out.tolist() == [[[[6.0, 2.0, 3.0, 5.0], [6.0, 6.0, 2.0, 4.0], [5.0, 6.0, 6.0, 2.0]]]]


def test_the_gradient_goes_to_the_largest_entries_and_is_right():
    u = R.random((1, 2, 2))
    x = ag.Tensor(R.normal(size=(1, 2, 6, 5)), requires_grad=True)
    out, indices = F.fractional_max_pool2d(x, 2, 3, return_indices=True, _random_samples=u)
    out.sum().backward()
    counts = np.zeros((2, 30))
    np.add.at(counts, (np.arange(2)[:, None], indices[0].reshape(2, -1)), 1.0)
    np.testing.assert_array_equal(x.grad[0].reshape(2, -1), counts)
    ag.check_gradients(lambda x: F.fractional_max_pool2d(x, 2, 3, _random_samples=u), x.data)


def test_places_are_drawn_anew_and_follow_the_generator():
    x = R.normal(size=(1, 1, 40, 40))

    def pooled(seed):
        return F.fractional_max_pool2d(
            x, 2, output_ratio=0.6, generator=np.random.default_rng(seed)
        )

    assert pooled(0).shape == (1, 1, 24, 24)
    np.testing.assert_array_equal(pooled(0), pooled(0))
    assert (pooled(0) != pooled(1)).any()
    ag.random.seed(3)
    first = F.fractional_max_pool2d(x, 2, 17)
    assert (first != F.fractional_max_pool2d(x, 2, 17)).any()
    ag.random.seed(3)
    np.testing.assert_array_equal(first, F.fractional_max_pool2d(x, 2, 17))


def test_a_compiled_function_draws_anew_too():
    x = ag.Tensor(R.normal(size=(2, 1, 30, 30)), requires_grad=True)
    step = ag.compile(lambda x: F.fractional_max_pool2d(x, 2, 20).sum())
    found = {step(x).item() for _ in range(5)}
    assert len(found) == 5


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"kernel_size": 2}, ValueError, "output_size=None and output_ratio=None; expected one"),
        ({"kernel_size": 2, "output_size": 2, "output_ratio": 0.5}, ValueError, "expected one of"),
        ({"kernel_size": 4, "output_size": 3}, ag.ShapeError, r"an output of \(3, 3\) from"),
        ({"kernel_size": 2, "output_ratio": 0.1}, ag.ShapeError, r"an output of \(0, 0\) from"),
        ({"kernel_size": 2, "output_ratio": 1.5}, ValueError, "output_ratio=1.5"),
        ({"kernel_size": 2, "output_ratio": (0.5, 0.5, 0.5)}, ValueError, "or 2 of them"),
        ({"kernel_size": 2, "output_size": 2, "_random_samples": np.ones((1, 2))}, ag.ShapeError, "_random_samples of shape"),
        ({"kernel_size": 2, "output_size": 2, "_random_samples": np.full((1, 1, 2), np.nan)}, ValueError, "beyond 0 and 1"),
        ({"kernel_size": 2, "output_size": 2, "_random_samples": np.ones((2, 1, 2))}, ag.ShapeError, r"expected \(1, 1, 2\)"),
        ({"kernel_size": 2, "output_size": 2, "generator": 3}, TypeError, "generator=3"),
    ],
)  # fmt: skip
def test_errors(options, error, text):
    with pytest.raises(error, match=text):
        F.fractional_max_pool2d(np.ones((1, 1, 4, 4)), **options)
