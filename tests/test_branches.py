"""Layers, optimizers, functions and rules build the same graph for all data."""

import ast
from pathlib import Path

import numpy as np
import pytest

import autograd as ag
import nn
from tests.autograd.compile.building import compiled as compile_step
from tests.branches import branches, returning_values

ROOT = Path(__file__).parent.parent
ROOMS = ("nn/functional", "nn/layers", "nn/optim", "autograd/primitives", "autograd/numpy")
TREES = {
    str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8"))
    for room in ROOMS
    for path in sorted((ROOT / room).rglob("*.py"))
}
RETURNING = returning_values(TREES.values())
X = np.array([[1.0, 2.0], [3.0, -1.0]])

SCALAR = "a kernel for one Python float, which no array passes through"
AXES = "numbers of axes and lengths of lists, which are known without the entries"
MASK = "a mask costs 4 % of a small step, so there is none if all targets are classes: a guard"
RESCALED = "entries are scaled only where their powers overflow or vanish: a guard"
INFINITE = "a margin of zeros times infinite factors would be nan: a guard"
SEARCH = "a line search goes on until the loss is low enough; it calls its closure from Python"

# File and function: why it may look at values, or why what it looks at is none.
EXCEPTIONS = {
    ("nn/functional/losses/classification.py", "class_numbers"): MASK,
    ("autograd/numpy/moments.py", "scaled"): RESCALED,
    ("nn/optim/lbfgs.py", "step"): SEARCH,
    ("nn/optim/lbfgs.py", "_direction"): SEARCH,
    **{
        (f"autograd/primitives/{file}.py", name): SCALAR
        for file, names in {
            "arithmetic": "_fmax _fmin _larger _smaller _floor _trunc _ceil _rint _sign",
            "elementary": "_power _softplus _sinc",
        }.items()
        for name in [f"{name}_float" if name != "_sinc" else name for name in names.split()]
    },
    ("autograd/numpy/activations.py", "one_hot"): AXES,
    ("autograd/numpy/arguments.py", "as_numbers"): "whether an array of objects holds nodes",
    ("autograd/numpy/arguments.py", "normalize_axis"): AXES,
    ("autograd/numpy/elementwise.py", "_in_result_dtype"): "whether it is a Value",
    ("autograd/numpy/joining.py", "stack"): AXES,
    ("autograd/numpy/joining.py", "hstack"): AXES,
    ("autograd/numpy/products.py", "convolve"): INFINITE,
    ("autograd/numpy/products.py", "tensordot"): AXES,
    ("autograd/numpy/rearranging.py", "_pad_widths"): AXES,
    ("autograd/numpy/refusals.py", "_described"): "the text of an error",
    ("autograd/numpy/shaping.py", "moveaxis"): AXES,
    ("autograd/numpy/statistics.py", "diff"): AXES,
    (
        "autograd/numpy/samples.py",
        "_slope",
    ): "as NumPy's, which has another formula for equal steps: a guard",
    (
        "autograd/numpy/singular.py",
        "lstsq",
    ): "as NumPy's, whose residuals are empty below full rank: a guard",
    (
        "nn/functional/losses/likelihood.py",
        "_letters",
    ): "texts on one axis are told by their lengths: a guard",
}


@pytest.mark.parametrize("file", TREES)
def test_no_file_branches_on_the_values_of_an_array(file):
    found = {(name, test) for name, test in branches(TREES[file], RETURNING)}
    assert [f"{name}: {test}" for name, test in found if (file, name) not in EXCEPTIONS] == []


def test_no_exception_is_stale():
    found = {(file, name) for file, tree in TREES.items() for name, _ in branches(tree, RETURNING)}
    assert EXCEPTIONS.keys() - found == set()


@pytest.mark.parametrize(
    "lines",
    [
        "if x.max() > 0: x = -x",
        "if float(x.sum()) > 0: x = -x",
        "empty = (x == 0).any()\nif empty: x = -x",
        "if (x > 0).any(): x = -x",
        "if not np.all(g): x = -x",
        "if ag.norm(x) > 1: x = x / 2",
        "if np.isnan(x).any(): return g",
        "while loss.item() > 1e-3: loss = loss / 2",
        "x = g if out[0] > 0 else -g",
        "assert (x > 0).all()",
        "ok = x.min() > 0 and f(x)",
        "ok = x.min() > 0 or f(x)",
        "rows = [r for r in x if r.sum() > 0]",
        "a, b = x.min(), 3\nif a < b: x = -x",
        "for p in parameters:\n    if p.data.any(): x = -x",
        "if (m := x.max()) > 1: x = x / m",
        "if bool(x): x = -x",
        "for _ in range(int(x.max())): x = x / 2",
        "y = [x for _ in range(x.argmax().item())]",
        "n = np.count_nonzero(x)\nif n: x = x / n",
        "if largest_of(x) > 1: x = -x",
        "if x.max() > 0:\n    x = -x\nelse:\n    raise ValueError",
        "if k.data[0] > 1: x = -x",
        "match x.argmax():\n    case 0: x = -x",
    ],
)
def test_branches_are_found(lines):
    body = "\n".join(f"    {line}" for line in lines.split("\n"))
    tree = ast.parse(f"def largest_of(v):\n    return np.max(v)\ndef f(g, out, x):\n{body}")
    assert {name for name, _ in branches(tree, returning_values([tree]))} == {"f"}


@pytest.mark.parametrize(
    "lines",
    [
        "if (x < 0).any(): raise ValueError",
        "if x.shape[0] > 1: x = -x",
        "n = x.ndim\nif n > 1 and x.size: x = -x",
        "if out is None: x = -x",
        "if isinstance(x, float): x = -x",
        "if x.dtype.kind == 'f': x = -x",
        "if len(x) > 3: x = -x",
        "if momentum > 0: x = -x",
        "x = np.where(x > 0, x, 0)",
    ],
)
def test_what_is_no_branch_on_values(lines):
    body = "\n".join(f"    {line}" for line in lines.split("\n"))
    tree = ast.parse(f"def f(g, out, x, momentum):\n{body}")
    assert list(branches(tree, returning_values([tree]))) == []


@pytest.mark.parametrize(
    ("step", "arguments"),
    [
        (
            lambda x, t: nn.functional.cross_entropy(x, t),
            [(X, [0, 1]), (X, [0, -100]), (X, [1, 0])],
        ),
        (lambda x: ag.norm(x * 2.0), [(X,), (1e200 * X,), (-X,)]),
        (lambda x: ag.std(x * 2.0), [(X,), (1e-200 * X,), (-X,)]),
    ],
    ids=["class_numbers", "norm", "std"],
)
def test_what_branches_is_guarded_in_a_compiled_step(step, arguments):
    """The graph for one batch never computes another that needs another graph."""
    compiled = compile_step(step)
    for given in arguments * 2:
        batch = [np.array(a) for a in given]
        np.testing.assert_array_equal(ag.data_of(compiled(*batch)), ag.data_of(step(*batch)))
