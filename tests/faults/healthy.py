"""Trainings without a fault, several of which look like one."""

from __future__ import annotations

import numpy as np

import autograd as ag
import nn
from tests.faults.adversarial import adversarial, networks, optimizers, usual
from tests.faults.data import batched, blobs, curve, curves, images, remembered, sequences, text
from tests.faults.regression import Autoencoder, reconstruction
from tests.faults.sequences import Attention, Elman, Reader
from tests.faults.training import Program, Training, register

PROGRAMS: list[Program] = []
_healthy = register(PROGRAMS, "healthy")


def named(function):
    """Register under the function's own name; the flag is ignored."""

    def make(faulty=False):
        return function()

    make.__name__ = function.__name__
    return _healthy(layer=None, source="")(make)


def trained(model, loss, data, optimizer=nn.optim.Adam, lr=0.01, size=32, **others):
    return Training(
        model, loss, optimizer(model.parameters(), lr=lr), batched(*data, size), **others
    )


@named
def classifier_with_sgd():
    t = trained(nn.MLP([8, 32, 32, 4]), nn.cross_entropy, blobs(), nn.optim.SGD, 0.1)
    t.validation = [blobs(64, seed=1)]
    return t


@named
def classifier_with_adam_in_float32():
    x, y = blobs()
    return trained(nn.MLP([8, 32, 4]).float(), nn.CrossEntropyLoss(), (x.astype(np.float32), y))


@named
def gradient_accumulation_over_four_batches():
    t = trained(nn.MLP([8, 32, 4]), nn.cross_entropy, blobs(), nn.optim.SGD, 0.1)
    turn = iter(range(10**6))

    def step(x, y):
        (t.loss(t.model(x), y) / 4.0).backward()
        if next(turn) % 4 == 3:
            t.optimizer.step()
            t.optimizer.zero_grad()

    t.step = step
    return t


@named
def adversarial_pair():
    g, d = networks()
    og, od = optimizers(g, d)
    return adversarial(g, d, [og, od], usual(g, d, og, od))


@named
def discriminator_trained_three_times_a_step():
    g, d = networks()
    og, od = optimizers(g, d)
    return adversarial(g, d, [og, od], usual(g, d, og, od, rounds=3))


@named
def backbone_frozen_on_purpose():
    backbone = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU())
    model = nn.Sequential(backbone, nn.Linear(16, 4))
    backbone.requires_grad_(False)
    optimizer = nn.optim.Adam(model[1].parameters(), lr=0.02)
    return Training(model, nn.cross_entropy, optimizer, batched(*blobs()))


@named
def convolutions_with_batch_norm():
    model = nn.Sequential(
        *(nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
        *(nn.Dropout(0.5), nn.Linear(72, 3)),
    )
    return trained(model, nn.cross_entropy, images(), size=16)


@named
def recurrent_classifier():
    return trained(Reader(nn.LSTM), nn.cross_entropy, sequences(), lr=0.02, size=16)


@named
def loop_of_cells_over_time():
    model = Elman()
    nn.init.orthogonal_(model.hidden.weight)
    return trained(model, nn.cross_entropy, remembered(length=12), size=16)


@named
def attention_by_hand():
    return trained(Attention(), nn.cross_entropy, sequences(), size=16)


@named
def transformer_on_tokens():
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(7, 16)
            self.position = nn.Parameter(0.02 * ag.random.generator().normal(size=(9, 16)))
            self.encoder = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.1, batch_first=True)
            self.head = nn.Linear(16, 7)

        def forward(self, tokens):
            mask = np.triu(np.full((9, 9), -np.inf), 1)
            out = self.encoder(self.embed(tokens) + self.position, src_mask=mask)
            return self.head(out).transpose(0, 2, 1)

    return trained(Model(), nn.cross_entropy, text(), lr=0.005, size=16)


@named
def autoencoder_with_a_linear_code():
    return reconstruction(Autoencoder())


@named
def variational_autoencoder():
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = nn.Sequential(nn.Linear(12, 24), nn.Tanh())
            self.mean, self.log_var = nn.Linear(24, 2), nn.Linear(24, 2)
            self.decoder = nn.Sequential(nn.Linear(2, 24), nn.Tanh(), nn.Linear(24, 12))

        def forward(self, x):
            h = self.encoder(x)
            mean, log_var = self.mean(h), self.log_var(h)
            code = mean + ag.exp(0.5 * log_var) * ag.random.generator().normal(size=mean.shape)
            return self.decoder(code), mean, log_var

    def loss(out, x):
        decoded, mean, log_var = out
        divergence = -0.5 * (1.0 + log_var - mean**2 - ag.exp(log_var)).sum(axis=1).mean()
        return ((decoded - x) ** 2).sum(axis=1).mean() + 0.1 * divergence

    x = curves()
    return trained(Model(), loss, (x, x))


