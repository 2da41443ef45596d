"""Small models as users write them, each trained for some seconds: what they learn is asserted."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn import functional as F


def ring(rng, n):
    """Points on a circle of radius 1, a little blurred."""
    angle = rng.uniform(0.0, 2.0 * np.pi, n)
    return np.stack([np.cos(angle), np.sin(angle)], 1) + 0.05 * rng.normal(size=(n, 2))


def test_a_diffusion_model_learns_a_ring():
    """Noise is predicted from a noisy point and how noisy it is; drawing runs the steps backwards."""
    rng = np.random.default_rng(0)
    ag.random.seed(0)
    steps = 40
    kept = np.cumprod(1.0 - np.linspace(1e-3, 0.2, steps))  # the share of the signal's variance
    model = nn.MLP([3, 64, 64, 2])
    optimizer = nn.optim.RAdam(model.parameters(), lr=1e-2)
    scheduler = nn.optim.CosineAnnealingLR(optimizer, 1500)

    def features(x, t):
        signal_to_noise = np.log(kept / (1.0 - kept))[t]
        return np.concatenate([x, signal_to_noise[:, None] / 3.0], 1)

    @ag.compile
    def step(inputs, noise):
        loss = F.mse_loss(model(inputs), noise)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        return loss

    for _ in range(1500):
        t = rng.integers(0, steps, 256)
        noise = rng.normal(size=(256, 2))
        x = np.sqrt(kept[t])[:, None] * ring(rng, 256) + np.sqrt(1.0 - kept[t])[:, None] * noise
        step(features(x, t), noise)

    x = rng.normal(size=(400, 2))
    for t in range(steps)[::-1]:
        before = kept[t - 1] if t else 1.0
        noise = model(features(x, np.full(400, t))).data
        clean = (x - np.sqrt(1.0 - kept[t]) * noise) / np.sqrt(kept[t])
        blur = np.sqrt((1.0 - before) / (1.0 - kept[t]) * (1.0 - kept[t] / before))
        along = np.sqrt(np.maximum(1.0 - before - blur**2, 0.0)) * noise
        x = np.sqrt(before) * clean + along + blur * rng.normal(size=x.shape)
    radius = np.hypot(*x.T)
    assert abs(np.median(radius) - 1.0) < 0.1 and np.mean(abs(radius - 1.0) < 0.25) > 0.8
    quadrants = np.histogram(np.arctan2(x[:, 1], x[:, 0]), 4, (-np.pi, np.pi))[0]
    assert quadrants.min() > 50  # of 400: all of the ring is drawn


def test_a_critic_with_a_gradient_penalty_moves_a_generator_to_the_data():
    """WGAN-GP: the penalty differentiates the critic's slope, a second derivative."""
    rng = np.random.default_rng(0)
    ag.random.seed(1)
    critic, generator = nn.MLP([2, 32, 32, 1], "tanh"), nn.MLP([2, 16, 2], "tanh")
    of_critic = nn.optim.Adam(critic.parameters(), lr=5e-3, betas=(0.5, 0.9))
    of_generator = nn.optim.Adam(generator.parameters(), lr=5e-3, betas=(0.5, 0.9))

    def data():
        return np.array([1.0, -2.0]) + 0.3 * rng.normal(size=(64, 2))

    def gap():
        return np.linalg.norm(generator(rng.normal(size=(500, 2))).data.mean(0) - [1.0, -2.0])

    before = gap()
    for n in range(320):
        real, fake = data(), generator(rng.normal(size=(64, 2))).detach()
        share = rng.random((64, 1))
        between = ag.Tensor(share * real + (1.0 - share) * fake.data, requires_grad=True)
        (slope,) = ag.gradients(critic(between).sum(), [between], create_graph=True)
        penalty = ((ag.linalg.norm(slope, axis=1) - 1.0) ** 2).mean()
        loss = critic(fake).mean() - critic(real).mean() + 10.0 * penalty
        of_critic.zero_grad()
        loss.backward()
        of_critic.step()
        if n % 4 == 3:
            of_generator.zero_grad()
            (-critic(generator(rng.normal(size=(64, 2)))).mean()).backward()
            of_generator.step()
    assert before > 1.5 and gap() < 0.4
    slopes = ag.gradients(critic(between).sum(), [between])[0]
    assert np.linalg.norm(slopes, axis=1).mean() == pytest.approx(1.0, abs=0.2)


class Block(nn.Module):
    """A decoder's block of the Llama kind: RMS norms, rotary positions, a gated network."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.first, self.second = nn.RMSNorm(width), nn.RMSNorm(width)
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.up = nn.Linear(width, 4 * width, bias=False)
        self.down = nn.Linear(2 * width, width, bias=False)

    def forward(self, x):
        n, length, width = x.shape
        parts = ag.split(self.qkv(self.first(x)), 3, -1)
        q, k, v = (ag.moveaxis(p.reshape(n, length, self.heads, -1), 2, 1) for p in parts)
        mixed = F.scaled_dot_product_attention(rotated(q), rotated(k), v, is_causal=True)
        x = x + self.out(ag.moveaxis(mixed, 1, 2).reshape(n, length, width))
        gate, value = ag.split(self.up(self.second(x)), 2, -1)
        return x + self.down(F.silu(gate) * value)


def rotated(x):
    """Pairs of entries turned by an angle in proportion to the position."""
    length, width = x.shape[-2:]
    rates = 100.0 ** (-np.arange(width // 2) / (width // 2))
    angles = np.arange(length)[:, None] * rates
    cos, sin = np.cos(angles), np.sin(angles)
    a, b = ag.split(x, 2, -1)
    return ag.concatenate([a * cos - b * sin, a * sin + b * cos], -1)


def test_rotated_products_depend_on_distances_only():
    q, k = (np.random.default_rng(n).normal(size=8) for n in (0, 1))
    scores = rotated(np.tile(q, (6, 1))) @ rotated(np.tile(k, (6, 1))).T
    for distance in range(-5, 6):
        line = np.diagonal(scores, distance)
        np.testing.assert_allclose(line, np.full(len(line), line[0]))


def test_a_block_with_rotary_positions_learns_a_text():
    text = "the small cat sat on the old mat. the old cat sat on the small mat. " * 3
    letters = sorted(set(text))
    codes = np.array([letters.index(c) for c in text])
    ag.random.seed(0)
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Embedding(len(letters), 32), Block(32, 4), nn.RMSNorm(32), nn.Linear(32, len(letters)))  # fmt: skip
    optimizer = nn.optim.AdamW(model.parameters(), lr=5e-3)

    @ag.compile
    def step(x, y):
        loss = F.cross_entropy(model(x).reshape(-1, len(letters)), y.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    losses = []
    for _ in range(250):
        starts = rng.integers(0, len(codes) - 25, 16)
        batch = codes[starts[:, None] + np.arange(25)]
        losses.append(step(batch[:, :-1], batch[:, 1:]).item())
    assert losses[0] > 2.5 and np.mean(losses[-20:]) < 0.35
    written = [letters.index(c) for c in "the small cat sa"]
    with ag.no_grad():
        for _ in range(8):
            written.append(int(model(np.array([written[-24:]])).data[0, -1].argmax()))
    assert "".join(letters[c] for c in written) == "the small cat sat on the"
