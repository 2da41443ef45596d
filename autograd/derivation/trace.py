"""A graph as a program: its primitives run once more on a tape, forward and then backward."""

from __future__ import annotations

from contextvars import copy_context
from functools import partial, reduce
from typing import Any, NamedTuple

import numpy as np

from autograd.compile.passes.rewrite import number
from autograd.compile.printing.naming import Role
from autograd.compile.program import Program, Variable
from autograd.compile.trace import patches
from autograd.compile.trace.facts import COPIES
from autograd.compile.trace.number import Number
from autograd.compile.trace.tape import Tape, active, same, tree
from autograd.compile.trace.tape import plain as plain_data
from autograd.compile.trace.traced import Traced, recorded
from autograd.derivation.boxes import Box
from autograd.derivation.matching import box_of
from autograd.derivation.problem import Problem
from autograd.derivation.words import ROWS
from autograd.engine.backward import gradients
from autograd.engine.graph import Node, ancestors, constant
from autograd.engine.recording import current
from autograd.errors import UnsupportedError, message
from autograd.nodes.tensor import Tensor
from autograd.numpy.reductions import sum as sum_
from autograd.primitives.arithmetic import add, mul

HARMLESS = frozenset({"shape", "dtype", "bool"})  # `bool` is the engine's search for nan


class Trace(NamedTuple):
    """A program, what its outputs are (results, then gradients), and the data of its inputs."""

    program: Program
    roles: list[Role]
    data: dict[Variable, Any]


class Turn(NamedTuple):
    """A node, and the box that stands for it, if any."""

    node: Node
    box: Box | None

    @property
    def inputs(self) -> tuple[Any, ...]:
        """The nodes it is computed from; None for plain data."""
        return self.node.inputs if self.box is None else self.box.inputs


def turns_of(roots: list[Node], boxed: bool) -> list[Turn]:
    """What has to be computed for some roots, oldest first.

    Args:
        roots: the results.
        boxed: whether a box may stand for several nodes.
    """
    needed, turns = set(roots), []
    for node in reversed(ancestors(roots)):
        if node in needed:
            turn = Turn(node, box_of(node) if boxed and node.op is not None else None)
            turns.append(turn)
            needed.update(x for x in turn.inputs if x is not None)
    return turns[::-1]


def traced(problem: Problem, boxed: bool) -> Trace:
    """The program of a graph and of its gradients.

    Args:
        problem: the graph, and what things in it are called.
        boxed: whether a box may stand for several nodes.

    Raises:
        UnsupportedError: an operation cannot be written down.
    """
    return copy_context().run(partial(Tracer(problem, boxed).run))


