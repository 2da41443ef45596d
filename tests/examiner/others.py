"""More backward passes, in other styles: classes, loops, einsum, caches, in-place code.

The examiner was not tuned on the mistakes planted in these.
"""

import math
from itertools import product

import numpy as np

import autograd as ag
import nn

DRAWN = np.random.default_rng(23)


def drawn(*shape):
    return DRAWN.normal(size=shape)


def probabilities(*shape):
    e = np.exp(drawn(*shape))
    return e / e.sum(axis=-1, keepdims=True)


class Affine:
    """Parameters and gradients in dictionaries."""

    def __init__(self):
        rng = np.random.default_rng(3)
        self.params = {"W": rng.normal(size=(3, 4)), "b": rng.normal(size=4)}
        self.grads = {}

    def forward(self, inputs):
        self.cache = inputs
        return np.dot(inputs, self.params["W"]) + self.params["b"]

    def backward(self, dout):
        self.grads["W"] = np.einsum("ni,nj->ij", self.cache, dout)
        self.grads["b"] = np.einsum("nj->j", dout)
        return np.einsum("nj,ij->ni", dout, self.params["W"])


def outer_loop(x, W):
    return np.stack([row @ W for row in x])


def outer_loop_backward(upstream, x, W):
    dx, dW = np.zeros_like(x), np.zeros_like(W)
    for n in range(len(x)):
        dW += np.outer(x[n], upstream[n])
        dx[n] = W @ upstream[n]
    return [dx, dW]


class LeakyReLU:
    def __init__(self, alpha=0.1):
        self.alpha = alpha

    def forward(self, x):
        self.negative = x <= 0
        return np.where(self.negative, self.alpha * x, x)

    def backward(self, dy):
        dx = dy.copy()
        dx[self.negative] *= self.alpha
        return dx


def elu(x, alpha=1.5):
    return np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 0)) - 1))


def elu_backward(dy, x, alpha=1.5):
    slope = np.ones_like(x)
    slope[x <= 0] = alpha * np.exp(x[x <= 0])
    return dy * slope


def silu(x):
    return x * ag.sigmoid(x)


def silu_backward(g, x):
    s = 1.0 / (1.0 + np.exp(-x))
    first = s
    second = x * s * (1.0 - s)
    return g * (first + second)


def softplus(x):
    return np.log(1.0 + np.exp(x))


def softplus_backward(g, x):
    return g / (1.0 + np.exp(-x))


def softmax_rows(z):
    e = np.exp(z)
    return e / np.sum(e, axis=1)[:, None]


def softmax_rows_backward(dp, z):
    out = np.empty_like(z)
    for n in range(len(z)):
        p = np.exp(z[n]) / np.exp(z[n]).sum()
        jacobian = np.diag(p) - np.outer(p, p)
        out[n] = jacobian @ dp[n]
    return out


def log_softmax(z):
    return nn.functional.log_softmax(z)


def log_softmax_backward(g, z):
    p = np.exp(z) / np.exp(z).sum(-1, keepdims=True)
    return g - p * g.sum(-1, keepdims=True)


class CrossEntropy:
    """A loss as an object: backward() takes nothing."""

    def forward(self, logits, target):
        e = np.exp(logits - np.max(logits, axis=1, keepdims=True))
        self.p, self.t = e / e.sum(1, keepdims=True), target
        return -np.sum(target * np.log(self.p)) / logits.shape[0]

    def backward(self):
        batch = self.t.shape[0]
        return (self.p - self.t) / batch


def binary_cross_entropy(p, y):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def binary_cross_entropy_backward(p, y):
    return (-y / p + (1 - y) / (1 - p)) / p.size


def logistic(w, X, y):
    margin = X @ w
    return np.sum(np.log1p(np.exp(margin)) - y * margin)


def logistic_backward(w, X, y):
    p = 1 / (1 + np.exp(-(X @ w)))
    return X.T @ (p - y)


class BatchNorm:
    def __init__(self):
        self.gamma, self.beta = np.ones(4), np.zeros(4)
        self.running_mean, self.running_var = np.zeros(4), np.ones(4)
        self.eps = 1e-5

    def forward(self, x):
        self.mu, self.var = np.mean(x, axis=0), np.var(x, axis=0)
        self.running_mean = 0.9 * self.running_mean + 0.1 * self.mu
        self.inverse = 1.0 / np.sqrt(self.var + self.eps)
        self.xhat = (x - self.mu) * self.inverse
        return self.gamma * self.xhat + self.beta

    def backward(self, grad_out):
        m = len(grad_out)
        self.dgamma = np.einsum("nd,nd->d", grad_out, self.xhat)
        self.dbeta = np.einsum("nd->d", grad_out)
        inner = m * grad_out - self.dbeta - self.xhat * self.dgamma
        return self.gamma * self.inverse / m * inner


