"""What the reader's program calls things: the variables of a frame, the paths of parameters."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np

from autograd.compile.trace.tape import plain, same
from autograd.debug.source_lines import is_users
from autograd.engine.graph import Node

Arrays = list[tuple[str, Any]]
PARTS = {"weight": "W", "bias": "b"}
SCALES = {"weight": "gamma", "bias": "beta"}  # of a normalization


class Seen:
    """Nodes and arrays that have a name in a program.

    Attributes:
        nodes: names of nodes.
        arrays: names of plain arrays.
    """

    def __init__(self) -> None:
        self.nodes: dict[Node, str] = {}
        self.arrays: Arrays = []

    def look(self, frame: FrameType) -> None:
        """Take the names of a frame's variables, and of the globals that its code mentions."""
        space = frame.f_locals
        if space is not frame.f_globals:
            names = frame.f_code.co_names
            space = {n: frame.f_globals[n] for n in names if n in frame.f_globals} | dict(space)
        for name, x in list(space.items()):
            if name.isidentifier() and not name.startswith("_"):
                self.add(name, x)
        for name, x in list(frame.f_globals.items()):
            if isinstance(x, Node) and not name.startswith("_"):
                self.add(name, x)

    def add(self, name: str, x: Any) -> None:
        """A value by its name; entries of lists are numbered."""
        x = plain(x)  # a function runs on what stands for its arrays
        if isinstance(x, Node):
            self.nodes.setdefault(x, name)
        elif type(x) is np.ndarray and x.dtype != object:
            self.arrays.append((name, x))
        elif type(x) in (list, tuple) and len(x) <= 64:
            if x and all(isinstance(e, Node) for e in x):
                for n, e in enumerate(x, 1):
                    self.nodes.setdefault(e, f"{name}{n}")
            elif name.isidentifier() and x and all(type(e) in (int, float) for e in x):
                self.arrays.append((name, np.array(x)))
        elif type(x) is dict and len(x) <= 64:
            for key, e in x.items():
                if isinstance(e, Node) and isinstance(key, str):
                    self.nodes.setdefault(e, key)

    def name_of_this(self, x: Any) -> str:
        """The name of this very array; "" if there is none."""
        return next((name for name, known in self.arrays if known is x), "")

    def name_of(self, x: Any) -> str:
        """The name of an array that holds these values; "" if there is none."""
        if own := self.name_of_this(x):
            return own
        for name, known in self.arrays:
            alike = known.shape == x.shape and known.dtype.kind == x.dtype.kind
            if alike and (same(known, x) or np.array_equal(known, x)):
                return name
        return ""


def watched(run: Callable[[], Any], seen: Seen) -> Any:
    """Call a function, and take the names that its variables have when it returns, then those of
    the functions that it called."""
    returned: list[Seen] = []

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        if event == "return" and is_users(frame):
            found = Seen()
            found.look(frame)
            returned.append(found)

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        result = run()
    finally:
        sys.setprofile(before)
    for found in reversed(returned):  # a function returns after those that it calls
        for node, name in found.nodes.items():
            seen.nodes.setdefault(node, name)
        seen.arrays += found.arrays
    return result


# --- Parameters -----------------------------------------------------------------------------------


def parameter_names(graph: list[Node]) -> dict[Node, str]:
    """W1, b1, gamma, W_ih: short names of the parameters in a graph, by what uses them.

    Modules with the same names for their parameters are numbered in the order of their use.
    """
    users: dict[Node, tuple[str, str]] = {}
    for node in graph:
        for x in node.inputs:
            if x is not None and getattr(x, "_is_parameter", False) and x.name:
                users.setdefault(x, _place_of(node))
    words = {x: _word(x.name or "", kind) for x, (_, kind) in users.items()}
    modules: dict[str, list[str]] = {}
    for x, (path, _) in users.items():
        family = modules.setdefault(_family(words[x]), [])
        if path not in family:
            family.append(path)
    names = {}
    for x, (path, _) in users.items():
        family = modules[_family(words[x])]
        names[x] = words[x] if len(family) == 1 else _numbered(words[x], family.index(path) + 1)
    return names


def _place_of(node: Node) -> tuple[str, str]:
    scope = node.note.scope if node.note is not None else None
    return (scope.path, scope.kind) if scope is not None else ("", "")


def _word(name: str, kind: str) -> str:
    """W for "weight", W_ih for "weight_ih", gamma for the weight of a normalization."""
    parts = SCALES if "Norm" in kind else PARTS
    head = re.sub(r"^(.*)_(weight|bias)$", r"\2_\1", name)
    match = re.fullmatch(r"(weight|bias)((?:_\w+)?)", head)
    return parts[match[1]] + match[2] if match else name


def _family(word: str) -> str:
    """Words that are numbered together: W with b, gamma with beta."""
    return {"b": "W", "beta": "gamma"}.get(word, re.sub("^b_", "W_", word))


def _numbered(word: str, n: int) -> str:
    head, _, rest = word.partition("_")
    return f"{head}{n}_{rest}" if rest else f"{head}{n}"


# --- Gates ----------------------------------------------------------------------------------------

GATES = {"LSTM": "ifgo", "GRU": "rzn"}  # in the order in which nn stacks them


def gate_names(graph: list[Node]) -> dict[Node, str]:
    """i, f, g, o of an LSTM and r, z, n of a GRU: an activation of one slice of what is stacked."""
    found: dict[Node, str] = {}
    for node in graph:
        letters = GATES.get(_place_of(node)[1].removesuffix("Cell"))
        if letters is None or node.op is None:
            continue
        if letters == "ifgo" and node.op.name == "getitem" and node.inputs[0].op is not None:
            found.setdefault(node.inputs[0], "z")
        if node.op.name == "add" and all(x is not None and x in found for x in _factors(node)):
            found[node] = "c_new"
        if node.op.name not in ("sigmoid", "tanh"):
            continue
        start = _start_of_slice(node.inputs[0])
        if start is not None and start[0] // start[1] < len(letters):
            found[node] = letters[start[0] // start[1]]
    return found


def _factors(node: Node) -> list[Any]:
    """The first factors of a sum of two products: the gates in f ⊙ c + i ⊙ g."""
    terms = [x for x in node.inputs if x is not None and x.op is not None and x.op.name == "mul"]
    return [x.inputs[0] for x in terms] if len(terms) == 2 else [None]


def _start_of_slice(x: Any) -> tuple[int, int] | None:
    """Where a slice along the last axis starts, and its length, also in a sum of slices."""
    while x is not None and x.op is not None:
        if x.op.name == "getitem":
            last = x.static["index"][-1] if type(x.static["index"]) is tuple else None
            return (last.start or 0, x._data.shape[-1]) if type(last) is slice else None
        x = x.inputs[0] if x.op.name in ("add", "mul") else None
    return None


def unique(names: dict[Node, str]) -> dict[Node, str]:
    """The names, with numbers where two are the same."""
    counts: Counter[str] = Counter()
    found = {}
    for node, name in names.items():
        counts[name] += 1
        found[node] = name if counts[name] == 1 else f"{name}_{counts[name]}"
    return found
