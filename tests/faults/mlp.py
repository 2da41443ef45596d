"""Faults in networks of linear layers: loop, optimizer, layers, loss and data."""

from __future__ import annotations

import numpy as np

import autograd as ag
import nn
from tests.faults.data import batched, blobs, circles
from tests.faults.training import Program, Training, register

PROGRAMS: list[Program] = []
fault = register(PROGRAMS, "MLP")
DEEPER, LOCALIZE = "TheDeepChecker", "DeepLocalize"
TRAINER, CHECK = "AutoTrainer", "TrainCheck"


def network(*, features=8, hidden=16, classes=4, activation=nn.ReLU):
    return nn.Sequential(
        nn.Linear(features, hidden),
        activation(),
        nn.Linear(hidden, hidden),
        activation(),
        nn.Linear(hidden, classes),
    )


def usual(model, lr=0.1, loss=nn.cross_entropy, data=None, **others):
    x, y = data or blobs()
    optimizer = nn.optim.SGD(model.parameters(), lr=lr)
    return Training(
        model,
        loss,
        optimizer,
        batched(x, y),
        validation=[blobs(64, seed=1)] if data is None else [],
        **others,
    )


# --- the loop ---


@fault("gradients not reset", layer="", source=CHECK)
def zero_grad_is_forgotten(faulty):
    t = usual(network(), lr=0.05)

    def step(x, y):
        if not faulty:
            t.optimizer.zero_grad()
        loss = t.loss(t.model(x), y)
        loss.backward()
        t.optimizer.step()

    t.step = step
    return t


@fault("gradients not reset", layer="", source=CHECK)
def zero_grad_only_once_before_the_loop(faulty):
    model = network(activation=nn.Tanh)
    optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
    optimizer.zero_grad()

    def step(x, y):
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
        if not faulty:
            model.zero_grad()

    return Training(model, nn.functional.cross_entropy, optimizer, batched(*blobs()), step)


@fault("gradients erased before the step", layer="", source=CHECK)
def zero_grad_between_backward_and_step(faulty):
    t = usual(network())

    def step(x, y):
        if not faulty:
            t.optimizer.zero_grad()
        t.loss(t.model(x), y).backward()
        if faulty:
            t.optimizer.zero_grad()
        t.optimizer.step()

    t.step = step
    return t


@fault("no optimizer step", layer="", source=CHECK)
def step_is_forgotten(faulty):
    t = usual(network())

    def step(x, y):
        t.optimizer.zero_grad()
        t.loss(t.model(x), y).backward()
        if not faulty:
            t.optimizer.step()

    t.step = step
    return t


@fault("no backward pass", layer="", source=CHECK)
def backward_is_forgotten(faulty):
    t = usual(network())

    def step(x, y):
        t.optimizer.zero_grad()
        loss = t.loss(t.model(x), y)
        if not faulty:
            loss.backward()
        t.optimizer.step()

    t.step = step
    return t


@fault("optimizer of another model", layer="", source=CHECK)
def optimizer_of_an_earlier_model(faulty):
    model = network()
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
    if faulty:
        model = network()  # built again, as a notebook cell does when it is run twice
    return Training(model, nn.cross_entropy, optimizer, batched(*blobs()))


@fault("parameters outside the optimizer", layer="4", source=CHECK)
def head_replaced_after_the_optimizer(faulty):
    model = network(classes=10)
    optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
    model.register_module("4", nn.Linear(16, 4))
    if not faulty:
        optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
    return Training(model, nn.cross_entropy, optimizer, batched(*blobs()))


@fault("parameters outside the optimizer", layer="0", source=CHECK)
def optimizer_of_the_last_layers_only(faulty):
    model = network()
    parts = [*model[2].parameters(), *model[4].parameters()] if faulty else model.parameters()
    return Training(model, nn.cross_entropy, nn.optim.SGD(parts, lr=0.1), batched(*blobs()))


@fault("loss with the wrong sign", layer="", source=DEEPER)
def loss_is_negated(faulty):
    sign = -1.0 if faulty else 1.0
    return usual(network(), loss=lambda out, y: sign * nn.cross_entropy(out, y))


