"""A page that plays the forward and the backward pass of a graph, in one self-contained file."""

from __future__ import annotations

import ast
import copy
import inspect
import math
import os
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from autograd.debug.replay import Replay, names_of, replay
from autograd.debug.source_lines import line_of
from autograd.engine.graph import Node, ancestors
from autograd.visualize.clusters import held_by, is_parameter
from autograd.visualize.labels import clean, full_name, in_xml
from autograd.visualize.recompute import NotRecomputed, is_computed, recipe

WEB = os.path.join(os.path.dirname(__file__), "web")
SCRIPTS = ("interpreter.js", "arrays.js", "player.js", "live.js")
LISTED = 12  # arrays up to this size are listed; larger ones are shown by range and norm


def _web(name: str) -> str:
    with open(os.path.join(WEB, name), encoding="utf-8") as file:
        return file.read()


def page(roots: Sequence[Node], levels: Sequence[Mapping[str, Any]], title: str) -> str:
    """The page as HTML.

    Args:
        roots: the results; the first is differentiated if it is one number that requires a
            gradient.
        levels: pictures of the graph, each with "label", "svg", "ids", which maps each node to its
            element of the picture, "shows", which maps an element to the node whose value it
            shows, and "paths", which maps a leaf to the path of the module that uses it.
        title: the title of the page.
    """
    import json  # here, because few programs make pages

    shown = set().union(*(level["ids"] for level in levels))
    nodes = [node for node in ancestors(roots) if node in shown]
    number = {node: i for i, node in enumerate(nodes)}
    named = names_of(nodes) | _parameters(nodes, levels)
    called = {node: clean(name) for node, name in named.items()}
    held = held_by(nodes)
    root = roots[0]
    found = None
    if root.requires_grad and np.size(root._data) == 1:
        found = replay(root)
    data = {
        "title": title,
        "nodes": [_node(node, called[node], held.get(node, node._data)) for node in nodes],
        "events": [
            *(_forward(node, number, called) for node in nodes if node.op is not None),
            *(_backward(found, number, called) if found is not None else ()),
        ],
        "levels": [
            {
                "label": level["label"],
                "ids": {number[n]: i for n, i in level["ids"].items()},
                "shows": {i: number[n] for i, n in level["shows"].items() if n in number},
            }
            for level in levels
        ],
        **_live(roots, root if found is not None else None, nodes),
    }
    text = _web("player.html")
    parts = {
        "TITLE": in_xml(title),
        "STYLE": _web("player.css"),
        "SCRIPT": "\n".join(map(_web, SCRIPTS)),
        "DATA": _FORBIDDEN.sub(_in_json, json.dumps(data, ensure_ascii=False)),
        "PICTURES": "\n".join(
            f'<div class="picture" data-level="{i}" hidden>{_bare(level["svg"])}</div>'
            for i, level in enumerate(levels)
        ),
    }
    head, *rest = text.split("{{")
    filled = [head]
    for piece in rest:
        key, _, tail = piece.partition("}}")
        filled.append(parts[key] + tail)
    return "".join(filled)


def _parameters(nodes: Sequence[Node], levels: Sequence[Mapping[str, Any]]) -> dict[Node, str]:
    """The names of parameters with their paths, as in a state dictionary."""
    paths = levels[-1]["paths"] if levels else {}
    leaves = (node for node in nodes if is_parameter(node) and node.name)
    return {leaf: full_name(leaf, paths.get(leaf, "")) for leaf in leaves}


def _bare(svg: str) -> str:
    """A picture without the declaration of XML."""
    return svg[svg.index("<svg") :]


def _live(roots: Sequence[Node], root: Node | None, nodes: Sequence[Node]) -> dict[str, Any]:
    """What the page needs to compute: the recipe, and where it has each node; or why it cannot."""
    everything = ancestors(roots)
    place = {node: i for i, node in enumerate(everything)}
    try:
        return {
            "recipe": recipe(everything, root),
            "places": [place[node] for node in nodes],
            "fixed": [place[node] for node in everything if is_computed(node)],
        }
    except NotRecomputed as error:
        return {"reason": str(error)}


