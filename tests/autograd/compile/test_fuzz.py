"""Random user programs with branches, loops, writes in place, globals and state, compiled or not."""

import types

import numpy as np
import pytest

import autograd as ag
from tests.autograd.compile.building import compiled

HEAD = """
import math
import numpy as np
import autograd as ag
import nn

history, log = [], {"loss": []}
layer = nn.Linear(3, 3, dtype=float)
layer.weight.data, layer.bias.data = np.eye(3) * 0.5, np.zeros(3)
norm = nn.BatchNorm1d(3, dtype=float)
optimizer = nn.optim.Adam([*layer.parameters(), *norm.parameters()], lr=0.05)
schedule = nn.optim.lr_scheduler.ExponentialLR(optimizer, 0.95)
rate, count, word = 0.5, 0, "up"
table = {"scale": 2.0, "bias": np.zeros(3), "list": [1.0, 2.0]}
kept = np.arange(3.0)
w = ag.Tensor(np.array([0.5, -1.0, 2.0]), requires_grad=True)


class State:
    mode = "train"

    def __init__(self):
        self.sum, self.last, self.flag, self.h = np.zeros(3), 0.0, True, np.ones(3)


state = State()


def helper(x, k=2):
    for i in range(k):
        x = x * 0.9 + i
    return x


def careful(b):
    try:
        return b * (1 / (count % 4))
    except ZeroDivisionError:
        return b + 1.0


def step(x, y, n=2):
    global rate, count, kept, word
    a, b, c = x * 1.0, y + 1.0, np.ones(3)
"""

STATEMENTS = """
a = a + b * rate
b = np.tanh(a) + c
c = helper(b, n)
c = helper(c)
a = a[::-1] * 0.5
b[1] = a[0] * 2.0
b[1:] += 0.5
a = np.where(a > 0.2, a, b)
c = np.maximum(a, c) - table["bias"]
c = np.array([a[0], b[1], c[2]])
b = np.asarray(b, np.float32).astype(float)
a = np.concatenate([a[:1], b[1:]])
a = a / (1.0 + np.abs(a).sum())
c = np.stack([a, b]).mean(axis=0)
b = kept * 0.1 + b
count += 1
count = count % 5
rate = rate * 0.9
rate = min(rate + 0.01, 0.5)
c = c * (1 + count % 3)
table["bias"] = table["bias"] * 0.5 + a
table["scale"] = table["scale"] * 0.99
table["list"][0] = float(n)
table["list"][1] = a.sum().item()
a = a + table["list"][1] * 0.01
kept *= 0.9
kept[0] += 0.1
kept = kept + 0.01 * a
np.add(b, a, out=b)
np.add.at(c, np.array([0, 0]), a[:2])
state.sum = state.sum * 0.9 + b
state.h = np.tanh(state.h + a)
state.last = a.max().item()
state.last = a.max()
b = b * (1.0 + state.last * 0.01)
state.flag = not state.flag
word = "down" if word == "up" else "up"
state.mode = "eval" if state.mode == "train" else "train"
v = a; v += 1.0
v = c[1:]; v *= 0.5
d = [a, b]; d[0] = c; a = d[0] + d[1]
c = sum([a, b, c]) / 3.0
i = int(np.argmax(a)); b = b + i
a = a + ag.random.generator().normal(size=3) * 0.1
m = a[a > 0.1]; b = b + (m.sum() if m.size else 1.0) / 3.0
e = {"p": a}; e["q"] = e["p"] * 2.0; c = c + e["q"]
c = np.clip(c, -3.0, 3.0)
k = len([v for v in a if v > 0]); b = b * 0.9 + k
w.zero_grad(); (ag.tanh(w * a) ** 2).sum().backward(); b = b + w.grad
(w * b).mean().backward()
w.data = w.data - 0.05 * np.tanh(w.grad if w.grad is not None else a)
w.grad = None
c = c + (w * a).data
c = c + ag.grad(lambda t: (t * t * 0.1).sum())(b)
x += 0.1
y[0] = 1.0
history.append(a.sum().item())
log["loss"].append(float(b[0]))
history.append(count)
b = b + len(history) % 3
b = b * math.exp(-count / 3)
a = a * math.sqrt(1.0 + abs(float(a.sum())))
rate = 0.5 * (1 + math.cos(math.pi * count / 7))
i = int(abs(a[0])) % 3; c = c + i * 0.1
b = b + float(n) / 3 + int(a.max() > 0.5)
state.last = round(float(c[0]), 2)
with ag.no_grad(): c = c + np.tanh(layer(a).data)
optimizer.zero_grad(); (layer(a) ** 2).sum().backward(); optimizer.step()
(norm(layer(np.stack([a, b]))) ** 2).mean().backward(); optimizer.step(); optimizer.zero_grad()
schedule.step()
nn.optim.clip_grad_norm_(layer.parameters(), 0.5)
norm.train(count % 3 != 0)
norm.momentum = 0.1 + 0.1 * (count % 2)
layer.bias.requires_grad_(count % 2 == 0)
c = c + optimizer.lr
table["list"] = [float(a[0]), table["list"][0]]
word = f"{count % 2}"
a = a * (1.5 if word == "1" else 0.7)
b = careful(b)
d = dict(a=a, b=b); d.pop("a"); c = c + d["b"] * 0.1
kept = np.roll(kept, 1)
a = np.einsum("i,i->i", a, b) * 0.1
c = np.where(np.isnan(c), 0.0, c)
b = np.sort(b)
a = a + np.cumsum(c)[::-1] * 0.01
b = b.astype(np.float32).astype(np.float64)
c = np.asarray(ag.softmax(c, axis=0))
""".strip().split("\n")

