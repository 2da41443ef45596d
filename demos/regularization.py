"""Regularization: L2, L1, dropout, normalization, and what each does to the generalization gap."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.datasets import load_digits

import autograd as ag
import nn
from demos.show import COLOURS, Page, panels
from nn import functional as F

QUESTIONS = {
    "L2 or L1?": "nn.optim.Proximal",
    "How does dropout work?": "nn.Dropout",
    "How is dropout an ensemble?": "nn.Dropout",
    "Batch normalization, in training and in evaluation": "nn.BatchNorm1d",
    "Batch or layer normalization?": "nn.LayerNorm",
    "What is dropout's backward pass?": "nn.functional.dropout",
    "What are γ and β for?": "nn.BatchNorm2d",
}
TRAINING, EPOCHS, SEEDS = 300, 60, 3
WRONG = 0.2  # share of wrong training labels, which a network can only memorize


class Findings(NamedTuple):
    """Measurements, keyed by their names in the tables."""

    accuracy: dict[str, tuple[float, float]]
    zeros: dict[str, float]
    dropout_mean: float
    same_mask: bool
    ensemble: tuple[float, float]
    evaluation_gap: float
    undone: float
    layer_norm_alone: float
    growth: dict[str, list[int]]
    noise: dict[int, tuple[float, float]]
    padding: tuple[float, float]
    tiny_batches: dict[str, float]


def run(out: Path) -> Findings:
    """Answer the questions and save the figure in the folder `out`."""
    page = Page("What keeps a network from memorizing its data?", out)
    images, classes = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(images))
    images, classes = images[order] / 16.0, classes[order]
    rng = np.random.default_rng(1)
    labels = classes[:TRAINING].copy()
    spoiled = rng.random(TRAINING) < WRONG
    labels[spoiled] = (labels[spoiled] + rng.integers(1, 10, int(spoiled.sum()))) % 10
    data = images[:TRAINING], labels, images[TRAINING:], classes[TRAINING:]
    accuracy, zeros = gaps(page, data)
    page.table(
        f"64-128-128-10 on {TRAINING} digits, a fifth with wrong labels, mean of {SEEDS} seeds",
        ("method", "training", "unseen", "gap", "weights exactly 0"),
        [
            (n, f"{a:.1%}", f"{b:.1%}", f"{a - b:.1%}", f"{zeros[n]:.0%}")
            for n, (a, b) in accuracy.items()
        ],
    )
    page.theory(
        "L1's subgradient has size λ on both sides of 0, so a step jumps over 0 and no weight "
        "stays there; the proximal step stops at 0. L2's force fades with the weight and leaves "
        "none at 0."
    )
    ag.random.seed(0)
    mean, same = dropout_facts()
    ensemble = monte_carlo(data)
    page.theory(
        "Dropout divides by 1 - p in training, so each layer's expectation is the same as in "
        "evaluation. The mean of many noisy networks is not quite the network without noise, "
        "because ReLU and softmax are nonlinear."
    )
    page.table(
        "dropout",
        ("", "value"),
        [
            ("mean of ones after dropout(0.5), expected 1", mean),
            ("same mask forward and backward", "yes" if same else "no"),
            ("accuracy without noise (scaled weights)", f"{ensemble[0]:.1%}"),
            ("accuracy of the mean of 100 noisy networks", f"{ensemble[1]:.1%}"),
        ],
    )
    gap, undone, alone = normalization_facts()
    page.table(
        "normalization",
        ("", "value"),
        [
            ("BatchNorm on a batch of 8: largest difference, training and evaluation", gap),
            ("γ = deviation and β = mean undo it: largest difference from x", undone),
            ("LayerNorm of one sample: largest difference from its value in a batch", alone),
        ],
    )
    page.theory(
        "Batch normalization by hand keeps running averages, often as running_mean = 0.9 · "
        "running_mean + 0.1 · mean. On Tensors, this mean remembers how it was computed, and with "
        "it every batch before. A module warns of that; stop_gradient stores numbers."
    )
    growth = {name: graph_sizes(keep) for name, keep in KEEPING.items()}
    page.table(
        "nodes that running_mean keeps alive after 1, 10 and 100 batches",
        ("running_mean = ...", "1", "10", "100"),
        [(name, *(f"{n:,}" for n in sizes)) for name, sizes in growth.items()],
    )
    noise = {batch: batch_noise(batch) for batch in (2, 4, 16, 64)}
    page.table(
        "how much the output for one sample depends on the others in its batch (deviation)",
        ("batch", "BatchNorm", "LayerNorm"),
        [(str(batch), *pair) for batch, pair in noise.items()],
    )
    padding = padded_sequences()
    page.table(
        "5 steps beside a sequence of 20, padded with 15 zeros: largest change of their outputs",
        ("layer", "change"),
        [("BatchNorm over batch and steps", padding[0]), ("LayerNorm of each step", padding[1])],
    )
    tiny = {name: in_batches_of_two(norm, data) for name, norm in NORMS.items()}
    page.table(
        "accuracy on unseen digits after training in batches of 2",
        ("normalization", "accuracy"),
        [(name, f"{share:.1%}") for name, share in tiny.items()],
    )
    page.save(picture(accuracy), "regularization.png")
    page.verdict(
        "without regularization the network also learns the wrong labels and pays for it on unseen "
        "digits (training accuracy counts wrong labels as right, so a gap below 0 means that the "
        "network did not believe them). Small weights and dropout help; BatchNorm alone does not "
        "help here. Only proximal steps give exact zeros. LayerNorm works with a batch of one, "
        "which BatchNorm rejects in training, and with sequences of any length, whose padding "
        "BatchNorm counts as data; in batches of 2, BatchNorm's statistics are mostly noise."
    )
    norms = gap, undone, alone, growth, noise, padding, tiny
    return Findings(accuracy, zeros, mean, same, ensemble, *norms)


def network(dropout: float = 0.0, norm: bool = False) -> nn.Module:
    """Build 64-128-128-10 with the requested layers in between."""
    layers: list[nn.Module] = []
    for before, after in ((64, 128), (128, 128)):
        layers.append(nn.Linear(before, after))
        layers += [nn.BatchNorm1d(after)] if norm else []
        layers.append(nn.ReLU())
        layers += [nn.Dropout(dropout)] if dropout else []
    return nn.Sequential(*layers, nn.Linear(128, 10))


def gaps(page: Page, data: Any) -> tuple[dict[str, tuple[float, float]], dict[str, float]]:
    """Return training and test accuracy and the share of weights that are exactly 0, by method."""
    methods: dict[str, tuple[Callable[[], nn.Module], Callable[[nn.Module], Any], Any]] = {
        "none": (network, _adam, None),
        "L2 (decoupled decay)": (
            network,
            lambda m: nn.optim.AdamW(m.parameters(), 0.003, weight_decay=2.0),
            None,
        ),
        "L1, subgradient": (network, _adam, lambda m: F.l1_penalty(_weights(m), 2e-3)),
        "L1, proximal": (
            network,
            lambda m: nn.optim.Proximal(_adam(m), nn.optim.L1(0.5), _weights(m)),
            None,
        ),
        "dropout 0.5": (lambda: network(dropout=0.5), _adam, None),
        "BatchNorm": (lambda: network(norm=True), _adam, None),
    }
    accuracy, zeros = {}, {}
    for name, (make, optimize, penalty) in methods.items():
        seeds = page.track(range(SEEDS), name)
        found = [one(data, seed, make, optimize, penalty) for seed in seeds]
        accuracy[name] = (
            float(np.mean([f[0] for f in found])),
            float(np.mean([f[1] for f in found])),
        )
        zeros[name] = float(np.mean([f[2] for f in found]))
    return accuracy, zeros


def one(data: Any, seed: int, make: Any, optimize: Any, penalty: Any) -> tuple[float, float, float]:
    """Train a network by one method; return its accuracies and the share of zeros."""
    x, y, other_x, other_y = data
    ag.random.seed(seed)
    model = make()
    optimizer = optimize(model)

    def loss(output: Any, target: Any) -> Any:
        total = F.cross_entropy(output, target)
        return total if penalty is None or not ag.is_recording() else total + penalty(model)

    loader = nn.data.DataLoader(nn.data.TensorDataset(x, y), 50, shuffle=True)
    nn.fit(model, loader, loss, optimizer, EPOCHS, progress=False)
    weights = np.concatenate([p.numpy().ravel() for p in _weights(model)])
    return _accuracy(model, x, y), _accuracy(model, other_x, other_y), float((weights == 0).mean())


def dropout_facts() -> tuple[float, bool]:
    """Return the mean after dropout, and whether gradients pass where signals did."""
    x = ag.Tensor(np.ones(100_000), requires_grad=True)
    out = F.dropout(x, 0.5)
    out.sum().backward()
    return float(out.numpy().mean()), bool((x.grad == out.numpy()).all())


def monte_carlo(data: Any) -> tuple[float, float]:
    """Return the accuracy without noise, and that of the mean of a hundred noisy networks."""
    x, y, other_x, other_y = data
    model = network(dropout=0.5)
    nn.fit(model, [(x, y)], nn.CrossEntropyLoss(), _adam(model), 60, progress=False)
    model.train()
    with ag.no_grad():
        mean = sum(F.softmax(model(other_x)).numpy() for _ in range(100))
    return _accuracy(model, other_x, other_y), float((mean.argmax(axis=1) == other_y).mean())


def normalization_facts() -> tuple[float, float, float]:
    """Compare training with evaluation, undo with γ and β, run LayerNorm on one sample."""
    rng = np.random.default_rng(0)
    layer = nn.BatchNorm1d(4)
    with ag.no_grad():
        for _ in range(50):
            layer(3.0 * rng.normal(size=(8, 4)) + 2.0)
        x = 3.0 * rng.normal(size=(8, 4)) + 2.0
        gap = abs(layer.train()(x).numpy() - layer.eval()(x).numpy()).max()
        undoing = nn.BatchNorm1d(4, eps=0.0)
        nn.init.values_(undoing.weight, x.std(axis=0))
        nn.init.values_(undoing.bias, x.mean(axis=0))
        undone = abs(undoing(x).numpy() - x).max()
        norm = nn.LayerNorm(4)
        alone = abs(norm(x[:1]).numpy() - norm(x).numpy()[:1]).max()
    return float(gap), float(undone), float(alone)


class ByHand(nn.Module):
    """Batch normalization as interviews ask for it; `keep` makes of a running mean what is kept."""

    def __init__(self, features: int, keep: Callable[[Any], Any]) -> None:
        super().__init__()
        self.gamma, self.beta = nn.Parameter(np.ones(features)), nn.Parameter(np.zeros(features))
        self.running_mean, self.running_var = np.zeros(features), np.ones(features)
        self.keep = keep

    def forward(self, x: Any) -> Any:
        """γ (x - μ) / √(σ² + ε) + β, with the statistics of the batch in training."""
        if self.training:
            mean, var = x.mean(axis=0), x.var(axis=0)
            self.running_mean = self.keep(0.9 * self.running_mean + 0.1 * mean)
            self.running_var = self.keep(0.9 * self.running_var + 0.1 * var)
        else:
            mean, var = self.running_mean, self.running_var
        return self.gamma * (x - mean) / np.sqrt(var + 1e-5) + self.beta


def _as_it_is(x: Any) -> Any:
    return x


KEEPING: dict[str, Callable[[Any], Any]] = {
    "0.9 · old + 0.1 · mean": _as_it_is,
    "stop_gradient(...)": ag.stop_gradient,
}
NORMS: dict[str, Callable[[], nn.Module]] = {
    "BatchNorm": lambda: nn.BatchNorm1d(64),
    "LayerNorm": lambda: nn.LayerNorm(64),
}


def graph_sizes(keep: Callable[[Any], Any]) -> list[int]:
    """Return how many nodes the running mean keeps alive after 1, 10 and 100 batches."""
    rng, sizes = np.random.default_rng(0), []
    model = nn.Sequential(nn.Linear(4, 3), ByHand(3, keep))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the very warning that a reader would see
        for batch in range(1, 101):
            model(rng.normal(size=(8, 4))).sum().backward()
            if batch in (1, 10, 100):
                kept = model[1].running_mean
                sizes.append(len(ag.ancestors([kept])) if isinstance(kept, ag.Node) else 0)
    return sizes


def batch_noise(batch: int) -> tuple[float, float]:
    """Return the deviation of one sample's output over 200 batches that it is part of."""
    rng = np.random.default_rng(0)
    one = rng.normal(size=(1, 16))
    layers, outputs = (nn.BatchNorm1d(16), nn.LayerNorm(16)), ([], [])  # type: ignore[var-annotated]
    with ag.no_grad():
        for _ in range(200):
            x = np.concatenate([one, rng.normal(size=(batch - 1, 16))])
            for layer, found in zip(layers, outputs, strict=True):
                found.append(layer(x).numpy()[0])
    by_batch, by_layer = (float(np.std(found, axis=0).mean()) for found in outputs)
    return by_batch, by_layer


