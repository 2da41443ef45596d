"""The formulas of a convolution, evaluated entry by entry as they are printed."""

import itertools
import re

import numpy as np
import pytest

import autograd as ag
import nn
from tests.autograd.derivation.building import backward_of

SUBSCRIPTS = dict(zip("ₙᵢⱼₖₗᵤᵥ", "nijkluv", strict=True))
WAYS = {
    "plain 1d": (nn.Conv1d(2, 3, 3), (2, 2, 6), "nlq"),
    "padded 1d": (nn.Conv1d(2, 3, 2, padding=2, dilation=2), (2, 2, 5), "nlq"),
    "strided 1d": (nn.Conv1d(2, 2, 3, stride=2, padding=1), (1, 2, 7), "nlq"),
    "plain 2d": (nn.Conv2d(1, 2, 2), (2, 1, 3, 4), "nlpq"),
    "padded 2d": (nn.Conv2d(2, 2, (2, 3), padding=(1, 2)), (1, 2, 3, 3), "nlpq"),
    "strided 2d": (
        nn.Conv2d(1, 2, 2, stride=(2, 1), padding=1, dilation=(1, 2)),
        (1, 1, 4, 4),
        "nlpq",
    ),
}


def evaluated(equation, free, shape, arrays, lengths):
    """The right side of an equation for every value of the free letters."""
    text = equation.partition(" = ")[2].replace("−", "-")
    match = re.match(r"Σ(\w+) (.*)", text)
    summed, product = [SUBSCRIPTS[c] for c in match[1]], match[2].removesuffix(" + b")
    factors = re.findall(r"(?:^|·)(\w*)\[([^\]]*)\]", product)
    assert "·".join(f"{name}[{places}]" for name, places in factors) == product
    out = np.zeros(shape)
    for values in itertools.product(*map(range, shape)):
        space = dict(zip(free, values, strict=True))
        for inner in itertools.product(*(range(lengths[c]) for c in summed)):
            space |= dict(zip(summed, inner, strict=True))
            out[values] += np.prod([value(name, at, arrays, space) for name, at in factors])
    return out


def value(name, places, arrays, space):
    """An entry, 0 outside of an array; or 1 where the equations in brackets hold, else 0."""
    places = re.sub(r"(\d)([a-z])", r"\1*\2", places)
    if not name:
        return float(all(eval(p.replace("=", "=="), {}, dict(space)) for p in places.split(",")))
    index = [eval(p, {}, dict(space)) for p in places.split(",")]
    inside = all(0 <= i < n for i, n in zip(index, arrays[name].shape, strict=True))
    return arrays[name][tuple(index)] if inside else 0.0


@pytest.mark.parametrize("name", WAYS)
def test_every_formula_says_what_the_engine_computes(name):
    module, shape, places = WAYS[name]
    x = ag.Tensor(np.random.default_rng(0).normal(size=shape), requires_grad=True, name="x")
    derivation = ag.derive(module(x), by=[x, module.weight])
    arguments = derivation.arguments
    out, dx, dW = derivation.function()(**arguments)
    letters = {3: ("nij", "ilv"), 4: ("nkij", "kluv")}[len(shape)]
    lengths = dict(zip(letters[0], out.shape, strict=True))
    lengths |= dict(zip(letters[1], dW.shape, strict=True))
    bias = arguments["b"].reshape(-1, *(1,) * (len(shape) - 2))
    [forward] = [step.equation for step in derivation.steps]
    backward = dict(line.split(" = ", 1) for line in backward_of(derivation))
    found = [
        evaluated(forward, letters[0], out.shape, arguments, lengths) + bias,
        evaluated(f"dx = {backward['dx']}", places, dx.shape, arguments, lengths),
        evaluated(f"dW = {backward['dW']}", letters[1], dW.shape, arguments, lengths),
    ]
    for ours, theirs in zip(found, (out, dx, dW), strict=True):
        assert np.allclose(ours, theirs, rtol=1e-12, atol=1e-13)


def test_the_local_derivative_names_the_result():
    x = ag.Tensor(np.ones((1, 2, 5)), requires_grad=True, name="x")
    text = ag.derive(nn.Conv1d(2, 3, 3)(x)).text
    assert "∂out[n,i,j]/∂W[i,l,v] = x[n,l,j+v]" in text and "reshape" not in text
