"""Right backward passes in unusual forms. None may be refused."""

import math

import numpy as np

import autograd as ag
import nn
from tests.examiner import backwards as b

rng = np.random.default_rng(11)
X = rng.normal(size=(6, 4))
POSITIVE = rng.uniform(0.5, 2.0, (3, 4))
P = b.softmax(X)
ONE_HOT = np.eye(4)[[0, 1, 3, 2, 2, 1]]


def scalar_loop(g, x, W, bias):
    dx, dW, db = np.zeros_like(x), np.zeros_like(W), [0.0] * len(bias)
    for n in range(len(x)):
        for j in range(W.shape[1]):
            db[j] += g[n, j]
            for i in range(W.shape[0]):
                dW[i, j] += x[n, i] * g[n, j]
                dx[n, i] += W[i, j] * g[n, j]
    return dx, dW, np.array(db)


def batch_norm_simplified(g, x, gamma, beta):
    n = len(x)
    centered = x - x.mean(0)
    inverse = (x.var(0) + 1e-5) ** -0.5
    inner = n * g - g.sum(0) - centered * inverse**2 * (g * centered).sum(0)
    return gamma * inverse / n * inner, (g * centered * inverse).sum(0), g.sum(0)


def batch_norm_jacobian(g, x, gamma, beta):
    n, d = x.shape
    dx = np.empty_like(x)
    for j in range(d):
        c = x[:, j] - x[:, j].mean()
        s = math.sqrt((c * c).mean() + 1e-5)
        jacobian = (np.eye(n) - 1 / n) / s - np.outer(c, c) / (n * s**3)
        dx[:, j] = jacobian @ (g[:, j] * gamma[j])
    x_hat = (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5)
    return {"dx": dx, "dgamma": (g * x_hat).sum(0), "dbeta": g.sum(0)}


def softmax_jacobian(g, z):
    p = b.softmax(z)
    jacobian = p[:, :, None] * (np.eye(z.shape[1])[None] - p[:, None, :])
    return np.einsum("nij,ni->nj", jacobian, g)


def relu_in_place(g, x):
    g = g.copy()
    g[x < 0] = 0
    return g


def cross_entropy_in_place(logits, labels):
    p = b.softmax(logits)
    p[np.arange(len(labels)), labels] -= 1
    p /= len(labels)
    return p


def soft_cross_entropy(logits, targets):
    return -np.sum(targets * np.log(b.softmax(logits) + 1e-12)) / len(logits)


def conv2d_loops(g, x, w, bias):
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    K = w.shape[2]
    for n, f, i, j in np.ndindex(*g.shape):
        dw[f] += g[n, f, i, j] * x[n, :, i : i + K, j : j + K]
        dx[n, :, i : i + K, j : j + K] += g[n, f, i, j] * w[f]
    return dx, dw, np.einsum("nfij->f", g)


def one_hot_embedding(g, ids, table):
    return {"table": np.eye(len(table))[ids].T @ g}


class Accumulating:
    """Adds to its gradients, as PyTorch does."""

    def __init__(self):
        self.weight = rng.normal(size=(3, 4))
        self.grad_weight = np.zeros((3, 4))

    def zero_grad(self):
        self.grad_weight[:] = 0

    def forward(self, x):
        self.input = x
        return x @ self.weight.T

    def backward(self, grad_output):
        self.grad_weight += grad_output.T @ self.input
        return grad_output @ self.weight


class EvalBatchNorm:
    """Running statistics are attributes that need no gradient."""

    def __init__(self):
        self.running_mean, self.running_var = rng.normal(size=4), rng.uniform(0.5, 2.0, 4)
        self.gamma, self.beta = np.ones(4), np.zeros(4)

    def forward(self, x):
        self.x_hat = (x - self.running_mean) / np.sqrt(self.running_var + 1e-5)
        return self.gamma * self.x_hat + self.beta

    def backward(self, grad_output):
        self.dgamma = np.sum(self.x_hat * grad_output, axis=0)
        self.dbeta = np.sum(grad_output, axis=0)
        return grad_output * self.gamma / np.sqrt(self.running_var + 1e-5)


class NumPyDropout:
    """The document's own: the global generator draws the mask."""

    def __init__(self, p=0.5):
        self.p, self.training = p, True

    def forward(self, x):
        if self.training:
            self.mask = np.random.rand(*x.shape) > self.p  # noqa: NPY002
            return x * self.mask / (1 - self.p)
        return x

    def backward(self, grad_output):
        if self.training:
            return grad_output * self.mask / (1 - self.p)
        return grad_output


