"""GANs: mode collapse and recovery, the generator's lost gradient, digits on demand."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.datasets import load_digits

import autograd as ag
import nn
from demos.show import COLOURS, Page, panels
from nn import functional as F

QUESTIONS = {
    "Why is training GANs unstable, and how do they fail?": "nn.BCEWithLogitsLoss",
    "How is a GAN conditioned on a label?": "ag.one_hot",
}
MODES = 8
CENTRES = np.stack(
    [np.cos(2 * np.pi * np.arange(MODES) / MODES), np.sin(2 * np.pi * np.arange(MODES) / MODES)],
    axis=1,
)
DIGIT_STEPS = 1200
ONE, SEVERAL, COMPARED = "1 generator step", "5 generator steps", "5 steps, batches compared"
WAYS = {ONE: 1, SEVERAL: 5, COMPARED: 5}
AHEAD = 5  # generator steps per discriminator step on the ring, which invites collapse


class Findings(NamedTuple):
    """Modes covered per training method, gradient norms per loss, and the share of right digits."""

    covered: dict[str, int]
    near: dict[str, float]
    gradients: dict[str, float]
    recognised: float
    variety: float


def run(out: Path) -> Findings:
    """Answer the questions and save the figures in the folder `out`."""
    page = Page("What goes wrong in a GAN, and how do you ask it for a digit?", out)
    page.theory(
        f"A generator that takes {AHEAD} steps for each of its discriminator's moves all its "
        "samples to where the discriminator is weakest. It may fool the discriminator with only a "
        "few modes of the data, because nothing in its loss asks for all of them. A discriminator "
        "that sees whole batches (here their deviation, as an input) notices the lack of variety."
    )
    covered, near, samples = {}, {}, {}
    for way in WAYS:
        samples[way] = ring(page, way)
        covered[way], near[way] = modes(samples[way])
    page.table(
        f"a ring of {MODES} Gaussians",
        ("training", "modes covered", "samples near a mode"),
        [(way, f"{covered[way]} of {MODES}", f"{near[way]:.0%}") for way in covered],
    )
    page.theory(
        "The saturating loss ln(1 - D(G(z))) has slope -σ(logit) with respect to the logit: nearly "
        "0 where D is sure that a sample is fake. The non-saturating -ln D(G(z)) has σ(logit) - 1: "
        "nearly -1 there."
    )
    gradients = strong_discriminator()
    page.table(
        "gradient of the generator under a strong discriminator",
        ("loss", "norm"),
        list(gradients.items()),
    )
    recognised, variety, grid = digits(page)
    page.table(
        "a conditional GAN on the digits",
        ("", ""),
        [
            ("samples that a classifier reads as the requested label", f"{recognised:.1%}"),
            ("distance between two samples of a digit, over that of real ones", f"{variety:.0%}"),
        ],
    )
    page.save(picture(samples), "gan-ring.png")
    page.save(sheet(grid, variety), "gan-digits.png")
    page.verdict(
        f"with {AHEAD} generator steps, training covers {covered[SEVERAL]} of {MODES} modes; with "
        f"one, {covered[ONE]}; with {AHEAD} and batches compared, {covered[COMPARED]}. Under a "
        "strong discriminator, only the non-saturating loss leaves the generator a gradient. "
        "Labels alongside the noise decide which digit appears; within a digit, samples vary "
        f"{variety:.0%} as much as real ones, which is collapse again."
    )
    return Findings(covered, near, gradients, recognised, variety)


def real_points(rng: np.random.Generator, n: int) -> np.ndarray:
    """Draw points near the centres."""
    return CENTRES[rng.integers(0, MODES, n)] + 0.05 * rng.normal(size=(n, 2))


def with_variety(x: Any, compare: bool) -> Any:
    """Append to each point the deviation of its group of eight, if batches are compared."""
    if not compare:
        return x
    groups = x.reshape((-1, 8, 2))
    spread = ag.sqrt(ag.var(groups, axis=1, keepdims=True) + 1e-6)
    beside = ag.broadcast_to(spread, groups.shape).reshape((-1, 2))
    return ag.concatenate([x, beside], axis=1)


def ring(page: Page, way: str) -> np.ndarray:
    """Train a generator on the ring and return samples of it."""
    compare = way == COMPARED
    ag.random.seed(0)
    rng = np.random.default_rng(0)
    g = nn.MLP([8, 64, 64, 2], "relu", "kaiming")
    d = nn.MLP([4 if compare else 2, 64, 64, 1], "leaky_relu", "kaiming")
    steps_g = nn.optim.Adam(g.parameters(), lr=1e-3, betas=(0.5, 0.999))
    steps_d = nn.optim.Adam(d.parameters(), lr=1e-3, betas=(0.5, 0.999))
    loss = nn.BCEWithLogitsLoss()
    for _ in page.track(range(1500), way):
        real, fake = real_points(rng, 64), g(rng.normal(size=(64, 8)))
        steps_d.zero_grad()
        on_real = loss(d(with_variety(real, compare)), 1.0)
        (on_real + loss(d(with_variety(fake.detach(), compare)), 0.0)).backward()
        steps_d.step()
        for _ in range(WAYS[way]):
            steps_g.zero_grad()
            fake = g(rng.normal(size=(64, 8)))
            loss(d(with_variety(fake, compare)), 1.0).backward()
            steps_g.step()
    with ag.no_grad():
        return g(rng.normal(size=(1000, 8))).numpy()


def modes(points: np.ndarray) -> tuple[int, float]:
    """Count the centres with 2% of the points within 0.2; return the share near any centre too."""
    distances = np.linalg.norm(points[:, None] - CENTRES, axis=2)
    close = distances < 0.2
    return int((close.mean(axis=0) >= 0.02).sum()), float(close.any(axis=1).mean())


def strong_discriminator() -> dict[str, float]:
    """Return the norm of the generator's gradient per loss, after training D alone."""
    ag.random.seed(1)
    rng = np.random.default_rng(1)
    g, d = nn.MLP([8, 32, 2], "relu", "kaiming"), nn.MLP([2, 64, 64, 1], "leaky_relu", "kaiming")
    optimizer = nn.optim.Adam(d.parameters(), lr=3e-3)
    for _ in range(400):
        with ag.no_grad():
            fake = g(rng.normal(size=(128, 8))).numpy() + np.array([4.0, 0.0])  # far from the ring
        optimizer.zero_grad()
        (
            F.binary_cross_entropy_with_logits(d(real_points(rng, 128)), 1.0)
            + F.binary_cross_entropy_with_logits(d(fake), 0.0)
        ).backward()
        optimizer.step()
    logits = d(g(rng.normal(size=(128, 8))) + np.array([4.0, 0.0]))
    losses = {
        "saturating: ln(1 - D)": -ag.mean(ag.softplus(logits)),
        "non-saturating: -ln D": ag.mean(ag.softplus(-logits)),
    }
    parameters = list(g.parameters())
    return {
        name: float(np.sqrt(sum(np.square(x).sum() for x in ag.gradients(loss, parameters))))
        for name, loss in losses.items()
    }


