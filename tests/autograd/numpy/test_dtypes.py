"""Every public function gives NumPy's dtype, for arrays, Tensors and Python scalars of each kind."""

import operator

import numpy as np
import pytest

import autograd as ag
from tests.versions import numpy_has

DTYPES = ("float16", "float32", "float64", "int8", "int32", "int64", "uint8", "bool")
BASE = np.array([[0.5, 1.5, 0.75], [2.0, 0.25, 1.0], [1.25, 0.5, 2.5]])
MASK = np.array([[True, False, True], [True, True, False], [False, True, True]])
L = np.linalg
window = np.lib.stride_tricks.sliding_window_view

# By the name of the public function: calls on an array m of shape (3, 3). `n` is ag or NumPy.
CALLS = {
    "amax": [lambda n, m: n.amax(m), lambda n, m: n.amax(m, axis=0, initial=0, where=MASK)],
    "amin": [lambda n, m: n.amin(m, 0)],
    "max": [lambda n, m: n.max(m, axis=1), lambda n, m: n.max(m, 0, initial=1)],
    "min": [lambda n, m: n.min(m, axis=1), lambda n, m: n.min(m, 0, initial=1, where=MASK)],
    "sum": [lambda n, m: n.sum(m), lambda n, m: n.sum(m, 0, where=MASK), lambda n, m: n.sum(m, 0, np.float32),
            lambda n, m: n.sum(m, initial=2)],
    "nansum": [lambda n, m: n.nansum(m, 0)],
    "mean": [lambda n, m: n.mean(m), lambda n, m: n.mean(m, 0, where=MASK), lambda n, m: n.mean(m, 0, np.float32)],
    "prod": [lambda n, m: n.prod(m), lambda n, m: n.prod(m, 0, where=MASK, initial=2)],
    "var": [lambda n, m: n.var(m), lambda n, m: n.var(m, 0, ddof=1), lambda n, m: n.var(m, 0, where=MASK)],
    "std": [lambda n, m: n.std(m), lambda n, m: n.std(m, 0, ddof=1), lambda n, m: n.std(m, 0, where=MASK)],
    "cumsum": [lambda n, m: n.cumsum(m), lambda n, m: n.cumsum(m, 0), lambda n, m: n.cumsum(m, 0, np.float32)],
    "cumprod": [lambda n, m: n.cumprod(m), lambda n, m: n.cumprod(m, 0)],
    "median": [lambda n, m: n.median(m), lambda n, m: n.median(m, 0)],
    "quantile": [lambda n, m: n.quantile(m, 0.5), lambda n, m: n.quantile(m, [0.25, 0.5], 0),
                 lambda n, m: n.quantile(m, np.float32(0.3), 0), lambda n, m: n.quantile(m, 0.3, method="lower")],
    "percentile": [lambda n, m: n.percentile(m, 50), lambda n, m: n.percentile(m, [25, 50], 0)],
    "average": [lambda n, m: n.average(m), lambda n, m: n.average(m, 0, [1, 2, 3]),
                lambda n, m: n.average(m, 0, np.ones(3, np.float32))],
    "diff": [lambda n, m: n.diff(m), lambda n, m: n.diff(m, 2), lambda n, m: n.diff(m, 0, prepend=1),
             lambda n, m: n.diff(m, prepend=0), lambda n, m: n.diff(m, append=0.5)],
    "trapezoid": [lambda n, m: n.trapezoid(m), lambda n, m: n.trapezoid(m, dx=2), lambda n, m: n.trapezoid(m, [0, 1, 3])],
    "norm": [lambda n, m, o=o: n.linalg.norm(m, o) for o in (None, "fro", 1, -1, np.inf, -np.inf, 2, -2, "nuc")]
            + [lambda n, m, o=o: n.linalg.norm(m, o, axis=1) for o in (None, 0, 1, 2, 3, 2.5, np.inf, -np.inf)],
    "reshape": [lambda n, m: n.reshape(m, (9,))], "transpose": [lambda n, m: n.transpose(m)],
    "moveaxis": [lambda n, m: n.moveaxis(m, 0, 1)], "swapaxes": [lambda n, m: n.swapaxes(m, 0, 1)],
    "squeeze": [lambda n, m: n.squeeze(m)], "expand_dims": [lambda n, m: n.expand_dims(m, 0)],
    "ravel": [lambda n, m: n.ravel(m)], "broadcast_to": [lambda n, m: n.broadcast_to(m, (2, 3, 3))],
    "broadcast_arrays": [lambda n, m: n.broadcast_arrays(m, 1)[0], lambda n, m: n.broadcast_arrays(m, [1, 2, 3])[0]],
    "atleast_1d": [lambda n, m: n.atleast_1d(m)], "atleast_2d": [lambda n, m: n.atleast_2d(m)],
    "atleast_3d": [lambda n, m: n.atleast_3d(m)], "flip": [lambda n, m: n.flip(m)], "fliplr": [lambda n, m: n.fliplr(m)],
    "flipud": [lambda n, m: n.flipud(m)], "roll": [lambda n, m: n.roll(m, 1)], "rot90": [lambda n, m: n.rot90(m)],
    "tile": [lambda n, m: n.tile(m, 2)], "repeat": [lambda n, m: n.repeat(m, 2)],
    "pad": [lambda n, m: n.pad(m, 1), lambda n, m: n.pad(m, 1, constant_values=2), lambda n, m: n.pad(m, 1, "edge"),
            lambda n, m: n.pad(m, 1, constant_values=2.0)],
    "astype": [lambda n, m: n.astype(m, np.float32)],
    "concatenate": [lambda n, m: n.concatenate([m, m]), lambda n, m: n.concatenate([m, [[1, 2, 3]]]),
                    lambda n, m: n.concatenate([m, np.ones((1, 3), np.float32)])],
    "stack": [lambda n, m: n.stack([m, m])], "vstack": [lambda n, m: n.vstack([m, m])],
    "hstack": [lambda n, m: n.hstack([m, m])], "dstack": [lambda n, m: n.dstack([m, m])],
    "column_stack": [lambda n, m: n.column_stack([m, m])], "split": [lambda n, m: n.split(m, 3)[0]],
    "array_split": [lambda n, m: n.array_split(m, 2)[0]],
    "take": [lambda n, m: n.take(m, [0, 1]), lambda n, m: n.take(m, (0, 1), 1), lambda n, m: n.take(m, 0, 1)],
    "take_along_axis": [lambda n, m: n.take_along_axis(m, np.zeros((1, 3), int), 0)],
    "sort": [lambda n, m: n.sort(m)], "partition": [lambda n, m: n.partition(m, 1)],
    "compress": [lambda n, m: n.compress([True, False, True], m, 0)],
    "tril": [lambda n, m: n.tril(m), lambda n, m: n.tril(m, 1)], "triu": [lambda n, m: n.triu(m), lambda n, m: n.triu(m, -1)],
    "diag": [lambda n, m: n.diag(m), lambda n, m: n.diag(n.diag(m))], "diagflat": [lambda n, m: n.diagflat(m)],
    "diagonal": [lambda n, m: n.diagonal(m)], "trace": [lambda n, m: n.trace(m)],
    "interp": [lambda n, m: n.interp(m, [0.0, 1.0], [2.0, 3.0]), lambda n, m: n.interp([0.5], [0.0, 1.0, 2.0], m[0])],
    "matmul": [lambda n, m: n.matmul(m, m), lambda n, m: n.matmul(m, np.ones(3, np.float32))],
    "dot": [lambda n, m: n.dot(m, m), lambda n, m: n.dot(m, 2), lambda n, m: n.dot(m, 2.0)],
    "vdot": [lambda n, m: n.vdot(m, m)], "inner": [lambda n, m: n.inner(m, m), lambda n, m: n.inner(m, 2)],
    "outer": [lambda n, m: n.outer(m, m), lambda n, m: n.outer(m, [1, 2]), lambda n, m: n.outer(m, 2)],
    "kron": [lambda n, m: n.kron(m, m), lambda n, m: n.kron(m, [1, 2])], "tensordot": [lambda n, m: n.tensordot(m, m, 1)],
    "einsum": [lambda n, m: n.einsum("ij,jk", m, m), lambda n, m: n.einsum("ii", m)],
    "cross": [lambda n, m: n.cross(m, m)], "vecdot": [lambda n, m: n.vecdot(m, m)],
    "convolve": [lambda n, m: n.convolve(m[0], m[1]), lambda n, m: n.convolve(m[0], [1, 2])],
    "where": [lambda n, m: n.where(MASK, m, m), lambda n, m: n.where(MASK, m, 0), lambda n, m: n.where(MASK, 1.0, m)],
    "clip": [lambda n, m: n.clip(m, 0, 1), lambda n, m: n.clip(m, 0, None), lambda n, m: n.clip(m, 0.5, 1.0)],
    "round": [lambda n, m: n.round(m), lambda n, m: n.round(m, 1), lambda n, m: n.round(m, -1)],
    "nan_to_num": [lambda n, m: n.nan_to_num(m)],
    **{k: [lambda n, m, k=k: getattr(n, k)(m), lambda n, m, k=k: getattr(n, k)(m, 0)]
       for k in ("nanmax", "nanmin", "nanmean", "nanvar", "nanstd", "nanmedian", "nanprod", "ptp")},
    "append": [lambda n, m: n.append(m, m), lambda n, m: n.append(m, [[1, 2, 3]], 0)],
    "insert": [lambda n, m: n.insert(m, 1, 1, 0), lambda n, m: n.insert(m, [0, 2], 0.5)], "delete": [lambda n, m: n.delete(m, 1, 0)],
    "hsplit": [lambda n, m: n.hsplit(m, 3)[0]], "vsplit": [lambda n, m: n.vsplit(m, 3)[0]], "dsplit": [lambda n, m: n.dsplit(m[None], 3)[0]],
    "select": [lambda n, m: n.select([MASK, ~MASK], [m, m]), lambda n, m: n.select([MASK], [m], 0.5)],
    "piecewise": [lambda n, m: n.piecewise(m, [MASK], [lambda x: x])], "meshgrid": [lambda n, m: n.meshgrid(m[0], m[1])[0]],
    "gradient": [lambda n, m: n.gradient(m)[0], lambda n, m: n.gradient(m, 0.5)[1], lambda n, m: n.gradient(m[0], [0.0, 1.0, 3.0])],
    "cov": [lambda n, m: n.cov(m), lambda n, m: n.cov(m, m)], "corrcoef": [lambda n, m: n.corrcoef(m)],
    "real": [lambda n, m: n.real(m)], "imag": [lambda n, m: n.imag(m)], "conj": [lambda n, m: n.conj(m)],
}  # fmt: skip
LINALG = {
    "inv": [lambda n, m: n.linalg.inv(m)], "det": [lambda n, m: n.linalg.det(m)], "pinv": [lambda n, m: n.linalg.pinv(m)],
    "slogdet": [lambda n, m: n.linalg.slogdet(m)[1], lambda n, m: n.linalg.slogdet(m)[0]],
    "solve": [lambda n, m: n.linalg.solve(m, m[0])], "eigvalsh": [lambda n, m: n.linalg.eigvalsh(m)],
    "eigh": [lambda n, m: n.linalg.eigh(m)[0], lambda n, m: n.linalg.eigh(m)[1]],
    "svd": [lambda n, m: n.linalg.svd(m)[0], lambda n, m: n.linalg.svd(m)[1]], "svdvals": [lambda n, m: n.linalg.svdvals(m)],
    "cholesky": [lambda n, m: n.linalg.cholesky(m * 0 + n.diag(n.diag(m)))],
    "matrix_power": [lambda n, m: n.linalg.matrix_power(m, 2), lambda n, m: n.linalg.matrix_power(m, 0),
                     lambda n, m: n.linalg.matrix_power(m, -1)],
    "qr": [lambda n, m: n.linalg.qr(m)[0], lambda n, m: n.linalg.qr(m)[1]], "cond": [lambda n, m: n.linalg.cond(m), lambda n, m: n.linalg.cond(m, 1)],
    "lstsq": [lambda n, m: n.linalg.lstsq(m, m[0])[0]], "vector_norm": [lambda n, m: n.linalg.vector_norm(m, axis=0)],
    "matrix_norm": [lambda n, m: n.linalg.matrix_norm(m)],
    "multi_dot": [lambda n, m: n.linalg.multi_dot([m, m, m])],
}  # fmt: skip
OWN = {  # without a counterpart in NumPy: the dtype is that of the composition
    "At", "all_gather", "all_reduce", "broadcast_from", "reduce_scatter", "cummax", "cummin", "digamma", "embedding", "erf", "erfc", "erfinv", "fftshift", "gammaln", "ifftshift", "fold", "getitem", "log_softmax", "logcumsumexp", "logit", "logsumexp", "one_hot", "polygamma", "relu", "sigmoid",
    "sliding_window_view", "softmax", "softplus", "stop_gradient", "windows", "xlogy",
}  # fmt: skip
UFUNCS = {n for n in dir(ag) if isinstance(getattr(np, n, None), np.ufunc) and n not in CALLS}
ELEMENTWISE = sorted({*UFUNCS, "sinc"})
for name in ELEMENTWISE:
    if getattr(np, name) is np.sinc or getattr(np, name).nin == 1:
        CALLS[name] = [lambda n, m, name=name: getattr(n, name)(m)]
    else:
        CALLS[name] = [
            *(
                lambda n, m, name=name, y=y: getattr(n, name)(m, y)
                for y in (1, 2.0, True, np.float32(2.0))
            ),
            *(lambda n, m, name=name, y=y: getattr(n, name)(y, m) for y in (1, 2.0)),
            lambda n, m, name=name: getattr(n, name)(m, m),
            lambda n, m, name=name: getattr(n, name)(m, np.ones(3, np.float32)),
            lambda n, m, name=name: getattr(n, name)(m, np.ones(3, np.int8)),
        ]
