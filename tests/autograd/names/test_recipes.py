"""What the tables say to write gives PyTorch's numbers."""

import itertools
import json
import re
import runpy
from pathlib import Path

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import names
from tests.autograd.names.cases import EXTREME, FUNCTIONS, GIVEN, METHODS

STORED = json.loads(Path(__file__).with_name("recipes.json").read_text(encoding="utf-8"))
cell = runpy.run_path(str(Path(__file__).parents[3] / "docs" / "from_pytorch.py"))["cell"]
CASES = [
    *(("functions", names.FUNCTIONS, name, other) for name, (_, other) in FUNCTIONS.items()),
    *(("methods", names.METHODS, name, other) for name, (_, other) in METHODS.items()),
    ("extreme", names.METHODS, "logcumsumexp", EXTREME["logcumsumexp"][1]),
]


def recipes(text):
    """The pieces of code of an entry."""
    return [
        code
        for code in re.findall(r"`([^`]*)`", cell(text)[0])
        if "..." not in code.replace("[...", "") and code != "ag.no_grad()"
    ]


def scope(other):
    """The names that recipes use."""
    given = GIVEN | other
    tensors = {
        k: ag.Tensor(v) if isinstance(v, np.ndarray) and v.dtype == float else v
        for k, v in given.items()
        if not isinstance(v, str)
    }
    found = {"ag": ag, "nn": nn, "np": np, "itertools": itertools} | tensors
    found |= {"t": found["x"], "other": found["y"], "dim": 0} if "dim" not in other else {}
    found |= {k: eval(v, found) for k, v in other.items() if isinstance(v, str)}
    if found["x"].ndim == 2:
        found["d"] = found["x"] - found["x"].mean(1, keepdims=True)
    return found


def plain(x):
    return np.asarray(x.data if isinstance(x, ag.Node) else x)


@pytest.mark.parametrize(
    ("kind", "table", "name", "other"), CASES, ids=[f"{c[0]}-{c[2]}" for c in CASES]
)
def test_a_recipe_gives_pytorchs_numbers(kind, table, name, other):
    expected = STORED[kind][name]
    codes = recipes(table[name])
    assert codes, table[name]
    for code in codes:
        found = eval(code, scope(other))
        if isinstance(found, (list, tuple)):
            assert len(found) == len(expected)
            for ours, theirs in zip(found, expected, strict=True):
                np.testing.assert_allclose(plain(ours), theirs, rtol=1e-9, atol=1e-14)
        else:
            np.testing.assert_allclose(plain(found), expected, rtol=1e-9, atol=1e-14)


def test_logaddexp_itself_does_not_overflow():
    x = EXTREME["logaddexp"][1]["x"]
    np.testing.assert_allclose(ag.logaddexp(x, x), STORED["extreme"]["logaddexp"], rtol=1e-12)


def test_what_is_written_to_the_data_of_a_leaf():
    """Each entry runs, and does to the leaf what its name says."""
    for name, text in names.DATA.items():
        for code in recipes(text):
            w = ag.Tensor([1.0, 2.0], requires_grad=True)
            w.grad = np.ones(2)
            found = {"ag": ag, "nn": nn, "np": np, "w": w, "lr": 0.5, "g": np.ones(2), "value": 7.0}
            found |= {"array": np.array([5.0, 6.0]), "rng": np.random.default_rng(0), "c": 3.0}
            found |= {"low": 1.5, "high": 1.75, "d": np.ones(2)}
            with ag.no_grad():
                exec(code, found)
            assert w.requires_grad and w.op is None and found["w"] is w
            done = {
                "w.data -= lr * g": [0.5, 1.5], "w.data[0] = 1": [1.0, 2.0], "w.data.zero_()": [0.0, 0.0],
                "w.data.fill_(value)": [7.0, 7.0], "w.data.copy_(array)": [5.0, 6.0],
                "w.data.clamp_(low, high)": [1.5, 1.75], "w.data.mul_(c)": [3.0, 6.0], "w.data.add_(d)": [2.0, 3.0],
            }.get(name)  # fmt: skip
            assert done is None or w.tolist() == done
            if name == "w.grad.zero_()":
                assert w.grad is None or not w.grad.any()
