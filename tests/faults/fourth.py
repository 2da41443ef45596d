"""A fourth set: kinds that a second reader's harder programs had, and that were missed.

Rewritten here after a blind set of 123 programs, whose first score docs/faults.md states.
"""

from __future__ import annotations

import numpy as np

import autograd as ag
import nn
from nn import functional as F
from tests.faults.adversarial import adversarial, optimizers, usual
from tests.faults.data import batched, blobs, curves, images, text
from tests.faults.third import classifier
from tests.faults.training import Program, register

PROGRAMS: list[Program] = []
fault = register(PROGRAMS, "fourth set")
HARDER = "a second reader's blind set"


@fault("parameters not registered", layer="1", source=HARDER)
def scale_that_is_a_tensor(faulty):
    class Scale(nn.Module):
        def __init__(self):
            super().__init__()
            made = ag.Tensor(np.full(16, 0.1), requires_grad=True)
            self.scale = made if faulty else nn.Parameter(made.data)

        def forward(self, x):
            return x * self.scale

    return classifier(nn.Sequential(nn.Linear(8, 16), Scale(), nn.ReLU(), nn.Linear(16, 4)))


@fault("parameters not registered", layer="", source=HARDER)
def weights_in_a_plain_list(faulty):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            rng = np.random.default_rng(0)
            shapes = ((8, 16), (16, 4))
            made = [ag.Tensor(0.3 * rng.normal(size=s), requires_grad=True) for s in shapes]
            self.weights = made if faulty else nn.ParameterList(nn.Parameter(w.data) for w in made)
            self.bias = nn.Parameter(np.zeros(4))

        def forward(self, x):
            return ag.tanh(x @ self.weights[0]) @ self.weights[1] + self.bias

    return classifier(Net())


@fault("dropout in evaluation", layer="", source=HARDER)
def dropout_function_that_never_stops(faulty):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = nn.Linear(8, 32), nn.Linear(32, 4)

        def forward(self, x):
            h = ag.relu(self.first(x))
            h = F.dropout(h, 0.4) if faulty else F.dropout(h, 0.4, training=self.training)
            return self.last(h)

    return classifier(Net())


@fault("running statistics not averaged", layer="1", source=HARDER)
def batch_norm_with_a_momentum_of_zero(faulty):
    norm = nn.BatchNorm1d(32, momentum=0.0 if faulty else 0.1)
    return classifier(nn.Sequential(nn.Linear(8, 32), norm, nn.ReLU(), nn.Linear(32, 4)))


@fault("eps too large", source=HARDER)
def adam_with_an_eps_of_one(faulty):
    model = nn.MLP([8, 32, 4])
    optimizer = nn.optim.Adam(model.parameters(), lr=1e-3, eps=1.0 if faulty else 1e-8)
    return classifier(model, optimizer=optimizer, steps=80)


@fault("output activation does not fit", layer="1", source=HARDER)
def softmax_for_several_labels_at_once(faulty):
    x, _ = blobs()
    y = (x[:, :5] + 0.3 * x[:, 1:6] > 0).astype(float)
    last = nn.Softmax(dim=1) if faulty else nn.Sigmoid()
    return classifier(nn.Sequential(nn.MLP([8, 32, 5]), last), nn.BCELoss(), (x, y))


@fault("log-softmax missing", layer="1", source=HARDER)
def divergence_of_probabilities(faulty):
    x, y = blobs()
    soft = 0.9 * np.eye(4)[y] + 0.025
    last = nn.Softmax(dim=1) if faulty else nn.LogSoftmax(dim=1)
    model = nn.Sequential(nn.MLP([8, 32, 4]), last)
    return classifier(model, nn.KLDivLoss(reduction="batchmean"), (x, soft))


class Variational(nn.Module):
    """Returns the reconstruction, the means and the logarithms of the variances."""

    def __init__(self):
        super().__init__()
        self.body = nn.MLP([12, 16, 16], activation="tanh")
        self.mean, self.spread = nn.Linear(16, 2), nn.Linear(16, 2)
        self.decoder = nn.MLP([2, 16, 12], activation="tanh")

    def forward(self, x):
        h = ag.tanh(self.body(x))
        mean, spread = self.mean(h), self.spread(h)
        drawn = mean + ag.exp(0.5 * spread) * ag.random.generator().normal(size=(len(x), 2))
        return self.decoder(drawn), mean, spread


