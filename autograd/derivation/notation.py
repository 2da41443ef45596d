"""Two ways to write mathematics: a line of text, and LaTeX."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Any

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η",
    "theta": "θ", "lambda": "λ", "mu": "μ", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ",
    "Phi": "Φ", "mean": "μ", "omega": "ω", "pi": "π", "lam": "λ",
}  # fmt: skip
LATEX_GREEK = {letter: f"\\{word}" for word, letter in GREEK.items() if word not in ("mean", "lam")}
SUBSCRIPTS = str.maketrans("nijklm", "ₙᵢⱼₖₗₘ")
AXES = {1: "n", 2: "nj", 3: "nij", 4: "nkij", 5: "nlkij", 6: "nmlkij"}  # letters of the axes
ROOTS = {math.sqrt(k): k for k in (2, 3, 5, 6, 7, 8, 10, 12, 16, 32, 64)}


def letters_of(axis: Any, ndim: int) -> str:
    """The letters of some axes of an array."""
    known = AXES.get(ndim, "")
    return "".join(known[a] for a in axis) if known else ""


class Style:
    """What both ways have in common; each method returns a text.

    The names of a program are identifiers: dW1, x_hat. `gradients` holds those that are "d of".
    """

    def __init__(self) -> None:
        self.gradients: set[str] = set()

    def name(self, word: str) -> str:
        """A variable."""
        if word in self.gradients and word[0] == "d" and len(word) > 1:
            return self.of_gradient(self.plain(word[1:].removeprefix("_")))
        return self.plain(word)

    def plain(self, word: str) -> str:
        """A variable that is no gradient."""
        raise NotImplementedError

    def of_gradient(self, name: str) -> str:
        """The gradient with respect to a variable."""
        raise NotImplementedError


class Text(Style):
    """One line of Unicode, as in a program's output."""

    times, odot, minus, dot, leq, geq = " · ", " ⊙ ", "−", "·", "≤", "≥"
    sum_sign, infinity, other = "Σ", "∞", "≠"

    def plain(self, word: str) -> str:
        """W1, γ, x̂."""
        if word.endswith("_hat"):
            return f"{self.plain(word[:-4])}\u0302"
        if word == "var":
            return "var"
        head = re.fullmatch(r"([A-Za-z]+?)(_?\d*)", word)
        return f"{GREEK[head[1]]}{head[2]}" if head and head[1] in GREEK else word

    def of_gradient(self, name: str) -> str:
        return f"d{name}"

    def partial(self, above: str, below: str) -> str:
        """A local derivative."""
        return f"∂{above}/∂{below}"

    def fraction(self, above: str, below: str) -> str:
        """Above over below, both bracketed as needed."""
        return f"{above} / {below}"

    def transposed(self, x: str) -> str:
        return f"{x}ᵀ"

    def power(self, x: str, exponent: str) -> str:
        small = {"2": "²", "3": "³"}.get(exponent)
        return f"{x}{small}" if small else f"{x}^{exponent}"

    def root(self, x: str, atom: bool) -> str:
        return f"√{x}" if atom else f"√({x})"

    def total(self, letters: str, x: str) -> str:
        return f"Σ{letters.translate(SUBSCRIPTS)} {x}"

    def function(self, name: str, *args: str) -> str:
        return f"{name}({', '.join(args)})"

    def mean(self, letters: str, x: str) -> str:
        return f"mean{letters.translate(SUBSCRIPTS)}({x})"

    def bracket(self, x: str) -> str:
        return f"[{x}]"

    def entries(self, x: str, index: str) -> str:
        return f"{x}[{index}]"

    def absolute(self, x: str) -> str:
        return f"|{x}|"

    def exponential(self, x: str) -> str:
        return f"exp({x})"

    def cases(self, condition: str, x: str, y: str) -> str:
        return f"({x} where {condition}, else {y})"

    def joined(self, parts: list[str]) -> str:
        return f"[{' | '.join(parts)}]"

    def quotient(self, above: int, below: str) -> str:
        return f"{above}/{below}"

    def surd(self, k: int) -> str:
        return f"√{k}"


