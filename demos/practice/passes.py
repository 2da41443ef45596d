"""Forward passes, and the reference solutions of their backward passes."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any


def linear(x: Array, W: Array, b: Array) -> Array:
    return x @ W + b


def linear_backward(grad_output: Array, x: Array, W: Array, b: Array) -> Any:
    dx = grad_output @ W.T
    dW = x.T @ grad_output
    db = grad_output.sum(axis=0)
    return dx, dW, db


def linear_rows(x: Array, W: Array, b: Array) -> Array:
    return x @ W.T + b


def linear_rows_backward(grad_output: Array, x: Array, W: Array, b: Array) -> Any:
    dx = grad_output @ W
    dW = grad_output.T @ x
    db = grad_output.sum(axis=0)
    return dx, dW, db


def relu(x: Array) -> Array:
    return np.maximum(0, x)


def relu_backward(grad_output: Array, x: Array) -> Any:
    return grad_output * (x > 0)


def leaky_relu(x: Array, alpha: float = 0.01) -> Array:
    return np.where(x > 0, x, alpha * x)


def leaky_relu_backward(grad_output: Array, x: Array, alpha: float = 0.01) -> Any:
    slope = np.where(x > 0, 1.0, alpha)
    return grad_output * slope


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def sigmoid_backward(grad_output: Array, x: Array) -> Any:
    y = 1 / (1 + np.exp(-x))
    return grad_output * y * (1 - y)


def tanh(x: Array) -> Array:
    return np.tanh(x)


def tanh_backward(grad_output: Array, x: Array) -> Any:
    y = np.tanh(x)
    return grad_output * (1 - y**2)


def gelu(x: Array) -> Array:
    u = np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)
    return 0.5 * x * (1 + np.tanh(u))


def gelu_backward(grad_output: Array, x: Array) -> Any:
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    inner = c * (1 + 3 * 0.044715 * x**2)
    slope = 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * inner
    return grad_output * slope


def softmax(z: Array) -> Array:
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_backward(grad_output: Array, z: Array) -> Any:
    p = softmax(z)
    inner = (grad_output * p).sum(axis=-1, keepdims=True)
    return p * (grad_output - inner)


def temperature_softmax(z: Array, T: float = 2.5) -> Array:
    e = np.exp((z - z.max(axis=-1, keepdims=True)) / T)
    return e / e.sum(axis=-1, keepdims=True)


def temperature_softmax_backward(grad_output: Array, z: Array, T: float = 2.5) -> Any:
    p = temperature_softmax(z, T)
    inner = (grad_output * p).sum(axis=-1, keepdims=True)
    return p * (grad_output - inner) / T


def cross_entropy(logits: Array, labels: Array) -> Array:
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(labels)), labels].mean()


def cross_entropy_backward(logits: Array, labels: Array) -> Any:
    p = softmax(logits)
    y = np.eye(logits.shape[1])[labels]
    return (p - y) / len(labels)


def mse(prediction: Array, target: Array) -> Array:
    return np.mean((prediction - target) ** 2)


def mse_backward(prediction: Array, target: Array) -> Any:
    difference = prediction - target
    return 2 * difference / difference.size


def l2_penalty(W: Array, lam: float = 0.3) -> Array:
    return lam * np.sum(W**2)


def l2_penalty_backward(W: Array, lam: float = 0.3) -> Any:
    return 2 * lam * W


def dropout(x: Array, mask: Array, p: float = 0.3) -> Array:
    return x * mask / (1 - p)


def dropout_backward(grad_output: Array, x: Array, mask: Array, p: float = 0.3) -> Any:
    return grad_output * mask / (1 - p)


def batch_norm(x: Array, gamma: Array, beta: Array) -> Array:
    mu = x.mean(axis=0)
    var = ((x - mu) ** 2).mean(axis=0)
    x_hat = (x - mu) / np.sqrt(var + 1e-5)
    return gamma * x_hat + beta


def batch_norm_backward(grad_output: Array, x: Array, gamma: Array, beta: Array) -> Any:
    mu = x.mean(axis=0)
    std = np.sqrt(((x - mu) ** 2).mean(axis=0) + 1e-5)
    x_hat = (x - mu) / std
    dgamma = (grad_output * x_hat).sum(axis=0)
    dbeta = grad_output.sum(axis=0)
    g = grad_output * gamma
    dx = (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / std
    return dx, dgamma, dbeta


def layer_norm(x: Array, gamma: Array, beta: Array) -> Array:
    mu = x.mean(axis=-1, keepdims=True)
    var = ((x - mu) ** 2).mean(axis=-1, keepdims=True)
    x_hat = (x - mu) / np.sqrt(var + 1e-5)
    return gamma * x_hat + beta


def layer_norm_backward(grad_output: Array, x: Array, gamma: Array, beta: Array) -> Any:
    mu = x.mean(axis=-1, keepdims=True)
    std = np.sqrt(((x - mu) ** 2).mean(axis=-1, keepdims=True) + 1e-5)
    x_hat = (x - mu) / std
    g = grad_output * gamma
    shift = g.mean(axis=-1, keepdims=True)
    scale = (g * x_hat).mean(axis=-1, keepdims=True)
    dx = (g - shift - x_hat * scale) / std
    return dx, (grad_output * x_hat).sum(axis=0), grad_output.sum(axis=0)


def embedding(ids: Array, table: Array) -> Array:
    return table[ids]


def embedding_backward(grad_output: Array, ids: Array, table: Array) -> Any:
    dtable = np.zeros_like(table)
    np.add.at(dtable, ids, grad_output)
    return {"table": dtable}


def conv1d(x: Array, w: Array) -> Array:
    size = len(w)
    return np.stack([x[:, t : t + size] @ w for t in range(x.shape[1] - size + 1)], axis=1)


def conv1d_backward(grad_output: Array, x: Array, w: Array) -> Any:
    size, dx, dw = len(w), np.zeros_like(x), np.zeros_like(w)
    for t in range(grad_output.shape[1]):
        g = grad_output[:, t]
        dx[:, t : t + size] += np.outer(g, w)
        dw += x[:, t : t + size].T @ g
    return dx, dw


def im2col(x: Array, size: int) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))
    n, c, h, w = windows.shape[:4]
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(n * h * w, c * size * size)


def conv2d(x: Array, w: Array, b: Array) -> Array:
    f, size, n = len(w), w.shape[2], len(x)
    out = im2col(x, size) @ w.reshape(f, -1).T + b
    side = x.shape[2] - size + 1
    return out.reshape(n, side, side, f).transpose(0, 3, 1, 2)


def conv2d_backward(grad_output: Array, x: Array, w: Array, b: Array) -> Any:
    f, c, size, _ = w.shape
    n, _, side, _ = grad_output.shape
    g = grad_output.transpose(0, 2, 3, 1).reshape(-1, f)
    dw = (g.T @ im2col(x, size)).reshape(w.shape)
    db = g.sum(axis=0)
    columns = (g @ w.reshape(f, -1)).reshape(n, side, side, c, size, size)
    dx = np.zeros_like(x)
    for i in range(side):
        for j in range(side):
            dx[:, :, i : i + size, j : j + size] += columns[:, i, j]
    return dx, dw, db


def max_pool(x: Array) -> Array:
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2).max(axis=(3, 5))


def max_pool_backward(grad_output: Array, x: Array) -> Any:
    n, c, h, w = x.shape
    blocks = x.reshape(n, c, h // 2, 2, w // 2, 2)
    mask = blocks == blocks.max(axis=(3, 5), keepdims=True)
    share = mask / mask.sum(axis=(3, 5), keepdims=True)
    g = grad_output[:, :, :, None, :, None]
    return (share * g).reshape(x.shape)


def average_pool(x: Array) -> Array:
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2).mean(axis=(3, 5))


def average_pool_backward(grad_output: Array, x: Array) -> Any:
    spread = np.repeat(np.repeat(grad_output, 2, axis=2), 2, axis=3)
    return spread / 4


def attention(q: Array, k: Array, v: Array) -> Array:
    a = softmax(q @ k.T / np.sqrt(q.shape[-1]))
    return a @ v


def attention_backward(grad_output: Array, q: Array, k: Array, v: Array) -> Any:
    root = np.sqrt(q.shape[-1])
    a = softmax(q @ k.T / root)
    dv = a.T @ grad_output
    da = grad_output @ v.T
    ds = a * (da - (da * a).sum(axis=-1, keepdims=True)) / root
    return ds @ k, ds.T @ q, dv


def rnn_step(x: Array, h: Array, W: Array, U: Array, b: Array) -> Array:
    return np.tanh(x @ W + h @ U + b)


def rnn_step_backward(grad_output: Array, x: Array, h: Array, W: Array, U: Array, b: Array) -> Any:
    h_new = np.tanh(x @ W + h @ U + b)
    dz = grad_output * (1 - h_new**2)
    return dz @ W.T, dz @ U.T, x.T @ dz, h.T @ dz, dz.sum(axis=0)


def lstm_step(z: Array, c: Array) -> Array:
    i, f, o, g = np.split(z, 4, axis=1)
    c_new = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c_new)


def lstm_step_backward(grad_output: Array, z: Array, c: Array) -> Any:
    zi, zf, zo, zg = np.split(z, 4, axis=1)
    i, f, o, g = sigmoid(zi), sigmoid(zf), sigmoid(zo), np.tanh(zg)
    t = np.tanh(f * c + i * g)
    dc_new = grad_output * o * (1 - t**2)
    di = dc_new * g * i * (1 - i)
    df = dc_new * c * f * (1 - f)
    do = grad_output * t * o * (1 - o)
    dg = dc_new * i * (1 - g**2)
    return np.concatenate([di, df, do, dg], axis=1), dc_new * f


def mlp(x: Array, W1: Array, b1: Array, W2: Array, b2: Array, labels: Array) -> Array:
    h = np.maximum(0, x @ W1 + b1)
    return cross_entropy(h @ W2 + b2, labels)


def mlp_backward(x: Array, W1: Array, b1: Array, W2: Array, b2: Array, labels: Array) -> Any:
    z = x @ W1 + b1
    h = np.maximum(0, z)
    dlogits = cross_entropy_backward(h @ W2 + b2, labels)
    dW2 = h.T @ dlogits
    dh = dlogits @ W2.T
    dz = dh * (z > 0)
    dW1 = x.T @ dz
    return {"W1": dW1, "b1": dz.sum(axis=0), "W2": dW2, "b2": dlogits.sum(axis=0)}


def activations(x: Array) -> Any:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    sigmoid = 1 / (1 + np.exp(-np.clip(x, -500, 500)))
    return np.maximum(0, x), sigmoid, np.tanh(x), e / e.sum(axis=-1, keepdims=True)


def three_layer_mlp(x: Array, weights: Any, biases: Any) -> Array:
    h = np.atleast_2d(x)
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        h = np.maximum(0, h @ W + b)
    return h @ weights[-1] + biases[-1]


def numerical_gradient(f: Any, x: Array) -> Array:
    eps, gradient = 1e-5, np.zeros_like(x)
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] += eps
        down[i] -= eps
        gradient[i] = (f(up) - f(down)) / (2 * eps)
    return gradient
