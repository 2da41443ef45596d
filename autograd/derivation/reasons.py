"""Why a gradient is what it is: the local derivative, or the words of a teacher."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd.compile.passes.rewrite import constant, number
from autograd.compile.program import Instruction, Program, Variable
from autograd.derivation import sliding
from autograd.derivation.notation import letters_of
from autograd.derivation.rewriting import for_people

if TYPE_CHECKING:
    from autograd.derivation.mathematics import Mathematics

ELEMENTWISE = frozenset({"reshape", "broadcast", "astype", "numpy.where", "copy"})
SCATTERED = frozenset({"kernel.scatter_add", "add_at"})
KNOWN = frozenset({"box.sigmoid", "box.softplus", "box.phi", "box.Phi"})

# {0} and so on: what the box named, as `because` was told. Text, and LaTeX.
WORDS: dict[str, tuple[str, str]] = {
    "cross_entropy": (
        "with Y = onehot(y): ∂L/∂{0} = −Y/{0} and ∂{0}ᵢ/∂{1}ⱼ = {0}ᵢ(δᵢⱼ − {0}ⱼ); {0} cancels",
        r"\frac{{\partial L}}{{\partial {0}}} = -\frac{{\mathrm{{onehot}}(y)}}{{{0}}},\quad "
        r"\frac{{\partial {0}_i}}{{\partial {1}_j}} = {0}_i(\delta_{{ij}} - {0}_j)",
    ),
    "surprise": (
        "∂L/∂{0} = −{2}/{0} and ∂{0}ᵢ/∂{1}ⱼ = {0}ᵢ(δᵢⱼ − {0}ⱼ); {0} cancels, because {2} sums to 1",
        r"\frac{{\partial L}}{{\partial {0}}} = -\frac{{{2}}}{{{0}}},\quad "
        r"\frac{{\partial {0}_i}}{{\partial {1}_j}} = {0}_i(\delta_{{ij}} - {0}_j)",
    ),
    "softmax": (
        "∂{0}ᵢ/∂{1}ⱼ = {0}ᵢ(δᵢⱼ − {0}ⱼ)",
        r"\frac{{\partial {0}_i}}{{\partial {1}_j}} = {0}_i(\delta_{{ij}} - {0}_j)",
    ),
    "log_softmax": (
        "∂ ln {0}ᵢ/∂{1}ⱼ = δᵢⱼ − {0}ⱼ",
        r"\frac{{\partial \ln {0}_i}}{{\partial {1}_j}} = \delta_{{ij}} - {0}_j",
    ),
    "bernoulli": (
        "∂L/∂{0} = −{2}/{0} + (1 − {2})/(1 − {0}) and ∂{0}/∂{1} = {0}(1 − {0}); these cancel",
        r"\frac{{\partial L}}{{\partial {0}}} = -\frac{{{2}}}{{{0}}} + \frac{{1-{2}}}{{1-{0}}},"
        r"\quad \frac{{\partial {0}}}{{\partial {1}}} = {0}(1-{0})",
    ),
    "standardized": (
        "three paths from {1} to {0}: directly, through μ, and through σ",
        r"\mathrm{{three\ paths:\ directly,\ through}}\ \mu,\ \mathrm{{and\ through}}\ \sigma",
    ),
}


def reasons(m: Mathematics, name: str, i: Instruction) -> list[str]:
    """What stands before a gradient: local derivatives, or what a box is known for."""
    tree = instructions_of(m, i)
    told = [r for r in (_known(m, j) for j in tree) if r]
    if told:
        return told
    if i.operation.name == "add" and len(gradients_in(m, tree)) > 1:
        return _of_paths(m, name, tree)
    if m.style.flat and any(j.operation.name in SCATTERED for j in tree):
        return ["where a place was read several times, its gradients add up"]
    inner, sums = i, []
    while inner.operation.name in ("add.reduce", "reshape", "broadcast"):
        sums += _of_sum(m, name, inner)
        made = m.made_by(inner.args[0])
        if made is None:
            return sums
        inner = made
    if any(j.operation.name in ("matmul", "ndarray.dot") for j in tree):
        return _of_product(m, name, tree)
    return [*_of_entries(m, name, inner), *sums]


def _of_paths(m: Mathematics, name: str, tree: list[Instruction]) -> list[str]:
    if not m.style.flat or name not in m.gradients:
        return []
    return [f"{m.style.plain(m.of(name))} is read in several places: its gradients add up"]


def _of_sum(m: Mathematics, name: str, i: Instruction) -> list[str]:
    """Why a gradient is summed: what was repeated along an axis gets a share from each place."""
    if i.operation.name != "add.reduce" or name not in m.gradients or not m.style.flat:
        return []
    letters = letters_of(i.kwargs["axis"], len(i.args[0].shape))
    each = " and ".join(filter(None, (", ".join(letters[:-1]), letters[-1:])))
    of = m.style.plain(m.of(name))
    return [f"{of} is used for every {each}: its gradients add up over {each}"] if each else []


def instructions_of(m: Mathematics, i: Instruction) -> list[Instruction]:
    """The instructions that one line writes, arguments first."""
    found: list[Instruction] = []
    for v in dict.fromkeys(i.inputs()):
        made = m.inline.get(v)
        if made is not None and v not in m.names:
            found += [j for j in instructions_of(m, made) if j not in found]
    return [*found, i]


def gradients_in(m: Mathematics, tree: list[Instruction]) -> list[str]:
    """The names of the gradients that a line reads."""
    names = [m.names[v] for j in tree for v in j.inputs() if v in m.names]
    return [n for n in dict.fromkeys(names) if n in m.backward]


def _known(m: Mathematics, i: Instruction) -> str:
    if i.operation.name.startswith("box.convolution by"):
        return sliding.told(m, i)
    if i.operation.name != "box.because":
        return ""
    words = WORDS[i.kwargs["why"]][not m.style.flat]
    unnamed = [f"z = {m.text(x)}, " for x in i.args[1:] if x not in m.names][:1]
    return "".join(unnamed) + words.format(*(_letter(m, x) for x in i.args[1:]))


def _letter(m: Mathematics, x: Any) -> str:
    """A name without its number, which would stand beside a subscript; z for what has none."""
    return m.style.name(m.names[x].rstrip("0123456789_")) if x in m.names else "z"


def _of_entries(m: Mathematics, name: str, i: Instruction) -> list[str]:
    """∂h/∂z for an elementwise step: the gradient with 1 in place of dh."""
    tree = instructions_of(m, i)
    plain = all(_is_elementwise(j) for j in tree)
    above = gradients_in(m, tree)
    if not plain or len(above) != 1 or not {name, above[0]} <= m.gradients:
        return []
    reads = [v for j in tree for v in j.inputs() if m.names.get(v) == above[0]]
    if len(reads) != 1:
        return []
    if not is_multiple(tree, reads[0]):
        return _of_paths(m, name, tree)
    text = slope(m, i, reads[0])
    if text in ("", "1"):
        return []
    style = m.style
    of, by = (style.plain(m.of(n)) for n in (above[0], name))
    return [f"{style('partial', of, by)} = {text}"]


def is_multiple(tree: list[Instruction], g: Variable) -> bool:
    """Whether the last of some instructions is g times what does not depend on g.

    dt ⊙ y + 1 is not, because the 1 has come along another path: y + 1 is no local derivative.
    """
    follows = {g}
    for i in tree:
        at = [x in follows for x in i.args if type(x) is Variable or isinstance(x, (int, float))]
        name = i.operation.name
        if not any(at):
            continue
        whole = all(at) and name in ("add", "subtract")
        factor = name == "multiply" and sum(at) == 1
        above = name == "divide" and at == [True, False]
        moved = len(at) == 1 and name in ("negative", "reshape", "broadcast", "astype", "copy")
        chosen = name == "numpy.where" and not at[0] and _is_gated(i, follows)
        if not (whole or factor or above or moved or chosen):
            return False
        follows.add(i.result)
    return tree[-1].result in follows


def _is_gated(i: Instruction, follows: set[Variable]) -> bool:
    """Whether each branch of a `where` follows, or is 0."""
    return all(x in follows or number(x) == 0 for x in i.args[1:])


def _is_elementwise(i: Instruction) -> bool:
    name = i.operation.name
    return (i.operation.form == "ufunc" and name != "matmul") or name in ELEMENTWISE | KNOWN


def slope(m: Mathematics, i: Instruction, g: Variable) -> str:
    """The text of a line in which a gradient is 1."""
    one = constant(np.ones(g.shape, g.dtype))
    tree = [j.replaced(lambda v: one if v is g else v) for j in instructions_of(m, i)]
    tree[-1] = Instruction(
        tree[-1].operation,
        tree[-1].args,
        tree[-1].kwargs,
        Variable(i.result.shape, g.dtype, "computed"),
    )
    result = tree[-1].result
    known = {v for j in tree for v in j.inputs() if v in m.names}
    program = for_people(Program(list(known), tree, [result]))
    other = copy.copy(m)
    other.inline = {j.result: j for j in program.instructions}
    return other.text(program.outputs[0])


def _of_product(m: Mathematics, name: str, tree: list[Instruction]) -> list[str]:
    """∂z[n,j]/∂W[j,k] = x[n,k] for a product of matrices."""
    products = [j for j in tree if j.operation.name in ("matmul", "ndarray.dot")]
    if len(products) != 1 or not name.startswith("d"):
        return []
    terms = [_operand(m, x) for x in products[0].args]
    g = next((k for k, t in enumerate(terms) if t is not None and t.name in m.gradients), None)
    if g is None or any(t is None for t in terms):
        return []
    return _indexed(m, name, products[0], [t for t in terms if t is not None], g)


class Operand(NamedTuple):
    """A factor of a product of matrices.

    Attributes:
        name: what it is called.
        of: the variable.
        turned: whether it is transposed.
    """

    name: str
    of: Variable
    turned: bool


def _operand(m: Mathematics, x: Any) -> Operand | None:
    """A named matrix or vector, also transposed; None for anything else."""
    turned = False
    while x not in m.names:
        made = m.made_by(x, "transpose", "reshape", "broadcast")
        if made is None or len(x.shape) != 2:
            return None
        turned = turned is not (made.operation.name == "transpose")
        x = made.args[0]
    return Operand(m.names[x], x, turned) if len(x.shape) <= 2 else None


def _indexed(m: Mathematics, name: str, i: Instruction, terms: list[Operand], g: int) -> list[str]:
    """The local derivative by entries: of y[n,j] by W[j,k]; dy is factor g of the product."""
    style = m.style
    summed, own = ("n", "j") if terms[g].turned is (g == 0) else ("j", "n")
    left, right = (own, "k") if g == 0 else ("k", own)
    places = (left + summed, summed + right)
    other = terms[1 - g]
    letters = places[1 - g][::-1] if other.turned else places[1 - g]
    above = style.entries(style.plain(m.of(terms[g].name)), _few("nj", terms[g].of.shape))
    below = style.entries(style.plain(m.of(name)), _of_result(left + right, i))
    right_side = style.entries(style.plain(other.name), _few(letters, other.of.shape))
    return [f"{style('partial', above, below)} = {right_side}"]


def _few(letters: str, shape: tuple[int, ...]) -> str:
    """One letter for each axis: a vector was a matrix of one column."""
    return ",".join(letters[: len(shape)])


def _of_result(letters: str, i: Instruction) -> str:
    """The letters of a product, without those of axes that are taken out afterwards."""
    return ",".join(
        c for c, n in zip(letters, i.result.shape, strict=True) if n != 1 or len(i.result.shape) > 2
    )
