"""A third set: kinds of fault that a reader who knew no detector wrote, and that were missed.

Rewritten here after a blind set of 92 programs, whose first score docs/faults.md states.
"""

from __future__ import annotations

import numpy as np

import autograd as ag
import nn
from nn import functional as F
from tests.faults.adversarial import adversarial, bce, networks, noise, optimizers
from tests.faults.data import batched, blobs, curve, images, sequences, text
from tests.faults.training import Program, Training, register

PROGRAMS: list[Program] = []
fault = register(PROGRAMS, "third set")
BLIND = "a reader's blind set"


def classifier(model, loss=nn.cross_entropy, data=None, optimizer=None, **others):
    optimizer = optimizer or nn.optim.Adam(model.parameters(), lr=0.01)
    return Training(model, loss, optimizer, batched(*(data or blobs())), **others)


class Cell(nn.Module):
    """A recurrent cell in a loop over time."""

    def __init__(self, between=lambda state: state):
        super().__init__()
        self.cell, self.head, self.between = nn.GRUCell(3, 8), nn.Linear(8, 2), between

    def forward(self, x):
        state = np.zeros((len(x), 8))
        for t in range(x.shape[1]):
            state = self.cell(x[:, t], self.between(state))
        return self.head(state)


@fault("detached branch", source=BLIND)
def state_detached_at_each_step(faulty):
    cut = (lambda s: s.detach() if isinstance(s, ag.Tensor) else s) if faulty else (lambda s: s)
    return classifier(Cell(cut), data=sequences())


@fault("graphs are kept", source=BLIND)
def state_handed_on_to_the_next_batch(faulty):
    model = Cell()
    t = classifier(model, data=sequences(), steps=12)
    state = [np.zeros((32, 8))]

    def step(x, y):
        t.optimizer.zero_grad()
        for i in range(3):
            state[0] = model.cell(x[:, i], state[0])
        loss = F.cross_entropy(model.head(state[0]), y)
        loss.backward()
        t.optimizer.step()
        if not faulty:
            state[0] = state[0].detach()
        return loss

    t.step, t.single = step, False
    return t


@fault("exploding gradients", layer="rnn", source=BLIND)
def recurrent_relu_of_radius_two(faulty):
    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.RNN(3, 8, nonlinearity="relu", batch_first=True)
            self.head = nn.Linear(8, 2)

        def forward(self, x):
            return self.head(self.rnn(x)[0][:, -1])

    model = Reader()
    weight = dict(model.named_parameters())["rnn.weight_hh_l0"]
    weight.data = np.eye(8) * (2.0 if faulty else 0.7)
    return classifier(model, data=sequences(length=30))


@fault("future in sight", source=BLIND)
def attention_without_a_causal_mask(faulty):
    class Predictor(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.head = nn.Embedding(7, 16), nn.Linear(16, 7)
            self.attention = nn.MultiheadAttention(16, 2, batch_first=True)

        def forward(self, x):
            h, n = self.embed(x), x.shape[1]
            mask = None if faulty else np.triu(np.ones((n, n), bool), 1)
            return self.head(h + self.attention(h, h, h, attn_mask=mask)[0])

    def loss(out, y):
        return F.cross_entropy(out.reshape(-1, 7), y.reshape(-1))

    return classifier(Predictor(), loss, text())


@fault("gradients erased before the step", source=BLIND)
def accumulation_that_resets_each_time(faulty):
    model = nn.MLP([8, 32, 4])
    t = classifier(model, optimizer=nn.optim.SGD(model.parameters(), lr=0.1))
    turn = iter(range(10**6))

    def step(x, y):
        i = next(turn)
        if faulty or i % 4 == 0:
            t.optimizer.zero_grad()
        (t.loss(model(x), y) / 4.0).backward()
        if i % 4 == 3:
            t.optimizer.step()

    t.step = step
    return t


@fault("optimizer made again in each step", source=BLIND)
def optimizer_inside_the_loop(faulty):
    model = nn.MLP([8, 32, 4])
    t = classifier(model)

    def step(x, y):
        made = nn.optim.Adam(model.parameters(), lr=0.01) if faulty else t.optimizer
        made.zero_grad()
        loss = t.loss(model(x), y)
        loss.backward()
        made.step()
        return loss

    t.step = step
    return t


@fault("targets out of range", source=BLIND)
def minus_one_instead_of_zero(faulty):
    x, y = blobs(classes=2)
    target = np.where(y > 0, 1.0, -1.0 if faulty else 0.0)[:, None]
    return classifier(nn.MLP([8, 16, 1]), nn.BCEWithLogitsLoss(), (x, target))


@fault("loss lacks a term", source=BLIND)
def half_of_the_binary_cross_entropy(faulty):
    x, y = blobs(classes=2)
    target = y[:, None].astype(float)
    target[:3], target[3:6] = 0.0, 1.0

    def loss(p, t):
        other = 0.0 if faulty else (1.0 - t) * ag.log(1.0 - p + 1e-7)
        return -(t * ag.log(p + 1e-7) + other).mean()

    return classifier(nn.Sequential(nn.MLP([8, 16, 1]), nn.Sigmoid()), loss, (x, target))


@fault("inputs not scaled", layer="", source=BLIND)
def images_of_bytes(faulty):
    x, y = images()
    x = (255.0 * (x - x.min()) / np.ptp(x)).astype(np.uint8)
    x = x if faulty else (x / 255.0 - 0.5) / 0.25
    return classifier(
        nn.Sequential(nn.Flatten(), nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 3)), data=(x, y)
    )


