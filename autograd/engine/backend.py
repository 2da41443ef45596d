"""Backend: all that the engine asks of a kind of data. `autograd/backends/` has those of floats and
of NumPy arrays."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Sequence
from typing import Any


class Backend:
    """A kind of data, as the engine sees it.

    Attributes:
        node: the class of the results; instances of a subclass, such as a parameter, go in, and
            plain ones come out.
        identity: the primitive that hands its input on.
        no_gradient: what `.grad` is before the first backward pass.
        keeps_every_grad: whether `backward()` adds to the `.grad` of every node on the way, not
            only to that of leaves.
        has_shape: whether the data has a shape and a dtype.
        scalar: the type of plain operands that an operator may take as they are.
    """

    node: Any
    identity: Any
    no_gradient: Any
    keeps_every_grad: bool
    has_shape: bool
    scalar: type[Any] = float

    # --- what goes into a primitive ---

    def operand(self, op: Any, x: Any) -> Any:
        """The data of an argument that is no node of this kind; NotImplemented if it has none."""
        raise NotImplementedError

    def type_error(self, op: Any, x: Any) -> Exception:
        """The error for an argument that `operand` did not take."""
        raise NotImplementedError

    def keep(self, datum: Any) -> Any:
        """A constant as a node may remember it: nobody can change it afterwards."""
        raise NotImplementedError

    def accept(self, node: Any, data: Any) -> Any:
        """The data that a leaf takes over when it is assigned."""
        raise NotImplementedError

    # --- running a kernel ---

    def run(self, op: Any, data: Collection[Any], static: dict[str, Any]) -> Any:
        """The result of a primitive on plain data."""
        raise NotImplementedError

    def operator(self, op: Any) -> Callable[..., Any]:
        """`run` without static facts, for one primitive, as fast as can be; it may raise."""
        raise NotImplementedError

    def recover(self, op: Any, error: Exception, data: tuple[Any, ...]) -> Any:
        """The result where `operator` raised, or a better error."""
        raise NotImplementedError

    # --- the backward pass ---

    def seed(self, node: Any, gradient: Any, create_graph: bool) -> Any:
        """The cotangent of the root: `gradient`, checked, or 1."""
        raise NotImplementedError

    def fit(self, node: Any, argument: int, gradient: Any, datum: Any) -> Any:
        """The gradient that a rule returned, in the shape and dtype of the argument."""
        raise NotImplementedError

    def safe_rule(self, node: Any, argument: int, g: Any, out: Any, saved: Sequence[Any]) -> Any:
        """A node's rule, with exactly 0 wherever the cotangent is 0, and IEEE arithmetic
        throughout."""
        raise NotImplementedError

    def has_nan(self, gradients: Collection[Any]) -> bool:
        """Whether any entry is nan."""
        raise NotImplementedError

    def accumulate(self, nodes: Sequence[Any], gradients: Sequence[Any]) -> None:
        """Add gradients to the nodes' `.grad`."""
        raise NotImplementedError

    def quiet(self) -> contextlib.AbstractContextManager[Any]:
        """A context without warnings of inf and nan."""
        return contextlib.nullcontext()
