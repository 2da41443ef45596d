"""Where plain data came from: a function runs on arrays that write down what is done to them.

A graph does not know how the condition of a `where` was computed, because no gradient flows there.
A tape does if it saw the function run, and the derivation computes the condition from its nodes.
What no tape has seen is an argument of the program.
"""

from __future__ import annotations

import copy
import gc
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compile.program import Instruction, Variable
from autograd.compile.trace import patches
from autograd.compile.trace.number import Number
from autograd.compile.trace.tape import Stand, Tape, active, plain, tree
from autograd.compile.trace.traced import Traced, unwrap
from autograd.derivation.state import is_full, leaves_of, modules_of
from autograd.engine.graph import Node, ancestors

HARMLESS = frozenset({"shape", "dtype", "bool"})  # looks that make no data; C code takes "tobytes"


class Origins:
    """What computed each array that a graph was given as plain data.

    Attributes:
        seen: whether a tape has seen the graph grow, so that other data are constants.
        nodes: the nodes whose data a variable of the tape is.
        made: the instruction that computes a variable.
        data: the name and the array of each variable that the function was given.
    """

    def __init__(self) -> None:
        self.seen = False
        self.nodes: dict[Variable, Node] = {}
        self.made: dict[Variable, Instruction] = {}
        self.data: dict[Variable, tuple[str, Any]] = {}
        self._known: dict[int, tuple[Any, Variable]] = {}
        self._depend: dict[Variable, bool] = {}

    def forget(self) -> None:
        """Know nothing: the function cannot be followed."""
        self.__init__()  # type: ignore[misc]

    def on(self, stands: dict[Node, Node]) -> Origins:
        """The same of a graph where other nodes stand for some."""
        other = copy.copy(self)
        other.nodes = {v: stands.get(x, x) for v, x in self.nodes.items()}
        return other

    def of(self, x: Any) -> Variable | None:
        """The variable that is these data and depends on what the function was given, or None."""
        known = self._known.get(id(x))
        if known is None or known[0] is not x or not self.depends(known[1]):
            return None
        return known[1]

    def depends(self, v: Variable) -> bool:
        """Whether a variable is computed from what the function was given."""
        waiting = [v]
        while waiting:
            top = waiting[-1]
            made = self.made.get(top)
            inputs = made.inputs() if made is not None else []
            new = [x for x in inputs if x not in self._depend]
            if not new:
                found = any(self._depend[x] for x in inputs) or top.kind == "input"
                self._depend[waiting.pop()] = found
            waiting += new
        return self._depend[v]

    def run(self, f: Callable[..., Any], given: list[Any], words: list[str]) -> Any:
        """What a function returns, with a graph of ordinary arrays.

        Args:
            f: the function.
            given: its arguments; arrays and the data of nodes are followed.
            words: the names of the arguments.
        """
        tape = Tape(Traced, Number)
        known = dict.fromkeys(leaves_of(f), "")
        known |= {x: word for word, x in zip(words, given, strict=True) if isinstance(x, Node)}
        held = {x: x._data for x in known}
        arrays = arrays_of(f)
        own = {id(x): self._input(tape, x, name) for (_, name), x in arrays}
        try:
            for (space, name), data in arrays:
                space[name] = own[id(data)]
            for x, data in held.items():
                if isinstance(data, np.ndarray):
                    x._data = self._input(tape, data, known[x])
            named = zip(words, given, strict=True)
            stands = [self._input(tape, x, w) if type(x) is np.ndarray else x for w, x in named]
            out = traced_call(tape, f, stands)
            self._note(tape, out)
            roots = [x for x in parts(out) if isinstance(x, Node)]
            for root in roots:
                unwrap(root)
        finally:
            for x, data in held.items():
                x._data = data
            for (space, name), data in arrays:
                space[name] = data
            settle(tape.alive())
        return plain(out)

    def _input(self, tape: Tape, data: Any, word: str) -> Any:
        stand = tape.input(data, "")
        self.data[stand._variable] = word, data
        return stand

    def _note(self, tape: Tape, out: Any) -> None:
        """Take over what a tape knows about the graph of a result."""
        self.seen = not tape.lost and all(check.how in HARMLESS for check in tape.checks)
        self.made = {i.result: i for i in tape.instructions}
        roots = [x for x in parts(out) if isinstance(x, Node)]
        for node in ancestors(roots):
            if isinstance(node._data, Stand):
                self.nodes.setdefault(node._data._variable, node)
            tree(self._keep, (node._data, *node.saved, node.static))

    def _keep(self, x: Any) -> None:
        if isinstance(x, Traced) or (isinstance(x, Stand) and type(x._value) is float):
            self._known[id(x._value)] = x._value, x._variable


class Cell:
    """A variable that a function closes over, as a place that is assigned to."""

    def __init__(self, cell: types.CellType) -> None:
        self.cell = cell

    def __setitem__(self, name: str, x: Any) -> None:
        self.cell.cell_contents = x


def arrays_of(f: Any) -> list[tuple[tuple[Any, str], Any]]:
    """The arrays that a function closes over or names as globals, and the buffers of its modules;
    with the places where they are."""
    code, space = getattr(f, "__code__", None), getattr(f, "__globals__", {})
    cells = zip(code.co_freevars, f.__closure__ or (), strict=True) if code is not None else ()
    found: list[tuple[tuple[Any, str], Any]] = [
        ((Cell(c), name), c.cell_contents) for name, c in cells if is_full(c)
    ]
    names = code.co_names if code is not None else ()
    found += [((space, name), space[name]) for name in names if name in space]
    for module in modules_of(f):
        for part in module.modules():
            for table in (part._buffers, vars(part)):
                found += [((table, name), x) for name, x in table.items()]
    return [(place, x) for place, x in found if type(x) is np.ndarray]


def traced_call(tape: Tape, f: Callable[..., Any], given: list[Any]) -> Any:
    """What a function returns while a tape writes down what it does."""
    with patches.installed():
        active.tape = tape
        try:
            return f(*given)
        finally:
            active.tape = None


def parts(out: Any) -> list[Any]:
    """What a function returns, one by one, also out of tuples and lists inside of each other."""
    found: list[Any] = []
    tree(found.append, out)
    return found


def settle(stands: list[Any]) -> None:
    """Put plain values where a function has kept what stood for them, as in its attributes."""
    wanted = {id(x) for x in stands}
    for holder in gc.get_referrers(*stands) if stands else ():
        if holder is stands:
            continue
        if isinstance(holder, Node):
            unwrap(holder)
        elif type(holder) is dict:
            for key, x in list(holder.items()):
                if id(x) in wanted:
                    holder[key] = plain(x)
        elif type(holder) is list:
            holder[:] = [plain(x) if id(x) in wanted else x for x in holder]
        elif type(holder) is types.CellType:
            holder.cell_contents = plain(holder.cell_contents)
        elif hasattr(holder, "__dict__") and not isinstance(holder, Stand):
            space = vars(holder)
            for key, x in list(space.items()):
                if id(x) in wanted:
                    setattr(holder, key, plain(x))
