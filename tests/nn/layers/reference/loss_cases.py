"""Further losses that are compared with PyTorch, written as in `cases.py`."""

from cases import CLASSES, SHARES, SIGNS, WEIGHTS, Case, case, np

LABELS = np.array(
    [[0, 2, -1, 0], [1, -1, 0, 0], [3, 2, 1, -1], [-1, 0, 0, 0], [2, 0, 1, 3], [3, -1, -1, -1]]
)
COUNTS = np.arange(24.0).reshape(6, 4) // 4
TEXTS, LENGTHS = np.array([[1, 1, 3], [2, 3, 0]]), "(7, 5), (3, 2)"
LOGS = "F.log_softmax(x, -1)"

LOSSES: dict[str, Case] = {
    "GaussianNLLLoss": case("nn.GaussianNLLLoss(full=True)", (6, 4), (6, 4), call="module(x, y, z)", z=0.1 + SHARES),
    "GaussianNLLLoss lines": case("nn.GaussianNLLLoss(eps=0.4)", (6, 4), (6, 4), call="module(x, y, z)", z=SHARES[:, 0]),
    "PoissonNLLLoss": case("nn.PoissonNLLLoss(full=True)", (6, 4), y=COUNTS),
    "PoissonNLLLoss rate": case("nn.PoissonNLLLoss(log_input=False, reduction='sum')", (6, 4), y=COUNTS, call="module(x.exp(), y)"),
    "MarginRankingLoss": case("nn.MarginRankingLoss(margin=0.3)", (6,), (6,), z=SIGNS),
    "SoftMarginLoss": case("nn.SoftMarginLoss()", (6,), y=SIGNS),
    "MultiLabelMarginLoss": case("nn.MultiLabelMarginLoss()", (6, 4), y=LABELS),
    "MultiLabelSoftMarginLoss": case(f"nn.MultiLabelSoftMarginLoss(weight={WEIGHTS})", (6, 4), y=SHARES),
    "TripletMarginWithDistanceLoss": case("nn.TripletMarginWithDistanceLoss(swap=True)", (6, 4), (6, 4), (6, 4)),
    **{
        f"CTCLoss {reduction}": case(
            f"nn.CTCLoss(reduction='{reduction}')", (7, 2, 4), y=TEXTS, call=f"module({LOGS}, y, {LENGTHS})"
        )
        for reduction in ("mean", "none")
    },
    "CTCLoss joined": case("nn.CTCLoss(zero_infinity=True)", (7, 2, 4), y=np.array([1, 1, 3, 2, 3]), call=f"module({LOGS}, y, {LENGTHS})"),
    "CTCLoss too long": case("nn.CTCLoss(zero_infinity=True)", (3, 2, 4), y=TEXTS,
                             call=f"module({LOGS}, y, (3, 3), (3, 2))"),
    "MultiMarginLoss weights": case(f"nn.MultiMarginLoss(2, weight={WEIGHTS})", (6, 4), y=CLASSES),
}  # fmt: skip
