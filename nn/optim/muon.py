"""Muon: momentum with orthonormal rows or columns, for matrices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from autograd.errors import message
from nn.arguments import size
from nn.optim.formulas import ema
from nn.optim.optimizer import Optimizer
from nn.optim.options import NON_NEGATIVE, Choice, Count, Each, Number, Option


class Muon(Optimizer):
    """Momentum whose singular values are all brought close to 1: every direction counts alike.

    b ← momentum · b + (1 - momentum) · g, and with `nesterov` another average of g and b; its
    nearest orthonormal matrix O is approached by X ← a X + (b X Xᵀ + c (X Xᵀ)²) X, a Newton-Schulz
    iteration. p ← p - lr · √max(1, rows / columns) · O. For the matrices of hidden layers; other
    parameters need another optimizer.

    Args:
        params: matrices, or groups of them with options of their own.
        lr: the step size.
        weight_decay: decoupled from the gradient, as in `AdamW`.
        momentum: the share of the last average that is kept.
        nesterov: whether the step looks ahead along the momentum.
        ns_coefficients: a, b and c.
        eps: the smallest norm that a matrix is divided by.
        ns_steps: the number of iterations, below 100.
        adjust_lr_fn: "original", as above, or "match_rms_adamw": lr · 0.2 √max(rows, columns), with
            which rates of AdamW can be kept.
        maximize: whether to ascend instead of descend.

    Raises:
        ValueError: an option is out of range, or a parameter is not a matrix.

    Example:
        >>> import nn
        >>> p = nn.Parameter(np.zeros((2, 2)))
        >>> optimizer = nn.optim.Muon([p], lr=1.0, weight_decay=0.0)
        >>> (p * [[300.0, 0.0], [0.0, 0.5]]).sum().backward()
        >>> optimizer.step()
        >>> bool((abs(np.linalg.svd(p.data).S - 1.0) < 0.5).all())
        True

    Source: Jordan et al., Muon (2024).
    """

    state_names: ClassVar[frozenset[str]] = frozenset({"momentum_buffer"})
    options: ClassVar[Mapping[str, Option]] = {
        "momentum": NON_NEGATIVE,
        "ns_coefficients": Each(Number(), 3),
        "eps": NON_NEGATIVE,
        "ns_steps": Count(0),
        "adjust_lr_fn": Choice(("original", "match_rms_adamw")),
    }
    flags = frozenset({"nesterov"})
    decoupled_weight_decay = True

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.775, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            weight_decay=weight_decay,
            momentum=momentum,
            nesterov=nesterov,
            ns_coefficients=ns_coefficients,
            eps=eps,
            ns_steps=ns_steps,
            adjust_lr_fn=adjust_lr_fn,
            maximize=maximize,
        )

    def _check(self, operation: str, group: Mapping[str, Any]) -> None:
        super()._check(operation, group)
        size(operation, "ns_steps", group["ns_steps"], 0, 99)
        for p in group["params"]:
            if p.ndim != 2:
                got, hint = f"a parameter of shape {p.shape}", "give others to AdamW"
                raise ValueError(message(operation, got, "matrices", hint))

    def update(self, p: Any, g: Any, state: dict[str, Any], group: dict[str, Any]) -> Any:
        """lr · √max(1, rows / columns) · O."""
        keep = group["momentum"]
        state["momentum_buffer"] = b = ema(state.get("momentum_buffer"), g, keep)
        step = (1.0 - keep) * g + keep * b if group["nesterov"] else b
        step = orthonormal(step, group["ns_coefficients"], group["ns_steps"], group["eps"])
        rows, columns = p.shape
        scale = max(1.0, rows / max(columns, 1)) ** 0.5
        if group["adjust_lr_fn"] == "match_rms_adamw":
            scale = 0.2 * max(rows, columns) ** 0.5
        return (group["lr"] * scale) * step


def orthonormal(x: Any, coefficients: Iterable[float], steps: int, eps: float) -> Any:
    """A matrix with the singular vectors of x whose singular values are near 1, or 0 for 0.

    Args:
        x: shape (n, m).
        coefficients: a, b and c of the iteration X ← a X + (b X Xᵀ + c (X Xᵀ)²) X.
        steps: the number of iterations.
        eps: the smallest norm that x is divided by.

    Example:
        >>> from nn.optim.muon import orthonormal
        >>> x = orthonormal(np.array([[3.0, 0.0], [0.0, 4.0]]), (1.5, -0.5, 0.0), 20, 0.0)
        >>> x.round(6).tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """
    a, b, c = coefficients
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    x = x / np.maximum(np.sqrt((x * x).sum()), eps).astype(x.dtype)
    for _ in range(steps):
        squares = x @ x.T
        x = a * x + (b * squares + c * (squares @ squares)) @ x
    return x.T if tall else x
