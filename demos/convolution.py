"""Convolution: output sizes, what 1x1 kernels save, and a network that reads digits."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.datasets import load_digits

import autograd as ag
import nn
from demos.show import Page, panels

QUESTIONS = {
    "Valid or same padding?": "nn.Conv2d",
    "Why 1x1 convolutions?": "nn.summary",
}
EPOCHS = 14


class Findings(NamedTuple):
    """Measurements, keyed by their names in the tables."""

    sizes_checked: int
    sizes_wrong: int
    coverage: dict[str, np.ndarray]
    border: float
    parameters: dict[str, int]
    multiply_adds: dict[str, int]
    accuracy: dict[str, float]


def run(out: Path) -> Findings:
    """Answer the questions and save the figure in the folder `out`."""
    page = Page("What do padding and 1x1 kernels do?", out)
    page.theory(
        "Valid padding gives ⌊(W - K) / S⌋ + 1 positions. Same padding gives ⌈W / S⌉, which is W "
        "for a stride of 1. A 1x1 kernel mixes channels at a single position: used before a 3x3 "
        "kernel to reduce channels, it saves most of the work and adds a nonlinearity."
    )
    checked, wrong = sizes()
    page.table(
        "output sizes against the formulas",
        ("", "count"),
        [("checked, W 1-16, K 1-5, S 1-4", str(checked)), ("wrong", str(wrong))],
    )
    page.theory(
        "A kernel of 3x3 reads an inner pixel in nine positions. Without padding, it reads a "
        "corner in a single one, so what lies at the edges counts less, and each layer takes two "
        "rows and columns away. With zeros around, a corner is read in four positions, and the "
        "size stays, but outputs at the edges are computed from fewer pixels."
    )
    coverage = {padding: read_by(padding) for padding in ("valid", "same")}
    border = edge_of_same()
    page.table(
        "positions in which a 3x3 kernel reads a pixel of 6x6, and the size after 10 layers",
        ("padding", "corner", "edge", "inside", "mean", "size from 32x32"),
        [
            (
                padding,
                *(f"{c[at]:.0f}" for at in ((0, 0), (0, 3), (3, 3))),
                f"{c.mean():.2f}",
                "12x12" if padding == "valid" else "32x32",
            )
            for padding, c in coverage.items()
        ],
    )
    page.table(
        "same padding: output of a 3x3 mean over an image of ones",
        ("", "value"),
        [("inside", "1.00"), ("in a corner", f"{border:.2f}")],
    )
    digits = load()
    models = {"3x3 kernels": plain, "1x1 before 3x3": bottleneck}
    parameters, products, accuracy, kept = {}, {}, {}, {}
    for name, make in models.items():
        ag.random.seed(0)
        model = make()
        table = nn.summary(model, (1, 1, 8, 8))
        parameters[name], products[name] = table.parameters, table.multiply_adds
        accuracy[name] = train(page, name, model, digits)
        kept[name] = model
    page.table(
        f"{len(digits[3])} unseen digits",
        ("network", "parameters", "multiply-adds", "accuracy"),
        [(n, f"{parameters[n]:,}", f"{products[n]:,}", f"{accuracy[n]:.2%}") for n in models],
    )
    page.save(picture(kept["3x3 kernels"], digits[2][0]), "convolution.png")
    page.save(ag.draw(kept["3x3 kernels"](digits[2][:1]).sum(), depth=1), "convolution.svg")
    saved = 1.0 - products["1x1 before 3x3"] / products["3x3 kernels"]
    page.verdict(
        "valid padding reads a corner once where an inner pixel is read nine times, so edges lose; "
        "same padding keeps the size, and pads with zeros that were not in the image. "
        f"All sizes match the formulas; 1x1 kernels save {saved:.0%} of the multiply-adds and keep "
        "the accuracy."
    )
    return Findings(checked, wrong, coverage, border, parameters, products, accuracy)


def sizes() -> tuple[int, int]:
    """Count the output sizes compared with the formulas, and those that differ."""
    checked = wrong = 0
    for width, kernel, stride in itertools.product(range(1, 17), range(1, 6), range(1, 5)):
        x, w = np.zeros((1, width)), np.zeros((1, 1, kernel))
        same = nn.functional.conv1d(x, w, stride=stride, padding="same").shape[1]
        wrong += same != math.ceil(width / stride)
        checked += 1
        if kernel <= width:
            valid = nn.functional.conv1d(x, w, stride=stride, padding="valid").shape[1]
            wrong += valid != (width - kernel) // stride + 1
            checked += 1
    return checked, wrong


def read_by(padding: str) -> np.ndarray:
    """Count the positions in which a 3x3 kernel reads each pixel: the gradient of all outputs."""
    x = ag.Tensor(np.zeros((1, 6, 6)), requires_grad=True)
    nn.functional.conv2d(x, np.ones((1, 1, 3, 3)), padding=padding).sum().backward()
    return x.grad[0]


def edge_of_same() -> float:
    """Return the output in a corner of a 3x3 mean over an image of ones."""
    out = nn.functional.conv2d(np.ones((1, 6, 6)), np.full((1, 1, 3, 3), 1 / 9), padding="same")
    return float(np.asarray(out)[0, 0, 0])


def block(inputs: int, outputs: int, kernel: int) -> list[nn.Module]:
    """Convolution, normalization, ReLU."""
    convolution = nn.Conv2d(inputs, outputs, kernel, padding="same", bias=False, dtype=np.float32)
    return [convolution, nn.BatchNorm2d(outputs, dtype=np.float32), nn.ReLU()]


def ends(channels: int) -> list[nn.Module]:
    """Layers that turn feature maps of 2 x 2 into scores."""
    return [nn.Flatten(), nn.Dropout(0.3), nn.Linear(4 * channels, 10, dtype=np.float32)]


def plain() -> nn.Module:
    """Three 3x3 convolutions."""
    return nn.Sequential(
        *block(1, 16, 3),
        *block(16, 32, 3),
        nn.MaxPool2d(2),
        *block(32, 48, 3),
        nn.MaxPool2d(2),
        *ends(48),
    )


def bottleneck() -> nn.Module:
    """The same, with channels reduced by 1x1 convolutions before the later two."""
    return nn.Sequential(
        *block(1, 16, 3), *block(16, 8, 1), *block(8, 32, 3), nn.MaxPool2d(2),
        *block(32, 12, 1), *block(12, 48, 3), nn.MaxPool2d(2), *ends(48),
    )  # fmt: skip


def load() -> tuple[np.ndarray, ...]:
    """Load float32 images of shape (N, 1, 8, 8) and classes, a third held out for the test."""
    images, classes = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(images))
    images = (images[order].reshape(-1, 1, 8, 8) / 16.0).astype(np.float32)
    classes, n = classes[order], 1200
    return images[:n], classes[:n], images[n:], classes[n:]


def train(page: Page, name: str, model: nn.Module, digits: tuple[np.ndarray, ...]) -> float:
    """Train with Adam and a one-cycle learning rate; return the test accuracy."""
    x, y, test_x, test_y = digits
    rng = np.random.default_rng(1)
    batches = len(x) // 40
    optimizer = nn.optim.Adam(model.parameters(), lr=0.001)
    schedule = nn.optim.OneCycleLR(optimizer, 0.01, total_steps=EPOCHS * batches + 1)
    for _ in page.track(range(EPOCHS), name):
        for batch in np.split(rng.permutation(len(x)), batches):
            optimizer.zero_grad()
            nn.cross_entropy(model(shifted(x[batch], rng)), y[batch]).backward()
            optimizer.step()
            schedule.step()
    model.eval()
    with ag.no_grad():
        return float((model(test_x).argmax(axis=1) == test_y).mean())


def shifted(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Shift images by up to one pixel, which changes no digit."""
    padded = np.pad(images, [(0, 0), (0, 0), (1, 1), (1, 1)])
    a, b = rng.integers(0, 3, 2)
    return padded[:, :, a : a + 8, b : b + 8]


