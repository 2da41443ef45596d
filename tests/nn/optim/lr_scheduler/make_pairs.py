"""Write pairs.npz: the rates of every two chainable schedulers of PyTorch on one optimizer.

Run by a Python that has PyTorch and NumPy.
"""

import itertools
from pathlib import Path

import numpy as np

STEPS = 30
KINDS = {
    "step": "lr.StepLR(o, 4, 0.5)",
    "milestones": "lr.MultiStepLR(o, [9, 3, 9, 20], 0.3)",
    "exponential": "lr.ExponentialLR(o, 0.9)",
    "constant": "lr.ConstantLR(o, 0.25, 6)",
    "linear": "lr.LinearLR(o, 0.25, 0.8, total_iters=7)",
    "polynomial": "lr.PolynomialLR(o, 40, 2.0)",
    "cosine": "lr.CosineAnnealingLR(o, 40)",
    "cosine that rises": "lr.CosineAnnealingLR(o, 7)",
    "cosine above 0": "lr.CosineAnnealingLR(o, 40, 0.001)",
}
PAIRS = [(a, b) for a, b in itertools.product(KINDS, KINDS) if a != b or a != "cosine that rises"]


def rates(lr, o, pair, chained):
    """The rates of an optimizer with two schedulers, stepped in turn or by a chain."""
    schedulers = [eval(KINDS[name], {"lr": lr, "o": o}) for name in pair]
    steppers = [lr.ChainedScheduler(schedulers)] if chained else schedulers
    found = []
    for _ in range(STEPS):
        found.append([group["lr"] for group in o.param_groups])
        o.step()
        for scheduler in steppers:
            scheduler.step()
    return np.array(found)


def main():
    """Collect the rates and write them."""
    import torch

    found = {}
    for pair in PAIRS:
        groups = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": x} for x in (0.5, 0.1)]
        optimizer = torch.optim.SGD(groups)
        found["/".join(pair)] = rates(torch.optim.lr_scheduler, optimizer, pair, False)
    np.savez_compressed(Path(__file__).with_name("pairs.npz"), **found)


if __name__ == "__main__":
    main()
