"""What NumPy's own functions do with a Tensor: ours, the data, or an error."""

import sys
import types

import numpy as np
import pytest

import autograd as ag
from autograd.numpy import dispatch


def test_a_ufunc_is_differentiated():
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    assert np.exp(x).requires_grad and np.sinc(x).requires_grad


def test_a_function_without_a_gradient_runs_on_the_data():
    x = ag.Tensor([2.0, 1.0], requires_grad=True)
    assert np.argsort(x).tolist() == [1, 0]
    assert np.isfinite(x).tolist() == [True, True]


@pytest.mark.parametrize("function", [np.linalg.eig, np.fft.fft, np.roots, np.i0, np.sort_complex])
def test_any_other_function_raises_and_suggests_nothing_of_another_job(function):
    with pytest.raises(ag.UnsupportedError) as caught:
        function(ag.Tensor(np.eye(2), requires_grad=True))
    assert str(caught.value) == (
        f"{dispatch.name_of(function)}: has no derivative here and would return an array without its "
        "gradient; pass tensor.data if you need no gradient"
    )


@pytest.mark.parametrize(
    ("call", "write"),
    [
        (np.copy, "write x itself, because a Tensor never changes, or x.numpy() for an array"),
        (lambda x: np.extract(x > 0, x), "write x[condition], or pass tensor.data"),
        (np.ediff1d, "write ag.diff(x.ravel())"),
        (lambda x: np.ldexp(x, 2), "write x * 2.0**n"),
        (np.linalg.tensorinv, "write ag.linalg.inv of the tensor reshaped to a matrix"),
    ],
)
def test_a_suggestion_does_the_same_job(call, write):
    with pytest.raises(ag.UnsupportedError) as caught:
        call(ag.Tensor(np.eye(2), requires_grad=True))
    assert write in str(caught.value)


X = np.array([[0.5, 2.0, 0.25], [1.5, -0.75, 3.0]])
NAN = np.array([[0.5, np.nan, 0.25], [1.5, -0.75, 3.0]])
SAME = {
    "append": (lambda x: np.append(x, x, 0), lambda x: ag.concatenate([x, x], 0)),
    "delete": (lambda x: np.delete(x, 1, 0), lambda x: ag.concatenate([x[:1], x[2:]])),
    "ptp": (lambda x: np.ptp(x, 1), lambda x: ag.max(x, 1) - ag.min(x, 1)),
    "radians": (np.radians, lambda x: x * (np.pi / 180)),
    "copysign": (lambda x: np.copysign(x, -x), lambda x: ag.abs(x) * np.sign(-x.data)),
    "logaddexp2": (
        lambda x: np.logaddexp2(x, -x),
        lambda x: ag.logaddexp(x * np.log(2), -x * np.log(2)) / np.log(2),
    ),
    "ediff1d": (np.ediff1d, lambda x: ag.diff(x.ravel())),
    "correlate": (
        lambda x: np.correlate(x[0], x[1], "full"),
        lambda x: ag.convolve(x[0], x[1][::-1], "full"),
    ),
    "cov": (np.cov, lambda x: (x - x.mean(1, keepdims=True)) @ (x - x.mean(1, keepdims=True)).T / 2),
    "vander": (lambda x: np.vander(x[0]), lambda x: x[0][:, None] ** np.arange(3)[::-1]),
    "polymul": (lambda x: np.polymul(x[0], x[1]), lambda x: ag.convolve(x[0], x[1])),
    "cond": (np.linalg.cond, lambda x: ag.linalg.norm(x, 2) / ag.linalg.norm(x, -2)),
    "geomspace": (
        lambda x: np.geomspace(x[0, 0], x[0, 1], 4),
        lambda x: x[0, 0] * (x[0, 1] / x[0, 0]) ** np.linspace(0.0, 1.0, 4),
    ),
}  # fmt: skip
SAME_WITHOUT_NAN = {
    "nancumsum": (
        lambda x: np.nancumsum(x, 1),
        lambda x: ag.cumsum(ag.where(np.isnan(x.data), 0.0, x), 1),
    ),
    "nanprod": (lambda x: np.nanprod(x, 1), lambda x: ag.prod(x, 1, where=~np.isnan(x.data))),
    "nanmean": (lambda x: np.nanmean(x, 1), lambda x: ag.mean(x, 1, where=~np.isnan(x.data))),
    "nanstd": (lambda x: np.nanstd(x, 1), lambda x: ag.std(x, 1, where=~np.isnan(x.data))),
    "nanmax": (
        lambda x: np.nanmax(x, 1),
        lambda x: ag.max(x, 1, initial=-np.inf, where=~np.isnan(x.data)),
    ),
    "nanmedian": (np.nanmedian, lambda x: ag.median(x[~np.isnan(x.data)])),
}


@pytest.mark.parametrize(
    ("theirs", "ours", "x"),
    [(*pair, X) for pair in SAME.values()] + [(*pair, NAN) for pair in SAME_WITHOUT_NAN.values()],
    ids=[*SAME, *SAME_WITHOUT_NAN],
)
def test_what_is_suggested_gives_the_same_numbers(theirs, ours, x):
    np.testing.assert_allclose(ours(ag.Tensor(x)).data, theirs(x), rtol=1e-12)


