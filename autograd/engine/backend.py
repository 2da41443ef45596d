"""Backend: all that the engine asks of a kind of data; `autograd/backends/` implements it twice."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Sequence
from typing import Any

from autograd.errors import GraphError, message


class Backend:
    """A kind of data, as the engine sees it.

    Attributes:
        node: the class of the results. Operands may be of a subclass, such as a parameter; results
            are always of this class.
        identity: the primitive that returns its input.
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
        """The data of an argument that is not a node of this kind, or NotImplemented."""
        raise NotImplementedError

    def type_error(self, op: Any, x: Any) -> Exception:
        """The error for an argument that `operand` did not take."""
        raise NotImplementedError

    def keep(self, datum: Any) -> Any:
        """A constant that a node may remember, because nobody can change it afterwards."""
        raise NotImplementedError

    def accept(self, node: Any, data: Any) -> Any:
        """Data assigned to a leaf, checked."""
        raise NotImplementedError

    def gradient(self, operation: str, x: Any, node: Any) -> Any:
        """A user's `x` as a gradient of the node: plain data, checked."""
        raise NotImplementedError

    # --- running a kernel ---

    def run(self, op: Any, data: Collection[Any], static: dict[str, Any]) -> Any:
        """The result of a primitive on plain data."""
        raise NotImplementedError

    def operator(self, op: Any) -> Callable[..., Any]:
        """`run` for one primitive without static facts: the fast form, which may raise."""
        raise NotImplementedError

    def recover(self, op: Any, error: Exception, data: tuple[Any, ...]) -> Any:
        """The result where `operator` raised, or a better error."""
        raise NotImplementedError

    # --- the backward pass ---

    def seed(self, node: Any, gradient: Any, create_graph: bool) -> Any:
        """The cotangent of the root: `gradient`, checked, or 1."""
        raise NotImplementedError

    def fit(
        self, node: Any, argument: int, gradient: Any, datum: Any, on_nodes: bool = False
    ) -> Any:
        """The gradient that a rule returned, in the shape and dtype of the argument.

        Args:
            node: the node whose primitive has the rule.
            argument: the position of the argument.
            gradient: what the rule returned.
            datum: the argument's data.
            on_nodes: whether to return a node; otherwise plain data.

        Raises:
            GraphError: the rule returned no gradient, or one that cannot be fitted.
        """
        raise NotImplementedError

    def safe_rule(self, node: Any, argument: int, g: Any, out: Any, saved: Sequence[Any]) -> Any:
        """A node's rule in IEEE arithmetic, and exactly 0 wherever the cotangent is 0."""
        raise NotImplementedError

    def read_only(self, gradient: Any) -> Any:
        """A gradient that a hook may see, because the hook cannot change it."""
        raise NotImplementedError

    def seen(self, gradient: Any) -> Any:
        """A gradient for a hook that only looks, and keeps nothing of it."""
        raise NotImplementedError

    def has_nan(self, gradients: Collection[Any]) -> bool:
        """Whether any entry is nan, or is not a number of this kind."""
        raise NotImplementedError

    def separate(self, gradients: Sequence[Any]) -> Sequence[Any]:
        """The gradients as data that a user may change: they share no memory."""
        raise NotImplementedError

    def accumulate(self, nodes: Sequence[Any], gradients: Sequence[Any]) -> None:
        """Add gradients to the nodes' `.grad`."""
        raise NotImplementedError

    def quiet(self) -> contextlib.AbstractContextManager[Any]:
        """A context in which inf and nan cause no warnings."""
        return contextlib.nullcontext()


def rule_error(node: Any, argument: int, got: str, expected: str) -> GraphError:
    """The error for a primitive's rule that returned no gradient for its argument."""
    label = f" ({node.op.labels[argument]})" if argument < len(node.op.labels) else ""
    got = f"{got} from the rule for argument {argument}{label}"
    hint = ""
    if got.startswith("None"):
        hint = "write None in place of the rule if no gradient flows to the argument"
    return GraphError(message(node.op.name, got, expected, hint))
