"""Faults in regression and in autoencoders."""

from __future__ import annotations

import numpy as np

import autograd as ag
import nn
from tests.faults.data import batched, curve, curves
from tests.faults.training import Program, Training, register

PROGRAMS: list[Program] = []
regression = register(PROGRAMS, "regression")
autoencoder = register(PROGRAMS, "autoencoder")


def network(*last, features=3, activation=nn.Tanh):
    return nn.Sequential(nn.Linear(features, 24), activation(), nn.Linear(24, 1), *last)


def trained(model, loss=nn.MSELoss(), data=None, lr=0.05, optimizer=nn.optim.SGD, **others):  # noqa: B008
    x, y = data or curve()
    y = y if y.ndim > 1 else y[:, None]
    return Training(model, loss, optimizer(model.parameters(), lr=lr), batched(x, y), **others)


@regression("loss broadcast", layer="", source="Stack Overflow")
def column_against_row(faulty):
    t = trained(network(), lambda out, y: ((out - y) ** 2).mean())
    if faulty:
        t.batches = [(x, y[:, 0]) for x, y in t.batches]
    return t


@regression("loss broadcast", layer="", source="Stack Overflow")
def absolute_error_of_row_against_column(faulty):
    model = network(nn.Flatten(0)) if faulty else network()
    return trained(model, lambda out, y: abs(out - y).mean())


@regression("output activation does not fit", layer="3", source="DeepLocalize")
def relu_on_the_output(faulty):
    return trained(network(nn.ReLU()) if faulty else network())


@regression("output activation does not fit", layer="3", source="DeepLocalize")
def sigmoid_against_targets_beyond_1(faulty):
    return trained(network(nn.Sigmoid()) if faulty else network())


@regression(
    "targets not scaled", "output scale at initialization", layer="", source="TheDeepChecker"
)
def prices_in_full(faulty):
    x, y = curve()
    return trained(
        network(), data=(x, 1e5 * y + 3e5 if faulty else y), optimizer=nn.optim.Adam, lr=0.01
    )


@regression("inputs not scaled", layer="", source="TheDeepChecker")
def one_feature_a_thousand_times_larger(faulty):
    x, y = curve()
    return trained(network(), data=(x * np.array([1.0, 1.0, 5000.0]) if faulty else x, y))


@regression("steps uphill", layer="", source="TrainCheck")
def update_added_by_hand(faulty):
    model = network()
    t = trained(model)

    def step(x, y):
        model.zero_grad()
        t.loss(model(x), y).backward()
        for p in model.parameters():
            p.data = p.data + (0.02 if faulty else -0.02) * p.grad

    t.step = step
    return t


@regression("loss with the wrong sign", layer="", source="TheDeepChecker")
def negative_squared_error(faulty):
    loss = lambda out, y: (-1.0 if faulty else 1.0) * ((out - y) ** 2).mean()
    return trained(network(), loss, lr=0.01)


@regression("learning rate too high", layer="", source="AutoTrainer")
def squared_error_that_diverges(faulty):
    return trained(network(activation=nn.ReLU), lr=3.0 if faulty else 0.05)


@regression("loss compares the output with itself", layer="", source="TrainCheck")
def target_taken_from_the_output(faulty):
    t = trained(network())

    def step(x, y):
        t.optimizer.zero_grad()
        out = t.model(x)
        t.loss(out, out.detach() if faulty else y).backward()
        t.optimizer.step()

    t.step = step
    if faulty:
        t.single = False  # the loss of the loop is none of a target
    return t


@regression("loss is not finite", layer="", source="TheDeepChecker")
def root_of_a_squared_error_of_zero(faulty):
    model = network()
    nn.init.zeros_(model[2].weight)
    nn.init.zeros_(model[2].bias)
    x, y = curve()
    y = np.where(y < 0, 0.0, y)

    def loss(out, y):
        square = ((out - y) ** 2).sum(axis=1)
        return ag.sqrt(square if faulty else square + 1e-8).mean()

    return trained(model, loss, data=(x, y))


