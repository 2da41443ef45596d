"""PyTorch, eager, on the CPU."""

from __future__ import annotations

import itertools
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from benchmarks.engines import Built
from benchmarks.workloads import BETAS, EPS, LEARNING_RATE, Data


def build(kind: str, data: Data, variant: str) -> Built:
    """The step of a workload, its forward and backward passes by `torch.compile`."""
    return globals()[kind]({**data, "compile": variant})  # type: ignore[no-any-return]


def train(model: nn.Module, data: Data, loss_of: Any) -> Built:
    """A training step of a model that starts with the workload's parameters."""
    state = {name: torch.tensor(p) for name, p in data["params"].items()}
    model.load_state_dict(state, strict=False)
    if data.get("optimizer") == "Adam":
        optimizer: Any = torch.optim.Adam(model.parameters(), LEARNING_RATE, BETAS, EPS)
    else:
        optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
    last: list[Any] = []

    forward = torch.compile(loss_of) if data.get("compile") else loss_of

    def step() -> None:
        optimizer.zero_grad()
        loss = forward(model)
        loss.backward()
        optimizer.step()
        last[:] = [loss.detach()]

    def read() -> dict[str, Any]:
        grads = {name: p.grad.numpy() for name, p in model.named_parameters()}
        return {**grads, "loss": last[0].numpy()}

    return step, read


def mlp(data: Data) -> Built:
    """Linear layers with ReLU between them."""
    sizes = data["sizes"]
    layers: list[nn.Module] = []
    for n_in, n_out in itertools.pairwise(sizes):
        layers += [nn.Linear(n_in, n_out), nn.ReLU()]
    x, y = torch.tensor(data["x"]), torch.tensor(data["y"])
    return train(nn.Sequential(*layers[:-1]), data, lambda m: F.cross_entropy(m(x), y))


class Normalized(nn.Module):
    """Linear, batch normalization, ReLU and dropout with given masks, twice."""

    def __init__(self, masks: list[Any]) -> None:
        super().__init__()
        self.linear0, self.linear1 = nn.Linear(784, 512), nn.Linear(512, 512)
        self.linear2 = nn.Linear(512, 10)
        self.norm0, self.norm1 = nn.BatchNorm1d(512), nn.BatchNorm1d(512)
        self.masks = [torch.tensor(m) for m in masks]

    def forward(self, x: Any) -> Any:
        """Logits."""
        x = torch.relu(self.norm0(self.linear0(x))) * self.masks[0]
        x = torch.relu(self.norm1(self.linear1(x))) * self.masks[1]
        return self.linear2(x)


def normalized(data: Data) -> Built:
    """A perceptron with batch normalization and dropout."""
    x, y = torch.tensor(data["x"]), torch.tensor(data["y"])
    return train(Normalized(data["masks"]), data, lambda m: F.cross_entropy(m(x), y))


class Images(nn.Module):
    """Two convolutions, pooling, two linear layers."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 16, 3, padding=1), nn.Conv2d(16, 32, 3, padding=1)
        self.linear1, self.linear2 = nn.Linear(512, 64), nn.Linear(64, 10)

    def forward(self, x: Any) -> Any:
        """Logits."""
        x = F.max_pool2d(torch.relu(self.conv2(torch.relu(self.conv1(x)))), 2)
        return self.linear2(torch.relu(self.linear1(x.flatten(1))))


def cnn(data: Data) -> Built:
    """A convolutional network."""
    x, y = torch.tensor(data["x"]), torch.tensor(data["y"])
    return train(Images(), data, lambda m: F.cross_entropy(m(x), y))


class Characters(nn.Module):
    """Embedding, LSTM, head."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(32, 64)
        self.lstm = nn.LSTM(64, 128, batch_first=True)
        self.head = nn.Linear(128, 32)

    def forward(self, x: Any) -> Any:
        """Logits of all steps as rows."""
        outputs, _ = self.lstm(self.embed(x))
        return self.head(outputs).reshape(-1, 32)


def lstm(data: Data) -> Built:
    """An LSTM over characters."""
    x, y = torch.tensor(data["x"]), torch.tensor(data["y"]).reshape(-1)
    return train(Characters(), data, lambda m: F.cross_entropy(m(x), y))


class Block(nn.Module):
    """Causal attention and a GELU network, each with a norm before it and a skip connection."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.heads = heads

    def forward(self, h: Any) -> Any:
        """(N, L, width) to (N, L, width)."""
        n, length, width = h.shape
        qkv = self.qkv(self.norm1(h)).reshape(n, length, 3, self.heads, -1)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        h = h + self.out(mixed.transpose(1, 2).reshape(n, length, width))
        return h + self.down(F.gelu(self.up(self.norm2(h)), approximate="tanh"))


class GPT(nn.Module):
    """Blocks between an embedding and the same matrix as head."""

    def __init__(self, width: int, heads: int, layers: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(64, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))

    def forward(self, x: Any) -> Any:
        """Logits of all positions as rows."""
        h = self.embed(x)
        for block in self.blocks:
            h = block(h)
        return h.reshape(-1, h.shape[-1]) @ self.embed.weight.T


def gpt(data: Data) -> Built:
    """A small GPT."""
    x, y = torch.tensor(data["x"]), torch.tensor(data["y"]).reshape(-1)
    width = data["params"]["embed.weight"].shape[1]
    model = GPT(width, data["heads"], data["layers"])
    return train(model, data, lambda m: F.cross_entropy(m(x), y))


def hvp(data: Data) -> Built:
    """The gradient of the inner product of the gradient and v."""
    x, y = torch.tensor(data["x"]), torch.tensor(data["y"])
    p = {k: torch.tensor(a, requires_grad=True) for k, a in data["params"].items()}
    v = [torch.tensor(data["v"][k]) for k in p]
    found: dict[str, Any] = {}

    def step() -> None:
        h = torch.tanh(x @ p["0.weight"].T + p["0.bias"])
        h = torch.tanh(h @ p["2.weight"].T + p["2.bias"])
        loss = F.cross_entropy(h @ p["4.weight"].T + p["4.bias"], y)
        grads = torch.autograd.grad(loss, list(p.values()), create_graph=True)
        product = sum((g * u).sum() for g, u in zip(grads, v, strict=True))
        found.update(zip(p, torch.autograd.grad(product, list(p.values())), strict=True))

    return step, lambda: {k: t.numpy() for k, t in found.items()}


def operation(data: Data) -> Built:
    """One operation and its gradients for a cotangent of ones."""
    function = getattr(torch, data["operation"])
    leaves = {k: torch.tensor(p, requires_grad=True) for k, p in data["params"].items()}
    last: list[Any] = []

    def step() -> None:
        for leaf in leaves.values():
            leaf.grad = None
        out = function(*leaves.values())
        out.backward(torch.ones_like(out))
        last[:] = [out.detach()]

    def read() -> dict[str, Any]:
        return {**{k: t.grad.numpy() for k, t in leaves.items()}, "loss": last[0].numpy()}

    return step, read
