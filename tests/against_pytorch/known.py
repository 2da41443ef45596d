"""Differences that are decided, each with its reason."""

from __future__ import annotations

import re

from tests.against_pytorch.compare import DTYPE, UNCLEAR, WRONG, Verdict

# (operator, kind, a pattern that the difference's text or the sample matches, why)
KNOWN: list[tuple[str, str, str, str]] = [
    (r"clamp", DTYPE, r"int32.*value 0: float64", "NumPy's law: int32 with float32 is float64"),
    (
        r"argsort|cumsum|cumprod|cummax|cummin|logcumsumexp",
        WRONG,
        r"value 0: shape \(1,\)",
        "NumPy's of a 0-d array has an axis",
    ),
    (r"nn.functional.hardsigmoid", WRONG, "float64", "PyTorch keeps 1/6 in float32"),
    (r"nn.functional.binary_cross_entropy", WRONG, "second", "PyTorch adds 1e-12 to p(1 - p)"),
    (
        r".*(cosine_embedding_loss|CosineEmbeddingLoss)",
        WRONG,
        "gradient|value",
        "PyTorch adds 1e-12 to each square",
    ),
    (r"cov|corrcoef", DTYPE, "value 0: float64", "NumPy's are of double precision at least"),
    (r"cov", WRONG, r"aweights=float32", "PyTorch sums the weights in float32"),
    (r"(linalg\.)?qr", WRONG, "second", "the last three digits are rounding"),
    (
        r"(special\.)?polygamma\..*_n_[0-4]|digamma|lgamma",
        WRONG,
        "float64",
        "PyTorch's trigamma is right to ten digits; ours agrees with mpmath to the last two",
    ),
    (
        r"nn.functional.ctc_loss|nn.CTCLoss",
        WRONG,
        "gradient|second",
        "PyTorch's is the slope behind a log_softmax, ours that of the formula; behind one they agree",
    ),
    (
        r"logsumexp",
        WRONG,
        "float64.*gradient",
        "PyTorch's slope e^(x - result) has the rounding of a large result",
    ),
    (
        r"nn.functional.max_unpool.d",
        WRONG,
        "gradient",
        "entries that windows share a place for share its gradient, as ties do; PyTorch gives each all",
    ),
    (
        r"nn.LPPool.d",
        WRONG,
        "gradient .*: 0.0 at .* PyTorch nan",
        "an entry that is in no window gets exactly 0; PyTorch multiplies 0 by nan",
    ),
    (
        r"nn.FractionalMaxPool.d",
        DTYPE,
        r"state 0: float64",
        "PyTorch's samples convert the module, with its random numbers, after it was made",
    ),
    (r"nn.InstanceNorm.d", WRONG, "state 2: 1 ", "ours counts batches, which momentum=None needs"),
    (
        r"nonzero",
        UNCLEAR,
        "0d arrays",
        "np.nonzero of a 0-d array is NumPy's own refusal, and names the cure",
    ),
    (
        r"linalg.pinv.hermitian",
        WRONG,
        r"gradient .*: 0.0 ",
        "ours is the slope by the entries that are read, those of the lower triangle",
    ),
    (
        r"optim.Muon",
        WRONG,
        "Tensor lr",
        "PyTorch rounds 1 - lr · weight_decay to the float32 of a rate that is a tensor",
    ),
    (
        r"linalg.norm.subgradients_at_zero",
        WRONG,
        "second .*: -?0.0 ",
        "decided: norm'(0) = 0, a constant",
    ),
    (
        r"linalg.norm.subgradients_at_zero",
        WRONG,
        "gradient .*: -?0.0 ",
        "decided: norm'(0) = 0; PyTorch takes some U Vᵀ",
    ),
]


def reason(name: str, label: str, verdict: Verdict) -> str | None:
    """Why a difference is as it should be; None if nobody has said."""
    for operator, kind, pattern, why in KNOWN:
        same = kind == verdict.kind and re.fullmatch(operator, name)
        if same and re.search(pattern, f"{label} | {verdict.text}"):
            return why
    return None
