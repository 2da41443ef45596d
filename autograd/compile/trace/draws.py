"""Random draws of a traced step: made by the generator itself, in its order, and written down."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compile.program import DRAW, Variable
from autograd.compile.trace.tape import Tape, active, plain

DRAWS = (
    *("beta", "binomial", "chisquare", "choice", "dirichlet", "exponential", "f", "gamma"),
    *("geometric", "gumbel", "hypergeometric", "integers", "laplace", "logistic", "lognormal"),
    *("logseries", "multinomial", "multivariate_hypergeometric", "multivariate_normal"),
    *("negative_binomial", "noncentral_chisquare", "noncentral_f", "normal", "pareto"),
    *("permutation", "permuted", "poisson", "power", "random", "rayleigh", "standard_cauchy"),
    *("standard_exponential", "standard_gamma", "standard_normal", "standard_t", "triangular"),
    *("uniform", "vonmises", "wald", "weibull", "zipf"),
)
REFUSED = ("bytes", "shuffle", "spawn")


def traced_generator(generator: Any, tape: Tape, name: str) -> tuple[Any, Variable]:
    """A generator with the same state, whose draws are written down, and its variable."""
    variable = Variable((), np.dtype(object), "input", name)
    tape.inputs.append(variable)

    def draw(method: str) -> Any:
        def drawn(self: Any, *args: Any, **kwargs: Any) -> Any:
            if "out" in kwargs:
                tape.lose(f"a generator's {method} with out=")
            out = getattr(generator, method)(*plain(args), **plain(kwargs))
            if active.tape is not tape or tape.lost:
                return out
            return tape.emit(DRAW, (variable, method, *args), kwargs, out)

        return drawn

    def refuse(method: str) -> Any:
        def refused(self: Any, *args: Any, **kwargs: Any) -> Any:
            tape.lose(f"a generator's {method}")
            return getattr(generator, method)(*plain(args), **kwargs)

        return refused

    def bits(self: Any) -> Any:
        if active.tape is tape:
            tape.lose("the state of a random generator")
        return generator.bit_generator

    methods = {m: draw(m) for m in DRAWS} | {m: refuse(m) for m in REFUSED}
    kind = type("Generator", (np.random.Generator,), methods | {"bit_generator": property(bits)})
    return kind(generator.bit_generator), variable
