"""Functions of nodes and arrays: NumPy's names, and the further ones that a network needs."""

from typing import TYPE_CHECKING

from autograd.names import of_numpy as __getattr__  # noqa: F401
from autograd.numpy import (
    activations,
    collectives,
    diagonals,
    editing,
    einstein,
    elementwise,
    indexing,
    interpolation,
    joining,
    missing_values,
    moments,
    picking,
    products,
    rearranging,
    reductions,
    running,
    samples,
    scientific,
    selection,
    shaping,
    sliding,
    statistics,
)
from autograd.numpy import dispatch as dispatch
from autograd.numpy import linalg as linalg
from autograd.numpy import random as _random  # noqa: F401
from autograd.numpy.activations import *
from autograd.numpy.collectives import *
from autograd.numpy.diagonals import *
from autograd.numpy.editing import *
from autograd.numpy.einstein import *
from autograd.numpy.elementwise import *
from autograd.numpy.indexing import *
from autograd.numpy.indexing import At as At
from autograd.numpy.interpolation import *
from autograd.numpy.joining import *
from autograd.numpy.missing_values import *
from autograd.numpy.moments import *
from autograd.numpy.picking import *
from autograd.numpy.products import *
from autograd.numpy.rearranging import *
from autograd.numpy.reductions import *
from autograd.numpy.reductions import REDUCTIONS as REDUCTIONS
from autograd.numpy.running import *
from autograd.numpy.running import ACCUMULATIONS as ACCUMULATIONS
from autograd.numpy.samples import *
from autograd.numpy.scientific import *
from autograd.numpy.selection import *
from autograd.numpy.shaping import *
from autograd.numpy.sliding import *
from autograd.numpy.statistics import *

# Type checkers take names imported by `*` or `as` as public. mypy reads only a literal list.
if not TYPE_CHECKING:
    __all__ = [
        "dispatch",
        "linalg",
        *activations.__all__,
        *collectives.__all__,
        *diagonals.__all__,
        *einstein.__all__,
        *elementwise.__all__,
        *indexing.__all__,
        *interpolation.__all__,
        *joining.__all__,
        *moments.__all__,
        *picking.__all__,
        *products.__all__,
        *rearranging.__all__,
        *reductions.__all__,
        *scientific.__all__,
        *selection.__all__,
        *shaping.__all__,
        *sliding.__all__,
        *editing.__all__,
        *missing_values.__all__,
        *running.__all__,
        *samples.__all__,
        *statistics.__all__,
    ]