@fault("penalty with the wrong sign", source=HARDER)
def divergence_of_a_code_that_is_rewarded(faulty):
    def loss(out, x):
        made, mean, spread = out
        kl = -0.5 * (1.0 + spread - mean**2 - ag.exp(spread)).sum(axis=1).mean()
        error = ((made - x) ** 2).sum(axis=1).mean()
        return error - 0.2 * kl if faulty else error + 0.2 * kl

    x = curves()
    return classifier(Variational(), loss, (x, x))


@fault("penalty with the wrong sign", source=HARDER)
def weights_that_are_rewarded_for_growing(faulty):
    model = nn.MLP([8, 16, 4])

    def loss(out, y):
        size = sum((p * p).sum() for p in model.parameters() if p.ndim > 1)
        return F.cross_entropy(out, y) + (-0.01 if faulty else 0.01) * size

    return classifier(model, loss)


@fault("inputs do not vary", source=HARDER)
def tokens_that_are_all_unknown(faulty):
    x, y = text()
    known = np.arange(7) if not faulty else np.zeros(7, int)  # a vocabulary that was not loaded

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.head = nn.Embedding(7, 16), nn.Linear(16, 7)

        def forward(self, x):
            return self.head(ag.tanh(self.embed(x)))

    def loss(out, y):
        return F.cross_entropy(out.reshape(-1, 7), y.reshape(-1))

    return classifier(Model(), loss, (known[x], y))


@fault("outputs collapse", source=HARDER)
def two_views_without_a_stopped_gradient(faulty):
    """Both branches may move, so the same output for everything is the best."""
    rng = np.random.default_rng(0)
    x, _ = blobs(128)
    model = nn.Sequential(nn.Linear(8, 32), nn.Tanh(), nn.Linear(32, 8))

    def loss(out, _):
        a, b = out[::2], out[1::2]
        apart = ((a - b) ** 2).sum(axis=1).mean()
        if faulty:
            return apart
        # A hinge on the deviation of each output keeps them apart.
        deviation = ag.sqrt(((out - out.mean(axis=0)) ** 2).mean(axis=0) + 1e-4)
        return apart + 25.0 * ag.relu(1.0 - deviation).mean()

    pairs = np.repeat(x, 2, axis=0) + 0.1 * rng.normal(size=(256, 8))
    t = classifier(model, loss, (pairs, pairs), steps=60)
    t.optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
    t.single = False
    return t


@fault("mask leaves nothing", source=HARDER)
def mask_that_hides_every_key(faulty):
    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.head = nn.Embedding(7, 8), nn.Linear(8, 3)
            self.query = nn.Linear(8, 8)

        def forward(self, x):
            h = self.embed(x)
            scores = self.query(h) @ h.transpose(0, 2, 1) / 8**0.5
            hidden = (x == 0)[:, None, :]
            weights = ag.softmax(ag.where(hidden, -np.inf, scores), axis=-1)
            return self.head((weights @ h).mean(axis=1))

    rng = np.random.default_rng(0)
    x = rng.integers(1, 7, (128, 6))
    y = x[:, 0] % 3
    x[:, 4:] = 0
    if faulty:
        x[40] = 0  # an empty sentence
    return classifier(Reader(), data=(x, y))


@fault("output activation does not fit", layer="generator.3", source=HARDER)
def generator_that_cannot_reach_the_data(faulty):
    g = nn.Sequential(
        nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2), nn.Sigmoid() if faulty else nn.Tanh()
    )
    d = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
    og, od = optimizers(g, d)
    t = adversarial(g, d, [og, od], usual(g, d, og, od))
    t.batches = [(0.9 * x, None) for x, _ in t.batches]
    return t


@fault("labels unrelated to inputs", source=HARDER)
def sequences_shuffled_before_they_were_paired(faulty):
    rng = np.random.default_rng(3)
    x, y = images(256)
    order = rng.permutation(len(x))
    x = x[order]
    y = y if faulty else y[order]
    model = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(512, 3))
    t = classifier(model, data=(x, y), steps=120)
    t.batches = batched(x, y, 64)
    t.validation = batched(*images(128, seed=1), 64)
    return t


# --- What a third reader's set of 70 programs had beyond that --------------------------------------

THIRD_READER = "a third reader's blind set"