@regression("labels unrelated to inputs", layer="", source="TheDeepChecker")
def inputs_sorted_without_their_targets(faulty):
    x, y = curve()
    x_val, y_val = curve(128, seed=1)
    if faulty:
        x = x[np.argsort(x[:, 0])]
    model = nn.Sequential(
        nn.Linear(3, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 1)
    )
    t = trained(model, data=(x, y), optimizer=nn.optim.Adam, lr=0.01, steps=400)
    t.validation = [(x_val, y_val[:, None])]
    return t


@regression("activation missing", layer="1", source="DeepLocalize")
def straight_line_through_a_curve(faulty):
    between = () if faulty else (nn.Tanh(),)
    return trained(
        nn.Sequential(nn.Linear(3, 24), *between, nn.Linear(24, 24), nn.Tanh(), nn.Linear(24, 1))
    )


@regression("no optimizer step", layer="", source="TrainCheck")
def update_of_a_local_name(faulty):
    model = network()
    t = trained(model)

    def step(x, y):
        model.zero_grad()
        t.loss(model(x), y).backward()
        for p in model.parameters():
            if faulty:
                q = p.detach()
                q = q - 0.05 * p.grad
            else:
                p.data = p.data - 0.05 * p.grad

    t.step = step
    return t


@regression("dying ReLU", layer="1", source="DeepLocalize")
def network_killed_by_its_first_steps(faulty):
    model = network(activation=nn.ReLU)
    x, y = curve()
    if faulty:
        nn.init.constant_(model[0].bias, -6.0)
    return trained(model, data=(x, y))


@autoencoder("detached branch", layer="encoder", source="DeepLocalize")
def code_passed_as_numpy(faulty):
    model = Autoencoder(cut=faulty)
    return reconstruction(model)


class Autoencoder(nn.Module):
    def __init__(self, size=12, code=2, cut=False, last=nn.Identity, activation=nn.ReLU):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(size, 16), activation(), nn.Linear(16, code))
        self.decoder = nn.Sequential(nn.Linear(code, 16), activation(), nn.Linear(16, size), last())
        self.cut = cut

    def forward(self, x):
        code = self.encoder(x)
        return self.decoder(code.numpy() if self.cut else code)


def reconstruction(model, x=None, lr=0.01, **others):
    x = curves() if x is None else x
    optimizer = nn.optim.Adam(model.parameters(), lr=lr)
    return Training(model, nn.MSELoss(), optimizer, batched(x, x), **others)


@autoencoder("output activation does not fit", layer="decoder.3", source="DeepLocalize")
def sigmoid_decoder_of_standardized_data(faulty):
    return reconstruction(Autoencoder(last=nn.Sigmoid if faulty else nn.Identity))


@autoencoder("dying ReLU", layer="decoder.1", source="DeepLocalize")
def decoder_that_is_dead(faulty):
    model = Autoencoder()
    if faulty:
        nn.init.constant_(model.decoder[0].bias, -15.0)
    return reconstruction(model)


@autoencoder("inputs not scaled", "targets not scaled", layer="", source="TheDeepChecker")
def raw_measurements_in_millions(faulty):
    x = curves()
    return reconstruction(Autoencoder(), x * 1e6 if faulty else x)


@autoencoder("parameters outside the optimizer", layer="decoder.0", source="TrainCheck")
def optimizer_of_the_encoder_only(faulty):
    model = Autoencoder()
    t = reconstruction(model)
    if faulty:
        t.optimizer = nn.optim.Adam(model.encoder.parameters(), lr=0.01)
    return t


@autoencoder("learning rate too low", layer="", source="AutoTrainer")
def adam_at_a_hundred_millionth(faulty):
    return reconstruction(Autoencoder(), lr=1e-9 if faulty else 0.01)
