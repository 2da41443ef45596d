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


def critic_of(width):
    """A critic none of whose layers stretches a vector, so that no slope of it exceeds 1."""
    layers = [nn.Linear(2, width), nn.Linear(width, width), nn.Linear(width, 1)]
    first, second, third = map(nn.utils.parametrizations.spectral_norm, layers)
    return nn.Sequential(first, nn.Tanh(), second, nn.Tanh(), third)


def penalty_of(critic, points):
    """How far the critic's slope at some points is from 1: WGAN-GP's term, made of a gradient."""
    (slope,) = ag.gradients(critic(points).sum(), [points], create_graph=True)
    return ((ag.linalg.norm(slope, axis=1) - 1.0) ** 2).mean()


def test_a_critic_with_spectral_norm_and_a_gradient_penalty_moves_a_generator_to_the_data():
    """WGAN-GP: the penalty differentiates the critic's slope, a second derivative."""
    rng = np.random.default_rng(0)
    ag.random.seed(1)
    critic, generator = critic_of(32), nn.MLP([2, 16, 2], "tanh")
    of_critic = nn.optim.Adam(critic.parameters(), lr=5e-3, betas=(0.5, 0.9))
    of_generator = nn.optim.Adam(generator.parameters(), lr=5e-3, betas=(0.5, 0.9))
    centre = np.array([1.0, -2.0])

    def generated(n):
        return generator(rng.normal(size=(n, 2)))

    def gap():
        return np.linalg.norm(generated(500).data.mean(0) - centre)

    before = gap()
    for n in range(480):
        real, fake = centre + 0.3 * rng.normal(size=(64, 2)), generated(64).data
        share = rng.random((64, 1))
        between = ag.Tensor(share * real + (1.0 - share) * fake, requires_grad=True)
        penalty = penalty_of(critic, between)
        loss = critic(fake).mean() - critic(real).mean() + 10.0 * penalty
        of_critic.zero_grad()
        loss.backward()
        of_critic.step()
        if n % 4 == 3:
            of_generator.zero_grad()
            (-critic(generated(64)).mean()).backward()
            of_generator.step()
    assert before > 1.5 and gap() < 0.4
    assert (generated(500).data.std(0) < 0.8).all()  # the data's is 0.3, the noise's 1
    assert [np.linalg.norm(critic[i].weight.data, 2) for i in (0, 2, 4)] == pytest.approx([1.0] * 3, abs=0.02)  # fmt: skip
    points = ag.Tensor(centre + rng.normal(size=(500, 2)), requires_grad=True)
    slopes = np.linalg.norm(ag.gradients(critic(points).sum(), [points])[0], axis=1)
    assert slopes.max() < 1.02  # spectral norm keeps it below, and the penalty brings it there
    assert penalty_of(critic, between).item() < 0.05


def test_the_gradient_of_a_penalty_through_spectral_norm_is_right():
    ag.random.seed(0)
    critic = critic_of(3).eval()  # in training, each reading of a weight moves its estimate
    points = np.random.default_rng(0).normal(size=(4, 2))
    assert ag.check_gradients(lambda x: penalty_of(critic, x), points, parameters=critic)


class Block(nn.Module):
    """A decoder's block of the Llama kind: RMS norms, rotary positions, grouped queries, a gate."""

    def __init__(self, width, heads, groups):
        super().__init__()
        self.width_of_head = width // heads
        self.first, self.second = nn.RMSNorm(width), nn.RMSNorm(width)
        self.q = nn.Linear(width, width, bias=False)
        self.k = nn.Linear(width, groups * self.width_of_head, bias=False)
        self.v = nn.Linear(width, groups * self.width_of_head, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.up = nn.Linear(width, 4 * width, bias=False)
        self.down = nn.Linear(2 * width, width, bias=False)

    def forward(self, x):
        n, length, width = x.shape
        normed = self.first(x)
        q, k, v = (
            ag.moveaxis(layer(normed).reshape(n, length, -1, self.width_of_head), 2, 1)
            for layer in (self.q, self.k, self.v)
        )
        mixed = F.scaled_dot_product_attention(
            rotated(q), rotated(k), v, is_causal=True, enable_gqa=True
        )
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


def test_a_block_with_grouped_queries_and_rotary_positions_learns_a_text():
    text = "the small cat sat on the old mat. the old cat sat on the small mat. " * 3
    letters = sorted(set(text))
    codes = np.array([letters.index(c) for c in text])
    ag.random.seed(0)
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Embedding(len(letters), 32), Block(32, 4, 2), nn.RMSNorm(32), nn.Linear(32, len(letters)))  # fmt: skip
    optimizer = nn.optim.AdamW(model.parameters(), lr=5e-3)

    @ag.compile
    def step(x, y):
        loss = F.cross_entropy(model(x).reshape(-1, len(letters)), y.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    assert model[1].k.weight.shape == (16, 32)  # two heads of keys for the four of queries
    losses = []
    for _ in range(250):
        starts = rng.integers(0, len(codes) - 25, 16)
        batch = codes[starts[:, None] + np.arange(25)]
        losses.append(step(batch[:, :-1], batch[:, 1:]).item())
    assert losses[0] > 2.3 and np.mean(losses[-20:]) < 0.35
    written = [letters.index(c) for c in "the small cat sa"]
    with ag.no_grad():
        for _ in range(8):
            written.append(int(model(np.array([written[-24:]])).data[0, -1].argmax()))
    assert "".join(letters[c] for c in written) == "the small cat sat on the"
