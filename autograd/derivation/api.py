"""`ag.derive`. The printer is imported when it is first called, as the compiler is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograd.derivation.page import Derivation


def derive(result: Any, *inputs: Any, by: Any = None, max_steps: int = 200) -> Derivation:
    """The derivation of a gradient, written out: the chain rule step by step.

    Names are those of parameters, of arguments, and of the variables of your program. Softmax,
    cross-entropy, normalization and the like are one step each, with the slope that they are known
    for.

    Args:
        result: a Value or Tensor that was computed; or a function, or a module, of the inputs.
        inputs: what to call the function with. Arrays of floats become Tensors, and floats alone
            become Values; what is a node already stays itself. Buffers of modules and the random
            generator are put back afterwards.
        by: what to differentiate by: a node, a name, a module for its parameters, or a list of
            them. By default the parameters of modules, and if there are none every leaf that
            requires a gradient.
        max_steps: how many operations the graph may have.

    Returns:
        the derivation; `print` it, or let a notebook show it. `.source` is a NumPy program that
        defines `forward_and_backward`; called with `.arguments`, that returns the result and the
        gradients. Where the result is not one number, its gradient is an argument, too.

    Raises:
        DTypeError: the result is neither a node nor a function that returns one.
        GraphError: the result has no graph, it does not depend on `by`, `by` is empty, or the
            graph is too large.
        UnsupportedError: an operation cannot be written down, or `max_steps` is not a positive
            integer.

    Example:
        >>> import numpy as np
        >>> def loss(W, b, x, y):
        ...     z = x @ W + b
        ...     p = ag.softmax(z)
        ...     return -ag.mean(ag.log(p[np.arange(len(x)), y]))
        >>> x, y = np.eye(3), np.array([0, 1, 1])
        >>> derivation = ag.derive(loss, np.zeros((3, 2)), np.zeros(2), x, y, by=["W", "b"])
        >>> print(derivation)
        ∂loss/∂(W, b)
        <BLANKLINE>
        Forward
          z = x W + b                                         3 × 2
          p = softmax(z)                                      3 × 2
          loss = −1/N Σₙ ln p[n, y[n]]
        <BLANKLINE>
        Backward: dz stands for ∂loss/∂z
          loss = −1/N Σₙ ln p[n, y[n]]
          p = softmax(z)
              with Y = onehot(y): ∂L/∂p = −Y/p and ∂pᵢ/∂zⱼ = pᵢ(δᵢⱼ − pⱼ); p cancels
            dz = (p − onehot(y)) / N                          3 × 2
          z = x W + b
              b is used for every n: its gradients add up over n
            db = Σₙ dz                                        2
              ∂z[n,j]/∂W[k,j] = x[n,k]
            dW = xᵀ dz                                        3 × 2
        >>> [value, dW, db] = derivation.function()(**derivation.arguments)
        >>> db.round(3)
        array([ 0.167, -0.167])
    """
    from autograd.derivation.page import Derivation
    from autograd.derivation.problem import problem_of

    return Derivation(problem_of(result, inputs, by, sys._getframe(1), max_steps))
