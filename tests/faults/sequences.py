"""Faults in recurrent networks and in attention."""

from __future__ import annotations

import numpy as np

import autograd as ag
import nn
from tests.faults.data import batched, remembered, sequences, text
from tests.faults.training import Program, Training, register

PROGRAMS: list[Program] = []
recurrent = register(PROGRAMS, "RNN")
attentive = register(PROGRAMS, "attention")


class Reader(nn.Module):
    """A recurrent layer whose state after the last step is classified."""

    def __init__(self, cell=nn.GRU, features=3, hidden=12, classes=2, at=-1, batch_first=True):
        super().__init__()
        self.rnn, self.head, self.at = (
            cell(features, hidden, batch_first=batch_first),
            nn.Linear(hidden, classes),
            at,
        )

    def forward(self, x):
        out, _ = self.rnn(x)
        return self.head(out[:, self.at])


class Elman(nn.Module):
    """A recurrent network written as a loop."""

    def __init__(self, features=3, hidden=12, classes=3, activation=ag.tanh):
        super().__init__()
        self.inputs, self.hidden = nn.Linear(features, hidden), nn.Linear(hidden, hidden)
        self.head, self.activation = nn.Linear(hidden, classes), activation

    def forward(self, x):
        h = np.zeros((len(x), self.hidden.out_features))
        for t in range(x.shape[1]):
            h = self.activation(self.inputs(x[:, t]) + self.hidden(h))
        return self.head(h)


def trained(model, data, lr=0.01, loss=nn.cross_entropy, steps=24, size=16, **others):
    optimizer = nn.optim.Adam(model.parameters(), lr=lr)
    return Training(model, loss, optimizer, batched(*data, size), steps=steps, **others)


@recurrent("samples mixed", layer="", source="Stack Overflow")
def batch_first_is_forgotten(faulty):
    return trained(Reader(nn.GRU, batch_first=not faulty), sequences())


@recurrent("inputs without effect", layer="", source="Karpathy's recipe")
def state_after_the_first_step(faulty):
    return trained(Reader(nn.LSTM, at=0 if faulty else -1), sequences())


@recurrent("vanishing gradients", layer="hidden", source="AutoTrainer")
def recurrent_weights_near_zero(faulty):
    model = Elman()
    if faulty:
        nn.init.normal_(model.hidden.weight, std=0.005)
    else:
        nn.init.orthogonal_(model.hidden.weight)
    return trained(model, remembered(length=20))


@recurrent("exploding gradients", "activations grow", layer="hidden", source="AutoTrainer")
def recurrent_weights_of_two(faulty):
    model = Elman(activation=ag.relu)
    nn.init.orthogonal_(model.hidden.weight)
    if faulty:
        nn.init.values_(model.hidden.weight, 2.5 * np.abs(model.hidden.weight.data))
    return trained(model, remembered(length=20))


@recurrent("gradients not reset", layer="", source="TrainCheck")
def zero_grad_of_the_wrong_object(faulty):
    model, other = Reader(), Reader()
    optimizer = nn.optim.SGD(model.parameters(), lr=0.05)

    def step(x, y):
        (other if faulty else model).zero_grad()
        nn.cross_entropy(model(x), y).backward()
        optimizer.step()

    return Training(model, nn.cross_entropy, optimizer, batched(*sequences(), 16), step, steps=24)


@recurrent("detached branch", layer="rnn", source="DeepLocalize")
def output_of_the_recurrent_layer_detached(faulty):
    class Cut(Reader):
        def forward(self, x):
            out, _ = self.rnn(x)
            last = out[:, -1]
            return self.head(last.detach() if faulty else last)

    return trained(Cut(), sequences())


@recurrent(
    "loss is not finite",
    "exploding gradients",
    "learning rate too high",
    "activations grow",
    layer="",
    source="AutoTrainer",
)
def long_sum_without_clipping(faulty):
    model = Elman(activation=lambda x: x if faulty else ag.tanh(x))
    nn.init.orthogonal_(model.hidden.weight)
    if faulty:
        nn.init.values_(model.hidden.weight, 30.0 * model.hidden.weight.data)
    return trained(model, remembered(length=30), lr=0.05)


