"""Every function by its NumPy name: called through NumPy on Tensors, against NumPy on arrays.

Values, shapes and dtypes must be NumPy's; gradients are checked to first order, and nothing is lost.
"""

import inspect
from pathlib import Path

import numpy as np
import pytest

import autograd as ag
from tests.versions import numpy_has

RNG = np.random.default_rng(0)
V = RNG.permutation(np.linspace(-1.9, 2.1, 6))
M = RNG.permutation(np.linspace(-1.7, 2.3, 12)).reshape(3, 4)
S = M[:, :3] + 3.0 * np.eye(3)
C = RNG.permutation(np.linspace(-1.5, 2.2, 24)).reshape(2, 3, 4)
P = np.abs(M) + 0.2
MASK = np.arange(12).reshape(3, 4) % 3 != 0
SPD = S @ S.T + np.eye(3)
sliding = np.lib.stride_tricks.sliding_window_view

CALLS = [
    # --- reductions ---
    *[(f, (C,), {"axis": axis, "keepdims": k}) for f in (np.sum, np.mean, np.prod, np.max, np.min, np.var, np.std)
      for axis in (None, 0, -1, (0, 2)) for k in (False, True)],
    *[(f, (M,), {"axis": 0, "where": MASK}) for f in (np.sum, np.mean, np.prod, np.var, np.std)],
    *[(f, (M,), {"axis": 1, "where": MASK, "initial": 0.3}) for f in (np.sum, np.prod, np.max, np.min)],
    (np.amax, (M,), {"axis": 1}), (np.amin, (M, 0), {}),
    (np.sum, (M,), {"dtype": np.float32}), (np.sum, (M[:0],), {"axis": 0}), (np.prod, (M[:0],), {}),
    (np.var, (M, 0), {"ddof": 1}), (np.std, (M,), {"correction": 1}), (np.var, (M,), {"mean": M.mean(keepdims=True)}),
    *[(f, (M,), {"axis": axis}) for f in (np.cumsum, np.cumprod) for axis in (None, 0, -1)],
    (np.nansum, (np.where(MASK, M, np.nan),), {"axis": 1}),
    # --- statistics ---
    *[(np.linalg.norm, (M,), {"ord": o}) for o in (None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)],
    *[(np.linalg.norm, (V,), {"ord": o}) for o in (None, 1, 2, 3, 2.5, np.inf, -np.inf)],
    *[(np.linalg.norm, (C,), {"ord": o, "axis": 1, "keepdims": True}) for o in (None, 1, 2, np.inf)],
    (np.linalg.norm, (C,), {"axis": (2, 0)}), (np.linalg.norm, (C, 1, (0, 1)), {"keepdims": True}),
    *[(np.median, (C,), {"axis": axis, "keepdims": k}) for axis in (None, 1, (0, 2)) for k in (False, True)],
    *[(np.percentile, (M, [10, 50, 93]), {"axis": 1, "method": m}) for m in
      ("linear", "lower", "higher", "midpoint", "nearest", "hazen", "weibull", "median_unbiased", "normal_unbiased",
       "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf")],
    (np.quantile, (C, [[0.2], [0.7]]), {"axis": (0, 2), "keepdims": True}), (np.quantile, (V, 1.0), {}),
    (np.average, (M,), {"axis": 1}), (np.average, (M,), {"weights": P}), (np.average, (M, 0, P[:, 0]), {}),
    (np.diff, (M,), {}), (np.diff, (M, 2, 0), {}), (np.diff, (V,), {"prepend": 0.0, "append": [1.0, 2.0]}),
    (np.trapezoid, (M,), {"dx": 0.5}), (np.trapezoid, (M, [0.0, 1.0, 3.0]), {"axis": 0}), (np.trapezoid, (M, P), {}),
    # --- shaping ---
    (np.reshape, (M, (2, -1)), {}), (np.reshape, (M, (4, 3), "F"), {}), (np.reshape, (M, -1), {}),
    (np.transpose, (C,), {}), (np.transpose, (C, (1, -1, 0)), {}), (np.moveaxis, (C, 0, -1), {}),
    (np.moveaxis, (C, (0, 1), (2, 0)), {}), (np.swapaxes, (C, 0, -1), {}), (np.squeeze, (C[:1],), {}),
    (np.squeeze, (C[:, :1, :1], 1), {}), (np.expand_dims, (M, (0, -1)), {}), (np.ravel, (M,), {}), (np.ravel, (M, "F"), {}),
    (np.broadcast_to, (V[:3], (2, 3)), {}), (np.concatenate, ([M, P],), {"axis": 1}), (np.concatenate, ((M, V),), {"axis": None}),
    (np.stack, ([M, P, M],), {"axis": -1}), (np.vstack, ([V, V],), {}), (np.hstack, ([M, P],), {}), (np.hstack, ([V, V],), {}),
    (np.dstack, ([M, P],), {}), (np.column_stack, ([V, V],), {}), (np.pad, (M, 2), {}),
    (np.pad, (M, ((0, 1), (2, 0))), {"constant_values": 3.0}),
    *[(np.pad, (M, ((1, 2), (0, 3)), mode), {}) for mode in ("edge", "reflect", "symmetric", "wrap")],
    (np.flip, (C,), {}), (np.flip, (C, (0, 2)), {}), (np.fliplr, (M,), {}), (np.flipud, (M,), {}), (np.roll, (M, 2), {}),
    (np.roll, (M, (1, -2)), {"axis": (0, 1)}), (np.tile, (M, (2, 1, 2)), {}), (np.repeat, (M, 2), {}),
    (np.repeat, (M, [0, 1, 3]), {"axis": 0}), *[(np.rot90, (M, k), {}) for k in range(5)], (np.rot90, (C, 1, (2, 0)), {}),
    (np.atleast_1d, (np.array(0.7),), {}), (np.atleast_2d, (V,), {}), (np.atleast_3d, (M,), {}),
    (np.astype, (M, np.float32), {}),
    # --- indexing ---
    (np.take, (M, [0, 0, 5]), {}), (np.take, (M, [[3, -1]]), {"axis": 1}), (np.take, (V, [7, -9]), {"mode": "wrap"}),
    (np.take, (V, [7, -9]), {"mode": "clip"}), (np.take_along_axis, (M, np.argsort(M, 0), 0), {}),
    (np.sort, (M,), {}), (np.sort, (M, None), {}), (np.sort, (M, 0), {}), (np.compress, ([True, False, True], M, 0), {}),
    (np.tril, (C,), {}), (np.tril, (M, 1), {}), (np.triu, (M, -1), {}), (np.diag, (V, -2), {}), (np.diag, (M, 1), {}),
    (np.diagflat, (M,), {}), (np.diagonal, (C, 1, 0, 2), {}), (np.trace, (M, 1), {}), (np.trace, (C,), {"axis1": 1, "axis2": 2}),
    (np.interp, ([-3.0, 0.3, 1.7, 9.0], np.array([-1.0, 0.5, 2.0]), np.array([3.0, 1.0, 2.0])), {}),
    (np.interp, ([-3.0, 0.3, 9.0], np.array([-1.0, 0.5]), np.array([3.0, 1.0])), {"left": 7.0, "right": -7.0}),
    (np.interp, ([-3.1, 0.3, 9.2], np.array([0.1, 1.0, 2.0]), np.array([3.0, 1.0, 2.0])), {"period": 3.0}),
    # --- products ---
    (np.matmul, (M, M.T), {}), (np.matmul, (C, M.T), {}), (np.matmul, (V[:4], M.T), {}), (np.matmul, (M, V[:4]), {}),
    (np.matmul, (V, V), {}), (np.matmul, (C, C.swapaxes(1, 2)), {}), (np.dot, (C, M.T), {}), (np.dot, (M, 2.0), {}),
    (np.vdot, (M, P), {}), (np.inner, (C, M), {}), (np.outer, (M, V), {}), (np.kron, (M[:2, :2], C[0]), {}),
    (np.tensordot, (C, C, 3), {}), (np.tensordot, (C, M, ([1, 2], [0, 1])), {}), (np.tensordot, (C, M, ([-1], [1])), {}),
    *[(np.einsum, (s, M, P.T), {}) for s in ("ij,jk->ik", "ij,jk", "ij,ji", "ij,jk->", "ij,kl->il")],
    (np.einsum, ("...i,i", C, V[:4]), {}), (np.einsum, ("ii->i", S), {}), (np.einsum, ("ii", S), {}), (np.einsum, ("ij->ji", M), {}),
    (np.einsum, ("b...,bc->c...", C, M[:2]), {}), (np.einsum, (M, [0, 1], P, [0, 1], [1]), {"optimize": True}),
    (np.cross, (M[:, :3], P[:, :3]), {}), (np.cross, (M, P), {"axis": 0}),
    *[(np.convolve, (a, b, mode), {}) for a, b in ((V, V[:3]), (V[:2], V), (V, V[:4])) for mode in ("full", "same", "valid")],
    (np.vecdot, (C, M), {}), (sliding, (M, (2, 2)), {}), (sliding, (C, 2, 1), {}), (sliding, (C, (2, 3), (2, 1)), {}),
    # --- linear algebra ---
    (np.linalg.inv, (S,), {}), (np.linalg.det, (S,), {}), (np.linalg.slogdet, (S,), {}), (np.linalg.solve, (S, V[:3]), {}),
    (np.linalg.solve, (S, M), {}), (np.linalg.matrix_power, (S, 3), {}), (np.linalg.matrix_power, (S, -2), {}),
    (np.linalg.svdvals, (M,), {}), (np.linalg.svd, (M,), {"compute_uv": False}), (np.linalg.svd, (M,), {"full_matrices": False}),
    (np.linalg.pinv, (M,), {}), (np.linalg.multi_dot, ([M, M.T, M],), {}), (np.linalg.matrix_transpose, (C,), {}),
    (np.linalg.trace, (C,), {}), (np.linalg.diagonal, (C,), {}), (np.linalg.outer, (V, V), {}), (np.linalg.vecdot, (C, M), {}),
    # --- elementwise with arguments ---
    (np.where, (MASK, M, P), {}), (np.clip, (M, -0.52, 1.03), {}), (np.clip, (M, None, P), {}), (np.clip, (M,), {"min": 0.11} if numpy_has("2.1") else {"a_min": 0.11, "a_max": None}),
    (np.round, (M, 1), {}), (np.around, (M,), {}), (np.nan_to_num, (np.where(MASK, M, np.nan),), {"nan": 2.0}),
    (np.sinc, (M,), {}), (np.fabs, (M,), {}), (np.float_power, (P, 2.0), {}), (np.square, (M,), {}),
]  # fmt: skip
IDS = [f"{i}-{call[0].__name__}" for i, call in enumerate(CALLS)]