def rms_norm(x, scale):
    return scale * x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + 1e-6)


def rms_norm_backward(g, x, scale):
    r = np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + 1e-6)
    h = g * scale
    straight = h / r
    bent = x * np.mean(h * x, axis=-1, keepdims=True) / r**3
    return straight - bent, (g * x / r).sum(0)


def dropout_rows(x, mask, keep=0.8):
    return x * mask / keep


def dropout_rows_backward(g, x, mask, keep=0.8):
    return {"x": g * mask / keep}


class Lookup:
    def __init__(self):
        self.weight = np.random.default_rng(5).normal(size=(6, 2))

    def forward(self, tokens):
        self.tokens = tokens
        return self.weight[tokens]

    def backward(self, grad):
        self.weight_grad = np.zeros_like(self.weight)
        for i, j in product(*map(range, self.tokens.shape)):
            self.weight_grad[self.tokens[i, j]] += grad[i, j]


def conv_valid(x, k):
    return np.stack([(x[i : i + len(k)] * k).sum() for i in range(len(x) - len(k) + 1)])


def conv_valid_backward(g, x, k):
    dx, dk = np.zeros(len(x)), np.zeros(len(k))
    for i in range(len(g)):
        dx[i : i + len(k)] += g[i] * k
        dk += g[i] * x[i : i + len(k)]
    return dx, dk


def strided_pool(x):
    return np.stack([x[:, i : i + 3].max(axis=1) for i in range(0, x.shape[1] - 2, 2)], axis=1)


def strided_pool_backward(g, x):
    dx = np.zeros_like(x)
    for n in range(len(x)):
        for k, i in enumerate(range(0, x.shape[1] - 2, 2)):
            best = i + np.argmax(x[n, i : i + 3])
            dx[n, best] += g[n, k]
    return dx


class MeanPool:
    def forward(self, x):
        self.shape = x.shape
        return x.mean(axis=(1, 2))

    def backward(self, grad_output):
        _, h, w, _ = self.shape
        return np.broadcast_to(grad_output[:, None, None, :] / (h * w), self.shape)


def causal_attention(q, k, v):
    T, d = q.shape
    scores = np.where(np.tri(T, dtype=bool), q @ k.T / np.sqrt(d), -1e9)
    return nn.functional.softmax(scores) @ v


def causal_attention_backward(dout, q, k, v):
    T, d = q.shape
    scores = np.where(np.tri(T, dtype=bool), q @ k.T / np.sqrt(d), -1e9)
    e = np.exp(scores - scores.max(1, keepdims=True))
    P = e / e.sum(1, keepdims=True)
    dV = P.T @ dout
    dP = dout @ v.T
    dS = P * (dP - np.einsum("ij,ij->i", dP, P)[:, None])
    return dS @ k / np.sqrt(d), dS.T @ q / np.sqrt(d), dV


def unrolled_rnn(xs, U, h0):
    h = h0
    for x in xs:
        h = np.tanh(x + h @ U)
    return h


def unrolled_rnn_backward(dh, xs, U, h0):
    hs = [h0]
    for x in xs:
        hs.append(np.tanh(x + hs[-1] @ U))
    dxs, dU = np.zeros_like(xs), np.zeros_like(U)
    for t in reversed(range(len(xs))):
        dz = dh * (1 - hs[t + 1] ** 2)
        dxs[t] = dz
        dU += hs[t].T @ dz
        dh = dz @ U.T
    return {"dxs": dxs, "dU": dU, "dh0": dh}


def gru_gate(z_raw, n_raw, h):
    z = 1 / (1 + np.exp(-z_raw))
    return (1 - z) * np.tanh(n_raw) + z * h


def gru_gate_backward(g, z_raw, n_raw, h):
    z, n = 1 / (1 + np.exp(-z_raw)), np.tanh(n_raw)
    dz = g * (h - n)
    dn = g * (1 - z)
    return dz * z * (1 - z), dn * (1 - n * n), g * z