class Latex(Style):
    """LaTeX as MathJax, KaTeX and matplotlib read it."""

    times, odot, minus, dot, leq, geq = r" \cdot ", r" \odot ", "-", r" \cdot ", r"\leq", r"\geq"
    sum_sign, infinity, other = r"\sum", r"\infty", r"\neq"

    def plain(self, word: str) -> str:
        """W_1, \\gamma, \\hat{x}."""
        if word.endswith("_hat"):
            return rf"\hat{{{self.plain(word[:-4])}}}"
        if word == "var":
            return r"\sigma^2"
        if not word.isidentifier():
            return word
        head, *rest = re.findall(r"[A-Za-z]+|\d+", word) or [word]
        letter = LATEX_GREEK.get(GREEK.get(head, ""), head)
        base = letter if len(letter) == 1 or letter[0] == "\\" else rf"\mathrm{{{letter}}}"
        if not rest:
            return base
        below = ",".join(r if r.isdigit() else rf"\mathrm{{{r}}}" for r in rest)
        return rf"{base}_{{{below}}}"

    def of_gradient(self, name: str) -> str:
        return rf"\mathrm{{d}}{name}"

    def partial(self, above: str, below: str) -> str:
        return rf"\frac{{\partial {above}}}{{\partial {below}}}"

    def fraction(self, above: str, below: str) -> str:
        return rf"\frac{{{above}}}{{{below}}}"

    def transposed(self, x: str) -> str:
        return rf"{{{x}}}^\top" if "^" in x or "_" not in x else rf"{x}^\top"

    def power(self, x: str, exponent: str) -> str:
        return rf"{{{x}}}^{{{exponent}}}"

    def root(self, x: str, atom: bool) -> str:
        return rf"\sqrt{{{x}}}"

    def total(self, letters: str, x: str) -> str:
        below = rf"_{{{letters}}}" if letters else ""
        return rf"\sum{below} {x}"

    def function(self, name: str, *args: str) -> str:
        word = {"ln": r"\ln", "max": r"\max", "min": r"\min", "tanh": r"\tanh", "sin": r"\sin",
                "cos": r"\cos", "σ": r"\sigma", "Φ": r"\Phi", "φ": r"\varphi"}.get(name)  # fmt: skip
        if word is None:
            safe = name.replace("_", r"\_")
            word = rf"\mathrm{{{safe}}}"
        return rf"{word}({', '.join(args)})"

    def mean(self, letters: str, x: str) -> str:
        below = rf"_{{{letters}}}" if letters else ""
        return rf"\mathrm{{mean}}{below}({x})"

    def bracket(self, x: str) -> str:
        return f"[{x}]"

    def entries(self, x: str, index: str) -> str:
        safe = index.replace("_", r"\_")
        return rf"{x}[{safe}]"

    def absolute(self, x: str) -> str:
        return f"|{x}|"

    def exponential(self, x: str) -> str:
        return rf"e^{{{x}}}"

    def cases(self, condition: str, x: str, y: str) -> str:
        return rf"({x}\ \mathrm{{where}}\ {condition},\ \mathrm{{else}}\ {y})"

    def joined(self, parts: list[str]) -> str:
        inner = r"\ |\ ".join(parts)
        return f"[{inner}]"

    def quotient(self, above: int, below: str) -> str:
        return rf"\frac{{{above}}}{{{below}}}"

    def surd(self, k: int) -> str:
        return rf"\sqrt{{{k}}}"


def number_text(style: Any, x: Any) -> str:
    """A number as a person writes it: 2, √3, 1/3, 0.01."""
    value = float(x)
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return style.infinity if value > 0 else f"{style.minus}{style.infinity}"
    sign = style.minus if value < 0 else ""
    size = abs(value)
    if size == int(size) and size < 1e6:
        return f"{sign}{int(size)}"
    return sign + (_known(style, size) or _short(size))


def _short(size: float) -> str:
    text = f"{size:.6g}"
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else text


def _known(style: Any, size: float) -> str:
    """√3 and 1/√3, a fraction; "" for none of them."""
    if float(_short(size)) == size and len(f"{size:.6g}") <= 5:
        return ""
    for root, k in ROOTS.items():
        if math.isclose(size, root, rel_tol=1e-12):
            return style.surd(k)  # type: ignore[no-any-return]
        if math.isclose(size, 1 / root, rel_tol=1e-12):
            return style.quotient(1, style.surd(k))  # type: ignore[no-any-return]
    if math.isclose(size, 2 / math.sqrt(math.pi), rel_tol=1e-12):
        return style.quotient(2, "√π" if isinstance(style, Text) else r"\sqrt{\pi}")  # type: ignore[no-any-return]
    near = Fraction(size).limit_denominator(64)
    if near and math.isclose(float(near), size, rel_tol=1e-12):
        return style.quotient(near.numerator, str(near.denominator))  # type: ignore[no-any-return]
    return ""
