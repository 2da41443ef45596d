"""This engine as its users write it: with modules, losses and optimizers of `nn`, and the same
steps compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
import nn
from benchmarks.engines import Built
from benchmarks.workloads import BETAS, EPS, LEARNING_RATE, Data
from nn import functional as F

WARM_UP = 4  # steps until the program runs

# How steps are compiled, by the name of the variant.
VARIANTS: dict[str, dict[str, Any]] = {
    "native": {"backend": "native"},
    "lean": {"backend": "native", "keep_gradients": False},
    "numpy": {"backend": "numpy"},
}


def build(kind: str, data: Data, variant: str) -> Built:
    """The step of a workload, compiled as the variant says."""
    return globals()[kind]({**data, "compile": VARIANTS[variant]})  # type: ignore[no-any-return]


def train(model: nn.Module, data: Data, loss_of: Any) -> Built:
    """A training step of a model that starts with the workload's parameters."""
    model.load_state_dict(data["params"], strict=False)
    by_adam = data.get("optimizer") == "Adam"
    if by_adam:
        optimizer: Any = nn.optim.Adam(model.parameters(), LEARNING_RATE, BETAS, EPS)
    else:
        optimizer = nn.optim.SGD(model.parameters(), lr=LEARNING_RATE)

    def step() -> Any:
        optimizer.zero_grad()
        loss = loss_of(model)
        loss.backward()
        optimizer.step()
        return loss.detach()

    options, run = data.get("compile"), step
    if options is not None:
        start = optimizer.state_dict()
        run = ag.compile(step, **options)
        for _ in range(WARM_UP):
            run()
        assert run.programs, run.report()  # type: ignore[attr-defined]
        model.load_state_dict(data["params"], strict=False)
        optimizer.load_state_dict(start)
    last: list[ag.Tensor] = []
    keeps = options is None or options.get("keep_gradients", True)

    def remembering() -> None:
        last[:] = [run()]

    def read() -> dict[str, Any]:
        grads = {name: parameter.grad for name, parameter in model.named_parameters()}
        there = {name: g for name, g in grads.items() if g is not None}
        if not keeps and by_adam:  # whose first mean is a tenth of the gradient
            means = {n: optimizer.state[p]["exp_avg"] for n, p in model.named_parameters()}
            there = {name: mean / (1.0 - BETAS[0]) for name, mean in means.items()}
        elif not keeps:
            there = from_update(model, data["params"])
        return {**there, "loss": last[0].numpy()}

    return remembering, read


def from_update(model: nn.Module, start: dict[str, Any]) -> dict[str, Any]:
    """The gradients of a first step that kept none, and how far rounding moves them."""
    found: dict[str, Any] = {}
    for name, parameter in model.named_parameters():
        if name in start:
            before, after = np.float64(start[name]), np.float64(parameter.numpy())
            found[name] = (before - after) / LEARNING_RATE
            found[f"rounding of {name}"] = np.spacing(np.abs(start[name]).max()) / LEARNING_RATE
    return found


def mlp(data: Data) -> Built:
    """`nn.MLP`."""
    x, y = data["x"], data["y"]
    model = nn.MLP(list(data["sizes"]), dtype=np.float32)
    return train(model, data, lambda model: F.cross_entropy(model(x), y))


class Normalized(nn.Module):
    """Linear, batch normalization, ReLU and dropout with given masks, twice."""

    def __init__(self, masks: list[Any]) -> None:
        super().__init__()
        self.linear0 = nn.Linear(784, 512, dtype=np.float32)
        self.linear1 = nn.Linear(512, 512, dtype=np.float32)
        self.linear2 = nn.Linear(512, 10, dtype=np.float32)
        self.norm0 = nn.BatchNorm1d(512, dtype=np.float32)
        self.norm1 = nn.BatchNorm1d(512, dtype=np.float32)
        self.masks = masks

    def forward(self, x: Any) -> Any:
        """Logits."""
        x = ag.relu(self.norm0(self.linear0(x))) * self.masks[0]
        x = ag.relu(self.norm1(self.linear1(x))) * self.masks[1]
        return self.linear2(x)


def normalized(data: Data) -> Built:
    """A perceptron with batch normalization and dropout."""
    x, y = data["x"], data["y"]
    return train(Normalized(data["masks"]), data, lambda model: F.cross_entropy(model(x), y))


