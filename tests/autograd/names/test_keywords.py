"""axis and dim, keepdims and keepdim: every function and layer function accepts both families."""

import inspect

import numpy as np
import pytest

import autograd as ag
import nn

PUBLIC = {
    f"{title}.{name}": function
    for title, home in (("ag", ag), ("ag.linalg", ag.linalg), ("nn.functional", nn.functional))
    for name, function in vars(home).items()
    if inspect.isfunction(function) and not name.startswith("_")
}
NAMES = {"axis": "dim", "dim": "axis", "keepdims": "keepdim", "keepdim": "keepdims"}
X = np.array([[0.5, 2.0, -0.25, 1.0], [1.5, -0.75, 3.0, 0.125]])
t = ag.Tensor(X, requires_grad=True)
CALLS = {
    "ag.array_split": (t, 2), "ag.split": (t, 2), "ag.concatenate": ([t, t],), "ag.stack": ([t, t],),
    "ag.append": (t, t), "ag.delete": (t, 1), "ag.insert": (t, 1, 0.0), "ag.take": (t, [1, 0]), "ag.take_along_axis": (t, np.array([[0, 1, 0, 1]])), "ag.partition": (t, 1),
    "ag.compress": ([True, False], t), "ag.roll": (t, 1), "ag.repeat": (t, 2), "ag.quantile": (t, 0.5),
    "ag.percentile": (t, 50.0), "ag.cross": (ag.Tensor(np.ones((3, 3))), np.eye(3)),
    "ag.linalg.cross": (ag.Tensor(np.ones((3, 3))), np.eye(3)), "ag.vecdot": (t, X), "ag.linalg.vecdot": (t, X),
    "nn.functional.glu": (t,), "nn.functional.maxout": (t, 2), "nn.functional.cosine_similarity": (t, X),
    "nn.functional.pairwise_distance": (t, X), "ag.sliding_window_view": (t, 1), "ag.squeeze": (ag.Tensor(X[:1]),),
}  # fmt: skip


def with_own_names():
    for title, function in PUBLIC.items():
        own = [name for name in inspect.signature(function).parameters if name in NAMES]
        if own and "f" not in inspect.signature(function).parameters:
            yield title, own


@pytest.mark.parametrize(("title", "own"), list(with_own_names()))
def test_both_families_give_the_same(title, own):
    function, arguments = PUBLIC[title], CALLS.get(title, (t,))
    ours = {name: True if name.startswith("keep") else 0 for name in own}
    theirs = {NAMES[name]: value for name, value in ours.items()}
    results = []
    for keywords in (ours, theirs):
        ag.random.seed(0)
        results.append(function(*arguments, **keywords))
    as_lists = [r if isinstance(r, (list, tuple)) else [r] for r in results]
    for a, b in zip(*as_lists, strict=True):
        np.testing.assert_array_equal(np.asarray(a.data), np.asarray(b.data))
    for name, value in ours.items():
        with pytest.raises(TypeError, match=rf"got {name} and {NAMES[name]}, two names of one"):
            function(*arguments, **{name: value, NAMES[name]: value})


def test_most_functions_are_meant():
    titles = {title for title, _ in with_own_names()}
    assert len(titles) > 40 and {"ag.sum", "ag.stack", "nn.functional.softmax"} <= titles


def test_methods_accept_both_too():
    assert t.sum(dim=1, keepdim=True).shape == (2, 1) and t.max(dim=0).shape == (4,)
    assert t.argmax(dim=1).tolist() == [1, 2] and t.argmin(axis=1, keepdims=True).shape == (2, 1)
    assert t.mean(dim=(0, 1)).shape == () and t.squeeze(dim=()).shape == t.shape
    assert ag.softmax(t, dim=0).sum(dim=0).tolist() == pytest.approx([1.0] * 4)


@pytest.mark.parametrize(
    "make", [nn.Softmax, nn.LogSoftmax, nn.Softmin, nn.GLU, lambda **k: nn.Maxout(2, **k)]
)
def test_layers_accept_both_too(make):
    assert make(axis=0)(t).data.tolist() == make(dim=0)(t).data.tolist()
    with pytest.raises(
        TypeError, match=r"^(Softmax|LogSoftmax|Softmin|GLU|Maxout): got dim and axis"
    ):
        make(axis=0, dim=0)


def test_a_position_and_a_keyword_are_two_as_well():
    with pytest.raises(TypeError, match=r"^sum: got axis and dim, two names of one argument"):
        ag.sum(t, 0, dim=1)


