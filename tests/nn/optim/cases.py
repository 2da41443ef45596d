"""Optimizers and schedulers as expressions that mean the same in PyTorch and here.

`optim` stands for `torch.optim` or `nn.optim`, `lr` for `torch.optim.lr_scheduler` or
`nn.optim.lr_scheduler`, `params` for the parameters, `o` for an optimizer.
"""

import numpy as np

STEPS = 50
SHAPES = [(3, 4), (4,), (), (2, 2)]

OPTIMIZERS = {
    f"{name} {options}": f"optim.{name}(params{', ' if options else ''}{options})"
    for name, variants in {
        "SGD": [
            "lr=0.05",
            "lr=0.02, momentum=0.9",
            "lr=0.02, momentum=0.9, dampening=0.3",
            "lr=0.01, momentum=0.9, nesterov=True, weight_decay=0.1",
            "lr=0.001, maximize=True",
        ],
        "Adam": [
            "lr=0.05",
            "lr=0.05, betas=(0.7, 0.9), eps=1e-3",
            "lr=0.05, weight_decay=0.1",
            "lr=0.05, amsgrad=True",
            "lr=0.01, maximize=True",
        ],
        "AdamW": ["lr=0.05", "lr=0.05, weight_decay=0.3, amsgrad=True"],
        "Adamax": ["lr=0.05", "lr=0.05, weight_decay=0.1, betas=(0.7, 0.9)"],
        "NAdam": [
            "lr=0.05",
            "lr=0.05, weight_decay=0.1, momentum_decay=0.1",
            "lr=0.05, weight_decay=0.1, decoupled_weight_decay=True",
        ],
        "RMSprop": [
            "lr=0.02",
            "lr=0.02, alpha=0.8, weight_decay=0.1",
            "lr=0.01, momentum=0.8",
            "lr=0.01, centered=True",
            "lr=0.005, centered=True, momentum=0.8",
        ],
        "Adagrad": [
            "lr=0.2",
            "lr=0.2, lr_decay=0.1, weight_decay=0.1, initial_accumulator_value=0.5",
        ],
        "Adadelta": ["lr=2.0", "lr=1.0, rho=0.7, eps=1e-3, weight_decay=0.1"],
        "RAdam": [
            "lr=0.05",
            "lr=0.05, betas=(0.7, 0.9), eps=1e-3, weight_decay=0.1",
            "lr=0.05, weight_decay=0.1, decoupled_weight_decay=True",
        ],
        "Rprop": ["lr=0.02", "lr=0.02, etas=(0.3, 1.5), step_sizes=(1e-3, 0.2), maximize=True"],
        "ASGD": ["lr=0.05", "lr=0.05, lambd=0.1, alpha=0.5, t0=5, weight_decay=0.1"],
        "Adafactor": [
            "lr=0.05",
            "lr=0.5, beta2_decay=-0.5, eps=(1e-3, 0.1), d=1.5, weight_decay=0.1",
        ],
        "LBFGS": [
            "lr=0.3",
            "lr=0.5, max_iter=4, history_size=3",
            "max_iter=3, line_search_fn='strong_wolfe'",
            "lr=0.1, max_iter=8, history_size=4, tolerance_change=1e-12, line_search_fn='strong_wolfe'",
        ],
    }.items()
    for options in variants
}

