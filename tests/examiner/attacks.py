"""Backward passes with which a reader who had not seen the examiner attacked it, rewritten.

What it called wrong then is among them, and inputs that hid a mistake: all of them positive, the
identity as a weight, indices that occur once, a temperature of 1.
"""

import numpy as np

DRAWN = np.random.default_rng(17)


def drawn(*shape):
    return DRAWN.normal(size=shape)


def positive(*shape):
    return DRAWN.random(size=shape) + 0.1


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def conv1d_loops(x, w, b):
    N, _, L = x.shape
    F, _, K = w.shape
    out = np.zeros((N, F, L - K + 1))
    for i in range(L - K + 1):
        out[:, :, i] = np.tensordot(x[:, :, i : i + K], w, ([1, 2], [1, 2])) + b
    return out


def conv1d_loops_backward(dout, x, w, b):
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    K = w.shape[2]
    for i in range(dout.shape[2]):
        dw += np.einsum("nf,nck->fck", dout[:, :, i], x[:, :, i : i + K])
        part = np.einsum("nf,fck->nck", dout[:, :, i], w)
        dx[:, :, i : i + K] += part
    db = dout.sum((0, 2))
    return dx, dw, db


def average_pool_repeat(x):
    N, C, H, W = x.shape
    return x.reshape(N, C, H // 2, 2, W // 2, 2).mean(axis=(3, 5))


def average_pool_repeat_backward(dout, x):
    spread = np.kron(dout, np.ones((1, 1, 2, 2)))
    return spread / 4


class ScaledDropout:
    def __init__(self, p=0.4):
        self.p = p
        self.rng = np.random.default_rng(1)

    def forward(self, x):
        self.mask = (self.rng.random(x.shape) > self.p) / (1 - self.p)
        return x * self.mask

    def backward(self, d):
        return d * self.mask


def batch_norm_short(x, gamma, beta):
    mu = x.mean(0)
    var = x.var(0)
    x_hat = (x - mu) / np.sqrt(var + 1e-5)
    return gamma * x_hat + beta


def batch_norm_short_backward(dout, x, gamma, beta):
    N = len(x)
    std = np.sqrt(x.var(0) + 1e-5)
    x_hat = (x - x.mean(0)) / std
    d = dout * gamma
    first = d.sum(0) / N
    second = x_hat * (d * x_hat).sum(0) / N
    return (d - first - second) / std, (dout * x_hat).sum(0), dout.sum(0)


def lstm_packed(x, h, c, Wx, Wh, b):
    z = x @ Wx + h @ Wh + b
    H = h.shape[1]
    i, f, o = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 2 * H : 3 * H])
    g = np.tanh(z[:, 3 * H :])
    c_new = f * c + i * g
    return o * np.tanh(c_new)


def lstm_packed_backward(dh, x, h, c, Wx, Wh, b):
    z = x @ Wx + h @ Wh + b
    H = h.shape[1]
    i, f, o = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 2 * H : 3 * H])
    g = np.tanh(z[:, 3 * H :])
    c_new = f * c + i * g
    t = np.tanh(c_new)
    dc = dh * o * (1 - t * t)
    di, df, do, dg = dc * g, dc * c, dh * t, dc * i
    zi, zf, zo = di * i * (1 - i), df * f * (1 - f), do * o * (1 - o)
    zg = dg * (1 - g**2)
    dz = np.hstack([zi, zf, zo, zg])
    return dz @ Wx.T, dz @ Wh.T, dc * f, x.T @ dz, h.T @ dz, dz.sum(0)


def rnn_cell(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx + h @ Wh + b)


def rnn_cell_backward(dnext, x, h, Wx, Wh, b):
    new = np.tanh(x @ Wx + h @ Wh + b)
    da = dnext * (1 - new**2)
    return da @ Wx.T, da @ Wh.T, x.T @ da, h.T @ da, da.sum(0)


def sigmoid_classifier(X, y, W1, b1, W2):
    h = sigmoid(X @ W1 + b1)
    z = h @ W2
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(y)), y].mean()


def sigmoid_classifier_backward(X, y, W1, b1, W2):
    h = sigmoid(X @ W1 + b1)
    e = np.exp(h @ W2)
    d = e / e.sum(axis=1, keepdims=True)
    d[np.arange(len(y)), y] -= 1
    d /= len(y)
    dh = d @ W2.T
    dz = dh * h * (1 - h)
    return {"W1": X.T @ dz, "b1": dz.sum(axis=0), "W2": h.T @ d}