def test_numpys_dispatch_and_gradients_are_as_before():
    total = np.sum(t, axis=1, keepdims=True)
    assert total.shape == (2, 1) and total.requires_grad
    [g] = ag.gradients(ag.sum(t, dim=0)[1], [t])
    assert g.tolist() == [[0.0, 1.0, 0.0, 0.0]] * 2


def test_a_signature_and_an_unknown_keyword_are_the_functions_own():
    assert list(inspect.signature(ag.logsumexp).parameters) == ["x", "axis", "keepdims"]
    with pytest.raises(TypeError, match="unexpected keyword argument 'axes'"):
        ag.sum(t, axes=1)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("t.sum(0, True)", "sum: got dtype=True; expected a NumPy dtype, such as np.float32; write keepdims=True"),
        ("t.mean(1, True)", "write keepdims=True by name"), ("t.max(1, True)", "max: got out=True; expected None; write keepdims"),
        ("t.min(1, False)", "write keepdims=False by name"), ("t.std(1, True)", "write keepdims=True by name"),
        ("ag.nansum(t, 1, True)", "write keepdims=True"), ("ag.median(t, 1, True)", "write keepdims=True"),
        ("ag.exp(input=t)", "exp: unexpected keyword argument 'input'; write the first argument without its name"),
        ("ag.relu(t, inplace=True)", "write nothing; a Tensor never changes"),
        ("ag.matmul(input=t, other=t)", "write the first argument without its name"),
        ("ag.matmul(t, other=t)", "write the second argument without its name"),
        ("ag.add(t, t, alpha=2)", "add: unexpected keyword argument 'alpha'; write x + alpha * y"),
        ("ag.div(t, 2, rounding_mode='floor')", "write ag.floor_divide(x, y) for 'floor', ag.trunc(x / y)"),
        ("ag.power(t, exponent=2)", "write the second argument without its name"),
        ("ag.arctan2(input=t, other=t)", "the first argument"),
        ("ag.Tensor([1.0], device='cpu')", "Tensor: unexpected keyword argument 'device'; write nothing; all arrays"),
        ("nn.Parameter([1.0], device='cpu')", "unexpected keyword argument 'device'"),
        ("ag.Tensor([1.0], nonsense=1)", "Tensor() got an unexpected keyword argument 'nonsense'"),
        ("ag.flip(t, dims=(0,))", "flip: unexpected keyword argument 'dims'; write axis="),
        ("ag.roll(t, 1, dims=0)", "write axis="), ("ag.tensordot(t, t, dims=1)", "write axes="),
        ("ag.rot90(t, 1, dims=(0, 1))", "write axes="), ("ag.tile(t, dims=(2,))", "write reps="),
        ("t.repeat(1, 2, 1)", "repeat: got more than an array, repeats and an axis; write ag.tile(x, (n, m))"),
        ("t.size[0]", "size: got t.size[0]; expected t.size, the number of entries; write t.shape[0]"),
        ("ag.transpose(t, dims=(1, 0))", "transpose: unexpected keyword argument 'dims'; write axes="),
        ("t.clip(low=0.0)", "clip: unexpected keyword argument 'low'; write min="), ("ag.clip(t, input=0)", "write the first"),
        ("ag.where(t > 0, input=t, other=t)", "where: unexpected keyword argument 'input'"),
        ("ag.softmax(t, 1, dtype=float)", "softmax: unexpected keyword argument 'dtype'; write x.astype(dtype)"),
        ("ag.linalg.inv(A=t)", "inv: unexpected keyword argument 'A'; write the first argument without its name"),
        ("ag.exp()", "exp() missing a required argument: 'x'"), ("ag.add(t)", "add() missing a required argument: 'y'"),
        ("ag.exp(t, foo=1)", "exp() got an unexpected keyword argument 'foo'"),
    ],
)  # fmt: skip
def test_pytorchs_arguments_are_named(expression, text):
    with pytest.raises((TypeError, AttributeError)) as caught:
        eval(expression, {"ag": ag, "nn": nn, "t": t})
    assert text in str(caught.value)
    ends = {"flip": "axis=", "roll": "axis=", "tensordot": "axes=", "tile": "reps="}
    name = expression.removeprefix("ag.").partition("(")[0]
    assert str(caught.value).endswith(ends.get(name, ""))


def test_keepdims_is_named_where_there_is_one():
    with pytest.raises(
        TypeError, match=r"cumsum: got dtype=True; expected a NumPy dtype.*float32$"
    ):
        t.cumsum(0, True)
    assert ag.logsumexp(t, 1, True).shape == ag.norm(t, 2, 1, True).shape == (2, 1)