@fault("softmax over the wrong axis", source=THIRD_READER)
def log_softmax_over_the_batch(faulty):
    model = nn.Sequential(nn.MLP([8, 32, 4]), nn.LogSoftmax(dim=0 if faulty else 1))
    return classifier(model, nn.NLLLoss())


@fault("labels change", source=THIRD_READER)
def inputs_shuffled_alone_in_each_epoch(faulty):
    x, y = blobs(160)
    t = classifier(nn.MLP([8, 32, 4]), steps=60)
    rng = np.random.default_rng(0)
    orders = [rng.permutation(len(x)) for _ in range(12)]
    t.batches = [b for o in orders for b in batched(x[o], y if faulty else y[o])]
    return t


@fault("targets do not vary", source=THIRD_READER)
def probabilities_rounded_down(faulty):
    x, _ = blobs()
    p = 1.0 / (1.0 + np.exp(-2.0 * x[:, :1] + x[:, 1:2]))
    y = p.astype(int).astype(float) if faulty else p
    return classifier(nn.MLP([8, 16, 1]), nn.BCEWithLogitsLoss(), (x, y))


@fault("padding in the loss", source=THIRD_READER)
def tags_of_padding(faulty):
    rng = np.random.default_rng(0)
    words, lengths = rng.integers(1, 9, (256, 16)), rng.integers(3, 9, (256, 1))
    real = np.arange(16) < lengths
    x, y = np.where(real, words, 0), np.where(real, words % 4 + 1, 0)

    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.head = nn.Embedding(9, 8), nn.Linear(8, 5)

        def forward(self, x):
            return self.head(ag.tanh(self.embed(x))).transpose(0, 2, 1)

    return classifier(Tagger(), nn.CrossEntropyLoss(ignore_index=-100 if faulty else 0), (x, y))


@fault("normalization of one number", layer="2", source=THIRD_READER)
def layer_norm_of_the_only_output(faulty):
    x, y = blobs(classes=2)
    last = nn.LayerNorm(1) if faulty else nn.Identity()
    model = nn.Sequential(nn.MLP([8, 16]), nn.Sequential(nn.ReLU(), nn.Linear(16, 1)), last)
    return classifier(model, nn.BCEWithLogitsLoss(), (x, y[:, None].astype(float)))


@fault("gradients do not count", source=THIRD_READER)
def momentum_dampened_to_nothing(faulty):
    model = nn.MLP([8, 32, 4])
    options = {"momentum": 0.9, "dampening": 1.0 if faulty else 0.0}
    return classifier(model, optimizer=nn.optim.SGD(model.parameters(), lr=0.05, **options))


@fault("learning rate too low", source=THIRD_READER)
def warmup_of_fifty_thousand_steps(faulty):
    model = nn.MLP([8, 32, 4])
    optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
    steps = 50_000 if faulty else 10
    scheduler = nn.optim.lr_scheduler.LinearLR(optimizer, start_factor=1e-5, total_iters=steps)
    t = classifier(model, optimizer=optimizer, steps=60)

    def step(x, y):
        loss = t.usual_step(x, y)
        scheduler.step()
        return loss

    t.step = step
    return t


@fault("weights replaced after the step", source=THIRD_READER)
def weights_drawn_at_each_epoch(faulty):
    x, y = blobs(160)
    model = nn.MLP([8, 32, 4])
    t = classifier(model, data=(x, y), steps=60)
    turn = iter(range(10**6))

    def step(x, y):
        if next(turn) % 5 == 0 and faulty:
            for p in model.parameters():
                if p.ndim > 1:
                    nn.init.kaiming_normal_(p)
        return t.usual_step(x, y)

    t.step = step
    return t


@fault("weights replaced after the step", source=THIRD_READER)
def average_written_over_the_model(faulty):
    model = nn.MLP([8, 32, 4])
    t = classifier(model, optimizer=nn.optim.SGD(model.parameters(), lr=0.1), steps=60)
    average = nn.optim.ExponentialMovingAverage(model, decay=0.995)

    def step(x, y):
        loss = t.usual_step(x, y)
        average.update()
        if faulty:
            average.copy_to_parameters()
        return loss

    t.step = step
    return t


@fault("inputs scaled otherwise", source=THIRD_READER)
def validation_data_as_they_came(faulty):
    rng = np.random.default_rng(0)
    (x, y), (other, labels) = blobs(), blobs(128, seed=1)
    scale, start = rng.uniform(5.0, 50.0, 8), rng.uniform(-100.0, 100.0, 8)
    t = classifier(nn.MLP([8, 32, 4]), data=(x, y))
    t.validation = batched(scale * other + start if faulty else other, labels)
    return t


