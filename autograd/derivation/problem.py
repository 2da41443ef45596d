"""What is to be derived: a graph, the nodes to differentiate by, and what things are called."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

import numpy as np

from autograd.derivation.merging import merged
from autograd.derivation.naming import Seen, gate_names, parameter_names, unique, watched
from autograd.derivation.origins import Origins, parts
from autograd.derivation.state import unchanged
from autograd.engine.graph import Node, ancestors
from autograd.errors import (
    DTypeError,
    GraphError,
    UnsupportedError,
    as_int,
    counted,
    described,
    kind,
    message,
)
from autograd.nodes.tensor import Tensor
from autograd.nodes.value import Value
from autograd.primitives.arithmetic import sub
from autograd.primitives.elementary import exp

NUMBERS = (int, float, np.floating)


class Problem:
    """A graph, and what is asked of it.

    Attributes:
        roots: the results.
        root: the first of them, mostly the only one.
        by: the nodes to differentiate by.
        names: of the root, of the leaves that require gradients, and of what else has one.
        data: what the leaves held when the result was computed.
        seeds: the gradients that come in from outside; None if the result is one number.
        origins: what computed plain data of the graph.
    """

    def __init__(
        self,
        roots: list[Node],
        by: list[Node],
        names: dict[Node, str],
        seen: Seen,
        given: list[str],
        origins: Origins,
    ) -> None:
        self.roots, self.by, self.names, self.seen, self.given = roots, by, names, seen, given
        self.data, self.origins = data_of_leaves(roots), origins
        alone = len(roots) == 1 and not np.shape(roots[0]._data)
        self.seeds = None if alone else [_seed(root._data) for root in roots]

    @property
    def root(self) -> Node:
        """The first result."""
        return self.roots[0]

    def powers(self) -> set[Node]:
        """The differences z - c of which an exponential is taken."""
        below = {n.inputs[0] for n in ancestors(self.roots) if n.op is exp}
        return {n for n in below if n is not None and n.op is sub and n.inputs[0] is not None}

    def merged(self) -> Problem:
        """The problem on a graph in which nothing is computed twice."""
        stands = merged(self.roots, self.by)
        other = copy.copy(self)
        other.roots = [stands[x] for x in self.roots]
        other.by = [stands[x] for x in self.by]
        other.names = {}
        for node, name in self.names.items():
            other.names.setdefault(stands.get(node, node), name)
        other.origins = self.origins.on(stands)
        return other

    def place(self, v: Any) -> tuple[int, int]:
        """Where an input stands among the arguments: as given; data; then what has a gradient."""
        if v.name in self.given:
            return 0, self.given.index(v.name)
        if v.name in {f"d{self.names[x]}" for x in self.roots}:
            return 3, 0
        return 1 + (v.name in {self.names[x] for x in self.data if x.requires_grad}), 0

    def name_of(self, x: Any) -> str:
        """What an array that is not a node is called."""
        known = self.seen.name_of(x)
        if known or x.dtype.kind in "iu":
            return known or "y"
        if set(np.unique(x)) <= {0, np.max(x)}:
            return "mask"
        return "x" if x.ndim > 1 and "x" not in self.names.values() else "c"


def _seed(data: Any) -> Any:
    """A gradient for a result, to try a derivation with."""
    kind, shape = np.asarray(data).dtype, np.shape(data)
    return np.asarray(np.random.default_rng(shape).normal(size=shape)).astype(kind)


def data_of_leaves(roots: list[Node]) -> dict[Node, Any]:
    """What each leaf held when it was read."""
    found: dict[Node, Any] = {}
    for node in ancestors(roots):
        if node.op is None:
            found.setdefault(node, node._data)
        for x, datum in zip(node.inputs, node.saved, strict=True):
            if x is not None and x.op is None:
                found[x] = datum
    return found


def problem_of(
    result: Any, inputs: tuple[Any, ...], by: Any, frame: FrameType, largest: int = 200
) -> Problem:
    """The problem that a call of `derive` poses, in a frame whose variables give names."""
    most = as_int(largest)
    if most is None or most < 1:
        got = f"max_steps={described(largest)}"
        raise UnsupportedError(message("derive", got, "an integer of at least 1"))
    seen, origins = Seen(), Origins()
    given: dict[str, Any] = {}
    if isinstance(result, Node):
        if inputs:
            hint = "pass a function to give it inputs, as in derive(f, x), or by= to choose"
            raise DTypeError(message("derive", "a result and inputs", "a result alone", hint))
        roots = [result]
    else:
        roots, given = _run(result, inputs, seen, origins)
    seen.look(frame)
    if not any(root.requires_grad for root in roots):
        hint = "compute it from Tensors with requires_grad=True, outside of no_grad()"
        raise GraphError(message("derive", "a result without a graph", hint=hint))
    roots = [root for root in roots if root.requires_grad]
    leaf = next((root for root in roots if root.op is None), None)
    if leaf is not None and len(roots) == 1:
        got = f"{leaf.name or 'a leaf'}, which nothing computed"
        raise GraphError(message("derive", got, "the result of a computation"))
    graph = ancestors(roots)
    check_size(sum(x.op is not None for x in graph), most)
    names = _names(roots, graph, seen, list(given.values()))
    chosen = _chosen(by, graph, names, given)
    for n, node in enumerate(chosen, 1):
        names.setdefault(node, f"h{n}")
    return Problem(roots, chosen, names, seen, list(given), origins)


# --- A function and its inputs --------------------------------------------------------------------


def _run(
    f: Any, inputs: tuple[Any, ...], seen: Seen, origins: Origins
) -> tuple[list[Node], dict[str, Any]]:
    """The results of a function, and its inputs by name, as nodes where they are floats."""
    if not callable(f):
        hint = "pass the result of a computation, or a function and its inputs"
        raise DTypeError(message("derive", kind(f), "a Value, a Tensor or a function", hint))
    words = _words(f, len(inputs))
    scalars = all(isinstance(x, NUMBERS) and type(x) is not bool for x in inputs)
    given = [_as_node(x, scalars) for x in inputs]
    for word, x in zip(words, given, strict=True):
        seen.add(word, x)
    with unchanged(f):
        try:
            out = watched(lambda: origins.run(f, given, words), seen)
        except Exception:  # the reader's own, or what no tape can follow
            origins.forget()
            out = None
    if out is None:
        with unchanged(f):
            out = watched(lambda: f(*given), seen)
    roots = list(dict.fromkeys(x for x in parts(out) if isinstance(x, Node)))
    if not roots:
        got = f"a function that returns {kind(out)}"
        hint = "compute it from the inputs"
        raise DTypeError(message("derive", got, "a Value or a Tensor, or a tuple of them", hint))
    return roots, dict(zip(words, given, strict=True))


def _as_node(x: Any, scalars: bool) -> Any:
    if isinstance(x, Node):
        return x
    if scalars:
        return Value(float(x))
    try:
        array = np.asarray(x)
    except ValueError:  # rows of several lengths, which are the function's own business
        return x
    return Tensor(array, requires_grad=True) if array.dtype.kind == "f" else x


def _words(f: Any, count: int) -> list[str]:
    """The names of the arguments; `x` for the `input` of a module."""
    try:
        function: Callable[..., Any] = f.forward if hasattr(f, "named_parameters") else f
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    words = ["x" if p.name == "input" else p.name for p in parameters if p.kind in kinds]
    return (words + [f"x{n}" for n in range(len(words) + 1, count + 1)])[:count]


# --- Names ----------------------------------------------------------------------------------------


def _names(roots: list[Node], graph: list[Node], seen: Seen, given: list[Any]) -> dict[Node, str]:
    """A name for each root and for each leaf with a gradient, and for what else has one."""
    leaves = {x: None for x in graph if x.op is None}
    first = [x for x in given if isinstance(x, Node) and x in leaves]
    parameters = parameter_names(graph)
    found: dict[Node, str] = {}
    for x in dict.fromkeys([*first, *leaves]):
        own = None if getattr(x, "_is_parameter", False) else x.name
        word = own or seen.nodes.get(x) or parameters.get(x) or seen.name_of(np.asarray(x._data))
        if word or x.requires_grad:
            found[x] = word or "x"
    inputs = {seen.nodes[x] for x in first if x in seen.nodes}
    found |= _names_of_results(graph, seen, inputs)
    for x, word in gate_names(graph).items():
        found.setdefault(x, word)
    for n, root in enumerate(roots, 1):
        word = "out" if np.shape(root._data) else "loss"
        found.setdefault(root, word if len(roots) == 1 else f"{word}{n}")
    return unique(found)


def _names_of_results(graph: list[Node], seen: Seen, inputs: set[str]) -> dict[Node, str]:
    """Names of what was computed; an argument that a function assigns again keeps its own."""
    found = {}
    for x in graph:
        word = x.name or seen.nodes.get(x) or ""
        if x.op is not None and word and (word not in inputs or x.name):
            found[x] = word
    return found


# --- by= ------------------------------------------------------------------------------------------


def _chosen(
    by: Any, graph: list[Node], names: dict[Node, str], given: dict[str, Any]
) -> list[Node]:
    """The nodes to differentiate by."""
    leaves = [x for x in names if x.op is None and x.requires_grad]
    if by is None:
        return _by_default(leaves, given)
    listed = [by] if isinstance(by, (Node, str)) or not isinstance(by, Sequence) else list(by)
    known = {name: node for node, name in names.items()}
    found = [node for x in listed for node in _found(x, graph, known)]
    if not found:
        there = ", ".join(name for name, n in known.items() if n.requires_grad)
        got = "nothing to differentiate by"
        raise GraphError(message("derive", got, f"by= with some of {there}"))
    return found


def _by_default(leaves: list[Node], given: dict[str, Any]) -> list[Node]:
    """Leaves that a call did not make itself, if there are parameters among them; else all."""
    new = {x for x in given.values() if isinstance(x, Node)}
    asked = [x for x in leaves if x not in new or getattr(x, "_is_parameter", False)]
    own = any(getattr(x, "_is_parameter", False) for x in leaves)
    return asked if own and asked else leaves


def _found(x: Any, graph: list[Node], known: dict[str, Node]) -> list[Node]:
    """The nodes that an entry of by= means: a node, a name, or the parameters of a module."""
    if hasattr(x, "named_parameters"):
        return [p for _, p in x.named_parameters() if p in set(graph) and p.requires_grad]
    node = known.get(x) if isinstance(x, str) else x
    if not isinstance(node, Node) or node not in set(graph) or not node.requires_grad:
        what = f"by={x!r}" if isinstance(x, str) else f"{_called(x, known)} in by="
        there = ", ".join(name for name, n in known.items() if n.requires_grad)
        raise GraphError(
            message("derive", what, f"what the result was computed from, one of {there}")
        )
    return [node]


def _called(x: Any, known: dict[str, Node]) -> str:
    if not isinstance(x, Node):
        return kind(x)
    name = next((name for name, n in known.items() if n is x), x.name)
    reason = "" if x.requires_grad else ", which requires no gradient,"
    return f"{name or kind(x)}{reason}"


def check_size(count: int, largest: int) -> None:
    """Raise if a derivation would be too long to be read."""
    if count > largest:
        hint = (
            "choose fewer parameters with by=, derive one module by itself, as in "
            f"ag.derive(model[0], x), or pass max_steps={count}"
        )
        got = f"a graph of {counted(count, 'step')}"
        raise GraphError(message("derive", got, f"at most max_steps={largest}", hint))
