"""Two ways to write mathematics: a line of text, and LaTeX."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from fractions import Fraction
from typing import Any

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η",
    "theta": "θ", "lambda": "λ", "lam": "λ", "mu": "μ", "mean": "μ", "rho": "ρ", "sigma": "σ",
    "tau": "τ", "phi": "φ", "Phi": "Φ", "omega": "ω", "pi": "π",
}  # fmt: skip
COMMANDS = {"lam": "lambda", "mean": "mu"}
SUBSCRIPTS = str.maketrans("nijklmuv", "ₙᵢⱼₖₗₘᵤᵥ")
AXES = {1: "n", 2: "nj", 3: "nij", 4: "nkij", 5: "nlkij", 6: "nmlkij"}  # letters of the axes
ROOTS = {math.sqrt(k): str(k) for k in (2, 3, 5, 6, 7, 8, 10, 12, 16, 32, 64)}

# What is written, in text and in LaTeX.
FORMS: dict[str, tuple[str, str]] = {
    "and":         ("and",                    r"\wedge"),
    "or":          ("or",                    r"\vee"),
    "minus":       ("−",                    "-"),
    "dot":         ("·",                    r" \, "),
    "product":     ("{0} {1}",              r"{0} \, {1}"),
    "times":       (" × ",                  r" \times "),
    "odot":        (" ⊙ ",                  r" \odot "),
    "infinity":    ("∞",                    r"\infty"),
    "<=":          ("≤",                    r"\leq"),
    ">=":          ("≥",                    r"\geq"),
    "!=":          ("≠",                    r"\neq"),
    "gradient":    ("d{0}",                 r"\mathrm{{d}}{0}"),
    "partial":     ("∂{0}/∂{1}",            r"\frac{{\partial {0}}}{{\partial {1}}}"),
    "hat":         ("{0}\u0302",            r"\hat{{{0}}}"),
    "fraction":    ("{0} / {1}",            r"\frac{{{0}}}{{{1}}}"),
    "ratio":       ("{0}/{1}",              r"\frac{{{0}}}{{{1}}}"),
    "power":       ("{0}^{1}",              r"{{{0}}}^{{{1}}}"),
    "root":        ("√({0})",               r"\sqrt{{{0}}}"),
    "short root":  ("√{0}",                 r"\sqrt{{{0}}}"),
    "sum":         ("Σ{0} {1}",             r"\sum_{{{0}}} {1}"),
    "mean":        ("mean{0}({1})",         r"\mathrm{{mean}}_{{{0}}}({1})"),
    "largest":     ("{0}{1}({2})",          r"{0}_{{{1}}}({2})"),
    "call":        ("{0}({1})",             r"{0}({1})"),
    "ln":          ("ln {0}",               r"\ln {0}"),
    "ln(":         ("ln{0}",                r"\ln {0}"),
    "exp":         ("exp({0})",             r"e^{{{0}}}"),
    "absolute":    ("|{0}|",                r"|{0}|"),
    "bracket":     ("[{0}]",                r"[{0}]"),
    "entries":     ("{0}[{1}]",             r"{0}[{1}]"),
    "cases":       ("({1} where {0}, else {2})",
                    r"({1}\ \mathrm{{where}}\ {0},\ \mathrm{{else}}\ {2})"),
    "einsum":      ("einsum[{0}]({1})",     r"\mathrm{{einsum}}_{{{0}}}({1})"),
    "pi root":     ("√π",                   r"\sqrt{{\pi}}"),
    "decimal":     ("{0}e{1}",              r"{0}\cdot 10^{{{1}}}"),
    "rest":        ("(1 − {0})",            r"(1 - {0})"),
}  # fmt: skip
FUNCTIONS = {
    "max": r"\max", "min": r"\min", "tanh": r"\tanh", "sin": r"\sin", "cos": r"\cos",
    "σ": r"\sigma", "Φ": r"\Phi", "φ": r"\varphi", "exp": r"\exp",
}  # fmt: skip


def letters_of(axis: Any, ndim: int) -> str:
    """The letters of some axes of an array.

    Example:
        >>> from autograd.derivation.notation import letters_of
        >>> letters_of((0,), 2), letters_of((0, 1), 2)
        ('n', 'nj')
    """
    known = AXES.get(ndim, "")
    return "".join(known[a] for a in axis) if known else ""


class Style:
    """Text, or LaTeX as MathJax, KaTeX and matplotlib read it.

    The names of a program are identifiers: dW1, x_hat.

    Attributes:
        flat: whether it is text, where a fraction is a / b and may need brackets.
        gradients: the names that are "d of" something.
        rivals: the names that are spelled out, because another has their Greek letter.
    """

    def __init__(
        self, flat: bool, gradients: set[str], rivals: Collection[str] = frozenset()
    ) -> None:
        self.flat, self.gradients, self.rivals = flat, gradients, rivals
        self.minus = self("minus")

    def __call__(self, form: str, *parts: str) -> str:
        """One of `FORMS` with its parts."""
        return FORMS[form][0 if self.flat else 1].format(*parts)

    def name(self, word: str) -> str:
        """A variable: W1, γ, x̂, dW1."""
        if word in self.gradients and word[0] == "d" and len(word) > 1:
            return self("gradient", self.plain(without_d(word)))
        return self.plain(word)

    def plain(self, word: str) -> str:
        """A variable that is no gradient."""
        if word.endswith("_hat"):
            return self("hat", self.plain(word[:-4]))
        head, *rest = re.findall(r"[A-Za-z]+|\d+", word) or [word]
        if self.flat:
            return word if word in self.rivals else greek(word) or word
        if re.fullmatch("[A-Z][a-z]", head):  # Wq, where the second letter is an index
            head, rest = head[0], [head[1], *rest]
        known = head in GREEK and word not in self.rivals
        letter = f"\\{COMMANDS.get(head, head)}" if known else head
        base = letter if len(letter) == 1 or letter[0] == "\\" else rf"\mathrm{{{letter}}}"
        below = ",".join(r if len(r) == 1 or r.isdigit() else rf"\mathrm{{{r}}}" for r in rest)
        return rf"{base}_{{{below}}}" if rest else base

    def power(self, x: str, exponent: str) -> str:
        """x², xʸ."""
        small = {"2": "²", "3": "³"}.get(exponent) if self.flat else None
        return f"{x}{small}" if small else self("power", x, exponent)

    def transposed(self, x: str) -> str:
        """xᵀ."""
        if self.flat:
            return f"{x}ᵀ"
        return rf"{{{x}}}^\top" if "^" in x or " " in x else rf"{x}^\top"

    def total(self, letters: str, x: str) -> str:
        """Σₙ x."""
        return self("sum", letters.translate(SUBSCRIPTS) if self.flat else letters, x)

    def mean(self, letters: str, x: str) -> str:
        """meanₙ(x)."""
        return self("mean", letters.translate(SUBSCRIPTS) if self.flat else letters, x)

    def largest(self, word: str, letters: str, x: str) -> str:
        """maxⱼ(x)."""
        name = word if self.flat else FUNCTIONS[word]
        return self("largest", name, letters.translate(SUBSCRIPTS) if self.flat else letters, x)

    def function(self, name: str, *args: str) -> str:
        """softmax(z)."""
        if not self.flat:
            safe = name.replace("_", r"\_")
            name = FUNCTIONS.get(name, rf"\mathrm{{{safe}}}")
        return self("call", name, ", ".join(args))

    def entries(self, x: str, index: str) -> str:
        """p[n, y]."""
        return self("entries", x, index)

    def joined(self, parts: list[str]) -> str:
        """[a | b], what is laid side by side."""
        between = " | " if self.flat else r"\ |\ "
        return f"[{between.join(parts)}]"

    def number(self, x: Any) -> str:
        """A number as a person writes it: 2, √3, 1/3, 0.01."""
        value = float(x)
        if math.isnan(value):
            return "nan"
        sign = self.minus if value < 0 else ""
        size = abs(value)
        if math.isinf(size):
            return sign + self("infinity")
        if size == int(size) and size < 1e6:
            return f"{sign}{int(size)}"
        return sign + (self._known(size) or self._decimal(size))

    def _decimal(self, size: float) -> str:
        mantissa, _, exponent = f"{size:.6g}".partition("e")
        if not exponent:
            return mantissa
        return (
            f"{mantissa}e{int(exponent)}"
            if self.flat
            else rf"{mantissa}\cdot 10^{{{int(exponent)}}}"
        )

    def _known(self, size: float) -> str:
        """√3, 1/√3, 2/√π, a fraction; "" for none of them."""
        if float(f"{size:.6g}") == size and len(f"{size:.6g}") <= 5:
            return ""
        for root, k in ROOTS.items():
            if math.isclose(size, root, rel_tol=1e-12):
                return self("short root", k)
            if math.isclose(size, 1 / root, rel_tol=1e-12):
                return self("ratio", "1", self("short root", k))
        if math.isclose(size, 2 / math.sqrt(math.pi), rel_tol=1e-12):
            return self("ratio", "2", self("pi root"))
        near = Fraction(size).limit_denominator(64)
        if near.denominator > 1 and near and math.isclose(float(near), size, rel_tol=1e-12):
            return self("ratio", str(near.numerator), str(near.denominator))
        return ""


def greek(word: str) -> str:
    """λ for lam, lam_2 and lambda_; "" for what is not named after a letter."""
    match = re.fullmatch(r"([A-Za-z]+?)(_?\d+|_?)", word)
    known = GREEK.get(match[1]) if match else None
    return f"{known}{match[2].rstrip('_')}" if match and known else ""


def rivals(words: set[str]) -> set[str]:
    """The words that share a Greek letter with an earlier one: only one can be written with it."""
    found, taken = set(), set()
    for word in sorted(words):
        letter = greek(word)
        if letter in taken:
            found.add(word)
        taken.add(letter or word)
    return found


def without_d(name: str) -> str:
    """What a gradient is of: W1 for dW1."""
    return name[1:].removeprefix("_")
