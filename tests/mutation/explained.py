"""The mutants that no numeric check can catch, by name, each with the reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Explanation:
    """Why some changes in one text are no mistakes.

    Attributes:
        where: the text.
        changes: (operator, change) of each mutant.
        reason: why it computes what it should all the same.
    """

    where: str
    changes: tuple[tuple[str, str], ...]
    reason: str

    @property
    def keys(self) -> list[tuple[str, str, str]]:
        """The keys of the mutants."""
        return [(self.where, *change) for change in self.changes]


SWAPPED, INVERTED = "saved value swapped", "condition inverted"
CONSTANT, EQUALITY, OFF_BY_ONE = "constant changed", "equality moved", "off by one"

EXPLAINED = (
    # --- arithmetic ---
    Explanation(
        "arithmetic.relu[0]",
        ((EQUALITY, "x > 0 → x >= 0"),),
        "at 0 every slope between 0 and 1 is right, and which is taken is a convention",
    ),
    Explanation(
        "arithmetic.relu[0]",
        ((SWAPPED, "x → out"),),
        "the result is positive where x is",
    ),
    Explanation(
        "arithmetic.clip[0]",
        ((SWAPPED, "high → out"),),
        "x is at most the result unless it is above the upper bound, or, with bounds in the wrong "
        "order, above the lower one",
    ),
    Explanation(
        "arithmetic.clip[1]",
        ((SWAPPED, "low → out"),),
        "with bounds in order the result is above x where x is below the lower one; otherwise the "
        "second condition is false",
    ),
    Explanation(
        "arithmetic.clip[1]",
        ((SWAPPED, "high → out"),),
        "the result is at least the lower bound where the bounds are in order",
    ),
    Explanation(
        "arithmetic.clip[2]",
        ((SWAPPED, "high → out"), (SWAPPED, "high → out #2")),
        "with bounds in order the result is below x where x is above the upper one, and never "
        "below the lower one; in the wrong order it is below the lower one, and that is enough",
    ),
    Explanation(
        "arithmetic.zero_rule",
        (
            ("sign flipped", "-c"),
            ("factor 2", "2.0 * c"),
            ("factor 1.01", "1.01 * c"),
            ("one entry zeroed", "one_zeroed(c)"),
        ),
        "any multiple of zero is zero",
    ),
    Explanation(
        "arithmetic.zero_rule",
        ((SWAPPED, "g → out"),),
        "the cotangent has the shape of the result",
    ),
    Explanation(
        "arithmetic._hypot_rule",
        ((CONSTANT, "1.0 → 1.01"), (SWAPPED, "out → x #2")),
        "0 divided by any other number is 0",
    ),
    # --- elementary ---
    Explanation(
        "elementary._power_by_base",
        (("factor dropped", "y * 1 → y"),),
        "only an exponent of booleans needs the factor, and cases have none; "
        "tests/autograd/primitives/test_elementary.py has",
    ),
    Explanation(
        "elementary._power_by_exponent",
        ((CONSTANT, "1.0 → 1.01"),),
        "the result is 0 where the argument of the logarithm is replaced, so any finite one will do",
    ),
    Explanation(
        "elementary._power_by_exponent",
        ((SWAPPED, "x → out #2"),),
        "the result is 0 where x is and y > 0, and otherwise by underflow, where 0 is right too",
    ),
    Explanation(
        "elementary._power_by_exponent",
        (
            (EQUALITY, "y >= 0 → y > 0"),
            (SWAPPED, "y → out"),
            (SWAPPED, "y → x"),
        ),
        "differs only at 0^y with y <= 0, where the function jumps or is infinite",
    ),
    Explanation(
        "elementary._sinc_rule",
        (
            (EQUALITY, "abs(x) < 0.05 → abs(x) <= 0.05"),
            (CONSTANT, "0.05 → 0.0505"),
        ),
        "around 0.05 the series and the closed form agree to rounding",
    ),
    Explanation(
        "elementary._sinc_rule",
        ((CONSTANT, "1.0 → 1.01"),),
        "divides in the branch that is not taken",
    ),
    Explanation(
        "elementary._sinc_rule",
        (
            ("sign flipped", "1 / 45360 - s / 3991680 → 1 / 45360 + s / 3991680"),
            ("term dropped", "1 / 45360 - s / 3991680 → 1 / 45360"),
            ("off by one", "45360 → 45361"),
            ("off by one", "3991680 → 3991681"),
        ),
        "changes less than 1e-12 of the whole where the series is used",
    ),
    Explanation(
        "elementary._one_minus_square",
        ((EQUALITY, "abs(x) < 0.5 → abs(x) <= 0.5"), (CONSTANT, "0.5 → 0.505")),
        "around 0.5 both formulas agree to rounding",
    ),
    # --- reductions and shaping ---
    Explanation(
        "reduction._logsumexp_rule",
        (("sign flipped", "total + (total == 0) → total - (total == 0)"),),
        "0 divided by any other number is 0",
    ),
    Explanation(
        "reduction._logsumexp_rule",
        ((SWAPPED, "x → g #3"), (SWAPPED, "x → out #3")),
        "cotangent, result and argument are of one dtype",
    ),
    Explanation(
        "reduction._prod_rule",
        ((SWAPPED, "g → out #2"),),
        "only the shape is read, and the cotangent has that of the result",
    ),
    Explanation(
        "reduction._cumprod_rule",
        (
            (SWAPPED, "x → g"),
            (SWAPPED, "x → out"),
            (SWAPPED, "x → g #3"),
            (SWAPPED, "x → out #3"),
            (SWAPPED, "x → g #4"),
            (SWAPPED, "x → out #4"),
            (SWAPPED, "g → out #2"),
            (SWAPPED, "g → x #2"),
        ),
        "only the shape is read, and all three have one shape",
    ),
    Explanation(
        "shaping.cast[0]",
        ((SWAPPED, "x → g"), (SWAPPED, "x → out")),
        "the engine itself brings a gradient to the dtype of the argument",
    ),
    # --- linear algebra ---
    Explanation(
        "linalg._det_rule",
        (
            ("sign flipped", "-c #2"),
            ("factor 2", "2.0 * c #2"),
            ("factor 1.01", "1.01 * c #2"),
            ("constant added", "c + 0.01 #2"),
            ("transposed", "transposed(c) #2"),
            ("one entry zeroed", "one_zeroed(c) #2"),
            ("factor dropped", "x * 0.0 → x"),
            (CONSTANT, "0.0 → 0.01"),
        ),
        "the gradient of a matrix of no rows has no entries",
    ),
    Explanation(
        "linalg._det_rule",
        ((OFF_BY_ONE, "1 → 2"),),
        "reads the other length of a square matrix",
    ),
    Explanation(
        "linalg._det_rule",
        ((SWAPPED, "x → g #5"), (SWAPPED, "x → out #5")),
        "cotangent, result and argument are of one dtype",
    ),
    Explanation(
        "linalg._det_rule",
        ((CONSTANT, "0.0 → 0.01 #2"),),
        "replaces an inverse in the branch that is not taken",
    ),
    Explanation(
        "linalg._far_apart",
        (
            (
                EQUALITY,
                "_matrix_largest(x) * _matrix_largest(inverse) > np.finfo(x.dtype).eps ** (-1 / 3) → "
                "_matrix_largest(x) * _matrix_largest(inverse) >= np.finfo(x.dtype).eps ** (-1 / 3)",
            ),
            (OFF_BY_ONE, "3 → 4"),
            (OFF_BY_ONE, "1 → 2"),
        ),
        "around the bound both formulas are right",
    ),
    Explanation(
        "linalg._far_apart",
        ((SWAPPED, "x → inverse #2"),),
        "a matrix and its inverse are of one dtype",
    ),
    Explanation(
        "linalg._log_abs_det_rule",
        ((OFF_BY_ONE, "1 → 2"), (SWAPPED, "x → g #3"), (SWAPPED, "x → out #3")),
        "reads the other length of a square matrix, or the dtype of another array with the same",
    ),
    Explanation(
        "linalg._cofactors_rule",
        ((SWAPPED, "x → g"), (SWAPPED, "x → out"), (OFF_BY_ONE, "1 → 2")),
        "reads the length of a square matrix from another one of that length",
    ),
    Explanation(
        "linalg._cholesky_rule",
        ((SWAPPED, "x → g"), (SWAPPED, "x → out"), (OFF_BY_ONE, "1 → 2")),
        "reads the length of a square matrix from another one of that length",
    ),
    Explanation(
        "linalg._cholesky_rule",
        (
            ("transpose skipped", "s.mT → s"),
            ("transpose skipped", "phi.mT → phi"),
        ),
        "the argument is symmetric, so only the symmetric part of its gradient counts",
    ),
    Explanation(
        "linalg._turn_of_part",
        ((EQUALITY, "m > n → m >= n"), (EQUALITY, "n > m → n >= m")),
        "adds what lies outside of the space of the singular vectors, which is 0 if they fill it",
    ),
    Explanation(
        "linalg._turn_of_part",
        (
            (EQUALITY, "row > limit → row >= limit"),
            (EQUALITY, "column > limit → column >= limit"),
            (EQUALITY, "row > limit → row >= limit #2"),
        ),
        "the inverse jumps where a singular value reaches the limit",
    ),
    Explanation(
        "linalg._turn_of_part",
        ((SWAPPED, "x → gt"),),
        "the cotangent, transposed, has the shape of the argument",
    ),
    Explanation(
        "linalg._turn_of_part",
        ((CONSTANT, "1.0 → 1.01"),),
        "divides in the branch that is not taken",
    ),
    Explanation(
        "linalg._rounding",
        (
            (OFF_BY_ONE, "4 → 5"),
            (OFF_BY_ONE, "2 → 3"),
            (
                "factor dropped",
                "4 * max(x.shape[-2:]) * np.finfo(x.dtype).eps → np.finfo(x.dtype).eps",
            ),
            ("factor dropped", "4 * max(x.shape[-2:]) → 4"),
            ("factor dropped", "4 * max(x.shape[-2:]) → max(x.shape[-2:])"),
        ),
        "how large a singular value is that rounding leaves of 0 is an estimate",
    ),
    Explanation(
        "linalg._polar_rule",
        ((EQUALITY, "m > n → m >= n"), (EQUALITY, "n > m → n >= m")),
        "adds what lies outside of the space of the singular vectors, which is 0 if they fill it",
    ),
    Explanation(
        "linalg._polar_rule",
        ((EQUALITY, "row > limit → row >= limit"), (EQUALITY, "column > limit → column >= limit")),
        "the factor jumps where a singular value reaches the limit",
    ),
    Explanation(
        "linalg._polar_rule",
        tuple((SWAPPED, f"x → {other}{place}") for other in ("g", "out") for place in ("", " #3")),
        "reads a shape and a dtype from another array with the same",
    ),
    Explanation(
        "linalg._polar_rule",
        ((CONSTANT, "1.0 → 1.01"),),
        "divides in the branch that is not taken",
    ),
    Explanation(
        "linalg._polar_rule",
        ((CONSTANT, "0.0 → 0.01"),),
        "no change that keeps the rank turns the vectors of two singular values of 0",
    ),
    Explanation(
        "linalg._quotient",
        (
            (INVERTED, "(x == 0) & (y == 0) → (x == 0) | (y == 0)"),
            (SWAPPED, "x → y #2"),
        ),
        "finite instead of infinite where the vectors of a singular value of 0 are asked for, which "
        "have no derivative",
    ),
    Explanation(
        "linalg._quotient",
        ((CONSTANT, "1.0 → 1.01"), (SWAPPED, "y → x #2")),
        "0 divided by any other number is 0",
    ),
    Explanation(
        "linalg._turn",
        (
            (OFF_BY_ONE, "5 → 6"),
            (OFF_BY_ONE, "8 → 9"),
        ),
        "how close values have to be for their vectors to be noise is a choice",
    ),
    Explanation(
        "linalg._turn",
        ((CONSTANT, "1.0 → 1.01"),),
        "divides in the branch that is not taken",
    ),
    Explanation(
        "linalg._turn",
        ((SWAPPED, "values → x #2"), (SWAPPED, "values → x #3")),
        "reads a dtype, or the number of columns, from another array with the same",
    ),
    Explanation(
        "linalg._eigh_rule",
        ((SWAPPED, "x → g"), (SWAPPED, "x → out"), (OFF_BY_ONE, "1 → 2 #2")),
        "reads the number of columns from another array with as many, or the number of rows",
    ),
    Explanation(
        "linalg._svd_rule",
        ((EQUALITY, "m > k → m >= k"), (EQUALITY, "n > k → n >= k")),
        "adds what lies outside of the space of the singular vectors, which is 0 if they fill it",
    ),
    Explanation(
        "contraction._rows",
        (("sign flipped", "-1 → 1 #3"), (OFF_BY_ONE, "1 → 2 #3")),
        "it is for arrays without entries, of which there is no gradient to compare",
    ),
    # --- contraction ---
    Explanation(
        "contraction._inner_left",
        (
            (INVERTED, "x.ndim == 2 → x.ndim != 2"),
            (OFF_BY_ONE, "2 → 3"),
            *((SWAPPED, f"x → {other}") for other in ("g", "out", "w")),
        ),
        "both branches compute the same, one as a product for each matrix of a stack, the other as "
        "one product",
    ),
    Explanation(
        "contraction._inner_right",
        ((SWAPPED, "x → g #2"), (SWAPPED, "x → out #2")),
        "cotangent, result and argument have equally many axes",
    ),
)