def tempered(x, T):
    e = np.exp(x / T)
    return e / e.sum(axis=-1, keepdims=True)


def tempered_backward(g, x, T):
    p = tempered(x, T)
    dz = p * (g - (g * p).sum(axis=-1, keepdims=True))
    return {"dx": dz / T, "dT": -(dz * x).sum() / T**2}


def tempered_at_1(x, T):
    e = np.exp(x / T)
    return e / e.sum(axis=-1, keepdims=True)


def tempered_at_1_backward(g, x, T):
    p = tempered_at_1(x, T)
    dz = p * (g - (g * p).sum(axis=-1, keepdims=True))
    return dz / T


def leaky(x):
    return np.where(x > 0, x, 0.01 * x)


def leaky_backward(g, x):
    return g * np.where(x > 0, 1, 0.01)


def ridge(W, X, y):
    return np.sum((X @ W - y) ** 2) / len(X) + 0.1 * np.sum(W**2)


def ridge_backward(W, X, y):
    d = 2 * X.T @ (X @ W - y) / len(X)
    penalty = 0.2 * W
    return {"W": d + penalty}


def positive_mlp(X, W1, b1, W2, b2):
    h = np.maximum(X @ W1 + b1, 0)
    return h @ W2 + b2


def positive_mlp_backward(dY, X, W1, b1, W2, b2):
    z = X @ W1 + b1
    h = np.maximum(z, 0)
    dz = (dY @ W2.T) * (z > 0)
    return dz @ W1.T, X.T @ dz, dz.sum(0), h.T @ dY, dY.sum(0)


def identity_weight(x, W):
    return x @ W


def identity_weight_backward(g, x, W):
    return g @ W.T, x.T @ g


def rows_once(table, ids):
    return table[ids]


def rows_once_backward(g, table, ids):
    found = np.zeros_like(table)
    np.add.at(found, ids, g)
    return found


class LooseNames:
    def __init__(self):
        self.W, self.b = drawn(5, 3), drawn(3)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, accum_grad):
        self.dL_dw = self.x.T @ accum_grad
        self.dbias = accum_grad.sum(axis=0)
        return accum_grad @ self.W.T


# What each is called with.
INPUTS = {
    "conv1d_loops": (drawn(3, 2, 7), drawn(4, 2, 3), drawn(4)),
    "average_pool_repeat": (drawn(2, 2, 4, 4),),
    "ScaledDropout": (drawn(6, 4),),
    "batch_norm_short": (drawn(7, 4), drawn(4), drawn(4)),
    "lstm_packed": (drawn(4, 3), drawn(4, 2), drawn(4, 2), drawn(3, 8), drawn(2, 8), drawn(8)),
    "rnn_cell": (drawn(6, 4), drawn(6, 3), drawn(4, 3), drawn(3, 3), drawn(3)),
    "sigmoid_classifier": (
        *(drawn(7, 4), np.array([0, 1, 2, 1, 0, 2, 1])),
        *(drawn(4, 5), drawn(5), drawn(5, 3)),
    ),
    "tempered": (drawn(5, 4), np.array(1.7)),
    "tempered_at_1": (drawn(5, 4), 1.0),
    "leaky": (drawn(6, 4),),
    "ridge": (drawn(4), drawn(9, 4), drawn(9)),
    "positive_mlp": (positive(7, 4), positive(4, 5), positive(5), positive(5, 2), positive(2)),
    "identity_weight": (drawn(4, 4), np.eye(4)),
    "rows_once": (drawn(5, 3), np.array([0, 3, 1])),
    "LooseNames": (drawn(8, 5),),
}

