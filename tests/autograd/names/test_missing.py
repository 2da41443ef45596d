"""The tables of other libraries' names: messages, what they point to, and what they must not do."""

import copy
import importlib
import json
import pickle
import pkgutil
import re
from pathlib import Path

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import names
from nn import names as layer_names

TABLES = {
    f"{module.__name__}.{title}": table
    for module in (names, layer_names)
    for title, table in vars(module).items()
    if title.isupper() and isinstance(table, dict)
}
HOMES = [
    (ag, names.FUNCTIONS),
    (ag, names.NUMPY),
    (ag.random, names.functions.RANDOM),
    (ag.linalg, names.LINALG),
    (ag.Tensor, names.METHODS),
    (ag.Tensor, names.INPLACE),
    (ag.Value, names.SCALARS),
    (ag.numpy.At, names.UPDATES),
    (nn, layer_names.LAYERS),
    (nn.functional, layer_names.LAYER_FUNCTIONS),
    (nn.optim, layer_names.OPTIMIZERS),
    (nn.optim.lr_scheduler, layer_names.SCHEDULERS),
    (nn.data, layer_names.DATA),
    (nn.utils, layer_names.UTILITIES),
    (nn.init, layer_names.INITIALIZERS),
    (nn.Module, layer_names.MODULE_METHODS),
]
t, v = ag.Tensor([[1.0, 2.0]]), ag.Value(1.0)


def refused(expression):
    with pytest.raises((AttributeError, TypeError)) as caught:
        eval(expression, {"ag": ag, "nn": nn, "t": t, "v": v, "model": nn.Linear(2, 2)})
    return str(caught.value)