cache = {}


def remembered(x):
    cache["y"] = np.tanh(x)
    return cache["y"] * 2


def attention_per_query(g, q, k, v):
    dq, dk, dv = np.zeros_like(q), np.zeros_like(k), np.zeros_like(v)
    for t in range(len(q)):
        a = b.softmax(k @ q[t] / math.sqrt(len(q[t])))
        dv += np.outer(a, g[t])
        da = v @ g[t]
        ds = (np.diag(a) - np.outer(a, a)) @ da / math.sqrt(len(q[t]))
        dq[t] = ds @ k
        dk += np.outer(ds, q[t])
    return [dq, dk, dv]


def two_results(x):
    h = np.tanh(x)
    return h, h**2, (x, h)


def two_results_backward(dh, dsquare, cache):
    _, h = cache
    return (dh + 2 * h * dsquare) * (1 - h**2)


class Updated:
    """Its backward pass makes a step, too."""

    def __init__(self):
        self.W = np.ones((4, 2))

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, err, lr=0.1):
        self.dW = self.x.T @ err
        dx = err @ self.W.T
        self.W = self.W - lr * self.dW
        return dx


class Parameter:
    def __init__(self, value):
        self.value, self.grad = value, None


class WithParameters:
    def __init__(self):
        self.W = Parameter(np.ones((4, 2)))

    def forward(self, x):
        self.x = x
        return x @ self.W.value

    def backward(self, d):
        self.W.grad = self.x.T @ d
        return d @ self.W.value.T