class Images(nn.Module):
    """Two convolutions, pooling, two linear layers."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1, dtype=np.float32)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1, dtype=np.float32)
        self.pool = nn.MaxPool2d(2)
        self.flatten = nn.Flatten()
        self.linear1 = nn.Linear(512, 64, dtype=np.float32)
        self.linear2 = nn.Linear(64, 10, dtype=np.float32)

    def forward(self, x: Any) -> Any:
        """Logits."""
        x = self.pool(ag.relu(self.conv2(ag.relu(self.conv1(x)))))
        return self.linear2(ag.relu(self.linear1(self.flatten(x))))


def cnn(data: Data) -> Built:
    """A convolutional network."""
    x, y = data["x"], data["y"]
    return train(Images(), data, lambda model: F.cross_entropy(model(x), y))


class Characters(nn.Module):
    """Embedding, LSTM, head."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(32, 64, dtype=np.float32)
        self.lstm = nn.LSTM(64, 128, batch_first=True, dtype=np.float32)
        self.head = nn.Linear(128, 32, dtype=np.float32)

    def forward(self, x: Any) -> Any:
        """Logits of all steps as rows."""
        outputs, _ = self.lstm(self.embed(x))
        return self.head(outputs).reshape(-1, 32)


def lstm(data: Data) -> Built:
    """An LSTM over characters."""
    x, y = data["x"], data["y"].reshape(-1)
    return train(Characters(), data, lambda model: F.cross_entropy(model(x), y))


class Block(nn.Module):
    """Causal attention and a GELU network, each with a norm before it and a skip connection."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width, dtype=np.float32)
        self.norm2 = nn.LayerNorm(width, dtype=np.float32)
        self.qkv = nn.Linear(width, 3 * width, dtype=np.float32)
        self.out = nn.Linear(width, width, dtype=np.float32)
        self.up = nn.Linear(width, 4 * width, dtype=np.float32)
        self.down = nn.Linear(4 * width, width, dtype=np.float32)
        self.heads = heads

    def forward(self, h: Any) -> Any:
        """(N, L, width) to (N, L, width)."""
        n, length, width = h.shape
        qkv = self.qkv(self.norm1(h)).reshape(n, length, 3, self.heads, -1)
        q, k, v = qkv.transpose(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        h = h + self.out(mixed.transpose(0, 2, 1, 3).reshape(n, length, width))
        return h + self.down(F.gelu(self.up(self.norm2(h)), approximate="tanh"))


class GPT(nn.Module):
    """Blocks between an embedding and the same matrix as head."""

    def __init__(self, width: int, heads: int, layers: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(64, width, dtype=np.float32)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))

    def forward(self, x: Any) -> Any:
        """Logits of all positions as rows."""
        h = self.embed(x)
        for block in self.blocks:
            h = block(h)
        return h.reshape(-1, h.shape[-1]) @ self.embed.weight.T


def gpt(data: Data) -> Built:
    """A small GPT."""
    x, y = data["x"], data["y"].reshape(-1)
    width = data["params"]["embed.weight"].shape[1]
    model = GPT(width, data["heads"], data["layers"])
    return train(model, data, lambda model: F.cross_entropy(model(x), y))


def hvp(data: Data) -> Built:
    """`ag.hvp` of the loss with respect to all parameters."""
    x, y, found = data["x"], data["y"], {}

    def loss(p: dict[str, Any]) -> Any:
        h = ag.tanh(x @ p["0.weight"].T + p["0.bias"])
        h = ag.tanh(h @ p["2.weight"].T + p["2.bias"])
        return F.cross_entropy(h @ p["4.weight"].T + p["4.bias"], y)

    def product(params: Any, v: Any) -> Any:
        return ag.hvp(loss, params, v)

    options, run = data.get("compile"), product
    if options is not None:
        run = ag.compile(product, **options)
        for _ in range(WARM_UP):
            run(data["params"], data["v"])
        assert run.programs, run.report()  # type: ignore[attr-defined]

    def step() -> None:
        found.update(run(data["params"], data["v"]))

    return step, lambda: found


def operation(data: Data) -> Built:
    """One operation and its gradients for a cotangent of ones."""
    function = getattr(ag, data["operation"])
    leaves = {k: ag.Tensor(p, requires_grad=True) for k, p in data["params"].items()}
    last: list[ag.Tensor] = []

    def step() -> None:
        for leaf in leaves.values():
            leaf.zero_grad()
        out = function(*leaves.values())
        out.backward(np.ones_like(out.data))
        last[:] = [out.detach()]

    return step, lambda: {**{k: t.grad for k, t in leaves.items()}, "loss": last[0].numpy()}