@fault("loss with the wrong sign", layer="", source=DEEPER)
def minus_is_forgotten_in_the_likelihood(faulty):
    def likelihood(out, y):
        total = nn.functional.log_softmax(out)[np.arange(len(y)), y].mean()
        return total if faulty else -total

    return usual(network(), loss=likelihood)


@fault("steps uphill", layer="", source=CHECK)
def optimizer_maximizes(faulty):
    model = network()
    optimizer = nn.optim.SGD(model.parameters(), lr=0.05, maximize=faulty)
    return Training(model, nn.cross_entropy, optimizer, batched(*blobs()))


@fault("learning rate too high", layer="", source=TRAINER)
def learning_rate_of_100(faulty):
    return usual(network(), lr=100.0 if faulty else 0.1)


@fault("learning rate too high", layer="", source=TRAINER)
def learning_rate_of_5(faulty):
    return usual(network(activation=nn.Tanh), lr=5.0 if faulty else 0.1)


@fault("learning rate too high", layer="", source=TRAINER)
def adam_with_a_learning_rate_of_1(faulty):
    model = network()
    optimizer = nn.optim.Adam(model.parameters(), lr=1.0 if faulty else 0.01)
    return Training(model, nn.cross_entropy, optimizer, batched(*blobs()))


@fault("learning rate too low", layer="", source=TRAINER)
def learning_rate_of_a_ten_millionth(faulty):
    return usual(network(), lr=1e-7 if faulty else 0.1)


@fault("learning rate is zero", layer="", source=TRAINER)
def learning_rate_of_0(faulty):
    return usual(network(), lr=0.0 if faulty else 0.1)


@fault("learning rate decays to zero", layer="", source=TRAINER)
def schedule_counts_batches_as_epochs(faulty):
    t = usual(network())
    scheduler = nn.optim.lr_scheduler.StepLR(t.optimizer, 1, gamma=0.3)
    turns = iter(range(10**6))

    def step(x, y):
        t.usual_step(x, y)
        if faulty or next(turns) % 32 == 31:
            scheduler.step()

    t.step = step
    return t


@fault("gradients scaled down before the step", layer="", source=CHECK)
def clipping_to_a_millionth(faulty):
    t = usual(network())

    def step(x, y):
        t.optimizer.zero_grad()
        t.loss(t.model(x), y).backward()
        nn.optim.clip_grad_norm_(t.model.parameters(), 1e-6 if faulty else 1.0)
        t.optimizer.step()

    t.step = step
    return t


@fault("weight decay too strong", layer="", source=DEEPER)
def weight_decay_of_2(faulty):
    model = network()
    decay = 2.0 if faulty else 1e-4
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1, weight_decay=decay)
    return Training(model, nn.cross_entropy, optimizer, batched(*blobs()))


@fault("momentum too high", "learning rate too high", layer="", source=TRAINER)
def momentum_of_almost_1(faulty):
    model = network()
    optimizer = nn.optim.SGD(model.parameters(), lr=0.2, momentum=0.999 if faulty else 0.5)
    return Training(model, nn.cross_entropy, optimizer, batched(*blobs()), steps=80)


# --- layers ---


@fault("frozen parameters", layer="2", source=CHECK)
def middle_layer_left_frozen(faulty):
    model = network()
    model[2].requires_grad_(not faulty)
    return usual(model)


@fault("symmetry not broken", layer="0", source=DEEPER)
def all_weights_zero(faulty):
    model = network(activation=nn.Tanh)
    for layer in (model[0], model[2], model[4]) if faulty else ():
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)
    return usual(model)


@fault("symmetry not broken", layer="0", source=DEEPER)
def all_weights_equal(faulty):
    model = network()
    for layer in (model[0], model[2], model[4]) if faulty else ():
        nn.init.constant_(layer.weight, 0.1)
        nn.init.zeros_(layer.bias)
    return usual(model)


@fault("dying ReLU", layer="1", source=LOCALIZE)
def biases_far_below_zero(faulty):
    model = network()
    if faulty:
        nn.init.constant_(model[0].bias, -20.0)
    return usual(model)


