"""Random steps on Values, and what tests of scalar programs compare by."""

import math
import random
import struct

import autograd as ag
from autograd import Value
from autograd.compile.api import compile as compiled
from autograd.compile.native import llvm
from autograd.compile.scalars.lanes import Rolled
from autograd.compile.scalars.numpy_source import Source
from autograd.compile.scalars.passes import simplified
from autograd.compile.scalars.plan import Plan
from autograd.compile.scalars.runner import native_function

SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.5, 2.0, math.inf, -math.inf, math.nan, 1e-300, -1e300, 710.0)
PRINTERS = ["numpy"] if llvm.missing() else ["numpy", "native"]
UNARY = (
    *("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "arcsin"),
    *("arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "sigmoid"),
    *("softplus", "erf", "sinc", "sqrt", "cbrt", "square", "reciprocal", "sign", "floor", "ceil"),
    *("trunc", "rint", "relu"),
)


def bits(x):
    """A number as something equal only for equal bits; all nan are one, whatever their sign."""
    if isinstance(x, complex):
        return repr(x)
    return type(x).__name__, "nan" if x != x else struct.pack("d", x)


def add(x, y):
    return x + y


def sub(x, y):
    return x - y


def mul(x, y):
    return x * y


def div(x, y):
    return x / y


BINARY = (
    *(add, sub, mul, add, sub, mul, div, ag.maximum, ag.minimum, ag.hypot, ag.arctan2),
    *(ag.logaddexp, lambda x, y: x**y, lambda x, y: x % y, lambda x, y: x // y),
    lambda x, y: ag.where(x > y, x * 2.0, y),
    *(lambda x, y: ag.clip(x, -1.0, y), lambda x, y: ag.fmod(x, y), lambda x, y: x**2 + y),
    *(lambda x, y: x**0.5 + y, lambda x, y: 3 - x * True + 2 * y, lambda x, y: abs(-x) + y),
)


def random_formula(rng, size, smooth=False):
    """A function of a list of Values: operations in an order, each on earlier results."""
    unary = ("tanh", "sin", "sigmoid", "relu", "exp") if smooth else UNARY
    binary = BINARY[:6] if smooth else BINARY
    lines = []
    for n in range(size):
        first, second = (3 + n - rng.randrange(min(4 + n, 6)) for _ in range(2))
        if rng.random() < 0.3:
            lines.append((rng.choice(unary), first, None))
        else:
            other = second if rng.random() < 0.8 else rng.choice((0.5, -0.0, 2, -3.0, 1.0))
            lines.append((rng.choice(binary), first, other))

    def formula(given):
        values = list(given)
        for operation, i, j in lines:
            if j is None:
                values.append(getattr(values[i], operation)())
            else:
                values.append(operation(values[i], values[j] if type(j) is int and j > 3 else j))
        return values[-1] + values[-2] * 0.25

    return formula


def pair(make):
    """The same step twice on Values of its own: eager, and compiled by each printer."""
    return make(), {name: make() for name in PRINTERS}


def compile_by(step, printer):
    """The step, compiled for a printer."""
    return compiled(step, backend="numpy" if printer == "numpy" else "auto")


def printed(program):
    """A program through all passes, as a function of its inputs by each printer."""
    simple, _ = simplified(program)
    plan = Plan(Rolled(simple))
    found = {"numpy": Source(plan).function()}
    if not llvm.missing():
        found["native"] = native_function(plan)
    return found


def values_of(numbers):
    """Values, one for each number."""
    return [Value(x) for x in numbers]


def seeded(seed):
    """A generator of Python's."""
    return random.Random(seed)
