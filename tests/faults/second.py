"""A second set, of other architectures and styles, to measure tools that were made on the first.

Its labels were written before any tool ran on it.
"""

from __future__ import annotations

import numpy as np

import autograd as ag
import nn
from nn import functional as F
from tests.faults.data import batched, blobs, curve, curves, images, sequences, text
from tests.faults.training import Program, Training, register

PROGRAMS: list[Program] = []
fault = register(PROGRAMS, "second set")
SELF = "written for the second set"


# --- a residual CNN in float32 ---


class ResNet(nn.Module):
    def __init__(self, classes=3, channels=6):
        super().__init__()
        self.stem = nn.Conv2d(1, channels, 3, padding=1)
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(channels, channels, 3, padding=1),
                nn.BatchNorm2d(channels),
                nn.ReLU(),
                nn.Conv2d(channels, channels, 3, padding=1),
            )
            for _ in range(2)
        )
        self.head = nn.Linear(channels, classes)

    def features(self, x):
        x = F.relu(self.stem(x))
        for block in self.blocks:
            x = F.relu(x + block(x))
        return x.mean(axis=(2, 3))

    def forward(self, x):
        return self.head(self.features(x))


def pictures(dtype=np.float32):
    x, y = images()
    return x.astype(dtype), y


def resnet(model, data=None, lr=0.01, **others):
    x, y = data or pictures()
    optimizer = nn.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.01)
    return Training(model, nn.CrossEntropyLoss(), optimizer, batched(x, y, 16), steps=24, **others)


@fault("unused layer", layer="blocks.1", source=SELF)
def last_block_skipped_by_a_slice(faulty):
    class Short(ResNet):
        def features(self, x):
            x = F.relu(self.stem(x))
            for i in range(len(self.blocks) - faulty):
                x = F.relu(x + self.blocks[i](x))
            return x.mean(axis=(2, 3))

    return resnet(Short().float())


@fault("detached branch", layer="blocks", source=SELF)
def branch_computed_without_recording(faulty):
    class Silent(ResNet):
        def features(self, x):
            x = F.relu(self.stem(x))
            for block in self.blocks:
                if faulty:
                    with ag.no_grad():
                        delta = block(x)
                else:
                    delta = block(x)
                x = F.relu(x + delta)
            return x.mean(axis=(2, 3))

    return resnet(Silent().float())


@fault("parameters outside the optimizer", layer="stem", source=SELF)
def groups_that_forget_the_stem(faulty):
    model = ResNet().float()
    t = resnet(model)
    groups = [
        {"params": list(model.blocks.parameters()), "lr": 0.01},
        {"params": list(model.head.parameters()), "lr": 0.02},
    ]
    if not faulty:
        groups.append({"params": list(model.stem.parameters()), "lr": 0.01})
    t.optimizer = nn.optim.Adam(groups, lr=0.01)
    return t


@fault("inputs not scaled", layer="", source=SELF)
def bytes_as_floats(faulty):
    x, y = pictures()
    raw = np.clip(x * 50 + 120, 0, 255).round().astype(np.float32)
    return resnet(ResNet().float(), (raw if faulty else raw / 255.0, y))


@fault("learning rate too high", layer="", source=SELF)
def nesterov_at_ten(faulty):
    model = ResNet().float()
    t = resnet(model)
    t.optimizer = nn.optim.SGD(
        model.parameters(), lr=10.0 if faulty else 0.05, momentum=0.9, nesterov=True
    )
    return t


# --- sequence to sequence, a GRU cell by hand ---


class Copier(nn.Module):
    """Reads tokens and predicts each next one, cell by cell."""

    def __init__(self, vocabulary=7, width=16):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.cell = nn.GRUCell(width, width)
        self.out = nn.Linear(width, vocabulary)

    def forward(self, tokens):
        h = ag.Tensor(np.zeros((len(tokens), 16)))
        steps = []
        for t in range(tokens.shape[1]):
            h = self.cell(self.embedding(tokens[:, t]), h)
            steps.append(self.out(h))
        return ag.stack(steps, axis=1)


def token_loss(out, y):
    return nn.cross_entropy(out.reshape(-1, out.shape[-1]), y.reshape(-1))


def language(model, data=None, lr=0.01, loss=token_loss, **others):
    x, y = data or text()
    optimizer = nn.optim.RMSprop(model.parameters(), lr=lr)
    return Training(model, loss, optimizer, batched(x, y, 16), steps=24, **others)


