"""Make trajectories.npz with PyTorch: `python tests/nn/optim/make_reference.py`, wherever torch is
installed. It holds, in float64, all parameters after each of 50 steps for each optimizer, how far
PyTorch's own trajectory moves when its start is perturbed by 1 to 4 ulp, the learning rates (and
momenta) of 60 steps for each scheduler, and where line searches end.
"""

from pathlib import Path

import numpy as np
import torch
from cases import (
    EPOCHS,
    LINE_SEARCHES,
    LINES,
    METRICS,
    OPTIMIZERS,
    SCHEDULERS,
    STEADY,
    STEPS,
    problem,
    relative_distance,
)
from torch import optim
from torch.optim import lr_scheduler as lr
from torch.optim.lbfgs import _strong_wolfe

PERTURBED_STARTS = 16


def trajectory(
    name: str, expression: str, perturbation: np.random.Generator | None = None
) -> np.ndarray:
    """All parameters after each step, (steps, numbers)."""
    starts, loss_of = problem(torch.cat)
    if perturbation is not None:
        starts = [moved_by_ulps(start, perturbation) for start in starts]
    params = [torch.tensor(start, requires_grad=True) for start in starts]
    optimizer = eval(expression, {"optim": optim, "params": params})
    rows = []
    for step in [0] * STEPS if name in STEADY else range(STEPS):

        def closure(step: int = step) -> torch.Tensor:
            optimizer.zero_grad()
            loss = loss_of(params, step, torch.from_numpy)
            loss.backward()
            return loss

        optimizer.step(closure)
        rows.append(np.concatenate([p.detach().numpy().ravel() for p in params]))
    return np.array(rows)


def moved_by_ulps(start: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Each number moved up or down by 1 to 4 units in the last place."""
    ulps = rng.integers(1, 5, start.shape) * rng.choice([-1, 1], start.shape)
    return start + ulps * np.spacing(start)


def spread(name: str, expression: str, reference: np.ndarray) -> np.ndarray:
    """How far the perturbed trajectories are from the reference at most, (steps,)."""
    rng = np.random.default_rng(0)
    runs = [trajectory(name, expression, rng) for _ in range(PERTURBED_STARTS)]
    return np.max([relative_distance(rows, reference) for rows in runs], axis=0)


def rates(expression: str) -> np.ndarray:
    """Learning rates of two groups and the momentum of the first, (epochs, 3)."""
    params = [torch.zeros(1, requires_grad=True) for _ in range(2)]
    groups = [{"params": [params[0]]}, {"params": [params[1]], "lr": 0.02}]
    o = optim.SGD(groups, lr=0.1, momentum=0.9)
    scheduler = eval(expression, {"lr": lr, "o": o})
    rows = []
    for epoch in range(EPOCHS):
        rows.append([*(g["lr"] for g in o.param_groups), o.param_groups[0]["momentum"]])
        o.step()
        plateau = isinstance(scheduler, lr.ReduceLROnPlateau)
        scheduler.step(METRICS[epoch]) if plateau else scheduler.step()
    return np.array(rows)


def line_search(line: str, first: float, most: int, narrowest: float) -> tuple[float, int]:
    """Where the search ends, and how often the loss was computed."""
    loss, slope = LINES[line]

    def along(_: None, t: float, direction: torch.Tensor) -> tuple[float, torch.Tensor]:
        return loss(float(t)), torch.tensor([slope(float(t))])

    g = torch.tensor([slope(0.0)])
    options = {"tolerance_change": narrowest, "max_ls": most}
    _, _, t, calls = _strong_wolfe(along, None, first, torch.ones(1), loss(0.0), g, g[0], **options)
    return float(t), calls


def main() -> None:
    # Or NAdam would keep the product of its momenta in float32.
    torch.set_default_dtype(torch.float64)
    found = {f"optimizer/{name}": trajectory(name, text) for name, text in OPTIMIZERS.items()}
    for name, text in OPTIMIZERS.items():
        found[f"spread/{name}"] = spread(name, text, found[f"optimizer/{name}"])
    found |= {f"scheduler/{name}": rates(text) for name, text in SCHEDULERS.items()}
    found["line searches"] = np.array([line_search(*case) for case in LINE_SEARCHES])
    path = Path(__file__).with_name("trajectories.npz")
    np.savez_compressed(path, **found)
    print(f"{len(found)} cases, {path.stat().st_size} bytes, PyTorch {torch.__version__}")


if __name__ == "__main__":
    main()
