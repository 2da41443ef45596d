"""Every public function and layer keeps the precision of its input, forwards and backwards."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn import functional as F
from tests.nn.signatures.calls import (
    FUNCTIONS,
    LAYERS,
    LOSSES,
    MATRIX,
    TOKENS,
    WEIGHTS,
    WITHOUT_FLOATS,
)

DTYPES = [np.float32, np.float64]


def tensors(arrays, dtype):
    return [ag.Tensor(a, dtype=dtype, requires_grad=True) for a in arrays]


def first(out):
    return out[0] if isinstance(out, tuple) else out


def total(out):
    return sum(total(part) for part in out) if isinstance(out, tuple) else ag.sum(out)


def test_every_public_function_is_called():
    assert FUNCTIONS.keys() | WITHOUT_FLOATS.keys() == set(F.__all__)


def test_every_layer_is_called():
    containers = {
        "Module",
        "ModuleList",
        "ModuleDict",
        "ParameterList",
        "ParameterDict",
        "Parameter",
    }
    layers = {
        name
        for name in nn.__all__
        if isinstance(getattr(nn, name), type) and issubclass(getattr(nn, name), nn.Module)
    }
    assert LAYERS.keys() | LOSSES.keys() == layers - containers


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name, dtype):
    arrays, function = FUNCTIONS[name]
    leaves = tensors(arrays, dtype)
    out = function(*leaves)
    assert out.dtype == dtype
    total(out).backward()
    assert {x.grad.dtype for x in leaves if x.grad is not None} == {np.dtype(dtype)}
    assert function(*(a.astype(dtype) for a in arrays)).dtype == dtype


@pytest.mark.parametrize("name", WITHOUT_FLOATS)
def test_functions_of_no_floats(name):
    function, dtype = WITHOUT_FLOATS[name]
    assert function().dtype == dtype
    if name != "causal_mask":
        make = getattr(F, name)
        arguments = ([1, 0],) if name == "one_hot" else (3, 4)
        assert make(*arguments, dtype=np.float32).dtype == np.float32


@pytest.mark.parametrize("converted", [False, True], ids=["dtype=", "astype"])
@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", LAYERS)
def test_layers(name, dtype, training, converted):
    make, arrays = LAYERS[name]
    model = make().astype(dtype) if converted else make(dtype=dtype)
    model.train(training)
    leaves = tensors(arrays, dtype)
    for _ in range(2):  # the second call reads the statistics that the first one left
        out = model(*leaves) if arrays else model(TOKENS)
    assert first(out).dtype == dtype
    total(out).backward()
    gradients = [x.grad for x in (*leaves, *model.parameters()) if x.grad is not None]
    assert {g.dtype for g in gradients} == {np.dtype(dtype)}
    floats = {b.dtype for b in (*model.buffers(), *model.parameters()) if b.dtype.kind == "f"}
    assert floats <= {np.dtype(dtype)}


@pytest.mark.parametrize(
    "weights", [list, np.array, np.float32], ids=["list", "float64", "float32"]
)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", LOSSES)
def test_losses(name, dtype, weights):
    make, arrays, rest = LOSSES[name]
    leaves = tensors(arrays, dtype)
    loss = make(weights(WEIGHTS))(*leaves, *rest)
    assert loss.dtype == dtype
    loss.backward()
    assert {x.grad.dtype for x in leaves if x.grad is not None} == {np.dtype(dtype)}


def test_the_weights_of_a_loss_follow_a_conversion():
    loss = nn.CrossEntropyLoss(WEIGHTS).astype(np.float32)
    assert loss.weight.dtype == np.float32


def test_running_statistics_keep_their_dtype_when_reset():
    layer = nn.BatchNorm1d(4, affine=False, dtype=np.float32)
    assert layer.running_mean.dtype == layer.running_var.dtype == np.float32
    layer.reset_running_stats()
    assert layer.running_mean.dtype == layer.running_var.dtype == np.float32


def test_statistics_do_not_widen_the_input():
    narrow = MATRIX.astype(np.float32)
    layer = nn.BatchNorm1d(6, affine=False)
    layer(MATRIX)
    layer.eval()
    assert layer(narrow).dtype == np.float32


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", [n for n in vars(nn.init) if n.endswith("_") and n[0] != "_"])
def test_initializers(name, dtype):
    tensor = ag.Tensor(np.ones((4, 4)), dtype=dtype)
    arguments = {
        "constant_": (0.5,), "sparse_": (0.5,), "values_": (np.ones((4, 4)),), "zero_rows_": ([0],),
    }.get(name, ())  # fmt: skip
    if name == "dirac_":
        tensor = ag.Tensor(np.ones((4, 4, 3)), dtype=dtype)
    assert getattr(nn.init, name)(tensor, *arguments) is tensor
    assert tensor.dtype == dtype


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell"])
def test_an_initial_state_does_not_widen_a_network(name):
    layer = getattr(nn, name)(6, 3, dtype=np.float32)
    h = np.zeros((4, 3) if "Cell" in name else (1, 3))
    out = layer(MATRIX.astype(np.float32), (h, h) if "LSTM" in name else h)
    assert first(out).dtype == np.float32


def test_a_mask_does_not_widen_attention():
    layer = nn.MultiheadAttention(6, 2, dtype=np.float32)
    x = MATRIX.astype(np.float32)
    mask = np.triu(np.full((4, 4), -np.inf), 1)
    out, weights = layer(x, x, x, attn_mask=mask, key_padding_mask=np.zeros(4))
    assert out.dtype == weights.dtype == np.float32
    assert F.scaled_dot_product_attention(x, x, x, mask).dtype == np.float32


def test_none_is_the_dtype_of_numpy():
    assert nn.Linear(2, 2, dtype=None).weight.dtype == np.float64


def test_a_softmax_converts_its_logits_first():
    logits = np.array([1.0, 2.0], np.float32)
    assert F.softmax(logits, -1, dtype=np.float64).dtype == np.float64
    assert F.log_softmax(logits.astype(float), -1, dtype=np.float32).dtype == np.float32
