"""Parts that are recognized by how their operations are connected: softmax, gates, Q, K, V, ...

They need no support by the program that computed them, so they cost nothing until something is
drawn, and those that a user writes by hand are found too. A part has one result, and nothing else
in it is used outside.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd.engine.graph import Node
from autograd.engine.note import Part, Scope
from autograd.visualize.clusters import inputs_of, is_leaf

VIEWS = frozenset({"reshape", "transpose", "broadcast_to", "cast"})
PRODUCTS = frozenset({"inner", "matmul"})
TERMS = 8  # a sum of so many is drawn as one


def find_parts(
    nodes: Sequence[Node], consumers: Mapping[Node, Sequence[Node]], roots: Collection[Node]
) -> dict[Node, Scope]:
    """The part that each node belongs to, of those that belong to one.

    Args:
        nodes: all nodes, oldest first.
        consumers: the nodes that use each.
        roots: the results.
    """
    finder = _Finder(consumers, set(roots))
    for recognize in RECOGNIZERS:
        for node in nodes:
            if node.op is not None and node not in finder.found:
                recognize(finder, node)
    return finder.found


class _Finder:
    def __init__(self, consumers: Mapping[Node, Sequence[Node]], roots: set[Node]) -> None:
        self.consumers, self.roots = consumers, roots
        self.found: dict[Node, Scope] = {}
        self.softmaxes: dict[Node, Node] = {}  # results, with the logits

    def claim(self, name: str, result: Node, inside: Iterable[Node | None]) -> bool:
        """Make a part of these nodes, if they are one: of one call, and used nowhere else."""
        members = {n for n in inside if n is not None and n.op is not None} | {result}
        if len(members) < 2:
            return False
        scope = _scope(result)
        for n in members:
            if n in self.found or _scope(n) is not scope:
                return False
            if n is not result and (n in self.roots or not members.issuperset(self.consumers[n])):
                return False
        part = Part(name, scope)
        self.found.update(dict.fromkeys(members, part))
        return True

    def behind(self, node: Any, operations: Collection[str], inside: list[Any]) -> Any:
        """The first node behind a chain of operations, which are added to `inside`."""
        while _is(node, *operations) and node not in self.found:
            inside.append(node)
            node = next((x for x in node.inputs if x is not None and x.requires_grad), None)
        return node

    def ahead(self, node: Node, operations: Collection[str], inside: list[Any]) -> Node:
        """The last node of a chain of operations that alone use each other, from here on."""
        while node not in self.roots:
            users = set(self.consumers[node])
            if len(users) != 1:
                break
            (user,) = users
            if not _is(user, *operations) or user in self.found or _scope(user) is not _scope(node):
                break
            inside.append(user)
            node = user
        return node

    def only_here(self, node: Any, operations: Collection[str], inside: list[Any]) -> None:
        """Add the operations behind a node that serve it alone, with all that serves them alone."""
        for x in node.inputs:
            if _is(x, *operations) and x not in self.found and set(self.consumers[x]) <= {node}:
                inside.append(x)
                self.only_here(x, operations, inside)


def _is(node: Any, *names: str) -> bool:
    return node is not None and node.op is not None and node.op.name in names


def _scope(node: Node) -> Any:
    return node.note.scope if node.note is not None else None


def _both(node: Node, first: Callable[[Any], bool], second: Callable[[Any], bool]) -> Any:
    """The two inputs of a node, in the order in which they fulfil the conditions; or None."""
    if len(node.inputs) != 2:
        return None
    a, b = node.inputs
    if first(a) and second(b):
        return a, b
    return (b, a) if first(b) and second(a) else None


def _shifted(z: Any, inside: list[Any]) -> Any:
    """The logits, before a constant was subtracted against overflow."""
    if _is(z, "sub") and (z.inputs[1] is None or not z.inputs[1].requires_grad):
        inside.append(z)
        return z.inputs[0]
    return z


# --- one function for each part; the longest first, because a node belongs to one part ---


def _sum(f: _Finder, node: Node) -> None:
    """x + y + z + ..., one after another."""
    users = f.consumers[node]
    if not _is(node, "add") or (len(users) == 1 and _is(users[0], "add")):
        return
    inside, stack, terms = [node], [node], 0
    while stack:
        for x, datum in inputs_of(stack.pop()):
            if _is(x, "add") and len(f.consumers[x]) == 1 and x not in f.roots:
                inside.append(x)
                stack.append(x)
            elif x is not None or np.ndim(datum) or datum != 0:
                terms += 1
    if terms >= TERMS:
        f.claim(f"Σ {terms:,} terms", node, inside)


def _cross_entropy(f: _Finder, node: Node) -> None:
    """ln Σ eˣ - x[class]."""
    if not _is(node, "sub") or not _is(node.inputs[0], "log") or not _is(node.inputs[1], "getitem"):
        return
    log, pick = node.inputs
    total = log.inputs[0]
    if _is(total, "sum") and _is(total.inputs[0], "exp"):
        z = total.inputs[0].inputs[0]
        inside = [log, pick, total, total.inputs[0]]
        if pick.inputs[0] is z:
            _shifted(z, inside)
            f.claim("cross-entropy", node, inside)


def _log_softmax(f: _Finder, node: Node) -> None:
    """x - ln Σ eˣ."""
    if not _is(node, "sub"):
        return
    inside: list[Any] = []
    log = f.behind(node.inputs[1], VIEWS, inside)
    if _is(log, "logsumexp") and log.inputs[0] is node.inputs[0]:
        inside.append(log)
        _shifted(node.inputs[0], inside)
        f.claim("log softmax", node, inside)
    elif _is(log, "log") and _is(log.inputs[0], "sum") and _is(log.inputs[0].inputs[0], "exp"):
        total = log.inputs[0]
        z = total.inputs[0].inputs[0]
        if z is node.inputs[0]:
            inside += [log, total, total.inputs[0]]
            _shifted(z, inside)
            f.claim("log softmax", node, inside)


def _softmax(f: _Finder, node: Node) -> None:
    """eˣ / Σ eˣ."""
    if not _is(node, "div") or not _is(node.inputs[0], "exp"):
        return
    above, inside = node.inputs[0], [node.inputs[0]]
    total = f.behind(node.inputs[1], {*VIEWS, "where"}, inside)
    if _is(total, "sum") and total.inputs[0] is above:
        inside.append(total)
        logits = _shifted(above.inputs[0], inside)
        if f.claim("softmax", node, inside):
            f.softmaxes[node] = logits


def _normalization(f: _Finder, node: Node) -> None:
    """(x - μ) · γ / √(σ² + ε)."""
    if not _is(node, "mul", "div"):
        return
    centred = next((x for x in node.inputs if _is(x, "sub") and _is(x.inputs[1], "mean")), None)
    if centred is None or centred.inputs[0] is not centred.inputs[1].inputs[0]:
        return
    inside = [centred, centred.inputs[1]]
    others = [x for x in node.inputs if x is not centred]
    scale: Any = others[0] if len(others) == 1 else None
    if _is(scale, "mul"):  # by γ
        inside.append(scale)
        f.only_here(scale, VIEWS, inside)
        scale = next((x for x in scale.inputs if _is(x, "div")), None)
    if _is(scale, "div"):
        inside.append(scale)
        scale = scale.inputs[1]
    root = f.behind(scale, {"sqrt", "add"}, inside)
    if _is(root, "mean") and _is(root.inputs[0], "square") and root.inputs[0].inputs[0] is centred:
        f.claim("normalize", node, [*inside, root, root.inputs[0]])


def _convolution(f: _Finder, node: Node) -> None:
    """A product of windows and kernels."""
    if not _is(node, *PRODUCTS, "einsum"):
        return
    inside: list[Any] = []
    for x in node.inputs:
        views: list[Any] = []
        source = f.behind(x, VIEWS, views)
        if _is(source, "windows"):
            inside += [*views, source]
            f.only_here(source, {"scatter_add", *VIEWS}, inside)  # padding
    if not inside and getattr(_scope(node), "kind", "").startswith("Conv"):
        inside = [x for x in node.inputs if _is(x, *VIEWS)]  # the windows of data are data
    if inside:
        f.only_here(node, VIEWS, inside)
        f.claim("convolve", f.ahead(node, VIEWS, inside), [node, *inside])


_SERVES_A_GATE = {*PRODUCTS, "add", "getitem", *VIEWS}


def _gate(f: _Finder, name: str, node: Any) -> None:
    if _is(node, "sigmoid", "tanh"):
        inside: list[Any] = []
        f.only_here(node, _SERVES_A_GATE, inside)
        f.claim(name, node, inside)


def _lstm(f: _Finder, node: Node) -> None:
    """c' = σ(f) c + σ(i) tanh(g), and h' = σ(o) tanh(c')."""
    found = _both(node, lambda x: _is(x, "sigmoid"), lambda x: _is(x, "tanh"))
    if not _is(node, "mul") or found is None or not _is(found[1].inputs[0], "add"):
        return
    output, cell = found[0], found[1].inputs[0]
    if not all(_is(x, "mul") for x in cell.inputs):
        return
    new = next(
        (
            pair
            for x in cell.inputs
            if (pair := _both(x, lambda a: _is(a, "sigmoid"), lambda a: _is(a, "tanh")))
            and pair[1] is not found[1]
        ),
        None,
    )
    if new is None:
        return
    kept = next((x for x in cell.inputs if new[0] not in set(x.inputs)), None)
    if kept is None:
        return
    forget = next((x for x in kept.inputs if _is(x, "sigmoid")), None)
    _gate(f, "input gate", new[0])
    _gate(f, "candidate", new[1])
    _gate(f, "forget gate", forget)
    _gate(f, "output gate", output)
    f.claim("cell state", cell, cell.inputs)
    f.claim("hidden state", node, [found[1]])


def _gru(f: _Finder, node: Node) -> None:
    """h' = n + z (h - n), with n = tanh(...)."""
    found = _both(node, lambda x: _is(x, "tanh"), lambda x: _is(x, "mul"))
    if not _is(node, "add") or found is None:
        return
    new, change = found
    pair = _both(change, lambda x: _is(x, "sigmoid"), lambda x: _is(x, "sub"))
    if pair is None or pair[1].inputs[1] is not new:
        return
    update = pair[0]
    reset = [
        x
        for term in new.inputs[0].inputs
        if _is(term, "mul")
        for x in term.inputs
        if _is(x, "sigmoid")
    ]
    _gate(f, "update gate", update)
    for gate in reset:
        _gate(f, "reset gate", gate)
    inside: list[Any] = []
    f.only_here(new, {*_SERVES_A_GATE, "mul"}, inside)
    f.claim("candidate", new, inside)
    f.claim("hidden state", node, [change, pair[1]])


def _attention(f: _Finder, node: Node) -> None:
    """softmax(Q Kᵀ) V, with what makes Q, K and V."""
    if not _is(node, "matmul"):
        return
    dropped: list[Any] = []
    weights, value = node.inputs
    weights = weights if weights in f.softmaxes else f.behind(weights, {"mul"}, dropped)
    if weights not in f.softmaxes:
        return
    logits = f.softmaxes[weights]
    masks: list[Any] = []
    product = f.behind(logits, {"where", "add", "mul", "div"}, masks)
    if not _is(product, "matmul"):
        return
    query, key = product.inputs
    scaled: list[Any] = []
    while _is(query, "mul") and query not in f.found:
        scaled.append(query)
        query = next((x for x in query.inputs if x is not None and x.requires_grad), None)
    if _is(key, "transpose") and key not in f.found:
        scaled.append(key)
        key = key.inputs[0]
    f.claim("scores", logits, [product, *masks, *scaled])
    for name, x in (("Q", query), ("K", key), ("V", value)):
        _projection(f, name, x)
    inside: list[Any] = []
    result = f.ahead(node, VIEWS, inside)
    f.claim("weighted values", result, [node, *inside])


def _projection(f: _Finder, name: str, node: Any) -> None:
    """x Wᵀ + b, and the way it is divided into heads."""
    inside: list[Any] = []
    at = node
    while _is(at, *VIEWS, "add") and at not in f.found:
        inside.append(at)
        at = next((x for x in at.inputs if _is(x, *VIEWS, "add", *PRODUCTS)), None)
    if _is(at, *PRODUCTS) and inside:
        inside.append(at)
        for inner in list(inside):
            f.only_here(inner, {"getitem", *VIEWS}, inside)
        f.claim(name, node, inside)


def _product(f: _Finder, node: Node) -> None:
    """x @ W.T, as a linear layer computes it; and x @ W of many rows, made a matrix and back."""
    if not _is(node, "matmul"):
        return
    rows, turned = node.inputs
    inside = [node]
    result = node
    if _is(rows, "reshape") and np.ndim(rows._data) == 2 and np.ndim(rows.saved[0]) > 2:
        result = f.ahead(node, {"reshape"}, inside)
        inside.append(rows)
    if not _is(turned, "transpose"):
        f.claim("@", result, inside)
        return
    axes, ndim = (turned.static or {}).get("axes"), np.ndim(turned._data)
    if axes == (*range(ndim - 2), ndim - 1, ndim - 2):
        name = "x Wᵀ" if is_leaf(turned.inputs[0]) else "x yᵀ"
        f.claim(name, result, [*inside, turned])


RECOGNIZERS = (
    _sum, _cross_entropy, _softmax, _log_softmax, _lstm, _gru, _attention, _convolution,
    _normalization, _product,
)  # fmt: skip
