"""The first nan or inf is found where it was born, not where it arrives."""

import warnings

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.debug import anomaly
from autograd.engine import backward
from autograd.primitives import PRIMITIVES
from tests.cases import mlp_loss


def test_the_birth_of_a_nan_is_told_from_its_propagation():
    x = ag.Tensor([1.0, -1.0], requires_grad=True, name="x")
    with pytest.raises(ag.AnomalyError) as caught, ag.detect_anomaly():
        root = ag.sqrt(x)
        (root * 2.0 + 1.0).sum().backward()
    [found] = caught.value.anomalies
    assert (found.phase, found.kind, found.operation, found.birth) == (
        "forward",
        "nan",
        "sqrt",
        True,
    )
    assert found.line.text == "root = ag.sqrt(x)" and "4 results of the graph hold it" in found.note
    assert (
        found.statistics[0] == "input 0 (x): shape (2,), from -1 to 1, mean 0, 0 nan, 0 inf, 0 zero"
    )
    assert x.grad is None


def test_overflow_and_what_comes_of_it():
    x = ag.Tensor([1000.0], requires_grad=True)
    big = ag.exp(x)
    [found] = ag.find_anomalies((big - big).sum())
    assert str(found).startswith(
        "forward: exp made the first inf; its inputs were finite; sub made nan of it, because inf - inf"
    )
    assert (found.kind, found.operation, found.birth) == ("inf", "exp", True)
    assert "2 results of the graph hold nan" in found.note
    [found] = ag.find_anomalies(big.sum())
    assert (found.kind, found.operation) == ("inf", "exp")


def test_the_product_that_overflowed_is_named_and_not_the_difference_far_behind_it():
    class Scores(nn.Module):
        def forward(self, x):
            return x * 1e200

    class Difference(nn.Module):
        def forward(self, x):
            y = ag.exp(-ag.square(x[:1])) + x
            return y - x

    x = ag.Tensor([1e200, 1.0], requires_grad=True)
    [found] = ag.find_anomalies(nn.Sequential(Scores(), Difference())(x).sum())
    assert (found.operation, found.kind, found.module) == ("mul", "inf", "0")
    assert "sub in module 1 made nan of it" in found.note


def test_what_makes_nan_of_a_mask_is_the_birth():
    """A row that is masked everywhere: the mask is meant, its softmax is not."""
    x = ag.Tensor([[1.0, 2.0]], requires_grad=True)
    [found] = ag.find_anomalies(ag.softmax(x + np.array([[-np.inf, -np.inf]])).sum())
    assert (found.operation, found.kind) == ("sub", "nan")


def test_a_nan_that_came_in():
    x = ag.Tensor([np.nan], requires_grad=True, name="x")
    [found] = ag.find_anomalies((x * 2.0).sum())
    assert not found.birth and found.operation == "leaf x" and "a leaf holds it" in found.note
    y = ag.Tensor([1.0], requires_grad=True)
    [found] = ag.find_anomalies((y * [np.nan]).sum())
    assert "a constant held it" in found.note


def test_masks_of_infinity_are_no_anomaly():
    ag.random.seed(0)
    layer = nn.MultiheadAttention(4, 2, batch_first=True)
    x = np.random.default_rng(0).normal(size=(1, 3, 4))
    with ag.detect_anomaly():
        layer(x, x, x, is_causal=True)[0].sum().backward()


def test_the_module_and_argument_of_a_gradient_that_explodes():
    class Root(nn.Module):
        def forward(self, x):
            return ag.sqrt(x)

    model = nn.Sequential(nn.Identity(), Root())
    x = ag.Tensor([4.0, 0.0], requires_grad=True)
    with (
        pytest.warns(
            RuntimeWarning, match="the gradient of sqrt for argument 0 is the first inf in module 1"
        ),
        ag.detect_anomaly("warn"),
    ):
        model(x).sum().backward()
    assert x.grad[0] == 0.25


def test_zero_times_infinity_behind_a_where_is_known():
    x = ag.Tensor([2.0, 0.0], requires_grad=True)
    with ag.detect_anomaly("raise") as found:
        ag.where(x.data > 0, ag.log(x), 0.0).sum().backward()
    assert x.grad.tolist() == [0.5, 0.0]
    [masked] = found
    assert masked.operation == "log" and not masked.birth and "behind a where" in masked.note


def test_a_healthy_pass_finds_nothing():
    with ag.detect_anomaly("collect") as found:
        loss, _ = mlp_loss()
        loss.backward()
        ag.gradients(loss, ag.ancestors([loss])[:1], create_graph=True)
    assert found == []