@fault("saturated units", layer="1", source=DEEPER)
def tanh_with_weights_of_10(faulty):
    model = network(activation=nn.Tanh)
    if faulty:
        nn.init.normal_(model[0].weight, std=10.0)
    return usual(model, lr=0.02)


@fault("activations grow", "exploding gradients", "output scale at initialization", source=DEEPER)
def weights_of_3_in_six_layers(faulty):
    layers = []
    for i in range(6):
        layers += [nn.Linear(8 if i == 0 else 32, 32), nn.ReLU()]
        (
            nn.init.normal_(layers[-2].weight, std=3.0)
            if faulty
            else nn.init.kaiming_normal_(layers[-2].weight)
        )
    return usual(nn.Sequential(*layers, nn.Linear(32, 4)), lr=0.01)


@fault("vanishing gradients", source=TRAINER)
def twelve_sigmoids(faulty):
    layers = []
    for i in range(12):
        layers += [nn.Linear(8 if i == 0 else 16, 16), nn.Sigmoid() if faulty else nn.ReLU()]
        if not faulty:
            nn.init.kaiming_normal_(layers[-2].weight)
    return usual(nn.Sequential(*layers, nn.Linear(16, 4)))


@fault("activations shrink", "vanishing gradients", source=DEEPER)
def weights_of_a_hundredth_in_eight_layers(faulty):
    layers = []
    for i in range(8):
        layers += [nn.Linear(8 if i == 0 else 16, 16), nn.Tanh()]
        (
            nn.init.normal_(layers[-2].weight, std=0.01)
            if faulty
            else nn.init.xavier_normal_(layers[-2].weight)
        )
    return usual(nn.Sequential(*layers, nn.Linear(16, 4)))


@fault("activation missing", layer="1", source=LOCALIZE)
def no_activation_between_layers(faulty):
    middle = () if faulty else (nn.ReLU(),)
    model = nn.Sequential(nn.Linear(2, 32), *middle, nn.Linear(32, 2))
    return usual(model, data=circles())


@fault("dropout too high", layer="2", source=LOCALIZE)
def dropout_of_95_percent(faulty):
    model = nn.Sequential(
        nn.Linear(8, 32), nn.ReLU(), nn.Dropout(0.95 if faulty else 0.2), nn.Linear(32, 4)
    )
    return usual(model)


@fault("dropout on the output", layer="3", source="Stack Overflow")
def dropout_after_the_last_layer(faulty):
    last = (nn.Dropout(0.5),) if faulty else ()
    return usual(nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 4), *last))


@fault("layers in evaluation mode", layer="1", source=CHECK)
def batch_norm_left_in_evaluation(faulty):
    model = nn.Sequential(nn.Linear(8, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 4))
    return usual(model.eval() if faulty else model)


@fault("evaluation in training mode", layer="2")
def validation_with_dropout_on(faulty):
    model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 4))
    t = usual(model)
    x_val, y_val = blobs(64, seed=1)

    def step(x, y):
        t.usual_step(x, y)
        if not faulty:
            model.eval()
        with ag.no_grad():
            t.loss(model(x_val), y_val)
        model.train()

    t.step = step
    return t


# --- the output and the loss ---


@fault("softmax twice", layer="", source="Stack Overflow")
def softmax_before_cross_entropy(faulty):
    def loss(out, y):
        return nn.cross_entropy(nn.functional.softmax(out) if faulty else out, y)

    return usual(network(), loss=loss)


@fault("softmax twice", layer="5", source="Stack Overflow")
def softmax_as_last_layer(faulty):
    model = network()
    return usual(model.append(nn.Softmax(dim=-1)) if faulty else model, loss=nn.CrossEntropyLoss())


@fault("output activation does not fit", layer="5", source=LOCALIZE)
def relu_on_the_logits(faulty):
    model = network()
    return usual(model.append(nn.ReLU()) if faulty else model)


@fault("softmax over the wrong axis", layer="5", source="Stack Overflow")
def softmax_over_the_batch(faulty):
    model = network().append(nn.Softmax(dim=0 if faulty else 1))

    def loss(p, y):
        return -ag.log(p[np.arange(len(y)), y] + 1e-9).mean()

    return usual(model, loss=loss)


