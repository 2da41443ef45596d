"""Further losses as modules: PyTorch's numbers, and options that reach the functions."""

import importlib
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import autograd as ag
import nn
from nn import functional as F

FOLDER = Path(__file__).with_name("reference")
sys.path.insert(0, str(FOLDER))  # make.py runs there, where only PyTorch is
try:
    LOSSES = importlib.import_module("loss_cases").LOSSES
finally:
    sys.path.remove(str(FOLDER))
    for name in ("cases", "loss_cases"):
        sys.modules.pop(name, None)
TORCH = SimpleNamespace(tensor=lambda numbers, dtype: np.array(numbers, dtype), float64=float)


@pytest.mark.parametrize("name", LOSSES)
def test_pytorchs_numbers(name):
    case = LOSSES[name]
    with np.load(FOLDER / "losses.npz") as file:
        kept = {k.removeprefix(f"{name}/"): file[k] for k in file if k.startswith(f"{name}/")}
    module = eval(case.module, {"nn": nn, "torch": TORCH})
    inputs = {
        key: ag.Tensor(kept[f"inputs/{key}"], requires_grad=True)
        if f"gradients/{key}" in kept
        else kept[f"inputs/{key}"]
        for key in case.inputs
    }
    output = eval(case.call, {"module": module, "F": F, **inputs})
    np.testing.assert_allclose(output.data, kept["outputs/0"], rtol=1e-9, atol=1e-12)
    (output * kept["cotangents/0"]).sum().backward()
    gradients = {key: x.grad for key, x in inputs.items() if isinstance(x, ag.Tensor)}
    assert "x" in gradients
    for key, gradient in gradients.items():
        np.testing.assert_allclose(gradient, kept[f"gradients/{key}"], rtol=1e-7, atol=1e-12)


X = np.array([[0.2, 1.5, -0.3], [0.7, 0.1, 0.4]])
SIGNS = np.sign(X)


@pytest.mark.parametrize(
    ("loss", "function", "inputs", "options"),
    [
        (nn.GaussianNLLLoss, F.gaussian_nll_loss, (X, X + 1, np.exp(X)), {"full": True, "eps": 0.9}),
        (nn.PoissonNLLLoss, F.poisson_nll_loss, (X, 3 * np.exp(X)), {"full": True}),
        (nn.PoissonNLLLoss, F.poisson_nll_loss, (np.exp(X), X), {"log_input": False, "eps": 0.1}),
        (nn.CTCLoss, F.ctc_loss, (np.log(np.full((4, 1, 3), 1 / 3)), [[0, 2]], [4], [2]), {"blank": 1}),
        (nn.MarginRankingLoss, F.margin_ranking_loss, (X, X[::-1], SIGNS), {"margin": 0.4}),
        (nn.SoftMarginLoss, F.soft_margin_loss, (X, SIGNS), {}),
        (nn.MultiLabelMarginLoss, F.multilabel_margin_loss, (X, [[0, -1, 1], [2, 1, -1]]), {}),
        (nn.MultiLabelSoftMarginLoss, F.multilabel_soft_margin_loss, (X, X > 0), {"weight": np.array([1.0, 2.0, 0.5])}),
        (nn.TripletMarginWithDistanceLoss, F.triplet_margin_with_distance_loss, (X, X + 1, X - 0.5), {"swap": True, "margin": 2.0}),
        (nn.SigmoidFocalLoss, F.sigmoid_focal_loss, (X, X > 0), {"alpha": 0.4, "gamma": 1.5}),
        (nn.FocalLoss, F.focal_loss, (X, [1, 0]), {"gamma": 1.5, "weight": np.array([1.0, 2.0, 0.5]), "ignore_index": 0}),
    ],
)  # fmt: skip
def test_options_reach_the_function(loss, function, inputs, options):
    for reduction in ("sum", "mean"):
        module = loss(**options, reduction=reduction)
        np.testing.assert_array_equal(
            module(*inputs), function(*inputs, **options, reduction=reduction)
        )
    assert list(module.state_dict()) == [n for n in options if n == "weight"]
    with pytest.raises(ValueError, match=f"{loss.__name__}: got reduction='max'"):
        loss(reduction="max")


def test_options_are_checked():
    with pytest.raises(ValueError, match="GaussianNLLLoss: got eps=0"):
        nn.GaussianNLLLoss(eps=0.0)
    with pytest.raises(ValueError, match=r"CTCLoss: got blank=0\.5"):
        nn.CTCLoss(blank=0.5)