# (name, what is passed to check_backward)
RIGHT = [
    ("loops over scalars", (b.linear, scalar_loop, *b.INPUTS["linear"])),
    (
        "a transposed product",
        (
            b.linear,
            lambda g, x, W, bias: ((W @ g.T).T, (g.T @ x).T, g.T.sum(1)),
            *b.INPUTS["linear"],
        ),
    ),
    (
        "einsum",
        (
            b.linear,
            lambda g, x, W, bias: {
                "W": np.einsum("ni,nj->ij", x, g),
                "b": np.einsum("nj->j", g),
            },
            *b.INPUTS["linear"],
        ),
    ),
    (
        "a ones vector for the sum",
        (
            b.linear,
            lambda g, x, W, bias: (g @ W.T, x.T @ g, np.ones(len(g)) @ g),
            *b.INPUTS["linear"],
        ),
    ),
    ("ReLU by its output", (b.relu, lambda g, x: g * (np.maximum(x, 0) > 0), X)),
    ("ReLU in place", (b.relu, relu_in_place, X)),
    ("ReLU by sign", (b.relu, lambda g, x: 0.5 * g * (np.sign(x) + 1), X)),
    ("ReLU at zeros, by >=", (b.relu, lambda g, x: g * (x >= 0), np.array([[0.0, 1.0, -1.0]]))),
    (
        "ReLU at zeros, one half",
        (b.relu, lambda g, x: g * np.heaviside(x, 0.5), np.array([[0.0, 1.0, -1.0]])),
    ),
    ("sigmoid by e/(1+e)²", (b.sigmoid, lambda g, x: g * np.exp(-x) / (1 + np.exp(-x)) ** 2, X)),
    ("sigmoid by tanh", (b.sigmoid, lambda g, x: g * (1 - np.tanh(x / 2) ** 2) / 4, X)),
    ("tanh by cosh", (b.tanh, lambda g, x: g / np.cosh(x) ** 2, X)),
    ("softmax by its Jacobian", (b.softmax, softmax_jacobian, X)),
    (
        "cross-entropy in place",
        (b.cross_entropy, cross_entropy_in_place, *b.INPUTS["cross_entropy"]),
    ),
    (
        "p - y beside a log with eps",
        (
            soft_cross_entropy,
            lambda logits, targets: (b.softmax(logits) - targets) / len(logits),
            X,
            ONE_HOT,
        ),
    ),
    (
        "soft targets",
        (
            soft_cross_entropy,
            lambda g, logits, targets: g * (b.softmax(logits) - targets) / len(logits),
            X,
            P,
        ),
    ),
    ("batch norm simplified", (b.batch_norm, batch_norm_simplified, *b.INPUTS["batch_norm"])),
    ("batch norm by its Jacobian", (b.batch_norm, batch_norm_jacobian, *b.INPUTS["batch_norm"])),
    ("conv2d by loops", (b.conv2d, conv2d_loops, *b.INPUTS["conv2d"])),
    ("embedding by one-hot", (b.embedding, one_hot_embedding, *b.INPUTS["embedding"])),
    (
        "max pool at ties",
        (b.max_pool, b.max_pool_backward, np.ones((1, 1, 2, 2)) * [[0.0, 1.0], [0.5, 0.2]]),
    ),
    ("attention, query by query", (b.attention, attention_per_query, *b.INPUTS["attention"])),
    ("accumulated gradients", (Accumulating(), X)),
    ("running statistics", (EvalBatchNorm(), X)),
    ("dropout of the global generator", (NumPyDropout(), X)),
    (
        "a cache in a dictionary",
        (remembered, lambda grad_output: 2 * grad_output * (1 - cache["y"] ** 2), X),
    ),
    (
        "a function of nn",
        (
            lambda x: nn.functional.gelu(x),
            lambda g, x: (
                g
                * (
                    0.5 * (1 + ag.erf(x / math.sqrt(2)))
                    + x * np.exp(-x * x / 2) / math.sqrt(2 * math.pi)
                )
            ),
            X,
        ),
    ),
    (
        "a logarithm, positive inputs",
        (lambda x: np.log(x) ** 2, lambda g, x: 2 * g * np.log(x) / x, POSITIVE),
    ),
    ("a square root as a power", (lambda x: np.sqrt(x), lambda g, x: 0.5 * g * x**-0.5, POSITIVE)),
    ("float32 inputs", (b.tanh, b.tanh_backward, X.astype(np.float32))),
    ("a scalar result", (lambda x: np.sum(x**3), lambda x: 3 * x**2, X)),
    (
        "an absolute value at 0",
        (np.abs, lambda g, x: g * np.where(x >= 0, 1.0, -1.0), np.array([0.0, -2.0, 1.0])),
    ),
    (
        "log of softmax probabilities",
        (lambda p: -np.log(p).sum(axis=1).mean(), lambda g, p: -g / p / len(p), P),
    ),
    (
        "list of gradients with None",
        (
            b.mse,
            lambda g, prediction, target: [2 * g * (prediction - target) / target.size, None],
            *b.INPUTS["mse"],
        ),
    ),
    ("every slope 1 at many zeros", (b.relu, lambda g, x: g * (x >= 0), np.zeros((10, 10)))),
    (
        "a permutation undone",
        (lambda x, p: x[p], lambda g, x, p: g[np.argsort(p)], X[:4], np.array([2, 0, 3, 1])),
    ),
    (
        "labels of ±1, squared away",
        (
            lambda f, y: np.log1p(np.exp(-y * f)).sum(),
            lambda f, y: 1 / (1 + np.exp(-f)) - (y + 1) / 2,
            *(X[0], np.where(X[1] > 0, 1.0, -1.0)),
        ),
    ),
    (
        "labels that are all the last class",
        (
            lambda z, y: -(np.log(b.softmax(z)) * (y[:, None] == np.arange(4))).sum(),
            lambda z, y: b.softmax(z) - (y[:, None] == np.arange(4)),
            *(X, np.full(len(X), 3)),
        ),
    ),
    (
        "the size of the batch as a number",
        (
            lambda p, y, N: np.sum((p - y) ** 2) / N,
            lambda p, y, N: 2 * (p - y) / len(p),
            *(X, X[::-1].copy(), len(X)),
        ),
    ),
    (
        "an array as the cache",
        (lambda Z: (np.maximum(0, Z), Z), lambda dA, cache: dA * (cache > 0), X),
    ),
    ("two results and a cache", (two_results, two_results_backward, X)),
    ("the cotangent last", (b.tanh, lambda x, dout: dout * (1 - np.tanh(x) ** 2), X)),
    (
        "a slope that saturates",
        (
            b.sigmoid,
            lambda g, x: g * b.sigmoid(x) * (1 - b.sigmoid(x)),
            np.array([40.0, 50.0, -60.0]),
        ),
    ),
    ("a parameter of any name, and an update", (Updated(), X)),
    ("parameters as objects", (WithParameters(), X)),
    (
        "a derivative by differences",
        (b.tanh, lambda g, x: g * (np.tanh(x + 1e-5) - np.tanh(x - 1e-5)) / 2e-5, X),
    ),
]
