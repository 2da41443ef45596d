"""How large the terms are of which each entry of a gradient is the sum.

An entry may be small because large terms cancel in it; then its rounding is large. Every value that
a rule reads and hands on is changed by a tiny random part of itself, and the effect on a gradient,
divided by that part, is the size of its terms.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.debug.conventions import CHOICES
from autograd.testing.examine.flow import Flow, Step

Array = Any
PART = 1e-7
DRAWS = 4


def terms_of(flow: Flow) -> dict[str, Array]:
    """The size of the terms in each entry of the gradients of a backward pass.

    Example:
        >>> import numpy as np
        >>> from autograd.testing.examine.flow import Flow
        >>> from autograd.testing.examine.rounding import terms_of
        >>> x = ag.Tensor([1.0, 1e6], requires_grad=True)
        >>> y = (x * 3.0).sum()
        >>> terms = terms_of(Flow([y], [np.ones(())], {"x": x}))["x"]
        >>> bool((terms < 30).all() and (terms > 0.3).all())
        True
    """
    rng = np.random.default_rng(0)
    found = {name: np.zeros(np.shape(g)) for name, g in flow.gradients.items()}
    for _ in range(DRAWS):
        steps = {i: _disturbed(node, rng) for i, node in enumerate(flow.nodes)}
        with np.errstate(all="ignore"):
            gradients = flow.rerun_at(steps, lambda c: _changed(c, rng))
        for name, g in gradients.items():
            change = np.abs(np.asarray(g, float) - flow.gradients[name]) / PART
            found[name] = np.fmax(found[name], np.where(np.isfinite(change), change, 0.0))
    return found


def _disturbed(node: Any, rng: np.random.Generator) -> Any:
    """A step that reads other values, unless its rule compares them, as that of a maximum does."""
    if node.op is None or CHOICES.get(node.op, True) is not None:
        return node
    return Step.of(node, _changed(node._data, rng), [_changed(x, rng) for x in node.saved])


def _changed(x: Array, rng: np.random.Generator) -> Array:
    array = np.asarray(x)
    if array.dtype.kind != "f":
        return x
    return array * (1.0 + PART * rng.uniform(-1.0, 1.0, array.shape))