OPERATORS = {
    op.__name__: [
        *(lambda n, m, op=op, y=y: op(m, y) for y in (1, 2.0, True, np.float32(2.0), np.ones(3, np.float32))),
        *(lambda n, m, op=op, y=y: op(y, m) for y in (1, 2.0)),
        lambda n, m, op=op: op(m, m),
    ]
    for op in (operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.pow)
}  # fmt: skip
EVERY = {**CALLS, **LINALG, **OPERATORS}


def inputs(dtype):
    x = BASE.astype(dtype)
    return np.where(x == 0, np.ones((), dtype), x) + (
        np.eye(3).astype(dtype) if dtype != "bool" else False
    )


def dtype_of(x):
    return np.asarray(x.data if isinstance(x, ag.Tensor) else x).dtype


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("dtype", DTYPES)
def test_the_dtype_is_numpys(name, dtype):
    m = inputs(dtype)
    for k, call in enumerate(EVERY[name]):
        try:
            with np.errstate(all="ignore"):
                expected = call(np, m)
        except (TypeError, ValueError, np.linalg.LinAlgError):
            continue  # NumPy has no such result
        for kind, n, x in (
            ("ag, array", ag, m),
            ("ag, Tensor", ag, ag.Tensor(m)),
            ("np, Tensor", np, ag.Tensor(m)),
        ):
            with np.errstate(all="ignore"):
                result = call(n, x)
            if name == "power" and k in (1, 3) and not numpy_has("2.3"):
                continue  # `**` squared, and ignored the dtype of the exponent
            assert dtype_of(result) == np.asarray(expected).dtype, (k, kind)
            assert np.shape(result.data if isinstance(result, ag.Tensor) else result) == np.shape(
                expected
            ), (k, kind)


