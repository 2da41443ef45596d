"""Every primitive, by its cases: forward, derivatives of first and second order, all kinds of data.

A primitive without a case fails here.
"""

import math

import numpy as np
import pytest

import autograd as ag
from autograd.engine.backward import gradients
from autograd.primitives import PRIMITIVES
from tests.cases import CASES, Case

IDS = [f"{case.name}-{i}" for i, case in enumerate(CASES)]
ELEMENTWISE = [case for case in CASES if case.primitive.elementwise]
every_case = pytest.mark.parametrize("case", CASES, ids=IDS)


def as_tensors(case: Case, dtype: type = float) -> list[object]:
    """The arguments as Tensors where there is a rule, else plain."""
    rules = case.primitive.rules
    return [
        ag.Tensor(x, dtype=dtype, requires_grad=True) if rules[i] is not None else x
        for i, x in enumerate(case.arguments())
    ]


def scalar_of(case: Case, out: object) -> object:
    """One number out of a result, with a weight of its own for each entry."""
    weights = np.cos(np.arange(out.size, dtype=float)).reshape(out.shape) + 1.5
    return (out * weights.astype(out.dtype)).sum()


def all_gradients(case: Case, arguments: list[object], **options: object) -> list[object]:
    leaves = [x for x in arguments if isinstance(x, ag.Tensor)]
    return gradients(scalar_of(case, case.primitive(*arguments, **case.static)), leaves, **options)


def test_every_primitive_has_a_case():
    assert {case.name for case in CASES} == set(PRIMITIVES)


@every_case
def test_forward_is_numpy_s(case):
    out = case.primitive(*as_tensors(case), **case.static)
    expected = case.reference(*case.arguments(), **case.static)
    assert out.shape == np.shape(expected)
    np.testing.assert_allclose(out.data, expected, rtol=1e-13, atol=1e-14)


@every_case
def test_plain_data_gives_plain_data(case):
    out = case.primitive(*case.arguments(), **case.static)
    assert isinstance(out, (np.ndarray, np.generic, float))
    np.testing.assert_array_equal(out, case.primitive(*as_tensors(case), **case.static).data)


@every_case
def test_derivatives_of_first_and_second_order(case):
    arguments = case.arguments()
    differentiable = case.differentiable()
    if not differentiable:
        assert case.name == "zeros_like"
        return

    def function(*xs):
        full = list(arguments)
        for i, x in zip(differentiable, xs, strict=True):
            full[i] = x
        return case.primitive(*full, **case.static)

    xs = [arguments[i] for i in differentiable]
    if case.name in (
        "cholesky",
        "eigh",
    ):  # the checker moves single entries; the argument has to stay symmetric
        symmetric = function
        function = lambda x: symmetric((x + ag.swapaxes(x, -1, -2)) * 0.5)
    report = ag.check_gradients(function, *xs, order=2)
    assert report.passed


@every_case
def test_arguments_are_not_modified(case):
    arguments = case.arguments()
    before = [np.array(x).tobytes() for x in arguments]
    tensors = [
        ag.Tensor(x, requires_grad=True) if case.primitive.rules[i] is not None else x
        for i, x in enumerate(arguments)
    ]
    if case.differentiable():
        all_gradients(case, tensors, create_graph=True)
        all_gradients(case, tensors)
    assert [np.array(x).tobytes() for x in arguments] == before
    assert [np.array(getattr(x, "data", x)).tobytes() for x in tensors] == before


@every_case
def test_non_contiguous_arguments(case):
    arguments = case.arguments()
    strided = [np.repeat(np.array(x)[..., None], 2, axis=-1)[..., 0] for x in arguments]
    assert any(not x.flags.c_contiguous for x in strided) or all(x.size < 2 for x in strided)
    np.testing.assert_allclose(
        case.primitive(*strided, **case.static),
        case.primitive(*arguments, **case.static),
        rtol=1e-14,
    )
    if not case.differentiable():
        return
    for dense, sparse in zip(
        all_gradients(case, as_tensors(case)),
        all_gradients(
            case,
            [ag.Tensor(x, requires_grad=True) if case.primitive.rules[i] is not None else x
             for i, x in enumerate(strided)],
        ),
        strict=True,
    ):  # fmt: skip
        np.testing.assert_allclose(sparse, dense, rtol=1e-12, atol=1e-13)


@every_case
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_the_dtype_is_kept(case, dtype):
    if case.name == "cast" or not case.differentiable():
        return
    if dtype == np.float16 and case.primitive in vars(ag.primitives.linalg).values():
        return  # NumPy's linear algebra has no float16
    tensors = as_tensors(case, dtype)
    assert case.primitive(*tensors, **case.static).dtype == dtype
    for g, exact in zip(
        all_gradients(case, tensors), all_gradients(case, as_tensors(case)), strict=True
    ):
        assert g.dtype == dtype
        if dtype == np.float32:
            np.testing.assert_allclose(g, exact, rtol=2e-3, atol=2e-4)


