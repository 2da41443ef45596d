"""Values that are read behind an array's back: each is a check, or the step stays eager."""

import functools
import math

import numpy as np
import pytest

from tests.autograd.compile.building import compiled, the_same

X = np.linspace(-1.0, 2.0, 6).reshape(2, 3)
TABLE = np.arange(3.0)

BEHIND = {
    "float": lambda x: x * float(x[0, 0]),
    "item": lambda x: x * x[0, 0].item(),
    "item of a sum": lambda x: x * x.sum().item() ** 2,
    "tolist": lambda x: x * x.tolist()[0][0],
    "int": lambda x: x * int(x[0, 0]),
    "math": lambda x: x * math.exp(x[0, 0]),
    "a list of floats": lambda x: x * np.array([float(v) for v in x[0]]),
    "np.array of rows": lambda x: x * np.array([x[0], x[1]]),
    "rounding": lambda x: x * round(x.sum(), 1) + round(x.max()),
    "the memory": lambda x: x * x.data[0, 0] * (type(x.data) is memoryview),
    "a buffer": lambda x: x * memoryview(np.ascontiguousarray(x))[0, 0],
    "bytes": lambda x: x * len(set(x.tobytes())),
    "str": lambda x: x * len(str(x)),
    "an index": lambda x: x @ np.eye(3)[np.abs(x[0]).astype(int) % 3],
    "an index of a table": lambda x: x * TABLE[np.abs(x[0]).astype(int) % 3],
    "a range": lambda x: x * sum(range(int(abs(x[0, 0])))),
    "a number of entries": lambda x: x * x[x > 0.5].size,
    "a mean of some": lambda x: x * x[x > -0.5].mean(),
    "a length": lambda x: x * len(np.unique(np.round(x))),
    "places": lambda x: x * len(np.nonzero(x > 0.5)[0]),
    "a branch": lambda x: x if x.sum() > 2.0 else -x,
    "the largest": lambda x: x * max(x[0]),
    "membership": lambda x: x if 2.0 in x else -x,
    "equality": lambda x: x if np.array_equal(x, X) else -x,
    "all close": lambda x: x if np.allclose(x, X) else -x,
    "a loop": lambda x: functools.reduce(lambda a, b: a * 2.0 if b > 0 else a + b, x[0], x),
    "sorted": lambda x: x * np.array(sorted(x[0], reverse=True)),
    "a key": lambda x: x * {0.0: 2.0}.get(x[0, 0].item(), 3.0),
    "fromiter": lambda x: x * np.fromiter((v for v in x[0]), float),
    "round": lambda x: x * round(x[0, 0].item(), 1),
    "vectorize": lambda x: np.vectorize(lambda v: v * 2.0)(x),
    "a dtype by values": lambda x: np.linalg.eigvals(x[:, :2] - x[:, :2].T).dtype.itemsize * x,
    "out=": lambda x: np.add(x, 1.0, out=np.empty(x.shape)) * x,
    "copyto": lambda x: (np.copyto(y := np.zeros(x.shape), x), y * 2.0)[1],
    "asarray": lambda x: np.asarray(x, np.float32) * x,
    "an unwitting copy": lambda x: x * np.ndarray.copy(np.array(x)),
    "an interpolation": lambda x: np.interp(x, [0.0, 1.0], [1.0, 3.0]),
    "a histogram": lambda x: x * np.histogram(x, bins=3)[0],
    "bincount": lambda x: x * np.bincount(np.abs(x[0]).astype(int), minlength=3)[:3],
}  # fmt: skip


@pytest.mark.parametrize("name", BEHIND)
def test_values_read_behind_an_arrays_back(name):
    f = BEHIND[name]
    step = compiled(f)
    for k in (0, 0, 0, 0, 0, 1, 2, 3, 0, 0.5, -0.5, 4, 0, 1, 1, 1, 1, 2):
        assert the_same(step(X + k), f(X + k)), (name, k, step.report())


def test_a_value_that_was_equal_in_two_traces_is_a_check():
    step = compiled(BEHIND["math"])
    for _ in range(6):
        step(X)
    assert step.programs  # made of calls in which x[0, 0] was the same
    assert the_same(step(X + 1), BEHIND["math"](X + 1))