def test_every_public_function_has_calls():
    from autograd import numpy as f

    public = {n for n in dir(f) if not n.startswith("_") and callable(getattr(f, n))}
    aliases = {"div", "mul", "neg", "pow", "sub"}
    assert public - set(EVERY) - OWN - aliases == set()
    assert set(ag.linalg.__all__) - set(EVERY) == {"polar"}  # NumPy has none


@pytest.mark.parametrize("dtype", DTYPES)
def test_entries_that_are_set_and_added_keep_the_dtype(dtype):
    t = ag.Tensor(inputs(dtype)[0])
    number = True if dtype == "bool" else 1
    assert t.at[0].set(number).dtype == t.at[0].add(number).dtype == dtype
    assert t.at[0].set(t.data[1]).dtype == t.at[:2].set(t.data[:2]).dtype == dtype


def test_entries_that_are_set_keep_float32_and_hide_nothing():
    t = ag.Tensor([0.5, 1.5], dtype=np.float32, requires_grad=True)
    assert (
        t.at[0].set(1.0).dtype
        == t.at[0].add(1).dtype
        == t.at[0].set(np.float64(2)).dtype
        == np.float32
    )
    assert t.at[:1].set(np.ones(1)).dtype == t.at[:].set([1.0, 2.0]).dtype == np.float32
    v = ag.Tensor([2.0], requires_grad=True)
    (t.at[:1].set(v) * 3).sum().backward()
    assert v.grad.tolist() == [3.0] and v.grad.dtype == np.float64 and t.grad.tolist() == [0.0, 3.0]
    whole = ag.Tensor([1, 2])
    assert whole.at[0].set(1.5).tolist() == [1.5, 2.0]  # not cut to 1
    with pytest.raises(OverflowError):
        ag.Tensor([1, 2], dtype=np.int8).at[0].set(300)


