"""What the exporter knows: an emitter for each operation of a program, or why there is none."""

from __future__ import annotations

from nn.onnx.elementwise import ELEMENTWISE, Emitter
from nn.onnx.indexing import INDEXING
from nn.onnx.reductions import REDUCTIONS

OPERATIONS: dict[str, Emitter] = {**ELEMENTWISE, **REDUCTIONS, **INDEXING}

NO_OPERATOR = "ONNX has no operator for it"

# Operations of programs without a form in ONNX.
REASONS: dict[str, str] = {
    "draw": "it draws random numbers, and no other program draws the same",
    "numpy.linalg.inv": NO_OPERATOR,
    "numpy.linalg.pinv": NO_OPERATOR,
    "numpy.linalg.slogdet": NO_OPERATOR,
    "numpy.linalg.solve": NO_OPERATOR,
    "numpy.linalg.cholesky": NO_OPERATOR,
    "numpy.linalg.eigh": NO_OPERATOR,
    "numpy.linalg.svd": NO_OPERATOR,
}

# The primitives that compute with one of those, and so have none either. All others have a form,
# but for the gradient of det.
PRIMITIVES: dict[str, str] = {
    "inv": NO_OPERATOR,
    "pinv": NO_OPERATOR,
    "log_abs_det": NO_OPERATOR,
    "cofactors": NO_OPERATOR,
    "nuclear": NO_OPERATOR,
    "polar": NO_OPERATOR,
    "solve": NO_OPERATOR,
    "cholesky": NO_OPERATOR,
    "eigh": NO_OPERATOR,
    "svd": NO_OPERATOR,
}