CONDITIONS = [
    "n > 2", "a.sum() > 1.0", "count % 2", "word == 'up'", "state.flag", "rate > 0.4", "b[0] > b[1]",
    "state.mode == 'train'", "x.max() > 1.5", "not np.isnan(c).any()", "w.grad is None",
    "len(history) % 2", "optimizer.lr > 0.04", "layer.weight.grad is None", "norm.training",
    "state.last > 0.5", "table['scale'] > 1.9", "isinstance(n, int)", "float(a[0]) > 0.3",
]  # fmt: skip


def program(rng):
    lines = []

    def block(indent, depth):
        for _ in range(rng.integers(2, 6)):
            kind = rng.random()
            if kind < 0.15 and depth < 2:
                lines.append(f"{indent}if {rng.choice(CONDITIONS)}:")
                block(indent + "    ", depth + 1)
                if rng.random() < 0.5:
                    lines.append(f"{indent}else:")
                    block(indent + "    ", depth + 1)
            elif kind < 0.22 and depth < 2:
                lines.append(f"{indent}for _ in range({rng.choice(['2', 'n', '3'])}):")
                block(indent + "    ", depth + 1)
            else:
                lines.append(indent + str(rng.choice(STATEMENTS)))

    block("    ", 0)
    end = rng.choice(["a, b, c", "a.sum()", "{'a': a, 'c': c}", "[a, c[0], count]", "None"])
    return HEAD + "\n".join(lines) + f"\n    return {end}\n"


def flat(x):
    if isinstance(x, (tuple, list)):
        return [z for y in x for z in flat(y)]
    if isinstance(x, dict):
        return [z for y in x.values() for z in flat(y)]
    return [x]


def bits(x):
    if x is None or isinstance(x, str):
        return x
    x = np.asarray(x)
    return x.dtype.str, x.shape, np.where(np.isnan(x), 7.0, x).tobytes()


def everything(space, result):
    state, table = space["state"], space["table"]
    found = [result, space["rate"], space["count"], space["word"], space["kept"], table]
    found += [state.sum, state.last, state.flag, state.h, state.mode, space["w"].data]
    found += [space["history"], space["log"], space["layer"].state_dict(), space["optimizer"].lr]
    found += [space["norm"].state_dict(), space["norm"].training, space["norm"].momentum]
    found += [entry for entry in space["optimizer"].state.values()]
    grads = [p.grad for p in (space["w"], *space["layer"].parameters())]
    return [bits(x) for x in flat([*found, grads])]


def made(text, name):
    module = types.ModuleType(name)
    exec(compile(text, f"<{name}>", "exec"), vars(module))
    return vars(module)


@pytest.mark.parametrize("seed", range(120))
def test_a_random_program(seed):
    rng = np.random.default_rng(seed)
    text = program(rng)
    eager, ours = made(text, "a_program"), made(text, "a_program")
    step = compiled(ours["step"])
    for k in range(14):
        x, y = rng.normal(size=3), rng.normal(size=3)
        n = int(rng.choice([2, 2, 2, 3]))
        results = []
        for space, run in ((eager, eager["step"]), (ours, step)):
            ag.random.seed(k)
            given, other = x.copy(), y.copy()
            with np.errstate(all="ignore"):
                out = run(given, other) if n == 2 else run(given, other, n=n)
            results.append((everything(space, out), bits(given), bits(other)))
        assert results[0] == results[1], f"call {k}\n{step.report()}\n{text}"
    assert "compiler failed" not in step.report(), f"{step.report()}\n{text}"


def test_many_of_them_become_programs():
    found = 0
    for seed in range(0, 120, 3):
        rng = np.random.default_rng(seed)
        step = compiled(made(program(rng), "a_program")["step"])
        for _ in range(8):
            with np.errstate(all="ignore"):
                step(np.ones(3), np.ones(3))
        found += bool(step.programs)
    assert found > 20
