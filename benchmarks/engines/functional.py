"""Losses as functions of parameters, for the engines that support NumPy's names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.workloads import Data

Loss = Callable[[dict[str, Any]], Any]


def cross_entropy(xp: Any, z: Any, y: Any) -> Any:
    """The mean loss of logits (N, C)."""
    z = z - xp.max(z, axis=1, keepdims=True)
    return xp.mean(xp.log(xp.sum(xp.exp(z), axis=1)) - z[np.arange(len(y)), y])


def mlp(xp: Any, data: Data) -> Loss:
    """Linear layers with ReLU between them."""
    x, y, last = data["x"], data["y"], 2 * (len(data["sizes"]) - 2)

    def loss(p: dict[str, Any]) -> Any:
        h = x
        for i in range(0, last, 2):
            h = xp.maximum(h @ p[f"{i}.weight"].T + p[f"{i}.bias"], 0.0)
        return cross_entropy(xp, h @ p[f"{last}.weight"].T + p[f"{last}.bias"], y)

    return loss


def normalized(xp: Any, data: Data) -> Loss:
    """Linear, batch normalization, ReLU and dropout with given masks, twice."""
    x, y, masks = data["x"], data["y"], data["masks"]

    def loss(p: dict[str, Any]) -> Any:
        h = x
        for i, mask in enumerate(masks):
            z = h @ p[f"linear{i}.weight"].T + p[f"linear{i}.bias"]
            z = z - xp.mean(z, axis=0)
            z = z / xp.sqrt(xp.mean(z * z, axis=0) + 1e-5)
            h = xp.maximum(z * p[f"norm{i}.weight"] + p[f"norm{i}.bias"], 0.0) * mask
        return cross_entropy(xp, h @ p["linear2.weight"].T + p["linear2.bias"], y)

    return loss


def lstm(xp: Any, data: Data) -> Loss:
    """Embedding, LSTM, head."""
    x, y = data["x"].T, data["y"].T.reshape(-1)

    def sigmoid(z: Any) -> Any:
        return 1.0 / (1.0 + xp.exp(-z))

    def loss(p: dict[str, Any]) -> Any:
        size = data["params"]["lstm.weight_hh_l0"].shape[1]
        bias = p["lstm.bias_ih_l0"] + p["lstm.bias_hh_l0"]
        from_x = p["embed.weight"][x] @ p["lstm.weight_ih_l0"].T + bias
        h = c = np.zeros((x.shape[1], size), np.float32)
        outputs = []
        for t in range(len(x)):
            z = from_x[t] + h @ p["lstm.weight_hh_l0"].T
            i, f = sigmoid(z[:, :size]), sigmoid(z[:, size : 2 * size])
            g, o = xp.tanh(z[:, 2 * size : 3 * size]), sigmoid(z[:, 3 * size :])
            c = f * c + i * g
            h = o * xp.tanh(c)
            outputs.append(h)
        rows = xp.concatenate(outputs)
        return cross_entropy(xp, rows @ p["head.weight"].T + p["head.bias"], y)

    return loss


def gpt(xp: Any, data: Data) -> Loss:
    """Blocks of causal attention and a GELU network; the embedding is also the head."""
    x, y, heads = data["x"], data["y"].reshape(-1), data["heads"]
    (batch, length), width = x.shape, data["params"]["embed.weight"].shape[1]
    future = np.triu(np.full((length, length), -1e9, np.float32), 1)
    slope = float(np.sqrt(2.0 / np.pi))

    def norm(p: dict[str, Any], h: Any, name: str) -> Any:
        h = h - xp.mean(h, axis=1, keepdims=True)
        h = h / xp.sqrt(xp.mean(h * h, axis=1, keepdims=True) + 1e-5)
        return h * p[f"{name}.weight"] + p[f"{name}.bias"]

    def linear(p: dict[str, Any], h: Any, name: str) -> Any:
        return h @ p[f"{name}.weight"].T + p[f"{name}.bias"]

    def split(t: Any) -> Any:
        return xp.transpose(xp.reshape(t, (batch, length, heads, -1)), (0, 2, 1, 3))

    def loss(p: dict[str, Any]) -> Any:
        h = p["embed.weight"][x.reshape(-1)]
        for block in range(data["layers"]):
            at = f"blocks.{block}."
            qkv = linear(p, norm(p, h, at + "norm1"), at + "qkv")
            q, k, v = (split(qkv[:, i * width : (i + 1) * width]) for i in range(3))
            scores = q @ xp.swapaxes(k, 2, 3) * float((width // heads) ** -0.5) + future
            e = xp.exp(scores - xp.max(scores, axis=3, keepdims=True))
            mixed = xp.transpose(e / xp.sum(e, axis=3, keepdims=True) @ v, (0, 2, 1, 3))
            h = h + linear(p, xp.reshape(mixed, (-1, width)), at + "out")
            u = linear(p, norm(p, h, at + "norm2"), at + "up")
            g = 0.5 * u * (1.0 + xp.tanh(slope * (u + 0.044715 * u * u * u)))
            h = h + linear(p, g, at + "down")
        return cross_entropy(xp, h @ p["embed.weight"].T, y)

    return loss


def hvp(xp: Any, data: Data) -> Loss:
    """A perceptron with tanh, whose loss is differentiated twice."""
    x, y = data["x"], data["y"]

    def loss(p: dict[str, Any]) -> Any:
        h = xp.tanh(x @ p["0.weight"].T + p["0.bias"])
        h = xp.tanh(h @ p["2.weight"].T + p["2.bias"])
        return cross_entropy(xp, h @ p["4.weight"].T + p["4.bias"], y)

    return loss
