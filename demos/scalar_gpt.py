"""A GPT of single numbers: it learns words whose vowels agree, and makes up its own."""

from __future__ import annotations

import gc
import itertools
import math
import random
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from autograd import Value, ancestors, no_grad
from demos.show import COLOURS, Page, panels

QUESTIONS = {
    "How does a GPT work, number by number?": "ag.Value",
    "Can attention learn what a table of letter pairs cannot?": "ag.Value.backward",
}
CONSONANTS, VOWELS = "bdkn", "aio"
TOKENS = "." + CONSONANTS + VOWELS  # the dot begins and ends every word
WIDTH, HEADS, CONTEXT = 8, 2, 7
STEPS, RATE = 240, 0.03
AVERAGED, SAMPLES = 40, 60

Vector = list[Value]
Matrix = list[Vector]

# --- The language ---------------------------------------------------------------------------------
#
# Two or three syllables with one vowel throughout, such as "kana" and "bidini": vowel harmony, as
# in Turkish and Finnish, but stricter. A vowel depends on the letter two places before it, which a
# table of letter pairs does not see.


def all_words() -> dict[str, float]:
    """Every word of the language and its probability."""
    words = {}
    for syllables in (2, 3):
        for consonants in itertools.product(CONSONANTS, repeat=syllables):
            for vowel in VOWELS:
                words["".join(c + vowel for c in consonants)] = 0.5 / (
                    len(VOWELS) * len(CONSONANTS) ** syllables
                )
    return words


