"""The backward pass.

The cotangent of a node is the derivative of the root with respect to it; the root's own is the
seed. From the root down, youngest first, each node hands a contribution to each of its inputs: the
rule for that argument, applied to the node's cotangent. An input with several consumers adds up
their contributions, and has its turn after all of them.

The state of a pass is a dictionary from nodes to cotangents, which nobody else sees. So passes may
run side by side in several threads, a hook or a rule may begin another one, and a pass that is
interrupted leaves nothing behind.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextvars import ContextVar
from typing import Any, Protocol
from weakref import ref

from autograd.engine import kept, primitive, unrolled
from autograd.engine.cotangents import Cotangents, add
from autograd.engine.graph import Node, by_number, constant, data_of, make_node
from autograd.engine.hooks import call_hooks_once, has_raised
from autograd.engine.primitive import contributions
from autograd.errors import DTypeError, GraphError, check_flags, kind, message

# --- Which nodes have a turn ----------------------------------------------------------------------


def reachable(root: Node, cotangents: Cotangents) -> list[Node]:
    """The nodes that gradients of `root` flow to, and `root`; youngest first."""
    nodes = [root]
    cotangents[root] = None
    for node in nodes:  # the list grows meanwhile
        for x in node.inputs:
            if x is not None and x not in cotangents and x.requires_grad:
                cotangents[x] = None
                nodes.append(x)
    nodes.sort(key=by_number, reverse=True)
    return nodes


def leading_to(targets: Collection[Node], nodes: list[Node], cotangents: Cotangents) -> list[Node]:
    """The nodes that lead to a target, youngest first; the others lose their turn."""
    leading: set[Node] = set()
    for node in reversed(nodes):
        if node in targets or not leading.isdisjoint(node.inputs):
            leading.add(node)
        else:
            del cotangents[node]
    return [node for node in nodes if node in leading]


class Collector(Protocol):
    """Wants the gradients of leaves as early as they are complete, to send them to other processes.

    It may also have a method `ready(leaf, gradient)`, which gets each of them after the leaf's
    hooks, once in a pass, to look at; and `abandon()`, called if the pass ends by an error.

    Attributes:
        leaves: have their turn right after the last node that contributes to them. Otherwise it
            would come at the end, because leaves are older than all that is computed from them.
    """

    leaves: Set[Node]

    def begin(self) -> None:
        """A pass that reaches some of the leaves begins."""

    def finish(self, gradients: Mapping[Node, Any]) -> Mapping[Node, Any]:
        """Return what the leaves get instead of the gradients that the pass computed.

        A pass that runs again, with care, asks again, but calls neither hooks nor `ready` twice.
        """


# Those that are alive, in the order of registration; whether there is one costs no call to ask.
_collectors: dict[ref[Any], None] = {}


def collect_gradients(collector: Collector) -> None:
    """Let an object replace the gradients of leaves in every pass that adds to their `.grad`.

    Such a pass completes the leaves' gradients as early as it can, and asks the object at the end
    what the leaves get. Gradients then travel to other processes while the rest
    of the pass is computed, as in `nn.distributed`. The object takes part until
    it is deleted.

    Args:
        collector: has a set `leaves`, and two methods: `begin()` is called before a pass that
            reaches a leaf, and `finish(gradients)` gets the gradients of the pass by leaf, and
            returns those to replace. It may have two more: `ready(leaf, gradient)` gets each
            gradient as soon as it is complete, and `abandon()` is called if the pass ends by an
            error.

    Raises:
        TypeError: it lacks one of these.

    Example:
        >>> import autograd as ag
        >>> class Halves:
        ...     def __init__(self, leaves):
        ...         self.leaves = set(leaves)
        ...     def begin(self):
        ...         print("begin")
        ...     def finish(self, gradients):
        ...         return {x: 0.5 * gradients[x] for x in self.leaves}
        >>> x = ag.Tensor([1.0, 2.0], requires_grad=True)
        >>> halves = Halves([x])
        >>> ag.collect_gradients(halves)
        >>> (x * x).sum().backward()
        begin
        >>> x.grad
        array([1., 2.])
    """
    parts = (getattr(collector, "begin", None), getattr(collector, "finish", None))
    whole = isinstance(getattr(collector, "leaves", None), Set) and all(map(callable, parts))
    if not whole or isinstance(collector, type):
        expected = "an object with a set of leaves and the methods begin() and finish(gradients)"
        raise TypeError(message("collect_gradients", kind(collector), expected))
    _collectors[ref(collector, _forget)] = None


def _forget(gone: ref[Any]) -> None:
    _collectors.pop(gone, None)


def _collecting(nodes: list[Node]) -> list[Collector]:
    """The collectors that have leaves among these nodes."""
    alive = (reference() for reference in list(_collectors))
    return [c for c in alive if c is not None and not c.leaves.isdisjoint(nodes)]


def with_early_turns(nodes: list[Node], leaves: Set[Node]) -> list[Node]:
    """The nodes, youngest first, but each of these leaves right after its oldest consumer."""
    waiting = {node for node in nodes if node.op is None and node in leaves}
    oldest_first: list[Node] = []
    for node in reversed(nodes):
        if node in waiting:
            continue
        ready = [x for x in node.inputs if x in waiting]
        oldest_first += dict.fromkeys(ready)
        waiting.difference_update(ready)
        oldest_first.append(node)
    # A root that is a leaf itself has no consumer.
    return [*reversed(oldest_first), *waiting]


# --- The walk -------------------------------------------------------------------------------------

Pull = Callable[[Any, Any, Cotangents, set[Node]], None]
Found = tuple[list[Node], list[Any]]  # nodes, and their cotangents


class Again(Exception):
    """A nan appeared, so the pass has to run again with care."""


def walk(
    nodes: list[Node],
    cotangents: Cotangents,
    pull: Pull | None,
    wanted: Collection[Node] | None,
    hooked: dict[Node, Any],
    careful: bool,
) -> Found:
    """Give every node its turn, and return the cotangents that were asked for.

    Args:
        nodes: in the order of their turns.
        cotangents: the seed at the root; empty in the end.
        pull: hands a node's cotangent to its inputs; None for the primitive's own `pull`.
        wanted: the nodes whose cotangents to return, in addition to leaves and nodes that retain
            theirs; None for every node.
        hooked: what hooks returned, because a pass that runs again must not call them again.
        careful: whether this is the second run, with care.
    """
    found: list[Node] = []
    gradients: list[Any] = []
    owned: set[Node] = set()
    for node in nodes:
        g = cotangents[node]
        del cotangents[node]
        op, note = node.op, node.note
        keeps = op is None or wanted is None or node in wanted
        if note is not None and note.acts:
            keeps = keeps or note.retains
            if note.hooks:
                if not careful and node._backend.has_nan([data_of(g)]):
                    raise Again
                g = call_hooks_once(node, g, hooked)
        if keeps:
            found.append(node)
            gradients.append(g)
        if op is not None:
            (pull or op.pull)(node, g, cotangents, owned)
    return found, gradients


# --- Ways to hand on a cotangent ------------------------------------------------------------------
#
# A primitive's own `pull` runs its rules as they are (`primitive.py`, and `unrolled.py` for one
# input and for two). These two stand in for it where that is not enough.


def pull_with_care(node: Any, g: Any, cotangents: Cotangents, owned: set[Node]) -> None:
    """An entry whose cotangent is exactly 0 contributes exactly 0, whatever the local derivative.

    In where(x > 0, log(x), 0) at x = 0 the branch not taken must not turn 0 · inf into nan, nor may
    0 / 0 of Python floats raise. This takes longer, so a pass runs without it first, and again with
    it only if a nan came out or arithmetic raised.
    """
    fit, saved = node._backend.fit, node.saved
    for argument, x, c in _with_care(node, g, node._data, saved, cotangents):
        add(cotangents, owned, x, fit(node, argument, c, saved[argument]))


def _with_care(
    node: Any, g: Any, out: Any, saved: tuple[Any, ...], cotangents: Cotangents
) -> Iterator[tuple[int, Any, Any]]:
    """`contributions`, by rules that an entry of 0 cannot pass."""
    if node.op.at_once:  # it moves entries, and computes nothing with them
        yield from contributions(node, g, out, saved, cotangents)
        return
    for argument, x in enumerate(node.inputs):
        if x in cotangents:
            yield argument, x, node._backend.safe_rule(node, argument, g, out, saved)


def pull_nodes(
    node: Any, g: Any, cotangents: Cotangents, owned: set[Node], careful: bool = False
) -> None:
    """Rules on nodes instead of data: what they compute is a graph like any other."""
    backend, inputs, saved = node._backend, node.inputs, node.saved
    given = tuple(map(_as_given, inputs, saved))
    found = _with_care if careful else contributions
    for argument, x, c in found(node, g, node, given, cotangents):
        c = backend.fit(node, argument, c, saved[argument], on_nodes=True)
        if not isinstance(c, Node):  # the rule returned a constant
            c = constant(backend, backend.keep(c))
        total = cotangents[x]
        cotangents[x] = c if total is None else total + c


def pull_careful_nodes(node: Any, g: Any, cotangents: Cotangents, owned: set[Node]) -> None:
    """Both: rules on nodes, with care."""
    pull_nodes(node, g, cotangents, owned, careful=True)


def _as_given(x: Node | None, datum: Any) -> Any:
    """An input as a rule on nodes must see it: with the datum that the primitive was given."""
    if x is None or not x.requires_grad:
        return datum
    if x._data is datum:
        return x
    backend = x._backend
    return make_node(backend, datum, backend.identity, (x,), (datum,), None)


# --- A whole pass ---------------------------------------------------------------------------------

# A function that sees each root before its gradients are computed, its seed, and whether the pass
# adds to `.grad`; or None.
Watch = Callable[[Node, Any, bool], None]
backward_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


def cotangents_of(
    root: Node, wanted: Collection[Node] | None, seed: Any, create_graph: bool
) -> Found:
    """The cotangents of leaves, of nodes that retain theirs, and of those `wanted` (None: all).

    With `create_graph`, some are wanted.
    """
    watch = backward_watch.get()
    if watch is not None:
        watch(root, seed, not wanted)
    backend = root._backend
    seed = backend.seed(root, seed, create_graph)
    if create_graph and not isinstance(seed, Node):
        seed = constant(backend, seed)
    hooked: dict[Node, Any] = {}
    if wanted is None and not backend.has_shape:
        found = unrolled.walk_numbers(root, seed, hooked)
        if found is not None:
            return found
    collection = _Collection() if _collectors and not wanted else None
    try:
        with backend.quiet():
            try:
                return _attempt(root, seed, wanted, create_graph, hooked, collection, False)
            except (Again, ArithmeticError, ValueError):
                if has_raised(hooked):
                    raise
                # The second attempt follows outside, or its errors would be chained to this one.
            return _attempt(root, seed, wanted, create_graph, hooked, collection, True)
    except BaseException:
        if collection is not None:
            collection.abandon()
        raise


class _Collection:
    """The collectors that take part in one pass, and what they have got of it."""

    def __init__(self) -> None:
        self.begun: list[Collector] = []
        self.sent: dict[Node, Any] = {}

    def begin(self, nodes: list[Node]) -> list[Node]:
        """Let collectors begin; returns the nodes in an order that completes leaves early."""
        if not self.begun:
            for collector in _collecting(nodes):
                collector.begin()
                self.begun.append(collector)
        for collector in self.begun:
            nodes = with_early_turns(nodes, collector.leaves)
        return nodes

    def walk(
        self, nodes: list[Node], walked: Callable[[list[Node]], Found], careful: bool
    ) -> Found:
        """Walk from leaf to leaf, and hand each gradient on."""
        takers = {
            leaf: take
            for collector in self.begun
            if (take := getattr(collector, "ready", None)) is not None
            for leaf in collector.leaves
        }
        found, gradients, start = list[Node](), list[Any](), 0
        for end, node in enumerate(nodes, 1):
            if node not in takers and end < len(nodes):
                continue
            some, slopes = walked(nodes[start:end])
            if node in takers:
                slopes[-1] = self._hand_on(node, slopes[-1], takers[node], careful)
            found += some
            gradients += slopes
            start = end
        return found, gradients

    def _hand_on(self, leaf: Node, g: Any, take: Callable[[Node, Any], None], careful: bool) -> Any:
        if leaf not in self.sent:
            if not careful and leaf._backend.has_nan([g]):
                raise Again
            self.sent[leaf] = g
            take(leaf, leaf._backend.seen(g))
        return self.sent[leaf]

    def finish(self, found: Found) -> Found:
        """What leaves get instead."""
        for collector in self.begun:
            others = collector.finish(dict(zip(*found, strict=True)))
            found = found[0], [others.get(n, g) for n, g in zip(*found, strict=True)]
        return found

    def abandon(self) -> None:
        """Tell the collectors that the pass ended by an error."""
        for collector in self.begun:
            getattr(collector, "abandon", _nothing)()


def _nothing() -> None:
    pass


def _attempt(
    root: Node,
    seed: Any,
    wanted: Collection[Node] | None,
    create_graph: bool,
    hooked: dict[Node, Any],
    collection: _Collection | None,
    careful: bool,
) -> Found:
    cotangents: Cotangents = {}
    nodes = unrolled.reachable(root, cotangents)
    if wanted:
        nodes = leading_to(wanted, nodes, cotangents)
    if nodes:
        cotangents[root] = seed
    if collection is not None:
        nodes = collection.begin(nodes)
    pull: Pull | None = None
    if create_graph:
        pull = pull_careful_nodes if careful else pull_nodes
    elif careful:
        pull = pull_with_care
    elif not root._backend.has_shape:
        pull = primitive.pull  # a primitive's own may be unrolled, which only pays for arrays
    if collection is not None and collection.begun:
        walked = lambda some: walk(some, cotangents, pull, wanted, hooked, careful)  # noqa: E731
        found = collection.finish(collection.walk(nodes, walked, careful))
    else:
        found = walk(nodes, cotangents, pull, wanted, hooked, careful)
    if not careful:
        gradients = [g._data for g in found[1]] if create_graph else found[1]
        if root._backend.has_nan(gradients):
            raise Again
    return found


# --- Two ways in ----------------------------------------------------------------------------------


def gradients(
    root: Node, wrt: Sequence[Node] | None = None, *, seed: Any = None, create_graph: bool = False
) -> list[Any]:
    """The derivative of `root` with respect to each node of `wrt`; no `.grad` is touched.

    Args:
        root: what to differentiate.
        wrt: a list of nodes to differentiate with respect to, leaves or not.
        seed: the cotangent to start from, of the root's shape; 1 if the root is one number.
        create_graph: whether the gradients are nodes themselves, to be differentiated again.

    Returns:
        a list in the order of `wrt`: floats or arrays, or nodes with `create_graph`; None where the
        root does not depend on the node.

    Raises:
        DTypeError: `root` is not a node, or `wrt` is not a list of nodes.

    Example:
        >>> import autograd as ag
        >>> x, y = ag.Value(3.0), ag.Value(4.0)
        >>> ag.gradients(x * x * y, [x, y])
        [24.0, 9.0]
        >>> [dx] = ag.gradients(x * x * y, [x], create_graph=True)
        >>> ag.gradients(dx, [x])
        [8.0]

    Source: Griewank and Walther, Evaluating Derivatives, 2nd ed., chapter 3.
    """
    if not isinstance(root, Node) or type(wrt) not in (list, tuple):
        wrt = _checked(root, wrt)
    assert wrt is not None
    if create_graph is not False:
        check_flags("gradients", create_graph=create_graph)
    for node in wrt:
        if not isinstance(node, Node):
            raise DTypeError(
                message("gradients", f"{kind(node)} in the list of nodes", "Values or Tensors")
            )
    targets = set(wrt)
    if not root.requires_grad or not targets:
        return [None] * len(wrt)
    nodes, cotangents = cotangents_of(root, targets, seed, create_graph)
    if not create_graph:
        cotangents = list(root._backend.separate(cotangents))
    found = dict(zip(nodes, cotangents, strict=True))
    return [found.get(node) for node in wrt]


def _checked(root: Any, wrt: Any) -> Sequence[Node]:
    """Raise unless `root` can be differentiated with respect to `wrt`."""
    if not isinstance(root, Node):
        hint = "pass a result that was computed from nodes"
        raise DTypeError(message("gradients", f"{kind(root)} as the root", "a node", hint))
    if isinstance(wrt, Node) or not isinstance(wrt, Iterable):
        hint = "write ag.gradients(y, [x])"
        got = "no nodes as wrt" if wrt is None else f"{kind(wrt)} as wrt"
        raise DTypeError(message("gradients", got, "a list of nodes", hint))
    return list(wrt)


def backward(root: Node, seed: Any = None) -> None:
    """Add the derivative of `root` to the `.grad` of the leaves it was computed from.

    A `Value` adds to the `.grad` of every node on the way, a `Tensor` to those with
    `retain_grad()`.
    """
    if not root.requires_grad:
        raise GraphError(
            message(
                "backward",
                "a node that does not require a gradient, so there is none to compute",
                hint="create its inputs with requires_grad=True, and compute it outside no_grad() "
                "and without detach()",
            )
        )
    global _passes
    backend = root._backend
    nodes, found = cotangents_of(root, None if backend.keeps_every_grad else (), seed, False)
    with _accumulating:
        backend.accumulate(nodes, found)
    _passes += 1
    if _passes % kept.EVERY == 0:
        kept.look(root)


_passes = 0

# Two threads that add to the `.grad` of one parameter must not lose either's part.
_accumulating = threading.RLock()


def _renew_locks() -> None:
    """Replace the locks in a forked child, where a thread that held one does not exist."""
    global _accumulating
    _accumulating = threading.RLock()
    unrolled.renew_lock()


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(after_in_child=_renew_locks)
