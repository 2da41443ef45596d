"""Backward passes as people write them by hand, right ones, each with its forward pass.

Mistakes are planted in their source by `plants.py`.
"""

import math

import numpy as np

SHAPES = np.random.default_rng(7)


def normal(*shape):
    return SHAPES.normal(size=shape)


# --- linear, both layouts -------------------------------------------------------------------------


def linear(x, W, b):
    return x @ W + b


def linear_backward(grad_output, x, W, b):
    dx = grad_output @ W.T
    dW = x.T @ grad_output
    db = grad_output.sum(axis=0)
    return dx, dW, db


def linear_rows(x, W, b):
    return x @ W.T + b


def linear_rows_backward(grad_output, x, W, b):
    dx = grad_output @ W
    dW = grad_output.T @ x
    db = np.sum(grad_output, axis=0)
    return {"x": dx, "W": dW, "b": db}


# --- activations ----------------------------------------------------------------------------------


def relu(x):
    return np.maximum(0, x)


def relu_backward(grad_output, x):
    mask = x > 0
    return grad_output * mask


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_backward(grad_output, x):
    s = 1 / (1 + np.exp(-x))
    return grad_output * s * (1 - s)


def tanh(x):
    return np.tanh(x)


def tanh_backward(grad_output, x):
    y = np.tanh(x)
    return grad_output * (1 - y**2)


def gelu(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def gelu_backward(grad_output, x):
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    left = 0.5 * (1 + t)
    inner = c * (1 + 3 * 0.044715 * x**2)
    right = 0.5 * x * (1 - t**2) * inner
    return grad_output * (left + right)


# --- softmax and losses ---------------------------------------------------------------------------


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_backward(grad_output, z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    inner = (grad_output * p).sum(axis=-1, keepdims=True)
    return p * (grad_output - inner)


def temperature_softmax(z, T=2.5):
    e = np.exp((z - z.max(axis=-1, keepdims=True)) / T)
    return e / e.sum(axis=-1, keepdims=True)


def temperature_softmax_backward(grad_output, z, T=2.5):
    p = temperature_softmax(z, T)
    inner = (grad_output * p).sum(axis=-1, keepdims=True)
    return p * (grad_output - inner) / T


def cross_entropy(logits, labels):
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(labels)), labels].mean()


def cross_entropy_backward(logits, labels):
    N = len(labels)
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    y = np.eye(logits.shape[1])[labels]
    return (p - y) / N


def mse(prediction, target):
    return np.mean((prediction - target) ** 2)


def mse_backward(grad_output, prediction, target):
    difference = prediction - target
    d = 2 * difference / difference.size
    return grad_output * d, -grad_output * d


def l2_penalty(W, b, lam=0.3):
    return lam * (np.sum(W**2) + np.sum(b**2))


def l2_penalty_backward(grad_output, W, b, lam=0.3):
    dW = grad_output * 2 * lam * W
    db = grad_output * 2 * lam * b
    return dW, db


# --- normalization --------------------------------------------------------------------------------


def batch_norm(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=0)
    var = x.var(axis=0)
    x_hat = (x - mu) / np.sqrt(var + eps)
    return gamma * x_hat + beta


def batch_norm_backward(grad_output, x, gamma, beta, eps=1e-5):
    N = x.shape[0]
    mu = x.mean(axis=0)
    var = x.var(axis=0)
    std = np.sqrt(var + eps)
    x_hat = (x - mu) / std
    dgamma = (grad_output * x_hat).sum(axis=0)
    dbeta = grad_output.sum(axis=0)
    dx_hat = grad_output * gamma
    dvar = (dx_hat * (x - mu)).sum(axis=0) * -0.5 / std**3
    dmu = -dx_hat.sum(axis=0) / std
    dx = dx_hat / std + dvar * 2 * (x - mu) / N + dmu / N
    return dx, dgamma, dbeta


def layer_norm(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=-1, keepdims=True)
    var = ((x - mu) ** 2).mean(axis=-1, keepdims=True)
    return gamma * (x - mu) / np.sqrt(var + eps) + beta


def layer_norm_backward(grad_output, x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=-1, keepdims=True)
    std = np.sqrt(((x - mu) ** 2).mean(axis=-1, keepdims=True) + eps)
    x_hat = (x - mu) / std
    g = grad_output * gamma
    shift = g.mean(axis=-1, keepdims=True)
    scale = x_hat * (g * x_hat).mean(axis=-1, keepdims=True)
    dx = (g - shift - scale) / std
    return dx, (grad_output * x_hat).sum(axis=0), grad_output.sum(axis=0)


# --- objects with state ---------------------------------------------------------------------------


