"""Where a program leaves the graph: detach(), no_grad(), .data, argmax and comparisons.

Nothing in the graph remembers what was cut off. But while lines are recorded, Python reports every
call, also those of the few functions that leave the graph; this file notes what they were given.
"""

from __future__ import annotations

from types import CodeType, FrameType
from typing import Any, NamedTuple

from autograd.debug.source_lines import SourceLine, on_call, place_of
from autograd.engine import primitive, unrolled
from autograd.engine.graph import Node, ancestors
from autograd.engine.recording import is_recording
from autograd.names import keywords
from autograd.nodes.comparing import Comparing
from autograd.nodes.operators import Operators
from autograd.nodes.tensor import Tensor
from autograd.numpy.selection import stop_gradient

# What gives a node, which can be followed.
NODES = ("detach()", "no_grad()", "stop_gradient()", "astype()")
CAPACITY = 10_000  # cuts; beyond that the oldest are dropped


class Cut(NamedTuple):
    """A place where a program went on with plain numbers.

    Attributes:
        how: what cut: "detach()", "no_grad()", ".data", "argmax()", "a comparison" and so on.
        operation: what computed the node that was cut off; "leaf" for a leaf.
        module: the path of the module in which it happened, "" for none.
        line: the line of the program, if lines were recorded.
    """

    how: str
    operation: str
    module: str
    line: SourceLine | None

    def __str__(self) -> str:
        where = f" in module {self.module}" if self.module else ""
        return f"{self.how} cuts off {self.operation}{where}"


class Noted(NamedTuple):
    """A cut, the numbers of all nodes that it cut off, and what it gave."""

    cut: Cut
    numbers: frozenset[int]
    result: list[Any]  # filled when the function returns: a node's number, or an array


_noted: list[Noted] = []
_tainted: dict[int, Noted] = {}  # by the number of the constant that a cut gave


def cuts_of(node: Node, root: Node) -> list[Cut]:
    """The cuts between a node and a result that was computed without a path to it.

    Cuts whose result is found in the graph of `root` come first; the others follow, the last first.
    """
    graph = ancestors([root])
    numbers = {x.number for x in graph}
    arrays = {id(datum) for x in graph for datum in (x._data, *x.saved)}
    between = [n for n in _noted if node.number in n.numbers]
    linked = [n for n in between if any(_is_in(r, numbers, arrays) for r in n.result)]
    # NumPy makes other arrays of a plain one, which cannot be followed. The last before the result
    # is meant: a number taken for a log comes earlier or later.
    plain = [n for n in between if not _is_followed(n) and max(n.numbers) < root.number]
    return [n.cut for n in (*reversed(linked), *reversed(plain))]


def _is_followed(noted: Noted) -> bool:
    """Whether a cut gave nodes only, so that one outside of a graph is none of its cuts."""
    return noted.cut.how in NODES and all(isinstance(r, int) for r in noted.result)


def _is_in(result: Any, numbers: set[int], arrays: set[int]) -> bool:
    return result in numbers if isinstance(result, int) else id(result) in arrays


# --- Noting them ----------------------------------------------------------------------------------


def _code_of(function: Any) -> CodeType:
    function = getattr(function, "fget", function)
    return getattr(function, "__wrapped__", function).__code__  # type: ignore[no-any-return]


# Functions of one node that leave the graph, by their code.
LEAVING: dict[CodeType, str] = {
    _code_of(function): how
    for how, functions in {
        "detach()": (Node.detach, Tensor.detach),
        "stop_gradient()": (stop_gradient,),
        "astype()": (Tensor.astype,),
        ".data": (Tensor.data,),
        "numpy()": (Tensor.numpy, Tensor.__array__),
        "item()": (Tensor.item,),
        "tolist()": (Tensor.tolist,),
        "argmax()": (Tensor.argmax,),
        "argmin()": (Tensor.argmin,),
        "a comparison": [
            getattr(kind, f"__{name}__")
            for kind in (Operators, Comparing)
            for name in ("eq", "ne", "lt", "le", "gt", "ge")
        ],
    }.items()
    for function in functions
}
# Functions that run a primitive, and the names of the arguments that may be nodes.
RUNNING: dict[CodeType, tuple[str, ...]] = {
    primitive.record.__code__: ("args",),
    **{
        code: names
        for maker, names in ((unrolled.unary, ("x",)), (unrolled.binary, ("x", "y")))
        for code in maker.__code__.co_consts
        if isinstance(code, CodeType) and code.co_name == "call"
    },
}


def _look(frame: FrameType) -> Any:
    """Note a call that leaves the graph; returns what waits for its result, or None."""
    how = LEAVING.get(frame.f_code)
    if how is not None:
        given = [frame.f_locals.get(frame.f_code.co_varnames[0])]
    elif frame.f_code in RUNNING:
        how = "no_grad()"
        names = RUNNING[frame.f_code]
        values = [frame.f_locals[name] for name in names]
        given = list(values[0]) if names == ("args",) else values
        if is_recording() and any(getattr(x, "requires_grad", False) for x in given):
            return None  # it is recorded
    else:
        return None
    return _note(how, [x for x in given if isinstance(x, Node)], frame)


def _note(how: str, given: list[Node], frame: FrameType) -> Any:
    earlier = next((_tainted[x.number] for x in given if x.number in _tainted), None)
    attached = [x for x in given if x.requires_grad]
    if not attached and earlier is None:
        return None
    if how != "no_grad()" and not _is_asked_for(frame):
        return None
    numbers = frozenset(x.number for x in ancestors(attached))
    if earlier is not None:  # what goes on from a cut belongs to that cut
        noted = Noted(earlier.cut, numbers | earlier.numbers, [])
    else:
        source = attached[0]
        name = source.op.name if source.op is not None else source.name or "leaf"
        module = source.module or _module_around(frame)
        noted = Noted(Cut(how, name, module, place_of(frame)), numbers, [])
    _noted.append(noted)
    del _noted[:-CAPACITY]

    def wait(frame: FrameType, event: str, result: Any) -> Any:
        if event == "return" and result is not None:
            is_node = isinstance(result, Node)
            if is_node and result.requires_grad:  # astype() to a float is no cut
                _noted.remove(noted)
                return wait
            noted.result.append(result.number if is_node else result)
            if is_node:
                _tainted[result.number] = noted
                if len(_tainted) > CAPACITY:
                    del _tainted[next(iter(_tainted))]
        return wait

    return wait


def _is_asked_for(frame: FrameType) -> bool:
    """Whether a program leaves the graph, and not a function of the library, which may."""
    caller = frame.f_back
    while caller is not None and caller.f_code.co_filename == keywords.__file__:
        caller = caller.f_back  # the decorator that takes the other libraries' keywords
    names = ("autograd", "nn")
    return caller is None or caller.f_globals.get("__name__", "").partition(".")[0] not in names


def _module_around(frame: FrameType | None) -> str:
    """The path of the module whose call is running, from the outermost one."""
    running: list[Any] = []
    while frame is not None:
        module: Any = frame.f_locals.get("self") if frame.f_code.co_name == "__call__" else None
        if hasattr(module, "named_modules"):
            running.append(module)
        frame = frame.f_back
    if not running:
        return ""
    return next((path for path, m in running[-1].named_modules() if m is running[0]), "")


on_call.append(_look)