@fault("softmax over one unit", layer="3", source="Stack Overflow")
def softmax_of_one_output(faulty):
    last = nn.Softmax(dim=1) if faulty else nn.Sigmoid()
    x, y = circles()
    model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1), last)
    return usual(model, loss=nn.BCELoss(), data=(x, y[:, None].astype(float)))


@fault("sigmoid twice", layer="3", source="Stack Overflow")
def sigmoid_before_the_loss_with_logits(faulty):
    last = (nn.Sigmoid(),) if faulty else ()
    x, y = circles()
    model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1), *last)
    return usual(model, loss=nn.BCEWithLogitsLoss(), data=(x, y[:, None].astype(float)))


@fault("log-softmax missing", layer="", source="Stack Overflow")
def nll_loss_of_logits(faulty):
    def loss(out, y):
        return nn.functional.nll_loss(out if faulty else nn.functional.log_softmax(out), y)

    return usual(network(), loss=loss)


@fault("log-softmax missing", layer="5", source="Stack Overflow")
def nll_loss_of_probabilities(faulty):
    last = nn.Softmax(dim=1) if faulty else nn.LogSoftmax(dim=1)
    return usual(network().append(last), loss=nn.NLLLoss())


@fault("loss is not finite", layer="", source=DEEPER)
def log_of_a_softmax_that_underflows(faulty):
    model = network()
    nn.init.normal_(model[4].weight, std=300.0 if faulty else 0.1)

    def loss(out, y):
        p = ag.exp(out) / ag.sum(ag.exp(out), axis=1, keepdims=True)
        return -ag.log(p[np.arange(len(y)), y]).mean()

    return usual(model, loss=loss, lr=0.01)


@fault("step function in the path", layer="", source=LOCALIZE)
def loss_of_rounded_outputs(faulty):
    def loss(out, y):
        p = nn.functional.softmax(out)
        return nn.functional.mse_loss(ag.round(p) if faulty else p, np.eye(4)[y])

    return usual(network(), loss=loss, lr=0.5)


# --- data ---


@fault("labels unrelated to inputs", layer="", source=DEEPER)
def labels_shuffled(faulty):
    x, y = blobs()
    if faulty:
        y = np.random.default_rng(3).permutation(y)
    model = nn.Sequential(nn.Linear(8, 128), nn.ReLU(), nn.Linear(128, 4))
    optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
    return Training(
        model,
        nn.cross_entropy,
        optimizer,
        batched(x, y),
        validation=[blobs(128, seed=1)],
        steps=240,
    )


@fault("inputs not scaled", layer="", source=DEEPER)
def features_up_to_255(faulty):
    x, y = blobs()
    return usual(network(activation=nn.Tanh), data=(x * 60.0 + 128.0 if faulty else x, y))


@fault("inputs not scaled", layer="", source=DEEPER)
def divided_by_255_twice(faulty):
    x, y = blobs()
    return usual(network(), data=(x / 255.0**2 if faulty else x, y))


@fault("inputs are not finite", layer="", source=DEEPER)
def missing_values_as_nan(faulty):
    x, y = blobs()
    x = x.copy()
    if faulty:
        x[::17, 3] = np.nan
    return usual(network(), data=(x, y))


@fault("labels out of balance", layer="", source=DEEPER)
def one_class_has_almost_all(faulty):
    x, y = blobs(2048, classes=2)
    rare = np.flatnonzero(y == 1)
    keep = np.sort(np.concatenate([np.flatnonzero(y == 0)[:250], rare[: 6 if faulty else 250]]))
    return usual(network(classes=2), data=(x[keep], y[keep]))


@fault("targets do not vary", layer="", source=DEEPER)
def one_label_for_all(faulty):
    x, y = blobs()
    return usual(network(), data=(x, np.zeros_like(y) if faulty else y))


@fault("inputs do not vary", layer="", source=DEEPER)
def one_sample_repeated(faulty):
    x, y = blobs()
    return usual(network(), data=(np.repeat(x[:1], len(x), 0) if faulty else x, y))