@fault("class weights favour frequent classes", source=THIRD_READER)
def weights_by_frequency(faulty):
    x, y = blobs(classes=3)
    kept = np.random.default_rng(0).random(len(y)) < np.array([1.0, 0.25, 0.08])[y]
    x, y = np.concatenate([x[kept]] * 2), np.concatenate([y[kept]] * 2)
    frequency = np.bincount(y, minlength=3) / len(y)
    weight = frequency if faulty else 1.0 / frequency
    t = classifier(nn.MLP([8, 16, 3]), nn.CrossEntropyLoss(weight=3.0 * weight / weight.sum()))
    t.batches = batched(x, y)
    return t


# --- And a fourth reader's of 64 common faults -----------------------------------------------------

FOURTH_READER = "a fourth reader's blind set"


@fault("memorized batch", source=FOURTH_READER)
def iterator_made_anew_in_each_step(faulty):
    x, y = blobs(spread=1.0)
    t = classifier(nn.MLP([8, 32, 4]), steps=60, validation=[blobs(64, spread=1.0, seed=1)])
    loader = nn.data.DataLoader(nn.data.TensorDataset(x, y), 32)
    batches = [next(iter(loader)) for _ in range(8)] if faulty else list(loader)
    t.batches = [(np.asarray(a), np.asarray(b)) for a, b in batches]
    return t


@fault("loss with the wrong sign", source=FOURTH_READER)
def likelihood_of_one_hot_targets(faulty):
    def loss(out, y):
        total = (F.log_softmax(out, dim=-1) * np.eye(4)[y]).sum(axis=-1).mean()
        return total if faulty else -total

    return classifier(nn.MLP([8, 32, 4]), loss)


@fault("BatchNorm with a batch of two", layer="1", source=FOURTH_READER)
def pairs_through_batch_norm(faulty):
    model = nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 4))
    t = classifier(model)
    t.batches = batched(*blobs(), 2 if faulty else 32)
    return t


@fault("labels out of balance", source=FOURTH_READER)
def four_defects_in_a_hundred(faulty):
    x, y = blobs(600, classes=2)
    rare = np.flatnonzero(y)[: 12 if faulty else None]
    kept = np.sort(np.concatenate([np.flatnonzero(y == 0), rare]))
    return classifier(nn.MLP([8, 16, 2]), data=(x[kept], y[kept]))


@fault("inputs without effect", source=FOURTH_READER)
def first_state_of_a_sentence(faulty):
    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.rnn = nn.Embedding(7, 8), nn.GRU(8, 16, batch_first=True)
            self.head = nn.Linear(16, 2)

        def forward(self, x):
            return self.head(self.rnn(self.embed(x))[0][:, 0 if faulty else -1])

    x = np.random.default_rng(0).integers(0, 7, (128, 6))
    return classifier(Reader(), data=(x, (x[:, -1] > 2) + 0))


@fault("one layer several times", layer="1.layers", source=FOURTH_READER)
def list_of_the_same_layer(faulty):
    made = [nn.Linear(16, 16)] * 4 if faulty else [nn.Linear(16, 16) for _ in range(4)]

    class Blocks(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList(made)

        def forward(self, x):
            for layer in self.layers:
                x = x + ag.tanh(layer(x))
            return x

    model = nn.Sequential(nn.Linear(8, 16), Blocks(), nn.Linear(16, 4))
    return classifier(model)


@fault("softmax over the wrong axis", layer="softmax", source=FOURTH_READER)
def one_query_that_competes_with_itself(faulty):
    class Lookup(nn.Module):
        def __init__(self):
            super().__init__()
            self.query, self.key = nn.Linear(4, 8), nn.Linear(4, 8)
            self.value, self.head = nn.Linear(4, 8), nn.Linear(8, 3)
            self.softmax = nn.Softmax(dim=1 if faulty else 2)

        def forward(self, x):
            scores = self.query(x[:, :1]) @ self.key(x).transpose(0, 2, 1) / 8**0.5
            return self.head((self.softmax(scores) @ self.value(x))[:, 0])

    x = np.random.default_rng(0).normal(size=(128, 5, 4))
    return classifier(Lookup(), data=(x, x[:, :, :3].mean(axis=1).argmax(axis=1)))