@recurrent("targets are the inputs", layer="", source="Karpathy's recipe")
def next_token_not_shifted(faulty):
    class Language(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.rnn, self.head = (
                nn.Embedding(7, 8),
                nn.GRU(8, 16, batch_first=True),
                nn.Linear(16, 7),
            )

        def forward(self, tokens):
            out, _ = self.rnn(self.embed(tokens))
            return self.head(out).transpose(0, 2, 1)

    x, y = text()
    return trained(Language(), (x, x if faulty else y))


class Attention(nn.Module):
    """One head of attention and a linear layer; `axis` is that of the softmax."""

    def __init__(self, features=3, width=12, classes=2, axis=-1, scale=None):
        super().__init__()
        self.embed = nn.Linear(features, width)
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.head, self.axis = nn.Linear(width, classes), axis
        self.scale = width**-0.5 if scale is None else scale

    def forward(self, x):
        x = ag.tanh(self.embed(x))
        q, k, v = self.query(x), self.key(x), self.value(x)
        scores = q @ k.transpose(0, 2, 1) * self.scale
        return self.head(ag.relu(nn.functional.softmax(scores, dim=self.axis) @ v).mean(axis=1))


@attentive("softmax over the wrong axis", layer="", source="Stack Overflow")
def attention_normalized_over_queries(faulty):
    return trained(Attention(axis=1 if faulty else 2), sequences())


@attentive("saturated units", layer="", source="TheDeepChecker")
def attention_scores_far_too_large(faulty):
    return trained(Attention(width=24, scale=60.0 if faulty else None), sequences())


@attentive("frozen parameters", layer="encoder.self_attn", source="TrainCheck")
def attention_frozen_by_a_leftover_line(faulty):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Linear(3, 8)
            self.encoder = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
            self.head = nn.Linear(8, 2)

        def forward(self, x):
            return self.head(self.encoder(self.embed(x)).mean(axis=1))

    model = Model()
    model.encoder.self_attn.requires_grad_(not faulty)
    return trained(model, sequences(), lr=0.003)


@attentive("detached branch", layer="query", source="DeepLocalize")
def scores_from_plain_data(faulty):
    class Cut(Attention):
        def forward(self, x):
            x = ag.tanh(self.embed(x))
            q, k, v = self.query(x), self.key(x), self.value(x)
            if faulty:
                q, k = q.data, k.data
            scores = q @ k.transpose(0, 2, 1) * self.scale
            weights = nn.functional.softmax(ag.Tensor(scores) if faulty else scores)
            return self.head(ag.relu(weights @ v).mean(axis=1))

    return trained(Cut(), sequences())


@attentive("learning rate too high", layer="", source="AutoTrainer")
def attention_with_adam_at_a_half(faulty):
    return trained(Attention(), sequences(), lr=0.5 if faulty else 0.01)


@attentive("learning rate is zero", layer="", source="AutoTrainer")
def warmup_that_never_leaves_zero(faulty):
    t = trained(Attention(), sequences())
    warm = lambda n: 0.0 * n if faulty else min(1.0, (n + 1) / 8)
    scheduler = nn.optim.lr_scheduler.LambdaLR(t.optimizer, warm)

    def step(x, y):
        t.usual_step(x, y)
        scheduler.step()

    t.step = step
    return t


@attentive("unused layer", layer="value", source="TrainCheck")
def values_taken_from_the_keys(faulty):
    class Mistyped(Attention):
        def forward(self, x):
            x = ag.tanh(self.embed(x))
            q, k = self.query(x), self.key(x)
            v = (self.key if faulty else self.value)(x)
            weights = nn.functional.softmax(q @ k.transpose(0, 2, 1) * self.scale)
            return self.head(ag.relu(weights @ v).mean(axis=1))

    return trained(Mistyped(), sequences())