def padded_sequences() -> tuple[float, float]:
    """Return how much padding changes a sequence's normalized steps, by batch and by layer."""
    rng = np.random.default_rng(0)
    short, long = 1.0 + rng.normal(size=(1, 8, 5)), 1.0 + rng.normal(size=(1, 8, 20))
    padded = np.concatenate([np.pad(short, [(0, 0), (0, 0), (0, 15)]), long])
    batch, layer = nn.BatchNorm1d(8), nn.LayerNorm(8)
    with ag.no_grad():
        by_batch = abs(batch(padded).numpy()[:1, :, :5] - batch(short).numpy()).max()
        steps = [layer(x.transpose(0, 2, 1)).numpy() for x in (padded, short)]
    return float(by_batch), float(abs(steps[0][:1, :5] - steps[1]).max())


def in_batches_of_two(norm: Callable[[], nn.Module], data: Any) -> float:
    """Return the accuracy on unseen digits of a network trained in batches of 2."""
    x, y, other_x, other_y = data
    ag.random.seed(0)
    model = nn.Sequential(nn.Linear(64, 64), norm(), nn.ReLU(), nn.Linear(64, 10))
    loader = nn.data.DataLoader(nn.data.TensorDataset(x, y), 2, shuffle=True)
    optimizer = nn.optim.Adam(model.parameters(), lr=0.001)
    nn.fit(model, loader, nn.CrossEntropyLoss(), optimizer, 6, progress=False)
    return _accuracy(model, other_x, other_y)


def picture(accuracy: dict[str, tuple[float, float]]) -> Any:
    """Plot the training and test accuracy of each method."""
    figure, [axes] = panels(1, 6.4, 3.2)
    places = np.arange(len(accuracy))
    for shift, i, label in ((-0.18, 0, "training"), (0.18, 1, "unseen")):
        axes.barh(
            places + shift,
            [100 * a[i] for a in accuracy.values()],
            0.34,
            color=COLOURS[i],
            label=label,
        )
    axes.set_yticks(places, list(accuracy))
    axes.invert_yaxis()
    axes.set_xlim(50, 101)
    axes.set_xlabel("accuracy in percent (the axis starts at 50)")
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def _adam(model: nn.Module) -> nn.optim.Adam:
    return nn.optim.Adam(model.parameters(), lr=0.003)


def _weights(model: nn.Module) -> list[ag.Tensor]:
    return [p for p in model.parameters() if p.ndim > 1]


def _accuracy(model: nn.Module, x: np.ndarray, y: np.ndarray) -> float:
    training = model.training
    model.eval()
    with ag.no_grad():
        share = float((model(x).argmax(axis=1) == y).mean())
    model.train(training)
    return share