def test_the_zeroth_power_of_a_matrix_with_nan_is_the_identity():
    x = ag.Tensor([[np.nan, 1.0], [0.0, np.inf]])
    assert np.linalg.matrix_power(x, 0).tolist() == [[1.0, 0.0], [0.0, 1.0]]


STRANGE = np.dtype(float).newbyteorder("S")


def test_tensors_and_gradients_have_the_byte_order_of_the_machine():
    x = ag.Tensor(np.ones(3, STRANGE), requires_grad=True)
    assert x.dtype.isnative and ag.Tensor([1.0], dtype=STRANGE).dtype.isnative
    ag.sum(x * np.ones(3, STRANGE)).backward()
    assert x.grad.dtype.isnative
    x.grad = x.grad
    x.grad = x.data = np.full(3, 2.0, STRANGE)
    assert x.grad.dtype.isnative and x.dtype.isnative and x.tolist() == [2.0, 2.0, 2.0]
    assert x.astype(STRANGE).dtype.isnative and ag.sum(x, dtype=STRANGE).dtype.isnative
    assert ag.grad(ag.sum)(np.ones(2, STRANGE)).dtype.isnative


@pytest.mark.parametrize("dtype", ["i8", "u8", "i4", "u2"])
def test_positions_of_any_byte_order(dtype):
    x, places = ag.Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True), np.array([1, 0, 1])
    strange = places.astype(np.dtype(dtype).newbyteorder("S"))
    for pick in (
        lambda i: x[i], lambda i: x[i, i], lambda i: x[:, i], lambda i: np.take(x, i, 0),
        lambda i: np.take_along_axis(x, i[None], 1), lambda i: ag.embedding(x, i), lambda i: x.at[i].add(1.0),
        lambda i: ag.one_hot(i, 2) * x[i], lambda i: ag.one_hot(i) * x[i],
    ):  # fmt: skip
        assert pick(strange).tolist() == pick(places).tolist()
        found, expected = (ag.gradients(ag.sum(pick(i) ** 2), [x])[0] for i in (strange, places))
        assert found.tolist() == expected.tolist()


