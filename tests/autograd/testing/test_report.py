"""The report says what was checked, and how large an error would have been seen."""

import numpy as np
import pytest

import autograd as ag
import nn


def test_samples_state_what_was_looked_at():
    report = ag.check_gradients(lambda x: x**2, np.ones((50, 50)), samples=10)
    assert report.checked == 10 and report.total == 2500
    assert "10 of 2,500 entries looked at (0.4%)" in str(report)
    assert "an error above" in str(report)


@pytest.mark.parametrize(
    ("f", "operation", "order"),
    [
        (lambda x: ag.exp(ag.log(x)), "log", 1), (lambda x: ag.sqrt(x) * ag.sqrt(x), "sqrt", 1),
        (lambda x: ag.cbrt(x) ** 3, "cbrt", 1), (lambda x: abs(x) ** 2, "abs", 2),
        (lambda x: ag.norm(x) ** 2, "norm", 2), (lambda x: ag.std(x) ** 2, "std", 2),
    ],
)  # fmt: skip
def test_a_difference_by_convention_names_it(f, operation, order):
    if order == 2:
        assert ag.check_gradients(f, np.zeros(2)).passed
    with pytest.raises(
        ag.GradientCheckError, match=f"differ; a convention decided the slope of {operation}"
    ) as caught:
        ag.check_gradients(f, np.zeros(2), order=order)
    report = caught.value.report
    assert report.culprits == []
    first = report.conventions[0]
    assert first.operation == operation and "lambda" in first.line.text


def test_a_convention_that_agrees_is_quiet():
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    for p in model.parameters():
        nn.init.zeros_(p)
    report = ag.check_gradients(model, np.zeros((2, 2)), parameters=model, order=2)
    assert report.passed
    assert (report.conventions[0].operation, report.conventions[0].module) == ("relu", "1")
    assert "a convention decided here: relu in module 1, 6 entries" in str(report)
    assert ag.check_gradients(ag.relu, np.ones(2)).conventions == []


def test_a_wrong_rule_beside_a_convention_is_blamed_itself():
    wrong = ag.Primitive("wrong", np.sin, lambda g, out, x: g * 1.1, elementwise=True)
    with pytest.raises(ag.GradientCheckError, match="gradients differ\n") as caught:
        ag.check_gradients(lambda x: wrong(x) + ag.relu(x), np.array([0.0, 1.0]))
    assert [c.operation for c in caught.value.report.culprits] == ["wrong"]