# For each backward pass: (kind, text before, text after).
CHANGES = {
    "conv1d_loops": [
        ("reshaped", "return dx, dw, db", "return dx, dw[:, :, ::-1], db"),
        ("wrong operand", "dout[:, :, i], w)", "dout[:, :, i], w[:, :, ::-1])"),
        ("overwritten", "+= part", "= part"),
        ("summed over the wrong axis", "dout.sum((0, 2))", "dout.sum((0, 1))"),
        ("not summed", "dout.sum((0, 2))", "dout.sum(0)"),
        ("factor", "return dx, dw, db", "return dx, dw / len(x), db"),
    ],
    "average_pool_repeat": [
        ("reshaped", "np.kron(dout, np.ones((1, 1, 2, 2)))", "np.tile(dout, (1, 1, 2, 2))"),
        ("factor", "spread / 4", "spread"),
        ("sign", "spread / 4", "-spread / 4"),
    ],
    "ScaledDropout": [
        ("mask", "d * self.mask", "d * (self.rng.random(d.shape) > self.p) / (1 - self.p)"),
        ("mask", "d * self.mask", "d * (self.mask == 0) / (1 - self.p)"),
        ("factor", "d * self.mask", "d * (self.mask > 0)"),
        ("factor", "d * self.mask", "d * (self.mask > 0) / self.p"),
    ],
    "batch_norm_short": [
        (
            "factor",
            "d.sum(0) / N\n    second = x_hat * (d * x_hat).sum(0) / N",
            "d.sum(0)\n    second = x_hat * (d * x_hat).sum(0)",
        ),
        ("factor", "x_hat * (d * x_hat).sum(0) / N", "x_hat * (d * x_hat).sum(0) / (N - 1)"),
        ("term missing", "d - first - second", "d - first"),
        ("term missing", "d - first - second", "d"),
        ("sign", "d - first - second", "d - first + second"),
        ("slope missing", "d = dout * gamma", "d = dout"),
    ],
    "lstm_packed": [
        ("operands exchanged", "[zi, zf, zo, zg]", "[zf, zi, zo, zg]"),
        (
            "operands exchanged",
            "= dc * g, dc * c, dh * t, dc * i",
            "= dc * i, dc * c, dh * t, dc * g",
        ),
        ("wrong operand", "dc * g, dc * c,", "dc * g, dc * c_new,"),
        ("wrong point", "dg * (1 - g**2)", "dg * g * (1 - g)"),
        ("wrong point", "dh * o * (1 - t * t)", "dh * o * (1 - c_new**2)"),
        ("slope missing", "dh * o * (1 - t * t)", "dh * o"),
    ],
    "rnn_cell": [
        ("wrong point", "dnext * (1 - new**2)", "dnext * new * (1 - new)"),
        ("wrong point", "dnext * (1 - new**2)", "dnext * (1 - h**2)"),
        ("slope missing", "dnext * (1 - new**2)", "dnext"),
        ("wrong operand", "h.T @ da", "new.T @ da"),
        ("slope missing", "da.sum(0)", "dnext.sum(0)"),
    ],
    "sigmoid_classifier": [
        ("wrong point", "dh * h * (1 - h)", "dh * (1 - dh)"),
        ("wrong point", "dh * h * (1 - h)", "dh * (1 - h**2)"),
        ("factor", "h.T @ d}", "h.T @ d / len(y)}"),
        ("summed over the wrong axis", "dz.sum(axis=0)", "np.sum(dz)"),
        ("slope missing", "dh * h * (1 - h)", "dh"),
    ],
    "tempered": [
        ("factor", "(dz * x).sum() / T**2", "(dz * x).sum() / T"),
        ("sign", "-(dz * x)", "(dz * x)"),
        ("factor", "dz / T,", "dz,"),
    ],
    "tempered_at_1": [
        ("factor", "dz / T", "dz"),
        ("factor", "dz / T", "dz * T"),
        ("sign", "dz / T", "-dz / T"),
    ],
    "leaky": [
        ("mask", "1, 0.01)", "0.01, 1)"),
        ("slope missing", "g * np.where(x > 0, 1, 0.01)", "g"),
    ],
    "ridge": [
        ("wrong point", "0.2 * W", "0.2 * np.sign(W)"),
        ("factor", "0.2 * W", "0.1 * W"),
        ("term missing", "d + penalty", "d"),
        ("sign", "d + penalty", "d - penalty"),
    ],
    "positive_mlp": [
        ("slope missing", " * (z > 0)", ""),
        ("mask", "(z > 0)", "(z < 0)"),
    ],
    "identity_weight": [
        ("slope missing", "g @ W.T, x", "g, x"),
        ("factor", "x.T @ g", "2 * x.T @ g"),
    ],
    "rows_once": [
        ("overwritten", "np.add.at(found, ids, g)", "found[ids] = g"),
    ],
    "LooseNames": [
        ("factor", "self.x.T @ accum_grad", "99 * self.x.T @ accum_grad"),
        ("summed over the wrong axis", "accum_grad.sum(axis=0)", "accum_grad.sum()"),
        ("sign", "self.dbias = ", "self.dbias = -"),
    ],
}