class TwoLayers:
    """A network with lists of weights."""

    def __init__(self):
        rng = np.random.default_rng(8)
        self.weights = [rng.normal(size=(3, 5)), rng.normal(size=(5, 2))]
        self.biases = [rng.normal(size=5), rng.normal(size=2)]

    def forward(self, x):
        self.x = x
        self.a = np.tanh(x @ self.weights[0] + self.biases[0])
        return self.a @ self.weights[1] + self.biases[1]

    def backward(self, delta):
        hidden = (delta @ self.weights[1].T) * (1 - self.a**2)
        self.dweights = [self.x.T @ hidden, self.a.T @ delta]
        self.dbiases = [hidden.sum(0), delta.sum(0)]
        return hidden @ self.weights[0].T


def affine_cached(x, w, b):
    out = x.reshape(len(x), -1) @ w + b
    return out, (x, w, b)


def affine_cached_backward(dout, cache):
    x, w, _ = cache
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(len(x), -1).T @ dout
    db = dout.sum(axis=0)
    return dx, dw, db


def cosine(a, b):
    return (a @ b) / (np.sqrt(a @ a) * np.sqrt(b @ b))


def cosine_backward(g, a, b):
    na, nb = np.sqrt(a @ a), np.sqrt(b @ b)
    c = a @ b / (na * nb)
    da = b / (na * nb) - c * a / na**2
    db = a / (na * nb) - c * b / nb**2
    return g * da, g * db


def huber(r):
    return np.where(np.abs(r) <= 1.0, 0.5 * r**2, np.abs(r) - 0.5)


def huber_backward(g, r):
    small = np.abs(r) <= 1.0
    return np.where(small, g * r, g * np.sign(r))


TARGET = np.eye(4)[[0, 2, 1, 3, 1]]
INPUTS = {
    "Affine": (drawn(6, 3),),
    "outer_loop": (drawn(5, 3), drawn(3, 2)),
    "LeakyReLU": (drawn(4, 6),),
    "elu": (drawn(4, 6),),
    "silu": (drawn(7),),
    "softplus": (drawn(3, 4),),
    "softmax_rows": (drawn(4, 5),),
    "log_softmax": (drawn(4, 5),),
    "CrossEntropy": (drawn(5, 4), TARGET),
    "binary_cross_entropy": (DRAWN.uniform(0.1, 0.9, 8), (drawn(8) > 0).astype(float)),
    "logistic": (drawn(3), drawn(7, 3), (drawn(7) > 0).astype(float)),
    "BatchNorm": (drawn(9, 4),),
    "rms_norm": (drawn(6, 5), np.ones(5)),
    "dropout_rows": (drawn(4, 7), DRAWN.random((4, 7)) < 0.8),
    "Lookup": (np.array([[0, 2, 2], [5, 0, 2]]),),
    "conv_valid": (drawn(9), drawn(3)),
    "strided_pool": (drawn(4, 9),),
    "MeanPool": (drawn(2, 3, 5, 4),),
    "causal_attention": (drawn(5, 3), drawn(5, 3), drawn(5, 2)),
    "unrolled_rnn": (drawn(3, 2, 4), 0.5 * drawn(4, 4), np.zeros((2, 4))),
    "gru_gate": (drawn(3, 4), drawn(3, 4), drawn(3, 4)),
    "TwoLayers": (drawn(6, 3),),
    "affine_cached": (drawn(4, 2, 3), drawn(6, 5), drawn(5)),
    "cosine": (drawn(5), drawn(5)),
    "huber": (2.0 * drawn(4, 5),),
}

HALF = math.sqrt(0.5)

