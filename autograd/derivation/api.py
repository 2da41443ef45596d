"""`ag.derive`. The printer is imported when it is first called, as the compiler's is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograd.derivation.page import Derivation


def derive(result: Any, *inputs: Any, by: Any = None, max_steps: int = 200) -> Derivation:
    from autograd.derivation.page import Derivation
    from autograd.derivation.problem import problem_of

    problem = problem_of(result, inputs, by, sys._getframe(1), max_steps)
    return Derivation(problem)