@named
def regression_with_schedule_and_clipping():
    x, y = curve()
    t = trained(nn.MLP([3, 32, 1], "tanh"), nn.MSELoss(), (x, y[:, None]), nn.optim.SGD, 0.1)
    scheduler = nn.optim.lr_scheduler.CosineAnnealingLR(t.optimizer, 80)

    def step(x, y):
        t.optimizer.zero_grad()
        loss = t.loss(t.model(x), y)
        loss.backward()
        nn.optim.clip_grad_norm_(t.model.parameters(), 1.0)
        t.optimizer.step()
        scheduler.step()

    t.step = step
    return t


@named
def twenty_residual_blocks():
    blocks = [
        nn.Residual(
            nn.Sequential(nn.LayerNorm(16), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 16))
        )
        for _ in range(10)
    ]
    model = nn.Sequential(nn.Linear(8, 16), *blocks, nn.LayerNorm(16), nn.Linear(16, 4))
    return trained(model, nn.cross_entropy, blobs(), lr=0.003)


@named
def two_heads_and_two_losses():
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(nn.Linear(8, 32), nn.ReLU())
            self.classes, self.amount = nn.Linear(32, 4), nn.Linear(32, 1)

        def forward(self, x):
            h = self.body(x)
            return self.classes(h), self.amount(h)[:, 0]

    def loss(out, y):
        return nn.cross_entropy(out[0], y) + 0.5 * nn.functional.mse_loss(out[1], y / 2.0 - 0.75)

    return trained(Model(), loss, blobs())


@named
def contrastive_pairs():
    model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 4))

    def loss(out, y):
        distance = ag.sqrt(((out[:, None] - out[None]) ** 2).sum(axis=-1) + 1e-6)
        same = (y[:, None] == y[None]).astype(float)
        return (same * distance**2 + (1.0 - same) * ag.relu(2.0 - distance) ** 2).mean()

    return trained(model, loss, blobs(), lr=0.005)


@named
def truncated_backpropagation_through_time():
    cell, head = nn.GRUCell(3, 12), nn.Linear(12, 2)
    model = nn.ModuleDict({"cell": cell, "head": head})
    optimizer = nn.optim.Adam(model.parameters(), lr=0.01)

    def step(x, y):
        h = ag.Tensor(np.zeros((len(x), 12)))
        for begin in (0, 5):
            h = h.detach()
            for t in range(begin, begin + 5):
                h = cell(x[:, t], h)
            optimizer.zero_grad()
            nn.cross_entropy(head(h), y).backward()
            optimizer.step()

    return Training(
        model, nn.cross_entropy, optimizer, batched(*sequences(), 16), step, single=False
    )


@named
def validation_every_few_steps():
    model = nn.Sequential(
        nn.Linear(8, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 4)
    )
    t = trained(model, nn.cross_entropy, blobs())
    x_val, y_val = blobs(64, seed=1)
    t.validation = [(x_val, y_val)]

    def step(x, y):
        model.train()
        t.usual_step(x, y)
        model.eval()
        with ag.no_grad():
            t.loss(model(x_val), y_val)

    t.step = step
    return t


@named
def smoothed_labels_and_decoupled_decay():
    model = nn.MLP([8, 32, 4], "gelu")
    optimizer = nn.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.05)
    loss = nn.CrossEntropyLoss(label_smoothing=0.1)
    t = Training(model, loss, optimizer, batched(*blobs(512)), steps=120)
    t.validation = [blobs(128, seed=1)]
    return t


@named
def line_of_best_fit():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(256, 3))
    y = x @ np.array([[1.0], [-2.0], [0.5]]) + 0.1 * rng.normal(size=(256, 1))
    return trained(nn.Linear(3, 1), nn.MSELoss(), (x, y), nn.optim.SGD, 0.1)


@named
def images_in_unit_range():
    x, y = images()
    x = (x - x.min()) / (x.max() - x.min())
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3),
        nn.ReLU(),
        nn.Conv2d(8, 8, 3),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(128, 3),
    )
    return trained(model, nn.cross_entropy, (x, y), size=16)


@named
def log_likelihood_that_is_maximized():
    def likelihood(out, y):
        return nn.functional.log_softmax(out, dim=1)[np.arange(len(y)), y].mean()

    t = trained(nn.MLP([8, 32, 4]), likelihood, blobs())
    t.optimizer = nn.optim.SGD(t.model.parameters(), lr=0.1, maximize=True)
    return t


