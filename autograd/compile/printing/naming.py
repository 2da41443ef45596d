"""What a person would call the values of a program: W1 and z1, h1, lse, dz1."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from autograd.compile.passes.algebra import shifted_by_maximum
from autograd.compile.passes.rewrite import Context, number
from autograd.compile.program import Instruction, Program, Variable

Role = tuple[str, str]  # ("grad" | "new" | "result", path)
LETTERS = {"weight": "W", "bias": "b"}
# Of what an optimizer keeps for W: mW and vW, as Adam's moments are called.
STATES = {"exp_avg": "m", "exp_avg_sq": "v", "momentum_buffer": "v", "square_avg": "s"}
ACTIVATIONS = frozenset({"tanh", "maximum"})
PRODUCTS = frozenset({"matmul", "ndarray.dot", "numpy.einsum"})


class Words:
    """Words for inputs and results; a word that ends in # is numbered."""

    def __init__(
        self, program: Program, roles: list[Role], inputs: list[Variable], uses: Counter[Variable]
    ) -> None:
        self.program = program
        self.context = Context(program)
        for i in program.instructions:
            self.context.made[i.result] = i
        self.by_path = {v.name: v for v in inputs if v.name}
        self.numbers = self._numbers(inputs)
        self.roles: dict[Variable, Role] = {}
        for v, role in zip(program.outputs, roles, strict=True):
            if v.kind == "computed":
                self.roles.setdefault(v, role)
        self.given: dict[Variable, str] = {}  # words of results, for those derived from them

    # --- inputs ---

    def _numbers(self, inputs: list[Variable]) -> dict[str, int]:
        """Numbers of the modules that have no name but a number, in order."""
        modules = [v.name.rpartition(".")[0] for v in inputs if v.name.endswith(tuple(LETTERS))]
        numbered = [m for m in dict.fromkeys(modules) if re.fullmatch(r"[\d.]*", m)]
        return {m: n for n, m in enumerate(numbered, 1)}

    def of_input(self, v: Variable) -> str:
        """W1 for `0.weight`, fc1_weight for `fc1.weight`, else its own name."""
        what, _, owner = v.name.partition(" of ")
        if owner in self.by_path:
            kind = what.rpartition(".")[2]
            mine = self.of_input(self.by_path[owner])
            between = "" if kind in STATES and "_" not in mine else "_"
            return f"{STATES.get(kind, kind)}{between}{mine}"
        module, _, last = v.name.rpartition(".")
        if module in self.numbers and last in LETTERS:
            return f"{LETTERS[last]}{self.numbers[module]}"
        path = [p for p in v.name.split(".") if p not in ("self", "param_groups")]
        if v.weak or not path:
            return "_".join(path[-1:]) or "x"
        return "_".join(path)

    def replaces(self, v: Variable) -> Variable | None:
        """The input whose new value this is."""
        kind, path = self.roles.get(v, ("", ""))
        return self.by_path.get(path) if kind == "new" else None

    # --- results ---

    def of_result(self, i: Instruction, names: dict[Variable, str]) -> str:
        """A word for a result: its own, or one that suggests itself; "" for none."""
        word = i.result.name or self._role(i.result, names) or self._meaning(i, names)
        return word or self._cotangent(i.result, names)

    def _role(self, v: Variable, names: dict[Variable, str]) -> str:
        kind, path = self.roles.get(v, ("", ""))
        if kind == "grad" and path in self.by_path:
            return f"d{names[self.by_path[path]]}"
        if kind == "new" and path in self.by_path:
            return f"new_{names[self.by_path[path]]}"
        if kind == "result" and path:
            return path
        if kind and not v.shape and not any(w == "loss" for w in names.values()):
            return "loss"
        if kind == "grad":
            return f"d_{path}"
        return path.rpartition(".")[2] if kind == "new" else "out" if kind else ""

    def _cotangent(self, g: Variable, names: dict[Variable, str]) -> str:
        """d of what this is the cotangent of: of a parameter, else of the first named value."""
        of = [v for v in self.program.cotangents.get(g, ()) if v in names]
        of.sort(key=lambda v: (v.kind != "input", not re.match(r"[zh]\d", names[v])))
        return f"d{names[of[0]]}" if of else ""

    def _meaning(self, i: Instruction, names: dict[Variable, str]) -> str:
        for rule in MEANINGS:
            word = rule(self, i, names)
            if word:
                return word
        return ""


def _moved(w: Words, x: Any) -> Any:
    """What an argument was before it was moved."""
    while (made := w.context.maker(x, "reshape", "transpose", "broadcast")) is not None:
        x = made.args[0]
    return x


def _is_product(w: Words, x: Any) -> Instruction | None:
    return w.context.maker(_moved(w, x), *PRODUCTS)


def _number_of_weight(w: Words, made: Instruction, names: dict[Variable, str]) -> str:
    for x in made.args:
        source = _moved(w, x)
        match = re.fullmatch(r"W(\d+)", names.get(source, "")) if type(source) is Variable else None
        if match:
            return match[1]
    return "#"


def _affine(w: Words, i: Instruction, names: dict[Variable, str]) -> str:
    """z: a product and a bias."""
    if i.operation.name != "add" or i.module.startswith("backward"):
        return ""
    for x, y in (i.args, i.args[::-1]):
        made = _is_product(w, x)
        source = _moved(w, y)
        if made is not None and type(source) is Variable and source.kind == "input":
            return f"z{_number_of_weight(w, made, names)}"
    return ""


def _activation(w: Words, i: Instruction, names: dict[Variable, str]) -> str:
    """h: what follows z."""
    if i.operation.name not in ACTIVATIONS or i.module.startswith("backward"):
        return ""
    if i.operation.name == "maximum" and number(i.args[1]) != 0:
        return ""
    match = re.fullmatch(r"z(\d+)", names.get(i.args[0], ""))
    return f"h{match[1]}" if match else "h#"


def _softmax(w: Words, i: Instruction, names: dict[Variable, str]) -> str:
    """m, s, e, total and lse: of the logits the largest, the rest, its exponentials, their sum."""
    name = i.operation.name
    if name == "subtract" and shifted_by_maximum(i.result, w.context):
        return "s"
    if name == "exp" and names.get(i.args[0]) == "s":
        return "e"
    if name == "add.reduce" and w.context.maker(i.args[0], "exp"):
        return "total"
    if name == "log" and (total := w.context.maker(i.args[0], "add.reduce")) is not None:
        return "lse" if w.context.maker(total.args[0], "exp") else ""
    return "m" if name == "maximum.reduce" and i.kwargs.get("keepdims") else ""


def _moments(w: Words, i: Instruction, names: dict[Variable, str]) -> str:
    """mean and var."""
    if i.operation.name != "divide" or i.module.startswith("backward") or not i.result.shape:
        return ""
    total = w.context.maker(i.args[0], "add.reduce")
    if total is None or number(i.args[1]) is None:
        return ""
    return "var" if w.context.maker(total.args[0], "square") else "mean"


MEANINGS = (_affine, _activation, _softmax, _moments)