@pytest.mark.parametrize(
    ("expression", "write"),
    [
        ("ag.cat", "ag.cat: no such name here; write ag.concatenate(tensors, axis=0)"),
        ("ag.zeros", "ag.zeros: no such name here; write ag.Tensor(np.zeros(shape))"),
        ("ag.tensor", "ag.tensor: no such name here; write ag.Tensor(x)"),
        ("ag.chunk", "ag.chunk: no such name here; write ag.split(x, range(n, len(x), n))"),
        ("ag.Function", "ag.Primitive"),
        ("ag.choose", "ag.where(condition, x, y), or ag.take_along_axis"),
        ("ag.linalg.tensorinv", "ag.linalg.inv of the tensor reshaped to a matrix"),
        ("ag.linalg.eig", "ag.linalg.eigh(a) of a symmetric matrix; there are no complex numbers here"),
        ("ag.random.randn", "rng.normal(size=shape), with rng = ag.random.generator()"),
        ("t.view(2)", "t.view: no such name here; write t.reshape(shape)"),
        ("t.unsqueeze(0)", "ag.expand_dims(t, axis), or t[None]"),
        ("t.permute(1, 0)", "t.transpose(axes)"),
        ("t.masked_fill", "ag.where(mask, value, t)"),
        ("t.clamp(0, 1)", "t.clip(low, high)"),
        ("t.to('cuda')", "t.astype(dtype); there are no devices here"),
        ("t.t()", "t.T"),
        ("t.clone()", "t.detach() gives a leaf"),
        ("t.add_(1.0)", "t = t + other"),
        ("t.softmax(-1)", "ag.softmax(t)"),
        ("t.size(0)", "size: got a call t.size(0); expected t.size, the number of entries; write t.shape[0]"),
        ("t.size()", "write t.shape"),
        ("t.size(dim=1)", "write t.shape[1]"),
        ("ag.Tensor.view", "t.reshape(shape)"),
        ("t.at[0].divide(2.0)", "t.at[i].divide: no such name here; write t.at[i].set(t[i] / v)"),
        ("ag.cross_entropy", "nn.functional.cross_entropy(logits, classes)"),
        ("ag.custom_vjp", "ag.Primitive"),
        ("ag.roll(t, shifts=1)", "roll: unexpected keyword argument 'shifts'; write shift="),
        ("t.std(unbiased=False)", "std: unexpected keyword argument 'unbiased'; write correction=1 for"),
        ("ag.triu(t, diagonal=1)", "triu: unexpected keyword argument 'diagonal'; write k="),
        ("ag.sort(t, descending=True)", "write ag.flip(ag.sort(x, axis), axis)"),
        ("ag.pad(t, (1, 1, 0, 2))", "PyTorch's order, from the last axis, is ((0, 2), (1, 1)) here"),
        ("ag.pad(t, 1, mode='replicate')", "write mode='edge'"),
        ("ag.pad(t, 1, value=3.0)", "write constant_values="),
        ("ag.einsum('ij,ij', [t, t])", "write ag.einsum(subscripts, *arrays)"),
        ("t.sum().backward(create_graph=True)", "ag.gradients(y, xs, create_graph=True)"),
        ("v.clamp(0, 1)", "ag.clip(v, low, high)"),
        ("nn.CrossMapLRN2d", "nn.CrossMapLRN2d: no such name here; write nn.LocalResponseNorm(size)"),
        ("nn.functional.cat", "ag.concatenate(tensors, axis=0)"),
        ("nn.functional.upsample", "nn.functional.interpolate(x, ...)"),
        ("nn.optim.SparseAdam", "nn.optim.Adam"),
        ("nn.utils.clip_grad_norm", "nn.utils.clip_grad_norm_(parameters, max_norm)"),
        ("nn.init.normal", "nn.init.normal_(tensor)"),
        ("nn.no_grad", "nn.no_grad: no such name here; write ag.no_grad"),
        ("nn.functional.exp", "write ag.exp"),
        ("nn.SyncBatchNorm", "nn.SyncBatchNorm1d or nn.SyncBatchNorm2d"),
        ("nn.utils.weight_norm", "nn.utils.parametrizations.weight_norm(module, name, dim)"),
        ("nn.utils.rnn", "a mask in the loss; sequences of a batch have one length"),
        ("nn.data.StackDataset", "nn.data.TensorDataset(*arrays)"),
        ("nn.data.IterableDataset", "nn.data.Dataset"),
        ("ag.linalg.logdet", "ag.linalg.slogdet(a)[1]"),
        ("ag.fft", "ag.fft: no such name here; there is nothing like it here; NumPy's np.fft takes"),
        ("ag.functional", "ag.jacobian(f)"),
        ("ag.relu_", "x = ag.relu(x)"),
        ("t.bernoulli()", "rng.random(t.shape) < t.data"),
        ("v.view(1)", "v.view: no such name here; write ag.Tensor, which holds arrays"),
        ("v.to('cpu')", "v; there are no devices here"),
        ("v.unsqueeze(0)", "ag.Tensor"),
        ("ag.numpy.random.randn", "rng.normal(size=shape), with rng = ag.random.generator()"),
        ("ag.numpy.fft", "there is nothing like it here"),
        ("model.to('cpu')", "model.to: no such name here; write model.astype(dtype)"),
        ("model.half()", "model.astype(np.float16)"),
    ],
)  # fmt: skip
def test_another_librarys_name_says_what_to_write(expression, write):
    assert write in refused(expression)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("ag.nonsense", "module 'autograd' has no attribute 'nonsense'"),
        ("nn.nonsense", "module 'nn' has no attribute 'nonsense'"),
        ("t.nonsense", "'Tensor' object has no attribute 'nonsense'"),
        ("model.nonsense", "'Linear' object has no attribute 'nonsense'"),
    ],
)
def test_a_name_of_nobody_gives_the_message_of_python(expression, text):
    assert refused(expression) == text


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        ("from autograd import cat", "ag.cat: no such name here; write ag.concatenate("),
        ("from autograd import exp, unsqueeze as u", "ag.unsqueeze: no such name here; write"),
        ("from autograd.numpy.linalg import eig", "ag.linalg.eig: no such name here; write"),
        ("from autograd.random import randn", "ag.random.randn: no such name here; write"),
        ("from nn import Linear, NLLLoss2d", "nn.NLLLoss2d: no such name here; write nn.NLLLoss"),
        (
            "from nn.optim import SparseAdam",
            "nn.optim.SparseAdam: no such name here; write nn.optim.Adam",
        ),
        ("from nn.functional import cat", "nn.functional.cat: no such name here; write"),
        ("from nn.utils import clip_grad_norm", "nn.utils.clip_grad_norm: no such name here"),
        ("from nn.init import normal", "nn.init.normal: no such name here; write"),
        ("from autograd import nonsense", "cannot import name 'nonsense' from 'autograd'"),
    ],
)
def test_the_from_form_says_it_too(statement, text):
    with pytest.raises(ImportError) as caught:
        exec(statement, {})
    assert str(caught.value).startswith(text)


def test_asking_for_a_name_is_no_import():
    assert not hasattr(ag, "cat") and getattr(nn, "NLLLoss2d", 3) == 3
    with pytest.raises(AttributeError):
        ag.cat  # noqa: B018
    for package, tables in ((ag, (names.FUNCTIONS, names.NUMPY)), (nn, (layer_names.LAYERS,))):
        files = {module.name for module in pkgutil.iter_modules(package.__path__)}
        assert not any(files & set(table) for table in tables)