def is_data(x):
    return isinstance(x, np.ndarray) and x.dtype.kind == "f"


def replaced(arguments, leaves):
    """The arguments with each float array replaced by the next leaf."""

    def swap(x):
        if isinstance(x, list):
            return [swap(y) for y in x]
        if isinstance(x, tuple) and any(map(is_data, x)):
            return tuple(map(swap, x))
        return next(leaves) if is_data(x) else x

    return [swap(x) for x in arguments]


def arrays_of(arguments):
    for x in arguments:
        if isinstance(x, (list, tuple)):
            yield from arrays_of(x)
        elif is_data(x):
            yield x


def parts(result):
    return list(result) if isinstance(result, (tuple, list)) else [result]


@pytest.mark.parametrize(("function", "arguments", "keywords"), CALLS, ids=IDS)
def test_as_numpy_does(function, arguments, keywords):
    arrays = list(arrays_of(arguments))
    leaves = [ag.Tensor(x, requires_grad=True) for x in arrays]
    keywords = {k: v for k, v in keywords.items() if not (v is None and k == "axis")} or keywords
    expected = parts(function(*arguments, **keywords))
    results = parts(function(*replaced(arguments, iter(leaves)), **keywords))
    assert len(results) == len(expected)
    for result, reference in zip(results, expected, strict=True):
        data = result.data if isinstance(result, ag.Tensor) else result
        assert np.shape(data) == np.shape(reference)
        assert np.asarray(data).dtype == np.asarray(reference).dtype
        np.testing.assert_allclose(data, reference, rtol=1e-12, atol=1e-13)
    assert any(isinstance(r, ag.Tensor) and r.requires_grad for r in results)


