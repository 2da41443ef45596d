"""A multilayer perceptron of sizes [784, 256, 128, 10]: by hand and by nn, on digits or MNIST."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.datasets import fetch_openml, load_digits

import autograd as ag
import nn
from demos.show import Page

QUESTIONS = {
    "What is the forward pass of a three-layer perceptron?": "nn.MLP",
}
SIZES, EPOCHS = [784, 256, 128, 10], 10


class Findings(NamedTuple):
    """The data used, the largest differences from NumPy by hand, and the test accuracy."""

    data: str
    difference: float
    single_difference: float
    accuracy: float


def run(out: Path, data: str = "digits", distributed: bool = False) -> Findings:
    """Answer the question.

    Args:
        out: the folder for the picture.
        data: "digits", or "mnist", which scikit-learn downloads.
        distributed: whether to share each batch among the ranks that `mpiexec` started.
    """
    world = nn.distributed.world() if distributed else nn.distributed.World()
    page = Page("What is the forward pass of a three-layer perceptron?", out, world.rank > 0)
    page.theory(
        "h = x; for every layer but the last, h = relu(h Wᵀ + b); the last layer gives logits h Wᵀ "
        "+ b. A single sample is a batch without its axis."
    )
    used, (x, y, test_x, test_y) = load(page, data)
    ag.random.seed(0)
    model = nn.MLP(SIZES, init="kaiming", dtype=np.float32)
    expected = by_hand(model, test_x[:32])
    with ag.no_grad():
        difference = float(abs(model(test_x[:32]).numpy() - expected).max())
        single = float(abs(model(test_x[0]).numpy() - expected[0]).max())
    nn.distributed.broadcast(model, world=world)
    share = max(1, 64 // world.size)
    loader = nn.data.DataLoader(nn.data.TensorDataset(x, y), share, shuffle=True, shard=world)
    optimizer = nn.optim.AdamW(model.parameters(), lr=0.001)
    optimizer = nn.distributed.Optimizer(optimizer, world)
    schedule = nn.optim.OneCycleLR(optimizer, 0.003, total_steps=EPOCHS * len(loader) + 1)
    nn.fit(
        model,
        loader,
        nn.CrossEntropyLoss(),
        optimizer,
        EPOCHS,
        scheduler=schedule,
        scheduler_every="batch",
    )
    with ag.no_grad():
        accuracy = float((model(test_x).argmax(axis=1) == test_y).mean())
    page.console.print(str(nn.summary(model, (1, 784))), highlight=False)
    page.table(
        f"on {used}" + (f", by {world.size} ranks" if world.size > 1 else ""),
        ("", "value"),
        [
            ("largest difference of logits from NumPy by hand", difference),
            ("the same for a single sample", single),
            (f"accuracy on {len(test_x):,} unseen digits", f"{accuracy:.2%}"),
        ],
    )
    page.save(ag.draw(nn.CrossEntropyLoss()(model(x[:32]), y[:32]), depth=1), "mlp.svg")
    page.verdict("nn.MLP is the loop you write on the whiteboard, and it learns.")
    return Findings(used, difference, single, accuracy)


def by_hand(model: Any, x: np.ndarray) -> np.ndarray:
    """Compute the forward pass in NumPy with the model's parameters."""
    h = x
    for layer in list(model)[:-1:2]:
        h = np.maximum(h @ layer.weight.numpy().T + layer.bias.numpy(), 0.0)
    last = model[-1]
    return h @ last.weight.numpy().T + last.bias.numpy()


def load(page: Page, data: str) -> tuple[str, tuple[np.ndarray, ...]]:
    """Return the data's name, and images of 784 pixels and classes, part held out for the test."""
    if data == "mnist":
        try:
            images, names = fetch_openml("mnist_784", version=1, return_X_y=True, as_frame=False)
            images, classes = images.astype(np.float32) / 255.0, names.astype(int)
            return "MNIST", (images[:60000], classes[:60000], images[60000:], classes[60000:])
        except OSError as error:
            page.console.print(f"MNIST could not be loaded ({error}); using the digits instead")
    small, classes = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(small))
    large = nn.functional.interpolate(small[order].reshape(-1, 1, 8, 8) / 16.0, 28, mode="bilinear")
    images, classes = large.reshape(-1, 784).astype(np.float32), classes[order]
    used = "scikit-learn's digits, enlarged to 28 x 28"
    return used, (images[:1400], classes[:1400], images[1400:], classes[1400:])