@named
def anchored_to_where_it_began():
    x, y = blobs()
    model = nn.MLP([8, 32, 4])
    start = {i: model(x[i : i + 32]).data for i in range(0, 256, 32)}
    t = trained(model, None, (x, np.arange(len(x))))

    def loss(out, rows):
        anchor = (out - start[int(rows[0])]) ** 2
        return nn.cross_entropy(out, y[rows]) + 0.1 * anchor.mean()

    t.loss = loss
    return t


@named
def fine_tuned_with_tiny_steps():
    t = trained(nn.MLP([8, 32, 4]), nn.cross_entropy, blobs())
    for _ in range(20):
        for batch in t.batches:
            t.usual_step(*batch)
    t.optimizer.zero_grad()
    t.optimizer = nn.optim.AdamW(t.model.parameters(), lr=1e-5)
    t.batches = batched(*blobs(seed=3))
    return t


@named
def noise_from_a_generator_of_its_own():
    source = np.random.default_rng(0)

    class Noisy(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.MLP([8, 32, 4])

        def forward(self, x):
            return self.body(x + 0.1 * source.normal(size=x.shape))

    return trained(Noisy(), nn.cross_entropy, blobs())


@named
def critic_of_points_far_apart():
    model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = nn.optim.SGD(model.parameters(), lr=1e-3)
    rng = np.random.default_rng(0)

    def step(x, _):
        optimizer.zero_grad()
        (model(x + 4.0).mean() - model(0.3 * x - 4.0).mean()).backward()
        optimizer.step()

    batches = [(rng.normal(size=(32, 2)), None) for _ in range(8)]
    return Training({"critic": model}, None, [optimizer], batches, step, single=False)


@named
def blocks_dropped_at_random():
    """Stochastic depth: each block is left out of some steps, and of no evaluation."""

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = nn.Linear(8, 16), nn.Linear(16, 4)
            self.blocks = nn.ModuleList([nn.MLP([16, 16, 16]) for _ in range(6)])

        def forward(self, x):
            h = self.first(x)
            for block in self.blocks:
                if not self.training:
                    h = h + 0.5 * block(h)
                elif ag.random.generator().random() < 0.5:
                    h = h + block(h)
            return self.last(h)

    return trained(Net(), nn.cross_entropy, blobs())


@named
def clipped_gradients_and_a_high_rate():
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.head = nn.Embedding(7, 16), nn.Linear(16, 7)
            self.rnn = nn.LSTM(16, 16, batch_first=True)

        def forward(self, x):
            return self.head(self.rnn(self.embed(x))[0])

    model = Model()

    def loss(out, y):
        return nn.cross_entropy(out.reshape(-1, 7), y.reshape(-1))

    t = trained(model, loss, text(), nn.optim.SGD, 20.0)

    def step(x, y):
        t.optimizer.zero_grad()
        value = loss(model(x), y)
        value.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.25)
        t.optimizer.step()
        return value

    t.step, t.steps = step, 80
    return t


@named
def signs_with_a_straight_path_in_training():
    """The straight-through estimator of Bengio, Léonard and Courville (2013)."""

    class Coder(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = nn.Sequential(nn.Linear(12, 16), nn.Tanh(), nn.Linear(16, 6), nn.Tanh())
            self.decoder = nn.Linear(6, 12)

        def forward(self, x):
            code = self.encoder(x)
            bits = np.sign(code)
            return self.decoder(code + (bits - code).detach() if self.training else bits)

    x = curves()
    return trained(Coder(), nn.MSELoss(), (x, x), lr=0.02)


@named
def word_vectors_against_random_words():
    """Skip-gram with negative sampling: the targets of all samples are alike."""

    class Pairs(nn.Module):
        def __init__(self):
            super().__init__()
            self.word, self.context = nn.Embedding(20, 6), nn.Embedding(20, 6)

        def forward(self, words):
            return (self.word(words[:, :1]) * self.context(words[:, 1:])).sum(axis=2)

    rng = np.random.default_rng(0)
    word = rng.integers(0, 20, 256)
    near = word // 4 * 4 + rng.integers(0, 4, 256)
    x = np.concatenate([word[:, None], near[:, None], rng.integers(0, 20, (256, 3))], axis=1)
    y = np.tile([1.0, 0.0, 0.0, 0.0], (256, 1))
    return trained(Pairs(), nn.BCEWithLogitsLoss(), (x, y), lr=0.05)


@named
def raw_pixels_that_are_normalized_after_the_first_layer():
    x, y = images()
    model = nn.Sequential(
        nn.Conv2d(1, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(), nn.Flatten(), nn.Linear(384, 3)
    )
    return trained(model, nn.cross_entropy, (30.0 + 5.0 * x, y))
