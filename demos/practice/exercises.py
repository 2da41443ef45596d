"""The exercises: a question, hints that grow clearer, and inputs, by topic."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import autograd as ag
from demos.practice import passes

Array = Any
HELPERS = {"softmax": passes.softmax, "sigmoid": passes.sigmoid, "im2col": passes.im2col}


@dataclass(frozen=True)
class Exercise:
    """A backward pass to derive.

    Attributes:
        name: what the command line calls it.
        topic: what it belongs to.
        question: what is asked.
        hints: the first says where to begin, the last nearly everything.
        shapes: of the inputs; an int stands for labels below it.
    """

    name: str
    topic: str
    question: str
    hints: tuple[str, ...]
    shapes: tuple[Any, ...]

    @property
    def key(self) -> str:
        """The name of its functions."""
        return self.name.replace("-", "_")

    @property
    def forward(self) -> Callable[..., Any]:
        """The forward pass."""
        found: Callable[..., Any] = getattr(passes, self.key)
        return found

    @property
    def reference(self) -> Callable[..., Any]:
        """The reference solution."""
        found: Callable[..., Any] = getattr(passes, f"{self.key}_backward")
        return found

    @property
    def asks(self) -> str:
        """The name of the function that the reader writes."""
        return "backward"

    def inputs(self) -> list[Any]:
        """Random inputs, always the same."""
        rng = np.random.default_rng(0)
        return [_drawn(shape, rng) for shape in self.shapes]

    def grade(self, backward: Callable[..., Any]) -> ag.BackwardReport:
        """Examine a backward pass."""
        return ag.check_backward(self.forward, backward, *self.inputs())

    def forward_source(self) -> str:
        """The forward pass, with the functions that it calls."""
        return "\n\n\n".join(source_of(f) for f in (*self.helpers(), self.forward))

    def helpers(self) -> list[Callable[..., Any]]:
        """The functions that forward pass and solution call."""
        text = inspect.getsource(self.forward) + inspect.getsource(self.reference)
        found: list[Any] = [
            f for name, f in HELPERS.items() if f is not self.forward and f"{name}(" in text
        ]
        if "cross_entropy(" in text and self.key != "cross_entropy":
            found += [passes.softmax, passes.cross_entropy, passes.cross_entropy_backward]
        return list(dict.fromkeys(found))

    def solution(self) -> str:
        """How to get there, the derivation written out, and the reference solution."""
        steps = "\n".join(f"- {hint}" for hint in self.hints)
        parts = (steps, self.derivation(), source_of(self.reference))
        return "\n\n".join(part for part in parts if part)

    def derivation(self) -> str:
        """The chain rule written out, step by step."""
        return ag.derive(self.forward, *self.inputs()).text


def source_of(function: Callable[..., Any]) -> str:
    """The source of a function without its annotations, as a person would write it."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    [definition] = tree.body
    assert isinstance(definition, ast.FunctionDef)
    definition.returns = None
    for argument in definition.args.args:
        argument.annotation = None
    return ast.unparse(definition)


def _drawn(shape: Any, rng: np.random.Generator) -> Any:
    if isinstance(shape, str):
        kind, *numbers = shape.split()
        lengths = tuple(map(int, numbers))
        if kind == "mask":
            return rng.random(lengths) < 0.7
        return rng.integers(0, lengths[0], lengths[1:])
    return rng.normal(size=shape)


ACTIVATIONS, LAYERS, LOSSES = "activations", "layers", "losses and penalties"
NORMALIZATION, SEQUENCES, IMAGES = "normalization and dropout", "sequences", "images"

