"""No function, loss or optimizer of `nn` takes its data off the device; see `remote.py`."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn import functional as F
from tests.autograd.backends.remote import Remote
from tests.autograd.backends.test_cupy import on_device
from tests.nn.signatures.calls import CLASSES, FUNCTIONS, IMAGE, MATRIX, SHARES, SIGNAL

OPTIMIZERS = [
    name
    for name in nn.optim.__all__
    if isinstance(getattr(nn.optim, name), type) and issubclass(getattr(nn.optim, name), nn.optim.Optimizer)
    and name not in ("Optimizer", "ASGD", "Adafactor", "RAdam")
]  # fmt: skip


# Branches that the calls of that table do not take.
OTHERS = {
    "cross_entropy of classes": ((MATRIX,), lambda x: F.cross_entropy(x, CLASSES)),
    "cross_entropy with ignored ones": ((MATRIX,), lambda x: F.cross_entropy(x, CLASSES, ignore_index=2)),
    "cross_entropy of probabilities": ((MATRIX, SHARES), F.cross_entropy),
    "cross_entropy of one sample": ((MATRIX[0],), lambda x: F.cross_entropy(x, 2)),
    "nll_loss": ((MATRIX,), lambda x: F.nll_loss(x, CLASSES, reduction="none")),
    "mse_loss": ((MATRIX, SHARES), lambda x, y: F.mse_loss(x, y, reduction="sum")),
    "binary_cross_entropy": ((MATRIX, SHARES), F.binary_cross_entropy),
    "binary_cross_entropy_with_logits": ((MATRIX, SHARES), F.binary_cross_entropy_with_logits),
    "kl_div": ((np.log(MATRIX), np.log(SHARES)), lambda x, y: F.kl_div(x, y, log_target=True, reduction="batchmean")),
    "multi_margin_loss": ((MATRIX,), lambda x: F.multi_margin_loss(x, CLASSES)),
    "batch_norm in training": ((IMAGE,), lambda x: F.batch_norm(x, None, None, training=True)),
    "layer_norm": ((MATRIX,), lambda x: F.layer_norm(x, 6)),
    "conv2d": ((IMAGE, IMAGE[:, :2, :3, :3]), lambda x, w: F.conv2d(x, w, stride=2, padding="valid", groups=2, dilation=1)),
    "max_pool2d": ((IMAGE,), lambda x: F.max_pool2d(x, 2)),
    "avg_pool2d": ((IMAGE,), lambda x: F.avg_pool2d(x, 2)),
    "nearest neighbours": ((IMAGE,), lambda x: F.interpolate(x, scale_factor=2)),
    "gelu": ((MATRIX,), lambda x: F.gelu(x, "tanh")),
    "attention": ((SIGNAL, SIGNAL, SIGNAL), F.scaled_dot_product_attention),
}  # fmt: skip
# They pick entries by numbers that were computed, and refuse to do so on a device.
LEAVING = {
    *("grid_sample", "max_unpool1d", "max_unpool2d", "max_unpool3d"),
}
CALLS = {
    **{name: call for name, call in FUNCTIONS.items() if name not in LEAVING},
    **{f"{name} ": call for name, call in OTHERS.items()},
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", CALLS)
def test_a_function_stays_on_the_device(name, dtype):
    arrays, function = CALLS[name]
    arrays = [x.astype(dtype) for x in arrays]
    there, here = (
        [on_device(x, True) for x in arrays],
        [ag.Tensor(x, requires_grad=True) for x in arrays],
    )
    ag.random.seed(0)
    out = function(*there)
    ag.random.seed(0)
    want = function(*here)
    assert type(out.data) is Remote and out.dtype == want.dtype
    bound = 1e-12 if dtype is np.float64 else 1e-5
    np.testing.assert_allclose(out.data.get(), want.data, rtol=bound, atol=bound)
    for y in (out, want):
        ag.sum(y * 1.5).backward()
    for x, y in zip(there, here, strict=True):
        if y.grad is not None:
            assert type(x.grad) is Remote and x.grad.dtype == y.grad.dtype
            np.testing.assert_allclose(x.grad.get(), y.grad, rtol=bound, atol=bound)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_stays_on_the_device(name, dtype):
    start = np.linspace(0.1, 1.0, 6).reshape(2, 3).astype(dtype)
    there, here = on_device(start, True), ag.Tensor(start, requires_grad=True)
    for p in (there, here):
        optimizer = getattr(nn.optim, name)([p])

        def closure(p=p, optimizer=optimizer):
            optimizer.zero_grad()
            loss = ag.sum(p**3)
            loss.backward()
            return loss

        for _ in range(3):
            if name == "LBFGS":
                optimizer.step(closure)
            else:
                closure()
                optimizer.step()
    assert type(there.data) is Remote and there.dtype == dtype
    bound = 1e-12 if dtype is np.float64 else 1e-5
    np.testing.assert_allclose(there.data.get(), here.data, rtol=bound, atol=bound)


@pytest.mark.parametrize(
    "use",
    [
        lambda x: F.max_pool2d(x, 2, return_indices=True),
        lambda x: F.adaptive_max_pool2d(x, 2, return_indices=True),
    ],
)
def test_positions_of_a_maximum_are_refused_there(use):
    with pytest.raises(ag.DTypeError, match="a Tensor on a device, which NumPy cannot read"):
        use(on_device(IMAGE))


@pytest.mark.parametrize("name", sorted(LEAVING))
def test_picking_by_computed_numbers_is_refused_there(name):
    arrays, function = FUNCTIONS[name]
    with pytest.raises(ag.DTypeError, match="a Tensor on a device, which NumPy cannot read"):
        function(*(on_device(x, True) for x in arrays))
