"""Random graphs, as Values, as Tensors and by numeric differences: all agree, and nothing is modified."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag

UNARY = [ag.sin, ag.tanh, ag.sigmoid, ag.softplus, lambda x: x * x, lambda x: -x, ag.arctan, ag.erf]
BINARY = [
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: x * y,
    lambda x, y: x / (1.5 + ag.square(y)),
    ag.hypot,
    ag.logaddexp,
]
programs = st.lists(
    st.tuples(st.integers(0, len(UNARY) + len(BINARY) - 1), st.integers(0, 99), st.integers(0, 99)),
    min_size=1,
    max_size=25,
)
numbers = st.lists(st.floats(0.25, 2.0), min_size=3, max_size=3)


def run(program, inputs):
    """Apply the steps of a program to a growing list of nodes, and return the sum of all."""
    nodes = list(inputs)
    for which, i, j in program:
        x, y = nodes[i % len(nodes)], nodes[j % len(nodes)]
        step = UNARY[which](x) if which < len(UNARY) else BINARY[which - len(UNARY)](x, y)
        nodes.append(ag.tanh(step))
    total = nodes[0] * 0.1
    for node in nodes[1:]:
        total = total + node
    return total


@settings(max_examples=60, deadline=None)
@given(programs, numbers)
def test_values_tensors_and_differences_agree(program, point):
    values = [ag.Value(x) for x in point]
    tensors = [ag.Tensor(x, requires_grad=True) for x in point]
    root, tensor_root = run(program, values), run(program, tensors)
    root.backward()
    tensor_root.backward()
    np.testing.assert_allclose(root.data, tensor_root.data, rtol=1e-13)
    for v, t in zip(values, tensors, strict=True):
        np.testing.assert_allclose(v.grad, t.grad, rtol=1e-11, atol=1e-13)
    ag.check_gradients(lambda *xs: run(program, xs), *point)
    assert [v.data for v in values] == point


@settings(max_examples=30, deadline=None)
@given(programs, st.integers(0, 2**32 - 1))
def test_arrays_agree_with_their_entries(program, seed):
    arrays = np.random.default_rng(seed).uniform(0.25, 2.0, (3, 4))
    tensors = [ag.Tensor(row, requires_grad=True) for row in arrays]
    run(program, tensors).sum().backward()
    for column in range(4):
        values = [ag.Value(x) for x in arrays[:, column]]
        run(program, values).backward()
        for v, t in zip(values, tensors, strict=True):
            np.testing.assert_allclose(v.grad, t.grad[column], rtol=1e-11, atol=1e-13)