class Tracer:
    """One run of a graph on a tape."""

    def __init__(self, problem: Problem, boxed: bool) -> None:
        self.problem, self.boxed = problem, boxed
        self.tape = Tape(Traced, Number)
        self.data: dict[Variable, Any] = {}
        self.lifted: list[tuple[Any, Any]] = []
        self.made: dict[Node, Any] = {}
        self.replayed: dict[Variable, Any] = {}
        self.powers = problem.powers()
        self.rows: tuple[int, Any] | None = None

    def run(self) -> Trace:
        """Forward, then backward."""
        problem = self.problem
        with patches.installed(), np.errstate(all="ignore"):
            active.tape = self.tape
            try:
                for turn in turns_of(problem.roots, self.boxed):
                    self.made[turn.node] = self.computed(turn)
                    self.name(turn)
                results = [self.made[x]._data for x in problem.roots]
                current.set(None)
                found = self.pulled_back([self.made[x] for x in problem.by])
                outputs = [self.tape.variable_of(x) for x in (*results, *found)]
            finally:
                active.tape = None
        looked = next((c for c in self.tape.checks if c.how not in HARMLESS), None)
        if self.tape.lost or looked is not None:
            reason = self.tape.lost or f"Python looks at values, as by {looked.how}()"  # type: ignore[union-attr]
            hint = f"{reason}; derive a part without it"
            raise UnsupportedError(message("derive", "what cannot be written down", hint=hint))
        roles = [("result", problem.names[x]) for x in problem.roots]
        roles += [("grad", problem.names[x]) for x in problem.by]
        tape = self.tape
        inputs = sorted(tape.inputs, key=problem.place)
        program = Program(inputs, tape.instructions, outputs, [], tape.cotangents)
        return Trace(program, roles, self.data)

    def pulled_back(self, wanted: list[Any]) -> list[Any]:
        """The gradients, from those that come in from outside unless the result is one number."""
        problem = self.problem
        roots = [self.made[x] for x in problem.roots]
        if problem.seeds is None:
            return gradients(roots[0], wanted)
        seeds = [
            self.input(seed, f"d{problem.names[x]}")
            for x, seed in zip(problem.roots, problem.seeds, strict=True)
        ]
        if len(roots) == 1:
            return gradients(roots[0], wanted, seed=seeds[0])
        # Several results: the gradient of Σ dy ⊙ y, whose value nobody reads.
        parts = [sum_(mul(y, seed)) for y, seed in zip(roots, seeds, strict=True)]
        return gradients(reduce(add, parts), wanted)

    def input(self, data: Any, name: str) -> Any:
        """What stands for an input of the program."""
        data = np.asarray(data)
        stand = self.tape.input(data, name)
        self.data[self.tape.inputs[-1]] = data
        return stand

    # --- forward ---

    def computed(self, turn: Turn) -> Any:
        """The node of the derivation for one of the graph."""
        node = turn.node
        if node in self.made:  # a condition that was computed from it came first
            return self.made[node]
        if node.op is None:
            return self.leaf(node)
        current.set(node.note.scope if node.note is not None else None)
        if turn.box is not None:
            return turn.box.make(self, *(self.made[x] for x in turn.inputs))
        given = [
            self.datum(node, datum) if x is None else self.made[x]
            for x, datum in zip(node.inputs, node.saved, strict=True)
        ]
        if all(x is None for x in node.inputs):
            return self.fresh(node._data)
        return node.op(*given, **tree(self.plain, node.static or {}))

    def leaf(self, node: Node) -> Any:
        """A leaf as an input; what is one number to all is a constant."""
        data = np.asarray(self.problem.data[node])
        if not self.is_leaf(node):
            return constant(Tensor._backend, self.plain(data))
        stand = self.input(data, self.problem.names[node])
        out = constant(Tensor._backend, stand)
        out.requires_grad = node.requires_grad
        return out

    def fresh(self, data: Any) -> Any:
        """A constant node."""
        return constant(Tensor._backend, self.plain(data))

    def datum(self, node: Node, x: Any) -> Any:
        """Plain data that a node was given.

        A graph alone does not say where they came from. The largest logits are known all the same:
        what is subtracted before an exponential only keeps that from overflowing.
        """
        seen = self.problem.origins.seen or self.problem.seen.name_of_this(x)
        if seen or node not in self.powers or not isinstance(x, np.ndarray):
            return self.plain(x)
        found = largest_of(self.made[node.inputs[0]]._data, x)
        return self.plain(x) if found is None else found

    def plain(self, x: Any) -> Any:
        """Plain data: computed as the program computed them, or constants, or from outside."""
        if type(x) in (tuple, list):
            return tree(self.plain, x)
        origin = self.problem.origins.of(x)
        if origin is not None and not (self.boxed and self.is_guard(origin, x)):
            return self.named(self.again(origin), x)
        if not isinstance(x, np.ndarray) or (is_regular(x) and not self.is_doubtful(x)):
            return x
        return self.lift(x)

    def is_doubtful(self, x: Any) -> bool:
        """Whether equal truth values may come from a comparison that no tape has seen."""
        return (
            x.dtype == bool and not self.problem.origins.seen and x.size > 0 and x.all() == x.any()
        )

    def is_guard(self, v: Variable, x: Any) -> bool:
        """Whether truth values ask for equality with a number, and no entry is equal: x ≠ 0."""
        made = self.problem.origins.made.get(v)
        while made is not None and made.operation.name == "ndarray.copy":
            made = self.problem.origins.made.get(made.args[0])
        if made is None or made.operation.name not in ("equal", "not_equal"):
            return False
        of_number = any(not isinstance(y, Variable) for y in made.args)
        return of_number and bool(np.all(x == (made.operation.name == "not_equal")))

    def lift(self, x: Any, name: str = "") -> Any:
        """What stands for data from outside, by a name if they have one."""
        for known, stand in self.lifted:
            if known is x or same(known, x):
                return stand
        own = name or self.problem.seen.name_of(x)
        stand = None if own else rest_of(x, self.lifted)
        if stand is None:
            stand = self.input(x, own or self.problem.name_of(x))
            self.lifted.append((x, stand))
        return stand

    def again(self, v: Variable) -> Any:
        """What stands for a variable of the tape that saw the graph grow."""
        if v in self.replayed:
            return self.replayed[v]
        origins = self.problem.origins
        node, made = origins.nodes.get(v), origins.made.get(v)
        if node is not None and self.is_leaf(node) and node not in self.made:
            self.made[node] = self.leaf(node)
        if node in self.made:
            found = self.made[node]._data
        elif made is not None:
            given = [tree(self.argument, x) for x in made.args]
            facts = {k: tree(self.argument, x) for k, x in made.kwargs.items()}
            found = recorded(made.operation, *given, **facts)
        else:
            name, data = origins.data.get(v, ("", v.value))
            found = self.lift(data, name) if v.kind == "input" else self.plain(data)
        self.replayed[v] = found
        return found

    def is_leaf(self, node: Node) -> bool:
        """Whether a node is an input of the program."""
        return node.op is None and (node.requires_grad or node in self.problem.names)

    def argument(self, x: Any) -> Any:
        """An argument of an instruction."""
        return self.again(x) if type(x) is Variable else x

    def named(self, stand: Any, x: Any) -> Any:
        """A stand with the name that the reader's program has for these very data."""
        word, variable = self.problem.seen.name_of_this(x), getattr(stand, "_variable", None)
        if word and variable is not None and not variable.name:
            variable.name = word
        return stand

    def count(self, n: int) -> Any:
        """The number of rows, as a letter that no pass computes with, if the reader has none."""
        if "N" in self.problem.names.values() or "N" in self.problem.given:
            return float(n)
        if self.rows is None:
            self.rows = n, self.input(np.asarray(float(n)), ROWS)
        return self.rows[1] if self.rows[0] == n else float(n)

    def name(self, turn: Turn) -> None:
        """Give the result the name that the reader's program has for it."""
        word = self.problem.names.get(turn.node)
        variable = getattr(self.made[turn.node]._data, "_variable", None)
        if not word or variable is None or turn.node.op is None:
            return
        for i in reversed(self.tape.instructions):
            if i.result is variable:
                variable.name = word
                if i.operation.name not in COPIES and i.operation.name != "box.because":
                    return
                variable = i.args[0]