# In a script element, only "<" can begin the end tag or a comment. The others are control
# characters, lone surrogates and code points that are no characters, which UTF-8 or HTML refuses.
_FORBIDDEN = re.compile("[<\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def _in_json(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def _node(node: Node, name: str, data: Any) -> dict[str, Any]:
    kind = "computed" if node.op is not None else "constant"
    if node.op is None and (node.requires_grad or node.name):
        kind = "parameter" if is_parameter(node) else "input"
    return {
        "name": name,
        "kind": kind,
        "symbol": node.op.symbol if node.op is not None else "",
        "trained": node.op is None and node.requires_grad,
        "value": _shown(data),
    }


def _forward(node: Node, number: Mapping[Node, int], called: Mapping[Any, str]) -> dict[str, Any]:
    inputs = [
        {
            "name": called.get(x, "constant"),
            "node": number.get(x) if x is not None else None,
            "value": _shown(datum),
        }
        for x, datum in zip(node.inputs, node.saved, strict=True)
    ]
    return {
        "phase": "forward",
        "node": number[node],
        "operation": node.op.name,
        "formula": node.op.formula,
        "module": node.module,
        "line": _source(node),
        "inputs": inputs,
        "value": _shown(node._data),
    }


def _backward(
    found: Replay, number: Mapping[Node, int], called: Mapping[Any, str]
) -> list[dict[str, Any]]:
    events = []
    sums: dict[Node, Any] = {}
    counts: dict[Node, int] = {}
    for step in found.steps:
        if step.node not in number:
            continue
        contributions = []
        for c in step.contributions:
            sums[c.to] = c.value if c.to not in sums else sums[c.to] + c.value
            counts[c.to] = counts.get(c.to, 0) + 1
            summed = np.shape(c.raw) != np.shape(c.value) and np.ndim(c.raw) > 0
            contributions.append(
                {
                    "to": number.get(c.to),
                    "name": called.get(c.to, "left out"),
                    "argument": c.argument,
                    "rule": rule_text(step.node.op, c.argument),
                    "numbers": _with_numbers(step.node, c.argument, step.cotangent),
                    "value": _shown(c.value),
                    "sum": _shown(sums[c.to]),
                    "count": counts[c.to],
                    "of": len(found.received[c.to]),
                    "unbroadcast": f"summed from {np.shape(c.raw)} down to {np.shape(c.value)}"
                    if summed
                    else "",
                }
            )
        node = step.node
        events.append(
            {
                "phase": "backward",
                "node": number[node],
                "operation": node.op.name if node.op is not None else "leaf",
                "formula": node.op.formula if node.op is not None else "",
                "module": node.module,
                "line": _source(node),
                "cotangent": _shown(step.cotangent),
                "contributions": contributions,
            }
        )
    return events


def _source(node: Node) -> dict[str, Any] | None:
    line = line_of(node)
    if line is None:
        return None
    return {"place": f"{os.path.basename(line.file)}:{line.number}", "text": line.text}


def _shown(data: Any) -> dict[str, Any]:
    """A scalar or an array, abbreviated and in full."""
    array = np.asarray(data)
    if array.ndim == 0:
        return {"short": short(array.item()), "exact": repr(array.item())}
    numbers = np.asarray(array, float)
    norm = float(np.linalg.norm(numbers))
    if array.size <= LISTED:
        listed = ", ".join(map(short, array.ravel().tolist()))
        told = {"short": f"{array.shape}: {listed}", "exact": repr(array.tolist())}
    else:
        ends = f"from {short(float(numbers.min()))} to {short(float(numbers.max()))}"
        told = {"short": f"{array.shape}, {ends}, ‖·‖ {short(norm)}", "exact": repr(norm)}
    return told | {"norm": short(norm)}


def short(x: Any) -> str:
    """A number in four digits.

    Example:
        >>> from autograd.visualize.page import short
        >>> short(-0.333333), short(2), short(float("inf"))
        ('-0.3333', '2', 'inf')
    """
    if isinstance(x, float):
        return f"{x:.4g}" if math.isfinite(x) else str(x)
    return str(x)


# --- rules as text ---


def rule_text(op: Any, argument: int) -> str:
    """The source of a derivative rule as one expression, or its name; "" if there is no rule.

    Example:
        >>> from autograd.visualize.page import rule_text
        >>> rule_text(ag.primitives.PRIMITIVES["mul"], 0)
        'g * y'
    """
    rule = getattr(op.rules, "rule", None) or op.rules[argument]
    if rule is None:
        return ""
    if rule.__name__ != "<lambda>":
        return f"{rule.__name__.strip('_')}({', '.join(inspect.signature(rule).parameters)})"
    found = _lambda_of(rule)
    return ast.unparse(found.body) if found is not None else ""


@lru_cache(512)
def _lambda_of(rule: Callable[..., Any]) -> ast.Lambda | None:
    """The syntax tree of a lambda: of those on its line, the one that encloses its code."""
    try:
        lines, _ = inspect.getsourcelines(rule)
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, TypeError, SyntaxError):
        return None
    offset = len(lines[0]) - len(lines[0].lstrip())
    spans = [(a, b) for _, _, a, b in rule.__code__.co_positions() if a and b]
    start, end = min(a for a, _ in spans) - offset, max(b for _, b in spans) - offset
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda):
            body = node.body
            if body.col_offset <= start and end <= (body.end_col_offset or 0):
                return node
    return None


def _with_numbers(node: Node, argument: int, g: Any) -> str:
    """The rule with its values filled in, if all of them are scalars; else ""."""
    rule = getattr(node.op.rules, "rule", None) or node.op.rules[argument]
    numbers = [g, node._data, *node.saved]
    if rule is None or rule.__name__ != "<lambda>" or any(np.ndim(x) for x in numbers):
        return ""
    found = _lambda_of(rule)
    if found is None:
        return ""
    names = [a.arg for a in found.args.args]
    known = dict(zip(names, numbers, strict=False))

    class Numbers(ast.NodeTransformer):
        def visit_Name(self, name: ast.Name) -> ast.AST:
            if name.id not in known:
                return name
            x = float(known[name.id])
            text = short(x)
            return ast.Name(f"({text})" if x < 0 else text)

    return ast.unparse(Numbers().visit(copy.deepcopy(found.body)))