def test_conventions_are_listed_quietly():
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    for p in model.parameters():
        nn.init.zeros_(p)
    with warnings.catch_warnings(), ag.detect_anomaly() as found:
        warnings.simplefilter("error")
        model(np.zeros((4, 2))).sum().backward()
    [entry] = found
    assert (entry.operation, entry.kind, entry.module, entry.birth) == (
        "relu",
        "convention",
        "1",
        False,
    )
    assert str(entry).startswith(
        "backward: relu in module 1; a convention decided here: 12 entries: the slope at 0 is 0\n  at test_anom"
    )


@pytest.mark.parametrize(
    ("f", "operation"),
    [(lambda x: ag.exp(ag.log(x)), "log"), (lambda x: ag.sqrt(x) * ag.sqrt(x), "sqrt"), (lambda x: ag.cbrt(x) ** 3, "cbrt")],
)  # fmt: skip
def test_zero_times_infinity_is_a_convention(f, operation):
    x = ag.Tensor([0.0], requires_grad=True)
    with ag.detect_anomaly("raise") as found:
        f(x).sum().backward()
    assert x.grad.tolist() == [0.0] and {entry.operation for entry in found} == {operation}
    assert all(not e.birth and e.note.startswith("a convention decided here: ") for e in found)
    assert {entry.kind for entry in found} == {"convention"}


@pytest.mark.parametrize(
    ("f", "operations"),
    [(lambda x: ag.norm(x) ** 2, ["norm"]), (lambda x: ag.std(x) ** 2, ["std"]), (lambda x: ag.sum(abs(x)) ** 2, ["abs", "sign"]),
     (lambda x: ag.sum(ag.where(x > 0, x, 0.0)), ["where"])],
)  # fmt: skip
def test_second_derivatives_list_each_convention_once(f, operations):
    with ag.detect_anomaly("collect") as found:
        ag.hessian(lambda x: f(x))(np.zeros(2))
    found = [entry for entry in found if entry.kind == "convention"]
    assert [e.operation for e in found] == operations


def test_nothing_watches_after_the_block():
    with ag.detect_anomaly("collect"):
        pass
    assert backward.backward_watch.get() is None
    x = ag.Tensor([0.0], requires_grad=True)
    ag.sqrt(x).sum().backward()
    assert x.grad.tolist() == [np.inf]


def test_a_healthy_pass_warns_of_nothing():
    with warnings.catch_warnings(), ag.detect_anomaly("warn"):
        warnings.simplefilter("error")
        loss, _ = mlp_loss()
        loss.backward()


def test_a_mode_that_does_not_exist():
    with (
        pytest.raises(
            ag.UnsupportedError, match='got mode=\'stop\'; expected "raise", "warn" or "collect"'
        ),
        ag.detect_anomaly("stop"),
    ):
        pass


def test_every_primitive_says_how_it_makes_nan_of_inf():
    assert set(anomaly.REASONS) == set(PRIMITIVES.values())


UNARY = [op for op in PRIMITIVES.values() if op.elementwise and len(op.rules) == 1]


@pytest.mark.parametrize("op", UNARY, ids=[op.name for op in UNARY])
def test_the_reason_is_right(op):
    with np.errstate(all="ignore"):
        makes_nan = np.isnan(op.kernel(np.array([np.inf, -np.inf]))).any()
    assert makes_nan == (anomaly.REASONS[op] != anomaly.NEVER)


def test_an_unknown_primitive_has_a_reason_too():
    vanish = ag.Primitive("vanish", lambda x: x * 0.0, lambda g, out, x: g * 0.0)
    [found] = ag.find_anomalies(vanish(ag.Tensor([np.inf], requires_grad=True)))[:1]
    assert found.note.startswith("an input held inf, and its kernel makes nan from inf")


def test_a_pass_without_a_seed_is_explained_as_without_the_block():
    with (
        pytest.raises(ag.GraphError, match=r"^backward: got a Tensor of shape \(2,\)"),
        ag.detect_anomaly(),
    ):
        (ag.Tensor([1.0, 2.0], requires_grad=True) * 2.0).backward()


def test_an_array_is_no_mode():
    expected = pytest.raises(ag.UnsupportedError, match=r"detect_anomaly: got mode=.*; expected")
    with expected, ag.detect_anomaly(np.array(["raise", "warn"])):
        pass


def test_where_an_inf_of_the_data_came_from():
    x = ag.Tensor([np.inf, 2.0], requires_grad=True, name="x")
    [found] = ag.find_anomalies((x - x).sum())
    assert found.operation == "sub" and "the inf was in the data of leaf x" in found.note


def test_looking_for_anomalies_warns_of_nothing():
    x = ag.Tensor([1e308, 1e308], requires_grad=True)
    with np.errstate(all="ignore"):
        total = x.sum()
    with np.errstate(all="raise"):
        assert ag.find_anomalies(total)[0].kind == "inf"
