"""Forward and backward passes in NumPy, as derived on the whiteboard: the lower bound.

No engine, no graph, no checks; each derivative is written out for its network. Every step
allocates its arrays, as NumPy expressions do.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from benchmarks.engines import Built
from benchmarks.workloads import BETAS, EPS, LEARNING_RATE, Data


class Recipe:
    """A step that keeps its loss and gradients, and updates the parameters with them."""

    def __init__(self, data: Data) -> None:
        self.params = {name: np.array(p) for name, p in data["params"].items()}
        self.found: dict[str, Any] = {}
        self.adam = data.get("optimizer") == "Adam"
        self.steps = 0
        self.m = {name: np.zeros_like(p) for name, p in self.params.items()}
        self.v = {name: np.zeros_like(p) for name, p in self.params.items()}

    def finish(self, loss: Any, grads: dict[str, Any]) -> None:
        """Keep the loss and the gradients, and update the parameters."""
        if self.adam:
            self.by_adam(grads)
        else:
            for name, g in grads.items():
                self.params[name] -= LEARNING_RATE * g
        grads["loss"] = loss
        self.found = grads

    def by_adam(self, grads: dict[str, Any]) -> None:
        """Update the parameters as Adam does."""
        beta1, beta2 = BETAS
        self.steps += 1
        rate = LEARNING_RATE / (1.0 - beta1**self.steps)
        size = (1.0 - beta2**self.steps) ** 0.5
        for name, g in grads.items():
            m, v = self.m[name], self.v[name]
            m *= beta1
            m += (1.0 - beta1) * g
            v *= beta2
            v += (1.0 - beta2) * g * g
            self.params[name] -= rate * m / (np.sqrt(v) / size + EPS)

    def read(self) -> dict[str, Any]:
        """Loss and gradients of the last step."""
        return self.found


def cross_entropy(z: Any, rows: Any, y: Any) -> tuple[Any, Any]:
    """The mean loss of logits (N, C), and its derivative (p - y) / N."""
    z = z - z.max(axis=1, keepdims=True)
    e = np.exp(z)
    total = e.sum(axis=1, keepdims=True)
    loss = (np.log(total[:, 0]) - z[rows, y]).mean()
    d = e / total
    d[rows, y] -= 1.0
    return loss, d / len(y)


def mlp(data: Data) -> Built:
    """Linear layers with ReLU between them."""
    own = Recipe(data)
    p, x, y = own.params, data["x"], data["y"]
    rows = np.arange(len(y))
    w1, b1, w2, b2, w3, b3 = p.values()

    def step() -> None:
        h1 = np.maximum(x @ w1.T + b1, 0.0)
        h2 = np.maximum(h1 @ w2.T + b2, 0.0)
        loss, d3 = cross_entropy(h2 @ w3.T + b3, rows, y)
        d2 = (d3 @ w3) * (h2 > 0.0)
        d1 = (d2 @ w2) * (h1 > 0.0)
        grads = {
            "0.weight": d1.T @ x,
            "0.bias": d1.sum(axis=0),
            "2.weight": d2.T @ h1,
            "2.bias": d2.sum(axis=0),
            "4.weight": d3.T @ h2,
            "4.bias": d3.sum(axis=0),
        }
        own.finish(loss, grads)

    return step, own.read


def normalized(data: Data) -> Built:
    """Linear, batch normalization, ReLU and dropout, twice; then a linear layer."""
    own = Recipe(data)
    p, x, y, masks = own.params, data["x"], data["y"], data["masks"]
    rows = np.arange(len(y))
    running = [(np.zeros(512, np.float32), np.ones(512, np.float32)) for _ in masks]

    def step() -> None:
        h, kept = x, []
        for i, mask in enumerate(masks):
            z = h @ p[f"linear{i}.weight"].T + p[f"linear{i}.bias"]
            mean, var = z.mean(axis=0), z.var(axis=0)
            old_mean, old_var = running[i]
            n = len(z)
            running[i] = (0.9 * old_mean + 0.1 * mean, 0.9 * old_var + 0.1 * var * (n / (n - 1)))
            scale = 1.0 / np.sqrt(var + 1e-5)
            normal = (z - mean) * scale
            a = p[f"norm{i}.weight"] * normal + p[f"norm{i}.bias"]
            kept.append((h, scale, normal, a))
            h = np.maximum(a, 0.0) * mask
        loss, d = cross_entropy(h @ p["linear2.weight"].T + p["linear2.bias"], rows, y)
        grads = {"linear2.weight": d.T @ h, "linear2.bias": d.sum(axis=0)}
        d = d @ p["linear2.weight"]
        for i in (1, 0):
            before, scale, normal, a = kept[i]
            d = d * masks[i] * (a > 0.0)
            grads[f"norm{i}.weight"] = (d * normal).sum(axis=0)
            grads[f"norm{i}.bias"] = d.sum(axis=0)
            d = d * p[f"norm{i}.weight"]
            d = scale * (d - d.mean(axis=0) - normal * (d * normal).mean(axis=0))
            grads[f"linear{i}.weight"] = d.T @ before
            grads[f"linear{i}.bias"] = d.sum(axis=0)
            if i:
                d = d @ p[f"linear{i}.weight"]
        own.finish(loss, grads)

    return step, own.read


def cnn(data: Data) -> Built:
    """Two size-preserving 3x3 convolutions with ReLU, pooling, two linear layers."""
    own = Recipe(data)
    p, x, y = own.params, data["x"], data["y"]
    rows, n = np.arange(len(y)), len(y)

    def columns(image: Any) -> Any:
        """All 3x3 windows as rows: (N * 64, C * 9)."""
        padded = np.pad(image, ((0, 0), (0, 0), (1, 1), (1, 1)))
        windows = sliding_window_view(padded, (3, 3), axis=(2, 3))
        return windows.transpose(0, 2, 3, 1, 4, 5).reshape(n * 64, -1)

    def image(columns: Any, channels: int) -> Any:
        """The transpose of `columns`: windows are summed where they overlap."""
        out = np.zeros((n, channels, 10, 10), columns.dtype)
        parts = columns.reshape(n, 8, 8, channels, 3, 3)
        for i in range(3):
            for j in range(3):
                out[:, :, i : i + 8, j : j + 8] += parts[..., i, j].transpose(0, 3, 1, 2)
        return out[:, :, 1:9, 1:9]

    def step() -> None:
        k1, k2 = p["conv1.weight"].reshape(16, 9), p["conv2.weight"].reshape(32, 144)
        c1 = columns(x)
        h1 = np.maximum(c1 @ k1.T + p["conv1.bias"], 0.0)
        c2 = columns(h1.reshape(n, 8, 8, 16).transpose(0, 3, 1, 2))
        h2 = np.maximum(c2 @ k2.T + p["conv2.bias"], 0.0)
        blocks = h2.reshape(n, 4, 2, 4, 2, 32)
        pooled = blocks.max(axis=(2, 4))
        flat = pooled.transpose(0, 3, 1, 2).reshape(n, -1)
        h3 = np.maximum(flat @ p["linear1.weight"].T + p["linear1.bias"], 0.0)
        loss, d4 = cross_entropy(h3 @ p["linear2.weight"].T + p["linear2.bias"], rows, y)
        d3 = (d4 @ p["linear2.weight"]) * (h3 > 0.0)
        d = (d3 @ p["linear1.weight"]).reshape(n, 32, 4, 4).transpose(0, 2, 3, 1)
        largest = blocks == pooled[:, :, None, :, None]
        d2 = (d[:, :, None, :, None] * largest).reshape(-1, 32) * (h2 > 0.0)
        d1 = image(d2 @ k2, 16).transpose(0, 2, 3, 1).reshape(-1, 16) * (h1 > 0.0)
        grads = {
            "conv1.weight": (d1.T @ c1).reshape(16, 1, 3, 3),
            "conv1.bias": d1.sum(axis=0),
            "conv2.weight": (d2.T @ c2).reshape(32, 16, 3, 3),
            "conv2.bias": d2.sum(axis=0),
            "linear1.weight": d3.T @ flat,
            "linear1.bias": d3.sum(axis=0),
            "linear2.weight": d4.T @ h3,
            "linear2.bias": d4.sum(axis=0),
        }
        own.finish(loss, grads)

    return step, own.read


def _sigmoid(x: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-x))


def lstm(data: Data) -> Built:
    """Embedding, LSTM, head; the products with the inputs are computed for all steps at once."""
    own = Recipe(data)
    p, x, y = own.params, data["x"].T, data["y"].T  # (L, N)
    length, batch = x.shape
    h_size = p["lstm.weight_hh_l0"].shape[1]
    rows = np.arange(x.size)

    def step() -> None:
        w_ih, w_hh = p["lstm.weight_ih_l0"], p["lstm.weight_hh_l0"]
        e = p["embed.weight"][x]
        from_x = e @ w_ih.T + (p["lstm.bias_ih_l0"] + p["lstm.bias_hh_l0"])
        h = c = np.zeros((batch, h_size), np.float32)
        hs, kept = [], []
        for t in range(length):
            z = from_x[t] + h @ w_hh.T
            i, f, g, o = np.split(z, 4, axis=1)
            i, f, g, o = _sigmoid(i), _sigmoid(f), np.tanh(g), _sigmoid(o)
            before, c = (h, c), f * c + i * g
            squashed = np.tanh(c)
            h = o * squashed
            hs.append(h)
            kept.append((i, f, g, o, squashed, *before))
        outputs = np.stack(hs).reshape(-1, h_size)
        loss, d = cross_entropy(outputs @ p["head.weight"].T + p["head.bias"], rows, y.reshape(-1))
        d_out = (d @ p["head.weight"]).reshape(length, batch, h_size)
        d_z = np.empty_like(from_x)
        d_h = d_c = np.zeros((batch, h_size), np.float32)
        for t in reversed(range(length)):
            i, f, g, o, squashed, _, c_before = kept[t]
            d_h = d_h + d_out[t]
            d_c = d_c + d_h * o * (1.0 - squashed * squashed)
            d_z[t] = np.concatenate(
                [
                    d_c * g * i * (1.0 - i),
                    d_c * c_before * f * (1.0 - f),
                    d_c * i * (1.0 - g * g),
                    d_h * squashed * o * (1.0 - o),
                ],
                axis=1,
            )
            d_h, d_c = d_z[t] @ w_hh, d_c * f
        flat = d_z.reshape(-1, 4 * h_size)
        befores = np.stack([k[5] for k in kept]).reshape(-1, h_size)
        d_embed = np.zeros_like(p["embed.weight"])
        np.add.at(d_embed, x.reshape(-1), flat @ w_ih)
        bias = flat.sum(axis=0)
        grads = {
            "embed.weight": d_embed,
            "lstm.weight_ih_l0": flat.T @ e.reshape(-1, e.shape[-1]),
            "lstm.weight_hh_l0": flat.T @ befores,
            "lstm.bias_ih_l0": bias,
            "lstm.bias_hh_l0": bias,
            "head.weight": d.T @ outputs,
            "head.bias": d.sum(axis=0),
        }
        own.finish(loss, grads)

    return step, own.read


GELU = np.float32(np.sqrt(2.0 / np.pi))


def gpt(data: Data) -> Built:
    """Blocks of causal attention and a GELU network; the embedding is also the head."""
    own = Recipe(data)
    p, x, y = own.params, data["x"], data["y"]
    batch, length = x.shape
    width, heads = p["embed.weight"].shape[1], data["heads"]
    rows = np.arange(x.size)
    future = np.triu(np.full((length, length), -np.inf, np.float32), 1)
    scale = np.float32((width // heads) ** -0.5)

    def split(t: Any) -> Any:
        return t.reshape(batch, length, heads, -1).transpose(0, 2, 1, 3)

    def join(t: Any) -> Any:
        return t.transpose(0, 2, 1, 3).reshape(-1, width)

    def norm(t: Any, name: str) -> tuple[Any, Any]:
        mean = t.mean(axis=1, keepdims=True)
        centred = t - mean
        inverse = 1.0 / np.sqrt((centred * centred).mean(axis=1, keepdims=True) + 1e-5)
        normal = centred * inverse
        return normal * p[f"{name}.weight"] + p[f"{name}.bias"], (normal, inverse)

    def norm_back(d: Any, name: str, kept: Any, grads: Any) -> Any:
        normal, inverse = kept
        grads[f"{name}.weight"] = (d * normal).sum(axis=0)
        grads[f"{name}.bias"] = d.sum(axis=0)
        d = d * p[f"{name}.weight"]
        mean = d.mean(axis=1, keepdims=True)
        return inverse * (d - mean - normal * (d * normal).mean(axis=1, keepdims=True))

    def linear(t: Any, name: str) -> Any:
        return t @ p[f"{name}.weight"].T + p[f"{name}.bias"]

    def linear_back(d: Any, t: Any, name: str, grads: Any) -> Any:
        grads[f"{name}.weight"] = d.T @ t
        grads[f"{name}.bias"] = d.sum(axis=0)
        return d @ p[f"{name}.weight"]

    def step() -> None:
        embed = p["embed.weight"]
        h = embed[x.reshape(-1)]
        kept = []
        for block in range(data["layers"]):
            at = f"blocks.{block}."
            n1, k1 = norm(h, at + "norm1")
            q, k, v = map(split, np.split(linear(n1, at + "qkv"), 3, axis=1))
            scores = q @ k.swapaxes(2, 3) * scale + future
            e = np.exp(scores - scores.max(axis=3, keepdims=True))
            a = e / e.sum(axis=3, keepdims=True)
            mixed = join(a @ v)
            h = h + linear(mixed, at + "out")
            n2, k2 = norm(h, at + "norm2")
            u = linear(n2, at + "up")
            t = np.tanh(GELU * (u + 0.044715 * u * u * u))
            g = 0.5 * u * (1.0 + t)
            h = h + linear(g, at + "down")
            kept.append((n1, k1, q, k, v, a, mixed, n2, k2, u, t, g))
        loss, d = cross_entropy(h @ embed.T, rows, y.reshape(-1))
        grads: dict[str, Any] = {}
        d_embed = d.T @ h
        d = d @ embed
        for block in reversed(range(data["layers"])):
            at = f"blocks.{block}."
            n1, k1, q, k, v, a, mixed, n2, k2, u, t, g = kept[block]
            d_g = linear_back(d, g, at + "down", grads)
            slope = GELU * (1.0 + 3 * 0.044715 * u * u)
            d_u = d_g * (0.5 * (1.0 + t) + 0.5 * u * (1.0 - t * t) * slope)
            d = d + norm_back(linear_back(d_u, n2, at + "up", grads), at + "norm2", k2, grads)
            d_mixed = split(linear_back(d, mixed, at + "out", grads))
            d_a = d_mixed @ v.swapaxes(2, 3)
            d_v = a.swapaxes(2, 3) @ d_mixed
            d_s = a * (d_a - (d_a * a).sum(axis=3, keepdims=True)) * scale
            parts = [join(d_s @ k), join(d_s.swapaxes(2, 3) @ q), join(d_v)]
            d_qkv = np.concatenate(parts, axis=1)
            d = d + norm_back(linear_back(d_qkv, n1, at + "qkv", grads), at + "norm1", k1, grads)
        np.add.at(d_embed, x.reshape(-1), d)
        grads["embed.weight"] = d_embed
        own.finish(loss, grads)

    return step, own.read


FORWARD: dict[str, Any] = {
    "add": np.add,
    "mul": np.multiply,
    "exp": np.exp,
    "sum": np.sum,
    "matmul": np.matmul,
}


def operation(data: Data) -> Built:
    """One operation and its derivative times a cotangent of ones."""
    p, name = data["params"], data["operation"]
    x, y = p["x"], p.get("y")
    found: dict[str, Any] = {}

    def step() -> None:
        out = FORWARD[name](x) if y is None else FORWARD[name](x, y)
        g = np.ones_like(out)
        if name == "add":
            found.update(x=g, y=g)
        elif name == "mul":
            found.update(x=g * y, y=g * x)
        elif name == "exp":
            found.update(x=g * out)
        elif name == "sum":
            found.update(x=np.broadcast_to(g, x.shape))
        else:
            assert y is not None
            found.update(x=g @ y.T, y=x.T @ g)
        found["loss"] = out

    return step, lambda: found