@fault("targets are the inputs", source=BLIND)
def target_among_the_features(faulty):
    x, y = curve()
    x = np.concatenate([x, y[:, None]], axis=1) if faulty else x
    model = nn.MLP([x.shape[1], 16, 1])
    t = classifier(model, nn.MSELoss(), (x, y[:, None]))
    t.batches = batched(x, y[:, None], 64)
    return t


@fault("learning rate too high", source=BLIND)
def line_that_overshoots(faulty):
    class Line(nn.Module):
        def __init__(self):
            super().__init__()
            self.slope, self.start = nn.Parameter(0.1), nn.Parameter(0.0)

        def forward(self, x):
            return self.slope * x + self.start

    x = np.linspace(-3.0, 3.0, 32)
    model = Line()
    optimizer = nn.optim.SGD(model.parameters(), lr=0.5 if faulty else 0.05)
    return Training(model, nn.MSELoss(), optimizer, [(x, 2.0 * x - 1.0)], steps=30)


@fault("momentum too high", source=BLIND)
def momentum_of_a_thousand_gradients(faulty):
    model = nn.MLP([3, 16, 1], activation="tanh")
    x, y = curve()
    optimizer = nn.optim.SGD(model.parameters(), lr=0.05, momentum=0.999 if faulty else 0.9)
    return classifier(model, nn.MSELoss(), (x, y[:, None]), optimizer)


@fault("learning rate too low", source=BLIND)
def warmup_that_is_never_stepped(faulty):
    model = nn.MLP([8, 32, 4])
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
    scheduler = nn.optim.lr_scheduler.LinearLR(optimizer, start_factor=1e-5, total_iters=5)
    t = classifier(model, optimizer=optimizer)

    def step(x, y):
        loss = t.usual_step(x, y)
        if not faulty:
            scheduler.step()
        return loss

    t.step = step
    return t


def game(mine, theirs):
    """A pair whose labels of made points are those for the generator and the discriminator."""
    g, d = networks()
    og, od = optimizers(g, d)

    def step(x, _):
        od.zero_grad()
        made = d(g(noise()).detach())
        (bce(d(x), np.ones((32, 1))) + bce(made, np.full((32, 1), theirs))).backward()
        od.step()
        og.zero_grad()
        bce(d(g(noise())), np.full((32, 1), mine)).backward()
        og.step()

    return adversarial(g, d, [og, od], step)


@fault("players on one side", layer="generator", source=BLIND)
def generator_that_wants_to_be_caught(faulty):
    return game(0.0 if faulty else 1.0, 0.0)


@fault("players on one side", layer="generator", source=BLIND)
def discriminator_that_takes_all_for_real(faulty):
    return game(1.0, 1.0 if faulty else 0.0)


@fault("softmax over the wrong axis", source=BLIND)
def logarithm_of_a_softmax_over_the_batch(faulty):
    class Scores(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.MLP([8, 16, 4])

        def forward(self, x):
            return ag.log(ag.softmax(self.body(x), axis=0 if faulty else 1) + 1e-9)

    return classifier(Scores(), nn.NLLLoss())


@fault("memorized batch", source=BLIND)
def first_batch_again_and_again(faulty):
    x, y = blobs(spread=1.5)
    model = nn.MLP([8, 64, 4])
    t = classifier(model, data=(x, y), steps=120, validation=[blobs(128, spread=1.5, seed=1)])
    t.batches = batched(x, y, 16)
    first = t.batches[0]
    t.step = lambda x, y: t.usual_step(*(first if faulty else (x, y)))
    return t