@pytest.mark.parametrize(("function", "arguments", "keywords"), CALLS, ids=IDS)
def test_gradients(function, arguments, keywords):
    if keywords.get("dtype") == np.float32 or any(x is np.float32 for x in arguments):
        return  # differences need float64
    arrays = list(arrays_of(arguments))

    def call(*leaves):
        return [
            r
            for r in parts(function(*replaced(arguments, iter(leaves)), **keywords))
            if isinstance(r, ag.Tensor)
        ]

    if any(np.isnan(x).any() for x in arrays):
        leaves = [ag.Tensor(x, requires_grad=True) for x in arrays]
        (g,) = ag.gradients(call(*leaves)[0].sum(), leaves)
        assert (g == ~np.isnan(arrays[0])).all()
        return
    assert ag.check_gradients(call, *arrays).passed


def test_plain_arguments_give_plain_results():
    for function, arguments, keywords in CALLS:
        ours = getattr(
            ag.linalg if "linalg" in getattr(function, "__module__", "") else ag,
            function.__name__,
            None,
        )
        if ours is None or function.__name__ in ("norm",):
            continue
        for result in parts(ours(*arguments, **keywords)):
            assert not isinstance(result, ag.Tensor), function.__name__


def test_the_readme_counts_the_primitives():
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    assert f"{len(ag.primitives.PRIMITIVES)} primitives have" in readme