def best_loss(words: dict[str, float], memory: int) -> float:
    """The lowest cross-entropy per letter possible from the position and the last `memory` letters.

    That is the conditional entropy of a letter, given what is seen.
    """
    joint: dict[tuple[int, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for word, probability in words.items():
        for i, letter in enumerate(word + "."):
            joint[i, ("." + word)[max(0, i + 1 - memory) : i + 1]][letter] += probability
    entropy = letters = 0.0
    for counts in joint.values():
        total = sum(counts.values())
        letters += total
        entropy -= sum(p * math.log(p / total) for p in counts.values())
    return entropy / letters


# --- The network ----------------------------------------------------------------------------------


def dot(a: Iterable[Value], b: Iterable[Value]) -> Value:
    """Σ aᵢ bᵢ."""
    return sum(x * y for x, y in zip(a, b, strict=True))


def linear(weights: Matrix, x: Vector) -> Vector:
    """W x."""
    return [dot(row, x) for row in weights]


def added(a: Vector, b: Vector) -> Vector:
    """a + b."""
    return [x + y for x, y in zip(a, b, strict=True)]


def softmax(scores: Vector) -> Vector:
    """exp(sᵢ) / Σ exp(sⱼ), with the largest score subtracted first: exp(1000) would be inf."""
    largest = max(s.data for s in scores)
    exponentials = [(s - largest).exp() for s in scores]
    total = sum(exponentials)
    return [e / total for e in exponentials]


def normalized(x: Vector) -> Vector:
    """x over its root mean square."""
    scale = (dot(x, x) / len(x) + 1e-5) ** -0.5
    return [xi * scale for xi in x]


class GPT:
    """Embeddings, one block of attention and an MLP, and a score for each token.

    It reads one token at a time and remembers the earlier ones by their keys and values.
    """

    def __init__(self, rng: random.Random) -> None:
        def matrix(rows: int, columns: int, deviation: float) -> Matrix:
            return [[Value(rng.gauss(0.0, deviation)) for _ in range(columns)] for _ in range(rows)]

        inner = 2 * WIDTH
        self.tokens = matrix(len(TOKENS), WIDTH, 0.5)
        self.positions = matrix(CONTEXT, WIDTH, 0.5)
        self.query, self.key, self.value, self.merge = (
            matrix(WIDTH, WIDTH, WIDTH**-0.5) for _ in range(4)
        )
        self.widen = matrix(inner, WIDTH, (2 / WIDTH) ** 0.5)
        self.narrow = matrix(WIDTH, inner, inner**-0.5)
        self.unembed = matrix(len(TOKENS), WIDTH, 0.1)

    @property
    def parameters(self) -> list[Value]:
        """All weights."""
        return [p for matrix in vars(self).values() for row in matrix for p in row]

    def __call__(self, token: int, keys: Matrix, values: Matrix) -> Vector:
        """The probabilities of the next token; appends to `keys` and `values`."""
        x = added(self.tokens[token], self.positions[len(keys)])
        x = added(x, self.attention(normalized(x), keys, values))
        x = added(x, linear(self.narrow, [h.relu() for h in linear(self.widen, normalized(x))]))
        return softmax(linear(self.unembed, normalized(x)))

    def attention(self, x: Vector, keys: Matrix, values: Matrix) -> Vector:
        """Each head compares its part of the query with the keys, and mixes the values."""
        query = linear(self.query, x)
        keys.append(linear(self.key, x))
        values.append(linear(self.value, x))
        size = WIDTH // HEADS
        mixed = []
        for part in (slice(h * size, (h + 1) * size) for h in range(HEADS)):
            weights = softmax([dot(query[part], key[part]) / size**0.5 for key in keys])
            mixed += [
                dot(weights, column) for column in zip(*(v[part] for v in values), strict=True)
            ]
        return linear(self.merge, mixed)

    def loss(self, word: str) -> Value:
        """The mean cross-entropy of a word's letters and its end."""
        keys: Matrix = []
        values: Matrix = []
        ids = [TOKENS.index(letter) for letter in f".{word}."]
        surprises = [
            -self(token, keys, values)[target].log() for token, target in itertools.pairwise(ids)
        ]
        return sum(surprises) / len(surprises)

    def sample(self, rng: random.Random) -> str:
        """A word, letter by letter."""
        keys: Matrix = []
        values: Matrix = []
        word, token = "", 0
        with no_grad():
            while len(keys) < CONTEXT:
                probabilities = [p.data for p in self(token, keys, values)]
                [token] = rng.choices(range(len(TOKENS)), probabilities)
                if token == 0:
                    break
                word += TOKENS[token]
        return word


class Adam:
    """Adam, one number at a time; an embedding row that a step does not use has gradient 0."""

    def __init__(self, parameters: list[Value], beta1: float = 0.9, beta2: float = 0.98) -> None:
        self.parameters, self.beta1, self.beta2 = parameters, beta1, beta2
        self.mean, self.square = [0.0] * len(parameters), [0.0] * len(parameters)
        self.steps = 0

    def step(self, rate: float) -> None:
        """Move every parameter and reset its gradient."""
        self.steps += 1
        for i, p in enumerate(self.parameters):
            self.mean[i] = self.beta1 * self.mean[i] + (1 - self.beta1) * p.grad
            self.square[i] = self.beta2 * self.square[i] + (1 - self.beta2) * p.grad**2
            mean = self.mean[i] / (1 - self.beta1**self.steps)
            square = self.square[i] / (1 - self.beta2**self.steps)
            p.data -= rate * mean / (square**0.5 + 1e-8)
            p.grad = 0


# --- Training -------------------------------------------------------------------------------------


class Findings(NamedTuple):
    """What the network learned, and the bounds on its loss.

    `last` is the mean of the last losses; `best` maps the number of letters seen to the lowest loss
    possible; `valid` and `agreeing` are the shares of samples that are words of the language, and
    whose vowels agree.
    """

    losses: list[float]
    last: float
    best: dict[int, float]
    parameters: int
    nodes: int
    samples: list[str]
    valid: float
    agreeing: float


def run(out: Path) -> Findings:
    """Train it and sample from it; the figure goes to the folder `out`."""
    page = Page("Can a GPT be written with single numbers?", out)
    words = all_words()
    best = {memory: best_loss(words, memory) for memory in (1, CONTEXT)}
    page.theory(
        f"The language has {len(words)} words of two or three syllables, with one vowel "
        f"throughout. Guessing among its {len(TOKENS)} tokens costs ln {len(TOKENS)} = "
        f"{math.log(len(TOKENS)):.3f} per letter. The best possible from the position and the "
        f"last letter is {best[1]:.3f}; from the whole word, {best[CONTEXT]:.3f}. A vowel is two "
        "letters from the next, and only attention looks that far back."
    )
    rng = random.Random(2)
    model = GPT(rng)
    adam = Adam(model.parameters)
    losses, nodes = [], 0
    gc.freeze()  # the cyclic collector need not scan existing objects again
    for step in page.track(range(STEPS), "training"):
        [word] = rng.choices(list(words), list(words.values()))
        loss = model.loss(word)
        loss.backward()
        adam.step(RATE * (1 - step / STEPS))
        losses.append(loss.data)
        nodes = max(nodes, len(ancestors([loss])) if step < 5 else 0)
    gc.unfreeze()
    last = sum(losses[-AVERAGED:]) / AVERAGED
    samples = [model.sample(rng) for _ in range(SAMPLES)]
    valid = sum(word in words for word in samples) / SAMPLES
    agreeing = sum(len(set(word) & set(VOWELS)) == 1 for word in samples) / SAMPLES
    page.table(
        "cross-entropy per letter",
        ("", "loss"),
        [
            ("guessing", math.log(len(TOKENS))),
            ("best from one letter", best[1]),
            (f"this GPT, mean of the last {AVERAGED} words", last),
            ("best from the whole word", best[CONTEXT]),
        ],
    )
    page.theory(f"Samples: {', '.join(samples[:12])}.")
    page.save(curve(losses, best), "scalar-gpt.png")
    page.verdict(
        f"yes: {len(model.parameters)} parameters and up to {nodes:,} nodes a step; the vowels "
        f"agree in {agreeing:.0%} of {SAMPLES} samples, and {valid:.0%} are words of the language."
    )
    return Findings(losses, last, best, len(model.parameters), nodes, samples, valid, agreeing)


def curve(losses: list[float], best: dict[int, float]) -> object:
    """The running mean of the loss, and its bounds."""
    figure, [axes] = panels(1, 5.4, 3.6)
    means = [sum(losses[i : i + AVERAGED]) / AVERAGED for i in range(len(losses) - AVERAGED + 1)]
    axes.plot(range(AVERAGED, len(losses) + 1), means, color=COLOURS[0], label="this GPT")
    for label, bound, colour in (
        ("guessing", math.log(len(TOKENS)), COLOURS[6]),
        ("best from one letter", best[1], COLOURS[1]),
        ("best from the whole word", best[CONTEXT], COLOURS[2]),
    ):
        axes.axhline(bound, color=colour, ls="--", lw=1.2, label=label)
    axes.set_xlabel("words seen")
    axes.set_ylabel("cross-entropy per letter")
    axes.legend(frameon=True, fontsize=9)
    return figure