@fault("softmax twice", layer="", source=SELF)
def probabilities_of_tokens_into_cross_entropy(faulty):
    def loss(out, y):
        p = F.softmax(out, dim=-1) if faulty else out
        return token_loss(p, y)

    return language(Copier(), loss=loss)


@fault("targets are the inputs", layer="", source=SELF)
def same_tokens_as_targets(faulty):
    x, y = text(seed=3)
    return language(Copier(), (x, x.copy() if faulty else y))


@fault("learning rate too low", layer="", source=SELF)
def rate_with_a_misplaced_exponent(faulty):
    return language(Copier(), lr=1e-11 if faulty else 1e-2)


@fault("gradients not reset", layer="", source=SELF)
def reset_only_at_the_end_of_an_epoch(faulty):
    t = language(Copier())
    turn = iter(range(10**6))

    def step(x, y):
        if not faulty or next(turn) % 12 == 0:
            t.optimizer.zero_grad()
        loss = t.loss(t.model(x), y)
        loss.backward()
        t.optimizer.step()
        return loss

    t.step = step
    return t


# --- a transformer with pre-norm, written as blocks ---


class Block(nn.Module):
    def __init__(self, width, heads, axis=-1):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(
            nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width)
        )
        self.heads, self.axis = heads, axis

    def attend(self, x):
        b, t, w = x.shape
        qkv = self.qkv(x).reshape(b, t, 3, self.heads, w // self.heads).transpose(2, 0, 3, 1, 4)
        q, k, v = qkv[0], qkv[1], qkv[2]
        weights = F.softmax(q @ k.transpose(0, 1, 3, 2) * (w // self.heads) ** -0.5, dim=self.axis)
        return self.proj((weights @ v).transpose(0, 2, 1, 3).reshape(b, t, w))

    def forward(self, x):
        x = x + self.attend(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Encoder(nn.Module):
    def __init__(self, axis=-1, pool=lambda x: x.mean(axis=1)):
        super().__init__()
        self.embed = nn.Linear(3, 16)
        self.blocks = nn.Sequential(Block(16, 2, axis), Block(16, 2, axis))
        self.norm, self.head, self.pool = nn.LayerNorm(16), nn.Linear(16, 2), pool

    def forward(self, x):
        return self.head(self.pool(self.norm(self.blocks(self.embed(x)))))


def encoding(model, data=None, lr=0.003, **others):
    x, y = data or sequences()
    optimizer = nn.optim.Adam(model.parameters(), lr=lr)
    return Training(model, nn.cross_entropy, optimizer, batched(x, y, 16), steps=24, **others)


@fault("softmax over the wrong axis", layer="blocks.0", source=SELF)
def heads_normalized_over_queries(faulty):
    return encoding(Encoder(axis=-2 if faulty else -1))


@fault("samples mixed", layer="", source=SELF)
def pooled_over_the_batch(faulty):
    pool = (
        (lambda x: x - x.mean(axis=0, keepdims=True))
        if faulty
        else (lambda x: x - x.mean(axis=1, keepdims=True))
    )
    return encoding(Encoder(pool=lambda x: pool(x)[:, 0]))


@fault("evaluation in training mode", layer=None, source=SELF)
def metrics_computed_with_noise(faulty):
    model = Encoder()
    model.blocks = nn.Sequential(Block(16, 2), nn.Dropout(0.2), Block(16, 2))
    t = encoding(model)
    x_val, y_val = sequences(32, seed=1)

    def step(x, y):
        t.usual_step(x, y)
        model.train(faulty)
        with ag.no_grad():
            (model(x_val).argmax(axis=1) == y_val).mean()
        model.train()

    t.step = step
    return t


@fault("frozen parameters", layer="head", source=SELF)
def head_frozen_for_fine_tuning(faulty):
    model = Encoder()
    for p in model.head.parameters():
        p.requires_grad = not faulty
    return encoding(model)


# --- regression and other losses, with closures and second-order optimizers ---


class Physics(nn.Module):
    """A small network with weights of its own, written without layers."""

    def __init__(self, last=None):
        super().__init__()
        rng = np.random.default_rng(0)
        self.w1, self.b1 = (
            nn.Parameter(rng.normal(size=(3, 24)) / 3**0.5),
            nn.Parameter(np.zeros(24)),
        )
        self.w2, self.b2 = (
            nn.Parameter(rng.normal(size=(24, 1)) / 24**0.5),
            nn.Parameter(np.zeros(1)),
        )
        self.last = last or (lambda x: x)

    def forward(self, x):
        return self.last(ag.tanh(x @ self.w1 + self.b1) @ self.w2 + self.b2)


def fitted(model, loss=F.mse_loss, data=None, lr=0.05, made=nn.optim.SGD, column=True, **others):
    x, y = data or curve(seed=5)
    y = y[:, None] if column else y
    return Training(model, loss, made(model.parameters(), lr=lr), batched(x, y), **others)


@fault("loss broadcast", layer="", source=SELF)
def log_cosh_of_a_column_and_a_row(faulty):
    def loss(out, y):
        return ag.log(ag.cosh(out - y)).mean()

    return fitted(Physics(), loss, column=not faulty)


@fault("output activation does not fit", layer="", source=SELF)
def relu_at_the_end_by_hand(faulty):
    return fitted(Physics(ag.relu if faulty else None), nn.SmoothL1Loss())


@fault("loss with the wrong sign", layer="", source=SELF)
def explained_variance_minimized(faulty):
    def loss(out, y):
        score = 1.0 - ((out - y) ** 2).mean() / ((y - y.mean()) ** 2).mean()
        return score if faulty else -score

    return fitted(Physics(), loss, lr=0.02)


@fault("no optimizer step", layer="", source=SELF)
def scheduler_stepped_instead_of_the_optimizer(faulty):
    t = fitted(Physics())
    scheduler = nn.optim.lr_scheduler.ConstantLR(t.optimizer, factor=1.0)

    def step(x, y):
        t.optimizer.zero_grad()
        t.loss(t.model(x), y).backward()
        if not faulty:
            t.optimizer.step()
        scheduler.step()

    t.step = step
    return t


@fault("optimizer of another model", layer="", source=SELF)
def optimizer_of_a_copy(faulty):
    model = Physics()
    other = Physics()
    other.load_state_dict(model.state_dict())
    t = fitted(model, lr=0.05)
    if faulty:
        t.optimizer = nn.optim.SGD(other.parameters(), lr=0.05)
    return t


@fault("targets not scaled", "output scale at initialization", layer="", source=SELF)
def years_as_targets(faulty):
    x, y = curve(seed=7)
    return fitted(
        Physics(), data=(x, 15.0 * y + 1980.0 if faulty else y), made=nn.optim.Adam, lr=0.01
    )


@fault("weight decay too strong", layer="", source=SELF)
def decay_in_place_of_the_rate(faulty):
    model = nn.MLP([8, 32, 32, 4])
    optimizer = nn.optim.AdamW(
        model.parameters(), lr=0.05 if faulty else 0.01, weight_decay=8.0 if faulty else 0.01
    )
    return Training(model, nn.cross_entropy, optimizer, batched(*blobs(seed=4)))


# --- a variational autoencoder, a siamese network, a mixture, matrix factors ---


class Variational(nn.Module):
    def __init__(self, activation=nn.Softplus):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(12, 24), activation())
        self.mean, self.log_var = nn.Linear(24, 2), nn.Linear(24, 2)
        self.decoder = nn.Sequential(nn.Linear(2, 24), activation(), nn.Linear(24, 12))

    def forward(self, x):
        h = self.encoder(x)
        mean, log_var = self.mean(h), self.log_var(h)
        code = mean + ag.exp(0.5 * log_var) * ag.random.generator().normal(size=mean.shape)
        return self.decoder(code), mean, log_var


def evidence(out, x):
    decoded, mean, log_var = out
    divergence = -0.5 * (1.0 + log_var - mean**2 - ag.exp(log_var)).sum(axis=1).mean()
    return ((decoded - x) ** 2).sum(axis=1).mean() + 0.05 * divergence


@fault("detached branch", layer=None, source=SELF)
def sample_drawn_by_numpy(faulty):
    class Sampled(Variational):
        def forward(self, x):
            h = self.encoder(x)
            mean, log_var = self.mean(h), self.log_var(h)
            noise = ag.random.generator().normal(size=mean.shape)
            if faulty:
                code = mean.numpy() + np.exp(0.5 * log_var.numpy()) * noise
            else:
                code = mean + ag.exp(0.5 * log_var) * noise
            return self.decoder(code), mean, log_var

    def loss(out, x):
        return ((out[0] - x) ** 2).sum(axis=1).mean()

    x = curves(seed=2)
    model = Sampled()
    return Training(model, loss, nn.optim.Adam(model.parameters(), lr=0.01), batched(x, x))


@fault("dying ReLU", layer="encoder.1", source=SELF)
def encoder_without_a_living_unit(faulty):
    model = Variational(nn.ReLU)
    if faulty:
        nn.init.constant_(model.encoder[0].bias, -25.0)
    x = curves(seed=2)
    return Training(model, evidence, nn.optim.Adam(model.parameters(), lr=0.01), batched(x, x))


@fault("symmetry not broken", layer="0", source=SELF)
def experts_that_start_equal(faulty):
    model = nn.Sequential(nn.Linear(8, 16), nn.Sigmoid(), nn.Linear(16, 4))
    if faulty:
        nn.init.constant_(model[0].weight, 0.05)
        nn.init.constant_(model[0].bias, 0.0)
        nn.init.constant_(model[2].weight, 0.05)
    return Training(
        model, nn.cross_entropy, nn.optim.Adam(model.parameters(), lr=0.02), batched(*blobs(seed=6))
    )


@fault("inputs are not finite", layer="", source=SELF)
def logarithm_of_zero_in_a_feature(faulty):
    x, y = blobs(seed=8)
    x = np.maximum(x, 0.0)
    with np.errstate(divide="ignore"):
        x = np.log(x if faulty else x + 0.1)
    return Training(
        model := nn.MLP([8, 16, 4]),
        nn.cross_entropy,
        nn.optim.SGD(model.parameters(), lr=0.05),
        batched(x, y),
    )


@fault("data not shuffled", layer="", source=SELF)
def batches_sorted_by_class(faulty):
    x, y = blobs(256, seed=9)
    if faulty:
        order = np.argsort(y, kind="stable")
        x, y = x[order], y[order]
    model = nn.MLP([8, 16, 4])
    return Training(
        model, nn.cross_entropy, nn.optim.SGD(model.parameters(), lr=0.1), batched(x, y, 16)
    )


@fault("labels unrelated to inputs", layer="", source=SELF)
def targets_of_another_file(faulty):
    x, y = blobs(192, seed=10)
    if faulty:
        y = blobs(192, seed=77)[1]
    model = nn.MLP([8, 128, 128, 4])
    optimizer = nn.optim.Adam(model.parameters(), lr=0.005)
    return Training(
        model,
        nn.cross_entropy,
        optimizer,
        batched(x, y),
        validation=[blobs(128, seed=11)],
        steps=300,
    )


@fault("exploding gradients", "activations grow", "output scale at initialization", source=SELF)
def twenty_layers_drawn_too_wide(faulty):
    layers = []
    for i in range(14):
        layer = nn.Linear(8 if i == 0 else 24, 24)
        nn.init.normal_(layer.weight, std=1.0 if faulty else (2.0 / layer.in_features) ** 0.5)
        layers += [layer, nn.LeakyReLU()]
    model = nn.Sequential(*layers, nn.Linear(24, 4))
    return Training(
        model,
        nn.cross_entropy,
        nn.optim.Adam(model.parameters(), lr=0.001),
        batched(*blobs(seed=12)),
    )


@fault("loss is not finite", layer="", source=SELF)
def entropy_of_a_certain_answer(faulty):
    def loss(out, y):
        p = F.softmax(out * (2000.0 if faulty else 1.0))
        logs = ag.log(p if faulty else p + 1e-12)
        return nn.cross_entropy(out, y) + 0.01 * (p * logs).sum(axis=1).mean()

    model = nn.MLP([8, 16, 4])
    return Training(
        model, loss, nn.optim.SGD(model.parameters(), lr=0.05), batched(*blobs(seed=13))
    )


@fault("activation missing", layer="3", source=SELF)
def activation_lost_in_a_refactoring(faulty):
    between = () if faulty else (nn.SiLU(),)
    model = nn.Sequential(
        nn.Linear(8, 32),
        nn.SiLU(),
        nn.Linear(32, 32),
        *between,
        nn.Linear(32, 32),
        nn.SiLU(),
        nn.Linear(32, 4),
    )
    return Training(
        model,
        nn.cross_entropy,
        nn.optim.Adam(model.parameters(), lr=0.01),
        batched(*blobs(seed=14)),
    )


@fault("dropout too high", layer=None, source=SELF)
def keep_probability_given_as_p(faulty):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(8, 48), nn.Linear(48, 4)

        def forward(self, x):
            h = F.dropout(F.relu(self.a(x)), 0.9 if faulty else 0.1, training=self.training)
            return self.b(h)

    model = Model()
    return Training(
        model,
        nn.cross_entropy,
        nn.optim.Adam(model.parameters(), lr=0.01),
        batched(*blobs(seed=15)),
    )
