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
    "kernel.erfinv_of_entries": NO_OPERATOR,
    "kernel.gammaln_of_entries": NO_OPERATOR,
    "kernel.digamma_of_entries": NO_OPERATOR,
    "kernel.polygamma_of_entries": NO_OPERATOR,
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
    "erfinv": NO_OPERATOR,
    "gammaln": NO_OPERATOR,
    "digamma": NO_OPERATOR,
    "polygamma": NO_OPERATOR,
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
