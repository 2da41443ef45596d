"""Random lives of a training: options, modes, parameters and data change between compiled steps."""

import numpy as np
import pytest

import autograd as ag
import nn
from tests.autograd.compile.building import compiled


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 6)
        self.norm = nn.BatchNorm1d(6)
        self.drop = nn.Dropout(0.3)
        self.last = nn.Linear(6, 3)
        self.scale, self.act, self.skip = 1.0, "tanh", False

    def forward(self, x):
        h = self.norm(self.first(x))
        h = ag.tanh(h) if self.act == "tanh" else ag.relu(h)
        if self.skip:
            h = h + self.drop(h)
        return self.last(self.drop(h)) * self.scale


class Life:
    """A model with optimizer, average and schedule, and steps of several kinds."""

    def __init__(self, wrap, optimizer):
        ag.random.seed(5)
        self.net = net = Net()
        make = {"SGD": lambda p: nn.optim.SGD(p, lr=0.1, momentum=0.9), "Adam": nn.optim.Adam}
        self.optimizer = o = make[optimizer](net.parameters())
        self.average = average = nn.optim.ExponentialMovingAverage(net, 0.9)
        self.options = options = {"clip": None, "accumulate": 1, "penalty": 0.0}

        def step(x, y, weight=1.0):
            o.zero_grad()
            for i in range(options["accumulate"]):
                loss = nn.functional.cross_entropy(net(x[i::2] if i else x), y[i::2] if i else y)
                if options["penalty"]:
                    loss = loss + options["penalty"] * (net.first.weight**2).sum()
                (loss * weight).backward()
            if options["clip"] is not None:
                nn.utils.clip_grad_norm_(net.parameters(), options["clip"])
            o.step()
            average.update()
            return loss

        def predict(x):
            with ag.no_grad():
                return net(x)

        self.step, self.predict = wrap(step), wrap(predict)
        self.schedule = nn.optim.lr_scheduler.StepLR(o, 3, gamma=0.7)

    def everything(self):
        yield from self.net.state_dict().values()
        yield from (p.grad for p in self.net.parameters())
        yield from (x for e in self.optimizer.state.values() for x in e.values())
        yield from flat(self.average.state_dict())
        yield ag.random.generator().normal()


def flat(x):
    if isinstance(x, dict):
        return [z for y in x.values() for z in flat(y)]
    return [z for y in x for z in flat(y)] if isinstance(x, list) else [x]


def set_option(key, value):
    return lambda life: life.options.__setitem__(key, value)


def set_attribute(key, value):
    return lambda life: setattr(life.net, key, value)


def freeze(life):
    p = life.net.first.weight
    p.requires_grad_(not p.requires_grad)


def reload(life):
    life.net.load_state_dict({k: v * 1 for k, v in life.net.state_dict().items()})


def reload_optimizer(life):
    life.optimizer.load_state_dict(life.optimizer.state_dict())


def new_layer(life):
    ag.random.seed(9)
    life.net.last = nn.Linear(6, 3)
    life.optimizer.add_param_group({"params": list(life.net.last.parameters()), "lr": 0.01})


def nudge(life):
    with ag.no_grad():
        life.net.last.bias.data = life.net.last.bias.data + 0.1


CHANGES = [
    lambda life: life.net.train(), lambda life: life.net.eval(), freeze, reload, reload_optimizer,
    new_layer, nudge, lambda life: life.schedule.step(), lambda life: life.net.zero_grad(),
    set_attribute("scale", 2.0), set_attribute("scale", 0.5), set_attribute("act", "relu"),
    set_attribute("act", "tanh"), set_attribute("skip", True), set_attribute("skip", False),
    set_option("clip", 0.1), set_option("clip", None), set_option("accumulate", 2),
    set_option("accumulate", 1), set_option("penalty", 0.01), set_option("penalty", 0.0),
    lambda life: setattr(life.net.drop, "p", 0.5), lambda life: setattr(life.optimizer, "lr", 0.03),
    lambda life: life.optimizer.param_groups[0].update(weight_decay=0.01),
    lambda life: setattr(life.net.norm, "momentum", 0.3),
]  # fmt: skip


def bits(x):
    if isinstance(x, ag.Tensor):
        x = x.data
    return None if x is None else (np.asarray(x).dtype.str, np.shape(x), np.asarray(x).tobytes())


@pytest.mark.parametrize("seed", range(8))
def test_a_random_life(seed):
    rng = np.random.default_rng(seed)
    kind = "SGD" if seed % 2 else "Adam"
    eager, ours = Life(lambda f: f, kind), Life(compiled, kind)
    happened = []
    for k in range(50):
        if rng.random() < 0.15 and k > 4:
            change = CHANGES[rng.integers(len(CHANGES))]
            happened.append((k, change))
            change(eager), change(ours)
        n = int(rng.choice([8, 8, 8, 8, 5]))
        x, y = rng.normal(size=(n, 4)), rng.integers(0, 3, n)
        weight = {} if rng.random() < 0.8 else {"weight": float(rng.random())}
        what = "predict" if rng.random() < 0.25 else "step"
        found = []
        for life in (eager, ours):
            ag.random.seed(k)
            out = life.predict(x) if what == "predict" else life.step(x, y, **weight)
            found.append([bits(out), *map(bits, life.everything())])
        assert found[0] == found[1], (k, what, happened, ours.step.report())
    assert ours.step.programs, ours.step.report()
    assert "compiler failed" not in ours.step.report() + ours.predict.report()
