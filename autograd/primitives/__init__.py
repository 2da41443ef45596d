"""The tables of primitives, and all of them by name."""

from autograd.engine.primitive import Primitive
from autograd.primitives import (
    arithmetic,
    collective,
    contraction,
    elementary,
    indexing,
    linalg,
    reduction,
    shaping,
    window,
)

TABLES = (
    arithmetic,
    elementary,
    reduction,
    shaping,
    indexing,
    contraction,
    window,
    linalg,
    collective,
)
PRIMITIVES = {
    p.name: p for table in TABLES for p in vars(table).values() if isinstance(p, Primitive)
}