class Dropout:
    def __init__(self, p=0.3):
        self.p = p
        self.rng = np.random.default_rng(0)

    def forward(self, x):
        self.mask = self.rng.random(x.shape) > self.p
        return x * self.mask / (1 - self.p)

    def backward(self, grad_output):
        return grad_output * self.mask / (1 - self.p)


class Linear:
    def __init__(self):
        self.W = np.random.default_rng(1).normal(size=(4, 3))
        self.b = np.zeros(3)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, grad_output):
        self.grad_W = self.x.T @ grad_output
        self.grad_b = grad_output.sum(axis=0)
        return grad_output @ self.W.T


# --- embedding, convolution, pooling --------------------------------------------------------------


def embedding(ids, table):
    return table[ids]


def embedding_backward(grad_output, ids, table):
    dtable = np.zeros_like(table)
    np.add.at(dtable, ids, grad_output)
    return {"table": dtable}


def conv1d(x, w, b):
    N, C, L = x.shape
    F, _, K = w.shape
    out = L - K + 1
    columns = np.stack([x[:, :, i : i + K] for i in range(out)], axis=1).reshape(N, out, C * K)
    return (columns @ w.reshape(F, -1).T + b).transpose(0, 2, 1)


def conv1d_backward(grad_output, x, w, b):
    N, C, L = x.shape
    F, _, K = w.shape
    out = L - K + 1
    columns = np.stack([x[:, :, i : i + K] for i in range(out)], axis=1).reshape(N, out, C * K)
    g = grad_output.transpose(0, 2, 1)
    dw = np.einsum("nof,nok->fk", g, columns).reshape(w.shape)
    db = grad_output.sum(axis=(0, 2))
    dcolumns = (g @ w.reshape(F, -1)).reshape(N, out, C, K)
    dx = np.zeros_like(x)
    for i in range(out):
        dx[:, :, i : i + K] += dcolumns[:, i]
    return dx, dw, db


def im2col(x, K):
    windows = np.lib.stride_tricks.sliding_window_view(x, (K, K), axis=(2, 3))
    N, C, H, W = windows.shape[:4]
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(N * H * W, C * K * K)


def conv2d(x, w, b):
    F, _, K, _ = w.shape
    N, _, H, W = x.shape
    out = im2col(x, K) @ w.reshape(F, -1).T + b
    return out.reshape(N, H - K + 1, W - K + 1, F).transpose(0, 3, 1, 2)


def conv2d_backward(grad_output, x, w, b):
    F, C, K, _ = w.shape
    N, _, H, W = grad_output.shape
    columns = im2col(x, K)
    g = grad_output.transpose(0, 2, 3, 1).reshape(-1, F)
    dw = (g.T @ columns).reshape(w.shape)
    db = g.sum(axis=0)
    dcolumns = (g @ w.reshape(F, -1)).reshape(N, H, W, C, K, K)
    dx = np.zeros_like(x)
    for i in range(H):
        for j in range(W):
            dx[:, :, i : i + K, j : j + K] += dcolumns[:, i, j]
    return dx, dw, db