@pytest.mark.parametrize(("home", "table"), HOMES)
def test_no_name_of_a_table_exists(home, table):
    assert [name for name in table if hasattr(home, name)] == []


@pytest.mark.parametrize("title", TABLES)
def test_what_a_table_says_to_write_exists(title):
    roots = {"ag": ag, "nn": nn, "np": np}
    for entry in TABLES[title].values():
        write = entry if isinstance(entry, str) else entry[-1]  # with a default in front
        for root, path in re.findall(r"\b(ag|nn|np)((?:\.\w+)+)", write):
            found = roots[root]
            for part in path.split(".")[1:]:
                found = getattr(found, part)
        for name in re.findall(r"\bt\.(\w+)", write):
            assert hasattr(t, name), write
        for name in re.findall(r"\bv\.(\w+)", write):
            assert hasattr(v, name), write
        for name in re.findall(r"\bmodel\.(\w+)", write):
            assert hasattr(nn.Module, name), write


NAMES = json.loads((Path(nn.__file__).parents[1] / "tests/nn/signatures/names.json").read_text())


@pytest.mark.parametrize("namespace", NAMES)
def test_every_public_name_of_pytorchs_exists_or_says_what_to_write(namespace):
    home = {"utils.data": "nn.data"}.get(namespace, namespace)
    module = importlib.import_module(home if home.startswith("nn") else f"nn.{home}")
    silent = []
    for name in NAMES[namespace]:
        try:
            getattr(module, name)
        except AttributeError as error:
            if not re.search(r": no such name here; (write|there is nothing) ", str(error)):
                silent.append(name)
    assert silent == [] and len(NAMES[namespace]) > 10


def test_the_path_of_hips_random_numbers_says_what_to_write():
    random = importlib.import_module("autograd.numpy.random")
    with pytest.raises(AttributeError, match=r"randn: no such name here; write rng\.normal"):
        random.randn(3)


def test_other_protocols_see_no_difference():
    for name in (
        "__array_interface__",
        "__array_struct__",
        "__deepcopy__",
        "__copy__",
        "_repr_latex_",
    ):
        assert not hasattr(t, name)
    assert copy.copy(t).tolist() == copy.deepcopy(t).tolist() == t.tolist()
    assert pickle.loads(pickle.dumps(t)).tolist() == t.tolist()
    assert np.sum(t).item() == 3.0 and np.asarray(t).tolist() == [[1.0, 2.0]]
    assert np.exp(np.array([v, v], dtype=object))[0].item() == pytest.approx(np.e)
    assert copy.deepcopy(nn.Linear(2, 2))(t).shape == (1, 2)


def test_completion_offers_our_names_only():
    assert {"reshape", "sum", "grad"} <= set(dir(t)) and not set(names.METHODS) & set(dir(t))
    assert {"exp", "data"} <= set(dir(v)) and not set(names.SCALARS) & set(dir(v))
    layer = nn.Linear(2, 2)
    assert {"weight", "forward"} <= set(dir(layer))
    assert not set(layer_names.MODULE_METHODS) & set(dir(layer))


def test_a_subclass_may_use_the_name():
    class Named(ag.Tensor):
        view = "mine"

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.to = nn.Linear(2, 2)
            self.cpu = 3

        def compile(self):
            return "compiled"

    net = Net()
    assert Named([1.0]).view == "mine" and net.cpu == 3 and net.compile() == "compiled"
    assert [name for name, _ in net.named_parameters()] == ["to.weight", "to.bias"]


def test_the_count_of_entries_is_an_int():
    assert t.size == 2 and isinstance(t.size, int) and repr(t.size) == "2"
    assert [0] * t.size == [0, 0] and pickle.loads(pickle.dumps(t.size)) == 2


def test_pytorchs_calls_that_work():
    x = ag.Tensor(np.arange(24.0).reshape(2, 3, 4), requires_grad=True)
    assert x.flatten(1).shape == (2, 12) and x.flatten(0, 1).shape == (6, 4)
    assert x.flatten().shape == (24,) and ag.Tensor(1.0).flatten().shape == (1,)
    x.sum().backward(retain_graph=True)
    assert (x.grad == 1.0).all()
    assert ag.one_hot([0, 2], -1).tolist() == [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    with pytest.raises(ag.ShapeError, match="flatten: got start_dim=2 and end_dim=0"):
        x.flatten(2, 0)


def test_attributes_stay_on_the_fast_path():
    """A `__getattr__` would take it from every attribute of every node and layer."""
    for kind in (ag.Tensor, ag.Value, nn.Module):
        assert not any("__getattr__" in vars(base) for base in kind.__mro__)