@pytest.mark.parametrize("x", [[True, False], [1, 2]])
@pytest.mark.parametrize("dtype", [None, "i1", "u2", "f4"])
def test_functions_that_convert_before_they_compute(x, dtype):
    x = np.array(x) if dtype is None else np.array(x, dtype)
    t = ag.Tensor(x)
    for call in (
        lambda x: np.power(x, 2), lambda x: np.power(2, x), lambda x: np.power(x, x), lambda x: np.float_power(x, 2),
        lambda x: np.float_power(x, x), np.fabs, np.conjugate,
        *[lambda x, s=s: np.sum(x, initial=s) for s in (1.5, 2, True, np.float64(1.5), np.int64(3))],
        *[lambda x, s=s: np.prod(x, initial=s) for s in (1.5, 2, True, np.float64(1.5), np.int64(3))],
        *[lambda x, s=s: np.max(x, initial=s) for s in (1.5, 2, True, np.float64(1.5), np.int64(3))],
    ):  # fmt: skip
        expected = call(x)
        assert call(t).dtype == expected.dtype
        assert call(t).tolist() == expected.tolist()
    assert ag.power(t, 2).dtype == np.power(x, 2).dtype


def test_functions_of_values_that_convert_arrays():
    v = ag.Value(-2.0)
    assert [f(v).data for f in (np.fabs, np.conjugate)] == [2.0, -2.0]
    assert np.float_power(v, 2).data == np.power(v, 2).data == 4.0
