"""Faults in generative adversarial networks: two models, two optimizers, two losses."""

from __future__ import annotations

import numpy as np

import autograd as ag
import nn
from tests.faults.training import Program, Training, register

PROGRAMS: list[Program] = []
fault = register(PROGRAMS, "GAN")
bce = nn.functional.binary_cross_entropy_with_logits


def networks():
    g = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
    d = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
    return g, d


def points(n=256, seed=0):
    angle = np.random.default_rng(seed).uniform(0, 2 * np.pi, n)
    return np.stack([np.cos(angle), np.sin(angle)], 1)


def adversarial(g, d, optimizers, step, **others):
    x = points()
    batches = [(x[i : i + 32], None) for i in range(0, 256, 32)]
    return Training(
        {"generator": g, "discriminator": d},
        None,
        optimizers,
        batches,
        step,
        single=False,
        **others,
    )


def noise():
    return ag.random.generator().normal(size=(32, 2))


def usual(g, d, og, od, *, handed=lambda fake: fake, rounds=1):
    ones, zeros = np.ones((32, 1)), np.zeros((32, 1))

    def step(x, _):
        for _ in range(rounds):
            od.zero_grad()
            (bce(d(x), ones) + bce(d(g(noise()).detach()), zeros)).backward()
            od.step()
        og.zero_grad()
        bce(d(handed(g(noise()))), ones).backward()
        og.step()

    return step


def optimizers(g, d, lr=0.005):
    return nn.optim.Adam(g.parameters(), lr=lr), nn.optim.Adam(d.parameters(), lr=lr)


@fault("detached branch", layer="generator", source="Stack Overflow")
def fake_detached_in_the_generators_step(faulty):
    g, d = networks()
    og, od = optimizers(g, d)
    cut = (lambda fake: fake.detach()) if faulty else (lambda fake: fake)
    return adversarial(g, d, [og, od], usual(g, d, og, od, handed=cut))


@fault(
    "optimizer of another model",
    "parameters outside the optimizer",
    layer="generator",
    source="Stack Overflow",
)
def both_optimizers_of_the_discriminator(faulty):
    g, d = networks()
    og, od = optimizers(d if faulty else g, d)
    return adversarial(g, d, [og, od], usual(g, d, og, od))


@fault("gradients not reset", layer="discriminator", source="Stack Overflow")
def discriminator_keeps_the_generators_gradient(faulty):
    g, d = networks()
    og, od = optimizers(g, d)
    ones, zeros = np.ones((32, 1)), np.zeros((32, 1))

    def step(x, _):
        if not faulty:
            od.zero_grad()
        (bce(d(x), ones) + bce(d(g(noise()).detach()), zeros)).backward()
        od.step()
        og.zero_grad()
        bce(d(g(noise())), ones).backward()
        og.step()

    return adversarial(g, d, [og, od], step)


@fault("no optimizer step", layer="generator", source="Stack Overflow")
def generator_is_never_stepped(faulty):
    g, d = networks()
    og, od = optimizers(g, d)
    ones, zeros = np.ones((32, 1)), np.zeros((32, 1))

    def step(x, _):
        od.zero_grad()
        (bce(d(x), ones) + bce(d(g(noise()).detach()), zeros)).backward()
        od.step()
        og.zero_grad()
        bce(d(g(noise())), ones).backward()
        (od if faulty else og).step()

    return adversarial(g, d, [og, od], step)
