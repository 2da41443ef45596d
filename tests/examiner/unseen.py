"""Backward passes written last, when the examiner was finished: what it does with new ones."""

import numpy as np

import autograd as ag
import nn

DRAWN = np.random.default_rng(91)


def drawn(*shape):
    return DRAWN.normal(size=shape)


def relu_written_in_place(x):
    out = x.copy()
    out[out < 0] = 0
    return out


def relu_written_in_place_backward(dout, x):
    dx = dout.copy()
    dx[x < 0] = 0
    return dx


def padded_conv(x, w):
    x = np.pad(x, ((0, 0), (1, 1)))
    out = np.zeros((x.shape[0], x.shape[1] - len(w) + 1))
    for t in range(out.shape[1]):
        out[:, t] = x[:, t : t + len(w)] @ w
    return out


def padded_conv_backward(dout, x, w):
    padded = np.pad(x, ((0, 0), (1, 1)))
    dpadded, dw = np.zeros_like(padded), np.zeros_like(w)
    for t in range(dout.shape[1]):
        dpadded[:, t : t + len(w)] += np.outer(dout[:, t], w)
        dw += padded[:, t : t + len(w)].T @ dout[:, t]
    return dpadded[:, 1:-1], dw


def max_pool_loops(x):
    N, H, W = x.shape
    out = np.zeros((N, H // 2, W // 2))
    for i in range(H // 2):
        for j in range(W // 2):
            out[:, i, j] = x[:, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max(axis=(1, 2))
    return out


def max_pool_loops_backward(dout, x):
    dx = np.zeros_like(x)
    for n, i, j in np.ndindex(*dout.shape):
        window = x[n, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
        mask = window == window.max()
        dx[n, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2] += mask * dout[n, i, j]
    return dx


class Deep:
    """Two hidden layers."""

    def __init__(self):
        rng = np.random.default_rng(2)
        self.W1, self.W2, self.W3 = (rng.normal(size=s) for s in ((3, 4), (4, 4), (4, 2)))
        self.b1, self.b2 = np.zeros(4), np.zeros(4)

    def forward(self, x):
        self.x = x
        self.z1 = x @ self.W1 + self.b1
        self.h1 = nn.functional.relu(self.z1)
        self.z2 = self.h1 @ self.W2 + self.b2
        self.h2 = nn.functional.relu(self.z2)
        return self.h2 @ self.W3

    def backward(self, grad_output):
        self.dW3 = self.h2.T @ grad_output
        d2 = grad_output @ self.W3.T * (self.z2 > 0)
        self.dW2, self.db2 = self.h1.T @ d2, d2.sum(0)
        d1 = d2 @ self.W2.T * (self.z1 > 0)
        self.dW1, self.db1 = self.x.T @ d1, d1.sum(0)
        return d1 @ self.W1.T


def group_norm(x, weight):
    n, c, length = x.shape
    g = x.reshape(n, 2, -1)
    g = (g - g.mean(-1, keepdims=True)) / np.sqrt(g.var(-1, keepdims=True) + 1e-5)
    return g.reshape(n, c, length) * weight[None, :, None]


def group_norm_backward(dy, x, weight):
    n = len(x)
    g = x.reshape(n, 2, -1)
    std = np.sqrt(g.var(-1, keepdims=True) + 1e-5)
    xhat = (g - g.mean(-1, keepdims=True)) / std
    dweight = (dy * xhat.reshape(x.shape)).sum(axis=(0, 2))
    d = (dy * weight[None, :, None]).reshape(n, 2, -1)
    dx = (d - d.mean(-1, keepdims=True) - xhat * (d * xhat).mean(-1, keepdims=True)) / std
    return dx.reshape(x.shape), dweight


def kl(p, q):
    return np.sum(p * (np.log(p) - np.log(q)))


def kl_backward(p, q):
    return {"p": np.log(p) - np.log(q) + 1, "q": -p / q}


def bilinear(x, A, y):
    return np.einsum("ni,ij,nj->n", x, A, y)


def bilinear_backward(g, x, A, y):
    dx = g[:, None] * (y @ A.T)
    dA = (x * g[:, None]).T @ y
    dy = g[:, None] * (x @ A)
    return dx, dA, dy


def l1_smooth(w, lam=0.05):
    return lam * np.sum(np.sqrt(w**2 + 0.01))


def l1_smooth_backward(w, lam=0.05):
    return lam * w / np.sqrt(w**2 + 0.01)


def two_heads(x, Wq, Wk, Wv):
    heads = []
    for h in range(2):
        q, k, v = x @ Wq[h], x @ Wk[h], x @ Wv[h]
        heads.append(ag.softmax(q @ k.T / np.sqrt(3)) @ v)
    return np.concatenate(heads, axis=1)


def two_heads_backward(g, x, Wq, Wk, Wv):
    dx, dWq, dWk, dWv = (np.zeros_like(a) for a in (x, Wq, Wk, Wv))
    for h in range(2):
        q, k, v = x @ Wq[h], x @ Wk[h], x @ Wv[h]
        s = q @ k.T / np.sqrt(3)
        a = np.exp(s - s.max(1, keepdims=True))
        a /= a.sum(1, keepdims=True)
        gh = g[:, 3 * h : 3 * h + 3]
        dv = a.T @ gh
        da = gh @ v.T
        ds = a * (da - (da * a).sum(1, keepdims=True)) / np.sqrt(3)
        dq, dk = ds @ k, ds.T @ q
        dWq[h], dWk[h], dWv[h] = x.T @ dq, x.T @ dk, x.T @ dv
        dx += dq @ Wq[h].T + dk @ Wk[h].T + dv @ Wv[h].T
    return dx, dWq, dWk, dWv


def residual(x, W):
    return x + np.tanh(x @ W)


def residual_backward(g, x, W):
    d = g * (1 - np.tanh(x @ W) ** 2)
    return g + d @ W.T, x.T @ d


class MomentumFree:
    """A standardizing layer that keeps statistics of its own."""

    def __init__(self):
        self.scale = np.full(3, 2.0)

    def forward(self, x):
        self.center = x - x.mean(0)
        return self.center * self.scale

    def backward(self, upstream):
        self.scale_grad = (upstream * self.center).sum(0)
        d = upstream * self.scale
        return d - d.mean(0)


INPUTS = {
    "relu_written_in_place": (drawn(4, 5),),
    "padded_conv": (drawn(3, 6), drawn(3)),
    "max_pool_loops": (drawn(2, 4, 4),),
    "Deep": (drawn(7, 3),),
    "group_norm": (drawn(3, 4, 5), np.ones(4)),
    "kl": (np.array([0.2, 0.5, 0.3]), np.array([0.4, 0.35, 0.25])),
    "bilinear": (drawn(4, 3), drawn(3, 2), drawn(4, 2)),
    "l1_smooth": (drawn(6),),
    "two_heads": (drawn(4, 5), drawn(2, 5, 3), drawn(2, 5, 3), drawn(2, 5, 3)),
    "residual": (drawn(5, 3), drawn(3, 3)),
    "MomentumFree": (drawn(6, 3),),
}
CHANGES = {
    "relu_written_in_place": [
        ("mask", "dx[x < 0]", "dx[x > 0]"),
        ("slope missing", "    dx[x < 0] = 0\n", ""),
        ("upstream ignored", "dx = dout.copy()", "dx = np.ones_like(dout)"),
        ("mask", "dx[x < 0]", "dx[dout < 0]"),
    ],
    "padded_conv": [
        ("overwritten", "len(w)] += np", "len(w)] = np"),
        ("overwritten", "dw += ", "dw = "),
        ("sign", "dw += ", "dw -= "),
        ("factor", ".T @ dout[:, t]", ".T @ dout[:, t] / len(x)"),
        ("wrong operand", "np.outer(dout[:, t], w)", "np.outer(dout[:, t], w[::-1])"),
    ],
    "max_pool_loops": [
        ("mask", "window.max()", "window.min()"),
        ("slope missing", "mask * dout", "np.ones((2, 2)) * dout"),
        ("factor", "mask * dout[n, i, j]", "mask * dout[n, i, j] / 4"),
        ("upstream ignored", "mask * dout[n, i, j]", "mask"),
    ],
    "Deep": [
        ("slope missing", " * (self.z1 > 0)", ""),
        ("slope missing", " * (self.z2 > 0)", ""),
        ("mask", "(self.z1 > 0)", "(self.z2 > 0)"),
        ("wrong operand", "self.h1.T @ d2", "self.z1.T @ d2"),
        ("transposed", "d2 @ self.W2.T", "d2 @ self.W2"),
        ("not summed", "d2.sum(0)", "d2"),
        ("wrong operand", "self.h1.T @ d2", "self.h2.T @ d2"),
    ],
    "group_norm": [
        ("term missing", "d - d.mean(-1, keepdims=True) - xhat", "d - xhat"),
        ("slope missing", ") / std\n    return", ")\n    return"),
        ("summed over the wrong axis", "sum(axis=(0, 2))", "sum(axis=(0, 1))"),
        ("slope missing", "(dy * weight[None, :, None])", "dy"),
        ("not summed", "sum(axis=(0, 2))", "sum(axis=0)"),
    ],
    "kl": [
        ("term missing", " + 1", ""),
        ("sign", "-p / q", "p / q"),
        ("term missing", "np.log(p) - np.log(q) + 1", "np.log(p) + 1"),
        ("slope missing", "-p / q", "-1 / q"),
    ],
    "bilinear": [
        ("transposed", "(x * g[:, None]).T @ y", "y.T @ (x * g[:, None])"),
        ("upstream ignored", "dx = g[:, None] * (y @ A.T)", "dx = y @ A.T"),
        ("wrong operand", "(x * g[:, None]).T @ y", "(x * g[:, None]).T @ y**2"),
        ("sign", "dy = g", "dy = -g"),
    ],
    "l1_smooth": [
        ("slope missing", "lam * w /", "lam /"),
        ("factor", "lam * w", "w"),
        ("factor", "lam * w", "2 * lam * w"),
        ("wrong point", "lam * w / np.sqrt(w**2 + 0.01)", "lam * np.sign(w)"),
    ],
    "two_heads": [
        ("factor", "keepdims=True)) / np.sqrt(3)", "keepdims=True))"),
        ("term missing", "(da - (da * a).sum(1, keepdims=True))", "da"),
        ("overwritten", "dx += dq", "dx = dq"),
        ("term missing", " + dv @ Wv[h].T", ""),
        ("transposed", "ds.T @ q", "ds @ q"),
        ("diagonal only", "a * (da - (da * a).sum(1, keepdims=True))", "a * (1 - a) * da"),
    ],
    "residual": [
        ("term missing", "g + d @ W.T", "d @ W.T"),
        ("term missing", "g + d @ W.T", "g"),
        ("wrong point", "np.tanh(x @ W) ** 2", "x**2"),
        ("slope missing", "g * (1 - np.tanh(x @ W) ** 2)", "g"),
        ("sign", "g + d", "g - d"),
        ("transposed", "d @ W.T", "d @ W"),
    ],
    "MomentumFree": [
        ("term missing", "d - d.mean(0)", "d"),
        ("slope missing", "d = upstream * self.scale", "d = upstream"),
        ("summed over the wrong axis", "d.mean(0)", "d.mean(1, keepdims=True)"),
        (
            "stale",
            "self.center = x - x.mean(0)",
            "center = x - x.mean(0)\n        self.center = getattr(self, 'center', center)\n        return center * self.scale",
        ),
        ("factor", "d.mean(0)", "d.sum(0)"),
    ],
}