class Generator(nn.Module):
    """Maps noise and a one-hot label to an image of 64 values between 0 and 1."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(16 + 10, 128),
            nn.ReLU(),
            nn.Linear(128, 128),
            nn.ReLU(),
            nn.Linear(128, 64),
            nn.Sigmoid(),
        )

    def forward(self, noise: np.ndarray, labels: np.ndarray) -> ag.Tensor:
        """Images of shape (N, 64)."""
        return self.net(np.concatenate([noise, labels], axis=1))


class Discriminator(nn.Module):
    """Maps an image and a one-hot label to the logit that they are real."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(64 + 10, 128), nn.LeakyReLU(0.2), nn.Dropout(0.3),
            nn.Linear(128, 128), nn.LeakyReLU(0.2), nn.Dropout(0.3), nn.Linear(128, 1),
        )  # fmt: skip

    def forward(self, images: Any, labels: np.ndarray) -> ag.Tensor:
        """Logits of shape (N, 1)."""
        return self.net(ag.concatenate([images, labels], axis=1))


def digits(page: Page) -> tuple[float, float, np.ndarray]:
    """Return the share of samples a classifier reads as requested, how much samples of a digit
    differ, of what real ones do, and eight of each digit."""
    images, classes = load_digits(return_X_y=True)
    images = images / 16.0
    ag.random.seed(0)
    rng = np.random.default_rng(0)
    judge = nn.MLP([64, 64, 10], init="kaiming")
    loader = nn.data.DataLoader(nn.data.TensorDataset(images, classes), 64, shuffle=True)
    nn.fit(
        judge,
        loader,
        nn.CrossEntropyLoss(),
        nn.optim.Adam(judge.parameters(), 0.003),
        15,
        progress=False,
    )
    g, d = Generator(), Discriminator()
    steps_g = nn.optim.Adam(g.parameters(), lr=1e-3, betas=(0.5, 0.999))
    steps_d = nn.optim.Adam(d.parameters(), lr=1e-3, betas=(0.5, 0.999))
    loss = nn.BCEWithLogitsLoss()
    for _ in page.track(range(DIGIT_STEPS), "digits"):
        chosen = rng.integers(0, len(images), 64)
        labels = ag.one_hot(classes[chosen], 10)
        fake = g(rng.normal(size=(64, 16)), labels)
        steps_d.zero_grad()
        (loss(d(images[chosen], labels), 0.9) + loss(d(fake.detach(), labels), 0.0)).backward()
        steps_d.step()
        steps_g.zero_grad()
        loss(d(fake, labels), 1.0).backward()
        steps_g.step()
    asked = np.repeat(np.arange(10), 100)
    with ag.no_grad():
        made = g(rng.normal(size=(1000, 16)), ag.one_hot(asked, 10)).numpy()
        read = judge(made).argmax(axis=1)
    variety = np.mean([spread(made[asked == k]) / spread(images[classes == k]) for k in range(10)])
    return float((read == asked).mean()), float(variety), made.reshape(10, 100, 8, 8)[:, :8]