EPOCHS = 60
SCHEDULERS = {
    "StepLR": "lr.StepLR(o, 7, gamma=0.5)",
    "MultiStepLR": "lr.MultiStepLR(o, [5, 11, 30], gamma=0.3)",
    "ExponentialLR": "lr.ExponentialLR(o, 0.9)",
    "ConstantLR": "lr.ConstantLR(o, 0.25, total_iters=6)",
    "LinearLR": "lr.LinearLR(o, 0.1, 0.8, total_iters=13)",
    "PolynomialLR": "lr.PolynomialLR(o, 17, power=2.0)",
    "CosineAnnealingLR": "lr.CosineAnnealingLR(o, 13, eta_min=0.001)",
    "CosineAnnealingWarmRestarts": "lr.CosineAnnealingWarmRestarts(o, 5, T_mult=2, eta_min=0.001)",
    "CosineAnnealingWarmRestarts equal": "lr.CosineAnnealingWarmRestarts(o, 7)",
    "OneCycleLR": "lr.OneCycleLR(o, 0.5, total_steps=70)",
    "OneCycleLR linear": "lr.OneCycleLR(o, [0.5, 0.2], epochs=7, steps_per_epoch=10, anneal_strategy='linear')",
    "OneCycleLR three": "lr.OneCycleLR(o, 0.5, total_steps=70, three_phase=True, pct_start=0.4)",
    "LambdaLR": "lr.LambdaLR(o, lambda t: 1.0 / (1 + t))",
    "LambdaLR groups": "lr.LambdaLR(o, [lambda t: 0.9**t, lambda t: 1.0])",
    "MultiplicativeLR": "lr.MultiplicativeLR(o, [lambda t: 0.9, lambda t: t / (1.0 + t)])",
    "CyclicLR": "lr.CyclicLR(o, 0.01, [0.5, 0.2], step_size_up=7, step_size_down=4)",
    "CyclicLR halving": "lr.CyclicLR(o, [0.01, 0.1], 0.5, 5, mode='triangular2', cycle_momentum=False)",
    "CyclicLR falling": "lr.CyclicLR(o, 0.01, 0.5, 5, mode='exp_range', gamma=0.97, base_momentum=[0.7, 0.6])",
    "CyclicLR scaled": "lr.CyclicLR(o, 0.01, 0.5, 5, scale_fn=lambda n: 1.0 / n, max_momentum=0.95)",
    "SequentialLR": "lr.SequentialLR(o, [lr.LinearLR(o, 0.1, total_iters=5), lr.ExponentialLR(o, 0.9), "
    "lr.CosineAnnealingLR(o, 20)], milestones=[5, 20])",
    "ReduceLROnPlateau": "lr.ReduceLROnPlateau(o, patience=3, factor=0.5, cooldown=2)",
    "ReduceLROnPlateau abs": "lr.ReduceLROnPlateau(o, patience=1, threshold=0.02, threshold_mode='abs')",
    "ReduceLROnPlateau rel": "lr.ReduceLROnPlateau(o, mode='max', patience=2, threshold=0.1, factor=0.7)",
    "ReduceLROnPlateau small": "lr.ReduceLROnPlateau(o, patience=0, factor=0.5, min_lr=0.003, eps=0.004)",
    "OneCycleLR factors": "lr.OneCycleLR(o, 0.5, total_steps=64, pct_start=0.25, div_factor=4.0, final_div_factor=50.0)",
    "ReduceLROnPlateau max": "lr.ReduceLROnPlateau(o, mode='max', patience=1, threshold=0.05, "
    "threshold_mode='abs', min_lr=[0.01, 0.002])",
}
# A loss along a line, with its slope, both as functions of the distance; at 0 it falls.
LINES = {
    "bowl": (lambda t: (t - 2.0) ** 2, lambda t: 2.0 * (t - 2.0)),
    "well": (lambda t: t**4 - 4.0 * t * t - t, lambda t: 4.0 * t**3 - 8.0 * t - 1.0),
    "wave": (lambda t: -np.sin(3.0 * t) + 0.3 * t, lambda t: -3.0 * np.cos(3.0 * t) + 0.3),
    "wall": (lambda t: np.exp(2.0 * t) - 9.0 * t, lambda t: 2.0 * np.exp(2.0 * t) - 9.0),
    "ramp": (lambda t: np.hypot(1.0, t - 30.0), lambda t: (t - 30.0) / np.hypot(1.0, t - 30.0)),
    "more": (lambda t: -t / (t * t + 2.0), lambda t: (t * t - 2.0) / (t * t + 2.0) ** 2),
    "hole": (
        lambda t: -np.exp(-50.0 * (t - 1.0) ** 2) - 0.01 * t + 1e-4 * t * t,
        lambda t: 100.0 * (t - 1.0) * np.exp(-50.0 * (t - 1.0) ** 2) - 0.01 + 2e-4 * t,
    ),
    "rough": (
        lambda t: (t + 5.0) ** 2 - 3.0 * np.sin(8.0 * t),
        lambda t: 2.0 * (t + 5.0) - 24.0 * np.cos(8.0 * t),
    ),
    "slope": (lambda t: -t, lambda t: -1.0),
    "notch": (
        lambda t: abs(t - 1.0) * (0.95 if t > 1.0 else 1.0) + 0.02 * np.sin(40.0 * t),
        lambda t: (0.95 if t > 1.0 else -1.0) + 0.8 * np.cos(40.0 * t),
    ),
}


def waves(fall, heights, frequencies):
    """Sines upon a straight line that falls, and the slope."""
    h, w = np.array(heights), np.array(frequencies)
    return (
        lambda t: -fall * t - (h * np.sin(w * t)).sum(),
        lambda t: -fall - (h * w * np.cos(w * t)).sum(),
    )


LINES["beat"] = waves(0.83, [-0.36, 0.58], [7.7, 5.8])
LINES["swell"] = waves(0.27, [1.75, -0.73, -1.16], [3.0, 0.4, 4.1])
LINES["surf"] = waves(0.8, [1.84, 1.2], [3.0, 5.2])
LINES["chop"] = waves(0.02, [2.24, -0.24], [6.9, 6.1])
# The name of the line, the first distance, how many more are tried at most, the narrowest bracket.
LINE_SEARCHES = [
    (name, first, most, narrowest)
    for name in LINES
    for first in (1e-3, 0.1, 0.3, 0.8, 1.0, 1.5, 3.0, 40.0)
    for most, narrowest in ((1, 1e-9), (2, 1e-9), (5, 1e-9), (25, 1e-9), (25, 0.1))
]
# Quasi-Newton steps amplify rounding where the loss alternates; they get one that does not.
STEADY = {name for name in OPTIMIZERS if name.startswith("LBFGS")}
METRICS = (1.0 / (1.0 + np.arange(EPOCHS) // 9) + 0.01 * np.cos(np.arange(EPOCHS))).tolist()


def problem(stack):
    """Start values and a loss: ill-conditioned least squares and a quartic term; some terms rest.

    Args:
        stack: concatenates a list of flat arrays; `torch.cat` or `ag.concatenate`.
    """
    rng = np.random.default_rng(11)
    sizes = [int(np.prod(shape)) for shape in SHAPES]
    matrix = rng.normal(size=(30, sum(sizes))) * np.geomspace(1.0, 0.05, sum(sizes))
    target = rng.normal(size=30)
    starts = [rng.normal(size=shape) for shape in SHAPES]

    def loss(params, step, as_constant):
        # The last parameter takes no part in every third step.
        used = params[:-1] if step % 3 == 2 else params
        w = stack([p.reshape(-1) for p in used])
        residual = as_constant(matrix[:, : w.shape[0]]) @ w - as_constant(target)
        return (residual * residual).mean() + 0.1 * (w**4).sum()

    return starts, loss


def relative_distance(rows, reference):
    """Per step: the largest difference, relative to the largest parameter; (steps,)."""
    return np.abs(rows - reference).max(axis=1) / np.abs(reference).max(axis=1)