def test_documented_public_names():
    """Every public name has a text with an example, or is a class, a module or an error."""
    for name in ag.__all__:
        thing = getattr(ag, name)
        if inspect.isfunction(thing):
            assert ">>>" in (inspect.getdoc(thing) or ""), f"ag.{name} has no example"
        else:
            assert inspect.isclass(thing) or inspect.ismodule(thing), name
    for name in ag.linalg.__all__:
        assert ">>>" in inspect.getdoc(getattr(ag.linalg, name)), f"ag.linalg.{name} has no example"


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda t: t.sum(axis=5), ag.ShapeError, "sum: got axis 5 for an array of 2 axes; expected one from 0 to 1 or -2 to -1"),
        (lambda t: t.sum(axis=(0, 0)), ag.ShapeError, r"sum: got axis=\(0, 0\); expected each axis once"),
        (lambda t: t.sum(axis=0.5), ag.ShapeError, "sum: got axis 0.5; expected an integer"),
        (lambda t: np.sum(t, out=np.ones(())), ag.UnsupportedError, "out="),
        (lambda t: t[:0].max(), ag.ShapeError, r"max: got no entries \(shape \(0, 4\), axis None\); expected at least one; pass initial="),
        (lambda t: np.concatenate([t, t[:, :2]]), ag.ShapeError, r"concatenate: got shapes \(3, 4\), \(3, 2\); expected shapes that differ on axis 0 only"),
        (lambda t: np.stack([t, t[:2]]), ag.ShapeError, r"stack: got shapes \(3, 4\), \(2, 4\); expected equal ones"),
        (lambda t: np.split(t, 2), ag.ShapeError, "split: got length 3 for 2 pieces; expected a multiple of 2; use array_split"),
        (lambda t: np.squeeze(t, 0), ag.ShapeError, r"squeeze: got axis 0 of shape \(3, 4\); expected an axis of length 1"),
        (lambda t: np.broadcast_to(t, (4, 3)), ag.ShapeError, r"got shape \(3, 4\) to broadcast to \(4, 3\); expected lengths"),
        (lambda t: t[0.5], IndexError, "indexing: got an index of dtype float64; expected ints"),
        (lambda t: t[9], IndexError, r"indexing: got index 9 for shape \(3, 4\); expected -3 to 2 on axis 0"),
        (lambda t: np.take(t, [12]), IndexError, "take: got position 12; expected -12 to 11, because axis 0 has length 12"),
        (lambda t: t.at[0].set(np.ones(3)), ag.ShapeError, r"at: got a value of shape \(3,\); expected .* \(4,\)"),
        (lambda t: ag.embedding(t, [3]), IndexError, "embedding: got index 3; expected 0 to 2"),
        (lambda t: ag.one_hot([0.5]), ag.DTypeError, "one_hot: got indices of dtype float64; expected integers"),
        (lambda t: t @ t, ag.ShapeError, "the last length of the left, 4"),
        (lambda t: t @ 2.0, ag.ShapeError, "for a number use"),
        (lambda t: np.einsum("ij,jk", t), ag.ShapeError, "einsum: got 1 array for 'ij,jk'; expected 2"),
        (lambda t: np.einsum("i", t), ag.ShapeError, "einsum: got 'i' for array 0 of 2 axes; expected a letter for each axis"),
        (lambda t: np.linalg.inv(t), ag.ShapeError, r"inv: got shape \(3, 4\); expected a square matrix"),
        (lambda t: np.linalg.inv(t[:, :3] * 0.0), np.linalg.LinAlgError, r"inv: got a singular matrix \(shape \(3, 3\)\); expected"),
        (lambda t: np.linalg.svd(t), ag.UnsupportedError, "full_matrices=False"),
        (lambda t: np.cross(t, t), ag.ShapeError, "cross: got vectors of 4 and 4 entries; expected 3 entries each"),
        (lambda t: np.pad(t, 1, "mean"), ag.UnsupportedError, "mode='mean'"),
        (lambda t: sliding(t, (4, 2)), ag.ShapeError, "got a window of 4 for axis 0 of .*; expected one that fits"),
        (lambda t: np.transpose(t, (0, 0)), ag.ShapeError, r"transpose: got axes=\(0, 0\); expected each of 2 axes once"),
        (lambda t: np.linalg.eig(t), ag.UnsupportedError, "np.linalg.eig: has no derivative here"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call(ag.Tensor(M, requires_grad=True))