CHANGES = {
    "Affine": [
        ("sign", 'self.grads["W"] = ', 'self.grads["W"] = -'),
        ("transposed", "ni,nj->ij", "ni,nj->ji"),
        ("summed over the wrong axis", "nj->j", "nj->n"),
        ("summed over the wrong axis", "nj->j", "nj->"),
        ("factor", 'np.einsum("nj->j", dout)', 'np.einsum("nj->j", dout) / 6'),
        ("upstream ignored", "self.cache, dout)", "self.cache, np.ones_like(dout))"),
        (
            "stale",
            "self.cache = inputs",
            "self.cache = self.cache if hasattr(self, 'cache') else inputs",
        ),
    ],
    "outer_loop": [
        ("overwritten", "dW += np.outer", "dW = np.outer"),
        ("sign", "dW += np.outer", "dW -= np.outer"),
        ("factor", "np.outer(x[n], upstream[n])", "np.outer(x[n], upstream[n]) / len(x)"),
        ("upstream ignored", "np.outer(x[n], upstream[n])", "np.outer(x[n], np.ones(W.shape[1]))"),
        ("operands exchanged", "[dx, dW]", "[dW, dx]"),
    ],
    "LeakyReLU": [
        ("mask", "dx[self.negative]", "dx[~self.negative]"),
        ("slope missing", "        dx[self.negative] *= self.alpha\n", ""),
        ("sign", "*= self.alpha", "*= -self.alpha"),
        ("mask", "dx[self.negative]", "dx[dy < 0]"),
    ],
    "elu": [
        (
            "mask",
            "slope[x <= 0] = alpha * np.exp(x[x <= 0])",
            "slope[x > 0] = alpha * np.exp(x[x > 0])",
        ),
        ("factor", "alpha * np.exp", "np.exp"),
        ("slope missing", "dy * slope", "dy"),
        ("upstream ignored", "dy * slope", "slope"),
    ],
    "silu": [
        ("term missing", "first + second", "first"),
        ("term missing", "first + second", "second"),
        ("slope missing", "* (1.0 - s)", ""),
        ("sign", "first + second", "first - second"),
        ("upstream ignored", "g * (first + second)", "first + second"),
    ],
    "softplus": [
        ("sign", "np.exp(-x)", "np.exp(x)"),
        ("slope missing", "g / (1.0 + np.exp(-x))", "g"),
        ("upstream ignored", "g / (", "1.0 / ("),
        ("slope missing", "g / (1.0 + np.exp(-x))", "g / (1.0 + np.exp(x))"),
    ],
    "softmax_rows": [
        ("diagonal only", "np.diag(p) - np.outer(p, p)", "np.diag(p * (1 - p))"),
        ("term missing", "np.diag(p) - np.outer(p, p)", "np.diag(p)"),
        ("sign", "np.diag(p) - np.outer(p, p)", "np.diag(p) + np.outer(p, p)"),
        ("term missing", "np.diag(p) - np.outer(p, p)", "-np.outer(p, p)"),
        ("upstream ignored", "jacobian @ dp[n]", "jacobian @ np.arange(5.0)"),
    ],
    "log_softmax": [
        ("term missing", "g - p * g.sum(-1, keepdims=True)", "g"),
        ("sign", "g - p", "g + p"),
        ("not summed", "p * g.sum(-1, keepdims=True)", "p * g"),
        ("summed over the wrong axis", "g.sum(-1, keepdims=True)", "g.sum(0)"),
        ("slope missing", "p * g.sum", "g.sum"),
    ],
    "CrossEntropy": [
        ("factor", "/ batch", ""),
        ("sign", "self.p - self.t", "self.t - self.p"),
        ("term missing", "(self.p - self.t)", "self.p"),
        ("factor", "/ batch", "/ self.t.size"),
        (
            "stale",
            "self.p, self.t = e",
            "self.p, self.t = getattr(self, 'p', None) if hasattr(self, 'p') else e",
        ),
    ],
    "binary_cross_entropy": [
        ("factor", "/ p.size", ""),
        ("term missing", "-y / p + (1 - y) / (1 - p)", "-y / p"),
        ("sign", "-y / p +", "y / p +"),
        ("slope missing", "(-y / p + (1 - y) / (1 - p))", "(p - y)"),
    ],
    "logistic": [
        ("sign", "p - y", "y - p"),
        ("factor", "X.T @ (p - y)", "X.T @ (p - y) / len(y)"),
        ("wrong operand", "X.T @ (p - y)", "X.T @ (p * (p - y))"),
        ("term missing", "(p - y)", "p"),
        ("not summed", "X.T @ (p - y)", "X * (p - y)[:, None]"),
    ],
    "BatchNorm": [
        ("term missing", " - self.xhat * self.dgamma", ""),
        ("term missing", "m * grad_out - self.dbeta", "m * grad_out"),
        ("term missing", "m * grad_out - self.dbeta - self.xhat * self.dgamma", "m * grad_out"),
        ("slope missing", "self.gamma * self.inverse / m", "self.inverse / m"),
        ("factor", "self.inverse / m", "self.inverse"),
        ("slope missing", "self.gamma * self.inverse / m", "self.gamma / m"),
        ("wrong operand", "grad_out, self.xhat)", "grad_out, grad_out)"),
        ("sign", "self.xhat * self.dgamma\n", "-self.xhat * self.dgamma\n"),
    ],
    "rms_norm": [
        ("term missing", "straight - bent", "straight"),
        ("slope missing", "h = g * scale", "h = g"),
        ("not summed", "(g * x / r).sum(0)", "g * x / r"),
        ("wrong operand", "(g * x / r).sum(0)", "(g * x).sum(0)"),
        ("sign", "straight - bent", "straight + bent"),
        (
            "summed over the wrong axis",
            "np.mean(h * x, axis=-1, keepdims=True)",
            "np.mean(h * x, axis=0)",
        ),
    ],
    "dropout_rows": [
        ("factor", "g * mask / keep", "g * mask"),
        ("mask", "g * mask", "g * ~mask"),
        ("slope missing", "g * mask / keep", "g / keep"),
        ("upstream ignored", "g * mask", "mask"),
        ("factor", "/ keep", "/ (1 - keep)"),
    ],
    "Lookup": [
        ("overwritten", "+= grad[i, j]", "= grad[i, j]"),
        ("sign", "+= grad[i, j]", "-= grad[i, j]"),
        ("upstream ignored", "+= grad[i, j]", "+= 1.0"),
        ("factor", "+= grad[i, j]", "+= grad[i, j] / 6"),
    ],
    "conv_valid": [
        ("overwritten", "] += g[i] * k", "] = g[i] * k"),
        ("overwritten", "dk += g[i] * x", "dk = g[i] * x"),
        ("wrong operand", "dk += g[i] * x[i : i + len(k)]", "dk += g[i] * k"),
        ("sign", "dk += g", "dk -= g"),
    ],
    "strided_pool": [
        ("overwritten", "dx[n, best] += g", "dx[n, best] = g"),
        ("mask", "np.argmax", "np.argmin"),
        ("slope missing", "dx[n, best] +=", "dx[n, i : i + 3] +="),
    ],
    "MeanPool": [
        ("factor", " / (h * w)", ""),
        ("factor", "(h * w)", "(len(grad_output) * h * w)"),
        ("sign", "grad_output[:, None", "-grad_output[:, None"),
        ("factor", "(h * w)", "h"),
    ],
    "causal_attention": [
        ("factor", "dS @ k / np.sqrt(d)", "dS @ k"),
        ("term missing", ' - np.einsum("ij,ij->i", dP, P)[:, None]', ""),
        ("transposed", "P.T @ dout", "P @ dout"),
        ("diagonal only", 'P * (dP - np.einsum("ij,ij->i", dP, P)[:, None])', "P * (1 - P) * dP"),
        ("transposed", "dS.T @ q", "dS @ q"),
    ],
    "unrolled_rnn": [
        ("overwritten", "dU += hs", "dU = hs"),
        ("slope missing", "dh * (1 - hs[t + 1] ** 2)", "dh"),
        ("transposed", "dz @ U.T", "dz @ U"),
        ("wrong point", "hs[t + 1] ** 2", "hs[t] ** 2"),
        ("wrong operand", "hs[t].T @ dz", "hs[t + 1].T @ dz"),
    ],
    "gru_gate": [
        ("term missing", "g * (h - n)", "g * h"),
        ("slope missing", "dz * z * (1 - z)", "dz"),
        ("wrong point", "dn * (1 - n * n)", "dn * (1 - n_raw**2)"),
        ("sign", "g * (h - n)", "g * (n - h)"),
        ("wrong operand", "g * (1 - z)", "g * z"),
    ],
    "TwoLayers": [
        ("slope missing", " * (1 - self.a**2)", ""),
        ("not summed", "hidden.sum(0)", "hidden"),
        ("wrong operand", "self.a.T @ delta", "self.weights[1]"),
        ("factor", "self.x.T @ hidden", "self.x.T @ hidden / len(self.x)"),
        ("sign", "1 - self.a**2", "1 + self.a**2"),
    ],
    "affine_cached": [
        ("reshaped", ".reshape(x.shape)", ""),
        ("factor", "db = dout.sum(axis=0)", "db = dout.mean(axis=0)"),
        ("not summed", "dout.sum(axis=0)", "dout"),
        ("sign", "dx = (dout", "dx = (-dout"),
    ],
    "cosine": [
        ("term missing", " - c * a / na**2", ""),
        ("slope missing", "b / (na * nb) - c * a", "b - c * a"),
        ("upstream ignored", "g * da, g * db", "da, db"),
        ("operands exchanged", "return g * da, g * db", "return g * db, g * da"),
    ],
    "huber": [
        ("mask", "<= 1.0", "> 1.0"),
        ("slope missing", "g * np.sign(r)", "g"),
        (
            "upstream ignored",
            "np.where(small, g * r, g * np.sign(r))",
            "np.where(small, r, np.sign(r))",
        ),
        ("slope missing", "np.where(small, g * r, g * np.sign(r))", "g * r"),
    ],
}