def spread(images: np.ndarray) -> float:
    """Return the mean distance between two different images."""
    gaps = np.linalg.norm(images[:, None] - images, axis=2)
    return float(gaps.sum() / (len(images) * (len(images) - 1)))


def picture(samples: dict[str, np.ndarray]) -> Any:
    """Plot the samples of both methods over the centres."""
    figure, axes = panels(len(samples), 4.0, 4.0)
    for one, (way, points) in zip(axes, samples.items(), strict=True):
        one.plot(*CENTRES.T, "+", color="#333333", ms=14, mew=1.5, label="modes of the data")
        one.plot(*points[:500].T, ".", color=COLOURS[0], ms=3, label="samples")
        one.set_title(way)
        one.set_xlim(-1.6, 1.6)
        one.set_ylim(-1.6, 1.6)
        one.set_aspect("equal")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    return figure


def sheet(grid: np.ndarray, variety: float) -> Any:
    """Plot eight samples of each digit, one row per digit, and say how much they differ."""
    figure, _ = panels(1, 4.4, 5.4)
    figure.clf()
    for row, axes in enumerate(figure.subplots(10, 8)):
        for column, one in enumerate(axes):
            one.imshow(grid[row, column], cmap="gray_r", vmin=0.0, vmax=1.0)
            one.set_xticks([])
            one.set_yticks([])
        axes[0].set_ylabel(str(row), rotation=0, labelpad=10, va="center")
    figure.suptitle(f"distances within a digit: {variety:.0%} of those of real digits", fontsize=9)
    return figure