def _values(array: np.ndarray) -> np.ndarray:
    return (
        np.frompyfunc(ag.Value, 1, 1)(array) if np.ndim(array) else np.array(ag.Value(float(array)))
    )


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.scalars], ids=[i for i, c in zip(IDS, CASES, strict=True) if c.scalars]
)  # fmt: skip
def test_object_arrays_of_values_agree(case):
    """The same kernels and rules, run on each scalar: forward and gradient are the Tensor's."""
    tensors = as_tensors(case)
    boxes = [_values(x.data) if isinstance(x, ag.Tensor) else x for x in tensors]
    out = np.asarray(case.primitive(*boxes, **case.static), dtype=object)
    expected = case.primitive(*tensors, **case.static)
    numbers = np.vectorize(lambda v: float(getattr(v, "data", v)), otypes=[float])(out)
    np.testing.assert_allclose(numbers, expected.data, rtol=1e-14, atol=1e-15)
    if not case.differentiable():
        return
    weights = np.cos(np.arange(out.size, dtype=float)).reshape(out.shape) + 1.5
    root = sum((v * w for v, w in zip(out.ravel(), weights.ravel(), strict=True)), ag.Value(0.0))
    root.backward()
    for box, g in zip(
        [b for b in boxes if getattr(b, "dtype", float) == np.dtype(object)], all_gradients(case, tensors),
        strict=True,
    ):  # fmt: skip
        grads = np.vectorize(lambda v: v.grad or 0.0, otypes=[float])(box)
        np.testing.assert_allclose(grads, g, rtol=1e-12, atol=1e-14)


SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, 1e-320, 1e308, -1e308, 800.0, -800.0]
SPECIAL += [math.inf, -math.inf, math.nan]
ARITIES = {case.name: len(case.arguments()) for case in ELEMENTWISE}


@pytest.mark.parametrize("name", sorted(ARITIES))
def test_value_and_tensor_agree_at_special_numbers(name):
    """IEEE 754 in both kinds: no exception, no warning, the same number and the same gradient."""
    op, arity = PRIMITIVES[name], ARITIES[name]
    grid = [(x,) for x in SPECIAL] if arity == 1 else [(x, y) for x in SPECIAL for y in SPECIAL]
    if arity == 3:
        fixed = [(True,), (False,)] if name == "where" else None
        grid = (
            [(*c, *xy) for c in fixed for xy in grid]
            if fixed
            else [(x, y, z) for x, y in grid for z in (-1.0, 0.5, math.inf)]
        )
    for point in grid:
        values = [ag.Value(x) if op.rules[i] is not None else x for i, x in enumerate(point)]
        tensors = [
            ag.Tensor(x, requires_grad=True) if op.rules[i] is not None else x
            for i, x in enumerate(point)
        ]
        v, t = op(*values), op(*tensors)
        np.testing.assert_allclose(
            getattr(v, "data", v), getattr(t, "data", t), rtol=4e-16, err_msg=f"{name}{point}"
        )
        if not getattr(t, "requires_grad", False):
            continue
        v.backward()
        t.backward()
        for x, y in zip(values, tensors, strict=True):
            if isinstance(y, ag.Tensor):
                assert (x.grad is None) == (y.grad is None)
                np.testing.assert_allclose(
                    x.grad, y.grad, rtol=1e-14, atol=5e-324, err_msg=f"gradient of {name}{point}"
                )


# --- facts on the primitives' lines ---


@pytest.mark.parametrize("name", [op.name for op in PRIMITIVES.values() if op.step])
def test_a_step_function_has_slope_0(name):
    op = PRIMITIVES[name]
    xs = [ag.Tensor([0.3, -1.7], requires_grad=True) for _ in op.rules]
    for g in gradients(op(*xs).sum(), xs):
        np.testing.assert_array_equal(g, [0.0, 0.0])


ANALYTIC = [
    pytest.param(case, id=i)
    for case, i in zip(CASES, IDS, strict=True)
    if case.primitive.analytic and case.differentiable()
]


@pytest.mark.parametrize("case", ANALYTIC)
def test_an_analytic_primitive_passes_the_complex_step(case):
    arguments, varied = case.arguments(), case.differentiable()

    def function(*xs):
        full = list(arguments)
        for i, x in zip(varied, xs, strict=True):
            full[i] = x
        return case.primitive(*full, **case.static)

    assert ag.check_gradients(function, *(arguments[i] for i in varied), method="complex").passed


def test_labels_name_every_argument():
    for op in PRIMITIVES.values():
        assert not op.labels or len(op.labels) == len(op.rules), op


# --- determinants ---


def test_the_gradient_of_the_determinant_of_nan_is_nan():
    x = ag.Tensor([[np.nan, 1.0], [2.0, 3.0]], requires_grad=True)
    [g] = gradients(PRIMITIVES["det"](x), [x])
    assert np.isnan(g).all()


def test_a_stack_of_regular_and_singular_matrices():
    data = np.array([[[1.0, 2.0], [3.0, 4.0]], [[1.0, 2.0], [2.0, 4.0]], [[0.0, 0.0], [0.0, 0.0]]])
    x = ag.Tensor(data, requires_grad=True)
    [g] = gradients(PRIMITIVES["det"](x).sum(), [x])
    expected = [[[4.0, -3.0], [-2.0, 1.0]], [[4.0, -2.0], [-2.0, 1.0]], [[0.0, 0.0], [0.0, 0.0]]]
    np.testing.assert_allclose(g, expected, atol=1e-14)
