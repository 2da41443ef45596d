"""Penalties on parameters, to add to a loss."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import autograd as ag
from autograd import Node
from autograd.errors import kind, message
from autograd.names import both_keywords
from nn.arguments import axis_number, floats, is_listed, number


def l2_penalty(parameters: Any, strength: float = 1.0) -> Any:
    """strength · Σ w², which shrinks every weight in proportion to its size.

    Args:
        parameters: a Tensor or an iterable of them, such as `model.parameters()`.
        strength: λ, at least 0.

    Example:
        >>> import nn
        >>> nn.functional.l2_penalty([ag.Tensor([3.0, 4.0])], 0.1)
        Tensor(2.5)

    Source: Krogh and Hertz, A simple weight decay can improve generalization (1991).
    """
    strength = number("l2_penalty", "strength", strength, 0.0)
    return strength * _total(ag.sum(ag.square(p)) for p in _as_list(parameters))


def l1_penalty(parameters: Any, strength: float = 1.0) -> Any:
    """strength · Σ |w|, which pulls every weight to zero with the same force.

    A step along its subgradient overshoots zero; `nn.optim.Proximal` stops at zero.

    Args:
        parameters: a Tensor or an iterable of them, such as `model.parameters()`.
        strength: λ, at least 0.

    Example:
        >>> import nn
        >>> nn.functional.l1_penalty([ag.Tensor([3.0, -4.0])], 0.5)
        Tensor(3.5)

    Source: Tibshirani, Regression shrinkage and selection via the lasso (1996).
    """
    strength = number("l1_penalty", "strength", strength, 0.0)
    return strength * _total(ag.sum(ag.abs(p)) for p in _as_list(parameters))


@both_keywords
def group_lasso_penalty(parameters: Any, strength: float = 1.0, axis: int = 0) -> Any:
    """strength · Σ √size ‖group‖, which pulls whole groups to zero, such as all weights of a unit.

    Args:
        parameters: a Tensor or an iterable of them.
        strength: λ, at least 0.
        axis: the axis that counts the groups; with 0, each row of the weight of a Linear, which
            leads to one unit, is a group.

    Example:
        >>> import nn
        >>> nn.functional.group_lasso_penalty([ag.Tensor([[3.0, 4.0, 0.0, 0.0]])])
        Tensor(10.)

    Source: Yuan and Lin, Model selection and estimation in regression with grouped variables
        (2006).
    """
    strength = number("group_lasso_penalty", "strength", strength, 0.0)

    def one(p: Any) -> Any:
        first = axis_number("group_lasso_penalty", axis, p.ndim)
        rows = ag.moveaxis(p, first, 0).reshape((p.shape[first], -1))
        return float(rows.shape[1]) ** 0.5 * ag.sum(ag.norm(rows, axis=1))

    return strength * _total(map(one, _as_list(parameters)))


def _as_list(parameters: Any) -> Iterable[Any]:
    if isinstance(parameters, Node) or not is_listed(parameters):
        return [floats(parameters)]
    return map(_array, parameters)


def _array(p: Any) -> Any:
    """One of several parameters; a list of numbers is none, though it can be made one."""
    if isinstance(p, (list, tuple)):
        expected = "a Tensor or several, such as model.parameters()"
        raise TypeError(message("a penalty", f"{kind(p)} among the parameters", expected))
    return floats(p)


def _total(terms: Iterable[Any]) -> Any:
    return sum(terms, start=0.0)