EXERCISES = (
    Exercise(
        "linear",
        LAYERS,
        "y = xW + b, for a batch of rows x. Derive the gradients of x, W and b.",
        (
            "Write one entry: y[n, j] = Σᵢ x[n, i] W[i, j] + b[j]. In which y does W[i, j] appear?",
            "Each gradient has the shape of its variable; only one product of matrices fits.",
            "dW = xᵀ g, dx = g Wᵀ. The bias is added to every row, so its gradient sums over rows.",
        ),
        ((5, 4), (4, 3), (3,)),
    ),
    Exercise(
        "linear-rows",
        LAYERS,
        "y = xWᵀ + b, PyTorch's layout with W of shape (out, in). Derive the three gradients.",
        (
            "Write one entry: y[n, j] = Σᵢ x[n, i] W[j, i] + b[j].",
            "Compare with y = xW: W has changed places with its transpose, and so does dW.",
            "dW = gᵀ x, dx = g W, db sums over rows.",
        ),
        ((5, 4), (3, 4), (3,)),
    ),
    Exercise(
        "mlp",
        LAYERS,
        "Two layers with ReLU between them, and softmax with cross-entropy. Derive the gradients "
        "of all parameters, as a dict.",
        (
            "Go backwards, one step at a time, and keep each gradient: dlogits, dh, dz.",
            "A linear layer hands g Wᵀ on; ReLU hands on only where z > 0.",
            "dlogits = (p - y)/N; dW2 = hᵀ dlogits; dz = (dlogits W2ᵀ)(z > 0); dW1 = xᵀ dz.",
        ),
        ((6, 4), (4, 5), (5,), (5, 3), (3,), "labels 3 6"),
    ),
    Exercise(
        "relu",
        ACTIVATIONS,
        "y = max(0, x). Derive the gradient of x.",
        (
            "What is the slope to the right of 0, and to the left?",
            "The gradient passes unchanged where x > 0, and not at all elsewhere.",
        ),
        ((4, 5),),
    ),
    Exercise(
        "leaky-relu",
        ACTIVATIONS,
        "y = x where x > 0, and αx elsewhere. Derive the gradient of x.",
        (
            "There are two slopes. Which belongs to which side?",
            "Multiply the upstream gradient by 1 where x > 0, and by α elsewhere.",
        ),
        ((4, 5),),
    ),
    Exercise(
        "sigmoid",
        ACTIVATIONS,
        "y = 1 / (1 + e⁻ˣ). Derive the gradient of x, and write the slope by y.",
        (
            "dy/dx = e⁻ˣ / (1 + e⁻ˣ)². Split that into two factors.",
            "1 / (1 + e⁻ˣ) is y; e⁻ˣ / (1 + e⁻ˣ) is 1 - y.",
        ),
        ((4, 5),),
    ),
    Exercise(
        "tanh",
        ACTIVATIONS,
        "y = tanh x. Derive the gradient of x, and write the slope by y.",
        (
            "tanh = sinh / cosh: use the quotient rule.",
            "The slope is 1 - y². Take it at the output, not at the input.",
        ),
        ((4, 5),),
    ),
    Exercise(
        "gelu",
        ACTIVATIONS,
        "y = ½ x (1 + tanh u) with u = √(2/π) (x + 0.044715 x³). Derive the gradient of x.",
        (
            "x appears twice: in front, and inside of u. The product rule gives two terms.",
            "The second term needs the chain rule twice: tanh' at u, then du/dx.",
            "slope = ½ (1 + t) + ½ x (1 - t²) √(2/π) (1 + 3 · 0.044715 x²), with t = tanh u.",
        ),
        ((4, 5),),
    ),
    Exercise(
        "softmax",
        ACTIVATIONS,
        "p = softmax(z), row by row. Derive the gradient of z for any upstream gradient.",
        (
            "Every z of a row changes every p of that row: there is a whole Jacobian.",
            "∂pᵢ/∂zⱼ = pᵢ (δᵢⱼ - pⱼ). Multiply by g and sum over i.",
            "dz = p (g - Σ g p), the sum over the row.",
        ),
        ((4, 5),),
    ),
    Exercise(
        "temperature-softmax",
        ACTIVATIONS,
        "p = softmax(z / T). Derive the gradient of z.",
        (
            "It is softmax after a division. What does the division hand on?",
            "Everything is as for softmax, divided by T.",
        ),
        ((4, 5),),
    ),
    Exercise(
        "cross-entropy",
        LOSSES,
        "The mean over the batch of -ln p[label], p = softmax(logits). Derive the gradient of the "
        "logits; backward gets no upstream gradient.",
        (
            "ln p[label] = logit[label] - ln Σ e^logit. Differentiate both terms.",
            "The second term gives softmax, the first gives 1 at the label.",
            "(p - y) / N, where y is one-hot and N is the number of rows.",
        ),
        ((6, 4), "labels 4 6"),
    ),
    Exercise(
        "mse",
        LOSSES,
        "The mean of (prediction - target)². Derive the gradient of the prediction; backward gets "
        "no upstream gradient.",
        (
            "How many numbers does the mean divide by? Rows times columns.",
            "2 (prediction - target) / number of entries.",
        ),
        ((5, 3), (5, 3)),
    ),
    Exercise(
        "l2-penalty",
        LOSSES,
        "λ Σ W². Derive the gradient of W; backward gets no upstream gradient.",
        ("Each entry appears once, squared.", "2 λ W."),
        ((4, 3),),
    ),
    Exercise(
        "dropout",
        NORMALIZATION,
        "y = x · mask / (1 - p). Derive the gradient of x.",
        (
            "The mask is a constant: the same one that the forward pass used.",
            "The gradient is masked and scaled exactly as x was.",
        ),
        ((4, 6), "mask 4 6"),
    ),
    Exercise(
        "batch-norm",
        NORMALIZATION,
        "x̂ = (x - μ)/σ with the mean and the variance of the batch, y = γ x̂ + β. Derive the "
        "gradients of x, γ and β.",
        (
            "γ and β are easy: multiply or add, then sum over the batch.",
            "x reaches y on three paths: directly, through μ, and through σ.",
            "With g = grad_output · γ: dx = (g - mean(g) - x̂ · mean(g x̂)) / σ.",
        ),
        ((8, 3), (3,), (3,)),
    ),
    Exercise(
        "layer-norm",
        NORMALIZATION,
        "The same over the features of each row. Derive the gradients of x, γ and β.",
        (
            "Which sums run over the row, and which over the batch?",
            "Means in dx run over the features; γ and β still sum over the batch.",
        ),
        ((6, 5), (5,), (5,)),
    ),
    Exercise(
        "embedding",
        SEQUENCES,
        "y = table[ids]. Derive the gradient of the table, as {'table': ...}.",
        (
            "A row that is read twice gets two gradients.",
            "`dtable[ids] += g` counts a repeated row once; np.add.at counts all.",
        ),
        ("labels 5 6", (5, 3)),
    ),
    Exercise(
        "rnn-step",
        SEQUENCES,
        "h' = tanh(xW + hU + b). Derive the gradients of x, h, W, U and b.",
        (
            "Begin with the gradient of what stands in the brackets.",
            "dz = g (1 - h'²); the rest is two linear layers.",
        ),
        ((4, 3), (4, 5), (3, 5), (5, 5), (5,)),
    ),
    Exercise(
        "lstm-step",
        SEQUENCES,
        "c' = σ(f) c + σ(i) tanh(g), h' = σ(o) tanh(c'), where z holds i, f, o, g side by side. "
        "Derive the gradients of z and c.",
        (
            "First the gradient of c': it comes through tanh(c').",
            "Each gate is a factor in a product; then its own slope follows.",
            "dc' = g σ(o) (1 - tanh² c'); dz of f, for example, is dc' · c · f (1 - f).",
        ),
        ((4, 12), (4, 3)),
    ),
    Exercise(
        "attention",
        SEQUENCES,
        "softmax(q kᵀ / √d) v, one head. Derive the gradients of q, k and v.",
        (
            "Name the weights a. Two products of matrices, with a softmax between them.",
            "dv = aᵀ g and da = g vᵀ; then softmax, row by row.",
            "ds = a (da - Σ da a) / √d, dq = ds k, dk = dsᵀ q.",
        ),
        ((5, 4), (6, 4), (6, 3)),
    ),
    Exercise(
        "conv1d",
        IMAGES,
        "y[:, t] = x[:, t : t + K] w. Derive the gradients of x and w.",
        (
            "Each w is used at every t, and each x in up to K windows. So both are sums.",
            "Loop over t as the forward pass does, and add: += and not =.",
        ),
        ((3, 7), (3,)),
    ),
    Exercise(
        "conv2d",
        IMAGES,
        "A convolution by im2col: windows as rows of a matrix, times the kernels. Derive the "
        "gradients of x, w and b.",
        (
            "Bring grad_output into the shape of the matrix product: one row for each window.",
            "Undo transpose by transpose and reshape by reshape; do not exchange them.",
            "dw = gᵀ columns; the columns of dx are added back to their places.",
        ),
        ((2, 3, 5, 5), (4, 3, 3, 3), (4,)),
    ),
    Exercise(
        "max-pool",
        IMAGES,
        "The largest entry of each 2×2 block. Derive the gradient of x.",
        (
            "Which entries of a block change the result?",
            "The gradient goes to the largest entry; several that tie share it. The others get 0.",
        ),
        ((2, 2, 4, 4),),
    ),
    Exercise(
        "average-pool",
        IMAGES,
        "The mean of each 2×2 block. Derive the gradient of x.",
        (
            "How much does one entry change the mean of four?",
            "Repeat the gradient, and divide by 4.",
        ),
        ((2, 2, 4, 4),),
    ),
)
