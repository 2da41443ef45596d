"""Arguments, results and functions of NumPy of many kinds: each call as eager execution does it."""

import collections

import numpy as np
import pytest

import autograd as ag
from tests.autograd.compile.building import compiled

X = np.arange(6.0).reshape(2, 3)
Pair = collections.namedtuple("Pair", "a b")


def grown(n=6, by=1.0):
    return [(X + by * k,) for k in range(n)]


CASES = {
    "a named tuple": (lambda p: p.a * p.b, [(Pair(X + k, 2.0),) for k in range(6)]),
    "a named tuple out": (lambda x: Pair(x * 2, x.sum()), grown()),
    "a nest out": (lambda x: {"a": [x, (x.sum(), None)], "b": "w"}, grown()),
    "a bool out": (lambda x: bool(x.sum() > 20), grown()),
    "no entries": (lambda x: x.sum() + 1, [(np.zeros((0, 3)),)] * 6),
    "ints": (lambda x: x // 2 + x % 3 - x**2, [(np.arange(5) + k,) for k in range(6)]),
    "uint8": (lambda x: x + np.uint8(250), [(np.arange(5, dtype=np.uint8) + k,) for k in range(6)]),
    "float16": (lambda x: x * 0.1, [(np.arange(5, dtype=np.float16) + k,) for k in range(6)]),
    "complex numbers": (lambda x: np.abs(x * 1j) + x.real, [(np.arange(5) + 1j * k,) for k in range(6)]),
    "a mask": (lambda x: (y := x.copy(), y.__setitem__(y > 2, 0.0), y)[-1], grown()),
    "places": (lambda x: x[np.where(x > 2)].sum(), grown(8, 0.5)),
    "sorting": (lambda x: np.sort(x[::-1], axis=0) + np.argsort(-x, axis=0), grown(8, -0.7)),
    "sorting in place": (lambda x: (y := x.copy(), y.sort(axis=1), y)[-1], grown()),
    "einsum": (lambda x: np.einsum("ij,kj->ik", x, x), grown()),
    "solve": (lambda x: np.linalg.solve(x @ x.T + np.eye(2), x), grown()),
    "fft": (lambda x: np.fft.rfft(x).real, grown()),
    "padding": (lambda x: np.pad(x, 1, mode="reflect"), grown()),
    "percentile": (lambda x: np.percentile(x, 30, axis=0), grown()),
    "a function along an axis": (lambda x: np.apply_along_axis(lambda r: r * r.sum(), 1, x), grown()),
    "a masked array": (lambda x: np.ma.masked_greater(x, 2).sum(), grown(8, 0.25)),
    "a loop over entries": (lambda x: [v * 2 for v in x.ravel()], grown()),
    "a dictionary": (lambda d: d["x"] * d["k"], [({"x": X, "k": float(k)},) for k in range(8)]),
    "any number": (lambda *xs: sum(xs), [(X,) * (1 + k % 3) for k in range(12)]),
    "a NumPy scalar": (lambda x, s: x * s, [(X.astype(np.float32), np.float64(k)) for k in range(8)]),
    "a number with float32": (lambda x, s: x * s, [(X.astype(np.float32), 0.1 * k) for k in range(8)]),
    "large ints": (lambda x, n: x * (2**n), [(X, n) for n in range(0, 70, 10)]),
    "special numbers": (
        lambda x, s: x * s,
        [(X + 1, s) for s in (1.0, 2.0, 3.0, float("inf"), float("nan"), -0.0, 0.0)],
    ),
    "an error": (lambda x: x if x.sum() < 40 else [][0], grown(8)),
    "lists": (lambda x: [[1.0, 2.0]] @ x, grown()),
    "rounding": (lambda x: np.round(x * 1.5) + x.round(1), grown(6, 0.3)),
    "divmod": (lambda x, s: x * divmod(s, 3)[0] + divmod(x, 2)[1], [(X, float(k)) for k in range(8)]),
    "a hash": (lambda x, s: x * hash(s) % 7, [(X, float(k)) for k in range(8)]),
    "numbers only": (lambda *s: sum(s) / len(s) + max(s), [(float(k), 2.0, k) for k in range(8)]),
    "a Tensor": (lambda t: (t * 2).data, [(ag.Tensor(X + k),) for k in range(6)]),
    "a Tensor's gradient": (
        lambda t: (t.zero_grad(), (t * t).sum().backward(), t.grad)[-1],
        [(ag.Tensor(X + k, requires_grad=True),) for k in range(6)],
    ),
}  # fmt: skip


def bits(x):
    if isinstance(x, (tuple, list)):
        return (type(x), [bits(y) for y in x])
    if isinstance(x, dict):
        return [(key, bits(y)) for key, y in x.items()]
    if isinstance(x, (np.ndarray, np.generic)):
        return (type(x), x.dtype.str, x.shape, x.tobytes())
    return (type(x), repr(x))


def outcome(f, args):
    try:
        return bits(f(*args))
    except IndexError as error:
        return str(error)


@pytest.mark.parametrize("name", CASES)
def test_each_call_is_as_eager(name):
    f, calls = CASES[name]
    step = compiled(f)
    for k, args in enumerate(calls):
        assert outcome(step, args) == outcome(f, args), (k, step.report())
    assert "compiler failed" not in step.report()