def rest_of(x: Any, known: list[tuple[Any, Any]]) -> Any:
    """1 - y for data y from outside, as the targets of two classes come, or None."""
    for y, stand in known:
        if y.shape == x.shape and y.dtype == x.dtype and x.dtype.kind == "f" and same(1.0 - y, x):
            return 1.0 - stand
    return None


def largest_of(z: Any, x: Any) -> Any:
    """The largest entries of z along the axes that x has not, if x is exactly that; else None."""
    if len(z.shape) != x.ndim or z.shape == x.shape:
        return None
    axis = tuple(k for k, n in enumerate(x.shape) if n == 1 and z.shape[k] != 1)
    if any(n not in (1, m) for n, m in zip(x.shape, z.shape, strict=True)):
        return None
    found = same(np.maximum.reduce(plain_data(z), axis=axis, keepdims=True), x)
    return np.maximum.reduce(z, axis=axis, keepdims=True) if found else None


def is_regular(x: Any) -> bool:
    """Whether an array is written down as an expression: one number, a count, a triangle."""
    if x.size <= 1 or x.dtype.kind not in "fiub" or number(_constant(x)) is not None:
        return True
    if x.ndim == 1:
        return x.dtype.kind in "iu" and np.array_equal(x, np.arange(len(x)))
    rows, columns = x.shape[-2:]
    if x.size != rows * columns or x.dtype.kind != "b":
        return x.dtype.kind in "iu" and x.size == max(x.shape) and is_regular(x.reshape(-1))
    matrix = x.reshape(rows, columns)
    patterns = np.eye(rows, columns, dtype=bool), np.tri(rows, columns, dtype=bool)
    return any(np.array_equal(matrix, p) or np.array_equal(~matrix, p) for p in patterns)


def _constant(x: Any) -> Variable:
    return Variable(x.shape, x.dtype, "constant", value=x)