def max_pool(x):
    N, C, H, W = x.shape
    return x.reshape(N, C, H // 2, 2, W // 2, 2).max(axis=(3, 5))


def max_pool_backward(grad_output, x):
    N, C, H, W = x.shape
    blocks = x.reshape(N, C, H // 2, 2, W // 2, 2)
    mask = blocks == blocks.max(axis=(3, 5), keepdims=True)
    g = grad_output[:, :, :, None, :, None]
    return (mask * g).reshape(x.shape)


def average_pool(x):
    N, C, H, W = x.shape
    return x.reshape(N, C, H // 2, 2, W // 2, 2).mean(axis=(3, 5))


def average_pool_backward(grad_output, x):
    spread = np.repeat(np.repeat(grad_output, 2, axis=2), 2, axis=3)
    return spread / 4


# --- attention and recurrent steps ----------------------------------------------------------------


def attention(q, k, v):
    scores = q @ k.T / math.sqrt(q.shape[-1])
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True) @ v


def attention_backward(grad_output, q, k, v):
    d = q.shape[-1]
    scores = q @ k.T / np.sqrt(d)
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    a = e / e.sum(axis=-1, keepdims=True)
    dv = a.T @ grad_output
    da = grad_output @ v.T
    ds = a * (da - (da * a).sum(axis=-1, keepdims=True))
    ds = ds / np.sqrt(d)
    dq = ds @ k
    dk = ds.T @ q
    return dq, dk, dv


def rnn_step(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx + h @ Wh + b)


def rnn_step_backward(grad_output, x, h, Wx, Wh, b):
    h_new = np.tanh(x @ Wx + h @ Wh + b)
    dz = grad_output * (1 - h_new**2)
    dx = dz @ Wx.T
    dh = dz @ Wh.T
    dWx = x.T @ dz
    dWh = h.T @ dz
    db = dz.sum(axis=0)
    return dx, dh, dWx, dWh, db


def lstm_step(z, c):
    i, f, o, g = np.split(z, 4, axis=1)
    i, f, o, g = sigmoid(i), sigmoid(f), sigmoid(o), np.tanh(g)
    c_new = f * c + i * g
    return o * np.tanh(c_new), c_new


def lstm_step_backward(grad_h, grad_c, z, c):
    i, f, o, g = np.split(z, 4, axis=1)
    i, f, o, g = sigmoid(i), sigmoid(f), sigmoid(o), np.tanh(g)
    c_new = f * c + i * g
    t = np.tanh(c_new)
    do = grad_h * t
    dc_new = grad_c + grad_h * o * (1 - t**2)
    di = dc_new * g
    df = dc_new * c
    dg = dc_new * i
    dc = dc_new * f
    dzi = di * i * (1 - i)
    dzf = df * f * (1 - f)
    dzo = do * o * (1 - o)
    dzg = dg * (1 - g**2)
    return np.concatenate([dzi, dzf, dzo, dzg], axis=1), dc


# --- a network ------------------------------------------------------------------------------------


def mlp(x, W1, b1, W2, b2, y):
    h = np.maximum(0, x @ W1 + b1)
    p = h @ W2 + b2
    return np.sum((p - y) ** 2) / len(x)


def mlp_backward(x, W1, b1, W2, b2, y):
    N = len(x)
    z = x @ W1 + b1
    h = np.maximum(0, z)
    p = h @ W2 + b2
    dp = 2 * (p - y) / N
    dW2 = h.T @ dp
    db2 = dp.sum(axis=0)
    dh = dp @ W2.T
    dz = dh * (z > 0)
    dW1 = x.T @ dz
    db1 = dz.sum(axis=0)
    dx = dz @ W1.T
    return {"x": dx, "W1": dW1, "b1": db1, "W2": dW2, "b2": db2}


def sigmoid_mlp(x, W1, W2, y):
    h = sigmoid(x @ W1)
    return np.sum((h @ W2 - y) ** 2)


def sigmoid_mlp_backward(x, W1, W2, y):
    h = sigmoid(x @ W1)
    dp = 2 * (h @ W2 - y)
    dW2 = h.T @ dp
    dh = dp @ W2.T
    dz = dh * h * (1 - h)
    dW1 = x.T @ dz
    return {"W1": dW1, "W2": dW2}


LABELS = np.array([0, 2, 1, 1, 0, 3])
IDS = np.array([1, 0, 3, 1, 1, 4])

# What each is called with; `None` as the backward pass of an object.
INPUTS = {
    "linear": (normal(5, 4), normal(4, 3), np.zeros(3)),
    "linear_rows": (normal(6, 3), normal(4, 3), normal(4)),
    "relu": (normal(4, 5),),
    "sigmoid": (normal(4, 5),),
    "tanh": (normal(4, 5),),
    "gelu": (normal(4, 5),),
    "softmax": (normal(4, 5),),
    "temperature_softmax": (normal(4, 5),),
    "cross_entropy": (normal(6, 4), LABELS),
    "mse": (normal(5, 3), normal(5, 3)),
    "l2_penalty": (normal(4, 3), normal(3)),
    "batch_norm": (normal(8, 3), np.ones(3), np.zeros(3)),
    "layer_norm": (normal(6, 5), np.ones(5), np.zeros(5)),
    "Dropout": (normal(5, 6),),
    "Linear": (normal(5, 4),),
    "embedding": (IDS, normal(5, 3)),
    "conv1d": (normal(2, 3, 7), normal(4, 3, 3), normal(4)),
    "conv2d": (normal(2, 3, 5, 5), normal(4, 3, 3, 3), np.zeros(4)),
    "max_pool": (normal(2, 2, 4, 4),),
    "average_pool": (normal(2, 2, 4, 4),),
    "attention": (normal(5, 4), normal(6, 4), normal(6, 3)),
    "rnn_step": (normal(4, 3), normal(4, 5), normal(3, 5), normal(5, 5), normal(5)),
    "lstm_step": (normal(4, 12), normal(4, 3)),
    "mlp": (normal(6, 3), normal(3, 5), normal(5), normal(5, 2), normal(2), normal(6, 2)),
    "sigmoid_mlp": (normal(6, 3), normal(3, 5), normal(5, 2), normal(6, 2)),
}
