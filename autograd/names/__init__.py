"""Names that users of PyTorch, NumPy, JAX and micrograd write, and what to write here instead.

The tables serve the messages of missing attributes and docs/from-pytorch.md.
"""

from autograd.names.functions import FUNCTIONS
from autograd.names.keywords import both_keywords
from autograd.names.libraries import KEYWORDS, LINALG, NUMPY, SCIPY, UPDATES
from autograd.names.methods import DATA, INPLACE, METHODS, SCALARS
from autograd.names.missing import (
    Elsewhere,
    install,
    missing,
    of,
    of_linalg,
    of_numpy,
    of_numpy_random,
    of_package,
    of_random,
    visible,
)

__all__ = [
    "DATA",
    "FUNCTIONS",
    "INPLACE",
    "KEYWORDS",
    "LINALG",
    "METHODS",
    "NUMPY",
    "SCALARS",
    "SCIPY",
    "UPDATES",
    "Elsewhere",
    "both_keywords",
    "install",
    "missing",
    "of",
    "of_linalg",
    "of_numpy",
    "of_numpy_random",
    "of_package",
    "of_random",
    "visible",
]