def test_functions_of_scipy_are_named_as_such(monkeypatch):
    """A ufunc knows no module, so `np.erf` was what the message called it."""
    erf = np.frompyfunc(lambda x: x, 1, 1)
    special = types.ModuleType("scipy.special")
    monkeypatch.setattr(special, erf.__name__, erf, raising=False)
    monkeypatch.setitem(sys.modules, "scipy.special", special)
    assert dispatch.name_of(erf) == f"scipy.special.{erf.__name__}"
    with pytest.raises(ag.UnsupportedError, match=r"^scipy\.special\."):
        erf(ag.Tensor([1.0]))
    with pytest.raises(ag.UnsupportedError, match=r"^scipy\.special\."):
        erf(ag.Value(1.0))


def test_a_function_of_nobody_is_not_called_numpys():
    mine = np.frompyfunc(lambda x: x, 1, 1)
    with pytest.raises(ag.UnsupportedError) as caught:
        mine(ag.Tensor([1.0]))
    assert not str(caught.value).startswith("np.")


@pytest.mark.parametrize(
    ("function", "name"),
    [(np.exp, "np.exp"), (np.sum, "np.sum"), (np.linalg.inv, "np.linalg.inv")],
)
def test_names_are_those_that_programs_write(function, name):
    assert dispatch.name_of(function) == name


def test_no_function_is_of_two_kinds():
    assert not dispatch.WITHOUT_GRADIENT & dispatch.DIFFERENTIABLE.keys()


x = ag.Tensor([0.5, 0.25, 0.125], requires_grad=True)


@pytest.mark.parametrize(
    "call",
    [
        lambda: np.bincount([0, 1, 1], weights=x),
        lambda: np.bincount([0, 1, 1], x),
        lambda: np.histogram(np.ones(3), weights=x),
        lambda: np.histogram(x),
        lambda: np.histogram(x, "auto", (0, 1)),
        lambda: np.histogram(x, [0, 1], density=True),
        lambda: np.histogram(np.ones(3), x),
        lambda: np.histogram(np.ones(3), 2, (x[0], 1.0)),
        lambda: np.full_like(x, x[0]),
        lambda: np.full_like(x, [x[0], 1.0, 2.0]),
        lambda: np.ma.exp(x),
        lambda: np.ma.log(x),
        lambda: np.ma.add(x, 1.0),
        lambda: np.ma.array([1.0, 2.0, 3.0]) * x,
        lambda: np.ma.where([True, False, True], x, 0.0),
        lambda: np.ma.concatenate([x, x]),
        lambda: np.ma.median(x),
        lambda: np.ma.exp(ag.Value(0.5)),
        lambda: np.ma.zeros(2).__setitem__(0, x[0]),
    ],
)
def test_floats_without_their_gradient_are_refused(call):
    with pytest.raises(ag.UnsupportedError):
        call()
    with pytest.raises(ag.UnsupportedError):
        ag.grad(lambda t: (call(), t.sum())[1])(np.ones(3))


def test_the_same_without_a_gradient_is_numpys():
    plain = x.detach()
    assert np.bincount([0, 1, 1], weights=plain).tolist() == [0.5, 0.375]
    assert np.histogram(plain)[0].sum() == np.histogram(x, 4, (0, 1))[0].sum() == 3
    assert np.histogram(x, [0.0, 0.3, 1.0])[0].tolist() == [2, 1]
    assert np.full_like(x, 2.0).tolist() == [2.0, 2.0, 2.0]
    assert np.ma.exp(plain).tolist() == np.exp(plain.data).tolist()
    assert not hasattr(plain, "mask") and not hasattr(plain, "_mask") and "mask" not in dir(x)
    with ag.no_grad():
        assert np.bincount([0, 1, 1], weights=x).tolist() == [0.5, 0.375]
        assert np.ma.exp(x).shape == (3,)


CALLS_OF_DATA = {
    **dict.fromkeys(("isin", "array_equal", "array_equiv", "allclose", "isclose", "searchsorted"), (x, x)),
    **dict.fromkeys(("shares_memory", "may_share_memory", "digitize"), (x, np.arange(3.0))),
    "full_like": (x, 3.0), "bincount": ([0, 1], None), "histogram": (x, 3, (0, 1)), "matrix_rank": (x,),
    "argpartition": (x, 1), "can_cast": None, "unravel_index": None, "ravel_multi_index": None, "lexsort": ((x, x),),
    "save": None, "savetxt": None, "savez": None,
}  # fmt: skip


@pytest.mark.parametrize("function", sorted(dispatch.WITHOUT_GRADIENT, key=lambda f: f.__name__))
def test_what_runs_on_the_data_gives_no_floats_that_depend_on_them(function):
    """Truth values, positions, counts, dtypes and words; floats only where no entry counts."""
    arguments = CALLS_OF_DATA.get(function.__name__, (x,) * getattr(function, "nin", 1))
    if arguments is None:
        return
    result = function(*arguments)
    for part in result if isinstance(result, tuple) else [result]:
        if isinstance(part, (np.ndarray, np.generic)) and part.dtype.kind == "f":
            assert function in {
                np.zeros_like,
                np.ones_like,
                np.empty_like,
                np.full_like,
                np.histogram,
            }
        else:
            assert not isinstance(part, float)
