"""Faults in convolutional networks."""

from __future__ import annotations

import numpy as np

import nn
from tests.faults.data import batched, images
from tests.faults.training import Program, Training, register

PROGRAMS: list[Program] = []
fault = register(PROGRAMS, "CNN")


def trained(model, data=None, lr=0.01, size=16, **others):
    x, y = data or images()
    optimizer = nn.optim.Adam(model.parameters(), lr=lr)
    return Training(
        model,
        nn.CrossEntropyLoss(),
        optimizer,
        batched(x, y, size),
        steps=others.pop("steps", 24),
        **others,
    )


def network(between=nn.ReLU, *last):
    return nn.Sequential(
        nn.Conv2d(1, 6, 3), between(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(54, 3), *last
    )


@fault("samples mixed", layer="", source="Karpathy's recipe")
def images_reshaped_instead_of_transposed(faulty):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = network()

        def forward(self, x):  # x has the channels first, then the batch
            x = x.reshape(x.shape[1], x.shape[0], 8, 8) if faulty else x.transpose(1, 0, 2, 3)
            return self.body(x)

    x, y = images()
    x = np.concatenate([x, -x], axis=1).transpose(1, 0, 2, 3)
    model = Model()
    model.body.register_module("0", nn.Conv2d(2, 6, 3))
    pairs = [(x[:, i : i + 16], y[i : i + 16]) for i in range(0, 128, 16)]
    optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
    return Training(model, nn.CrossEntropyLoss(), optimizer, pairs, steps=24)


@fault("activation missing", layer="1", source="DeepLocalize")
def two_convolutions_in_a_row(faulty):
    between = () if faulty else (nn.ReLU(),)
    return trained(
        nn.Sequential(
            nn.Conv2d(1, 8, 3),
            *between,
            nn.Conv2d(8, 6, 3),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(96, 3),
        )
    )


@fault("inputs not scaled", layer="", source="TheDeepChecker")
def pixels_from_0_to_255(faulty):
    x, y = images()
    if faulty:
        x = np.clip(np.round(60.0 * x + 128.0), 0.0, 255.0)
    return trained(network(), (x, y))


@fault("BatchNorm with a batch of one", layer="1", source="Stack Overflow")
def batch_norm_of_single_images(faulty):
    model = nn.Sequential(
        nn.Conv2d(1, 6, 3),
        nn.BatchNorm2d(6),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(54, 3),
    )
    return trained(model, size=1 if faulty else 16)


@fault("dying ReLU", layer="1", source="DeepLocalize")
def convolution_with_dead_channels(faulty):
    model = network()
    if faulty:
        nn.init.constant_(model[0].bias, -30.0)
    return trained(model)


@fault("parameters outside the optimizer", layer="convolutions.1", source="TrainCheck")
def convolutions_collected_by_hand(faulty):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.convolutions = nn.ModuleList([nn.Conv2d(1, 4, 3), nn.Conv2d(4, 4, 3)])
            self.head = nn.Linear(64, 3)

        def forward(self, x):
            for layer in self.convolutions:
                x = nn.functional.relu(layer(x))
            return self.head(x.reshape(len(x), -1))

    model = Model()
    parts = [*model.convolutions[0].parameters(), *model.head.parameters()]
    optimizer = nn.optim.Adam(parts if faulty else model.parameters(), lr=0.01)
    return Training(model, nn.CrossEntropyLoss(), optimizer, batched(*images(), 16), steps=24)


@fault("layers in evaluation mode", layer="", source="TrainCheck")
def eval_after_the_first_validation(faulty):
    import autograd as ag

    model = nn.Sequential(
        nn.Conv2d(1, 6, 3),
        nn.BatchNorm2d(6),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(54, 3),
    )
    t = trained(model)
    x_val, y_val = images(16, seed=1)

    def step(x, y):
        t.usual_step(x, y)
        model.eval()
        with ag.no_grad():
            t.loss(model(x_val), y_val)
        if not faulty:
            model.train()

    t.step = step
    return t


@fault("unused layer", layer="second", source="TrainCheck")
def first_convolution_called_twice(faulty):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = nn.Conv2d(1, 1, 3, padding=1), nn.Conv2d(1, 1, 3, padding=1)
            self.head = nn.Linear(64, 3)

        def forward(self, x):
            x = nn.functional.relu(self.first(x))
            x = nn.functional.relu((self.first if faulty else self.second)(x))
            return self.head(x.reshape(len(x), -1))

    return trained(Model())


@fault("learning rate too high", layer="", source="AutoTrainer")
def momentum_sgd_with_a_rate_of_3(faulty):
    model = network()
    t = trained(model)
    t.optimizer = nn.optim.SGD(model.parameters(), lr=3.0 if faulty else 0.02, momentum=0.9)
    return t


@fault("output activation does not fit", layer="5", source="DeepLocalize")
def tanh_on_the_logits(faulty):
    return trained(network(nn.ReLU, *([nn.Tanh()] if faulty else [])), steps=60)


@fault("samples mixed", layer="", source="Karpathy's recipe")
def normalization_over_the_batch_by_hand(faulty):
    class Standardize(nn.Module):
        def forward(self, x):
            axes = (0, 1, 2, 3) if faulty else (1, 2, 3)
            return (x - x.mean(axis=axes, keepdims=True)) / (x.std(axis=axes, keepdims=True) + 1e-5)

    return trained(
        nn.Sequential(nn.Conv2d(1, 6, 3), Standardize(), nn.ReLU(), nn.Flatten(), nn.Linear(216, 3))
    )