def picture(model: Any, image: np.ndarray) -> Any:
    """Plot the kernels of the first layer and their output for one digit."""
    figure, _ = panels(1, 9.0, 4.2)
    figure.clf()
    grid = figure.subplots(4, 9)
    with ag.no_grad():
        maps = model[:3](image[None]).numpy()[0]
    kernels = model[0].weight.numpy()[:, 0]
    for axes in grid.ravel():
        axes.set_axis_off()
    grid[0, 0].imshow(image[0], cmap="gray_r")
    grid[0, 0].set_title("input", fontsize=9)
    for i in range(16):
        row, column = 2 * (i // 8), 1 + i % 8
        limit = float(abs(kernels).max())
        weights = grid[row, column].imshow(kernels[i], cmap="RdBu", vmin=-limit, vmax=limit)
        outputs = grid[row + 1, column].imshow(
            maps[i], cmap="gray_r", vmin=0.0, vmax=float(maps.max())
        )
        grid[row, column].set_title(f"kernel {i + 1}", fontsize=8)
    for rows, image_of, label in ((grid[:2], weights, "weight"), (grid[2:], outputs, "output")):
        bar = figure.colorbar(image_of, ax=list(rows.ravel()), shrink=0.8, label=label)
        bar.ax.tick_params(labelsize=8)
    return figure
